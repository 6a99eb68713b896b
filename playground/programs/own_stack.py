"""A stack of its own for a program, on the thread that drives it.

Control changes hands only when one of the two sides says so. What torch keeps for each thread is kept apart
for them: suspended inside `no_grad`, the program would leave the other side inside as well.
"""

from __future__ import annotations

import ctypes
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import NamedTuple

from greenlet import GreenletExit, getcurrent, greenlet
from greenlet import error as greenlet_error

from playground.programs.errors import ProgramEnded
from playground.programs.torch_state import TorchState, modes_now, put_aside, state_now, take_back

MOST_KILLS = 1_000
"""A bare `except:` takes the exception that ends the program for one of its own, so often at most."""


class _Raised(NamedTuple):
    """What the driver's side has raised while the program ran."""

    error: BaseException


class OwnStack:
    """Where a program runs, stands still, and is ended.

    Attributes:
        is_closing: whether somebody has ended the program, or is about to.
    """

    def __init__(
        self,
        run: Callable[[], object],
        around: Callable[[], AbstractContextManager[object]] | None,
        hearing: AbstractContextManager[object] | None,
    ) -> None:
        """Runs nothing yet.

        Args:
            run: the program.
            around: entered whenever it runs, left whenever it stands still. None: it touches nothing that
                would have to be kept apart.
            hearing: entered as well, inside of that, but not while the program is being ended.
        """
        self.is_closing = False
        self._around, self._hearing = around, hearing
        self._greenlet = greenlet(run)
        self._parent: greenlet | None = None
        self._state = TorchState()
        self._modes_below = 0
        self._running_on: int | None = None

    # The driver's side

    @property
    def has_begun(self) -> bool:
        """Whether the program has begun, and not ended."""
        return bool(self._greenlet)

    @property
    def ended(self) -> bool:
        """Whether the program has ended, or failed."""
        return self._greenlet.dead

    def go_on(self) -> object:
        """Runs the program until it hands over, or ends.

        Returns:
            What it has handed over.

        Raises:
            ProgramEnded: there is nothing to go on with.
            Exception: whatever the program raises, or was given to `raise_outside`.
        """
        if self._greenlet.dead:
            raise ProgramEnded
        self._parent = self._greenlet.parent = getcurrent()
        self._running_on = threading.get_ident()
        try:
            handed_over = self._switch()
        finally:
            self._running_on = None
        if isinstance(handed_over, _Raised):
            raise handed_over.error
        return handed_over

    def _switch(self) -> object:
        if self._around is None:
            return self._greenlet.switch()
        self._modes_below = modes_now()
        outside = state_now()
        with self._around(), self._hearing or nullcontext():
            try:
                return self._greenlet.switch()
            finally:
                if self._greenlet.dead:
                    put_aside(self._modes_below)
                    take_back(outside)

    def raise_inside(self, kind: type[BaseException]) -> None:
        """Raises something in the program from another thread, as soon as it runs Python code again.

        What it waits for outside of Python, a lock or a sleep, is waited for first.
        """
        self.is_closing = True
        thread = self._running_on
        if thread is not None:
            set_exception = ctypes.pythonapi.PyThreadState_SetAsyncExc
            set_exception(ctypes.c_ulong(thread), ctypes.py_object(kind))

    def line_now(self, filename: str) -> int | None:
        """The line of a file that runs now, asked from another thread; None if none does."""
        thread = self._running_on
        at = None if thread is None else sys._current_frames().get(thread)
        while at is not None and at.f_code.co_filename != filename:
            at = at.f_back
        return None if at is None else at.f_lineno

    def close(self) -> None:
        """Ends the program where it stands; it hears of it as of an exception."""
        self.is_closing = True
        self._modes_below, outside = modes_now(), state_now()
        kills = 0
        while self._greenlet and not self._greenlet.dead and kills < MOST_KILLS:
            kills += 1
            with nullcontext() if self._around is None else self._around():
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

    # The program's side

    @property
    def is_current(self) -> bool:
        """Whether it is the program that runs, and not the driver's side of the thread, or another thread."""
        return getcurrent() is self._greenlet

    def hand_over(self, what: object) -> None:
        """Lets the driver's side go on until it goes on with the program again."""
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

    def raise_outside(self, error: BaseException) -> None:
        """Lets the driver's side go on with an error that is its own: the program must not hear of it."""
        self.hand_over(_Raised(error))
