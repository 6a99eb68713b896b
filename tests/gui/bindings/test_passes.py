"""A step with several backward passes in the whole window: each has its own graph, and says which it is."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from playground.graph.layout import Layout, lay_out
from playground.graph.model import Graph
from playground.graph.sizes import window_sizes
from playground.recording.model import Recording
from playground.recording.phase_names import PhaseNames
from playground.recording.progress import progress_at
from tests.gui.driver import find
from tests.gui.several_passes import PASSES, accumulating, adversarial, checkpointed
from tests.gui.whole_window import PATIENCE, opened
from ui.panels.code import CodeView
from ui.panels.events import EventList
from ui.panels.graph import GraphView
from ui.panels.inspector.panel import OTHER_PASS, Inspector
from ui.panels.replay import WalkBar
from ui.shell.window import MainWindow
from ui.state.layouts import GraphLayouts
from ui.style.phases import pass_caption, position_text

SIZES = {"batch_size": 4, "input_size": 6, "hidden_size": 5, "output_size": 2}


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    """A window in which a step was made."""
    window = opened(qtbot, **SIZES)
    with qtbot.waitSignal(
        window.session.worker.halted, timeout=PATIENCE, check_params_cb=lambda halt: halt.steps > 0
    ):
        window.session.make_one_step()
    window.refresh()
    return window


def put(window: MainWindow, recording: Recording) -> None:
    """Has the window show another recording of its step."""
    assert window.session.run is not None
    window.session.run.recordings.put(recording)
    window.timeline.go_to(recording.step)
    assert window.replay.recording is recording


def keys(graph: Graph | None) -> set[str]:
    return set() if graph is None else {node.key for node in graph.nodes}


def caption(window: MainWindow) -> str:
    return widget(window, "graph_caption").accessibleName()


def bar_of(window: MainWindow) -> WalkBar:
    found = window.findChild(WalkBar)
    assert isinstance(found, WalkBar)
    return found


def widget(owner: QWidget, name: str) -> QWidget:
    found = owner.findChild(QWidget, name)
    assert found is not None
    return found


def test_the_graph_is_that_of_the_pass_in_which_the_cursor_stands(window: MainWindow) -> None:
    recording = adversarial()
    put(window, recording)
    canvas = find(window, GraphView).canvas
    for event in [*recording.events, recording.events[0]]:
        window.replay.player.go(event.number)
        graph = recording.graph_at(event.number)
        assert keys(window.graph) == keys(graph)
        assert canvas.scene is not None
        assert keys(canvas.scene.graph) == keys(graph)
        assert canvas.progress == progress_at(recording, event.number)
        assert window.replay.key == "" or window.replay.key in keys(graph)
        found = recording.pass_at(event.number)
        assert found is not None
        assert caption(window).startswith(
            f"backward {found.number + 1} of 2, {found.label} {found.loss:.4g} · "
        )
    one, other = (each.graph for each in recording.passes)
    assert keys(one) != keys(other)


def test_passes_that_look_alike_are_drawn_in_the_same_places(window: MainWindow) -> None:
    recording = accumulating().recording
    put(window, recording)
    places = []
    for each in recording.passes:
        window.replay.player.go(each.events.start)
        scene = find(window, GraphView).canvas.scene
        assert scene is not None
        places.append(scene.geometry.layout)
        assert caption(window).startswith(f"backward {each.number + 1} of {PASSES}, ")
    assert all(layout is places[0] for layout in places)


def test_the_key_of_the_next_phase_goes_through_all_that_come_back(window: MainWindow) -> None:
    recording = accumulating().recording
    put(window, recording)
    window.replay.player.first()
    names = PhaseNames(recording)
    bar, action = bar_of(window), window.findChild(QAction, "walk_phase_action")
    assert action is not None
    bands = [phase for phase, _, _ in bar.slider.bands()]
    assert bands == [span.phase for span in names.spans]
    width = widget(bar, "event_label").width()
    said = []
    for _ in names.spans:
        said.append(bar.text().split("  ")[0])
        action.trigger()
        assert widget(bar, "event_label").width() == width
    assert said == list(names.names)


def test_a_pass_inside_another_is_named_after_it(window: MainWindow) -> None:
    recording = checkpointed()
    put(window, recording)
    inner = recording.passes[1]
    window.replay.player.go(inner.events.start)
    assert keys(window.graph) == keys(inner.graph)
    assert caption(window).startswith("inside CheckpointFunction's backward, ")
    inspector = window.findChild(Inspector)
    assert isinstance(inspector, Inspector)
    assert inspector.text().startswith("▶ inside CheckpointFunction's backward, ")
    # The bar counts what is not inside another: there is one.
    assert bar_of(window).text().startswith("backward  ")


def test_with_one_pass_nothing_is_said(window: MainWindow) -> None:
    recording = window.replay.recording
    assert recording is not None
    assert len(recording.passes) == 1
    assert pass_caption(recording, 0) == ""
    assert caption(window).startswith(f"{len(recording.graph.nodes)} nodes")
    number = recording.passes[0].events.start
    place = f"backward  {number + 1} / {len(recording.events)}"
    assert position_text(recording.events, number, PhaseNames(recording)) == place


def test_a_chosen_node_is_looked_up_in_the_pass_of_the_cursor(window: MainWindow) -> None:
    recording = adversarial()
    put(window, recording)
    inspector = window.findChild(Inspector)
    assert isinstance(inspector, Inspector)
    (key,) = [
        node.key for node in recording.passes[1].graph.nodes if node.key.startswith("AddmmBackward0(D.2)")
    ]
    lines = []
    for each in recording.passes:
        window.replay.player.go(each.events.start)
        window.choose_node(key)
        record = each.nodes[key]
        assert record.made_by is not None
        assert f"made by event {record.made_by + 1}" in inspector.text()
        lines.append(record.line)
    assert lines[0] != lines[1]


def test_a_line_marks_nodes_of_the_pass_that_is_drawn_only(window: MainWindow) -> None:
    recording = adversarial()
    put(window, recording)
    first, second = recording.passes
    line = next(each.line for each in recording.events if each.label == first.label)
    assert line is not None
    code = window.findChild(CodeView)
    assert isinstance(code, CodeView)
    window.replay.player.go(first.events.start)
    code.line_clicked.emit(line)
    of_line = [recording.events[number] for number in recording.events_of_line(line)]
    assert find(window, GraphView).canvas.found == {
        key for event in of_line if event.backward_pass == 0 for key in event.nodes
    }
    window.replay.player.go(second.events.start)
    assert find(window, GraphView).canvas.found == frozenset()
    events = window.findChild(EventList)
    assert isinstance(events, EventList)
    assert events.marked == {event.number for event in of_line}


def test_the_captions_of_the_list_say_which_of_several_it_is(qtbot: QtBot) -> None:
    events = EventList()
    qtbot.addWidget(events)
    events.show_recording(accumulating().recording)
    captions = [line for line in events.text().splitlines() if line.isupper()]
    assert captions == [name.upper() for name in PhaseNames(accumulating().recording).names]
    assert "BACKWARD 2 OF 4" in captions
    assert "FORWARD 2" in captions


def test_a_node_of_another_pass_is_not_said_to_be_unused(qtbot: QtBot) -> None:
    inspector = Inspector()
    qtbot.addWidget(inspector)
    recording = adversarial()
    (first, second) = recording.passes
    key = next(iter(keys(second.graph) - keys(first.graph)))
    inspector.show_at(first.graph, key, recording, None)
    assert inspector.text() == OTHER_PASS
    # Where there is an event, that is what counts.
    inspector.show_at(first.graph, key, recording, first.events.start)
    assert inspector.key is None
    assert recording.events[first.events.start].op in inspector.text()


class _Process:
    """Lays out at once what it is given, and answers when it is asked."""

    def __init__(self) -> None:
        self.answer: tuple[int, Layout] | None = None
        self.submitted: list[Graph] = []

    def submit(self, job: int, graph: Graph, sizes: dict[str, tuple[float, float]]) -> None:
        self.submitted.append(graph)
        self.answer = job, lay_out(graph, sizes)

    def poll(self) -> tuple[int, Layout] | None:
        answer, self.answer = self.answer, None
        return answer

    def close(self) -> None:
        pass


def test_a_large_graph_of_a_pass_is_laid_out_beside_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    process = _Process()
    monkeypatch.setattr("ui.state.layouts.LayoutProcess", lambda: process)
    monkeypatch.setattr("ui.state.layouts.small", lambda _graph: False)
    layouts = GraphLayouts()
    one, other = (each.graph for each in adversarial().passes)
    assert layouts.drawing_alone(other, False) == (other, None)
    assert layouts.drawing_alone(other, False) == (other, None)
    assert process.submitted == [other]
    assert layouts.waiting
    assert layouts.poll()
    _, layout = layouts.drawing_alone(other, False)
    assert layout is not None
    assert set(layout.boxes) == keys(other)
    layouts.drawing_alone(one, False)
    assert process.submitted == [other, one]


def test_a_pass_that_looks_like_the_structure_shares_its_drawing() -> None:
    layouts = GraphLayouts()
    one, other = (each.graph for each in adversarial().passes)
    structure = Graph(one.nodes, one.edges, one.kind, one.outputs)
    layouts.start_run([structure])
    assert layouts.drawing_of_pass(one, 0, False) == layouts.drawing(0, False)
    graph, layout = layouts.drawing_of_pass(other, 0, False)
    assert graph is other
    assert layout == lay_out(other, window_sizes(other))
    split, layout = layouts.drawing_of_pass(one, 0, True)
    assert keys(split) - keys(one)
    assert layout is not None
