"""The list of runs: what it says of each, and what is painted while one goes on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from playground.history import NO_DEPTH
from playground.runs.archive import RunArchive
from playground.runs.entry import RunEntry
from tests.gui.driver import colors_of
from tests.gui.panels.runs.listed import (
    area_of,
    begin,
    button,
    editor_of,
    entry_of,
    heard,
    model_of,
    open_editor,
    show,
    wait_until_closed,
)
from tests.gui.themes import wear
from ui.panels.runs import list as runs_delegate
from ui.panels.runs.list import paint_swatch
from ui.panels.runs.model import run_words, tooltip
from ui.panels.runs.panel import EMPTY, RunsPanel
from ui.style.theme import DARK, LIGHT, Theme


def image_of(panel: RunsPanel, number: int) -> QImage:
    return panel.view.viewport().grab(area_of(panel, number)).toImage()


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
    assert QColor(LIGHT.plot[0]).name() in colors_of(image_of(panel, 8))
    assert QColor(LIGHT.plot[0]).name() in colors_of(image_of(panel, 0))
    swatch = QRect(0, 0, 30, panel.view.painter.height)
    assert image_of(panel, 8).copy(swatch) != image_of(panel, 0).copy(swatch), "it is striped"


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
