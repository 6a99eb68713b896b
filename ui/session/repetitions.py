"""Steps that were made without being recorded are made once more, where they tell what went wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from playground.programs.errors import ProgramStopped
from playground.threads import Threads
from ui.session.orders import Command
from ui.session.teller import Teller

if TYPE_CHECKING:
    from playground.recording.cache import RecordingCache
    from playground.recording.model import Recording
    from playground.trainer import Trainer

LONGEST_REPETITION = 5.0
"""Seconds of training that are made once more to record a step at their end."""


class Repetitions:
    """Belongs to the thread that trains.

    Attributes:
        shelf: the recordings of the present run; None before there is one.
        seconds: that the run has spent on its steps when something of it is to be made again.
    """

    def __init__(self, threads: Threads, stands_after: Callable[[Command], bool]) -> None:
        """No run has begun.

        Args:
            threads: sets the number of threads that the steps are made with.
            stands_after: whether nobody wants the run of an order to go on.
        """
        self.shelf: RecordingCache | None = None
        self.seconds = 0.0
        self._threads, self._stands_after = threads, stands_after

    def begin(self) -> RecordingCache:
        """An empty shelf for a new run."""
        from playground.recording.cache import RecordingCache

        self.shelf = RecordingCache()
        return self.shelf

    def put(self, recording: Recording) -> None:
        """Keeps a recording."""
        assert self.shelf is not None, "a run has begun"
        self.shelf.put(recording)

    def keep_failed_step(self, trainer: Trainer, step: int, order: Command) -> None:
        """Keeps the step that failed; one that was not being recorded is made again."""
        recording = trainer.recording
        if recording is None or recording.failure is None:
            recording = self._made_again(trainer, step, order)
        if recording is not None:
            self.put(recording)

    def keep_diverged_step(self, trainer: Trainer, step: int, order: Command) -> None:
        """Keeps the step whose loss is not finite, and the one before if it is the reason."""
        if self.shelf is None or self.shelf.get(step) is not None:
            return
        recording = self._made_again(trainer, step, order)
        if recording is None:
            return
        self.put(recording)
        from playground.recording.queries import begins_not_finite

        if step and begins_not_finite(recording):
            before = self._made_again(trainer, step - 1, order)
            if before is not None:
                self.put(before)

    def keep_first_step(self, trainer: Trainer, made: int, order: Command) -> None:
        """Keeps the first step where it could not be recorded while it was made.

        Where a program's first step begins is known when it has called `backward`: it is started once more.
        """
        if made != 1 or trainer.settings.own is None or self.shelf is None or self.shelf.get(0):
            return
        recording = self._made_again(trainer, 0, order)
        if recording is not None:
            self.put(recording)

    def _made_again(self, trainer: Trainer, step: int, order: Command) -> Recording | None:
        """A step that was made unrecorded; None if that takes too long or is no longer wanted."""
        if self.seconds > LONGEST_REPETITION:
            return None
        wanted = Teller(lambda: self._stands_after(order), lambda _done, _of: None)
        try:
            recording = trainer.record_again(step, order.run, wanted, self._threads)
        except ProgramStopped:
            raise
        except BaseException:
            # Something else is wanted by now, or it failed for another reason, for want of memory say:
            # what has happened is told all the same.
            return None
        finally:
            self._threads.use(trainer.settings)
        return recording
