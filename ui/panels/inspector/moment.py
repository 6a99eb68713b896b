"""What the inspector has to show: the chosen node and the event at the cursor, looked up in the recording."""

from __future__ import annotations

from dataclasses import dataclass

from playground.graph.model import Graph, Node, Phase
from playground.recording.chain_rule import ChainRule, chain_rule
from playground.recording.events import Event
from playground.recording.model import NodeRecord, ParameterRecord, Recording

_MOST_RULES = 500


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """One place of the walk, as far as it concerns what was chosen.

    Attributes:
        graph: that is drawn, or None.
        recording: the step that is walked through, or None.
        key: of the chosen node, or None.
        cursor: number of the event at the cursor, or None.
        event: at the cursor, None if it has nothing to do with the chosen node.
        node: the chosen one, else the event's; None if the graph has none.
        record: what was recorded of that node.
        parameter: what was recorded of its parameter.
    """

    graph: Graph | None = None
    recording: Recording | None = None
    key: str | None = None
    cursor: int | None = None
    event: Event | None = None
    node: Node | None = None
    record: NodeRecord | None = None
    parameter: ParameterRecord | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return self.event is None and self.node is None and self.record is None


def moment_of(
    graph: Graph | None, key: str | None, recording: Recording | None, cursor: int | None
) -> Moment:
    """Looks everything up.

    Args:
        graph: that is drawn.
        key: of the chosen node, None if none is.
        recording: None if no step is walked through.
        cursor: number of an event of the recording.
    """
    event, here = None, None
    if recording is not None and cursor is not None and 0 <= cursor < len(recording.events):
        event, here = recording.events[cursor], cursor
        if key is not None and key not in concerned(recording, event):
            event = None
    found = key if key is not None or event is None else event.node
    node = None if graph is None or found is None else graph.node(found)
    record = parameter = None
    if recording is not None and found is not None:
        # A key is looked up in the pass of the cursor: in another one it may be that of another node.
        record = recording.nodes_at(here).get(found)
        parameter = parameter_of(recording, found, here)
    return Moment(graph, recording, key, cursor, event, node, record, parameter)


def concerned(recording: Recording, event: Event) -> set[str]:
    """Keys of the nodes that an event has to do with: made, reached, updated, or at work around it."""
    keys = set(event.nodes)
    updated = {change.parameter for change in event.changes}
    keys.update(each.node for each in recording.parameters if each.name in updated and each.node is not None)
    keys.update(filter(None, [_prepared(recording, event)]))
    if event.parent is not None:
        keys.update(recording.events[event.parent].nodes)
    return keys


def parameter_of(recording: Recording, key: str, cursor: int | None) -> ParameterRecord | None:
    """The parameter of the node with that key in the graph of the cursor's pass, or None."""
    node = recording.graph_at(cursor).node(key)
    if node is not None and node.parameter is not None:
        return recording.parameter(node.parameter)
    return next((each for each in recording.parameters if each.node == key), None)


def node_of(recording: Recording, event: Event) -> str:
    """Key of the node that an event belongs to, "" if there is none."""
    if event.nodes:
        return event.nodes[0]
    if event.parent is not None and recording.events[event.parent].nodes:
        return recording.events[event.parent].nodes[0]
    for change in event.changes:
        parameter = recording.parameter(change.parameter)
        if parameter is not None and parameter.node is not None:
            return parameter.node
    return _prepared(recording, event)


def _prepared(recording: Recording, event: Event) -> str:
    """Key of the parameter whose update an event prepares or cleans up after, "" if it is none.

    What belongs to a parameter is named after it: `w1.grad`, `0.weight.exp_avg`. What has no such name
    goes on with what the same line did before, as far as no parameter was changed in between.
    """
    for number in range(event.number, -1, -1):
        each = recording.events[number]
        if each.phase is not Phase.UPDATE or each.line != event.line or each.changes:
            return ""
        if owner := _owner(recording, each):
            return owner
    return ""


def _owner(recording: Recording, event: Event) -> str:
    """Key of the parameter to which something belongs that an event changes or reads."""
    for label in (event.label, *(port.label for port in event.inputs)):
        owners = [each for each in recording.parameters if label.startswith(f"{each.name}.")]
        # Of `net` and `net.weight`, say, the longer name.
        owner = max(owners, key=lambda each: len(each.name), default=None)
        if owner is not None and owner.node is not None:
            return owner.node
    return ""


def place(number: int) -> str:
    """An event as it is counted everywhere in the window: from 1."""
    return f"event {number + 1}"


class ChainRules:
    """Chain rules of one recording, each worked out once."""

    def __init__(self) -> None:
        """Starts without a recording."""
        self._recording: Recording | None = None
        self._rules: dict[int, ChainRule | None] = {}

    def of(self, recording: Recording, number: int) -> ChainRule | None:
        """Of the event of that number, None if it is no node of autograd."""
        if recording is not self._recording or len(self._rules) > _MOST_RULES:
            self._recording, self._rules = recording, {}
        if number not in self._rules:
            self._rules[number] = chain_rule(recording, number)
        return self._rules[number]
