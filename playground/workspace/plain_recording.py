"""A recording as plain data that gives the very same recording back, elements of its tensors included.

`Recording.to_plain` is for other programs, and leaves the elements out. Here every object is written once,
those that it refers to before it, by the names of its class and its fields; arrays stand apart. What is read
back may be of those classes only, with fields of their types: nothing of it can run.
"""

from __future__ import annotations

import dataclasses
import math
import types
import typing
from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from playground.graph.model import Edge, Graph, GraphKind, Node, NodeKind, Phase
from playground.graph.modules import Call
from playground.recording import events, ledger, model, statistics
from playground.recording.model import Recording
from playground.recording.snapshot import Snapshot

VERSION = 1
Plain: TypeAlias = dict[str, Any]

_CLASSES: dict[str, type] = {
    each.__name__: each
    for each in (
        Edge,
        Graph,
        Node,
        events.Change,
        events.Event,
        events.Port,
        events.StateChange,
        ledger.Contribution,
        ledger.GradientEntry,
        ledger.GradientLedger,
        ledger.MemoryLedger,
        ledger.SavedTensor,
        model.BackwardPass,
        model.NodeRecord,
        model.ParameterRecord,
        model.RecordedFailure,
        model.Recording,
        model.Saved,
        statistics.Histogram,
        statistics.Picture,
        statistics.Statistics,
    )
}
_TUPLES: dict[str, Any] = {each.__name__: each for each in (Call, events.Span)}
_WORDS: dict[str, type[StrEnum]] = {
    each.__name__: each for each in (GraphKind, NodeKind, Phase, events.EventKind, ledger.GradientCause)
}
_OF_SNAPSHOT: dict[str, Any] = {
    "shape": tuple[int, ...],
    "dtype": str,
    "device": str,
    "requires_grad": bool,
    "nbytes": int,
    "values": np.ndarray | None,
    "summary": tuple[statistics.Statistics, statistics.Picture] | None,
    "layout": str,
}


def pack(recording: Recording) -> tuple[Plain, list[NDArray[Any]]]:
    """Plain data that JSON can write, and the arrays to which it refers by their numbers."""
    packer = _Packer()
    packer.value(recording)
    return {"version": VERSION, "objects": packer.objects}, packer.arrays


def unpack(plain: Mapping[str, Any], arrays: Sequence[NDArray[Any]]) -> Recording:
    """The recording that `pack` has written; tensors that were one are one again.

    Raises:
        KeyError, TypeError, ValueError, AttributeError, IndexError: it is not one.
    """
    if plain["version"] != VERSION:
        raise ValueError(f"it is written in version {plain['version']!r}; this program knows {VERSION}")
    unpacker = _Unpacker(arrays)
    for each in plain["objects"]:
        unpacker.add(each)
    recording = unpacker.objects[-1]
    if not isinstance(recording, Recording):
        raise ValueError("it is no recording")
    return recording


class _Packer:
    """Writes objects, each once.

    Attributes:
        objects, arrays: what has been written so far.
    """

    def __init__(self) -> None:
        self.objects: list[Plain] = []
        self.arrays: list[NDArray[Any]] = []
        self._places: dict[int, int] = {}
        # What is written must not go, for its id would be another's.
        self._held: list[object] = []

    def value(self, value: object) -> object:
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, StrEnum):
            return {"word": [type(value).__name__, str(value)]}
        if isinstance(value, str):
            return value
        if isinstance(value, int | np.integer):
            return int(value)
        if isinstance(value, float | np.floating):
            number = float(value)
            return number if math.isfinite(number) else {"float": repr(number)}
        if isinstance(value, range):
            return {"range": [value.start, value.stop]}
        if isinstance(value, tuple | list):
            inner = [self.value(each) for each in value]
            name = type(value).__name__
            return {"tuple": [name, inner]} if name in _TUPLES else inner
        if isinstance(value, Mapping):
            return {"map": [[self.value(key), self.value(each)] for key, each in value.items()]}
        if isinstance(value, np.ndarray):
            return {"array": self._place(value, self.arrays, value)}
        return {"at": self._object(value)}

    def _object(self, value: object) -> int:
        if id(value) in self._places:
            return self._places[id(value)]
        if isinstance(value, Snapshot):
            summary = None if value.kept else (value.statistics, value.picture)
            given = {name: getattr(value, name) for name in _OF_SNAPSHOT if name != "summary"}
            fields = {**given, "summary": summary, "checksum": value.checksum}
        else:
            name = type(value).__name__
            if _CLASSES.get(name) is not type(value):
                raise TypeError(f"{name} is no part of a recording")
            fields = {each: getattr(value, each) for each in _hints(name)}
        plain = {"is": type(value).__name__, **{name: self.value(each) for name, each in fields.items()}}
        return self._place(value, self.objects, plain)

    def _place(self, value: object, written: list[Any], content: object) -> int:
        place = self._places.get(id(value))
        if place is None:
            place = self._places[id(value)] = len(written)
            written.append(content)
            self._held.append(value)
        return place


