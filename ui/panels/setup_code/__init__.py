"""A set-up to be read by a camera."""

from ui.panels.setup_code.panel import SetupCode

__all__ = ["SetupCode"]
