"""The eight stages, one rung each."""

from ui.panels.ladder.panel import StageLadder

__all__ = ["StageLadder"]
