"""A recording as plain, frozen data: what crosses threads, is walked through, and is written to files.

An *event* is one place of the cursor: an operation that the program called, or a node of the autograd
graph that `backward()` reached. Labels are the program's own words: the variable that a result is bound
to, else the very expression that computed it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from playground.graph.model import Graph, Phase
from playground.recording.snapshot import Snapshot

VERSION = 1


class EventKind(StrEnum):
    """What ran."""

    OPERATION = "operation"
    """A function of torch or NumPy that the program called."""
    NODE = "node"
    """A node of the autograd graph that backward reached."""
    CHANGE = "change"
    """A parameter that changed though no operation was seen to write it."""


class Span(NamedTuple):
    """An expression in the source: lines counted from 1, columns in characters from 0, the end excluded."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True, eq=False)
class Port:
    """A tensor that enters or leaves an event.

    Attributes:
        label: in the program's words: `"x"`, `"x.mm(w1)"`, `"∂L/∂w1"`, `"w1.grad"`.
        value: None for a gradient that is not defined.
        node: key of the graph's node that it comes from (inputs) or goes to (outputs), or None.
        index: which argument or result it is; for a node of autograd the index in `next_functions`.
    """

    label: str
    value: Snapshot | None
    node: str | None = None
    index: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Saved:
    """What a node put aside in the forward pass for its backward.

    Attributes:
        name: as PyTorch calls it: `"self"`, `"mat2"`, `"exponent"`, or `"saved_tensors[0]"`.
        label: the tensor in the program's words; "" for a plain value.
        value: the tensor, or None for a plain value.
        text: a plain value as Python writes it, `"2.0"`; "" for a tensor.
    """

    name: str
    label: str
    value: Snapshot | None
    text: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class StateChange:
    """One entry of the optimizer's state for one parameter: `momentum_buffer`, `exp_avg`, `step`.

    `before` is None in the first step, which makes the entry.
    """

    name: str
    before: Snapshot | None
    after: Snapshot | None


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """A parameter's update.

    Attributes:
        parameter: its name.
        before, after: its value on either side of the update.
        gradient: what the update used; None if the parameter had none.
        state: the optimizer's, empty where the update is written by hand.
    """

    parameter: str
    before: Snapshot
    after: Snapshot
    gradient: Snapshot | None
    state: tuple[StateChange, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Event:
    """One place of the cursor.

    Attributes:
        number: its place in `Recording.events`.
        phase: the part of the step; phases follow one another and never come back.
        kind: what ran.
        op: the operation's name in its library (`"mm"`, `"MmBackward0"`).
        label: the result in the program's words; of an autograd node, of its forward result.
        line: line of the source that was running, or None.
        span: the expression that was running, where it is known.
        origin: for a node of autograd, the line whose forward pass made it; else None.
        inside: the function of the source that was running (`"MyReLU.backward"`), "" for the step's own.
        module: path of the module whose forward was running (`"input_linear"`), or None.
        inputs, outputs: tensors in and out. Of a node of autograd: gradients in and out.
        nodes: keys of the graph's nodes that it made, the result's first; of a node event, its own key.
        parent: number of the node event inside which it ran, or None.
        changes: parameters that got their new value by it.
        error: what it raised, in one line; "" if all went well.
        documentation: the first sentence of the library's own documentation of it, "" where it has none.
    """

    number: int
    phase: Phase
    kind: EventKind
    op: str
    label: str = ""
    line: int | None = None
    span: Span | None = None
    origin: int | None = None
    inside: str = ""
    module: str | None = None
    inputs: tuple[Port, ...] = ()
    outputs: tuple[Port, ...] = ()
    nodes: tuple[str, ...] = ()
    parent: int | None = None
    changes: tuple[Change, ...] = ()
    error: str = ""
    documentation: str = ""

    @property
    def node(self) -> str | None:
        """Key of the graph's node that the event stands for, or None."""
        return self.nodes[0] if self.nodes else None

    @property
    def shape(self) -> tuple[int, ...] | None:
        """Of its first result; of a node of autograd that of the gradient that comes in; None if unknown."""
        ports = self.inputs if self.kind is EventKind.NODE else self.outputs
        value = next((port.value for port in ports if port.value is not None), None)
        return None if value is None else value.shape


@dataclass(frozen=True, slots=True, eq=False)
class NodeRecord:
    """What is known of a node of the graph.

    Attributes:
        key: the node's.
        label: its forward result in the program's words.
        made_by: number of the event that made it; None for a leaf.
        reached_by: number of the event in which backward reached it, and used what it had saved.
        line: line of the source that made it, or None.
        module: path of the module that made it, or None.
        value: its forward result; of a leaf its value before the update. None if it was not seen.
        gradient: of the loss by that result; of a parameter its `.grad` when backward was done.
        saved: what it had put aside; empty for the nodes of a trace.
    """

    key: str
    label: str
    made_by: int | None = None
    reached_by: int | None = None
    line: int | None = None
    module: str | None = None
    value: Snapshot | None = None
    gradient: Snapshot | None = None
    saved: tuple[Saved, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Contribution:
    """What one use of a parameter adds to its gradient.

    Attributes:
        event: number of the backward event that gave it.
        source: key of the node that gave it.
        label: the use in words: the module's path and its number of the call, or the expression.
        line: line of the source where the parameter was used, or None.
        value: the summand.
    """

    event: int
    source: str
    label: str
    line: int | None
    value: Snapshot


@dataclass(frozen=True, slots=True, eq=False)
class ParameterRecord:
    """A parameter over the step.

    Attributes:
        name: `"w1"`, `"2.weight"`.
        node: key of its node in the graph, or None if the step did not use it.
        before, after: its value on either side of the update; `after` is None if there was no update.
        gradient: its gradient when the update began; None if it had none.
        contributions: what each use added to it, in the order of arrival; their sum is the gradient that
            this backward pass added. Empty where no graph was built.
        state: the optimizer's.
        update: number of the event that gave it its new value, or None.
    """

    name: str
    node: str | None
    before: Snapshot
    after: Snapshot | None
    gradient: Snapshot | None
    contributions: tuple[Contribution, ...] = ()
    state: tuple[StateChange, ...] = ()
    update: int | None = None


@dataclass(frozen=True, slots=True)
class RecordedFailure:
    """Where a step ended before its end.

    Attributes:
        message: the exception in one line.
        line: line of the source, or None.
        event: number of the event that raised it, or None.
    """

    message: str
    line: int | None
    event: int | None


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """One step, ready to be walked through in both directions.

    Attributes:
        stage: name of the stage; None for a function of the user's own.
        step: which step of the run, counted from 0.
        loss: None if the step failed before there was one.
        depth: how often DynamicNet used its middle layer, else None.
        graph: what autograd built; where it took no part, the trace of the operations.
        events: in the order in which they ran.
        nodes: from the key of each of the graph's nodes to what is known of it.
        parameters: in the order in which the program names them.
        failure: None if the step came to its end.
        nbytes: memory that the recording holds on to.
        seconds: time that the step took, recording included.
        run: number of the run that it is a step of.
    """

    stage: str | None
    step: int
    loss: float | None
    depth: int | None
    graph: Graph
    events: tuple[Event, ...]
    nodes: Mapping[str, NodeRecord]
    parameters: tuple[ParameterRecord, ...]
    failure: RecordedFailure | None = None
    nbytes: int = 0
    seconds: float = 0.0
    run: int = 0
    _at_line: dict[int, tuple[int, ...]] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Indexes the events by line."""
        lines: dict[int, list[int]] = {}
        for event in self.events:
            for line in {event.line, event.origin} - {None}:
                lines.setdefault(line or 0, []).append(event.number)
        self._at_line.update((line, tuple(numbers)) for line, numbers in lines.items())

    def events_of_line(self, line: int) -> tuple[int, ...]:
        """Numbers of the events that ran on a line, or whose node was made on it."""
        return self._at_line.get(line, ())

    def events_of_node(self, key: str) -> tuple[int, ...]:
        """Numbers of the events of a node: what made it, what reached it, what updated its parameter."""
        parameter = next((each.name for each in self.parameters if each.node == key), None)
        return tuple(
            event.number
            for event in self.events
            if key in event.nodes or any(change.parameter == parameter for change in event.changes)
        )

    def parameter(self, name: str) -> ParameterRecord | None:
        """The parameter of that name, or None."""
        return next((each for each in self.parameters if each.name == name), None)

    def phases(self) -> dict[Phase, range]:
        """Numbers of the events of each phase that has any, in order."""
        found: dict[Phase, range] = {}
        for event in self.events:
            start = found[event.phase].start if event.phase in found else event.number
            found[event.phase] = range(start, event.number + 1)
        return found

    def to_plain(self) -> dict[str, Any]:
        """The recording as dicts, lists, texts and numbers, with statistics in place of elements.

        Returns:
            `{"version", "stage", "step", "loss", "depth", "events": […], "parameters": […], "graph",
            "failure", "bytes"}`. A number that is not finite is None.
        """
        return {
            "version": VERSION,
            "stage": self.stage,
            "step": self.step,
            "loss": self.loss if self.loss is not None and math.isfinite(self.loss) else None,
            "depth": self.depth,
            "events": [_plain_event(event) for event in self.events],
            "parameters": [_plain_parameter(each) for each in self.parameters],
            "graph": self.graph.to_json(),
            "failure": None
            if self.failure is None
            else {"message": self.failure.message, "line": self.failure.line, "event": self.failure.event},
            "bytes": self.nbytes,
        }

    def to_json(self, indent: int | None = None) -> str:
        """`to_plain` as JSON."""
        return json.dumps(self.to_plain(), indent=indent, allow_nan=False)


def snapshots_of(recording: Recording) -> Iterator[Snapshot]:
    """Every snapshot that a recording holds, each once."""
    seen: dict[int, Snapshot] = {}
    for value in _all_values(recording):
        if value is not None:
            seen[id(value)] = value
    yield from seen.values()


def _all_values(recording: Recording) -> Iterator[Snapshot | None]:
    for event in recording.events:
        yield from (port.value for port in (*event.inputs, *event.outputs))
        for change in event.changes:
            yield from (change.before, change.after, change.gradient)
            yield from _state_values(change.state)
    for node in recording.nodes.values():
        yield from (node.value, node.gradient, *(saved.value for saved in node.saved))
    for parameter in recording.parameters:
        yield from (parameter.before, parameter.after, parameter.gradient)
        yield from (each.value for each in parameter.contributions)
        yield from _state_values(parameter.state)


def _state_values(state: Sequence[StateChange]) -> Iterator[Snapshot | None]:
    for entry in state:
        yield from (entry.before, entry.after)


def _plain(value: Snapshot | None) -> dict[str, object] | None:
    return None if value is None else value.to_plain()


def _norm(value: Snapshot | None) -> float | None:
    norm = None if value is None else value.statistics.norm
    return norm if norm is not None and math.isfinite(norm) else None


def _plain_port(port: Port) -> dict[str, object]:
    return {"label": port.label, "node": port.node, "index": port.index, "value": _plain(port.value)}


def _plain_event(event: Event) -> dict[str, object]:
    return {
        "number": event.number,
        "phase": str(event.phase),
        "kind": str(event.kind),
        "op": event.op,
        "label": event.label,
        "line": event.line,
        "span": None if event.span is None else list(event.span),
        "origin": event.origin,
        "inside": event.inside,
        "module": event.module,
        "shape": None if event.shape is None else list(event.shape),
        "inputs": [_plain_port(port) for port in event.inputs],
        "outputs": [_plain_port(port) for port in event.outputs],
        "nodes": list(event.nodes),
        "parent": event.parent,
        "parameters": [change.parameter for change in event.changes],
        "error": event.error,
        "documentation": event.documentation,
    }


def _plain_parameter(parameter: ParameterRecord) -> dict[str, object]:
    return {
        "name": parameter.name,
        "shape": list(parameter.before.shape),
        "node": parameter.node,
        "gradient_norm": _norm(parameter.gradient),
        "before": _plain(parameter.before),
        "after": _plain(parameter.after),
        "gradient": _plain(parameter.gradient),
        "contributions": [
            {
                "label": each.label,
                "event": each.event,
                "source": each.source,
                "line": each.line,
                "norm": _norm(each.value),
            }
            for each in parameter.contributions
        ],
        "state": [
            {"name": each.name, "before": _plain(each.before), "after": _plain(each.after)}
            for each in parameter.state
        ],
        "update": parameter.update,
    }
