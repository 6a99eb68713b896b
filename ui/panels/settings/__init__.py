"""Everything that can be set of a run."""

from ui.panels.settings.panel import SettingsPanel

__all__ = ["SettingsPanel"]
