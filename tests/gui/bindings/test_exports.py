"""The Export menu in the whole window: each thing is written by its dialog and read by its own reader."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import BinaryIO
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from PySide6.QtGui import QAction, QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QMessageBox, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot
from safetensors.torch import load_file
from shiboken6 import isValid

from playground.workspace.files import Progress
from tests.gui.driver import find, press
from tests.gui.whole_window import PATIENCE, make_step, opened, train_to_the_end
from ui.shell.window import MainWindow

STEPS = 12


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    window = opened(qtbot, input_size=20, hidden_size=8, steps=STEPS)
    yield window
    window.close()


def export(qtbot: QtBot, window: MainWindow, what: str, path: Path) -> None:
    """Chooses the entry, says where to, and waits until it is written."""
    press(window, "save_script_action" if what == "script" else f"export_{what}_action")
    dialog = find(window, QFileDialog, "save_dialog")
    with qtbot.waitSignal(window.notices.told, timeout=PATIENCE) as told:
        dialog.fileSelected.emit(str(path))
    closed(qtbot, dialog)
    assert told.args is not None
    assert told.args[0] == "info", told.args
    assert str(path) in told.args[1]


def closed(qtbot: QtBot, dialog: QFileDialog) -> None:
    """Closes a dialog, and waits until the next one of its name cannot be taken for it."""
    dialog.close()
    qtbot.waitUntil(lambda: not isValid(dialog))


def losses(window: MainWindow) -> list[float]:
    run = window.session.run
    assert run is not None
    return [float(each) for each in run.history.losses()]


def test_the_script_with_what_was_changed_in_mid_run_prints_the_windows_losses(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    for _ in range(3):
        make_step(qtbot, window)
    window.session.choose("learning_rate", 3e-6)
    train_to_the_end(qtbot, window)
    path = tmp_path / "süß and 'odd'.py"
    export(qtbot, window, "script", path)
    printed = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, check=True)
    assert [float(line.split()[1]) for line in printed.stdout.splitlines()] == losses(window)
    with qtbot.waitSignal(QGuiApplication.clipboard().dataChanged, timeout=PATIENCE):
        press(window, "copy_script_action")
    assert QGuiApplication.clipboard().text() == path.read_text(encoding="utf-8")


def test_the_toolbars_button_is_the_menus_entry_and_ends_nothing(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    make_step(qtbot, window)
    button = find(window, QToolButton, "save_script_button")
    assert button.defaultAction() is find(window, QAction, "save_script_action")
    run = window.session.run
    button.click()
    dialog = find(window, QFileDialog, "save_dialog")
    path = tmp_path / "run.py"
    with qtbot.waitSignal(window.notices.told, timeout=PATIENCE):
        dialog.fileSelected.emit(str(path))
    closed(qtbot, dialog)
    assert window.session.run is run
    assert window.session.settings.own is None
    assert window.session.steps_made == 1
    train_to_the_end(qtbot, window)
    printed = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, check=True)
    assert [float(line.split()[1]) for line in printed.stdout.splitlines()] == losses(window)


def test_the_graph_of_the_step_in_six_formats(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    make_step(qtbot, window)
    graph = window.graph
    assert graph is not None
    for ending in ("svg", "png", "pdf", "dot", "json", "md"):
        export(qtbot, window, "graph", tmp_path / f"graph.{ending}")
    drawing = ElementTree.parse(tmp_path / "graph.svg").getroot()
    words = " ".join(drawing.itertext())
    assert all(node.op.split("Backward")[0] in words for node in graph.nodes)
    assert not QImage(str(tmp_path / "graph.png")).isNull()
    assert (tmp_path / "graph.pdf").read_bytes().startswith(b"%PDF-")
    assert json.loads((tmp_path / "graph.json").read_text()) == graph.to_json()
    assert (tmp_path / "graph.dot").read_text().startswith("digraph")
    assert (tmp_path / "graph.md").read_text().startswith("```mermaid\n")


def test_losses_as_a_table_and_as_a_plot(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    train_to_the_end(qtbot, window)
    first = losses(window)
    window.session.choose_stage("nn")
    train_to_the_end(qtbot, window)
    export(qtbot, window, "losses", tmp_path / "one.csv")
    export(qtbot, window, "all_losses", tmp_path / "all.csv")
    rows = list(csv.reader((tmp_path / "one.csv").read_text().splitlines()))
    assert rows[0] == ["step", "loss"]
    assert [float(row[1]) for row in rows[1:]] == losses(window)
    rows = list(csv.reader((tmp_path / "all.csv").read_text().splitlines()))
    assert [each.split()[0] for each in rows[0]] == ["step", "autograd", "nn"]
    assert [float(row[1]) for row in rows[1:]] == first
    for entry in window.runs.archive.entries:
        window.runs.set_visible(entry.number, True)
    window.refresh()
    for ending in ("png", "svg", "pdf"):
        export(qtbot, window, "plot", tmp_path / f"plot.{ending}")
    plot = QImage(str(tmp_path / "plot.png"))
    assert plot.size().width() > 0
    words = " ".join(ElementTree.parse(tmp_path / "plot.svg").getroot().itertext())
    assert "step" in words
    assert all(each.name in words for each in window.runs.archive.entries if each.visible)
    assert (tmp_path / "plot.pdf").read_bytes().startswith(b"%PDF-")


def test_the_model_is_loaded_by_torch_and_by_safetensors(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    window.session.choose_stage("nn")
    train_to_the_end(qtbot, window)
    for ending in ("pt", "safetensors"):
        export(qtbot, window, "model", tmp_path / f"model.{ending}")
    state = torch.load(tmp_path / "model.pt", weights_only=True)
    model = torch.nn.Sequential(torch.nn.Linear(20, 8), torch.nn.ReLU(), torch.nn.Linear(8, 10))
    model.load_state_dict(state)
    other = load_file(tmp_path / "model.safetensors")
    assert all(torch.equal(other[name], value) for name, value in state.items())


def test_shown_runs_for_tensorboard_are_not_replaced_unasked(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    train_to_the_end(qtbot, window)

    def write() -> None:
        press(window, "export_tensorboard_action")
        dialog = find(window, QFileDialog, "folder_dialog")
        dialog.fileSelected.emit(str(tmp_path / "board"))
        closed(qtbot, dialog)

    with qtbot.waitSignal(window.notices.told, timeout=PATIENCE):
        write()
    (folder,) = (tmp_path / "board").iterdir()
    # It has no types.
    reader = import_module("tensorboard.backend.event_processing.event_accumulator")
    read = reader.EventAccumulator(str(folder)).Reload()
    assert [each.value for each in read.Scalars("loss")] == [
        float(np.float32(each)) for each in losses(window)
    ]
    write()
    question = find(window, QMessageBox, "question")
    assert folder.name in question.text()
    question.reject()


def test_the_recording_and_its_replay_page(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    recording = make_step(qtbot, window)
    export(qtbot, window, "recording", tmp_path / "step.json")
    export(qtbot, window, "replay", tmp_path / "step.html")
    assert json.loads((tmp_path / "step.json").read_text())["step"] == recording.step
    page = (tmp_path / "step.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>") or page.startswith("<!DOCTYPE html>")
    assert "loss.backward()" in page.replace("</span>", "").replace('<span class="k">', "")


def test_what_cannot_be_exported_says_why(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    button = find(window, QToolButton, "file_button")
    button.menu().aboutToShow.emit()
    for what in ("graph", "losses", "plot", "model", "tensorboard", "recording", "replay"):
        entry = find(window, QAction, f"export_{what}_action")
        assert not entry.isEnabled()
        assert "Not now: " in entry.toolTip()
    assert find(window, QAction, "save_script_action").isEnabled()
    make_step(qtbot, window)
    button.menu().aboutToShow.emit()
    assert find(window, QAction, "export_graph_action").isEnabled()


def test_an_ending_that_is_no_format_and_a_folder_that_is_not_there(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    make_step(qtbot, window)
    for path, words in (
        (tmp_path / "graph.bmp", "allowed: .svg, .png, .pdf, .dot, .json, .md"),
        (tmp_path / "nowhere" / "graph.svg", "there is no such folder"),
    ):
        press(window, "export_graph_action")
        dialog = find(window, QFileDialog, "save_dialog")
        with qtbot.waitSignal(window.notices.told, timeout=PATIENCE) as told:
            dialog.fileSelected.emit(str(path))
        closed(qtbot, dialog)
        assert told.args is not None
        assert told.args[0] == "warning"
        assert words in told.args[1]
    assert list(tmp_path.glob("*.*")) == []


def test_a_model_that_cannot_be_written_is_one_line_and_the_run_goes_on(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    make_step(qtbot, window)
    press(window, "export_model_action")
    dialog = find(window, QFileDialog, "save_dialog")
    with qtbot.waitSignal(window.session.model_saved, timeout=PATIENCE):
        dialog.fileSelected.emit(str(tmp_path / "nowhere" / "model.pt"))
    closed(qtbot, dialog)
    assert "there is no such folder" in window.notice
    assert "\n" not in window.notice
    train_to_the_end(qtbot, window)
    assert window.session.steps_made == STEPS


def test_the_chosen_format_gives_the_name_its_ending(qtbot: QtBot, window: MainWindow) -> None:
    make_step(qtbot, window)
    press(window, "export_graph_action")
    dialog = find(window, QFileDialog, "save_dialog")
    assert dialog.defaultSuffix() == "svg"
    dialog.selectNameFilter("PDF (*.pdf)")
    dialog.filterSelected.emit("PDF (*.pdf)")
    assert dialog.defaultSuffix() == "pdf"
    assert Path(dialog.selectedFiles()[0]).name == "autograd-step-0-graph.pdf"
    dialog.reject()


def test_the_script_is_saved_and_opened_in_the_desktops_editor(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []

    def refuse(path: Path) -> bool:
        opened.append(path)
        return False

    monkeypatch.setattr("ui.widgets.desktop.open_in_editor", refuse)
    path = tmp_path / "odd \u202e %s & 'name'.py"
    press(window, "open_in_editor_action")
    dialog = find(window, QFileDialog, "save_dialog")
    dialog.fileSelected.emit(str(path))
    closed(qtbot, dialog)
    qtbot.waitUntil(lambda: opened == [path], timeout=PATIENCE)
    assert path.read_text(encoding="utf-8").startswith('"""autograd')
    assert "no program that opens" in window.notice
    assert "\u202e" not in window.notice
    # A file of one's own as it stands here; what another program has written is asked about.
    window.programs.open(str(path))
    window.programs._watcher.removePath(str(path))
    window.programs.edit(f"{window.programs.text}# mine\n")
    path.write_text("theirs", encoding="utf-8")
    press(window, "open_in_editor_action")
    assert len(opened) == 1
    question = find(window, QMessageBox, "question")
    assert "was changed by another program since it was read" in question.text()
    next(each for each in question.findChildren(QPushButton) if each.text() == "Save all the same").click()
    press(window, "open_in_editor_action")
    assert opened == [path, path]
    assert path.read_text(encoding="utf-8").endswith("# mine\n")


