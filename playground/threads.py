"""How many threads the operations of a step use: torch's own pool, and NumPy's BLAS."""

from __future__ import annotations

import os
from dataclasses import dataclass

from threadpoolctl import ThreadpoolController

from playground.settings import Settings


@dataclass(frozen=True, slots=True)
class ThreadCounts:
    """What the libraries chose by themselves when they were loaded."""

    torch: int | None
    blas: int | None


class Threads:
    """Sets and restores the number of threads; to be used on the thread that trains.

    OpenMP keeps its number for each calling thread, hence one object, used where torch is used.
    """

    def __init__(self, leave_one_core: bool = False) -> None:
        """Nothing is set yet.

        Args:
            leave_one_core: whether "automatic" leaves a core of NumPy's BLAS to the window. Its
                threads spin while they wait, and lose most of their speed to any neighbour.
        """
        self._leave_one_core = leave_one_core
        self._torch: int | None = None
        self._blas: dict[str, int] = {}

    def use(self, settings: Settings) -> ThreadCounts:
        """Sets the number that `settings` ask for and returns what is in force for their stage."""
        if settings.stage == "numpy":
            return ThreadCounts(None, self._use_blas(settings.threads))
        return ThreadCounts(self._use_torch(settings.threads), None)

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
            automatic = max(1, min(own, (os.cpu_count() or 2) - 1)) if self._leave_one_core else own
            library.set_num_threads(threads or automatic)
        return min((library.num_threads for library in libraries), default=None)
