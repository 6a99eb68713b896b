"""Session and state under random use, without a window: whatever is done, in whatever order, they agree."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from playground.graph.model import Graph
from playground.graph.sharing import original
from playground.settings import Settings, make_settings
from playground.stages import STAGES
from playground.trainer import Trainer
from ui.session.orders import Halted, Run
from ui.session.session import RunState, Session
from ui.state.runs import Runs
from ui.state.shown import Against, Shown
from ui.state.timeline import Timeline

PATIENCE = 30_000
SMALL = {"batch_size": 4, "input_size": 6, "hidden_size": 5, "output_size": 2}
COMPARED = 40
"""Steps of a run that are made once more by a trainer of the test's own."""

SETTINGS = st.one_of(
    st.tuples(st.sampled_from(tuple(SMALL)), st.integers(1, 9)),
    st.tuples(st.just("steps"), st.sampled_from((1, 5, 40, 1_000_000))),
    st.tuples(st.just("seed"), st.integers(0, 3)),
    st.tuples(st.just("learning_rate"), st.sampled_from((1e-6, 1e-3, 1e30))),
    st.tuples(st.just("depth"), st.sampled_from(((0, 0), (0, 3), (2, 2), (1, 5)))),
    st.tuples(st.just("dtype"), st.sampled_from((None, "float32", "float64"))),
    st.tuples(st.just("optimizer"), st.sampled_from(("SGD", "Adam", "Adagrad"))),
    st.tuples(st.just("threads"), st.integers(0, 2)),
)
MOSTLY = st.sampled_from((True, True, False))
NOT_ALLOWED = st.sampled_from(
    (
        *(("batch_size", 0), ("hidden_size", "abc"), ("output_size", 1.5), ("steps", -1), ("depth", (3, 1))),
        *(("learning_rate", float("nan")), ("stage", "pytorch"), ("seed", True)),
        ("optimizer_options", {"momentum": "much"}),
    )
)


def makes(chosen: Settings) -> object:
    """What the losses of a run depend on."""
    return chosen.model_dump(exclude={"steps", "threads"})


@cache
def made_alone(chosen: Settings) -> tuple[tuple[str, ...], tuple[Graph, ...]]:
    """Losses, so that NaN equals NaN, and graphs of the first steps, without session and worker."""
    trainer = Trainer(chosen)
    losses = tuple(repr(float(trainer.step())) for _ in range(COMPARED))
    return losses, tuple(trainer.structures[number] for number in trainer.history.structures())


