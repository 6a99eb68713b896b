"""Reads and rebinds the variables of a function that is suspended or running."""

from __future__ import annotations

import ctypes
import inspect
import sys
from collections.abc import Mapping
from types import FrameType


def read_variables(frame: FrameType) -> dict[str, object]:
    """The frame's local variables by name, as a copy."""
    variables = dict(frame.f_locals)
    _forget_snapshot(frame)
    return variables


def rebind_variables(frame: FrameType, variables: Mapping[str, object]) -> None:
    """Binds local variables of a suspended or finished frame to other objects."""
    local = frame.f_locals
    for name, value in variables.items():
        local[name] = value
    if sys.version_info < (3, 13) and frame.f_code.co_flags & inspect.CO_OPTIMIZED:
        ctypes.pythonapi.PyFrame_LocalsToFast(ctypes.py_object(frame), ctypes.c_int(0))
        _forget_snapshot(frame)


def line_in(filename: str) -> int | None:
    """Line of the innermost calling frame whose code is from this file, or None."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename != filename:
        frame = frame.f_back
    return None if frame is None else frame.f_lineno


def _forget_snapshot(frame: FrameType) -> None:
    # Before Python 3.13 a frame keeps the dict that f_locals has filled, and with it every array of
    # that moment, for as long as the frame lives.
    # The variables of a module's or a class's body are that dict itself.
    if sys.version_info < (3, 13) and frame.f_code.co_flags & inspect.CO_OPTIMIZED:
        frame.f_locals.clear()
