"""The parameters over the steps in the window: what the run was, and where a click goes."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from playground.settings import make_settings
from playground.trainer import Trainer
from tests.gui.driver import find
from tests.gui.whole_window import opened, train_to_the_end
from ui.panels.weights import WeightsView

SIZES = {"batch_size": 4, "input_size": 6, "hidden_size": 5, "output_size": 2, "steps": 40}


def test_both_views_show_the_run_and_a_click_goes_to_its_step(qtbot: QtBot) -> None:
    window = opened(qtbot, **SIZES)
    window.bring_forward("weights")
    train_to_the_end(qtbot, window)
    view, run = find(window, WeightsView), window.session.run
    assert run is not None
    assert run.spreads is not None
    own, gradient = view.bands.rows["w1"].plots
    # The last step is recorded, as always.
    assert own.bands.steps[-1] == 39
    trainer = Trainer(make_settings(**SIZES))
    for step in range(40):
        recording = trainer.record_step()
        assert recording.loss == run.history.loss(step)
        for plot, snapshot in (
            (own, recording.parameters[0].before),
            (gradient, recording.parameters[0].gradient),
        ):
            assert snapshot is not None
            if step in plot.bands.steps and snapshot.values is not None:
                row = plot.bands.percentiles[plot.bands.steps.index(step)]
                wide = snapshot.values.astype(float)
                assert np.array_equal(row, np.quantile(wide, [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1]))
    place = QPoint(own.x_of(0), own.height() // 2)
    QTest.mouseClick(own.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert window.timeline.chosen == own.bands.steps[0]
    button = view.window().findChild(QToolButton, "weights_pictures")
    assert isinstance(button, QToolButton)
    button.click()
    window.refresh()
    strip = view.pictures.strips["w1"]
    newest = strip.steps()[-1]
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=strip.place_of(newest).center())
    assert window.timeline.chosen == min(newest, 39)
