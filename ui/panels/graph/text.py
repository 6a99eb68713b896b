"""Texts on boxes: which font size makes each line fit, and where it starts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QSizeF
from PySide6.QtGui import QFont, QFontMetricsF

from playground.graph.model import Node, NodeKind
from playground.graph.sizes import box_lines, in_two, node_texts, text_insets

_LARGEST_ALONE = 18
"""Font size that a name may grow to when it has the box to itself."""
_SMALLEST = 4
_MEASURED = 64
"""Font size in which texts are measured."""
_TIGHTER = 6.0
"""Pixels that a name may go beyond the insets when it has the box to itself."""


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """A line of text, its font, and where its baseline starts in its box."""

    text: str
    font: QFont
    start: QPointF


class TextFitter:
    """Fits texts into boxes, and remembers the answers."""

    def __init__(self, font: QFont) -> None:
        """Fits texts in sizes of this font."""
        self._base = font
        self._fonts: dict[int, tuple[QFont, QFontMetricsF]] = {}
        self._placed: dict[tuple[tuple[str, ...], NodeKind, float, float], tuple[PlacedLine, ...]] = {}

    def font(self, pixels: int) -> QFont:
        """The canvas' font in this size."""
        return self._font(pixels)[0]

    def both(self, node: Node, size: QSizeF) -> tuple[PlacedLine, ...]:
        """Name and shape, line above line, in a box of this size."""
        lines = box_lines(node)
        key = (tuple(text for text, _ in lines), node.kind, size.width(), size.height())
        if key not in self._placed:
            self._placed[key] = self._name_and_shape(lines, node.kind, size)
        return self._placed[key]

    def name(self, node: Node, size: QSizeF) -> tuple[PlacedLine, ...]:
        """The name alone, in one line or two, as large as the box allows: to be read from afar."""
        name, _ = node_texts(node)
        key = (("alone", name), node.kind, size.width(), size.height())
        if key not in self._placed:
            self._placed[key] = self._name_alone(name, node.kind, size)
        return self._placed[key]

    def _name_and_shape(
        self, lines: Sequence[tuple[str, int]], kind: NodeKind, size: QSizeF
    ) -> tuple[PlacedLine, ...]:
        left, right = text_insets(kind)
        room = QSizeF(size.width() - left - right, size.height())
        share = QSizeF(room.width(), room.height() / len(lines))
        return self._stacked(
            [(text, self._pixels([text], pixels, share)) for text, pixels in lines], left, room
        )

    def _name_alone(self, name: str, kind: NodeKind, size: QSizeF) -> tuple[PlacedLine, ...]:
        left, right = (inset - _TIGHTER for inset in text_insets(kind))
        room = QSizeF(size.width() - left - right, size.height())
        whole, broken = [name], in_two(name)
        pixels = {len(lines): self._pixels(lines, _LARGEST_ALONE, room) for lines in (whole, broken)}
        lines = broken if pixels[len(broken)] > pixels[1] else whole
        return self._stacked([(line, pixels[len(lines)]) for line in lines], left, room)

    def _stacked(self, lines: Sequence[tuple[str, int]], left: float, room: QSizeF) -> tuple[PlacedLine, ...]:
        """Lines of these font sizes, centred one above the other."""
        fonts = [self._font(pixels) for _, pixels in lines]
        top = (room.height() - sum(metrics.height() for _, metrics in fonts)) / 2
        placed = []
        for (text, _), (font, metrics) in zip(lines, fonts, strict=True):
            indent = (room.width() - metrics.horizontalAdvance(text)) / 2
            placed.append(PlacedLine(text, font, QPointF(left + indent, top + metrics.ascent())))
            top += metrics.height()
        return tuple(placed)

    def _pixels(self, lines: Sequence[str], largest: int, room: QSizeF) -> int:
        """The largest font size in which the lines are together no wider and no higher than the room.

        Without hinting, widths and heights grow with the size: one measurement tells for all sizes.
        """
        metrics = self._font(_MEASURED)[1]
        wide = max(metrics.horizontalAdvance(line) for line in lines) / _MEASURED
        high = len(lines) * metrics.height() / _MEASURED
        fitting = min(room.width() / max(wide, 1e-9), room.height() / high)
        return int(min(max(fitting, _SMALLEST), largest))

    def _font(self, pixels: int) -> tuple[QFont, QFontMetricsF]:
        if pixels not in self._fonts:
            font = QFont(self._base)
            font.setPixelSize(pixels)
            # Without hinting a text keeps its proportions at every zoom, so what fits at 1 fits at all.
            font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
            self._fonts[pixels] = (font, QFontMetricsF(font))
        return self._fonts[pixels]
