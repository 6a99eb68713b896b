"""The text of the program, to be read, edited and scrubbed, with the line that runs, and marks."""

from ui.panels.code.numbers import NumberSpot
from ui.panels.code.panel import CodeView

__all__ = ["CodeView", "NumberSpot"]
