"""The geometry of layouts, judged by plain rules about boxes and lines instead of by an engine."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable, Sequence
from itertools import combinations, pairwise

import pytest

from playground.graph import engine_graphlay, engine_sugiyama
from playground.graph.engine_data import Engine
from playground.graph.layout import Box, EdgeKey, Layout, Point, lay_out, make_layout, make_task, small
from playground.graph.model import Edge, Graph, GraphKind, Node, NodeKind, data_flow
from playground.graph.sharing import split_shared, split_shared_alike
from playground.graph.union import union

Sizes = dict[str, tuple[float, float]]
ENGINES = [pytest.param(engine_graphlay.place, id="careful"), pytest.param(engine_sugiyama.place, id="quick")]
TOLERANCE = 1e-6


def make_graph(
    lines: Sequence[tuple[str, str]], lonely: Sequence[str] = (), kind: GraphKind = GraphKind.TRACE
) -> Graph:
    """A graph from (start, end) in the direction of the data; small letters are parameters."""
    keys = list(dict.fromkeys([*(key for line in lines for key in line), *lonely]))
    number = {key: position for position, key in enumerate(keys)}
    nodes = tuple(
        Node(number[key], "op", NodeKind.PARAMETER if key[0].islower() else NodeKind.OPERATION, key)
        for key in keys
    )
    if kind is GraphKind.AUTOGRAD:
        lines = [(end, start) for start, end in lines]
    edges = [Edge(number[source], number[target], index) for index, (source, target) in enumerate(lines)]
    return Graph(nodes, tuple(edges), kind)


def random_graph(seed: int, count: int, *, acyclic: bool = True) -> Graph:
    chance = random.Random(seed)
    keys = [f"N{number}" for number in range(count)]
    lines = []
    for _ in range(int(count * chance.uniform(1.0, 1.7))):
        start, end = chance.randrange(count), chance.randrange(count)
        if acyclic:
            start = max(0, end - 1 - int(chance.expovariate(0.15)))
            if start == end:
                continue
        lines.append((keys[start], keys[end]))
    return make_graph(lines, lonely=keys)


def random_sizes(graph: Graph, seed: int = 0) -> Sizes:
    chance = random.Random(seed)
    return {node.key: (chance.uniform(60, 240), chance.choice([32.0, 46.0])) for node in graph.nodes}


def place(graph: Graph, sizes: Sizes, engine: Engine) -> Layout:
    task = make_task(graph, sizes)
    return make_layout(graph, task, engine(task))


def edge_key(graph: Graph, edge: Edge) -> EdgeKey:
    return graph.nodes[edge.source].key, graph.nodes[edge.target].key, edge.input_index


def overlapping(boxes: Sequence[Box]) -> list[tuple[Box, Box]]:
    return [
        (a, b)
        for a, b in combinations(boxes, 2)
        if a.x < b.x + b.width and b.x < a.x + a.width and a.y < b.y + b.height and b.y < a.y + a.height
    ]


def on_border(point: Point, box: Box) -> bool:
    right, bottom = box.x + box.width, box.y + box.height
    inside = (
        box.x - TOLERANCE <= point[0] <= right + TOLERANCE
        and box.y - TOLERANCE <= point[1] <= bottom + TOLERANCE
    )
    distances = (point[0] - box.x, right - point[0], point[1] - box.y, bottom - point[1])
    return inside and min(map(abs, distances)) <= TOLERANCE


def runs_through(a: Point, b: Point, box: Box) -> bool:
    """Whether a straight line has points inside a box (Liang and Barsky's way to clip a line)."""
    enter, leave = 0.0, 1.0
    for axis, low, high in ((0, box.x, box.x + box.width), (1, box.y, box.y + box.height)):
        low, high, step = low + TOLERANCE, high - TOLERANCE, b[axis] - a[axis]
        if step == 0:
            if not low < a[axis] < high:
                return False
            continue
        first, second = sorted(((low - a[axis]) / step, (high - a[axis]) / step))
        enter, leave = max(enter, first), min(leave, second)
    return enter < leave


def crossed_boxes(graph: Graph, layout: Layout) -> list[tuple[EdgeKey, str]]:
    return [
        (key, node.key)
        for key, route in (
            (edge_key(graph, edge), layout.routes[edge_key(graph, edge)]) for edge in graph.edges
        )
        for node in graph.nodes
        if node.key not in key[:2]
        and any(runs_through(a, b, layout.boxes[node.key]) for a, b in pairwise(route))
    ]


def check_places(graph: Graph, sizes: Sizes, layout: Layout) -> None:
    """What holds for every graph: sizes, no overlap, ends on borders, everything inside the drawing."""
    assert set(layout.boxes) == {node.key for node in graph.nodes}
    assert set(layout.routes) == {edge_key(graph, edge) for edge in graph.edges}
    boxes = [layout.boxes[node.key] for node in graph.nodes]
    assert [(box.width, box.height) for box in boxes] == [sizes[node.key] for node in graph.nodes]
    assert overlapping(boxes) == []
    for start, end, edge in data_flow(graph):
        route = layout.routes[edge_key(graph, edge)]
        assert on_border(route[0], boxes[start])
        assert on_border(route[-1], boxes[end])
    corners = [(box.x, box.y) for box in boxes] + [(b.x + b.width, b.y + b.height) for b in boxes]
    points = corners + [point for route in layout.routes.values() for point in route]
    for axis, size in enumerate((layout.width, layout.height)):
        assert min((point[axis] for point in points), default=0.0) == pytest.approx(0.0, abs=TOLERANCE)
        assert max((point[axis] for point in points), default=0.0) == pytest.approx(size, abs=TOLERANCE)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("count", [8, 40, 200])
@pytest.mark.parametrize("seed", range(3))
def test_graph_without_cycles(engine: Engine, count: int, seed: int) -> None:
    graph = random_graph(seed, count)
    sizes = random_sizes(graph, seed)
    layout = place(graph, sizes, engine)
    check_places(graph, sizes, layout)
    assert crossed_boxes(graph, layout) == []
    boxes = [layout.boxes[node.key] for node in graph.nodes]
    assert all(boxes[start].x + boxes[start].width < boxes[end].x for start, end, _ in data_flow(graph))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("seed", range(8))
def test_graph_with_cycles(engine: Engine, seed: int) -> None:
    graph = random_graph(seed, 25, acyclic=False)
    sizes = random_sizes(graph, seed)
    check_places(graph, sizes, place(graph, sizes, engine))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "graph",
    [
        pytest.param(Graph(), id="empty"),
        pytest.param(make_graph([], ["A"]), id="one node"),
        pytest.param(make_graph([], [f"N{n}" for n in range(30)]), id="isolated nodes only"),
        pytest.param(
            make_graph([("A", "B")], [f"N{n}" for n in range(30)]), id="isolated nodes beside an edge"
        ),
        pytest.param(make_graph([("A", "A")]), id="loop"),
        pytest.param(make_graph([("A", "A"), ("A", "A"), ("A", "B")]), id="two loops"),
        pytest.param(make_graph([("A", "B"), ("B", "A")]), id="there and back"),
        pytest.param(make_graph([("A", "B")] * 5), id="parallel edges"),
        pytest.param(make_graph([("A", "B"), ("C", "D"), ("D", "E")]), id="two parts"),
        pytest.param(make_graph([("A", f"N{n}") for n in range(150)]), id="star"),
    ],
)
def test_odd_graph(engine: Engine, graph: Graph) -> None:
    sizes = random_sizes(graph)
    check_places(graph, sizes, place(graph, sizes, engine))


