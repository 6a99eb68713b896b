"""The list of runs: numbers, names, colors, memory, time, and what runs differ in."""

from __future__ import annotations

import math
import tracemalloc
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from playground.graph.model import Edge, Graph, Node, NodeKind
from playground.history import NO_DEPTH, History
from playground.runs.archive import (
    BYTES_PER_EDGE,
    BYTES_PER_NODE,
    BYTES_PER_STEP,
    RunArchive,
    eviction_notice,
)
from playground.runs.changes import changes_between
from playground.runs.clock import MOST_SAMPLES, RunClock
from playground.runs.entry import SHORT, STATES, RunEntry
from playground.runs.settings_table import NOT_THERE, SettingsRow, differences
from playground.settings import Settings, make_settings

STEPS = 1000
"""Made by each run of `kept`."""


def history_of(steps: int) -> History:
    history = History(steps)
    for step in range(steps):
        history.append(1.0 / (step + 1), NO_DEPTH, 0)
    return history


def graph_of(nodes: int) -> Graph:
    made = (
        Node(i, "AddmmBackward0", NodeKind.OPERATION, f"AddmmBackward0(middle_linear)#{i}", (64, 100 + i))
        for i in range(nodes)
    )
    return Graph(tuple(made), tuple(Edge(i, i + 1, 0) for i in range(nodes - 1)))


def begin(
    archive: RunArchive,
    number: int,
    made: int = STEPS,
    structures: Sequence[Graph] = (),
    **settings: object,
) -> RunEntry:
    return archive.begin(number, make_settings(**settings), history_of(made), structures)


def kept(count: int, budget: int = 1_000_000) -> RunArchive:
    """An archive of runs 0, 1, …"""
    archive = RunArchive(budget)
    for number in range(count):
        begin(archive, number)
    return archive


def numbers(entries: Sequence[RunEntry]) -> list[int]:
    return [entry.number for entry in entries]


def entry_of(archive: RunArchive, number: int) -> RunEntry:
    entry = archive.get(number)
    assert entry is not None
    return entry


def test_an_archive_starts_empty() -> None:
    archive = RunArchive()
    assert (archive.entries, archive.present, archive.get(0)) == ((), None, None)
    assert (archive.nbytes, archive.summary()) == (0, "0 runs, 0.0 of 200 MB")


def test_runs_are_listed_in_order_and_found_by_number() -> None:
    archive = RunArchive()
    for number in (2, 3, 7):
        begin(archive, number, made=number)
    assert numbers(archive.entries) == [2, 3, 7]
    assert archive.present == 7
    assert entry_of(archive, 3).steps == 3
    assert archive.get(4) is None
    archive.remove(3)
    assert numbers(archive.entries) == [2, 7]
    assert entry_of(archive, 7).steps == 7


def test_an_entry_tells_how_far_its_run_has_come() -> None:
    archive = RunArchive()
    entry = begin(archive, 0, made=0)
    assert (entry.steps, entry.loss) == (0, None)
    entry.history.append(4.5, NO_DEPTH, 0)
    assert (entry.steps, entry.loss) == (1, 4.5)


@pytest.mark.parametrize(("stage", "name"), [("autograd", "autograd 3"), ("dynamic", "dynamic 3")])
def test_a_run_is_called_by_its_stage_and_number(stage: str, name: str) -> None:
    assert begin(RunArchive(), 3, stage=stage).name == name


@pytest.mark.parametrize("number", [-1, 0, 1])
def test_a_number_that_cannot_be_is_refused_and_changes_nothing(number: int) -> None:
    archive = kept(2)
    before = archive.entries
    with pytest.raises(ValueError, match=f"run {number} cannot begin"):
        begin(archive, number)
    assert archive.entries is before


def test_a_run_without_a_step_makes_way_for_the_next() -> None:
    archive = kept(1)
    for number in range(1, 6):
        begin(archive, number, made=0, seed=number)
    assert numbers(archive.entries) == [0, 5]
    assert entry_of(archive, 5).settings.seed == 5
    entry_of(archive, 5).history.append(1.0, NO_DEPTH, 0)
    begin(archive, 6, made=0)
    assert numbers(archive.entries) == [0, 5, 6]


