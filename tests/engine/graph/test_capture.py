"""Graphs as captured, against torchviz and next_functions."""

from __future__ import annotations

import re
import subprocess
import sys
import warnings
from collections import Counter

import torch

from playground.graph import Graph, NodeKind, Phase, capture
from tests.engine.graph.models import Model, Output, each_model, weight

Multiset = Counter[str]
Pairs = Counter[tuple[str, str]]


def drawn_by_torchviz(output: Output) -> tuple[Multiset, Pairs]:
    """Functions, and pairs of (user, input), in torchviz's drawing.

    torchviz fills the boxes of tensors (leaves, saved tensors, outputs) with a color; the others
    are functions, `AccumulateGrad` included. Its edges run from the input to the user. It draws one
    for each entry of `next_functions`, so that doubled edges can be compared as well.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it uses the deprecated distutils
        import torchviz

        body: list[str] = torchviz.make_dot(output).body
    functions: dict[str, str] = {}
    arrows: list[tuple[str, str]] = []
    for line in body:
        if arrow := re.match(r"\s*(\d+) -> (\d+)", line):
            arrows.append((arrow[1], arrow[2]))
        elif "fillcolor" not in line:
            node = re.match(r"\s*(\d+) \[label=(\w+)\]", line)
            assert node, line
            functions[node[1]] = node[2]
    pairs = Counter(
        (functions[user], functions[source])
        for source, user in arrows
        if source in functions and user in functions
    )
    return Counter(functions.values()), pairs


def captured(graph: Graph) -> tuple[Multiset, Pairs]:
    ops = {node.id: node.op for node in graph.nodes}
    return Counter(ops.values()), Counter((ops[edge.source], ops[edge.target]) for edge in graph.edges)


def entries_of_next_functions(output: Output) -> Counter[tuple[object, object, int, int]]:
    """(user, input, input index, output index) of every entry, by a recursive walk."""
    entries: Counter[tuple[object, object, int, int]] = Counter()
    seen: set[object] = set()

    def visit(function: torch.autograd.graph.Node) -> None:
        if function in seen:
            return
        seen.add(function)
        for index, (source, result) in enumerate(function.next_functions):
            if source is not None:
                entries[function, source, index, result] += 1
                visit(source)

    for tensor in output if isinstance(output, tuple) else (output,):
        assert tensor.grad_fn is not None
        visit(tensor.grad_fn)
    return entries


@each_model
def test_nodes_and_edges_are_those_that_torchviz_draws(model: Model) -> None:
    output = model()
    graph = capture(output)
    assert captured(graph) == drawn_by_torchviz(output)
    assert graph.edges


@each_model
def test_every_entry_of_next_functions_is_an_edge(model: Model) -> None:
    output = model()
    graph = capture(output)
    entries = entries_of_next_functions(output)
    assert len(graph.edges) == entries.total()
    assert Counter((e.input_index, e.output_index) for e in graph.edges) == Counter(
        (index, result) for _, _, index, result in entries.elements()
    )


def test_a_leaf_output_gives_its_accumulator() -> None:
    # torchviz draws the tensor only, since a leaf has no grad_fn.
    (node,) = capture(w := weight(2, 3), {"w": w}).nodes
    assert (node.op, node.parameter, node.key, node.shape) == ("AccumulateGrad", "w", "w", (2, 3))
    assert (node.kind, node.phase) == (NodeKind.PARAMETER, Phase.FORWARD)


def test_outputs_without_gradient_contribute_nothing() -> None:
    assert capture(torch.ones(3)) == Graph()
    assert captured(capture([torch.ones(2), weight(2).sum()])) == captured(capture(weight(2).sum()))


def test_outputs_come_first_and_once() -> None:
    x = weight(2, 3).exp()
    rows = x.unbind(0)
    graph = capture([rows[1], x, rows[0]])
    assert graph.outputs == (0, 1)
    assert [(node.op, node.kind, node.phase) for node in graph.nodes] == [
        ("UnbindBackward0", NodeKind.LOSS, Phase.LOSS),
        ("ExpBackward0", NodeKind.LOSS, Phase.LOSS),
        ("AccumulateGrad", NodeKind.PARAMETER, Phase.FORWARD),
    ]


def test_an_edge_tells_which_result_was_used_and_as_which_input() -> None:
    first, second = weight(2, 3).unbind(0)
    graph = capture(second - first)
    assert [(e.source, e.target, e.input_index, e.output_index) for e in graph.edges[:2]] == [
        (0, 1, 0, 1),
        (0, 1, 1, 0),
    ]


def test_nodes_describe_the_result_of_the_operation() -> None:
    w = torch.ones(4, 2, dtype=torch.float64, requires_grad=True)
    nodes = {node.op: node for node in capture(torch.ones(3, 4, dtype=torch.float64).mm(w), {"w": w}).nodes}
    assert nodes["MmBackward0"].shape == (3, 2)
    assert nodes["AccumulateGrad"].shape == (4, 2)
    assert {(n.dtype, n.device) for n in nodes.values()} == {("torch.float64", "cpu")}


def test_a_nested_tensor_has_no_shape() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # nested tensors are a prototype
        nested = torch.nested.nested_tensor([torch.ones(2, 3), torch.ones(4, 3)], requires_grad=True)
        graph = capture(nested * 2)
    assert graph.nodes[0].shape is None


def test_parameters_are_found_by_identity() -> None:
    a, b = weight(3), weight(3)
    names = [node.parameter for node in capture((a * b).sum(), {"b": b, "tied": b}).nodes]
    assert sorted(map(str, names)) == ["None", "None", "None", "b"]


def test_the_graph_package_does_not_load_torch() -> None:
    code = "import sys, playground.graph, playground.graph.export; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
