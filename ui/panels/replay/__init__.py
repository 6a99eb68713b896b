"""Walks through the events of a recorded step."""

from ui.panels.replay.panel import WalkBar

__all__ = ["WalkBar"]
