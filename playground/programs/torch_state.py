"""What torch keeps for each thread, put aside while a program that shares the thread stands still.

A greenlet does not keep it apart: suspended inside `no_grad`, `autocast` or `torch.device(…)`, the program
would leave whoever goes on instead of it inside as well.
"""

from __future__ import annotations

import sys
from typing import Any, NamedTuple


class TorchState(NamedTuple):
    """Function modes above those of the driver, grad mode, and autocast on the CPU."""

    modes: tuple[Any, ...] = ()
    grad: bool = True
    autocast: bool = False
    compiling: Any = None
    """What turns Python's frames into compiled code; None outside of a compiled function."""


def modes_now() -> int:
    """How many function modes are entered; 0 while torch is not loaded."""
    torch = sys.modules.get("torch")
    return 0 if torch is None else torch._C._len_torch_function_stack()


def state_now() -> TorchState:
    """Grad mode and autocast as they are, without any function mode."""
    torch = sys.modules.get("torch")
    if torch is None or not hasattr(torch, "is_autocast_enabled"):
        return TorchState()
    return TorchState((), torch.is_grad_enabled(), torch.is_autocast_enabled("cpu"))


def put_aside(modes_below: int) -> TorchState:
    """Leaves what the program has entered.

    Args:
        modes_below: how many function modes are not the program's.
    """
    torch = sys.modules.get("torch")
    if torch is None:
        return TorchState()
    modes = []
    while torch._C._len_torch_function_stack() > modes_below:
        modes.append(torch._C._pop_torch_function_stack())
    state = TorchState(tuple(modes), torch.is_grad_enabled(), torch.is_autocast_enabled("cpu"))
    torch._C._set_grad_enabled(True)
    if state.autocast:
        torch.set_autocast_enabled("cpu", False)
    if "torch._dynamo" in sys.modules:
        state = state._replace(compiling=torch._C._dynamo.eval_frame.set_eval_frame(None))
    return state


def take_back(state: TorchState) -> None:
    """Enters it again."""
    torch = sys.modules.get("torch")
    if torch is None:
        return
    for mode in reversed(state.modes):
        torch._C._push_on_torch_function_stack(mode)
    torch._C._set_grad_enabled(state.grad)
    if state.autocast:
        torch.set_autocast_enabled("cpu", True)
    if state.compiling is not None:
        torch._C._dynamo.eval_frame.set_eval_frame(state.compiling)
