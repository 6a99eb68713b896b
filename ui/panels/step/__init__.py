"""Chooses the step that is shown."""

from ui.panels.step.panel import StepBar

__all__ = ["StepBar"]
