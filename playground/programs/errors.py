"""Why a program cannot be run, or not be followed step by step."""

from __future__ import annotations


class ProgramError(ValueError):
    """One line for the user: what is wrong with a program, and what would be right."""
