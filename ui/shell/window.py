"""The window: arranges the panels, and is the one place where panels and session are connected."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QGuiApplication, QPaintEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QSplitter, QTabWidget, QVBoxLayout, QWidget

from playground.graph.model import Graph
from playground.program import program_of
from playground.settings import Settings
from ui.panels.code.panel import CodeView
from ui.panels.graph.panel import EMPTY_GRAPH, GraphView
from ui.panels.ladder.panel import StageLadder
from ui.panels.notices.panel import NoticeBar
from ui.panels.settings.panel import SettingsPanel
from ui.panels.toolbar.run import BUSY, RunBar
from ui.panels.toolbar.step import StepBar
from ui.session.busy import BusyWatch, OtherPrograms, lacking_cores
from ui.session.pace import FrameInterval, Pace
from ui.session.session import RunState, Session
from ui.session.worker import Run
from ui.shell.mishaps import shielded
from ui.shell.preferences import Preferences, Remembered, ViewOptions, decoded, encoded
from ui.style.appearance import Appearance, apply_theme, theme_for
from ui.widgets.number_text import clock_text

if TYPE_CHECKING:
    from ui.bindings.comparisons import Comparisons
    from ui.bindings.runs import RunList
    from ui.shell.workbench import Workbench
    from ui.state.replay import Replay
    from ui.state.timeline import Timeline

FIGURES_SECONDS = 0.2
"""The figures change no faster than this: nobody could read them, and painting costs training."""
WALK_BAR_HEIGHT = 31
EVENTS_SHARE = 0.5
"""Of the width below the graph; the rest is the plot's."""


