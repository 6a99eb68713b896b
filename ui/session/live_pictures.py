"""Pictures of what the net gives, made between two steps of a run while somebody looks at them."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from playground.failure import one_line

if TYPE_CHECKING:
    from playground.data.painted import PaintedData
    from playground.data.picture import Picture, PictureMaker
    from playground.recording.cache import RecordingCache
    from playground.trainer import Trainer

SHARE = 0.015
"""Share of the time that making them may take while steps are made."""
LEAST_BETWEEN, LEAST_AT_FULL_SPEED = 0.1, 0.25
"""Seconds between two of them: painting one takes the window some milliseconds, which a run at full speed
has to wait for."""
ON_A_LINE, ON_A_PLANE, OF_MANY = 200, 64, 32
"""Points a side: along a line, on a plane, and of a net with so many inputs that its grid is large."""
MANY = 64


@dataclass(frozen=True, slots=True)
class PictureWish:
    """What somebody looks at.

    Attributes:
        axes: the inputs that vary; none for those that the data suggest.
        step: the recorded step whose weights are wanted; None for the newest.
    """

    axes: tuple[int, ...] = ()
    step: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class PictureLook:
    """What came of a wish.

    Attributes:
        wish: what was wanted.
        picture: None if there is none.
        problem: why not, in one line.
        painted: the points that the run had then, if they were painted.
    """

    wish: PictureWish
    picture: Picture | None
    problem: str = ""
    painted: PaintedData | None = None


class LivePictures:
    """Makes them on the worker's thread; the window's thread sets `wish`, and reads what `begin` gave.

    Attributes:
        due: on the clock `time.perf_counter`, when the next one is to be made; infinite while nobody looks.
    """

    def __init__(self) -> None:
        """Nobody looks."""
        self.due = math.inf
        self._wish: PictureWish | None = None
        self._newest: list[PictureLook] = []
        self._maker: PictureMaker | None = None
        self._axes: tuple[int, ...] = ()
        self._points: object = None
        self._step: int | None = None

    def want(self, wish: PictureWish | None) -> None:
        """What is looked at from now on; None for nothing. From any thread."""
        self._wish = wish
        self.due = math.inf if wish is None else 0.0

    def begin(self) -> list[PictureLook]:
        """A new run: gives the list of at most one picture in which those of it will be."""
        self._newest, self._maker = [], None
        self.stir()
        return self._newest

    def stir(self) -> None:
        """What is looked at is made anew as soon as can be: another run, or one that stands still now."""
        if self._wish is not None:
            self.due = 0.0

    def go_on(self) -> None:
        """Steps are made from now on: what is looked at changes with them."""
        if self._wish is not None:
            self.due = min(self.due, time.perf_counter() + LEAST_BETWEEN)

    def look(
        self,
        trainer: Trainer | None,
        shelf: RecordingCache | None,
        resting: bool = False,
        hurries: bool = False,
    ) -> None:
        """Makes the picture that is due; what it raises becomes the reason why there is none.

        Args:
            trainer: of the run; None if there is none.
            shelf: its recordings.
            resting: whether the run stands still: then one picture is enough.
            hurries: whether it goes as fast as it can.
        """
        wish = self._wish
        if wish is None or trainer is None or not trainer.history.length:
            self.due = math.inf
            if wish is not None and trainer is not None and not resting:
                self.due = time.perf_counter() + LEAST_BETWEEN
            return
        began = time.perf_counter()
        self._newest[:] = [self._made(wish, trainer, shelf)]
        ended = time.perf_counter()
        least = LEAST_AT_FULL_SPEED if hurries else LEAST_BETWEEN
        self.due = math.inf if resting else ended + max(least, (ended - began) / SHARE)
        if self._wish is not wish:
            self.stir()

    def _made(self, wish: PictureWish, trainer: Trainer, shelf: RecordingCache | None) -> PictureLook:
        # It stands in a module that brings torch along.
        from playground.data.picture import PictureMaker

        try:
            # Other points, painted in mid-run, lie elsewhere.
            points = trainer.settings.painted
            if self._maker is None or self._axes != wish.axes or self._points != points:
                self._maker, self._axes, self._points = None, wish.axes, points
                self._maker = PictureMaker(trainer, wish.axes)
            size = _size(self._maker)
            recording = None if wish.step is None or shelf is None else shelf.get(wish.step)
            if recording is None:
                return PictureLook(wish, self._maker.picture(size, hidden=True), painted=points)
            recorded = self._maker.recorded(recording, size, hidden=True)
            return PictureLook(wish, recorded, painted=points)
        except Exception as error:
            # A program of the user's own may raise anything; the run goes on.
            return PictureLook(wish, None, _reason(error))


def _size(maker: PictureMaker) -> int:
    plane = maker.plane
    if plane.kind == "line":
        return ON_A_LINE
    return OF_MANY if len(plane.origin) > MANY else ON_A_PLANE


def _reason(error: Exception) -> str:
    from playground.data.picture import PictureError

    return str(error) if isinstance(error, PictureError) else one_line(error)
