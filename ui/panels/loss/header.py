"""The row above the plot of the loss: its name, what is pointed at, and the ways to look at it.

The two that are used most are buttons; the others are in a menu, whatever room there is, so that each has
one place.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QSizePolicy, QToolButton, QWidget

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
ZOOMED = ("zoomed: a part that you chose", "zoomed")
SMOOTHED = ("thin: each step · thick: smoothed", "thick: smoothed")
SPACING = 8
FRAME = 18
"""Pixels of a button beside its text."""
LEFT, RIGHT = 16, 12


def window_text(steps: int) -> str:
    """How a window is written: `off`, `300`, `10k`."""
    if not steps:
        return "off"
    return f"{steps // 1000}k" if steps >= 1000 else str(steps)


class LossHeader(QWidget):
    """The panel's name and a line at the left, buttons at the right.

    Attributes:
        title: the panel's name, with its help.
        log: switches the axis of the loss.
        reset: shows the whole run again; there only while the user looks at a part.
        more: opens the menu.
        against_steps, against_seconds, by_depth: entries of the menu.
        smooth: the entries that choose an average, by its steps.

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
        self._line = QLabel(self)
        self.log, self.reset, self.more = (QToolButton(self) for _ in range(3))
        self._menu = QMenu(self.more)
        self._smooth_menu = self._menu.addMenu("Smooth")
        self.smooth = {steps: self._entry(self._smooth_menu, _steps_text(steps)) for steps in WINDOWS}
        self._menu.addSeparator()
        self.against_steps = self._entry(self._menu, "Against steps")
        self.against_seconds = self._entry(self._menu, "Against seconds")
        self._menu.addSeparator()
        self.by_depth = self._entry(self._menu, "Color by depth")
        self._menu.addSeparator()
        self._reset_action = self._menu.addAction("Reset view")
        self._in_seconds = self._seconds_available = self._own_view = False
        self._readings: Sequence[str] = ("",)
        self._failed = False
        self._prepare()
        self._arrange()
        self._connect()

    # What the panel sets

    @property
    def smoothing(self) -> int:
        """Steps of the average; 0: none."""
        return next(steps for steps, action in self.smooth.items() if action.isChecked())

    def set_smoothing(self, steps: int) -> None:
        """Chooses the nearest of `WINDOWS`, silently."""
        nearest = min(WINDOWS, key=lambda each: abs(each - steps))
        self.smooth[nearest].setChecked(True)
        self._smooth_menu.setTitle(f"Smooth ({window_text(nearest)})")
        self._show_line()

    @property
    def in_seconds(self) -> bool:
        """Whether the user prefers seconds on the axis, whether or not the times are known."""
        return self._in_seconds

    def set_in_seconds(self, in_seconds: bool) -> None:
        """Chooses what the axis counts, silently."""
        self._in_seconds = in_seconds
        shown = in_seconds and self._seconds_available
        (self.against_seconds if shown else self.against_steps).setChecked(True)

    def set_seconds_available(self, available: bool) -> None:
        """Whether the times of the steps are known; if not, the axis counts steps."""
        self._seconds_available = available
        for action, tip in ((self.against_steps, STEPS_TIP), (self.against_seconds, SECONDS_TIP)):
            action.setEnabled(available)
            action.setToolTip(tip if available else NO_SECONDS_TIP)
        self.set_in_seconds(self._in_seconds)

    def set_depth_available(self, available: bool) -> None:
        """Offers the colors by depth, or hides them."""
        self.by_depth.setVisible(available)

    def set_own_view(self, own_view: bool) -> None:
        """Says whether the user chose what is in view."""
        if own_view != self._own_view:
            self._own_view = own_view
            self.reset.setVisible(own_view)
            self._reset_action.setEnabled(own_view)
            self._row.activate()
            self._show_line()

    def set_reading(self, texts: Sequence[str], failed: bool = False) -> None:
        """Says the longest of these texts that there is room for; they run from long to short.

        Args:
            texts: on a step and its loss; a single empty one for none.
            failed: whether the loss is no finite number.
        """
        if (texts, failed) != (self._readings, self._failed):
            self._readings, self._failed = texts, failed
            self._show_line()

    # Room

    def minimumSizeHint(self) -> QSize:
        """Room for the title and the buttons."""
        fixed = (self.title, self.log, self.more)
        width = sum(each.sizeHint().width() + SPACING for each in fixed) + LEFT + RIGHT
        return QSize(width, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Finds the text that there is room for."""
        super().resizeEvent(event)
        self._row.activate()
        self._show_line()

    def changeEvent(self, event: QEvent) -> None:
        """Buttons are as wide as their texts in another font, too."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._narrow_buttons()

    def _narrow_buttons(self) -> None:
        """A tool button would take some twelve pixels more, which the line beside it needs."""
        for button in (self.log, self.reset, self.more):
            button.setFixedWidth(button.fontMetrics().horizontalAdvance(button.text()) + FRAME)

    def _show_line(self) -> None:
        """What is pointed at; else how the losses are drawn."""
        texts = self._readings
        if not any(texts):
            texts = ZOOMED if self._own_view else SMOOTHED if self.smoothing else ("",)
        room, metrics = self._line.width(), self._line.fontMetrics()
        fitting = (text for text in texts if metrics.horizontalAdvance(text) <= room)
        text = next(fitting, texts[-1])
        set_class(self._line, "error" if self._failed and any(self._readings) else "muted")
        if text != self._line.text():
            self._line.setText(text)

    # Making

    def _prepare(self) -> None:
        set_class(self.title, "title")
        set_class(self._line, "muted")
        self._line.setAccessibleName("Step and loss under the pointer")
        self._line.setTextFormat(Qt.TextFormat.PlainText)
        # Whatever it says, it takes only the room that the buttons leave.
        self._line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        for button, text, name, tip in (
            (self.log, "log", "Logarithmic axis", "Draw the loss on a logarithmic axis"),
            (self.reset, "reset", "Reset view", "Show the whole run again (R, or a double click)"),
            (self.more, "…", "More ways to look at the loss", "Smooth, against seconds, by depth"),
        ):
            set_class(button, "button low")
            button.setText(text)
            button.setAccessibleName(name)
            button.setToolTip(tip)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._narrow_buttons()
        self.log.setCheckable(True)
        self.log.setChecked(True)
        self.reset.hide()
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setMenu(self._menu)
        self._menu.setToolTipsVisible(True)
        self._smooth_menu.menuAction().setToolTip(SMOOTH_TIP)
        self.by_depth.setToolTip("Draw each step as a dot in the color of its depth")
        self.by_depth.setVisible(False)
        self._reset_action.setEnabled(False)
        self._group(list(self.smooth.values()))
        self._group([self.against_steps, self.against_seconds])
        self.set_smoothing(0)
        self.set_seconds_available(False)

    def _arrange(self) -> None:
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(LEFT, 4, RIGHT, 2)
        row.setSpacing(SPACING)
        row.addWidget(self.title)
        row.addWidget(self._line, 1)
        for button in (self.reset, self.log, self.more):
            row.addWidget(button)

    def _connect(self) -> None:
        self.log.toggled.connect(self.logarithmic_toggled)
        self.reset.clicked.connect(self.reset_asked)
        self._reset_action.triggered.connect(self.reset_asked)
        # `triggered`, unlike `toggled`, is the user's doing only.
        self.by_depth.triggered.connect(self.by_depth_toggled)
        self._smooth_menu.triggered.connect(self._choose_smoothing)
        for action in (self.against_steps, self.against_seconds):
            action.triggered.connect(self._choose_seconds)

    def _choose_smoothing(self) -> None:
        steps = self.smoothing
        self.set_smoothing(steps)
        self.smoothing_chosen.emit(steps)

    def _choose_seconds(self) -> None:
        in_seconds = self.against_seconds.isChecked()
        if in_seconds != self._in_seconds:
            self.set_in_seconds(in_seconds)
            self.seconds_toggled.emit(in_seconds)

    def _entry(self, menu: QMenu, text: str) -> QAction:
        action = menu.addAction(text)
        action.setCheckable(True)
        return action

    def _group(self, actions: Sequence[QAction]) -> None:
        group = QActionGroup(self)
        for action in actions:
            group.addAction(action)


def _steps_text(steps: int) -> str:
    return f"{steps} steps" if steps else "off"
