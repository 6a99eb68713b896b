"""The windows that compare stages, in the running program: two side by side, and what each costs."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from pytestqt.qtbot import QtBot
from pytestqt.wait_signal import SignalBlocker
from shiboken6 import isValid

from playground.comparing.compare import settings_for
from playground.comparing.rosetta import Rosetta, rosetta
from playground.programs.program import program_of
from playground.trainer import Trainer, kept_random_states
from tests.gui.driver import click, press
from tests.gui.whole_window import PATIENCE, opened
from ui.panels.costs import CostsView
from ui.panels.costs.text import title_of
from ui.panels.rosetta import RosettaView
from ui.panels.rosetta.tensors import row_words
from ui.session.requests import CostsRequest, Request, RosettaRequest
from ui.session.session import RunState
from ui.shell.window import MainWindow
from ui.style.appearance import Appearance
from ui.style.theme import DARK

SIZES = {"batch_size": 4, "input_size": 6, "hidden_size": 5, "output_size": 2}
MANY = 5_000_000
# Without a window manager nothing can be raised.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support raise", extend=True)


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    """A window on the screen, with torch loaded and a small network."""
    window = opened(qtbot)
    for name, value in {**SIZES, "steps": 30}.items():
        window.session.choose(name, value)
    return window


def open_rosetta(qtbot: QtBot, window: MainWindow) -> RosettaView:
    """Opens the window from the menu, and waits for its first answer."""
    with waits_for(qtbot, window, RosettaRequest):
        press(window, "compare_rosetta_action")
    view = rosetta_of(window)
    # It hears of the answer after the wait does, which began before it was made.
    qtbot.waitUntil(lambda: not view.text().startswith("Recording a step"), timeout=PATIENCE)
    return view


def open_costs(window: MainWindow, *stages: str) -> CostsView:
    press(window, "compare_costs_action")
    view = window.findChild(CostsView)
    assert isinstance(view, CostsView)
    view.set_chosen(stages)
    return view


def rosetta_of(window: MainWindow) -> RosettaView:
    view = window.findChild(RosettaView)
    assert isinstance(view, RosettaView)
    return view


def waits_for(qtbot: QtBot, window: MainWindow, kind: type[Request]) -> SignalBlocker:
    """Waits for an answer to a request of this kind."""
    return qtbot.waitSignal(
        window.session.worker.answered,
        timeout=PATIENCE,
        check_params_cb=lambda request, _answer, _problem: isinstance(request, kind),
    )


def side_by_side(left: str, right: str, **sizes: int) -> Rosetta:
    """The same comparison, made here."""
    found = settings_for((left, right), steps=1, same_start=True, dtype="float64", seed=0, **sizes)
    sides = []
    for stage in (left, right):
        settings = next(each for each in found if each.stage == stage)
        with kept_random_states():
            sides.append((Trainer(settings).record_step(), program_of(settings)))
    return rosetta(*sides[0], *sides[1])


def rows_of(result: Rosetta) -> list[str]:
    return ["  ".join(filter(None, row_words(result, pair))) for pair in result.pairs]


# Two stages side by side


def test_the_present_stage_stands_beside_the_one_before(qtbot: QtBot, window: MainWindow) -> None:
    window.session.choose_stage("nn")
    view = open_rosetta(qtbot, window)
    expected = side_by_side("function", "nn", **SIZES)
    assert view.isVisible()
    assert (view.left_box.currentData(), view.right_box.currentData()) == ("function", "nn")
    lines = view.text().splitlines()
    assert lines[0] == expected.in_words()
    assert lines[1].startswith("Same data and weights for both (4 × 6 × 5 × 2, float64, seed 0)")
    assert lines[3:] == rows_of(expected)


def test_beside_the_first_stage_stands_the_second(qtbot: QtBot, window: MainWindow) -> None:
    window.session.choose_stage("numpy")
    view = open_rosetta(qtbot, window)
    assert (view.left_box.currentData(), view.right_box.currentData()) == ("numpy", "tensor")


def test_opened_again_at_another_stage_it_shows_that_one(qtbot: QtBot, window: MainWindow) -> None:
    view = open_rosetta(qtbot, window)
    view.window().close()
    window.session.choose_stage("optim")
    assert open_rosetta(qtbot, window) is view
    assert (view.left_box.currentData(), view.right_box.currentData()) == ("nn", "optim")
    assert view.text().splitlines()[3:] == rows_of(side_by_side("nn", "optim", **SIZES))


def test_backward_lights_up_the_lines_by_hand_and_its_nodes(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.waitSignal(window.session.worker.halted, timeout=PATIENCE):
        window.session.make_one_step()
    window.refresh()
    view = open_rosetta(qtbot, window)
    result = side_by_side("tensor", "autograd", **SIZES)
    texts = view.right.toPlainText().splitlines()
    line = next(number for number, text in enumerate(texts, 1) if "loss.backward()" in text)
    view.right.line_clicked.emit(line)
    found = result.counterparts_of_right(line)
    by_hand = [view.left.toPlainText().splitlines()[each - 1].split()[0] for each in found.lines]
    assert by_hand[0] == "grad_y_pred"
    assert by_hand[-1] == "grad_w1"
    nodes = [result.node_of(pair) for pair in found.pairs]
    row = next(row for row, node in enumerate(nodes) if node is not None)
    with qtbot.waitSignal(view.node_chosen, timeout=PATIENCE) as chosen:
        view.table.setCurrentCell(row, 0)
        qtbot.keyClick(view.table, Qt.Key.Key_Return)
    assert chosen.args == [nodes[row]]
    assert window.replay.key == nodes[row]
    assert window.graph is not None
    assert nodes[row] in {node.key for node in window.graph.nodes}


def test_a_node_that_the_graph_shown_lacks_does_no_harm(qtbot: QtBot, window: MainWindow) -> None:
    window.session.choose_stage("tensor")
    with qtbot.waitSignal(window.session.worker.halted, timeout=PATIENCE):
        window.session.make_one_step()
    window.refresh()
    view = open_rosetta(qtbot, window)
    told: list[str] = []
    view.node_chosen.connect(told.append)
    for row in range(view.table.rowCount()):
        view.table.setCurrentCell(row, 0)
        qtbot.keyClick(view.table, Qt.Key.Key_Return)
    window.refresh()
    assert window.graph is not None
    assert set(told) - {node.key for node in window.graph.nodes}
    assert window.replay.key == told[-1]


def test_other_stages_can_be_chosen(qtbot: QtBot, window: MainWindow) -> None:
    view = open_rosetta(qtbot, window)
    with waits_for(qtbot, window, RosettaRequest):
        view.right_box.setCurrentIndex(view.right_box.findData("dynamic"))
    assert view.text().splitlines()[3:] == rows_of(side_by_side("tensor", "dynamic", **SIZES))


def test_of_two_questions_the_last_is_answered(qtbot: QtBot, window: MainWindow) -> None:
    view = open_rosetta(qtbot, window)
    answered: list[Request] = []
    window.session.worker.answered.connect(lambda request, _answer, _problem: answered.append(request))
    for stage in ("tensor", "optim", "module"):
        view.right_box.setCurrentIndex(view.right_box.findData(stage))
    qtbot.waitUntil(lambda: len(answered) == 3, timeout=PATIENCE)
    assert view.text().splitlines()[3:] == rows_of(side_by_side("tensor", "module", **SIZES))


def test_opened_again_it_takes_the_new_sizes(qtbot: QtBot, window: MainWindow) -> None:
    view = open_rosetta(qtbot, window)
    view.window().close()
    window.session.choose("hidden_size", 7)
    assert open_rosetta(qtbot, window) is view
    assert "(4 × 6 × 7 × 2, float64, seed 0)" in view.text()
    sizes = {**SIZES, "hidden_size": 7}
    assert view.text().splitlines()[3:] == rows_of(side_by_side("tensor", "autograd", **sizes))


def test_opened_again_without_a_change_it_is_as_it_was(qtbot: QtBot, window: MainWindow) -> None:
    view = open_rosetta(qtbot, window)
    before = view.text()
    view.window().close()
    press(window, "compare_rosetta_action")
    assert view.isVisible()
    assert view.text() == before


# What each way costs


def test_nothing_is_measured_before_it_is_asked_for(qtbot: QtBot, window: MainWindow) -> None:
    view = open_costs(window, "numpy", "nn")
    assert view.isVisible()
    assert "Press Measure" in view.text()
    assert window.session.state is not RunState.RUNNING


def test_the_chosen_stages_are_measured(qtbot: QtBot, window: MainWindow) -> None:
    view = open_costs(window, "numpy", "nn")
    with waits_for(qtbot, window, CostsRequest) as answered:
        click(view.measure_button)
    _, costs, problem = answered.args
    assert problem == ""
    assert [cost.stage for cost in costs] == ["numpy", "nn"]
    assert all(cost.steps == 200 and cost.total > 0 and cost.peak_bytes > 0 for cost in costs)
    lines = view.text().splitlines()
    assert lines[1] == "4 × 6 × 5 × 2, cpu, seed 0; NumPy in float64, torch in float32"
    assert [line.split(":")[0] for line in lines[2:4]] == [title_of(cost) for cost in costs]
    assert view.copy_button.isEnabled()


def test_the_measurement_tells_how_far_it_is(qtbot: QtBot, window: MainWindow) -> None:
    view = open_costs(window, "numpy")
    told: list[str] = []
    window.session.worker.progressed.connect(lambda _request, _done, _of: told.append(view.text()))
    with waits_for(qtbot, window, CostsRequest):
        click(view.measure_button)
    assert not view.text().startswith("measuring")
    assert any("measuring: 50\u00a0%" in text for text in told)


def test_each_window_gets_its_own_answer(qtbot: QtBot, window: MainWindow) -> None:
    """A question of one must not make the other wait for ever."""
    costs = open_costs(window, "numpy")
    answered: list[Request] = []
    window.session.worker.answered.connect(lambda request, _answer, _problem: answered.append(request))
    press(window, "compare_rosetta_action")
    click(costs.measure_button)
    rosetta_of(window).right_box.setCurrentIndex(rosetta_of(window).right_box.findData("nn"))
    qtbot.waitUntil(lambda: len(answered) == 3, timeout=PATIENCE)
    assert rosetta_of(window).text().splitlines()[3:] == rows_of(side_by_side("tensor", "nn", **SIZES))
    assert "NumPy:" in costs.text()


def test_a_stage_that_cannot_be_measured_says_why(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object, **_options: object) -> None:
        raise RuntimeError("the machine is on fire")

    monkeypatch.setattr("ui.session.answers.measure_costs", refuse)
    view = open_costs(window, "numpy")
    with waits_for(qtbot, window, CostsRequest):
        click(view.measure_button)
    assert view.text().endswith("RuntimeError: the machine is on fire")
    assert view.measure_button.isEnabled()


# Beside a run


def test_a_run_is_paused_and_can_go_on(qtbot: QtBot, window: MainWindow) -> None:
    window.session.choose("steps", MANY)
    window.session.train()
    qtbot.waitUntil(lambda: window.session.steps_made > 5, timeout=PATIENCE)
    open_rosetta(qtbot, window)
    assert window.session.state is RunState.PAUSED
    made = window.session.steps_made
    window.session.train()
    qtbot.waitUntil(lambda: window.session.steps_made > made + 5, timeout=PATIENCE)
    assert window.session.run is not None
    losses = list(window.session.run.history.losses(0, made + 5))
    again = Trainer(window.session.settings)
    assert losses == [again.step() for _ in losses]


def test_a_question_during_a_run_leaves_one_run_in_the_list(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.waitSignal(window.session.worker.halted, timeout=PATIENCE):
        window.session.make_one_step()
    window.refresh()
    view = open_costs(window, "numpy", "dynamic")
    with waits_for(qtbot, window, CostsRequest):
        click(view.measure_button)
    window.refresh()
    assert [entry.steps for entry in window.runs.archive.entries] == [1]


# The windows themselves


def test_another_theme_reaches_the_open_windows(qtbot: QtBot, window: MainWindow) -> None:
    window.choose_appearance(Appearance.LIGHT)
    views = (open_rosetta(qtbot, window), open_costs(window, "numpy"))
    window.choose_appearance(Appearance.DARK)
    for view in views:
        image = view.grab().toImage()
        assert image.pixelColor(2, image.height() - 3).name() == DARK.surface
    window.choose_appearance(Appearance.LIGHT)


@pytest.mark.parametrize(
    ("key", "keys"),
    [
        (Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier),
        (Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier),
    ],
    ids=["Ctrl+W", "Escape"],
)
def test_a_key_closes_a_window_and_the_menu_brings_it_back(
    qtbot: QtBot, window: MainWindow, key: Qt.Key, keys: Qt.KeyboardModifier
) -> None:
    views = (open_rosetta(qtbot, window), open_costs(window, "numpy"))
    for view, action in zip(views, ("compare_rosetta_action", "compare_costs_action"), strict=True):
        view.window().activateWindow()
        qtbot.waitUntil(view.window().isActiveWindow, timeout=PATIENCE)
        qtbot.keyClick(view.window(), key, keys)
        qtbot.waitUntil(view.window().isHidden, timeout=PATIENCE)
        assert window.isVisible()
        press(window, action)
        assert view.isVisible()


def test_the_windows_close_with_the_main_one(qtbot: QtBot) -> None:
    window = MainWindow()
    with qtbot.waitSignal(window.session.worker.optimizers_found, timeout=PATIENCE):
        window.show()
    for name, value in SIZES.items():
        window.session.choose(name, value)
    parts = [open_rosetta(qtbot, window).window(), open_costs(window, "numpy").window()]
    window.close()
    assert not any(part.isVisible() for part in parts)
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert not any(isValid(part) for part in parts)


def test_closing_during_a_measurement_ends_it(qtbot: QtBot) -> None:
    window = MainWindow()
    with qtbot.waitSignal(window.session.worker.optimizers_found, timeout=PATIENCE):
        window.show()
    view = open_costs(window, "numpy", "autograd")
    told: list[Request] = []
    # Not by `waitSignal`: its listener is gone after the first report, while others are on their way to it.
    window.session.worker.progressed.connect(lambda request, _done, _of: told.append(request))
    click(view.measure_button)
    qtbot.waitUntil(lambda: bool(told), timeout=PATIENCE)
    window.close()
    assert window.session.worker.isFinished()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
