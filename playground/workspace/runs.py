"""Makes the run that an export is of, without a window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from playground.own_trainer import trainer_of
from playground.programs.errors import ProgramEnded, ProgramError
from playground.programs.execution import ProgramFailure, Silence
from playground.settings import Settings
from playground.threads import Threads
from playground.trainer import Trainer
from playground.workspace.curves import RunCurves, curves_of
from playground.workspace.models import state_of

if TYPE_CHECKING:
    from torch import Tensor

    from playground.graph.model import Graph
    from playground.recording.model import Recording


class NotThereError(Exception):
    """A step that a run does not have, or a model that it has not made; the message is one line."""


def make_run(
    settings: Settings, steps: int | None = None, on_step: Callable[[int], object] | None = None
) -> Trainer:
    """Makes steps of what the settings choose; what a program of the user's own prints is not shown.

    Args:
        settings: of a stage, or with the user's own text.
        steps: how many; None for as many as the settings say. A program of the user's own may end before.
        on_step: told after each how many there are; what it raises ends the run.

    Raises:
        SettingsError, NotEnoughMemoryError, ProgramError: see `Trainer` and `OwnTrainer`.
        ProgramFailure: a program of the user's own has raised.
        Exception: whatever a stage raises.
    """
    silence = Silence.stream()
    trainer = trainer_of(settings, silence, silence)
    Threads().use(settings)
    wanted = settings.steps if steps is None else steps
    try:
        while not trainer.ended and trainer.history.length < wanted:
            trainer.step()
            if on_step is not None:
                on_step(trainer.history.length)
    except ProgramEnded:
        pass
    except BaseException as error:
        told = _told(trainer, error)
        trainer.close()
        raise told from None
    return trainer


@contextmanager
def made_run(settings: Settings, steps: int | None = None) -> Iterator[Trainer]:
    """The same, closed afterwards.

    Raises:
        NotThereError: the program ends before so many steps.
        Exception: as `make_run`.
    """
    trainer = make_run(settings, steps)
    try:
        if steps is not None and trainer.history.length < steps:
            raise _not_reached(steps, trainer)
        yield trainer
    finally:
        trainer.close()


def _told(trainer: Trainer, error: BaseException) -> BaseException:
    """What a program of the user's own has raised, with its own lines; any other exception as it is."""
    is_own = trainer.settings.own is not None and isinstance(error, Exception)
    if not is_own or isinstance(error, ProgramError | ProgramEnded):
        return error
    return ProgramFailure(trainer.failure(error).details)


def model_of(trainer: Trainer) -> dict[str, Tensor]:
    """What a run has trained so far, copied to the CPU; to be called on the thread that trains.

    Raises:
        NotThereError: no step has been made.
    """
    variables, parameters = trainer.trained()
    if not parameters:
        raise NotThereError("no step has been made: there is no model yet")
    return state_of(variables, parameters)


def curves_of_run(trainer: Trainer, name: str) -> RunCurves:
    """The losses of a run, by the name that they shall have in a table of several."""
    return curves_of(name, trainer.history, trainer.series)


def recording_of(settings: Settings, step: int) -> Recording:
    """Records a step, after those before it.

    Raises:
        NotThereError: the program ends before it.
        Exception: as `make_run`; of a step that fails what has been recorded is returned.
    """
    trainer = _before(settings, step)
    try:
        if trainer.ended or trainer.history.length < step:
            raise _not_reached(step, trainer)
        if not trainer.can_record:
            # Where its first step begins, only making it has told.
            trainer.step()
            return trainer.record_again(step)
        return trainer.record_step()
    except NotThereError:
        raise
    except ProgramEnded:
        raise _not_reached(step, trainer) from None
    except Exception as error:
        if trainer.recording is None:
            raise _told(trainer, error) from None
        return trainer.recording
    finally:
        trainer.close()


def graph_of(settings: Settings, step: int) -> Graph:
    """The graph that a step builds, or its trace; raises as `recording_of`."""
    trainer = _before(settings, step + 1)
    try:
        if trainer.history.length <= step:
            raise _not_reached(step, trainer)
        graph = trainer.structures[trainer.history.structure(step)]
    finally:
        trainer.close()
    # What a program of the user's own computes by hand is known only when it is recorded.
    return graph if graph.nodes else recording_of(settings, step).graph


def _before(settings: Settings, step: int) -> Trainer:
    """A run that stands before a step, or at the program's end."""
    if settings.own is None:
        settings = settings.model_copy(update={"steps": max(step, 1)})
    return make_run(settings, step)


def _not_reached(step: int, trainer: Trainer) -> NotThereError:
    made = trainer.history.length
    return NotThereError(f"step {step} is not reached: the program makes {made} step{'s' * (made != 1)}")
