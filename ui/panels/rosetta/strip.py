"""The strip between two texts, in which what does the same work is joined."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import product

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from playground.comparing.rosetta import Band
from playground.graph.model import Phase
from ui.panels.rosetta.code import BAND, FAINT_BAND, RosettaCode
from ui.style.phases import phase_color
from ui.style.theme import current_theme

WIDTH = 120
_DOT = 3.0


class RosettaStrip(QWidget):
    """Draws a shape for each phase from its lines at the left to those at the right; joins chosen lines."""

    def __init__(self, left: RosettaCode, right: RosettaCode) -> None:
        """Stands between these two texts, as high as they are, and follows their scrolling."""
        super().__init__()
        self._left, self._right = left, right
        self._bands: tuple[Band, ...] = ()
        self._runs: dict[Phase, tuple[list[range], list[range]]] = {}
        self._joined: tuple[tuple[int, int, Phase], ...] = ()
        self.setFixedWidth(WIDTH)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("What does the same work")
        for code in (left, right):
            code.verticalScrollBar().valueChanged.connect(self._follow)

    def set_bands(self, bands: Sequence[Band], left_text: str, right_text: str) -> None:
        """Joins these, and no lines."""
        self._bands = tuple(bands)
        self._joined = ()
        self._runs = {
            band.phase: (list(runs(band.left, left_text)), list(runs(band.right, right_text)))
            for band in bands
        }
        words = [f"{each.phase}: {_lines(each.left)} ↔ {_lines(each.right)}" for each in bands]
        self.setAccessibleDescription("; ".join(words))
        self.update()

    def set_joined(self, lines: Sequence[tuple[int, int, Phase]]) -> None:
        """Joins lines of the left with lines of the right, each pair in the color of its phase."""
        self._joined = tuple(lines)
        self.update()

    @property
    def joined(self) -> tuple[tuple[int, int, Phase], ...]:
        """The lines that are joined."""
        return self._joined

    def sizeHint(self) -> QSize:
        """As wide as it always is."""
        return QSize(WIDTH, 0)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scrolls the text that is nearer."""
        code = self._left if event.position().x() < self.width() / 2 else self._right
        code.wheelEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints shapes, then lines, then the phases' names."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(current_theme().surface))
        painter.setClipRect(self._room())
        painter.setPen(Qt.PenStyle.NoPen)
        for phase, shape in self._shapes():
            color = QColor(phase_color(current_theme(), phase))
            color.setAlpha(FAINT_BAND if self._joined else BAND)
            painter.fillPath(shape, color)
        for left, right, phase in self._joined:
            self._join(painter, left, right, QColor(phase_color(current_theme(), phase)))
        if not self._joined:
            self._name_phases(painter)
        painter.end()

    def _follow(self, _value: int) -> None:
        self.update()

    def _room(self) -> QRectF:
        """Where lines can be: beside the texts' horizontal scroll bars there are none."""
        heights = [code.viewport().geometry().bottom() + 1 for code in (self._left, self._right)]
        return QRectF(0, 0, self.width(), max(heights))

    def _shapes(self) -> Iterator[tuple[Phase, QPainterPath]]:
        for phase, (lefts, rights) in self._runs.items():
            # One path, so that where shapes of one phase overlap the color stays the same.
            whole = QPainterPath()
            for left, right in product(lefts, rights):
                whole = whole.united(self._shape(left, right))
            yield phase, whole

    def _shape(self, left: range, right: range) -> QPainterPath:
        (left_top, left_bottom), (right_top, right_bottom) = self._ends(left, right)
        middle, width = self.width() / 2, self.width()
        path = QPainterPath(QPointF(0, left_top))
        path.cubicTo(middle, left_top, middle, right_top, width, right_top)
        path.lineTo(width, right_bottom)
        path.cubicTo(middle, right_bottom, middle, left_bottom, 0, left_bottom)
        path.closeSubpath()
        return path

    def _ends(self, left: range, right: range) -> tuple[tuple[float, float], tuple[float, float]]:
        return (
            (self._left.area_of(left[0])[0], self._left.area_of(left[-1])[1]),
            (self._right.area_of(right[0])[0], self._right.area_of(right[-1])[1]),
        )

    def _join(self, painter: QPainter, left: int, right: int, color: QColor) -> None:
        start = QPointF(_DOT + 1, sum(self._left.area_of(left)) / 2)
        end = QPointF(self.width() - _DOT - 1, sum(self._right.area_of(right)) / 2)
        middle = self.width() / 2
        path = QPainterPath(start)
        path.cubicTo(QPointF(middle, start.y()), QPointF(middle, end.y()), end)
        painter.strokePath(path, QPen(color, 1.6))
        painter.setBrush(color)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawEllipse(start, _DOT, _DOT)
        painter.drawEllipse(end, _DOT, _DOT)

    def _name_phases(self, painter: QPainter) -> None:
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 0.85)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        height = QFontMetricsF(font).height()
        lowest = 0.0
        for phase, (lefts, rights) in self._runs.items():
            if not lefts or not rights:
                continue
            # The loop stands below the functions that it calls.
            ends = self._ends(lefts[-1], rights[-1])
            top = max(sum(sum(each) for each in ends) / 4 - height / 2, lowest)
            lowest = top + height
            painter.setPen(QColor(phase_color(current_theme(), phase)))
            painter.drawText(QRectF(0, top, self.width(), height), Qt.AlignmentFlag.AlignCenter, str(phase))


def runs(lines: Collection[int], text: str) -> Iterator[range]:
    """Lines that follow one another, those with only blank lines and comments between them too."""
    texts = text.splitlines()
    begin: int | None = None
    last = 0
    for line in sorted(lines):
        between = [texts[number - 1].strip() for number in range(last + 1, line)] if begin else []
        if begin is not None and any(each and not each.startswith("#") for each in between):
            yield range(begin, last + 1)
            begin = None
        begin = line if begin is None else begin
        last = line
    if begin is not None:
        yield range(begin, last + 1)


def _lines(lines: Sequence[int]) -> str:
    return f"line{'s' * (len(lines) != 1)} {', '.join(map(str, lines))}" if lines else "nothing"
