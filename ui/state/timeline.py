"""Which step of the run is shown: its graph, its recording, and what it is compared with."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from playground.graph.layout import Layout
from playground.graph.model import Graph, GraphKind, NodeKind
from playground.history import NO_DEPTH
from playground.memory import in_words
from playground.recording.model import Recording
from playground.recording.shelf import RecordingShelf
from playground.runs.tally import Tally
from ui.panels.events.panel import EventList
from ui.panels.filmstrip.panel import Filmstrip
from ui.panels.graph.panel import EMPTY_GRAPH, GraphView
from ui.panels.replay.panel import WalkBar
from ui.panels.toolbar.step import StepBar
from ui.session.session import RunState, Session
from ui.session.worker import Run
from ui.state.layouts import GraphLayouts
from ui.state.walking import Walking
from ui.style.phases import pass_caption

if TYPE_CHECKING:
    from ui.panels.loss.panel import LossPlot

TRACE_NOTE = "No graph is built: this is the trace of the operations that ran."
NEWEST_STEPS = 512
"""As many as the filmstrip may show one by one."""


class Against(StrEnum):
    """What the graph that is shown is compared with."""

    NOTHING = "nothing"
    BEFORE = "before"
    PINNED = "pinned"


class Timeline(QObject):
    """Shows one step of the present run in the panels that know about steps.

    Attributes:
        chosen: the step that the user went to; None follows the newest.
        graph: what is drawn, or None.
        plot: the plot of the loss, once it is there.

    Signals:
        changed(): the user wants to see something else; whoever looks shall look now.
        opened(): the list of events has come into sight.
    """

    changed = Signal()
    opened = Signal()

    def __init__(
        self,
        session: Session,
        walking: Walking,
        graph: GraphView,
        steps: StepBar,
        filmstrip: Filmstrip,
        events: EventList,
        walk_bar: WalkBar,
    ) -> None:
        """Shows that there is no step yet."""
        super().__init__(session)
        self.chosen: int | None = None
        self.graph: Graph | None = None
        self.plot: LossPlot | None = None
        self._session, self._walking = session, walking
        self._graph_view, self._steps, self._filmstrip = graph, steps, filmstrip
        self._events, self._walk_bar = events, walk_bar
        self._layouts = GraphLayouts()
        self._tally: Tally | None = None
        self._copies = False
        self._against = Against.NOTHING
        self._pinned = 0
        self._moved = False
        self._pictured: Layout | None = None
        self._listed: tuple[object, ...] = ()
        self._connect()

    @property
    def layout_is_there(self) -> bool:
        """Whether the graph that is shown has been laid out."""
        return self._graph_view.canvas.scene is not None and not self._layouts.waiting

    def warm_up(self) -> None:
        """Loads the layout library, which the first graph would have to wait for."""
        self._layouts.warm_up()

    def close(self) -> None:
        """Ends the process that lays out large graphs."""
        self._layouts.close()

    def poll(self) -> bool:
        """Whether a large graph has been laid out since the last call."""
        return self._layouts.waiting and self._layouts.poll()

    @property
    def state(self) -> tuple[object, ...]:
        """What decides what is shown, besides the number of steps."""
        run = self._session.run
        seen = (0, 0) if run is None else (len(run.structures), run.recordings.version)
        return (self.chosen, self._copies, self._against, self._pinned, *seen)

    def show_run(self, run: Run | None) -> None:
        """Begins anew with a run; None: it has been asked for, but has not begun."""
        if run is not None:
            self._layouts.start_run(run.structures)
            self._tally = Tally(run.history)
            return
        self.chosen = None
        self._tally = None
        self._against = Against.NOTHING
        self._steps.show_against(str(self._against), 0)
        self._filmstrip.clear()
        self._pictured = None
        self._show_nothing()

    def show(self, made: int, figures_too: bool) -> None:
        """Shows the step that was chosen, or the newest.

        Args:
            made: how many steps the run has made.
            figures_too: whether to write the figures of the newest step, which nobody could read if they
                changed too often.
        """
        run, chosen = self._session.run, self.chosen
        failed = self._failed_recording()
        if failed is not None and run is not None and (chosen is None or chosen >= made):
            self._show_failed_step(run, failed, made)
        elif run is None or not made:
            self._steps.show_step(None, 0, "")
            self._set_cursor(None)
        else:
            step = made - 1 if chosen is None else min(chosen, made - 1)
            self._show_step(run, step, made, figures_too or chosen is not None)
        self._moved = False

    def go_to(self, step: int) -> None:
        """Shows a step of the run, until another is chosen or the newest is followed again."""
        self.chosen = step
        self._moved = True
        self.changed.emit()

    def compare(self, against: str) -> None:
        """Draws the graph against that of the step before, or of the step shown now; or alone."""
        self._against = Against(against)
        if self._against is Against.PINNED:
            self._pinned = max(0, self._step_shown())
        self._steps.show_against(str(self._against), self._pinned)
        self.changed.emit()

    def _connect(self) -> None:
        self._steps.step_chosen.connect(self.go_to)
        self._steps.follow_chosen.connect(self._follow)
        self._steps.against_chosen.connect(self.compare)
        self._graph_view.copies_toggled.connect(self._draw_copies)
        self._filmstrip.step_chosen.connect(self.go_to)
        self._filmstrip.structure_chosen.connect(self._go_to_structure)
        self._walking.step_chosen.connect(self.go_to)
        self._walking.pass_entered.connect(self.changed)
        self._walk_bar.record_asked.connect(self._record_shown)
        self._session.recorded.connect(self.go_to)

    # What the user asks for

    def _follow(self, newest: bool) -> None:
        self.chosen = None if newest else max(0, self._session.steps_made - 1)
        self.changed.emit()

    def _draw_copies(self, copies: bool) -> None:
        self._copies = copies
        self.changed.emit()

    def _go_to_structure(self, structure: int) -> None:
        counts = () if self._tally is None else self._tally.structures()
        newest = next((each.newest for each in counts if each.structure == structure), None)
        if newest is not None:
            self.go_to(newest)

    def _record_shown(self) -> None:
        if self._session.steps_made:
            step = self._step_shown()
            self.chosen = step
            self._session.ask_recording(step)

    def _step_shown(self) -> int:
        newest = self._session.steps_made - 1
        return newest if self.chosen is None else min(self.chosen, newest)

    # What is shown

    def _show_step(self, run: Run, step: int, made: int, figures_too: bool) -> None:
        structure = run.history.structure(step)
        # A graph that changes many times a second cannot be walked through: only a step that stands still.
        still = self.chosen is not None or self._session.state is not RunState.RUNNING
        recording = run.recordings.get(step) if still else None
        graph, layout = self._drawing(structure, recording)
        self._show_graph(graph, layout, recording)
        whole, _ = self._layouts.drawing(structure, self._copies)
        self._show_difference(run, step, comparable=graph is whole)
        self._show_recordings(run.recordings, recording)
        self._set_cursor(self.chosen)
        self._show_filmstrip(run, step, structure)
        if figures_too:
            depth = run.history.depth(step)
            parts = [] if depth == NO_DEPTH else [f"depth {depth}"]
            parts.append(f"structure {structure + 1} of {len(run.structures)}")
            self._steps.show_step(step, made, "    ".join(parts), self.chosen is None)

    def _drawing(self, structure: int, recording: Recording | None) -> tuple[Graph, Layout | None]:
        """The graph of the step; of several backward passes, that of the one in which the cursor stands."""
        if recording is None or len(recording.passes) < 2:
            return self._layouts.drawing(structure, self._copies)
        graph = recording.graph_at(self._walking.place_in(recording))
        return self._layouts.drawing_of_pass(graph, structure, self._copies)

    def _show_difference(self, run: Run, step: int, comparable: bool) -> None:
        """Draws the graph against an earlier step's, unless it is that of a further backward pass."""
        before = {Against.NOTHING: -1, Against.BEFORE: step - 1, Against.PINNED: self._pinned}[self._against]
        if not comparable or not 0 <= before < run.history.length:
            self._graph_view.set_difference(None)
            return
        graph, _ = self._layouts.drawing(run.history.structure(before), self._copies)
        self._graph_view.set_difference(graph, f"against step {before:,}".replace(",", " "))

    def _show_filmstrip(self, run: Run, step: int, structure: int) -> None:
        has_depth = self._session.settings.program.has_depth
        self._filmstrip.setVisible(has_depth)
        if self._tally is None or not has_depth:
            return
        self._tally.update()
        self._filmstrip.show_tally(self._tally.structures(), self._tally.depths())
        self._show_thumbnails(run)
        history = run.history
        made = self._tally.steps
        first = max(0, made - NEWEST_STEPS)
        structures, depths = history.structures(first, made), history.depths(first, made)
        self._filmstrip.show_newest(first, structures, depths, history.losses(first, made))
        self._filmstrip.show_current(step, structure, reveal=self._moved)

    def _show_thumbnails(self, run: Run) -> None:
        """Pictures of the structures, all drawn with one layout so that they can be compared at a glance."""
        _, layout = self._layouts.drawing(0, False)
        if layout is None:
            return
        numbers = self._filmstrip.missing_thumbnails()
        if layout is not self._pictured:
            self._pictured = layout
            numbers = list(range(len(run.structures)))
        for number in numbers:
            graph, own_layout = self._layouts.drawing(number, False)
            if own_layout is not None:
                size, ratio = self._filmstrip.thumbnail_size, self._filmstrip.devicePixelRatioF()
                picture = self._graph_view.canvas.thumbnail(graph, own_layout, size, ratio)
                self._filmstrip.set_thumbnail(number, picture)

    def _failed_recording(self) -> Recording | None:
        """The step in which the run has failed, as far as it came."""
        run = self._session.run
        if run is None or self._session.state is not RunState.FAILED or not run.recordings.steps:
            return None
        newest = run.recordings.get(run.recordings.steps[-1])
        return newest if newest is not None and newest.failure is not None else None

    def _show_failed_step(self, run: Run, recording: Recording, made: int) -> None:
        graph = recording.graph_at(self._walking.place_in(recording))
        self._show_graph(*self._layouts.drawing_alone(graph, self._copies), recording)
        self._graph_view.set_difference(None)
        self._show_recordings(run.recordings, recording)
        self._set_cursor(None)
        # A step that failed before it had a loss counts here all the same: it is there to be looked at.
        self._steps.show_step(recording.step, max(made, recording.step + 1), "failed", self.chosen is None)

    def _show_recordings(self, shelf: RecordingShelf, shown: Recording | None) -> None:
        seen = (shelf, shelf.version, shown)
        if seen == self._listed:
            return
        self._listed = seen
        steps = shelf.steps
        self._walk_bar.show_steps(steps, None if shown is None else shown.step)
        count = f"{len(steps)} recording{'' if len(steps) == 1 else 's'}"
        self._walk_bar.set_memory(f"{count}, {in_words(shelf.nbytes)} of {in_words(shelf.budget)}")

    def _show_nothing(self) -> None:
        self.graph = None
        self._graph_view.set_difference(None)
        self._graph_view.set_graph(None, None)
        self._graph_view.set_message(EMPTY_GRAPH)
        self._graph_view.set_caption("")
        self._graph_view.set_note("")
        self._walking.show(None, None)
        self._events.hide()
        self._filmstrip.setVisible(self._session.settings.program.has_depth)

    def _show_graph(self, graph: Graph, layout: Layout | None, recording: Recording | None) -> None:
        self._graph_view.set_graph(graph, layout, animate=self._moved)
        if layout is None:
            laying_out = f"Laying out {len(graph.nodes):,} nodes …".replace(",", " ")
            self._graph_view.set_message(self._layouts.failure or laying_out)
        traced = graph.kind is GraphKind.TRACE
        of_pass = "" if recording is None else pass_caption(recording, self._walking.place_in(recording))
        self._graph_view.set_caption(", ".join(filter(None, (of_pass, _caption(graph)))))
        self._graph_view.set_note(TRACE_NOTE if traced else "" if layout is None else layout.note)
        self.graph = graph
        self._walking.show(graph, recording)
        if recording is not None:
            self._events.set_caption(f"step {recording.step:,}".replace(",", " "))
        opens = recording is not None and self._events.isHidden()
        self._events.setVisible(recording is not None)
        if opens:
            self.opened.emit()

    def _set_cursor(self, step: int | None) -> None:
        if self.plot is not None:
            self.plot.set_cursor(step)


def _caption(graph: Graph) -> str:
    parameters = sum(node.kind is NodeKind.PARAMETER for node in graph.nodes)
    what = "operations that ran" if graph.kind is GraphKind.TRACE else "nodes, built by the forward pass"
    return f"{len(graph.nodes)} {what}; {parameters} parameters; {len(graph.edges)} edges"
