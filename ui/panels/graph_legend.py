"""The key to a graph's shapes and colours, one small row."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from playground.graph.model import GraphKind, NodeKind
from ui.panels.graph_scene import Role, Scene
from ui.panels.graph_shapes import Colours, outline
from ui.theme import Theme

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
_GHOST_WORDS = "not in this step"
_SYMBOL = QRectF(0.0, 0.0, 24.0, 13.0)
_GAP = 6.0
_BETWEEN = 16.0


@dataclass(frozen=True, slots=True)
class Entries:
    """What the legend explains."""

    roles: frozenset[Role] = frozenset()
    trace: bool = False
    ghosts: bool = False

    def __or__(self, other: Entries) -> Entries:
        """What either of them explains, for graphs of one kind."""
        return Entries(self.roles | other.roles, self.trace or other.trace, self.ghosts or other.ghosts)


def entries_of(scene: Scene, ghosts: bool) -> Entries:
    """What a reader of this scene needs to know."""
    return Entries(frozenset(scene.roles), scene.graph.kind is GraphKind.TRACE, ghosts and bool(scene.ghosts))


class GraphLegend(QWidget):
    """A symbol and a word for each thing that the graph shows; it takes the room it needs."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        """Starts empty."""
        super().__init__(parent)
        self._colours = Colours(theme)
        self._entries = Entries()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_theme(self, theme: Theme) -> None:
        """Paints in these colours from now on."""
        self._colours = Colours(theme)
        self.update()

    def set_entries(self, entries: Entries) -> None:
        """Explains these from now on."""
        if entries != self._entries:
            self._entries = entries
            self.setAccessibleName("Legend: " + ", ".join(word for word, _ in self._rows()))
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        """One row."""
        metrics = QFontMetricsF(self.font())
        words = [word for word, _ in self._rows()]
        width = sum(_SYMBOL.width() + _GAP + metrics.horizontalAdvance(word) for word in words)
        width += _BETWEEN * max(len(words) - 1, 0)
        return QSize(round(width) + 4, round(max(metrics.height(), _SYMBOL.height())) + 6)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints the row from left to right."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = QFontMetricsF(self.font())
        left = 2.0
        baseline = (self.height() + metrics.capHeight()) / 2
        for word, role in self._rows():
            symbol = _SYMBOL.translated(left, (self.height() - _SYMBOL.height()) / 2)
            self._paint_symbol(painter, role, symbol)
            left += _SYMBOL.width() + _GAP
            painter.setPen(self._colours.muted)
            painter.drawText(QPointF(left, baseline), word)
            left += metrics.horizontalAdvance(word) + _BETWEEN
        painter.end()

    def _rows(self) -> list[tuple[str, Role | None]]:
        """Word and role of each entry; no role for a free place."""
        rows: list[tuple[str, Role | None]] = [
            (_WORDS[role], role) for role in Role if role in self._entries.roles
        ]
        return [*rows, (_GHOST_WORDS, None)] if self._entries.ghosts else rows

    def _paint_symbol(self, painter: QPainter, role: Role | None, symbol: QRectF) -> None:
        colours = self._colours
        if role is None:
            painter.setPen(colours.ghost)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(symbol, 4.0, 4.0)
            return
        trace = self._entries.trace
        painter.setPen((colours.trace_borders if trace else colours.borders)[role])
        painter.setBrush((colours.trace_fills if trace else colours.fills)[role])
        painter.drawPath(outline(_KINDS.get(role, NodeKind.OPERATION), symbol))
