"""The list of runs: what it takes of memory, and which runs go."""

from __future__ import annotations

import tracemalloc

import pytest

from playground.history import NO_DEPTH, History
from playground.runs.archive import (
    BYTES_PER_EDGE,
    BYTES_PER_NODE,
    BYTES_PER_STEP,
    RunArchive,
    eviction_notice,
)
from playground.runs.clock import RunClock
from playground.settings import Settings
from tests.engine.runs.made_runs import STEPS, begin, graph_of, kept, numbers


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
    assert archive.summary() == "1 run · 0.0 of 1 MB"
    begin(archive, 1, made=30_000)
    assert archive.summary() == "2 runs · 0.4 of 1 MB"
