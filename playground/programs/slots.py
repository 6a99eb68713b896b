"""Slots: the values in a program's text that a control can change, and nothing of the text besides."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from playground.programs.errors import ProgramError
from playground.programs.parse import parse
from playground.setting_specs import short_float

SLOT = "__playground_slot_{}__"
"""What the program reads instead of a value that can be changed while it runs."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A value in a text that a name or a keyword explains.

    Attributes:
        name: of the variable, or of the keyword (`lr`); of an argument without one, its function
            (`range`, `manual_seed`).
        value: what stands there.
        line, column: where it stands, the line counted from 1, the column in characters from 0.
        start, end: the same as places in the text.
        function: what a keyword is given to, as the program writes it; "" for a variable.
    """

    name: str
    value: bool | int | float | str
    line: int
    column: int
    start: int
    end: int
    function: str = ""


class Places:
    """Turns lines and columns of a syntax tree into places in the text."""

    def __init__(self, text: str) -> None:
        """Counts the lines."""
        # Not splitlines(): Python ends no line at a form feed, U+2028 and their like.
        self._lines = re.findall(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+", text)
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line))

    def of(self, line: int, column: int) -> int:
        """A place; the tree counts columns in bytes of UTF-8."""
        before = self._lines[line - 1].encode()[:column].decode()
        return self._starts[line - 1] + len(before)

    def span(self, node: ast.expr | ast.stmt | ast.keyword) -> tuple[int, int]:
        """Where a node begins and ends."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self.of(node.lineno, node.col_offset), self.of(node.end_lineno, node.end_col_offset)

    def line(self, number: int) -> int:
        """Where a line begins; the line after the last is the end of the text."""
        return self._starts[number - 1]


def find_slots(text: str, filename: str = "program") -> tuple[Slot, ...]:
    """The numbers, switches and short texts that a name, a keyword or a function explains.

    Raises:
        ProgramError: the text is not Python.
    """
    places = Places(text)
    found = [
        Slot(name, value, node.lineno, start - places.line(node.lineno), start, end, function)
        for name, function, node in _explained(parse(text, filename))
        for start, end in [places.span(node)]
        for value in [_value(node)]
        if value is not None
    ]
    return tuple(sorted(found, key=lambda slot: slot.start))


def with_value(text: str, slot: Slot, value: object) -> str:
    """The text with another value in a slot, and the rest of it to the letter.

    Raises:
        ProgramError: the text is not the one that the slot was found in.
    """
    if not any(each == slot for each in find_slots(text)):
        raise ProgramError(f"{slot.name} in line {slot.line} does not stand there any more")
    return replaced(text, [(slot.start, slot.end, written(value))])


def replaced(text: str, replacements: list[tuple[int, int, str]]) -> str:
    """The text with other characters between some places."""
    for start, end, new in sorted(replacements, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def written(value: object) -> str:
    """A value as a person would write it: `1e-6` rather than `1e-06`."""
    if isinstance(value, tuple):
        inner = ", ".join(map(written, value))
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, float):
        text = short_float(value)
        # A whole number would be another type.
        return f"{text}.0" if text.lstrip("-").isdigit() else text
    return repr(value)


def _explained(tree: ast.Module) -> Iterator[tuple[str, str, ast.expr]]:
    """Names, the functions that they are keywords of, and the values."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                yield from _assigned(target, node.value)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            yield from _assigned(node.target, node.value)
        elif isinstance(node, ast.Call):
            function = ast.unparse(node.func)
            last = function.rpartition(".")[2]
            for keyword in node.keywords:
                if keyword.arg is not None:
                    yield keyword.arg, function, keyword.value
            if len(node.args) <= 2 and last in ("range", "manual_seed", "seed", "device", "randint"):
                yield from ((last, function, argument) for argument in node.args)


def _assigned(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, str, ast.expr]]:
    if isinstance(target, ast.Name | ast.Attribute):
        yield ast.unparse(target).removeprefix("self."), "", value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for each, part in zip(target.elts, value.elts, strict=False):
            if isinstance(each, ast.Starred) or isinstance(part, ast.Starred):
                # It takes or gives several: what follows stands opposite something else.
                break
            yield from _assigned(each, part)


def _value(node: ast.expr) -> bool | int | float | str | None:
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return None
    if isinstance(value, str):
        return value if len(value) <= 100 and "\n" not in value else None
    return value if isinstance(value, bool | int | float) else None


def depth_values(least: int, most: int) -> dict[str, object]:
    """What to call the ends of the range that a program draws a depth from, as `Driver.change` takes it."""
    return {SLOT.format("depth_0"): least, SLOT.format("depth_1"): most}
