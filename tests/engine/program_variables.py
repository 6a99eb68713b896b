"""What a driven program has in its variables."""

from __future__ import annotations

from types import FrameType, FunctionType, ModuleType

from playground.tracing.frames import read_variables


def program_variables(frame: FrameType) -> dict[str, object]:
    """Its own variables, without what every module has, imports and functions."""
    return {
        name: value
        for name, value in read_variables(frame).items()
        if not name.startswith("__") and not isinstance(value, ModuleType | FunctionType)
    }
