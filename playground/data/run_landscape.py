"""The loss landscape of a run that stands still between two steps, and the step sizes of one of its steps."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Literal

from playground.data.forward_lines import NoForwardLinesError
from playground.data.landscape import (
    Landscape,
    LandscapeError,
    Net,
    Parts,
    Progress,
    driven,
    landscape_parts,
    plane_of_path,
    random_plane,
)
from playground.data.own_loss import OwnNetCopy
from playground.data.step_size import StepSizes, step_size_parts
from playground.data.weight_path import TooManyWeightsError, WeightPath, WeightPoint, newest, point_now
from playground.data.weights import NetCopy, weights_of
from playground.history import NO_DEPTH
from playground.programs.program import program_of
from playground.random_states import kept_random_states
from playground.trainer import Trainer

if TYPE_CHECKING:
    from playground.recording.cache import RecordingCache

PlaneKind = Literal["path", "random"]


def net_of(trainer: Trainer) -> Net:
    """A copy of the run's net as it is now.

    Raises:
        LandscapeError: why its loss cannot be computed with other weights.
    """
    driver = trainer.started()
    try:
        if trainer.settings.own is None:
            return NetCopy(trainer.program, driver)
        variables, parameters = trainer.trained()
        # Numbers that were changed meanwhile stand in the text as it is now.
        program = program_of(trainer.settings)
        return OwnNetCopy(
            program, driver, {name: newest(name, each, variables) for name, each in parameters.items()}
        )
    except NoForwardLinesError as error:
        raise LandscapeError(str(error)) from None


def landscape_of_run(
    trainer: Trainer,
    path: WeightPath,
    shelf: RecordingCache,
    kind: PlaneKind,
    seed: int = 0,
    size: int | None = None,
    on_progress: Progress | None = None,
) -> Landscape:
    """The loss over a plane through the run's present weights.

    Args:
        trainer: the run; it stands still between two steps, and stays as it is.
        path: the weights that were kept of it.
        shelf: its recordings, which may have those that it began with.
        kind: of the plane: through its path, or along random directions.
        seed: of the random directions.
        size, on_progress: as of `landscape`.

    Raises:
        LandscapeError: why there is none, in one line.
        Exception: what `on_progress` raises.
    """
    return driven(landscape_of_run_parts(trainer, path, shelf, kind, seed, size), on_progress)


def landscape_of_run_parts(
    trainer: Trainer,
    path: WeightPath,
    shelf: RecordingCache,
    kind: PlaneKind,
    seed: int = 0,
    size: int | None = None,
) -> Parts[Landscape]:
    """The same in parts, of the weights that the run has at the first; it may go on between them.

    Args, raises: as of `landscape_of_run`.
    """
    points = _points(trainer, path, shelf)
    made = trainer.history.length
    # As often as in the newest step, so that all losses are those of one graph.
    depth = trainer.history.depth(made - 1) if made else NO_DEPTH
    with kept_random_states():
        net = net_of(trainer)
    plane = plane_of_path(points) if kind == "path" else random_plane(points, seed)
    weights = [each.weights for each in points]
    return (
        yield from landscape_parts(
            net, plane, weights[0], size, None if depth == NO_DEPTH else depth, weights
        )
    )


def step_sizes_of_run(
    trainer: Trainer, shelf: RecordingCache, step: int | None = None, on_progress: Progress | None = None
) -> StepSizes:
    """The loss for other step sizes at a recorded step of the run.

    Args:
        trainer, on_progress: as of `landscape_of_run`.
        shelf: the run's recordings.
        step: which one; None for the newest that is recorded.

    Raises:
        LandscapeError: why there are none, in one line.
        Exception: what `on_progress` raises.
    """
    return driven(step_sizes_of_run_parts(trainer, shelf, step), on_progress)


def step_sizes_of_run_parts(
    trainer: Trainer, shelf: RecordingCache, step: int | None = None
) -> Parts[StepSizes]:
    """The same in parts; the run may go on between them. Args, raises: as of `step_sizes_of_run`."""
    steps = shelf.steps
    recording = shelf.get(steps[-1] if step is None and steps else step or 0)
    if recording is None:
        raise LandscapeError(
            "no step of this run is recorded" if step is None else f"step {step} is not recorded"
        )
    rate = _rate_at(trainer, recording.step)
    with kept_random_states():
        net = net_of(trainer)
    return (yield from step_size_parts(net, recording, rate))


def _rate_at(trainer: Trainer, step: int) -> float | None:
    """The learning rate that a stage made a step with; nobody knows which number of another program is it."""
    if trainer.settings.own is not None:
        return None
    rate = trainer.settings.learning_rate
    for each in reversed(trainer.changes):
        if each.name == "learning_rate" and each.step > step and isinstance(each.old, float):
            rate = each.old
    return rate


def _points(trainer: Trainer, path: WeightPath, shelf: RecordingCache) -> list[WeightPoint]:
    """The weights that were kept, with those at the beginning and those of now."""
    try:
        now = point_now(trainer)
    except TooManyWeightsError as error:
        raise LandscapeError(str(error)) from None
    points = [each for each in path.points if each.step < now.step]
    found = [*points, *([now] if now.weights else [])]
    if found and trainer.settings.own is None:
        with kept_random_states():
            found.insert(0, _first_weights(trainer, now.weights))
    elif found and (recording := shelf.get(0)) is not None:
        # A program of the user's own may do anything: it is not begun again.
        first = WeightPoint(0, weights_of(recording))
        found[:0] = [first] if first.weights.keys() == now.weights.keys() else []
    return found


def _first_weights(trainer: Trainer, names: Collection[str]) -> WeightPoint:
    """Those that a stage began with: begun again, it has the same, from the same seed."""
    twin = Trainer(trainer.settings)
    try:
        driver = twin.started()
        return WeightPoint(0, NetCopy(twin.program, driver).weights(tuple(names)))
    finally:
        twin.close()
