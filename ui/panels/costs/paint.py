"""How a stage's costs are drawn: where each part of a row lies, its bars and its figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from ui.panels.costs.text import figures, memory_text, ratio_text, title_of, unit_for
from ui.style.theme import Theme, current_theme

if TYPE_CHECKING:
    from playground.comparing.costs import StageCost

PADDING = 8
_GAP = 12
_LEAST_BAR = 190
"""Pixels: with less left for it, a bar has its figures below it instead of beside it."""
_MEMORY_BAR = 84
_BAR_BESIDE, _BAR_ABOVE = 14, 8
_PATCH, _PATCH_GAP = 9.0, 5.0
_SEAM = 1.0
"""Between the parts of a bar, so that they are told apart without their colors."""
MEMORY_KEY = "peak memory"
RATIO_HEADINGS = ("against the fastest", "× fastest")
"""What the heading says of the ratios, the first that there is room for."""
_LEFT_MIDDLE = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT_MIDDLE = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def small(font: QFont) -> QFont:
    """The font of figures and headings."""
    result = QFont(font)
    result.setPointSizeF(font.pointSizeF() * 0.9)
    return result


def strong(font: QFont) -> QFont:
    """The font of what stands out."""
    result = QFont(font)
    result.setWeight(QFont.Weight.DemiBold)
    return result


@dataclass(frozen=True, slots=True)
class Sheet:
    """What all rows have in common.

    Attributes:
        costs: all of them, a row each.
        font: of the titles.
    """

    costs: tuple[StageCost, ...]
    font: QFont

    @property
    def fastest(self) -> float:
        """Seconds of the fastest step."""
        return min((cost.total for cost in self.costs), default=0.0)

    @property
    def slowest(self) -> float:
        """Seconds of the slowest step, whose bar is the longest."""
        return max((cost.total for cost in self.costs), default=0.0)

    @property
    def most_bytes(self) -> int:
        """The highest peak of memory."""
        return max((cost.peak_bytes for cost in self.costs), default=0)


@dataclass(frozen=True, slots=True)
class Columns:
    """How much room the texts of a sheet need, in pixels.

    Attributes:
        title, figures, ratio, memory: the widest text of each kind.
        parts_key, memory_key: what the heading says above the bars of time and of memory.
        line: height of a line of figures.
    """

    title: float
    figures: float
    ratio: float
    memory: float
    parts_key: float
    memory_key: float
    line: float

    @property
    def narrowest(self) -> float:
        """The least width of a row that cuts off nothing."""
        time = max(self.figures + _GAP + self.ratio, self.parts_key)
        return self.title + time + self.memory_below + 2.5 * _GAP + 2 * PADDING

    @property
    def memory_below(self) -> float:
        """Width of the bars of memory where their figures are below them."""
        return max(self.memory, self.memory_key, _MEMORY_BAR)

    @property
    def beside(self) -> float:
        """The width of a row from which the figures stand beside their bar."""
        texts = self.title + self.figures + self.ratio + self.memory
        return texts + _LEAST_BAR + _MEMORY_BAR + 4.5 * _GAP + 2 * PADDING


def columns_of(sheet: Sheet) -> Columns:
    """Measures the texts of a sheet."""
    unit = unit_for(sheet.costs)
    metrics, bold = QFontMetricsF(small(sheet.font)), QFontMetricsF(strong(small(sheet.font)))
    return Columns(
        title=_widest(QFontMetricsF(sheet.font), [title_of(cost) for cost in sheet.costs]),
        figures=_widest(metrics, [figures(cost, unit) for cost in sheet.costs]),
        ratio=_widest(bold, [ratio_text(cost, sheet.fastest) for cost in sheet.costs]),
        memory=_widest(metrics, [memory_text(cost) for cost in sheet.costs]),
        parts_key=sum(_key_width(metrics, name) + _GAP for name, _ in part_colors(current_theme())) - _GAP,
        memory_key=_key_width(metrics, MEMORY_KEY),
        line=metrics.height(),
    )


@dataclass(frozen=True, slots=True)
class Places:
    """Where the parts of a row lie.

    Attributes:
        title, figures, ratio, memory: the texts.
        bar, memory_bar: room for the bars, of which the longest takes all.
    """

    title: QRectF
    bar: QRectF
    figures: QRectF
    ratio: QRectF
    memory_bar: QRectF
    memory: QRectF


def places(area: QRectF, columns: Columns) -> Places:
    """Divides a row: figures beside the bars where there is room, else below them."""
    inner = area.adjusted(PADDING, 0, -PADDING, 0)
    return _beside(inner, columns) if area.width() >= columns.beside else _below(inner, columns)


def _beside(inner: QRectF, columns: Columns) -> Places:
    top, height = inner.top(), inner.height()
    memory = QRectF(inner.right() - columns.memory, top, columns.memory, height)
    memory_left = memory.left() - _GAP / 2 - _MEMORY_BAR
    ratio = QRectF(memory_left - 1.5 * _GAP - columns.ratio, top, columns.ratio, height)
    numbers = QRectF(ratio.left() - _GAP - columns.figures, top, columns.figures, height)
    bar_left = inner.left() + columns.title + _GAP
    bar_top = inner.center().y() - _BAR_BESIDE / 2
    return Places(
        title=QRectF(inner.left(), top, columns.title, height),
        bar=QRectF(bar_left, bar_top, numbers.left() - _GAP - bar_left, _BAR_BESIDE),
        figures=numbers,
        ratio=ratio,
        memory_bar=QRectF(memory_left, bar_top, _MEMORY_BAR, _BAR_BESIDE),
        memory=memory,
    )


def _below(inner: QRectF, columns: Columns) -> Places:
    memory_left = inner.right() - columns.memory_below
    left = inner.left() + columns.title + _GAP
    width = memory_left - 1.5 * _GAP - left
    bar_top = inner.center().y() - (_BAR_ABOVE + 1 + columns.line) / 2
    text_top = bar_top + _BAR_ABOVE + 1
    return Places(
        title=QRectF(inner.left(), inner.top(), columns.title, inner.height()),
        bar=QRectF(left, bar_top, width, _BAR_ABOVE),
        figures=QRectF(left, text_top, columns.figures, columns.line),
        ratio=QRectF(left + width - columns.ratio, text_top, columns.ratio, columns.line),
        memory_bar=QRectF(memory_left, bar_top, columns.memory_below, _BAR_ABOVE),
        memory=QRectF(memory_left, text_top, columns.memory_below, columns.line),
    )


def row_heights(columns: Columns, font: QFont, width: float) -> tuple[int, int]:
    """The least and the largest height of a row of that width."""
    title = QFontMetricsF(font).height()
    if width >= columns.beside:
        return round(max(title, _BAR_BESIDE)) + 6, round(2 * title) + 10
    return round(_BAR_ABOVE + 1 + columns.line) + 5, round(2 * title) + 18


def bar_parts(bar: QRectF, cost: StageCost, slowest: float) -> list[QRectF]:
    """The parts of a bar: forward, backward and update.

    The whole is as long as the median of the step, on one scale for all; it is split as the medians of
    its parts are, whose sum may differ a little.
    """
    parts = (cost.forward, cost.backward, cost.update)
    total = sum(parts)
    if total <= 0 or slowest <= 0:
        return []
    length = bar.width() * cost.total / slowest
    rects, left = [], bar.left()
    for part in parts:
        width = length * part / total
        rects.append(QRectF(left, bar.top(), width, bar.height()))
        left += width
    return rects


def part_colors(theme: Theme) -> tuple[tuple[str, str], ...]:
    """Name and color of each part of a step."""
    return ("forward", theme.operation), ("backward", theme.backward), ("update", theme.update)


def paint_row(painter: QPainter, area: QRectF, cost: StageCost, sheet: Sheet, columns: Columns) -> None:
    """Paints title, bars and figures of a stage."""
    where = places(area, columns)
    _paint_bars(painter, where, cost, sheet)
    _paint_texts(painter, where, cost, sheet)


def paint_heading(painter: QPainter, area: QRectF, sheet: Sheet, columns: Columns) -> None:
    """Paints above the columns what their colors mean."""
    where = places(area, columns)
    painter.setFont(small(sheet.font))
    metrics = QFontMetricsF(painter.font())
    left = where.bar.left()
    for name, color in part_colors(current_theme()):
        left = _paint_key(painter, left, area, name, color) + _GAP
    _paint_key(painter, where.memory_bar.left(), area, MEMORY_KEY, current_theme().data)
    text = next((each for each in RATIO_HEADINGS if left + _width(metrics, each) <= where.ratio.right()), "")
    painter.drawText(QRectF(left, area.top(), where.ratio.right() - left, area.height()), _RIGHT_MIDDLE, text)


def _paint_key(painter: QPainter, left: float, area: QRectF, name: str, color: str) -> float:
    """A patch and what it means; gives where it ends."""
    painter.fillRect(QRectF(left, area.center().y() - _PATCH / 2, _PATCH, _PATCH), QColor(color))
    painter.setPen(QColor(current_theme().muted))
    right = left + _key_width(QFontMetricsF(painter.font()), name)
    text_left = left + _PATCH + _PATCH_GAP
    painter.drawText(QRectF(text_left, area.top(), right - text_left, area.height()), _LEFT_MIDDLE, name)
    return right


def _key_width(metrics: QFontMetricsF, name: str) -> float:
    return _PATCH + _PATCH_GAP + _width(metrics, name)


def _paint_bars(painter: QPainter, where: Places, cost: StageCost, sheet: Sheet) -> None:
    parts = bar_parts(where.bar, cost, sheet.slowest)
    for part, (_, color) in zip(parts, part_colors(current_theme()), strict=False):
        # A part that takes hardly any time is still to be seen.
        part.setWidth(max(part.width() - _SEAM, _SEAM))
        painter.fillRect(part, QColor(color))
    if sheet.most_bytes > 0:
        memory = QRectF(where.memory_bar)
        memory.setWidth(memory.width() * cost.peak_bytes / sheet.most_bytes)
        painter.fillRect(memory, QColor(current_theme().data))


def _paint_texts(painter: QPainter, where: Places, cost: StageCost, sheet: Sheet) -> None:
    theme, figure_font = current_theme(), small(sheet.font)
    below = where.memory.top() > where.memory_bar.top()
    painter.setFont(sheet.font)
    painter.setPen(QColor(theme.text))
    painter.drawText(where.title, _LEFT_MIDDLE, title_of(cost))
    painter.setFont(figure_font)
    painter.drawText(where.figures, _LEFT_MIDDLE, figures(cost, unit_for(sheet.costs)))
    painter.drawText(where.memory, _LEFT_MIDDLE if below else _RIGHT_MIDDLE, memory_text(cost))
    painter.setFont(strong(figure_font))
    painter.drawText(where.ratio, _RIGHT_MIDDLE, ratio_text(cost, sheet.fastest))


def _widest(metrics: QFontMetricsF, texts: Sequence[str]) -> float:
    return max((_width(metrics, text) for text in texts), default=0.0)


def _width(metrics: QFontMetricsF, text: str) -> float:
    # Half a pixel too little would cut off the last letter.
    return metrics.horizontalAdvance(text) + 1
