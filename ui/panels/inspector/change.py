"""The update of one parameter: before, gradient and after, and what the optimizer remembers of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from playground.recording.events import Change, StateChange
from playground.recording.snapshot import Snapshot
from ui.panels.inspector.cards import Card, CardList
from ui.panels.inspector.parts import Column, Tone, muted_tone
from ui.style.theme import Theme
from ui.widgets.tensor.text import number_text, whole_number_text

_PIECE = 8192
"""Elements that are compared at once."""


class ChangeView(Column):
    """One update."""

    def __init__(self, theme: Theme) -> None:
        """Starts without an update."""
        super().__init__(theme)
        self._name = self.add_text(bold=True)
        self._words = self.add_text(muted_tone)
        self._cards = self.add(CardList(theme))
        self._state = self.add(CardList(theme))
        self._numbers = self.add_text(muted_tone)
        self._shown: tuple[Change, bool] | None = None

    def show_change(self, change: Change, tone: Tone, with_name: bool) -> None:
        """Shows another update.

        Args:
            change: the update.
            tone: colour of what it led to.
            with_name: whether to name the parameter; the panel's title may have done so.
        """
        if (change, with_name) == self._shown:
            return
        self._shown = change, with_name
        self._name.set_text(change.parameter if with_name else "")
        self._words.set_text(largest_change_text(change))
        gradient = [] if change.gradient is None else [Card("gradient", change.gradient)]
        self._cards.show_cards(
            [Card("before", change.before), *gradient, Card("= after", change.after, tone=tone)]
        )
        numbers = [each for each in change.state if _is_number(each)]
        self._numbers.set_text("\n".join(map(_number_line, numbers)))
        self._state.show_cards(_state_cards([each for each in change.state if not _is_number(each)]))


def largest_change_text(change: Change) -> str:
    """How far the update moved an element at most, where both values are kept."""
    before, after = change.before.values, change.after.values
    if before is None or after is None:
        return "Largest change of an element: not known, as the values were too large to keep."
    if not before.size:
        return "No elements."
    largest = _largest_difference(before, after)
    if np.isnan(largest):
        return "Largest change of an element: not known, as some elements are NaN."
    return f"Largest change of an element: {number_text(largest)}" if largest else "No element changed."


def _largest_difference(before: npt.NDArray[Any], after: npt.NDArray[Any]) -> float:
    """NaN where a difference is none."""
    first, second = before.ravel(), after.ravel()
    largest: list[np.float64] = []
    # A piece at a time: what stays in the processor's cache takes a fraction of the time.
    for start in range(0, first.size, _PIECE):
        piece = slice(start, start + _PIECE)
        with np.errstate(all="ignore"):
            difference = np.subtract(second[piece], first[piece], dtype=np.float64)
        largest.append(np.abs(difference, out=difference).max())
    return float(np.max(largest))


def _is_number(state: StateChange) -> bool:
    return state.after is not None and state.after.number is not None


def _number_line(state: StateChange) -> str:
    after = _number(state.after)
    if state.before is None:
        return f"{state.name} {after}, new"
    return f"{state.name} {_number(state.before)} → {after}"


def _number(value: Snapshot | None) -> str:
    return "—" if value is None else whole_number_text(value).removesuffix(".0")


def _state_cards(state: Sequence[StateChange]) -> list[Card]:
    cards: list[Card] = []
    for each in state:
        if each.before is not None:
            cards += [Card(f"{each.name} before", each.before), Card(f"{each.name} after", each.after)]
        else:
            cards.append(Card(f"{each.name}, new", each.after))
    return [replace(card, caption="" if number else "optimizer's state") for number, card in enumerate(cards)]
