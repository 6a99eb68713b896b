"""Which calls of modules are under way while a step is recorded: "layers.0, its second call"."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

from playground.graph.modules import Call, Chain

if TYPE_CHECKING:
    import torch

    from playground.recording.variables import Found

Running: TypeAlias = tuple[tuple[int, int], ...]
"""`id` of each module that is being called and which call of it that is, the outermost first."""


class ModuleCalls:
    """Counts the calls of modules on one thread.

    A frame could tell whose `forward` runs, but not whether it is the same call as a moment ago. Hooks of
    modules would tell, but a program's own surroundings hold them, and fast paths of torch look for them.

    Attributes:
        running: the calls that are under way now.
    """

    def __init__(self) -> None:
        """Nothing is called yet."""
        self.running: Running = ()
        self._counts: Counter[int] = Counter()
        # A module that a step makes and drops shall leave its `id` to no other one.
        self._called: dict[int, torch.nn.Module] = {}

    @contextmanager
    def heard(self, found: Found) -> Iterator[None]:
        """A block in which calls on this thread count.

        Args:
            found: what the step's variables lead to; without a module that has a path nothing counts.
        """
        if not found.paths:
            yield
            return
        import torch

        # Any: to a type checker a method is nothing that changes.
        kind: Any = torch.nn.Module
        # Python goes through every class of modules, some hundreds, when `__call__` is bound: a millisecond
        # in all. It only hands on to this, but where a module keeps a compiled form of it.
        name = "__call__" if found.has_compiled else "_call_impl"
        plain, thread = getattr(kind, name), threading.get_ident()

        def call(module: torch.nn.Module, *args: Any, **kwargs: Any) -> Any:
            if threading.get_ident() != thread:
                return plain(module, *args, **kwargs)
            number = id(module)
            self._called[number] = module
            self._counts[number] += 1
            before = self.running
            self.running = (*before, (number, self._counts[number]))
            try:
                return plain(module, *args, **kwargs)
            finally:
                self.running = before

        setattr(kind, name, call)
        try:
            yield
        finally:
            # Who has put another function there meanwhile relies on this one.
            if getattr(kind, name) is call:
                setattr(kind, name, plain)

    def close(self) -> None:
        """Lets go of the modules."""
        self._called.clear()


def calls_of(running: Running, paths: Mapping[int, str]) -> Chain:
    """The calls of those modules that have a path; a model that is alone has none."""
    return tuple(Call(paths[number], use) for number, use in running if number in paths)
