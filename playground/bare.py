"""Times the standalone program of a stage as a bare loop: what the window's speed is held against.

Run as `python -m playground.bare`, it reads one request a line from standard input and answers each
with one line, so that the libraries are loaded once and every measurement runs in this one process.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress

from threadpoolctl import threadpool_limits

from playground.programs.stage_text import text_of
from playground.settings import Settings, changed, settings_from_plain


class _Enough(Exception):
    """Ends the program once the last step to be timed has been printed."""


class _Clock:
    """Stands in for `print`, which the program calls once a step."""

    def __init__(self, first: int, last: int) -> None:
        self._first, self._last = first, last
        self._started = 0.0
        self.seconds = 0.0

    def __call__(self, step: int, loss: float) -> None:
        if step == self._first:
            self._started = time.perf_counter()
        elif step == self._last:
            self.seconds = time.perf_counter() - self._started
            raise _Enough


def steps_per_second(settings: Settings, first: int, last: int, blas_threads: int | None = None) -> float:
    """Speed of the bare program from its step `first` to its step `last`.

    Args:
        settings: stage, sizes and threads; the number of steps is of no account.
        first, last: steps between which the clock runs.
        blas_threads: threads of NumPy's BLAS; None leaves the library's own number.
    """
    program = compile(text_of(changed(settings, steps=last + 1)), "bare", "exec")
    clock = _Clock(first, last)
    limits = threadpool_limits(blas_threads, "blas") if blas_threads else nullcontext()
    with limits, _own_threads_afterwards(settings), suppress(_Enough):
        exec(program, {"__name__": "__main__", "print": clock})
    return (last - first) / clock.seconds


@contextmanager
def _own_threads_afterwards(settings: Settings) -> Iterator[None]:
    """Gives torch its own number of threads back, which the program may set."""
    if settings.stage == "numpy":
        yield
        return
    import torch

    own = torch.get_num_threads()
    try:
        yield
    finally:
        torch.set_num_threads(own)


def _answer(request: Mapping[str, object]) -> float:
    settings = request["settings"]
    if settings is None:
        import torch

        return torch.get_num_threads()
    assert isinstance(settings, dict)
    first, last, blas = (request[name] for name in ("first", "last", "blas_threads"))
    assert isinstance(first, int)
    assert isinstance(last, int)
    assert blas is None or isinstance(blas, int)
    return steps_per_second(settings_from_plain(settings), first, last, blas)


def main() -> None:
    """Answers requests until standard input ends; one without settings asks for torch's own threads."""
    # NumPy is loaded now, so that its BLAS can be limited before the first program runs.
    import numpy  # noqa: F401

    for line in sys.stdin:
        print(json.dumps(_answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
