"""What a call of `backward` differentiates, and where it stands."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any, NamedTuple


class LossPlace(NamedTuple):
    """Where a loss was called `backward` on: file, line, and which of several it was in that call."""

    filename: str
    line: int
    number: int


def place_of(frame: FrameType | None, filename: str) -> LossPlace:
    """Where the first loss of a call stands.

    Args:
        frame: that calls, of the program's own; None if a library does so for it.
        filename: the program's, which stands for a place that is not known.
    """
    if frame is None:
        return LossPlace(filename, 0, 0)
    return LossPlace(frame.f_code.co_filename, frame.f_lineno, 0)


def tensors(outputs: Any) -> list[Any]:
    """One tensor or several, as a list."""
    return [outputs] if _is_tensor(outputs) else [each for each in outputs if _is_tensor(each)]


def _is_tensor(value: object) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)
