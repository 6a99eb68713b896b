"""The whole window, driven by its own buttons and fields, with real training behind it."""

from __future__ import annotations

import json
import math
import os
import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QSettings, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QComboBox, QListWidget, QPlainTextEdit, QSlider, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from playground.graph.model import GraphKind
from playground.programs.stage_text import text_of
from playground.recording.queries import first_not_finite
from playground.settings import Settings, make_settings
from playground.stages import STAGES
from playground.trainer import Trainer
from tests.gui.driver import find, press, type_over
from tests.gui.whole_window import PATIENCE, opened
from ui.panels.loss import LossPlot
from ui.session.session import RunState, Session
from ui.shell.preferences import Preferences
from ui.shell.window import MainWindow
from ui.style.appearance import Appearance, theme_for

FIELDS = "device_box batch_size input_size hidden_size output_size optimizer_box learning_rate steps seed"
PANELS = "stage_list depth_range loss_plot graph_view code_view inspector step_slider"
SIZES = {"batch_size": 8, "input_size": 20, "hidden_size": 10, "output_size": 3}


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    """A window on the screen, with torch loaded and a small network."""
    return opened(qtbot, **SIZES)


def train_to_the_end(qtbot: QtBot, window: MainWindow, press_run: bool = True) -> None:
    with qtbot.waitSignal(
        window.session.state_changed,
        timeout=PATIENCE,
        check_params_cb=lambda state: state is not RunState.RUNNING,
    ):
        if press_run:
            press(window, "run_action")
    window.refresh()


def make_steps(qtbot: QtBot, window: MainWindow, count: int) -> None:
    for _ in range(count):
        with qtbot.waitSignal(window.session.worker.halted, timeout=PATIENCE):
            press(window, "step_action")
    window.refresh()


def bare_losses(window: MainWindow, steps: int) -> list[float]:
    trainer = Trainer(window.session.settings)
    return [trainer.step() for _ in range(steps)]


def shown_losses(window: MainWindow) -> list[float]:
    assert window.session.run is not None
    return [float(loss) for loss in window.session.run.history.losses()]


