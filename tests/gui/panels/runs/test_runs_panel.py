"""The list of runs: what a row says, what can be done with it, and that a running one disturbs nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeAlias

import pytest
from PySide6.QtCore import QItemSelectionModel, QPoint, QRect, QRectF, Qt, SignalInstance
from PySide6.QtGui import QAction, QColor, QImage, QPainter
from PySide6.QtWidgets import QLineEdit, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from playground.history import NO_DEPTH, History
from playground.runs.archive import RunArchive
from playground.runs.entry import RunEntry
from playground.settings import make_settings
from tests.gui.themes import wear
from ui.panels.runs import list as runs_delegate
from ui.panels.runs.list import paint_swatch
from ui.panels.runs.model import RunsModel, run_words, tooltip
from ui.panels.runs.panel import EMPTY, RunsPanel
from ui.panels.runs.table import NOTHING, TOO_FEW
from ui.style.theme import DARK, LIGHT, Theme

Told: TypeAlias = list[tuple[object, ...]]
LEFT = Qt.MouseButton.LeftButton
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def begin(archive: RunArchive, number: int, losses: Iterable[float] = (2.0, 1.0), **settings: object) -> None:
    history = History(10)
    for loss in losses:
        history.append(loss, NO_DEPTH, 0)
    archive.begin(number, make_settings(**settings), history, ())


def entry_of(archive: RunArchive, number: int) -> RunEntry:
    entry = archive.get(number)
    assert entry is not None
    return entry


@pytest.fixture
def archive() -> RunArchive:
    """Runs 0, 2, 3 and, at work now, 5."""
    archive = RunArchive()
    begin(archive, 0)
    begin(archive, 2, learning_rate=1e-5)
    begin(archive, 3, stage="module", steps=1000)
    begin(archive, 5, stage="dynamic")
    archive.set_state(5, "running")
    return archive


@pytest.fixture
def panel(qtbot: QtBot, archive: RunArchive) -> RunsPanel:
    """A panel that does with the archive what the user wants."""
    panel = RunsPanel()
    qtbot.addWidget(panel)

    def connect(signal: SignalInstance, change: Callable[..., None]) -> None:
        signal.connect(change)
        signal.connect(lambda *_: show(panel, archive))

    connect(panel.visibility_chosen, archive.set_visible)
    connect(panel.renamed, archive.rename)
    connect(panel.pinned, archive.set_pinned)
    connect(panel.removed, archive.remove)
    panel.resize(300, 260)
    show(panel, archive)
    with qtbot.waitActive(panel):
        panel.show()
    panel.view.setFocus()
    qtbot.waitUntil(panel.view.hasFocus)
    return panel


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


def swatch_place(panel: RunsPanel, number: int) -> QPoint:
    area = area_of(panel, number)
    return QPoint(area.x() + 17, area.center().y())


def click(
    qtbot: QtBot,
    panel: RunsPanel,
    number: int,
    keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    qtbot.mouseClick(panel.view.viewport(), LEFT, keys, name_place(panel, number))


def select(panel: RunsPanel, *numbers: int) -> None:
    """Selects exactly these, as the user would; the last one gets the keys."""
    panel.view.clearSelection()
    for number in numbers:
        index = model_of(panel).index_of(number)
        panel.view.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.Select)


def selection(panel: RunsPanel) -> tuple[tuple[int, ...], set[int]]:
    """What the panel says is selected, and what is."""
    return panel.selected, set(panel.view.chosen())


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


def image_of(panel: RunsPanel, number: int) -> QImage:
    return panel.view.viewport().grab(area_of(panel, number)).toImage()


def colors(image: QImage) -> set[str]:
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}


@contextmanager
def rows_painted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Numbers of the runs whose rows are painted meanwhile."""
    painted: list[int] = []

    def spy(painter: QPainter, place: QRectF, entry: RunEntry, theme: Theme) -> None:
        painted.append(entry.number)
        paint_swatch(painter, place, entry, theme)

    with monkeypatch.context() as patch:
        patch.setattr(runs_delegate, "paint_swatch", spy)
        yield painted


# What is shown


def test_it_says_what_to_do_while_there_is_no_run(qtbot: QtBot) -> None:
    panel = RunsPanel()
    qtbot.addWidget(panel)
    panel.show()
    assert panel.text() == EMPTY
    panel.show_runs((), None)
    assert panel.text() == EMPTY
    enabled = {name: button(panel, name).isEnabled() for name in ("load", "pin", "remove")}
    assert enabled == {"load": False, "pin": False, "remove": False}


