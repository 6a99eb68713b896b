"""What is said of a run that other programs slow down, and what the user can do about it."""

from __future__ import annotations

from types import SimpleNamespace

import psutil
import pytest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from tests.gui.whole_window import PATIENCE, opened
from ui.bench import _neighbor
from ui.session.busy import FORGOTTEN_AFTER, SETTLED_AFTER, BusyWatch, OtherPrograms, lacking_cores
from ui.session.session import RunState
from ui.shell.window import MainWindow
from ui.widgets.figure import Figure

SIZES = {"batch_size": 2, "input_size": 3, "hidden_size": 4, "output_size": 2, "steps": 2_000_000}


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """What psutil tells: the share of four cores that is in use, and what this program has computed."""
    told = SimpleNamespace(percent=0.0, own=0.0)
    monkeypatch.setattr(psutil, "cpu_count", lambda: 4)
    monkeypatch.setattr(psutil, "cpu_percent", lambda _interval: told.percent)

    def times(_process: psutil.Process) -> SimpleNamespace:
        return SimpleNamespace(user=told.own, system=0.0, children_user=0.0, children_system=0.0)

    monkeypatch.setattr(psutil.Process, "cpu_times", times)
    return told


def test_what_others_take_is_all_without_what_this_program_takes(counted: SimpleNamespace) -> None:
    others = OtherPrograms()
    assert others.cores(10.0) == 0
    # Two seconds later three of four cores are in use, one of them by this program.
    counted.percent, counted.own = 75.0, 2.0
    assert others.cores(12.0) == pytest.approx(2)
    # Too soon to look again.
    counted.percent = 0.0
    assert others.cores(12.5) == pytest.approx(2)
    assert others.cores(13.0) == 0


def test_a_pause_tells_nothing_of_now(counted: SimpleNamespace) -> None:
    others = OtherPrograms()
    others.cores(0.0)
    counted.percent = 100.0
    assert others.cores(1.0 + FORGOTTEN_AFTER) == 0
    assert others.cores(2.0 + FORGOTTEN_AFTER) == pytest.approx(4)


def test_where_it_cannot_be_told_nobody_is_blamed(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_interval: object) -> float:
        raise OSError("/proc/stat")

    monkeypatch.setattr(psutil, "cpu_percent", refuse)
    others = OtherPrograms()
    assert [others.cores(float(second)) for second in range(3)] == [0, 0, 0]


def test_cores_are_lacking_where_all_want_more_than_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "cpu_count", lambda: 2)
    assert lacking_cores(2, 1.0) == 1
    # One thread beside one other program: each has a core.
    assert lacking_cores(1, 1.0) == 0
    monkeypatch.setattr(psutil, "cpu_count", lambda: 64)
    assert lacking_cores(2, 20.0) < 0


def test_a_run_is_compared_with_itself_under_the_same_circumstances() -> None:
    watch, later = BusyWatch(), SETTLED_AFTER
    assert not watch.explains("a", 0.0, 4000, 1.0)
    assert not watch.explains("a", later, 4000, 1.0)
    assert not watch.explains("a", later, 2500, 1.0)
    assert watch.explains("a", later, 1500, 1.0)
    # As slow, but with cores enough: the reason is another.
    assert not watch.explains("a", later, 1500, 0.0)
    # A deeper network, say, is slower by itself; the smoothed speed still tells of what was before.
    assert not watch.explains("b", later, 4000, 1.0)
    assert not watch.explains("b", 2 * later, 1500, 1.0)
    assert not watch.explains("b", 2 * later, 1000, 1.0)
    assert watch.explains("b", 2 * later, 700, 1.0)


@pytest.fixture
def window(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    """A window with a small network on a machine of four cores."""
    monkeypatch.setattr("playground.threads.usable_cores", lambda: 4)
    return opened(qtbot, **SIZES)


@pytest.mark.parametrize("threads", [2, 1])
def test_the_speed_says_why_it_is_low_and_one_click_helps(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch, threads: int
) -> None:
    speed, button = window.findChild(Figure, "step_label"), window.findChild(QToolButton, "busy_button")
    assert speed is not None
    assert button is not None
    bar = speed.parentWidget()
    assert bar is not None
    window.session.choose("threads", threads)
    # Slow at once, and only until the circumstances change.
    before = window.session.settings
    monkeypatch.setattr(BusyWatch, "explains", lambda _watch, now, *_: now[1] == before)
    window.session.train()
    qtbot.waitUntil(lambda: speed.text().endswith("machine busy"), timeout=PATIENCE)
    assert "Another program" in bar.toolTip()
    qtbot.waitUntil(lambda: button.isVisible() == (threads > 1), timeout=PATIENCE)
    if threads > 1:
        button.click()
        assert window.session.settings.threads == 1
        assert window.session.state is RunState.RUNNING
        qtbot.waitUntil(lambda: "busy" not in speed.text(), timeout=PATIENCE)
        # A toolbar hides what is to be hidden when it lays itself out, a turn of the event loop later.
        qtbot.waitUntil(lambda: not button.isVisible(), timeout=PATIENCE)
        assert bar.toolTip() == ""
    window.session.pause()


def test_the_neighbor_of_the_bench_keeps_a_core_busy_and_ends() -> None:
    before = len(psutil.Process().children())
    with _neighbor():
        assert len(psutil.Process().children()) == before + 1
    assert len(psutil.Process().children()) == before
