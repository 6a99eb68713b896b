"""What is drawn in the plot of the loss: the present run, its averages and dots, and older runs behind it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtWidgets import QWidget

from playground.history import History
from playground.runs.smoothing import SmoothedHistory
from ui.panels.loss.axes import (
    FEWEST_STEPS,
    STEPS,
    Curve,
    Losses,
    Scale,
    Seconds,
    Steps,
    XAxis,
    fitting_scale,
    shown_seconds,
    shown_steps,
)
from ui.panels.loss.canvas import LossCanvas
from ui.panels.loss.endpoint import EndPoint
from ui.panels.loss.items import StepColors, thinned
from ui.panels.loss.overlays import Overlays, Smoothing
from ui.style.theme import current_theme

EMPTY = "No step yet: press Run"
FIRST_DECADES = 2
"""Decades that are shown while the axis shows the first steps only: a loss that begins to fall has room."""


class LossDrawing:
    """Knows the runs and how they are looked at, and draws them on a canvas.

    Attributes:
        canvas: where it draws.
        overlays: the older runs.
        end: the dot at the end of the present run's curve.
        history: the present run; None if there is none.
        total: how many steps it will make; 0 if unknown.
        length: how many of its steps have been drawn.
        first_gap: its first step whose loss is not a number that can be drawn, as far as it was seen.
        logarithmic: whether the loss has a logarithmic axis.
        dots_shown: whether the user wants dots, and the run has something to color them by.
    """

    def __init__(self, parent: QWidget) -> None:
        """Draws nothing yet; `parent` shows the canvas."""
        self.canvas = LossCanvas(parent)
        self._smoothing = Smoothing()
        self.overlays = Overlays(self._smoothing)
        self.canvas.add(self.overlays.item)
        self.canvas.add(self.overlays.before, behind=False)
        self.end = EndPoint()
        self.canvas.add(self.end, behind=False)
        self.history: History | None = None
        self.total = 0
        self.length = 0
        self.first_gap: int | None = None
        self.logarithmic = True
        self.dots_shown = False
        self._adorned = False
        self._look = ("", False)
        self._step_colors: StepColors | None = None
        self._apply_color()

    # What to draw

    @property
    def in_seconds(self) -> bool:
        """Whether the axis counts seconds."""
        return self.canvas.x_axis is not STEPS

    @property
    def colored(self) -> bool:
        """Whether the steps are dots in several colors."""
        return self.dots_shown and self._step_colors is not None

    def set_history(self, history: History | None, length: int) -> None:
        """Draws so many steps of this run."""
        self.history, self.length = history, length
        self.first_gap = None
        self.canvas.own_view = False
        self._forget_averages()

    def set_overlays(self, curves: Sequence[Curve]) -> None:
        """Draws these older runs."""
        self.overlays.set_curves(curves)
        self._forget_averages()

    def set_color(self, color: str, dashed: bool) -> None:
        """Draws the present run in this color, in the theme's own if it is empty; perhaps dashed."""
        self._look = color, dashed
        self._apply_color()

    def follow_theme(self) -> None:
        """Takes the colors of the present theme."""
        self.canvas.follow_theme()
        self._apply_color()

    def set_step_colors(self, step_colors: StepColors | None, colors: Sequence[str]) -> None:
        """How a step finds its number in `colors`; -1 for none."""
        self._step_colors = step_colors
        self.canvas.dots.set_colors(colors)

    def set_smoothing(self, window: int) -> None:
        """Draws averages over so many steps: of logarithms, on an axis that shows them; 0: none."""
        self._smoothing.choose(window, self.logarithmic)

    def set_seconds(self, seconds: Seconds | None) -> bool:
        """Counts these seconds, or steps; returns whether that is another axis, which shows the whole run."""
        if seconds == self.canvas.x_axis.seconds:
            return False
        self.canvas.set_x_axis(STEPS if seconds is None else XAxis(seconds))
        self.canvas.own_view = False
        return True

    # Drawing

    def draw(self) -> None:
        """Draws the runs as they are now."""
        history, canvas, length = self.history, self.canvas, self.length
        if length or self.overlays.shown(self.in_seconds):
            self._draw_curves(history, length)
        else:
            canvas.show_range(Scale(self.logarithmic), shown_steps(self.total, 0), 0.0, 1.0)
            canvas.show_message(EMPTY)
            self.end.clear()

    def fit_losses(self) -> None:
        """Brings all losses of the steps that the user chose to see into view."""
        _, losses, _ = self._points(self.history, self.length)
        losses = self.overlays.fitted(losses)
        if len(losses):
            self.canvas.show_own_range(*fitting_scale(losses, self.logarithmic))

    def _draw_curves(self, history: History | None, length: int) -> None:
        canvas, overlays = self.canvas, self.overlays
        steps, losses, spacing = self._points(history, length)
        if not canvas.own_view:
            decades = FIRST_DECADES if length <= FEWEST_STEPS else 1
            scale, low, high = fitting_scale(overlays.fitted(losses), self.logarithmic, decades)
            canvas.show_range(scale, self._extent(length), low, high)
            gaps = steps[~np.isfinite(losses)]
            if len(gaps) and self.first_gap is None:
                self.first_gap = int(gaps[0])
        canvas.draw(steps, losses, spacing)
        if self._smoothing.window or self.colored or overlays.curves or self._adorned:
            self._adorn(steps, spacing)
        self._end_curve()

    def _end_curve(self) -> None:
        """A dot at the newest loss, or at its average; words at the first one."""
        canvas, length = self.canvas, self.length
        if self.history is None or not length:
            self.end.clear()
            return
        loss = self.history.loss(length - 1)
        averages = canvas.strong.places if self._smoothing.window else np.empty(0)
        place = float(averages[-1]) if len(averages) and not canvas.own_view else canvas.scale.place(loss)
        words = (f"{loss:.4g}", "in step 0") if length == 1 else ("", "")
        self.end.set_point(canvas.x_axis.place(length - 1), place, words)

    def _adorn(self, steps: Steps, spacing: float) -> None:
        """Draws what a plain run does without, or takes it away: averages, dots and older runs."""
        canvas, history = self.canvas, self.history
        averages = None if history is None else self._smoothing.of(history)
        canvas.draw_averages(*self._points(averages, self.length))
        self._draw_dots(steps, spacing)
        self._apply_color()
        self.overlays.arrange(canvas.view, canvas.pixels, canvas.scale, self.in_seconds)
        self._adorned = bool(averages) or self.colored

    def _points(self, source: History | SmoothedHistory | None, length: int) -> tuple[Steps, Losses, float]:
        """Steps and losses in view, at most two a column of pixels, and the steps that share a column."""
        if source is None or not length:
            return np.empty(0, np.int64), np.empty(0), 1.0
        canvas = self.canvas
        first, last = 0, length
        if canvas.own_view:
            view = canvas.view
            shown = view.width()
            first, last = canvas.x_axis.between(view.left(), view.right(), length)
        else:
            shown = self._extent(length)
        buckets = canvas.x_axis.columns(first, last, shown, canvas.pixels)
        steps, losses = source.envelope(first, last, buckets)
        span = max(0, last - first)
        return steps, losses, 1.0 if len(steps) == span else span / buckets

    def _extent(self, length: int) -> float:
        """How far the axis reaches while the whole run is in view: as the older ones until it has two."""
        reach = self.overlays.reach(self.in_seconds)
        if length > 1 or (length and not reach):
            if not self.in_seconds:
                return shown_steps(self.total, length)
            return shown_seconds(self.canvas.x_axis.place(length - 1))
        return shown_seconds(reach) if self.in_seconds else shown_steps(0, int(reach))

    def _draw_dots(self, steps: Steps, spacing: float) -> None:
        """Draws every step in view as a dot, or as many as there is room for."""
        canvas, history, colors = self.canvas, self.history, self._step_colors
        if history is None or colors is None or not self.dots_shown or not len(steps):
            canvas.dots.clear()
            return
        if spacing > 1:
            steps = thinned(int(steps[0]), int(steps[-1]) + 1, canvas.pixels)
        places = canvas.scale.places(history.losses()[steps])
        canvas.dots.set_points(canvas.x_axis.places(steps), places, np.asarray(colors(steps)))

    def _apply_color(self) -> None:
        """Draws the losses faintly where averages or dots stand for them."""
        color, dashed = self._look
        self.canvas.set_color(color, bool(self._smoothing.window) or self.colored, dashed)
        self.end.set_color(color or current_theme().plot[0])

    def _forget_averages(self) -> None:
        """Keeps those of the runs that are drawn."""
        present = [] if self.history is None else [self.history]
        self._smoothing.keep([*present, *(curve.history for curve in self.overlays.curves)])


def made_of(history: History | None, made: int | None) -> int:
    """How many steps of a history to draw: all of them for None."""
    if history is None:
        return 0
    return history.length if made is None else min(made, history.length)
