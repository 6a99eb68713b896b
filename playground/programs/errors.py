"""Why a program cannot be run, or not be followed step by step, and how it ends."""

from __future__ import annotations


class ProgramError(ValueError):
    """One line for the user: what is wrong with a program, and what would be right."""


class NoInputError(ProgramError, EOFError):
    """The program asks for input that nobody can give; it may take that for the end of the input."""


class ProgramStopped(BaseException):
    """Somebody has ended the program from outside."""


class ProgramEnded(Exception):
    """The program has come to its end: there is no further step."""
