"""Trains several stages one after the other and compares their losses, step by step, with one of them."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from playground.settings import Settings, make_settings
from playground.stages import stage_named

if TYPE_CHECKING:
    from playground.threads import Threads

REFERENCE = "numpy"
"""The stage that the others are compared with: nothing but NumPy has a part in it."""

FALL_WORTH_TELLING = 3.0
"""Decades by which the loss has to fall before the rounding in the last steps is explained."""

SECONDS_BETWEEN_REPORTS = 0.1

Progress = Callable[[str, int], None]
"""Hears the stage and how many steps it has made; what it raises ends the comparison."""


@dataclass(frozen=True, slots=True, eq=False)
class StageComparison:
    """One stage's losses against the reference's.

    Attributes:
        stage: its name.
        losses: of every step, before its update.
        relative_differences: of every step: how far the loss is from the reference's loss of that step, as
            a share of the latter.
        differences_of_first_loss: the same distance as a share of the reference's first loss.
        seconds: that its steps took; the first one makes data and weights, too.
        differs: what makes it compute something else than the reference; "" if rounding alone does.
    """

    stage: str
    losses: NDArray[np.float64]
    relative_differences: NDArray[np.float64]
    differences_of_first_loss: NDArray[np.float64]
    seconds: float
    differs: str

    @property
    def max_relative_difference(self) -> float:
        """The largest over all steps; not a number where only one of the two losses is one."""
        return float(self.relative_differences.max())

    @property
    def max_difference_of_first_loss(self) -> float:
        """The largest over all steps, as a share of the reference's first loss."""
        return float(self.differences_of_first_loss.max())


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Several runs of the same length, each against the reference.

    Attributes:
        reference: name of the stage that the others are compared with.
        runs: the settings of each.
        stages: what came out, in the same order.
    """

    reference: str
    runs: tuple[Settings, ...]
    stages: tuple[StageComparison, ...]

    @property
    def same_start(self) -> bool:
        """Whether all of them began with the same data and weights."""
        return all(run.same_start for run in self.runs)

    @property
    def notes(self) -> tuple[str, ...]:
        """What has to be known to read the figures, a sentence or two each."""
        return tuple(_notes(self))

    def stage(self, name: str) -> StageComparison:
        """The stage of that name; raises KeyError."""
        for each in self.stages:
            if each.stage == name:
                return each
        raise KeyError(name)

    def to_plain(self) -> dict[str, object]:
        """The figures as plain data for JSON; None stands for what is no finite number."""
        first = self.runs[0]
        return {
            "stages": {
                each.stage: {
                    "max_relative_difference": _finite(each.max_relative_difference),
                    "max_difference_of_first_loss": _finite(each.max_difference_of_first_loss),
                    "last_loss": _finite(float(each.losses[-1])),
                    "seconds": each.seconds,
                    "differs": each.differs or None,
                }
                for each in self.stages
            },
            "reference": self.reference,
            "same_start": self.same_start,
            "dtype": first.dtype,
            "steps": first.steps,
            "seed": first.seed,
            "notes": list(self.notes),
        }


def settings_for(stages: Sequence[str], **values: object) -> tuple[Settings, ...]:
    """Settings of the runs to compare: those of the stages, after the reference's.

    What only some stages have is given to those: an optimizer and its numbers, and another device.

    Args:
        stages: names; the reference is added where it is missing.
        values: any other settings, as `make_settings` takes them.

    Raises:
        SettingsError: a value that is not allowed, or that none of the stages can use.
    """
    names = dict.fromkeys(stages)
    optional = ("optimizer", "optimizer_options")
    used = any(stage.has_optimizer for stage in map(stage_named, names) if stage is not None)
    if not used and any(name in values for name in optional):
        make_settings(**values, stage=next(iter(names), REFERENCE))
    # What is wrong is wrong for every stage: it is told of the first that was asked for.
    runs = {name: _settings_of(name, values, optional) for name in names}
    if REFERENCE not in runs:
        runs[REFERENCE] = _settings_of(REFERENCE, values, optional)
    return tuple(runs[name] for name in dict.fromkeys((REFERENCE, *names)))


def _settings_of(name: str, values: dict[str, object], optional: Sequence[str]) -> Settings:
    stage = stage_named(name)
    without = set() if stage is None or stage.has_optimizer else set(optional)
    if stage is not None and not stage.on_any_device:
        without.add("device")
    return make_settings(**{key: value for key, value in values.items() if key not in without}, stage=name)


def compare(
    runs: Sequence[Settings], on_progress: Progress | None = None, threads: Threads | None = None
) -> Comparison:
    """Trains every run from its first to its last step, one after the other, and compares the losses.

    Everything happens on the thread that calls it. The random generators are left as they were.

    Args:
        runs: of different stages, all with the same number of steps. The NumPy stage is the reference;
            without it, the first.
        on_progress: hears how far it has come, some times a second.
        threads: sets the number of threads; by default the libraries' own numbers count as automatic.

    Raises:
        ValueError: no run, two of one stage, or runs of different lengths.
        SettingsError, NotEnoughMemoryError: a run that is not possible here.
        Exception: whatever a stage raises.
    """
    from playground.trainer import Trainer, kept_random_states

    _check(runs)
    # Each is checked before the first one costs any time.
    for run in runs:
        Trainer(run)
    with kept_random_states():
        trained = {run.stage: _train(run, on_progress, threads) for run in runs}
    reference = next((run for run in runs if run.stage == REFERENCE), runs[0])
    return Comparison(
        reference.stage,
        tuple(runs),
        tuple(against(reference, trained[reference.stage][0], run, *trained[run.stage]) for run in runs),
    )


def _check(runs: Sequence[Settings]) -> None:
    if not runs:
        raise ValueError("there is nothing to compare")
    if len({run.stage for run in runs}) < len(runs):
        raise ValueError(f"a stage is there twice: {', '.join(run.stage for run in runs)}")
    lengths = {run.steps for run in runs}
    if len(lengths) > 1:
        raise ValueError(f"runs of one length can be compared; these make {sorted(lengths)} steps")


def _train(
    settings: Settings, on_progress: Progress | None, threads: Threads | None
) -> tuple[NDArray[np.float64], float]:
    """The losses of a whole run, and the seconds that its steps took."""
    from playground.threads import Threads
    from playground.trainer import Trainer

    trainer = Trainer(settings)
    (threads or Threads()).use(settings)
    if on_progress is not None:
        on_progress(settings.stage, 0)
    began = told = time.perf_counter()
    for step in range(1, settings.steps + 1):
        trainer.step()
        if on_progress is not None and time.perf_counter() - told > SECONDS_BETWEEN_REPORTS:
            on_progress(settings.stage, step)
            told = time.perf_counter()
    seconds = time.perf_counter() - began
    if on_progress is not None:
        on_progress(settings.stage, settings.steps)
    return trainer.history.losses(), seconds


def against(
    reference: Settings,
    expected: NDArray[np.float64],
    run: Settings,
    losses: NDArray[np.float64],
    seconds: float,
) -> StageComparison:
    """Holds a run's losses against those that the reference had in the same steps.

    Args:
        reference: settings of the run to compare with.
        expected: its losses.
        run: settings of the other run.
        losses: its losses, as many.
        seconds: that its steps took.
    """
    from playground.same_start import another_computation

    with np.errstate(all="ignore"):
        distance = np.abs(losses - expected)
        # Losses that have both left the numbers in the same way do not differ.
        distance[(losses == expected) | (np.isnan(losses) & np.isnan(expected))] = 0.0
        relative = np.where(distance == 0.0, 0.0, distance / np.abs(expected))
        of_first = np.where(distance == 0.0, 0.0, distance / np.abs(expected[0]))
    for each in (relative, of_first):
        each.flags.writeable = False
    differs = "" if run is reference else another_computation(run, reference)
    return StageComparison(run.stage, losses, relative, of_first, seconds, differs)


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None


def _notes(comparison: Comparison) -> list[str]:
    notes = []
    if not comparison.same_start:
        notes.append(
            "The starts differ: each stage trains from the data and weights of its own program, so the "
            "differences tell nothing of the computations. Training from one start: --same-start."
        )
        return notes
    alike = [each for each in comparison.stages if not each.differs]
    rounding = _about_rounding(comparison.stage(comparison.reference), alike)
    if rounding:
        notes.append(rounding)
    for run, each in zip(comparison.runs, comparison.stages, strict=True):
        if each.differs:
            notes.append(
                f"{each.stage} is another computation ({each.differs}); it need not lie on the curve."
            )
        elif run.program.has_depth:
            notes.append(
                f"{each.stage} runs with depth 0: its middle layer is not used, "
                "and what is left is the network of the other stages."
            )
    return notes


def _about_rounding(reference: StageComparison, alike: Sequence[StageComparison]) -> str:
    """Why the relative difference grows while the loss falls; "" where it does not."""
    if not alike:
        # All others are other computations.
        return ""
    first, last = float(reference.losses[0]), float(reference.losses[-1])
    worst = max(alike, key=lambda each: each.max_relative_difference)
    largest = worst.max_relative_difference
    if not all(math.isfinite(number) and number > 0.0 for number in (first, last, largest)):
        return ""
    step = int(worst.relative_differences.argmax())
    decades = math.log10(first / last)
    if decades < FALL_WORTH_TELLING or step < len(reference.losses) // 2:
        return ""
    share = max(each.max_difference_of_first_loss for each in alike)
    return (
        f"The loss fell by {decades:.1f} decades. The relative difference is largest in step {step} because "
        "so little is left of the loss there, not because the computations part: "
        f"of the first loss, no difference is more than {share:.1g}."
    )


def as_text(comparison: Comparison) -> str:
    """The figures as a table for people, with the notes below it."""
    first = comparison.runs[0]
    start = (
        "the same data and weights, no biases"
        if comparison.same_start
        else "each stage's own data and weights"
    )
    lines = [
        f"{first.steps} steps, seed {first.seed}, {first.dtype or 'the types of the programs'}, {start}; "
        f"compared with {comparison.reference}",
        "",
        f"{'':10}{'':>14}   {'largest difference, relative to':^31}",
        f"{'stage':10}{'last loss':>14}   {'the same step':>15}{'the first loss':>16}{'seconds':>11}",
    ]
    lines += [
        f"{each.stage:10}{each.losses[-1]:>14.6g}   {each.max_relative_difference:>15.2g}"
        f"{each.max_difference_of_first_loss:>16.2g}{each.seconds:>11.2f}"
        + (f"   {each.differs}" if each.differs else "")
        for each in comparison.stages
    ]
    return "\n".join([*lines, *(f"\n{note}" for note in comparison.notes)])
