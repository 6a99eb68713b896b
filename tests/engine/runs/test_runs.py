"""The list of runs: numbers, names, colors, and which of them are shown."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from playground.history import NO_DEPTH
from playground.runs.archive import (
    RunArchive,
)
from playground.runs.entry import SHORT, STATES
from playground.settings import Settings, make_settings
from tests.engine.runs.made_runs import begin, entry_of, kept, numbers


def test_an_archive_starts_empty() -> None:
    archive = RunArchive()
    assert (archive.entries, archive.present, archive.get(0)) == ((), None, None)
    assert (archive.nbytes, archive.summary()) == (0, "0 runs · 0.0 of 200 MB")


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
