"""The slider over the events of a step, with a band of colour for each phase above its groove."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QRectF, QSignalBlocker, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSlider, QStyle, QStyleOptionSlider, QWidget

from playground.graph.model import Phase
from playground.recording.model import PhaseSpan
from ui.style.phases import phase_color
from ui.style.theme import LIGHT, Theme

_BAND = 3
_BETWEEN = 1.0
"""Pixels between two bands."""
_NARROWEST = 90


class PhaseSlider(QSlider):
    """Goes to an event of a step.

    Signals:
        valueChanged(int): the user moved to the event of this number.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        """A slider without events."""
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._phases: Sequence[PhaseSpan] = ()
        self._theme: Theme = LIGHT
        self.setObjectName("event_slider")
        self.setAccessibleName("Event of the step")
        self.setToolTip("Any event of the step: forward, loss, backward, update")
        self.setMinimumWidth(_NARROWEST)
        self.setEnabled(False)

    def set_phases(self, phases: Sequence[PhaseSpan]) -> None:
        """Goes over these events from now on, from the first, silently."""
        self._phases = phases
        count = sum(len(each.events) for each in phases)
        with QSignalBlocker(self):
            self.setRange(0, max(0, count - 1))
            self.setPageStep(max(1, min(10, count // 4)))
            self.setValue(0)
        self.setEnabled(count > 0)
        self.update()

    def set_value(self, value: int) -> None:
        """Goes to an event, silently."""
        with QSignalBlocker(self):
            self.setValue(value)

    def set_theme(self, theme: Theme) -> None:
        """Paints in these colours from now on."""
        self._theme = theme
        self.update()

    def bands(self) -> Iterator[tuple[Phase, float, float]]:
        """Each phase with the places, in pixels, at which its band begins and ends."""
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        style, control = self.style(), QStyle.ComplexControl.CC_Slider
        groove = style.subControlRect(control, option, QStyle.SubControl.SC_SliderGroove, self)
        handle = style.subControlRect(control, option, QStyle.SubControl.SC_SliderHandle, self)
        start = groove.left() + handle.width() / 2
        distance = (groove.width() - handle.width()) / max(1, self.maximum())
        for phase, numbers in ((each.phase, each.events) for each in self._phases):
            # Half-way between two events; the outermost bands reach to the ends of the groove.
            left = start + (numbers.start - 0.5) * distance if numbers.start else groove.left()
            is_last = numbers.stop > self.maximum()
            right = groove.left() + groove.width() if is_last else start + (numbers.stop - 0.5) * distance
            yield phase, left, right

    def sizeHint(self) -> QSize:
        """High enough for the bands above the handle."""
        hint = super().sizeHint()
        return QSize(max(hint.width(), _NARROWEST), hint.height() + 2 * (_BAND + 1))

    def minimumSizeHint(self) -> QSize:
        """As narrow as bands can still be told apart."""
        return QSize(_NARROWEST, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints the slider and the bands."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for phase, left, right in self.bands():
            band = QRectF(left, 0, max(1.0, right - left - _BETWEEN), _BAND)
            painter.fillRect(band, QColor(phase_color(self._theme, phase)))
        painter.end()
