"""Painting in the whole window: the run goes on with the points, and its script prints its losses."""

from __future__ import annotations

import contextlib
import io

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from playground.runs.changes import in_force
from playground.workspace.scripts import script_of
from tests.gui.driver import LEFT, NO_KEY, click, drag, find
from tests.gui.whole_window import PATIENCE, make_step, opened, train_to_the_end
from ui.panels.picture import PictureView
from ui.panels.picture.paint_layer import PaintLayer
from ui.panels.picture.points import frame_of
from ui.shell.window import MainWindow

STEPS = 30


def on(qtbot: QtBot, data: str = "moons", **settings: object) -> MainWindow:
    """A window with the picture of the first steps."""
    window = opened(qtbot, stage="nn", steps=STEPS)
    window.session.choose_data(data)
    for name, value in settings.items():
        window.session.choose(name, value)
    window._places.bring_forward("picture")
    make_step(qtbot, window)
    waits_for_points(qtbot, window, window.session.settings.batch_size)
    return window


def waits_for_points(qtbot: QtBot, window: MainWindow, count: int, step: int = 0) -> None:
    """Until the picture has so many examples."""

    def there() -> bool:
        window.refresh()
        picture = find(window, PictureView)._picture
        if picture is None or picture.step < step:
            return False
        held_out = 0 if picture.test_places is None else len(picture.test_places)
        return len(picture.places) + held_out == count

    qtbot.waitUntil(there, timeout=PATIENCE)


def tool(qtbot: QtBot, window: MainWindow, name: str) -> PaintLayer:
    view = find(window, PictureView)
    click(find(view, QToolButton, f"picture_{name}"))
    layer = find(view, PaintLayer)
    qtbot.waitUntil(lambda: layer.geometry() == view.canvas.geometry() and view.canvas.height() > 60)
    return layer


def pixels(window: MainWindow) -> list[QPoint]:
    view = find(window, PictureView)
    assert view._picture is not None
    seen = frame_of(view._picture, view.canvas.area()).seen(view._picture.places)
    return [QPointF(*each).toPoint() for each in seen]


def losses(window: MainWindow) -> list[float]:
    run = window.session.run
    assert run is not None
    return list(map(float, run.history.losses(0, run.history.length)))


def test_the_run_goes_on_with_what_is_painted_and_its_script_prints_its_losses(qtbot: QtBot) -> None:
    window = on(qtbot)
    session, run = window.session, window.session.run
    layer = tool(qtbot, window, "add")
    canvas = find(window, PictureView).canvas
    area = canvas.area()
    QTest.mouseClick(layer, LEFT, NO_KEY, QPointF(area.left() + 20, area.bottom() - 20).toPoint())
    assert session.settings.batch_size == 201
    waits_for_points(qtbot, window, 201)
    make_step(qtbot, window)
    layer = tool(qtbot, window, "move")
    # The one that was added lies by itself.
    drag(layer, pixels(window)[-1], canvas.area().center().toPoint())
    assert session.settings.painted is not None
    assert session.settings.painted.points[-1][:2] == pytest.approx((0, 0), abs=0.2)
    train_to_the_end(qtbot, window)
    # The same run, with the same history.
    assert session.run is run
    assert run is not None
    assert [each.words for each in run.changes] == ["points 200 → 201", "1 point moved"]
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(script_of(session.settings, in_force(run.changes)), "script", "exec"), {})
    assert [float(line.split()[1]) for line in printed.getvalue().splitlines()] == losses(window)


def test_strokes_are_undone_one_by_one_and_the_set_comes_back(qtbot: QtBot) -> None:
    window = on(qtbot)
    session, run = window.session, window.session.run
    for count in (199, 198):
        # The first stroke brings buttons, which move the picture.
        layer = tool(qtbot, window, "erase")
        place = pixels(window)[7]
        QTest.mouseClick(layer, LEFT, NO_KEY, place)
        assert session.settings.batch_size == count
        waits_for_points(qtbot, window, count)
    undo = find(window, QToolButton, "picture_undo")
    click(undo)
    assert session.settings.batch_size == 199
    click(undo)
    assert session.settings.batch_size == 200
    assert not undo.isEnabled()
    assert session.run is run
    make_step(qtbot, window)
    assert session.steps_made == 2
    click(find(window, QToolButton, "picture_back"))
    assert (session.settings.data, session.settings.noise) == ("moons", 0.1)
    assert "Painted points → Two moons; training reset." in [each.text for each in window.notices.kept]
    assert not find(window, QToolButton, "picture_back").isEnabled()
    # A mini-batch needs as many.
    session.choose("minibatch", 200)
    make_step(qtbot, window)
    waits_for_points(qtbot, window, 200, step=1)
    QTest.mouseClick(layer, LEFT, NO_KEY, pixels(window)[0])
    assert session.settings.data == "moons"
    assert any("Minibatch: 200 is not allowed" in each.text for each in window.notices.kept)


def test_with_rows_held_out_moving_goes_on_and_adding_starts_again(qtbot: QtBot) -> None:
    window = on(qtbot, test_share=0.2)
    session, run = window.session, window.session.run
    before = find(window, PictureView)._picture
    assert before is not None
    layer = tool(qtbot, window, "move")
    place = pixels(window)[3]
    drag(layer, place, place + QPoint(9, 9))
    make_step(qtbot, window)
    assert session.run is run
    waits_for_points(qtbot, window, 200, step=2)
    after = find(window, PictureView)._picture
    assert after is not None
    assert np.count_nonzero(np.abs(after.places - before.places).max(1) > 0.002) == 1
    layer = tool(qtbot, window, "add")
    QTest.mouseClick(layer, LEFT, NO_KEY, find(window, PictureView).canvas.area().center().toPoint())
    told = "Points 200 → 201, hence others held out; training reset."
    assert told in [each.text for each in window.notices.kept]
    assert session.run is not run
