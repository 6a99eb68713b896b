"""The module that a run trains as ONNX, which other programs run and draw."""

from __future__ import annotations

import copy
import importlib.util
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from playground.trainer import Trainer, kept_random_states
from playground.workspace.models import trained_modules

if TYPE_CHECKING:
    from torch import nn

NEEDED = "onnxscript"


class OnnxError(Exception):
    """Why there is no ONNX of a run; the message is one line."""


def onnx_of(trainer: Trainer) -> bytes:
    """The module as the content of an ONNX file, for any size of batch where the module allows it.

    To be called on the thread that trains; it makes one more step to see what the module is called with,
    and writes the weights as they were before. Python's own decisions in `forward` (DynamicNet's depth) are
    written as they fall once.

    Raises:
        OnnxError: the program has no module, several of them, or has ended; a package is missing; PyTorch
            cannot write this module.
    """
    if importlib.util.find_spec(NEEDED) is None:
        raise OnnxError(f"the package {NEEDED} is missing; install torch-playground[onnx]")
    modules = trained_modules(*trainer.trained())
    if len(modules) != 1:
        has = f"{len(modules)} modules" if modules else "no module"
        raise OnnxError(f"ONNX holds one module, and this program has {has}")
    (module,) = modules.values()
    frozen = copy.deepcopy(module).eval()
    given, named = _inputs(trainer, module)
    try:
        with _quietly(), kept_random_states():
            return _exported(frozen, given, named)
    except Exception as error:
        words = " ".join(str(error).split())[:200]
        raise OnnxError(
            f"PyTorch cannot write this module as ONNX: {type(error).__name__}: {words}"
        ) from None


def _inputs(trainer: Trainer, module: nn.Module) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """What the next step calls the module with, first."""
    calls: list[tuple[tuple[Any, ...], dict[str, Any]]] = []

    def note(_module: nn.Module, given: tuple[Any, ...], named: dict[str, Any]) -> None:
        if not calls:
            calls.append((copy.deepcopy(given), copy.deepcopy(named)))

    handle = module.register_forward_pre_hook(note, with_kwargs=True)
    try:
        if trainer.ended:
            raise OnnxError("the program has ended: what its module is called with is not known any more")
        trainer.step()
    finally:
        handle.remove()
    if not calls:
        raise OnnxError("the step does not call its module")
    return calls[0]


def _exported(module: nn.Module, given: tuple[Any, ...], named: dict[str, Any]) -> bytes:
    import torch

    def shape(value: object) -> object:
        free = isinstance(value, torch.Tensor) and value.dim() > 0
        return {0: torch.export.Dim.AUTO} if free else None

    program = torch.onnx.export(
        module,
        given,
        kwargs=named,
        dynamo=True,
        verbose=False,
        dynamic_shapes=None if named else tuple(map(shape, given)),
    )
    assert program is not None, "without a file it is returned"
    content: bytes = program.model_proto.SerializeToString()
    return content


@contextmanager
def _quietly() -> Iterator[None]:
    """What the exporter says of torchvision and of its own parts is of no use to anybody here."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
