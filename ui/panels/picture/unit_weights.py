"""The weights of the chosen hidden unit, each as a strip of colors or as numbers."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from playground.data.unit_weights import UnitWeights, Weights
from ui.panels.picture.coloring import image_of_values, scale_of
from ui.style.scale import small_text
from ui.style.theme import current_theme

_MOST_NUMBERS = 3
"""So many are written out; more are colors."""
_GAP = 10
_MOST_TOLD = 12
"""Numbers that the tooltip tells of each."""


class UnitWeightsRow(QWidget):
    """One line: what leads to the unit, and what leads from it on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Of no unit yet."""
        super().__init__(parent)
        self.setObjectName("picture_unit_weights")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._parts: UnitWeights | None = None

    def show_parts(self, parts: UnitWeights | None) -> None:
        """Shows the weights of another unit; None of none."""
        self._parts = parts
        both = () if parts is None else (parts.incoming, parts.outgoing)
        self.setAccessibleName("; ".join(map(_told, both)))
        self.setToolTip("\n".join(map(_told, both)))
        self.update()

    def sizeHint(self) -> QSize:
        """One line of small letters."""
        return QSize(200, small_text(10) + 8)

    def minimumSizeHint(self) -> QSize:
        """The same, and narrower."""
        return QSize(60, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints both, side by side."""
        if self._parts is None:
            return
        painter = QPainter(self)
        font = QFont(self.font())
        font.setPixelSize(small_text(10))
        painter.setFont(font)
        width = (self.width() - _GAP) / 2
        for number, each in enumerate((self._parts.incoming, self._parts.outgoing)):
            _paint(painter, each, QRectF(number * (width + _GAP), 0, width, self.height()))
        painter.end()


def _paint(painter: QPainter, weights: Weights, room: QRectF) -> None:
    theme = current_theme()
    values = np.asarray(weights.values, float)
    label = f"{weights.label} ="
    painter.setPen(QColor(theme.muted))
    painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, label)
    room = room.adjusted(painter.fontMetrics().horizontalAdvance(label) + 6, 0, 0, 0)
    if len(values) <= _MOST_NUMBERS:
        painter.setPen(QColor(theme.text))
        text = ", ".join(map(_number, values.tolist()))
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, shown)
        return
    bar = room.adjusted(0, 3, -1, -4)
    painter.drawImage(bar, image_of_values(values[None, :], scale_of(values), theme))
    painter.setPen(QPen(QColor(theme.border), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(bar)


def _number(value: float) -> str:
    return f"{value:.3g}".replace("-", "−", 1)


def _told(weights: Weights) -> str:
    values = weights.values.tolist()
    numbers = ", ".join(map(_number, values[:_MOST_TOLD]))
    more = f" and {len(values) - _MOST_TOLD} more" if len(values) > _MOST_TOLD else ""
    return f"{weights.label} = {numbers}{more}"
