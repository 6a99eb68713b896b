"""A recording as plain, frozen data: what crosses threads, is walked through, and is written to files."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from playground.graph.model import Graph, Phase
from playground.recording.events import Event, StateChange, plain
from playground.recording.snapshot import Snapshot

VERSION = 1


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

    def to_plain(self) -> dict[str, object]:
        """The parameter as dicts, lists, texts and numbers."""
        return {
            "name": self.name,
            "shape": list(self.before.shape),
            "node": self.node,
            "gradient_norm": _norm(self.gradient),
            "before": plain(self.before),
            "after": plain(self.after),
            "gradient": plain(self.gradient),
            "contributions": [
                {
                    "label": each.label,
                    "event": each.event,
                    "source": each.source,
                    "line": each.line,
                    "norm": _norm(each.value),
                }
                for each in self.contributions
            ],
            "state": [
                {"name": each.name, "before": plain(each.before), "after": plain(each.after)}
                for each in self.state
            ],
            "update": self.update,
        }


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
            "events": [event.to_plain() for event in self.events],
            "parameters": [each.to_plain() for each in self.parameters],
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


def _norm(value: Snapshot | None) -> float | None:
    norm = None if value is None else value.statistics.norm
    return norm if norm is not None and math.isfinite(norm) else None
