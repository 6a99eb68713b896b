"""The text of the program, with the line that runs, and marks."""

from ui.panels.code.panel import CodeView

__all__ = ["CodeView"]
