"""What a run's parameters are like over its steps: how their elements are spread, and as pictures."""

from ui.panels.weights.panel import WeightsView

__all__ = ["WeightsView"]
