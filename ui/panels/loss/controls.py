"""The controls in the row above the plot of the loss: how strongly to smooth, and what the axis counts."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QValidator, QWheelEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSpinBox, QToolButton, QWidget

WINDOWS = (0, 3, 10, 30, 100, 300, 1000, 3000, 10_000)
"""Steps of the average; 0: off."""
SMOOTH_TIP = (
    "Draw an average of the losses so far, and the losses themselves faintly behind it.\n"
    "With n steps each loss counts (n − 1)/(n + 1) times as much as the one after it (an exponential moving "
    "average, with bias correction).\n"
    "On a logarithmic axis the logarithms are averaged. Losses that cannot be drawn are left out."
)
STEPS_TIP = "Draw the loss against the number of the step"
SECONDS_TIP = "Draw the loss against the seconds of training"
NO_SECONDS_TIP = "The times of the steps of this run are not known"


class SmoothBox(QSpinBox):
    """How many steps an average takes, one of `WINDOWS`; its own value is the place in them.

    Signals:
        chosen(int): the user chose so many; 0 for none.
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Starts with none."""
        super().__init__(parent)
        self.setObjectName("smooth_box")
        self.setRange(0, len(WINDOWS) - 1)
        self.setToolTip(SMOOTH_TIP)
        self.setAccessibleName("Smooth over so many steps")
        # Nothing is typed here: arrows, keys and wheel go from one to the next.
        self.lineEdit().setReadOnly(True)
        self.lineEdit().setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.lineEdit().selectionChanged.connect(self._deselect)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.valueChanged.connect(lambda place: self.chosen.emit(WINDOWS[place]))

    def window_steps(self) -> int:
        """The steps of the average; 0 for none."""
        return WINDOWS[self.value()]

    def set_window_steps(self, steps: int) -> None:
        """Shows the nearest of `WINDOWS`, silently."""
        with QSignalBlocker(self):
            self.setValue(WINDOWS.index(min(WINDOWS, key=lambda each: abs(each - steps))))

    def textFromValue(self, value: int) -> str:
        """The word, and the number of steps."""
        return f"smooth {window_text(WINDOWS[value])}"

    def valueFromText(self, text: str) -> int:
        """The place in `WINDOWS` of what the box says."""
        return next(
            (place for place in range(len(WINDOWS)) if self.textFromValue(place) == text), self.value()
        )

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """What the box says is always valid, since nobody can type."""
        return QValidator.State.Acceptable, text, position

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Turns the box only when it has the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def _deselect(self) -> None:
        self.lineEdit().deselect()


def window_text(steps: int) -> str:
    """How a window is written: `off`, `300`, `10k`."""
    if not steps:
        return "off"
    return f"{steps // 1000}k" if steps >= 1000 else str(steps)


class AxisSwitch(QWidget):
    """Two buttons that choose what the horizontal axis counts.

    Signals:
        chosen(bool): the user chose seconds, or steps.
    """

    chosen = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Starts with steps; seconds cannot be chosen yet."""
        super().__init__(parent)
        self.steps = self._button("step", "Against steps", STEPS_TIP)
        self.seconds = self._button("s", "Against seconds", NO_SECONDS_TIP)
        group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for button in (self.steps, self.seconds):
            group.addButton(button)
            row.addWidget(button)
        self._in_seconds = self._available = False
        self.set_available(False)
        self.steps.clicked.connect(lambda: self.choose(False))
        self.seconds.clicked.connect(lambda: self.choose(True))

    @property
    def in_seconds(self) -> bool:
        """What the user prefers, whether or not the times are known."""
        return self._in_seconds

    @property
    def available(self) -> bool:
        """Whether the times of the steps are known."""
        return self._available

    def set_in_seconds(self, in_seconds: bool) -> None:
        """Chooses, silently."""
        self._in_seconds = in_seconds
        self._show()

    def set_available(self, available: bool) -> None:
        """Whether the times of the steps are known; if not, the axis counts steps."""
        self._available = available
        self.setEnabled(available)
        self.steps.setToolTip(STEPS_TIP if available else NO_SECONDS_TIP)
        self.seconds.setToolTip(SECONDS_TIP if available else NO_SECONDS_TIP)
        self._show()

    def choose(self, in_seconds: bool) -> None:
        """Chooses as the user does."""
        if in_seconds != self._in_seconds:
            self.set_in_seconds(in_seconds)
            self.chosen.emit(in_seconds)

    def _show(self) -> None:
        (self.seconds if self._in_seconds and self._available else self.steps).setChecked(True)

    def _button(self, text: str, name: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setCheckable(True)
        button.setAccessibleName(name)
        button.setToolTip(tip)
        return button
