"""The engine: trains, records, lays out and writes files. It knows nothing of windows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playground.recording.record import record

__version__ = "0.1.0"
__all__ = ["__version__", "record"]


def __getattr__(name: str) -> object:
    """Loads `record` when it is asked for: the window must not wait for what it brings along."""
    if name == "record":
        from playground.recording.record import record

        return record
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
