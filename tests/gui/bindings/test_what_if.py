"""What if, by mouse and keys in the whole window: what it shows, how it ends; the run does not notice."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QMenu, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from playground.data.what_if import WhatIf
from playground.recording.model import Recording
from playground.trainer import Trainer
from tests.gui.driver import click, colors_of, find, press, press_keys, type_over
from tests.gui.whole_window import PATIENCE, make_step, opened
from ui.panels.graph.canvas import GraphCanvas
from ui.panels.graph.legend import GraphLegend, Sign
from ui.panels.inspector import Inspector
from ui.panels.picture import PictureView
from ui.session.session import RunState
from ui.shell.window import MainWindow
from ui.state.what_if import WhatIfState
from ui.style.theme import LIGHT
from ui.widgets.tensor.card import TensorCard
from ui.widgets.tensor.header import TensorHeader
from ui.widgets.tensor.heatmap import Heatmap
from ui.widgets.tensor.tile import TermTile


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    window = opened(qtbot, batch_size=6, input_size=5, hidden_size=4, output_size=2)
    yield window
    window.close()


def state_of(window: MainWindow) -> WhatIfState:
    return window._context.what_if


def inspector_of(window: MainWindow) -> Inspector:
    panel = window.panel("inspector")
    assert isinstance(panel, Inspector)
    return panel


def shown_card(qtbot: QtBot, window: MainWindow, label: str) -> TensorCard:
    """The card of a tensor, opened."""
    cards = inspector_of(window).findChildren(TensorCard)
    card = next(each for each in cards if each.isVisible() and each.text().startswith(label))
    header = find(card, TensorHeader)
    qtbot.waitUntil(lambda: header.rect().contains(header.rect().center()) and header.width() > 100)
    if not card.expanded:
        click(header)
    qtbot.waitUntil(lambda: card.expanded and large_picture(card).width() > 100)
    return card


def large_picture(card: TensorCard) -> Heatmap:
    return max(card.findChildren(Heatmap), key=lambda each: each.height())


def choose_element(card: TensorCard, row: int, column: int) -> Heatmap:
    """Clicks an element in the large picture."""
    heatmap = large_picture(card)
    area = heatmap._area()
    rows, columns = heatmap._lengths()
    across, down = area.width() / columns, area.height() / rows
    click(heatmap, QPoint(area.x() + int((column + 0.5) * across), area.y() + int((row + 0.5) * down)))
    assert heatmap.chosen == (row, column)
    return heatmap


def field_of(card: TensorCard) -> QLineEdit:
    return find(card, QLineEdit, "what_if_value")


def answered(qtbot: QtBot, window: MainWindow) -> WhatIf:
    state = state_of(window)
    qtbot.waitUntil(lambda: state.progress is None, timeout=PATIENCE)
    assert state.found is not None
    return state.found


def banner(window: MainWindow) -> str:
    panel = window.panel("what_if")
    return panel.accessibleDescription() if panel.isVisible() else ""


def by_hand(recording: Recording, change_w1: float, change_x: float) -> tuple[float, list[np.ndarray]]:
    """Loss and gradients of the stage's step, by nothing but torch."""
    mm = recording.events[0]
    x, w1 = (torch.tensor(np.array(port.value.values)) for port in mm.inputs if port.value is not None)
    w2_before, y_port = recording.parameters[1].before, recording.events[3].inputs[1].value
    assert y_port is not None
    w2, y = torch.tensor(np.array(w2_before.values)), torch.tensor(np.array(y_port.values))
    w1[3, 1], x[2, 4] = change_w1, change_x
    w1.requires_grad_()
    w2.requires_grad_()
    loss = (x.mm(w1).clamp(min=0).mm(w2) - y).pow(2).sum()
    return loss.item(), [each.numpy() for each in torch.autograd.grad(loss, (w1, w2))]


