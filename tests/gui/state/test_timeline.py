"""Which step of a run is shown, and what it is compared with."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from playground.graph.difference import difference
from playground.trainer import Trainer
from tests.gui.state.desk import PATIENCE, Desk
from ui.session.session import RunState
from ui.state.shown import Against

STEPS = 40


@pytest.fixture
def trained(qtbot: QtBot, desk: Desk) -> Desk:
    """DynamicNet after its run."""
    desk.choose(stage="dynamic", steps=STEPS)
    desk.train(qtbot)
    return desk


def wait_for_more(qtbot: QtBot, desk: Desk) -> None:
    made = desk.session.steps_made
    qtbot.waitUntil(lambda: desk.session.steps_made > made, timeout=PATIENCE)


def test_every_step_shows_the_graph_that_it_built(trained: Desk) -> None:
    again = Trainer(trained.session.settings)
    for step in range(STEPS):
        again.step()
        trained.timeline.go_to(step)
        now = trained.now
        assert (now.step, now.made, now.following) == (step, STEPS, False)
        assert now.graph == again.structures[again.history.structure(step)]
        assert now.depth == again.history.depth(step)
        assert now.structure == again.history.structure(step)


def test_a_step_beyond_the_run_is_its_last(trained: Desk) -> None:
    trained.timeline.go_to(10 * STEPS)
    assert trained.now.step == STEPS - 1


def test_a_graph_variant_leads_to_its_newest_step(trained: Desk) -> None:
    run = trained.session.run
    assert run is not None
    for structure in range(len(run.structures)):
        trained.timeline.go_to_structure(structure)
        newest = max(step for step in range(STEPS) if run.history.structure(step) == structure)
        assert trained.now.step == newest
    before = trained.now
    trained.timeline.go_to_structure(len(run.structures))
    assert trained.now is before


def test_a_step_stays_in_sight_while_the_run_goes_on(qtbot: QtBot, trained: Desk) -> None:
    trained.choose(steps=5_000_000)
    trained.timeline.go_to(11)
    trained.session.train()
    qtbot.waitUntil(lambda: trained.session.steps_made > STEPS + 20, timeout=PATIENCE)
    assert trained.now.step == 11
    assert trained.session.state is RunState.RUNNING
    trained.timeline.follow(True)
    assert trained.now.following
    assert (trained.now.step or 0) > STEPS
    trained.timeline.follow(False)
    kept = trained.now.step
    wait_for_more(qtbot, trained)
    assert trained.now.step == kept
    trained.session.pause()


def test_every_look_is_of_one_step(qtbot: QtBot, trained: Desk) -> None:
    """Whatever the worker does meanwhile: the parts of a Shown belong to its step."""
    trained.choose(steps=100_000)
    trained.session.train()
    for _ in range(30):
        wait_for_more(qtbot, trained)
        trained.look()
    trained.session.pause()
    assert len({each.step for each in trained.seen}) > 20
    for each in trained.seen:
        if each.step is not None and each.run is not None:
            history = each.run.history
            assert each.depth == history.depth(each.step)
            assert each.graph is each.run.structures[history.structure(each.step)]
            assert each.step < each.made <= history.length


def test_a_look_without_a_change_shows_nothing_anew(trained: Desk) -> None:
    trained.look()
    seen = len(trained.seen)
    trained.look()
    assert len(trained.seen) == seen
    trained.timeline.show_again()
    assert len(trained.seen) == seen + 1


def test_the_graph_is_compared_with_a_pinned_step(trained: Desk) -> None:
    run = trained.session.run
    assert run is not None
    depths = list(run.history.depths())
    shallow, deep = depths.index(1), depths.index(3)
    trained.timeline.go_to(shallow)
    before = trained.now.graph
    trained.timeline.compare("pinned")
    assert trained.now.compared is before
    trained.timeline.go_to(deep)
    now = trained.now
    assert (now.against, now.pinned, now.compared_step) == (Against.PINNED, shallow, shallow)
    assert now.compared is before
    assert before is not None
    assert now.graph is not None
    assert "AddmmBackward0(middle_linear)#3" in difference(before, now.graph).appeared
    trained.timeline.compare("nothing")
    assert trained.now.compared is None


def test_the_graph_is_compared_with_the_step_before(trained: Desk) -> None:
    trained.timeline.compare("before")
    run = trained.session.run
    assert run is not None
    for step in (1, 7, STEPS - 1):
        trained.timeline.go_to(step)
        assert trained.now.compared is run.structures[run.history.structure(step - 1)]
        assert trained.now.compared_step == step - 1
    # The first step has none before it.
    trained.timeline.go_to(0)
    assert trained.now.compared is None


def test_a_new_run_has_no_chosen_step_and_no_comparison(qtbot: QtBot, trained: Desk) -> None:
    trained.timeline.go_to(3)
    trained.timeline.compare("before")
    trained.session.reset()
    assert (trained.now.step, trained.now.graph, trained.now.against) == (None, None, Against.NOTHING)
    trained.make_step(qtbot)
    assert (trained.now.step, trained.now.following, trained.now.compared) == (0, True, None)


def test_the_film_counts_what_the_run_has_built(trained: Desk) -> None:
    film, run = trained.now.film, trained.session.run
    assert film is not None
    assert run is not None
    depths = list(run.history.depths())
    assert [(each.depth, each.count) for each in film.depths] == [
        (depth, depths.count(depth)) for depth in sorted(set(depths))
    ]
    assert list(film.newest_depths) == depths
    assert list(film.losses) == list(run.history.losses())


def test_a_stage_whose_graph_does_not_change_has_no_film(qtbot: QtBot, desk: Desk) -> None:
    desk.choose(stage="autograd")
    desk.train(qtbot)
    assert (desk.now.has_film, desk.now.film, desk.now.depth) == (False, None, None)


def test_a_step_that_was_not_recorded_is_recorded_afterwards(qtbot: QtBot, trained: Desk) -> None:
    trained.timeline.go_to(11)
    assert trained.now.recording is None
    with qtbot.waitSignal(trained.session.recorded, timeout=PATIENCE):
        trained.timeline.record_shown()
    assert trained.recording.step == 11
    run = trained.session.run
    assert run is not None
    assert trained.recording.loss == run.history.loss(11)


def test_showing_again_never_shows_a_run_that_has_been_replaced(qtbot: QtBot, desk: Desk) -> None:
    """The graphs of the older run are there no more, as when the colors change right after a restart."""
    desk.choose(stage="dynamic")
    desk.train(qtbot)
    desk.session.reset()
    qtbot.waitUntil(lambda: desk.session.run is not None, timeout=PATIENCE)
    desk.timeline.show_again()
    assert desk.seen[-1].run is desk.session.run
