"""What a step finds in its variables: the parameters and modules that name what happens in it."""

from __future__ import annotations

import contextlib
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from types import CodeType, FrameType, FunctionType
from typing import TYPE_CHECKING

from playground.tracing.frames import read_variables

if TYPE_CHECKING:
    import torch

DEEPEST = 3
"""So many containers or objects, one inside another, are looked into."""
MOST_OBJECTS = 10_000
"""So many things inside others are looked at in all; a variable always is, whatever those before it hold."""
MOST_PARTS = 1_000
"""Of a list of a million tensors, say, only the first are looked at."""
_PLAIN = (str, bytes, int, float, complex, bool, type(None))
"""What leads nowhere: a data set of thousands of words counts as nothing."""
_FOREIGN = ("torch", "numpy", "builtins", "collections", "matplotlib", "pandas", "PIL")
"""Packages whose objects are none of the program's own."""


@dataclass(slots=True)
class Found:
    """What some variables lead to.

    Attributes:
        parameters: by name, in the order in which the program would name them.
        buffers: tensors that modules keep beside their parameters, by name.
        paths: from the `id` of each module to its path.
        learning_rates: of the parameters that an optimizer updates, by name.
        modules: `id` of each module of a model, the model itself among them.
        has_compiled: whether one of them was compiled in place, by `module.compile()`.
    """

    parameters: dict[str, torch.Tensor] = field(default_factory=dict)
    buffers: dict[str, torch.Tensor] = field(default_factory=dict)
    paths: dict[int, str] = field(default_factory=dict)
    learning_rates: dict[str, float] = field(default_factory=dict)
    modules: set[int] = field(default_factory=set)
    has_compiled: bool = False


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


def find_in(variables: Mapping[str, object], optimizer: torch.optim.Optimizer | None = None) -> Found:
    """Models, parameters and optimizers that variables lead to, also by way of containers and objects.

    The names of a single model's parameters are those within it (`"0.weight"`); of several each begins with
    its variable (`"G.0.weight"`). What only an optimizer knows is named after its place there.

    Args:
        variables: by name.
        optimizer: that is known besides.
    """
    if "torch" not in sys.modules:
        return Found()
    reached, found = _reach(variables), Found()
    models = reached.outermost_models()
    for name, model in models.items():
        prefix = "" if len(models) == 1 and name in variables else f"{name}."
        _add_model(found, model, prefix)
    known = {id(each) for each in found.parameters.values()}
    for name, tensor in reached.leaves.items():
        if id(tensor) not in known:
            found.parameters.setdefault(name, tensor)
    _add_optimizers(found, reached.with_optimizer(optimizer))
    return found


def find_given(
    parameters: Mapping[str, torch.Tensor] | torch.nn.Module,
    variables: Mapping[str, object],
    optimizer: torch.optim.Optimizer | None = None,
) -> Found:
    """The parameters that were given themselves, and what names the rest of a step.

    Of the optimizers that the variables lead to only the learning rates of these parameters are taken.

    Args:
        parameters: by name, or a model.
        variables: by name.
        optimizer: that was given too; its other parameters are added.
    """
    import torch

    reached = _reach(variables)
    if isinstance(parameters, torch.nn.Module):
        found = Found()
        _add_model(found, parameters, "")
    else:
        found = find_in(variables)
        found.parameters, found.learning_rates = dict(parameters), {}
    for model in reached.outermost_models().values():
        found.modules.update(map(id, model.modules()))
    for each in reached.optimizers.values():
        if each is not optimizer:
            _add_learning_rates(found, each)
    _add_optimizers(found, {} if optimizer is None else {"optimizer": optimizer})
    return found


def names_of_leaves(variables: Mapping[str, object]) -> dict[int, str]:
    """What variables call each leaf that gets a gradient, by its `id`; also in containers and objects."""
    return {id(leaf): name for name, leaf in _reach(variables).leaves.items()}


def variables_in(frame: FrameType) -> dict[str, object]:
    """The variables of a frame, and those of its module that its code names."""
    names = frame.f_code.co_names
    named = {name: frame.f_globals[name] for name in names if name in frame.f_globals}
    return {**named, **read_variables(frame)}


