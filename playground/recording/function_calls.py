"""Finds the call of a Function of the user's own inside whose `forward` an operation runs."""

from __future__ import annotations

import sys
from types import CodeType, FrameType, MethodType
from typing import NamedTuple, cast

import torch

from playground.recording.call_sites import CallSite
from playground.tracing.frames import read_variables

_APPLY = cast("MethodType", torch.autograd.Function.apply).__func__.__code__


class FunctionCall(NamedTuple):
    """A call of a Function that is running.

    Attributes:
        name: of its class.
        forward: the frame of its `forward`.
        context: what that was given first: the call's node, unless there is a `setup_context`.
        depth: how many frames of the source run below it.
    """

    name: str
    forward: FrameType
    context: object
    depth: int

    def called_at(self, site: CallSite) -> CallSite:
        """The place that called it, seen from the place that runs inside."""
        for _ in range(self.depth):
            site = site.caller or CallSite()
        return site


def function_call(root: CodeType) -> FunctionCall | None:
    """The outermost call that is running, which alone makes a node; None if none is.

    Args:
        root: code of the step itself, above which nothing belongs to it.
    """
    frame: FrameType | None = sys._getframe(1)
    forward = apply = below = None
    count = depth = 0
    while frame is not None and frame.f_code is not root:
        if frame.f_code is _APPLY:
            forward, apply, depth = below, frame, count
        count += frame.f_code.co_filename == root.co_filename
        below, frame = frame, frame.f_back
    if forward is None or apply is None:
        return None
    code = forward.f_code
    first = read_variables(forward).get(code.co_varnames[0]) if code.co_argcount else None
    cls = cast("type", read_variables(apply)["cls"])
    return FunctionCall(cls.__name__, forward, first, depth)
