"""Progress of a file that is being read, and the wish that it end: for whoever waits for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_told: ContextVar[Callable[[int], None] | None] = ContextVar("told", default=None)
EVERY = 4096
"""Rows between two calls."""


class StoppedError(Exception):
    """Nobody waits for the file any more."""


@contextmanager
def telling(tell: Callable[[int], None]) -> Iterator[None]:
    """While it is open, readers of this thread tell how many rows they have; `tell` may end them."""
    token = _told.set(tell)
    try:
        yield
    finally:
        _told.reset(token)


def told_rows(rows: int) -> None:
    """To be called now and then with the number of rows that were read.

    Raises:
        StoppedError: nobody waits for them any more.
    """
    tell = _told.get()
    if tell is not None:
        tell(rows)
