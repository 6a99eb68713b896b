"""Painting in the picture's panel: what mouse and keys tell, and what is shown meanwhile."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from playground.data.picture import Picture
from playground.data.plane import plane_of
from tests.gui.driver import LEFT, NO_KEY, colors_of, drag, find, focus, heard, press_keys
from ui.panels.picture import PictureView
from ui.panels.picture.paint_layer import PaintLayer
from ui.panels.picture.points import frame_of
from ui.style.theme import current_theme

SIZE = 8
X = np.array([[-1.0, -1.0], [1.0, 1.0], [-1.0, 1.0], [0.5, -0.5]])
SIDES = np.array([[-1.0], [1.0], [1.0], [-1.0]])


def made(columns: int = 1, inputs: int = 2) -> Picture:
    x = X[:, :inputs]
    plane = plane_of(x)
    shape = (columns, *(SIZE,) * inputs)
    y = SIDES if columns == 1 else np.eye(columns)[np.arange(4) % columns]
    y = 0.5 * y if inputs == 1 else y
    return Picture(plane, 3, np.ones(shape), (), plane.places(x), y)


@pytest.fixture
def view(qtbot: QtBot) -> PictureView:
    view = PictureView()
    qtbot.addWidget(view)
    view.resize(320, 320)
    view.show()
    view.show_picture(made())
    return view


def added(view: PictureView) -> list[tuple[tuple[tuple[float, ...], float], ...]]:
    """Places and targets of what is added, stroke by stroke."""
    told: list[tuple[tuple[tuple[float, ...], float], ...]] = []
    view.points_added.connect(told.append)
    return told


def choose(view: PictureView, tool: str) -> PaintLayer:
    find(view, QToolButton, f"picture_{tool}").click()
    QTest.qWait(0)
    return find(view, PaintLayer)


def pixel(view: PictureView, x: float, y: float) -> QPoint:
    assert view._picture is not None
    frame = frame_of(view._picture, view.canvas.area())
    return QPointF(*frame.seen(np.array([[x, y]]))[0]).toPoint()


def test_looking_hears_no_mouse_and_painting_makes_room(view: PictureView) -> None:
    layer = find(view, PaintLayer)
    row = find(view, QWidget, "picture_paint_row")
    assert not layer.isVisible()
    assert not row.isVisible()
    before = view.canvas.height()
    choose(view, "add")
    assert layer.isVisible()
    assert row.isVisible()
    assert not view.units.isVisible()
    assert layer.geometry() == view.canvas.geometry()
    choose(view, "look")
    assert not layer.isVisible()
    assert view.canvas.height() == before


def test_a_click_adds_an_example_of_the_chosen_class(view: PictureView) -> None:
    told = added(view)
    layer = choose(view, "add")
    find(view, QComboBox, "picture_class").setCurrentIndex(1)
    QTest.mouseClick(layer, LEFT, NO_KEY, pixel(view, 0.25, 0.5))
    ((place, target),) = told[0]
    assert place == pytest.approx((0.25, 0.5), abs=0.02)
    assert target == 1.0
    # Until the run has it, it is shown where it was added.
    assert current_theme().loss in colors_of(view.canvas.parentWidget() or view)
    QTest.mouseClick(layer, LEFT, NO_KEY, QPoint(2, 2))
    assert len(told) == 1


def test_a_drag_adds_several_at_a_distance(view: PictureView) -> None:
    told = added(view)
    layer = choose(view, "add")
    start = pixel(view, -0.5, 0.0)
    QTest.mousePress(layer, LEFT, NO_KEY, start)
    for step in range(1, 61):
        QTest.mouseMove(layer, start + QPoint(step, 0))
    QTest.mouseRelease(layer, LEFT, NO_KEY, start + QPoint(60, 0))
    assert [len(points) for points in told] == [5]


def test_an_example_is_dragged_and_erased(view: PictureView) -> None:
    moved: list[tuple[int, tuple[float, float]]] = []
    view.point_moved.connect(lambda row, place: moved.append((row, place)))
    layer = choose(view, "move")
    drag(layer, pixel(view, 0.5, -0.5), pixel(view, -0.5, 0.75))
    assert [row for row, _ in moved] == [3]
    assert moved[0][1] == pytest.approx((-0.5, 0.75), abs=0.02)
    view.show_picture(made())
    # Beside every example nothing is dragged; a click moves nothing.
    drag(layer, pixel(view, 0.0, 0.0), pixel(view, -0.5, 0.75))
    QTest.mouseClick(layer, LEFT, NO_KEY, pixel(view, 1.0, 1.0))
    assert len(moved) == 1
    erased = heard(view.points_erased)
    choose(view, "erase")
    drag(layer, pixel(view, -1.0, -1.0), pixel(view, -1.0, 1.0))
    assert erased == [(0, 2)]


def test_the_keys_do_the_same(view: PictureView, qtbot: QtBot) -> None:
    layer = choose(view, "add")
    told = added(view)
    press_keys(qtbot, layer, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Space)
    ((place, _),) = told[0]
    middle = view.canvas.area().center()
    assert place == pytest.approx(frame_of(made(), view.canvas.area()).values(middle + QPointF(8, -8)))
    moved: list[int] = []
    view.point_moved.connect(lambda row, _place: moved.append(row))
    choose(view, "move")
    view.show_picture(made())
    focus(qtbot, layer)
    layer._caret = QPointF(pixel(view, 1.0, 1.0))
    press_keys(qtbot, layer, Qt.Key.Key_Space, Qt.Key.Key_Left, Qt.Key.Key_Left)
    assert not moved
    press_keys(qtbot, layer, Qt.Key.Key_Space)
    assert moved == [1]
    undone: list[bool] = []
    view.undo_asked.connect(lambda: undone.append(True))
    QTest.keyClick(layer, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert undone == [True]


def test_along_a_line_the_height_is_the_target(view: PictureView) -> None:
    view.show_picture(made(inputs=1))
    told = added(view)
    layer = choose(view, "add")
    assert not find(view, QComboBox, "picture_class").isVisible()
    QTest.mouseClick(layer, LEFT, NO_KEY, pixel(view, 0.25, 0.1))
    ((place, target),) = told[0]
    assert place == pytest.approx((0.25,), abs=0.02)
    assert target == pytest.approx(0.1, abs=0.02)


def test_several_classes_are_offered(view: PictureView) -> None:
    view.show_picture(made(columns=3))
    told = added(view)
    layer = choose(view, "add")
    box = find(view, QComboBox, "picture_class")
    assert [box.itemText(index) for index in range(box.count())] == ["class 0", "class 1", "class 2"]
    box.setCurrentIndex(2)
    QTest.mouseClick(layer, LEFT, NO_KEY, pixel(view, 0.0, 0.0))
    assert [target for _, target in told[0]] == [2.0]


def test_why_nothing_can_be_painted_is_told(view: PictureView) -> None:
    layer = choose(view, "erase")
    view.set_painting("Painting needs one input or two; these data have 64.", False, "")
    assert not layer.isVisible()
    assert find(view, QToolButton, "picture_look").isChecked()
    add = find(view, QToolButton, "picture_add")
    assert not add.isEnabled()
    assert "64" in add.toolTip()
    view.set_painting("", True, "Two moons")
    assert add.isEnabled()
    choose(view, "add")
    assert find(view, QToolButton, "picture_undo").isEnabled()
    assert "Two moons again" in find(view, QToolButton, "picture_back").toolTip()