def test_the_newest_run_is_at_the_top(panel: RunsPanel) -> None:
    assert panel.text().splitlines() == [
        "dynamic 5  dynamic · 2 steps · loss 1 · 0:00  running",
        "module 3  module · 2 steps · loss 1 · 0:00",
        "autograd 2  autograd · 2 steps · loss 1 · 0:00",
        "autograd 0  autograd · 2 steps · loss 1 · 0:00",
    ]


@pytest.mark.parametrize(
    ("losses", "details"),
    [
        ((), "autograd · no step yet"),
        ((0.19141,), "autograd · 1 step · loss 0.1914 · 1:02"),
        ((2.0, float("nan")), "autograd · 2 steps · loss nan · 1:02"),
        ([29428664.0] * 12_345, "autograd · 12\u00a0345 steps · loss 2.943e+07 · 1:02"),
    ],
)
def test_a_row_in_words(losses: Sequence[float], details: str) -> None:
    archive = RunArchive()
    begin(archive, 0, losses)
    if losses:
        entry_of(archive, 0).clock.note(len(losses), 62.0)
    assert run_words(entry_of(archive, 0)).details == details


@pytest.mark.parametrize(
    ("state", "told"), [("running", "running"), ("failed", "failed"), ("paused", ""), ("finished", "")]
)
def test_a_row_tells_of_a_state_that_matters(archive: RunArchive, state: str, told: str) -> None:
    archive.set_state(5, state)
    assert run_words(entry_of(archive, 5)).state == told


def test_the_tooltip_tells_everything(archive: RunArchive) -> None:
    archive.rename(5, "<b>deep</b> & wide")
    archive.set_pinned(5, True)
    archive.set_recordings_nbytes(5, 12_000_000)
    told = tooltip(entry_of(archive, 5), present=True)
    for part in (
        "&lt;b&gt;deep&lt;/b&gt; &amp; wide",
        "dynamic · 2 steps",
        "recordings: 12 MB",
        "running, present run, shown, pinned",
    ):
        assert part in told


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_a_run_has_its_color_and_a_hidden_one_its_outline(
    panel: RunsPanel, archive: RunArchive, theme: Theme
) -> None:
    wear(theme)

    def pixels(number: int) -> int:
        image = image_of(panel, number)
        color = QColor(theme.plot[entry_of(archive, number).color]).name()
        found = (image.pixelColor(x, y).name() == color for x in range(30) for y in range(image.height()))
        return sum(found)

    shown = [pixels(number) for number in (0, 2, 3)]
    assert min(shown) > 60
    archive.set_visible(2, False)
    show(panel, archive)
    assert 0 < pixels(2) < 0.6 * shown[1]
    assert pixels(0) == shown[0]


def test_colors_repeat_after_the_eighth(qtbot: QtBot) -> None:
    archive = RunArchive()
    for number in range(9):
        begin(archive, number)
    panel = RunsPanel()
    qtbot.addWidget(panel)
    panel.resize(300, 600)
    panel.show()
    show(panel, archive)
    assert QColor(LIGHT.plot[0]).name() in colors(image_of(panel, 8))
    assert QColor(LIGHT.plot[0]).name() in colors(image_of(panel, 0))


