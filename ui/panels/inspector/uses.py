"""The section on a parameter that the step used several times: what each use adds to its gradient."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Signal

from playground.recording.ledger import Contribution, GradientCause, GradientLedger
from playground.recording.model import ParameterRecord, Recording
from playground.recording.phase_names import short_pass_name
from playground.recording.snapshot import Snapshot
from ui.panels.inspector.moment import Moment, place
from ui.panels.inspector.parts import Section, muted_tone, reveal
from ui.panels.inspector.use_row import Use, UseRow
from ui.style.theme import Theme
from ui.widgets.tensor.text import number_text

EXPLANATION = "The tensors add up, element by element; their norms, shown here, do not."
_MOST_BARS = 24

_Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sum:
    """The sum of what all uses add, in float64.

    Attributes:
        norm: of the sum; None if a part was too large to keep.
        difference: the largest between an element of the sum, with what was there before, and of `.grad`;
            None if it is not known.
        was_there: whether `.grad` held something before.
        changed_later: whether `.grad` was clipped, say, before the update read it.
    """

    norm: float | None
    difference: float | None
    was_there: bool = False
    changed_later: bool = False

    def text(self) -> str:
        """The comparison in words."""
        parts = "what was there + the sum of the parts" if self.was_there else "sum of the parts"
        gradient = ".grad as backward left it" if self.changed_later else ".grad"
        if self.norm is None:
            return "sum of the parts: not kept, the tensors were too large"
        if self.difference is None:
            return f"{parts} = {gradient}: .grad was not kept"
        return f"{parts} = {gradient}: largest difference {number_text(self.difference)}"


def sum_of(parameter: ParameterRecord, ledger: GradientLedger | None = None) -> Sum:
    """Adds up what each use contributed, and compares it with what `.grad` was then.

    Args:
        parameter: whose uses are added up.
        ledger: of its gradient; without one it is compared with what the update read.
    """
    before, after = _around_the_uses(ledger) or (None, parameter.gradient)
    parts = [each.value.values for each in parameter.contributions]
    kept = [values for values in parts if values is not None]
    if not kept or len(kept) < len(parts):
        return Sum(None, None)
    # A loss that diverges has infinities, in every part alike.
    with np.errstate(all="ignore"):
        total = np.zeros(kept[0].shape, dtype=np.float64)
        for values in kept:
            total += values
        norm = float(np.linalg.norm(total))
        gradient = None if after is None else after.values
        is_known = gradient is not None
        if before is not None:
            is_known = is_known and before.values is not None
            total = total if before.values is None else before.values.astype(np.float64) + total
        difference = _largest_difference(total, gradient) if is_known and gradient is not None else None
        was_there = before is not None and norm_of(before) > 0
        return Sum(norm, difference, was_there, after is not parameter.gradient)


def _around_the_uses(ledger: GradientLedger | None) -> tuple[Snapshot | None, Snapshot | None] | None:
    """What `.grad` was before the first of the uses that the update read, and after the last."""
    found = latest = None
    for entry in () if ledger is None else ledger.entries:
        if entry.cause is GradientCause.READ:
            found = latest
        elif entry.cause is GradientCause.ACCUMULATED:
            latest = entry.before if latest is None else latest[0], entry.after
        elif entry.cause in (GradientCause.ZEROED, GradientCause.REMOVED, GradientCause.REPLACED):
            latest = None
    return found or latest


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
        recording = moment.recording
        total = sum_of(parameter, None if recording is None else recording.gradient_ledger(parameter.name))
        self.set_heading(f"One gradient, {len(parameter.contributions)} uses")
        uses = list(_uses(parameter.contributions[:_MOST_BARS], recording))
        self._show_bars(uses, _whole(parameter, total))
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


def _uses(contributions: Sequence[Contribution], recording: Recording | None) -> Iterator[Use]:
    several = recording is not None and len(recording.passes) > 1
    for each in contributions:
        of_pass = short_pass_name(recording, each.backward_pass) if several and recording is not None else ""
        label = ", ".join(filter(None, (each.label, of_pass)))
        title = label if each.line is None else f"{label}, line {each.line}"
        hint = f"{title}: what this use adds to the gradient. Leads to {place(each.event)}."
        yield Use(label, norm_of(each.value), each.value, each.event, title, hint)


def _whole(parameter: ParameterRecord, total: Sum) -> Use:
    title = f"{parameter.name}.grad"
    # What was there before, or was done later, is in `.grad` but not in the sum.
    value = None if total.was_there or total.changed_later else parameter.gradient
    return Use("sum", total.norm, value, None, title, title)


def _largest_difference(total: _Array, gradient: npt.NDArray[Any]) -> float:
    """0 where both are the same infinity or NaN."""
    other = gradient.astype(np.float64)
    same = (total == other) | (np.isnan(total) & np.isnan(other))
    difference = np.where(same, 0.0, np.abs(total - other))
    return float(difference.max()) if difference.size else 0.0
