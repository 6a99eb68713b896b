"""The calls that start backward: `backward()`, `torch.autograd.backward` and `torch.autograd.grad`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor
from torch.overrides import is_tensor_like

FUNCTIONS = (Tensor.backward, torch.autograd.backward, torch.autograd.grad)
_STANDING_FOR: dict[Callable[..., object], Callable[..., object]] = {}
_SIGNATURES = {function: inspect.signature(function) for function in FUNCTIONS}


def plain(function: Callable[..., object]) -> Callable[..., object]:
    """The function of torch that a wrapper stands for; any other function is itself."""
    return _STANDING_FOR.get(function, function)


def stand_for(wrappers: Mapping[Callable[..., object], Callable[..., object]]) -> Callable[[], None]:
    """Takes wrappers for the functions of torch that they wrap.

    Args:
        wrappers: with what each stands for.

    Returns:
        Ends it.
    """
    _STANDING_FOR.update(wrappers)

    def end() -> None:
        for wrapper in wrappers:
            _STANDING_FOR.pop(wrapper, None)

    return end


@dataclass(slots=True)
class BackwardCall:
    """One call.

    Attributes:
        name: `"backward"` or `"grad"`.
        outputs: what is differentiated.
        inputs: by what; empty where all leaves are meant.
        keeps_graph: whether what was saved for backward is kept after it.
        creates_graph: whether backward is recorded in its turn.
        results: of `grad`: the gradient by each of the inputs, once it has returned.
    """

    name: str
    outputs: Sequence[Tensor]
    inputs: Sequence[Tensor]
    keeps_graph: bool
    creates_graph: bool
    results: Sequence[Tensor | None] = ()

    def returned(self, result: object) -> None:
        """Takes what the call gave."""
        if self.name == "grad" and isinstance(result, tuple | list):
            self.results = cast("Sequence[Tensor | None]", result)


def backward_call(
    function: Callable[..., object], args: tuple[object, ...], kwargs: Mapping[str, object]
) -> BackwardCall | None:
    """The call that this function is about to make; None if its arguments are wrong, as torch will say."""
    try:
        given = _SIGNATURES[plain(function)].bind(*args, **kwargs).arguments
    except TypeError:
        return None
    outputs = given.get("self", given.get("tensors", given.get("outputs")))
    creates = bool(given.get("create_graph", False))
    keeps = given.get("retain_graph")
    return BackwardCall(
        "grad" if plain(function) is torch.autograd.grad else "backward",
        _tensors(outputs),
        _tensors(given.get("inputs")),
        creates if keeps is None else bool(keeps),
        creates,
    )


def _tensors(value: object) -> list[Tensor]:
    """One tensor or several, as a list; a gradient edge is none."""
    values = [value] if isinstance(value, Tensor) else list(cast("Sequence[object]", value or ()))
    return [each for each in values if is_tensor_like(each)]  # type: ignore[misc]
