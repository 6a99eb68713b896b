"""Which settings a stage has no use for, and why: the window disables them, the command line refuses them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from playground.settings import SettingsError, quoted
from playground.stages import Stage


def why_unused(field: str, stage: Stage) -> str:
    """Why a stage has no use for a setting; "" where it has one."""
    if field == "device" and not stage.on_any_device:
        return "NumPy runs on the CPU only"
    if field == "optimizer" and not stage.has_optimizer:
        return "stages 1 to 5 write the update by hand: plain gradient descent"
    if field == "depth" and not stage.has_depth:
        return "only DynamicNet uses its middle layer a varying number of times"
    return ""


def refuse_unused(given: Mapping[str, object], stages: Sequence[Stage]) -> None:
    """Refuses a setting that was given although none of the stages uses it.

    Args:
        given: values by the settings' names, as they were typed.
        stages: at least one.

    Raises:
        SettingsError: names the setting, its value and the stages.
    """
    for field, value in given.items():
        reasons = [why_unused(field, stage) for stage in stages]
        if all(reasons):
            names = ", ".join(stage.name for stage in stages)
            whom = f"the stage {names} has" if len(stages) == 1 else f"the stages {names} have"
            raise SettingsError(field, f"{quoted(value)} is not allowed; {whom} no use for it: {reasons[0]}")