def test_a_weight_and_an_input_together(qtbot: QtBot, window: MainWindow) -> None:
    make_step(qtbot, window)
    recording = make_step(qtbot, window)
    canvas, legend = find(window, GraphCanvas), find(window, GraphLegend)
    window.choose_node("w1")
    window.refresh()
    assert LIGHT.warning not in colors_of(canvas)

    card = shown_card(qtbot, window, "w1")
    heatmap = choose_element(card, 3, 1)
    field = field_of(card)
    assert field.isVisible()
    # Escape closes the field, a digit opens it again and is the first of the number.
    press_keys(qtbot, field, Qt.Key.Key_Escape)
    assert not field.isVisible()
    assert heatmap.hasFocus()
    QTest.keyClicks(heatmap, "0")
    assert field.hasFocus()
    QTest.keyClicks(field, ".5")
    QTest.keyClick(field, Qt.Key.Key_Return)
    found = answered(qtbot, window)
    w1 = recording.parameters[0].before.values
    assert w1 is not None
    assert banner(window).startswith(f"What if w1[3, 1] were 0.5 instead of {w1[3, 1]:.4g} loss ")
    assert " → " in banner(window)
    assert f"what if: 0.5, Δ {0.5 - w1[3, 1]:+.4g}" in card.text()
    assert "differ" in card.text() or "alone" in card.text()
    assert LIGHT.warning in colors_of(canvas)
    assert Sign.WHAT_IF.value in legend.words()

    # A second change beside the first: the input, in the picture of the operation that takes it.
    window.replay.select("")
    window.replay.player.go(0)
    window.refresh()
    tile = next(each for each in inspector_of(window).findChildren(TermTile) if each.term.label == "x")
    click(tile)
    card = shown_card(qtbot, window, "x")
    choose_element(card, 0, 0)
    type_over(qtbot, field_of(card), "many")
    assert find(card, QLabel, "what_if_problem").text() == "‘many’ is not a finite number"
    type_over(qtbot, field_of(card), "[2, 9] = 1")
    allowed = "2 whole numbers from [0 to 5, 0 to 4]"
    assert find(card, QLabel, "what_if_problem").text() == f"element: ‘[2, 9]’ is not {allowed}"
    type_over(qtbot, field_of(card), "2 4 = -1.5")
    found = answered(qtbot, window)
    assert " and x[2, 4] were -1.5 instead of " in banner(window)
    loss, gradients = by_hand(recording, 0.5, -1.5)
    assert found.changed.loss == pytest.approx(loss, rel=1e-6)
    for record, expected in zip(found.changed.parameters, gradients, strict=True):
        assert record.gradient is not None
        np.testing.assert_allclose(np.asarray(record.gradient.values), expected, rtol=1e-5, atol=1e-4)
    # The tensors of the equation show it, those before the change do not.
    assert "unchanged" not in inspector_of(window).text()

    press_keys(qtbot, inspector_of(window), Qt.Key.Key_Escape)
    window.refresh()
    assert banner(window) == ""
    assert "what if:" not in inspector_of(window).text()
    assert "difference" not in inspector_of(window).text()
    assert LIGHT.warning not in colors_of(canvas)
    assert window.session.steps_made == 2
    make_step(qtbot, window)
    alone = Trainer(window.session.settings)
    assert window.session.run is not None
    assert window.session.run.history.losses(0, 3).tolist() == [alone.step() for _ in range(3)]