def without_end(_curves: object, file: BinaryIO, on_progress: Progress) -> None:
    turn = threading.Event()
    while True:
        file.write(b"half")
        on_progress(1, 4)
        turn.wait(0.01)


def test_what_takes_long_is_shown_and_ended_with_the_old_file_whole(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_step(qtbot, window)
    path = tmp_path / "losses.csv"
    path.write_text("old")

    def overtaken(*_: object) -> None:
        path.write_text("of another program")

    def begin() -> None:
        press(window, "export_losses_action")
        dialog = find(window, QFileDialog, "save_dialog")
        dialog.fileSelected.emit(str(path))
        closed(qtbot, dialog)

    # Between the question and the writing another program may write a file of that name.
    monkeypatch.setattr("ui.state.exports.write_csv", overtaken)
    with qtbot.waitSignal(window.notices.told, timeout=PATIENCE):
        begin()
    assert "another program has written it meanwhile" in window.notice
    assert path.read_text() == "of another program"
    path.write_text("old")
    monkeypatch.setattr("ui.state.exports.write_csv", without_end)
    card = find(window, QWidget, "file_progress")
    begin()
    assert card.isHidden()
    qtbot.waitUntil(lambda: not card.isHidden(), timeout=PATIENCE)
    with qtbot.waitSignal(window.notices.told, timeout=PATIENCE):
        find(window, QToolButton, "file_progress_cancel").click()
    assert card.isHidden()
    assert window.notice == "Cancelled: writing the losses. What was there is as it was."
    # A window that is closed meanwhile asks.
    begin()
    qtbot.waitUntil(lambda: not card.isHidden(), timeout=PATIENCE)
    window.close()
    assert window.isVisible()
    question = find(window, QMessageBox, "question")
    assert question.text() == "The window is still writing the losses."
    next(each for each in question.findChildren(QPushButton) if each.text() == "Close without it").click()
    assert not window.isVisible()
    assert path.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir() if each.is_file()] == [path.name]
