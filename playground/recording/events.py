"""What happens in a recorded step, as plain, frozen data.

An *event* is one place of the cursor: an operation that the program called, or a node of the autograd
graph that `backward()` reached. Labels are the program's own words: the variable that a result is bound
to, else the very expression that computed it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from playground.graph.model import Phase
from playground.graph.modules import Chain
from playground.recording.snapshot import Snapshot

PlaceOf: TypeAlias = Callable[[Snapshot | None], int | None]
"""Where a tensor stands in the list that holds each tensor of a recording once."""


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

    def to_plain(self, place: PlaceOf) -> dict[str, object]:
        """The port as plain data, its tensor as a place in the list of tensors."""
        return {"label": self.label, "node": self.node, "index": self.index, "value": place(self.value)}


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
        phase: the part of the step; a step with several backward passes comes back to each part.
        kind: what ran.
        op: the operation's name in its library (`"mm"`, `"MmBackward0"`).
        label: the result in the program's words; of an autograd node, of its forward result.
        line: line of the source that was running, or None.
        span: the expression that was running, where it is known.
        origin: for a node of autograd, the line whose forward pass made it; else None.
        inside: the function of the source that was running (`"MyReLU.backward"`), "" for the step's own.
        module: path of the module whose forward was running (`"input_linear"`), or None.
        calls: the calls of modules with a path that were under way, the outermost first; of a node of
            autograd, when it was made.
        inputs, outputs: tensors in and out. Of a node of autograd: gradients in and out.
        nodes: keys of the graph's nodes that it made, the result's first; of a node event, its own key.
        parent: number of the node event inside which it ran, or None.
        changes: parameters that got their new value by it.
        error: what it raised, in one line; "" if all went well.
        documentation: the first sentence of the library's own documentation of it, "" where it has none.
        backward_pass: number of the pass in `Recording.passes` in whose graph `nodes` and the nodes of the
            ports are found; None where the step has no pass.
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
    calls: Chain = ()
    inputs: tuple[Port, ...] = ()
    outputs: tuple[Port, ...] = ()
    nodes: tuple[str, ...] = ()
    parent: int | None = None
    changes: tuple[Change, ...] = ()
    error: str = ""
    documentation: str = ""
    backward_pass: int | None = None

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

    def to_plain(self, place: PlaceOf) -> dict[str, object]:
        """The event as dicts, lists, texts and numbers; a tensor is its place in the list of tensors."""
        return {
            "number": self.number,
            "phase": str(self.phase),
            "kind": str(self.kind),
            "op": self.op,
            "label": self.label,
            "line": self.line,
            "span": None if self.span is None else list(self.span),
            "origin": self.origin,
            "inside": self.inside,
            "module": self.module,
            "calls": [list(each) for each in self.calls],
            "shape": None if self.shape is None else list(self.shape),
            "inputs": [port.to_plain(place) for port in self.inputs],
            "outputs": [port.to_plain(place) for port in self.outputs],
            "nodes": list(self.nodes),
            "parent": self.parent,
            "parameters": [change.parameter for change in self.changes],
            "error": self.error,
            "documentation": self.documentation,
            "pass": self.backward_pass,
        }
