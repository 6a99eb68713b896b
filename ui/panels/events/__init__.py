"""What happened in a recorded step, in order; beside it the memory saved for backward."""

from ui.panels.events.panel import EventList

__all__ = ["EventList"]
