"""Runs a program one step at a time, on the thread that calls it.

The program runs in a greenlet, in a stack of its own. Hooks in its loops tell where a step begins and ends;
where the text does not tell which loop trains and where its loss is, its calls of `backward` do, while it
runs. Control changes hands only to stand still: at full speed the hooks note the loss and look whether to go
on, and nothing is switched.
"""

from __future__ import annotations

import builtins
import ctypes
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from types import CodeType, FrameType, ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from greenlet import GreenletExit, getcurrent, greenlet
from greenlet import error as greenlet_error

from playground.forward_pass import ForwardPass
from playground.programs.errors import ProgramError
from playground.programs.hearing import Hearing
from playground.programs.hooks import BOTTOM, ENDLESS, FAILED, ITERATE, LOSS, MARK, NAMED, TOP, HookedFiles
from playground.programs.parameters import ProgramParameters
from playground.programs.torch_state import TorchState, modes_now, put_aside, state_now, take_back
from playground.tracing.frames import read_variables, rebind_variables

if TYPE_CHECKING:
    import torch

    from playground.programs.live import Changes, LiveNumbers

MOST_KILLS = 1_000
"""A bare `except:` takes the exception that ends the program for one of its own, so often at most."""


class _Stepped(Protocol):
    """Who wants to know which step it is: an attribute costs a step nothing to speak of."""

    step: int


class _NoTape:
    """Nobody does."""

    step = -1


class _Raised(NamedTuple):
    """What the driver's side has raised while the program ran."""

    error: BaseException


class LossPlace(NamedTuple):
    """Where a loss was called `backward` on: file, line, and which of several it was in that call."""

    filename: str
    line: int
    number: int


class ProgramStopped(BaseException):
    """Somebody has ended the program from outside."""


class ProgramEnded(Exception):
    """The program has come to its end: there is no further step."""


