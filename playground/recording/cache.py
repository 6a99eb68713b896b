"""Keeps the recordings of a run within a budget of memory."""

from __future__ import annotations

import threading

from playground.recording.model import Recording

BUDGET = 256 << 20
"""Bytes that the recordings of a run may take together."""


class RecordingCache:
    """Recordings by step. One thread puts them there, any other may look.

    When the budget is used up the oldest recordings go; the newest always stays.
    """

    def __init__(self, budget: int = BUDGET) -> None:
        """Starts empty.

        Args:
            budget: bytes, above 0.
        """
        if budget <= 0:
            raise ValueError(f"budget is {budget}; allowed: above 0")
        self.budget = budget
        self._lock = threading.Lock()
        self._recordings: dict[int, Recording] = {}
        self._nbytes = 0
        self._version = 0

    def put(self, recording: Recording) -> None:
        """Adds a recording; one of the same step makes way for it."""
        with self._lock:
            old = self._recordings.pop(recording.step, None)
            self._nbytes += recording.nbytes - (0 if old is None else old.nbytes)
            self._recordings[recording.step] = recording
            while self._nbytes > self.budget and len(self._recordings) > 1:
                oldest = self._recordings.pop(next(iter(self._recordings)))
                self._nbytes -= oldest.nbytes
            self._version += 1

    def get(self, step: int) -> Recording | None:
        """The recording of a step, or None."""
        with self._lock:
            return self._recordings.get(step)

    @property
    def steps(self) -> tuple[int, ...]:
        """The recorded steps, rising."""
        with self._lock:
            return tuple(sorted(self._recordings))

    @property
    def nbytes(self) -> int:
        """Bytes that the recordings take now."""
        return self._nbytes

    @property
    def version(self) -> int:
        """Grows with every change; for those who look now and then."""
        return self._version
