"""The loss of every step, and older runs under it."""

from ui.panels.loss.panel import LossPlot

__all__ = ["LossPlot"]
