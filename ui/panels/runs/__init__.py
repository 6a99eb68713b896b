"""The runs that were made."""

from ui.panels.runs.panel import RunsPanel

__all__ = ["RunsPanel"]