class _Unpacker:
    """Makes objects of what was written.

    Attributes:
        objects: those that have been made, in their order.
    """

    def __init__(self, arrays: Sequence[NDArray[Any]]) -> None:
        self.objects: list[object] = []
        self._arrays = arrays

    def add(self, plain: Mapping[str, Any]) -> None:
        """Makes the next object, which may refer to those before it."""
        values = {name: self._value(each) for name, each in plain.items()}
        name = values.pop("is")
        if name == "Snapshot":
            self.objects.append(_snapshot(values))
            return
        hints = _hints(name)
        for key, value in values.items():
            if not _fits(value, hints[key]):
                raise TypeError(f"{key} of {name} is not what it should be")
        self.objects.append(_CLASSES[name](**values))

    def _value(self, plain: Any) -> Any:
        if isinstance(plain, list):
            return tuple(map(self._value, plain))
        if not isinstance(plain, dict):
            return plain
        ((kind, content),) = plain.items()
        if kind == "at":
            return self.objects[_place_in(content, self.objects)]
        if kind == "array":
            return self._arrays[_place_in(content, self._arrays)]
        if kind == "word":
            return _WORDS[content[0]](content[1])
        if kind == "tuple":
            return _TUPLES[content[0]](*map(self._value, content[1]))
        if kind == "map":
            return {self._value(key): self._value(each) for key, each in content}
        if kind == "range":
            return range(*content)
        if kind == "float":
            return float(content)
        raise ValueError(f"{kind!r} is nothing that is written here")


def _place_in(place: int, of: Sequence[object]) -> int:
    if not 0 <= place < len(of):
        raise IndexError(f"there is no number {place}")
    return place


def _snapshot(values: dict[str, Any]) -> Snapshot:
    checksum = values.pop("checksum")
    if set(values) != set(_OF_SNAPSHOT) or not all(
        _fits(values[name], _OF_SNAPSHOT[name]) for name in values
    ):
        raise TypeError("a tensor is not what it should be")
    elements = values["values"]
    if elements is not None and elements.shape != values["shape"]:
        raise ValueError(f"a tensor of shape {values['shape']} has elements of shape {elements.shape}")
    found = Snapshot(**values)
    found.checksum = checksum
    return found


@cache
def _hints(name: str) -> dict[str, Any]:
    """Names and types of the fields with which a class is made."""
    made = _CLASSES[name]
    hints = typing.get_type_hints(made)
    return {each.name: hints[each.name] for each in dataclasses.fields(made) if each.init}


def _fits(value: object, hint: Any) -> bool:
    """Whether a value is of a type, as far as the fields of a recording need types."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return any(_fits(value, each) for each in inner)
    if origin is tuple:
        if not isinstance(value, tuple):
            return False
        if len(inner) == 2 and inner[1] is Ellipsis:
            return all(_fits(each, inner[0]) for each in value)
        return len(value) == len(inner) and all(map(_fits, value, inner))
    if origin is not None and issubclass(origin, Mapping):
        return isinstance(value, dict) and all(
            _fits(key, inner[0]) and _fits(each, inner[1]) for key, each in value.items()
        )
    if hint is float:
        return isinstance(value, float | int)
    return isinstance(value, origin or hint)
