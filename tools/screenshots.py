"""Writes the README's pictures: the real window, after real training, without a display."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import QEventLoop, QSettings, QTimer, SignalInstance
from PySide6.QtWidgets import QApplication, QWidget

from playground.pace import FULL_SPEED, PACES
from playground.programs.numbers import find_numbers
from playground.recording.model import Recording
from ui.app import make_application
from ui.panels.rosetta import RosettaView
from ui.session.session import RunState
from ui.shell.window import MainWindow
from ui.style.appearance import Appearance

FOLDER = Path(__file__).parent.parent / "docs"
STEPS = 500
CHANGED_AT, SEEN_AT = 400, 640
UNTIL_LOOKED = 50
"""Milliseconds between two looks at whether something has happened."""


def main() -> None:
    """Walks into a step of DynamicNet, puts two stages side by side, runs a program of the user's own."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, folder)
        make_application()
        window = MainWindow()
        window.view.change(pace=PACES.index(FULL_SPEED))
        window.resize(1280, 800)
        window.show()
        _wait_for(window.session.worker.optimizers_found)
        _walk(window)
        _compare(window)
        _run_own_program(window)
        window.close()


def _walk(window: MainWindow) -> None:
    """The gradient of the shared layer on its way."""
    window.choose_appearance(Appearance.LIGHT)
    window.session.choose_stage("dynamic")
    window.session.choose("steps", STEPS)
    window.session.train()
    _wait_until(lambda: window.session.state is RunState.FINISHED)
    window.refresh()
    _wait_until(lambda: window.layout_is_there)
    run = window.session.run
    assert run is not None, "it has trained"
    deep = max(step for step in range(STEPS) if run.history.depth(step) == window.session.settings.depth[1])
    window.timeline.go_to(deep)
    window.session.ask_recording(deep)
    _wait_for(window.session.recorded)
    recording = window.replay.recording
    assert recording is not None, "it was asked for"
    window.replay.player.go(_event_of_shared_layer(recording))
    _save(window, "window-light.png")


def _event_of_shared_layer(recording: Recording) -> int:
    """Where backward reaches the second use of the middle layer."""
    return recording.nodes["AddmmBackward0(middle_linear)#2"].reached_by or 0


def _compare(window: MainWindow) -> None:
    window.choose_appearance(Appearance.DARK)
    window.session.choose_stage("autograd")
    window.session.pause()
    window.bring_forward("rosetta")
    view = window.findChild(RosettaView)
    assert isinstance(view, RosettaView), "it was opened"
    _wait_for(window.session.worker.answered)
    _save(view, "rosetta-dark.png")


def _run_own_program(window: MainWindow) -> None:
    """A program of the user's own with two losses, a number of which was changed in mid-run."""
    window.choose_appearance(Appearance.LIGHT)
    window.programs.open(str(Path(__file__).with_name("gan.py")))
    window.session.train()
    _wait_until(lambda: window.session.steps_made > CHANGED_AT)
    numbers = find_numbers(window.programs.text)
    window.programs.choose_number(next(each.index for each in numbers if each.name == "g_opt lr"), 1.6e-3)
    _wait_until(lambda: window.session.steps_made > SEEN_AT)
    window.session.pause()
    _wait_until(lambda: window.replay.recording is not None and window.layout_is_there)
    recording = window.replay.recording
    assert recording is not None, "it was waited for"
    window.replay.player.go(recording.passes[-1].events.start)
    window.bring_forward("output")
    window.refresh()
    _save(window, "own-program-light.png")


def _save(widget: QWidget, name: str) -> None:
    for _ in range(10):
        QApplication.processEvents()
    widget.grab().save(str(FOLDER / name))
    print(FOLDER / name)


def _wait_for(signal: SignalInstance) -> None:
    loop = QEventLoop()
    signal.connect(lambda *_: loop.quit())
    loop.exec()


def _wait_until(happened: Callable[[], bool]) -> None:
    loop = QEventLoop()
    timer = QTimer()
    timer.timeout.connect(lambda: loop.quit() if happened() else None)
    timer.start(UNTIL_LOOKED)
    loop.exec()


if __name__ == "__main__":
    main()