class Use(RuleBasedStateMachine):
    """A user without a window; the next action may come before the worker has done what the last one asks."""

    def __init__(self, qtbot: QtBot) -> None:
        super().__init__()
        self._qtbot = qtbot
        self._capture = qtbot.capture_exceptions()
        self._exceptions = self._capture.__enter__()

    def teardown(self) -> None:
        try:
            if hasattr(self, "session"):
                self._end()
        finally:
            self._capture.__exit__(None, None, None)

    @initialize(stage=st.sampled_from(("dynamic", "autograd", "dynamic", "numpy")), is_trained=st.booleans())
    def open(self, stage: str, is_trained: bool) -> None:
        self.session = Session(make_settings(**SMALL, stage=stage, steps=40))
        self.timeline = Timeline(self.session)
        self.runs = Runs(self.session)
        self.timeline.changed.connect(self.timeline.look)
        self.session.run_changed.connect(self.timeline.show_run)
        self.session.run_changed.connect(self._take_run)
        self.session.settings_changed.connect(self._take_settings)
        self.session.worker.halted.connect(self._take_halt)
        self.told: Settings = self.session.settings
        self.halt: Halted | None = None
        self.asked_for = self.made = 0
        self.runs_stood: list[tuple[Settings, Run, int]] = []
        self.is_of_one_make = True
        self.session.start()
        self._go_on(is_trained)

    def _end(self) -> None:
        assert self.session.close(PATIENCE)
        self.timeline.close()
        QCoreApplication.processEvents()
        assert not self.session.worker.isRunning()
        # Only now: a trainer draws from the random numbers of the whole program.
        for chosen, run, made in self.runs_stood:
            losses, graphs = made_alone(chosen)
            stood = min(made, COMPARED)
            assert tuple(map(repr, run.history.losses(0, stood).tolist())) == losses[:stood]
            built = tuple(run.structures[number] for number in run.history.structures(0, stood))
            assert built == graphs[:stood]
        self.session.deleteLater()

    def _take_run(self, run: Run | None) -> None:
        if run is None:
            self.asked_for += 1
            self.made, self.is_of_one_make = 0, True
        else:
            assert run.number == self.asked_for

    def _take_settings(self, chosen: Settings) -> None:
        self.is_of_one_make = self.is_of_one_make and makes(chosen) == makes(self.told)
        self.told = chosen

    def _take_halt(self, halt: Halted) -> None:
        self.halt = halt

    # What the user does

    @rule(waits=st.booleans())
    def train(self, waits: bool) -> None:
        self.session.train()
        assert self.session.state is RunState.RUNNING
        if waits:
            made = self.session.steps_made
            self._wait(
                lambda: self.session.state is not RunState.RUNNING or self.session.steps_made > made + 3
            )

    @rule(waits=st.booleans())
    def pause(self, waits: bool) -> None:
        self.session.pause()
        assert self.session.state is not RunState.RUNNING
        if waits:
            self._let_it_stand()

    @rule(waits=st.booleans())
    def make_one_step(self, waits: bool) -> None:
        self.session.make_one_step()
        if waits and self.session.state is not RunState.RUNNING:
            self._let_it_stand()

    @rule()
    def reset(self) -> None:
        self.session.reset()
        assert self.session.steps_made == 0

    @rule(stage=st.sampled_from([stage.name for stage in STAGES]), trains=MOSTLY)
    def choose_stage(self, stage: str, trains: bool) -> None:
        self.session.choose_stage(stage)
        assert self.session.settings.stage == stage
        self._go_on(trains)

    @rule(chosen=SETTINGS, trains=MOSTLY)
    def choose(self, chosen: tuple[str, object], trains: bool) -> None:
        name, value = chosen
        self.session.choose(name, value)
        self._go_on(trains)

    @rule(chosen=NOT_ALLOWED)
    def choose_what_is_not_allowed(self, chosen: tuple[str, object]) -> None:
        before, run = self.session.settings, self.session.run
        with self._qtbot.waitSignals([self.session.noticed, self.session.settings_changed], timeout=PATIENCE):
            self.session.choose(*chosen)
        assert (self.session.settings, self.session.run) == (before, run)

    @rule(same=st.booleans(), dtype=st.sampled_from((None, "float32", "float64")), trains=MOSTLY)
    def choose_start(self, same: bool, dtype: str | None, trains: bool) -> None:
        self.session.choose_start(same, dtype)
        self._go_on(trains)

    @rule(chosen=st.sampled_from((("device", "xpu:99"), ("optimizer", "Adamant"))))
    def choose_what_the_worker_refuses(self, chosen: tuple[str, object]) -> None:
        """Takes it back at once: an order of the same run that overtakes a refusal is answered as well."""
        name, value = chosen
        before = getattr(self.session.settings, name)
        self.session.choose(name, value)
        self.what_is_shown_agrees_with_itself()
        self.session.choose(name, before)

    @rule(trains=MOSTLY)
    def choose_defaults(self, trains: bool) -> None:
        self.session.choose_defaults()
        for name, value in SMALL.items():
            self.session.choose(name, value)
        self._go_on(trains)

    @rule(every=st.integers(0, 5))
    def record_every(self, every: int) -> None:
        self.session.record_every(every)

    @rule(step=st.integers(0, 45))
    def look_at_a_step(self, step: int) -> None:
        self.timeline.go_to(step)

    @rule(newest=st.booleans(), structure=st.integers(0, 3))
    def follow(self, newest: bool, structure: int) -> None:
        self.timeline.go_to_structure(structure)
        self.timeline.follow(newest)

    @rule(against=st.sampled_from(list(Against)), repeats=st.booleans())
    def draw_otherwise(self, against: Against, repeats: bool) -> None:
        self.timeline.compare(against)
        self.timeline.repeat_shared(repeats)

    @rule(number=st.integers(-1, 60), plays=st.booleans(), key=st.sampled_from(("", "w1", "no such node")))
    def walk(self, number: int, plays: bool, key: str) -> None:
        player = self.timeline.replay.player
        player.play(plays)
        player.go(number)
        player.next()
        self.timeline.replay.mark_line(number)
        self.timeline.replay.select(key)

    @rule(step=st.integers(0, 45), waits=st.booleans())
    def ask_for_a_recording(self, step: int, waits: bool) -> None:
        self.session.pause()
        if waits:
            self._let_it_stand()
        self.timeline.go_to(step)
        self.timeline.record_shown()
        if waits and self.session.steps_made and self.session.state is not RunState.FAILED:
            self._wait(
                lambda: self.timeline.latest is not None and self.timeline.latest.recording is not None
            )

    @rule(index=st.integers(0, 2), is_cancelled=st.booleans())
    def ask_for_a_slope(self, index: int, is_cancelled: bool) -> None:
        self.session.ask_gradient_check(self.session.steps_made - 1, "w2", (index, 0), 1e-3)
        if is_cancelled:
            self.session.cancel_request()

    @rule()
    def close_and_open(self) -> None:
        self._end()
        self.open(self.told.stage, True)

    # What comes of it, when it is waited for

    def _go_on(self, trains: bool) -> None:
        """Makes some steps, so that what comes next finds some, and stands still."""
        if trains:
            self.train(True)
            self.pause(True)

    def _let_it_stand(self) -> None:
        """The worker has carried out the newest order: it has these settings, and has made these steps."""
        self._wait(self._stands)
        if self.session.state is RunState.FAILED:
            return
        run = self.session.run
        assert self.halt is not None
        assert run is not None
        assert self.halt.order.settings == self.session.settings
        assert self.halt.steps == self.session.steps_made
        if self.is_of_one_make:
            self.runs_stood.append((self.session.settings, run, self.session.steps_made))

    def _stands(self) -> bool:
        if self.session.state is RunState.FAILED:
            return True
        return self.halt is not None and self.halt.order is self.session._order

    def _wait(self, reached: Callable[[], bool]) -> None:
        self._qtbot.waitUntil(reached, timeout=PATIENCE)

    # What must hold after each action

    @invariant()
    def nothing_is_raised(self) -> None:
        QCoreApplication.processEvents()
        assert self._exceptions == []

    @invariant()
    def the_run_only_grows(self) -> None:
        assert self.told == self.session.settings
        made = self.session.steps_made
        assert made >= self.made
        self.made = made
        run, entry = self.session.run, self.runs.present
        if run is not None:
            assert run.number == self.asked_for
            assert entry is not None
            assert (entry.history, entry.settings) == (run.history, self.session.settings)

    @invariant()
    def what_is_shown_agrees_with_itself(self) -> None:
        self.timeline.look()
        self.runs.look(self.session.steps_made)
        now = self.timeline.latest
        assert now is not None
        assert now.run is self.session.run
        assert now.state is self.session.state
        assert not now.failed
        assert now.made <= self.session.steps_made
        if now.run is None or not now.made:
            assert (now.step, now.graph, now.recording, now.film) == (None, None, None, None)
            return
        self._step_agrees(now, now.run)

    def _step_agrees(self, now: Shown, run: Run) -> None:
        step, history = now.step, run.history
        assert step is not None
        assert 0 <= step < now.made
        assert step == (now.made - 1 if now.following else min(self.timeline.chosen or 0, now.made - 1))
        depth = history.depth(step)
        assert now.depth == (depth if self.session.settings.program.has_depth else None)
        assert now.structure == history.structure(step)
        assert is_drawn(now.graph, run.structures[now.structure])
        assert now.graph is not None
        if now.depth is not None:
            # One after the input layer, and one after each use of the middle layer.
            assert sum(node.op.startswith("Clamp") for node in now.graph.nodes) == now.depth + 1
        if now.layout is not None:
            assert {node.key for node in now.graph.nodes} <= set(now.layout.boxes)
        if now.compared is not None:
            assert is_drawn(now.compared, run.structures[history.structure(now.compared_step)])
        if now.film is not None:
            assert now.film.first + len(now.film.newest) == now.made
            assert now.film.newest[-1] == history.structure(now.made - 1)
        if now.recording is not None:
            assert now.state is not RunState.RUNNING or not now.following
            assert (now.recording.step, now.recording.depth) == (step, now.depth)
            assert repr(now.recording.loss) == repr(history.loss(step))
            assert now.cursor is not None
            assert 0 <= now.cursor < len(now.recording.events)


def is_drawn(drawn: Graph | None, built: Graph) -> bool:
    """Whether this is the graph that was built, but for copies of what is used several times."""
    if drawn is None:
        return False
    return {(original(each.key), each.op) for each in drawn.nodes} == {
        (each.key, each.op) for each in built.nodes
    }


def test_random_use_contradicts_nothing(qtbot: QtBot) -> None:
    class Here(Use):
        def __init__(self) -> None:
            super().__init__(qtbot)

    run_machine(
        Here,
        settings=settings(
            max_examples=16,
            stateful_step_count=30,
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
