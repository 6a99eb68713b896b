"""Two texts in rows: nothing is lost, nothing stands beside the wrong line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from playground.comparing.text_rows import RowKind, text_rows

TEXTS = st.lists(st.sampled_from("abcd"), max_size=12).map("\n".join)


@given(TEXTS, TEXTS)
def test_each_side_is_its_text(first: str, second: str) -> None:
    rows = text_rows(first, second)
    assert [row.first_text for row in rows if row.first] == first.splitlines()
    assert [row.second_text for row in rows if row.second] == second.splitlines()
    for row in rows:
        assert (row.kind is RowKind.SAME) == (
            row.first_text == row.second_text and None not in (row.first, row.second)
        )


@given(TEXTS, TEXTS, st.integers(0, 2))
def test_what_is_left_out_is_the_same_in_both(first: str, second: str, context: int) -> None:
    whole, rows = text_rows(first, second), text_rows(first, second, context)
    assert [row for row in rows if row.kind is RowKind.CHANGED] == [
        row for row in whole if row.kind is RowKind.CHANGED
    ]
    assert [row for row in rows if row.kind is not RowKind.GAP] == [row for row in whole if row in rows]


def test_a_line_that_is_wanted_is_kept_with_those_around_it() -> None:
    text = "\n".join("abcdefgh")
    rows = text_rows(text, text, 1, kept=(5,))
    assert [(row.kind, row.second) for row in rows] == [
        (RowKind.GAP, None),
        (RowKind.SAME, 4),
        (RowKind.SAME, 5),
        (RowKind.SAME, 6),
        (RowKind.GAP, None),
    ]
