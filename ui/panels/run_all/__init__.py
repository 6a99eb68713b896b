"""Asks which stages to run one after the other."""

from ui.panels.run_all.panel import RunAllDialog

__all__ = ["RunAllDialog"]
