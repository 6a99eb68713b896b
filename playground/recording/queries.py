"""Questions that one asks of a recording: which nodes an event concerns, and which line made a node."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping, Set

import numpy as np

from playground.graph.model import Graph, Phase
from playground.graph.modules import Chain
from playground.recording.events import Event, EventKind
from playground.recording.ledger import Contribution
from playground.recording.model import ParameterRecord, Recording
from playground.recording.snapshot import Snapshot


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


def parameter_behind(recording: Recording, key: str, cursor: int | None) -> ParameterRecord | None:
    """The nearest parameter whose gradient comes through a node of autograd, or None.

    Args:
        recording: of the step.
        key: of the node.
        cursor: number of an event in the pass whose graph is searched.
    """
    graph = recording.graph_at(cursor)
    begin = graph.node(key)
    if begin is None:
        return None
    nodes = {each.id: each for each in graph.nodes}
    further: dict[int, list[int]] = {}
    for edge in graph.edges:
        further.setdefault(edge.source, []).append(edge.target)
    waiting, seen = deque([begin.id]), {begin.id}
    while waiting:
        number = waiting.popleft()
        name = nodes[number].parameter
        if name is not None and recording.parameter(name) is not None:
            return recording.parameter(name)
        new = [each for each in further.get(number, ()) if each not in seen]
        seen.update(new)
        waiting.extend(new)
    return None


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


def has_node(recording: Recording, key: str) -> bool:
    """Whether one of the step's graphs has a node with that key."""
    return any(key in nodes for nodes in (recording.nodes, *(each.nodes for each in recording.passes)))


def arrivals(recording: Recording, number: int) -> tuple[Contribution, ...]:
    """What each use of a parameter adds to its gradient in an event, in the order of arrival."""
    entries = (entry for ledger in recording.gradients for entry in ledger.entries)
    return next((each.contributions for each in entries if each.event == number), ())


def last_place(recording: Recording | None) -> int | None:
    """Where a walk begins: at the end, with everything done; or where the step failed, or was lost.

    A step is lost where NaN or infinity came into it: at the event that gave the first of them.
    """
    if recording is None or not recording.events:
        return None
    failure = recording.failure
    if failure is not None and failure.event is not None:
        return failure.event
    lost = None
    if has_flaws(recording):
        lost = first_not_finite(recording)
        lost = _first_flawed(recording) if lost is None else lost
    return len(recording.events) - 1 if lost is None else lost


def is_finite(value: Snapshot | None) -> bool:
    """Whether every element is a finite number; so are none, and what is not defined."""
    if value is None:
        return True
    if value.values is None:
        return not value.statistics.nans and not value.statistics.infinities
    return bool(np.isfinite(value.values).all())


def first_not_finite(recording: Recording) -> int | None:
    """Number of the first event that took finite numbers only, and gave one that is not; None if none did.

    Backward counts like forward; but a node also reads what its forward operation saw, which has to be
    finite, too. What was not finite when the step began (a parameter, the data) has no such event.
    """
    seen: dict[int, bool] = {}

    def finite(value: Snapshot | None) -> bool:
        # One tensor is one snapshot, however often it was used.
        if id(value) not in seen:
            seen[id(value)] = is_finite(value)
        return seen[id(value)]

    flawed: set[int] = set()
    for event in recording.events:
        given = all(finite(port.value) for port in event.inputs)
        made = all(finite(port.value) for port in event.outputs)
        if given and not made and not _saw_flaws(event, finite) and not _follows(recording, event, flawed):
            return event.number
        if not (given and made):
            flawed.add(event.number)
    return None


def _follows(recording: Recording, event: Event, flawed: Set[int]) -> bool:
    """Whether a backward node belongs to a forward operation that saw flaws, which it passes on.

    Where it is not known which that is, any flaw before it may be the reason.
    """
    if event.kind is not EventKind.NODE or not flawed:
        return False
    record = recording.nodes_at(event.number).get(event.node or "")
    made_by = None if record is None else record.made_by
    return made_by is None or made_by in flawed


def begins_not_finite(recording: Recording) -> tuple[str, ...]:
    """Names of the parameters that hold NaN or infinity before the step: an earlier one is the reason."""
    return tuple(each.name for each in recording.parameters if not is_finite(each.before))


def _saw_flaws(event: Event, finite: Callable[[Snapshot | None], bool]) -> bool:
    """Whether an event writes into what had flaws before: they are not its doing."""
    return any(not finite(change.before) for change in event.changes)


def has_flaws(recording: Recording) -> bool:
    """Whether NaN or infinity came into a step; of its tensors only few are looked at."""
    if recording.loss is not None and not math.isfinite(recording.loss):
        return True
    return any(not is_finite(each.gradient) or not is_finite(each.after) for each in recording.parameters)


def _first_flawed(recording: Recording) -> int | None:
    """Number of the first event with a result that is not finite."""
    flawed = (each for each in recording.events if not all(is_finite(port.value) for port in each.outputs))
    return next((each.number for each in flawed), None)


def line_of_node(
    graph: Graph | None, recording: Recording | None, cursor: int | None, key: str
) -> int | None:
    """The line that made a node, as far as it is known.

    Args:
        graph: that is drawn.
        recording: of its step, or None.
        cursor: number of the event at which the walk stands.
        key: of the node.
    """
    record = None if recording is None else recording.nodes_at(cursor).get(key)
    if record is not None:
        return record.line
    node = None if graph is None else graph.node(key)
    return None if node is None else node.line


def chains_in(recording: Recording, number: int | None) -> Mapping[str, Chain]:
    """The calls of modules that made each node of a graph, as far as a recording knows them, by its key.

    Args:
        recording: of the step.
        number: of an event in the pass whose graph it is; None for the first pass.
    """
    made = {key: each.made_by for key, each in recording.nodes_at(number).items()}
    return {key: recording.events[event].calls for key, event in made.items() if event is not None}


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


def largest_gradient_norm(recording: Recording) -> float | None:
    """Of all parameters' gradients; infinite where one is not finite, None where there is no gradient."""
    norms = [
        each.gradient.statistics.whole_norm for each in recording.parameters if each.gradient is not None
    ]
    known = [norm if math.isfinite(norm) else math.inf for norm in norms]
    return max(known, default=None)
