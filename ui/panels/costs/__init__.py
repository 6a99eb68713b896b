"""What each stage costs in time and memory, as bars."""

from ui.panels.costs.panel import CostsView

__all__ = ["CostsView"]
