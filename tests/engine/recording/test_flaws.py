"""NaN and infinity in a recorded step: where they are, and from which event on."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import playground
from playground.recording.events import EventKind
from playground.recording.flaws import Flaw, FlawedNode, FlawFinder, flaw_of
from playground.recording.model import Recording
from playground.recording.snapshot import Snapshot


def diverging() -> Recording:
    """A hidden value's square overflows: the loss is infinite, the gradient too, and then the weight."""
    w = torch.nn.Parameter(torch.tensor([1e30, 1.0, 0.0]))
    optimizer = torch.optim.SGD([w], lr=0.1)
    x = torch.tensor([1.0, 2.0, 3.0])

    def loss() -> torch.Tensor:
        hidden = w * x
        square = hidden * hidden
        return (square * square).sum()

    return playground.record(loss, {"w": w}, optimizer=optimizer)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([1.0, np.nan, np.inf], "1 NaN, 1 inf"),
        ([-np.inf, np.inf], "2 inf"),
        ([np.nan] * 10, "10 NaN"),
    ],
)
def test_it_counts_what_is_not_finite(values: list[float], words: str) -> None:
    array = np.array(values, dtype=np.float32)
    flaw = flaw_of(Snapshot(array.shape, "torch.float32", "cpu", False, array.nbytes, array))
    assert flaw is not None
    assert flaw.in_words() == words


@pytest.mark.parametrize("dtype", [np.float32, np.int64, np.bool_])
def test_what_is_finite_has_no_flaw(dtype: type[np.generic]) -> None:
    array = np.array([0, 1, 1], dtype=dtype)
    assert flaw_of(Snapshot(array.shape, "kind", "cpu", False, array.nbytes, array)) is None
    assert flaw_of(None) is None


def test_nodes_are_flawed_from_the_event_on_that_makes_it_so() -> None:
    recording = diverging()
    finder = FlawFinder(recording)
    first: dict[str, int] = {}
    for event in recording.events:
        for key, flawed in finder.nodes_at(event.number).items():
            first.setdefault(key, event.number)
            assert flawed.in_words()
    for key, number in first.items():
        record = recording.nodes[key]
        bad_value = flaw_of(record.value) is not None
        assert number == (record.made_by if bad_value else record.reached_by)
    squares = [key for key in first if key.startswith("MulBackward0<")]
    assert squares
    assert finder.nodes_at(recording.nodes[squares[0]].made_by or 0)[squares[0]].value == Flaw(0, 1)
    # Before anything overflows nothing is marked, and at the end the parameter is.
    assert finder.nodes_at(0) == {}
    last = finder.nodes_at(len(recording.events) - 1)
    assert last["w"].value is not None
    assert last["w"].gradient is not None


def test_edges_are_flawed_by_what_goes_along_them() -> None:
    recording = diverging()
    finder = FlawFinder(recording)
    backward = [event for event in recording.events if event.kind is EventKind.NODE]
    for event in backward:
        edges = finder.edges_at(event.number)
        for port in event.outputs:
            if port.node is not None and event.node is not None:
                bad = flaw_of(port.value) is not None
                key = (event.node, port.node, port.index)
                forward = flaw_of(recording.nodes[port.node].value) is not None
                assert (key in edges) == (bad or forward)


def test_the_gradient_is_told_first() -> None:
    assert FlawedNode(Flaw(1, 0), Flaw(0, 2)).in_words() == "2 inf"
    assert FlawedNode(Flaw(1, 0)).in_words() == "1 NaN"
    assert FlawedNode().in_words() == ""
