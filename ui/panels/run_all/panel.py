"""The dialog that asks which stages shall be run one after the other, and from which start."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from playground.stages import STAGES

WORDS = (
    "Trains the chosen stages in turn, each as a run of its own, and draws their curves over one another. "
    "From the same start, all but DynamicNet compute the same numbers; what differs is rounding."
)
TYPES = ("float64", "float32")
WIDTH = 380
"""Pixels of the text above the stages."""


class RunAllDialog(QDialog):
    """Stages to tick, and the start.

    Signals:
        runs_chosen(object, bool, str): names of the stages, whether they start alike, and their type.
    """

    runs_chosen = Signal(object, bool, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Proposes the seven stages that compute the same, from the same start."""
        super().__init__(parent)
        self.setWindowTitle("Run several stages")
        words = QLabel(WORDS)
        words.setWordWrap(True)
        words.setFixedWidth(WIDTH)
        words.setMinimumHeight(words.heightForWidth(WIDTH))
        self.boxes = {stage.name: QCheckBox(stage.title) for stage in STAGES}
        for stage in STAGES:
            self.boxes[stage.name].setObjectName(f"run_{stage.name}")
            self.boxes[stage.name].setChecked(not stage.has_depth)
            self.boxes[stage.name].toggled.connect(self._refresh)
        self.same_start = QCheckBox("&Same data and weights for all")
        self.same_start.setObjectName("run_all_same_start")
        self.same_start.setChecked(True)
        self.same_start.toggled.connect(self._refresh)
        self.dtype = QComboBox()
        self.dtype.setObjectName("run_all_dtype")
        self.dtype.setAccessibleName("Type of the numbers")
        self.dtype.addItems(TYPES)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        # Some desktops put a red sign on it.
        self._buttons.button(QDialogButtonBox.StandardButton.Cancel).setIcon(QIcon())
        self._run = self._buttons.addButton("Run", QDialogButtonBox.ButtonRole.AcceptRole)
        self._run.setObjectName("run_all_button")
        self._buttons.accepted.connect(self._accept)
        self._buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(8)
        for part in (words, *self.boxes.values(), self.same_start, self.dtype, self._buttons):
            column.addWidget(part)

    @property
    def stages(self) -> Sequence[str]:
        """Names of the ticked stages, in their order."""
        return tuple(name for name, box in self.boxes.items() if box.isChecked())

    def _refresh(self) -> None:
        self._run.setEnabled(bool(self.stages))
        self.dtype.setEnabled(self.same_start.isChecked())

    def _accept(self) -> None:
        self.accept()
        self.runs_chosen.emit(self.stages, self.same_start.isChecked(), self.dtype.currentText())
