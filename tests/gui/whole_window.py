"""The whole window with real training behind it, as several test files open it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from playground.pace import FULL_SPEED, PACES
from playground.programs.program import Program, program_of
from playground.recording.model import Recording
from playground.settings import Settings, make_settings
from tests.gui.driver import press
from ui.session.session import RunState
from ui.shell.window import MainWindow

PATIENCE = 60_000
"""Milliseconds after which what should have happened has not."""


def opened(qtbot: QtBot, **settings: object) -> MainWindow:
    """A window on the screen, with torch loaded; its thread ends before qtbot closes it.

    It stands still until a test wants something, and runs at full speed; see `alive`. A fixture must hold
    it: qtbot does not, and a thread that runs must not lose its window.
    """
    window = MainWindow()
    at_full_speed(window)
    _open(qtbot, window)
    for name, value in settings.items():
        window.session.choose(name, value)
    return window


def alive(qtbot: QtBot, **settings: object) -> MainWindow:
    """The same as a user meets it: it has made the first step by itself, and runs at ten steps a second."""
    window = MainWindow()
    window.session.settings = make_settings(**settings)
    _open(qtbot, window)
    qtbot.waitUntil(lambda: window.session.steps_made == 1, timeout=PATIENCE)
    qtbot.waitUntil(lambda: window.replay.recording is not None, timeout=PATIENCE)
    return window


def _open(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.addWidget(window, before_close_func=lambda each: each.session.close(PATIENCE))
    with qtbot.waitSignal(window.session.worker.optimizers_found, timeout=PATIENCE):
        window.show()


def at_full_speed(window: MainWindow) -> None:
    """Lets a window stand still until something is asked of it, and then go as fast as it can."""
    window.session.makes_first_step = False
    window.view.change(pace=PACES.index(FULL_SPEED))


def train_to_the_end(qtbot: QtBot, window: MainWindow) -> None:
    """Trains until the run stands still, and shows what has come of it."""
    with qtbot.waitSignal(
        window.session.state_changed,
        timeout=PATIENCE,
        check_params_cb=lambda state: state is not RunState.RUNNING,
    ):
        window.session.train()
    window.refresh()


def make_step(qtbot: QtBot, window: MainWindow) -> Recording:
    """Makes a step, and gives what can be walked through then."""
    made = window.session.steps_made
    # The halts of the changes before it may still be on their way.
    with qtbot.waitSignal(
        window.session.worker.halted, timeout=PATIENCE, check_params_cb=lambda halt: halt.steps > made
    ):
        press(window, "step_action")
    window.refresh()
    assert window.replay.recording is not None
    return window.replay.recording


def run_instead(monkeypatch: pytest.MonkeyPatch, folder: Path, text: str) -> None:
    """Lets the stage autograd run another program, whose loop never ends by itself."""

    def program(settings: Settings) -> Program:
        if settings.stage == "autograd":
            return Program(text, str(folder / "instead.py"), endless=True)
        return program_of(settings)

    monkeypatch.setattr("playground.trainer.program_of", program)
