"""A stage's program with other settings: its text with other values in its slots, and back again."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from pathlib import Path

from playground.programs.errors import ProgramError
from playground.programs.parse import parse, read_text
from playground.programs.slots import Places, replaced, written
from playground.settings import Settings, SettingsError, make_settings
from playground.stages import Stage, stage_named

_SIZES = ("batch_size", "input_size", "hidden_size", "output_size")
_SHARED = "# The same data and initial weights in every stage{}."
_THREADS = ("OPENBLAS", "MKL")
"""Whose number of threads is read when NumPy is loaded."""
_LAYERS = {
    "nn": "(model[0], model[2])",
    "optim": "(model[0], model[2])",
    "module": "(model.linear1, model.linear2)",
    "dynamic": "(model.input_linear, model.output_linear)",
}


@lru_cache(maxsize=64)
def text_of(settings: Settings) -> str:
    """The stage's program with these settings; with the defaults its file to the letter.

    A shared start and another dtype are lines of their own, behind those that make data and weights.
    """
    stage = settings.program
    text = _file_text(stage.source_file)
    tree, places = parse(text, stage.source_file.name), Places(text)
    changes: list[tuple[int, int, str]] = []
    for node in ast.walk(tree):
        for value, new in _wanted(node, settings):
            if ast.literal_eval(value) != new:
                changes.append((*places.span(value), written(new)))
        if _is_optimizer(node):
            assert isinstance(node, ast.Call)
            changes += _optimizer_changes(node, settings, places)
    changes += _inserted(tree, settings, places)
    return replaced(text, changes)


def settings_of(stage: str, text: str) -> Settings:
    """Reads the settings back from a text that `text_of` has written, or a user has changed.

    Raises:
        ProgramError: the text has other differences from the stage's program than its settings.
        SettingsError: a value that is not allowed.
    """
    known = stage_named(stage)
    if known is None:
        raise ProgramError(f"{stage!r} is no stage")
    tree = parse(text, f"{stage}.py")
    values: dict[str, object] = {"stage": stage, "threads": 0, "same_start": False, "dtype": None}
    for node in ast.walk(tree):
        values.update(_read(node, known))
    found = re.search(r"^# The same data and initial weights in every stage", text, re.MULTILINE)
    values["same_start"] = found is not None
    dtype = re.search(r"(?:np|torch)\.(float32|float64)\b", text)
    values["dtype"] = None if dtype is None else dtype[1]
    if values["same_start"] and values["dtype"] is None:
        values["dtype"] = "float64"
    settings = make_settings(**values)
    if text_of(settings) != text:
        raise ProgramError(f"the text differs from the stage {stage!r} in more than its settings")
    return settings


def is_settings_only(stage: str, text: str) -> bool:
    """Whether a text is a stage's program with other settings, and nothing else."""
    try:
        settings_of(stage, text)
    except (ProgramError, SettingsError, ValueError):
        return False
    return True


@lru_cache(maxsize=16)
def _file_text(path: Path) -> str:
    return read_text(path)


def _wanted(node: ast.AST, settings: Settings) -> list[tuple[ast.expr, object]]:
    """The values at a node, and what they shall be."""
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple):
        names = [ast.unparse(each) for each in node.targets[0].elts]
        if tuple(names) == _SIZES and isinstance(node.value, ast.Tuple):
            return list(zip(node.value.elts, settings.sizes, strict=True))
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "learning_rate":
        return [(node.value, settings.learning_rate)]
    if isinstance(node, ast.For) and ast.unparse(node.target) == "t" and isinstance(node.iter, ast.Call):
        return [(node.iter.args[0], settings.steps)]
    if isinstance(node, ast.Call):
        function = ast.unparse(node.func)
        if function in ("np.random.seed", "torch.manual_seed", "random.seed"):
            return [(node.args[0], settings.seed)]
        if function == "torch.device":
            return [(node.args[0], settings.device)]
        if function == "random.randint":
            return list(zip(node.args, settings.depth, strict=True))
    return []


def _is_optimizer(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func).startswith("torch.optim.")


def _optimizer_changes(call: ast.Call, settings: Settings, places: Places) -> list[tuple[int, int, str]]:
    """The class of the optimizer, its learning rate, and its own numbers."""
    name = ast.unparse(call.func).removeprefix("torch.optim.")
    written_there = {each.arg: each.value for each in call.keywords}
    rate = written_there.pop("lr")
    options = {name: ast.literal_eval(value) for name, value in written_there.items()}
    changes = []
    if name != settings.optimizer:
        _, end = places.span(call.func)
        changes.append((end - len(name), end, settings.optimizer or ""))
    if ast.literal_eval(rate) != settings.learning_rate:
        changes.append((*places.span(rate), written(settings.learning_rate)))
    if options != dict(settings.optimizer_options):
        _, start = places.span(rate)
        _, end = places.span(call)
        new = "".join(f", {name}={written(value)}" for name, value in settings.optimizer_options)
        changes.append((start, end - 1, new))
    return changes


