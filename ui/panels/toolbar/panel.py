"""The toolbar: run, pause, step and reset, and how far the run has come."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QPalette
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolBar, QToolButton, QWidget

from ui.style.icons import icon
from ui.style.theme import Theme, text_tone
from ui.widgets.actions import ActionSpec, actions_of, make_action
from ui.widgets.figure import Figure
from ui.widgets.progress_line import ProgressLine

BUSY = "machine busy"
BUSY_TIP = "Another program keeps the machine busy: the run has fallen to less than half of its speed."
ONE_THREAD_TIP = (
    "Threads that wait for each other lose the most. One is steadier; the last bits of the losses may change."
)


class RunBar(QToolBar):
    """Buttons and figures of the run.

    Attributes:
        run_action, pause_action, step_action, reset_action: also reachable by these object names.

    Signals:
        asked(str): the user wants what the action of this name does.
        one_thread_asked(): the user wants one thread, as other programs keep the machine busy.
    """

    asked = Signal(str)
    one_thread_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Shows a run at step 0."""
        super().__init__("Run", parent)
        self.setObjectName("run_bar")
        self.setMovable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        buttons = [self._button(spec) for spec in actions_of("run")]
        self.run_action, self.pause_action, self.step_action, self.reset_action = buttons
        self.addSeparator()
        self._progress = ProgressLine("Progress of the run")
        self._progress.setObjectName("progress")
        self.addWidget(self._progress)
        self._step = self._figure("Step", "step 88 888 / 88 888", "step_label")
        self._loss = self._figure("Loss", "loss 8.888e+888", "loss_label")
        self._speed = self._figure("Speed", f"88 888 steps/s, {BUSY}", "speed_label")
        self._left = self._figure("Time left", "88:88:88 left", "left_label")
        self._busy = self._add_busy_button()
        spacer = QWidget()
        spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(spacer)
        self._add_comparisons()
        self._appearances = self._add_appearances()

    def set_running(self, running: bool) -> None:
        """Which buttons can be pressed."""
        self.run_action.setEnabled(not running)
        self.pause_action.setEnabled(running)

    def set_figures(self, step: str, share: float, loss: str, speed: str, left: str) -> None:
        """The texts to show, and the share of the steps that are made, from 0 to 1."""
        figures = ((self._step, step), (self._loss, loss), (self._speed, speed), (self._left, left))
        for figure, text in figures:
            figure.set_text(text)
        self._progress.set_share(share)

    def set_busy(self, busy: bool, can_be_helped: bool = True) -> None:
        """Says why a run is slow, or no longer does.

        Args:
            busy: whether other programs keep the machine busy.
            can_be_helped: whether the run has several threads, so that it may take one.
        """
        self._speed.setToolTip(BUSY_TIP if busy else "")
        if self._busy.isVisible() != (busy and can_be_helped):
            self._busy.setVisible(busy and can_be_helped)

    def set_appearance(self, appearance: str) -> None:
        """Ticks the entry of the menu: desktop, light or dark."""
        self._appearances[f"appearance_{appearance}"].setChecked(True)

    def _action(self, spec: ActionSpec) -> QAction:
        action = make_action(spec, self)
        action.triggered.connect(lambda: self.asked.emit(spec.name))
        return action

    def _button(self, spec: ActionSpec) -> QAction:
        action = self._action(spec)
        action.setIcon(icon(spec.name, _on_accent if spec.name == "run" else text_tone))
        self.addAction(action)
        button = self.widgetForAction(action)
        button.setObjectName(f"{spec.name}_button")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleName(spec.title.replace("&", ""))
        button.setAccessibleDescription(spec.purpose)
        return action

    def _figure(self, name: str, widest: str, object_name: str) -> Figure:
        figure = Figure(name, widest)
        figure.setObjectName(object_name)
        figure.setBackgroundRole(QPalette.ColorRole.Base)
        self.addWidget(figure)
        return figure

    def _add_busy_button(self) -> QAction:
        button = QToolButton()
        button.setObjectName("busy_button")
        button.setText("use 1 thread")
        button.setToolTip(f"{BUSY_TIP} {ONE_THREAD_TIP}")
        button.setAccessibleDescription(button.toolTip())
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(self.one_thread_asked)
        action = self.addWidget(button)
        action.setVisible(False)
        return action

    def _add_comparisons(self) -> None:
        button = QToolButton()
        for spec in actions_of("compare"):
            # It opens from the button, and is heard of by its keys even where that was never pressed.
            button.addAction(self._action(spec))
        button.setObjectName("compare_button")
        button.setText("Compare")
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setToolTip("Several stages at once")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.addWidget(button)

    def _add_appearances(self) -> dict[str, QAction]:
        menu = QMenu("Appearance", self)
        group = QActionGroup(menu)
        entries = {}
        for spec in actions_of("appearance"):
            entries[spec.name] = entry = group.addAction(self._action(spec))
            entry.setCheckable(True)
            menu.addAction(entry)
        button = QToolButton()
        button.setObjectName("appearance_button")
        button.setText("◐")
        button.setMenu(menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setToolTip("Light or dark")
        button.setAccessibleName("Appearance")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.addWidget(button)
        return entries


def _on_accent(theme: Theme) -> str:
    return theme.on_accent
