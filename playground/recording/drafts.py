"""Events and passes while they are being made: they still refer to places on the tape and to live nodes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from playground.graph.model import Graph, Phase
from playground.recording.call_sites import CallSite
from playground.recording.events import Change, EventKind
from playground.recording.snapshot import Snapshot
from playground.tracing.tape import Output

if TYPE_CHECKING:
    from torch.autograd.graph import Node as GradientFunction


@dataclass(slots=True, eq=False)
class Link:
    """An input or an output of a draft.

    Attributes:
        value: what the tensor was at that moment.
        output: its place on the tape, or None.
        function: the node of autograd behind it, or None.
        index: which argument or result it is.
        number: which of that node's results it is.
    """

    value: Snapshot | None
    output: Output | None = None
    function: GradientFunction | None = None
    index: int = 0
    number: int = 0


@dataclass(slots=True, eq=False)
class Draft:
    """An event in the making.

    Attributes:
        half: the half of the step in which it ran.
        kind, op, site, documentation: as of the event.
        inputs, outputs: in order.
        record: number of the tape's record that it belongs to, or None.
        functions: nodes of autograd that it made, the result's first; of a node, itself.
        parent: the node inside which it ran, or None.
        context: the call of a Function of the user's own in whose `forward` it ran, where that is known: its
            node, or what stands for a call that is not told of its node.
        changes: parameters that it wrote.
        error: what it raised, in one line.
        walk: the backward pass that was running, the innermost; None if none was.
        passes: how many passes had ended, those inside others left out.
        writes_gradient: whether it changed the `.grad` of a tensor.
        calls: the calls of modules in which it ran.
    """

    half: Phase
    kind: EventKind
    op: str
    site: CallSite
    documentation: str = ""
    inputs: list[Link] = field(default_factory=list)
    outputs: list[Link] = field(default_factory=list)
    record: int | None = None
    functions: list[GradientFunction] = field(default_factory=list)
    parent: Draft | None = None
    context: object = None
    changes: list[Change] = field(default_factory=list)
    error: str = ""
    walk: PassDraft | None = None
    passes: int = 0
    writes_gradient: bool = False
    calls: tuple[tuple[int, int], ...] = ()


@dataclass(slots=True, eq=False)
class PassDraft:
    """A backward pass in the making.

    Attributes:
        graph: what was captured before it began.
        functions: the node of autograd behind each node of the graph, in order.
        roots: the node and the number of its result of everything that is differentiated.
        call, loss: as of the pass.
        creates_graph: whether it was followed itself, for a pass through it.
        site: the place that called it.
        parent: the node inside which it was called, or None.
        begin: the draft of its first node's turn.
        leaf_values: what each leaf was when it began.
        reached: the draft of each node's turn.
        gradients: each parameter's `.grad` when it ended, or what it has given for it, by name.
    """

    graph: Graph
    functions: list[GradientFunction]
    roots: list[tuple[GradientFunction, int]]
    call: str = "backward"
    creates_graph: bool = False
    loss: float | None = None
    site: CallSite = field(default_factory=CallSite)
    parent: Draft | None = None
    begin: Draft | None = None
    leaf_values: dict[GradientFunction, Snapshot] = field(default_factory=dict)
    reached: dict[GradientFunction, Draft] = field(default_factory=dict)
    gradients: dict[str, Snapshot] = field(default_factory=dict)

    def close(self) -> None:
        """Lets go of every node."""
        self.functions.clear()
        self.roots.clear()
        self.leaf_values.clear()
        self.reached.clear()
        self.begin = self.parent = None