def test_what_was_said_of_an_empty_run_holds_for_the_one_in_its_place() -> None:
    archive = kept(3)
    begin(archive, 3, made=0)
    archive.remove(0)
    archive.rename(3, "small steps")
    archive.set_pinned(3, True)
    fresh = begin(archive, 4)
    assert (fresh.name, fresh.color, fresh.pinned) == ("small steps", 3, True)
    assert entry_of(archive, 4) is fresh
    begin(archive, 5, made=0)
    assert begin(archive, 6).name == "autograd 6"


def test_a_run_that_has_been_left_is_not_running_any_more() -> None:
    archive = kept(1)
    archive.set_state(0, "running")
    begin(archive, 1)
    archive.set_state(1, "finished")
    begin(archive, 2)
    assert [entry.state for entry in archive.entries] == ["paused", "finished", "paused"]


def test_colors_are_the_smallest_that_are_free_and_stay() -> None:
    archive = kept(4)
    archive.remove(1)
    assert begin(archive, 4).color == 1
    assert begin(archive, 5).color == 4
    assert [entry.color for entry in archive.entries] == [0, 2, 3, 1, 4]


def test_colors_go_on_when_all_eight_are_taken() -> None:
    assert [entry.color for entry in kept(10).entries] == list(range(10))


@pytest.mark.parametrize(
    ("given", "name"),
    [("a", "a"), ("  two\n words ", "two words"), ("x" * 60, "x" * 60), ("Größe ✓", "Größe ✓")],
)
def test_a_run_takes_a_name(given: str, name: str) -> None:
    archive = kept(2)
    archive.rename(0, given)
    assert [entry.name for entry in archive.entries] == [name, "autograd 1"]
    archive.rename(1, given)
    assert entry_of(archive, 1).name == name


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("", "name: a blank one is not allowed; allowed: 1 to 60 characters"),
        (" \n\t", "name: a blank one is not allowed; allowed: 1 to 60 characters"),
        ("x" * 61, "has 61 characters; allowed: 1 to 60 characters"),
        ("x" * 100_000, "has 100000 characters; allowed: 1 to 60 characters"),
    ],
)
def test_a_bad_name_is_refused_in_one_line(given: str, told: str) -> None:
    archive = kept(1)
    with pytest.raises(ValueError, match=r"^name: ") as refusal:
        archive.rename(0, given)
    message = str(refusal.value)
    assert message.endswith(told)
    assert len(message) < 150
    assert entry_of(archive, 0).name == "autograd 0"


def test_a_change_makes_another_entry_and_no_change_makes_none() -> None:
    archive = kept(2)
    first, second = archive.entries
    archive.set_visible(1, False)
    archive.set_pinned(1, True)
    archive.set_state(1, "failed")
    archive.set_settings(1, make_settings(learning_rate=0.5))
    archive.set_recordings_nbytes(1, 12)
    changed = archive.entries
    assert changed[0] is first
    assert changed[1] is not second
    assert (changed[1].visible, changed[1].pinned, changed[1].state) == (False, True, "failed")
    assert (changed[1].settings.learning_rate, changed[1].recordings_nbytes) == (0.5, 12)
    assert (changed[1].history, changed[1].clock) == (second.history, second.clock)
    assert (second.visible, second.state) == (True, "paused")
    archive.set_visible(1, False)
    archive.set_pinned(1, True)
    archive.set_state(1, "failed")
    archive.set_settings(1, make_settings(learning_rate=0.5))
    archive.set_recordings_nbytes(1, 12)
    assert archive.entries is changed


def test_a_state_that_is_none_is_refused() -> None:
    archive = kept(1)
    for state in STATES:
        archive.set_state(0, state)
    with pytest.raises(ValueError, match="'asleep'; allowed: paused, running, finished, failed"):
        archive.set_state(0, "asleep")


def test_the_present_run_cannot_be_removed() -> None:
    archive = kept(2)
    with pytest.raises(ValueError, match="'autograd 1' is the present one"):
        archive.remove(1)
    assert numbers(archive.entries) == [0, 1]


