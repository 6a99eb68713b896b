"""Runs that the panel lists, and where its parts are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from PySide6.QtCore import QItemSelectionModel, QPoint, QRect, Qt, SignalInstance
from PySide6.QtWidgets import QLineEdit, QToolButton
from pytestqt.qtbot import QtBot

from playground.history import NO_DEPTH, History
from playground.runs.archive import RunArchive
from playground.runs.entry import RunEntry
from playground.settings import make_settings
from ui.panels.runs.model import RunsModel
from ui.panels.runs.panel import RunsPanel

Told: TypeAlias = list[tuple[object, ...]]
LEFT = Qt.MouseButton.LeftButton


def begin(archive: RunArchive, number: int, losses: Iterable[float] = (2.0, 1.0), **settings: object) -> None:
    """Begins a run that the user wants drawn."""
    begin_in_passing(archive, number, losses, **settings)
    archive.set_visible(number, True)


def begin_in_passing(
    archive: RunArchive, number: int, losses: Iterable[float] = (2.0, 1.0), **settings: object
) -> None:
    """Begins a run that the user does nothing with."""
    history = History(10)
    for loss in losses:
        history.append(loss, NO_DEPTH, 0)
    archive.begin(number, make_settings(**settings), history, ())


def entry_of(archive: RunArchive, number: int) -> RunEntry:
    entry = archive.get(number)
    assert entry is not None
    return entry


def show(panel: RunsPanel, archive: RunArchive) -> None:
    panel.show_runs(archive.entries, archive.present)


def heard(panel: RunsPanel, *names: str) -> Told:
    """What the signals of these names, of all if none is given, tell from now on."""
    told: Told = []
    every = (
        "visibility_chosen",
        "renamed",
        "pinned",
        "removed",
        "load_chosen",
        "selection_changed",
        "refused",
    )
    for name in names or every:
        signal: SignalInstance = getattr(panel, name)
        signal.connect(lambda *values, name=name: told.append((name, *values)))
    return told


def model_of(panel: RunsPanel) -> RunsModel:
    model = panel.view.model()
    assert isinstance(model, RunsModel)
    return model


def area_of(panel: RunsPanel, number: int) -> QRect:
    return panel.view.visualRect(model_of(panel).index_of(number))


def name_place(panel: RunsPanel, number: int) -> QPoint:
    return area_of(panel, number).topLeft() + QPoint(60, 12)


def select(panel: RunsPanel, *numbers: int) -> None:
    """Selects exactly these, as the user would; the last one gets the keys."""
    panel.view.clearSelection()
    for number in numbers:
        index = model_of(panel).index_of(number)
        panel.view.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.Select)


def button(panel: RunsPanel, name: str) -> QToolButton:
    found = panel.findChild(QToolButton, f"run_{name}_button")
    assert isinstance(found, QToolButton)
    return found


def editor_of(panel: RunsPanel) -> QLineEdit | None:
    found = panel.findChild(QLineEdit, "run_name")
    return found if isinstance(found, QLineEdit) else None


def open_editor(qtbot: QtBot, panel: RunsPanel, number: int) -> QLineEdit:
    select(panel, number)
    qtbot.keyClick(panel.view, Qt.Key.Key_F2)
    editor = editor_of(panel)
    assert editor is not None
    qtbot.waitUntil(editor.hasFocus)
    return editor


def wait_until_closed(qtbot: QtBot, panel: RunsPanel) -> None:
    qtbot.waitUntil(lambda: editor_of(panel) is None)