@pytest.mark.parametrize("kind", list(GraphKind))
def test_data_flows_to_the_right_in_both_kinds(kind: GraphKind) -> None:
    graph = make_graph([("w", "MM"), ("MM", "LOSS")], kind=kind)
    layout = lay_out(graph, random_sizes(graph))
    assert layout.boxes["w"].x < layout.boxes["MM"].x < layout.boxes["LOSS"].x


def test_longest_path_is_straight() -> None:
    graph = dynamic_net(3)
    layout = lay_out(graph, {node.key: (100.0, 40.0) for node in graph.nodes})
    assert (
        len({layout.boxes[f"ADDMM {name}"].y for name in ("in", "middle#1", "middle#2", "middle#3", "out")})
        == 1
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_layout_does_not_depend_on_the_order_of_nodes_and_edges(engine: Engine) -> None:
    graph = random_graph(3, 60)
    sizes = random_sizes(graph)
    chance = random.Random(1)
    shuffled = list(range(len(graph.nodes)))
    chance.shuffle(shuffled)
    new = {old: number for number, old in enumerate(shuffled)}
    nodes = [
        Node(number, graph.nodes[old].op, graph.nodes[old].kind, graph.nodes[old].key)
        for number, old in enumerate(shuffled)
    ]
    edges = [Edge(new[edge.source], new[edge.target], edge.input_index) for edge in graph.edges]
    other = Graph(tuple(nodes), tuple(chance.sample(edges, len(edges))), graph.kind)
    first, second = place(graph, sizes, engine), place(other, sizes, engine)
    assert dict(first.boxes) == dict(second.boxes)
    assert {key: route[0] for key, route in first.routes.items()} == {
        k: r[0] for k, r in second.routes.items()
    }


@pytest.mark.parametrize("engine", ["graphlay", "sugiyama"])
def test_layout_is_the_same_in_every_process(engine: str) -> None:
    program = (
        "from playground.graph.engine_data import Task; from array import array\n"
        f"from playground.graph.engine_{engine} import place\n"
        "n = 50; lines = [(i // 2, i) for i in range(1, n)] + [(i // 3, i) for i in range(4, n)]\n"
        "task = Task(tuple(f'N{i}' for i in range(n)), array('d', [90] * n), array('d', [40] * n),\n"
        "            array('L', [a for a, _ in lines]), array('L', [b for _, b in lines]))\n"
        "print(place(task))"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(answers) == 1


def test_large_graph_goes_to_the_quick_engine_and_says_so() -> None:
    graph = random_graph(5, 1500)
    layout = lay_out(graph, {node.key: (90.0, 40.0) for node in graph.nodes})
    assert layout.engine == "fast-sugiyama"
    assert "lines may cross" in layout.note


def test_graph_with_heavy_sharing_goes_to_the_quick_engine() -> None:
    chain = [f"N{n}" for n in range(400)]
    lines = [*pairwise(chain), *((f"w{n % 20}", key) for n, key in enumerate(chain))]
    graph = make_graph(lines)
    assert lay_out(graph, random_sizes(graph)).engine == "fast-sugiyama"
    apart = split_shared(graph)
    assert lay_out(apart, random_sizes(apart)).engine == "graphlay"


def test_longest_lines_run_along_the_upper_edge(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_sugiyama, "BENDS", 20)
    chain = [f"N{n}" for n in range(30)]
    graph = make_graph([*pairwise(chain), *(("w", key) for key in chain)])
    sizes = random_sizes(graph)
    layout = place(graph, sizes, engine_sugiyama.place)
    check_places(graph, sizes, layout)
    assert crossed_boxes(graph, layout) == []
    assert "upper edge" in layout.note
    highest = min(box.y for box in layout.boxes.values())
    assert any(point[1] < highest for point in layout.routes["w", "N29", 58])


def test_deep_graph() -> None:
    graph = make_graph([(f"N{n}", f"N{n + 1}") for n in range(5000)])
    layout = lay_out(graph, random_sizes(graph))
    assert len(layout.boxes) == 5001
    assert layout.boxes["N0"].x < layout.boxes["N5000"].x == max(box.x for box in layout.boxes.values())


def test_small_graphs() -> None:
    assert small(Graph())
    assert small(union([dynamic_net(depth) for depth in range(4)]))
    assert not small(random_graph(0, 200))


def test_missing_size() -> None:
    with pytest.raises(KeyError, match="A"):
        lay_out(make_graph([("A", "B")]), {"B": (10.0, 10.0)})


def test_layout_behaves_like_plain_dicts() -> None:
    graph = make_graph([("A", "B"), ("B", "C")])
    layout = lay_out(graph, random_sizes(graph))
    assert layout.boxes == dict(layout.boxes)
    assert layout.routes == dict(layout.routes)
    assert "X" not in layout.boxes
    assert ("A", "B", 5) not in layout.routes


# --- the structures of one run -----------------------------------------------------------------------


def dynamic_net(depth: int) -> Graph:
    """DynamicNet's graph: an input layer, one middle layer used `depth` times, an output layer, the loss."""
    lines: list[tuple[str, str]] = []
    before = None
    for layer in ["in", *(f"middle#{use}" for use in range(1, depth + 1)), "out"]:
        name = layer.split("#")[0]
        lines += [(f"{name}.weight", f"T {layer}"), (f"T {layer}", f"ADDMM {layer}")]
        lines.append((f"{name}.bias", f"ADDMM {layer}"))
        if before is not None:
            lines.append((before, f"ADDMM {layer}"))
        before = f"CLAMP {layer}"
        lines.append((f"ADDMM {layer}", before if layer != "out" else "LOSS"))
    slots = {"T": 2, "CLAMP": 1}
    graph = make_graph(lines, kind=GraphKind.AUTOGRAD)
    edges = tuple(
        Edge(edge.source, edge.target, slots.get(graph.nodes[edge.target].key.split()[0], 0))
        for edge in graph.edges
    )
    return Graph(graph.nodes, edges, GraphKind.AUTOGRAD, (len(graph.nodes) - 1,))


def keys(graph: Graph) -> set[str]:
    return {node.key for node in graph.nodes}


def edge_keys(graph: Graph) -> set[EdgeKey]:
    return {edge_key(graph, edge) for edge in graph.edges}


def test_union_holds_everything_once() -> None:
    graphs = [dynamic_net(depth) for depth in range(4)]
    joined = union(graphs)
    assert [node.id for node in joined.nodes] == list(range(len(joined.nodes)))
    assert len(keys(joined)) == len(joined.nodes)
    assert len(edge_keys(joined)) == len(joined.edges)
    assert keys(joined) == set().union(*(keys(graph) for graph in graphs))
    assert edge_keys(joined) == set().union(*(edge_keys(graph) for graph in graphs))
    assert [joined.nodes[output].key for output in joined.outputs] == ["LOSS"]


def test_union_does_not_depend_on_the_order_of_structures() -> None:
    graphs = [dynamic_net(depth) for depth in range(4)]
    joined = union(graphs)
    for seed in range(5):
        assert union(random.Random(seed).sample(graphs, len(graphs))) == joined
    assert union([joined, *graphs]) == joined


def test_union_of_one_graph_or_none() -> None:
    graph = dynamic_net(2)
    assert union([graph]) == graph
    assert union([]) == Graph()


def test_union_refuses_graphs_of_two_kinds() -> None:
    with pytest.raises(ValueError, match="autograd, trace"):
        union([Graph(), Graph(kind=GraphKind.TRACE)])


def unchanged(graphs: Sequence[Graph]) -> list[Graph]:
    return list(graphs)


@pytest.mark.parametrize("prepare", [unchanged, split_shared_alike])
def test_each_structure_is_drawn_cleanly_at_the_places_of_the_union(
    prepare: Callable[[Sequence[Graph]], list[Graph]],
) -> None:
    graphs = prepare([dynamic_net(depth) for depth in range(4)])
    joined = union(graphs)
    layout = lay_out(joined, random_sizes(joined))
    for graph in graphs:
        assert keys(graph) <= set(layout.boxes)
        assert edge_keys(graph) <= set(layout.routes)
        assert crossed_boxes(graph, layout) == []