def _add_model(found: Found, model: torch.nn.Module, prefix: str) -> None:
    for path, module in model.named_modules():
        found.modules.add(id(module))
        found.has_compiled = found.has_compiled or module._compiled_call_impl is not None
        if path or prefix:
            found.paths.setdefault(id(module), f"{prefix}{path}".rstrip("."))
    for name, parameter in model.named_parameters():
        found.parameters.setdefault(f"{prefix}{name}", parameter)
    for name, buffer in model.named_buffers():
        found.buffers.setdefault(f"{prefix}{name}", buffer)


def _add_optimizers(found: Found, optimizers: Mapping[str, torch.optim.Optimizer]) -> None:
    """Adds what optimizers know: learning rates, and parameters that nothing else leads to."""
    known = {id(each) for each in found.parameters.values()}
    for variable, optimizer in optimizers.items():
        prefix = f"{variable} " if len(optimizers) > 1 else ""
        for number, group in enumerate(optimizer.param_groups):
            for place, parameter in enumerate(group["params"]):
                if id(parameter) not in known:
                    known.add(id(parameter))
                    found.parameters[f"{prefix}group {number} parameter {place}"] = parameter
        _add_learning_rates(found, optimizer)


def _add_learning_rates(found: Found, optimizer: torch.optim.Optimizer) -> None:
    names = {id(each): name for name, each in found.parameters.items()}
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            with contextlib.suppress(KeyError, TypeError, ValueError):
                found.learning_rates[names[id(parameter)]] = float(group["lr"])


def _reach(variables: Mapping[str, object]) -> _Reached:
    import torch

    reached = _Reached()
    # A class of tensors of the user's own shall not hear of being looked at.
    with torch._C.DisableTorchFunction():
        for name, value in variables.items():
            # Nothing in there is a tensor or leads to one, and there are some 200 of them.
            if name != "__builtins__":
                reached.visit(value, name, 0)
    return reached


class _Reached:
    """What has been met on the way through variables, containers and objects, each thing once."""

    def __init__(self) -> None:
        self.models: dict[str, torch.nn.Module] = {}
        self.leaves: dict[str, torch.Tensor] = {}
        self.optimizers: dict[str, torch.optim.Optimizer] = {}
        self._seen: set[int] = set()

    def visit(self, value: object, name: str, depth: int) -> None:
        import torch

        if id(value) in self._seen or (depth and len(self._seen) > MOST_OBJECTS):
            return
        self._seen.add(id(value))
        if isinstance(value, torch.nn.Module):
            self.models[name] = value
        elif isinstance(value, torch.Tensor):
            if value.is_leaf and value.requires_grad:
                self.leaves[name] = value
        elif isinstance(value, torch.optim.Optimizer):
            self.optimizers[name] = value
        elif depth < DEEPEST:
            for part, inner in islice(_parts(value), MOST_PARTS):
                if type(inner) not in _PLAIN:
                    self.visit(inner, f"{name}{part}", depth + 1)

    def with_optimizer(self, optimizer: torch.optim.Optimizer | None) -> dict[str, torch.optim.Optimizer]:
        """The optimizers by their variables, and one that is known besides."""
        if optimizer is None or any(each is optimizer for each in self.optimizers.values()):
            return self.optimizers
        return {**self.optimizers, "optimizer": optimizer}

    def outermost_models(self) -> dict[str, torch.nn.Module]:
        """The models that are no part of another one, and that hold anything: a loss holds nothing.

        If none holds a tensor, those that hold other modules.
        """
        inner = {
            id(module) for model in self.models.values() for path, module in model.named_modules() if path
        }
        outermost = {name: model for name, model in self.models.items() if id(model) not in inner}
        holding = {name: model for name, model in outermost.items() if _holds_tensors(model)}
        return holding or {name: model for name, model in outermost.items() if any(model.children())}


def _holds_tensors(model: torch.nn.Module) -> bool:
    return any(True for _ in (*model.parameters(), *model.buffers()))


def _parts(value: object) -> Iterator[tuple[str, object]]:
    """What a container or an object of the program's own holds, with how the program would write it."""
    if isinstance(value, dict):
        yield from ((f"[{key!r}]", each) for key, each in value.items() if isinstance(key, str | int))
    elif isinstance(value, list | tuple):
        yield from ((f"[{index}]", each) for index, each in enumerate(value))
    elif not _is_foreign(value):
        yield from ((f".{key}", each) for key, each in vars(value).items())


def _is_foreign(value: object) -> bool:
    if isinstance(value, type) or not hasattr(value, "__dict__") or inspect.ismodule(value):
        return True
    if inspect.isroutine(value):
        return True
    return type(value).__module__.partition(".")[0] in _FOREIGN


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
