"""A recording as plain, frozen data: what crosses threads, is walked through, and is written to files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from playground.graph.model import Graph, Phase
from playground.recording.events import Event, StateChange
from playground.recording.ledger import Contribution, GradientLedger, MemoryLedger
from playground.recording.plain import PlainValues, finite, norm_of, plain_gradients, plain_memory
from playground.recording.snapshot import Snapshot

VERSION = 2


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
class ParameterRecord:
    """A parameter over the step.

    Attributes:
        name: `"w1"`, `"2.weight"`.
        node: key of its node in the graph, or None if the step did not use it.
        before, after: its value on either side of the update; `after` is None if there was no update.
        gradient: what the update read; without an update its gradient at the end. None if it had none, or
            if it had been set to None.
        contributions: what each use added to that since it was last put to nothing, in the order of
            arrival, over all passes. Empty where no graph was built.
        state: the optimizer's.
        update: number of the event that gave it its new value, or None.
        learning_rate: of its group in the optimizer, None without one.
    """

    name: str
    node: str | None
    before: Snapshot
    after: Snapshot | None
    gradient: Snapshot | None
    contributions: tuple[Contribution, ...] = ()
    state: tuple[StateChange, ...] = ()
    update: int | None = None
    learning_rate: float | None = None

    def to_plain(self, values: PlainValues) -> dict[str, object]:
        """The parameter as dicts, lists, texts and numbers; a tensor is its place in the list of tensors."""
        return {
            "name": self.name,
            "shape": list(self.before.shape),
            "node": self.node,
            "gradient_norm": norm_of(self.gradient),
            "before": values.place(self.before),
            "after": values.place(self.after),
            "gradient": values.place(self.gradient),
            "contributions": [values.contribution(each) for each in self.contributions],
            "state": [
                {"name": each.name, "before": values.place(each.before), "after": values.place(each.after)}
                for each in self.state
            ],
            "update": self.update,
            "learning_rate": self.learning_rate,
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
class BackwardPass:
    """One walk of the autograd engine: a call of `backward()` or of `torch.autograd.grad`.

    Attributes:
        number: its place in `Recording.passes`.
        call: `"backward"` or `"grad"`.
        loss: what was differentiated; None if it has more than one element.
        label: the same in the program's words.
        line: line of the source that called it, or None.
        graph: what it walked, or could have walked, from that on.
        nodes: from the key of each of the graph's nodes to what is known of it.
        events: numbers of the events from its first node to its last.
        inside: number of the node event in whose backward it was called, or None.
    """

    number: int
    call: str
    loss: float | None
    label: str
    line: int | None
    graph: Graph
    nodes: Mapping[str, NodeRecord]
    events: range
    inside: int | None = None

    def to_plain(self, with_graph: bool) -> dict[str, object]:
        """The pass as plain data; its graph is None where it is written elsewhere."""
        return {
            "call": self.call,
            "loss": finite(self.loss),
            "label": self.label,
            "line": self.line,
            "events": [self.events.start, self.events.stop],
            "inside": self.inside,
            "graph": self.graph.to_json() if with_graph else None,
        }


@dataclass(frozen=True, slots=True)
class PhaseSpan:
    """Events of one phase that follow one another.

    Attributes:
        phase: of all of them.
        events: their numbers.
        backward_pass: of a backward phase, which pass it is; else None.
    """

    phase: Phase
    events: range
    backward_pass: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """One step, ready to be walked through in both directions.

    Attributes:
        stage: name of the stage; None for a function of the user's own.
        step: which step of the run, counted from 0.
        loss: of the first backward pass; None if the step failed before there was one.
        depth: how often DynamicNet used its middle layer, else None.
        graph: what autograd built for the first pass; where it took no part, the trace of the operations.
        events: in the order in which they ran.
        nodes: from the key of each of that graph's nodes to what is known of it.
        parameters: in the order in which the program names them.
        failure: None if the step came to its end.
        nbytes: memory that the recording holds on to.
        seconds: time that the step took, recording included.
        run: number of the run that it is a step of.
        passes: the backward passes, in the order in which they began.
        gradients: what happened to each `.grad`, parameters first.
        memory: what was held for backward.
        notes: what could not be seen, or is not as it would be without recording, a sentence each.
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
    passes: tuple[BackwardPass, ...] = ()
    gradients: tuple[GradientLedger, ...] = ()
    memory: MemoryLedger = field(default_factory=MemoryLedger)
    notes: tuple[str, ...] = ()
    _at_line: dict[int, tuple[int, ...]] = field(init=False, repr=False, default_factory=dict)
    _named: dict[tuple[str, int | None], list[int]] = field(init=False, repr=False, default_factory=dict)

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

    def events_of_node(self, key: str, backward_pass: int | None = None) -> tuple[int, ...]:
        """Numbers of the events of a node: what made it, what reached it, what updated its parameter.

        Args:
            key: the node's.
            backward_pass: number of the pass whose graph the key belongs to; None for the first.
        """
        owner = backward_pass or 0
        nodes = self.passes[owner].nodes if self.passes else self.nodes
        parameter = next((each.name for each in self.parameters if each.node == key), None)
        record = nodes.get(key)
        found = {*self._numbers(key, owner), *(() if parameter is None else self._numbers(parameter, None))}
        if record is not None and record.made_by is not None:
            found.add(record.made_by)
        return tuple(sorted(found))

    def _numbers(self, name: str, owner: int | None) -> Sequence[int]:
        """Numbers of the events that name a node in the graph of a pass; of those that change a parameter."""
        if not self._named:
            for event in self.events:
                for key in dict.fromkeys(event.nodes):
                    self._named.setdefault((key, event.backward_pass or 0), []).append(event.number)
                for change in event.changes:
                    self._named.setdefault((change.parameter, None), []).append(event.number)
        return self._named.get((name, owner), ())

    def pass_at(self, number: int | None) -> BackwardPass | None:
        """The backward pass in which an event stands; without an event the first, None if there is none."""
        owner = 0 if number is None else self.events[number].backward_pass
        return None if owner is None or not self.passes else self.passes[owner]

    def graph_at(self, number: int | None) -> Graph:
        """The graph of the pass in which an event stands."""
        found = self.pass_at(number)
        return self.graph if found is None else found.graph

    def nodes_at(self, number: int | None) -> Mapping[str, NodeRecord]:
        """What is known of the nodes of that graph, by key."""
        found = self.pass_at(number)
        return self.nodes if found is None else found.nodes

    def gradient_ledger(self, name: str) -> GradientLedger | None:
        """What happened to the `.grad` of the tensor of that name, or None."""
        return next((each for each in self.gradients if each.name == name), None)

    def parameter(self, name: str) -> ParameterRecord | None:
        """The parameter of that name, or None."""
        return next((each for each in self.parameters if each.name == name), None)

    def phases(self) -> tuple[PhaseSpan, ...]:
        """The phases in the order in which they ran; each may come back."""
        found: list[PhaseSpan] = []
        for event in self.events:
            owner = self._outermost_pass(event) if event.phase is Phase.BACKWARD else None
            latest = found[-1] if found else None
            if latest is not None and (latest.phase, latest.backward_pass) == (event.phase, owner):
                found[-1] = PhaseSpan(event.phase, range(latest.events.start, event.number + 1), owner)
            else:
                found.append(PhaseSpan(event.phase, range(event.number, event.number + 1), owner))
        return tuple(found)

    def _outermost_pass(self, event: Event) -> int | None:
        """The pass that an event of a backward phase belongs to, and that was called in no other."""
        number = event.backward_pass
        while number is not None and (inside := self.passes[number].inside) is not None:
            number = self.events[inside].backward_pass
        return number

    def to_plain(self, values: PlainValues | None = None) -> dict[str, Any]:
        """The recording as dicts, lists, texts and numbers, with statistics in place of elements.

        Args:
            values: what writes the tensors, for a caller who wants to know which stands where.

        Returns:
            `{"version", "stage", "step", "loss", "losses", "depth", "events": […], "parameters": […],
            "passes": […], "gradients": […], "memory", "values": […], "graph", "failure", "notes": […],
            "bytes"}`. Each
            tensor is written once, in `"values"`; elsewhere its place there stands for it. The graph of
            the first pass is `"graph"`. A number that is not finite is None.
        """
        values = values or PlainValues()
        return {
            "version": VERSION,
            "stage": self.stage,
            "step": self.step,
            "loss": finite(self.loss),
            "losses": [finite(each.loss) for each in self.passes],
            "depth": self.depth,
            "events": [event.to_plain(values.place) for event in self.events],
            "parameters": [each.to_plain(values) for each in self.parameters],
            "passes": [each.to_plain(with_graph=each.graph is not self.graph) for each in self.passes],
            "gradients": [plain_gradients(each, values) for each in self.gradients],
            "memory": plain_memory(self.memory),
            "values": values.written,
            "graph": self.graph.to_json(),
            "failure": None
            if self.failure is None
            else {"message": self.failure.message, "line": self.failure.line, "event": self.failure.event},
            "notes": list(self.notes),
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
    for nodes in (recording.nodes, *(each.nodes for each in recording.passes)):
        for record in nodes.values():
            yield from (record.value, record.gradient, *(saved.value for saved in record.saved))
    for parameter in recording.parameters:
        yield from (parameter.before, parameter.after, parameter.gradient)
        yield from (each.value for each in parameter.contributions)
        yield from _state_values(parameter.state)
    for ledger in recording.gradients:
        for entry in ledger.entries:
            yield from (entry.before, entry.after, *(each.value for each in entry.contributions))


def _state_values(state: Sequence[StateChange]) -> Iterator[Snapshot | None]:
    for entry in state:
        yield from (entry.before, entry.after)