def test_a_run_that_is_not_there_is_refused() -> None:
    archive = kept(2)
    archive.remove(0)
    changes: tuple[Callable[[], None], ...] = (
        lambda: archive.remove(0),
        lambda: archive.rename(0, "name"),
        lambda: archive.set_visible(0, False),
        lambda: archive.set_pinned(0, True),
        lambda: archive.set_state(0, "failed"),
        lambda: archive.set_settings(0, Settings()),
    )
    for change in changes:
        with pytest.raises(ValueError, match="run 0 is not listed"):
            change()


# Memory


def test_the_bytes_of_a_step_are_those_of_the_history() -> None:
    assert History(1000).nbytes == 1000 * BYTES_PER_STEP


def test_memory_is_counted_for_what_was_written() -> None:
    archive = RunArchive()
    begin(archive, 0, made=700, structures=[graph_of(5)])
    empty = RunClock().nbytes
    one_graph = 5 * BYTES_PER_NODE + 4 * BYTES_PER_EDGE
    assert archive.nbytes == 700 * BYTES_PER_STEP + one_graph + empty
    archive.begin(1, Settings(), History(1_000_000), ())
    assert archive.nbytes == 700 * BYTES_PER_STEP + one_graph + 2 * empty


def test_memory_grows_with_a_run() -> None:
    archive = RunArchive()
    structures = [graph_of(5)]
    entry = begin(archive, 0, made=10, structures=structures)
    before = archive.nbytes
    entry.history.append(1.0, NO_DEPTH, 1)
    assert archive.nbytes == before + BYTES_PER_STEP
    structures.append(graph_of(7))
    assert archive.nbytes == before + BYTES_PER_STEP + 7 * BYTES_PER_NODE + 6 * BYTES_PER_EDGE
    entry.clock.note(1, 0.5)
    assert archive.nbytes == before + BYTES_PER_STEP + 7 * BYTES_PER_NODE + 6 * BYTES_PER_EDGE + 16


def test_the_estimate_of_a_structure_is_near_what_python_takes() -> None:
    tracemalloc.start()
    graphs = [graph_of(200) for _ in range(5)]
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    archive = RunArchive()
    begin(archive, 0, made=0, structures=graphs)
    assert 0.5 < archive.nbytes / taken < 2


def test_over_budget_the_oldest_runs_go() -> None:
    archive = kept(5)
    archive.budget = 3 * STEPS * BYTES_PER_STEP + 200
    archive.trim()
    assert numbers(archive.entries) == [2, 3, 4]
    assert archive.nbytes <= archive.budget
    assert numbers(archive.take_evicted()) == [0, 1]
    assert archive.take_evicted() == ()
    begin(archive, 5)
    assert numbers(archive.entries) == [3, 4, 5]
    assert numbers(archive.take_evicted()) == [2]


def test_pinned_runs_stay_as_long_as_others_can_go() -> None:
    archive = kept(5)
    for number in (0, 2):
        archive.set_pinned(number, True)
    archive.budget = 3 * STEPS * BYTES_PER_STEP + 200
    archive.trim()
    assert numbers(archive.entries) == [0, 2, 4]
    begin(archive, 5)
    assert numbers(archive.entries) == [0, 2, 5]


def test_of_pinned_runs_alone_the_newest_stay() -> None:
    archive = kept(4)
    for number in range(4):
        archive.set_pinned(number, True)
    archive.budget = 2 * STEPS * BYTES_PER_STEP + 200
    archive.trim()
    assert numbers(archive.entries) == [2, 3]


def test_the_present_run_stays_even_alone_over_budget() -> None:
    archive = kept(3)
    archive.budget = 1
    archive.trim()
    assert numbers(archive.entries) == [2]
    archive.trim()
    assert numbers(archive.take_evicted()) == [0, 1]


@pytest.mark.parametrize("budget", [0, -1])
def test_a_budget_must_be_above_zero(budget: int) -> None:
    with pytest.raises(ValueError, match=f"budget is {budget}; allowed: above 0"):
        RunArchive(budget)


