"""Why a program cannot be run, or not be followed step by step."""

from __future__ import annotations


class ProgramError(ValueError):
    """One line for the user: what is wrong with a program, and what would be right."""


class NoInputError(ProgramError, EOFError):
    """The program asks for input that nobody can give; it may take that for the end of the input."""
