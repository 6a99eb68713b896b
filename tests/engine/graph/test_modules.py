"""Which module made a node: by the names of parameters, and as a recording tells it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

import playground
from playground.graph import capture
from playground.graph.model import Graph, GraphKind, Node, NodeKind
from playground.graph.modules import Call, Chain, chains_of, common
from playground.graph.sharing import split_shared
from playground.recording import Recording
from playground.recording.queries import chains_in
from tests.engine.large_models import Step, adversarial, recurrent, resnet, transformer


def captured(model: nn.Module, output: Tensor) -> Graph:
    return capture(output, dict(model.named_parameters()))


def paths(chains: dict[str, Chain], key: str) -> list[str]:
    return [call.path for call in chains[key]]


def test_an_operation_belongs_to_the_module_of_its_parameters() -> None:
    model = nn.ModuleDict({"body": nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 3))})
    graph = captured(model, model["body"](torch.ones(4, 2)).sum())
    chains = chains_of(graph)
    assert paths(chains, "AddmmBackward0(body.0)#1") == ["body", "body.0"]
    assert paths(chains, "TBackward0(body.0.weight)#1") == ["body", "body.0"]
    assert paths(chains, "body.0.bias") == ["body", "body.0"]
    # Between two layers of the body, and in none of them.
    assert paths(chains, "ReluBackward0<body.0#1") == ["body"]
    assert chains["SumBackward0<body.2#1"] == ()


def test_calls_are_counted_by_how_often_parameters_are_used() -> None:
    model = adversarial()
    judged = [model["D"](model["G"](torch.ones(3, 4))), model["D"](torch.ones(3, 2))]
    graph = captured(model, sum((each.sum() for each in judged), torch.zeros(())))
    chains = chains_of(graph)
    uses = {call.use for chain in chains.values() for call in chain if call.path == "D"}
    assert uses == {1, 2}
    assert chains["AddmmBackward0(D.0)#2"] == (Call("D", 2), Call("D.0", 2))
    assert chains["LeakyReluBackward0<D.0#2"][0] == Call("D", 2)
    # What both calls share belongs to neither.
    assert chains["D.0.weight"] == ()
    assert chains["G.0.weight"] == (Call("G", 1), Call("G.0", 1))


def test_a_copy_of_a_shared_leaf_goes_with_its_use() -> None:
    model = nn.ModuleDict({"layer": nn.Linear(3, 3)})
    graph = split_shared(captured(model, model["layer"](model["layer"](torch.ones(2, 3))).sum()))
    chains = chains_of(graph)
    assert {chains[key] for key in ("layer.bias@1", "layer.bias@2")} == {
        (Call("layer", 1),),
        (Call("layer", 2),),
    }


def test_a_trace_has_no_modules() -> None:
    graph = Graph((Node(0, "dot", NodeKind.OPERATION, "dot:3"),), (), GraphKind.TRACE)
    assert chains_of(graph) == {}


def test_what_is_known_wins_over_names() -> None:
    model = nn.ModuleDict({"layer": nn.Linear(3, 3)})
    graph = captured(model, functional.relu(model["layer"](torch.ones(2, 3))).sum())
    told = {"AddmmBackward0(layer)#1": (Call("other", 4),)}
    chains = chains_of(graph, told)
    assert chains["AddmmBackward0(layer)#1"] == (Call("other", 4),)
    # The parameters go where their users are.
    assert chains["layer.bias"] == (Call("other", 4),)


@pytest.mark.parametrize("make", [resnet, partial(transformer, 2), partial(recurrent, 12)])
def test_names_come_near_to_what_really_ran(make: Callable[[], Step]) -> None:
    step = make()
    recording = playground.record(step.loss, step.model)
    names, true = chains_of(recording.graph), chains_of(recording.graph, chains_in(recording, None))
    called = {call.path for event in recording.events for call in event.calls}
    for node in recording.graph.nodes:
        # A list of modules is never called itself, and what attention projects with neither.
        told = tuple(call for call in names[node.key] if call.path in called)
        # Names may say less, but nothing else; a view at a border may be on its other side.
        if "View" not in node.op:
            assert told == true[node.key][: len(told)]


def named_calls(recording: Recording) -> list[tuple[str, int]]:
    found = dict.fromkeys(call for event in recording.events for call in event.calls)
    return [(call.path, call.use) for call in found]


def test_a_recording_counts_the_calls_of_a_module() -> None:
    model, points = adversarial(), torch.randn(3, 2)

    def step() -> None:
        drawn = model["G"](torch.ones(3, 4))
        (model["D"](points).sum() + model["D"](drawn.detach()).sum()).backward()
        model["D"](drawn).sum().backward()

    recording = playground.record(step, model)
    calls = named_calls(recording)
    assert [use for path, use in calls if path == "D"] == [1, 2, 3]
    assert [use for path, use in calls if path == "G"] == [1]
    # The graph of the second pass is that of the third use.
    second = recording.passes[1]
    known = chains_in(recording, second.events.start)
    assert {chain[0] for chain in known.values() if chain and chain[0].path == "D"} == {Call("D", 3)}
    # A node of autograd belongs to the call that made it.
    reached = recording.events[second.events.start + 1]
    assert reached.calls[0] == Call("D", 3)


def test_calls_are_told_apart_that_run_the_same_line() -> None:
    step = recurrent(5)
    recording = playground.record(step.loss, step.model)
    cells = [event.calls for event in recording.events if event.op == "rnn_tanh_cell"]
    assert cells == [(Call("cell", number),) for number in range(1, 6)]


class Recursive(nn.Module):
    """Calls itself, with less to do."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(2, 2)

    def forward(self, x: Tensor, times: int) -> Tensor:
        hidden: Tensor = self.layer(x)
        return self(hidden, times - 1) if times else hidden


