"""The window: makes the panels that the registry names, looks at the run, remembers how it was left."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QMimeData, QObject, Qt, QTimer
from PySide6.QtGui import (
    QCloseEvent,
    QContextMenuEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QKeyEvent,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget

from playground.graph.model import Graph
from ui.bindings.context import Context
from ui.panels.notices import Toast
from ui.session.pace import FrameInterval
from ui.session.session import Session
from ui.shell.mishaps import shielded
from ui.shell.places import WindowPlaces
from ui.shell.preferences import Preferences, Remembered, decoded, encoded
from ui.shell.projector import factor_at
from ui.shell.registry import PANELS, Made, PanelSpec, loaded
from ui.state.notices import Notices
from ui.state.program_store import ProgramStore
from ui.state.view_options import View, ViewOptions
from ui.style.appearance import Appearance, apply_theme, theme_for
from ui.style.scale import scale
from ui.widgets.picture_menu import offer_copy

if TYPE_CHECKING:
    from playground.workspace.opening import Opening
    from ui.state.programs import Programs
    from ui.state.replay import Replay
    from ui.state.runs import Runs
    from ui.state.sessions import Sessions
    from ui.state.timeline import Timeline

SIZE = (1280, 800)
SAVED_AFTER = 500
"""Milliseconds from a change until it is written: several in a row are written once."""


class MainWindow(QMainWindow):
    """The whole program.

    Attributes:
        session: what runs now.
        notices: what the user is told.
        view: how the views are arranged.
        painted: whether the window has been on the screen.
        closing_milliseconds: how long closing waits for the worker, which may be loading torch or be in
            the middle of a step.
    """

    def __init__(self) -> None:
        """Comes back as it was left; what takes long to load follows when it has been painted."""
        super().__init__()
        self.setWindowTitle("PyTorch Playground")
        self.setAcceptDrops(True)
        self._preferences = Preferences()
        remembered, self._told = self._preferences.load()
        self._saved: Remembered | None = None
        self.session = Session(remembered.settings, self)
        self.session.makes_first_step = True
        self.notices, self.view = Notices(self), View(remembered.view, self)
        self.painted = self._complete = False
        self.closing_milliseconds = 15_000
        self._interval = FrameInterval()
        self._computed = time.thread_time()
        self._places = WindowPlaces(self, self.view, self._make)
        store = ProgramStore(self._preferences.path.with_name("programs.json"))
        kept = self._preferences.path.with_name("sessions")
        self._context = Context(self.session, self.notices, self.view, self._places, store, kept)
        self._bindings: dict[str, QObject] = {}
        self._make_all(Made.AT_ONCE)
        self.resize(*SIZE)
        self.restoreGeometry(QByteArray(decoded(remembered.view.geometry)))
        self._places.restore(remembered.view.splitters)
        self._show_view(remembered.view)
        self.view.changed.connect(self._show_view)
        self._saving = QTimer(self, singleShot=True, interval=SAVED_AFTER)
        self._saving.timeout.connect(self._save)
        # A program that is killed, and a machine that fails, must not take along what the user has set.
        self.view.changed.connect(lambda: self._saving.start())
        self.session.settings_changed.connect(lambda: self._saving.start())
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._show_theme)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._look)
        self._timer.start(0)
        if self._told:
            self.notices.warn(self._told)

    @property
    def timeline(self) -> Timeline:
        """Which step of the run is shown."""
        return self._context.timeline

    @property
    def programs(self) -> Programs:
        """The stages and the files that are open."""
        return self._context.programs

    @property
    def replay(self) -> Replay:
        """The walk through a recorded step."""
        return self._context.timeline.replay

    @property
    def runs(self) -> Runs:
        """The runs that were made."""
        return self._context.runs

    @property
    def sessions(self) -> Sessions:
        """Keeps the runs, and brings them back."""
        return self._context.sessions

    @property
    def graph(self) -> Graph | None:
        """The graph that is shown."""
        return self.timeline.graph

    @property
    def layout_is_there(self) -> bool:
        """Whether the graph that is shown has been laid out."""
        return self.timeline.layout_is_there

    @property
    def notice(self) -> str:
        """The notice that is shown, with its hint; "" if none is."""
        bar = self.panel("notices")
        assert isinstance(bar, Toast), "the registry says so"
        return " ".join(filter(None, (bar.text(), bar.hint())))

    def panel(self, name: str) -> QWidget:
        """A panel, by its name in the registry.

        Raises:
            KeyError: it has not been made yet, or there is none.
        """
        return self._places.panel(name)

    def bring_forward(self, name: str) -> None:
        """Shows the tab or the window that a panel is in."""
        self._places.bring_forward(name)

    def choose_node(self, key: str) -> None:
        """Selects a node, as a click on it does."""
        self.replay.select(key)

    def choose_appearance(self, appearance: Appearance) -> None:
        """Light, dark, or as the desktop."""
        self.view.change(appearance=appearance.value)

    def tell_mishap(self, text: str, details: str) -> None:
        """Says that something in the window has failed, with its traceback to be copied."""
        self.notices.tell("error", text, details, "Everything else goes on.")

    def take_over(self, opening: Opening) -> None:
        """Opens what somebody has shared, once the window is on the screen."""
        self._context.when_painted(lambda: self._context.take_over(opening))

    def complete(self) -> None:
        """Makes what takes long to load, once; the first paint does it."""
        if self._complete:
            return
        self._complete = True
        self._make_all(Made.PAINTED)
        self._context.tell_painted()
        self._places.settle(self.view.options.splitters)
        self.timeline.changed.connect(self.refresh)
        self.timeline.show_run(self.session.run)
        self.session.run_changed.connect(self.timeline.show_run)
        self._show_theme()

    def refresh(self) -> None:
        """Looks at how far the run has come, and repaints what has changed since."""
        if self._complete:
            made = self.session.steps_made
            shielded(self.timeline.look, lambda: self.runs.look(made))
        self._context.looked.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Starts the session once the window is on the screen; loading torch would delay it."""
        super().paintEvent(event)
        if not self.painted:
            self.painted = True
            QTimer.singleShot(0, self, self._begin)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A wider window has room for larger letters, where they are to be read from afar."""
        super().resizeEvent(event)
        if self.view.options.projector and factor_at(self.width()) != scale():
            self._show_theme()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leaves the full screen, where nothing else in the window wants it."""
        if event.key() == Qt.Key.Key_Escape and self.isFullScreen():
            self._places.switch_full_screen()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What has no menu of its own offers a picture of the panel that it is in."""
        by_key = event.reason() is QContextMenuEvent.Reason.Keyboard
        there = QApplication.focusWidget() if by_key else self.childAt(event.pos())
        offer_copy(there or self, event.globalPos())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files may be dropped on the window."""
        if _dropped(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Opens what is dropped."""
        for path in _dropped(event.mimeData()):
            self.programs.open(path)
        event.acceptProposedAction()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remembers the window's state and ends the worker."""
        if not self._context.may_close():
            event.ignore()
            return
        self._timer.stop()
        self._save()
        self._saving.stop()
        self._context.programs.keep()
        # What is being written is waited for.
        self.hide()
        self._context.close()
        if self._complete:
            self.timeline.close()
        self._places.close()
        self.session.close(self.closing_milliseconds)
        super().closeEvent(event)

    def _begin(self) -> None:
        self.complete()
        self.timeline.warm_up()
        self.session.start()

    def _look(self) -> None:
        """Refreshes, and comes back as soon as that takes little enough of the time."""
        computed = time.thread_time()
        self._interval.spent(computed - self._computed)
        self._computed = computed
        try:
            self.refresh()
        finally:
            self._timer.start(round(1000 * self._interval.seconds))

    def _make_all(self, made: Made) -> None:
        for spec in PANELS:
            if spec.made is made:
                self._make(spec)
        for spec in PANELS:
            if spec.bound is made:
                self._bind(spec)

    def _make(self, spec: PanelSpec) -> QWidget:
        panel: QWidget = loaded(spec.panel)()
        self._places.put(spec, panel)
        if spec.bound is None:
            self._bind(spec)
        return panel

    def _bind(self, spec: PanelSpec) -> None:
        self._bindings[spec.name] = loaded(spec.binding)(self._places.panel(spec.name), self._context)

    def _show_view(self, options: ViewOptions) -> None:
        """Qt gives a desk's letters to what gets another parent: it does so while it has them anyhow."""
        if options.projector:
            self._places.arrange(options)
            self._show_theme()
        else:
            self._show_theme()
            self._places.arrange(options)

    def _show_theme(self) -> None:
        options = self.view.options
        theme = theme_for(Appearance(options.appearance), options.projector)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            apply_theme(application, theme, factor_at(self.width()) if options.projector else 1.0)
        if self._complete:
            # Pictures of graphs are to be drawn anew.
            self.timeline.show_again()

    def _save(self) -> None:
        # Nobody listens to these two: they are read when the next window is made.
        arranged = {
            "geometry": encoded(bytes(self.saveGeometry().data())),
            "splitters": self._places.shares(),
        }
        view = self.view.options.model_copy(update=arranged)
        remembered = Remembered(settings=self._context.programs.stage_settings, view=view)
        if remembered == self._saved:
            return
        problem = self._preferences.save(remembered)
        if not problem:
            self._saved = remembered
        elif problem != self._told:
            self._told = problem
            print(f"torch-playground: {problem}", file=sys.stderr)


def _dropped(data: QMimeData) -> list[str]:
    """Paths of the files that are being dragged."""
    return [url.toLocalFile() for url in data.urls() if url.isLocalFile()]
