"""Records PyTorch: a mode, entered only around what is recorded, that sees every function called.

What a function calls inside is not seen, so that each operation is taken down once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn.parameter import Parameter, is_lazy
from torch.overrides import TorchFunctionMode

from playground.tracing.backward_calls import FUNCTIONS as BACKWARD
from playground.tracing.backward_calls import backward_call, plain
from playground.tracing.tape import Seen, Tape
from playground.tracing.uncounted_writes import RENORMALIZING, uncounted_writes

VIEWS = frozenset({"T", "mT", "H", "mH", "real", "imag"})
"""Attributes that are operations; all others (`shape`, `grad`, `data`, …) only tell of a tensor."""

_GRADIENT: Any = Tensor.grad
"""The attribute of a tensor that holds its gradient."""

OPERATOR = re.compile(r"__([ri]?)(add|sub|mul|div|truediv|floordiv|mod|pow|matmul|and|or|xor|[lr]shift)__")
NAMES = {"truediv": "div", "floordiv": "floor_divide", "mod": "remainder"}
"""What operators are called in the documentation where their method is called otherwise."""


class RecordingMode(TorchFunctionMode):
    """Takes down every operation on tensors while it is entered; results are the usual tensors."""

    def __init__(self, tape: Tape) -> None:
        """Makes a mode that writes on this tape."""
        super().__init__()
        self._tape = tape

    def __torch_function__(
        self,
        func: Callable[..., object],
        types: object,
        args: tuple[object, ...] = (),
        kwargs: Mapping[str, object] | None = None,
    ) -> Any:
        """Called by PyTorch in place of each of its functions."""
        kwargs = kwargs or {}
        op = name_of(func)
        if op is None:
            return self._attribute(func, args, kwargs)
        if plain(func) in BACKWARD and (call := backward_call(func, args, kwargs)) is not None:
            with self._tape.around_backward(call, self):
                result = func(*args, **kwargs)
                call.returned(result)
            return result
        guarded = self._tape.guarded
        announced = guarded(op, self._announce, func, op, args, kwargs)
        try:
            result = func(*args, **kwargs)
        except Exception as error:
            if announced is not None:
                guarded(op, self._tape.failed, error)
            raise
        if announced is not None:
            guarded(op, self._take_down, announced, result)
        return result

    def _attribute(
        self, func: Callable[..., object], args: tuple[object, ...], kwargs: Mapping[str, object]
    ) -> object:
        """Reads or sets an attribute; only what is done to `.grad` is taken down."""
        if getattr(func, "__self__", None) is not _GRADIENT or func.__name__ == "__get__":
            return func(*args, **kwargs)
        guarded = self._tape.guarded
        guarded("grad", self._tape.gradient_changes, args[0])
        result = func(*args, **kwargs)
        guarded("grad", self._tape.gradient_set, args[0])
        return result

    def _announce(
        self,
        func: Callable[..., object],
        op: str,
        args: tuple[object, ...],
        kwargs: Mapping[str, object],
    ) -> _Announced:
        """Tells the tape of a call that is about to run."""
        if op == "retain_grad":
            self._tape.gradient_retained(args[0])
        inputs = _tensors(args)
        for name, value in kwargs.items():
            if name != "out":
                inputs += _tensors(value)
        versions = [(each, _version(each)) for each in (*inputs, *_tensors(kwargs.get("out")))]
        self._tape.before(op, [see(each) for each, _ in versions])
        return _Announced(op, inputs, versions, uncounted_writes(func, op, args, kwargs))

    def _take_down(self, announced: _Announced, result: object) -> None:
        """Tells the tape of a call that has run."""
        op, inputs, versions, uncounted = announced
        told = {id(each) for each in uncounted}
        written = _once([each for each, version in versions if id(each) in told or _version(each) != version])
        if op in RENORMALIZING and written:
            self._tape.record("embedding_renorm_", map(see, inputs), *[list(map(see, written))] * 2)
            self._tape.before(op, list(map(see, inputs)))
            written = []
        old = {id(each) for each, _ in versions}
        results = _once([each for each in _tensors(result) if id(each) not in old]) + written
        if results:
            self._tape.record(op, map(see, inputs), list(map(see, results)), list(map(see, written)))


class _Announced(NamedTuple):
    """A call that is about to run: its tensors, with their versions, and those that it writes uncounted."""

    op: str
    inputs: list[Tensor]
    versions: list[tuple[Tensor, int]]
    uncounted: list[Tensor]


def name_of(function: Callable[..., object]) -> str | None:
    """The name of an operation in the documentation; None for what reads or sets an attribute."""
    name: str = getattr(function, "__name__", type(function).__name__)
    if name in ("__get__", "__set__", "__delete__"):
        attribute: str = getattr(getattr(function, "__self__", None), "__name__", "")
        return attribute if name == "__get__" and attribute in VIEWS else None
    match = OPERATOR.fullmatch(name)
    if match:
        return NAMES.get(match[2], match[2]) + ("_" if match[1] == "i" else "")
    return name[2:-2] if name.startswith("__") and name.endswith("__") else name


def see(tensor: Tensor) -> Seen:
    """Describes a tensor to the tape."""
    if not is_readable(tensor):
        # Of its memory and its shape nothing can be said: only which object it is.
        return Seen(tensor, (), str(tensor.dtype), str(tensor.device))
    shape, dtype, device = tuple(tensor.shape), tensor.dtype, tensor.device
    storage, view = None, None
    if tensor.layout is torch.strided and not tensor.is_meta and tensor.numel():
        storage = tensor.untyped_storage().data_ptr()
        view = (tensor.data_ptr(), shape, tensor.stride(), dtype, device)
    return Seen(tensor, shape, _text(dtype), _text(device), storage, view)


@lru_cache(maxsize=64)
def _text(of: torch.dtype | torch.device) -> str:
    return str(of)


def is_readable(tensor: Tensor) -> bool:
    """Whether a tensor has a shape and memory of its own that may be looked at.

    What `vmap` and `torch.func.grad` hand around stands for many tensors, a nested one has rows of several
    lengths, a lazy parameter is not made yet, and a class that answers for PyTorch's operations itself
    would hear of each look.
    """
    kind = type(tensor)
    if kind is not Tensor and kind is not Parameter and (is_lazy(tensor) or not _is_plain(kind)):
        return False
    return not torch._C._functorch.is_functorch_wrapped_tensor(tensor) and not tensor.is_nested


@lru_cache(maxsize=256)
def _is_plain(kind: type[Tensor]) -> bool:
    return kind.__torch_dispatch__ is Tensor.__torch_dispatch__


def _version(tensor: Tensor) -> int:
    """How often the tensor was changed in place; those of inference mode do not count it."""
    return 0 if not is_readable(tensor) or tensor.is_inference() else tensor._version


def _once(tensors: list[Tensor]) -> list[Tensor]:
    return list({id(tensor): tensor for tensor in tensors}.values())


def _tensors(value: object) -> list[Tensor]:
    """The tensors in an argument or a result, in order."""
    if isinstance(value, Tensor):
        return [value]
    if not isinstance(value, tuple | list | dict):
        return []
    found: list[Tensor] = []
    for item in value.values() if isinstance(value, dict) else value:
        if isinstance(item, Tensor):
            found.append(item)
        elif isinstance(item, tuple | list | dict):
            found += _tensors(item)
    return found
