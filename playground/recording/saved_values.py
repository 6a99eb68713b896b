"""Reads what a node of autograd has put aside for its backward, while it still has it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from torch import Tensor
from torch.autograd.function import BackwardCFunction

if TYPE_CHECKING:
    from torch.autograd.graph import Node as GradientFunction

SAVED = "_saved_"
"""How PyTorch's attributes for what a node has saved begin."""
LARGEST_SIGNED = 2**63


def saved_values(function: GradientFunction) -> Iterator[tuple[str, object]]:
    """What a node has put aside, by name; a list counts one by one."""
    found: list[tuple[str, object]] = []
    if isinstance(function, BackwardCFunction):
        with contextlib.suppress(RuntimeError):
            found = [("saved_tensors", cast("Any", function).saved_tensors)]
    else:
        for attribute, name in _attributes(type(function)):
            try:
                found.append((name, getattr(function, attribute)))
            except RuntimeError as error:
                # A tensor that was changed in place since: backward will say the same.
                found.append((name, _Unreadable(str(error))))
    for name, value in found:
        if isinstance(value, tuple | list) and any(isinstance(each, Tensor) for each in value):
            yield from ((f"{name}[{index}]", each) for index, each in enumerate(value))
        else:
            yield name, value


@lru_cache(maxsize=1024)
def _attributes(kind: type) -> tuple[tuple[str, str], ...]:
    """A kind of node's attributes for what it saves, each with the name of that."""
    return tuple((each, each.removeprefix(SAVED)) for each in dir(kind) if each.startswith(SAVED))


class _Unreadable:
    """Stands for a tensor that PyTorch refuses to give."""

    def __init__(self, reason: str) -> None:
        self._reason = " ".join(reason.split())

    def __repr__(self) -> str:
        return f"cannot be read: {self._reason}"


def plain_text(value: object) -> str:
    """A plain value as Python writes it."""
    # A dimension counted from the end is given without its sign.
    if isinstance(value, int) and not isinstance(value, bool) and value >= LARGEST_SIGNED:
        value -= 2 * LARGEST_SIGNED
    return repr(value)
