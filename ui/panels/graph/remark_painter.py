"""Paints what a recorded step adds to its graph: hatches, tags, and dashed boxes around it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from playground.graph.sharing import original
from playground.recording.around_graph import Held, outside_in_words
from playground.recording.pairing import NodeChange
from ui.panels.graph.remarks import PlacedOutsider, Remarks, share_of_change
from ui.panels.graph.scene import Role, Scene
from ui.panels.graph.shapes import Colors, dashed, outline
from ui.panels.graph.texts import TextFitter
from ui.panels.graph.view import Detail, Frame
from ui.style.scale import small_text, stroke
from ui.widgets.tensor.text import short_bytes_text

_TEXT, _WORDS = 10, 11
"""Pixels of the screen at a desk: of what is written on tags, and of the line below."""
_LINE = 1.2
"""Height of a line of tags, in heights of its letters."""
_TAG_GAP = 4.0
_TAG_PADDING = 3.0
_PILL, _HANGS = 1.4, 4.0
"""Height of a pill, in heights of its letters; how far it hangs over the border, in pixels."""
_HATCH_ALPHA = 80
_CHANGED_GAP, _OVERHANG = 1.5, 10.0
_HEAD, _HEAD_HALF = 6.0, 3.0
_FROM_EDGE = 12.0
_WIDEST_WORDS = 0.6
"""Share of the canvas that the line about what is outside may take."""


class RemarkPainter:
    """Paints in one theme and one font; all sizes are those of the screen, so that texts stay legible."""

    def __init__(self, colors: Colors, fitter: TextFitter) -> None:
        """Paints in these colors, with texts in the fitter's font."""
        self._colors = colors
        self._fitter = fitter

    def paint_outside(self, painter: QPainter, frame: Frame, outside: Sequence[PlacedOutsider]) -> None:
        """Dashed boxes without a fill, with a dashed arrow to the node that uses them; below all else."""
        unit = 1.0 / frame.scale
        pen = dashed(QPen(self._colors.muted, stroke(1.2) * max(1.0, unit)))
        for each in outside:
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(each.box, 4.0, 4.0)
            painter.drawLine(each.line)
            self._paint_head(painter, each, unit)
            if frame.detail in (Detail.NAMES, Detail.FULL):
                self._paint_lines(painter, each.box, each.texts, unit, self._colors.muted)

    def paint_edges(self, painter: QPainter, scene: Scene, remarks: Remarks) -> None:
        """Red lines along which something that is not finite has gone."""
        unit = 1.0 / min(painter.worldTransform().m11(), 1.0)
        painter.setPen(QPen(self._colors.error, stroke(2.0) * unit))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for key in remarks.flawed_edges:
            for place in scene.edges_drawn_as.get(key, ()):
                painter.drawPath(scene.geometry.path(scene.edges[place].key))

    def paint_flaws(self, painter: QPainter, frame: Frame, remarks: Remarks) -> None:
        """A red border, a hatch, and how much is not finite."""
        scene, unit = frame.scene, 1.0 / frame.scale
        hatch = QColor(self._colors.error)
        hatch.setAlpha(_HATCH_ALPHA)
        for place in frame.nodes:
            found = (remarks.flawed.get(key) for key in scene.keys_at(place))
            flawed = next((each for each in found if each is not None), None)
            if flawed is None:
                continue
            box = scene.rectangles[place]
            painter.setPen(QPen(self._colors.error, stroke(2.0) * max(1.0, unit)))
            far = frame.detail is Detail.BLOCKS
            painter.setBrush(self._colors.error if far else QBrush(hatch, Qt.BrushStyle.BDiagPattern))
            painter.drawPath(outline(scene.nodes[place].kind, box))
            if frame.detail in (Detail.NAMES, Detail.FULL):
                middle = QPointF(box.center().x(), box.bottom() + _HANGS * unit)
                self._paint_pill(painter, middle, flawed.in_words(), unit, self._colors.error)

    def paint_changes(
        self, painter: QPainter, frame: Frame, remarks: Remarks, outside: Sequence[PlacedOutsider]
    ) -> None:
        """A ring around what would be another one; above how far its value moves, below its gradient."""
        scene, unit = frame.scene, 1.0 / min(frame.scale, 1.0)
        gap = _CHANGED_GAP * unit
        labels = remarks.changed_inputs
        around = [place.box for place in outside if any(each.label in labels for each in place.outsiders)]
        found = {place: self._changes_at(scene, place, remarks) for place in frame.nodes}
        around += [scene.rectangles[place] for place, changes in found.items() if changes]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self._colors.changed, stroke(2.0) * unit))
        for box in around:
            painter.drawRoundedRect(box.adjusted(-gap, -gap, gap, gap), 2 * gap, 2 * gap)
        if frame.detail not in (Detail.NAMES, Detail.FULL):
            return
        metrics = QFontMetricsF(self._fitter.font(small_text(_TEXT)))
        for place, changes in found.items():
            box, away = scene.rectangles[place], gap + _HANGS / frame.scale
            # At opposite corners: the rows of a graph leave no room for two of them above one another.
            for sign, share, corner, side in (
                ("Δ", max((each.value for each in changes), default=0.0), box.topLeft(), -1.0),
                ("∂", max((each.gradient for each in changes), default=0.0), box.bottomRight(), 1.0),
            ):
                if share:
                    words = f"{sign} {share_of_change(share)}"
                    inward = (metrics.horizontalAdvance(words) / 2 + 5.0 - _OVERHANG) / frame.scale
                    middle = corner + QPointF(-side * inward, side * away)
                    self._paint_pill(painter, middle, words, 1.0 / frame.scale, self._colors.changed)

    def _changes_at(self, scene: Scene, place: int, remarks: Remarks) -> list[NodeChange]:
        """Of a node, or of all that a block stands for."""
        return [remarks.changed[key] for key in scene.keys_at(place) if key in remarks.changed]

    def paint_tags(
        self, painter: QPainter, frame: Frame, remarks: Remarks, outside: Sequence[PlacedOutsider]
    ) -> None:
        """What each node holds for backward; dashed once backward has used and freed it.

        While changes are marked they have that place.
        """
        if remarks.changed or frame.detail not in (Detail.NAMES, Detail.FULL):
            return
        unit = 1.0 / frame.scale
        taken = [each.box for each in outside]
        for place in frame.nodes:
            held = remarks.held.get(original(frame.scene.nodes[place].key))
            if held is None:
                continue
            metrics = QFontMetricsF(self._fitter.font(small_text(_TEXT)))
            size = short_bytes_text(held.nbytes)
            least = (metrics.horizontalAdvance(size) + 2 * _TAG_PADDING + 2.0) * unit
            for lines in (2, 1):
                tag = _free_place(frame.scene, place, least, lines, unit, taken)
                if tag is not None:
                    taken.append(tag)
                    self._paint_tag(painter, tag, held, lines, unit)
                    break

    def paint_words(
        self,
        painter: QPainter,
        frame: Frame,
        remarks: Remarks,
        outside: Sequence[PlacedOutsider],
        size: QRectF,
    ) -> None:
        """One line at the lower left, in the widget's own measure, where nothing is drawn."""
        words = outside_in_words(remarks.outside)
        font = self._fitter.font(small_text(_WORDS))
        metrics = QFontMetricsF(font)
        room = QRectF(0.0, 0.0, metrics.horizontalAdvance(words) + 2.0, metrics.height())
        room.moveBottomLeft(size.bottomLeft() + QPointF(_FROM_EDGE, -_FROM_EDGE / 2))
        corner = frame.area.bottomLeft()
        area = QRectF(0.0, 0.0, room.right() / frame.scale, (size.height() - room.top()) / frame.scale)
        area.moveBottomLeft(corner)
        covered = frame.scene.nodes_in(area) or any(area.intersects(each.box) for each in outside)
        if words and not covered and room.width() <= _WIDEST_WORDS * size.width():
            painter.setFont(font)
            painter.setPen(self._colors.muted)
            painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)

    def _paint_tag(self, painter: QPainter, tag: QRectF, held: Held, count: int, unit: float) -> None:
        color = self._colors.muted if held.is_freed else self._colors.inks[Role.BACKWARD]
        pen = QPen(color, stroke(1.0) * unit)
        painter.setPen(dashed(pen) if held.is_freed else pen)
        painter.setBrush(self._colors.surface)
        painter.drawRoundedRect(tag, 3.0 * unit, 3.0 * unit)
        metrics = QFontMetricsF(self._fitter.font(small_text(_TEXT)))
        names = ", ".join(label for label, _ in held.parts)
        long, short = (f"{names}, freed", "freed") if held.is_freed else (f"saved {names}", "saved")
        fits = metrics.horizontalAdvance(long) <= tag.width() / unit - 2 * _TAG_PADDING
        size = short_bytes_text(held.nbytes)
        single = "freed" if held.is_freed else size
        lines = (long if fits else short, size) if count > 1 else (single,)
        self._paint_lines(painter, tag, lines, unit, color)

    def _paint_lines(
        self, painter: QPainter, box: QRectF, lines: Sequence[str], unit: float, color: QColor
    ) -> None:
        """Lines of text in the middle of a box; shortened where they are too long for it."""
        font = self._fitter.font(small_text(_TEXT))
        metrics = QFontMetricsF(font)
        painter.save()
        painter.translate(box.center())
        painter.scale(unit, unit)
        painter.setFont(font)
        painter.setPen(color)
        shown, high = [line for line in lines if line], _LINE * small_text(_TEXT)
        width = box.width() / unit - 2 * _TAG_PADDING
        for place, line in enumerate(shown):
            text = metrics.elidedText(line, Qt.TextElideMode.ElideMiddle, width)
            top = (place - len(shown) / 2) * high
            painter.drawText(QRectF(-width / 2, top, width, high), Qt.AlignmentFlag.AlignCenter, text)
        painter.restore()

    def _paint_pill(self, painter: QPainter, middle: QPointF, words: str, unit: float, color: QColor) -> None:
        """Hung on a border of a box, so that it covers no text."""
        font = self._fitter.font(small_text(_TEXT))
        width = QFontMetricsF(font).horizontalAdvance(words) + 10.0
        high = _PILL * small_text(_TEXT)
        pill = QRectF(-width / 2, -high / 2, width, high)
        painter.save()
        painter.translate(middle)
        painter.scale(unit, unit)
        # Of two that overlap each keeps its outline.
        painter.setPen(QPen(self._colors.surface, 1.0))
        painter.setBrush(color)
        painter.drawRoundedRect(pill, high / 2, high / 2)
        painter.setFont(font)
        painter.setPen(self._colors.surface)
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, words)
        painter.restore()

    def _paint_head(self, painter: QPainter, placed: PlacedOutsider, unit: float) -> None:
        tip = placed.line.p2()
        back = _HEAD * unit if placed.line.p1().y() > tip.y() else -_HEAD * unit
        aside = QPointF(_HEAD_HALF * unit, back)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._colors.muted)
        painter.drawConvexPolygon(QPolygonF([tip, tip + aside, tip + QPointF(-aside.x(), back)]))


def _free_place(
    scene: Scene, place: int, least: float, lines: int, unit: float, taken: Sequence[QRectF]
) -> QRectF | None:
    """Above a node, or below it, or nowhere: a tag covers nothing. It is at least so wide."""
    box = scene.rectangles[place]
    wider = max(0.0, least - box.width()) / 2
    box = box.adjusted(-wider, 0.0, wider, 0.0)
    height, gap = (lines * _LINE * small_text(_TEXT) + _TAG_PADDING) * unit, _TAG_GAP * unit
    for top in (box.top() - gap - height, box.bottom() + gap):
        tag = QRectF(box.left(), top, box.width(), height)
        if not scene.nodes_in(tag) and not any(tag.intersects(each) for each in taken):
            return tag
    return None
