"""The keys that were pressed, for those who look from afar."""

from ui.panels.keys.panel import PressedKeys

__all__ = ["PressedKeys"]
