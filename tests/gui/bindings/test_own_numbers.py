"""A number of a program of the user's own, turned in the settings panel while it runs in the window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractSpinBox
from pytestqt.qtbot import QtBot

from tests.gui.driver import find, type_over
from tests.gui.whole_window import PATIENCE, opened
from ui.panels.settings import OwnNumbers
from ui.session.session import RunState
from ui.shell.window import MainWindow

TEXT = """\
import argparse
import torch
parser = argparse.ArgumentParser()
parser.add_argument("--momentum", type=float, default=0.0)
args = parser.parse_args()
torch.manual_seed(1)
x = torch.randn(32, 4)
y = x.sum(1, keepdim=True).sin()
net = torch.nn.Linear(4, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=args.momentum)
for step in range(1000000):
    loss = (net(x) - y).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
"""
Notices = list[str]


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> MainWindow:
    """Its program has made three steps and stands still."""
    path = tmp_path / "mine.py"
    path.write_text(TEXT, encoding="utf-8")
    window = opened(qtbot)
    assert window.programs.open(str(path))
    window.programs.choose_arguments("--momentum 0.5")
    make_steps(qtbot, window, 3)
    return window


@pytest.fixture
def notices(window: MainWindow) -> Notices:
    found: Notices = []
    window.session.noticed.connect(lambda _level, text, _details, _hint: found.append(text))
    return found


def make_steps(qtbot: QtBot, window: MainWindow, steps: int) -> None:
    for _ in range(steps):
        with qtbot.waitSignal(window.session.worker.halted, timeout=PATIENCE):
            window.session.make_one_step()


def field(window: MainWindow, name: str) -> QAbstractSpinBox:
    fields = find(window, OwnNumbers).findChildren(QAbstractSpinBox)
    return next(each for each in fields if each.accessibleName() == name)


def choose(qtbot: QtBot, window: MainWindow, name: str, typed: str) -> None:
    """Types a number, and waits until the worker has looked at it."""
    with qtbot.waitSignal(window.session.worker.halted, timeout=PATIENCE):
        type_over(qtbot, field(window, name), typed)


def test_a_number_that_acts_at_once_goes_on_with_the_same_run(
    qtbot: QtBot, window: MainWindow, notices: Notices
) -> None:
    run = window.session.run
    choose(qtbot, window, "opt lr", "0.2")
    assert "lr=0.2," in window.programs.text
    make_steps(qtbot, window, 1)
    assert window.session.run is run
    assert window.session.steps_made == 4
    assert run is not None
    assert [(change.step, change.words) for change in run.changes] == [(3, "opt lr 0.05 → 0.2")]
    assert notices == []


def test_a_number_that_is_refused_comes_back_and_nothing_is_lost(
    qtbot: QtBot, window: MainWindow, notices: Notices
) -> None:
    choose(qtbot, window, "opt lr", "-1")
    assert notices == ["Number opt lr: -1.0 is not allowed (Invalid learning rate: -1.0)"]
    qtbot.waitUntil(lambda: field(window, "opt lr").text() == "0.05")
    assert window.programs.text == TEXT
    assert window.session.steps_made == 3
    assert window.session.state is RunState.PAUSED


def test_a_number_that_cannot_act_as_things_stand_starts_again(
    qtbot: QtBot, window: MainWindow, notices: Notices
) -> None:
    run = window.session.run
    with qtbot.waitSignal(window.session.worker.began, timeout=PATIENCE):
        type_over(qtbot, field(window, "momentum"), "0.9")
    assert len(notices) == 1
    assert notices[0].startswith("momentum: ")
    assert notices[0].endswith("; the program starts again.")
    assert window.session.run is not run
    assert "default=0.9)" in window.programs.text
