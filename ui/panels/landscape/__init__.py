"""The loss over a plane of the run's weights, and as a function of the step size at one step."""

from ui.panels.landscape.panel import LandscapeView

__all__ = ["LandscapeView"]
