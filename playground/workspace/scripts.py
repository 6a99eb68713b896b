"""A run as a standalone program: its text, and what was changed in mid-run as a table of steps and values."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from playground.data.painted import PaintedData
from playground.data.painted_text import points_lines
from playground.data.text import import_lines, source_lines
from playground.data.written_out import WrittenOutError, reads_a_file, written_out
from playground.programs.parse import parse
from playground.programs.repainting import repainting_lines
from playground.programs.slots import Places, replaced, written
from playground.programs.stage_text import text_of
from playground.runs.changes import Change
from playground.settings import Settings, changed

__all__ = ["WrittenOutError", "beginning", "edits_for", "script_of"]

_STATE = {"momentum": "momentum_buffer", "amsgrad": "max_exp_avg_sq", "centered": "grad_avg"}
"""What an optimizer keeps for a parameter only while one of its numbers is on."""

Edit = tuple[int, int, str]
"""Characters from a place to another one of a text, and what takes their place."""


def beginning(settings: Settings, changes: Sequence[Change]) -> Settings:
    """The settings that a run began with.

    Args:
        settings: the latest in force.
        changes: what was changed in mid-run, in order.

    Returns:
        Of a program of the user's own, the settings as they are.
    """
    if settings.own is not None:
        # Of its text only the latest is known.
        return settings
    values: dict[str, object] = {}
    options = dict(settings.optimizer_options)
    for change in reversed(changes):
        if change.name == "painted":
            values.update(cast("Mapping[str, object]", change.old))
        elif change.name in Settings.model_fields:
            values[change.name] = change.old
        else:
            options[change.name] = change.old  # type: ignore[assignment]
    # How long the run is to be is no part of its numbers: the latest counts.
    values.pop("steps", None)
    if options != dict(settings.optimizer_options):
        values["optimizer_options"] = options
    return changed(settings, **values) if values else settings


def script_of(settings: Settings, changes: Sequence[Change] = ()) -> str:
    """A program that needs only torch or NumPy, and prints the losses of the run; it holds its own data.

    They are the run's bit for bit on the same machine, for the same number of threads: where the run
    has chosen that itself, hand over settings with the number that was in force.

    Args:
        settings: the run's, the latest in force.
        changes: what was changed in mid-run, in order. Of a program of the user's own, whose text says
            how it goes on, they are told in comments.

    Raises:
        WrittenOutError: the file that the run's data is from is gone or another one, or too large.
    """
    if settings.own is not None:
        told = "".join(f"# From step {change.step} on: {change.words}\n" for change in changes)
        head = "# What was changed in mid-run, and this text does not repeat:\n" if told else ""
        return head + told + settings.own.text
    begun = beginning(settings, changes)
    text = text_of(begun)
    edits = edits_for(text, settings, changes)
    return replaced(text, [*edits, *_written_out(text, begun)])


def _written_out(text: str, settings: Settings) -> list[Edit]:
    """What makes a text hold the numbers that it reads from a file; nothing where it reads none."""
    if not reads_a_file(settings):
        return []
    modules, lines = written_out(settings)
    reading = "\n".join(source_lines(settings))
    start = text.index(reading)
    edits = [(start, start + len(reading), "\n".join(lines))]
    unused = "".join(f"{line}\n" for line in import_lines(settings))
    at = text.index(unused) if unused else text.index("import ")
    needed, rest = "".join(f"{line}\n" for line in modules), text[at + len(unused) :]
    # Modules of Python itself stand by themselves.
    if needed and not unused and not rest.startswith("import random\n"):
        needed += "\n"
    gap = len(rest) - len(rest.lstrip("\n")) if unused and not needed else 0
    return [*edits, (at, at + len(unused) + gap, needed)]


def edits_for(text: str, settings: Settings, changes: Sequence[Change]) -> list[Edit]:
    """What makes a stage's text change its numbers by itself.

    Args:
        text: of the stage with the settings that the run began with.
        settings: the run's.
        changes: in order.
    """
    acting = [change for change in changes if change.name != "steps"]
    if not acting:
        return []
    tree, places = parse(text, "stage"), Places(text)
    loop = next(each for each in tree.body if isinstance(each, ast.For) and ast.unparse(each.target) == "t")
    before = places.line(loop.lineno)
    within = places.line(loop.lineno + 1)
    tables, lines = _tables(settings, acting)
    edits = [(before, before, tables), (within, within, lines)]
    depths = [change for change in acting if change.name == "depth"]
    if depths:
        start, end, first = _depth_call(tree, places)
        edits[0] = (before, before, tables + f"depth = {first}\n")
        edits.append((start, end, "*depth"))
    return edits


def _tables(settings: Settings, changes: Sequence[Change]) -> tuple[str, str]:
    """The tables, to stand before the loop, and the lines that read them at the loop's top."""
    numbers = [change for change in changes if change.name not in ("depth", "threads", "painted")]
    threads = [change for change in changes if change.name == "threads"]
    by_numpy = settings.stage == "numpy"
    tables = "# Changed in mid-run: from which step on, and the new value.\n"
    lines = ""
    if numbers and settings.optimizer is None:
        tables += _table("learning_rates", {change.step: written(change.new) for change in numbers})
        lines += "    learning_rate = learning_rates.get(t, learning_rate)\n"
    elif numbers:
        tables += _table("numbers", _by_step(numbers))
        lines += _optimizer_lines(numbers)
    if depths := {change.step: written(change.new) for change in changes if change.name == "depth"}:
        tables += _table("depths", depths)
        lines += "    depth = depths.get(t, depth)\n"
    if threads and by_numpy:
        # NumPy's number of threads is read when it is loaded.
        tables += "".join(f"# From step {each.step} on: {each.words}.\n" for each in threads)
    elif threads:
        tables += _table("threads", {change.step: written(change.new) for change in threads})
        lines += "    if t in threads:\n        torch.set_num_threads(threads[t])\n"
    if painted := [change for change in changes if change.name == "painted"]:
        tables += _painted_table(painted)
        lines += "    if t in painted:\n        points = np.array(painted[t], float)\n"
        lines += "".join(f"        {line}\n" for line in repainting_lines(settings))
    return tables, lines + ("\n" if lines else "")


