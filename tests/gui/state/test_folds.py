"""Which drawing of a graph is taken: folded, on its own, or in the layout that its run shares."""

from __future__ import annotations

from playground.graph.layout import lay_out
from playground.graph.model import Edge, Graph, Node, NodeKind
from playground.graph.sizes import window_sizes
from playground.graph.union import union
from ui.state.folds import MOST_NODES, Folds


def uses(count: int, extra: int = 0) -> Graph:
    """`layer` used so many times in a row, behind so many operations that do not repeat."""
    keys = [f"Op{number}#1" for number in range(extra)]
    keys += [f"AddmmBackward0(layer)#{number}" for number in range(1, count + 1)]
    nodes = [Node(0, "SumBackward0", NodeKind.LOSS, "loss", ())]
    nodes += [
        Node(number, key.split("Backward")[0], NodeKind.OPERATION, key, (2, 2))
        for number, key in enumerate(reversed(keys), start=1)
    ]
    edges = tuple(Edge(number, number + 1, 0) for number in range(len(nodes) - 1))
    return Graph(tuple(nodes), edges, outputs=(0,))


def test_what_repeats_is_folded_and_laid_out() -> None:
    graph, folds = uses(12), Folds()
    drawn, layout, folding = folds.drawing(graph, None, ())
    assert folding is not None
    assert drawn is folding.graph
    assert layout is not None
    assert set(layout.boxes) == {node.key for node in drawn.nodes}
    assert folds.drawing(graph, None, ())[1] is layout


def test_what_has_to_be_seen_is_not_folded() -> None:
    graph, folds = uses(12), Folds()
    key = "AddmmBackward0(layer)#6"
    drawn, _, folding = folds.drawing(graph, None, {key, "loss"})
    assert folding is not None
    assert drawn.node(key) is not None
    assert len(drawn.nodes) == 4


def test_a_graph_without_repeats_stays_in_the_layout_of_its_run() -> None:
    graph = uses(3)
    layout = lay_out(graph, window_sizes(graph))
    assert Folds().drawing(graph, layout, ()) == (graph, layout, None)


def test_in_a_layout_for_much_larger_graphs_it_is_drawn_on_its_own() -> None:
    graph, large = uses(3), uses(32)
    whole = union([graph, large])
    layout = lay_out(whole, window_sizes(whole))
    drawn, own, folding = Folds().drawing(graph, layout, ())
    assert (drawn, folding) == (graph, None)
    assert own is not layout
    assert own is not None
    assert set(own.boxes) == {node.key for node in graph.nodes}


def test_huge_graphs_are_left_alone() -> None:
    graph = uses(MOST_NODES + 1)
    assert Folds().drawing(graph, None, ()) == (graph, None, None)


def test_a_graph_that_stays_large_is_left_alone() -> None:
    graph = uses(12, extra=80)
    assert Folds().drawing(graph, None, ()) == (graph, None, None)
