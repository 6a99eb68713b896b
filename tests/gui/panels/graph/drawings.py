"""Graphs that tests draw, and what is seen of them."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF
from PySide6.QtGui import QImage

from playground.graph.layout import Box, Layout, Point, lay_out
from playground.graph.model import Edge, Graph, GraphKind, Node, NodeKind, Phase, data_flow
from playground.graph.sizes import node_sizes
from playground.graph.union import union
from ui.panels.graph import GraphView
from ui.panels.graph.scene import Scene

PARAMETER, DATA, OPERATION, LOSS = NodeKind.PARAMETER, NodeKind.DATA, NodeKind.OPERATION, NodeKind.LOSS


class Builder:
    """Writes down an autograd graph in the order of the forward pass."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []
        self.parameters: dict[str, int] = {}

    def add(self, op: str, key: str, shape: tuple[int, ...], *inputs: int, kind: NodeKind = OPERATION) -> int:
        node = Node(len(self.nodes), op, kind, key, shape, dtype="torch.float32", device="cpu")
        self.nodes.append(node)
        self.edges += [Edge(node.id, source, place) for place, source in enumerate(inputs)]
        return node.id

    def parameter(self, name: str, shape: tuple[int, ...]) -> int:
        if name not in self.parameters:
            self.parameters[name] = len(self.nodes)
            number = len(self.nodes)
            self.nodes.append(Node(number, "AccumulateGrad", PARAMETER, name, shape, parameter=name))
        return self.parameters[name]

    def graph(self) -> Graph:
        return Graph(tuple(self.nodes), tuple(self.edges), GraphKind.AUTOGRAD, (len(self.nodes) - 1,))


def two_layers() -> Graph:
    build = Builder()
    hidden = build.add("MmBackward0", "mm1", (64, 100), build.parameter("w1", (1000, 100)))
    relu = build.add("ClampBackward1", "clamp", (64, 100), hidden)
    output = build.add("MmBackward0", "mm2", (64, 10), relu, build.parameter("w2", (100, 10)))
    build.add("SumBackward0", "loss", (), output, kind=LOSS)
    return build.graph()


def dynamic_net(depth: int) -> Graph:
    build = Builder()
    current: tuple[int, ...] = ()
    for place, layer in enumerate(["input_linear", *["middle_linear"] * depth, "output_linear"]):
        weight = build.parameter(f"{layer}.weight", (100, 100))
        bias = build.parameter(f"{layer}.bias", (100,))
        number = "last" if layer == "output_linear" else place
        turned = build.add("TBackward0", f"t {number}", (100, 100), weight)
        current = (build.add("AddmmBackward0", f"addmm {number}", (64, 100), bias, *current, turned),)
        if layer != "output_linear":
            current = (build.add("ClampBackward1", f"clamp {number}", (64, 100), *current),)
    build.add("MseLossBackward0", "loss", (), *current, kind=LOSS)
    return build.graph()


def squared() -> Graph:
    """`w * w`: two edges between one pair of nodes."""
    build = Builder()
    weight = build.parameter("w", (3,))
    build.add("MulBackward0", "square", (3,), weight, weight, kind=LOSS)
    return build.graph()


def chain(length: int) -> Graph:
    nodes = tuple(Node(number, "MulBackward0", OPERATION, str(number), (8,)) for number in range(length))
    return Graph(nodes, tuple(Edge(number + 1, number, 0) for number in range(length - 1)))


def trace() -> Graph:
    x = Node(0, "randn", DATA, "x", (64, 1000), name="x", line=3)
    w = Node(1, "randn", PARAMETER, "w1", (1000, 100), name="w1", line=4)
    h = Node(2, "dot", OPERATION, "h", (64, 100), name="h", line=7, phase=Phase.FORWARD)
    loss = Node(3, "sum", LOSS, "loss", (), name="loss", line=8, phase=Phase.LOSS)
    grad = Node(4, "dot", OPERATION, "grad_w1", (1000, 100), name="grad_w1", line=9, phase=Phase.BACKWARD)
    update = Node(5, "subtract", OPERATION, "new", (1000, 100), name="w1", line=10, phase=Phase.UPDATE)
    pairs = [(0, 2, 0), (1, 2, 1), (2, 3, 0), (0, 4, 0), (3, 4, 1), (1, 5, 0), (4, 5, 1)]
    return Graph((x, w, h, loss, grad, update), tuple(Edge(*pair) for pair in pairs), GraphKind.TRACE, (3,))


def columns(graph: Graph) -> Layout:
    """A plain layout: each node one column to the right of its last input, edges straight."""
    sizes = node_sizes(graph)
    column = {node.id: 0 for node in graph.nodes}
    flow = list(data_flow(graph))
    for start, end, _ in sorted(flow, key=lambda step: step[1]):
        column[end] = max(column[end], column[start] + 1)
    filled: dict[int, int] = {}
    boxes = {}
    for node in graph.nodes:
        row = filled.setdefault(column[node.id], 0)
        filled[column[node.id]] += 1
        boxes[node.key] = Box(column[node.id] * 240.0, row * 90.0, *sizes[node.key])
    keys = [node.key for node in graph.nodes]
    routes = {
        (keys[edge.source], keys[edge.target], edge.input_index): straight(
            boxes[keys[start]], boxes[keys[end]]
        )
        for start, end, edge in flow
    }
    width = max(box.x + box.width for box in boxes.values())
    height = max(box.y + box.height for box in boxes.values())
    return Layout(boxes, routes, width, height)


def straight(start: Box, end: Box) -> tuple[Point, ...]:
    return (start.x + start.width, start.y + start.height / 2), (end.x, end.y + end.height / 2)


def scene_of(view: GraphView) -> Scene:
    scene = view.canvas.scene
    assert scene is not None
    return scene


def place_of(view: GraphView, key: str) -> QPoint:
    """Where the middle of a node is on the canvas."""
    box = scene_of(view).geometry.rectangles[key]
    return view.canvas.viewport.to_widget(box.center()).toPoint()


def picture(view: GraphView) -> QImage:
    return view.canvas.grab().toImage()


def box_of(view: GraphView, key: str) -> QRectF:
    return view.canvas.viewport.transform().mapRect(scene_of(view).geometry.rectangles[key])


def show(view: GraphView, graph: Graph) -> Layout:
    layout = columns(graph)
    view.set_graph(graph, layout)
    return layout


def layout_of(*graphs: Graph) -> Layout:
    """One layout for all of them."""
    whole = union(graphs)
    return lay_out(whole, node_sizes(whole))


def draw(view: GraphView, graph: Graph) -> None:
    view.set_graph(graph, layout_of(graph))
