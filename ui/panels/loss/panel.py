"""The panel that draws the loss of every step while the run goes on.

The thread that trains waits while this one paints, so: ranges grow in big steps, as many points are
drawn as there are pixels, and nothing is painted that has not changed. The ranges are those of the present
run: an older one is drawn under it as far as it is there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPointF, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget
from shiboken6 import isValid

from playground.history import History
from playground.runs.changes import Change
from ui.panels.loss.axes import Curve, Seconds
from ui.panels.loss.drawing import EMPTY, LossDrawing, made_of
from ui.panels.loss.header import LEFT, RIGHT, LossHeader
from ui.panels.loss.items import StepColors
from ui.panels.loss.marks import ChangeMarks
from ui.panels.loss.names import CurveNames
from ui.panels.loss.nearest import nearest_step
from ui.panels.loss.reading import (
    Pointed,
    Present,
    name_entries,
    pointed_at,
    reading_entries,
    shown_reading,
)
from ui.style.sheet import set_class
from ui.style.theme import current_theme

__all__ = ["EMPTY", "LossPlot"]

PRESENT = "this run"
ZOOM_IN, ZOOM_OUT = 0.8, 1.25
INTRODUCTION = "How wrong the network is. Each step adds a point; Run makes it fall."
KEYS = "arrows, Home and End choose a step, plus and minus zoom, R shows the whole run"
# Over the plot it would hide the curve from a pointer that reads it.
HELP = f"In the plot the wheel zooms, dragging moves, a click chooses a step; {KEYS}"


class LossPlot(QWidget):
    """The loss of one run against its steps, with older runs behind it.

    Attributes:
        canvas: the plot without the row above it.
        header: that row.
        introduction: what the plot is, as long as it has shown no curve.
        names: of the curves, above the plot; there only while older runs or depths are shown.
        changes: what was changed in mid-run, over the plot and in it.

    Signals:
        step_chosen(int): the user chose this step, by a click or with the keys.
        logarithmic_toggled(bool): they want the loss on a logarithmic scale, or not.
        smoothing_chosen(int): they chose an average over so many steps; 0: none.
        seconds_toggled(bool): they chose that the axis counts seconds, or steps.
        by_depth_toggled(bool): they want the steps colored by depth, or not.
    """

    step_chosen = Signal(int)
    logarithmic_toggled = Signal(bool)
    smoothing_chosen = Signal(int)
    seconds_toggled = Signal(bool)
    by_depth_toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Without a history at first."""
        super().__init__(parent)
        self._run: int | None = None
        self._cursor: int | None = None
        self._name, self._color, self._dashed = PRESENT, "", False
        self._seconds: Seconds | None = None
        self._depth_colors: tuple[str, ...] = ()
        self._depth_available = False
        self._pointed: Pointed | None = None
        self._drawing = LossDrawing(self)
        self.canvas, self._overlays = self._drawing.canvas, self._drawing.overlays
        self.header = LossHeader(HELP, self)
        self.introduction = QLabel(INTRODUCTION, self)
        self.names = CurveNames(self)
        self.changes = ChangeMarks(self.canvas)
        self._arrange()
        self._connect()
        self._draw()

    # What the window sets: the present run

    @property
    def logarithmic(self) -> bool:
        """Whether the loss has a logarithmic axis."""
        return self.header.log.isChecked()

    def set_logarithmic(self, logarithmic: bool) -> None:
        """Chooses the axis of the loss."""
        self.header.log.setChecked(logarithmic)

    def set_history(self, history: History | None, run: int, made: int | None = None) -> None:
        """Draws a history; None draws nothing.

        Args:
            history: the run's losses.
            run: the run's number.
            made: how many of its steps to draw; None for all.

        Another run clears cursor and zoom, and its times, the colors of its steps and what was changed in it
        are not known until `set_seconds`, `set_step_colors` and `set_changes` tell them.
        """
        if history is self._drawing.history and run == self._run:
            return
        self._run = run
        self._drawing.set_history(history, made_of(history, made))
        self._drawing.set_step_colors(None, ())
        self.set_changes(())
        self._pointed = None
        self.set_cursor(None)
        self.set_seconds(None)
        self._draw()
        self._point(None)

    def set_present(self, name: str, color: str, dashed: bool = False) -> None:
        """Names the present run, and draws it in this color; in the theme's own if that is empty."""
        self._name, self._color, self._dashed = name or PRESENT, color, dashed
        self._drawing.set_color(color, dashed)
        self._show_names()

    def set_changes(self, changes: Sequence[Change]) -> None:
        """Marks what was changed in the present run."""
        self.changes.set_changes(changes, self._drawing.history)

    def set_seconds(self, seconds: Seconds | None) -> None:
        """How the times of the present run's steps are found; None if they are not known."""
        if seconds != self._seconds:
            self._seconds = seconds
            self.header.set_seconds_available(seconds is not None)
            self._change_abscissa()

    def set_steps(self, total: int) -> None:
        """How many steps the run will make, beyond which the axis never reaches; 0 if unknown."""
        if total != self._drawing.total:
            self._drawing.total = total
            self._draw()

    def set_cursor(self, step: int | None) -> None:
        """Marks a step with a line; None takes it away."""
        if step != self._cursor:
            self._cursor = step
            self._place_cursor()
            self._show_reading()

    def refresh(self, made: int | None = None) -> None:
        """Draws so many steps of the history, None for all; does nothing where they are drawn already."""
        length = made_of(self._drawing.history, made)
        if length != self._drawing.length:
            self._drawing.length = length
            self._draw()
            if self._overlays.curves and self._pointed is None:
                self._show_names()

    @property
    def picture_area(self) -> QRect:
        """Where the plot is, with the names of its curves: what belongs in a picture of it."""
        layout = self.layout()
        if layout is not None:
            # Names that have just come have their place only then.
            layout.activate()
        area: QRect = self.canvas.plot.geometry()
        return area.united(self.names.geometry()) if self.names.isVisible() else area

    def reset_view(self) -> None:
        """Shows the whole run again."""
        self.canvas.own_view = False
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        """Takes the colors of another theme."""
        super().changeEvent(event)
        # From afar lines are thicker.
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._drawing.follow_theme()
            self._show_names()

    # What the window sets: ways to look at it

    @property
    def smoothing(self) -> int:
        """Steps of the average that is drawn; 0: none."""
        return self.header.smoothing

    def set_smoothing(self, steps: int) -> None:
        """Draws an average over so many steps, or over the nearest number that is offered; 0: none."""
        self.header.set_smoothing(steps)
        self._change_smoothing()

    @property
    def in_seconds(self) -> bool:
        """Whether the user wants the axis to count seconds; it does where the times are known."""
        return self.header.in_seconds

    def set_in_seconds(self, in_seconds: bool) -> None:
        """Lets the axis count seconds, where the times are known, or steps."""
        self.header.set_in_seconds(in_seconds)
        self._change_abscissa()

    @property
    def by_depth(self) -> bool:
        """Whether the user wants the steps colored by depth; they are where a depth is available."""
        return self.header.by_depth.isChecked()

    def set_by_depth(self, by_depth: bool) -> None:
        """Draws the steps as dots colored by depth, where that is available, or not."""
        self.header.by_depth.setChecked(by_depth)
        self._change_colors()

    def set_depth_available(self, available: bool) -> None:
        """Whether the steps have a depth, so that the user can ask for its colors."""
        if available != self._depth_available:
            self._depth_available = available
            self.header.set_depth_available(available)
            self._change_colors()

    def set_step_colors(self, step_colors: StepColors | None, colors: Sequence[str]) -> None:
        """How the depth of steps is found, as numbers in `colors` (`#rrggbb`); -1 for none."""
        self._depth_colors = tuple(colors)
        self._drawing.set_step_colors(step_colors, colors)
        self._change_colors()

    def set_overlays(self, curves: Sequence[Curve]) -> None:
        """Draws these older runs behind the present one, the last one on top."""
        if tuple(curves) != self._overlays.curves:
            self._drawing.set_overlays(curves)
            self._point(None)
            self._draw()
            self._show_names()

    # Drawing what has been chosen

    def _draw(self) -> None:
        """Draws everything as it is now."""
        first_gap = self._drawing.first_gap
        self._drawing.draw()
        self.header.set_own_view(self.canvas.own_view)
        if self._drawing.length > 1 and not self.introduction.isHidden():
            # It has been used: what it is can be seen.
            self.introduction.hide()
        if self._drawing.first_gap != first_gap:
            self._show_reading()

    def _change_scale(self) -> None:
        """Draws on the other scale, keeping the steps that the user chose to see."""
        self._drawing.logarithmic = self.logarithmic
        self._drawing.set_smoothing(self.smoothing)
        if self.canvas.own_view:
            self._drawing.fit_losses()
        self._draw()

    def _change_smoothing(self) -> None:
        self._drawing.set_smoothing(self.smoothing)
        self._draw()

    def _change_colors(self) -> None:
        self._drawing.dots_shown = self._depth_available and self.by_depth
        self._draw()
        self._show_names()

    def _change_abscissa(self) -> None:
        """Counts seconds where they are wanted and known, else steps."""
        if self._drawing.set_seconds(self._seconds if self.in_seconds else None):
            self._draw()
            self.changes.arrange()
            self._place_cursor()
            self._point(None)

    def _place_cursor(self) -> None:
        """Draws the cursor's line; where seconds are counted, only for a step that has been made."""
        step, drawing = self._cursor, self._drawing
        if step is not None and drawing.in_seconds and step >= drawing.length:
            step = None
        self.canvas.set_cursor(None if step is None else self.canvas.x_axis.place(step))

    # The user

    def _point(self, place: QPointF | None) -> None:
        """Shows the step under the pointer."""
        empty = not self._drawing.length and not self._overlays.curves
        self._pointed = None
        if place is not None and not empty:
            self._pointed = pointed_at(self.canvas, self._overlays, place, self._drawing.length)
        pointed = self._pointed
        if pointed is None or place is None:
            self.canvas.set_crosshair(None)
        else:
            history = self._drawing.history if pointed.curve is None else pointed.curve.history
            known = history is not None and pointed.step < (
                self._drawing.length if pointed.curve is None else pointed.curve.history.length
            )
            self.canvas.set_crosshair(
                pointed.x, history.loss(pointed.step) if history and known else math.nan
            )
        self._show_names()
        self._show_reading()

    def _click(self, place: QPointF) -> None:
        if self._drawing.length:
            self._choose(nearest_step(self.canvas, place, self._drawing.length))

    def _choose(self, step: int) -> None:
        """Marks a step, cut to those that ran, and tells the window."""
        last = self._drawing.length - 1
        if last >= 0:
            step = min(max(step, 0), last)
            self.set_cursor(step)
            self.step_chosen.emit(step)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Gives the plot's keys a meaning."""
        if not (isValid(self) and isValid(watched)):
            return False
        return isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and self._press(event)

    def _press(self, event: QKeyEvent) -> bool:
        """Whether the key had a meaning."""
        last = self._drawing.length - 1
        current = last if self._cursor is None else self._cursor
        steps = {
            Qt.Key.Key_Left: current - 1,
            Qt.Key.Key_Right: current + 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        zooms = {Qt.Key.Key_Plus: ZOOM_IN, Qt.Key.Key_Equal: ZOOM_IN, Qt.Key.Key_Minus: ZOOM_OUT}
        key = Qt.Key(event.key())
        shift_or_keypad = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
        if event.modifiers() & ~shift_or_keypad:
            return False
        if key in steps:
            self._choose(steps[key])
        elif key in zooms and self._drawing.length:
            self.canvas.zoom(zooms[key])
        elif key == Qt.Key.Key_R:
            self.reset_view()
        else:
            return False
        return True

    @property
    def _present(self) -> Present:
        color = self._color or current_theme().plot[0]
        return Present(self._name, color, self._dashed, self._drawing.history, self._drawing.length)

    def _show_reading(self) -> None:
        """The step under the pointer, else the chosen one, else the first that could not be drawn."""
        marked = (self._cursor, self._drawing.first_gap)
        self.header.set_reading(
            *shown_reading(self._present, self.canvas.x_axis, self._overlays, self._pointed, marked)
        )

    def _show_names(self) -> None:
        """The runs and their losses, at what is pointed at or their last ones; the colors of the depths."""
        overlays = self._overlays
        if self._pointed is None:
            entries = name_entries(self._present, overlays, self._drawing.in_seconds)
        else:
            entries = reading_entries(self._present, self.canvas.x_axis, overlays, self._pointed)
        self.names.set_entries(entries, self._depth_colors if self._drawing.colored else ())

    # Making

    def _arrange(self) -> None:
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)
        plot = self.canvas.plot
        plot.setAccessibleName("Loss of every step")
        plot.setAccessibleDescription(f"A curve of the loss against the step; {KEYS}")
        set_class(self.introduction, "muted")
        self.introduction.setWordWrap(True)
        self.introduction.setContentsMargins(LEFT, 0, RIGHT, 4)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.introduction)
        column.addWidget(self.names)
        column.addWidget(plot, 1)
        self.setFocusProxy(plot)

    def _connect(self) -> None:
        canvas, header = self.canvas, self.header
        header.logarithmic_toggled.connect(self._change_scale)
        header.logarithmic_toggled.connect(self.logarithmic_toggled)
        header.reset_asked.connect(self.reset_view)
        header.smoothing_chosen.connect(self._change_smoothing)
        header.smoothing_chosen.connect(self.smoothing_chosen)
        header.seconds_toggled.connect(self._change_abscissa)
        header.seconds_toggled.connect(self.seconds_toggled)
        header.by_depth_toggled.connect(self._change_colors)
        header.by_depth_toggled.connect(self.by_depth_toggled)
        canvas.view_changed.connect(self._draw)
        canvas.clicked.connect(self._click)
        canvas.double_clicked.connect(self.reset_view)
        canvas.pointed.connect(self._point)
        canvas.plot.installEventFilter(self)
