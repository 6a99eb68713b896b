"""Operations that write into their arguments without moving the version counter that tells of it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping

import torch
from torch import Tensor

_BATCH_NORM = torch.nn.functional.batch_norm
_INSTANCE_NORM = torch.nn.functional.instance_norm
_SIGNATURES: dict[Callable[..., object], inspect.Signature] = {
    function: inspect.signature(function) for function in (_BATCH_NORM, _INSTANCE_NORM)
}
UNSCALE = "_amp_foreach_non_finite_check_and_unscale_"
RENORMALIZING = {"embedding": 1, "embedding_bag": 1}
"""Functions that scale rows of their weight down before they use it, and which argument the weight is."""


def uncounted_writes(
    function: Callable[..., object], op: str, args: tuple[object, ...], kwargs: Mapping[str, object]
) -> list[Tensor]:
    """The arguments that a call of this function writes whatever their version says.

    Args:
        function: that is about to run.
        op: its name.
        args, kwargs: what it is given.
    """
    if op.startswith("_fused_") and op.endswith("_"):
        return list(_tensors((args, kwargs)))
    if op == UNSCALE:
        # The gradients, and whether one of them is not finite; the scale is only read.
        return list(_tensors(args[:2]))
    if function in _SIGNATURES:
        return list(_statistics(function, args, kwargs))
    return []


def _statistics(
    function: Callable[..., object], args: tuple[object, ...], kwargs: Mapping[str, object]
) -> Iterator[Tensor]:
    """The running mean and variance that a normalisation keeps up to date."""
    try:
        bound = _SIGNATURES[function].bind(*args, **kwargs)
    except TypeError:
        return
    bound.apply_defaults()
    given = bound.arguments
    if given["use_input_stats" if function is _INSTANCE_NORM else "training"]:
        yield from _tensors((given["running_mean"], given["running_var"]))


def _tensors(value: object) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, tuple | list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _tensors(item)