def test_a_call_inside_a_call_of_the_same_module() -> None:
    model = nn.ModuleDict({"net": Recursive(), "last": nn.Linear(2, 1)})
    recording = playground.record(lambda: model["last"](model["net"](torch.ones(1, 2), 2)).sum(), model)
    chains = [event.calls for event in recording.events if event.op == "linear"]
    assert chains[2] == (Call("net", 1), Call("net", 2), Call("net", 3), Call("net.layer", 3))
    assert chains[3] == (Call("last", 1),)


class Failing(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        raise ValueError("not today")


@pytest.mark.parametrize("is_compiled", [False, True])
def test_a_call_that_fails_is_over(is_compiled: bool) -> None:
    model = nn.ModuleDict({"bad": Failing(), "good": nn.Linear(2, 1)})
    if is_compiled:
        # In place: it keeps a compiled form of what its `__call__` hands on to.
        model["good"].compile(backend="eager")

    def step() -> Tensor:
        with contextlib.suppress(ValueError):
            model["bad"](torch.ones(1, 2))
        result: Tensor = model["good"](torch.ones(1, 2)).sum()
        return result

    before = nn.Module.__call__, nn.Module._call_impl
    recording = playground.record(step, model)
    assert [event.calls for event in recording.events if event.op == "linear"] == [(Call("good", 1),)]
    assert (nn.Module.__call__, nn.Module._call_impl) == before


@pytest.mark.parametrize("make", [resnet, recurrent])
def test_counting_calls_changes_no_bit(make: Callable[[], Step]) -> None:
    plain, recorded = make(), make()
    plain.loss().backward()
    playground.record(recorded.loss, recorded.model)
    for one, other in zip(plain.model.parameters(), recorded.model.parameters(), strict=True):
        assert one.grad is not None
        assert other.grad is not None
        assert torch.equal(one.grad, other.grad)


def test_what_chains_have_in_common() -> None:
    one, other = Call("a", 1), Call("a.b", 1)
    assert common([]) == ()
    assert common([(one, other), (one,)]) == (one,)
    assert common([(one, other), ()]) == ()
