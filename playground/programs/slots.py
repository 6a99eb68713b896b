"""Slots: values in a program's text, where they stand and how they are written."""

from __future__ import annotations

import ast
import json
import re

from playground.setting_specs import short_float

SLOT = "__playground_slot_{}__"
"""What the program reads instead of a value that can be changed while it runs."""


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


def depth_values(least: int, most: int) -> dict[str, object]:
    """What to call the ends of the range that a program draws a depth from, as `Driver.change` takes it."""
    return {SLOT.format("depth_0"): least, SLOT.format("depth_1"): most}
