"""What runs where: the panel alone, and in the running program, where the worker's thread checks."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtWidgets import QLabel, QToolButton, QTreeWidgetItem
from pytestqt.qtbot import QtBot

from playground.comparing.device_check import check_devices
from playground.comparing.device_results import CheckedDevice, StageOnDevice
from playground.comparing.device_text import COLUMNS, NOTE
from playground.devices import Device, list_devices
from playground.stages import STAGES
from tests.gui.themes import wear
from tests.gui.whole_window import PATIENCE, opened
from ui.panels.devices.panel import LOADING, READY, DevicesView
from ui.session.requests import DevicesRequest, Request
from ui.session.session import RunState
from ui.shell.window import MainWindow
from ui.style.theme import DARK, LIGHT, Theme
from ui.widgets.progress_line import ProgressLine

SMALL = {"batch_size": 3, "input_size": 7, "hidden_size": 5, "output_size": 2}
LEFT = Qt.MouseButton.LeftButton
CPU = CheckedDevice(
    Device("cpu", "CPU"),
    (StageOnDevice("numpy", 3000.0, 0.0, 2.5, 21), StageOnDevice("nn", 2000.0, 0.0, 2.5, 16)),
)
CARD = CheckedDevice(
    Device("cuda:0", "cuda:0  Big Card"),
    (
        StageOnDevice("numpy", unused="NumPy runs on the CPU only"),
        StageOnDevice("nn", 5000.0, 3e-3, 2.5, 16, problem="a loss is a relative 3.0e-03 from the CPU’s"),
    ),
)
ABSENT = CheckedDevice(Device("mps", "mps", "this build of torch has no Metal (macOS only)"))
COPIED = [
    "device            steps/s  CPU = 1  loss differs by   recorded",
    "CPU                                                             here",
    "  numpy             3 000     1.00                0  21 events  passed",
    "  nn                2 000     1.00                0  16 events  passed",
    "cuda:0  Big Card                                                here",
    "  numpy                                                         NumPy runs on the CPU only",
    "  nn                5 000     2.50          3.0e-03  16 events  "
    "a loss is a relative 3.0e-03 from the CPU’s",
    "mps                                                             "
    "this build of torch has no Metal (macOS only)",
]
UNCHECKED = tuple(CheckedDevice(each.device) for each in (CPU, CARD, ABSENT))
# Without a window manager nothing can be raised.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support raise", extend=True)


@pytest.fixture
def view(qtbot: QtBot) -> DevicesView:
    view = DevicesView()
    qtbot.addWidget(view)
    view.resize(760, 520)
    with qtbot.waitActive(view):
        view.show()
    return view


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    return opened(qtbot)


def cells(item: QTreeWidgetItem | None) -> list[str]:
    assert item is not None
    return [item.text(column) for column in range(len(COLUMNS))]


def shown(view: DevicesView) -> list[list[str]]:
    rows = []
    for number in range(view.table.topLevelItemCount()):
        device = view.table.topLevelItem(number)
        assert device is not None
        rows.append(cells(device))
        rows += [cells(device.child(each)) for each in range(device.childCount())]
    return rows


def words(view: DevicesView, name: str) -> str:
    label = view.findChild(QLabel, name)
    assert isinstance(label, QLabel)
    return label.text() if label.isVisible() else ""


def heard(view: DevicesView) -> list[str]:
    told: list[str] = []
    view.check_asked.connect(lambda: told.append("check"))
    view.cancel_asked.connect(lambda: told.append("cancel"))
    return told


# The panel


def test_before_torch_is_there_nothing_can_be_checked(view: DevicesView) -> None:
    assert words(view, "devices_message") == LOADING
    assert not view.check_button.isEnabled()
    assert not view.copy_button.isEnabled()


def test_devices_are_listed_before_they_are_checked(view: DevicesView) -> None:
    view.show_devices(UNCHECKED)
    assert [(row[0], row[-1]) for row in shown(view)] == [
        ("CPU", "here"),
        ("cuda:0  Big Card", "here"),
        ("mps", "this build of torch has no Metal (macOS only)"),
    ]
    assert words(view, "devices_message") == READY
    assert words(view, "devices_note") == ""


def test_results_stand_below_their_device(view: DevicesView) -> None:
    view.show_devices((CPU, CARD, ABSENT))
    assert shown(view) == [
        ["CPU", "", "", "", "", "here"],
        ["numpy", "3 000", "1.00", "0", "21 events", "passed"],
        ["nn", "2 000", "1.00", "0", "16 events", "passed"],
        ["cuda:0  Big Card", "", "", "", "", "here"],
        ["numpy", "", "", "", "", "NumPy runs on the CPU only"],
        ["nn", "5 000", "2.50", "3.0e-03", "16 events", "a loss is a relative 3.0e-03 from the CPU’s"],
        ["mps", "", "", "", "", "this build of torch has no Metal (macOS only)"],
    ]
    assert words(view, "devices_message") == "Failed: 1. The last column says why."
    assert words(view, "devices_note") == NOTE
    view.show_devices((CPU, ABSENT))
    assert words(view, "devices_message").startswith("All passed")


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_what_failed_is_in_the_color_of_errors(view: DevicesView, theme: Theme) -> None:
    view.show_devices((CPU, CARD))
    wear(theme)
    card = view.table.topLevelItem(1)
    assert card is not None
    items = [card.child(row) for row in range(2)]
    colors = [item.foreground(len(COLUMNS) - 1).color() for item in items if item is not None]
    assert colors == [QColor(theme.muted), QColor(theme.error)]


def test_one_button_starts_and_stops(view: DevicesView, qtbot: QtBot) -> None:
    view.show_devices(UNCHECKED)
    told = heard(view)
    qtbot.mouseClick(view.check_button, LEFT)
    view.show_progress(2, 8)
    line = view.findChild(ProgressLine)
    assert isinstance(line, ProgressLine)
    assert (line.isVisible(), line.share) == (True, 0.25)
    assert words(view, "devices_message") == "checking: 2 of 8 runs"
    assert view.check_button.text() == "Stop"
    view.check_button.setFocus()
    qtbot.keyClick(view.check_button, Qt.Key.Key_Space)
    assert told == ["check", "cancel"]
    view.show_devices(UNCHECKED)
    assert not line.isVisible()
    assert view.check_button.text() == "Check"


def test_a_problem_is_told_and_the_devices_stay(view: DevicesView) -> None:
    view.show_devices(UNCHECKED)
    view.show_progress(0, 8)
    view.show_problem("RuntimeError: no")
    assert words(view, "devices_message") == "RuntimeError: no"
    assert len(shown(view)) == 3
    assert view.check_button.text() == "Check"


def test_the_table_is_copied_as_the_terminal_prints_it(view: DevicesView, qtbot: QtBot) -> None:
    view.show_devices((CPU, CARD, ABSENT))
    qtbot.mouseClick(view.copy_button, LEFT)
    table, _, note = QGuiApplication.clipboard().text().partition("\n\n")
    assert table.splitlines() == COPIED
    assert note == NOTE
    assert view.text().endswith(QGuiApplication.clipboard().text())


# In the program


def open_devices(qtbot: QtBot, window: MainWindow) -> DevicesView:
    link = window.findChild(QToolButton, "what_runs_button")
    assert isinstance(link, QToolButton)
    qtbot.mouseClick(link, LEFT)
    view = window.findChild(DevicesView)
    assert isinstance(view, DevicesView)
    assert view.isVisible()
    return view


def test_the_link_below_the_device_opens_the_table(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[tuple[str, object]] = []

    def small(
        stages: None, tell: Callable[[int, int], None], count: object, values: dict[str, int]
    ) -> tuple[CheckedDevice, ...]:
        threads.append((threading.current_thread().name, values["threads"]))
        return check_devices(stages, tell, None, SMALL)

    monkeypatch.setattr("ui.session.answers.check_devices", small)
    window.session.choose("threads", 1)
    window.session.train()
    qtbot.waitUntil(lambda: window.session.steps_made > 5, timeout=PATIENCE)
    view = open_devices(qtbot, window)
    assert window.session.state is RunState.RUNNING
    assert [row[0] for row in shown(view)] == [device.label for device in list_devices()]
    with qtbot.waitSignal(window.session.worker.answered, timeout=PATIENCE) as answered:
        qtbot.mouseClick(view.check_button, LEFT)
    assert window.session.state is not RunState.RUNNING
    assert isinstance(answered.args[0], DevicesRequest)
    assert [row[0] for row in shown(view)[1:9]] == [stage.name for stage in STAGES]
    assert words(view, "devices_message").startswith("All passed")
    assert threads == [(threads[0][0], 1)]
    assert threads[0][0] != threading.main_thread().name


def test_a_check_is_stopped_on_a_click(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    pressed, ended = threading.Event(), threading.Event()

    def endless(
        stages: None, tell: Callable[[int, int], None], count: object, values: object
    ) -> tuple[CheckedDevice, ...]:
        try:
            tell(0, 8)
            assert pressed.wait(PATIENCE / 1000)
            tell(1, 8)
        finally:
            ended.set()
        raise AssertionError("it was not stopped")

    monkeypatch.setattr("ui.session.answers.check_devices", endless)
    view = open_devices(qtbot, window)
    answered: list[Request] = []
    window.session.worker.answered.connect(lambda request, *_: answered.append(request))
    with qtbot.waitSignal(window.session.worker.progressed, timeout=PATIENCE):
        qtbot.mouseClick(view.check_button, LEFT)
    assert words(view, "devices_message") == "checking: 0 of 8 runs"
    qtbot.mouseClick(view.check_button, LEFT)
    assert words(view, "devices_message") == READY
    pressed.set()
    assert ended.wait(PATIENCE / 1000)
    # The thread goes on with what it is asked next.
    with qtbot.waitSignal(window.session.worker.halted, timeout=PATIENCE):
        window.session.make_one_step()
    assert answered == []
    assert words(view, "devices_message") == READY
    assert view.check_button.text() == "Check"


def test_a_failed_check_says_why(qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> None:
        raise RuntimeError("the card is on fire")

    monkeypatch.setattr("ui.session.answers.check_devices", refuse)
    view = open_devices(qtbot, window)
    with qtbot.waitSignal(window.session.worker.answered, timeout=PATIENCE):
        qtbot.mouseClick(view.check_button, LEFT)
    assert words(view, "devices_message") == "RuntimeError: the card is on fire"
