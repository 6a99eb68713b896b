"""Records PyTorch: a mode, entered only around what is recorded, that sees every function called.

What a function calls inside is not seen, so that each operation is taken down once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from playground.tracing.backward_calls import FUNCTIONS as BACKWARD
from playground.tracing.backward_calls import backward_call
from playground.tracing.tape import Seen, Tape

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
            if getattr(func, "__self__", None) is not _GRADIENT or func.__name__ == "__get__":
                return func(*args, **kwargs)
            self._tape.gradient_changes(args[0])
            func(*args, **kwargs)
            self._tape.gradient_set(args[0])
            return None
        if func in BACKWARD and (call := backward_call(func, args, kwargs)) is not None:
            with self._tape.around_backward(call, self):
                result = func(*args, **kwargs)
                call.returned(result)
            return result
        if op == "retain_grad":
            self._tape.gradient_retained(args[0])
        inputs = list(_tensors((args, {name: value for name, value in kwargs.items() if name != "out"})))
        before = [(tensor, _version(tensor)) for tensor in (*inputs, *_tensors(kwargs.get("out")))]
        self._tape.before(op, [see(tensor) for tensor, _ in before])
        try:
            result = func(*args, **kwargs)
        except Exception as error:
            self._tape.failed(error)
            raise
        uncounted = _is_fused_update(op)
        written = _once([tensor for tensor, version in before if uncounted or _version(tensor) != version])
        old = {id(tensor) for tensor, _ in before}
        results = _once([tensor for tensor in _tensors(result) if id(tensor) not in old]) + written
        if results:
            self._tape.record(op, map(see, inputs), list(map(see, results)), list(map(see, written)))
        return result


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


def _is_fused_update(op: str) -> bool:
    """Whether it is a kernel of a fused optimizer: such a one updates what it is given uncounted."""
    return op.startswith("_fused_") and op.endswith("_")


def see(tensor: Tensor) -> Seen:
    """Describes a tensor to the tape."""
    storage, view = None, None
    # What `vmap` and `torch.func.grad` hand around has no memory of its own.
    is_wrapped = torch._C._functorch.is_functorch_wrapped_tensor(tensor)
    if not is_wrapped and tensor.layout is torch.strided and tensor.device.type != "meta" and tensor.numel():
        storage = tensor.untyped_storage().data_ptr()
        view = (tensor.data_ptr(), tuple(tensor.shape), tensor.stride(), tensor.dtype, tensor.device)
    return Seen(tensor, tuple(tensor.shape), str(tensor.dtype), str(tensor.device), storage, view)


def _version(tensor: Tensor) -> int:
    """How often the tensor was changed in place; those of inference mode do not count it."""
    return 0 if tensor.is_inference() else tensor._version


def _once(tensors: list[Tensor]) -> list[Tensor]:
    return list({id(tensor): tensor for tensor in tensors}.values())


def _tensors(value: object) -> Iterator[Tensor]:
    """The tensors in an argument or a result, in order."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, tuple | list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _tensors(item)
