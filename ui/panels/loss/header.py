"""The row above the plot of the loss: its controls, and the step and loss that are pointed at.

Where the row is too narrow, controls go into a menu, the least important first.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QResizeEvent, QValidator, QWheelEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QSpinBox,
    QToolButton,
    QWidget,
)

from ui.style.sheet import set_class

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
        """None at first."""
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
        """Counts steps; seconds cannot be chosen yet."""
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
        set_class(self.steps, "button left")
        set_class(self.seconds, "button right")
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


SPACING = 10
SIDES = 12
SHORT_READING = "88 888    8.888e+88"
"""The row keeps room for so much of a reading."""


class LossHeader(QWidget):
    """Controls at the left, the reading at the right.

    Attributes:
        title: the panel's name, with its help.
        log, reset, smooth, axis, by_depth: the controls.
        more: opens the menu of those that have no room.

    Signals:
        logarithmic_toggled(bool): the loss's axis is another one, by whomever.
        reset_asked(): the user wants to see the whole run.
        smoothing_chosen(int): the user chose an average over so many steps; 0: none.
        seconds_toggled(bool): the user chose seconds for the axis, or steps.
        by_depth_toggled(bool): the user wants dots colored by depth, or none.
    """

    logarithmic_toggled = Signal(bool)
    reset_asked = Signal()
    smoothing_chosen = Signal(int)
    seconds_toggled = Signal(bool)
    by_depth_toggled = Signal(bool)

    def __init__(self, help_text: str, parent: QWidget | None = None) -> None:
        """The title's tooltip is the help."""
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.title = QLabel("Loss", self)
        self.title.setToolTip(help_text)
        self.log = QCheckBox("log", self)
        self.reset = QToolButton(self)
        self.smooth = SmoothBox(self)
        self.axis = AxisSwitch(self)
        self.by_depth = QCheckBox("by depth", self)
        self.more = QToolButton(self)
        self._zoomed = QLabel("zoomed", self)
        self._readout = QLabel(self)
        self._own_view = False
        self._depth_available = False
        self._readings: Sequence[str] = ("",)
        set_class(self.title, "title")
        set_class(self._zoomed, "muted")
        for button in (self.reset, self.more):
            set_class(button, "button")
        self._prepare()
        self._arrange()
        self._connect()

    # What the panel sets

    def set_own_view(self, own_view: bool) -> None:
        """Says whether the user chose what is in view."""
        self.reset.setEnabled(own_view)
        if own_view != self._own_view:
            self._own_view = own_view
            self._fit()

    def set_depth_available(self, available: bool) -> None:
        """Offers the colors by depth, or hides them."""
        if available != self._depth_available:
            self._depth_available = available
            self._fit()

    def set_reading(self, texts: Sequence[str], failed: bool = False) -> None:
        """Says the longest of these texts that there is room for; they run from long to short.

        Args:
            texts: on a step and its loss.
            failed: whether the loss is no finite number.
        """
        set_class(self._readout, "error" if failed else "")
        if texts != self._readings:
            self._readings = texts
            self._show_reading()

    # Room

    def minimumSizeHint(self) -> QSize:
        """Room for the title, one control and the menu."""
        fixed = (self.title, self.log, self.more)
        width = sum(each.sizeHint().width() + SPACING for each in fixed) + 2 * SIDES
        return QSize(width, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Moves controls into the menu, or back."""
        super().resizeEvent(event)
        self._fit()

    def hidden_controls(self) -> list[QWidget]:
        """The controls that are in the menu, the most important first."""
        return [each for each in self._controls() if each.isHidden()]

    def _controls(self) -> list[QWidget]:
        """The controls there are at all, the most important first."""
        depth = [self.by_depth] if self._depth_available else []
        first = [self.log, self.reset] if self._own_view else [self.log]
        last = [] if self._own_view else [self.reset]
        return [*first, self.smooth, *depth, self.axis, *last]

    def _fit(self) -> None:
        controls = self._controls()
        room = self.width() - 2 * SIDES - _width(self.title) - SPACING
        room -= self._readout.fontMetrics().horizontalAdvance(SHORT_READING)
        needed = [_width(control) + SPACING for control in controls]
        kept = len(controls)
        if sum(needed) > room:
            kept = 0
            room -= _width(self.more) + SPACING
            while kept < len(controls) and sum(needed[: kept + 1]) <= room:
                kept += 1
        kept = max(1, kept)
        if not self._depth_available:
            self.by_depth.hide()
        for index, control in enumerate(controls):
            control.setVisible(index < kept)
        self.more.setVisible(kept < len(controls))
        spare = room - sum(needed[:kept])
        self._zoomed.setVisible(self._own_view and spare >= _width(self._zoomed) + SPACING)
        self._row.activate()
        self._show_reading()

    def _show_reading(self) -> None:
        room = self._readout.width()
        metrics = self._readout.fontMetrics()
        fitting = (text for text in self._readings if metrics.horizontalAdvance(text) <= room)
        text = next(fitting, self._readings[-1])
        if text != self._readout.text():
            self._readout.setText(text)

    # Making

    def _prepare(self) -> None:
        self.log.setChecked(True)
        self.log.setToolTip("Draw the loss on a logarithmic axis: each line is ten times the one below")
        self.log.setAccessibleName("Logarithmic axis")
        self.reset.setText("reset view")
        self.reset.setToolTip("Show the whole run again (R, or a double click)")
        self.reset.setAccessibleName("Reset view")
        self.by_depth.setToolTip("Draw each step as a dot in the color of its depth")
        self.by_depth.setAccessibleName("Color by depth")
        self.more.setText("…")
        self.more.setToolTip("Controls that have no room here")
        self.more.setAccessibleName("More controls")
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.more)
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(self._fill_menu)
        self.more.setMenu(menu)
        self._zoomed.setToolTip("This is a part that you have chosen; it stays while the run goes on")
        self._readout.setAccessibleName("Step and loss under the pointer")
        # Whatever it says, it takes only the room that the controls leave.
        self._readout.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def _arrange(self) -> None:
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(SIDES, 6, SIDES, 4)
        row.setSpacing(SPACING)
        parts = (self.title, self.log, self.smooth, self.axis, self.by_depth, self.reset, self.more)
        for widget in (*parts, self._zoomed):
            row.addWidget(widget)
        row.addWidget(self._readout, 1)
        self._readout.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    def _connect(self) -> None:
        self.log.toggled.connect(self.logarithmic_toggled)
        self.reset.clicked.connect(self.reset_asked)
        self.smooth.chosen.connect(self.smoothing_chosen)
        self.axis.chosen.connect(self.seconds_toggled)
        # `clicked`, unlike `toggled`, is the user's doing only.
        self.by_depth.clicked.connect(self.by_depth_toggled)

    # The menu

    def _fill_menu(self) -> None:
        menu = self.more.menu()
        menu.clear()
        makers = {
            self.log: self._add_log,
            self.smooth: self._add_smooth,
            self.axis: self._add_axis,
            self.by_depth: self._add_depth,
            self.reset: self._add_reset,
        }
        for control in self.hidden_controls():
            makers[control](menu)

    def _add_log(self, menu: QMenu) -> None:
        _add(menu, "Logarithmic axis", self.log.isChecked()).triggered.connect(self.log.setChecked)

    def _add_smooth(self, menu: QMenu) -> None:
        steps = self.smooth.window_steps()
        inner = menu.addMenu(f"Smooth ({window_text(steps)})")
        group = QActionGroup(inner)
        for place, window in enumerate(WINDOWS):
            action = _add(inner, f"{window} steps" if window else "off", window == steps)
            group.addAction(action)
            action.triggered.connect(lambda _=False, place=place: self.smooth.setValue(place))

    def _add_axis(self, menu: QMenu) -> None:
        group = QActionGroup(menu)
        for text, in_seconds in (("Against steps", False), ("Against seconds", True)):
            shown = self.axis.in_seconds and self.axis.available
            action = _add(menu, text, shown is in_seconds)
            action.setEnabled(self.axis.available)
            action.setToolTip(self.axis.seconds.toolTip())
            group.addAction(action)
            action.triggered.connect(lambda _=False, chosen=in_seconds: self.axis.choose(chosen))

    def _add_depth(self, menu: QMenu) -> None:
        _add(menu, "Color by depth", self.by_depth.isChecked()).triggered.connect(self.by_depth.click)

    def _add_reset(self, menu: QMenu) -> None:
        action = menu.addAction(self.reset.text().capitalize())
        action.setEnabled(self._own_view)
        action.triggered.connect(self.reset_asked)


def _add(menu: QMenu, text: str, checked: bool) -> QAction:
    action = menu.addAction(text)
    action.setCheckable(True)
    action.setChecked(checked)
    return action


def _width(widget: QWidget) -> int:
    return widget.sizeHint().width()
