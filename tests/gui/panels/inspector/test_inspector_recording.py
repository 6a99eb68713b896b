"""The inspector at an event of a recorded step."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from playground.recording.chain_rule import chain_rule
from playground.recording.events import Change, Event, EventKind, Port, StateChange
from playground.recording.model import RecordedFailure, Recording
from tests.gui.driver import find
from tests.gui.panels.inspector.looks import SHARED, cards, recorded, show
from tests.gui.recordings import LOSS, MM1, POW, UPDATE_W1, small_recording, snapshot
from tests.gui.themes import wear
from ui.panels.inspector import event as inspector_event
from ui.panels.inspector.moment import InspectorTitle
from ui.panels.inspector.panel import EMPTY, NOT_RECORDED, OTHER_GRAPH, Inspector
from ui.panels.inspector.parts import FlowText, Link
from ui.style.theme import DARK
from ui.widgets.number_text import show_whole
from ui.widgets.tensor.equation import EquationView


def shown_text(inspector: Inspector, name: str) -> str:
    section = find(inspector, QWidget, name)
    return "" if section.isHidden() else str(section.text())  # type: ignore[attr-defined]


def labels(section: QWidget) -> list[str]:
    """Names on the cards."""
    return [card.text().splitlines()[0] for card in cards(section)]


def terms(section: QWidget) -> list[str]:
    """Names of the tensors in each equation, the result first, with what they are for."""
    views = [view for view in section.findChildren(EquationView) if view.isVisible()]
    return [
        " ".join(filter(None, (each.term.label, each.term.note))) for view in views for each in view.tiles()
    ]


def event_of(recording: Recording, op: str, outputs: int | None = None) -> int:
    return next(
        each.number for each in recording.events if each.op == op and outputs in (None, len(each.outputs))
    )


def settle(inspector: Inspector) -> None:
    """Lets the layouts have their say."""
    for _ in range(3):
        QApplication.processEvents()


def test_an_operation_is_a_sentence_and_an_equation_of_pictures(inspector: Inspector) -> None:
    show(inspector, small_recording(), None, 0)
    assert terms(find(inspector, QWidget, "inspector_event")) == ["x.mm(w1)", "x", "w1"]
    first = inspector.text().splitlines()[:3]
    line = small_recording().events[0].line
    assert first[0] == f"▶ forward 1 of 3 · mm · line {line}"
    assert first[1] == "x @ w1: each of the 4 rows of x becomes 5 numbers."
    assert first[2] == "[x.mm(w1)] = [x] @ [w1]"
    # Torch's own words are there for those who want them.
    title = find(inspector, InspectorTitle)
    assert title.toolTip().startswith("Performs a matrix multiplication")


def test_a_tensor_of_the_equation_is_opened_by_a_click_and_closed_by_the_next(
    qtbot: QtBot, inspector: Inspector
) -> None:
    show(inspector, small_recording(), None, 0)
    section = find(inspector, QWidget, "inspector_event")
    view = next(each for each in section.findChildren(EquationView) if each.isVisible())
    qtbot.mouseClick(view.tiles()[1], Qt.MouseButton.LeftButton)
    assert labels(section) == ["x"]
    qtbot.mouseClick(view.tiles()[2], Qt.MouseButton.LeftButton)
    assert labels(section) == ["w1"]
    qtbot.keyClick(view.tiles()[2], Qt.Key.Key_Space)
    assert labels(section) == []
    view.tiles()[0].click()
    show(inspector, small_recording(), None, 1)
    assert labels(section) == []


def test_backward_is_told_as_a_whole_where_it_begins(inspector: Inspector) -> None:
    recording = recorded("autograd")
    show(inspector, recording, None, recording.passes[0].events.start)
    text = inspector.text()
    assert "flows back through 6 operations; w2.grad and w1.grad are added to." in text
    show(inspector, recording, None, recording.passes[0].events.start + 1)
    assert "flows back" not in inspector.text()


def test_adam_shows_what_it_keeps_and_what_sgd_would_do(inspector: Inspector) -> None:
    recording = recorded("optim")
    show(inspector, recording, None, event_of(recording, "addcdiv_"))
    text = shown_text(inspector, "inspector_event")
    assert "[0.weight.grad] → [update] | [−lr × grad]" in text
    assert "The optimizer keeps exp_avg_sq: the running mean of the gradient's square" in text


def test_the_gradient_of_a_shared_layer_is_the_sum_of_its_uses(inspector: Inspector) -> None:
    recording = recorded("dynamic")
    number = next(
        each.number
        for each in recording.events
        if each.op == "AccumulateGrad" and each.label == "middle_linear.weight"
    )
    show(inspector, recording, SHARED, number)
    text = shown_text(inspector, "inspector_event")
    assert f"[{SHARED}.grad] ← [middle_linear, call 2] + [middle_linear, call 1]" in text
    assert "the sum of 2 gradients, one per use" in inspector.text()


def test_where_the_loss_was_lost_is_said_at_every_event(qtbot: QtBot, inspector: Inspector) -> None:
    w = snapshot([1e30, 1])
    recording = small_recording(loss=float("inf"))
    recording = with_event(
        recording, 4, outputs=(Port("squares", snapshot([np.inf, 1])),), inputs=(Port("e", w),)
    )
    show(inspector, recording, None, 4)
    assert "It began here: pow" in inspector.text()
    assert "1 inf in squares" in inspector.text()
    assert not find(inspector, Link, "not_finite_link").isVisible()
    show(inspector, recording, None, 9)
    with qtbot.waitSignal(inspector.event_chosen) as blocker:
        qtbot.mouseClick(find(inspector, Link, "not_finite_link"), Qt.MouseButton.LeftButton)
    assert blocker.args == [4]
    show(inspector, small_recording(), None, 4)
    assert find(inspector, FlowText, "not_finite_words").isHidden()


def test_the_programs_parameters_are_listed_with_shapes_and_counts(inspector: Inspector) -> None:
    recording = recorded("optim")
    show(inspector, recording, None, 0)
    lines = shown_text(inspector, "inspector_parameters").splitlines()
    assert lines[0] == f"4 parameters, {show_whole(101_110)} numbers"
    assert lines[1] == f"0.weight   100 × 1000 = {show_whole(100_000)}"
    assert len(lines) == 5
    chosen: list[str] = []
    inspector.node_chosen.connect(chosen.append)
    find(inspector, Link, "parameter_link").click()
    assert chosen == ["0.weight"]


def test_a_node_of_autograd_shows_each_rule_of_the_chain_rule(inspector: Inspector) -> None:
    recording = recorded("dynamic")
    number = event_of(recording, "AddmmBackward0", outputs=3)
    show(inspector, recording, None, number)
    chain = chain_rule(recording, number)
    assert chain is not None
    formulas = [text.text() for text in inspector.findChildren(FlowText, "rule_formula") if text.isVisible()]
    assert formulas == [rule.formula for rule in chain.rules]
    text = shown_text(inspector, "inspector_event")
    for rule in chain.rules:
        assert rule.words in text
    results = [
        view.tiles()[0].term.label for view in inspector.findChildren(EquationView) if view.isVisible()
    ]
    assert results == [rule.grad_input.label for rule in chain.rules]


def test_fewer_rules_follow_after_more(inspector: Inspector) -> None:
    recording = recorded("dynamic")
    show(inspector, recording, None, event_of(recording, "AddmmBackward0", outputs=3))
    show(inspector, recording, None, event_of(recording, "TBackward0"))
    shown = [text for text in inspector.findChildren(FlowText, "rule_formula") if text.isVisible()]
    assert len(shown) == 1


def test_a_chain_rule_is_worked_out_once(inspector: Inspector, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def counted(recording: Recording, number: int) -> object:
        asked.append(number)
        return chain_rule(recording, number)

    monkeypatch.setattr("ui.panels.inspector.moment.chain_rule", counted)
    recording = small_recording()
    for number in (8, 9, 8, 9):
        show(inspector, recording, None, number)
    assert asked == [8, 9]


def test_an_update_shows_before_gradient_after_and_by_how_much(inspector: Inspector) -> None:
    recording = small_recording()
    show(inspector, recording, None, UPDATE_W1)
    assert terms(find(inspector, QWidget, "inspector_event")) == ["w1 after", "w1 before", "update"]
    change = recording.events[UPDATE_W1].changes[0]
    assert change.before.values is not None
    assert change.after.values is not None
    largest = np.abs(change.after.values.astype(np.float64) - change.before.values).max()
    assert f"Its numbers move by up to {largest:.4g}." in inspector.text()


def test_the_optimizers_state_is_told_as_numbers_and_tensors(inspector: Inspector) -> None:
    recording = small_recording()
    state = (
        StateChange("step", snapshot(3), snapshot(4)),
        StateChange("exp_avg", snapshot([1, 2]), snapshot([3, 4])),
        StateChange("exp_avg_sq", None, snapshot([5, 6])),
    )
    change = replace(recording.events[UPDATE_W1].changes[0], state=state)
    show(inspector, with_event(recording, UPDATE_W1, changes=(change,)), None, UPDATE_W1)
    text = shown_text(inspector, "inspector_event")
    assert "step 3 → 4" in text
    shown = terms(find(inspector, QWidget, "inspector_event"))
    assert shown[-3:] == ["exp_avg after", "exp_avg before", "exp_avg_sq new"]


def test_a_new_number_of_the_optimizer_has_no_before(inspector: Inspector) -> None:
    recording = recorded("optim")
    number = next(each.number for each in recording.events if each.changes)
    show(inspector, recording, None, number)
    assert "step 1, new" in inspector.text()


def test_of_many_updates_the_first_are_shown_and_the_chosen_one(inspector: Inspector) -> None:
    recording = small_recording()
    change = recording.events[UPDATE_W1].changes[0]
    many = tuple(replace(change, parameter=f"p{number}") for number in range(40))
    crowded = with_event(recording, UPDATE_W1, changes=(*many, change))
    show(inspector, crowded, None, UPDATE_W1)
    assert f"… and {41 - inspector_event._MOST_CHANGES} more" in inspector.text()
    show(inspector, crowded, "w1", UPDATE_W1)
    assert "more" not in shown_text(inspector, "inspector_event")
    assert terms(find(inspector, QWidget, "inspector_event")) == ["w1 after", "w1 before", "update"]


def test_values_that_were_not_kept_have_no_largest_change() -> None:
    from ui.panels.inspector.event import largest_change_text

    kept, same = snapshot([1, 2]), snapshot([1, 2])
    lost = type(kept)((2,), "torch.float32", "cpu", False, 8, None, (kept.statistics, kept.picture))
    assert "no room" in largest_change_text(Change("w", kept, lost, None))
    assert largest_change_text(Change("w", kept, same, None)) == "No element changed."


def test_the_largest_change_is_found_wherever_it_is() -> None:
    from ui.panels.inspector.event import largest_change_text

    before = np.zeros(20_000, dtype=np.float32)
    for place in (0, 8191, 8192, 19_999):
        after = before.copy()
        after[place] = -3
        change = Change("w", snapshot(before), snapshot(after), None)
        assert largest_change_text(change) == "Largest change of an element: 3"
    after[5] = np.nan
    assert "NaN" in largest_change_text(Change("w", snapshot(before), snapshot(after), None))


def test_the_facts_of_a_node_tell_the_line_that_was_recorded(inspector: Inspector) -> None:
    recording = small_recording()
    key, record = next((key, each) for key, each in recording.nodes.items() if each.line is not None)
    assert recording.graph is not None
    node = recording.graph.node(key)
    assert node is not None
    assert node.line is None
    show(inspector, recording, key, None)
    facts = inspector.text().split("Facts")[1].split()
    assert facts[facts.index("line") + 1] == str(record.line)


def test_a_failed_operation_says_so_in_the_color_of_errors(inspector: Inspector) -> None:
    message = "RuntimeError: mat1 and mat2 shapes cannot be multiplied (4x5 and 6x3)"
    failed = replace(
        with_event(small_recording(), 2, error=message, outputs=(), nodes=()),
        failure=RecordedFailure(message, 19, 2),
    )
    wear(DARK)
    show(inspector, failed, None, 2)
    error = inspector.findChild(FlowText, "event_error")
    assert error is not None
    assert (error.text(), error.color(), error.isVisible()) == (message, DARK.error, True)


def test_numpys_assignment_shows_both_states_of_the_array(inspector: Inspector) -> None:
    recording = recorded("numpy")
    show(inspector, recording, None, event_of(recording, "setitem"))
    assert terms(find(inspector, QWidget, "inspector_event")) == ["grad_h", "grad_h", "h < 0"]
    assert find(inspector, QWidget, "inspector_node").isVisible()
    assert "Gradient" not in shown_text(inspector, "inspector_node")


def test_an_event_that_has_nothing_to_do_with_the_chosen_node_is_not_shown(inspector: Inspector) -> None:
    recording = small_recording()
    for event, concerns in ((0, True), (12, True), (LOSS, False), (None, False)):
        show(inspector, recording, MM1, event)
        assert find(inspector, QWidget, "inspector_event").isHidden() is not concerns
        assert inspector.key == MM1
    show(inspector, recording, "w1", UPDATE_W1)
    assert find(inspector, QWidget, "inspector_event").isVisible()


def test_what_ran_inside_a_node_leads_to_that_node(qtbot: QtBot, inspector: Inspector) -> None:
    recording = with_event(small_recording(), 13, parent=12, kind=EventKind.OPERATION)
    show(inspector, recording, MM1, 13)
    button = find(inspector, Link, "inside_link")
    assert button.text() == "inside MmBackward0, event 13"
    with qtbot.waitSignal(inspector.event_chosen) as blocker:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert blocker.args == [12]


def test_value_and_gradient_of_a_node_with_links_to_its_events(qtbot: QtBot, inspector: Inspector) -> None:
    show(inspector, small_recording(), MM1, None)
    assert labels(find(inspector, QWidget, "inspector_node")) == ["x.mm(w1)", "∂L/∂(x.mm(w1))"]
    chosen: list[int] = []
    inspector.event_chosen.connect(chosen.append)
    assert find(inspector, Link, "made_link").text() == "made by event 1"
    assert find(inspector, Link, "reached_link").text() == "reached by event 13 (backward)"
    find(inspector, Link, "made_link").click()
    qtbot.keyClick(find(inspector, Link, "reached_link"), Qt.Key.Key_Space)
    assert chosen == [0, 12]


@pytest.mark.parametrize(
    ("event", "says"),
    [
        (None, "kept until event 8 (backward)"),
        (6, "kept until event 8 (backward)"),
        (7, "used by event 8, then freed"),
        (19, "used by event 8, then freed"),
    ],
)
def test_what_is_saved_is_freed_by_backward(inspector: Inspector, event: int | None, says: str) -> None:
    show(inspector, small_recording(), POW, event)
    text = shown_text(inspector, "inspector_saved")
    assert says in text
    assert "1 tensor, 48 bytes" in text
    assert "exponent = 2" in text


def test_how_saved_tensors_lie_in_memory_is_not_told(inspector: Inspector) -> None:
    show(inspector, recorded("dynamic"), "AddmmBackward0(middle_linear)#2", None)
    text = shown_text(inspector, "inspector_saved")
    assert "alpha = 1" in text
    assert "_sym_" not in text


def test_without_a_recording_there_are_facts_and_a_line_that_tells_how_to_get_one(
    inspector: Inspector,
) -> None:
    recording = small_recording()
    show(inspector, recording, "w1", UPDATE_W1)
    inspector.show_node(recording.graph, "w1")
    assert NOT_RECORDED in inspector.text()
    for name in ("event", "node", "saved", "uses", "gradient_check"):
        assert find(inspector, QWidget, f"inspector_{name}").isHidden()
    assert "AccumulateGrad" in inspector.text()


def test_a_node_that_the_recorded_step_lacks_says_so(inspector: Inspector) -> None:
    recording = small_recording()
    show(inspector, replace(recording, nodes={}, parameters=()), "w1", None)
    assert OTHER_GRAPH in inspector.text()


def test_nothing_chosen_and_no_event_is_the_empty_panel(inspector: Inspector) -> None:
    show(inspector, small_recording(), None, 3)
    show(inspector, small_recording(), None, None)
    assert inspector.text() == EMPTY


@pytest.mark.parametrize("stage", ["dynamic", "numpy", "optim"])
def test_every_event_of_a_real_step_can_be_shown(inspector: Inspector, stage: str) -> None:
    recording = recorded(stage)
    told: list[object] = []
    inspector.event_chosen.connect(told.append)
    inspector.node_chosen.connect(told.append)
    for event in recording.events:
        show(inspector, recording, None, event.number)
        assert f" · {event.op}" in inspector.text().splitlines()[0]
        assert find(inspector, QWidget, "inspector_event").isVisible()
    assert not told


def test_a_walk_makes_no_widgets_once_it_has_been_walked(inspector: Inspector) -> None:
    recording = recorded("dynamic")

    def walk() -> int:
        for event in recording.events:
            show(inspector, recording, None, event.number)
        return len(inspector.findChildren(QWidget))

    assert walk() == walk()


@pytest.mark.parametrize("width", [200, 330, 420])
def test_no_text_is_cut_off(inspector: Inspector, width: int) -> None:
    inspector.resize(width, 430)
    recording = recorded("dynamic")
    for number in (0, event_of(recording, "AddmmBackward0", outputs=3), event_of(recording, "add_")):
        show(inspector, recording, None, number)
        settle(inspector)
        for text in inspector.findChildren(FlowText):
            if text.isVisible():
                assert text.height() >= text.heightForWidth(text.width()), text.text()
                assert text.mapTo(inspector, QPoint(text.width(), 0)).x() <= inspector.width()


def test_tab_goes_from_the_top_to_the_bottom(qtbot: QtBot, inspector: Inspector) -> None:
    recording = recorded("dynamic")
    # Cards that are made later must not be reached last.
    show(inspector, recording, None, 7)
    show(inspector, recording, SHARED, event_of(recording, "AddmmBackward0", outputs=3))
    settle(inspector)
    area = inspector.findChild(QScrollArea, "inspector_scroll")
    assert area is not None
    inspector.setFocus()
    assert area.hasFocus()
    content = area.widget()
    assert content is not None
    tops: list[int] = []
    for _ in range(60):
        focused = QApplication.focusWidget()
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
        focused = QApplication.focusWidget()
        assert focused is not None
        if not content.isAncestorOf(focused):
            break
        assert focused.accessibleName(), focused
        tops.append(focused.mapTo(content, QPoint(0, 0)).y())
    assert len(tops) > 10
    assert tops == sorted(tops)


def test_a_link_that_tab_reaches_is_scrolled_to(qtbot: QtBot, inspector: Inspector) -> None:
    recording = recorded("dynamic")
    inspector.resize(330, 300)
    show(inspector, recording, SHARED, None)
    settle(inspector)
    browser = find(inspector, QWidget, "inspector_facts")
    area = inspector.findChild(QScrollArea, "inspector_scroll")
    assert area is not None
    browser.setFocus()
    area.verticalScrollBar().setValue(0)
    qtbot.keyClick(browser, Qt.Key.Key_Tab)
    assert area.verticalScrollBar().value() > 0


def test_a_chosen_node_that_the_step_lacks_gives_way_to_the_event(inspector: Inspector) -> None:
    recording = small_recording()
    for event in (0, LOSS, UPDATE_W1, 19):
        show(inspector, recording, "middle_linear.weight", event)
        assert inspector.key is None
        assert find(inspector, QWidget, "inspector_event").isVisible()
        assert "middle_linear" not in inspector.text()


def test_another_event_or_node_begins_at_the_top_and_other_numbers_keep_the_place(
    inspector: Inspector,
) -> None:
    recording = recorded("dynamic")
    inspector.resize(330, 300)
    area = inspector.findChild(QScrollArea, "inspector_scroll")
    assert area is not None
    bar = area.verticalScrollBar()
    show(inspector, recording, SHARED, 0)
    settle(inspector)
    bar.setValue(60)
    show(inspector, replace(recording, step=recording.step + 1), SHARED, 0)
    settle(inspector)
    assert bar.value() == 60
    show(inspector, recording, SHARED, 1)
    assert bar.value() == 0
    bar.setValue(60)
    show(inspector, recording, "input_linear.weight", 1)
    assert bar.value() == 0


def test_the_theme_reaches_cards_that_are_made_later(inspector: Inspector) -> None:
    recording = small_recording()
    show(inspector, recording, None, 0)
    wear(DARK)
    show(inspector, recording, None, 12)
    for text in inspector.findChildren(FlowText):
        assert text.color() in {DARK.text, DARK.muted, DARK.error, DARK.backward, DARK.operation}
    assert inspector.grab().toImage().pixelColor(2, 2).name() == DARK.surface


def with_event(recording: Recording, number: int, **changes: object) -> Recording:
    event: Event = replace(recording.events[number], **changes)  # type: ignore[arg-type]
    return replace(recording, events=(*recording.events[:number], event, *recording.events[number + 1 :]))
