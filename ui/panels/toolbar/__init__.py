"""Runs, pauses, steps, resets; how far the run has come."""

from ui.panels.toolbar.panel import RunBar

__all__ = ["RunBar"]
