"""The curve of what is saved for backward below the list of events, and what a node's section says of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

import playground
from playground.recording.ledger import MemoryLedger
from playground.recording.model import Recording
from tests.gui.driver import find
from tests.gui.recordings import small_recording
from tests.gui.several_passes import accumulating, by_hand, checkpointed
from tests.gui.themes import wear
from ui.panels.events import EventList
from ui.panels.events.memory import MemoryStrip
from ui.panels.events.memory_text import memory_text, peak_text
from ui.panels.inspector import Inspector
from ui.panels.inspector.memory_text import saved_by
from ui.panels.inspector.node import SavedSection
from ui.panels.inspector.parts import Link
from ui.style.theme import DARK, LIGHT, Theme
from ui.widgets.tensor.text import bytes_text, short_bytes_text

ROWS, COLUMNS = 5, 6


@pytest.fixture
def events(qtbot: QtBot) -> EventList:
    panel = EventList()
    qtbot.addWidget(panel)
    panel.resize(360, 300)
    with qtbot.waitActive(panel):
        panel.show()
    return panel


def strip_of(panel: EventList) -> MemoryStrip:
    found = panel.findChild(MemoryStrip)
    assert isinstance(found, MemoryStrip)
    return found


def held_by_hooks(count: int) -> list[int]:
    """Bytes that autograd's own hooks see after each of so many matrix products of a square matrix."""
    w, x = torch.randn(COLUMNS, COLUMNS, requires_grad=True), torch.randn(ROWS, COLUMNS)
    seen: dict[int, int] = {}

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        seen[storage.data_ptr()] = storage.nbytes()
        return tensor

    held = []
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        for _ in range(count):
            x = x @ w
            held.append(sum(seen.values()))
    return held


def products() -> Recording:
    torch.manual_seed(0)
    w, x = torch.randn(COLUMNS, COLUMNS, requires_grad=True), torch.randn(ROWS, COLUMNS)

    def step() -> torch.Tensor:
        h = x
        for _ in range(3):
            h = h @ w
        return h.sum()

    return playground.record(step, {"w": w})


def test_it_says_what_is_held_now_and_at_most(events: EventList) -> None:
    recording = products()
    events.show_recording(recording)
    strip = strip_of(events)
    hooks = held_by_hooks(3)
    for number, held in enumerate(hooks):
        events.show_event(number)
        peak = f"peak {short_bytes_text(hooks[-1])} at event 3"
        assert strip.text() == f"saved for backward: {short_bytes_text(held)} now, {peak}"
    events.show_event(len(recording.events) - 1)
    assert strip.text().startswith("saved for backward: 0 B now, ")
    events.show_event(None)
    assert strip.text() == f"saved for backward: {peak}"


def test_a_click_goes_to_the_event_below_the_pointer(qtbot: QtBot, events: EventList) -> None:
    recording = accumulating().recording
    events.show_recording(recording)
    events.show_event(0)
    strip = strip_of(events)
    for number in (0, 40, len(recording.events) - 1):
        place = strip.place_of(number)
        chosen: list[int] = []
        events.event_chosen.connect(chosen.append)
        qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(round(place.x()), round(place.y())))
        events.event_chosen.disconnect(chosen.append)
        assert chosen == ([] if number == 0 else [number])
        assert strip.text().startswith(
            f"saved for backward: {short_bytes_text(recording.memory.totals[number])} now"
        )


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_the_curve_is_high_where_much_is_held_and_faint_after_the_cursor(
    events: EventList, theme: Theme
) -> None:
    recording = accumulating().recording
    wear(theme)
    events.show_recording(recording)
    strip, totals = strip_of(events), recording.memory.totals
    cursor = 30
    events.show_event(cursor)
    image = strip.grab().toImage()
    bottom = strip.place_of(len(totals) - 1).y() if not totals[-1] else strip.height() - 5
    for number, held in enumerate(totals):
        place = strip.place_of(number)
        if number == cursor or abs(number - cursor) == 1:
            continue
        column = [image.pixelColor(round(place.x()), y) for y in range(round(bottom - 20), round(bottom))]
        filled = [color for color in column if color != QColor(theme.surface)]
        assert len(filled) == pytest.approx(20 * held / max(totals), abs=2)
    assert image.pixelColor(round(strip.place_of(cursor).x()), round(bottom - 1)) != QColor(theme.surface)
    before, after = totals.index(max(totals)), len(totals) - 1 - totals[::-1].index(max(totals))
    assert _strength(image, strip, before, theme) > _strength(image, strip, after, theme) > 0


def _strength(image: QImage, strip: MemoryStrip, number: int, theme: Theme) -> int:
    place = strip.place_of(number)
    ground = QColor(theme.surface)
    color = image.pixelColor(round(place.x()), round(place.y()) + 8)
    return sum(
        abs(a - b)
        for a, b in (
            (color.red(), ground.red()),
            (color.green(), ground.green()),
            (color.blue(), ground.blue()),
        )
    )


def test_a_step_that_saves_nothing_has_no_curve(events: EventList) -> None:
    events.show_recording(accumulating().recording)
    assert strip_of(events).isVisible()
    events.show_recording(small_recording())
    assert not strip_of(events).isVisible()
    events.show_recording(None)
    assert not strip_of(events).isVisible()
    assert memory_text(MemoryLedger(), peak_text(MemoryLedger()), 3) == ""


