"""One use of a shared parameter: a bar that leads to its event, and a button that shows what it adds."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QVBoxLayout

from playground.recording.snapshot import Snapshot
from ui.panels.inspector.parts import Part
from ui.style.theme import Theme
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

    def __init__(self, theme: Theme) -> None:
        """Starts without a use."""
        super().__init__()
        self._theme = theme
        self._use: Use | None = None
        self.bar = _Bar(theme)
        self.bar.setObjectName("use_bar")
        self.bar.clicked.connect(self._follow)
        self.opener = _Opener(theme)
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

    def set_theme(self, theme: Theme) -> None:
        """Paints in these colours from now on."""
        self._theme = theme
        self.bar.set_theme(theme)
        self.opener.set_theme(theme)
        if self._card is not None:
            self._card.set_theme(theme)
            self._card.set_label_colour(theme.backward)

    def text(self) -> str:
        """Label and norm, and the card if it is open."""
        card = "" if self._card is None or self._card.isHidden() else self._card.text()
        return "\n".join(filter(None, (self.bar.text(), card)))

    def card(self) -> TensorCard | None:
        """The tensor's card, None before it was first opened."""
        return self._card

    def _open(self, is_open: bool) -> None:
        if self._card is None:
            self._card = TensorCard(self._theme)
            self._card.set_expanded(True)
            self._card.set_label_colour(self._theme.backward)
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

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
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

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
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
        painter.setPen(QColor(self._theme.muted))
        painter.drawText(row, Qt.AlignmentFlag.AlignRight, self._norm)
        room = row.width() - self.fontMetrics().horizontalAdvance(self._norm) - 8
        label = self.fontMetrics().elidedText(self._label, Qt.TextElideMode.ElideMiddle, room)
        painter.setPen(QColor(self._theme.text))
        painter.drawText(row, Qt.AlignmentFlag.AlignLeft, label)
        track = QRectF(inner.left(), row.bottom() + 3, inner.width(), _BAR_HEIGHT)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.border))
        painter.drawRoundedRect(track, 3, 3)
        if self._share > 0:
            track.setWidth(max(_BAR_HEIGHT, track.width() * self._share))
            painter.setBrush(QColor(self._theme.backward))
            painter.drawRoundedRect(track, 3, 3)
        painter.end()

    def _paint_ground(self, painter: QPainter) -> None:
        leads = self.focusPolicy() is not Qt.FocusPolicy.NoFocus
        hovered = leads and self.underMouse()
        painter.setBrush(QColor(self._theme.raised) if hovered else Qt.BrushStyle.NoBrush)
        painter.setPen(QColor(self._theme.parameter) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)


class _Opener(QAbstractButton):
    """The chevron that opens the tensor's card."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolTip("Show the tensor")
        self.setFixedSize(_CHEVRON, _CHEVRON)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(self._theme.parameter) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.raised) if self.underMouse() else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        points = [(-4, -2), (4, -2), (0, 3)] if self.isChecked() else [(-2, -4), (-2, 4), (3, 0)]
        middle = _CHEVRON / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.muted if self.isEnabled() else self._theme.border))
        painter.drawPolygon(QPolygonF([QPointF(middle + right, middle + down) for right, down in points]))
        painter.end()
