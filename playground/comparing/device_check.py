"""What runs on which device, and what the device changes: each stage trained on each, held against the CPU.

All runs of a stage begin with the same data and weights, which NumPy draws (see `same_start`): left to
itself, a stage draws them on its device, whose random numbers are others. The numbers are float32,
which every kind of device has.

Why a tolerance, and why this one. A device adds up the products of a matrix multiplication in an order of
its own, and each order rounds differently. With sums of 1 000 products and 20 updates, float32 and
float64 end 4e-7 apart, so that 1e-4 leaves room for other orders. What computes with fewer digits ends
beyond it: factors rounded to TF32 make 6e-4, rounded to bfloat16 7e-3.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from playground.comparing.device_results import (
    COMPARED_STEPS,
    TIMED_STEPS,
    TOLERANCE,
    CheckedDevice,
    StageOnDevice,
)
from playground.devices import Device, list_devices, synchronize
from playground.failure import one_line
from playground.graph.model import Phase
from playground.setting_specs import SPECS
from playground.settings import Settings, changed, make_settings
from playground.stages import STAGES, Stage
from playground.trainer import Trainer, kept_random_states

if TYPE_CHECKING:
    from playground.recording.model import Recording
    from playground.threads import Threads

RECORDED_DEPTH = (2, 2)
"""DynamicNet's in the recorded step. A shared start leaves its middle layer out, as that draws numbers of
its own; so it runs there at least."""

Progress = Callable[[int, int], None]
"""Hears how many runs are done, and of how many; what it raises ends the check."""


def check_devices(
    stages: Sequence[str] | None = None,
    on_progress: Progress | None = None,
    threads: Threads | None = None,
    values: Mapping[str, int] = MappingProxyType({}),
) -> tuple[CheckedDevice, ...]:
    """Trains each stage on each device that is here, the CPU first, and records a step of it.

    Everything happens on the thread that calls it. The random generators are left as they were.

    Args:
        stages: names; by default all.
        on_progress: hears of every run, before it and after the last.
        threads: sets the number of threads; by default the libraries' own numbers count as automatic.
        values: sizes other than the document's, and a number of threads, as `make_settings` takes them.

    Returns:
        Every device of `list_devices`, the absent ones without stages.
    """
    from playground.threads import Threads

    threads = threads or Threads()
    chosen = [stage for stage in STAGES if stages is None or stage.name in stages]
    checked = [CheckedDevice(device) for device in list_devices()]
    places = [place for place, each in enumerate(checked) if each.device.available]
    runs = [(place, stage) for place in places for stage in chosen]
    on_the_cpu: dict[str, list[float]] = {}
    with kept_random_states(), _kept_on_accelerators([checked[place].device for place in places]):
        for done, (place, stage) in enumerate(runs):
            if on_progress is not None:
                on_progress(done, len(runs))
            device = checked[place].device.name
            found = _check(stage, device, on_the_cpu, threads, values)
            checked[place] = replace(checked[place], stages=(*checked[place].stages, found))
    if on_progress is not None:
        on_progress(len(runs), len(runs))
    return tuple(checked)


def settings_on(stage: Stage, device: str, values: Mapping[str, int] = MappingProxyType({})) -> Settings:
    """What a stage is checked with: its own optimizer, and the shared start in float32.

    SGD keeps the learning rate of the shared start, whose gradients are large; any other optimizer has
    the stage's own.
    """
    given: dict[str, object] = dict(values)
    if stage.has_optimizer:
        given |= {"optimizer": stage.optimizer, "optimizer_options": dict(stage.optimizer_options)}
        if stage.optimizer != "SGD":
            given["learning_rate"] = stage.learning_rate
    steps = COMPARED_STEPS + TIMED_STEPS + 1
    return make_settings(
        stage=stage.name, device=device, same_start=True, dtype="float32", steps=steps, **given
    )


def _check(
    stage: Stage, device: str, on_the_cpu: dict[str, list[float]], threads: Threads, values: Mapping[str, int]
) -> StageOnDevice:
    """How a stage does on a device; `on_the_cpu` holds the losses to compare with, once there are some."""
    found = StageOnDevice(stage.name)
    unused = SPECS["device"].why_unused(stage) if device != "cpu" else ""
    if unused:
        return replace(found, unused=unused)
    try:
        if stage.name not in on_the_cpu:
            on_the_cpu[stage.name] = _trained(settings_on(stage, "cpu", values), threads)[1]
        trainer, losses = _trained(settings_on(stage, device, values), threads)
        found = replace(found, last_loss=losses[-1] if math.isfinite(losses[-1]) else None)
        found = replace(found, max_relative_difference=_difference(losses, on_the_cpu[stage.name]))
        found = replace(found, steps_per_second=_speed(trainer))
        if stage.has_depth:
            trainer.apply(changed(trainer.settings, depth=RECORDED_DEPTH))
        found = _with_recording(found, trainer.record_step(), device)
    except Exception as error:
        return replace(found, problem=one_line(error))
    return replace(found, problem=_problem(found))


def _trained(settings: Settings, threads: Threads) -> tuple[Trainer, list[float]]:
    """A run that has made the steps to compare, and their losses."""
    trainer = Trainer(settings)
    threads.use(settings)
    return trainer, [trainer.step() for _ in range(COMPARED_STEPS)]


def _difference(losses: list[float], expected: list[float]) -> float | None:
    """The largest relative distance; None where a loss is not finite."""
    with np.errstate(all="ignore"):
        largest = float((np.abs(np.array(losses) - expected) / np.abs(expected)).max())
    return largest if math.isfinite(largest) else None


def _speed(trainer: Trainer) -> float:
    """Steps a second; an accelerator works on while Python is further already, so it is waited for."""
    synchronize(trainer.settings.device)
    began = time.perf_counter()
    for _ in range(TIMED_STEPS):
        trainer.step()
    synchronize(trainer.settings.device)
    return TIMED_STEPS / (time.perf_counter() - began)


def _with_recording(found: StageOnDevice, recording: Recording, device: str) -> StageOnDevice:
    # An optimizer counts its steps on the CPU: torch lets a number without dimensions meet any device.
    results = [
        [
            port.value
            for port in event.outputs
            if port.value is not None and (event.phase is not Phase.UPDATE or port.value.shape)
        ]
        for event in recording.events
    ]
    # What gives no tensor, as zero_grad, runs on no device.
    results = [values for values in results if values]
    elsewhere = [any(value.device != device for value in values) for values in results]
    return replace(found, events=len(results), elsewhere=sum(elsewhere))


def _problem(found: StageOnDevice) -> str:
    """What is wrong with a run that came to its end; "" for nothing."""
    difference = found.max_relative_difference
    if difference is None:
        return "a loss is not finite"
    if difference > TOLERANCE:
        return f"a loss is a relative {difference:.1e} from the CPU’s; allowed: {TOLERANCE:.0e}"
    return "" if found.events else "the recorded step has no events"


@contextmanager
def _kept_on_accelerators(devices: Sequence[Device]) -> Iterator[None]:
    """Leaves the random generators of these devices as they were before the block."""
    import torch

    # A device that fails here fails in its runs as well, and is told of there.
    states = {}
    for device in devices:
        if device.name != "cpu":
            with suppress(Exception):
                module = torch.get_device_module(device.name)
                states[device.name] = module, module.get_rng_state(device.name)
    try:
        yield
    finally:
        for name, (module, state) in states.items():
            with suppress(Exception):
                module.set_rng_state(state, name)