def test_what_has_gone_is_told_in_one_line() -> None:
    entries = kept(3).entries
    assert eviction_notice(()) == ""
    assert eviction_notice(entries[:1]) == "The oldest run, 'autograd 0', was removed to make room."
    assert (
        eviction_notice(entries)
        == "The 3 oldest runs, 'autograd 0' to 'autograd 2', were removed to make room."
    )


def test_memory_in_words() -> None:
    archive = kept(1)
    assert archive.summary() == "1 run, 0.0 of 1 MB"
    begin(archive, 1, made=30_000)
    assert archive.summary() == "2 runs, 0.4 of 1 MB"


# Time


def test_a_clock_starts_at_nothing() -> None:
    clock = RunClock()
    assert clock.seconds == 0
    assert clock.seconds_of(np.array([0, 1, 500])).tolist() == [0, 0, 0]


def test_between_two_readings_time_goes_evenly_and_after_them_at_the_runs_pace() -> None:
    clock = RunClock()
    for step, seconds in ((10, 1.0), (20, 5.0), (40, 8.0)):
        clock.note(step, seconds)
    assert clock.seconds == 8
    steps = np.array([0, 5, 10, 15, 20, 30, 40, 50])
    assert clock.seconds_of(steps).tolist() == [0, 0.5, 1, 3, 5, 6.5, 8, 10]


def test_a_reading_without_a_new_step_tells_nothing() -> None:
    clock = RunClock()
    clock.note(10, 1.0)
    clock.note(10, 9.0)
    clock.note(5, 2.0)
    assert (clock.seconds, clock.samples) == (1, 2)


def test_time_does_not_run_backwards() -> None:
    clock = RunClock()
    clock.note(10, 2.0)
    clock.note(20, 1.9)
    clock.note(30, 4.0)
    assert clock.seconds_of(np.array([10, 20, 30])).tolist() == [2, 2, 4]


@pytest.mark.parametrize("seconds", [-0.1, math.nan, math.inf])
def test_a_time_that_cannot_be_is_refused(seconds: float) -> None:
    with pytest.raises(ValueError, match="allowed: a finite number of at least 0"):
        RunClock().note(1, seconds)


