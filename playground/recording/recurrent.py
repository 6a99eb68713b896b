"""Tells the nodes apart that one call of a recurrent layer makes: by layer, time step and number."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias, TypeVar

if TYPE_CHECKING:
    from torch.autograd.graph import Node as GradientFunction

RECURRENT = frozenset({"lstm", "gru", "rnn_tanh", "rnn_relu"})
TRANSPOSING = ("TBackward0", "TransposeBackward0", "NumpyTBackward0")
_LAYER = re.compile(r"_l(\d+)(_reverse)?$")
_Key = TypeVar("_Key", bound=Hashable)
_Steps: TypeAlias = "dict[GradientFunction, tuple[str, int]]"


def places_in_call(
    functions: Iterable[GradientFunction], names: Mapping[GradientFunction, str]
) -> dict[GradientFunction, str]:
    """Words for where each node stands, `", layer 1 reverse, time step 2, number 0"`; "" if it is alone.

    A time step is the place in the sequence, also where a layer runs through it backwards. It is only
    named where the nodes repeat strictly and each repetition takes another element of the sequence: not
    in sequences of unequal lengths.

    Args:
        functions: the nodes that the call has made.
        names: of the parameters, by their leaves.
    """
    nodes = [each for each in in_order(functions) if type(each).__name__ not in TRANSPOSING]
    steps = _time_steps(nodes, names)
    layers = {each: steps[each][0] if each in steps else _layer(each, names) for each in nodes}
    several = len(set(filter(None, layers.values()))) > 1
    words = {}
    for each in nodes:
        layer = f", {layers[each]}" if several and layers[each] else ""
        words[each] = layer + (f", time step {steps[each][1]}" if each in steps else "")
    found = numbered(nodes, lambda each: (type(each), words[each]), words)
    for each in nodes:
        # A parameter is used where its transposition is.
        for target, _ in each.next_functions:
            if target is not None and type(target).__name__ in TRANSPOSING:
                found[target] = found[each]
    return found


def numbered(
    nodes: Iterable[GradientFunction],
    key: Callable[[GradientFunction], _Key],
    words: Mapping[GradientFunction, str],
) -> dict[GradientFunction, str]:
    """The words for each node, and its number among those with the same key if there are several.

    Args:
        nodes: in order.
        key: what like nodes have in common.
        words: that come before the number.
    """
    found = {}
    for alike in grouped(nodes, key).values():
        for number, each in enumerate(alike):
            found[each] = words.get(each, "") + (f", number {number}" if len(alike) > 1 else "")
    return found


def in_order(functions: Iterable[GradientFunction]) -> list[GradientFunction]:
    """The nodes in the order in which they were made."""
    return sorted(functions, key=lambda each: each._sequence_nr())


def leaves_of(function: GradientFunction) -> tuple[GradientFunction, ...]:
    """The leaves that a node uses, straight or transposed."""
    found = []
    for target, _ in function.next_functions:
        turned = target is not None and type(target).__name__ in TRANSPOSING
        leaf = target.next_functions[0][0] if target is not None and turned else target
        if leaf is not None and not leaf.next_functions:
            found.append(leaf)
    return tuple(found)


def grouped(
    nodes: Iterable[GradientFunction], key: Callable[[GradientFunction], _Key]
) -> dict[_Key, list[GradientFunction]]:
    """The nodes by what they have in common, in order."""
    found: dict[_Key, list[GradientFunction]] = {}
    for each in nodes:
        found.setdefault(key(each), []).append(each)
    return found


def _time_steps(nodes: Sequence[GradientFunction], names: Mapping[GradientFunction, str]) -> _Steps:
    """The layer and the time step of each node that repeats with the sequence.

    What uses a parameter at each time step beats the time for the nodes around it.
    """
    places = {each: place for place, each in enumerate(nodes)}
    found: _Steps = {}
    for (_, leaves), alike in grouped(nodes, lambda each: (type(each), leaves_of(each))).items():
        if not leaves or len(alike) < 2:
            continue
        windows = _windows(nodes, [places[each] for each in alike])
        times = _elements_taken(windows)
        for window, time in zip(windows, times, strict=False):
            for each in window:
                found.setdefault(each, (_layer(alike[0], names), time))
    return found


def _windows(nodes: Sequence[GradientFunction], beats: Sequence[int]) -> list[Sequence[GradientFunction]]:
    """The nodes around each beat, where all the windows are alike and lie one after the other; else none."""
    period, *others = {after - before for before, after in pairwise(beats)}
    if others:
        return []
    kinds = [type(each) for each in nodes]
    lead = 0
    while lead + 1 < period and beats[0] > lead:
        if len({kinds[beat - lead - 1] for beat in beats}) > 1:
            break
        lead += 1
    starts = [beat - lead for beat in beats]
    if any(kinds[start : start + period] != kinds[starts[0] : starts[0] + period] for start in starts):
        return []
    return [nodes[start : start + period] for start in starts]


def _elements_taken(windows: Sequence[Sequence[GradientFunction]]) -> list[int]:
    """Which element of one and the same sequence each window takes; empty if that is not so."""
    taken: dict[GradientFunction, list[int]] = {}
    for window in windows:
        for each in window:
            for target, number in each.next_functions:
                if target is not None and type(target).__name__ == "UnbindBackward0":
                    taken.setdefault(target, []).append(number)
    whole = [numbers for numbers in taken.values() if len(numbers) == len(set(numbers)) == len(windows)]
    return whole[0] if len(whole) == 1 else []


def _layer(function: GradientFunction, names: Mapping[GradientFunction, str]) -> str:
    """Which layer's parameters a node uses, `"layer 1 reverse"`; "" if their names do not say it."""
    found = {_LAYER.search(names.get(leaf, "")) for leaf in leaves_of(function)}
    layers = {f"layer {match[1]}{' reverse' if match[2] else ''}" for match in found if match}
    return layers.pop() if len(layers) == 1 else ""
