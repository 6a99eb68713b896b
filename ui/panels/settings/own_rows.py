"""The numbers of a program of the user's own, a row each: its name, and a field of the kind that it needs."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QAbstractSpinBox, QHBoxLayout, QWidget

from ui.panels.settings.fields import SeedField
from ui.panels.settings.form import Form
from ui.panels.settings.text import NEW_START, NEXT_STEP
from ui.style.theme import current_theme
from ui.widgets.number_fields import IntegerField, ScientificField

_MOST_OF_QT = 2**31 - 1
"""The largest whole number that QSpinBox holds."""
_MOST_WHOLE = 2**53
"""The largest one up to which a float64 holds every whole number."""
_LABEL_SHARE = 8
RESTARTS = "↻"
"""Beside the name of a number whose change starts the program again."""
_BREAKS = re.compile(r"(_|(?<=[a-z])(?=[A-Z]))")
_LONG = 13
"""Letters of a word that fit into a line."""

NumberField = IntegerField | SeedField | ScientificField


@dataclass(frozen=True, slots=True)
class NumberRow:
    """A number of a program's text, as the panel shows it.

    Attributes:
        index: which of the text's numbers it is.
        name: its own; where a name has several numbers, it ends in which one (`opt betas 2`).
        value: what stands in the text.
        whole: whether only whole numbers will do.
        is_live: whether a change acts at the next step; else the program starts again.
        reason: why so, in words.
        line: of the text, counted from 1.
        part: which of several of one name, counted from 1; 0 for a number alone.
        is_changed: whether the file says another value.
    """

    index: int
    name: str
    value: int | float
    whole: bool
    is_live: bool
    reason: str
    line: int
    part: int = 0
    is_changed: bool = False

    @property
    def kind(self) -> tuple[object, ...]:
        """What a field is made for: of one kind, only the value differs."""
        wide = self.whole and abs(self.value) > _MOST_OF_QT
        return (self.index, self.name, self.whole, wide, self.is_live, self.reason, self.line, self.part)


class NumberRows(Form):
    """Rows of numbers, those of one name side by side.

    Signals:
        number_chosen(int, object): index of a number, and the value that the user chose.
        refused(str): the one line of a field that refused a typed text.
    """

    number_chosen = Signal(int, object)
    refused = Signal(str)

    def __init__(self, rows: tuple[NumberRow, ...], parent: QWidget | None = None) -> None:
        """Makes a field for each of these numbers, and shows their values."""
        super().__init__(parent, _LABEL_SHARE)
        self._fields: dict[int, NumberField] = {}
        self._changed: dict[int, bool] = {}
        self._colored_in = current_theme()
        for several in _side_by_side(rows):
            self._add(several)
        self.show_rows(rows)

    @property
    def fields(self) -> tuple[QWidget, ...]:
        """What takes the focus, from top to bottom."""
        return tuple(self._fields.values())

    def show_rows(self, rows: tuple[NumberRow, ...]) -> None:
        """Shows other values of the same numbers, without a signal."""
        for row in rows:
            _show(self._fields[row.index], row.value)
            if self._changed.get(row.index) != row.is_changed:
                self._changed[row.index] = row.is_changed
                self._color(row.index)

    def changeEvent(self, event: QEvent) -> None:
        """Takes the colors of another theme for the numbers that were changed."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and current_theme() is not self._colored_in:
            self._colored_in = current_theme()
            for index in self._changed:
                self._color(index)

    def _add(self, rows: list[NumberRow]) -> None:
        fields = [self._made(row) for row in rows]
        name = rows[0].name.removesuffix(f" {rows[0].part}") if len(rows) > 1 else rows[0].name
        shown: QWidget = fields[0]
        if len(fields) > 1:
            shown = QWidget()
            cells = QHBoxLayout(shown)
            cells.setContentsMargins(0, 0, 0, 0)
            cells.setSpacing(3)
            for field in fields:
                field.setMinimumWidth(30)
                cells.addWidget(field, 1)
        label = self.add_row(label_of(name, rows[0].is_live), shown, buddy=fields[0])
        label.setToolTip(name)

    def _made(self, row: NumberRow) -> NumberField:
        field = _field_for(row)
        field.setObjectName(f"number_{row.index}")
        # The arrow keys step it all the same, and two digits more can be read.
        field.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        field.setToolTip(f"{row.name}, line {row.line}.\n{_effect(row)}")
        field.setAccessibleDescription(f"line {row.line}. {_effect(row)}")
        field.valueChanged.connect(partial(self._choose, row.index))
        field.refused.connect(self.refused)
        self._fields[row.index] = field
        return field

    def _choose(self, index: int, _value: object) -> None:
        self.number_chosen.emit(index, self._fields[index].value())

    def _color(self, index: int) -> None:
        field, theme = self._fields[index], current_theme()
        palette = QPalette()
        if self._changed[index]:
            palette.setColor(QPalette.ColorRole.Base, QColor(theme.warning_ground))
            palette.setColor(QPalette.ColorRole.Text, QColor(theme.warning))
            # Fusion draws the border in a darker tone of this.
            palette.setColor(QPalette.ColorRole.Window, QColor(theme.warning))
        # The line inside has a palette of the application's for its kind, and takes none over.
        for part in (field, field.lineEdit()):
            part.setPalette(palette)


def effects_in_words(rows: tuple[NumberRow, ...]) -> str:
    """When the numbers' changes act, in one line; "" without numbers."""
    live = {row.is_live for row in rows}
    if len(live) == 2:
        return f"{RESTARTS} starts the program again; the others act from the next step."
    if not live:
        return ""
    return "They act from the next step." if live == {True} else NEW_START


def label_of(name: str, is_live: bool) -> str:
    """A name as it stands beside its field: marked where a change starts again, and fit to be broken."""
    words = [re.sub(_BREAKS, "\\1\u200b", word) if len(word) > _LONG else word for word in name.split(" ")]
    return " ".join(words).replace("&", "&&") + ("" if is_live else f"\u00a0{RESTARTS}")


def _effect(row: NumberRow) -> str:
    return f"{NEXT_STEP if row.is_live else NEW_START}\n({row.reason})"


def _side_by_side(rows: tuple[NumberRow, ...]) -> list[list[NumberRow]]:
    """Numbers row by row: the parts of one name share theirs."""
    found: list[list[NumberRow]] = []
    for row in rows:
        if row.part > 1 and found and found[-1][-1].part == row.part - 1:
            found[-1].append(row)
        else:
            found.append([row])
    return found


def _field_for(row: NumberRow) -> NumberField:
    if not row.whole or abs(row.value) > _MOST_WHOLE:
        return ScientificField(row.name, -math.inf, math.inf)
    if abs(row.value) > _MOST_OF_QT:
        return SeedField(row.name, -_MOST_WHOLE, _MOST_WHOLE)
    return IntegerField(row.name, -_MOST_OF_QT, _MOST_OF_QT)


def _show(field: NumberField, value: float) -> None:
    if isinstance(field, ScientificField):
        field.set_value(float(value))
    else:
        field.set_value(int(value))
