"""Asks for the name of a file, without standing in the way of what goes on meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from playground.settings import undisturbed

PYTHON = "Python programs (*.py)"
SESSION = "Sessions (*.session)"
DATA = "Tables and arrays (*.csv *.tsv *.txt *.npy *.npz *.safetensors *.parquet)"
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
    dialog.filterSelected.connect(lambda chosen: _follow(dialog, chosen))
    dialog.fileSelected.connect(then)
    dialog.open()
    return dialog


def ask_for_session(parent: QWidget, folder: str, then: Callable[[str], object]) -> QFileDialog:
    """Asks which session to open, and hands its path on."""
    dialog = _dialog(parent, "Open a session", folder, "session_dialog")
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setNameFilters([SESSION, EVERYTHING])
    dialog.fileSelected.connect(then)
    dialog.open()
    return dialog


def ask_for_folder(parent: QWidget, title: str, folder: str, then: Callable[[str], object]) -> QFileDialog:
    """Asks for a folder, which may be a new one, and hands its path on."""
    dialog = _dialog(parent, title, folder, "folder_dialog")
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    dialog.fileSelected.connect(then)
    dialog.open()
    return dialog


def filter_of(ending: str, words: str) -> str:
    """A line of a dialog's list of formats: `"Picture (*.png)"`."""
    return f"{words} (*.{ending})"


def _follow(dialog: QFileDialog, chosen: str) -> None:
    """Gives the name the ending of the format that the user has chosen."""
    ending = chosen.rpartition("(*.")[2].removesuffix(")") if "(*." in chosen else ""
    if not ending:
        return
    dialog.setDefaultSuffix(ending)
    names = dialog.selectedFiles()
    if names and not Path(names[0]).is_dir():
        dialog.selectFile(Path(names[0]).with_suffix(f".{ending}").name)


def ask(
    parent: QWidget,
    text: str,
    yes: str,
    no: str,
    then: Callable[[], object],
    instead: tuple[str, Callable[[], object]] | None = None,
) -> QMessageBox:
    """Asks a question, and acts on a yes; the other answer, and Escape, do nothing.

    Args:
        parent: the widget in whose window it is asked.
        text: the question.
        yes, no: the answers.
        then: what a yes does.
        instead: a third answer, and what that does.
    """
    box = QMessageBox(QMessageBox.Icon.Question, "PyTorch Playground", undisturbed(text), parent=parent)
    box.setObjectName("question")
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    agreed = box.addButton(yes, QMessageBox.ButtonRole.AcceptRole)
    box.setEscapeButton(box.addButton(no, QMessageBox.ButtonRole.RejectRole))
    agreed.clicked.connect(then)
    if instead is not None:
        box.addButton(instead[0], QMessageBox.ButtonRole.DestructiveRole).clicked.connect(instead[1])
    box.open()
    return box


def _dialog(parent: QWidget, title: str, folder: str, name: str) -> QFileDialog:
    dialog = QFileDialog(parent, title, folder)
    dialog.setObjectName(name)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return dialog
