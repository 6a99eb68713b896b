"""Which lines are others than they were, compared with what the stretches say of both texts."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ui.panels.code import changes as module
from ui.panels.code.changes import changed_lines, changes

LINES = st.lists(st.sampled_from(["", "a", "b", "c = 1", "d", "    return"]), min_size=1, max_size=40)


@settings(deadline=None)
@given(LINES, LINES, st.sampled_from([1, 50, 10_000]))
def test_the_stretches_are_both_texts(before: list[str], after: list[str], small: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "SMALL", small)
        changes.cache_clear()
        found = changes("\n".join(before), "\n".join(after))
    if before == after:
        assert found.stretches == ()
        return
    old = [line for stretch in found.stretches for line in stretch.before]
    new = [line for stretch in found.stretches for line in stretch.after]
    assert (old, new) == (list(range(len(before))), list(range(len(after))))
    for stretch in found.stretches:
        if stretch.is_equal:
            assert [before[i] for i in stretch.before] == [after[j] for j in stretch.after]
    for line in range(1, len(before) + 1):
        now = found.now(line)
        if found.is_same(line):
            assert now is not None
            assert found.before(now) == line
            assert now not in found.changed | found.added
            assert before[line - 1] == after[now - 1]


@pytest.mark.parametrize(
    ("after", "lines"),
    [
        ("a\nb\nc\nd", set()),
        ("a\nB\nc\nd", {2}),
        ("new\na\nb\nc\nd", {1}),
        ("a\nc\nd", set()),
        ("", {1}),
        ("a\nb\nc\nd\n\n", {5, 6}),
        # What has moved past others is another line where it stands now.
        ("b\nc\nd\na", {4}),
    ],
)
def test_lines_that_are_others(after: str, lines: set[int]) -> None:
    assert changed_lines("a\nb\nc\nd", after) == lines


def test_a_line_that_has_moved_is_no_new_one() -> None:
    found = changes("a\nb\nc\n", "b\nc\nnew\na\n")
    assert found.changed == {4}
    assert found.added == {3}


def test_a_few_changes_in_a_long_text_are_found_one_by_one() -> None:
    chance = random.Random(0)
    before = [chance.choice(["", "    return x", f"line_{number} = {number}"]) for number in range(2000)]
    after = list(before)
    places = sorted(chance.sample(range(2000), 30))
    for place in places:
        after[place] = f"changed {place}"
    assert changed_lines("\n".join(before), "\n".join(after)) == {place + 1 for place in places}
