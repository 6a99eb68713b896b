"""What is saved for backward at each node and when it is freed; what is not in the graph, and why."""

from __future__ import annotations

import pytest
import torch

import playground
from playground.recording.around_graph import held_at, outside_in_words, outside_of
from playground.recording.model import Recording


def step(batch: int = 8) -> Recording:
    w1 = torch.nn.Parameter(torch.randn(20, 10))
    w2 = torch.nn.Parameter(torch.randn(10, 3))
    x, y = torch.randn(batch, 20), torch.randn(batch, 3)
    optimizer = torch.optim.SGD([w1, w2], lr=1e-6)

    def loss() -> torch.Tensor:
        y_pred = x.mm(w1).clamp(min=0).mm(w2)
        return (y_pred - y).pow(2).sum()

    return playground.record(loss, {"w1": w1, "w2": w2}, optimizer=optimizer)


def test_what_is_saved_is_held_until_backward_has_used_the_node() -> None:
    recording = step()
    for event in recording.events:
        held = held_at(recording, event.number)
        for key, each in held.items():
            record = recording.nodes[key]
            assert record.made_by is not None
            assert record.made_by <= event.number
            assert each.is_freed == (record.reached_by is not None and record.reached_by <= event.number)
        bytes_held = sum(each.nbytes for each in held.values() if not each.is_freed)
        assert bytes_held >= recording.memory.totals[event.number]


def test_it_says_what_and_how_much() -> None:
    recording = step()
    held = held_at(recording, len(recording.events) - 1)
    product = held["MmBackward0(w1)#1"]
    assert product.parts == (("x", 8 * 20 * 4),)
    assert product.nbytes == 640
    assert product.is_freed
    assert "SubBackward0<w2#1" not in held, "it saves nothing"


def test_data_and_the_update_are_outside() -> None:
    recording = step()
    x, y, update = outside_of(recording, 0)
    assert (x.label, x.shape, x.nodes) == ("x", (8, 20), ("MmBackward0(w1)#1",))
    assert (y.label, y.nodes) == ("y", ("SubBackward0<w2#1",))
    assert "requires_grad is False" in x.reason
    assert update.is_update
    assert update.nodes == ("w1", "w2")
    assert "no_grad" in update.reason
    assert outside_in_words((x, y, update)) == "x and y need no gradient: not in the graph."
    assert outside_in_words((x,)) == "x needs no gradient: not in the graph."
    assert outside_in_words((update,)) == ""
    assert outside_of(recording, len(recording.events) - 1) == (x, y, update)


@pytest.mark.parametrize("frozen", [True, False])
def test_a_parameter_that_needs_no_gradient_is_outside(frozen: bool) -> None:
    weight = torch.nn.Parameter(torch.randn(4, 4), requires_grad=not frozen)
    bias = torch.nn.Parameter(torch.zeros(4))
    x = torch.randn(2, 4)
    recording = playground.record(lambda: (x.mm(weight) + bias).sum(), {"weight": weight, "bias": bias})
    labels = {each.label for each in outside_of(recording, 0)}
    assert ("weight" in labels or "x.mm(weight)" in labels) == frozen
