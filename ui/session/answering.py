"""What waits for an answer of the worker: when, and in how many parts, it is given on the worker's thread."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import SignalInstance

from playground.failure import one_line
from ui.session.requests import Answer, LandscapeRequest, Request, RunRequest
from ui.session.teller import Stopped, Teller

if TYPE_CHECKING:
    from ui.session.answers import AnswerInParts, Present

SLICE = 0.02
"""Seconds that a run at full speed stands still for some parts, and goes on until the next ones."""
SHARE = 0.5
"""Of the time from one step to the next at a slower pace."""

IsWanted: TypeAlias = Callable[[], bool]


@dataclass(slots=True)
class _UnderWay:
    """What has been begun and is not done.

    Attributes:
        request: what it answers.
        parts: what is left of it.
    """

    request: Request
    parts: AnswerInParts


class Answering:
    """The requests that wait, and the one that is answered in parts while the run goes on.

    Attributes:
        due: on the clock `time.perf_counter`, when the next part is to be done while steps are made; infinite
            while nothing waits that may be done then.
    """

    def __init__(self, answered: SignalInstance, progressed: SignalInstance) -> None:
        """Nothing waits.

        Args:
            answered, progressed: of the `Worker`.
        """
        self._answered, self._progressed = answered, progressed
        self._requests: deque[Request] = deque()
        # By their ids, which their being here keeps from being used again.
        self._cancelled: dict[int, Request] = {}
        self._under_way: _UnderWay | None = None
        self.due = math.inf

    def __bool__(self) -> bool:
        """Whether anything waits."""
        return bool(self._requests)

    def ask(self, request: Request) -> None:
        """From any thread: this waits, too."""
        self._requests.append(request)
        if isinstance(request, LandscapeRequest):
            self.due = 0.0

    def cancel(self, request: Request) -> None:
        """From any thread: nobody waits for this any more."""
        self._cancelled[id(request)] = request
        with suppress(ValueError):
            self._requests.remove(request)

    def refuse(self, why: str) -> None:
        """The request that waits longest gets no answer."""
        self._answered.emit(self._requests.popleft(), None, why)

    def drop(self) -> None:
        """Lets go of what was begun for a run that ends."""
        self._under_way = None

    def answer(self, present: Present, is_wanted: IsWanted, late: bool) -> None:
        """Answers the request that waits longest, if nothing else is wanted meanwhile: else it waits again.

        Args:
            present: what is at hand.
            is_wanted: whether it may go on; an order that comes meanwhile goes first.
            late: whether the work on what is asked of a step is not told of unless it takes long.
        """
        from ui.session.answers import answer

        try:
            request = self._requests.popleft()
        except IndexError:
            # It was cancelled this moment.
            return
        tell = Teller(
            lambda: self._waits_for(request) and is_wanted(),
            lambda done, of: self._progressed.emit(request, done, of),
            late=late and isinstance(request, RunRequest),
        )
        if isinstance(request, LandscapeRequest):
            self._go_on(request, present, tell, math.inf)
        else:
            self._give(request, lambda: answer(request, present, tell))

    def look(self, present: Present, is_wanted: IsWanted, pace: float) -> None:
        """Does some parts of what may be done between two steps of a run that goes on.

        Args:
            present, is_wanted: as of `answer`.
            pace: steps a second; 0 at full speed.
        """
        request = next((each for each in self._requests if isinstance(each, LandscapeRequest)), None)
        if request is None:
            self.due, self._under_way = math.inf, None
            return
        with suppress(ValueError):
            self._requests.remove(request)
        tell = Teller(
            lambda: self._waits_for(request) and is_wanted(),
            lambda done, of: self._progressed.emit(request, done, of),
        )
        seconds = SHARE / pace if pace else SLICE
        self._go_on(request, present, tell, time.perf_counter() + seconds)
        self.due = time.perf_counter() + SLICE

    def _go_on(self, request: LandscapeRequest, present: Present, tell: Teller, until: float) -> None:
        """Does the next parts of an answer; what is left of it waits at the first place."""
        from ui.session.answers import parts_of

        def made() -> Answer | None:
            under_way = self._under_way
            if under_way is None or under_way.request is not request:
                under_way = self._under_way = _UnderWay(request, parts_of(request, present))
            while True:
                try:
                    done, of = next(under_way.parts)
                except StopIteration as end:
                    found: Answer = end.value
                    return found
                except BaseException:
                    self._under_way = None
                    raise
                tell(done, of)
                if time.perf_counter() >= until:
                    return None

        self._give(request, made)

    def _give(self, request: Request, made: Callable[[], Answer | None]) -> None:
        """The place where what a stage raises is caught; without an answer the request waits again."""
        from ui.session.answers import RequestError

        try:
            found = made()
        except Stopped:
            if self._waits_for(request):
                self._requests.appendleft(request)
                self._progressed.emit(request, 0, 0)
        except RequestError as error:
            self._answered.emit(request, None, str(error))
        except BaseException as error:
            self._answered.emit(request, None, one_line(error))
        else:
            if found is None:
                if self._waits_for(request):
                    self._requests.appendleft(request)
            else:
                self._under_way = None
                self._answered.emit(request, found, "")

    def _waits_for(self, request: Request) -> bool:
        """Whether somebody still waits for the answer."""
        return id(request) not in self._cancelled
