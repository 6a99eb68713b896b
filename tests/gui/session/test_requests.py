"""Whatever lasts tells how far it is, can be cancelled, and gives way to every order at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import NoReturn

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton, QToolButton
from pytestqt.qtbot import QtBot

import ui.session.answers
from playground.recording.cache import RecordingCache
from playground.recording.model import Recording
from playground.settings import make_settings
from playground.threads import Threads
from playground.trainer import Trainer
from tests.gui.driver import find
from tests.gui.whole_window import PATIENCE, opened, train_to_the_end
from ui.panels.costs import CostsView
from ui.panels.costs.text import EMPTY
from ui.panels.inspector.parts import FlowText
from ui.panels.rosetta.panel import CANCELLED, RosettaView
from ui.session.answers import Present, answer
from ui.session.requests import CostsRequest, DevicesRequest, Request, RosettaRequest
from ui.session.session import RunState, Session
from ui.session.teller import Stopped
from ui.shell.window import MainWindow

SIZES = {"batch_size": 2, "input_size": 3, "hidden_size": 4, "output_size": 2, "steps": 30}
SETTINGS = make_settings(**SIZES)
# Without a window manager nothing can be raised.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support raise", extend=True)


def endless(*given: object, **named: object) -> NoReturn:
    """Work that lasts until the one who hears how far it is ends it."""
    tell: Callable[..., object] = next(filter(callable, (*given, *named.values())))
    pause, done = threading.Event(), 0
    while True:
        pause.wait(0.002)
        done += 1
        tell(done % 90, 90)


@pytest.fixture
def without_end(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Everything that can be asked of the worker lasts for ever."""
    for name in ("record_again", "check_gradient"):
        monkeypatch.setattr(Trainer, name, lambda _trainer, *given, **named: endless(*given, **named))
    for name in ("_side_by_side", "measure_costs", "check_devices"):
        monkeypatch.setattr(ui.session.answers, name, endless)
    return monkeypatch


def under_way(qtbot: QtBot, session: Session, ask: Callable[[], object]) -> Request:
    """Asks, and waits until the worker tells how far it is.

    Not by `waitSignal`: its listener is gone after the first report, while others are on their way to it.
    """
    told: list[Request] = []
    session.worker.progressed.connect(lambda request, _done, _of: told.append(request))
    ask()
    qtbot.waitUntil(lambda: bool(told), timeout=PATIENCE)
    return told[0]


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    """A session whose run has made two steps; it closes, whatever is under way."""
    session = Session(SETTINGS)
    with qtbot.waitSignal(session.worker.optimizers_found, timeout=PATIENCE):
        session.start()
    for made in (1, 2):
        with qtbot.waitSignal(
            session.worker.halted,
            timeout=PATIENCE,
            check_params_cb=lambda halt, made=made: halt.steps == made,
        ):
            session.make_one_step()
    yield session
    assert session.close(PATIENCE)


ASKING: dict[str, Callable[[Session], None]] = {
    "recording": lambda session: session.ask_recording(0),
    "nudging": lambda session: session.ask_gradient_check(1, "w1", (0, 0), 1e-4),
    "side by side": lambda session: session.ask(RosettaRequest("numpy", "nn", SETTINGS)),
    "costs": lambda session: session.ask(CostsRequest(("numpy",), SETTINGS)),
    "devices": lambda session: session.ask(DevicesRequest(1, 0)),
}
ORDERS: dict[str, Callable[[Session], None]] = {
    "reset": Session.reset,
    "step": Session.make_one_step,
    "run": Session.train,
    "stage": lambda session: session.choose_stage("nn"),
}
CASES = [(what, "reset") for what in ASKING] + [("recording", order) for order in ORDERS if order != "reset"]


@pytest.mark.parametrize(("what", "order"), CASES)
@pytest.mark.usefixtures("without_end")
def test_every_order_goes_first(qtbot: QtBot, session: Session, what: str, order: str) -> None:
    under_way(qtbot, session, lambda: ASKING[what](session))
    with qtbot.waitSignal(session.worker.halted, timeout=PATIENCE):
        ORDERS[order](session)
    qtbot.waitUntil(lambda: session.state is not RunState.RUNNING, timeout=PATIENCE)
    assert session.steps_made == {"reset": 0, "step": 3, "run": 30, "stage": 0}[order]


@pytest.mark.usefixtures("without_end")
def test_what_gave_way_says_that_it_waits_and_goes_on_afterwards(qtbot: QtBot, session: Session) -> None:
    heard: list[tuple[str, int, int]] = []
    session.request_progressed.connect(lambda *told: heard.append(told))
    with qtbot.waitSignal(session.request_progressed, timeout=PATIENCE):
        session.ask_recording(0)
    heard.clear()
    session.make_one_step()
    qtbot.waitUntil(lambda: ("recording step 0", 0, 0) in heard, timeout=PATIENCE)
    qtbot.waitUntil(lambda: heard[-1][2] == 90, timeout=PATIENCE)


