"""A tape keeps what is written to it, so much and no more, and tells each reader what is new."""

from __future__ import annotations

import importlib
import io
import multiprocessing
import sys
import threading
import warnings
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.programs.output import Line, OutputTape, Picture
from playground.programs.rows import (
    MOST_BYTES,
    MOST_CHARACTERS,
    MOST_PICTURES,
    MOST_ROWS,
    NO_LONGER_KEPT,
    Stream,
)

# It carries no types.
tqdm: Any = importlib.import_module("tqdm").tqdm


def lines(tape: OutputTape) -> list[Line]:
    news = tape.since(0)
    return [] if news is None else [each for each in news.entries if isinstance(each, Line)]


def texts(tape: OutputTape) -> list[str]:
    return [line.text for line in lines(tape)]


def test_a_line_tells_its_stream_and_its_step() -> None:
    tape = OutputTape()
    print("before", file=tape.stdout)
    tape.step = 0
    print("in the", "first", file=tape.stderr)
    tape.step = 1
    tape.note("a note")
    assert lines(tape) == [
        Line(0, Stream.OUT, -1, "before"),
        Line(1, Stream.ERR, 0, "in the first"),
        Line(2, Stream.NOTE, 1, "a note"),
    ]


def test_a_line_stays_open_and_the_other_stream_does_not_run_into_it() -> None:
    tape = OutputTape()
    print("loading", end="", file=tape.stdout)
    print("careful", file=tape.stderr)
    print(" … done", file=tape.stdout)
    assert texts(tape) == ["loading … done", "careful"]


ACTIONS = st.one_of(
    st.tuples(
        st.sampled_from(["out", "err"]), st.sampled_from(["a", "b\n", "\n", "\rc", "x\ny\nz", "\x1b[Ad"])
    ),
    st.tuples(st.just("look"), st.just("")),
    st.tuples(st.just("flood"), st.just("line\n" * 700)),
)


@given(st.lists(ACTIONS, max_size=30))
def test_a_reader_that_takes_only_what_is_new_sees_it_all(actions: list[tuple[str, str]]) -> None:
    tape, seen, mark = OutputTape(), dict[int, Line | Picture](), 0
    for kind, text in [*actions, ("look", "")]:
        if kind == "out" or kind == "flood":
            tape.stdout.write(text)
        elif kind == "err":
            tape.stderr.write(text)
        else:
            news = tape.since(mark)
            if news is not None:
                mark = news.mark
                seen.update({each.number: each for each in news.entries})
                seen = {number: each for number, each in seen.items() if number >= news.first}
            assert tape.since(mark) is None
    whole = tape.since(0)
    assert [seen[number] for number in sorted(seen)] == list(whole.entries if whole is not None else ())


def test_it_keeps_the_newest_lines_and_tells_how_many_are_gone() -> None:
    tape = OutputTape()
    for number in range(MOST_ROWS + 345):
        print(number, file=tape.stdout)
    news = tape.since(0)
    assert news is not None
    assert (news.gone, news.first, len(news.entries)) == (345, 345, MOST_ROWS)
    assert texts(tape)[0] == "345"
    assert texts(tape)[-1] == str(MOST_ROWS + 344)


def test_it_keeps_so_many_characters() -> None:
    tape = OutputTape()
    for _ in range(300):
        tape.stdout.write("x" * 9_000 + "\n")
    assert sum(map(len, texts(tape))) <= MOST_CHARACTERS
    assert len(texts(tape)) == MOST_CHARACTERS // 9_000


def test_a_cursor_whose_row_is_gone_begins_another() -> None:
    tape = OutputTape()
    tape.stderr.write("bar 1")
    tape.stdout.write("line\n" * (MOST_ROWS + 1))
    tape.stderr.write("\rbar 2")
    assert texts(tape)[-1] == "bar 2"
    assert "bar 1" not in texts(tape)


def test_threads_lose_nothing() -> None:
    tape = OutputTape()

    def write(name: int) -> None:
        for number in range(200):
            tape.stdout.write(f"{name}:{number}\n")

    threads = [threading.Thread(target=write, args=(name,)) for name in range(6)]
    for thread in threads:
        thread.start()
    mark, read = 0, 0
    while any(thread.is_alive() for thread in threads):
        news = tape.since(mark)
        if news is not None:
            mark, read = news.mark, read + len(news.entries)
    for thread in threads:
        thread.join()
    news = tape.since(mark)
    assert read + (len(news.entries) if news is not None else 0) == 1_200
    for name in range(6):
        assert [each for each in texts(tape) if each.startswith(f"{name}:")] == [
            f"{name}:{n}" for n in range(200)
        ]


