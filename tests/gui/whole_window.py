"""The whole window with real training behind it, as several test files open it."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from ui.session.session import RunState
from ui.shell.window import MainWindow

PATIENCE = 60_000
"""Milliseconds after which what should have happened has not."""


def opened(qtbot: QtBot, **settings: object) -> MainWindow:
    """A window on the screen, with torch loaded; its thread ends before qtbot closes it.

    A fixture must hold it: qtbot does not, and a thread that runs must not lose its window.
    """
    window = MainWindow()
    qtbot.addWidget(window, before_close_func=lambda each: each.session.close(PATIENCE))
    with qtbot.waitSignal(window.session.worker.optimizers_found, timeout=PATIENCE):
        window.show()
    for name, value in settings.items():
        window.session.choose(name, value)
    return window


def train_to_the_end(qtbot: QtBot, window: MainWindow) -> None:
    """Trains until the run stands still, and shows what has come of it."""
    with qtbot.waitSignal(
        window.session.state_changed,
        timeout=PATIENCE,
        check_params_cb=lambda state: state is not RunState.RUNNING,
    ):
        window.session.train()
    window.refresh()
