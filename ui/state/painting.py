"""What is painted into the net's picture becomes the data of the run, which goes on with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from PySide6.QtCore import QObject, Signal

from playground.data.catalog import BY_NAME
from playground.data.painted import PaintedData
from playground.data.painting import (
    CannotPaintError,
    digits_of,
    painted_from,
    rounded,
    rows_of,
    why_not,
    with_added,
    with_moved,
    without,
)
from playground.data.picture import Picture
from playground.runs.changes import with_data_of
from playground.settings import Settings
from ui.session.live_pictures import PictureLook
from ui.session.session import Session

_Stroke: TypeAlias = Callable[[PaintedData, Picture], PaintedData]


class Painting(QObject):
    """Turns strokes into points, and remembers what was before each.

    Signals:
        changed(): another thing can be painted or undone.
        refused(str): why a stroke is not taken, in one line.
    """

    changed = Signal()
    refused = Signal(str)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        """Nothing has been painted."""
        super().__init__(parent)
        self._session = session
        self._look: PictureLook | None = None
        self._before: list[PaintedData] = []
        self._origin: Settings | None = None
        self._latest = session.settings.painted
        session.settings_changed.connect(self._take_settings)

    @property
    def reason(self) -> str:
        """Why nothing can be painted, in one line; "" where it can."""
        picture = self._picture
        settings = self._session.settings
        if picture is None or (settings.painted is not None and not self._is_present):
            # The picture is on its way.
            return ""
        return why_not(picture, settings)

    @property
    def can_undo(self) -> bool:
        """Whether there is a stroke to be undone."""
        return bool(self._before)

    @property
    def origin(self) -> str:
        """What the data were before they were painted; "" where that is not known."""
        if self._origin is None:
            return ""
        file = self._origin.data_file
        return BY_NAME[self._origin.data].title if file is None else file.name

    def show(self, look: PictureLook | None) -> None:
        """Takes the picture that is seen now."""
        self._look = look
        self.changed.emit()

    def add(self, points: Sequence[tuple[tuple[float, ...], float]]) -> None:
        """Adds examples: places in the picture, as its axes lie, and targets."""
        self._paint(
            lambda painted, picture: with_added(
                painted, [(*_inputs(picture, place), _target(picture, value)) for place, value in points]
            ),
            needs_rows=False,
        )

    def move(self, row: int, place: Sequence[float]) -> None:
        """Moves the example of a row of the picture; along a line the second number is its target."""

        def moved(painted: PaintedData, picture: Picture) -> PaintedData:
            number = int(rows_of(self._session.settings)[row])
            target = painted.points[number][-1]
            if len(picture.plane.axes) == 1:
                target = _target(picture, place[1])
            inputs = _inputs(picture, place[: len(picture.plane.axes)])
            return with_moved(painted, number, (*inputs, target))

        self._paint(moved)

    def erase(self, rows: Sequence[int]) -> None:
        """Erases the examples of some rows of the picture."""

        def erased(painted: PaintedData, _picture: Picture) -> PaintedData:
            numbers = rows_of(self._session.settings)
            return without(painted, [int(numbers[row]) for row in rows])

        self._paint(erased)

    def undo(self) -> None:
        """Without the last stroke; the run goes on."""
        if self._before:
            before = self._before.pop()
            if not self._put(before):
                self._before.append(before)
            self.changed.emit()

    def go_back(self) -> None:
        """With the data from before the painting: a new run of them."""
        if self._origin is not None:
            self._session.choose_all(with_data_of(self._session.settings, self._origin))

    @property
    def _picture(self) -> Picture | None:
        return None if self._look is None else self._look.picture

    @property
    def _is_present(self) -> bool:
        """Whether the picture has the points that are in force."""
        return self._look is not None and self._look.painted == self._session.settings.painted

    def _paint(self, stroke: _Stroke, needs_rows: bool = True) -> None:
        settings, picture = self._session.settings, self._picture
        try:
            if picture is None:
                raise CannotPaintError("There is no picture yet.")
            if needs_rows and not self._is_present:
                raise CannotPaintError("The picture is not yet that of the points as they are.")
            before = settings.painted or painted_from(picture, settings)
            after = stroke(before, picture)
        except CannotPaintError as error:
            self.refused.emit(str(error))
            return
        if self._put(after):
            self._origin = settings if settings.painted is None else self._origin
            self._before.append(before)
            self.changed.emit()
        else:
            self.refused.emit("")

    def _put(self, painted: PaintedData) -> bool:
        """Whether the points are in force; why they are not, the session has told."""
        known, self._latest = self._latest, painted
        self._session.choose_painted(painted)
        if self._session.settings.painted != painted:
            self._latest = known
        return self._latest is painted

    def _take_settings(self, settings: Settings) -> None:
        if settings.painted != self._latest:
            # Data from somewhere else: there is no way back from them.
            self._latest = settings.painted
            self._before.clear()
            self._origin = None
            self.changed.emit()


def _inputs(picture: Picture, place: Sequence[float]) -> tuple[float, ...]:
    """The inputs at a place of the picture, in their order, with as many digits as can be seen."""
    axes, ranges = picture.plane.axes, picture.plane.ranges
    numbers = [rounded(value, digits_of(ends)) for value, ends in zip(place, ranges, strict=True)]
    return tuple(number for _, number in sorted(zip(axes, numbers, strict=True)))


def _target(picture: Picture, value: float) -> float:
    """A target; one that the mouse has chosen, with as many digits as can be seen."""
    if len(picture.plane.axes) > 1:
        return value
    return rounded(value, digits_of((float(picture.targets.min()), float(picture.targets.max()))))