def test_progress_bars_do_not_flood() -> None:
    tape = OutputTape()
    for _ in tqdm(range(50), file=tape.stderr, mininterval=0, desc="outer"):
        for _ in tqdm(range(4), file=tape.stderr, mininterval=0, desc="inner", position=1, leave=False):
            pass
    tape.stderr.write("next\n")
    shown = texts(tape)
    assert shown[0].startswith("outer: 100%|")
    assert shown[1:] in (["next"], ["", "next"])


def test_a_program_may_write_bytes() -> None:
    tape = OutputTape()
    binary = tape.stdout.buffer
    for byte in "é ok\n".encode():
        assert binary.write(bytes([byte])) == 1
    binary.write(b"\xff\n")
    assert texts(tape) == ["é ok", "\ufffd"]


def test_half_a_character_can_be_shown() -> None:
    tape = OutputTape()
    print("\ud83d", file=tape.stdout)
    assert texts(tape) == ["?"]


def test_it_is_a_file_as_far_as_programs_ask() -> None:
    out, own = OutputTape().stdout, sys.__stdout__
    assert isinstance(out, io.TextIOBase)
    assert (out.encoding, out.isatty(), out.writable(), out.readable()) == ("utf-8", False, True, False)
    assert own is not None
    assert out.fileno() == own.fileno()
    with pytest.raises(TypeError, match="must be str, not int"):
        out.write(3)  # type: ignore[arg-type]
    out.close()
    out.writelines(["still ", "open"])
    assert not out.closed


def warn(tape: OutputTape, text: str, line: int) -> None:
    tape.warn(warnings.WarningMessage(text, UserWarning, str(Path("folder") / "mine.py"), line))


def test_a_warning_is_said_once_and_counted() -> None:
    tape = OutputTape()
    for _ in range(3):
        warn(tape, "odd", 7)
    warn(tape, "odd", 8)
    assert [(line.text, line.count) for line in lines(tape)] == [
        ("mine.py:7: UserWarning: odd", 3),
        ("mine.py:8: UserWarning: odd", 1),
    ]
    assert lines(tape)[0].whole_text == "mine.py:7: UserWarning: odd (3 times)"
    assert {line.stream for line in lines(tape)} == {Stream.ERR}


def pictures(tape: OutputTape) -> list[bytes]:
    news = tape.since(0)
    return [] if news is None else [each.data for each in news.entries if isinstance(each, Picture)]


def test_a_picture_takes_the_place_of_an_older_one_of_its_figure() -> None:
    tape = OutputTape()
    tape.add_picture(b"1", 4, 3, "figure")
    tape.add_picture(b"2", 4, 3, "figure")
    tape.add_picture(b"3", 4, 3, "another")
    assert pictures(tape) == [b"2", b"3"]
    print("in between", file=tape.stdout)
    tape.step = 5
    tape.add_picture(b"4", 8, 6, "another")
    news = tape.since(0)
    assert news is not None
    assert news.entries[-1] == Picture(3, 5, b"4", 8, 6)
    assert pictures(tape) == [b"2", b"3", b"4"]


def test_the_oldest_pictures_go() -> None:
    tape = OutputTape()
    for number in range(MOST_PICTURES + 2):
        tape.add_picture(str(number).encode(), 4, 3, number)
    assert pictures(tape) == [str(number).encode() for number in range(2, MOST_PICTURES + 2)]
    assert texts(tape) == [NO_LONGER_KEPT] * 2


def test_large_pictures_go_sooner() -> None:
    tape = OutputTape()
    for number in range(3):
        tape.add_picture(bytes([number]) * (MOST_BYTES // 2), 4, 3, number)
    assert [each[0] for each in pictures(tape)] == [1, 2]
    tape.add_picture(bytes(2 * MOST_BYTES), 4, 3, "larger than all the room")
    assert pictures(tape) == []


def _print_in_a_process() -> None:
    print("from another process", flush=True)


@pytest.mark.skipif(sys.platform == "win32", reason="no fork on Windows")
def test_another_process_writes_where_it_was_started(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tape = OutputTape()
    monkeypatch.setattr(sys, "stdout", tape.stdout)
    process = multiprocessing.get_context("fork").Process(target=_print_in_a_process)
    process.start()
    process.join()
    monkeypatch.undo()
    assert capfd.readouterr().out == "from another process\n"
    assert texts(tape) == []
