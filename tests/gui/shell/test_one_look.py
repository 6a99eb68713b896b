"""While a run goes on at full speed every panel says the same of the step: they all show one look."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QSlider
from pytestqt.qtbot import QtBot

from playground.graph.model import Graph
from tests.gui.whole_window import PATIENCE, opened
from ui.panels.filmstrip import Filmstrip
from ui.panels.graph import GraphView
from ui.panels.step import StepBar
from ui.shell.window import MainWindow
from ui.state.shown import Shown
from ui.widgets.figure import Figure

LOOKS = 25
SIZES = {"batch_size": 4, "input_size": 6, "hidden_size": 5, "output_size": 2, "steps": 9_000_000}


def depth_of(graph: Graph) -> int:
    """How often the middle layer was used, counted in the graph itself."""
    weight = next((node.id for node in graph.nodes if node.parameter == "middle_linear.weight"), None)
    turned = {edge.source for edge in graph.edges if edge.target == weight}
    return sum(edge.target in turned for edge in graph.edges)


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    """A window in which DynamicNet is about to run at full speed."""
    window = opened(qtbot)
    window.session.choose_stage("dynamic")
    for name, value in SIZES.items():
        window.session.choose(name, value)
    return window


def test_all_panels_say_the_same_of_the_step(qtbot: QtBot, window: MainWindow) -> None:
    graph, bar, strip = (window.findChild(kind) for kind in (GraphView, StepBar, Filmstrip))
    slider = window.findChild(QSlider, "step_slider")
    assert isinstance(graph, GraphView)
    assert isinstance(bar, StepBar)
    assert isinstance(strip, Filmstrip)
    assert isinstance(slider, QSlider)
    seen: list[tuple[int, int]] = []

    def compare(now: Shown, _before: Shown | None) -> None:
        if now.step is None:
            return
        run = window.session.run
        assert run is not None
        assert graph.canvas.scene is not None
        drawn = graph.canvas.scene.graph
        depth = run.history.depth(now.step)
        said = (graph.property("step"), graph.property("depth"), slider.value(), slider.property("depth"))
        assert said == (now.step, depth, now.step, depth)
        assert depth_of(drawn) == depth
        figure = bar.findChild(Figure)
        assert figure is not None
        assert f"depth {depth} " in figure.text()
        seen.append((now.step, depth))

    # Connected last: every panel has shown the look by then.
    window.timeline.shown.connect(compare)
    window.session.train()
    qtbot.waitUntil(lambda: len(seen) >= LOOKS, timeout=PATIENCE)
    window.session.pause()
    assert len({depth for _, depth in seen}) > 1
    steps = [step for step, _ in seen]
    assert steps == sorted(steps)