def test_a_unit_off_and_every_way_to_end(qtbot: QtBot, window: MainWindow) -> None:
    window.session.choose_stage("function")
    make_step(qtbot, window)
    recording = make_step(qtbot, window)
    node = recording.events[2]
    assert node.op == "MyReLU"

    def switch_off() -> TensorCard:
        window.replay.player.go(node.number)
        window.choose_node(node.node or "")
        window.refresh()
        card = shown_card(qtbot, window, "MyReLU.apply")
        choose_element(card, 1, 2)
        click(find(card, QPushButton, "what_if_unit_off"))
        found = answered(qtbot, window)
        after = found.changed.events[2].outputs[0].value
        assert after is not None
        assert not np.asarray(after.values)[:, 2].any()
        assert banner(window).startswith("What if MyReLU.apply(x.mm(w1))[:, 2] were 0 loss ")
        return card

    switch_off()
    click(find(window, QToolButton, "what_if_end"))
    assert banner(window) == ""

    picture = window.panel("picture")
    assert isinstance(picture, PictureView)
    picture.unit_off_asked.emit(0, 3)
    answered(qtbot, window)
    assert banner(window).startswith("What if MyReLU.apply(x.mm(w1))[:, 3] were 0 loss ")
    state_of(window).end()

    card = switch_off()
    # The recorded value takes the change back: none is left.
    value = node.outputs[0].value
    assert value is not None
    heatmap = choose_element(card, 0, 0)
    QTest.keyClick(heatmap, Qt.Key.Key_Return)
    type_over(qtbot, field_of(card), "7")
    answered(qtbot, window)
    assert len(state_of(window).interventions) == 2
    card = shown_card(qtbot, window, "MyReLU.apply")
    choose_element(card, 0, 0)
    type_over(qtbot, field_of(card), str(np.asarray(value.values)[0, 0]))
    answered(qtbot, window)
    assert len(state_of(window).interventions) == 1

    window.timeline.go_to(0)
    window.refresh()
    assert banner(window) == ""
    window.timeline.go_to(1)
    window.refresh()
    switch_off()
    press(window, "run_action")
    qtbot.waitUntil(lambda: banner(window) == "", timeout=PATIENCE)
    qtbot.waitUntil(lambda: window.session.state is RunState.FINISHED, timeout=PATIENCE)
    assert state_of(window).recording is None
    assert not find(window, QWidget, "what_if_banner").isVisible()


def shown_field(window: MainWindow) -> QLineEdit:
    fields = inspector_of(window).findChildren(QLineEdit, "what_if_value")
    (field,) = [each for each in fields if each.isVisible()]
    return field


def test_it_is_found_in_a_menu_whatever_is_shown(qtbot: QtBot, window: MainWindow) -> None:
    press(window, "compare_what_if_action")
    assert window.notice.startswith("Only a recorded step can be asked what if")
    make_step(qtbot, window)
    qtbot.waitUntil(lambda: window.replay.recording is not None, timeout=PATIENCE)
    press(window, "compare_what_if_action")
    qtbot.waitUntil(lambda: shown_field(window).hasFocus())
    with qtbot.waitSignal(state_of(window).changed, timeout=PATIENCE):
        type_over(qtbot, shown_field(window), "3")
    qtbot.waitUntil(lambda: state_of(window).found is not None, timeout=PATIENCE)


def test_a_node_s_own_menu_leads_to_its_numbers(qtbot: QtBot, window: MainWindow) -> None:
    make_step(qtbot, window)
    qtbot.waitUntil(lambda: window.replay.recording is not None, timeout=PATIENCE)
    window.replay.select("w1")
    canvas = find(window, GraphCanvas)
    QApplication.sendEvent(
        canvas, QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(0, 0), QPoint(0, 0))
    )
    menu = find(canvas, QMenu, "number_menu")
    entry = find(menu, QAction, "what_if_action")
    assert "computed again" in entry.toolTip()
    entry.trigger()
    menu.close()
    qtbot.waitUntil(lambda: shown_field(window).hasFocus())
    assert shown_field(window).accessibleName() == "Another value of w1[0, 0]"


def test_a_tensor_of_a_formula_that_is_clicked_is_opened_in_sight(qtbot: QtBot, window: MainWindow) -> None:
    make_step(qtbot, window)
    qtbot.waitUntil(lambda: window.replay.recording is not None, timeout=PATIENCE)
    recording = window.replay.recording
    assert recording is not None
    window.replay.player.go(next(each.number for each in recording.events if each.op == "MmBackward0"))
    inspector = inspector_of(window)
    inspector.setFixedHeight(190)
    tile = next(each for each in inspector.findChildren(TermTile) if each.isVisible())
    qtbot.waitUntil(lambda: tile.width() > 50 and inspector.height() == 190)
    tile.click()

    def is_in_sight() -> bool:
        cards = [each for each in inspector.findChildren(TensorCard) if each.isVisible()]
        return any(each.visibleRegion().boundingRect().height() > 60 for each in cards)

    qtbot.waitUntil(is_in_sight)
