"""Which loops of a program are under way, and which of its frames are its own."""

from __future__ import annotations

from collections.abc import Mapping
from types import FrameType

from playground.programs.hooks import HookedFiles


class LoopsUnderWay:
    """Counts the turns that have begun and not ended, and finds the loops around a place that runs."""

    def __init__(self, files: HookedFiles, builtins: Mapping[str, object]) -> None:
        """No loop has begun.

        Args:
            files: with the program's loops.
            builtins: by which the program's own code is told from a library's: no other code finds them.
        """
        self._files = files
        self._builtins = builtins
        self._turns: list[int] = []

    def count(self, number: int, change: int) -> None:
        """A turn of a loop begins (1) or ends (-1)."""
        if number >= len(self._turns):
            self._turns += [0] * (number + 1 - len(self._turns))
        self._turns[number] += change

    def around(self, frame: FrameType) -> list[tuple[int, FrameType]]:
        """Loops of the program's own that are under way around a frame, the innermost first.

        Returns:
            The number of each, and the frame that it runs in.
        """
        found: list[tuple[int, FrameType]] = []
        at: FrameType | None = frame
        while at is not None:
            if self.is_own(at):
                here = [
                    loop
                    for loop in self._files.loops
                    if loop.number < len(self._turns)
                    and self._turns[loop.number] > 0
                    and loop.filename == at.f_code.co_filename
                    and loop.lineno <= at.f_lineno <= loop.end_lineno
                    and (at.f_code.co_name == "<module>" or at.f_code.co_firstlineno <= loop.lineno)
                ]
                here.sort(key=lambda loop: loop.end_lineno - loop.lineno)
                found += [(loop.number, at) for loop in here]
            at = at.f_back
        return found

    def own_frame(self, frame: FrameType | None) -> FrameType | None:
        """The innermost frame of the program's own, this one included; None if none is."""
        while frame is not None and not self.is_own(frame):
            frame = frame.f_back
        return frame

    def is_own(self, frame: FrameType) -> bool:
        """Whether the code of a frame is the program's own, modules beside it included."""
        return frame.f_globals.get("__builtins__") is self._builtins
