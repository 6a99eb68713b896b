"""Sessions in the whole window: runs that outlive a restart and a killed process, a file, two windows."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import numpy as np
from PySide6.QtWidgets import QComboBox, QFileDialog, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from playground.own_program import OwnProgram
from playground.recording.model import Recording, snapshots_of
from playground.settings import make_settings
from playground.workspace.saved_runs import SavedRun
from playground.workspace.session_file import Session, load_session
from tests.gui.driver import find, press
from tests.gui.whole_window import PATIENCE, opened, train_to_the_end
from ui.shell.window import MainWindow
from ui.state.sessions import SAVED_EVERY

STEPS = 15
SMALL = {"input_size": 20, "hidden_size": 8, "steps": STEPS}
TRAINS = """\
import torch

w = torch.ones(3, requires_grad=True)
for step in range(9):
    loss = w.pow(2).sum()
    loss.backward()
    w.data -= 0.1 * w.grad
    w.grad = None
"""
KILLED = """\
import sys
from pathlib import Path
from PySide6.QtCore import QSettings, QTimer
import ui.state.sessions
from ui.app import make_application
from ui.shell.window import MainWindow

ui.state.sessions.SAVED_EVERY = 300
for each in (QSettings.Format.NativeFormat, QSettings.Format.IniFormat):
    QSettings.setPath(each, QSettings.Scope.UserScope, sys.argv[1])
application = make_application()
window = MainWindow()
window.view.change(pace=6)
window.session.choose_all(window.session.settings.model_copy(
    update={"input_size": 20, "hidden_size": 8, "steps": 10_000_000}
))
window.show()
window.session.worker.optimizers_found.connect(lambda _found: window.session.train())
folder = window._preferences.path.with_name("sessions")

def look():
    if any(folder.rglob("*.session")):
        print("kept", flush=True)

