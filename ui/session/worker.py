"""The one thread on which every torch operation happens.

OpenMP keeps a pool of threads for each thread that calls it, so there is one such thread for the life
of the program, never one a run. The window replaces the worker's order; the worker looks at it before
every step. No lock is taken in the loop and no signal is sent from it: the history's length
is what the window reads.
"""

from __future__ import annotations

import gc
import math
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QThread, Signal

from playground.devices import Device, list_devices
from playground.failure import Failure, details_of, one_line
from playground.halting import Halt
from playground.memory import NotEnoughMemoryError, estimate_bytes
from playground.optimizers import Optimizer, list_optimizers
from playground.programs.errors import ProgramEnded, ProgramError, ProgramStopped
from playground.programs.output import OutputTape
from playground.restarts import NeedsNewStart
from playground.setting_specs import LARGEST_STEPS
from playground.settings import SettingsError
from playground.step_time import slow_seconds
from playground.threads import Threads
from ui.session.answering import Answering
from ui.session.live_health import LiveHealth
from ui.session.live_path import LivePath
from ui.session.live_pictures import LivePictures, PictureWish
from ui.session.orders import Command, Halted, Run, SlowStep, TorchMissingError
from ui.session.repetitions import Repetitions
from ui.session.requests import Request
from ui.session.step_clock import StepClock

if TYPE_CHECKING:
    from playground.recording.model import Recording
    from playground.recording.snapshot import Snapshot
    from playground.trainer import Trainer
    from ui.session.answers import Present

LARGE = 200_000_000
"""Bytes of a network from which on it takes so long to record a step that the user must be told."""
GRACE = 500
"""Milliseconds within which a step ends by itself when the window is closed; else it is ended."""


@dataclass(slots=True)
class _Waiting:
    """What a run is to go on to, over all orders that say the same.

    Attributes:
        of: the run's number, and what is waited for.
        variants: how many graph variants there were when the waiting began.
        reached: why it stands still, "" as long as it does not.
    """

    of: tuple[int, Halt | None]
    variants: int
    reached: str = ""


