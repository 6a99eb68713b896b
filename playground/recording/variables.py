"""What a step finds in its variables: the parameters and modules that name what happens in it."""

from __future__ import annotations

import contextlib
import inspect
import sys
from collections.abc import Callable, Mapping
from functools import partial
from types import CodeType, FunctionType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def code_of(function: Callable[[], object]) -> CodeType:
    """The code of a function written in Python; raises TypeError for anything else."""
    plain = inspect.unwrap(function)
    while isinstance(plain, partial):
        plain = plain.func
    if inspect.ismethod(plain):
        plain = plain.__func__
    if not inspect.isfunction(plain):
        raise TypeError(f"{function!r} cannot be recorded; allowed: a function written in Python")
    return plain.__code__


def variables_of(function: Callable[[], object]) -> dict[str, object]:
    """Variables that a function finds outside itself: what it closes over, globals, bound arguments."""
    plain = inspect.unwrap(function)
    found: dict[str, object] = {}
    while isinstance(plain, partial):
        names = list(inspect.signature(plain.func).parameters)
        found.update(zip(names, plain.args, strict=False))
        found.update(plain.keywords)
        plain = plain.func
    if inspect.ismethod(plain):
        found["self"] = plain.__self__
        plain = plain.__func__
    if inspect.isfunction(plain):
        found = {**_globals_of(plain), **_closed_over(plain), **found}
    return found


def module_paths(variables: Mapping[str, object]) -> dict[int, str]:
    """The path of each module within the models that some variables hold."""
    paths: dict[int, str] = {}
    for model in _modules_among(variables).values():
        for path, module in model.named_modules():
            if path:
                paths.setdefault(id(module), path)
    return paths


def parameters_among(variables: Mapping[str, object]) -> dict[str, object]:
    """Parameters of modules by their paths, and leaves that require a gradient by their variable."""
    if "torch" not in sys.modules:
        return {}
    import torch

    found: dict[str, object] = {}
    models = _modules_among(variables)
    for variable, model in models.items():
        for name, parameter in model.named_parameters():
            found.setdefault(name if name not in found else f"{variable}.{name}", parameter)
    for name, value in variables.items():
        if isinstance(value, torch.Tensor) and value.is_leaf and value.requires_grad:
            found.setdefault(name, value)
    return found


def _globals_of(function: FunctionType) -> dict[str, object]:
    names = function.__code__.co_names
    return {name: function.__globals__[name] for name in names if name in function.__globals__}


def _closed_over(function: FunctionType) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        # A variable that is only bound later has nothing in its cell.
        with contextlib.suppress(ValueError):
            found[name] = cell.cell_contents
    return found


def _modules_among(variables: Mapping[str, object]) -> dict[str, torch.nn.Module]:
    if "torch" not in sys.modules:
        return {}
    import torch

    return {name: value for name, value in variables.items() if isinstance(value, torch.nn.Module)}
