"""How fast a run goes, smoothed, and how long the rest will take."""

from __future__ import annotations

SMOOTHING_SECONDS = 1.0
"""Time after which an older reading counts for a third."""


class Pace:
    """Steps a second, from readings of a clock and of the number of steps made."""

    def __init__(self) -> None:
        """Nothing is known before the second reading."""
        self._last: tuple[float, int] | None = None
        self.steps_per_second = 0.0

    def forget(self) -> None:
        """Starts anew; a pause must not count as slowness."""
        self._last = None
        self.steps_per_second = 0.0

    def interrupt(self) -> None:
        """Keeps the pace, but measures nothing up to the next reading."""
        self._last = None

    def read(self, seconds: float, steps: int) -> None:
        """Takes a reading: a clock in seconds, and the number of steps made."""
        if self._last is not None:
            elapsed = seconds - self._last[0]
            if elapsed <= 0 or steps < self._last[1]:
                return
            now = (steps - self._last[1]) / elapsed
            weight = 1.0 if not self.steps_per_second else min(1.0, elapsed / SMOOTHING_SECONDS)
            self.steps_per_second += weight * (now - self.steps_per_second)
        self._last = (seconds, steps)

    def seconds_left(self, steps: int) -> float | None:
        """Seconds that so many steps will take, or None while the pace is unknown."""
        return steps / self.steps_per_second if self.steps_per_second > 0 else None


class FrameInterval:
    """How long to wait between two looks at a run, so that drawing takes only a small share of one core.

    Whatever the window's thread computes, the training threads wait for: it holds the interpreter, and it
    takes one of their cores.
    """

    def __init__(self, share: float = 0.04, fastest: float = 0.05, slowest: float = 0.2) -> None:
        """Starts at the fastest.

        Args:
            share: of one core's time, that looking and drawing may take.
            fastest, slowest: bounds of the interval, in seconds.
        """
        self._share, self._fastest, self._slowest = share, fastest, slowest
        self._cost = 0.0

    @property
    def seconds(self) -> float:
        """The interval."""
        return min(max(self._cost / self._share, self._fastest), self._slowest)

    def spent(self, seconds: float) -> None:
        """Takes in what the thread has computed since the last look, in seconds of its own time."""
        self._cost += 0.2 * (seconds - self._cost)
