"""Where lines and pictures stand, and what of them is copied."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from playground.programs.output import Line, Picture
from playground.programs.rows import Stream
from ui.panels.output.sheet import PAD, Place, Room, Sheet, broken


def line(number: int, text: str, step: int = 0) -> Line:
    return Line(number, Stream.OUT, step, text)


def sheet_of(*texts: str, columns: int = 10) -> Sheet:
    sheet = Sheet()
    sheet.set_room(Room(columns, 10, 100, 100))
    sheet.take([line(number, text) for number, text in enumerate(texts)], 0, 0)
    return sheet


@given(st.text(st.characters(exclude_categories=("Cc", "Cs"))), st.integers(2, 30))
def test_no_character_is_lost_where_a_line_is_broken(text: str, columns: int) -> None:
    rows = broken(text, columns)
    assert "".join(rows) == text
    assert all(0 < len(row) <= columns for row in rows) or rows == [""]


def test_a_line_is_broken_at_a_blank_where_one_is_near_the_end() -> None:
    assert broken("seven eight nine", 12) == ["seven eight ", "nine"]
    assert broken("a verylongwordindeed", 12) == ["a verylongwo", "rdindeed"]
    assert broken("日本語日本語", 6) == ["日本語", "日本語"]


def test_each_entry_stands_below_the_one_before() -> None:
    sheet = sheet_of("short", "0123456789abc", "")
    assert [sheet.top(index) for index in range(3)] == [0, 10, 30]
    assert sheet.height == 40
    assert [sheet.index_at(y) for y in (-5, 0, 9, 10, 29, 30, 99)] == [0, 0, 0, 1, 1, 2, 2]


def test_a_wider_room_has_fewer_rows() -> None:
    sheet = sheet_of("0123456789abc")
    sheet.set_room(Room(20, 10, 100, 100))
    assert sheet.height == 10


def test_a_picture_is_as_large_as_there_is_room_and_never_larger_than_it_is() -> None:
    sheet = sheet_of()
    sheet.take([Picture(0, 3, b"", 400, 200), Picture(1, 3, b"", 10, 20), Picture(2, 3, b"", 10, 1000)], 0, 0)
    sizes = [sheet.picture_size(each) for each in sheet.entries if isinstance(each, Picture)]
    assert sizes == [(100, 50), (10, 20), (1, 100)]
    assert sheet.height == 50 + 20 + 100 + 6 * PAD


def test_an_entry_takes_the_place_of_the_one_with_its_number() -> None:
    sheet = sheet_of("a", "b", "c")
    sheet.take([line(1, "B"), line(3, "d")], 0, 0)
    assert sheet.text() == "a\nB\nc\nd\n"
    # One that was no longer shown comes back where it belongs.
    sheet.clear()
    sheet.take([line(7, "seven")], 0, 0)
    sheet.take([line(2, "two")], 0, 0)
    assert sheet.text() == "two\nseven\n"


def test_what_is_gone_is_told_in_a_line_and_moves_the_rest_up() -> None:
    sheet = sheet_of("a", "b", "c", "d", columns=40)
    # One line tells of two that are gone: all moves up by one.
    assert sheet.take([], 2, 2) == 10
    assert sheet.text() == "… 2 earlier lines are gone\nc\nd\n"
    assert sheet.take([line(4, "e")], 3, 12_345) == 10
    assert sheet.text() == "… 12 345 earlier lines are gone\nd\ne\n"


def test_a_step_is_written_where_it_begins() -> None:
    sheet = sheet_of()
    sheet.take([line(0, "a", 1), line(1, "b", 1), line(2, "c", 2), Picture(3, 2, b"", 4, 3)], 0, 0)
    assert [sheet.shows_step(index) for index in range(4)] == [True, False, True, True]


def test_text_between_two_places() -> None:
    sheet = sheet_of("first", "second", "third")
    sheet.take([Picture(3, 0, b"", 640, 480)], 0, 0)
    assert sheet.text_between(Place(0, 2), Place(0, 4)) == "rs"
    assert sheet.text_between(Place(0, 2), Place(2, 3)) == "rst\nsecond\nthi"
    assert sheet.text_between(*sheet.ends()) == "first\nsecond\nthird\n[picture, 640 × 480]"
    assert sheet.word_at(Place(1, 3)) == (Place(1, 0), Place(1, 6))