class Driver:
    """One execution of a program.

    Attributes:
        files: its loops, those of modules beside it included as they are imported.
        builtins: what the program finds without an import, hooks included.
        elsewhere: whether `backward` was called on another thread.
        frame: of the training loop, as soon as that is known; it can be read while the program stands still.
        saw_backward: whether `backward` was called on the program's behalf.
        exit: what the program has given to `sys.exit`, None if it has not.
        ended_by: the call by which it has ended itself, "" if it has not.
        tape: is told in which step the program is, by its attribute `step`: -1 before the first.
        loss_place: where the step's first loss was called `backward` on; None where the text alone tells.
        more_losses: what the step has called `backward` on besides that, each with its place.
        counts_others: whether backward passes outside of a loop that was given make steps, too.
        changes: numbers of the loops that were taken for the training loop, in order.
    """

    def __init__(
        self,
        files: HookedFiles,
        code: CodeType,
        filename: str,
        *,
        names: Mapping[str, object] | None = None,
        around: Callable[[Driver], AbstractContextManager[object]] | None = None,
        loop: int | None = None,
        numbers: LiveNumbers | None = None,
    ) -> None:
        """Runs nothing yet.

        Args:
            files: with the program's main file read into it.
            code: of that file, hooked.
            filename: the program's, as frames call it.
            names: further builtins of the program, `print` say.
            around: entered whenever the program runs, left whenever it stands still.
            loop: number of the training loop, where the user has chosen it.
            numbers: of its text, that can be changed while it runs; None: none can.
        """
        self.files, self.filename = files, filename
        self.frame: FrameType | None = None
        self.changes: list[int] = []
        self.loss_place: LossPlace | None = None
        self.more_losses: list[tuple[LossPlace, Any]] = []
        self.saw_backward = False
        self.module = ModuleType("__main__")
        self._code = code
        self.builtins: dict[str, object] = {
            **vars(builtins),
            **{TOP: self._top, BOTTOM: self._bottom, FAILED: self._fail, MARK: self._stand_at_mark},
            **{
                ITERATE: self._iterate,
                NAMED: self._take_named_loss,
                LOSS: self._take_loss,
                ENDLESS: _counted,
            },
            **(names or {}),
        }
        # A stage touches nothing around it, and stands still where nothing is entered.
        self._around = around
        self._plain = files.chosen is not None and loop in (None, files.chosen)
        self._loop = files.chosen if self._plain else loop
        self._chosen_by_user = loop is not None
        self._greenlet = greenlet(self._run)
        self._parent: greenlet | None = None
        self._state = TorchState()
        self._modes_below = 0
        self._live: list[int] = []
        self._in_turn = self._stepping = self._failing = self._closing = self._begun = False
        self._stops_at_top = self._without_loop = self._heard = self._named = False
        self.elsewhere = False
        self.counts_others = True
        self.exit: object = None
        self.ended_by = ""
        self.tape: _Stepped = _NoTape()
        self._made = 0
        self._running_on: int | None = None
        self._note: Callable[[ForwardPass], object] | None = None
        self._until: Callable[[], bool] = _at_once
        self._parameters = ProgramParameters()
        self._hearing = None if self._plain else Hearing(self)
        self._numbers = numbers

    # The driver's side

    @property
    def loop(self) -> int | None:
        """Number of the training loop, as far as it is known."""
        return self._loop

    @property
    def ended(self) -> bool:
        """Whether the program has ended, or failed."""
        return self._greenlet.dead

    @property
    def is_closing(self) -> bool:
        """Whether somebody has ended it, or is about to."""
        return self._closing

    @property
    def code(self) -> CodeType:
        """Of the function or module in which the training loop is, or of the program's file."""
        return self._code if self.frame is None else self.frame.f_code

    def begin(self) -> bool:
        """Makes everything that comes before the first step, where the text tells when that is.

        Returns:
            Whether the program stands at its first step now; else `forward` makes the beginning as well.

        Raises:
            Exception: whatever the program raises.
        """
        if self._begun or self._loop is None:
            return self._begun
        self._stops_at_top = True
        self._switch_in()
        return self._begun

    def forward(self) -> ForwardPass:
        """Runs the program until its loss is there.

        Raises:
            ProgramEnded: it has no further step.
            Exception: whatever the program raises.
        """
        self._begun = True
        handed_over = self._switch_in()
        if self._greenlet.dead or not isinstance(handed_over, ForwardPass):
            raise ProgramEnded
        return handed_over

    def finish(self) -> None:
        """Runs the rest of the step; raises whatever the program raises."""
        self._switch_in()

    def run(self, note: Callable[[ForwardPass], object], until: Callable[[], bool]) -> None:
        """Makes steps without standing still in between.

        Args:
            note: hears of every step when its loss is there.
            until: asked after every step whether to stand still.

        Raises:
            ProgramEnded: the program has come to its end.
            Exception: whatever the program or one of the two raises.
        """
        self._begun = True
        self._note, self._until = note, until
        try:
            handed_over = self._switch_in()
        finally:
            self._note, self._until = None, _at_once
        if isinstance(handed_over, _Raised):
            raise handed_over.error
        if self._greenlet.dead:
            raise ProgramEnded

    def variables(self) -> dict[str, object]:
        """Those of the training loop, as a copy; none before the loop has begun."""
        return {} if self.frame is None else read_variables(self.frame)

    def change(self, values: Mapping[str, object]) -> None:
        """Binds variables that the training loop reads, and values in the text that can be changed.

        They act at the next step. A variable that the program does not have is not made.
        """
        frame = self.frame
        for name, value in values.items():
            if name in self.builtins:
                self.builtins[name] = value
            elif frame is not None and name in read_variables(frame):
                rebind_variables(frame, {name: value})

    def change_numbers(self, changes: Changes) -> str:
        """Gives numbers of the program's text other values, from the next step on: all of them, or none.

        Returns:
            "" where they will act; else why the program has to start again for them.

        Raises:
            ProgramError: a number cannot take its value.
        """
        if self._numbers is None:
            return "the program was started without numbers to change"
        return self._numbers.change(self, bool(self._greenlet) or self.ended, changes)

    def stop(self) -> None:
        """Ends the program from another thread while it runs, as soon as it runs Python code again.

        What it waits for outside of Python, a lock or a sleep, is waited for first.
        """
        self._closing = True
        thread = self._running_on
        if thread is not None:
            set_exception = ctypes.pythonapi.PyThreadState_SetAsyncExc
            set_exception(ctypes.c_ulong(thread), ctypes.py_object(ProgramStopped))

    def line_now(self) -> int | None:
        """The line of the program's file that runs now, asked from another thread; None if none does."""
        thread = self._running_on
        at = None if thread is None else sys._current_frames().get(thread)
        while at is not None and at.f_code.co_filename != self.filename:
            at = at.f_back
        return None if at is None else at.f_lineno

    def close(self) -> None:
        """Ends the program where it stands; it hears of it as of an exception."""
        self._closing = True
        self._modes_below, outside = modes_now(), state_now()
        kills = 0
        while self._greenlet and not self._greenlet.dead and kills < MOST_KILLS:
            kills += 1
            with nullcontext() if self._around is None else self._around(self):
                self._greenlet.parent = getcurrent()
                try:
                    self._greenlet.throw(GreenletExit)
                except greenlet_error:
                    # It belongs to another thread, and goes with that.
                    break
                except BaseException as error:
                    # Nobody waits any more for what a program says that is being ended.
                    del error
                if self._around is not None:
                    put_aside(self._modes_below)
                    take_back(outside)
        self.frame = None
        for name in [name for name in vars(self.module) if not name.startswith("__")]:
            del vars(self.module)[name]
        self._parameters = ProgramParameters()

    def _switch_in(self) -> object:
        if self._greenlet.dead:
            raise ProgramEnded
        self._parent = self._greenlet.parent = getcurrent()
        self._running_on = threading.get_ident()
        try:
            return self._switch()
        finally:
            self._running_on = None

    def _switch(self) -> object:
        if self._around is None:
            return self._greenlet.switch()
        self._modes_below = modes_now()
        outside = state_now()
        with self._around(self), self._hearing or nullcontext():
            try:
                return self._greenlet.switch()
            finally:
                if self._greenlet.dead:
                    put_aside(self._modes_below)
                    take_back(outside)

    # The program's side

    def _run(self) -> None:
        variables = self.module.__dict__
        variables.update({"__builtins__": self.builtins, "__file__": self.filename, "__spec__": None})
        try:
            exec(self._code, variables)
        except SystemExit as end:
            # Programs end like this as well.
            self.exit = end.code
            given = "" if end.code is None else "…" if isinstance(end.code, str) else repr(end.code)
            self.ended_by = f"sys.exit({given})"

    def _hand_over(self, what: object) -> None:
        """Lets the driver's side go on until it switches back."""
        assert self._parent is not None, "it has switched here"
        if self._around is None:
            self._parent.switch(what)
            return
        self._state = put_aside(self._modes_below)
        try:
            self._parent.switch(what)
        finally:
            # Also where it is ended: it leaves what it has entered on its way out.
            take_back(self._state)

    def _top(self, number: int) -> None:
        if self._closing:
            raise GreenletExit
        self._count(number, 1)
        if number != self._loop:
            return
        if self._stepping and self._in_turn:
            # The loop has come to itself again, by recursion.
            self._end_step()
        self._in_turn = True
        self.tape.step = self._made
        self.frame = sys._getframe(1)
        if self._stops_at_top:
            self._stops_at_top, self._begun = False, True
            self._hand_over(None)

    def _iterate(self, number: int, values: Any) -> Iterator[Any]:
        for value in values:
            self._top(number)
            if number == self._loop:
                self.frame = sys._getframe(1)
            yield value
            self._bottom(number)

    def _stand_at_mark(self, _number: int) -> None:
        self._hand_over(None)

    def _fail(self, number: int) -> None:
        if number == self._loop:
            self._failing = sys.exc_info()[0] not in (GeneratorExit, StopIteration)

    def _bottom(self, number: int) -> None:
        self._count(number, -1)
        if number != self._loop:
            return
        self._in_turn = False
        if self._failing:
            self._failing = False
        elif self._stepping:
            self._end_step()

    def _end_step(self) -> None:
        self._stepping = False
        if self._note is None:
            self._hand_over(None)
            return
        try:
            if not self._until():
                return
        except BaseException as error:
            # The program must not hear of what is none of its own.
            self._hand_over(_Raised(error))
            return
        self._hand_over(None)

    def _take_loss(self, loss: Any) -> None:
        """The text says that the loss is there."""
        assert self.frame is not None, "the loop has begun"
        self._stepping = True
        self._tell(self._parameters.forward_pass(loss, self.frame, self._by_hand()))

    def _take_named_loss(self, number: int, loss: Any) -> None:
        """A loop that updates something by hand has its loss; it trains if nothing calls `backward`."""
        if self._heard or self._stepping or (self._loop not in (None, number)):
            return
        if self._loop is None:
            self._take_loop(number, sys._getframe(1))
        assert self.frame is not None, "the loop has begun"
        self._stepping = self._named = True
        self._tell(self._parameters.forward_pass(loss, self.frame, self._by_hand()))

    def _by_hand(self) -> tuple[str, ...]:
        """Names of the variables that are trained without autograd, or that the user has named."""
        return self.files.parameters or self.files.loops[self._loop or 0].by_hand

    def _tell(self, forward: ForwardPass) -> None:
        self.tape.step = self._made
        self._made += 1
        if self._note is None:
            self._hand_over(forward)
            return
        try:
            self._note(forward)
        except BaseException as error:
            self._hand_over(_Raised(error))

    def _count(self, number: int, change: int) -> None:
        if self._plain:
            return
        if number >= len(self._live):
            self._live += [0] * (number + 1 - len(self._live))
        self._live[number] += change

    # What is heard while the program runs

    @property
    def is_current(self) -> bool:
        """Whether it is the program that runs, and not the driver's side of the thread, or another thread."""
        return getcurrent() is self._greenlet

    def hear_backward(self, outputs: Any, frame: FrameType, is_backward: bool = True) -> None:
        """The program calls `backward`, or `autograd.grad` for want of it: the loss is there."""
        self.saw_backward = self.saw_backward or is_backward
        self._heard = True
        if not (self.counts_others or self._in_turn):
            return
        if self._loop is None or not self._in_turn:
            if self._stepping:
                # Without a loop around it, a step ends where the next one has its loss.
                self._end_step()
            self._choose_loop(frame)
        user = self._user_frame(frame)
        place = (self.filename, 0) if user is None else (user.f_code.co_filename, user.f_lineno)
        losses = _tensors(outputs)
        more = [(LossPlace(*place, number), each.detach()) for number, each in enumerate(losses)]
        if self._stepping:
            self.more_losses += more
            return
        self._stepping = True
        self.loss_place = LossPlace(*place, 0)
        self.more_losses += more[1:]
        if losses and user is not None:
            self._tell(self._parameters.heard(losses[0], user, self.module, self.is_own))

    def hear_update(self, optimizer: torch.optim.Optimizer, frame: FrameType) -> None:
        """An optimizer of the program has made its update."""
        too_small = self._loop is not None and not self._in_turn and not self._without_loop
        if too_small and not self._chosen_by_user:
            # The update is made outside of what was taken for the training loop: that was too small.
            around = self._loops_around(frame)
            if around:
                self._take_loop(*around[0])
        if self._stepping and (self._without_loop or not self._in_turn):
            self._end_step()

    def hear_optimizer(self, optimizer: torch.optim.Optimizer) -> None:
        """The program has made an optimizer."""
        self._parameters.optimizers.append(optimizer)

    def _choose_loop(self, frame: FrameType) -> None:
        if self._chosen_by_user and self._loop is not None:
            return
        around = self._loops_around(frame)
        best = next((each for each in around if self.files.loops[each[0]].updates), None)
        best = best or (around[0] if around else None)
        if best is not None:
            self._take_loop(*best)
        elif self._loop is None:
            self._without_loop = True
            user = self._user_frame(frame)
            self.frame = user

    def _take_loop(self, number: int, frame: FrameType) -> None:
        if number != self._loop:
            self.changes.append(number)
        self._loop, self.frame = number, frame
        self._in_turn, self._without_loop = True, False

    def _loops_around(self, frame: FrameType) -> list[tuple[int, FrameType]]:
        """Loops of the program's own that are under way around a frame, the innermost first."""
        found: list[tuple[int, FrameType]] = []
        at: FrameType | None = frame
        while at is not None:
            if self.is_own(at):
                here = [
                    loop
                    for loop in self.files.loops
                    if loop.number < len(self._live)
                    and self._live[loop.number] > 0
                    and loop.filename == at.f_code.co_filename
                    and loop.lineno <= at.f_lineno <= loop.end_lineno
                    and (at.f_code.co_name == "<module>" or at.f_code.co_firstlineno <= loop.lineno)
                ]
                here.sort(key=lambda loop: loop.end_lineno - loop.lineno)
                found += [(loop.number, at) for loop in here]
            at = at.f_back
        return found

    def _user_frame(self, frame: FrameType | None) -> FrameType | None:
        while frame is not None and not self.is_own(frame):
            frame = frame.f_back
        return frame

    def is_own(self, frame: FrameType) -> bool:
        """Whether the code of a frame is the program's own, modules beside it included."""
        return frame.f_globals.get("__builtins__") is self.builtins

    def check(self) -> None:
        """To be asked when the program has ended without a step.

        Raises:
            ProgramError: it has nothing that could be followed.
        """
        if self.elsewhere and not self._heard:
            raise ProgramError(
                "the program calls backward() on a thread of its own, where it cannot be followed"
            )
        if not (self._heard or self._named or self._plain):
            raise ProgramError(
                "the program has ended without a training step: it has never called backward(), "
                "and no loop of it updates something by hand beside a loss"
            )


def _at_once() -> bool:
    return True


def _counted(_range: object) -> Iterator[int]:
    """Counts for as long as anybody asks: how many steps there shall be is said elsewhere."""
    step = 0
    while True:
        yield step
        step += 1


def _tensors(outputs: Any) -> list[Any]:
    """One tensor or several, as a list."""
    return [outputs] if _is_tensor(outputs) else [each for each in outputs if _is_tensor(each)]


def _is_tensor(value: object) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)
