"""Whatever a model returns is captured like the tensors in it, picked out by hand."""

from __future__ import annotations

import dataclasses
from collections import OrderedDict, UserDict, UserList, defaultdict, deque, namedtuple
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_sequence

from playground.graph import capture
from playground.tensors import tensors_in

Point = namedtuple("Point", "x y")


class Output(NamedTuple):
    loss: Tensor
    hidden: tuple[Tensor, ...] | None = None


@dataclasses.dataclass
class Plain:
    logits: Tensor
    hidden: list[Tensor | None]
    name: str = "plain"


@dataclasses.dataclass(frozen=True, slots=True)
class Slotted:
    inner: Plain
    loss: Tensor | None = None


@dataclasses.dataclass
class Unset:
    logits: Tensor
    later: Tensor = dataclasses.field(init=False)


@dataclasses.dataclass
class ModelOutput(OrderedDict[str, Any]):
    """As the models of transformers return it: a dictionary of those fields that are not None."""

    loss: Tensor | None = None
    logits: Tensor | None = None
    hidden_states: tuple[Tensor, ...] | None = None

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if value is not None:
                self[field.name] = value


Packing = Callable[[Tensor, Tensor, Tensor], object]

PACKINGS: dict[str, Packing] = {
    "tuple": lambda a, b, c: (a, b, c),
    "list": lambda a, b, c: [a, b, c],
    "deque": lambda a, b, c: deque([a, b, c]),
    "user list": lambda a, b, c: UserList([a, b, c]),
    "dict": lambda a, b, c: {"loss": a, "logits": b, 7: c},
    "ordered": lambda a, b, c: OrderedDict(first=a, second=b, third=c),
    "default": lambda a, b, c: defaultdict(list, {"x": [a, b], "y": [c]}),
    "user dict": lambda a, b, c: UserDict({"x": a, "y": (b, c)}),
    "None among them": lambda a, b, c: (None, a, [None, b], {"cache": None, "c": c}),
    "numbers and texts among them": lambda a, b, c: (a, 3, "text", [b"bytes", 2.5, True], {b: 1}, b, c),
    "named": lambda a, b, c: Output(a, (b, c)),
    "named by a call": lambda a, b, c: [Point(a, b), Point(None, c)],
    "dataclass": lambda a, b, c: Plain(a, [b, None, c]),
    "dataclass within": lambda a, b, c: {"out": Slotted(Plain(a, [b]), c)},
    "field without a value": lambda a, b, c: (Unset(a), Unset(b), Unset(c)),
    "model output": lambda a, b, c: ModelOutput(loss=a, hidden_states=(b, c)),
    "namespace": lambda a, b, c: SimpleNamespace(loss=a, rest=SimpleNamespace(b=b, c=c)),
    "an object beside": lambda a, b, c: (a, nn.Linear(2, 2), object(), Plain, b, c),
    "nested": lambda a, b, c: ((((a,),), [[{"b": (b,)}]]), c),
}


def results() -> tuple[Tensor, Tensor, Tensor]:
    weight = torch.ones(3, 3).div(7).requires_grad_()
    hidden = torch.ones(2, 3).mm(weight)
    return hidden.sum(), hidden.tanh(), hidden.exp()


@pytest.mark.parametrize("packing", PACKINGS.values(), ids=list(PACKINGS))
def test_however_they_are_packed_the_tensors_are_found_in_order(packing: Packing) -> None:
    a, b, c = results()
    packed = packing(a, b, c)
    found = tensors_in(packed)
    assert [id(each) for each in found] == [id(a), id(b), id(c)]
    assert capture(packed) == capture([a, b, c])


def test_one_tensor_is_itself() -> None:
    loss, _, _ = results()
    assert tensors_in(loss) == [loss]
    assert capture((loss,)) == capture(loss)


def test_sets_of_tensors() -> None:
    a, b, c = results()
    assert {id(each) for each in tensors_in([{a}, frozenset([b, c])])} == {id(a), id(b), id(c)}


def test_a_tensor_that_is_there_twice_is_one_output() -> None:
    a, _, _ = results()
    assert tensors_in((a, [a])) == [a, a]
    assert capture((a, {"loss": a})).outputs == (0,)


@pytest.mark.parametrize("layer", [nn.LSTM(4, 5, num_layers=2), nn.GRU(4, 5)])
def test_a_packed_sequence_and_the_state_beside_it(layer: nn.LSTM | nn.GRU) -> None:
    sequences = [torch.ones(3, 4), torch.ones(1, 4)]
    output, state = layer(pack_sequence(sequences))
    states = list(state) if isinstance(state, tuple) else [state]
    names = dict(layer.named_parameters())
    graph = capture((output, state), names)
    assert graph == capture([output.data, *states], names)
    assert {node.parameter for node in graph.nodes} - {None} == set(names)


def test_results_that_torch_names() -> None:
    x = torch.arange(6.0).reshape(2, 3).requires_grad_()
    largest = (x * 2).max(dim=1)
    assert capture(largest) == capture([largest.values, largest.indices])


def test_what_contains_itself_is_walked_once() -> None:
    a, _, _ = results()
    loop: list[object] = [a]
    loop.append({"again": loop})
    assert tensors_in(loop) == [a]
    # Each list holds the one before twice: 2^60 ways lead to the tensor.
    doubled: list[object] = [a]
    for _ in range(60):
        doubled = [doubled, doubled]
    assert tensors_in(doubled) == [a]


def test_depth_is_no_limit() -> None:
    a, _, _ = results()
    nested: list[object] = [a]
    for _ in range(50_000):
        nested = [nested]
    assert tensors_in(nested) == [a]


class Broken:
    def __repr__(self) -> str:
        raise RuntimeError("no words")


@pytest.mark.parametrize(
    ("value", "named"),
    [
        (None, "None"),
        (3, "3 (int)"),
        ("some text", "'some text' (str)"),
        ([], "[] (list)"),
        ({}, "{} (dict)"),
        ([None, {"loss": 0.5}], "[None, {'loss': 0.5}] (list)"),
        (nn.Linear(2, 2), "an object of type Linear"),
        (Plain, "an object of type type"),
        (range(10**12), "an object of type range"),
        (Broken(), "an object of type Broken"),
        (10**5000, "an object of type int"),
    ],
    ids=lambda given: given if isinstance(given, str) else type(given).__name__,
)
def test_without_a_tensor_one_line_names_what_was_given(value: object, named: str) -> None:
    with pytest.raises(TypeError) as caught:
        capture(value)
    assert str(caught.value) == (
        f"no tensor to capture in {named}; "
        "allowed: a tensor, or tuples, lists, sets, mappings and dataclasses with tensors in them"
    )


@pytest.mark.parametrize("value", ["long\n" * 500, [["many"] * 500] * 500, [Broken()], {"x": 10**5000}])
def test_the_line_stays_one_short_line(value: object) -> None:
    with pytest.raises(TypeError) as caught:
        capture(value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 220
