"""Events while they are being made: they still refer to tensors' places on the tape and to live nodes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from playground.graph.model import Phase
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
        context: the node of the user's own Function in whose `forward` it ran, where that is known.
        changes: parameters that it wrote.
        error: what it raised, in one line.
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
    context: GradientFunction | None = None
    changes: list[Change] = field(default_factory=list)
    error: str = ""


def one_line(error: BaseException) -> str:
    """An exception on one line."""
    message = " ".join(str(error).split()) or "no message"
    return f"{type(error).__name__}: {message}"
