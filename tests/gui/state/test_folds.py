"""Which drawing of a graph is taken: folded, on its own, or in the layout that its run shares."""

from __future__ import annotations

from playground.graph.folding import Folding
from playground.graph.layout import lay_out
from playground.graph.model import Edge, Graph, Node, NodeKind
from playground.graph.modules import Call, Chain
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


def layered(blocks: int, inside: int = 6) -> tuple[Graph, dict[str, Chain]]:
    """So many modules in a row, each with two more in it, and what a recording tells of their calls."""
    nodes = [Node(0, "SumBackward0", NodeKind.LOSS, "loss", ())]
    known: dict[str, Chain] = {"loss": ()}
    for number in range(blocks - 1, -1, -1):
        for place in range(inside - 1, -1, -1):
            key = f"Op{number}.{place}"
            nodes.append(Node(len(nodes), "MulBackward0", NodeKind.OPERATION, key, (2, 2)))
            half = f"block{number}.{place * 2 // inside}"
            known[key] = (Call(f"block{number}", 1), Call(half, 1))
    edges = tuple(Edge(number, number + 1, 0) for number in range(len(nodes) - 1))
    return Graph(tuple(nodes), edges, outputs=(0,)), known


def names(folding: Folding | None) -> list[str]:
    return [] if folding is None else sorted(block.title for block in folding.blocks.values())


ALL = [f"block{number}" for number in range(10)]


def folded_layers(folds: Folds, graph: Graph, known: dict[str, Chain], *keys: str) -> Folding:
    folding = folds.drawing(graph, None, keys, known)[2]
    assert folding is not None
    return folding


def test_modules_of_a_large_graph_are_folded_by_themselves() -> None:
    (graph, known), folds = layered(30, 12), Folds()
    drawn, layout, folding = folds.drawing(graph, None, (), known)
    assert folds.foldable
    assert folds.of_modules
    assert folds.folds
    assert folding is not None
    assert drawn is folding.graph
    assert layout is not None
    assert set(layout.boxes) == {node.key for node in drawn.nodes}
    assert names(folding) == sorted(f"block{number}" for number in range(30))


def test_modules_of_a_small_graph_are_folded_on_demand() -> None:
    (graph, known), folds = layered(4), Folds()
    assert folds.drawing(graph, None, (), known)[2] is None
    assert (folds.foldable, folds.folds) == (True, False)
    folds.want(True)
    assert names(folds.drawing(graph, None, (), known)[2]) == ALL[:4]
    folds.want(False)
    assert folds.drawing(graph, None, (), known) == (graph, None, None)


def test_the_cursor_opens_what_it_enters_and_closes_it_behind_itself() -> None:
    (graph, known), folds = layered(10), Folds()
    folds.want(True)
    folding = folded_layers(folds, graph, known, "Op3.2")
    assert set(folding.titles.values()) == {"block3", "block3.0"}
    assert names(folding) == sorted([*(set(ALL) - {"block3"}), "block3.1"])
    assert names(folded_layers(folds, graph, known, "loss")) == ALL


def test_what_the_user_opened_stays_open_and_what_they_folded_folded() -> None:
    (graph, known), folds = layered(10), Folds()
    folds.want(True)
    box = next(each for each in folded_layers(folds, graph, known).blocks.values() if each.title == "block5")
    folds.open(box)
    assert "block5" not in names(folded_layers(folds, graph, known, "Op1.0"))
    # A module is folded around the cursor, and opens again when the cursor comes back.
    folds.close((Call("block1", 1),))
    assert "block1" in names(folded_layers(folds, graph, known, "Op1.0"))
    folded_layers(folds, graph, known, "loss")
    assert "block1" not in names(folded_layers(folds, graph, known, "Op1.0"))
    folds.close((Call("block5", 1),))
    assert names(folded_layers(folds, graph, known)) == ALL
    folds.open(box)
    folds.want(True)
    assert names(folded_layers(folds, graph, known)) == ALL


def test_a_graph_that_looks_the_same_is_folded_as_the_one_before() -> None:
    (graph, known), (again, _), folds = layered(10), layered(10), Folds()
    first = folds.drawing(graph, None, (), known)
    assert folds.knows(graph)
    # Though no recording tells of this one.
    assert folds.drawing(again, None, ())[0] is first[0]


def test_what_repeats_is_opened_all_at_once() -> None:
    graph, folds = uses(12), Folds()
    folding = folds.drawing(graph, None, ())[2]
    assert folding is not None
    folds.open(next(iter(folding.blocks.values())))
    assert folds.drawing(graph, None, ())[2] is None
