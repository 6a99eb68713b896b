"""What long work tells of, and when it ends, against a clock that is set by hand."""

from __future__ import annotations

import pytest

from ui.session.teller import FEW, SECONDS, Stopped, Teller


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def told_of(late: bool, calls: list[tuple[float, int, int]]) -> list[tuple[int, int]]:
    """What is reported of calls, each with the time since the one before."""
    clock, told = Clock(), []
    tell = Teller(lambda: True, lambda done, of: told.append((done, of)), late, clock)
    for passed, done, of in calls:
        clock.now += passed
        tell(done, of)
    return told


def test_a_few_parts_are_told_of_one_by_one_and_each_once() -> None:
    assert told_of(False, [(0, 0, 3), (0, 1, 3), (0, 1, 3), (0, 2, 3)]) == [(0, 3), (1, 3), (2, 3)]


def test_many_parts_are_told_of_once_in_a_while() -> None:
    many, a_bit = FEW + 1, SECONDS / 4
    calls = [(a_bit, done, many) for done in range(9)]
    assert told_of(False, calls) == [(0, many), (4, many), (8, many)]


def test_what_is_soon_done_is_not_told_of() -> None:
    assert told_of(True, [(0, 0, 3), (SECONDS / 2, 1, 3)]) == []
    assert told_of(True, [(0, 0, 3), (2 * SECONDS, 1, 3), (0, 2, 3)]) == [(1, 3), (2, 3)]


def test_it_is_asked_at_every_call_whether_the_work_is_wanted() -> None:
    wanted, told = [True, True, False], []
    tell = Teller(lambda: wanted.pop(0), lambda done, of: told.append((done, of)))
    tell(0, 5)
    tell(1, 5)
    with pytest.raises(Stopped):
        tell(2, 5)
    assert told == [(0, 5), (1, 5)]