def test_failed_stands_out(panel: RunsPanel, archive: RunArchive) -> None:
    archive.set_state(5, "failed")
    show(panel, archive)
    image = image_of(panel, 5)
    # Letters are so thin that hardly a pixel has their full color.
    reddest = max(
        image.pixelColor(x, y).red() - image.pixelColor(x, y).green()
        for x in range(image.width() // 2, image.width())
        for y in range(image.height())
    )
    assert reddest > 80


def test_the_present_run_and_a_pinned_one_look_different(panel: RunsPanel, archive: RunArchive) -> None:
    archive.set_state(5, "paused")
    show(panel, archive)
    present = image_of(panel, 5)
    panel.show_runs(archive.entries, 3)
    assert image_of(panel, 5) != present
    before = image_of(panel, 2)
    archive.set_pinned(2, True)
    show(panel, archive)
    assert image_of(panel, 2) != before


def test_memory_is_told_below(panel: RunsPanel) -> None:
    panel.set_memory("12 runs, 3.4 of 200 MB")
    shown = panel.findChild(QWidget, "runs_memory")
    assert shown is not None
    assert shown.accessibleName() == "12 runs, 3.4 of 200 MB"


# Visibility


def test_a_click_on_the_swatch_ticks_and_selects_nothing(qtbot: QtBot, panel: RunsPanel) -> None:
    told = heard(panel)
    for number in (2, 2, 0):
        qtbot.mouseClick(panel.view.viewport(), LEFT, pos=swatch_place(panel, number))
    assert told == [
        ("visibility_chosen", 2, False),
        ("visibility_chosen", 2, True),
        ("visibility_chosen", 0, False),
    ]
    assert panel.selected == ()


def test_a_double_click_on_the_swatch_ticks_twice_and_renames_nothing(qtbot: QtBot, panel: RunsPanel) -> None:
    told = heard(panel, "visibility_chosen")
    qtbot.mouseClick(panel.view.viewport(), LEFT, pos=swatch_place(panel, 2))
    qtbot.mouseDClick(panel.view.viewport(), LEFT, pos=swatch_place(panel, 2))
    assert [values[2] for values in told][:2] == [False, True]
    assert editor_of(panel) is None


def test_space_ticks_the_row_that_keys_go_to(qtbot: QtBot, panel: RunsPanel) -> None:
    told = heard(panel, "visibility_chosen")
    select(panel, 3)
    qtbot.keyClick(panel.view, Qt.Key.Key_Space)
    qtbot.keyClick(panel.view, Qt.Key.Key_Down, CTRL)
    qtbot.keyClick(panel.view, Qt.Key.Key_Space)
    assert told == [("visibility_chosen", 3, False), ("visibility_chosen", 2, False)]


def test_space_ticks_all_that_are_selected_alike(qtbot: QtBot, panel: RunsPanel, archive: RunArchive) -> None:
    archive.set_visible(2, False)
    show(panel, archive)
    select(panel, 0, 2, 3)
    told = heard(panel, "visibility_chosen")
    qtbot.keyClick(panel.view, Qt.Key.Key_Space)
    qtbot.keyClick(panel.view, Qt.Key.Key_Space)
    assert told == [
        ("visibility_chosen", 2, True),
        ("visibility_chosen", 0, False),
        ("visibility_chosen", 2, False),
        ("visibility_chosen", 3, False),
    ]


def test_a_screen_reader_ticks_a_row(panel: RunsPanel) -> None:
    told = heard(panel)
    index = model_of(panel).index_of(2)
    role = Qt.ItemDataRole.CheckStateRole
    assert index.data(role) == Qt.CheckState.Checked
    model_of(panel).setData(index, Qt.CheckState.Unchecked, role)
    assert told == [("visibility_chosen", 2, False)]
    assert index.data(role) == Qt.CheckState.Unchecked


# Names


def test_f2_renames_in_place_and_enter_commits(qtbot: QtBot, panel: RunsPanel, archive: RunArchive) -> None:
    told = heard(panel, "renamed", "refused")
    editor = open_editor(qtbot, panel, 2)
    assert (editor.text(), editor.selectedText()) == ("autograd 2", "autograd 2")
    qtbot.keyClicks(editor, " small  steps ")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    wait_until_closed(qtbot, panel)
    assert told == [("renamed", 2, "small steps")]
    assert entry_of(archive, 2).name == "small steps"
    assert "small steps  autograd" in panel.text()


def test_a_double_click_on_the_name_renames(qtbot: QtBot, panel: RunsPanel) -> None:
    click(qtbot, panel, 3)
    qtbot.mouseDClick(panel.view.viewport(), LEFT, pos=name_place(panel, 3))
    editor = editor_of(panel)
    assert editor is not None
    assert editor.text() == "module 3"


def test_escape_and_the_same_name_change_nothing(qtbot: QtBot, panel: RunsPanel) -> None:
    told = heard(panel, "renamed", "refused")
    editor = open_editor(qtbot, panel, 2)
    qtbot.keyClicks(editor, "other")
    qtbot.keyClick(editor, Qt.Key.Key_Escape)
    wait_until_closed(qtbot, panel)
    qtbot.keyClick(open_editor(qtbot, panel, 2), Qt.Key.Key_Return)
    wait_until_closed(qtbot, panel)
    assert told == []


@pytest.mark.parametrize("name", ["", "   ", "x" * 61])
def test_a_bad_name_is_refused_and_can_be_mended(qtbot: QtBot, panel: RunsPanel, name: str) -> None:
    told = heard(panel, "renamed", "refused")
    editor = open_editor(qtbot, panel, 2)
    editor.setText(name)
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert [values[0] for values in told] == ["refused"]
    assert str(told[0][1]).startswith("name: ")
    assert editor_of(panel) is editor
    editor.setText("mended")
    qtbot.keyClick(editor, Qt.Key.Key_Enter)
    wait_until_closed(qtbot, panel)
    assert told[1:] == [("renamed", 2, "mended")]


def test_a_bad_name_that_is_left_is_refused_and_the_old_one_stays(qtbot: QtBot, panel: RunsPanel) -> None:
    told = heard(panel, "renamed", "refused")
    editor = open_editor(qtbot, panel, 2)
    editor.setText(" ")
    panel.view.setFocus()
    wait_until_closed(qtbot, panel)
    assert [values[0] for values in told] == ["refused"]
    assert "autograd 2" in panel.text()


def test_keys_of_the_list_belong_to_the_name_while_it_is_typed(qtbot: QtBot, panel: RunsPanel) -> None:
    told = heard(panel, "removed", "visibility_chosen")
    editor = open_editor(qtbot, panel, 2)
    qtbot.keyClick(editor, Qt.Key.Key_Delete)
    qtbot.keyClicks(editor, "a b")
    assert editor.text() == "a b"
    assert told == []


# Selection


def test_clicks_and_keys_select_any_number_of_runs(qtbot: QtBot, panel: RunsPanel) -> None:
    told = heard(panel, "selection_changed")
    click(qtbot, panel, 3)
    click(qtbot, panel, 0, CTRL)
    click(qtbot, panel, 5, SHIFT)
    qtbot.keyClick(panel.view, Qt.Key.Key_End)
    qtbot.keyClick(panel.view, Qt.Key.Key_Up, SHIFT)
    qtbot.keyClick(panel.view, Qt.Key.Key_Escape)
    selections = [values[1] for values in told]
    assert selections == [(3,), (0, 3), (0, 2, 3, 5), (0,), (0, 2), ()]


def test_setters_say_nothing(panel: RunsPanel, archive: RunArchive) -> None:
    select(panel, 0, 2, 5)
    told = heard(panel)
    archive.remove(2)
    archive.set_visible(0, False)
    archive.rename(0, "renamed")
    show(panel, archive)
    begin(archive, 6)
    show(panel, archive)
    panel.set_memory("5 runs")
    wear(DARK)
    panel.set_compares(True)
    panel.show_runs((), None)
    show(panel, archive)
    assert told == []


def test_the_selection_stays_while_runs_come_and_go(panel: RunsPanel, archive: RunArchive) -> None:
    select(panel, 0, 3)
    begin(archive, 6)
    show(panel, archive)
    assert selection(panel) == ((0, 3), {0, 3})
    archive.remove(3)
    show(panel, archive)
    assert selection(panel) == ((0,), {0})
    panel.show_runs(tuple(reversed(archive.entries)), 6)
    assert selection(panel) == ((0,), {0})
    archive.remove(0)
    show(panel, archive)
    assert selection(panel) == ((), set())


# Actions


def test_the_settings_of_one_run_are_loaded(qtbot: QtBot, panel: RunsPanel) -> None:
    told = heard(panel, "load_chosen")
    load = button(panel, "load")
    assert not load.isEnabled()
    select(panel, 2)
    assert load.isEnabled()
    qtbot.mouseClick(load, LEFT)
    select(panel, 2, 3)
    assert not load.isEnabled()
    assert "Select one run" in load.toolTip()
    assert told == [("load_chosen", 2)]


def test_runs_are_pinned_and_let_go(qtbot: QtBot, panel: RunsPanel, archive: RunArchive) -> None:
    archive.set_pinned(2, True)
    show(panel, archive)
    told = heard(panel, "pinned")
    pin = button(panel, "pin")
    select(panel, 2, 3)
    assert pin.text() == "Pin"
    qtbot.mouseClick(pin, LEFT)
    assert pin.text() == "Unpin"
    qtbot.mouseClick(pin, LEFT)
    assert told == [("pinned", 3, True), ("pinned", 2, False), ("pinned", 3, False)]


def test_del_removes_and_goes_on_to_the_next(qtbot: QtBot, panel: RunsPanel) -> None:
    select(panel, 3)
    told = heard(panel, "removed", "selection_changed")
    for _ in range(3):
        qtbot.keyClick(panel.view, Qt.Key.Key_Delete)
    assert told == [
        ("removed", 3),
        ("selection_changed", (2,)),
        ("removed", 2),
        ("selection_changed", (0,)),
        ("removed", 0),
        ("selection_changed", (5,)),
    ]
    assert panel.text().startswith("dynamic 5")


def test_the_present_run_stays(qtbot: QtBot, panel: RunsPanel) -> None:
    told = heard(panel, "removed", "selection_changed")
    remove = button(panel, "remove")
    select(panel, 5)
    assert not remove.isEnabled()
    assert "present run" in remove.toolTip()
    qtbot.keyClick(panel.view, Qt.Key.Key_Delete)
    select(panel, 5, 0, 2)
    told.clear()
    qtbot.mouseClick(remove, LEFT)
    assert told == [("removed", 0), ("removed", 2), ("selection_changed", (5,))]


@pytest.fixture
def menus(panel: RunsPanel, monkeypatch: pytest.MonkeyPatch) -> list[QPoint]:
    """Where the menu was opened; it is not, since it would take the keyboard."""
    places: list[QPoint] = []
    monkeypatch.setattr(panel.actions_row.menu, "popup", places.append)
    return places


def test_the_menu_offers_the_same(panel: RunsPanel, menus: list[QPoint]) -> None:
    menu = panel.actions_row.menu
    select(panel, 2)
    panel.view.customContextMenuRequested.emit(name_place(panel, 2))
    assert menus == [panel.view.viewport().mapToGlobal(name_place(panel, 2))]
    actions = {action.text(): action for action in menu.actions() if not action.isSeparator()}
    assert {text: keys_of(action) for text, action in actions.items()} == {
        "Show or hide": "Space",
        "Rename": "F2",
        "Load settings": "",
        "Pin": "",
        "Remove": "Del",
    }
    told = heard(panel)
    for text in ("Load settings", "Pin", "Show or hide"):
        actions[text].trigger()
    assert told == [("load_chosen", 2), ("pinned", 2, True), ("visibility_chosen", 2, False)]


def keys_of(action: QAction) -> str:
    return action.shortcut().toString()


def test_there_is_no_menu_without_a_run(panel: RunsPanel, menus: list[QPoint]) -> None:
    panel.show_runs((), None)
    panel.view.customContextMenuRequested.emit(QPoint(5, 5))
    assert menus == []


# What differs


def test_the_table_is_closed_until_it_is_wanted(qtbot: QtBot, panel: RunsPanel) -> None:
    assert not panel.table.isVisible()
    differ = button(panel, "differ")
    differ.setFocus()
    qtbot.keyClick(differ, Qt.Key.Key_Space)
    assert panel.compares
    assert panel.table.isVisible()
    panel.set_compares(False)
    assert not panel.table.isVisible()


def test_the_table_compares_the_selected_runs(panel: RunsPanel) -> None:
    panel.set_compares(True)
    select(panel, 0, 2)
    assert panel.table.text().splitlines() == ["autograd 0  autograd 2", "learning rate  1e-06  1e-05"]
    select(panel, 2, 3)
    assert panel.table.text().splitlines() == [
        "autograd 2  module 3",
        "stage  autograd  module",
        "optimizer  by hand  SGD",
        "learning rate  1e-05  0.0001",
        "steps  500  1000",
    ]


def test_without_a_selection_it_compares_the_visible_runs(panel: RunsPanel, archive: RunArchive) -> None:
    panel.set_compares(True)
    assert panel.table.text().splitlines()[0] == "autograd 0  autograd 2  module 3  dynamic 5"
    for number in (3, 5):
        archive.set_visible(number, False)
    show(panel, archive)
    assert panel.table.text().splitlines()[0] == "autograd 0  autograd 2"
    archive.set_settings(2, make_settings())
    show(panel, archive)
    assert panel.table.text() == NOTHING
    archive.set_visible(2, False)
    show(panel, archive)
    assert panel.table.text() == TOO_FEW


def test_the_table_follows_settings_names_and_colors(panel: RunsPanel, archive: RunArchive) -> None:
    panel.set_compares(True)
    select(panel, 0, 2)
    archive.set_settings(2, make_settings(learning_rate=0.5))
    archive.rename(2, "fast")
    show(panel, archive)
    assert panel.table.text().splitlines() == ["autograd 0  fast", "learning rate  1e-06  0.5"]
    header = panel.table.view.horizontalHeader()
    assert {QColor(LIGHT.plot[color]).name() for color in (0, 1)} <= colors(header.grab().toImage())


def test_many_runs_are_compared_by_scrolling(panel: RunsPanel, archive: RunArchive) -> None:
    for number in range(6, 20):
        begin(archive, number, seed=number)
    panel.set_compares(True)
    show(panel, archive)
    bar = panel.table.view.horizontalScrollBar()
    assert bar.maximum() > 0
    bar.setValue(120)
    archive.set_settings(19, make_settings(seed=77))
    show(panel, archive)
    assert bar.value() == 120


# A run that goes on


def test_only_the_present_row_is_painted_when_only_it_goes_on(
    qtbot: QtBot, panel: RunsPanel, archive: RunArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    signals: list[str] = []
    model = model_of(panel)
    for signal in (model.dataChanged, model.rowsInserted, model.rowsRemoved, model.modelReset):
        signal.connect(lambda *_: signals.append("changed"))
    entry = entry_of(archive, 5)
    panel.view.viewport().repaint()
    qtbot.waitUntil(lambda: not panel.view.viewport().testAttribute(Qt.WidgetAttribute.WA_PendingUpdate))
    with rows_painted(monkeypatch) as painted:
        show(panel, archive)
        assert not panel.view.viewport().testAttribute(Qt.WidgetAttribute.WA_PendingUpdate)
        entry.history.append(0.25, NO_DEPTH, 0)
        entry.clock.note(3, 7.0)
        show(panel, archive)
        qtbot.waitUntil(lambda: 5 in painted)
        assert painted == [5]
    assert signals == []
    assert "dynamic · 3 steps · loss 0.25 · 0:07  running" in panel.text()


def test_a_name_that_is_being_typed_is_not_disturbed(
    qtbot: QtBot, panel: RunsPanel, archive: RunArchive
) -> None:
    editor = open_editor(qtbot, panel, 5)
    qtbot.keyClicks(editor, "half a na")
    entry_of(archive, 5).history.append(0.25, NO_DEPTH, 0)
    show(panel, archive)
    archive.set_state(5, "finished")
    archive.remove(3)
    show(panel, archive)
    begin(archive, 6)
    show(panel, archive)
    assert editor_of(panel) is editor
    assert (editor.text(), editor.hasFocus()) == ("half a na", True)
    told = heard(panel, "renamed")
    qtbot.keyClicks(editor, "me")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    wait_until_closed(qtbot, panel)
    assert told == [("renamed", 5, "half a name")]


def test_what_is_in_sight_stays_where_it_is(qtbot: QtBot, panel: RunsPanel, archive: RunArchive) -> None:
    for number in range(6, 40):
        begin(archive, number)
    show(panel, archive)
    bar = panel.view.verticalScrollBar()
    assert bar.value() == 0
    begin(archive, 40)
    show(panel, archive)
    assert bar.value() == 0, "the newest run is in sight"
    qtbot.waitUntil(lambda: bar.maximum() > 20 * panel.view.painter.height)
    bar.setValue(15 * panel.view.painter.height + 7)
    place = area_of(panel, 24)
    assert panel.view.viewport().rect().contains(place)
    begin(archive, 41)
    archive.remove(39)
    archive.remove(38)
    archive.remove(2)
    show(panel, archive)
    assert area_of(panel, 24) == place


@pytest.mark.parametrize(("width", "height"), [(270, 120), (270, 200), (340, 400)])
def test_it_fits_a_narrow_column(panel: RunsPanel, width: int, height: int) -> None:
    panel.resize(width, height)
    assert (panel.width(), panel.height()) == (width, height)
    assert panel.view.viewport().rect().contains(area_of(panel, 5))
    for name in ("load", "pin", "remove", "differ"):
        each = button(panel, name)
        assert each.width() >= each.sizeHint().width()
        assert panel.rect().contains(QRect(each.mapTo(panel, QPoint()), each.size()))


def test_everything_has_a_name_and_is_reached_by_keys(panel: RunsPanel) -> None:
    panel.set_compares(True)
    parts: list[QWidget] = [panel.view, panel.table.view]
    parts += [button(panel, name) for name in ("load", "pin", "remove", "differ")]
    for part in parts:
        assert part.accessibleName()
        assert part.focusPolicy() & Qt.FocusPolicy.TabFocus
    index = model_of(panel).index_of(5)
    assert "dynamic · 2 steps" in index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert index.data(Qt.ItemDataRole.AccessibleDescriptionRole) == "present run, shown"