def test_an_event_after_all_that_was_watched_shows_what_is_held_at_the_end(events: EventList) -> None:
    recording = accumulating().recording
    shorter = replace(recording.memory, totals=recording.memory.totals[:10])
    events.show_recording(replace(recording, memory=shorter))
    events.show_event(50)
    assert (
        strip_of(events)
        .text()
        .startswith(f"saved for backward: {short_bytes_text(recording.memory.totals[9])} now")
    )


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (948, "948 B"),
        (1416, "1.4 kB"),
        (466_000, "466 kB"),
        (3_400_000, "3.4 MB"),
        (2 * 10**9, "2.0 GB"),
    ],
)
def test_bytes_take_little_room(count: int, text: str) -> None:
    assert short_bytes_text(count) == text


# The inspector's section


@pytest.fixture
def inspector(qtbot: QtBot) -> Inspector:
    inspector = Inspector()
    qtbot.addWidget(inspector)
    inspector.resize(330, 900)
    with qtbot.waitActive(inspector):
        inspector.show()
    return inspector


def show(inspector: Inspector, recording: Recording, label: str, event: int) -> str:
    """Chooses the node of that label in the pass of an event; what its section says."""
    (key,) = [
        key for key, record in recording.nodes_at(event).items() if record.label == label and record.saved
    ]
    inspector.show_at(recording.graph_at(event), key, recording, event)
    section = inspector.findChild(SavedSection)
    assert isinstance(section, SavedSection)
    return section.text()


def test_a_node_says_by_which_events_its_tensors_were_saved_and_freed(
    qtbot: QtBot, inspector: Inspector
) -> None:
    recording = accumulating().recording
    for each in recording.passes:
        says = show(inspector, recording, "relu in 1", each.events.start)
        record = next(record for record in each.nodes.values() if record.label == "relu in 1")
        assert record.made_by is not None
        assert record.reached_by is not None
        assert f"saved by event {record.made_by + 1}" in says
        assert f"kept until event {record.reached_by + 1} (backward)" in says
        for name, target in (("saved_link", record.made_by), ("used_link", record.reached_by)):
            with qtbot.waitSignal(inspector.event_chosen) as told:
                qtbot.mouseClick(find(inspector, Link, name), Qt.MouseButton.LeftButton)
            assert told.args == [target]
        assert find(inspector, Link, "freed_link").isHidden()


def test_a_retained_graph_is_freed_by_the_later_pass(qtbot: QtBot, inspector: Inspector) -> None:
    recording = by_hand()
    first, second = recording.passes
    last = len(recording.events) - 1
    freed = next(record.reached_by for record in second.nodes.values() if record.label == "h.pow(2)")
    assert freed is not None
    says = show(inspector, recording, "h.pow(2)", first.events.stop - 1)
    assert "then freed" not in says
    assert f"freed by event {freed + 1}" in says
    with qtbot.waitSignal(inspector.event_chosen) as told:
        qtbot.mouseClick(find(inspector, Link, "freed_link"), Qt.MouseButton.LeftButton)
    assert told.args == [freed]
    assert f"used by event {freed + 1}, then freed" in show(inspector, recording, "h.pow(2)", last)
    # `h` was saved by relu, and again by pow: one and the same memory.
    assert "self: memory shared with what event 2 saved, counted once" in show(
        inspector, recording, "h.pow(2)", last
    )


def test_memory_that_one_node_saves_twice_counts_once(inspector: Inspector) -> None:
    x = torch.randn(10, requires_grad=True)
    recording = playground.record(lambda: (x * x).sum(), {"x": x})
    says = show(inspector, recording, "x * x", 0)
    assert says.splitlines()[1] == "2 tensors, 40 bytes"
    assert "same memory as" in says
    assert recording.memory.totals[0] == 40


def test_what_a_view_holds_is_the_memory_of_the_whole(inspector: Inspector) -> None:
    w, x = torch.randn(3, requires_grad=True), torch.randn(100, 3)
    recording = playground.record(lambda: (x[0] * w).sum(), {"w": w})
    assert f"12 bytes · part of {bytes_text(1200)}" in show(
        inspector, recording, "x[0] * w", len(recording.events) - 1
    )
    assert recording.memory.peak == 1200


def test_what_is_never_freed_is_held_to_the_end(inspector: Inspector) -> None:
    w = torch.randn(3, requires_grad=True)

    def step() -> None:
        (w * w).sum().backward(retain_graph=True)

    recording = playground.record(step, {"w": w})
    says = show(inspector, recording, "w * w", len(recording.events) - 1)
    assert "held to the end of the step" in says
    assert recording.memory.totals[-1] == 12


def test_a_node_finds_its_own_tensors_in_the_ledger() -> None:
    for recording in (accumulating().recording, checkpointed(), by_hand()):
        for each in recording.passes:
            for record in each.nodes.values():
                tensors = [saved.name for saved in record.saved if saved.value is not None]
                held = saved_by(recording, record, each.events.start)
                assert set(tensors) >= set(held)
                for tensor in held.values():
                    assert tensor.made_by == record.made_by
                # Numbers that PyTorch wraps hold memory too, but are shown as numbers.
                if tensors:
                    assert held
