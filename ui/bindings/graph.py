"""Connects the computation graph with the step that is shown and the walk through it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from functools import partial

from PySide6.QtCore import QObject

from playground.graph.folding import Block, Folding
from playground.graph.layout import Layout
from playground.graph.model import Graph, GraphKind, NodeKind
from playground.graph.modules import Chain
from playground.recording.around_graph import Outsider, held_at, outside_of
from playground.recording.flaws import FlawFinder
from playground.recording.model import Recording
from playground.recording.progress import Progress, StepProgress
from playground.recording.queries import chains_in, node_of
from ui.bindings.context import Context
from ui.bindings.numbers import copy_number
from ui.panels.graph.panel import EMPTY_GRAPH, GraphView
from ui.panels.graph.remarks import Remarks
from ui.session.session import RunState
from ui.state.folds import Folds
from ui.state.shown import Shown
from ui.state.view_options import ViewOptions
from ui.style.motion import wants_motion
from ui.style.phases import pass_caption

SLOWEST_PULSE, FASTEST_PULSE = 10.0, 30.0
"""Steps a second at which a pulse can be followed: a slower step is played, a faster one is a flicker."""
MOST_REMARKS = 32
_DRAWN = ("graph", "layout", "layout_failure", "recording", "cursor", "key", "compared")
"""What of a look decides what is drawn."""
GRAPH_NOTE = "What PyTorch recorded during the forward pass; every step builds a new one."
TRACE_NOTE = "No graph is built: this is the trace of the operations that ran."
FAILED_NOTE = "The step failed before it had a loss: these operations ran up to there."


class _Known:
    """What is asked of a recording at every place of the cursor.

    Attributes:
        recording: it.
        finder, progress: look it through once.
        events: how many events ran in each call of a module.
    """

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.finder = FlawFinder(recording)
        self.progress = StepProgress(recording)
        self.events = Counter(call for event in recording.events for call in event.calls)
        self._outside: dict[int | None, tuple[Outsider, ...]] = {}

    def outside(self, cursor: int) -> tuple[Outsider, ...]:
        """What the graph at the cursor leaves out: the same in all of a pass."""
        owner = self.recording.events[cursor].backward_pass
        if owner not in self._outside:
            self._outside[owner] = outside_of(self.recording, cursor)
        return self._outside[owner]


class GraphBinding(QObject):
    """Shows the graph of the step in which the walk stands, and what has happened to it there."""

    def __init__(self, view: GraphView, context: Context) -> None:
        """Connects both directions."""
        super().__init__(view)
        self._view, timeline = view, context.timeline
        self._ringed = True
        self._known: _Known | None = None
        self._remarks: dict[int, Remarks] = {}
        timeline.shown.connect(self.show)
        view.node_selected.connect(timeline.replay.select)
        view.copies_toggled.connect(timeline.repeat_shared)
        view.folds_toggled.connect(self._want_folds)
        view.block_opened.connect(self._open)
        view.frame_folded.connect(self._close)
        view.number_asked.connect(partial(copy_number, context))
        view.what_if_asked.connect(context.what_if.wanted)
        self._timeline, self._session = timeline, context.session
        self._folds = Folds()
        self._what_if = context.what_if
        self._what_if.changed.connect(self._show_what_if)
        context.view.changed.connect(self._take_view)
        self._take_view(context.view.options)

    def _take_view(self, options: ViewOptions) -> None:
        self._view.animated = options.motion and wants_motion()

    def _want_folds(self, folds: bool) -> None:
        self._folds.want(folds)
        self._draw_again()

    def _open(self, block: Block) -> None:
        self._folds.open(block)
        self._draw_again()

    def _close(self, call: Chain) -> None:
        self._folds.close(call)
        self._draw_again()

    def _draw_again(self) -> None:
        if self._timeline.latest is not None:
            self.show(self._timeline.latest, None)

    def show(self, now: Shown, before: Shown | None) -> None:
        """Repaints what differs between two looks."""
        view = self._view
        if now.differs(before, "has_film"):
            view.set_may_share(now.has_film)
        if now.graph is None:
            if now.differs(before, "graph"):
                self._show_nothing()
        elif now.moved or now.differs(before, *_DRAWN):
            self._show_graph(now, before)
        if now.differs(before, "compared", "compared_step"):
            text = f"against step {now.compared_step:,}".replace(",", " ")
            view.set_difference(now.compared, "" if now.compared is None else text)
        if now.differs(before, "recording", "cursor"):
            view.set_progress(self._progress(now))
            view.set_remarks(self._remarks_of(now))
        if now.differs(before, "key", "cursor", "graph"):
            self._show_chosen(now, before)
        if now.differs(before, "recording", "line", "cursor", "lit"):
            view.mark(_marked(now))
        runs = now.state is RunState.RUNNING and now.following and now.differs(before, "made")
        if runs and SLOWEST_PULSE <= self._session.pace <= FASTEST_PULSE:
            view.pulse()
        # For tests, and for those who read the window by its properties.
        view.setProperty("step", -1 if now.step is None else now.step)
        view.setProperty("depth", -1 if now.depth is None else now.depth)

    def _show_graph(self, now: Shown, before: Shown | None) -> None:
        view, graph = self._view, now.graph
        assert graph is not None, "there is one to show"
        drawn, layout, folding = self._drawing(now, graph)
        view.set_graph(drawn, layout, now.moved, folding)
        if layout is None:
            laying_out = f"Laying out {len(graph.nodes):,} nodes …".replace(",", " ")
            view.set_message(now.layout_failure or laying_out)
        note = "" if layout is None else layout.note
        if not note and now.made <= 1:
            note = GRAPH_NOTE
        if graph.kind is GraphKind.TRACE:
            has_no_loss = now.failed and now.recording is not None and now.recording.loss is None
            note = FAILED_NOTE if has_no_loss else TRACE_NOTE
        view.set_note(note)
        of_pass = "" if now.recording is None else pass_caption(now.recording, now.cursor)
        view.set_caption(" · ".join(filter(None, (of_pass, _caption(graph)))))

    def _drawing(self, now: Shown, graph: Graph) -> tuple[Graph, Layout | None, Folding | None]:
        """What is drawn of a graph: of what is folded, the call at the cursor and that of the chosen node."""
        if now.compared:
            # What differs between two graphs is told node by node.
            self._view.set_folds(False, False)
            return graph, now.layout, None
        event, folds = now.event, self._folds
        keys = {now.key} if event is None else {now.key, *event.nodes}
        drawing = folds.drawing(graph, now.layout, keys, self._known_calls(now, graph))
        self._view.set_folds(folds.foldable, folds.folds, folds.of_modules)
        return drawing

    def _known_calls(self, now: Shown, graph: Graph) -> Mapping[str, Chain] | None:
        """The calls of modules that made the nodes of a graph, as far as the step's recording tells."""
        recording = now.recording
        if recording is None or self._folds.knows(graph):
            return None
        return chains_in(recording, now.cursor)

    def _show_chosen(self, now: Shown, before: Shown | None) -> None:
        view = self._view
        # The node at the cursor shows as that: the ring is for one that the user has clicked.
        if now.differs(before, "cursor", "recording"):
            self._ringed = now.key != _node_at_cursor(now)
        elif now.differs(before, "key"):
            self._ringed = True
        view.select(now.key if now.key and self._ringed else None)
        # Where the cursor has moved the node is brought into sight; a click on one leaves the picture alone.
        walked = before is not None and now.recording is before.recording and now.cursor != before.cursor
        if walked and now.key:
            view.canvas.reveal(now.key)

    def _remarks_of(self, now: Shown) -> Remarks | None:
        """What the recording adds at the cursor; the last ones are kept: a cursor goes back and forth."""
        recording, cursor = now.recording, now.cursor
        if recording is None or cursor is None:
            self._known = None
            self._remarks.clear()
            return None
        known = self._known_of(recording)
        if cursor not in self._remarks:
            if len(self._remarks) >= MOST_REMARKS:
                del self._remarks[next(iter(self._remarks))]
            self._remarks[cursor] = Remarks(
                known.finder.nodes_at(cursor),
                known.finder.edges_at(cursor),
                held_at(recording, cursor),
                known.outside(cursor),
                known.events,
                self._what_if.node_changes(recording, cursor),
                frozenset(each.name for each in self._what_if.interventions if each.name),
            )
        return self._remarks[cursor]

    def _show_what_if(self) -> None:
        """The nodes that differ are marked."""
        self._remarks.clear()
        if self._timeline.latest is not None:
            self._view.set_remarks(self._remarks_of(self._timeline.latest))

    def _progress(self, now: Shown) -> Progress | None:
        """How far the step has come at the cursor; None without one."""
        if now.recording is None or now.cursor is None:
            return None
        return self._known_of(now.recording).progress.at(now.cursor)

    def _known_of(self, recording: Recording) -> _Known:
        if self._known is None or self._known.recording is not recording:
            self._known = _Known(recording)
            self._remarks.clear()
        return self._known

    def _show_nothing(self) -> None:
        view = self._view
        view.set_difference(None)
        view.set_graph(None, None)
        view.set_message(EMPTY_GRAPH)
        view.set_caption("")
        view.set_note("")


def _node_at_cursor(now: Shown) -> str | None:
    """Key of the node that the event at the cursor belongs to, "" if there is none; None without a cursor."""
    event = now.event
    return None if now.recording is None or event is None else node_of(now.recording, event)


def _marked(now: Shown) -> AbstractSet[str]:
    """Keys of the nodes that ran on the marked line, in the graph that is drawn, and of the lit ones."""
    if now.recording is None or now.line is None:
        return set(now.lit)
    here = now.backward_pass
    events = [now.recording.events[number] for number in now.recording.events_of_line(now.line)]
    # A key is that of another node in the graph of another pass.
    number = None if here is None else here.number
    return now.lit | {key for each in events if each.backward_pass == number for key in each.nodes}


def _caption(graph: Graph) -> str:
    parameters = sum(node.kind is NodeKind.PARAMETER for node in graph.nodes)
    what = "operation" if graph.kind is GraphKind.TRACE else "node"
    counts = ((len(graph.nodes), what), (len(graph.edges), "edge"), (parameters, "parameter"))
    return " · ".join(counted(number, noun) for number, noun in counts)


def counted(number: int, noun: str) -> str:
    """A number and its noun: "1 node", "10 000 nodes"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}".replace(",", "\N{NO-BREAK SPACE}")
