"""What runs now: the settings in force, the run's number, and the worker that carries it out.

The panels' signals come in here and become orders to the worker; what the worker answers goes out as
signals to the window. An answer that belongs to an older run or order is dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from playground.devices import Device
from playground.failure import Failure
from playground.halting import Halt, HaltKind
from playground.memory import NotEnoughMemoryError, check_memory, estimate_bytes
from playground.memory import in_words as bytes_in_words
from playground.pace import FULL_SPEED, duration_text, is_played
from playground.restarts import restarting
from playground.setting_specs import LARGEST_STEPS, SPECS
from playground.settings import (
    Settings,
    SettingsError,
)
from playground.threads import check_threads
from playground.workspace.files import Seen
from ui.session.choosing import Choosing
from ui.session.live_pictures import PictureWish
from ui.session.orders import Command, Halted, Run
from ui.session.requests import GradientCheckRequest, ModelRequest, RecordRequest, Request
from ui.session.run_requests import RunRequests
from ui.session.words import TORCH_HINT, failure_in_words, in_words, worth_telling
from ui.session.worker import LARGE, Worker

if TYPE_CHECKING:
    pass

DIVERGED_HINT = "Lower the learning rate and reset, or press Run to go on."
SLOW_STEP = "A step will take about {} and {} of memory."
SLOW_STEP_HINT = "To record one takes longer, and more memory. Reset stops a step under way."


class RunState(StrEnum):
    """What the run is doing."""

    PAUSED = "paused"
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"


MOST_ENDS = 3
"""So often in a row another thread takes the place of one that has ended."""


ENDED_AFTER = 300
"""Milliseconds that the step of a run which is over may take, before it is ended in the middle."""


class Session(Choosing):
    """Connects what the user wants with what the worker does; what they choose, `Choosing` makes settings of.

    Attributes:
        state: what the run is doing.
        run: what the worker has begun for the present run number, or None if it has not yet.
        seconds: time that the run had spent on its steps when it last stood still.
        devices: those of this machine, once they are known.
        recorded_every: how often a step is recorded while the run goes on; 0 for never.
        pace: steps a second at most; 0 for as fast as possible.
        makes_first_step: whether the first step of a run is made, and recorded, before anybody asks.
        hurries: whether runs are made as fast as possible for now, whatever the pace.
        prepare: asked before steps are made at the user's wish: it may choose something newer to run; whether
            there is anything that can.

    Signals:
        state_changed(object): RunState.
        run_changed(object): the Run that has begun; None when one has been asked for.
        gradient_checked(object, str): a GradientCheck of the present run, or None and why there is none.
        recorded(int): a step of the present run whose recording was asked for is on the shelf.
        model_saved(str, str): path of the file that was to be written, and why it was not ("": it was).
        request_progressed(str, int, int): what the worker does beside training, how much of it is done, and
            of how much, 0 while it waits for an order that goes first; "" when it is at an end.
    """

    state_changed = Signal(object)
    run_changed = Signal(object)
    gradient_checked = Signal(object, str)
    recorded = Signal(int)
    model_saved = Signal(str, str)
    request_progressed = Signal(str, int, int)

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        """A run with these settings stands ready at step 0; `start` starts the worker's thread."""
        super().__init__(settings, parent)
        self.state = RunState.PAUSED
        self.run: Run | None = None
        self.seconds = 0.0
        self.devices: tuple[Device, ...] = ()
        self.recorded_every = 0
        self.pace = FULL_SPEED
        self.makes_first_step = self.hurries = False
        self._halt: Halt | None = None
        self._picture_wish: PictureWish | None = None
        self.worker = Worker(self)
        self._started = self._closing = False
        self._ends = 0
        self._number, self._next = 0, 1
        self._order = Command(0, settings, 0)
        self._trusted: set[str] = set()
        self.prepare: Callable[[], bool] = lambda: True
        self._beside = RunRequests(self.worker, self)
        self._ending = QTimer(self, interval=ENDED_AFTER)
        self._ending.timeout.connect(self._end_program)
        self.worker.devices_found.connect(self._found)
        self.worker.began.connect(self._began)
        self.worker.steps_are_slow.connect(self._tell_of_slow_steps)
        self.worker.halted.connect(self._halted)
        self.worker.diverged.connect(self._diverged)
        self.worker.failed.connect(self._failed)
        self.worker.refused.connect(self._refused)
        self.worker.needs_new_start.connect(self._start_again)
        self._beside.gradient_checked.connect(self.gradient_checked)
        self._beside.recorded.connect(self._recorded)
        self._beside.model_saved.connect(self.model_saved)
        self._beside.progressed.connect(self.request_progressed)
        self.worker.finished.connect(self._ended)

    def start(self) -> None:
        """Starts the worker's thread, which loads torch first; does nothing if it has been started."""
        if not self._started:
            self._started = True
            self.worker.start()
            if self._order.target == 0:
                self._give(self._first_target())
            else:
                self.worker.submit(self._order)

    def close(self, milliseconds: int) -> bool:
        """Stops the worker after the step it is in; whether it has ended within the time."""
        self._closing = True
        self._ending.stop()
        return self.worker.close(milliseconds)

    @property
    def steps_made(self) -> int:
        """Number of steps that the present run has made."""
        return 0 if self.run is None else self.run.history.length

    # What the user asks for

    def record_every(self, steps: int) -> None:
        """Records every so many steps while the run goes on; 0 records only the last before a halt."""
        if steps != self.recorded_every:
            self.recorded_every = steps
            if self.state is RunState.RUNNING:
                self._give(LARGEST_STEPS)

    def set_pace(self, pace: float) -> None:
        """Makes so many steps a second at most, from now on; 0 for as many as the machine can."""
        if pace != self.pace:
            self.pace = pace
            if self.state is RunState.RUNNING:
                self._give(LARGEST_STEPS)

    def run_to(self, halt: Halt) -> None:
        """Runs on to the first step for which something holds; it stands still there, the step recorded."""
        if not self._begin_running():
            return
        if halt.kind is HaltKind.STEP and halt.value < self.steps_made:
            self._notice("info", f"Step {halt.value:.0f} has been made already; the slider goes there.")
            return
        if halt.kind is HaltKind.DEPTH and not self.settings.program.has_depth:
            self._notice("warning", f"Depth: {SPECS['depth'].unused}.")
            return
        if self._needs_new_run():
            self._new_run()
        self._halt = halt
        self._set_state(RunState.RUNNING)
        self._give(LARGEST_STEPS)

    def watch_picture(self, wish: PictureWish | None) -> None:
        """Has the run's `picture` kept up to date, or nothing more made of it; see `PictureWish`."""
        if wish != self._picture_wish:
            self._picture_wish = wish
            self.worker.watch_picture(wish)

    def ask_gradient_check(self, step: int, parameter: str, index: tuple[int, ...], epsilon: float) -> None:
        """Asks for a slope; `gradient_checked` brings the answer. A run that goes on is paused."""
        self.pause()
        self._beside.ask(GradientCheckRequest(self._number, step, parameter, index, epsilon))

    def ask_recording(self, step: int) -> None:
        """Asks for the recording of a step that was made without one; a run that goes on is paused."""
        self.pause()
        self._beside.ask(RecordRequest(self._number, step))

    def ask_model(self, path: str, written: str, over: Seen) -> None:
        """Asks for a file with what is trained, `model_saved` tells of it; a run that goes on is paused."""
        self.pause()
        self._beside.ask(ModelRequest(self._number, path, written, over))

    def reserve_numbers(self, count: int) -> range:
        """Numbers for runs of another session, which none of this one has or will have."""
        first = self._next
        self._next += count
        return range(first, self._next)

    def distrust(self, path: str) -> None:
        """A program comes from somebody else: nothing of it runs before the user says so, once more."""
        self._trusted.discard(path)

    def cancel_request(self) -> None:
        """Ends what `request_progressed` told of last."""
        self._beside.cancel()

    def ask(self, request: Request) -> None:
        """Asks the worker for something that no run is needed for; its `answered` brings the answer."""
        self.start()
        self.worker.ask(request)

    def train(self) -> None:
        """Runs to the last step; a run that has ended or failed starts again."""
        if self.state is RunState.RUNNING:
            return
        if not self._begin_running():
            return
        self._halt = None
        if self._needs_new_run():
            self._new_run()
        self._set_state(RunState.RUNNING)
        self._give(LARGEST_STEPS)

    def pause(self) -> None:
        """Stands still after the step that is being made; a slow one that is the first is given up."""
        if self.state is not RunState.RUNNING:
            return
        self._halt = None
        slow = self.worker.slow_step
        own_begins = self.settings.own is not None and not self.steps_made
        if (slow is not None and slow.step == 0) or own_begins:
            # Nothing is lost that had been computed.
            self.reset()
            return
        self._set_state(RunState.PAUSED)
        # Nobody who pauses wants to wait for yet another slow step.
        self._give(0, pausing=slow is None)

    def make_one_step(self) -> None:
        """Makes one more step, then stands still."""
        if not self._begin_running():
            return
        if self.state is RunState.FAILED or self._program_ended():
            self._new_run()
        # Steps asked for but not yet made; an order of an older run says nothing of this one.
        pending = self._order.run == self._number and self._order.target < LARGEST_STEPS
        waiting = self._order.target if pending else 0
        target = max(self.steps_made, waiting) + 1
        if target > self.settings.steps:
            self._notice("info", f"All {self.settings.steps} steps are made; Reset starts again.")
            return
        self._set_state(RunState.PAUSED)
        self._give(target)

    def reset(self) -> None:
        """Goes back to step 0 with new weights from the same seed."""
        if not self.prepare():
            return
        self._new_run()
        self._set_state(RunState.PAUSED)
        self._give(self._first_target())

    # From here to the worker

    def _take_over(self, new: Settings) -> None:
        old = self.settings
        if new == old:
            self.settings_changed.emit(old)
            return
        reasons = restarting(old, new)
        try:
            check_threads(new)
        except SettingsError as error:
            self._refuse(str(error))
            return
        if reasons and new.device == "cpu":
            try:
                check_memory(new, freed=estimate_bytes(old) if self.steps_made else 0)
            except NotEnoughMemoryError as error:
                self._refuse(str(error))
                return
        self.settings = new
        self.settings_changed.emit(new)
        if reasons:
            self._restart(old, reasons)
            return
        if self.state is RunState.FINISHED and self.steps_made < new.steps and not self._program_ended():
            self._set_state(RunState.PAUSED)
        self._give(self._present_target())

    def _restart(self, old: Settings, reasons: tuple[str, ...]) -> None:
        """A new run, going on by itself if the old one was under way."""
        goes_on = self.state is RunState.RUNNING and self._is_trusted()
        # A step that nobody has asked for is no loss.
        had_steps = self.steps_made > int(self.makes_first_step)
        self._new_run()
        self._set_state(RunState.RUNNING if goes_on else RunState.PAUSED)
        self._give(self._present_target())
        if had_steps or goes_on:
            what = ", ".join(in_words(name, old, self.settings) for name in worth_telling(reasons))
            then = "training started again" if goes_on else "training reset"
            self._notice("info", f"{what[:1].upper()}{what[1:]}; {then}.")

    def _new_run(self) -> None:
        self._beside.cancel_all()
        self._number, self._next = self._next, self._next + 1
        self.run = None
        self.seconds = 0.0
        self._halt = None
        self._ending.start()
        self.run_changed.emit(None)

    def _program_ended(self) -> bool:
        """Whether the user's own program has come to its end, before as many steps as there might be."""
        return self.settings.own is not None and self.state is RunState.FINISHED

    def _needs_new_run(self) -> bool:
        failed = self.state is RunState.FAILED
        return failed or self._program_ended() or self.steps_made >= self.settings.steps

    @property
    def is_ending(self) -> bool:
        """Whether a program of the user's own that nobody wants any more has not come to an end yet."""
        return self._ending.isActive()

    def _end_program(self) -> None:
        """A program that goes on in a run that is over is ended in the middle of its step."""
        if self.worker.is_busy and self.worker.present_run != self._number:
            self.worker.end_program()
        else:
            self._ending.stop()

    def _is_trusted(self) -> bool:
        """Whether the user has let the present program run before; the stages may."""
        own = self.settings.own
        return own is None or own.path in self._trusted

    def _begin_running(self) -> bool:
        """Makes ready for steps that the user wants; whether there is anything to run."""
        if not self.prepare():
            return False
        if self.settings.own is not None:
            self._trusted.add(self.settings.own.path)
        return True

    def _present_target(self) -> int:
        """As many steps as the run is to have made by itself."""
        return LARGEST_STEPS if self.state is RunState.RUNNING else self._first_target()

    def _first_target(self) -> int:
        """One step shows what there is to see; of a large network it would take long.

        A file of the user's may do anything: nothing of it runs before they have said so.
        """
        if not self._is_trusted():
            return 0
        return int(self.makes_first_step and estimate_bytes(self.settings) <= LARGE)

    def _give(self, target: int, pausing: bool = False) -> None:
        self.start()
        settings, every, pace, halt = self.settings, self.recorded_every, FULL_SPEED, None
        if target == LARGEST_STEPS:
            pace, halt = FULL_SPEED if self.hurries else self.pace, self._halt
            if is_played(pace) and estimate_bytes(settings) <= LARGE:
                every = 1
        self._order = Command(self._number, settings, target, pausing, every, pace, halt)
        self.worker.submit(self._order)

    def _set_state(self, state: RunState) -> None:
        if state is not self.state:
            self.state = state
            self.state_changed.emit(state)

    # What the worker answers

    def _found(self, devices: tuple[Device, ...]) -> None:
        self.devices = devices

    def _began(self, run: Run) -> None:
        if run.number == self._number:
            self.run = run
            self.run_changed.emit(run)

    def _tell_of_slow_steps(self, number: int, seconds: float) -> None:
        if number == self._number:
            size = bytes_in_words(estimate_bytes(self.settings))
            text = SLOW_STEP.format(duration_text(seconds), size)
            self._notice("warning", text, "", SLOW_STEP_HINT)

    def _halted(self, halt: Halted) -> None:
        self._ends = 0
        if halt.order.run == self._number:
            self.seconds = halt.seconds
        if halt.order is not self._order:
            return
        if halt.ended or halt.steps >= self.settings.steps:
            self._set_state(RunState.FINISHED)
        else:
            self._set_state(RunState.PAUSED)
        self.state_changed.emit(self.state)
        if self._halt is not None:
            self._tell_of_halt(halt.steps - 1, halt.reached)

    def _tell_of_halt(self, step: int, reached: str) -> None:
        """What the run was to go on to is there, or has not come."""
        kind = None if self._halt is None else self._halt.kind
        self._halt = None
        if reached:
            # Of a loss that is not finite has been told.
            if kind is not HaltKind.NOT_FINITE:
                self._notice("info", f"Halted at step {step}: {reached}.")
            if self.run is not None and self.run.recordings.get(step) is None:
                self.ask_recording(step)
        elif self.state is RunState.FINISHED:
            over = (
                f"All {self.settings.steps} steps are made" if self.settings.own is None else "It has ended"
            )
            self._notice("info", f"{over}; what was waited for did not come.")

    def _diverged(self, number: int, step: int, loss: float) -> None:
        if number == self._number:
            # The step may be made once more now, to be recorded: what is chosen meanwhile starts nothing.
            if self.state is RunState.RUNNING:
                self._set_state(RunState.PAUSED)
            self._notice("warning", f"Loss became {loss} at step {step}; training paused.", "", DIVERGED_HINT)

    def _failed(self, number: int, failure: Failure) -> None:
        if number == -1:
            text = f"torch could not be loaded: {failure.message}"
            self._notice("error", text, failure.details, TORCH_HINT)
            return
        if number != self._number:
            return
        self._set_state(RunState.FAILED)
        text, hint = failure_in_words(self.settings, failure, self.steps_made)
        self._notice("error", text, failure.details, hint)

    def _ended(self) -> None:
        """The worker's thread is no more, though nobody has closed it: another takes its place."""
        if self._closing:
            return
        self._beside.cancel_all()
        self._set_state(RunState.FAILED)
        text = f"The thread that trains has ended unexpectedly ({self.worker.ended_by})"
        self._ends += 1
        if self._ends > MOST_ENDS:
            hint = "Reset tries it once more; if that does not help, start the program again."
            self._notice("error", f"{text}, {self._ends} times in a row; no other was started.", "", hint)
            self._started = False
            return
        self._notice("error", f"{text}; another was started.", "", "Run starts again.")
        self.worker.start()

    def _recorded(self, step: int, problem: str) -> None:
        if problem:
            self._notice("warning", f"Step {step} could not be recorded: {problem}")
        else:
            self.recorded.emit(step)

    def _refused(self, order: Command, text: str, accepted: Settings | None) -> None:
        if order is not self._order:
            return
        if accepted is None:
            self._set_state(RunState.FAILED)
            self._refuse(text)
            return
        self.settings = accepted
        self._refuse(text)
        self._give(self._present_target())

    def _start_again(self, order: Command, why: str) -> None:
        """The program cannot take a number over as it stands: it starts again with it."""
        if order is not self._order:
            return
        self._new_run()
        self._notice("info", f"{why}; the program starts again.")
        self._give(self._present_target())
