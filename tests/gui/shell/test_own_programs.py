"""Programs of the user's own in the whole window: opened, run, edited, stopped, gone wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from playground.programs.output import Line
from tests.gui.driver import press
from tests.gui.whole_window import PATIENCE, opened, train_to_the_end
from ui.panels.code import CodeView
from ui.panels.output import OutputPanel
from ui.panels.output.traces import trace_of
from ui.session.session import RunState
from ui.shell.window import MainWindow

MINE = """\
import torch

torch.manual_seed(1)
w = torch.randn(3, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=1e-2)
for step in range(30):
    loss = w.pow(2).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 10 == 0:
        print("step", step)
"""
HANGS = MINE.replace("    optimizer.step()\n", "    while step == 4:\n        pass\n")


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    window = opened(qtbot)
    yield window
    window.close()


def written(folder: Path, text: str, name: str = "mine.py") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def label(window: MainWindow, name: str) -> str:
    found = window.findChild(QWidget, name)
    assert found is not None
    return str(found.accessibleDescription())


def test_a_file_is_opened_from_the_menu_and_runs(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    path = written(tmp_path, MINE)
    press(window, "open_action")
    dialog = window.findChild(QFileDialog, "open_dialog")
    assert dialog is not None
    dialog.fileSelected.emit(path)
    dialog.close()
    assert window.programs.current == path
    assert window.session.steps_made == 0
    train_to_the_end(qtbot, window)
    assert window.session.state is RunState.FINISHED
    assert window.session.steps_made == 30
    assert label(window, "step_label") == "30 of 30 steps · finished"
    run = window.session.run
    assert run is not None
    qtbot.waitUntil(lambda: window.replay.recording is not None, timeout=PATIENCE)
    recording = run.recordings.get(29)
    assert recording is not None
    assert {7, 9, 10} <= {event.line for event in recording.events}
    assert run.output is not None
    news = run.output.since(0)
    assert news is not None
    assert [each.step for each in news.entries] == [0, 10, 20]


def test_a_file_is_dropped_on_the_window(window: MainWindow, tmp_path: Path) -> None:
    path, data = written(tmp_path, MINE), QMimeData()
    data.setUrls([QUrl.fromLocalFile(path)])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enters = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, data, buttons, keys)
    QApplication.sendEvent(window, enters)
    assert enters.isAccepted()
    QApplication.sendEvent(window, QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, buttons, keys))
    assert window.programs.current == path


def test_what_is_typed_into_a_stage_is_what_runs(qtbot: QtBot, window: MainWindow) -> None:
    code = window.panel("code")
    assert isinstance(code, CodeView)
    editor = code.editor
    found = editor.document().find("loss = (y_pred - y).pow(2).sum()")
    found.setPosition(found.selectionEnd())
    editor.setTextCursor(found)
    QTest.keyClicks(editor, " * 0")
    assert window.programs.edited
    with qtbot.waitSignal(
        window.session.state_changed, timeout=PATIENCE, check_params_cb=lambda now: now is RunState.FINISHED
    ):
        QTest.keyClick(editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    run = window.session.run
    assert run is not None
    assert set(run.history.losses()) == {0.0}
    window.programs.put_back()
    assert window.session.settings.own is None
    train_to_the_end(qtbot, window)
    assert window.session.run is not None
    assert window.session.run.history.loss(0) > 1e6


def test_a_number_in_the_panel_acts_at_once_or_starts_again(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    window.programs.open(written(tmp_path, MINE.replace("range(30)", "range(3000000)")))
    window.session.train()
    qtbot.waitUntil(lambda: window.session.steps_made > 3, timeout=PATIENCE)
    run, numbers = window.session.run, {"seed": 0, "optimizer lr": 1}
    assert run is not None
    window.programs.choose_number(numbers["optimizer lr"], 0.05)
    qtbot.waitUntil(lambda: bool(run.changes), timeout=PATIENCE)
    assert window.session.run is run
    assert "lr=0.05" in window.programs.text
    window.programs.choose_number(numbers["seed"], 2)
    qtbot.waitUntil(lambda: window.session.run not in (None, run), timeout=PATIENCE)
    assert "manual_seed(2)" in window.programs.text
    window.session.pause()


def test_a_program_that_hangs_says_where_and_is_ended_by_reset(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    window.programs.open(written(tmp_path, HANGS))
    window.session.train()
    qtbot.waitUntil(lambda: "still in line" in label(window, "step_label"), timeout=PATIENCE)
    press(window, "reset_action")
    qtbot.waitUntil(lambda: not window.session.is_ending, timeout=PATIENCE)
    window.programs.choose("nn")
    train_to_the_end(qtbot, window)
    assert window.session.steps_made == window.session.settings.steps


def test_an_error_is_one_line_with_its_place_and_can_be_walked_to(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    window.programs.open(
        written(tmp_path, MINE.replace("        print(", "        w @ torch.ones(2); print("))
    )
    with qtbot.waitSignal(
        window.session.state_changed, timeout=PATIENCE, check_params_cb=lambda now: now is RunState.FAILED
    ):
        window.session.train()
    assert window.notice.startswith("Step 0 failed (line 12): RuntimeError: ")
    window.refresh()
    recording = window.replay.recording
    assert recording is not None
    assert recording.failure is not None
    assert recording.failure.line == 12
    # The traceback in the output leads to the line.
    panel = window.panel("output")
    assert isinstance(panel, OutputPanel)
    window.bring_forward("output")
    window.refresh()
    entries = panel.view.sheet.entries
    place = next(index for index, each in enumerate(entries) if trace_of(each) is not None)
    assert "own_trainer" not in "".join(each.text for each in entries if isinstance(each, Line))
    top = panel.view.sheet.top(place) - panel.view.verticalScrollBar().value()
    click = QPoint(40, top + 4)
    QTest.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=click)
    assert window.replay.line == 12


def test_a_question_is_answered_in_the_output(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    window.programs.open(written(tmp_path, MINE.replace("range(30)", "range(int(input('steps? ')))")))
    window.session.train()
    panel = window.panel("output")

    def field() -> QLineEdit | None:
        return next((each for each in panel.findChildren(QLineEdit) if each.isVisible()), None)

    qtbot.waitUntil(lambda: field() is not None, timeout=PATIENCE)
    line = field()
    assert line is not None
    QTest.keyClicks(line, "4")
    QTest.keyClick(line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.session.state is RunState.FINISHED, timeout=PATIENCE)
    assert window.session.steps_made == 4


def test_another_program_of_unknown_origin_does_not_run_because_the_last_one_did(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    window.programs.open(written(tmp_path, MINE.replace("range(30)", "range(3000000)")))
    window.session.train()
    qtbot.waitUntil(lambda: window.session.steps_made > 3, timeout=PATIENCE)
    window.programs.open(written(tmp_path, MINE, "other.py"))
    assert window.session.state is RunState.PAUSED
    with qtbot.waitSignal(window.session.run_changed, timeout=PATIENCE):
        pass
    assert window.session.steps_made == 0