class MainWindow(QMainWindow):
    """The whole program.

    Attributes:
        session: what runs now.
        painted: whether the window has been on the screen.
        closing_milliseconds: how long closing waits for the worker, which may be loading torch or be in
            the middle of a step.
    """

    def __init__(self, *, at_once: bool = True) -> None:
        """Comes back as it was left; training can start once torch is loaded in the background.

        Args:
            at_once: False leaves what takes long to load (the plot, the depth's slider) until the window
                has been painted for the first time.
        """
        super().__init__()
        self.setWindowTitle("PyTorch Playground")
        self._preferences = Preferences()
        remembered, notice = self._preferences.load()
        self._appearance = remembered.view.appearance
        self._told = notice
        self.session = Session(remembered.settings, self)
        self._pace = Pace()
        self._busy, self._others = BusyWatch(), OtherPrograms()
        self._loading = ""
        self.painted = False
        self.closing_milliseconds = 15_000
        self._figures_at = 0.0
        self._code_of = ""
        self._events_share: float | None = EVENTS_SHARE
        self._interval = FrameInterval()
        self._computed = time.thread_time()
        self._figures: tuple[object, ...] | None = None
        self._make_panels()
        self._arrange()
        self._connect()
        self._restore(remembered)
        if at_once:
            self._complete()
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._look)
        self._timer.start(0)
        if notice:
            self._notices.show_notice("warning", notice)

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
        return " ".join(filter(None, (self._notices.text(), self._notices.hint())))

    @property
    def workbench(self) -> Workbench:
        """The parts that are loaded when the window is on the screen.

        Raises:
            RuntimeError: it is not there yet.
        """
        if self._workbench is None:
            raise RuntimeError("the window has not been painted yet")
        return self._workbench

    @property
    def timeline(self) -> Timeline:
        """Which step of the run is shown."""
        return self.workbench.timeline

    @property
    def replay(self) -> Replay:
        """The walk through a recorded step."""
        return self.workbench.replay

    @property
    def runs(self) -> RunList:
        """The runs that were made."""
        return self.workbench.runs

    @property
    def comparisons(self) -> Comparisons:
        """Windows of their own."""
        return self.workbench.comparisons

    def choose_node(self, key: str) -> None:
        """Selects a node, as a click on it does."""
        self.replay.select(key)

    def choose_appearance(self, appearance: Appearance) -> None:
        """Light, dark, or as the desktop."""
        self._appearance = appearance
        self._show_theme()

    def tell_mishap(self, text: str, details: str) -> None:
        """Says that something in the window has failed, with its traceback to be copied."""
        self._notices.show_notice("error", text, details, "Everything else goes on.")

    def refresh(self) -> None:
        """Looks at how far the run has come, and repaints what has changed since."""
        bench = self._workbench
        if bench is not None:
            shielded(bench.timeline.look, lambda: bench.runs.look(self.session.steps_made))
        shielded(self._look_at_figures)

    def _look_at_figures(self) -> None:
        made, running = self.session.steps_made, self.session.state is RunState.RUNNING
        now = (made, self.session.state, self._loading, self.session.settings.steps)
        if now == self._figures:
            return
        clock = time.monotonic()
        if running:
            self._pace.read(clock, made)
            if clock - self._figures_at <= FIGURES_SECONDS:
                return
        self._figures, self._figures_at = now, clock
        self._show_figures(made)

    def _look(self) -> None:
        """Refreshes, and comes back as soon as that takes little enough of the time."""
        computed = time.thread_time()
        self._interval.spent(computed - self._computed)
        self._computed = computed
        try:
            self.refresh()
        finally:
            self._timer.start(round(1000 * self._interval.seconds))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Starts the session once the window is on the screen; loading torch would delay it."""
        super().paintEvent(event)
        if not self.painted:
            self.painted = True
            QTimer.singleShot(0, self, self._begin)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remembers the window's state and ends the worker."""
        self._timer.stop()
        self._save()
        self.hide()
        if self._workbench is not None:
            self._workbench.close()
        self.session.close(self.closing_milliseconds)
        super().closeEvent(event)

    # Making

    def _make_panels(self) -> None:
        self._bar = RunBar()
        self._notices = NoticeBar()
        self._ladder = StageLadder()
        self._settings = SettingsPanel(at_once=False)
        self._graph = GraphView()
        self._graph.set_message(EMPTY_GRAPH)
        self._steps = StepBar()
        self._code = CodeView()
        self._workbench: Workbench | None = None
        # Of what is loaded later.
        self._place_of_film, self._place_of_walk = QWidget(), QWidget()
        self._place_of_walk.setFixedHeight(WALK_BAR_HEIGHT)
        names = {
            "stage_list": self._ladder.list,
            "graph_view": self._graph,
            "code_view": self._code.editor,
            "step_slider": self._steps.slider,
        }
        for name, widget in names.items():
            widget.setObjectName(name)

    def _arrange(self) -> None:
        self.addToolBar(self._bar)
        self._middle = _column(
            (self._graph, 1), (self._place_of_film, 0), (self._steps, 0), (self._place_of_walk, 0)
        )
        self._tabs = QTabWidget()
        self._tabs.setObjectName("left_tabs")
        self._tabs.setDocumentMode(True)
        # Its line is white in the dark.
        self._tabs.tabBar().setDrawBase(False)
        self._tabs.addTab(self._settings, "Settings")
        left = _column((self._ladder, 0), (self._tabs, 1))
        self._splitters = {
            "bottom": _splitter(Qt.Orientation.Horizontal, (QWidget(), 1), (QWidget(), 1)),
            "right": _splitter(Qt.Orientation.Vertical, (self._code, 3), (QWidget(), 2)),
        }
        self._splitters["middle"] = _splitter(
            Qt.Orientation.Vertical, (self._middle, 3), (self._splitters["bottom"], 2)
        )
        self._splitters["columns"] = _splitter(
            Qt.Orientation.Horizontal,
            (left, 0),
            (self._splitters["middle"], 3),
            (self._splitters["right"], 2),
        )
        self.setCentralWidget(_column((self._notices, 0), (self._splitters["columns"], 1)))
        self._splitters["columns"].setSizes([270, 680, 330])
        self._splitters["middle"].setSizes([450, 290])
        self._splitters["right"].setSizes([360, 400])
        self._splitters["bottom"].setSizes([380, 300])

    def _connect(self) -> None:
        session, worker = self.session, self.session.worker
        self._bar.run_action.triggered.connect(session.train)
        self._bar.pause_action.triggered.connect(session.pause)
        self._bar.step_action.triggered.connect(session.make_one_step)
        self._bar.reset_action.triggered.connect(session.reset)
        self._bar.appearance_chosen.connect(self.choose_appearance)
        self._bar.comparison_chosen.connect(self._compare)
        self._bar.one_thread_asked.connect(lambda: session.choose("threads", 1))
        self._ladder.stage_chosen.connect(session.choose_stage)
        self._settings.value_chosen.connect(session.choose)
        self._settings.options_chosen.connect(session.choose_options)
        self._settings.start_chosen.connect(session.choose_start)
        self._settings.defaults_chosen.connect(session.choose_defaults)
        self._settings.devices_asked.connect(self._show_devices)
        self._settings.refused.connect(self._refuse)
        session.settings_changed.connect(self._show_settings)
        session.state_changed.connect(self._show_state)
        session.run_changed.connect(self._show_run)
        session.noticed.connect(self._notice)
        worker.loading.connect(self._show_loading)
        worker.devices_found.connect(self._settings.show_devices)
        worker.optimizers_found.connect(self._settings.show_optimizers)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._show_theme)

    def _complete(self) -> None:
        """Adds what was left out to have the window on the screen sooner."""
        from ui.shell.workbench import Workbench

        self._settings.complete()
        bench = self._workbench = Workbench(self.session, self, self._graph, self._steps, self._code)
        bench.show_options(self._remembered.view)
        bench.plot.set_steps(self.session.settings.steps)
        bench.walk_bar.refused.connect(self._refuse)
        bench.timeline.changed.connect(self.refresh)
        bench.events_binding.opened.connect(self._share_the_bottom)
        bench.runs.noticed.connect(self._notices.show_notice)
        bench.comparisons.node_chosen.connect(self.choose_node)
        self._place(bench)
        bench.timeline.show_run(self.session.run)

    def _place(self, bench: Workbench) -> None:
        """Puts the panels where their places were kept."""
        middle = self._middle.layout()
        assert middle is not None, "it was arranged"
        late: dict[QWidget, QWidget] = {
            self._place_of_film: bench.filmstrip,
            self._place_of_walk: bench.walk_bar,
        }
        for place, panel in late.items():
            middle.replaceWidget(place, panel)
            place.deleteLater()
        self._tabs.addTab(bench.runs_panel, "Runs")
        late_in_splitters = (
            ("bottom", 0, bench.plots),
            ("bottom", 1, bench.events),
            ("right", 1, bench.inspector),
        )
        for name, index, part in late_in_splitters:
            splitter = self._splitters[name]
            sizes = splitter.sizes()
            kept = splitter.replaceWidget(index, part)
            assert kept is not None, "a place was kept for it"
            kept.deleteLater()
            splitter.setSizes(sizes)
        for name, index, share in (("bottom", 0, 1), ("bottom", 1, 1), ("right", 1, 2)):
            self._splitters[name].setStretchFactor(index, share)
        bench.events.hide()

    def _share_the_bottom(self) -> None:
        """The first time that events are listed, they and the plot share the room; then it is the user's."""
        share, self._events_share = self._events_share, None
        if share is not None:
            splitter = self._splitters["bottom"]
            events = round(splitter.width() * share)
            splitter.setSizes([splitter.width() - events, events])

    def _begin(self) -> None:
        if self._workbench is None:
            self._complete()
        self.timeline.warm_up()
        self.session.start()

    # What the user does

    def _compare(self, what: str) -> None:
        if what == "runs":
            from ui.panels.toolbar.run_all_dialog import RunAllDialog

            dialog = RunAllDialog(self)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.runs_chosen.connect(self._run_stages)
            dialog.open()
        elif what == "rosetta":
            self.comparisons.show_rosetta()
        else:
            self.comparisons.show_costs()

    def _show_devices(self) -> None:
        self.comparisons.show_devices()

    def _run_stages(self, stages: tuple[str, ...], same_start: bool, dtype: str) -> None:
        self.session.choose_start(same_start, dtype if same_start else None)
        self._tabs.setCurrentIndex(1)
        self.runs.run_stages(stages)

    def _refuse(self, text: str) -> None:
        self._notices.show_notice("warning", text)

    # What has come of it

    def _show_settings(self, settings: Settings) -> None:
        self._ladder.show_stage(settings.stage)
        self._settings.show_settings(settings)
        if self._workbench is not None:
            self._workbench.plot.set_steps(settings.steps)
        self._show_code(settings)

    def _show_code(self, settings: Settings) -> None:
        if settings.stage != self._code_of:
            self._code_of = settings.stage
            program = program_of(settings.program.source_file)
            self._code.set_source(settings.program.source_file.name, program.text)
            # The imports above are the same in every stage; what a learner looks for is the loop.
            self._code.scroll_to(program.loop.end_lineno or program.loop.lineno)

    def _show_state(self, state: RunState) -> None:
        self._bar.set_running(state is RunState.RUNNING)
        self._pace.interrupt()
        self.refresh()

    def _show_run(self, run: Run | None) -> None:
        bench = self._workbench
        if bench is not None:
            bench.timeline.show_run(run)
            bench.plot.set_history(*((None, -1) if run is None else (run.history, run.number)))
            bench.curves.show()
        if run is None:
            self._pace.forget()

    def _show_loading(self, text: str) -> None:
        self._loading = text
        self.refresh()

    def _notice(self, level: str, text: str, details: str, hint: str) -> None:
        self._notices.show_notice(level, text, details, hint)

    def _show_figures(self, made: int) -> None:
        session = self.session
        total = session.settings.steps
        loss = "" if session.run is None or not made else f"loss {session.run.history.loss(made - 1):.3e}"
        running = session.state is RunState.RUNNING
        speed, left = self._loading, ""
        if running and not self._loading:
            rest = self._pace.seconds_left(total - made)
            speed = "" if rest is None else f"{self._pace.steps_per_second:,.0f} steps/s".replace(",", " ")
            left = "" if rest is None else f"{clock_text(rest)} left"
        elif made and not self._loading:
            speed, left = session.state.capitalize(), ""
        if self._show_busy(running) and speed:
            speed = f"{speed}, {BUSY}"
        numbers = f"step {made:,} / {total:,}".replace(",", " ")
        self._bar.set_figures(numbers, min(1.0, made / total), loss, speed, left)

    def _show_busy(self, running: bool) -> bool:
        """Offers one thread where other programs slow the run down; returns whether they do."""
        session, pace = self.session, self._pace.steps_per_second
        threads = session.settings.threads or (session.run and session.run.threads) or 1
        clock = time.monotonic()
        lacking = lacking_cores(threads, self._others.cores(clock)) if running else 0.0
        circumstances = (session.run and session.run.number, session.settings, session.recorded_every)
        busy = running and pace > 0 and self._busy.explains(circumstances, clock, pace, lacking)
        self._bar.set_busy(busy, threads > 1)
        return busy

    def _show_theme(self) -> None:
        application = QApplication.instance()
        if isinstance(application, QApplication):
            apply_theme(application, theme_for(self._appearance))
        if self._workbench is not None:
            self._workbench.curves.show()
            # Pictures of graphs are to be drawn anew.
            self._workbench.timeline.show_again()
        self._bar.set_appearance(self._appearance)

    def _restore(self, remembered: Remembered) -> None:
        self.resize(1280, 800)
        if remembered.view.geometry:
            self.restoreGeometry(QByteArray(decoded(remembered.view.geometry)))
        for name, state in remembered.view.splitters.items():
            if name in self._splitters:
                self._splitters[name].restoreState(QByteArray(decoded(state)))
        plot, events = self._splitters["bottom"].sizes()
        if "bottom" in remembered.view.splitters and events:
            # Kept for when they are listed: the list itself is not there yet.
            self._events_share = events / (plot + events)
        self._remembered = remembered
        self._show_theme()
        self._show_settings(self.session.settings)
        self._show_run(None)
        self._bar.set_running(False)
        self.refresh()

    def _save(self) -> None:
        # A window that was closed before its plot was there leaves that as it was.
        plot = self._remembered.view if self._workbench is None else self._workbench.plot
        view = ViewOptions(
            appearance=self._appearance,
            geometry=encoded(bytes(self.saveGeometry().data())),
            splitters={
                name: encoded(bytes(each.saveState().data())) for name, each in self._splitters.items()
            },
            logarithmic=plot.logarithmic,
            smoothing=plot.smoothing,
            in_seconds=plot.in_seconds,
            by_depth=plot.by_depth,
        )
        problem = self._preferences.save(Remembered(settings=self.session.settings, view=view))
        if problem and problem != self._told:
            print(f"torch-playground: {problem}", file=sys.stderr)


def _column(*parts: tuple[QWidget, int]) -> QWidget:
    """Widgets one above the other, without gaps, with their shares of the height."""
    column = QWidget()
    layout = QVBoxLayout(column)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    for widget, share in parts:
        layout.addWidget(widget, share)
    return column


def _splitter(orientation: Qt.Orientation, *parts: tuple[QWidget, int]) -> QSplitter:
    """Widgets that the user can resize against each other, with their shares of new room."""
    splitter = QSplitter(orientation)
    splitter.setChildrenCollapsible(False)
    splitter.setHandleWidth(3)
    for index, (widget, share) in enumerate(parts):
        splitter.addWidget(widget)
        splitter.setStretchFactor(index, share)
    return splitter
