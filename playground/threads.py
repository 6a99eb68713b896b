"""How many threads the operations of a step use: torch's own pool, and NumPy's BLAS."""

from __future__ import annotations

import os
from dataclasses import dataclass

from threadpoolctl import ThreadpoolController

from playground.settings import Settings, SettingsError

ONE_THREAD_UP_TO = 2_000_000
"""Multiplications of a forward pass up to which one thread is chosen.

Measured on two cores, steps a second of the autograd stage with one and with two threads: 12 300 and 11 900
at sizes 64, 10, 100, 10 (70 000 multiplications), 2 560 and 3 910 at the default sizes (6.5 million), 293 and
521 at hidden size 1 000. With a neighbour at work two threads are half as fast as one at the default sizes.
"""
MORE_FROM = 100_000_000
"""Multiplications from which on more than two threads have enough to do."""
MOST = 8


@dataclass(frozen=True, slots=True)
class ThreadCounts:
    """What is in force for a stage; None for the library that it does not use."""

    torch: int | None
    blas: int | None


def automatic_threads(settings: Settings, cores: int) -> int:
    """The number for a step of this size on so many cores: the same settings always get the same.

    Of more than two cores one stays free for whatever else runs. NumPy's threads spin while they wait and
    lose most of their speed to any neighbour, the window among them: they leave one of two cores as well.
    """
    batch, inputs, hidden, outputs = settings.sizes
    uses = settings.depth[1] if settings.program.has_depth else 0
    work = batch * hidden * (inputs + outputs + uses * hidden)
    free = cores - 1 if cores > 2 or settings.stage == "numpy" else cores
    if work <= ONE_THREAD_UP_TO or free <= 1:
        return 1
    return min(free, MOST if work >= MORE_FROM else 2)


def check_threads(settings: Settings) -> None:
    """Refuses more threads than there are cores: each step would wait for the one that has none.

    Raises:
        SettingsError: with both numbers.
    """
    cores = os.cpu_count() or 1
    if settings.threads > cores:
        reason = f"{settings.threads} is more than this machine has cores; allowed: 0 (automatic) to {cores}"
        raise SettingsError("threads", reason)


class Threads:
    """Sets and restores the number of threads; to be used on the thread that trains.

    OpenMP keeps its number for each calling thread, hence one object, used where torch is used.
    """

    def __init__(self, automatic: bool = False) -> None:
        """Nothing is set yet.

        Args:
            automatic: whether 0 means `automatic_threads`; else the libraries keep their own number, and
                with it the bits of the plain program.
        """
        self._automatic = automatic
        self._torch: int | None = None
        self._blas: dict[str, int] = {}

    def use(self, settings: Settings) -> ThreadCounts:
        """Sets the number that `settings` ask for and returns what is in force for their stage."""
        wanted = settings.threads
        if not wanted and self._automatic:
            wanted = automatic_threads(settings, os.cpu_count() or 1)
        if settings.stage == "numpy":
            return ThreadCounts(None, self._use_blas(wanted))
        self._restore_blas()
        return ThreadCounts(self._use_torch(wanted), None)

    def _use_torch(self, threads: int) -> int:
        import torch

        if self._torch is None:
            self._torch = torch.get_num_threads()
        wanted = threads or self._torch
        if torch.get_num_threads() != wanted:
            torch.set_num_threads(wanted)
        return wanted

    def _use_blas(self, threads: int) -> int | None:
        import numpy  # noqa: F401  (its BLAS has to be loaded before it can be found)

        libraries = ThreadpoolController().select(user_api="blas").lib_controllers
        for library in libraries:
            own = self._blas.setdefault(library.filepath, library.num_threads)
            library.set_num_threads(threads or own)
        return min((library.num_threads for library in libraries), default=None)

    def _restore_blas(self) -> None:
        """Gives BLAS its own number back once NumPy's stage is left."""
        if self._blas:
            for library in ThreadpoolController().select(user_api="blas").lib_controllers:
                library.set_num_threads(self._blas.get(library.filepath, library.num_threads))
            self._blas.clear()
