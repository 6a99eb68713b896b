"""The start that all stages can share: the same data, the same weights, in one type.

A stage draws its data and weights itself, in the document's way: NumPy and torch draw other numbers,
and `torch.nn.Linear` other ones again. A shared start replaces them once the stage has made
them, before its first step. The stage's text stays as it is, and so does the rest of the run.

The numbers are those of the document's NumPy program: x, y, w1 and w2, in that order, from a
`RandomState` with the run's seed. A `Linear` holds its weights transposed. The hand-written stages
have no biases; so that all compute the same, the layers of the others lose theirs: a bias of zero
would not do, since it would be trained.

DynamicNet takes w1 and w2 as its first and last layer. With depth 0 it is the same two-layer
network; its middle layer, which no other stage has, keeps the weights that it drew.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from types import FrameType, GeneratorType
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from playground.forward_pass import ForwardPass
from playground.program import Program
from playground.settings import SHARED_OPTIMIZER, Settings
from playground.tracing.frames import read_variables, rebind_variables

if TYPE_CHECKING:
    import torch

DATA = ("x", "y")
WEIGHTS = ("w1", "w2")
"""Variables of a stage, in the order in which the document's NumPy program draws them."""


class SameStartError(ValueError):
    """A stage that a shared start does not fit; the message says what it lacks."""


class StartSettings(Protocol):
    """What a stage reads of its settings to begin: `Settings`, or what follows them while it runs."""

    @property
    def seed(self) -> int:
        """Of the random generators, and of the shared start."""

    @property
    def same_start(self) -> bool:
        """Whether the start is shared."""

    @property
    def dtype(self) -> str | None:
        """Of data and weights; None for the stage's own."""


def begin(
    program: Program, settings: StartSettings, device: torch.device | str
) -> Iterator[ForwardPass | None]:
    """A stage that stands before its first step, with the data and weights that its settings ask for.

    The random generators have to be seeded before.

    Raises:
        SameStartError: the program has no variables or layers that could take the shared start.
        Exception: whatever the stage raises.
    """
    generator = program.load()(settings, device)
    next(generator)
    if settings.same_start or settings.dtype is not None:
        frame = cast("GeneratorType[ForwardPass | None, None, None]", generator).gi_frame
        assert frame is not None, "it stands at its first stop"
        _replace_start(frame, settings)
    return generator


def another_computation(settings: Settings, reference: Settings) -> str:
    """What makes a run compute something else than the reference; "" if rounding alone tells them apart."""
    if not (settings.same_start and reference.same_start):
        return "its own start"
    if settings.program.has_depth and settings.depth != (0, 0):
        return "depth {}:{}".format(*settings.depth)
    if settings.optimizer not in (None, SHARED_OPTIMIZER) or any(
        value for _, value in settings.optimizer_options
    ):
        numbers = ", ".join(f"{name}={value}" for name, value in settings.optimizer_options)
        return f"optimizer {settings.optimizer}" + (f" with {numbers}" if numbers else "")
    for name in ("dtype", "learning_rate", "seed", "sizes"):
        value = getattr(settings, name)
        if value != getattr(reference, name):
            return f"{name.replace('_', ' ')} {value}"
    return ""


def _replace_start(frame: FrameType, settings: StartSettings) -> None:
    variables = read_variables(frame)
    start = _SharedStart(settings.seed) if settings.same_start else None
    names = [*DATA, *WEIGHTS] if start else list(variables)
    arrays = [name for name in names if isinstance(variables.get(name), np.ndarray)]
    if arrays:
        _fill_arrays(frame, variables, arrays, start, settings.dtype)
    elif "torch" in sys.modules:
        _fill_tensors(variables, start, settings.dtype)


class _SharedStart:
    """Draws the shared numbers, in float64; the order of the calls makes the numbers."""

    def __init__(self, seed: int) -> None:
        self._random = np.random.RandomState(seed)

    def draw(self, shape: tuple[int, ...]) -> NDArray[np.float64]:
        return self._random.randn(*shape)


