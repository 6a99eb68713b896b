"""Nodes are called in plain words; their keys never reach the screen."""

from __future__ import annotations

import pytest
import torch

from playground.graph import capture
from playground.graph.labels import key_in_words, label_of
from playground.graph.sharing import split_shared


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("w1", "w1"),
        ("middle_linear.weight", "middle_linear.weight"),
        ("MmBackward0(w1)#1", "Mm of w1"),
        ("AddmmBackward0(middle_linear)#2", "Addmm of middle_linear, 2nd use"),
        ("ClampBackward1<middle_linear#22", "Clamp after middle_linear, 22nd use"),
        ("ClampBackward1<middle_linear#2/3", "Clamp after middle_linear, 2nd use, 3rd of its kind"),
        ("TBackward0(0.weight)#11", "T of 0.weight, 11th use"),
        ("MyReLUBackward<w1#1", "MyReLU after w1"),
        ("leaf#2", "unnamed leaf 2"),
        ("w1@2", "w1, copy 2"),
        ("grad_w1", "grad_w1"),
        ("mul:12", "mul of line 12"),
        ("w1#2", "w1, 2nd use"),
        ("RandBackward0#1", "Rand"),
    ],
)
def test_a_key_in_words(key: str, words: str) -> None:
    assert key_in_words(key) == words


def test_no_label_of_a_captured_graph_looks_like_a_key() -> None:
    shared, last = torch.nn.Linear(4, 4), torch.nn.Linear(4, 2)
    hidden = torch.randn(3, 4)
    for _ in range(3):
        hidden = shared(hidden).clamp(min=0)
    names = {f"shared.{name}": each for name, each in shared.named_parameters()}
    names |= {f"last.{name}": each for name, each in last.named_parameters()}
    graph = split_shared(capture(last(hidden).pow(2).sum(), names))
    labels = [label_of(node) for node in graph.nodes]
    assert not [label for label in labels if set(label) & set("<>#@()/")]
    operations = [label_of(node) for node in graph.nodes if node.parameter is None]
    assert len(set(operations)) == len(operations)
