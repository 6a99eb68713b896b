"""How far the losses of several stages drift apart that started from the same numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QLineF, QObject, QPointF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStyleOptionGraphicsItem, QVBoxLayout, QWidget
from shiboken6 import isValid

from playground.history import Envelope
from ui.panels.loss.axes import STEPS, Losses, Scale, Steps, fitting_scale, grouped
from ui.panels.loss.canvas import LossCanvas
from ui.panels.loss.items import DOT_RADIUS, ViewItem, joined
from ui.panels.loss.legend import Entry, Legend
from ui.panels.loss.nearest import nearest_step
from ui.style.scale import stroke
from ui.style.sheet import set_class

STROKE = 2.0
LANE = 4.0
"""Pixels from one curve's strokes up to the next one's, so that none hides another."""


@dataclass(frozen=True, slots=True, eq=False)
class DrawnDifferences:
    """What a curve has in view.

    Attributes:
        color: `#rrggbb`.
        steps: rising.
        places: where the differences stand; NaN for one that has no place.
        equal: which of them are zero.
        spacing: see `joined`.
    """

    color: str
    steps: Steps
    places: Losses
    equal: NDArray[np.bool_]
    spacing: float

    def strokes(self) -> list[tuple[float, float]]:
        """The stretches of steps without a difference, each half a step longer at either end."""
        half = max(1.0, self.spacing) / 2
        at = np.flatnonzero(self.equal)
        ends = np.flatnonzero(np.diff(at) > 1)
        firsts, lasts = at[np.r_[0, ends + 1]] if len(at) else at, at[np.r_[ends, -1]] if len(at) else at
        pairs = zip(self.steps[firsts].tolist(), self.steps[lasts].tolist(), strict=True)
        return [(first - half, last + half) for first, last in pairs]


class DifferenceItem(ViewItem):
    """Several curves of differences."""

    def __init__(self) -> None:
        """Without curves at first."""
        super().__init__()
        self.curves: tuple[DrawnDifferences, ...] = ()
        self._parts: list[tuple[QColor, list[QPolygonF], list[QPointF], list[tuple[float, float]]]] = []

    def set_curves(self, curves: Sequence[DrawnDifferences]) -> None:
        """Draws these, the last one on top."""
        self.curves = tuple(curves)
        self._parts = [
            (QColor(each.color), *joined(each.steps, each.steps, each.places, each.spacing), each.strokes())
            for each in self.curves
        ]
        self.update()

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Lines and dots first, the strokes above them."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        transform = painter.worldTransform()
        for color, lines, _, _ in self._parts:
            pen = QPen(color, 1.0)
            pen.setCosmetic(True)
            painter.setPen(pen)
            for line in lines:
                painter.drawPolyline(line)
        painter.resetTransform()
        # In the plot the difference grows upwards: the top of the rectangle in view is the lowest one.
        edge = transform.map(QPointF(0.0, self.view.top())).y()
        for lane, (color, _, dots, strokes) in enumerate(self._parts):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            for dot in dots:
                painter.drawEllipse(transform.map(dot), DOT_RADIUS, DOT_RADIUS)
            pen = QPen(color, stroke(STROKE))
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            painter.setPen(pen)
            y = edge - LANE / 2 - lane * LANE
            painter.drawLines([_stroke(transform.map(QLineF(a, 0.0, b, 0.0)), y) for a, b in strokes])
        painter.setWorldTransform(transform)


def _stroke(line: QLineF, y: float) -> QLineF:
    """A line from the one place to the other, at least a pixel long."""
    return QLineF(line.x1(), y, max(line.x2(), line.x1() + 1.0), y)


EMPTY = "Run all stages from the same start: how far their losses differ is drawn here"
ALL_EQUAL = (-17.0, -6.0)
"""Decades that are shown where no stage differs: from the last bit of a float64 to that of a float32."""
FEWEST_STEPS = 2
ZOOM_IN, ZOOM_OUT = 0.8, 1.25


class DifferencePlot(QWidget):
    """The largest relative difference of each step, a curve a stage, on a logarithmic axis.

    A difference of zero has no logarithm: it is drawn at the lower edge, and counted in the legend.

    Attributes:
        canvas: the plot.
        item: the curves in it.
        legend: their names and counts; while the plot is pointed at, the differences of one step.
        note: the line below the plot.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        """Without curves at first."""
        super().__init__(parent)
        self._curves: tuple[tuple[str, str, Losses], ...] = ()
        self._envelopes: list[Envelope] = []
        self._title = QLabel("Difference between stages", self)
        set_class(self._title, "title")
        self._readout = QLabel(self)
        self.canvas = LossCanvas(self, "relative difference")
        self.item = DifferenceItem()
        self.canvas.add(self.item)
        self.legend = Legend(self.canvas.plot, on_the_right=False, widest=360.0)
        self.note = QLabel(self)
        set_class(self.note, "muted")
        self._arrange()
        self._connect()
        self._draw()

    def show_differences(self, curves: Sequence[tuple[str, str, Losses]], note: str = "") -> None:
        """Draws these.

        Args:
            curves: of each stage its name, its color (`#rrggbb`) and the relative difference of every
                step; 0 where all bits are equal.
            note: what is to be kept in mind; shown below the plot.
        """
        self._curves = tuple((name, color, np.asarray(values, np.float64)) for name, color, values in curves)
        self._envelopes = [Envelope() for _ in self._curves]
        self.note.setText(note)
        self.note.setVisible(bool(note))
        self.reset_view()
        self._point(None)

    def reset_view(self) -> None:
        """Shows all steps again."""
        self.canvas.own_view = False
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        """Takes the colors of another theme."""
        super().changeEvent(event)
        # From afar lines are thicker.
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self.canvas.follow_theme()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Plus and minus zoom, R shows all steps."""
        if not (isValid(self) and isValid(watched)):
            return False
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress or not self._steps:
            return False
        key = event.key()
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.canvas.zoom(ZOOM_IN)
        elif key == Qt.Key.Key_Minus:
            self.canvas.zoom(ZOOM_OUT)
        elif key == Qt.Key.Key_R:
            self.reset_view()
        else:
            return False
        return True

    # Drawing

    @property
    def _steps(self) -> int:
        """How many steps the longest curve has."""
        return max((len(values) for _, _, values in self._curves), default=0)

    def _draw(self) -> None:
        canvas = self.canvas
        if not self._steps:
            self.item.set_curves(())
            canvas.show_range(Scale(True), 100, 0.0, 1.0)
            canvas.show_message(EMPTY)
            return
        if not canvas.own_view:
            canvas.show_range(Scale(True), max(FEWEST_STEPS, self._steps), *self._range())
        canvas.draw(np.empty(0, np.int64), np.empty(0), 1.0)
        self.item.set_curves([self._drawn(index) for index in range(len(self._curves))])
        self._place_legend()

    def _range(self) -> tuple[float, float]:
        """The decades to show; one more at the lower edge where a zero stands."""
        values = np.concatenate([values for _, _, values in self._curves])
        positive = values[np.isfinite(values) & (values > 0)]
        if not len(positive):
            return ALL_EQUAL
        _, low, high = fitting_scale(positive, True)
        return low - bool(np.any(values == 0)), high

    def _drawn(self, index: int) -> DrawnDifferences:
        """What of a curve is in view, as many points as there are pixels."""
        _, color, values = self._curves[index]
        view, pixels = self.canvas.view, self.canvas.pixels
        first, last = STEPS.between(view.left(), view.right(), len(values))
        buckets = STEPS.columns(first, last, view.width(), pixels)
        steps, shown = self._envelopes[index].points(values, first, last, buckets)
        span = max(0, last - first)
        spacing = 1.0 if len(steps) == span else span / buckets
        return DrawnDifferences(color, steps, self.canvas.scale.places(shown), shown == 0, spacing)

    # The pointer

    def _point(self, place: QPointF | None) -> None:
        """Shows the differences of the step under the pointer, or the counts of all steps."""
        if place is None or not self._steps:
            self.canvas.set_crosshair(None)
            self.legend.avoid(None)
            self._readout.setText("")
            self.legend.set_entries([_summary(*curve) for curve in self._curves])
            return
        step = nearest_step(self.canvas, place, self._steps)
        self.canvas.set_crosshair(step)
        self.legend.avoid(self.canvas.plot.mapFromScene(place))
        self._readout.setText(f"step {grouped(step)}")
        self.legend.set_entries([_at(step, *curve) for curve in self._curves])

    # Making

    def _arrange(self) -> None:
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)
        self._title.setContentsMargins(12, 6, 12, 4)
        self._readout.setContentsMargins(12, 6, 12, 4)
        self._readout.setAccessibleName("Step under the pointer")
        self._readout.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.note.setContentsMargins(12, 0, 12, 6)
        self.note.setWordWrap(True)
        self.note.hide()
        plot = self.canvas.plot
        plot.setAccessibleName("Largest relative difference of every step")
        plot.setAccessibleDescription("A curve a stage; plus and minus zoom, R shows all steps")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        header = QHBoxLayout()
        header.setSpacing(0)
        header.addWidget(self._title)
        header.addStretch(1)
        header.addWidget(self._readout)
        column.addLayout(header)
        column.addWidget(plot, 1)
        column.addWidget(self.note)
        self.setFocusProxy(plot)

    def _connect(self) -> None:
        self.canvas.view_changed.connect(self._draw)
        self.canvas.double_clicked.connect(self.reset_view)
        self.canvas.pointed.connect(self._point)
        self.canvas.box.sigResized.connect(self._place_legend)
        self.canvas.plot.installEventFilter(self)

    def _place_legend(self) -> None:
        self.legend.set_area(self.canvas.area)
        if self.item.curves:
            self.legend.set_obstacles(*self._points_in_pixels())

    def _points_in_pixels(self) -> tuple[Losses, Losses]:
        """Where the points in view stand in the plot."""
        box, view = self.canvas.box.sceneBoundingRect(), self.canvas.view
        steps = np.concatenate([curve.steps for curve in self.item.curves])
        places = np.concatenate([curve.places for curve in self.item.curves])
        x = box.left() + (steps - view.left()) / view.width() * box.width()
        y = box.bottom() - (places - view.top()) / view.height() * box.height()
        return x, y


def _summary(name: str, color: str, values: Losses) -> Entry:
    """A stage, in how many steps it had equal bits, and its largest difference."""
    equal = int(np.count_nonzero(values == 0))
    finite = values[np.isfinite(values)]
    largest = float(finite.max(initial=0.0))
    text = f"{name}: equal bits in {grouped(equal)} of {grouped(len(values))} steps"
    return Entry(text, color, f"≤ {largest:.1g}" if largest else "")


def _at(step: int, name: str, color: str, values: Losses) -> Entry:
    """A stage and its difference in one step."""
    if step >= len(values):
        return Entry(name, color, "–")
    value = float(values[step])
    return Entry(name, color, "equal bits" if value == 0 else f"{value:.3g}")
