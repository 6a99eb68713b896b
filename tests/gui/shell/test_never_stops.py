"""Whatever raises in a stage, in the worker or in the window: it is said, and everything else goes on."""

from __future__ import annotations

import multiprocessing.context
import sys
import threading
from pathlib import Path

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QSpinBox, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from playground.failure import LONGEST_MESSAGE, Failure, one_line
from playground.history import History
from playground.recording.statistics import summarize
from tests.gui.driver import find
from tests.gui.whole_window import PATIENCE, opened, train_to_the_end
from ui.panels.loss import LossPlot
from ui.panels.replay import WalkBar
from ui.panels.runs import RunsPanel
from ui.session.session import MOST_ENDS, RunState
from ui.session.worker import Worker
from ui.shell.mishaps import Mishaps, shielded
from ui.shell.window import MainWindow

SIZES = {"batch_size": 2, "input_size": 3, "hidden_size": 4, "output_size": 2, "steps": 30}


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    """A window with a small network."""
    return opened(qtbot, **SIZES)


class Unreadable(RuntimeError):
    def __str__(self) -> str:
        raise ValueError("no text")


@pytest.mark.parametrize("error", [MemoryError(), KeyboardInterrupt(), SystemExit(1), Unreadable()])
def test_whatever_a_stage_raises_the_run_fails_and_the_next_goes_on(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    real, calls = History.append, iter(range(1_000_000))

    def failing(history: History, loss: float, depth: int, structure: int) -> None:
        if next(calls) == 5:
            raise error
        real(history, loss, depth, structure)

    monkeypatch.setattr(History, "append", failing)
    with qtbot.waitSignal(
        window.session.state_changed, timeout=PATIENCE, check_params_cb=lambda state: state is RunState.FAILED
    ):
        window.session.train()
    assert type(error).__name__ in window.notice
    train_to_the_end(qtbot, window)
    assert window.session.state is RunState.FINISHED


def test_a_statistic_that_fails_stops_nothing(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object, **__: object) -> object:
        raise MemoryError("one statistic")

    worker = threading.get_ident()
    real = summarize
    monkeypatch.setattr(
        "playground.recording.snapshot.summarize",
        lambda *given: real(*given) if threading.get_ident() == worker else failing(),
    )
    window.session.make_one_step()
    qtbot.waitUntil(lambda: window.replay.recording is not None, timeout=PATIENCE)
    train_to_the_end(qtbot, window)
    assert window.session.state is RunState.FINISHED


def test_another_thread_takes_the_place_of_one_that_has_ended(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[Worker] = []
    real = Worker._summarize_one

    def end(worker: Worker) -> bool:
        # The thread that takes its place may begin before this is taken back.
        if ended:
            return real(worker)
        ended.append(worker)
        raise SystemExit

    with monkeypatch.context() as patched, qtbot.waitSignal(window.session.worker.finished, timeout=PATIENCE):
        patched.setattr(Worker, "_summarize_one", end)
        patched.setattr(sys, "excepthook", lambda *_: None)
        window.session.pause()
        window.session.worker.submit(window.session._order)
    qtbot.waitUntil(lambda: "has ended unexpectedly" in window.notice, timeout=PATIENCE)
    assert str(window.session.state) == "failed"
    train_to_the_end(qtbot, window)
    assert window.session.state is RunState.FINISHED


def test_a_thread_that_ends_again_and_again_is_not_started_for_ever(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = []

    def end(_worker: Worker) -> None:
        ends.append(1)
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(Worker, "_work", end)
        window.session.worker._closing = True
        window.session.worker._wake.set()
        window.session.worker.wait()
        window.session.worker._closing = False
        qtbot.waitUntil(lambda: "times in a row" in window.notice, timeout=PATIENCE)
        assert len(ends) == MOST_ENDS
        assert not window.session.worker.isRunning()
    window.session.reset()
    train_to_the_end(qtbot, window)
    assert window.session.state is RunState.FINISHED


def test_one_failing_part_of_a_look_keeps_none_of_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[object] = []
    monkeypatch.setattr(sys, "excepthook", lambda *given: told.append(given[1]))
    done = []
    error = OSError("a part")

    def failing() -> None:
        raise error

    shielded(lambda: done.append(1), failing, lambda: done.append(2))
    assert done == [1, 2]
    assert told == [error]


def test_a_mishap_is_told_once_with_its_details(qtbot: QtBot, capsys: pytest.CaptureFixture[str]) -> None:
    mishaps, told = Mishaps(), []
    mishaps.told.connect(lambda text, details: told.append((text, details)))
    for number in range(3):
        try:
            raise ValueError(f"number {number}")
        except ValueError as error:
            mishaps.take(type(error), error, error.__traceback__)
    ((text, details),) = told
    assert "number 0" in text
    assert "Traceback" in details
    assert "number 0" in capsys.readouterr().err


def test_a_layout_process_that_cannot_start_leaves_the_figures_going(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> object:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(multiprocessing.context.BaseContext, "Pipe", refuse)
    window.session.choose_stage("dynamic")
    window.session.choose("depth", (32, 32))
    train_to_the_end(qtbot, window)
    slider = window.findChild(QWidget, "step_slider")
    assert slider is not None
    assert slider.property("maximum") == SIZES["steps"] - 1
    assert window.timeline.latest is not None
    assert "cannot be started" in window.timeline.latest.layout_failure


def test_a_message_of_any_length_is_cut(window: MainWindow) -> None:
    height = window.height()
    text = one_line(RuntimeError("word " * 400_000))
    assert len(text) < LONGEST_MESSAGE + 100
    window.session._failed(window.session._number, Failure(0, 1, text, "Traceback"))
    QApplication.processEvents()
    assert window.height() == height


def test_f2_without_a_row_edits_nothing(window: MainWindow) -> None:
    rename = find(window, RunsPanel).findChild(QAction, "rename_action")
    for action in [rename] if rename is not None else []:
        action.trigger()
    find(window, RunsPanel)._edit_name()


def test_a_shorter_reference_is_compared_as_far_as_it_goes(qtbot: QtBot, window: MainWindow) -> None:
    window.session.choose_start(True, None)
    for stage, steps in (("tensor", 2), ("tensor", 9), ("autograd", 9)):
        window.session.choose_stage(stage)
        window.session.choose("steps", steps)
        window.session.reset()
        train_to_the_end(qtbot, window)
    comparison = window.runs.comparison()
    assert comparison is not None
    assert {len(each.losses) for each in comparison.stages} == {2}


def test_steps_colored_by_depth_survive_the_next_run(qtbot: QtBot, window: MainWindow) -> None:
    window.session.choose_stage("dynamic")
    find(window, LossPlot).set_by_depth(True)
    train_to_the_end(qtbot, window)
    window.session.choose("steps", 90)
    for _ in range(3):
        window.session.reset()
        train_to_the_end(qtbot, window)
    assert window.session.steps_made == 90


@pytest.fixture
def without_torch(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    """A window on a machine whose torch cannot be loaded."""

    def refuse() -> object:
        raise ImportError("libtorch.so: cannot open shared object file")

    monkeypatch.setattr("ui.session.worker.list_devices", refuse)
    window = MainWindow()
    qtbot.addWidget(window, before_close_func=lambda each: each.session.close(PATIENCE))
    with qtbot.waitSignal(window.session.worker.failed, timeout=PATIENCE):
        window.show()
    return window


def test_without_torch_numpy_runs_and_the_rest_says_why(qtbot: QtBot, without_torch: MainWindow) -> None:
    window = without_torch
    # The first run of all, which stands ready at step 0, has failed as well.
    qtbot.waitUntil(lambda: window.session.state is RunState.FAILED, timeout=PATIENCE)
    assert "pip install" in window.notice
    with qtbot.waitSignal(
        window.session.state_changed, timeout=PATIENCE, check_params_cb=lambda state: state is RunState.FAILED
    ):
        window.session.train()
    assert "needs torch" in window.notice
    window.session.choose_stage("numpy")
    window.session.choose("steps", 20)
    train_to_the_end(qtbot, window)
    assert window.session.state is RunState.FINISHED


OPENED = ("nothing", "rec", "typed", "runs", "rosetta", "costs", "devices", "menu")


@pytest.mark.parametrize("what", OPENED)
def test_the_window_closes_whatever_is_open(qtbot: QtBot, window: MainWindow, what: str) -> None:
    window.session.make_one_step()
    qtbot.waitUntil(lambda: window.replay.recording is not None, timeout=PATIENCE)
    bar = find(window, WalkBar)
    if what in ("rec", "typed"):
        button = bar.findChild(QToolButton, "record_button")
        assert button is not None
        button.click()
        if what == "typed":
            bar.records.every.lineEdit().setText("abc")
    elif what == "menu":
        window.grab()
        field = window.findChild(QSpinBox, "step_field")
        assert field is not None
        field.setFocus()
        field.lineEdit().setText("12x")
    elif what == "devices":
        window.bring_forward("devices")
    elif what in ("rosetta", "costs", "runs"):
        window.bring_forward("run_all" if what == "runs" else what)
    QApplication.processEvents()
    window.close()
    QApplication.processEvents()


@pytest.fixture
def long_run(qtbot: QtBot, window: MainWindow) -> MainWindow:
    """A window whose run has made so many steps that making them again takes a while."""
    window.session.choose("steps", 2_000_000)
    window.session.train()
    qtbot.waitUntil(lambda: window.session.steps_made > 4_000, timeout=PATIENCE)
    window.session.pause()
    qtbot.waitUntil(lambda: window.replay.recording is not None, timeout=PATIENCE)
    return window


def ask_for_a_recording(qtbot: QtBot, window: MainWindow) -> int:
    """Asks for the step before the last, and waits until it is being made again."""
    step = window.session.steps_made - 2
    with qtbot.waitSignal(window.session.request_progressed, timeout=PATIENCE):
        window.timeline.go_to(step)
        find(window, WalkBar).record_asked.emit()
    return step


def test_what_lasts_can_be_cancelled(qtbot: QtBot, long_run: MainWindow) -> None:
    step = ask_for_a_recording(qtbot, long_run)
    button = long_run.findChild(QToolButton, "cancel_request")
    assert button is not None
    assert f"recording step {step}" in button.text()
    button.click()
    assert button.isHidden()
    run = long_run.session.run
    assert run is not None
    with qtbot.waitSignal(long_run.session.run_changed, timeout=PATIENCE):
        long_run.session.reset()
    assert step not in run.recordings.steps


def test_orders_come_before_requests(qtbot: QtBot, long_run: MainWindow) -> None:
    """A step is made while the recording of an older one is under way, which then is begun again."""
    step = ask_for_a_recording(qtbot, long_run)
    run, made = long_run.session.run, long_run.session.steps_made
    assert run is not None
    long_run.session.make_one_step()
    qtbot.waitUntil(lambda: long_run.session.steps_made == made + 1, timeout=PATIENCE)
    assert step not in run.recordings.steps
    qtbot.waitUntil(lambda: step in run.recordings.steps, timeout=PATIENCE)


def test_unreadable_settings_of_threads_are_refused_in_the_window(window: MainWindow, tmp_path: Path) -> None:
    before = window.session.settings
    window.session.choose("threads", 500)
    assert "cores" in window.notice or "allowed" in window.notice
    assert window.session.settings.threads == before.threads
