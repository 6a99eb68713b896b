"""Where a program's output goes if somebody looks: what it prints, draws, warns of, asks and ends with."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NoReturn

from playground.programs.errors import ProgramError, ProgramStopped
from playground.programs.pictures import Pictures
from playground.programs.streams import TapeStream

if TYPE_CHECKING:
    from playground.programs.driver import Driver
    from playground.programs.output import OutputTape

SLICE = 0.05
"""Seconds after which a program that sleeps looks whether it shall end."""


class Display:
    """Stands around a program whose output goes to a tape."""

    def __init__(self, tape: OutputTape) -> None:
        """Shows nothing yet."""
        self.tape = tape
        self._pictures = Pictures(tape)
        self._stdin = tape.stdin
        self._began = self._ended = False
        self._outsider = 0

    @contextlib.contextmanager
    def around(self, driver: Driver) -> Iterator[None]:
        """For as long as the program runs; `sys.stdout` and its like are the surroundings' affair."""
        driver.tape = self.tape
        main = threading.main_thread().ident or 0
        # The window's own thread finds the same outputs.
        self._outsider = 0 if main == threading.get_ident() else main
        self.tape.leave_out(self._outsider)
        stdin, leave = sys.stdin, (os._exit, os.abort)
        sys.stdin = self._stdin
        os._exit, os.abort = self._refusal("os._exit"), self._refusal("os.abort")
        sleep, time.sleep = time.sleep, _sleep_in_slices(driver)
        if not self._began:
            self._began = True
            # What the program puts there itself is remembered, like its filters.
            module: Any = warnings
            module._showwarnmsg_impl = self._warner(module._showwarnmsg_impl)
        self._pictures.enter()
        try:
            yield
        except BaseException as error:
            self._tell_of(error, driver)
            raise
        finally:
            self._pictures.leave(driver.ended and not driver.is_closing)
            os._exit, os.abort = leave
            time.sleep = sleep
            # A program may redirect it itself.
            self._stdin, sys.stdin = sys.stdin, stdin
            if driver.ended and not self._ended:
                self._ended = True
                if isinstance(driver.exit, str):
                    # As Python does.
                    self.tape.stderr.write(f"{driver.exit}\n")
                if driver.ended_by:
                    self.tape.note(f"ended by {driver.ended_by}")

    def _tell_of(self, error: BaseException, driver: Driver) -> None:
        """The last lines of a program that has failed, as a terminal shows them."""
        from playground.programs.execution import own_traceback

        if isinstance(error, ProgramStopped):
            self.tape.note("stopped")
        elif isinstance(error, KeyboardInterrupt):
            self.tape.note("ended by KeyboardInterrupt")
        elif isinstance(error, ProgramError):
            self.tape.note(str(error))
        elif not driver.is_closing:
            self.tape.stderr.write(own_traceback(error, driver.files.filenames))

    def _warner(self, before: Callable[[warnings.WarningMessage], object]) -> Any:
        """Shows a warning: the program's on the tape, the window's where it was shown before."""

        def show(message: warnings.WarningMessage) -> None:
            (before if threading.get_ident() == self._outsider else self.tape.warn)(message)

        return show

    def _refusal(self, name: str) -> Any:
        """In place of a function that ends the process, the window with it."""
        function, owner = getattr(os, name.removeprefix("os.")), os.getpid()

        def refuse(*args: Any) -> NoReturn:
            if os.getpid() != owner or threading.get_ident() == self._outsider:
                # A process of the program's own ends like this, and the window may.
                function(*args)
            raise ProgramError(f"{name}() is not allowed: it would end the window, too; use sys.exit()")

        return refuse


def display_of(output: object) -> Display | None:
    """For an output that is a tape's; None for any other."""
    return Display(output.tape) if isinstance(output, TapeStream) else None


def _sleep_in_slices(driver: Driver) -> Callable[[Any], None]:
    """In place of `time.sleep`: whoever ends the program need not wait until it wakes up."""
    sleep, owner = time.sleep, threading.get_ident()

    def sleep_in_slices(seconds: float, /) -> None:
        if threading.get_ident() != owner or not isinstance(seconds, int | float) or not seconds > SLICE:
            sleep(seconds)
            return
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and not driver.is_closing:
            sleep(min(SLICE, left))

    return sleep_in_slices
