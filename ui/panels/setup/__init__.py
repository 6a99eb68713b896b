"""The dialog that takes over a set-up that somebody has shared."""

from ui.panels.setup.panel import SetupDialog

__all__ = ["SetupDialog"]
