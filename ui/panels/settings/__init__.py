"""Everything that can be set of a run."""

from ui.panels.settings.own_numbers import LoopChoice, OwnNumbers
from ui.panels.settings.own_rows import NumberRow
from ui.panels.settings.panel import SettingsPanel

__all__ = ["LoopChoice", "NumberRow", "OwnNumbers", "SettingsPanel"]
