"""The lines of a stage's text that say painted points."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from playground.data.painted import PaintedData

WIDEST = 70
"""Characters of a line, as the panel shows them."""
_WIDEST_OF_POINTS = 68
"""So many make the number of a line wider."""
_TITLE = "# Painted{}."
_SIDES, _CLASSES = ": y is -1 or 1", ": y has a column for each class"


def painted_lines(painted: PaintedData) -> list[str]:
    """The lines that make arrays x and y of float64."""
    meaning = {0: "", 2: _SIDES}.get(painted.classes, _CLASSES) if painted.columns == 1 else _CLASSES
    return [
        _TITLE.format(meaning),
        "points = np.array([",
        *points_lines(painted, 4),
        "], float)",
        parting_line(painted),
    ]


def points_lines(painted: PaintedData, indent: int) -> Iterator[str]:
    """The points, in as many lines as they need."""
    line = ""
    for point in painted.points:
        numbers = (repr(number).removesuffix(".0") for number in point)
        text = f"({', '.join(numbers)}),"
        if line and indent + len(line) + 1 + len(text) > _WIDEST_OF_POINTS:
            yield " " * indent + line
            line = ""
        line = f"{line} {text}".lstrip()
    yield " " * indent + line


def read_painted(tree: ast.Module, text: str) -> PaintedData | None:
    """The points that a text says; None where it has none.

    Raises:
        ValueError: they are not written out, or do not fit.
    """
    if f"\n{_TITLE.format('')[:-1]}" not in text:
        return None
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "points":
            try:
                assert isinstance(node.value, ast.Call)
                points = ast.literal_eval(node.value.args[0])
                inputs = len(points[0]) - 1
                return PaintedData(tuple(points), inputs, _columns(tree))
            except (AssertionError, TypeError, ValueError, IndexError):
                break
    raise ValueError("the lines that make the painted points are not those of the playground")


def parting_line(painted: PaintedData) -> str:
    """The line that makes x and y of the points."""
    inputs, columns = painted.inputs, painted.columns
    y = f"points[:, {inputs}:]" if columns == 1 else f"np.eye({columns})[points[:, {inputs}].astype(int)]"
    return f"x, y = points[:, :{inputs}], {y}"


def _columns(tree: ast.Module) -> int:
    """Columns of y, as the line says them that makes it of the points."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "(x, y)":
            for each in ast.walk(node.value):
                if isinstance(each, ast.Call) and ast.unparse(each.func) == "np.eye":
                    return int(ast.literal_eval(each.args[0]))
            return 1
    return 1
