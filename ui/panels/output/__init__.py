"""What the user's own program prints, draws and asks."""

from ui.panels.output.panel import OutputPanel

__all__ = ["OutputPanel"]
