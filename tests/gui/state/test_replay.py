"""Walking through a recorded step: one cursor, one chosen node, one marked line."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from playground.graph.model import Phase
from playground.stages import STAGES
from tests.gui.state.desk import PATIENCE, Desk
from ui.session.session import RunState


@pytest.mark.parametrize("stage", [stage.name for stage in STAGES])
def test_a_walk_passes_every_event_in_both_directions(qtbot: QtBot, desk: Desk, stage: str) -> None:
    desk.choose(stage=stage)
    recording = desk.make_step(qtbot)
    player = desk.timeline.replay.player
    # It begins at the end, with everything done.
    assert desk.now.cursor == len(recording.events) - 1
    there, back = [], []
    for number in range(len(recording.events)):
        player.go(number)
        there.append((desk.now.cursor, desk.now.event, desk.now.key))
    for number in reversed(range(len(recording.events))):
        player.go(number)
        back.append((desk.now.cursor, desk.now.event, desk.now.key))
    assert back == there[::-1]
    assert [event for _, event, _ in there] == list(recording.events)
    assert list(dict.fromkeys(event.phase for event in recording.events)) == list(Phase)


def test_playing_goes_to_the_end_by_itself(qtbot: QtBot, desk: Desk) -> None:
    recording = desk.make_step(qtbot)
    player = desk.timeline.replay.player
    player.go(0)
    player.set_speed(1000.0)
    with qtbot.waitSignals([player.playing_changed] * 2, timeout=PATIENCE):
        player.play(True)
    assert desk.now.cursor == len(recording.events) - 1


def test_a_chosen_node_leaves_the_cursor_where_it_is(qtbot: QtBot, desk: Desk) -> None:
    desk.make_step(qtbot)
    cursor = desk.now.cursor
    desk.timeline.replay.select("MmBackward0(w1)#1")
    assert (desk.now.key, desk.now.cursor) == ("MmBackward0(w1)#1", cursor)


def test_a_line_is_marked_until_it_is_marked_again(qtbot: QtBot, desk: Desk) -> None:
    line = desk.make_step(qtbot).events[3].line
    assert line is not None
    desk.timeline.replay.mark_line(line)
    assert desk.now.line == line
    desk.timeline.replay.mark_line(line)
    assert desk.now.line is None


def test_while_the_run_goes_on_no_recording_is_shown(qtbot: QtBot, desk: Desk) -> None:
    desk.choose(steps=1_000_000)
    first = desk.make_step(qtbot)
    desk.session.train()
    qtbot.waitUntil(lambda: desk.session.steps_made > 20, timeout=PATIENCE)
    assert desk.now.recording is None
    # One that is chosen stands still, and can be walked.
    desk.timeline.go_to(0)
    assert desk.recording is first
    desk.timeline.replay.player.go(0)
    assert desk.now.cursor == 0
    assert desk.session.state is RunState.RUNNING
    desk.timeline.follow(True)
    with qtbot.waitSignal(
        desk.session.worker.halted, timeout=PATIENCE, check_params_cb=lambda halt: halt.order.pausing
    ):
        desk.session.pause()
    assert desk.recording.step == desk.session.steps_made - 1


def test_a_reset_takes_the_recording_away(qtbot: QtBot, desk: Desk) -> None:
    desk.make_step(qtbot)
    desk.session.reset()
    assert (desk.now.recording, desk.now.cursor, desk.now.event) == (None, None, None)


@pytest.mark.parametrize("stage", ["autograd", "optim", "dynamic"])
def test_an_update_goes_through_the_parameters_one_by_one(qtbot: QtBot, desk: Desk, stage: str) -> None:
    desk.choose(stage=stage)
    desk.make_step(qtbot)
    recording = desk.make_step(qtbot)
    keys = []
    (update,) = [each for each in recording.phases() if each.phase is Phase.UPDATE]
    for number in update.events:
        desk.timeline.replay.player.go(number)
        keys.append(desk.now.key)
    # Whatever prepares an update, the optimizer's state too, belongs to the parameter that changes next.
    expected: list[str] = []
    key = ""
    for number in reversed(update.events):
        event = recording.events[number]
        for name in [change.parameter for change in event.changes]:
            parameter = recording.parameter(name)
            assert parameter is not None
            assert parameter.node is not None
            key = parameter.node
        expected.insert(0, event.label.removesuffix(".grad") if event.op == "zero_" else key)
    assert keys == expected


def test_another_stage_has_nothing_chosen_and_a_reset_keeps_it(qtbot: QtBot, desk: Desk) -> None:
    desk.make_step(qtbot)
    desk.timeline.replay.select("w1")
    desk.session.reset()
    assert desk.now.key == "w1"
    desk.choose(stage="nn")
    assert desk.now.key == ""
