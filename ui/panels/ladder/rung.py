"""How one rung of the ladder is painted: its number on the rail, its title, and what it adds."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen, QTextLayout

from ui.style.theme import Theme

_BAR = 4
_RADIUS = 9.0
_RAIL_X = 22.0
_TEXT_X = 40
_RIGHT_MARGIN = 8
_PADDING = 5


@dataclass(frozen=True, slots=True)
class Rung:
    """What is seen of a stage.

    Attributes:
        number: counted from 1, from the top.
        title: the stage's title.
        adds: what is new against the rung above, in one line.
        last: whether no rung follows.
        current: whether it is the stage that runs.
        hovered: whether the pointer is on it.
        focused: whether keys go to the ladder.
    """

    number: int
    title: str
    adds: str
    last: bool
    current: bool
    hovered: bool
    focused: bool


def rung_height(font: QFont, *, lines: int) -> int:
    """Height in pixels of a rung whose text takes so many lines below its title."""
    return QFontMetrics(_bold(font)).height() + lines * QFontMetrics(small(font)).height() + 2 * _PADDING


def paint_rung(painter: QPainter, area: QRect, rung: Rung, font: QFont, theme: Theme) -> None:
    """Paint a rung into `area`; the text takes as many lines as fit, and the last one is elided."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _paint_ground(painter, area, rung, theme)
    _paint_number(painter, area, rung, font, theme)
    metrics = QFontMetrics(small(font))
    title_height = QFontMetrics(_bold(font)).height()
    count = 2 if area.height() >= rung_height(font, lines=2) else 1
    text = area.adjusted(_TEXT_X, 0, -_RIGHT_MARGIN, 0)
    top = area.center().y() - (title_height + count * metrics.height()) // 2
    painter.setPen(QColor(theme.text))
    painter.setFont(_bold(font))
    painter.drawText(QRect(text.x(), top, text.width(), title_height), Qt.AlignmentFlag.AlignLeft, rung.title)
    painter.setPen(QColor(theme.muted))
    painter.setFont(small(font))
    for row, line in enumerate(broken(rung.adds, small(font), text.width(), count)):
        baseline = top + title_height + row * metrics.height() + metrics.ascent()
        painter.drawText(text.x(), baseline, line)


def broken(text: str, font: QFont, width: int, lines: int) -> list[str]:
    """A text in at most so many lines of that width in pixels; the last one ends in … if it must."""
    layout = QTextLayout(text, font)
    layout.beginLayout()
    starts = []
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        starts.append(line.textStart())
    layout.endLayout()
    starts = starts[:lines]
    ends = [*starts[1:], len(text)]
    parts = [text[start:end].strip() for start, end in zip(starts, ends, strict=True)]
    return [QFontMetrics(font).elidedText(part, Qt.TextElideMode.ElideRight, width) for part in parts]


def small(font: QFont) -> QFont:
    """The font of the line below the title."""
    result = QFont(font)
    result.setPointSizeF(font.pointSizeF() * 0.88)
    return result


def _bold(font: QFont) -> QFont:
    result = QFont(font)
    result.setWeight(QFont.Weight.DemiBold)
    return result


def _paint_ground(painter: QPainter, area: QRect, rung: Rung, theme: Theme) -> None:
    if rung.current or rung.hovered:
        painter.fillRect(area, QColor(theme.surface if rung.current else theme.raised))
    if rung.current:
        painter.fillRect(QRect(area.x(), area.y(), _BAR, area.height()), QColor(theme.accent))
        if rung.focused:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.parameter), 1))
            painter.drawRect(QRectF(area).adjusted(_BAR + 0.5, 0.5, -0.5, -0.5))


def _paint_number(painter: QPainter, area: QRect, rung: Rung, font: QFont, theme: Theme) -> None:
    x, middle = area.x() + _RAIL_X, QRectF(area).center().y()
    painter.setPen(QPen(QColor(theme.border), 2))
    if rung.number > 1:
        painter.drawLine(QPointF(x, area.top()), QPointF(x, middle - _RADIUS))
    if not rung.last:
        painter.drawLine(QPointF(x, middle + _RADIUS), QPointF(x, area.bottom() + 1))
    painter.setPen(QPen(QColor(theme.accent if rung.current else theme.faint), 1.2))
    painter.setBrush(QColor(theme.accent) if rung.current else Qt.BrushStyle.NoBrush)
    painter.drawEllipse(QPointF(x, middle), _RADIUS, _RADIUS)
    painter.setPen(QColor(theme.on_accent if rung.current else theme.muted))
    painter.setFont(_bold(small(font)))
    circle = QRectF(x - _RADIUS, middle - _RADIUS, 2 * _RADIUS, 2 * _RADIUS)
    painter.drawText(circle, Qt.AlignmentFlag.AlignCenter, str(rung.number))
