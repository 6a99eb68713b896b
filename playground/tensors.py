"""Finds the tensors in what a function or a model returns, however they are packed."""

from __future__ import annotations

import dataclasses
import reprlib
from collections import UserList, deque
from collections.abc import Iterator, Mapping, Set
from types import SimpleNamespace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

LOOKED_INTO = "a tensor, or tuples, lists, sets, mappings and dataclasses with tensors in them"
"""What `tensors_in` finds tensors in, for a message."""

_SHORT = reprlib.Repr()
_SHORT.maxlevel = _SHORT.maxlist = _SHORT.maxtuple = _SHORT.maxset = _SHORT.maxdict = 3
_LONGEST = 60


def tensors_in(value: object) -> list[Tensor]:
    """The tensors in a value, in the order in which they stand there.

    Looked into, at any depth, are tuples (named ones and packed sequences among them), lists, deques,
    sets, mappings (their values), dataclasses and SimpleNamespaces (their fields), each of them once.
    None, numbers, texts and any other objects hold no tensor: a model, for one, is not searched for
    its parameters.
    """
    import torch

    found: list[Tensor] = []
    # Kept while the walk lasts: the id of an object that is gone may soon be another's.
    seen: dict[int, object] = {}
    # A loop, since lists may lie deeper within one another than Python recurses.
    walk: list[Iterator[object]] = [iter((value,))]
    while walk:
        for item in walk[-1]:
            if isinstance(item, torch.Tensor):
                found.append(item)
                continue
            parts = _parts(item)
            if parts is not None and id(item) not in seen:
                seen[id(item)] = item
                walk.append(parts)
                break
        else:
            walk.pop()
    return found


def _parts(value: object) -> Iterator[object] | None:
    """What stands in a container; None for anything else."""
    # A mapping first: what the models of transformers return is a dataclass as well.
    if isinstance(value, Mapping):
        return iter(value.values())
    if isinstance(value, tuple | list | deque | UserList | Set):
        return iter(value)
    if isinstance(value, SimpleNamespace):
        return iter(vars(value).values())
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        # A field without a value is like None.
        return (getattr(value, field.name, None) for field in dataclasses.fields(value))
    return None


def in_words(value: object) -> str:
    """A value without a tensor as a message names it: `"[None, 3] (list)"`, `"an object of type Linear"`."""
    kind = _cut(type(value).__name__)
    if value is None:
        return "None"
    if not isinstance(value, bool | int | float | str | bytes | tuple | list | dict | set):
        return f"an object of type {kind}"
    try:
        return f"{_cut(' '.join(_SHORT.repr(value).split()))} ({kind})"
    except ValueError:
        # Python refuses to write out whole numbers of some thousand digits.
        return f"an object of type {kind}"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
