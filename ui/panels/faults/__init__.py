"""The break-it lab: a fault, its question, and what comes of running it beside its healthy twin."""

from ui.panels.faults.panel import FaultsView

__all__ = ["FaultsView"]
