"""The walk through a recorded step: one cursor, shown by graph, code, event list and inspector at once."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from playground.graph.model import Graph
from playground.graph.sharing import original
from playground.recording.events import Event
from playground.recording.model import BackwardPass, Recording
from playground.recording.progress import progress_at
from playground.recording.wiggle import Wiggle
from ui.panels.code.panel import CodeView
from ui.panels.events.panel import EventList
from ui.panels.graph.panel import GraphView
from ui.panels.inspector.moment import node_of
from ui.panels.inspector.panel import Inspector
from ui.panels.replay.panel import WalkBar
from ui.state.player import Player

NODE_MARK, LINE_MARK = "node", "marked"


class Walking(QObject):
    """Connects the panels that look into one step; whatever is chosen in one of them shows in all.

    Attributes:
        player: moves the cursor.
        key: of the chosen node, "" if none is.

    Signals:
        wiggle_asked(int, str, object, float): step, parameter, index and ε of a slope to measure.
        step_chosen(int): the user wants to see the recording of this step.
        pass_entered(): the cursor stands in another backward pass, whose graph is to be shown.
    """

    wiggle_asked = Signal(int, str, object, float)
    step_chosen = Signal(int)
    pass_entered = Signal()

    def __init__(
        self, graph: GraphView, code: CodeView, inspector: Inspector, events: EventList, bar: WalkBar
    ) -> None:
        """Walks through nothing yet."""
        super().__init__(graph)
        self.player = Player(self)
        self.key = ""
        self._graph_view, self._code, self._inspector = graph, code, inspector
        self._events, self._bar = events, bar
        self._graph: Graph | None = None
        self._pass: BackwardPass | None = None
        self._line: int | None = None
        self._connect()

    @property
    def recording(self) -> Recording | None:
        """What is walked through, or None."""
        return self.player.recording

    def show(self, graph: Graph | None, recording: Recording | None) -> None:
        """Shows a graph, and the recording of the step that built it, if there is one."""
        if recording is not self.recording:
            self._line = None
            place = self.place_in(recording)
            self.player.set_recording(recording, place)
            self._pass = None if recording is None else recording.pass_at(place)
            for panel in (self._events, self._bar):
                panel.show_recording(recording)
            self._inspector.show_wiggle(None)
        elif graph is self._graph:
            return
        self._graph = graph
        self._refresh()

    def place_in(self, recording: Recording | None) -> int | None:
        """Where the cursor stands in a recording; in one that is not shown yet, where it would begin."""
        if recording is not None and recording is self.recording:
            return self.player.cursor
        return _last_place(recording)

    def select(self, key: str) -> None:
        """Chooses a node, as a click on it does; "" clears. The cursor stays where it is."""
        # Of a copy what is known is what is known of the parameter.
        self.key = original(key)
        self._refresh()
        line = self._line_of(self.key)
        if line is not None:
            self._code.scroll_to(line)

    def show_wiggle(self, wiggle: Wiggle | None, problem: str) -> None:
        """Shows a slope that was measured, or why there is none."""
        self._inspector.show_wiggle(wiggle, problem)

    def _connect(self) -> None:
        player = self.player
        player.moved.connect(self._move)
        player.playing_changed.connect(self._bar.set_playing)
        self._bar.event_chosen.connect(player.go)
        self._bar.play_toggled.connect(player.play)
        self._bar.speed_chosen.connect(player.set_speed)
        self._bar.recording_chosen.connect(self.step_chosen)
        self._events.event_chosen.connect(player.go)
        self._inspector.event_chosen.connect(player.go)
        self._inspector.node_chosen.connect(self._select_everywhere)
        self._inspector.wiggle_asked.connect(self._ask_wiggle)
        self._graph_view.node_selected.connect(self.select)
        self._code.line_clicked.connect(self._mark_line)

    def _select_everywhere(self, key: str) -> None:
        self._graph_view.select(key)
        self.select(key)

    def _ask_wiggle(self, parameter: str, index: tuple[int, ...], epsilon: float) -> None:
        if self.recording is not None:
            self.wiggle_asked.emit(self.recording.step, parameter, index, epsilon)

    def _move(self, number: int) -> None:
        """The cursor has moved: the node that it stands at is the chosen one."""
        recording = self.recording
        assert recording is not None, "the cursor moves in a recording"
        before, self._pass = self._pass, recording.pass_at(number)
        if self._pass is not before:
            # The graph first: the node is one of its own.
            self.pass_entered.emit()
        self.key = node_of(recording, recording.events[number])
        self._graph_view.select(self.key or None)
        self._refresh()
        if self.key:
            self._graph_view.canvas.reveal(self.key)

    def _mark_line(self, line: int) -> None:
        """Marks what ran on a line of the code; a second click takes the marks away."""
        self._line = None if line == self._line else line
        self._refresh()

    def _refresh(self) -> None:
        recording, cursor = self.recording, self.player.cursor
        event = None if recording is None or cursor is None else recording.events[cursor]
        self._graph_view.set_progress(
            None if recording is None or cursor is None else progress_at(recording, cursor)
        )
        self._bar.show_event(cursor)
        self._events.show_event(cursor)
        self._mark_events()
        self._show_line(event)
        self._inspector.show_at(self._graph, self.key or None, recording, cursor)

    def _mark_events(self) -> None:
        recording = self.recording
        if recording is None:
            self._graph_view.mark(())
            return
        here = None if self._pass is None else self._pass.number
        numbers: tuple[int, ...] = ()
        if self._line is not None:
            numbers = recording.events_of_line(self._line)
        elif self.key:
            numbers = recording.events_of_node(self.key, here)
        self._events.mark_events(numbers)
        of_line = () if self._line is None else [recording.events[number] for number in numbers]
        # A key is that of another node in the graph of another pass.
        self._graph_view.mark({key for each in of_line if each.backward_pass == here for key in each.nodes})

    def _show_line(self, event: Event | None) -> None:
        self._code.mark_lines([] if self._line is None else [self._line], LINE_MARK)
        line = self._line_of(self.key)
        self._code.mark_lines([] if line is None else [line], NODE_MARK)
        if event is None:
            self._code.show_cursor(None, None, NODE_MARK)
            return
        kind = "error" if event.error else str(event.phase)
        self._code.show_cursor(event.line, event.span, kind, origin=event.origin)

    def _line_of(self, key: str) -> int | None:
        """The line that made a node, as far as it is known."""
        recording = self.recording
        record = None if recording is None else recording.nodes_at(self.player.cursor).get(key)
        if record is not None:
            return record.line
        node = None if self._graph is None else self._graph.node(key)
        return None if node is None else node.line


def _last_place(recording: Recording | None) -> int | None:
    """Where a walk begins: at the end, with everything done; or where the step failed."""
    if recording is None or not recording.events:
        return None
    failure = recording.failure
    if failure is not None and failure.event is not None:
        return failure.event
    return len(recording.events) - 1
