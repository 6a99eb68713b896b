"""Where a run begins: with data and weights that all stages share or with its stage's own, and their type."""

from __future__ import annotations

from PySide6.QtCore import QObject, QSignalBlocker, Signal
from PySide6.QtWidgets import QCheckBox, QWidget

from playground.settings import DTYPES
from ui.panels.settings.fields import Choice, ChoiceBox

_DOCUMENTS = Choice("the document’s", None, "float64 in NumPy, float32 in torch")
_GIVEN = tuple(Choice(dtype, dtype) for dtype in DTYPES)


class StartControls(QObject):
    """The two controls that choose the start together.

    Attributes:
        switch: whether all stages share their start.
        numbers: the type of data and weights; a shared start has one for all stages, and offers no other.

    Signals:
        start_chosen(bool, object): whether it is shared, and the dtype's name; None for the start's own.
    """

    start_chosen = Signal(bool, object)

    def __init__(self, parent: QWidget) -> None:
        """The start of the document."""
        super().__init__(parent)
        self.switch = QCheckBox("S&ame start for all stages", parent)
        self.switch.setAccessibleName("same start for all stages")
        self.numbers = ChoiceBox("numbers", parent)
        self.show_start(False, None)
        self.switch.toggled.connect(self._choose_start)
        self.numbers.currentIndexChanged.connect(self._choose_numbers)

    def show_start(self, same_start: bool, dtype: str | None) -> None:
        """Show this start, without a signal."""
        with QSignalBlocker(self.switch):
            self.switch.setChecked(same_start)
        self.numbers.show_choices(_GIVEN if same_start else (_DOCUMENTS, *_GIVEN), dtype)

    def _choose_start(self, same_start: bool) -> None:
        # A type that the shared start had filled in is no choice of the user's: off, the document's returns.
        self.start_chosen.emit(same_start, self.numbers.currentData() if same_start else None)

    def _choose_numbers(self, index: int) -> None:
        self.start_chosen.emit(self.switch.isChecked(), self.numbers.itemData(index))
