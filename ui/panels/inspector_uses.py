"""The section on a parameter that the step used several times: what each use adds to its gradient."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Signal

from playground.recording.ledger import Contribution
from playground.recording.model import ParameterRecord
from playground.recording.snapshot import Snapshot
from ui.panels.inspector_moment import Moment, place
from ui.panels.inspector_parts import Section, muted_tone, reveal
from ui.panels.inspector_use_row import Use, UseRow
from ui.theme import Theme
from ui.widgets.tensor_words import number_text

EXPLANATION = "The tensors add up, element by element; their norms, shown here, do not."
_MOST_BARS = 24

_Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sum:
    """The sum of what all uses add, in float64.

    Attributes:
        norm: of the sum; None if a part was too large to keep.
        difference: the largest between an element of the sum and of `.grad`; None if it is not known.
    """

    norm: float | None
    difference: float | None

    def text(self) -> str:
        """The comparison in words."""
        if self.norm is None:
            return "sum of the parts: not kept, the tensors were too large"
        if self.difference is None:
            return "sum of the parts = .grad: .grad was not kept"
        return f"sum of the parts = .grad: largest difference {number_text(self.difference)}"


def sum_of(parameter: ParameterRecord) -> Sum:
    """Adds up what each use contributed, and compares it with the parameter's gradient."""
    parts = [each.value.values for each in parameter.contributions]
    kept = [values for values in parts if values is not None]
    if not kept or len(kept) < len(parts):
        return Sum(None, None)
    # A loss that diverges has infinities, in every part alike.
    with np.errstate(all="ignore"):
        total = np.zeros(kept[0].shape, dtype=np.float64)
        for values in kept:
            total += values
        gradient = None if parameter.gradient is None else parameter.gradient.values
        difference = None if gradient is None else _largest_difference(total, gradient)
        return Sum(float(np.linalg.norm(total)), difference)


def norm_of(value: Snapshot) -> float:
    """Euclidean; of a tensor that is kept without working out its other statistics."""
    if value.values is None:
        return value.statistics.norm
    with np.errstate(all="ignore"):
        return float(np.linalg.norm(value.values.astype(np.float64)))


class UsesSection(Section):
    """A bar for each use, as long as the norm of what it adds; the last one is the sum.

    Signals:
        event_chosen(int): the user went to the event that gave a summand.
    """

    event_chosen = Signal(int)

    def __init__(self, theme: Theme) -> None:
        """Starts hidden."""
        super().__init__(theme, "inspector_uses", "One gradient, several uses")
        self._explanation = self.add_text(muted_tone)
        self._explanation.set_text(EXPLANATION)
        self._rows: list[UseRow] = []
        self._sum_row = self.add(UseRow(theme))
        self._more = self.add_text(muted_tone)
        self._check = self.add_text()
        self._check.setObjectName("uses_check")
        self._shown: ParameterRecord | None = None

    def show_moment(self, moment: Moment) -> None:
        """Shows the parameter of that moment; hides unless several uses add to its gradient."""
        parameter = moment.parameter
        is_shared = parameter is not None and len(parameter.contributions) > 1
        reveal(self, is_shared)
        if parameter is None or not is_shared or parameter is self._shown:
            return
        self._shown = parameter
        total = sum_of(parameter)
        self.set_heading(f"One gradient, {len(parameter.contributions)} uses")
        self._show_bars(list(_uses(parameter.contributions[:_MOST_BARS])), _whole(parameter, total))
        rest = len(parameter.contributions) - _MOST_BARS
        self._more.set_text(f"… and {rest} more uses, which are part of the sum" if rest > 0 else "")
        self._check.set_text(total.text())

    def rows(self) -> list[UseRow]:
        """Those that are shown; the last one is the sum."""
        return [row for row in (*self._rows, self._sum_row) if not row.isHidden()]

    def _show_bars(self, uses: Sequence[Use], whole: Use) -> None:
        while len(self._rows) < len(uses):
            row = UseRow(self._theme)
            row.event_chosen.connect(self.event_chosen)
            # Below the heading and its line, and above the sum.
            self.insert(2 + len(self._rows), row)
            self._rows.append(row)
        norms = [use.norm for use in (*uses, whole) if use.norm is not None and np.isfinite(use.norm)]
        largest = max(norms, default=0.0)
        for number, row in enumerate(self._rows):
            reveal(row, number < len(uses))
            if number < len(uses):
                row.show_use(uses[number], largest)
        self._sum_row.show_use(whole, largest)


def _uses(contributions: Sequence[Contribution]) -> Iterator[Use]:
    for each in contributions:
        line = "" if each.line is None else f", line {each.line}"
        title = f"{each.label}{line}"
        hint = f"{title}: what this use adds to the gradient. Leads to {place(each.event)}."
        yield Use(each.label, norm_of(each.value), each.value, each.event, title, hint)


def _whole(parameter: ParameterRecord, total: Sum) -> Use:
    title = f"{parameter.name}.grad"
    return Use("sum", total.norm, parameter.gradient, None, title, title)


def _largest_difference(total: _Array, gradient: npt.NDArray[Any]) -> float:
    """0 where both are the same infinity or NaN."""
    other = gradient.astype(np.float64)
    same = (total == other) | (np.isnan(total) & np.isnan(other))
    difference = np.where(same, 0.0, np.abs(total - other))
    return float(difference.max()) if difference.size else 0.0
