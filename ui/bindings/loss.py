"""Connects the plot of the loss with the step that is shown."""

from __future__ import annotations

from PySide6.QtCore import QObject

from ui.panels.loss.panel import LossPlot
from ui.state.shown import Shown
from ui.state.timeline import Timeline


class LossBinding(QObject):
    """Draws the loss as far as the run has come, with a mark at the step that the user went to."""

    def __init__(self, plot: LossPlot, timeline: Timeline) -> None:
        """Connects both directions."""
        super().__init__(plot)
        self._plot = plot
        timeline.shown.connect(self.show)
        plot.step_chosen.connect(timeline.go_to)

    def show(self, now: Shown, before: Shown | None) -> None:
        """Repaints what differs between two looks."""
        if now.differs(before, "made", "run"):
            self._plot.refresh()
        if now.differs(before, "step", "following", "failed"):
            follows = now.following or now.failed
            self._plot.set_cursor(None if follows else now.step)
