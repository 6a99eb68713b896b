"""The graph's panel: what it draws, and what mouse and keys do to it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QToolButton
from pytestqt.qtbot import QtBot

from playground.graph.layout import Box, EdgeKey, Layout, Point
from playground.graph.model import Edge, Graph, GraphKind, Node, NodeKind, Phase, data_flow
from playground.graph.sizes import node_sizes, node_texts
from tests.gui.themes import wear
from ui.panels.graph import GraphView
from ui.panels.graph.navigation import tooltip
from ui.panels.graph.nodes import PlacedLine, TextFitter
from ui.panels.graph.scene import Geometry, Scene, arrowhead
from ui.style.theme import DARK, LIGHT

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


@pytest.fixture
def view(qtbot: QtBot) -> GraphView:
    panel = GraphView()
    qtbot.addWidget(panel)
    panel.resize(900, 500)
    with qtbot.waitExposed(panel):
        panel.show()
    return panel


@pytest.fixture
def selections(view: GraphView) -> list[str]:
    heard: list[str] = []
    view.node_selected.connect(heard.append)
    return heard


def scene_of(view: GraphView) -> Scene:
    scene = view.canvas.scene
    assert scene is not None
    return scene


def place_of(view: GraphView, key: str) -> QPoint:
    """Where the middle of a node is on the canvas."""
    box = scene_of(view).geometry.rectangles[key]
    return view.canvas.viewport.to_widget(box.center()).toPoint()


def click(view: GraphView, position: QPoint) -> None:
    QTest.mouseClick(view.canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, position)


def drag(view: GraphView, start: QPoint, end: QPoint) -> None:
    left, plain = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QTest.mousePress(view.canvas, left, plain, start)
    QTest.mouseMove(view.canvas, (start + end) / 2)
    QTest.mouseMove(view.canvas, end)
    QTest.mouseRelease(view.canvas, left, plain, end)


def turn_wheel(view: GraphView, position: QPoint, eighths: int) -> None:
    event = QWheelEvent(
        QPointF(position),
        QPointF(view.canvas.mapToGlobal(position)),
        QPoint(),
        QPoint(0, eighths),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view.canvas, event)


def picture(view: GraphView) -> QImage:
    return view.canvas.grab().toImage()


def colors_in(image: QImage, area: QRectF) -> set[str]:
    box = area.toAlignedRect().intersected(image.rect())
    across = range(box.left(), box.right() + 1)
    return {image.pixelColor(x, y).name() for x in across for y in range(box.top(), box.bottom() + 1)}


def shown(view: GraphView, key: str) -> QRectF:
    return view.canvas.viewport.transform().mapRect(scene_of(view).geometry.rectangles[key])


def show(view: GraphView, graph: Graph) -> Layout:
    layout = columns(graph)
    view.set_graph(graph, layout)
    return layout


def test_an_empty_view_paints_its_message_and_nothing_else(view: GraphView) -> None:
    view.set_message("")
    blank = colors_in(picture(view), QRectF(view.canvas.rect()))
    assert blank == {QColor(LIGHT.surface).name()}
    view.set_message("Press Run")
    written = picture(view)
    middle = QRectF(view.canvas.rect()).adjusted(300, 180, -300, -180)
    assert len(colors_in(written, middle)) > 1
    show(view, two_layers())
    view.set_graph(None, None)
    assert picture(view) == written


def test_every_node_is_drawn_in_its_color(view: GraphView) -> None:
    show(view, two_layers())
    image = picture(view)
    for key, color in (("w1", LIGHT.parameter), ("mm1", LIGHT.operation), ("loss", LIGHT.loss)):
        found = colors_in(image, shown(view, key).adjusted(-2, -2, 2, 2))
        assert min(_distance(name, color) for name in found) < 60


def _distance(first: str, second: str) -> float:
    ours, theirs = QColor(first), QColor(second)
    return math.dist((ours.red(), ours.green(), ours.blue()), (theirs.red(), theirs.green(), theirs.blue()))


def test_phases_of_a_trace_have_their_own_colors(view: GraphView) -> None:
    show(view, trace())
    image = picture(view)
    for key, color in (("grad_w1", LIGHT.backward), ("new", LIGHT.update)):
        found = colors_in(image, shown(view, key).adjusted(-2, -2, 2, 2))
        assert min(_distance(name, color) for name in found) < 60


def test_another_theme_repaints_everything(view: GraphView) -> None:
    show(view, two_layers())
    wear(DARK)
    assert picture(view).pixelColor(2, 2).name() == DARK.surface
    title = view.findChild(QLabel, "graph_title")
    assert title is not None
    assert title.palette().windowText().color().name() == DARK.text
    assert view.grab().toImage().pixelColor(1, 1).name() == DARK.surface


def test_a_click_selects_once(view: GraphView, selections: list[str]) -> None:
    show(view, two_layers())
    plain = picture(view)
    click(view, place_of(view, "clamp"))
    click(view, place_of(view, "clamp"))
    assert selections == ["clamp"]
    assert picture(view) != plain
    click(view, QPoint(5, 5))
    click(view, QPoint(5, 5))
    assert selections == ["clamp", ""]


def test_escape_clears_the_selection_once(view: GraphView, selections: list[str]) -> None:
    show(view, two_layers())
    click(view, place_of(view, "mm2"))
    QTest.keyClick(view.canvas, Qt.Key.Key_Escape)
    QTest.keyClick(view.canvas, Qt.Key.Key_Escape)
    assert selections == ["mm2", ""]


@pytest.mark.parametrize(
    ("start", "keys", "path"),
    [
        ("mm1", [Qt.Key.Key_Right, Qt.Key.Key_Right], ["clamp", "mm2"]),
        ("mm2", [Qt.Key.Key_Left], ["clamp"]),
        ("w1", [Qt.Key.Key_Left], []),
        ("w1", [Qt.Key.Key_Down, Qt.Key.Key_Up], ["w2", "w1"]),
        ("loss", [Qt.Key.Key_Right], []),
        (None, [Qt.Key.Key_Right], ["w1"]),
    ],
)
def test_arrow_keys_walk_along_the_data(
    view: GraphView, selections: list[str], start: str | None, keys: Sequence[Qt.Key], path: list[str]
) -> None:
    show(view, two_layers())
    view.select(start)
    for key in keys:
        QTest.keyClick(view.canvas, key)
    assert selections == path


def test_a_node_reached_by_keys_comes_into_view(view: GraphView) -> None:
    show(view, two_layers())
    view.canvas.zoom(4.0, QPointF(0, 0))
    for _ in range(5):
        QTest.keyClick(view.canvas, Qt.Key.Key_Right)
    assert view.canvas.rect().contains(place_of(view, "loss"))


def test_setters_are_silent_and_may_be_repeated(view: GraphView, selections: list[str]) -> None:
    toggled: list[bool] = []
    view.copies_toggled.connect(toggled.append)
    graph = two_layers()
    layout = columns(graph)
    pictures = []
    for _ in range(2):
        wear(DARK)
        view.set_graph(graph, layout)
        view.set_caption("a caption")
        view.set_note("a note")
        view.set_message("a message")
        view.set_ghosts(True)
        view.set_copies(True)
        view.select("mm1")
        QApplication.processEvents()
        pictures.append(view.grab().toImage())
    assert pictures[0] == pictures[1]
    view.select(None)
    view.set_graph(None, None)
    assert (selections, toggled) == ([], [])


def test_the_same_graph_again_is_not_painted_again(view: GraphView, qtbot: QtBot) -> None:
    graph = two_layers()
    layout = columns(graph)
    view.set_graph(graph, layout)
    QApplication.processEvents()
    paints: list[None] = []

    class Watcher(QLabel):
        def eventFilter(self, watched: object, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint:
                paints.append(None)
            return False

    watcher = Watcher()
    qtbot.addWidget(watcher)
    view.canvas.installEventFilter(watcher)
    view.set_graph(graph, layout)
    wear(LIGHT)
    view.select(None)
    QApplication.processEvents()
    assert paints == []
    view.select("mm1")
    QApplication.processEvents()
    assert paints


def test_the_whole_drawing_is_in_view_and_not_too_large(view: GraphView) -> None:
    for graph in (squared(), two_layers(), dynamic_net(3), chain(200)):
        view.set_graph(None, None)
        layout = show(view, graph)
        drawing = view.canvas.viewport.transform().mapRect(QRectF(0, 0, layout.width, layout.height))
        assert QRectF(view.canvas.rect()).contains(drawing)
        assert view.canvas.viewport.scale <= 1.25


def test_a_fit_follows_the_canvas_until_the_user_moves_the_drawing(view: GraphView) -> None:
    show(view, dynamic_net(3))
    before = view.canvas.viewport
    view.resize(600, 400)
    assert view.canvas.viewport != before
    drag(view, QPoint(50, 50), QPoint(90, 80))
    moved = view.canvas.viewport
    view.resize(900, 500)
    show(view, two_layers())
    assert view.canvas.viewport == moved
    QTest.keyClick(view.canvas, Qt.Key.Key_F)
    assert view.canvas.viewport != moved


def test_graphs_that_share_a_layout_do_not_move(view: GraphView) -> None:
    layout = columns(dynamic_net(3))
    view.set_graph(dynamic_net(3), layout)
    before = view.canvas.viewport
    places = {key: place_of(view, key) for key in layout.boxes}
    view.set_graph(dynamic_net(0), layout)
    assert view.canvas.viewport == before
    assert {key: place_of(view, key) for key in layout.boxes} == places


def test_dragging_moves_the_drawing_as_far_as_the_pointer_and_selects_nothing(
    view: GraphView, selections: list[str]
) -> None:
    show(view, two_layers())
    start = place_of(view, "mm1")
    drag(view, start, start + QPoint(60, 40))
    assert place_of(view, "mm1") == start + QPoint(60, 40)
    assert selections == []


@pytest.mark.parametrize("eighths", [120, -120, 360])
def test_the_wheel_keeps_the_point_under_the_pointer(view: GraphView, eighths: int) -> None:
    show(view, two_layers())
    pointer = QPoint(123, 77)
    point = view.canvas.viewport.to_drawing(QPointF(pointer))
    scale = view.canvas.viewport.scale
    turn_wheel(view, pointer, eighths)
    after = view.canvas.viewport
    assert (after.scale > scale) == (eighths > 0)
    assert after.to_widget(point).x() == pytest.approx(123)
    assert after.to_widget(point).y() == pytest.approx(77)


def test_zoom_has_limits(view: GraphView) -> None:
    show(view, two_layers())
    for eighths in (120, -120):
        for _ in range(60):
            turn_wheel(view, QPoint(10, 10), eighths)
        limit = view.canvas.viewport.scale
        turn_wheel(view, QPoint(10, 10), eighths)
        assert view.canvas.viewport.scale == limit
        assert 0.001 < limit < 100


def test_buttons_and_keys_zoom_and_fit(view: GraphView) -> None:
    show(view, two_layers())
    fitted = view.canvas.viewport
    for name, key in (("graph_zoom_in", Qt.Key.Key_Plus), ("graph_zoom_out", Qt.Key.Key_Minus)):
        QTest.keyClick(view.canvas, key)
        by_key = view.canvas.viewport
        QTest.mouseDClick(view.canvas, Qt.MouseButton.LeftButton)
        assert view.canvas.viewport == fitted
        _button(view, name).click()
        assert view.canvas.viewport == by_key != fitted
        _button(view, "graph_fit").click()
        assert view.canvas.viewport == fitted


def _button(view: GraphView, name: str) -> QToolButton:
    button = view.findChild(QToolButton, name)
    assert button is not None
    return button


def test_buttons_say_what_they_do(view: GraphView) -> None:
    buttons = view.findChildren(QToolButton)
    assert len(buttons) == 5  # with the one that clears the search
    assert all(button.toolTip() and button.accessibleName() for button in buttons)
    keys = {_button(view, f"graph_{name}").shortcut().toString() for name in ("zoom_in", "zoom_out", "fit")}
    assert keys == {"Ctrl++", "Ctrl+-", "Ctrl+0"}


def test_the_copies_button_tells_what_the_user_wants(view: GraphView) -> None:
    toggled: list[bool] = []
    view.copies_toggled.connect(toggled.append)
    for _ in range(2):
        QTest.mouseClick(_button(view, "graph_copies"), Qt.MouseButton.LeftButton)
    assert toggled == [True, False]


def test_hovering_fades_what_is_not_connected(view: GraphView) -> None:
    show(view, dynamic_net(2))
    before = picture(view)
    QTest.mouseMove(view.canvas, place_of(view, "middle_linear.weight"))
    lit = picture(view)

    def changed(key: str) -> bool:
        inside = shown(view, key).adjusted(2, 12, -2, -2).toAlignedRect()
        return before.copy(inside) != lit.copy(inside)

    same = {key for key in ("middle_linear.weight", "t 1", "t 2") if not changed(key)}
    assert same == {"middle_linear.weight", "t 1", "t 2"}
    assert all(changed(key) for key in ("input_linear.weight", "t 0", "addmm 0", "loss"))
    QTest.mouseMove(view.canvas, QPoint(3, 3))
    assert picture(view) == before


def test_copies_of_a_parameter_light_up_together() -> None:
    nodes = (
        Node(0, "MulBackward0", LOSS, "loss"),
        Node(1, "AccumulateGrad", PARAMETER, "w @1", parameter="w"),
        Node(2, "AccumulateGrad", PARAMETER, "w @2", parameter="w"),
        Node(3, "AccumulateGrad", PARAMETER, "v", parameter="v"),
    )
    graph = Graph(nodes, tuple(Edge(0, number, number - 1) for number in (1, 2, 3)))
    scene = Scene(graph, Geometry(columns(graph)))
    lit, edges = scene.related(1)
    assert {scene.nodes[place].key for place in lit} == {"loss", "w @1", "w @2"}
    assert len(edges) == 2


def test_the_tooltip_tells_the_facts(view: GraphView) -> None:
    show(view, dynamic_net(3))
    scene = scene_of(view)
    text = tooltip(scene, scene.geometry.rectangles["middle_linear.weight"].center(), ghosts=True)
    for fact in ("middle_linear.weight", "AccumulateGrad", "100 × 100", "used 3 times"):
        assert fact in text
    text = tooltip(scene, scene.geometry.rectangles["addmm 0"].center(), ghosts=True)
    assert "torch.float32 on cpu" in text
    assert tooltip(scene, QPointF(-50, -50), ghosts=True) == ""


def test_the_tooltip_of_a_trace_tells_the_line_and_the_phase(view: GraphView) -> None:
    show(view, trace())
    scene = scene_of(view)
    text = tooltip(scene, scene.geometry.rectangles["grad_w1"].center(), ghosts=True)
    assert "line 9, backward phase" in text


def test_free_places_are_drawn_only_when_wanted(view: GraphView) -> None:
    layout = columns(dynamic_net(3))
    own = {node.key for node in dynamic_net(1).nodes}
    free = [key for key in layout.boxes if key not in own]
    assert free
    view.set_graph(dynamic_net(1), layout)
    with_ghosts = picture(view)
    view.set_ghosts(False)
    without = picture(view)
    surface = {QColor(LIGHT.surface).name()}
    crossed = [key for key in free if colors_in(without, shown(view, key)) != surface]
    assert len(crossed) < len(free)
    for key in set(free) - set(crossed):
        assert colors_in(with_ghosts, shown(view, key)) != surface


def test_a_selected_node_that_is_absent_keeps_its_place(view: GraphView, selections: list[str]) -> None:
    layout = columns(dynamic_net(3))
    view.set_graph(dynamic_net(3), layout)
    view.select("addmm 3")
    selected = picture(view)
    view.set_graph(dynamic_net(0), layout)
    view.set_graph(dynamic_net(3), layout)
    assert picture(view) == selected
    assert selections == []


@pytest.mark.parametrize("graph", [two_layers(), dynamic_net(3), trace(), squared()])
@pytest.mark.parametrize("family", ["DejaVu Sans", "DejaVu Sans Mono", "DejaVu Serif", "Liberation Sans"])
def test_texts_fit_their_boxes(qapp: QApplication, graph: Graph, family: str) -> None:
    font = qapp.font()
    font.setFamily(family)
    fitter = TextFitter(font)
    for node in graph.nodes:
        width, height = node_sizes(graph)[node.key]
        box = QRectF(0, 0, width, height)
        for lines in (fitter.both(node, box.size()), fitter.name(node, box.size())):
            assert lines
            assert all(box.contains(ink_of(line)) for line in lines)
            assert all(line.font.pixelSize() >= 8 for line in lines)


def ink_of(line: PlacedLine) -> QRectF:
    return QFontMetricsF(line.font).boundingRect(line.text).translated(line.start)


def test_a_long_name_is_shortened_but_a_tooltip_tells_it_whole() -> None:
    name = "transformer.encoder.layers.11.self_attention.in_proj_weight"
    build = Builder()
    build.parameter(name, (3, 3))
    graph = build.graph()
    written, shape = node_texts(graph.nodes[0])
    assert len(written) < len(name)
    assert written.startswith("transf")
    assert written.endswith("weight")
    assert shape == "3 × 3"
    scene = Scene(graph, Geometry(columns(graph)))
    assert name in tooltip(scene, scene.rectangles[0].center(), ghosts=False)


@pytest.mark.parametrize(
    ("key", "texts"),
    [
        ("x", ("x", "64 × 1000")),
        ("h", ("dot → h", "64 × 100")),
        ("loss", ("sum → loss", "scalar")),
        ("new", ("subtract → w1", "1000 × 100")),
    ],
)
def test_texts_of_a_trace(key: str, texts: tuple[str, str]) -> None:
    node = trace().node(key)
    assert node is not None
    assert node_texts(node) == texts


def test_edges_between_one_pair_of_nodes_stay_countable() -> None:
    layout = columns(squared())
    assert len(set(layout.routes.values())) == 1
    geometry = Geometry(layout)
    keys = list(layout.routes)
    assert len(keys) == 2
    first, second = (geometry.path(key) for key in keys)
    assert abs(first.pointAtPercent(0.5).y() - second.pointAtPercent(0.5).y()) >= 4


def test_routes_keep_their_ends_and_arrows_point_along_them() -> None:
    route: tuple[Point, ...] = ((0.0, 0.0), (50.0, 0.0), (50.0, 80.0), (120.0, 80.0), (120.0, 80.0))
    key: EdgeKey = ("b", "a", 0)
    geometry = Geometry(Layout({}, {key: route}, 120, 80))
    path = geometry.path(key)
    assert path.pointAtPercent(0) == QPointF(0, 0)
    assert path.pointAtPercent(1) == QPointF(120, 80)
    nearest = min(math.dist(path.pointAtPercent(part / 500).toTuple(), (50, 0)) for part in range(501))
    assert 1 < nearest < 8
    tip, *back = (arrowhead(geometry.routes[key]).at(place) for place in range(3))
    assert tip == QPointF(120, 80)
    assert all(corner.x() < 120 for corner in back)
    assert sum(corner.y() for corner in back) / 2 == pytest.approx(80)


def test_a_shared_parameter_carries_a_badge(view: GraphView) -> None:
    layout = columns(dynamic_net(3))
    view.set_graph(dynamic_net(3), layout)
    scene = scene_of(view)
    assert scene.uses[scene.index("middle_linear.bias") or 0] == 3
    shared = picture(view)
    view.set_graph(dynamic_net(1), layout)
    corner = shown(view, "middle_linear.weight").topRight()
    above = QRectF(corner.x() - 12, corner.y() - 6, 10, 5)
    ink = QColor(LIGHT.parameter).name()
    assert ink in colors_in(shared, above)
    assert ink not in colors_in(picture(view), above)


def test_the_graph_is_told_in_words(view: GraphView) -> None:
    view.set_message("Press Run")
    assert view.canvas.accessibleName() == "Computation graph"
    assert view.canvas.accessibleDescription() == "Press Run"
    show(view, two_layers())
    assert view.canvas.accessibleDescription() == "6 nodes, 5 edges."
    click(view, place_of(view, "clamp"))
    assert "Selected: ClampBackward1, shape 64 × 100" in view.canvas.accessibleDescription()


def test_the_note_is_shown_only_while_there_is_one(view: GraphView) -> None:
    note = view.findChild(QLabel, "graph_note")
    assert note is not None
    assert not note.isVisible()
    view.set_note("no graph is built")
    assert note.isVisible()
    view.set_note("")
    assert not note.isVisible()


def test_ten_thousand_nodes_are_painted_near_and_far(view: GraphView) -> None:
    show(view, chain(10_000))
    far = picture(view)
    assert len(colors_in(far, QRectF(view.canvas.rect()))) > 1
    view.canvas.zoom(1.0 / view.canvas.viewport.scale)
    visible = view.canvas.viewport.visible(QRectF(view.canvas.rect()).size())
    assert 0 < len(scene_of(view).nodes_in(visible)) < 20
    assert len(colors_in(picture(view), QRectF(view.canvas.rect()))) > 1
