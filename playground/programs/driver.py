"""Runs a program one step at a time, on the thread that calls it.

The program runs in a greenlet, in a stack of its own. Hooks in its loops tell where a step begins and ends;
where the text does not tell which loop trains and where its loss is, its calls of `backward` do, while it
runs. Control changes hands only to stand still: at full speed the hooks note the loss and look whether to go
on, and nothing is switched.
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from functools import partial
from types import CodeType, FrameType, ModuleType
from typing import TYPE_CHECKING, Any, Protocol

from greenlet import GreenletExit

from playground.forward_pass import ForwardPass
from playground.programs.errors import ProgramEnded, ProgramError, ProgramStopped
from playground.programs.heard_losses import LossPlace, place_of, tensors
from playground.programs.hearing import Hearing
from playground.programs.hooks import (
    BOTTOM,
    ENDLESS,
    FAILED,
    ITERATE,
    LOSS,
    MARK,
    NAMED,
    TOP,
    HookedFiles,
    counted,
)
from playground.programs.loops_under_way import LoopsUnderWay
from playground.programs.own_stack import OwnStack
from playground.programs.parameters import ProgramParameters
from playground.tracing.frames import read_variables, rebind_variables

if TYPE_CHECKING:
    import torch

    from playground.programs.live import Changes, LiveNumbers


class _Stepped(Protocol):
    """Who wants to know which step it is: an attribute costs a step nothing to speak of."""

    step: int


class _NoTape:
    """Nobody does."""

    step = -1


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
            **{ITERATE: self._iterate, LOSS: self._take_loss, NAMED: self._take_named_loss, ENDLESS: counted},
            **(names or {}),
        }
        self._plain = files.chosen is not None and loop in (None, files.chosen)
        self._loop = files.chosen if self._plain else loop
        self._chosen_by_user = loop is not None
        self._under_way = LoopsUnderWay(files, self.builtins)
        self._in_turn = self._stepping = self._failing = self._begun = False
        self._stops_at_top = self._without_loop = self._heard = self._named = False
        self.elsewhere = False
        self.counts_others = True
        self.exit: object = None
        self.ended_by = ""
        self.tape: _Stepped = _NoTape()
        self._made = 0
        self._note: Callable[[ForwardPass], object] | None = None
        self._until: Callable[[], bool] = _at_once
        self._parameters = ProgramParameters()
        self._numbers = numbers
        # A stage touches nothing around it, and stands still where nothing is entered.
        at_home = None if around is None else partial(around, self)
        self._stack = OwnStack(self._run, at_home, None if self._plain else Hearing(self))

    # The driver's side

    @property
    def loop(self) -> int | None:
        """Number of the training loop, as far as it is known."""
        return self._loop

    @property
    def ended(self) -> bool:
        """Whether the program has ended, or failed."""
        return self._stack.ended

    @property
    def is_closing(self) -> bool:
        """Whether somebody has ended it, or is about to."""
        return self._stack.is_closing

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
        self._stack.go_on()
        return self._begun

    def forward(self) -> ForwardPass:
        """Runs the program until its loss is there.

        Raises:
            ProgramEnded: it has no further step.
            Exception: whatever the program raises.
        """
        self._begun = True
        handed_over = self._stack.go_on()
        if self.ended or not isinstance(handed_over, ForwardPass):
            raise ProgramEnded
        return handed_over

    def finish(self) -> None:
        """Runs the rest of the step; raises whatever the program raises."""
        self._stack.go_on()

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
            self._stack.go_on()
        finally:
            self._note, self._until = None, _at_once
        if self.ended:
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
        return self._numbers.change(self, self._stack.has_begun or self.ended, changes)

    def stop(self) -> None:
        """Ends the program from another thread while it runs, as soon as it runs Python code again.

        What it waits for outside of Python, a lock or a sleep, is waited for first.
        """
        self._stack.raise_inside(ProgramStopped)

    def line_now(self) -> int | None:
        """The line of the program's file that runs now, asked from another thread; None if none does."""
        return self._stack.line_now(self.filename)

    def close(self) -> None:
        """Ends the program where it stands; it hears of it as of an exception."""
        self._stack.close()
        self.frame = None
        for name in [name for name in vars(self.module) if not name.startswith("__")]:
            del vars(self.module)[name]
        self._parameters = ProgramParameters()

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

    def _top(self, number: int) -> None:
        if self._stack.is_closing:
            raise GreenletExit
        if not self._plain:
            self._under_way.count(number, 1)
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
            self._stack.hand_over(None)

    def _iterate(self, number: int, values: Any) -> Iterator[Any]:
        for value in values:
            self._top(number)
            if number == self._loop:
                self.frame = sys._getframe(1)
            yield value
            self._bottom(number)

    def _stand_at_mark(self, _number: int) -> None:
        self._stack.hand_over(None)

    def _fail(self, number: int) -> None:
        if number == self._loop:
            self._failing = sys.exc_info()[0] not in (GeneratorExit, StopIteration)

    def _bottom(self, number: int) -> None:
        if not self._plain:
            self._under_way.count(number, -1)
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
            self._stack.hand_over(None)
            return
        try:
            if not self._until():
                return
        except BaseException as error:
            self._stack.raise_outside(error)
            return
        self._stack.hand_over(None)

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
            self._stack.hand_over(forward)
            return
        try:
            self._note(forward)
        except BaseException as error:
            self._stack.raise_outside(error)

    # What is heard while the program runs

    @property
    def is_current(self) -> bool:
        """Whether it is the program that runs, and not the driver's side of the thread, or another thread."""
        return self._stack.is_current

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
        user = self._under_way.own_frame(frame)
        place, losses = place_of(user, self.filename), tensors(outputs)
        is_first = not self._stepping
        self.more_losses += [
            (place._replace(number=number), each.detach())
            for number, each in enumerate(losses)
            if number or not is_first
        ]
        if not is_first:
            return
        self._stepping = True
        self.loss_place = place
        if losses and user is not None:
            self._tell(self._parameters.heard(losses[0], user, self.module, self._under_way.is_own))

    def hear_update(self, optimizer: torch.optim.Optimizer, frame: FrameType) -> None:
        """An optimizer of the program has made its update."""
        too_small = self._loop is not None and not self._in_turn and not self._without_loop
        if too_small and not self._chosen_by_user:
            # The update is made outside of what was taken for the training loop: that was too small.
            around = self._under_way.around(frame)
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
        around = self._under_way.around(frame)
        best = next((each for each in around if self.files.loops[each[0]].updates), None)
        best = best or (around[0] if around else None)
        if best is not None:
            self._take_loop(*best)
        elif self._loop is None:
            self._without_loop = True
            user = self._under_way.own_frame(frame)
            self.frame = user

    def _take_loop(self, number: int, frame: FrameType) -> None:
        if number != self._loop:
            self.changes.append(number)
        self._loop, self.frame = number, frame
        self._in_turn, self._without_loop = True, False

    def is_own(self, frame: FrameType) -> bool:
        """Whether the code of a frame is the program's own, modules beside it included."""
        return self._under_way.is_own(frame)

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
