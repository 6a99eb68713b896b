"""Set-ups that are copied in one window and taken over in another; a program of somebody else's waits."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from playground.own_program import OwnProgram
from playground.settings import make_settings
from playground.workspace.opening import what_to_open
from playground.workspace.session_file import Session, save_session
from playground.workspace.share import decode_setup, encode_settings
from tests.gui.driver import find, press
from tests.gui.whole_window import PATIENCE, opened
from ui.panels.setup import SetupDialog
from ui.panels.setup_code import SetupCode
from ui.session.session import RunState
from ui.shell.window import MainWindow

LEAVES_A_MARK = "from pathlib import Path\n\nPath({!r}).touch()\nfor step in range(3):\n    loss = step\n"


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    window = opened(qtbot)
    yield window
    window.close()


def pasted(window: MainWindow, text: str) -> SetupDialog:
    """The dialog with this text in its field."""
    press(window, "paste_setup_action")
    dialog = find(window, SetupDialog)
    find(dialog, QPlainTextEdit, "setup_text").setPlainText(text)
    return dialog


def take(dialog: SetupDialog) -> QPushButton:
    return find(dialog, QPushButton, "setup_take")


def test_what_is_copied_is_pasted_into_another_window(qtbot: QtBot, window: MainWindow) -> None:
    window.session.choose_stage("dynamic")
    for name, value in (("hidden_size", 7), ("depth", (0, 2)), ("learning_rate", 3e-5)):
        window.session.choose(name, value)
    settings = window.session.settings
    press(window, "copy_setup_action")
    line = QGuiApplication.clipboard().text()
    assert decode_setup(line).settings == settings
    assert f"a line of {len(line)} characters" in window.notice
    window.session.choose_stage("numpy")
    window.session.choose_defaults()
    assert window.session.settings != settings
    press(window, "paste_setup_action")
    dialog = find(window, SetupDialog)
    assert find(dialog, QPlainTextEdit, "setup_text").toPlainText() == line
    assert find(dialog, QLabel, "setup_meaning").text().startswith("dynamic; ")
    assert "hidden size 7" in find(dialog, QLabel, "setup_meaning").text()
    take(dialog).click()
    assert window.session.settings == settings


def test_the_code_on_the_wall_is_the_line(window: MainWindow) -> None:
    window.session.choose_stage("dynamic")
    window.session.choose("hidden_size", 7)
    press(window, "copy_setup_action")
    press(window, "show_code_of_setup_action")
    dialog = find(window, SetupCode)
    assert "hidden size 7" in find(dialog, QLabel, "qr_meaning").text()
    picture = dialog.code.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    seen = np.frombuffer(picture.constBits(), np.uint8).reshape(picture.height(), picture.bytesPerLine())
    (code,) = zxingcpp.read_barcodes(np.ascontiguousarray(seen[:, : picture.width()]))
    assert code.text == QGuiApplication.clipboard().text()
    dialog.reject()
    # No camera reads a whole program off a wall.
    numbers = "\n".join(map(str, np.random.default_rng(0).integers(10**9, size=2000)))
    window.programs.edit(f"{window.programs.text}\n{numbers}\n")
    press(window, "show_code_of_setup_action")
    assert "allowed: up to 1,273 in a QR code" in window.notice


@pytest.mark.parametrize("text", ["what is this?", "tp1.abc.00000000", "tp9.abc.00000000", "1" * 10_000])
def test_another_text_is_refused_in_one_line(window: MainWindow, text: str) -> None:
    dialog = pasted(window, text)
    assert not take(dialog).isEnabled()
    words = find(dialog, QLabel, "setup_meaning").text()
    assert words
    assert "\n" not in words
    assert len(words) < 300
    dialog.reject()


def test_a_program_of_somebody_elses_is_shown_and_does_not_run_before_run(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    mark = tmp_path / "mark"
    text = LEAVES_A_MARK.format(str(mark))
    # As it would be for a user who meets it: the first step is made by itself.
    window.session.makes_first_step = True
    own = OwnProgram("/home/them/theirs.py", text)
    dialog = pasted(window, encode_settings(make_settings(stage="own", own=own)))
    assert find(dialog, QPlainTextEdit, "setup_program").toPlainText() == text
    assert "theirs.py, a program of 5 lines" in find(dialog, QLabel, "setup_meaning").text()
    take(dialog).click()
    assert window.programs.name == "theirs.py"
    assert window.programs.text == text
    assert Path(window.programs.current).is_relative_to(tmp_path)
    press(window, "copy_setup_action")
    shared = decode_setup(QGuiApplication.clipboard().text()).settings.own
    assert shared is not None
    assert (shared.path, shared.text) == ("theirs.py", text)
    assert window.session.state is RunState.PAUSED
    qtbot.waitUntil(lambda: not window.session.worker.is_busy)
    assert not mark.exists()
    window.session.train()
    qtbot.waitUntil(mark.exists, timeout=PATIENCE)


def test_an_edited_stage_of_somebody_elses_waits_though_ones_own_was_run(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    mark = tmp_path / "mark"
    window.session.makes_first_step = True
    window.programs.edit(f"{window.programs.text}\n# mine\n")
    with qtbot.waitSignal(window.session.worker.halted, timeout=PATIENCE):
        window.session.make_one_step()
    theirs = f"from pathlib import Path\n\nPath({str(mark)!r}).touch()\n{window.programs.text}"
    mine = window.session.settings.own
    assert mine is not None
    settings = make_settings(stage="autograd", own=OwnProgram(mine.path, theirs))
    dialog = pasted(window, encode_settings(settings))
    assert "changed in autograd" in find(dialog, QLabel, "setup_meaning").text()
    take(dialog).click()
    assert window.programs.text == theirs
    # Whatever the worker is asked for next comes after what the new program would have done.
    qtbot.waitUntil(lambda: not window.session.worker.is_busy)
    assert not mark.exists()


def test_the_name_of_a_file_of_ones_own_is_not_taken(window: MainWindow) -> None:
    names = []
    for number, text in enumerate(("x = 1\n", "x = 2\n", "x = 1\n")):
        own = OwnProgram("theirs.py", text)
        take(pasted(window, encode_settings(make_settings(stage="own", own=own)))).click()
        assert window.programs.text == text
        names.append((number, window.programs.current))
    first, second, third = (name for _, name in names)
    assert first == third != second
    assert all(Path(one).exists() for one, _ in itertools.pairwise((first, second, third)))


@pytest.mark.parametrize("words", [["open", "nothing-there"], ["open", "tp1.abc.00000000"], ["open"]])
def test_what_the_command_cannot_open_is_said_before_a_window_is_there(words: list[str]) -> None:
    done = subprocess.run([sys.executable, "-m", "playground", *words], capture_output=True, text=True)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()[-1]) < 300
    assert "Traceback" not in done.stderr


def test_the_command_opens_a_set_up_and_a_session(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    settings = make_settings(stage="nn", hidden_size=11)
    window.take_over(what_to_open(encode_settings(settings)))
    assert window.session.settings == settings
    path = tmp_path / "kept.session"
    save_session(path, Session(make_settings(stage="optim", seed=5)))
    with qtbot.waitSignal(window.sessions.opened, timeout=PATIENCE):
        window.take_over(what_to_open(str(path)))
    assert (window.session.settings.stage, window.session.settings.seed) == ("optim", 5)
