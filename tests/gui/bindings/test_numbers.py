"""A number of the shown step is copied as a program, from the graph and the inspector; it runs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QAction, QContextMenuEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from tests.gui.driver import find
from tests.gui.whole_window import PATIENCE, make_step, opened
from ui.panels.graph.canvas import GraphCanvas
from ui.shell.window import MainWindow


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    window = opened(qtbot, input_size=20, hidden_size=8)
    yield window
    window.close()


def copied(qtbot: QtBot, window: MainWindow, part: QWidget, what: str) -> str:
    """What is on the clipboard after the menu of a part was opened by its key."""
    place = QPoint(5, 5)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, place, part.mapToGlobal(place))
    QApplication.sendEvent(part, event)
    menu = find(window, QMenu, "number_menu")
    with qtbot.waitSignal(window.notices.told, timeout=PATIENCE) as told:
        find(menu, QAction, f"copy_{what}_action").trigger()
    menu.close()
    qtbot.waitUntil(lambda: not isValid(menu))
    assert told.args is not None
    assert told.args[0] == "info", told.args
    return QGuiApplication.clipboard().text()


def test_numbers_of_a_parameter_and_of_an_operation(qtbot: QtBot, window: MainWindow) -> None:
    make_step(qtbot, window)
    graph = window.graph
    assert graph is not None
    key = next(node.key for node in graph.nodes if node.parameter == "w2")
    window.choose_node(key)
    window.refresh()
    programs = [
        copied(qtbot, window, find(window, GraphCanvas), "gradient"),
        copied(qtbot, window, window.panel("inspector"), "value"),
    ]
    assert programs[0] != programs[1]
    for program in programs:
        assert "w2" in program
        assert "assert" in program
        subprocess.run([sys.executable, "-c", program], check=True)


def test_without_a_recording_one_line_says_why(qtbot: QtBot, window: MainWindow) -> None:
    find(window, GraphCanvas).number_asked.emit("w1", "value")
    assert "was not recorded" in window.notice