class _Windows(QObject):
    """Keeps the names of what is shown as a window of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.shown.append(type(watched).__name__)
        return False


def test_no_part_flashes_as_a_window_while_it_opens(qtbot: QtBot, qapp: QApplication) -> None:
    windows = _Windows()
    qapp.installEventFilter(windows)
    window = opened(qtbot)
    window.complete()
    qapp.removeEventFilter(windows)
    assert windows.shown == ["MainWindow"]


def test_every_part_has_its_name(window: MainWindow) -> None:
    for name in [*FIELDS.split(), *PANELS.split()]:
        assert window.findChild(QWidget, name) is not None, name
    for name in ("run", "pause", "step", "reset"):
        assert window.findChild(QAction, f"{name}_action") is not None


@pytest.mark.parametrize("stage", [stage.name for stage in STAGES])
def test_each_stage_trains_when_it_is_chosen_and_run(qtbot: QtBot, window: MainWindow, stage: str) -> None:
    stages = find(window, QListWidget, "stage_list")
    assert isinstance(stages, QListWidget)
    stages.setCurrentRow([each.name for each in STAGES].index(stage))
    assert window.session.settings.stage == stage
    window.session.choose("steps", 30)
    train_to_the_end(qtbot, window)
    assert window.session.state is RunState.FINISHED
    assert len(shown_losses(window)) == 30
    if stage != "numpy":  # whose threads in the window leave a core free, and so may change the last bits
        assert shown_losses(window) == bare_losses(window, 30)
    code = window.findChild(QPlainTextEdit, "code_view")
    assert code is not None
    assert code.toPlainText() == text_of(window.session.settings).removesuffix("\n")


def test_the_graph_is_the_one_that_the_step_built(qtbot: QtBot, window: MainWindow) -> None:
    window.session.choose_stage("dynamic")
    make_steps(qtbot, window, 6)
    run = window.session.run
    assert run is not None
    for step in range(6):
        slider = find(window, QSlider, "step_slider")
        assert isinstance(slider, QSlider)
        slider.setValue(step)
        graph = window.graph
        assert graph is not None
        uses = sum(graph.nodes[edge.target].parameter == "middle_linear.bias" for edge in graph.edges)
        assert uses == run.history.depth(step)


def test_stages_without_a_graph_show_their_trace(qtbot: QtBot, window: MainWindow) -> None:
    window.session.choose_stage("numpy")
    make_steps(qtbot, window, 1)
    assert window.graph is not None
    assert window.graph.kind is GraphKind.TRACE
    assert {"h", "grad_w1"} <= {node.name for node in window.graph.nodes}


def test_pause_keeps_what_was_seen_and_run_goes_on(qtbot: QtBot, window: MainWindow) -> None:
    window.session.choose("steps", 1_000_000)
    press(window, "run_action")
    qtbot.waitUntil(lambda: window.session.steps_made > 20, timeout=PATIENCE)
    with qtbot.waitSignal(window.session.worker.halted, timeout=PATIENCE):
        press(window, "pause_action")
    paused_at = window.session.steps_made
    make_steps(qtbot, window, 2)
    assert window.session.steps_made == paused_at + 2
    assert shown_losses(window) == bare_losses(window, paused_at + 2)


def test_learning_rate_acts_without_a_restart(qtbot: QtBot, window: MainWindow) -> None:
    make_steps(qtbot, window, 3)
    run = window.session.run
    window.session.choose("learning_rate", 1e-5)
    make_steps(qtbot, window, 2)
    assert window.session.run is run
    trainer = Trainer(make_settings(**{**window.session.settings.model_dump(), "learning_rate": 1e-6}))
    expected = [trainer.step() for _ in range(3)]
    trainer.apply(window.session.settings)
    assert shown_losses(window) == expected + [trainer.step() for _ in range(2)]


def test_new_sizes_start_the_run_again_and_say_so(qtbot: QtBot, window: MainWindow) -> None:
    window.session.choose("steps", 1_000_000)
    press(window, "run_action")
    qtbot.waitUntil(lambda: window.session.steps_made > 5, timeout=PATIENCE)
    field = find(window, QSpinBox, "hidden_size")
    assert isinstance(field, QSpinBox)
    with qtbot.waitSignal(window.session.worker.began, timeout=PATIENCE):
        type_over(qtbot, field, "12")
    assert "Hidden size 10 → 12" in window.notice
    assert window.session.state is RunState.RUNNING
    qtbot.waitUntil(lambda: window.session.steps_made > 5, timeout=PATIENCE)
    press(window, "pause_action")
    assert window.session.settings.hidden_size == 12


@pytest.mark.parametrize("text", ["0", "-3", "1e3", "70000", "", "nan", "x"])
def test_bad_sizes_are_refused_in_one_line(qtbot: QtBot, window: MainWindow, text: str) -> None:
    make_steps(qtbot, window, 2)
    before = window.session.settings
    field = find(window, QSpinBox, "hidden_size")
    assert isinstance(field, QSpinBox)
    field.setFocus()
    field.lineEdit().setText(text)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert window.session.settings == before
    assert field.value() == before.hidden_size
    assert window.session.steps_made == 2
    assert "whole number from 1 to" in window.notice
    assert "\n" not in window.notice


def test_sizes_beyond_memory_are_refused(qtbot: QtBot, window: MainWindow) -> None:
    make_steps(qtbot, window, 2)
    for name in ("input_size", "output_size", "batch_size"):
        window.session.choose(name, 65_536)
    window.session.choose("hidden_size", 65_536)
    assert "free" in window.notice
    assert window.session.settings.hidden_size == 10


def test_twenty_clicks_on_run_are_one_run(qtbot: QtBot, window: MainWindow) -> None:
    window.session.choose("steps", 50)
    # The sizes asked for a run of their own, which may not have begun yet.
    qtbot.waitUntil(lambda: window.session.run is not None, timeout=PATIENCE)
    begun: list[object] = []
    window.session.worker.began.connect(begun.append)
    for _ in range(20):
        press(window, "run_action")
    train_to_the_end(qtbot, window, press_run=False)
    assert window.session.steps_made == 50
    assert begun == []


def test_reset_during_a_restart(qtbot: QtBot, window: MainWindow) -> None:
    window.session.choose("steps", 1_000_000)
    press(window, "run_action")
    for size in (11, 12, 13):
        window.session.choose("hidden_size", size)
        press(window, "reset_action")
    with qtbot.waitSignal(window.session.worker.halted, timeout=PATIENCE):
        press(window, "step_action")
    assert window.session.steps_made == 1
    assert shown_losses(window) == bare_losses(window, 1)


def test_stage_change_in_mid_run_goes_on_with_the_new_stage(qtbot: QtBot, window: MainWindow) -> None:
    window.session.choose("steps", 1_000_000)
    press(window, "run_action")
    qtbot.waitUntil(lambda: window.session.steps_made > 5, timeout=PATIENCE)
    window.session.choose_stage("optim")
    qtbot.waitUntil(lambda: window.session.steps_made > 5, timeout=PATIENCE)
    press(window, "pause_action")
    assert window.session.settings.optimizer == "Adam"
    assert shown_losses(window)[:5] == bare_losses(window, 5)


def test_an_infinite_loss_pauses_and_explains(qtbot: QtBot, window: MainWindow) -> None:
    window.session.choose_stage("nn")
    window.session.choose("learning_rate", 10.0)
    with qtbot.waitSignal(window.session.worker.diverged, timeout=PATIENCE):
        press(window, "run_action")
    qtbot.waitUntil(lambda: window.session.state is RunState.PAUSED, timeout=PATIENCE)
    # Only then is the step made once more, to be recorded.
    qtbot.waitUntil(lambda: not window.session.worker.is_busy, timeout=PATIENCE)
    window.refresh()
    losses = shown_losses(window)
    recording = window.timeline.replay.recording
    assert recording is not None, "the step was recorded after the fact"
    assert recording.step == len(losses) - 1
    assert window.timeline.replay.player.cursor == first_not_finite(recording)
    assert not math.isfinite(losses[-1])
    assert math.isfinite(losses[0])
    assert "Lower the learning rate" in window.notice
    make_steps(qtbot, window, 1)


def test_a_failing_stage_is_shown_and_the_program_goes_on(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_steps(qtbot, window, 2)
    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "run", failing_run)
        patch.setattr(Trainer, "can_be_watched", False)
        with qtbot.waitSignal(window.session.worker.failed, timeout=PATIENCE):
            press(window, "run_action")
    assert window.session.state is RunState.FAILED
    assert "RuntimeError: no more" in window.notice
    assert len(shown_losses(window)) == 2
    make_steps(qtbot, window, 1)
    assert window.session.steps_made == 1


def failing_run(_trainer: Trainer, _until: object) -> None:
    raise RuntimeError("no\nmore")


def test_refreshing_writes_no_settings(qtbot: QtBot, window: MainWindow) -> None:
    window.session.choose_stage("dynamic")
    before = window.session.settings
    changes: list[Settings] = []
    window.session.settings_changed.connect(changes.append)
    make_steps(qtbot, window, 3)
    window.refresh()
    assert window.session.settings == before
    assert not changes


def test_the_window_comes_back_as_it_was(qtbot: QtBot) -> None:
    first = opened(qtbot, **SIZES)
    first.session.choose_stage("dynamic")
    first.session.choose("depth", (1, 2))
    header = find(first, LossPlot).header
    header.log.click()
    header.smooth[30].trigger()
    header.by_depth.trigger()
    smoothing = header.smoothing
    assert smoothing > 0
    # The screen of the tests is 800 pixels wide; a window that is wider comes back narrower.
    first.resize(first.width(), 640)
    first.close()
    second = MainWindow()
    qtbot.addWidget(second, before_close_func=lambda each: each.session.close(PATIENCE))
    assert second.session.settings == first.session.settings
    assert second.height() == first.height() == 640
    second.complete()
    plot = find(second, LossPlot)
    assert (plot.logarithmic, plot.smoothing) == (False, smoothing)
    assert (plot.in_seconds, plot.by_depth) == (False, True)
    assert not second.notice


DAMAGES = (
    *(
        "not a settings file \x00\x01",
        '{"version": 9}',
        "[]",
        '{"version": 1, "settings": 7}',
        '{"version": 1, "set',
    ),
    *('{"version": 1, "view": {"smoothing": -1}}', "[" * 100_000, " " * (1 << 21)),
)


@pytest.mark.parametrize("damage", DAMAGES, ids=range(len(DAMAGES)))
def test_a_damaged_settings_file_is_set_aside(qtbot: QtBot, damage: str) -> None:
    path = Preferences().path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(damage)
    window = MainWindow()
    qtbot.addWidget(window, before_close_func=lambda each: each.session.close(PATIENCE))
    assert "damaged" in window.notice
    asides = list(path.parent.glob("*.damaged-*"))
    assert [aside.read_text() for aside in asides] == [damage]
    assert window.session.settings == Settings()
    window.close()
    assert Preferences().load()[1] == ""


def test_closing_in_mid_run_and_in_mid_restart_ends_the_thread(qtbot: QtBot) -> None:
    for restart in (False, True):
        window = opened(qtbot, **SIZES)
        window.session.choose("steps", 1_000_000)
        press(window, "run_action")
        session = window.session
        wait_for_steps(qtbot, session)
        if restart:
            window.session.choose("hidden_size", 200)
        window.close()
        assert window.session.worker.isFinished()


@pytest.mark.parametrize("appearance", [Appearance.LIGHT, Appearance.DARK])
def test_the_theme_can_be_switched_while_training(
    qtbot: QtBot, window: MainWindow, appearance: Appearance
) -> None:
    make_steps(qtbot, window, 2)
    window.choose_appearance(appearance)
    image = window.grab().toImage()
    surface = theme_for(appearance).surface
    counts = sum(image.pixelColor(x, 100).name() == surface for x in range(image.width()))
    assert counts > image.width() / 4


def test_every_control_can_be_reached_by_keyboard_and_has_a_name(qtbot: QtBot, window: MainWindow) -> None:
    window.session.choose_stage("dynamic")
    make_steps(qtbot, window, 1)
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window, timeout=PATIENCE)
    reached: dict[str, str] = {}
    for _ in range(200):
        # On macOS, too, which would pass over buttons.
        window.focusNextPrevChild(True)
        focus = QApplication.focusWidget()
        assert focus is not None
        reached[focus.objectName()] = focus.accessibleName() or focus.toolTip()
    wanted = [*FIELDS.split(), "stage_list", "depth_least", "depth_most", "code_view", "step_slider"]
    wanted += ["run_button", "step_button", "reset_button", "graph_fit", "appearance_button"]
    assert {name: reached.get(name, "not reached") for name in wanted if not reached.get(name)} == {}


def test_optimizer_box_lists_what_torch_has(window: MainWindow) -> None:
    window.session.choose_stage("optim")
    box = find(window, QComboBox, "optimizer_box")
    assert isinstance(box, QComboBox)
    names = {box.itemText(index) for index in range(box.count())}
    assert {
        "SGD",
        "Adam",
        "AdamW",
        "RMSprop",
        "Adagrad",
        "Adadelta",
        "Adamax",
        "NAdam",
        "RAdam",
        "ASGD",
    } <= names
    assert "LBFGS" not in names


def test_selecting_a_traced_node_marks_its_line(qtbot: QtBot, window: MainWindow) -> None:
    window.session.choose_stage("tensor")
    make_steps(qtbot, window, 1)
    assert window.graph is not None
    node = window.graph.node("grad_w1")
    assert node is not None
    window.choose_node("grad_w1")
    code = window.findChild(QPlainTextEdit, "code_view")
    assert code is not None
    assert node.line is not None
    assert "grad_w1 =" in code.document().findBlockByNumber(node.line - 1).text()


def test_settings_are_kept_where_qsettings_says(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    window.close()
    assert Preferences().path.exists()
    assert Preferences().path.is_relative_to(tmp_path)
    plain = json.loads(Preferences().path.read_text())
    assert plain["settings"] == window.session.settings.to_plain()


def test_what_was_set_is_there_though_the_window_was_never_closed(qtbot: QtBot, window: MainWindow) -> None:
    window.session.choose("hidden_size", 17)
    window.choose_appearance(Appearance.DARK)

    def is_written() -> bool:
        remembered, problem = Preferences().load()
        assert not problem
        return remembered.settings.hidden_size == 17 and remembered.view.appearance == "dark"

    qtbot.waitUntil(is_written, timeout=PATIENCE)
    second = MainWindow()
    qtbot.addWidget(second, before_close_func=lambda each: each.session.close(PATIENCE))
    assert second.session.settings == window.session.settings
    assert second.view.options.appearance == "dark"


def test_no_code_is_run_by_opening_a_settings_file(tmp_path: Path) -> None:
    """Qt itself reads `@Variant(…)` with pickle where PySide wrote a Python object."""
    folder = Preferences().path.parent
    folder.mkdir(parents=True)
    trap = tmp_path / "opened"
    settings = QSettings(str(folder / "torch-playground.ini"), QSettings.Format.IniFormat)
    settings.setValue("window/geometry", _Trap(str(trap)))
    settings.setValue("run/settings", json.dumps(Settings(seed=7).to_plain()))
    settings.sync()
    shutil.copy(folder / "torch-playground.ini", folder / "preferences.ini")
    remembered, notice = Preferences().load()
    assert not trap.exists()
    # What an earlier version wrote as text is taken over.
    assert (remembered.settings.seed, notice) == (7, "")


class _Trap:
    def __init__(self, path: str) -> None:
        self._path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (self._path,)


@pytest.mark.skipif(os.name == "nt", reason="a file in place of the folder is another error there")
def test_a_folder_that_cannot_be_written_is_told_once(
    qtbot: QtBot, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = Preferences().path.parent
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("a file where the folder should be")
    window = MainWindow()
    qtbot.addWidget(window, before_close_func=lambda each: each.session.close(PATIENCE))
    assert "is not kept" in window.notice
    window.close()
    assert capfd.readouterr().err == ""
    assert folder.read_text() == "a file where the folder should be"


def wait_for_steps(qtbot: QtBot, session: Session) -> None:
    qtbot.waitUntil(lambda: session.steps_made > 5, timeout=PATIENCE)


def test_a_depth_range_of_33_structures_is_drawn(qtbot: QtBot, window: MainWindow) -> None:
    window.session.choose_stage("dynamic")
    window.session.choose("depth", (0, 32))
    window.session.choose("steps", 60)
    train_to_the_end(qtbot, window)
    qtbot.waitUntil(lambda: window.layout_is_there, timeout=PATIENCE)
    assert window.graph is not None
    QApplication.processEvents()
