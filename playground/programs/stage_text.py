"""A stage's program with other settings: its text with other values in its slots, and back again."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from pathlib import Path

from playground.data.catalog import RANDOM
from playground.data.text import (
    batch_lines,
    before_loop_lines,
    data_lines,
    import_lines,
    literal,
    needs_numpy,
    read_data,
)
from playground.programs.errors import ProgramError
from playground.programs.parse import bound_by, parse, read_text
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
    values.update(read_data(tree, text))
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
    modules = [f"{line}\n" for line in import_lines(settings)]
    if modules:
        found.append((at_import, at_import, "".join([*modules, "" if _of_python(tree) else "\n"])))
    if not by_numpy and (settings.same_start or needs_numpy(settings)):
        found.append((at_import, at_import, "import numpy as np\n"))
    return [*found, *_data_changes(tree, settings, places), *_before_the_loop(tree, settings, places)]


def _data_changes(tree: ast.Module, settings: Settings, places: Places) -> list[tuple[int, int, str]]:
    """Other data in the place of the stage's x and y."""
    lines = data_lines(settings)
    if not lines:
        return []
    x, y = (next(each for each in tree.body if name in bound_by(each)) for name in ("x", "y"))
    start, end = places.span(x)[0], places.span(y)[1]
    return [(start, end, "\n".join(lines))]


def _before_the_loop(tree: ast.Module, settings: Settings, places: Places) -> list[tuple[int, int, str]]:
    """A shared start or another dtype behind data and weights, a split, and mini-batches."""
    text = ""
    if settings.same_start or settings.dtype is not None:
        text = _start_lines(settings)
    lines = before_loop_lines(settings)
    text += "".join(f"{line}\n" for line in lines)
    if not text:
        return []
    weights = [each for each in tree.body if bound_by(each) & {"w2", "model"}]
    last = weights[-1]
    assert last.end_lineno is not None
    place = places.line(last.end_lineno + 1)
    found = [(place, place, text + ("\n" if settings.stage in _LAYERS else ""))]
    loop = next(each for each in tree.body if isinstance(each, ast.For))
    place = places.line(loop.lineno + 1)
    batch = "".join(f"{line}\n" for line in batch_lines(settings))
    return [*found, (place, place, batch)] if batch else found


def _of_python(tree: ast.Module) -> bool:
    """Whether the stage imports modules of Python itself, with a gap behind them."""
    return any(isinstance(each, ast.Import) and each.names[0].name == "random" for each in tree.body)


def _start_lines(settings: Settings) -> str:
    """Gives data and weights the numbers that all stages share, or another dtype."""
    stage, dtype = settings.stage, settings.dtype
    drawn_here = ("x", "y") if settings.data == RANDOM else ()
    names = drawn_here if stage in _LAYERS else (*drawn_here, "w1", "w2")
    tensors = f"({', '.join(names)})"
    comment = _SHARED.format("" if dtype is None else f", in {dtype}")
    if stage == "numpy":
        cast = "" if dtype is None else f".astype(np.{dtype})"
        if not settings.same_start:
            return f"{tensors[1:-1]} = (each{cast} for each in {tensors})\n"
        start = f"start = np.random.RandomState({settings.seed})"
        drawn = f"{tensors[1:-1]} = (start.randn(*each.shape){cast} for each in {tensors})"
        return f"\n{comment}\n{start}\n{drawn}\n"
    kind = "" if dtype is None else f", dtype=torch.{dtype}"
    if not settings.same_start:
        lines = [f"for each in {tensors}:", f"    each.data = each.data.to(torch.{dtype})"] if names else []
        lines += [f"model.to(torch.{dtype})"] if stage in _LAYERS else []
        return "\n" + "\n".join(lines) + "\n"
    lines = [
        comment,
        f"start = np.random.RandomState({settings.seed})",
    ]
    if names:
        lines += [
            f"for each in {tensors}:",
            f"    each.data = torch.tensor(start.randn(*each.shape){kind}, device=device)",
        ]
    if stage in _LAYERS:
        if stage == "dynamic":
            lines += [f"model.to(torch.{dtype})", "model.middle_linear.bias = None"]
        lines += [
            f"for layer in {_LAYERS[stage]}:",
            # Copied: a transposed view lies in memory as no layer's weight does, which changes the last bits.
            "    weight = start.randn(layer.in_features, layer.out_features).T.copy()",
            f"    layer.weight.data = torch.tensor(weight{kind}, device=device)",
            "    layer.bias = None",
        ]
    return "\n" + "\n".join(lines) + "\n"


def _read(node: ast.AST, stage: Stage) -> dict[str, object]:
    """What a node tells of the settings."""
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple):
        names = [ast.unparse(each) for each in node.targets[0].elts]
        if tuple(names) == _SIZES and isinstance(node.value, ast.Tuple):
            return {name: literal(each) for name, each in zip(names, node.value.elts, strict=True)}
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "learning_rate":
        return {"learning_rate": literal(node.value)}
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).startswith("os.environ["):
        return {"threads": literal(node.value)}
    if isinstance(node, ast.For) and ast.unparse(node.target) == "t" and isinstance(node.iter, ast.Call):
        return {"steps": literal(node.iter.args[0])}
    if not isinstance(node, ast.Call):
        return {}
    function = ast.unparse(node.func)
    if function in ("np.random.seed", "torch.manual_seed"):
        return {"seed": literal(node.args[0])}
    if function == "torch.set_num_threads":
        return {"threads": literal(node.args[0])}
    if function == "torch.device":
        return {"device": literal(node.args[0])}
    if function == "random.randint":
        return {"depth": tuple(map(literal, node.args))}
    if function.startswith("torch.optim.") and stage.has_optimizer:
        numbers = {each.arg: literal(each.value) for each in node.keywords}
        rate = numbers.pop("lr", None)
        name = function.removeprefix("torch.optim.")
        return {"optimizer": name, "learning_rate": rate, "optimizer_options": numbers}
    return {}