def _painted_table(changes: Iterable[Change]) -> str:
    text, name = "painted = {}\n", ""
    before: tuple[object, ...] = ()
    # What was tried while the run stood still is written over by what held in the end.
    for step, new in {change.step: change.new for change in changes}.items():
        painted = PaintedData(**cast("Mapping[str, Any]", new)["painted"])
        text += f"painted[{step}] = {_points_text(painted, before, name)}\n"
        before, name = painted.points, f"painted[{step}]"
    return text


def _points_text(painted: PaintedData, before: tuple[object, ...], name: str) -> str:
    """A list of points; what it has in common with the one before, at its ends, is taken from that."""
    points = painted.points
    most = min(len(before), len(points))
    start = next((at for at in range(most) if before[at] != points[at]), most)
    end = next((at for at in range(most - start) if before[-1 - at] != points[-1 - at]), most - start)
    parts = [f"{name}[:{start}]"] if start else []
    middle = points[start : len(points) - end]
    if middle:
        lines = points_lines(replace(painted, points=middle), 4)
        parts.append("[\n" + "".join(f"{line}\n" for line in lines) + "]")
    return " + ".join([*parts, *([f"{name}[-{end}:]"] if end else [])])


def _optimizer_lines(changes: Iterable[Change]) -> str:
    lines = (
        "    if t in numbers:\n        for group in optimizer.param_groups:\n"
        "            group.update(numbers[t])\n"
    )
    fresh = {_STATE[each.name] for each in changes if each.name in _STATE and each.new}
    if fresh:
        lines += "        # What the new numbers need, as after a gradient of zero.\n"
        lines += "        for param, state in optimizer.state.items():\n"
        lines += "".join(
            f'            state.setdefault("{name}", torch.zeros_like(param))\n' for name in sorted(fresh)
        )
    return lines


def _by_step(changes: Iterable[Change]) -> dict[int, str]:
    found: dict[int, dict[str, str]] = {}
    for change in changes:
        name = "lr" if change.name == "learning_rate" else change.name
        found.setdefault(change.step, {})[name] = written(change.new)
    return {
        step: "{" + ", ".join(f'"{name}": {value}' for name, value in values.items()) + "}"
        for step, values in found.items()
    }


def _table(name: str, values: Mapping[int, str]) -> str:
    return f"{name} = {{\n" + "".join(f"    {step}: {value},\n" for step, value in values.items()) + "}\n"


def _depth_call(tree: ast.Module, places: Places) -> tuple[int, int, str]:
    """Where the ends of DynamicNet's range stand, and what they are."""
    call = next(
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "random.randint"
    )
    start, end = places.span(call.args[0])[0], places.span(call.args[-1])[1]
    return start, end, f"({', '.join(ast.unparse(each) for each in call.args)})"