class Worker(QThread):
    """Trains.

    Attributes:
        ended_by: what has ended the thread though nobody closed it, in one line.
        slow_step: the step that is being made, where that takes long; else None.
        is_busy: whether it carries out an order now.

    Signals:
        loading(str): what has to be waited for, for people; "" when nothing has.
        devices_found(object): tuple of Device.
        optimizers_found(object): tuple of Optimizer.
        began(object): a Run.
        steps_are_slow(int, float): run, and the seconds that each of its steps will take.
        halted(object): a Halted.
        diverged(int, int, float): run, step, and its loss, which is NaN or infinite.
        failed(int, object): run, and the Failure.
        refused(object, str, object): the Command, one line, and the Settings that stay in force (None: there
            is no run).
        needs_new_start(object, str): the Command whose numbers the program cannot take over as it stands, and
            why.
        answered(object, object, str): a Request, its Answer or None, and why there is none.
        progressed(object, int, int): a Request, how much of it is done, and of how much; of 0 while it waits
            for an order that goes first.
    """

    loading = Signal(str)
    devices_found = Signal(object)
    optimizers_found = Signal(object)
    began = Signal(object)
    steps_are_slow = Signal(int, float)
    halted = Signal(object)
    diverged = Signal(int, int, float)
    failed = Signal(int, object)
    refused = Signal(object, str, object)
    needs_new_start = Signal(object, str)
    answered = Signal(object, object, str)
    progressed = Signal(object, int, int)

    def __init__(self, parent: QObject | None = None) -> None:
        """Does nothing before `start`."""
        super().__init__(parent)
        self.setObjectName("worker")
        self._order: Command | None = None
        self._done: Command | None = None
        self._answers = Answering(self.answered, self.progressed)
        self._closing = False
        self.ended_by = ""
        self.slow_step: SlowStep | None = None
        self.is_busy = False
        self._wake = threading.Event()
        # What follows is touched by the thread itself only.
        self._trainer: Trainer | None = None
        self._run = -1
        self._seconds = 0.0
        self._waiting: _Waiting | None = None
        self._warned_of_divergence = False
        self._is_large = False
        self._step_seconds = 0.0
        self._unsummarized: Iterator[Snapshot] = iter(())
        self._threads = Threads(automatic=True)
        self._again = Repetitions(self._threads, self._stands_after)
        self._missing: Failure | None = None
        self._pictures, self._health, self._path = LivePictures(), LiveHealth(), LivePath()
        self._clock = StepClock(self._wake)

    def submit(self, order: Command) -> None:
        """Replaces the order; takes effect before the next step, a slow one of an older run is ended."""
        self._order = order
        self._wake.set()
        slow = self.slow_step
        if slow is not None and slow.run != order.run:
            self._stop_step(slow)

    def watch_picture(self, wish: PictureWish | None) -> None:
        """Makes pictures of what the net gives from now on, now and then; none costs nothing."""
        self._pictures.want(wish)
        self._wake.set()

    def ask(self, request: Request) -> None:
        """Asks for something beside the order.

        It is answered as soon as the worker stands still; what is done in parts, between its steps.
        """
        self._answers.ask(request)
        self._wake.set()

    def cancel(self, request: Request) -> None:
        """Ends what is being done for a request, or takes it from those that wait: no answer comes."""
        self._answers.cancel(request)

    def close(self, milliseconds: int) -> bool:
        """Asks the thread to end after the step it is in, or in it if it is slow; whether it did in time."""
        self._closing = True
        self._wake.set()
        slow = self.slow_step
        if slow is not None:
            self._stop_step(slow)
        if self.wait(min(milliseconds, GRACE)):
            return True
        # A program may wait for an answer, or go on for ever.
        self.end_program()
        return self.wait(milliseconds)

    @property
    def present_run(self) -> int:
        """Number of the run that it has begun last."""
        return self._run

    def line_now(self) -> int | None:
        """The line of the program that runs now; None while none does."""
        trainer = self._trainer
        return None if trainer is None else trainer.line_now()

    def end_program(self) -> None:
        """Ends the present run in the middle of its step, as soon as Python has control in it."""
        trainer = self._trainer
        if trainer is not None:
            trainer.stop()

    def _drop(self) -> None:
        """Lets go of the present run; a program that stands still in it is ended."""
        trainer, self._trainer = self._trainer, None
        self._answers.drop()
        if trainer is not None:
            trainer.close()

    def _stop_step(self, slow: SlowStep) -> None:
        """Ends a step as soon as Python has control: an operation of torch is waited for."""
        trainer = self._trainer
        if trainer is not None and not slow.stopping:
            self.slow_step = replace(slow, stopping=True)
            trainer.stop()

    def run(self) -> None:
        """The thread: loads torch, then carries out orders until it is closed; it never raises."""
        try:
            self._work()
        except BaseException as error:
            # It ends with this; the session hears of that, and starts another.
            self.ended_by = one_line(error)
        self._drop()

    def _work(self) -> None:
        self._load()
        while not self._closing:
            try:
                self._turn()
            except BaseException as error:
                if not _was_stopped(error):
                    raise
                # What has ended the run asks for another, or closes.
                self._drop()

    def _turn(self) -> None:
        """Carries out the newest order, or answers, or waits for either."""
        self._wake.clear()
        order = self._order
        if order is None or order is self._done:
            if self._answers:
                self._answer(order)
            elif self._pictures.due <= time.perf_counter():
                self._pictures.look(self._trainer, self._again.shelf, resting=True)
            elif not self._summarize_one():
                self._wake.wait()
            return
        # Done, whatever comes of it: an order that ends the thread is not carried out again.
        self._done = order
        self.is_busy = True
        try:
            self._carry_out(order)
        finally:
            self.slow_step, self.is_busy = None, False

    def _load(self) -> None:
        try:
            self.loading.emit("loading torch …")
            # What is imported here would hold up the window if it were imported above.
            import ui.session.answers  # noqa: F401

            devices: tuple[Device, ...] = list_devices()
            self.devices_found.emit(devices)
            self.loading.emit("loading the optimizers …")
            optimizers: tuple[Optimizer, ...] = list_optimizers()
            # What torch brought along stays for good. Looking through it again and again would stop every
            # thread for a fifth of a second.
            gc.freeze()
            self.optimizers_found.emit(optimizers)
        except Exception as error:
            # NumPy's stage does without it.
            self._missing = Failure(0, None, one_line(error), details_of(error))
            self.failed.emit(-1, self._missing)
        self.loading.emit("")

    def _carry_out(self, order: Command) -> None:
        """The one place where what a run raises is caught."""
        try:
            if order.run != self._run:
                self._begin(order)
            trainer = self._trainer
            if trainer is None:
                return
            if order.settings != trainer.settings:
                trainer.apply(order.settings)
                self._threads.use(order.settings)
            self._train(trainer, order)
        except (SettingsError, NotEnoughMemoryError) as error:
            accepted = None if self._trainer is None else self._trainer.settings
            if accepted is None:
                # There is no run: the next order for it is refused in its turn, and not taken for done.
                self._run = -1
            self.refused.emit(order, str(error), accepted)
        except NeedsNewStart as why:
            self.needs_new_start.emit(order, str(why))
        except BaseException as error:
            if _was_stopped(error):
                raise
            # A program may end itself, or be interrupted: the thread goes on all the same.
            trainer, self._trainer = self._trainer, None
            if trainer is None:
                self.failed.emit(order.run, _failure_of(error))
                return
            failure = trainer.failure(error)
            self._again.seconds = self._seconds
            self._again.keep_failed_step(trainer, failure.step, order)
            self.failed.emit(order.run, failure)
            trainer.close()

    def _stands_after(self, order: Command) -> bool:
        """Whether nobody wants the run of an order to go on."""
        now = self._order
        same = now is order or (now is not None and now.run == order.run and now.target < LARGEST_STEPS)
        return same and not self._closing

    def _summarize_one(self) -> bool:
        """Computes the statistics of a tensor of the newest recording, so that the window need not.

        One at a time, with a look at the orders in between; whether there was one left.
        """
        try:
            snapshot = next(self._unsummarized, None)
            if snapshot is not None:
                _ = snapshot.statistics
        except Exception:
            # The window computes it where it shows it, or says there why it cannot.
            self._unsummarized = iter(())
            return False
        return snapshot is not None

    def _present(self) -> Present:
        """What is at hand for an answer."""
        from playground.recording.cache import RecordingCache
        from ui.session.answers import Present

        shelf = self._again.shelf or RecordingCache()
        return Present(self._run, self._trainer, shelf, self._threads, self._path.path)

    def _answer(self, order: Command | None) -> None:
        """The run stands still. An order that comes meanwhile goes first."""
        if self._missing is not None:
            self._answers.refuse(f"torch could not be loaded: {self._missing.message}")
            return
        self._answers.answer(self._present(), lambda: self._is_wanted(order), late=not self._is_large)
        if self._trainer is not None:
            self._threads.use(self._trainer.settings)

    def _answer_a_part(self, order: Command) -> None:
        """Between two steps; the time is none of the run's."""
        started = time.perf_counter()
        self._answers.look(self._present(), lambda: self._is_wanted(order), order.pace)
        self._seconds -= time.perf_counter() - started

    def _is_wanted(self, order: Command | None) -> bool:
        return self._order is order and not self._closing

    def _begin(self, order: Command) -> None:
        # The older run gives its memory back before the new one takes its own.
        self._drop()
        if self._missing is not None and order.settings.stage != "numpy":
            raise TorchMissingError(self._missing.message)
        self._run = order.run
        self._seconds = 0.0
        self._warned_of_divergence = False
        tape = None if order.settings.own is None else OutputTape()
        # Loaded by this thread, with the window on the screen: it brings the whole engine along.
        from playground.own_trainer import trainer_of

        streams = () if tape is None else (tape.stdout, tape.stderr)
        trainer = trainer_of(order.settings, *streams)
        counts = self._threads.use(order.settings)
        self._trainer = trainer
        self._is_large = estimate_bytes(order.settings) > LARGE
        self._step_seconds = slow_seconds(order.settings)
        run = Run(
            order.run,
            trainer.history,
            trainer.structures,
            counts.torch or counts.blas,
            self._again.begin(),
            trainer.changes,
            self._health.begin(),
            trainer.series,
            tape,
            self._pictures.begin(),
            self._health.spreads,
            self._path.begin(),
        )
        self.began.emit(run)
        if self._step_seconds:
            self.steps_are_slow.emit(order.run, self._step_seconds)

    def _train(self, trainer: Trainer, order: Command) -> None:
        made, isfinite = trainer.history.length, math.isfinite
        target = min(made + 1 if order.pausing else order.target, order.settings.steps)
        halt = order.halt
        if halt is None or self._waiting is None or self._waiting.of != (order.run, halt):
            self._waiting = _Waiting((order.run, halt), len(trainer.structures))
        waiting = self._waiting
        every = 1 if halt is not None and halt.needs_gradients else order.record_every
        pictures, health, path, answers = self._pictures, self._health, self._path, self._answers
        pictures.go_on()
        from playground.recording.queries import largest_gradient_norm

        recorded, until, diverged, reached = target - 1, 0, False, waiting.reached
        started = time.perf_counter()

        def is_over(loss: float, gradient_norm: float | None = None) -> bool:
            nonlocal made, diverged, reached
            made += 1
            if not isfinite(loss) and not self._warned_of_divergence:
                self._warned_of_divergence = diverged = True
                self.diverged.emit(order.run, made - 1, loss)
            if halt is not None:
                reached = waiting.reached = halt.reached(trainer.history, waiting.variants, gradient_norm)
            stops = made >= until or diverged or bool(reached) or self._order is not order or self._closing
            now = time.perf_counter()
            keeps = made >= path.step and path.is_due(now)
            return stops or keeps or now >= health.due or now >= pictures.due or now >= answers.due

        try:
            while made < target and not (diverged or reached or trainer.ended) and self._rested(order):
                if pictures.due <= time.perf_counter():
                    self._make_picture(trainer, order)
                if answers.due <= time.perf_counter():
                    self._answer_a_part(order)
                path.look(trainer)
                slow, began = self._step_seconds, time.monotonic()
                if slow:
                    self.slow_step = SlowStep(order.run, made, began, slow)
                if (made == recorded or (every and made % every == 0)) and trainer.can_record:
                    recording = self._record(trainer, order.run)
                    assert recording.loss is not None, "the step has not failed"
                    is_over(recording.loss, largest_gradient_norm(recording) if halt else None)
                else:
                    until = min(max(recorded, made + 1), made + every - made % every) if every else recorded
                    if order.pace or slow:
                        # Between two steps it stands still as it does when it pauses.
                        until = made + 1
                    if trainer.can_be_watched and time.perf_counter() >= health.due:
                        is_over(health.watch(trainer, hurries=not order.pace))
                    else:
                        trainer.run(is_over)
                if slow:
                    # What was estimated is known now.
                    self._step_seconds, self.slow_step = time.monotonic() - began, None
            if made >= order.settings.steps and self._order is order:
                trainer.run_out()
        except ProgramEnded:
            pass
        finally:
            self._seconds += time.perf_counter() - started
        made = trainer.history.length
        self._again.seconds = self._seconds
        if diverged:
            self._again.keep_diverged_step(trainer, made - 1, order)
        pictures.stir()
        if self._order is order:
            self._waiting = None
            self.halted.emit(Halted(order, made, self._seconds, reached, trainer.ended))
            self._again.keep_first_step(trainer, made, order)

    def _rested(self, order: Command) -> bool:
        """Waits until the next step is due; whether it shall be made then."""

        self._seconds -= self._clock.wait(order.pace, lambda: self._is_wanted(order))
        return self._is_wanted(order)

    def _make_picture(self, trainer: Trainer, order: Command) -> None:
        """Between two steps; the time is none of the run's."""
        started = time.perf_counter()
        self._pictures.look(trainer, self._again.shelf, hurries=not order.pace)
        self._seconds -= time.perf_counter() - started

    def _record(self, trainer: Trainer, run: int) -> Recording:
        started = time.perf_counter()
        if self._is_large:
            self.loading.emit("recording a step …")
        try:
            recording = trainer.record_step(run)
        finally:
            self._seconds -= time.perf_counter() - started
            if self._is_large:
                self.loading.emit("")
        from playground.recording.model import snapshots_of

        self._again.put(recording)
        self._health.take(recording)
        self._unsummarized = snapshots_of(recording)
        return recording


def _was_stopped(error: BaseException) -> bool:
    """Whether this thread has been asked to give up the step that it was making."""
    return isinstance(error, ProgramStopped)


def _failure_of(error: BaseException) -> Failure:
    """A failure outside of any step."""
    if isinstance(error, ProgramError):
        return Failure(0, None, str(error), "")
    return Failure(0, None, one_line(error), details_of(error))
