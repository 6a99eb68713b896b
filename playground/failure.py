"""What a stage has raised, as plain text that crosses threads."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Failure:
    """An exception in a stage, as plain text.

    Attributes:
        step: the step in which it was raised.
        line: line of the stage's source, or None where it came from elsewhere.
        message: the exception in one line.
        details: the whole traceback.
    """

    step: int
    line: int | None
    message: str
    details: str
