"""Data chosen in the window: sets, examples and files, with real training behind it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QComboBox, QFileDialog, QPlainTextEdit, QToolButton
from pytestqt.qtbot import QtBot

from playground.data.examples import example_named
from playground.trainer import Trainer
from tests.gui.driver import find
from tests.gui.whole_window import PATIENCE, make_step, opened
from ui.shell.window import MainWindow


def choose(window: MainWindow, title: str) -> None:
    box = find(window, QComboBox, "data_box")
    box.setCurrentIndex(box.findText(title))


def asked(window: MainWindow, qtbot: QtBot, path: Path) -> None:
    """Gives the file dialog an answer."""
    choose(window, "File …")
    qtbot.waitUntil(lambda: window.findChild(QFileDialog, "open_data_dialog") is not None)
    dialog = find(window, QFileDialog, "open_data_dialog")
    dialog.fileSelected.emit(str(path))
    dialog.close()


def test_a_set_is_trained_on_and_stands_in_the_text(qtbot: QtBot) -> None:
    window = opened(qtbot, stage="nn")
    choose(window, "Two moons")
    recording = make_step(qtbot, window)
    assert recording.loss == Trainer(window.session.settings).step()
    assert "# Two moons" in find(window, QPlainTextEdit, "code_view").toPlainText()


def test_an_example_is_one_click_away_and_says_what_there_is_to_see(qtbot: QtBot) -> None:
    window = opened(qtbot)
    button = find(window, QToolButton, "examples_button")
    next(each for each in button.menu().actions() if each.objectName() == "example_xor-1").trigger()
    example = example_named("xor-1")
    assert window.session.settings == example.settings()
    assert window.notices.kept[-1].hint == example.sentence


def test_a_file_is_read_and_trained_on(qtbot: QtBot, tmp_path: Path) -> None:
    window = opened(qtbot, stage="nn")
    path = tmp_path / "mine.csv"
    path.write_text("a,b,c\n" + "".join(f"{n},{n * n},{-n}\n" for n in range(12)))
    with qtbot.waitSignal(window.session.settings_changed, timeout=PATIENCE):
        asked(window, qtbot, path)
    settings = window.session.settings
    assert settings.sizes[:2] == (12, 2)
    assert settings.output_size == 1
    assert find(window, QComboBox, "data_box").currentText() == "mine.csv"
    assert np.isfinite(make_step(qtbot, window).loss or np.nan)


def test_a_file_that_cannot_be_used_is_refused_in_one_line(qtbot: QtBot, tmp_path: Path) -> None:
    window = opened(qtbot, stage="nn")
    before = window.session.settings
    path = tmp_path / "empty.csv"
    path.write_text("")
    with qtbot.waitSignal(window.notices.told, timeout=PATIENCE) as told:
        asked(window, qtbot, path)
    assert str(path) in told.args[1]
    assert "is empty" in told.args[1]
    assert window.session.settings == before
