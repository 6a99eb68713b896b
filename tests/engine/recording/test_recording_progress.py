"""What is lit in the graph as the cursor goes through recorded steps."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch

import playground
from playground.graph import GraphKind, NodeKind, Phase
from playground.recording import EventKind, Recording, progress_at
from playground.settings import make_settings
from playground.trainer import Trainer

STAGES = ("numpy", "tensor", "autograd", "function", "nn", "optim", "module", "dynamic")
SMALL = {"batch_size": 3, "input_size": 4, "hidden_size": 5, "output_size": 2}


def recording_of(stage: str) -> Recording:
    depth = {"depth": "3:3"} if stage == "dynamic" else {}
    run = Trainer(make_settings(stage=stage, **SMALL, **depth))
    run.step()
    return run.record_step()


@pytest.mark.parametrize("stage", STAGES)
def test_nothing_is_taken_back(stage: str) -> None:
    recording = recording_of(stage)
    steps = [progress_at(recording, event.number) for event in recording.events]
    for before, after in pairwise(steps):
        assert after.waiting <= before.waiting
        assert after.differentiated >= before.differentiated
        assert after.updated >= before.updated
        assert after.edges >= before.edges
        assert list(Phase).index(after.phase) >= list(Phase).index(before.phase)


@pytest.mark.parametrize("stage", STAGES)
def test_in_the_end_everything_has_happened(stage: str) -> None:
    recording = recording_of(stage)
    last = progress_at(recording, len(recording.events) - 1)
    graph = recording.graph
    assert last.waiting == frozenset()
    assert last.failed is None
    parameters = {record.node for record in recording.parameters}
    assert None not in parameters
    assert last.updated == parameters
    if graph.kind is GraphKind.AUTOGRAD:
        assert last.differentiated == {node.key for node in graph.nodes}
        assert last.edges | last.current_edges == {
            (graph.nodes[edge.source].key, graph.nodes[edge.target].key, edge.input_index)
            for edge in graph.edges
        }
    else:
        assert not last.differentiated | last.edges


@pytest.mark.parametrize("stage", STAGES)
def test_forward_makes_the_nodes_in_order(stage: str) -> None:
    recording = recording_of(stage)
    graph = recording.graph
    first = progress_at(recording, 0)
    loss = next(node.key for node in graph.nodes if node.kind is NodeKind.LOSS)
    assert loss in first.waiting
    made = recording.nodes[loss].made_by
    assert made is not None
    assert loss not in progress_at(recording, made).waiting
    assert loss in progress_at(recording, made).current
    for node in graph.nodes:
        known = recording.nodes[node.key]
        if known.made_by is not None:
            assert node.key in progress_at(recording, known.made_by).current
            assert node.key not in progress_at(recording, known.made_by).waiting


def test_gradient_travels_against_the_data() -> None:
    recording = recording_of("autograd")
    for event in recording.events:
        if event.kind is not EventKind.NODE:
            assert progress_at(recording, event.number).current_edges == frozenset()
            continue
        here = progress_at(recording, event.number)
        assert here.current == set(event.nodes)
        assert {source for source, *_ in here.current_edges} <= set(event.nodes)
        assert not {target for _, target, _ in here.current_edges} & here.differentiated


@pytest.mark.parametrize("stage", ["function"])
def test_operations_inside_backward_light_their_node(stage: str) -> None:
    recording = recording_of(stage)
    inside = [event for event in recording.events if event.inside == "MyReLU.backward"]
    assert [event.op for event in inside] == ["clone", "lt", "setitem"]
    for event in inside:
        assert event.parent is not None
        parent = recording.events[event.parent]
        assert parent.op == "MyReLUBackward"
        assert parent.node in progress_at(recording, event.number).current


def test_place_that_is_not_there() -> None:
    recording = recording_of("autograd")
    with pytest.raises(IndexError):
        progress_at(recording, len(recording.events))


def test_leaf_waits_until_it_is_used() -> None:
    a, b = torch.randn(3, requires_grad=True), torch.randn(3, requires_grad=True)
    recording = playground.record(lambda: (a.exp() * b).sum(), {"a": a, "b": b})
    assert {"b"} == {"a", "b"} & progress_at(recording, 0).waiting
    assert not {"a", "b"} & progress_at(recording, 1).waiting
