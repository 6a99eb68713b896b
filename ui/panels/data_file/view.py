"""The scatter of a file's rows, and the choice of its axes."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from playground.data.columns import Column, Preview
from ui.panels.data_file.scatter import Axis, Scatter
from ui.style.sheet import set_class
from ui.widgets.number_text import show_whole


class ScatterView(QWidget):
    """Two inputs colored by the target, or x against y; any other two columns, if one likes."""

    def __init__(self, found: Preview, parent: QWidget | None = None) -> None:
        """Shows nothing before `show_roles`."""
        super().__init__(parent)
        columns = [each for each in found.columns if each.shown is not None]
        self._axes = {axis.name: axis for column in columns for axis in _axes_of(column)}
        self._first = {column.name: axis for column in columns for axis in _axes_of(column)[:1]}
        self._scatter = Scatter()
        self._across, self._up = self._box("across"), self._box("up")
        self._note = QLabel()
        self._note.setObjectName("data_file_shown")
        set_class(self._note, "muted")
        self._color: Axis | None = None
        self._rows = found.rows
        row = QHBoxLayout()
        for label, box in (("Across", self._across), ("Up", self._up)):
            name = QLabel(label)
            name.setBuddy(box)
            row.addWidget(name)
            row.addWidget(box, 1)
        row.addStretch(1)
        row.addWidget(self._note)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addLayout(row)
        rows.addWidget(self._scatter, 1)
        self.setVisible(bool(self._axes))

    def show_roles(self, inputs: list[str], targets: list[str]) -> None:
        """Shows what is trained on: two inputs and the target, or the only input and the target."""
        numbers = [axis for name in inputs for axis in self._axes.values() if axis.name == name]
        numbers = numbers or [axis for name in inputs for axis in self._of(name)]
        target = next((self._first[name] for name in targets if name in self._first), None)
        self._color = target
        chosen = numbers[:2] if len(numbers) > 1 else [*numbers, *([] if target is None else [target])]
        for number, box in enumerate((self._across, self._up)):
            with QSignalBlocker(box):
                box.setCurrentIndex(box.findText(chosen[number].name) if number < len(chosen) else -1)
        self._show()

    def _of(self, name: str) -> list[Axis]:
        return [axis for axis in self._axes.values() if axis.name.startswith(f"{name}[")]

    def _box(self, name: str) -> QComboBox:
        box = QComboBox()
        box.addItems(list(self._axes))
        box.setObjectName(f"scatter_{name}")
        box.setAccessibleName(f"column drawn {name}")
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(10)
        box.currentTextChanged.connect(self._show)
        return box

    def _show(self) -> None:
        across, up = (self._axes.get(box.currentText()) for box in (self._across, self._up))
        # What stands at an axis needs no color, too.
        color = self._color
        if color is not None and not color.classes and color in (across, up):
            color = None
        self._scatter.show_axes(across, up, color)
        if across is None or up is None:
            self._note.setText("")
            return
        count = len(across.values)
        text = f"{show_whole(count)} of {show_whole(self._rows)} rows, evenly chosen"
        if count == self._rows:
            text = "all rows" if count > 1 else "the only row"
        missing = count - len(self._scatter.points)
        if missing:
            text += f"; {show_whole(missing)} of them {'lacks' if missing == 1 else 'lack'} a number"
        self._note.setText(text)


def _axes_of(column: Column) -> list[Axis]:
    assert column.shown is not None
    values = np.asarray(column.shown, float)
    if column.classes or column.width == 1:
        return [Axis(column.name, values[:, 0], column.classes)]
    return [Axis(f"{column.name}[{number}]", values[:, number]) for number in range(values.shape[1])]
