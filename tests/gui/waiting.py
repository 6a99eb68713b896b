"""Lets pytest-qt wait for signals of other threads without a crash.

A blocker that has heard enough lets go of its signal, and is gone soon after. What another thread sends just
then comes to what is no longer there, and the process dies (PySide 6.11). So a blocker's connection stays.
"""

from __future__ import annotations

from typing import Any

from pytestqt.wait_signal import SignalBlocker

_ears: list[_Ear] = []
"""All that were ever connected: each is a few bytes, and its signal goes with its sender."""


class _Ear:
    """Hears a signal on behalf of a blocker, and holds its tongue once that has heard enough."""

    def __init__(self, signal: Any, blocker: SignalBlocker) -> None:
        self._blocker: SignalBlocker | None = blocker
        signal.connect(self.take)

    def take(self, *arguments: object) -> None:
        if self._blocker is not None:
            self._blocker._quit_loop_by_signal(*arguments)

    def disconnect(self, _receive: object) -> None:
        """What a blocker calls for each of its signals when it has heard enough."""
        self._blocker = None


def connect_for_good(blocker: SignalBlocker, signal: Any) -> None:
    """Stands in for `SignalBlocker.connect`."""
    blocker.signal_name = blocker.determine_signal_name(potential_signal_tuple=signal)
    ear = _Ear(blocker.get_signal_from_potential_signal_tuple(signal), blocker)
    _ears.append(ear)
    blocker._signals = [*(blocker._signals or ()), ear]
