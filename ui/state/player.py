"""Walks through the events of a recording, by hand or at a steady speed."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from playground.recording.model import Recording

EVENTS_PER_SECOND = 5.0
FRAME_MILLISECONDS = 33


class Player(QObject):
    """A cursor over the events of one recording; without a recording every call does nothing.

    Attributes:
        recording: what is walked through, or None.

    Signals:
        moved(int): the cursor stands at the event of this number.
        playing_changed(bool): whether it moves by itself.
        taken_over(): the user walks by hand: a step that is played while the run goes on shall stay.
    """

    moved = Signal(int)
    playing_changed = Signal(bool)
    taken_over = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        """Without a recording at first."""
        super().__init__(parent)
        self.recording: Recording | None = None
        self._cursor: int | None = None
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)
        self.set_speed(EVENTS_PER_SECOND)
        self._through = QTimer(self, interval=FRAME_MILLISECONDS)
        self._through.timeout.connect(self._follow_clock)
        self._clock, self._milliseconds = QElapsedTimer(), 0.0
        self._numbers: Sequence[int] = ()

    @property
    def cursor(self) -> int | None:
        """Number of the event at which the walk stands, or None."""
        return self._cursor

    @property
    def playing(self) -> bool:
        """Whether the cursor moves by itself."""
        return self._timer.isActive()

    def start(self, recording: Recording) -> None:
        """Takes up a recording at its first event, standing still."""
        self.play(False)
        self.set_recording(recording, None)
        self.first()

    def set_recording(self, recording: Recording | None, cursor: int | None) -> None:
        """Takes up a recording at a place, without `moved`.

        Playing goes on from there; where there is nothing to play it ends, and says so.

        Raises:
            ValueError: the recording has no such event.
        """
        count = 0 if recording is None else len(recording.events)
        if cursor is not None and not 0 <= cursor < count:
            raise ValueError(f"cursor: {cursor} is not an event; there are {count}")
        self.recording, self._cursor = recording, cursor
        self._through.stop()
        if not count:
            self.play(False)

    def run_through(self, seconds: float, numbers: Sequence[int] | None = None) -> None:
        """Goes through events in this time, skipping what there is no time to show.

        Args:
            seconds: from the first to the last of them.
            numbers: of the events, all if none are given.
        """
        self.play(False)
        self._numbers = range(self._count) if numbers is None else numbers
        if not self._numbers:
            return
        self._milliseconds = 1000 * seconds
        self._clock.start()
        self._through.start()
        self._move(self._numbers[0])

    @property
    def runs_through(self) -> bool:
        """Whether it does so now."""
        return self._through.isActive()

    def _follow_clock(self) -> None:
        share = self._clock.elapsed() / self._milliseconds
        last = len(self._numbers) - 1
        if share >= 1.0 or not self._count:
            self._through.stop()
        if self._count:
            self._move(self._numbers[min(int(share * (last + 1)), last)])

    def set_speed(self, speed: float) -> None:
        """So many events a second.

        Raises:
            ValueError: the speed is not a finite number above 0.
        """
        if not (math.isfinite(speed) and speed > 0):
            raise ValueError(f"speed: {speed} is not a finite number above 0")
        self._timer.setInterval(max(1, round(1000 / speed)))

    def play(self, playing: bool) -> None:
        """Moves on by itself or stands still; at the last event it starts again from the first."""
        playing = playing and self._count > 0
        if playing and self.runs_through:
            self.take_over()
        if playing == self.playing:
            return
        if playing:
            self._timer.start()
            self.playing_changed.emit(True)
            if self._cursor is None or self._cursor == self._count - 1:
                self.first()
        else:
            self._timer.stop()
            self.playing_changed.emit(False)

    def go(self, number: int) -> None:
        """Moves to an event, or to the nearest one that there is; playing goes on from there."""
        if not self._count:
            return
        self.take_over()
        self._move(min(max(number, 0), self._count - 1))

    def take_over(self) -> None:
        """The user walks by hand from here on."""
        self._through.stop()
        self.taken_over.emit()

    def _move(self, number: int) -> None:
        if number == self._cursor:
            return
        self._cursor = number
        if self.playing:
            # The new place is looked at for as long as any other.
            self._timer.start()
        self.moved.emit(number)

    def next(self) -> None:
        """One event on."""
        self.go(0 if self._cursor is None else self._cursor + 1)

    def first(self) -> None:
        """To the first event."""
        self.go(0)

    def last(self) -> None:
        """To the last event."""
        self.go(self._count - 1)

    @property
    def _count(self) -> int:
        return 0 if self.recording is None else len(self.recording.events)

    def _tick(self) -> None:
        self.next()
        if self._cursor == self._count - 1:
            self.play(False)
