"""How many threads the operations of a step use: torch's own pool, and NumPy's BLAS."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass

import psutil
from threadpoolctl import ThreadpoolController

from playground.settings import Settings, SettingsError

ONE_THREAD_UP_TO = 2_000_000
"""Multiplications of a forward pass up to which one thread is chosen.

Measured on two cores with the autograd stage, steps a second with one and with two threads, medians of 15
pairs while nothing else ran:

    batch, input, hidden, output   multiplications      one      two   two / one
    64, 10, 100, 10                        128 000    5 942    5 499        0.93
    64, 200, 100, 10                     1 344 000    4 068    3 999        1.01
    64, 300, 100, 10                     1 984 000    3 628    3 833        1.05
    64, 400, 100, 10                     2 624 000    3 226    3 517        1.11
    64, 1000, 100, 10                    6 464 000    1 887    2 437        1.29
    64, 1000, 300, 10                   19 392 000      785    1 166        1.48
    64, 1000, 1000, 10                  64 640 000      215      347        1.64

Other shapes of as many multiplications agree: 1.17 at 1024, 10, 100, 10 and 1.43 at 8, 1000, 1000, 10. With
one core kept busy by another process one thread lost nothing, while two made a fifth of the steps of one in
the first row, a quarter in the third and a third in the fifth: below the border that is risked for nothing.
"""
MORE_FROM = 100_000_000
"""Multiplications from which on more than two threads are chosen; estimated, not measured, as is `MOST`."""
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


def usable_cores() -> int:
    """Cores that this program may use: those of the machine, or fewer where it was given fewer."""
    cores = os.cpu_count() or 1
    with contextlib.suppress(AttributeError, OSError, psutil.Error):
        # Not every system can tell.
        return max(1, min(cores, len(psutil.Process().cpu_affinity() or ()) or cores))
    return cores


def check_threads(settings: Settings) -> None:
    """Refuses more threads than there are cores: each step would wait for the one that has none.

    Raises:
        SettingsError: with both numbers.
    """
    cores = usable_cores()
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
        if not wanted and self._automatic and settings.own is None:
            wanted = automatic_threads(settings, usable_cores())
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
