"""The parts of the window that look into steps and runs; they are loaded when it is on the screen.

What a user sees first, the controls and the place of the graph, does without them.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTabWidget, QWidget

from ui.bindings.code import CodeBinding
from ui.bindings.comparisons import Comparisons
from ui.bindings.curves import Curves
from ui.bindings.events import EventsBinding
from ui.bindings.filmstrip import FilmstripBinding
from ui.bindings.graph import GraphBinding
from ui.bindings.inspector import InspectorBinding
from ui.bindings.loss import LossBinding
from ui.bindings.replay import ReplayBinding
from ui.bindings.runs import RunList
from ui.bindings.step import StepBinding
from ui.panels.code.panel import CodeView
from ui.panels.events.panel import EventList
from ui.panels.filmstrip.panel import Filmstrip
from ui.panels.graph.panel import GraphView
from ui.panels.inspector.panel import Inspector
from ui.panels.loss.panel import LossPlot
from ui.panels.replay.panel import WalkBar
from ui.panels.runs.panel import RunsPanel
from ui.panels.toolbar.step import StepBar
from ui.session.session import Session
from ui.shell.preferences import ViewOptions
from ui.state.replay import Replay
from ui.state.timeline import Timeline

SMALLEST_LIST = 260
"""Pixels of width that the list of events keeps beside the plot."""


class Workbench:
    """Makes these panels, and what connects them with each other and with the session.

    Attributes:
        timeline: which step of the run is shown.
        replay: the walk through a recorded step.
        runs: the runs that were made.
        comparisons: windows of their own.
        plot, plots: the loss, and the tabs that it is in.
        inspector, events, filmstrip, runs_panel, walk_bar: further panels.
        events_binding: tells when the list of events comes into sight.
    """

    def __init__(
        self, session: Session, window: QWidget, graph: GraphView, steps: StepBar, code: CodeView
    ) -> None:
        """Makes everything; the window puts the panels in their places."""
        self.inspector = Inspector()
        self.inspector.setObjectName("inspector")
        self.events = EventList()
        self.events.setMinimumWidth(SMALLEST_LIST)
        self.events.hide()
        self.filmstrip = Filmstrip()
        self.runs_panel = RunsPanel()
        self.walk_bar = WalkBar()
        self.plot = LossPlot()
        self.plot.setObjectName("loss_plot")
        self.plots = _tabs_around(self.plot)
        self.timeline = Timeline(session)
        self.events_binding = EventsBinding(self.events, self.timeline)
        self._bindings = (
            GraphBinding(graph, self.timeline),
            StepBinding(steps, self.timeline),
            FilmstripBinding(self.filmstrip, graph, self.timeline),
            ReplayBinding(self.walk_bar, self.timeline, session),
            self.events_binding,
            CodeBinding(code, self.timeline),
            InspectorBinding(self.inspector, self.timeline, session),
            LossBinding(self.plot, self.timeline),
        )
        self.runs = RunList(session, self.runs_panel)
        self.comparisons = Comparisons(session, window)
        self.curves = Curves(self.runs, session, self.plot, self.plots)
        self.runs.curves_changed.connect(self.curves.show)

    @property
    def replay(self) -> Replay:
        """The walk through a recorded step."""
        return self.timeline.replay

    def show_options(self, options: ViewOptions) -> None:
        """Shows the plot as the user has left it."""
        self.plot.set_logarithmic(options.logarithmic)
        self.plot.set_smoothing(options.smoothing)
        self.plot.set_in_seconds(options.in_seconds)
        self.plot.set_by_depth(options.by_depth)

    def close(self) -> None:
        """Ends what runs beside the window."""
        self.timeline.close()
        self.comparisons.close()


def _tabs_around(plot: LossPlot) -> QTabWidget:
    tabs = QTabWidget()
    tabs.setObjectName("plots")
    tabs.setDocumentMode(True)
    tabs.tabBar().setDrawBase(False)
    tabs.setTabBarAutoHide(True)
    # Else Tab would go to its bar even while that is hidden, and no further.
    tabs.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    tabs.addTab(plot, "Loss")
    return tabs
