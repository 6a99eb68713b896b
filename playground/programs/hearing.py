"""Hears of a program's backward passes and updates, while it runs and no longer."""

from __future__ import annotations

import functools
import inspect
import sys
import threading
from collections.abc import Callable, Iterable
from types import FrameType, TracebackType
from typing import Any, Protocol


class Listener(Protocol):
    """Who is told.

    Attributes:
        elsewhere: whether `backward` was called on another thread.
    """

    elsewhere: bool

    @property
    def is_current(self) -> bool:
        """Whether it is the program that runs now."""

    @property
    def saw_backward(self) -> bool:
        """Whether `backward` has been called."""

    def hear_backward(self, outputs: Any, frame: FrameType, is_backward: bool = True) -> None:
        """The program asks for gradients of these, by `backward` or, for want of it, by `grad`."""

    def hear_update(self, optimizer: Any, frame: FrameType) -> None:
        """An optimizer has made an update."""

    def hear_optimizer(self, optimizer: Any) -> None:
        """An optimizer was made."""

    def is_own(self, frame: FrameType) -> bool:
        """Whether the code of a frame is the program's own."""


class Hearing:
    """Wraps torch's functions while it is entered."""

    def __init__(self, listener: Listener) -> None:
        """Wraps nothing yet."""
        self._listener = listener
        self._inside = False
        self._thread = 0
        self._put_back: list[Callable[[], object]] = []

    def __enter__(self) -> Hearing:
        """Begins to listen."""
        self._thread = threading.get_ident()
        torch = sys.modules.get("torch")
        if torch is not None and hasattr(torch, "autograd"):
            self._wrap(torch)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Puts everything back as it was."""
        while self._put_back:
            self._put_back.pop()()

    def _wrap(self, torch: Any) -> None:
        from playground.tracing.backward_calls import stand_for

        method, function = torch.Tensor.backward, torch.autograd.backward
        gradients = torch.autograd.grad

        @functools.wraps(method)
        def backward(tensor: Any, *args: Any, **kwargs: Any) -> Any:
            return self._around(tensor, method, (tensor, *args), kwargs)

        @functools.wraps(function)
        def autograd_backward(tensors: Any, *args: Any, **kwargs: Any) -> Any:
            return self._around(tensors, function, (tensors, *args), kwargs)

        @functools.wraps(gradients)
        def grad(outputs: Any, *args: Any, **kwargs: Any) -> Any:
            frame = sys._getframe(1)
            keeps = kwargs.get("create_graph") or kwargs.get("retain_graph")
            listener = self._listener
            counts = not (self._inside or keeps or listener.saw_backward) and listener.is_current
            if counts and listener.is_own(frame):
                listener.hear_backward(outputs, frame, is_backward=False)
            return gradients(outputs, *args, **kwargs)

        wrappers: tuple[Any, ...] = (backward, autograd_backward, grad)
        _hide_from_compiler(torch, (*wrappers, Hearing._around), self._listener)
        self._set(torch.Tensor, "backward", backward)
        self._set(torch.autograd, "backward", autograd_backward)
        self._set(torch.autograd, "grad", grad)
        stands: dict[Any, Any] = {backward: method, autograd_backward: function, grad: gradients}
        self._put_back.append(stand_for(stands))
        self._hear_optimizers(torch)

    def _hear_optimizers(self, torch: Any) -> None:
        from torch.optim.optimizer import register_optimizer_step_post_hook

        def stepped(optimizer: Any, _args: object, _kwargs: object) -> None:
            if self._listener.is_current:
                self._listener.hear_update(optimizer, sys._getframe(1))

        made = torch.optim.Optimizer.__init__

        @functools.wraps(made)
        def init(optimizer: Any, *args: Any, **kwargs: Any) -> None:
            if self._listener.is_current:
                self._listener.hear_optimizer(optimizer)
            made(optimizer, *args, **kwargs)

        _hide_from_compiler(torch, (stepped, init), self._listener)
        self._set(torch.optim.Optimizer, "__init__", init)
        handle = register_optimizer_step_post_hook(stepped)
        self._put_back.append(handle.remove)

    def _around(self, outputs: Any, call: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        if self._inside:
            return call(*args, **kwargs)
        if not self._listener.is_current:
            if threading.get_ident() != self._thread:
                self._listener.elsewhere = True
            return call(*args, **kwargs)
        self._listener.hear_backward(outputs, sys._getframe(2))
        self._inside = True
        try:
            return call(*args, **kwargs)
        finally:
            self._inside = False

    def _set(self, owner: Any, name: str, value: object) -> None:
        before = getattr(owner, name)
        setattr(owner, name, value)
        self._put_back.append(lambda: setattr(owner, name, before))


_TOLD = ("is_current", "hear_backward", "hear_update", "hear_optimizer", "is_own")


def _hide_from_compiler(torch: Any, wrappers: Iterable[Any], listener: Listener) -> None:
    """Keeps `torch.compile` from compiling, and warning of, what stands around a program's own calls.

    Of the wrappers only their own frames: what they call is the program's affair. Of the listener all.
    """
    compiler = torch._C._dynamo.eval_frame
    if not hasattr(compiler, "set_code_exec_strategy"):
        return  # An older torch
    action, strategy = compiler._FrameAction, compiler._FrameExecStrategy
    for wrapper in wrappers:
        # Not even as a part of what calls it.
        wrapper._torchdynamo_disable = True
        compiler.set_code_exec_strategy(wrapper.__code__, strategy(action.SKIP, action.DEFAULT))
    for name in _TOLD:
        told: Any = inspect.getattr_static(type(listener), name)
        plain = getattr(told, "fget", told)
        compiler.set_code_exec_strategy(plain.__code__, strategy(action.SKIP, action.SKIP))
