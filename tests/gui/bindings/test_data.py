"""Data chosen in the window: sets, examples and files, with real training behind it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import (
    QComboBox,
    QDialogButtonBox,
    QFileDialog,
    QLabel,
    QPlainTextEdit,
    QTableWidget,
    QToolButton,
)
from pytestqt.qtbot import QtBot

from playground.data.examples import example_named
from playground.trainer import Trainer
from tests.gui.driver import find
from tests.gui.whole_window import PATIENCE, make_step, opened
from ui.panels.data_file import DataFileDialog
from ui.shell.window import MainWindow


def choose(window: MainWindow, title: str) -> None:
    box = find(window, QComboBox, "data_box")
    box.setCurrentIndex(box.findText(title))


def asked(window: MainWindow, qtbot: QtBot, path: Path) -> None:
    """Gives the file dialog an answer."""
    choose(window, "File …")
    qtbot.waitUntil(lambda: window.findChild(QFileDialog, "open_data_dialog") is not None)
    dialog = find(window, QFileDialog, "open_data_dialog")
    dialog.fileSelected.emit(str(path))
    dialog.close()


def test_a_set_is_trained_on_and_stands_in_the_text(qtbot: QtBot) -> None:
    window = opened(qtbot, stage="nn")
    choose(window, "Two moons")
    recording = make_step(qtbot, window)
    assert recording.loss == Trainer(window.session.settings).step()
    assert "# Two moons" in find(window, QPlainTextEdit, "code_view").toPlainText()


def test_an_example_is_one_click_away_and_says_what_there_is_to_see(qtbot: QtBot) -> None:
    window = opened(qtbot)
    button = find(window, QToolButton, "examples_button")
    next(each for each in button.menu().actions() if each.objectName() == "example_xor-1").trigger()
    example = example_named("xor-1")
    assert window.session.settings == example.settings()
    assert window.notices.kept[-1].hint == example.sentence


def dialog_for(qtbot: QtBot, window: MainWindow, path: Path) -> DataFileDialog:
    asked(window, qtbot, path)
    qtbot.waitUntil(lambda: window.findChild(DataFileDialog) is not None, timeout=PATIENCE)
    return find(window, DataFileDialog)


def text_at(table: QTableWidget, row: int, column: int) -> str:
    item = table.item(row, column)
    assert item is not None
    return item.text()


def agree(dialog: DataFileDialog) -> None:
    find(dialog, QDialogButtonBox).button(QDialogButtonBox.StandardButton.Ok).click()


def test_a_file_is_looked_into_and_trained_on(qtbot: QtBot, tmp_path: Path) -> None:
    window = opened(qtbot, stage="nn")
    path = tmp_path / "mine.csv"
    rows = "".join(f"{n},{n * n},{'cat' if n % 3 else 'dog'},{-n}\n" for n in range(12))
    path.write_text(f"a,b,kind,c\n{rows}")
    dialog = dialog_for(qtbot, window, path)
    table = find(dialog, QTableWidget, "data_file_columns")
    words = [[text_at(table, row, place) for place in range(4)] for row in range(4)]
    assert words[1] == ["b", "number", "0 to 121", ""]
    assert words[2] == ["kind", "2 classes", "cat, dog", ""]
    assert text_at(find(dialog, QTableWidget, "data_file_sample"), 2, 1) == "4"
    find(dialog, QComboBox, "role_c").setCurrentText("not used")
    find(dialog, QComboBox, "role_kind").setCurrentText("y")
    agree(dialog)
    settings = window.session.settings
    assert settings.data_file is not None
    assert (settings.data_file.inputs, settings.data_file.targets) == (("a", "b"), ("kind",))
    assert (settings.batch_size, settings.input_size, settings.output_size) == (12, 2, 2)
    assert find(window, QComboBox, "data_box").currentText() == "mine.csv"
    recording = make_step(qtbot, window)
    assert recording.loss == Trainer(settings).step()


def test_what_cannot_be_used_is_said_in_the_dialog(qtbot: QtBot, tmp_path: Path) -> None:
    window = opened(qtbot, stage="nn")
    before = window.session.settings
    path = tmp_path / "gaps.csv"
    path.write_text("a,b,c\n1,2,3\n4,,6\n7,8,9\n")
    dialog = dialog_for(qtbot, window, path)
    assert text_at(find(dialog, QTableWidget, "data_file_columns"), 1, 3) == "1"
    assert find(dialog, QLabel, "trouble_b").text() == "not usable: 1 missing value in column b"
    for name in ("a", "c"):
        find(dialog, QComboBox, f"role_{name}").setCurrentText("x")
    agree(dialog)
    problem = find(dialog, QLabel, "data_file_problem")
    assert problem.text() == "y: no column is chosen; allowed: one or more"
    assert dialog.isVisible()
    dialog.reject()
    assert window.session.settings == before


def test_a_file_that_cannot_be_used_is_refused_in_one_line(qtbot: QtBot, tmp_path: Path) -> None:
    window = opened(qtbot, stage="nn")
    before = window.session.settings
    path = tmp_path / "empty.csv"
    path.write_text("")
    with qtbot.waitSignal(window.notices.told, timeout=PATIENCE) as told:
        asked(window, qtbot, path)
    assert str(path) in told.args[1]
    assert "is empty" in told.args[1]
    assert window.session.settings == before
    assert "is empty" in window.notice
    (tmp_path / "good.csv").write_text("a,b\n1,2\n3,4\n")
    dialog = dialog_for(qtbot, window, tmp_path / "good.csv")
    assert window.notice == ""
    dialog.reject()