def _inserted(tree: ast.Module, settings: Settings, places: Places) -> list[tuple[int, int, str]]:
    """Lines that the default program does not have: threads, a shared start, another dtype."""
    by_numpy = settings.stage == "numpy"
    imports = [each for each in tree.body if isinstance(each, ast.Import)]
    numpy_or_torch = next(each for each in imports if each.names[0].name in ("numpy", "torch"))
    found = []
    at_import = places.line(numpy_or_torch.lineno)
    if settings.threads and by_numpy:
        lines = [f'os.environ["{name}_NUM_THREADS"] = "{settings.threads}"\n' for name in _THREADS]
        found.append((at_import, at_import, "".join(["import os\n\n", *lines, "\n"])))
    elif settings.threads:
        calls = [each for each in tree.body if isinstance(each, ast.Expr)]
        seed = next(each for each in calls if isinstance(each.value, ast.Call))
        place = places.line(seed.lineno)
        found.append((place, place, f"torch.set_num_threads({settings.threads})\n"))
    if settings.same_start and not by_numpy:
        found.append((at_import, at_import, "import numpy as np\n"))
    if settings.same_start or settings.dtype is not None:
        last = next(
            each
            for each in reversed(tree.body)
            if isinstance(each, ast.Assign) and ast.unparse(each.targets[0]) in ("w2", "model")
        )
        assert last.end_lineno is not None
        place = places.line(last.end_lineno + 1)
        gap = "\n" if settings.stage in _LAYERS else ""
        found.append((place, place, _start_lines(settings) + gap))
    return found


def _start_lines(settings: Settings) -> str:
    """Gives data and weights the numbers that all stages share, or another dtype."""
    stage, dtype = settings.stage, settings.dtype
    comment = _SHARED.format("" if dtype is None else f", in {dtype}")
    if stage == "numpy":
        cast = "" if dtype is None else f".astype(np.{dtype})"
        if not settings.same_start:
            return f"x, y, w1, w2 = (each{cast} for each in (x, y, w1, w2))\n"
        start = f"start = np.random.RandomState({settings.seed})"
        drawn = f"x, y, w1, w2 = (start.randn(*each.shape){cast} for each in (x, y, w1, w2))"
        return f"\n{comment}\n{start}\n{drawn}\n"
    kind = "" if dtype is None else f", dtype=torch.{dtype}"
    tensors = "(x, y)" if stage in _LAYERS else "(x, y, w1, w2)"
    if not settings.same_start:
        lines = [f"for each in {tensors}:", f"    each.data = each.data.to(torch.{dtype})"]
        lines += [f"model.to(torch.{dtype})"] if stage in _LAYERS else []
        return "\n" + "\n".join(lines) + "\n"
    lines = [
        comment,
        f"start = np.random.RandomState({settings.seed})",
        f"for each in {tensors}:",
        f"    each.data = torch.tensor(start.randn(*each.shape){kind}, device=device)",
    ]
    if stage in _LAYERS:
        if stage == "dynamic":
            lines += [f"model.to(torch.{dtype})", "model.middle_linear.bias = None"]
        lines += [
            f"for layer in {_LAYERS[stage]}:",
            "    weight = start.randn(layer.in_features, layer.out_features).T",
            f"    layer.weight.data = torch.tensor(weight{kind}, device=device)",
            "    layer.bias = None",
        ]
    return "\n" + "\n".join(lines) + "\n"


def _read(node: ast.AST, stage: Stage) -> dict[str, object]:
    """What a node tells of the settings."""
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple):
        names = [ast.unparse(each) for each in node.targets[0].elts]
        if tuple(names) == _SIZES and isinstance(node.value, ast.Tuple):
            return {name: _literal(each) for name, each in zip(names, node.value.elts, strict=True)}
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "learning_rate":
        return {"learning_rate": _literal(node.value)}
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).startswith("os.environ["):
        return {"threads": _literal(node.value)}
    if isinstance(node, ast.For) and ast.unparse(node.target) == "t" and isinstance(node.iter, ast.Call):
        return {"steps": _literal(node.iter.args[0])}
    if not isinstance(node, ast.Call):
        return {}
    function = ast.unparse(node.func)
    if function in ("np.random.seed", "torch.manual_seed"):
        return {"seed": _literal(node.args[0])}
    if function == "torch.set_num_threads":
        return {"threads": _literal(node.args[0])}
    if function == "torch.device":
        return {"device": _literal(node.args[0])}
    if function == "random.randint":
        return {"depth": tuple(map(_literal, node.args))}
    if function.startswith("torch.optim.") and stage.has_optimizer:
        numbers = {each.arg: _literal(each.value) for each in node.keywords}
        rate = numbers.pop("lr", None)
        name = function.removeprefix("torch.optim.")
        return {"optimizer": name, "learning_rate": rate, "optimizer_options": numbers}
    return {}


def _literal(node: ast.expr) -> object:
    try:
        return ast.literal_eval(node)
    except ValueError:
        raise ProgramError(f"line {node.lineno}: {ast.unparse(node)} is no plain value") from None
