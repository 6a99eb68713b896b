"""The output of a real program in the window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from playground.own_program import OwnProgram
from tests.gui.driver import find
from tests.gui.whole_window import PATIENCE, opened, train_to_the_end
from ui.panels.output import OutputPanel
from ui.panels.output.panel import OF_A_STAGE
from ui.session.session import RunState
from ui.shell.window import MainWindow

HEAD = "import torch\nw = torch.ones(3, requires_grad=True)\n"
LOOP = """\
for step in range(5):
    loss = w.pow(2).sum()
    loss.backward()
    w.grad = None
    print("loss of", step)
"""


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    return opened(qtbot)


@pytest.fixture
def panel(window: MainWindow) -> OutputPanel:
    return find(window, OutputPanel)


def choose(window: MainWindow, folder: Path, text: str) -> None:
    path = folder / "mine.py"
    path.write_text(text)
    window.session.choose_program(OwnProgram(str(path), text))


def test_a_stage_prints_nothing_there(qtbot: QtBot, window: MainWindow, panel: OutputPanel) -> None:
    window.session.choose("steps", 3)
    train_to_the_end(qtbot, window)
    window.bring_forward("output")
    window.refresh()
    assert panel.text() == OF_A_STAGE


def test_lines_come_and_lead_to_their_steps(
    qtbot: QtBot, window: MainWindow, panel: OutputPanel, tmp_path: Path
) -> None:
    choose(window, tmp_path, HEAD + LOOP + "print('after')\n")
    window.bring_forward("output")
    train_to_the_end(qtbot, window)
    assert panel.text() == "".join(f"loss of {step}\n" for step in range(5)) + "after\n"
    assert [entry.step for entry in panel.view.sheet.entries] == [0, 1, 2, 3, 4, 4]
    panel.step_chosen.emit(2)
    window.refresh()
    assert window.timeline.latest is not None
    assert window.timeline.latest.step == 2


def test_a_question_comes_forward_and_its_answer_goes_back(
    qtbot: QtBot, window: MainWindow, panel: OutputPanel, tmp_path: Path
) -> None:
    choose(window, tmp_path, HEAD + "print('hello', input('name? '))\n" + LOOP)
    assert not panel.isVisible()
    window.session.train()
    field = find(panel, QLineEdit, "output_answer")
    qtbot.waitUntil(field.isVisible, timeout=PATIENCE)
    QTest.keyClicks(field, "Ada")
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.session.state is RunState.FINISHED, timeout=PATIENCE)
    window.refresh()
    assert panel.text().startswith("name? Ada\nhello Ada\nloss of 0\n")
    assert not field.isVisible()


def test_a_step_that_is_recorded_again_gets_the_same_answers(
    qtbot: QtBot, window: MainWindow, panel: OutputPanel, tmp_path: Path
) -> None:
    choose(window, tmp_path, HEAD + "w.data *= float(input('how much? '))\n" + LOOP)
    window.session.train()
    field = find(panel, QLineEdit, "output_answer")
    qtbot.waitUntil(field.isVisible, timeout=PATIENCE)
    field.setText("2")
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.session.state is RunState.FINISHED, timeout=PATIENCE)
    window.refresh()
    shown = panel.text()
    with qtbot.waitSignal(window.session.recorded, timeout=PATIENCE):
        window.session.ask_recording(1)
    run = window.session.run
    assert run is not None
    recording = run.recordings.get(1)
    assert recording is not None
    assert recording.loss == 12.0
    window.refresh()
    assert panel.text() == shown


def test_clear_shows_only_what_comes_then(
    qtbot: QtBot, window: MainWindow, panel: OutputPanel, tmp_path: Path
) -> None:
    choose(window, tmp_path, HEAD + LOOP.replace("range(5)", "range(50)"))
    window.bring_forward("output")
    window.view.change(pace=2)
    window.session.train()
    qtbot.waitUntil(lambda: "loss of 2\n" in panel.text(), timeout=PATIENCE)
    panel.cleared.emit()
    qtbot.waitUntil(lambda: panel.text().startswith("loss of"), timeout=PATIENCE)
    assert "loss of 2\n" not in panel.text()
    window.session.pause()


def test_closing_does_not_wait_for_an_answer(
    qtbot: QtBot, window: MainWindow, panel: OutputPanel, tmp_path: Path
) -> None:
    choose(window, tmp_path, HEAD + "input('for ever? ')\n" + LOOP)
    window.session.train()
    qtbot.waitUntil(find(panel, QLineEdit, "output_answer").isVisible, timeout=PATIENCE)
    assert window.session.close(PATIENCE)
