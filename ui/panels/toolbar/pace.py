"""The slider that says how many steps a second a run makes."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QSlider, QWidget

from playground.pace import DEFAULT_POSITION, FULL_SPEED, PACES, is_played, pace_text
from ui.style.theme import current_theme
from ui.widgets.figure import Figure

TIP = "How many steps a second the run makes ([ slower, ] faster)."
PLAYED_TIP = "Each step is recorded, and what happens in it is played."
REACHED = 0.8
"""A run that is this share of its pace keeps it, as far as anybody can see."""
_WIDTH, _HANDLE = 78, 14


class PaceSlider(QSlider):
    """A slider with one tick a pace."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """At the default pace."""
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setObjectName("pace_slider")
        self.setAccessibleName("Pace")
        self.setRange(0, len(PACES) - 1)
        self.setPageStep(1)
        self.setValue(DEFAULT_POSITION)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Room for seven ticks."""
        return QSize(_WIDTH, 26)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints the ticks, and over them the slider."""
        painter = QPainter(self)
        span = self.width() - _HANDLE
        for position in range(len(PACES)):
            x = round(_HANDLE / 2 + span * position / (len(PACES) - 1))
            painter.fillRect(x, self.height() - 5, 1, 4, QColor(current_theme().faint))
        painter.end()
        super().paintEvent(event)


class PaceChoice(QWidget):
    """The slider, what it is called, and what its value means.

    Signals:
        pace_chosen(int): the user moved to this position.
    """

    pace_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        """At the default pace."""
        super().__init__(parent)
        self.slider = PaceSlider()
        self._speed: float | None = None
        self._text = Figure("Pace in words", "full · 8 888/s")
        self._text.setObjectName("speed_label")
        self._text.setBackgroundRole(QPalette.ColorRole.Base)
        font = self._text.font()
        font.setBold(True)
        self._text.setFont(font)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.slider)
        row.addWidget(self._text)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.slider.valueChanged.connect(self._choose)
        self._describe()

    def show_position(self, position: int) -> None:
        """Shows another pace, without a signal."""
        with QSignalBlocker(self.slider):
            self.slider.setValue(position)
        self._describe()

    def shift(self, by: int) -> None:
        """Goes so many positions up or down, as far as there are any."""
        self.slider.setValue(self.slider.value() + by)

    def show_speed(self, steps_per_second: float | None) -> None:
        """Says how fast the run really is, where that is not what was chosen; None while it stands still."""
        self._speed = steps_per_second
        self._describe()

    def _choose(self, position: int) -> None:
        self._describe()
        self.pace_chosen.emit(position)

    def _describe(self) -> None:
        position = self.slider.value()
        text = pace_text(position)
        self._text.set_text(_with_speed(position, self._speed))
        self.slider.setAccessibleDescription(text)
        self.slider.setToolTip(f"{TIP}\n{PLAYED_TIP}" if is_played(PACES[position]) else TIP)


def _with_speed(position: int, speed: float | None) -> str:
    """`"10 steps/s"`, `"full · 1 830/s"`, `"42 of 300/s"` where the machine does no more."""
    pace = PACES[position]
    if speed is None or (pace != FULL_SPEED and speed >= REACHED * pace):
        return pace_text(position)
    digits = 0 if speed >= 10 else 1
    number = f"{speed:,.{digits}f}".replace(",", " ")
    return f"full · {number}/s" if pace == FULL_SPEED else f"{number} of {pace:g}/s"