timer = QTimer(interval=20, timeout=look)
timer.start()
application.exec()
"""


@contextmanager
def closing(window: MainWindow) -> Iterator[MainWindow]:
    """A window that is closed at the end, with its file of the session looked for and found."""
    try:
        yield window
    finally:
        window.close()


def ready(qtbot: QtBot, **settings: object) -> MainWindow:
    """A window that has looked for earlier runs."""
    window = opened(qtbot, **settings)
    qtbot.waitUntil(lambda: window.sessions.is_ready, timeout=PATIENCE)
    return window


def assert_same_bits(one: Recording, other: Recording) -> None:
    assert one.to_plain() == other.to_plain()
    for first, second in zip(snapshots_of(one), snapshots_of(other), strict=True):
        assert first.values is not None
        assert second.values is not None
        assert first.values.tobytes() == second.values.tobytes()


def curves(window: MainWindow) -> dict[str, list[float]]:
    entries = window.runs.archive.entries
    return {each.name: [float(loss) for loss in each.history.losses()] for each in entries if each.steps}


def test_runs_are_there_when_the_window_is_opened_again(qtbot: QtBot) -> None:
    with closing(ready(qtbot, **SMALL)) as window:
        train_to_the_end(qtbot, window)
        window.session.choose_stage("nn")
        train_to_the_end(qtbot, window)
        before = curves(window)
    assert len(before) == 2
    with closing(ready(qtbot)) as again:
        assert curves(again) == before
        train_to_the_end(qtbot, again)
        assert len(curves(again)) == 3


def test_a_session_in_a_file_brings_everything_back(qtbot: QtBot, tmp_path: Path) -> None:
    path, mine = tmp_path / "mine.session", tmp_path / "mine.py"
    mine.write_text("for step in range(3):\n    pass\n", encoding="utf-8")
    with closing(ready(qtbot, **SMALL, seed=7)) as window:
        window.programs.open(str(mine))
        window.programs.edit("print(1)\n")
        window.programs.choose("autograd")
        train_to_the_end(qtbot, window)
        window.view.change(smoothing=5)
        recording = window.replay.recording
        assert recording is not None
        press(window, "keep_step_action")
        before, settings = curves(window), window.session.settings
        with qtbot.waitSignal(window.notices.told, timeout=PATIENCE):
            press(window, "save_session_action")
            dialog = find(window, QFileDialog, "save_dialog")
            dialog.fileSelected.emit(str(path))
            dialog.close()
        for entry in window.runs.archive.entries:
            window.runs.remove(entry.number)
        window.programs.close_file(str(mine))
    for left in (path.parent / "qsettings").rglob("last.session"):
        left.unlink()
    for left in (path.parent / "qsettings").rglob("*.json"):
        left.unlink()
    with closing(ready(qtbot)) as other:
        assert curves(other) == {}
        press(other, "open_session_action")
        dialog = find(other, QFileDialog, "session_dialog")
        with qtbot.waitSignal(other.sessions.opened, timeout=PATIENCE):
            dialog.fileSelected.emit(str(path))
        dialog.close()
        assert curves(other) == before
        assert other.session.settings == settings
        assert other.view.options.smoothing == 5
        assert [each.text for each in other.programs.files] == ["print(1)\n"]
        # The step that was kept, though nothing runs.
        other.session.choose_stage("nn")
        kept = find(other, QComboBox, "kept_steps")
        assert kept.itemText(0) == f"step {STEPS - 1} of autograd 1"
        kept.activated.emit(0)
        assert other.session.settings == settings
        assert other.session.steps_made == 0
        assert other.replay.recording is not None
        assert_same_bits(recording, other.replay.recording)
        assert "read back as it was recorded" in other.notice
        assert other.timeline.latest is not None
        assert other.timeline.latest.step == STEPS - 1
        other.timeline.follow(True)
        assert other.replay.recording is None


def test_a_damaged_session_gives_one_line(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "broken.session"
    path.write_bytes(b"PK\x03\x04 and then nothing")
    with closing(ready(qtbot)) as window, qtbot.waitSignal(window.notices.told, timeout=PATIENCE) as told:
        window.sessions.open(path)
    assert told.args is not None
    assert told.args[0] == "warning"
    assert "is no session of this program" in told.args[1]
    assert "\n" not in told.args[1]


def test_what_a_killed_process_has_left_behind_is_offered_once(qtbot: QtBot, tmp_path: Path) -> None:
    folder = tmp_path / "qsettings"
    words = [sys.executable, "-c", KILLED, str(folder)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "kept\n"
        process.kill()
    with closing(ready(qtbot)) as window:
        box = find(window, QMessageBox, "left_behind_question")
        assert curves(window) == {}
        yes = next(each for each in box.findChildren(QPushButton) if each.text() == "Bring them back")
        with qtbot.waitSignal(window.sessions.opened, timeout=PATIENCE):
            yes.click()
        qtbot.waitUntil(lambda: not isValid(box))
        ((name, losses),) = curves(window).items()
        assert name.startswith("autograd")
        assert len(losses) > 10
        assert window.session.settings.input_size == 20
        qtbot.waitUntil(lambda: not window.sessions.is_working, timeout=PATIENCE)
    with closing(ready(qtbot)) as again:
        assert again.findChild(QMessageBox, "left_behind_question") is None
        assert curves(again) == {name: losses}


def test_a_pause_while_a_file_is_written_is_kept_when_that_is_done(qtbot: QtBot) -> None:
    going_on = Event()
    with closing(ready(qtbot, **{**SMALL, "steps": 1_000_000})) as window:
        autosave = window.sessions._autosave
        assert autosave is not None
        window.session.train()
        qtbot.waitUntil(lambda: window.session.steps_made > 30, timeout=PATIENCE)
        window.sessions._work.do("writing", lambda _tell: going_on.wait(), asked=False)
        with qtbot.waitSignal(window.session.worker.halted, timeout=PATIENCE):
            window.session.pause()
        assert window.sessions.is_working
        going_on.set()
        made = window.session.steps_made
        qtbot.waitUntil(lambda: autosave.path.exists() and not window.sessions.is_working, timeout=PATIENCE)
        assert [each.steps for each in load_session(autosave.path).runs] == [made]
    assert SAVED_EVERY < 30_000, "writing takes a while, too: half a minute at most is to be lost"


def test_two_windows_at_once_keep_the_runs_of_both(qtbot: QtBot) -> None:
    with closing(ready(qtbot, **SMALL)) as one, closing(ready(qtbot, **SMALL)) as other:
        train_to_the_end(qtbot, one)
        other.session.choose_stage("nn")
        train_to_the_end(qtbot, other)
        expected = curves(one) | curves(other)
    assert len(expected) == 2
    with closing(ready(qtbot)) as again:
        assert again.findChild(QMessageBox, "left_behind_question") is None
        assert curves(again) == expected


def test_a_program_in_somebody_elses_session_does_not_pass_for_ones_own(qtbot: QtBot, tmp_path: Path) -> None:
    mine, mark = tmp_path / "mine.py", tmp_path / "mark"
    mine.write_text(TRAINS, encoding="utf-8")
    theirs = f"from pathlib import Path\n\nPath({str(mark)!r}).touch()\n{TRAINS}"
    settings = make_settings(stage="own", own=OwnProgram(str(mine), theirs))
    ones = np.ones(1)
    run = SavedRun(0, "theirs", settings, ones, ones.astype(np.int8), ones.astype(np.int32) - 1)
    with closing(ready(qtbot)) as window:
        window.sessions.adopt(Session(None, (run,)))
        window.session.makes_first_step = True
        window.programs.open(str(mine))
        with qtbot.waitSignal(
            window.session.worker.halted, timeout=PATIENCE, check_params_cb=lambda halt: halt.steps == 1
        ):
            window.session.make_one_step()
        (entry,) = (each for each in window.runs.archive.entries if each.name == "theirs")
        window.runs.load(entry.number)
        assert window.programs.text == theirs
        qtbot.waitUntil(lambda: not window.session.worker.is_busy)
        assert not mark.exists()
        assert window.session.steps_made == 0
