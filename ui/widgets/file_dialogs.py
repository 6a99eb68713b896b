"""Asks for the name of a file, without standing in the way of what goes on meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

PYTHON = "Python programs (*.py)"
DATA = "Tables and arrays (*.csv *.tsv *.txt *.npy *.npz)"
EVERYTHING = "All files (*)"


def ask_for_program(parent: QWidget, folder: str, then: Callable[[str], object]) -> QFileDialog:
    """Asks which program to open, and hands its path on."""
    dialog = _dialog(parent, "Open a program", folder, "open_dialog")
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setNameFilters([PYTHON, EVERYTHING])
    dialog.fileSelected.connect(then)
    dialog.open()
    return dialog


def ask_for_data(parent: QWidget, folder: str, then: Callable[[str], object]) -> QFileDialog:
    """Asks which file to take data from, and hands its path on."""
    dialog = _dialog(parent, "Open data", folder, "open_data_dialog")
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setNameFilters([DATA, EVERYTHING])
    dialog.fileSelected.connect(then)
    dialog.open()
    return dialog


def ask_where_to_save(
    parent: QWidget, title: str, path: str, filters: list[str], then: Callable[[str], object]
) -> QFileDialog:
    """Asks where to write a file, and hands the path on; a file that is there has to be agreed to."""
    dialog = _dialog(parent, title, str(Path(path).parent), "save_dialog")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    dialog.setNameFilters([*filters, EVERYTHING])
    dialog.selectFile(Path(path).name)
    dialog.setDefaultSuffix(Path(path).suffix.removeprefix("."))
    dialog.fileSelected.connect(then)
    dialog.open()
    return dialog


def ask(parent: QWidget, text: str, yes: str, no: str, then: Callable[[], object]) -> QMessageBox:
    """Asks a question, and acts on a yes; the other answer, and Escape, do nothing."""
    box = QMessageBox(QMessageBox.Icon.Question, "PyTorch Playground", text, parent=parent)
    box.setObjectName("question")
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    agreed = box.addButton(yes, QMessageBox.ButtonRole.AcceptRole)
    box.setEscapeButton(box.addButton(no, QMessageBox.ButtonRole.RejectRole))
    agreed.clicked.connect(then)
    box.open()
    return box


def _dialog(parent: QWidget, title: str, folder: str, name: str) -> QFileDialog:
    dialog = QFileDialog(parent, title, folder)
    dialog.setObjectName(name)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return dialog
