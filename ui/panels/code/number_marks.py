"""The numbers of a text that can be scrubbed: painted, and kept to their places while it is edited."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QTextCursor

from ui.panels.code.numbers import NumberSpot, stepped
from ui.panels.code.places import column_of, selected
from ui.panels.code.text import CodeText
from ui.style.colors import mixed
from ui.style.theme import current_theme

_GROUND, _UNDERLINE = 0.08, (0.72, 0.55)
"""Shares of the parameter's color in a chip, and in the line below it in light and in dark."""
_RADIUS = 3.0


@dataclass(slots=True)
class NumberMark:
    """A number, and the cursor that selects it wherever it moves to."""

    spot: NumberSpot
    cursor: QTextCursor

    @property
    def text(self) -> str:
        """What stands there now."""
        return self.cursor.selectedText()

    def select(self, start: int, length: int) -> None:
        """Takes the place at which the number was written anew."""
        self.cursor.setPosition(start)
        self.cursor.setPosition(start + length, QTextCursor.MoveMode.KeepAnchor)

    def holds_number(self) -> bool:
        """Whether a number stands there still."""
        try:
            stepped(self.text, 0, whole=self.spot.whole)
        except (ValueError, ArithmeticError):
            return False
        return True

    def now(self) -> NumberSpot:
        """The number with its present place and text."""
        start, end = self.cursor.selectionStart(), self.cursor.selectionEnd()
        block = self.cursor.document().findBlock(start)
        return replace(
            self.spot,
            line=block.blockNumber() + 1,
            start=column_of(block, start),
            end=column_of(block, end),
            text=self.text,
        )


class NumberMarks:
    """All of one text."""

    def __init__(self, text: CodeText) -> None:
        """None at first."""
        self._text = text
        self._marks: list[NumberMark] = []

    def set_spots(self, spots: Sequence[NumberSpot]) -> None:
        """Takes exactly these; one whose text does not stand where it says is left out."""
        self._marks = []
        for spot in spots:
            block = self._text.document().findBlockByNumber(spot.line - 1)
            if block.isValid() and block.text()[spot.start : spot.end] == spot.text:
                mark = NumberMark(spot, selected(block, spot.start, spot.end))
                if mark.holds_number():
                    self._marks.append(mark)
        self._text.viewport().update()

    def at_caret(self) -> NumberMark | None:
        """The number in which the caret stands, or at whose edge."""
        place = self._text.textCursor().position()
        for mark in self._marks:
            if mark.cursor.selectionStart() <= place <= mark.cursor.selectionEnd() and mark.holds_number():
                return mark
        return None

    def under(self, point: QPoint) -> NumberMark | None:
        """The number that is painted at this point of the viewport."""
        for mark in self._in_sight():
            if self._text.area_of(mark.cursor).contains(point):
                return mark
        return None

    def paint(self, painter: QPainter) -> None:
        """Paints what is in sight, to be covered by the text."""
        theme = current_theme()
        ground = mixed(theme.surface, theme.parameter, _GROUND)
        line = mixed(theme.surface, theme.parameter, _UNDERLINE[theme.dark])
        for mark in self._in_sight():
            area = QRectF(self._text.area_of(mark.cursor)).adjusted(-1, 0.5, 1, -0.5)
            _paint_chip(painter, area, ground, line)

    def _in_sight(self) -> Iterator[NumberMark]:
        blocks = self._text.visible_blocks() if self._marks else []
        if not blocks:
            return
        first, last = blocks[0][0].position(), blocks[-1][0].position() + blocks[-1][0].length()
        for mark in self._marks:
            if first <= mark.cursor.selectionStart() < last and mark.holds_number():
                yield mark


def _paint_chip(painter: QPainter, area: QRectF, ground: QColor, line: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    # The line below is what the upper one of two such shapes leaves of the lower.
    painter.setBrush(line)
    painter.drawRoundedRect(area, _RADIUS, _RADIUS)
    painter.setBrush(ground)
    painter.drawRoundedRect(area.adjusted(0, 0, 0, -1), _RADIUS, _RADIUS)
