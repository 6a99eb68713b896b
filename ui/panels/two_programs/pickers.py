"""Two lists of programs beside each other, each with a button that reads one from a file."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from ui.widgets.rows import button


class ProgramPickers(QWidget):
    """Which two programs are chosen.

    Attributes:
        boxes: of the first and the second.

    Signals:
        chosen(bool, str): of the second? and the key of what the user chose.
        open_asked(bool): the user wants a file for the second, or for the first.
    """

    chosen = Signal(bool, str)
    open_asked = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Without programs at first."""
        super().__init__(parent)
        self.boxes = (self._box("first", False), self._box("second", True))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for box, side, is_second in zip(self.boxes, ("first", "second"), (False, True), strict=True):
            tip = f"Read the {side} program from a file"
            opening = button("Open …", tip, partial(self.open_asked.emit, is_second))
            opening.setObjectName(f"two_programs_open_{side}")
            row.addWidget(box, 1)
            row.addWidget(opening)

    def set_choices(self, keys_and_titles: Sequence[tuple[str, str]], first: str, second: str) -> None:
        """Offers these programs, and shows which two are chosen, without a signal."""
        for box, key in zip(self.boxes, (first, second), strict=True):
            with QSignalBlocker(box):
                offered = [(box.itemData(at), box.itemText(at)) for at in range(box.count())]
                if offered != list(keys_and_titles):
                    box.clear()
                    for each, title in keys_and_titles:
                        box.addItem(title, each)
                box.setCurrentIndex(box.findData(key))

    def _box(self, side: str, is_second: bool) -> QComboBox:
        box = QComboBox()
        box.setObjectName(f"two_programs_{side}_box")
        box.setAccessibleName(f"The {side} program")
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.activated.connect(lambda at: self.chosen.emit(is_second, str(box.itemData(at))))
        return box