@pytest.mark.parametrize("readings", [1999, 2000, 2001, 5000, 100_000])
def test_a_clock_stays_small_and_true(readings: int) -> None:
    clock = RunClock()
    steps = np.arange(1, readings + 1) * 7

    def seconds(step: int) -> float:
        return math.pow(step, 1.5) / 1000

    for step in steps.tolist():
        clock.note(step, seconds(step))
        assert clock.samples <= MOST_SAMPLES
    assert clock.samples > min(readings, MOST_SAMPLES // 2 - 1)
    # The newest reading is always there.
    assert clock.seconds_of(steps[-1:])[0] == clock.seconds == seconds(int(steps[-1]))
    times = clock.seconds_of(steps)
    assert (np.diff(times) > 0).all()
    np.testing.assert_allclose(times, steps**1.5 / 1000, atol=2e-3 * clock.seconds)


# What runs differ in


def test_runs_alike_differ_in_nothing() -> None:
    archive = RunArchive()
    table = differences([begin(archive, 0), begin(archive, 1)])
    assert (table.runs, table.rows) == ((0, 1), ())
    assert differences([]).rows == differences(archive.entries[:1]).rows == ()


def test_each_setting_that_differs_is_a_row() -> None:
    archive = RunArchive()
    begin(archive, 2, learning_rate=1e-6, steps=500, depth="0:3", threads=0, seed=1)
    begin(archive, 5, learning_rate=0.5, steps=10_000_000, depth="2:2", threads=4, seed=1)
    begin(archive, 6, learning_rate=2.0, steps=500, depth="0:3", threads=0, seed=1)
    table = differences(archive.entries)
    assert table.runs == (2, 5, 6)
    assert table.rows == (
        SettingsRow("learning rate", ("1e-6", "0.5", "2")),
        SettingsRow("steps", ("500", "10000000", "500")),
        SettingsRow("threads", ("automatic", "4", "automatic")),
    )


def test_the_depth_is_a_row_only_where_it_is_used() -> None:
    archive = RunArchive()
    begin(archive, 0, stage="autograd", depth="2:2")
    begin(archive, 1, stage="dynamic", depth="0:3")
    begin(archive, 2, stage="dynamic", depth="1:3")
    rows = {row.name: row.values for row in differences(archive.entries).rows}
    assert rows["depth"] == ("—", "0:3", "1:3")


def test_the_start_is_told_in_words() -> None:
    archive = RunArchive()
    begin(archive, 0)
    begin(archive, 1, same_start=True, dtype="float32")
    rows = {row.name: row.values for row in differences(archive.entries).rows}
    assert rows["same start"] == ("off", "on")
    assert rows["dtype"] == ("default", "float32")


def test_an_optimizers_own_numbers_are_rows() -> None:
    archive = RunArchive()
    begin(archive, 0, stage="module")
    begin(archive, 1, stage="module", optimizer_options={"momentum": 0.9, "nesterov": True})
    begin(archive, 2, stage="module", optimizer="Adam", optimizer_options={"betas": (0.5, None)})
    assert differences(archive.entries).rows == (
        SettingsRow("optimizer", ("SGD", "SGD", "Adam")),
        SettingsRow("betas", (NOT_THERE, NOT_THERE, "0.5, none")),
        SettingsRow("momentum", ("default", "0.9", NOT_THERE)),
        SettingsRow("nesterov", ("default", "on", NOT_THERE)),
    )


def test_a_stage_without_an_optimizer_updates_by_hand() -> None:
    archive = RunArchive()
    entries = [begin(archive, 0, stage="nn"), begin(archive, 1, stage="module")]
    assert differences(entries).rows == (
        SettingsRow("stage", ("nn", "module")),
        SettingsRow("optimizer", ("by hand", "SGD")),
    )


def test_an_older_run_is_drawn_only_where_the_user_wants_it() -> None:
    archive = RunArchive()
    begin(archive, 0)
    assert entry_of(archive, 0).visible, "the present one is drawn"
    begin(archive, 1)
    assert not entry_of(archive, 0).visible
    assert not entry_of(archive, 0).hidden, "nobody has hidden it"
    archive.set_visible(0, True)
    archive.set_visible(1, False)
    begin(archive, 2)
    assert [entry.visible for entry in archive.entries] == [True, False, True]
    assert [entry.hidden for entry in archive.entries] == [False, True, False]


def test_a_short_run_is_in_passing_until_the_user_does_something_with_it() -> None:
    archive = RunArchive()
    for number in range(7):
        begin(archive, number, made=SHORT if number == 6 else SHORT - 1)
    archive.rename(0, "mine")
    archive.set_pinned(1, True)
    archive.set_visible(2, True)
    archive.set_state(3, "failed")
    archive.set_default_name(4, "autograd 1")
    assert [entry.number for entry in archive.entries if entry.passing] == [4, 5]
    assert entry_of(archive, 4).name == "autograd 1"
    archive.set_default_name(0, "autograd 9")
    assert entry_of(archive, 0).name == "mine"


def test_what_was_changed_in_mid_run_is_a_difference() -> None:
    archive = kept(3)
    old, new = make_settings(), make_settings(learning_rate=1e-5)
    archive.set_changes(1, changes_between(40, old, new, {}))
    archive.set_changes(2, changes_between(STEPS, old, new, {}))
    (row,) = differences(archive.entries).rows
    assert row == SettingsRow("changed in mid-run", (NOT_THERE, "lr 1e-6 → 1e-5 at step 40", NOT_THERE)), (
        "a change after the last step has changed nothing"
    )


def test_runs_in_passing_use_up_no_colors() -> None:
    archive = RunArchive()
    begin(archive, 0)
    for number in range(1, 20):
        begin(archive, number, made=1)
    assert entry_of(archive, 19).color == 1
    begin(archive, 20)
    assert entry_of(archive, 20).color == 1
    archive.set_visible(4, True)
    archive.rename(5, "mine")
    colors = [entry_of(archive, number).color for number in (0, 20, 4, 5)]
    assert sorted(colors) == [0, 1, 2, 3], "what the user looks at has a color of its own"
