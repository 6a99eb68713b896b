"""The graph variants of a run, and which of its steps built which."""

from ui.panels.filmstrip.panel import Filmstrip

__all__ = ["Filmstrip"]
