"""Nodes inside one call of a recurrent layer are called by their layer and their time step."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

import playground
from playground.recording import NodeRecord, Recording

LENGTH = 4
CELLS: dict[Any, Any] = {nn.LSTM: nn.LSTMCell, nn.GRU: nn.GRUCell, nn.RNN: nn.RNNCell}


def hidden_gradients(kind: Any, layer: Any, x: Tensor, weights: Tensor, suffix: str) -> list[Tensor]:
    """The loss by the hidden state of each time step, from the layer's cell in a loop."""
    cell = CELLS[kind](layer.input_size, layer.hidden_size).double()
    for name, parameter in cell.named_parameters():
        parameter.data = getattr(layer, f"{name}_l0{suffix}").data
    state, states = None, {}
    for time in reversed(range(LENGTH)) if suffix else range(LENGTH):
        state = cell(x[time], state)
        states[time] = state[0] if kind is nn.LSTM else state
    hidden = [states[time] for time in range(LENGTH)]
    loss = torch.stack([(each * weight).sum() for each, weight in zip(hidden, weights, strict=True)]).sum()
    return list(torch.autograd.grad(loss, hidden))


def labels_with_gradient(recording: Recording, gradient: Tensor) -> list[str]:
    return [each.label for each in recording.nodes.values() if _has(each, gradient)]


def _has(node: NodeRecord, gradient: Tensor) -> bool:
    values = None if node.gradient is None else node.gradient.values
    if values is None or values.shape != tuple(gradient.shape):
        return False
    return torch.allclose(torch.from_numpy(values.copy()), gradient, rtol=1e-9, atol=0)


@pytest.mark.parametrize("suffix", ["", "_reverse"])
@pytest.mark.parametrize("kind", CELLS)
def test_a_time_step_is_the_place_in_the_sequence(kind: Any, suffix: str) -> None:
    torch.manual_seed(1)
    layer = kind(2, 3, bidirectional=True).double()
    x, weights = torch.randn(LENGTH, 1, 2).double(), torch.randn(LENGTH, 1, 6).double()
    recording = playground.record(lambda: (layer(x)[0] * weights).sum(), layer)
    own = weights[..., 3:] if suffix else weights[..., :3]
    name = "layer 0 reverse" if suffix else "layer 0"
    for time, gradient in enumerate(hidden_gradients(kind, layer, x, own, suffix)):
        labels = labels_with_gradient(recording, gradient)
        assert labels
        assert all(f"(…), {name}, time step {time}" in label for label in labels)


@pytest.mark.parametrize("kind", CELLS)
@pytest.mark.parametrize("options", [{}, {"num_layers": 2}, {"num_layers": 2, "bidirectional": True}])
def test_no_two_results_inside_have_one_label(kind: Any, options: dict[str, Any]) -> None:
    layer = kind(2, 3, **options).double()
    x = torch.randn(LENGTH, 1, 2).double()
    recording = playground.record(lambda: layer(x)[0].pow(2).sum(), layer)
    counts = Counter(each.label for each in recording.nodes.values())
    # A parameter is transposed anew at each time step: it is the same thing.
    assert {label for label, count in counts.items() if count > 1} == {
        f"{name}ᵀ" for name, _ in layer.named_parameters() if name.startswith("weight_hh")
    }
    steps = {label.partition("time step ")[2].partition(",")[0] for label in counts}
    assert steps - {""} == {str(time) for time in range(LENGTH)}


def test_fused_layers_are_told_apart() -> None:
    layer = nn.LSTM(2, 3, bidirectional=True)
    x = torch.randn(LENGTH, 1, 2)
    recording = playground.record(lambda: layer(x)[0].pow(2).sum(), layer)
    counts = Counter(each.label for each in recording.nodes.values())
    assert max(counts.values()) == 1


def test_sequences_of_unequal_lengths_have_no_time_steps() -> None:
    layer = nn.RNN(2, 3)
    x = pack_padded_sequence(torch.randn(3, 2, 2), torch.tensor([3, 2]))
    recording = playground.record(lambda: layer(x)[0].data.sum(), layer)
    labels = [each.label for each in recording.nodes.values() if not each.label.endswith("ᵀ")]
    assert len(set(labels)) == len(labels)
    assert not any("time step" in label for label in labels)
