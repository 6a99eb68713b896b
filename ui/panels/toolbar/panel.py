"""The toolbar: run, pause, step and reset, the pace, and how far the run has come."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QFontMetrics
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolBar, QToolButton, QWidget

from ui.panels.toolbar.files import FileMenu
from ui.panels.toolbar.losses import LossFigures
from ui.panels.toolbar.pace import PaceChoice
from ui.panels.toolbar.progress import RunProgress
from ui.style.icons import icon
from ui.style.scale import scaled
from ui.style.sheet import set_class
from ui.style.theme import Theme, text_tone
from ui.widgets.actions import ActionSpec, actions_of, make_action

if TYPE_CHECKING:
    from ui.panels.toolbar.run_to import RunToWindow

HEIGHT = 48
ROOM_AROUND = 40
"""Pixels of a button beside its text: icon and padding."""
BUSY = "machine busy"
BUSY_TIP = "Another program keeps the machine busy: the run has fallen to less than half of its speed."
ONE_THREAD_TIP = (
    "Threads that wait for each other lose the most. One is steadier; the last bits of the losses may change."
)


class RunBar(QToolBar):
    """Buttons and figures of the run.

    Attributes:
        run_action, pause_action, step_action, reset_action: also reachable by these object names.
        pace: how many steps a second are made.

    Signals:
        asked(str): the user wants what the action of this name does.
        one_thread_asked(): the user wants one thread, as other programs keep the machine busy.
        pace_chosen(int): the user chose this position of the pace slider.
        halt_chosen(object): the user wants the run to go on to this Halt.
        refused(str): one line on a number that is not allowed.
        recent_chosen(str): the user wants this file, which was open before.
        files_opening(): the File menu is about to be shown.
    """

    asked = Signal(str)
    pace_chosen = Signal(int)
    halt_chosen = Signal(object)
    refused = Signal(str)
    recent_chosen = Signal(str)
    files_opening = Signal()
    one_thread_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Shows a run at step 0."""
        super().__init__("Run", parent)
        self.setObjectName("run_bar")
        self.setMovable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIconSize(QSize(16, 16))
        # As high as it can become: nothing below it moves.
        self.setMinimumHeight(HEIGHT)
        self._room = 0
        buttons = [self._button(spec) for spec in actions_of("run")]
        self.run_action, self.pause_action, self.step_action, self.reset_action = buttons
        self._add_run_to()
        self.addSeparator()
        self.pace = PaceChoice()
        self.pace.pace_chosen.connect(self.pace_chosen)
        self.addWidget(self.pace)
        self._add_pace_keys()
        self.addSeparator()
        self._progress = RunProgress()
        self.addWidget(self._progress)
        self._busy = self._add_busy_button()
        self.addSeparator()
        self._losses = LossFigures()
        self.addWidget(self._losses)
        spacer = QWidget()
        spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(spacer)
        self._add_files()
        self._add_comparisons()
        self._views = self._add_views()

    def set_running(self, running: bool) -> None:
        """Which buttons can be pressed; the one to press next stands out."""
        self.run_action.setEnabled(not running)
        self.run_action.setText("Running" if running else "Run")
        self.pause_action.setEnabled(running)
        if not self._room:
            self._keep_room()
        for action, is_next in ((self.run_action, not running), (self.pause_action, running)):
            set_class(self.widgetForAction(action), "next" if is_next else "")
            action.setIcon(
                icon(action.objectName().removesuffix("_action"), _on_accent if is_next else text_tone)
            )

    def set_figures(self, progress: str, share: float, loss: str) -> None:
        """The texts to show, and the share of the steps that are made, from 0 to 1."""
        self._progress.show_progress(progress, share)
        self._losses.show_loss(loss)

    def set_more_losses(self, losses: Sequence[tuple[str, str]]) -> None:
        """The losses of a step by their names, where it has several; none for a step with one."""
        self._losses.show_several(losses)

    def set_pace(self, position: int) -> None:
        """Shows another pace, without a signal."""
        self.pace.show_position(position)

    def set_busy(self, busy: bool, can_be_helped: bool = True) -> None:
        """Says why a run is slow, or no longer does.

        Args:
            busy: whether other programs keep the machine busy.
            can_be_helped: whether the run has several threads, so that it may take one.
        """
        self._progress.setToolTip(BUSY_TIP if busy else "")
        if self._busy.isVisible() != (busy and can_be_helped):
            self._busy.setVisible(busy and can_be_helped)

    def set_appearance(self, appearance: str) -> None:
        """Ticks the entry of the menu: desktop, light or dark."""
        self._views[f"appearance_{appearance}"].setChecked(True)

    def set_motion(self, motion: bool) -> None:
        """Ticks the entry of the menu, or does not."""
        self._views["motion"].setChecked(motion)

    @property
    def view_actions(self) -> list[QAction]:
        """What the menu of the view offers."""
        return [*self._views.values()]

    def set_projector(self, projector: bool) -> None:
        """Where everything is larger there is no room for words beside the signs."""
        self._views["projector"].setChecked(projector)
        style = Qt.ToolButtonStyle
        self.setToolButtonStyle(style.ToolButtonIconOnly if projector else style.ToolButtonTextBesideIcon)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Signs and buttons are as large as the letters ask for."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and self._room:
            self._fit()

    def _fit(self) -> None:
        # A sheet that goes takes it away.
        self.setMinimumHeight(HEIGHT)
        self.setIconSize(QSize(scaled(16), scaled(16)))
        self._keep_room()

    def set_hidden(self, hidden: Collection[str]) -> None:
        """Ticks the panels that are shown; what is hidden has no picture to be copied."""
        for name, entry in self._views.items():
            what, _, panel = name.partition("_")
            if what == "show":
                entry.setChecked(panel not in hidden)
            elif what == "copy":
                entry.setEnabled(panel not in hidden)

    def _keep_room(self) -> None:
        """Buttons whose words or weight change are as wide as they can become: nothing beside them moves."""
        if self.toolButtonStyle() is Qt.ToolButtonStyle.ToolButtonIconOnly:
            for action in (self.run_action, self.pause_action):
                self.widgetForAction(action).setFixedWidth(scaled(ROOM_AROUND))
            return
        bold = self.font()
        bold.setBold(True)
        for action, widest in ((self.run_action, "Running"), (self.pause_action, "Pause")):
            button = self.widgetForAction(action)
            self._room = QFontMetrics(bold).horizontalAdvance(widest) + ROOM_AROUND
            button.setFixedWidth(self._room)

    def _action(self, spec: ActionSpec) -> QAction:
        action = make_action(spec, self)
        action.triggered.connect(lambda: self.asked.emit(spec.name))
        return action

    def _button(self, spec: ActionSpec) -> QAction:
        action = self._action(spec)
        action.setIcon(icon(spec.name, text_tone))
        self.addAction(action)
        button = self.widgetForAction(action)
        button.setObjectName(f"{spec.name}_button")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleName(spec.title.replace("&", ""))
        button.setAccessibleDescription(spec.purpose)
        return action

    def _add_busy_button(self) -> QAction:
        button = QToolButton()
        button.setObjectName("busy_button")
        button.setText("1 thread")
        button.setToolTip(f"{BUSY_TIP} {ONE_THREAD_TIP}")
        button.setAccessibleDescription(button.toolTip())
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(self.one_thread_asked)
        action = self.addWidget(button)
        action.setVisible(False)
        return action

    def _add_run_to(self) -> None:
        (spec,) = actions_of("run_to")
        action = make_action(spec, self)
        self.addAction(action)
        action.setIconText(spec.title)
        button = self.widgetForAction(action)
        action.triggered.connect(self._ask_where_to)
        self._run_to: RunToWindow | None = None
        button.setObjectName("run_to_button")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleDescription(spec.purpose)

    def _ask_where_to(self) -> None:
        if self._run_to is None:
            # Not before the first paint, which would wait for it.
            from ui.panels.toolbar.run_to import RunToWindow

            self._run_to = RunToWindow(self)
            self._run_to.chosen.connect(self.halt_chosen)
            self._run_to.refused.connect(self.refused)
        button = self.findChild(QToolButton, "run_to_button")
        self._run_to.open_below(button or self)

    def _add_pace_keys(self) -> None:
        for spec, by in zip(actions_of("pace"), (-1, 1), strict=True):
            action = make_action(spec, self)
            action.triggered.connect(lambda _checked=False, by=by: self.pace.shift(by))
            # By its key only: a toolbar shows what is added to it, the window does not.
            self.pace.addAction(action)

    def set_files(self, can_save: bool, can_close: bool, recent: Sequence[str]) -> None:
        """What can be done with the program's file.

        Args:
            can_save: whether it has changes that were not saved.
            can_close: whether it is a file of the user's.
            recent: paths that were open before, the newest first.
        """
        self._files.set_file(can_save, can_close, recent)

    def set_exports(self, reasons: Mapping[str, str]) -> None:
        """Which entries of the File menu can be chosen.

        Args:
            reasons: by the entry's name, why it cannot be now; "" if it can.
        """
        self._files.set_possible(reasons)

    def _add_files(self) -> None:
        button = self._menu_button("file_button", "File", "Open, save, export and share programs and runs")
        self._files = FileMenu(self._action, button)
        self._files.recent_chosen.connect(self.recent_chosen)
        self._files.aboutToShow.connect(self.files_opening)
        # It is heard of by its keys even while the menu is closed.
        button.addActions(list(self._files.entries.values()))
        button.setMenu(self._files)
        self._add_save(self._files.entries["save_script"], self.actions()[-1])
        self.set_files(False, False, ())

    def _add_save(self, action: QAction, before: QAction) -> None:
        """The entry of the menu as a button of its own, without words."""
        action.setIcon(icon("save", text_tone))
        action.setIconVisibleInMenu(False)
        button = QToolButton()
        button.setObjectName("save_script_button")
        button.setDefaultAction(action)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        button.setIconSize(self.iconSize())
        self.iconSizeChanged.connect(button.setIconSize)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleName("Save the script of this run")
        self.insertWidget(before, button)

    def _add_comparisons(self) -> None:
        self._menu_button("compare_button", "Compare", "Several stages at once").addActions(
            # It opens from the button, and is heard of by its keys even where that was never pressed.
            [self._action(spec) for spec in actions_of("compare")]
        )

    def _add_views(self) -> dict[str, QAction]:
        button = self._menu_button(
            "appearance_button", "◐", "Light or dark, motion, panels, full screen, notices"
        )
        button.setAccessibleName("View")
        group = QActionGroup(button)
        entries = {spec.name: self._action(spec) for spec in (*actions_of("appearance"), *actions_of("view"))}
        for name, entry in entries.items():
            if name.startswith("appearance_"):
                group.addAction(entry)
                entry.setCheckable(True)
            elif name in ("motion", "projector"):
                entry.setCheckable(True)
            button.addAction(entry)
        entries |= self._add_submenu(button, "Panels", "panels", checkable=True)
        return entries | self._add_submenu(button, "Copy picture", "pictures", checkable=False)

    def _add_submenu(
        self, button: QToolButton, title: str, group: str, *, checkable: bool
    ) -> dict[str, QAction]:
        entries = {spec.name: self._action(spec) for spec in actions_of(group)}
        menu = QMenu(title, button)
        menu.setObjectName(f"{group}_menu")
        for entry in entries.values():
            entry.setCheckable(checkable)
            menu.addAction(entry)
        button.addAction(menu.menuAction())
        return entries

    def _menu_button(self, name: str, text: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(name)
        button.setText(text)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setToolTip(tip)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.addWidget(button)
        return button


def _on_accent(theme: Theme) -> str:
    return theme.on_accent
