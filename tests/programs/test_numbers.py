"""The numbers of a text: what they are called, where they stand, and that nothing but one of them changes."""

from __future__ import annotations

import ast
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from playground.programs.errors import ProgramError
from playground.programs.numbers import Number, find_numbers, numbers_changed, with_number

SCRIPTS = Path(__file__).parent / "scripts"
TEXT = '''\
"""Größe"""
hidden = 1_000  # a comment that stays
a, b = -1.5, 0x10
größe = "ä"; lr = 1e-3
opt = SGD(p, lr=lr, momentum=0.9, nesterov=True)
drop = nn.Dropout(0.5)
other = nn.LeakyReLU(0.2)
adam = torch.optim.Adam(q, 1e-4, betas=(0.5, 0.99))
def noisy(values, amount=0.25):
    total = 0
    total += values[3]
    return values.view(-1, 3) + amount * f"{values:{5}.3f}"
parser.add_argument("-n", "--width", default=7)
settings = {"depth": 2}
class Config:
    rate: float = 1.0
for epoch in range(3):
    for i, batch in enumerate(range(2, 9)):
        if i % 50 == 0 or loss < 1e-4:
            step(0.1 * penalty, dim=1)
            noisy(x, 0.75)
'''
FOUND = [
    ("hidden", 1000, 2),
    ("a", -1.5, 3),
    ("b", 16, 3),
    ("lr", 1e-3, 4),
    ("opt momentum", 0.9, 5),
    ("Dropout p", 0.5, 6),
    ("LeakyReLU slope", 0.2, 7),
    ("adam lr", 1e-4, 8),
    ("adam betas 1", 0.5, 8),
    ("adam betas 2", 0.99, 8),
    ("amount", 0.25, 9),
    ("width", 7, 13),
    ("depth", 2, 14),
    ("rate", 1.0, 16),
    ("epochs", 3, 17),
    ("first range of i", 2, 18),
    ("end of range of i", 9, 18),
    ("i %", 50, 19),
    ("loss <", 1e-4, 19),
    ("factor of penalty", 0.1, 20),
    ("noisy amount", 0.75, 21),
]


def test_every_number_that_something_explains_has_the_name_that_a_reader_would_give_it() -> None:
    assert [(number.name, number.value, number.line) for number in find_numbers(TEXT)] == FOUND


def test_a_place_in_the_text_is_the_number() -> None:
    for number in find_numbers(TEXT):
        assert ast.literal_eval(TEXT[number.start : number.end]) == number.value
        line = TEXT.splitlines()[number.line - 1]
        assert line[number.column : number.end_column] == number.text == TEXT[number.start : number.end]


@pytest.mark.parametrize("index", range(len(FOUND)))
def test_another_value_stands_there_and_the_rest_stays(index: int) -> None:
    number = find_numbers(TEXT)[index]
    text = with_number(TEXT, number, 7)
    assert text == TEXT[: number.start] + "7" + TEXT[number.end :]
    assert [each.name for each in find_numbers(text)] == [name for name, _, _ in FOUND]
    if number.value != 7:
        assert numbers_changed(TEXT, text) == [(number, 7)]
        with pytest.raises(ProgramError, match="does not stand there any more"):
            with_number(text, number, 3)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(some.data())
def test_any_numbers_at_all_are_read_back(data: some.DataObject) -> None:
    text, numbers = TEXT, find_numbers(TEXT)
    chosen: dict[int, int | float] = {}
    for number in numbers:
        values = some.integers(-(10**9), 10**9) if number.whole else some.floats(-1e6, 1e6)
        if data.draw(some.booleans()):
            chosen[number.index] = data.draw(values)
            text = with_number(text, find_numbers(text)[number.index], chosen[number.index])
    changed = numbers_changed(TEXT, text)
    assert changed is not None
    assert {number.index: value for number, value in changed} == {
        index: value for index, value in chosen.items() if value != numbers[index].value
    }


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("lr = 1\n", "lr = 1\nmomentum = 2\n"),
        ("lr = 1\n", "lr = 1  # slow\n"),
        ("lr = 1\n", "rate = 1\n"),
        ("lr = 1\n", "lr = other\n"),
        ("lr = 1\n", "lr = (1\n"),
        ("x = f(3, lr=1)\n", "x = f(4, lr=1)\n"),
    ],
)
def test_texts_that_differ_by_more_than_numbers(old: str, new: str) -> None:
    assert numbers_changed(old, new) is None


def test_another_way_to_write_a_number_changes_nothing() -> None:
    assert numbers_changed("lr = 0.001\n", "lr = 1e-3\n") == []


def whole_and_real() -> tuple[Number, Number]:
    hidden, lr = find_numbers("hidden = 64\nSGD(p, lr=1)\n")
    return hidden, lr


def test_whole_numbers_are_told_from_real_ones() -> None:
    hidden, lr = whole_and_real()
    assert (hidden.whole, lr.whole) == (True, False)
    text = "hidden = 64\nSGD(p, lr=1)\n"
    assert with_number(text, lr, 0.5) == "hidden = 64\nSGD(p, lr=0.5)\n"
    for value in (0.5, math.nan, math.inf, True):
        with pytest.raises(ProgramError, match=r"^hidden: ") as refusal:
            with_number(text, hidden, value)
        assert repr(value) in str(refusal.value)


BETWEEN = ["\f", "# \x0b\n", "# \x1c\n", "# \u2028\n", "s = '\x85'\n", "\r\n", "\r"]


@pytest.mark.parametrize("between", BETWEEN)
def test_a_line_ends_where_python_ends_it(between: str) -> None:
    text = f"first = 1\n{between}lr = 0.5\nlast = 3"
    for number in find_numbers(text):
        assert ast.literal_eval(text[number.start : number.end]) == number.value
    lr = next(number for number in find_numbers(text) if number.name == "lr")
    assert with_number(text, lr, 7) == text.replace("0.5", "7")


def test_what_stands_behind_a_star_is_explained_by_no_name() -> None:
    assert [each.name for each in find_numbers("a, *b, c = 1, 2, 3, 4\nd, e = 5, *f\n")] == ["a", "d"]


def test_patterns_annotations_and_data_are_no_numbers_to_turn() -> None:
    text = (
        "match x:\n    case 3:\n        y: Literal[4] = z\n"
        "data = [1.0, 2.0, 3.0, 4.0, 5.0]\nt = torch.tensor([[1.0, 2.0]])\n"
        "w = x[2]\nif __name__ == '__main__': pass\n"
    )
    assert find_numbers(text) == ()


@pytest.mark.parametrize("path", sorted(SCRIPTS.glob("*.py")), ids=lambda path: path.stem)
def test_no_two_numbers_of_a_program_have_one_name(path: Path) -> None:
    numbers = find_numbers(path.read_text(encoding="utf-8"))
    assert len({number.name for number in numbers}) == len(numbers)
    assert [number.index for number in numbers] == list(range(len(numbers)))
    assert all(number.reason and "\n" not in number.reason for number in numbers)