def _fill_arrays(
    frame: FrameType,
    variables: dict[str, object],
    names: list[str],
    start: _SharedStart | None,
    dtype: str | None,
) -> None:
    """NumPy's arrays cannot change their type: each variable is bound to a new one."""
    if start is not None:
        _check_names(names)
    for name in names:
        # No second name may keep the old array alive while the next one is made.
        old = cast("NDArray[Any]", variables.pop(name))
        if start is None and old.dtype.kind != "f":
            continue
        new = old if start is None else start.draw(old.shape)
        rebind_variables(frame, {name: new.astype(dtype or new.dtype, copy=False)})


def _fill_tensors(variables: Mapping[str, object], start: _SharedStart | None, dtype: str | None) -> None:
    """Tensors and parameters stay the objects that they are, for whoever holds them, with other numbers."""
    import torch

    wanted = None if dtype is None else cast("torch.dtype", getattr(torch, dtype))
    tensors = {name: value for name, value in variables.items() if isinstance(value, torch.Tensor)}
    modules = [value for value in variables.values() if isinstance(value, torch.nn.Module)]
    for module in modules:
        if start is not None:
            _take_biases(module, variables)
        if wanted is not None:
            module.to(wanted)
    if start is None:
        for tensor in tensors.values():
            if tensor.is_floating_point() and wanted is not None:
                tensor.data = tensor.data.to(wanted)
    else:
        layers = [layer for each in modules for layer in each.modules() if isinstance(layer, torch.nn.Linear)]
        if layers:
            tensors |= {"w1": layers[0].weight, "w2": layers[-1].weight}
        _check_names(list(tensors))
        for name in (*DATA, *WEIGHTS):
            _fill(tensors[name], start, transposed=name in WEIGHTS and bool(layers), dtype=wanted)
    for value in variables.values():
        if isinstance(value, torch.optim.Optimizer):
            _fit_state(value)


def _fill(tensor: torch.Tensor, start: _SharedStart, transposed: bool, dtype: torch.dtype | None) -> None:
    import torch

    shape = tuple(tensor.shape)
    drawn = torch.from_numpy(start.draw(shape[::-1] if transposed else shape))
    new = torch.empty(shape, dtype=dtype or tensor.dtype, device=tensor.device)
    # A copy lies where torch wants its memory to lie; a tensor that borrows NumPy's may not.
    new.copy_(drawn.t() if transposed else drawn)
    tensor.data = new


def _take_biases(module: torch.nn.Module, variables: Mapping[str, object]) -> None:
    """Removes the biases of a module's layers from it, and from whoever trains or names them."""
    import torch

    removed = set()
    for layer in module.modules():
        if isinstance(layer, torch.nn.Linear) and layer.bias is not None:
            removed.add(layer.bias)
            layer.register_parameter("bias", None)
    for value in variables.values():
        if isinstance(value, torch.optim.Optimizer):
            for group in value.param_groups:
                group["params"] = [each for each in group["params"] if each not in removed]
            for parameter in removed & set(value.state):
                del value.state[parameter]
        elif isinstance(value, dict):
            for name in [name for name, each in value.items() if _is_among(each, removed)]:
                del value[name]


def _is_among(value: object, parameters: set[torch.nn.Parameter]) -> bool:
    import torch

    return isinstance(value, torch.nn.Parameter) and value in parameters


def _fit_state(optimizer: torch.optim.Optimizer) -> None:
    """Adagrad makes its state before the first step, in the type that its parameters had then."""
    import torch

    for parameter, state in optimizer.state.items():
        for name, value in state.items():
            if isinstance(value, torch.Tensor) and value.shape == parameter.shape:
                state[name] = value.to(parameter.dtype)


def _check_names(names: list[str]) -> None:
    missing = [name for name in (*DATA, *WEIGHTS) if name not in names]
    if missing:
        raise SameStartError(
            f"a shared start needs the variables x and y, and w1 and w2 or a model of Linear layers; "
            f"the program has no {', '.join(missing)}"
        )
