"""The section on a parameter that the step used several times: what each use adds to its gradient."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QVBoxLayout

from playground.recording.ledger import Contribution, GradientCause, GradientLedger
from playground.recording.model import ParameterRecord, Recording
from playground.recording.phase_names import short_pass_name
from playground.recording.snapshot import Snapshot
from ui.panels.inspector.moment import Moment, place
from ui.panels.inspector.parts import Part, Section, reveal
from ui.style.theme import backward_tone, current_theme, muted_tone
from ui.widgets.tensor.card import TensorCard
from ui.widgets.tensor.text import number_text

_BAR_HEIGHT = 6
_PADDING = 4
_CHEVRON = 20


@dataclass(frozen=True, slots=True)
class Use:
    """What a row shows.

    Attributes:
        label: the use in words.
        norm: of what it adds; None if it is not known.
        value: what it adds.
        event: number of the event that gave it; None for the sum, which leads nowhere.
        title: of the tensor's card.
        hint: the tooltip.
    """

    label: str
    norm: float | None
    value: Snapshot | None
    event: int | None
    title: str
    hint: str


class UseRow(Part):
    """Label, norm and bar; below them, once opened, the tensor's card.

    Signals:
        event_chosen(int): the user followed the bar to this event.
    """

    event_chosen = Signal(int)

    def __init__(self) -> None:
        """Without a use at first."""
        super().__init__()
        self._use: Use | None = None
        self.bar = _Bar()
        self.bar.setObjectName("use_bar")
        self.bar.clicked.connect(self._follow)
        self.opener = _Opener()
        self.opener.setObjectName("use_opener")
        self.opener.toggled.connect(self._open)
        self._card: TensorCard | None = None
        line = QHBoxLayout()
        line.setSpacing(2)
        line.addWidget(self.bar)
        line.addWidget(self.opener)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self._column.addLayout(line)

    def show_use(self, use: Use, largest: float) -> None:
        """Shows another use; the bar is full for a norm of `largest`."""
        self._use = use
        self.bar.show_use(use, largest)
        self.opener.setAccessibleName(
            f"Show what {use.label} adds" if use.event is not None else "Show the sum"
        )
        self.opener.setEnabled(use.value is not None)
        self._fill_card()

    def text(self) -> str:
        """Label and norm, and the card if it is open."""
        card = "" if self._card is None or self._card.isHidden() else self._card.text()
        return "\n".join(filter(None, (self.bar.text(), card)))

    def card(self) -> TensorCard | None:
        """The tensor's card, None before it was first opened."""
        return self._card

    def _open(self, is_open: bool) -> None:
        if self._card is None:
            self._card = TensorCard()
            self._card.set_expanded(True)
            self._card.set_label_tone(backward_tone)
            self._column.addWidget(self._card)
            self._card.expanded_changed.connect(lambda: self.grew.emit())
        self._fill_card()
        self._card.setVisible(is_open)
        self.grew.emit()

    def _fill_card(self) -> None:
        # A closed card would work out statistics that nobody sees.
        if self._card is not None and self._use is not None and self.opener.isChecked():
            self._card.set_tensor(self._use.title, self._use.value)

    def _follow(self) -> None:
        if self._use is not None and self._use.event is not None:
            self.event_chosen.emit(self._use.event)


class _Bar(QAbstractButton):
    """Label at the left, norm at the right, and the bar below them."""

    def __init__(self) -> None:
        super().__init__()
        self._share = 0.0
        self._label = self._norm = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_use(self, use: Use, largest: float) -> None:
        self._norm = "not kept" if use.norm is None else f"norm {number_text(use.norm)}"
        known = use.norm is not None and math.isfinite(use.norm) and largest > 0
        self._share = use.norm / largest if known and use.norm is not None else 0.0
        self._label = use.label
        self.setText(f"{use.label} {self._norm}")
        self.setAccessibleName(self.text())
        self.setToolTip(use.hint)
        leads = use.event is not None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if leads else Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor if leads else Qt.CursorShape.ArrowCursor)
        self.update()

    def share(self) -> float:
        """Length of the bar, from 0 to 1."""
        return self._share

    def sizeHint(self) -> QSize:
        return QSize(160, self.fontMetrics().height() + _BAR_HEIGHT + 2 * _PADDING + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(60, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter)
        inner = self.rect().adjusted(_PADDING, _PADDING, -_PADDING, -_PADDING)
        row = QRect(inner.left(), inner.top(), inner.width(), self.fontMetrics().height())
        painter.setPen(QColor(current_theme().muted))
        painter.drawText(row, Qt.AlignmentFlag.AlignRight, self._norm)
        room = row.width() - self.fontMetrics().horizontalAdvance(self._norm) - 8
        label = self.fontMetrics().elidedText(self._label, Qt.TextElideMode.ElideMiddle, room)
        painter.setPen(QColor(current_theme().text))
        painter.drawText(row, Qt.AlignmentFlag.AlignLeft, label)
        track = QRectF(inner.left(), row.bottom() + 3, inner.width(), _BAR_HEIGHT)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(current_theme().border))
        painter.drawRoundedRect(track, 3, 3)
        if self._share > 0:
            track.setWidth(max(_BAR_HEIGHT, track.width() * self._share))
            painter.setBrush(QColor(current_theme().backward))
            painter.drawRoundedRect(track, 3, 3)
        painter.end()

    def _paint_ground(self, painter: QPainter) -> None:
        leads = self.focusPolicy() is not Qt.FocusPolicy.NoFocus
        hovered = leads and self.underMouse()
        painter.setBrush(QColor(current_theme().raised) if hovered else Qt.BrushStyle.NoBrush)
        painter.setPen(QColor(current_theme().parameter) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)


class _Opener(QAbstractButton):
    """The chevron that opens the tensor's card."""

    def __init__(self) -> None:
        super().__init__()
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolTip("Show the tensor")
        self.setFixedSize(_CHEVRON, _CHEVRON)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(current_theme().parameter) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(current_theme().raised) if self.underMouse() else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        points = [(-4, -2), (4, -2), (0, 3)] if self.isChecked() else [(-2, -4), (-2, 4), (3, 0)]
        middle = _CHEVRON / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(current_theme().muted if self.isEnabled() else current_theme().border))
        painter.drawPolygon(QPolygonF([QPointF(middle + right, middle + down) for right, down in points]))
        painter.end()


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

    def __init__(self) -> None:
        """Hidden at first."""
        super().__init__("inspector_uses", "One gradient, several uses")
        self._explanation = self.add_text(muted_tone)
        self._explanation.set_text(EXPLANATION)
        self._rows: list[UseRow] = []
        self._sum_row = self.add(UseRow())
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
            row = UseRow()
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
