"""The colour that stands for a structure, alike wherever the steps of a run are told apart."""

from __future__ import annotations

from ui.theme import Theme


def structure_colour(theme: Theme, structure: int) -> str:
    """The colour of a structure, by its number in the run's list; after the last colour the first again."""
    return theme.plot[structure % len(theme.plot)]