@pytest.mark.usefixtures("without_end")
def test_what_was_cancelled_is_told_of_no_more(qtbot: QtBot, session: Session) -> None:
    request = under_way(qtbot, session, lambda: session.ask_recording(0))
    with qtbot.waitSignal(session.request_progressed, timeout=PATIENCE) as told:
        session.cancel_request()
    assert told.args == ["", 0, 0]
    # A report that was on its way when the user cancelled.
    with qtbot.assertNotEmitted(session.request_progressed):
        session.worker.progressed.emit(request, 7, 90)


def test_who_asks_twice_is_answered_once(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []
    real = Trainer.record_again

    def counting(
        trainer: Trainer, step: int, run: int, tell: Callable[[int, int], None], threads: Threads
    ) -> Recording:
        calls.append(step)
        return real(trainer, step, run, tell, threads)

    monkeypatch.setattr(Trainer, "record_again", counting)
    with qtbot.waitSignal(session.recorded, timeout=PATIENCE):
        for _ in range(3):
            session.ask_recording(0)
    with qtbot.waitSignal(session.worker.halted, timeout=PATIENCE):
        session.make_one_step()
    assert calls == [0]


def test_a_failed_step_that_is_made_again_gives_way(
    qtbot: QtBot, session: Session, without_end: pytest.MonkeyPatch
) -> None:
    begun = threading.Event()

    def fail(_trainer: Trainer, _until: object) -> None:
        raise RuntimeError("on purpose")

    def again(_trainer: Trainer, *given: object) -> NoReturn:
        begun.set()
        endless(*given)

    without_end.setattr(Trainer, "run", fail)
    without_end.setattr(Trainer, "record_again", again)
    session.train()
    assert begun.wait(PATIENCE / 1000)
    with qtbot.waitSignal(session.worker.began, timeout=PATIENCE):
        session.reset()


def test_two_stages_side_by_side_can_be_ended_between_their_parts() -> None:
    heard: list[tuple[int, int]] = []

    def tell(done: int, of: int) -> None:
        heard.append((done, of))
        if done == 2:
            raise Stopped

    present = Present(0, None, RecordingCache(), Threads())
    with pytest.raises(Stopped):
        answer(RosettaRequest("numpy", "nn", SETTINGS), present, tell)
    assert heard == [(0, 3), (1, 3), (2, 3)]


# In the window


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    """A window with a small network."""
    return opened(qtbot, **SIZES)


def compare(window: MainWindow, what: str) -> None:
    action = window.findChild(QAction, f"compare_{what}_action")
    assert action is not None
    action.trigger()


@pytest.mark.usefixtures("without_end")
def test_a_gradient_check_is_cancelled_beside_its_progress(qtbot: QtBot, window: MainWindow) -> None:
    window.session.make_one_step()
    qtbot.waitUntil(lambda: window.replay.recording is not None, timeout=PATIENCE)
    window.choose_node("w1")
    check = window.findChild(QPushButton, "gradient_check_button")
    assert check is not None
    cancel = find(window, QToolButton, "cancel_request")
    assert cancel.isHidden()
    with qtbot.waitSignal(window.session.request_progressed, timeout=PATIENCE):
        check.click()
    assert cancel.text().startswith("nudging w1: ")
    cancel.click()
    assert cancel.isHidden()
    problem = window.findChild(FlowText, "gradient_check_problem")
    assert problem is not None
    assert problem.text() == "cancelled"
    train_to_the_end(qtbot, window)
    assert window.session.state is RunState.FINISHED


@pytest.mark.usefixtures("without_end")
def test_costs_are_cancelled_beside_their_progress(qtbot: QtBot, window: MainWindow) -> None:
    compare(window, "costs")
    view = window.findChild(CostsView)
    assert view is not None
    under_way(qtbot, window.session, lambda: qtbot.mouseClick(view.measure_button, Qt.MouseButton.LeftButton))
    assert "measuring" in view.text()
    view.cancel_button.setFocus()
    view.cancel_button.click()
    assert view.cancel_button.isHidden()
    assert EMPTY in view.text()
    assert view.measure_button.hasFocus()
    train_to_the_end(qtbot, window)
    assert "measuring" not in view.text()


def test_two_stages_side_by_side_are_cancelled_and_compared_after_all(
    qtbot: QtBot, window: MainWindow
) -> None:
    compare(window, "rosetta")
    view = window.findChild(RosettaView)
    assert view is not None
    # At once: an answer that is on its way is dropped.
    view.cancel_button.click()
    assert view.text() == CANCELLED
    assert view.cancel_button.isHidden()
    train_to_the_end(qtbot, window)
    assert view.text() == CANCELLED
    with qtbot.waitSignal(window.session.worker.answered, timeout=PATIENCE):
        view.again_button.click()
    assert view.again_button.isHidden()
    assert "Tensors" in view.text()
