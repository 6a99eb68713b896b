"""The shared start in the session: real runs that agree, ways back, what is remembered, and what is said."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QCheckBox, QComboBox
from pytestqt.qtbot import QtBot

from playground.settings import Settings, SettingsError, make_settings
from playground.stages import STAGES
from tests.engine.plain_loops import plain_losses
from ui.session.session import RunState, Session
from ui.shell.window import MainWindow

PATIENCE = 30_000
SIZES = {"batch_size": 8, "input_size": 20, "hidden_size": 10, "output_size": 3}
Notices = list[tuple[str, str]]


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    """A session with torch loaded and a small network."""
    session = Session(make_settings(**SIZES))
    with qtbot.waitSignal(session.worker.optimizers_found, timeout=PATIENCE):
        session.start()
    yield session
    assert session.close(PATIENCE)


@pytest.fixture
def notices(session: Session) -> Notices:
    """Levels and texts of everything that the session says."""
    notices: Notices = []
    session.noticed.connect(lambda level, text, details, hint: notices.append((level, text)))
    return notices


def losses(qtbot: QtBot, session: Session, steps: int) -> list[float]:
    """Losses of the first steps of the present run."""
    while session.steps_made < steps:
        with qtbot.waitSignal(session.worker.halted, timeout=PATIENCE):
            session.make_one_step()
    assert session.run is not None
    return [float(loss) for loss in session.run.history.losses()[:steps]]


def of_document(stage: str, steps: int) -> list[float]:
    return plain_losses(stage, 0, steps, (8, 20, 10, 3))


# Real runs


def test_all_stages_begin_with_one_loss(qtbot: QtBot, session: Session) -> None:
    session.choose_start(True, None)
    first = {}
    for stage in STAGES:
        session.choose_stage(stage.name)
        [first[stage.name]] = losses(qtbot, session, 1)
    document = of_document("numpy", 1)[0]
    assert first == {stage.name: pytest.approx(document, rel=1e-14) for stage in STAGES}


def test_numpy_and_autograd_stay_together(qtbot: QtBot, session: Session) -> None:
    session.choose_start(True, "float64")
    autograd = losses(qtbot, session, 5)
    session.choose_stage("numpy")
    assert losses(qtbot, session, 5) == pytest.approx(autograd, rel=1e-12)
    assert len(set(autograd)) == 5


@pytest.mark.parametrize("stage", ["autograd", "nn", "optim", "dynamic"])
def test_the_way_back_leads_to_the_documents_losses(qtbot: QtBot, session: Session, stage: str) -> None:
    session.choose_stage(stage)
    before = session.settings
    session.choose_start(True, None)
    assert losses(qtbot, session, 2) != of_document(stage, 2)
    session.choose_start(False, None)
    assert session.settings == before
    assert losses(qtbot, session, 3) == of_document(stage, 3)


def test_other_numbers_change_the_last_digits_only(qtbot: QtBot, session: Session) -> None:
    session.choose_start(True, "float32")
    [single] = losses(qtbot, session, 1)
    session.choose_start(True, "float64")
    [double] = losses(qtbot, session, 1)
    assert single != double
    assert single == pytest.approx(double, rel=1e-5)


# What is kept


def test_the_shared_start_fills_in_what_belongs_to_it(session: Session) -> None:
    session.choose_stage("optim")
    session.choose("seed", 7)
    session.choose_start(True, None)
    assert session.settings == make_settings(stage="optim", seed=7, same_start=True, **SIZES)
    assert session.settings.dtype == "float64"
    assert session.settings.depth == (0, 0)


def test_another_stage_keeps_start_and_numbers(session: Session) -> None:
    session.choose_start(True, "float32")
    for stage in STAGES:
        session.choose_stage(stage.name)
        assert session.settings == make_settings(stage=stage.name, same_start=True, dtype="float32", **SIZES)


def test_each_start_has_its_own_numbers_of_a_stage(session: Session) -> None:
    session.choose_stage("optim")
    session.choose("optimizer", "Adagrad")
    session.choose_options({"lr_decay": 0.5})
    session.choose("learning_rate", 0.25)
    session.choose("depth", (2, 5))
    apart = session.settings
    session.choose_start(True, None)
    session.choose("learning_rate", 3e-6)
    session.choose_options({"momentum": 0.5})
    shared = session.settings
    assert (shared.optimizer, shared.depth) == ("SGD", (0, 0))
    session.choose_start(False, None)
    assert session.settings == apart
    session.choose_start(True, None)
    assert session.settings == shared


def test_a_stage_left_with_a_shared_start_is_its_own_again_without(session: Session) -> None:
    session.choose_start(True, None)
    session.choose("learning_rate", 3e-6)
    session.choose_stage("optim")
    session.choose_start(False, None)
    session.choose_stage("autograd")
    assert session.settings == make_settings(**SIZES)
    session.choose_start(True, None)
    assert session.settings.learning_rate == 3e-6


@pytest.mark.parametrize("same_start", [False, True])
def test_other_numbers_leave_everything_else(session: Session, same_start: bool) -> None:
    session.choose_stage("dynamic")
    session.choose_start(same_start, None)
    session.choose("learning_rate", 2e-6)
    session.choose("depth", (0, 1))
    session.choose_options({"nesterov": True, "momentum": 0.75})
    before = session.settings
    session.choose_start(same_start, "float32")
    assert session.settings == Settings(**{**before.model_dump(), "dtype": "float32"})


@pytest.mark.parametrize("left", [False, True])
def test_the_documents_values_are_those_without_a_shared_start(session: Session, left: bool) -> None:
    session.choose_stage("dynamic")
    session.choose("depth", (1, 2))
    session.choose_start(True, "float32")
    session.choose("learning_rate", 3e-6)
    session.choose("depth", (0, 1))
    if left:
        session.choose_start(False, None)
    session.choose_defaults()
    assert session.settings == make_settings(stage="dynamic")
    # What had been remembered of either start is forgotten too.
    session.choose_start(True, None)
    assert session.settings == make_settings(stage="dynamic", same_start=True)
    session.choose_start(False, None)
    assert session.settings == make_settings(stage="dynamic")


# What is said


def test_a_run_under_way_starts_again_and_says_so(qtbot: QtBot, session: Session, notices: Notices) -> None:
    session.choose("steps", 10_000_000)
    session.train()
    session.choose_start(True, "float32")
    session.choose_start(True, "float64")
    session.choose_start(False, None)
    session.choose_start(False, "float32")
    assert session.state is RunState.RUNNING
    assert notices == [
        ("info", "Same start on; training started again."),
        ("info", "Dtype float32 → float64; training started again."),
        ("info", "Same start off; training started again."),
        ("info", "Dtype default → float32; training started again."),
    ]


@pytest.mark.parametrize("stage", ["autograd", "optim"])
def test_a_run_that_stands_goes_back_to_its_beginning(
    qtbot: QtBot, session: Session, notices: Notices, stage: str
) -> None:
    session.choose_stage(stage)
    losses(qtbot, session, 1)
    # Another optimizer comes with the start, which goes without saying.
    session.choose_start(True, None)
    assert notices == [("info", "Same start on; training reset.")]
    assert session.steps_made == 0


def test_a_number_that_an_optimizer_reads_at_the_start_is_told(
    qtbot: QtBot, session: Session, notices: Notices
) -> None:
    session.choose_stage("optim")
    session.choose("optimizer", "Adagrad")
    losses(qtbot, session, 1)
    session.choose_options({"initial_accumulator_value": 0.5})
    assert notices == [("info", "Optimizer's numbers; training reset.")]


def test_another_depth_is_told_once(session: Session, notices: Notices) -> None:
    session.choose_stage("dynamic")
    session.choose("depth", (0, 2))
    assert notices == []
    session.choose_start(True, None)
    assert notices == []
    for high in (1, 2, 3):
        session.choose("depth", (0, high))
    session.choose("learning_rate", 2e-6)
    assert [level for level, _ in notices] == ["info"]
    assert "depth 0:1" in notices[0][1]
    # It is told again where it begins again.
    session.choose_stage("autograd")
    session.choose_stage("dynamic")
    assert len(notices) == 2
    assert "depth 0:3" in notices[1][1]


def test_a_device_that_lacks_the_numbers_is_told(session: Session, notices: Notices) -> None:
    session.choose("device", "mps")
    before = session.settings
    shown: list[Settings] = []
    session.settings_changed.connect(shown.append)
    session.choose_start(True, None)
    with pytest.raises(SettingsError) as refusal:
        make_settings(device="mps", same_start=True)
    assert notices == [("warning", str(refusal.value).capitalize())]
    assert shown == [before]
    session.choose_start(True, "float32")
    assert session.settings.same_start


# The way from the panel


def test_the_panels_switch_reaches_the_run(qtbot: QtBot) -> None:
    window = MainWindow()
    qtbot.addWidget(window, before_close_func=lambda each: each.session.close(PATIENCE))
    switch = window.findChild(QCheckBox, "same_start")
    numbers = window.findChild(QComboBox, "dtype_box")
    assert switch is not None
    assert numbers is not None
    switch.click()
    assert window.session.settings.same_start
    assert numbers.currentText() == "float64"
    numbers.setCurrentIndex(0)
    assert window.session.settings.dtype == "float32"
    switch.click()
    assert window.session.settings == make_settings()
    assert numbers.currentText() == "default"
    # Nothing else holds it, and its thread must end before it goes.
    window.close()
