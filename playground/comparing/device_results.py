"""What a check of the devices finds, as plain data; loads neither NumPy nor torch."""

from __future__ import annotations

from dataclasses import dataclass

from playground.devices import Device

TOLERANCE = 1e-4
"""How far a loss may be from the CPU's loss of the same step, as a share of it; `device_check` says why."""
COMPARED_STEPS = 20
TIMED_STEPS = 100


@dataclass(frozen=True, slots=True)
class StageOnDevice:
    """How one stage did on one device.

    Attributes:
        stage: its name.
        steps_per_second: of the timed steps; None where they were not reached.
        max_relative_difference: the largest distance of a loss from that of the same step of a run on the
            CPU, as a share of the latter; None where a loss was not reached or is not finite.
        last_loss: of the compared steps; None where it was not reached or is not finite.
        events: how many a recorded step has; None where it was not reached.
        elsewhere: how many of these left a result on another device.
        problem: what went wrong, in one line; "" if nothing did.
        unused: why the stage does not run there at all; "" where it does.
    """

    stage: str
    steps_per_second: float | None = None
    max_relative_difference: float | None = None
    last_loss: float | None = None
    events: int | None = None
    elsewhere: int = 0
    problem: str = ""
    unused: str = ""

    @property
    def passed(self) -> bool:
        """Whether nothing went wrong."""
        return not self.problem


@dataclass(frozen=True, slots=True)
class CheckedDevice:
    """A device, and how the stages did on it: none where it is not here or was not checked."""

    device: Device
    stages: tuple[StageOnDevice, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether nothing went wrong on it."""
        return all(stage.passed for stage in self.stages)

    def speed(self, stage: str) -> float | None:
        """Steps a second of a stage on it, None if that is not known."""
        return next((each.steps_per_second for each in self.stages if each.stage == stage), None)
