"""The key to a graph's shapes and colors, one small row."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from playground.graph.model import GraphKind, NodeKind
from ui.panels.graph.difference import Change
from ui.panels.graph.nodes import MarkPainter, paint_now_mark
from ui.panels.graph.scene import Role, Scene
from ui.panels.graph.shapes import FADED, Colors, dashed, outline
from ui.style.scale import scale, stroke
from ui.style.theme import current_theme

_KINDS = {
    Role.PARAMETER: NodeKind.PARAMETER,
    Role.DATA: NodeKind.DATA,
    Role.LOSS: NodeKind.LOSS,
}
_WORDS = {
    Role.PARAMETER: "parameter",
    Role.DATA: "data",
    Role.OPERATION: "operation",
    Role.LOSS: "loss",
    Role.BACKWARD: "backward",
    Role.UPDATE: "update",
}


class Sign(Enum):
    """What the legend explains besides roles, in words."""

    GHOST = "not in this step"
    GRADIENT = "gradient"
    NOW = "now"
    SELECTED = "selected"
    WHAT_IF = "what if: Δ value, ∂ gradient"
    FLAWED = "NaN or inf"
    OUTSIDE = "not in the graph"
    WAITING = "not reached yet"


Item: TypeAlias = Role | Sign | Change
"""What has a symbol and a word."""

_SYMBOL = QRectF(0.0, 0.0, 24.0, 13.0)
_MARK = QRectF(0.0, 0.0, 14.0, 13.0)
_MARK_SIZE = 0.9
_TEXT = 11
_GAP = 6.0
_BETWEEN = 14.0
_SIDES = 4.0


@dataclass(frozen=True, slots=True)
class Entries:
    """What the legend explains.

    `progress` asks for the signs of a place within a step, `now` is the color of that place; `changes`, if
    there are any, are explained in place of all else. `outside`, `flawed` and `what_if`: what a recorded
    step adds.
    """

    roles: frozenset[Role] = frozenset()
    trace: bool = False
    ghosts: bool = False
    progress: bool = False
    now: Role = Role.OPERATION
    outside: bool = False
    flawed: bool = False
    what_if: bool = False
    changes: frozenset[Change] = frozenset()

    def __or__(self, other: Entries) -> Entries:
        """What either of them explains, for graphs of one kind."""
        return Entries(
            self.roles | other.roles,
            self.trace or other.trace,
            self.ghosts or other.ghosts,
            self.progress or other.progress,
            other.now,
            self.outside or other.outside,
            self.flawed or other.flawed,
            self.what_if or other.what_if,
            self.changes | other.changes,
        )


def entries_of(scene: Scene, ghosts: bool) -> Entries:
    """What a reader of this scene needs to know."""
    return Entries(frozenset(scene.roles), scene.graph.kind is GraphKind.TRACE, ghosts and bool(scene.ghosts))


class GraphLegend(QWidget):
    """A symbol and a word for each thing that the graph shows.

    It takes the room it needs; where there is less, the signs of a progress are left out from the last.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        """Empty at first."""
        super().__init__(parent)
        self._colors = Colors(current_theme())
        self._entries = Entries()
        font = QFont(self.font())
        font.setPixelSize(_TEXT)
        self.setFont(font)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def changeEvent(self, event: QEvent) -> None:
        """Takes the colors of another theme."""
        if event.type() == QEvent.Type.PaletteChange:
            self._colors = Colors(current_theme())
        super().changeEvent(event)

    def set_entries(self, entries: Entries) -> None:
        """Explains these."""
        if entries != self._entries:
            self._entries = entries
            self.setAccessibleName(
                "Legend: " + ", ".join(_word(what) for what in self._rows() + self._signs())
            )
            self.updateGeometry()
            self.update()

    def words(self) -> list[str]:
        """What there is room to explain."""
        return [_word(what) for what in self._shown()]

    def sizeHint(self) -> QSize:
        """One row with everything."""
        return self._size(self._rows() + self._signs())

    def minimumSizeHint(self) -> QSize:
        """One row without the signs of a progress."""
        return self._size(self._rows())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints the row from left to right, at the right end of the room."""
        if self._colors.scale != scale():
            # From afar lines are thicker.
            self._colors = Colors(current_theme())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = QFontMetricsF(self.font())
        shown = self._shown()
        left = self.width() - self._width(shown) - 2.0
        baseline = (self.height() + metrics.capHeight()) / 2
        for what in shown:
            symbol = _symbol(what).translated(left, (self.height() - _SYMBOL.height()) / 2)
            self._paint_symbol(painter, what, symbol)
            left += symbol.width() + _GAP
            painter.setPen(self._colors.muted)
            painter.drawText(QPointF(left, baseline), _word(what))
            left += metrics.horizontalAdvance(_word(what)) + _BETWEEN
        painter.end()

    def _rows(self) -> list[Item]:
        if self._entries.changes:
            return [change for change in Change if change in self._entries.changes]
        rows: list[Item] = [role for role in Role if role in self._entries.roles]
        return [*rows, Sign.GHOST] if self._entries.ghosts else rows

    def _signs(self) -> list[Item]:
        if not self._entries.progress or self._entries.changes:
            return []
        # No gradient travels along the edges of a trace: its backward pass is operations like others.
        wanted = {
            Sign.WHAT_IF: self._entries.what_if,
            Sign.FLAWED: self._entries.flawed,
            Sign.GRADIENT: not self._entries.trace,
            Sign.NOW: True,
            Sign.SELECTED: True,
            Sign.OUTSIDE: self._entries.outside,
            Sign.WAITING: True,
        }
        return [sign for sign, is_wanted in wanted.items() if is_wanted]

    def _shown(self) -> list[Item]:
        shown = self._rows()
        for sign in self._signs():
            if self._width([*shown, sign]) + _SIDES > self.width():
                break
            shown.append(sign)
        return shown

    def _width(self, row: Sequence[Item]) -> float:
        metrics = QFontMetricsF(self.font())
        words = sum(_symbol(what).width() + _GAP + metrics.horizontalAdvance(_word(what)) for what in row)
        return words + _BETWEEN * max(len(row) - 1, 0)

    def _size(self, row: Sequence[Item]) -> QSize:
        height = max(QFontMetricsF(self.font()).height(), _SYMBOL.height())
        return QSize(math.ceil(self._width(row) + _SIDES), round(height) + 6)

    def _paint_symbol(self, painter: QPainter, what: Item, symbol: QRectF) -> None:
        colors = self._colors
        if isinstance(what, Sign):
            self._paint_sign(painter, what, symbol)
            return
        if isinstance(what, Change):
            MarkPainter(self._colors).paint_mark(painter, symbol.center(), what, _MARK_SIZE)
            return
        trace = self._entries.trace
        painter.setPen((colors.trace_borders if trace else colors.borders)[what])
        painter.setBrush((colors.trace_fills if trace else colors.fills)[what])
        painter.drawPath(outline(_KINDS.get(what, NodeKind.OPERATION), symbol))

    def _paint_sign(self, painter: QPainter, sign: Sign, symbol: QRectF) -> None:
        colors = self._colors
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if sign is Sign.GRADIENT:
            self._paint_gradient(painter, symbol)
            return
        if sign is Sign.GHOST:
            painter.setPen(colors.ghost)
        elif sign is Sign.NOW:
            painter.setPen(colors.borders[self._entries.now])
            painter.setBrush(colors.inks[self._entries.now])
        elif sign is Sign.SELECTED:
            painter.setPen(colors.selection)
        elif sign is Sign.WHAT_IF:
            painter.setPen(QPen(colors.changed, 2.0))
        elif sign is Sign.FLAWED:
            painter.setPen(QPen(colors.error, stroke(2.0)))
            painter.setBrush(QBrush(colors.error, Qt.BrushStyle.BDiagPattern))
        elif sign is Sign.OUTSIDE:
            painter.setPen(dashed(QPen(colors.muted, stroke(1.2))))
        else:
            painter.setOpacity(FADED)
            painter.setPen(colors.borders[Role.OPERATION])
            painter.setBrush(colors.fills[Role.OPERATION])
        painter.drawRoundedRect(symbol, 4.0, 4.0)
        painter.setOpacity(1.0)
        if sign is Sign.NOW:
            paint_now_mark(painter, symbol.topLeft() + QPointF(3.0, 3.0), colors.on_accent, 1.0)

    def _paint_gradient(self, painter: QPainter, symbol: QRectF) -> None:
        ink = self._colors.inks[Role.BACKWARD]
        middle, left = symbol.center().y(), symbol.left()
        painter.setPen(QPen(ink, stroke(2.4)))
        painter.drawLine(QPointF(left + 6.0, middle), QPointF(symbol.right(), middle))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        tip = [QPointF(left, middle), QPointF(left + 9.0, middle - 5.0), QPointF(left + 9.0, middle + 5.0)]
        painter.drawConvexPolygon(QPolygonF(tip))


def _symbol(what: Item) -> QRectF:
    """The room of a symbol."""
    return _MARK if isinstance(what, Change) else _SYMBOL


def _word(what: Item) -> str:
    return _WORDS[what] if isinstance(what, Role) else what.value
