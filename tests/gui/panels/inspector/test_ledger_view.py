"""The gradient ledger in the inspector: what happened to a `.grad`, in order and in plain words."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

import playground
from playground.recording.ledger import GradientLedger
from playground.recording.model import Recording
from tests.gui.several_passes import PASSES, accumulating, adversarial, by_hand
from ui.panels.inspector import Inspector
from ui.panels.inspector.ledger import EXPLANATION, HEADING, LedgerRow, LedgerSection
from ui.panels.inspector.ledger_text import NOTHING, is_plain, ledger_lines, plain_words
from ui.panels.inspector.uses import UsesSection
from ui.style.theme import LIGHT
from ui.widgets.tensor.text import number_text


@pytest.fixture
def inspector(qtbot: QtBot) -> Inspector:
    inspector = Inspector()
    qtbot.addWidget(inspector)
    inspector.resize(330, 900)
    with qtbot.waitActive(inspector):
        inspector.show()
    return inspector


def show(inspector: Inspector, recording: Recording, key: str, event: int) -> None:
    inspector.show_at(recording.graph_at(event), key, recording, event)


def section_of(inspector: Inspector) -> LedgerSection:
    found = inspector.findChild(LedgerSection)
    assert isinstance(found, LedgerSection)
    return found


def rows(inspector: Inspector) -> list[LedgerRow]:
    return section_of(inspector).rows()


def last(recording: Recording) -> int:
    return len(recording.events) - 1


def ledger(recording: Recording, name: str) -> GradientLedger:
    found = recording.gradient_ledger(name)
    assert found is not None
    return found


def words(recording: Recording, name: str) -> list[str]:
    return [each.words for each in ledger_lines(recording, ledger(recording, name)) if not each.is_use]


def test_every_change_of_a_gradient_is_a_line_with_the_norms_that_the_program_saw(
    inspector: Inspector,
) -> None:
    step = accumulating()
    recording = step.recording
    show(inspector, recording, "0.weight", last(recording))
    texts = [row.text() for row in rows(inspector)]
    assert [text.partition(",")[0] for text in texts] == [
        "set to None by zero_grad",
        "written by backward 1",
        *(f"accumulated by backward {number}: was" for number in range(2, PASSES + 1)),
        "multiplied in place by _foreach_mul_",
        "read by the update",
    ]
    seen = ["None", *map(number_text, step.norms)]
    arrows = [f"{before} → {after}" for before, after in pairwise(seen)]
    assert [text.split("  ")[-1] for text in texts[1:]] == [*arrows, seen[-1]]
    assert texts[2].startswith("accumulated by backward 2: was, plus 1 use (0, call 2)")
    assert section_of(inspector).text().startswith(f"{HEADING} of 0.weight\n{EXPLANATION}\n")


def test_a_line_leads_to_its_event(qtbot: QtBot, inspector: Inspector) -> None:
    recording = accumulating().recording
    show(inspector, recording, "0.weight", last(recording))
    entries = ledger(recording, "0.weight").entries
    for row, entry in zip(rows(inspector), entries, strict=True):
        button = row.findChild(QAbstractButton)
        assert button is not None
        with qtbot.waitSignal(inspector.event_chosen) as told:
            qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert told.args == [entry.event]
        with qtbot.waitSignal(inspector.event_chosen) as told:
            qtbot.keyClick(button, Qt.Key.Key_Space)
        assert told.args == [entry.event]


def test_several_uses_in_one_pass_are_lines_of_their_own(inspector: Inspector) -> None:
    recording = adversarial()
    show(inspector, recording, "D.0.weight", last(recording))
    written = next(each for each in ledger(recording, "D.0.weight").entries if each.backward_pass == 0)
    assert len(written.contributions) == 2
    uses = [row for row in rows(inspector) if row.line.is_use]
    for row, use in zip(uses, written.contributions, strict=True):
        assert use.value.values is not None
        assert (
            row.text()
            == f"{use.label}, line {use.line}  {number_text(float(np.linalg.norm(use.value.values)))}"
        )
        assert row.line.event == use.event


def test_what_is_not_reached_yet_is_faint_and_the_place_of_the_walk_is_marked(inspector: Inspector) -> None:
    recording = accumulating().recording
    entries = ledger(recording, "0.weight").entries
    cursor = entries[2].event
    assert cursor is not None
    show(inspector, recording, "0.weight", cursor)
    assert [row.is_ahead for row in rows(inspector)] == [number > 2 for number in range(len(entries))]
    grounds = [row.grab().toImage().pixelColor(6, 2) for row in rows(inspector)]
    assert [ground != grounds[0] for ground in grounds] == [number == 2 for number in range(len(entries))]
    show(inspector, recording, "0.weight", last(recording))
    assert not any(row.is_ahead for row in rows(inspector))


def test_each_cause_has_its_words() -> None:
    recording = by_hand()
    lines = {str(entry.cause): entry.line or 0 for entry in ledger(recording, "w").entries}
    assert words(recording, "w") == [
        "written by backward 1, from 1 use (x @ w)",
        f"set to zero by zero_, line {lines['set to zero']}",
        "accumulated by backward 2: was, plus 1 use (x @ w)",
        f"multiplied in place by mul_, line {lines['replaced'] - 1}",
        f"replaced by another tensor, line {lines['replaced']}",
        f"clipped in place by clamp_, line {lines['changed in place']}",
        f"read by the update, line {lines['read by the update']}",
        f"set to None, line {lines['set to None']}",
    ]


def test_a_leaf_and_a_result_that_retains_its_gradient_have_a_ledger(inspector: Inspector) -> None:
    recording = by_hand()
    others = [each.name for each in recording.gradients if each.name != "w"]
    assert len(others) == 2
    assert "h" in others
    for name in others:
        (key,) = [key for key, record in recording.nodes.items() if record.label == name]
        for each in recording.passes:
            show(inspector, recording, key, each.events.start)
            assert len(rows(inspector)) == 2, name
    # A result of which nobody asked for the gradient has none.
    (key,) = [key for key, record in recording.nodes.items() if record.label == "x @ w"]
    show(inspector, recording, key, last(recording))
    assert section_of(inspector).isHidden()


def test_where_there_is_no_more_to_say_one_line_says_it(inspector: Inspector) -> None:
    model = torch.nn.Linear(3, 1)
    x = torch.randn(4, 3)
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    recording = playground.record(lambda: model(x).pow(2).mean(), model, optimizer=optimizer)
    show(inspector, recording, "weight", last(recording))
    events = [(entry.event or 0) + 1 for entry in ledger(recording, "weight").entries]
    says = f".grad: written by backward (event {events[0]}), read by the update (event {events[1]})."
    assert section_of(inspector).text().partition("\n")[2] == says
    assert not rows(inspector)
    # And back to one with more.
    other = accumulating().recording
    show(inspector, other, "0.weight", last(other))
    assert len(rows(inspector)) == len(ledger(other, "0.weight").entries)
    show(inspector, recording, "weight", last(recording))
    assert section_of(inspector).text().partition("\n")[2] == says


def test_a_parameter_that_the_step_left_alone_says_so() -> None:
    nothing = GradientLedger("w", True, ())
    assert is_plain(nothing)
    assert plain_words(accumulating().recording, nothing) == NOTHING


def test_the_sum_of_the_uses_is_held_against_what_backward_has_left(inspector: Inspector) -> None:
    recording = accumulating().recording
    show(inspector, recording, "0.weight", last(recording))
    section = inspector.findChild(UsesSection)
    assert isinstance(section, UsesSection)
    labels = [row.bar.text() for row in section.rows()]
    assert [label.partition(" norm ")[0] for label in labels[:PASSES]] == [
        f"0, call {number}, backward {number}" for number in range(1, PASSES + 1)
    ]
    start, _, difference = section.text().splitlines()[-1].rpartition(" ")
    # It was clipped afterwards: the update read something else.
    assert start == "sum of the parts = .grad as backward left it: largest difference"
    assert float(difference) < 1e-6


def test_lines_take_the_colors_of_the_theme(inspector: Inspector) -> None:
    recording = accumulating().recording
    show(inspector, recording, "0.weight", last(recording))
    written = rows(inspector)[1]
    image = written.grab().toImage()
    assert image.pixelColor(1, image.height() // 2) == QColor(LIGHT.backward)
