"""The colour that stands for a structure, alike wherever steps are told apart, and in every run."""

from __future__ import annotations

from ui.style.theme import Theme


def structure_colour(theme: Theme, number: int) -> str:
    """The colour of a number from 0 up; after the last colour the first again.

    The number is the depth where steps have one: then a colour means the same in the filmstrip, in the
    plot of the loss and in the next run. Else it is the structure's in the run's list.
    """
    return theme.plot[number % len(theme.plot)]
