"""What a stage has raised, as plain text that crosses threads."""

from __future__ import annotations

import traceback
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


LONGEST_MESSAGE = 1_000
LONGEST_DETAILS = 20_000
"""Characters; an exception may quote a whole file."""


def one_line(error: BaseException) -> str:
    """An exception on one line, whatever its message is or does."""
    try:
        message = str(error)
    except Exception:
        message = "its message cannot be read"
    return f"{type(error).__name__}: {' '.join(cut(message, LONGEST_MESSAGE).split()) or 'no message'}"


def details_of(error: BaseException) -> str:
    """The traceback of an exception."""
    return cut("".join(traceback.format_exception(error)), LONGEST_DETAILS)


def cut(text: str, longest: int) -> str:
    """A text of at most so many characters; of a longer one the beginning and the end."""
    if len(text) <= longest:
        return text
    half = longest // 2
    return f"{text[:half]} … {len(text) - 2 * half:,} characters left out … {text[-half:]}"
