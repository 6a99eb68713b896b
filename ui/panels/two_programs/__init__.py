"""Two programs from the same seed: their texts, their events and their graphs, and where they part."""

from ui.panels.two_programs.panel import TwoProgramsView

__all__ = ["TwoProgramsView"]
