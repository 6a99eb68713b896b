"""What the editor paints besides the recording's marks: found places, the pair of brackets, the error."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPen
from PySide6.QtWidgets import QToolTip

from ui.panels.code.brackets import BracketPair, pair_at
from ui.panels.code.painting import paint_wave
from ui.panels.code.places import pieces, selected, selection
from ui.panels.code.problems import Problem
from ui.panels.code.text import CodeText
from ui.style.colors import mixed
from ui.style.theme import current_theme

_FOUND = 0.25
"""Share of the warnings' color behind what was found."""


class Hints:
    """Of one text.

    Attributes:
        pair: the bracket at the caret with its partner, or None.
        problem: what Python said of the text when it last looked, or None.
    """

    def __init__(self, text: CodeText) -> None:
        """Nothing to paint at first."""
        self._text = text
        self._found: Sequence[tuple[int, int]] = ()
        self.pair: BracketPair | None = None
        self.problem: Problem | None = None

    def clear(self) -> None:
        """The text is another one."""
        self._found = ()
        self.pair = None
        self.problem = None

    def set_found(self, places: Sequence[tuple[int, int]]) -> None:
        """Takes what was found, in order, by places in the text as Qt counts them."""
        self._found = places
        self._text.viewport().update()

    def set_problem(self, problem: Problem | None) -> bool:
        """Takes what Python says; whether that is something else than before."""
        is_other = problem != self.problem
        self.problem = problem
        if is_other:
            self._text.viewport().update()
        return is_other

    def look_at_caret(self) -> None:
        """Finds the brackets anew."""
        pair = pair_at(self._text.textCursor(), self._text.highlighter)
        if pair is not None or self.pair is not None:
            self.pair = pair
            self._text.viewport().update()

    def explain(self, event: QHelpEvent) -> None:
        """Shows the problem's words over what it is about."""
        problem = self.problem
        if problem is not None and any(area.contains(event.pos()) for area in self._problem_areas()):
            QToolTip.showText(event.globalPos(), problem.message, self._text.viewport())
        else:
            QToolTip.hideText()

    def paint_below(self, painter: QPainter) -> None:
        """Paints what the text covers."""
        blocks = self._text.visible_blocks() if self._found else []
        if not blocks:
            return
        color = mixed(current_theme().surface, current_theme().warning, _FOUND)
        first, last = blocks[0][0].position(), blocks[-1][0].position() + blocks[-1][0].length()
        for start, end in self._found[bisect_left(self._found, (first, 0)) :]:
            if start >= last:
                break
            painter.fillRect(self._text.area_of(selection(self._text.document(), start, end)), color)

    def paint_above(self, painter: QPainter) -> None:
        """Paints frames around the brackets while the keys go to the text, and the wave below the problem."""
        if self.pair is not None and self._text.hasFocus():
            self._paint_pair(painter, self.pair)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for area in self._problem_areas():
            paint_wave(painter, area)

    def _paint_pair(self, painter: QPainter, pair: BracketPair) -> None:
        theme = current_theme()
        painter.setPen(QPen(QColor(theme.error if pair.other is None else theme.parameter), 1))
        for piece in (pair.here, pair.other):
            if piece is not None:
                painter.drawRect(self._text.area_of(piece).adjusted(-1, 1, 0, -2))

    def _problem_areas(self) -> list[QRect]:
        """Where the problem is, in pixels of the viewport; where Python names no letter, the one before."""
        problem, document = self.problem, self._text.document()
        if problem is None:
            return []
        span = (problem.line, problem.column, problem.end_line, problem.end_column)
        found = list(pieces(document, span))
        if not found:
            block = document.findBlockByNumber(problem.line - 1)
            end = max(1, min(problem.column + 1, len(block.text().rstrip())))
            found = [selected(block, end - 1, end)]
        letter = self._text.fontMetrics().horizontalAdvance("x")
        areas = map(self._text.area_of, found)
        return [area.adjusted(-1, 0, max(1, letter - area.width() + 1), 0) for area in areas]
