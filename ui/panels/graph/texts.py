"""Fits names and shapes into the boxes of nodes, in sizes that can be read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from PySide6.QtCore import QPointF, QSizeF, Qt
from PySide6.QtGui import QFont, QFontMetricsF

from playground.graph.model import FoldedNode, Node
from playground.graph.sizes import box_lines, in_two, node_size, short_name, text_insets

_LARGEST_ALONE = 16
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


Lines: TypeAlias = tuple[PlacedLine, ...]
_Place: TypeAlias = Callable[[Node, QSizeF, int], Lines]


class TextFitter:
    """Fits texts into boxes, and remembers the answers."""

    def __init__(self, font: QFont) -> None:
        """Fits texts in sizes of this font."""
        self._base = font
        self._fonts: dict[int, tuple[QFont, QFontMetricsF]] = {}
        self._placed: dict[tuple[object, ...], Lines] = {}

    def font(self, pixels: int) -> QFont:
        """The canvas' font in this size."""
        return self._font(pixels)[0]

    def both(self, node: Node, size: QSizeF, least: int) -> Lines:
        """Name and shape, line above line, in a box of this size; a short name in a box made for one.

        Args:
            node: whose texts they are.
            size: of its box.
            least: the smallest font size; a text that is too long in it is shortened.
        """
        return self._known("both", self._name_and_shape, node, size, least)

    def name(self, node: Node, size: QSizeF, least: int) -> Lines:
        """The short name alone, in one to three lines, as large as the box allows: to be read from afar."""
        return self._known("alone", self._name_alone, node, size, least)

    def _known(self, kind: str, place: _Place, node: Node, size: QSizeF, least: int) -> Lines:
        drawn = (node.says, node.title) if isinstance(node, FoldedNode) else ()
        what = (kind, node.op, node.parameter, node.name, node.shape, node.kind, drawn)
        key = (*what, size.width(), size.height(), least)
        if key not in self._placed:
            self._placed[key] = place(node, size, least)
        return self._placed[key]

    def _name_and_shape(self, node: Node, size: QSizeF, least: int) -> Lines:
        lines = box_lines(node, short=node_size(node)[0] > size.width() + 1.0)
        left, right = text_insets(node.kind)
        room = QSizeF(size.width() - left - right, size.height())
        share = QSizeF(room.width(), room.height() / len(lines))
        fitted = [(text, max(self._pixels([text], pixels, share), least)) for text, pixels in lines]
        return self._stacked(fitted, left, room)

    def _name_alone(self, node: Node, size: QSizeF, least: int) -> Lines:
        left, right = (inset - _TIGHTER for inset in text_insets(node.kind))
        room = QSizeF(size.width() - left - right, size.height())
        pixels, lines = self._best(short_name(node), room)
        if pixels < least:
            pixels, lines = least, in_two(short_name(node))
        return self._stacked([(line, pixels) for line in lines], left, room)

    def _best(self, name: str, room: QSizeF) -> tuple[int, list[str]]:
        """The breaks at which a name can be largest, and its font size."""
        two = in_two(name)
        longer = max(range(len(two)), key=lambda place: len(two[place]))
        three = [*two[:longer], *in_two(two[longer]), *two[longer + 1 :]]
        choices = [(self._pixels(lines, _LARGEST_ALONE, room), lines) for lines in ([name], two, three)]
        # Of equals the one with the fewest lines.
        return max(choices, key=lambda each: each[0])

    def _stacked(self, lines: Sequence[tuple[str, int]], left: float, room: QSizeF) -> Lines:
        """Lines of these font sizes, centered one above the other; those beyond the box are left out."""
        heights = [self._font(pixels)[1].height() for _, pixels in lines]
        shown = list(lines)
        while len(shown) > 1 and sum(heights[: len(shown)]) > 1.1 * room.height():
            shown.pop()
        top = (room.height() - sum(heights[: len(shown)])) / 2
        placed = []
        for (text, pixels), height in zip(shown, heights, strict=False):
            font, metrics = self._font(pixels)
            # A hair's breadth more than what was measured in another size.
            text = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, room.width() + 1.0)
            indent = (room.width() - metrics.horizontalAdvance(text)) / 2
            placed.append(PlacedLine(text, font, QPointF(left + indent, top + metrics.ascent())))
            top += height
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
