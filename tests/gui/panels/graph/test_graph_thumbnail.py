"""Graphs as tiny pictures."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from playground.graph.layout import Layout
from playground.graph.model import Graph
from tests.gui.panels.graph.drawings import chain, dynamic_net, layout_of, trace, two_layers
from tests.gui.themes import wear
from ui.panels.graph.canvas import GraphCanvas
from ui.style.theme import DARK, LIGHT, Theme

SIZE = QSize(96, 54)
DEPTHS = {depth: dynamic_net(depth) for depth in range(4)}


@pytest.fixture
def canvas(qtbot: QtBot) -> GraphCanvas:
    widget = GraphCanvas()
    qtbot.addWidget(widget)
    return widget


def small(canvas: GraphCanvas, graph: Graph, layout: Layout | None = None, ratio: float = 1.0) -> QImage:
    return canvas.thumbnail(graph, layout or layout_of(graph), SIZE, ratio).toImage()


def amount(image: QImage, color: str) -> int:
    """How many pixels have exactly this color."""
    wanted = QColor(color).rgb()
    return sum(image.pixel(x, y) == wanted for x in range(image.width()) for y in range(image.height()))


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_nodes_are_blocks_in_their_colors(canvas: GraphCanvas, theme: Theme) -> None:
    wear(theme)
    image = small(canvas, trace(), ratio=2.0)
    colors = (theme.surface, theme.parameter, theme.data, theme.loss, theme.backward, theme.update)
    assert all(amount(image, color) > 8 for color in colors)


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_it_has_the_size_that_was_asked_for(canvas: GraphCanvas, ratio: float) -> None:
    picture = canvas.thumbnail(two_layers(), layout_of(two_layers()), SIZE, ratio)
    assert picture.size() == SIZE * ratio
    assert picture.deviceIndependentSize().toSize() == SIZE


@pytest.mark.parametrize("graph", [two_layers(), DEPTHS[3], trace(), chain(300)])
def test_it_fits_with_a_margin(canvas: GraphCanvas, graph: Graph) -> None:
    image = small(canvas, graph)
    width, height = image.width(), image.height()
    across, down = range(width), range(height)
    edge = [(x, y) for x in across for y in (0, 1, height - 2, height - 1)]
    edge += [(x, y) for x in (0, 1, width - 2, width - 1) for y in down]
    assert {image.pixelColor(x, y).name() for x, y in edge} == {LIGHT.surface}
    assert amount(image, LIGHT.surface) < width * height


def test_structures_of_a_run_can_be_told_apart(canvas: GraphCanvas) -> None:
    layout = layout_of(*DEPTHS.values())
    images = [small(canvas, graph, layout) for graph in DEPTHS.values()]
    assert all(first != second for first in images for second in images if first is not second)
    inks = [amount(image, LIGHT.operation) for image in images]
    assert inks == sorted(inks)
    assert small(canvas, DEPTHS[0], layout) == images[0]


def test_free_places_are_faint(canvas: GraphCanvas) -> None:
    layout = layout_of(DEPTHS[0], DEPTHS[3])
    few, all_of_them = (small(canvas, DEPTHS[depth], layout, ratio=2.0) for depth in (0, 3))
    faint = 0
    for x in range(few.width()):
        for y in range(few.height()):
            ours, theirs = few.pixelColor(x, y), all_of_them.pixelColor(x, y)
            if theirs.name() == LIGHT.operation and ours.name() not in (LIGHT.operation, LIGHT.surface):
                assert ours.lightness() > 150
                faint += 1
    assert faint > 100


def test_it_leaves_the_canvas_as_it_was(canvas: GraphCanvas) -> None:
    layout = layout_of(DEPTHS[3])
    canvas.set_graph(DEPTHS[3], layout)
    scene, viewport = canvas.scene, canvas.viewport
    small(canvas, trace())
    canvas.set_graph(DEPTHS[3], layout)
    assert canvas.scene is scene
    assert canvas.viewport == viewport
