"""A computation graph as plain, frozen data: what crosses threads, is drawn, and is written to files.

Two kinds share these classes. An *autograd* graph holds the `grad_fn` nodes that a forward pass
built; its edges go the way the gradient goes, from the loss towards the parameters. A *trace* holds
the operations that ran, in order, where no graph was built (NumPy, plain tensors); its edges go the
way the data goes, from a result to the operation that uses it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class GraphKind(StrEnum):
    """Whether autograd built the graph, or the operations were written down as they ran."""

    AUTOGRAD = "autograd"
    TRACE = "trace"


class NodeKind(StrEnum):
    """What a node is, for its shape and color in a drawing."""

    PARAMETER = "parameter"
    DATA = "data"
    OPERATION = "operation"
    LOSS = "loss"


class Phase(StrEnum):
    """The part of a step in which an operation runs."""

    FORWARD = "forward"
    LOSS = "loss"
    BACKWARD = "backward"
    UPDATE = "update"


@dataclass(frozen=True, slots=True)
class Node:
    """One operation, parameter or piece of data.

    Attributes:
        id: the node's number in its graph, counted from 0.
        op: the name that PyTorch or NumPy gives it (`"MmBackward0"`, `"AccumulateGrad"`, `"dot"`).
        kind: what it is, for drawing.
        key: a name that the same node has in every graph of a run (`"w1"`,
            `"AddmmBackward0(middle_linear)#2"`); no two nodes of one graph share a key.
        shape: shape of the tensor it stands for, the forward result of an operation; None if unknown.
        parameter: the parameter's name (`"w1"`, `"0.weight"`), else None.
        dtype, device: of that tensor, as PyTorch writes them (`"torch.float32"`, `"cpu"`).
        name: the variable that the result was bound to (traces only), else None.
        line: line of the stage's source that made it, counted from 1, else None.
        phase: the part of the step in which it ran; an autograd node belongs to the forward pass.
    """

    id: int
    op: str
    kind: NodeKind
    key: str
    shape: tuple[int, ...] | None = None
    parameter: str | None = None
    dtype: str | None = None
    device: str | None = None
    name: str | None = None
    line: int | None = None
    phase: Phase | None = None


@dataclass(frozen=True, slots=True)
class FoldedNode(Node):
    """A node as it is drawn in a folded graph: it may stand for several of the whole one.

    Attributes:
        says: what is written below its name, a line each, in place of a shape.
        title: what is written in place of its name, "" for the name.
    """

    says: tuple[str, ...] = ()
    title: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """From one node to another, by their numbers.

    In an autograd graph `source.next_functions[input_index]` is `(target, output_index)`: the
    gradient flows from source to target, and source used output `output_index` of target as its
    input `input_index`. In a trace the result of `source` is input `input_index` of `target`.
    """

    source: int
    target: int
    input_index: int
    output_index: int = 0


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes and edges of one step. Edges are a tuple: two between one pair of nodes both stay."""

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    kind: GraphKind = GraphKind.AUTOGRAD
    outputs: tuple[int, ...] = ()
    """Numbers of the nodes that the graph was captured from: the loss."""

    _by_key: Mapping[str, Node] = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        """Indexes the nodes by key."""
        object.__setattr__(self, "_by_key", {node.key: node for node in self.nodes})

    def node(self, key: str) -> Node | None:
        """The node with this key, or None."""
        return self._by_key.get(key)

    def uses(self, parameter: str) -> int:
        """How often it uses a parameter."""
        keys = {node.id for node in self.nodes if node.parameter == parameter}
        return sum(edge.target in keys for edge in self.edges)

    def to_json(self) -> dict[str, Any]:
        """The graph as plain lists and dicts.

        Returns:
            `{"kind": …, "nodes": [{"id", "op", "kind", "key", "shape", "parameter", …}, …],
            "edges": [[source, target, input_index], …], "outputs": […]}`.
        """
        return {
            "kind": str(self.kind),
            "nodes": [_node_to_json(node) for node in self.nodes],
            "edges": [[edge.source, edge.target, edge.input_index] for edge in self.edges],
            "outputs": list(self.outputs),
        }


def _node_to_json(node: Node) -> dict[str, Any]:
    return {
        "id": node.id,
        "op": node.op,
        "kind": str(node.kind),
        "key": node.key,
        "shape": None if node.shape is None else list(node.shape),
        "parameter": node.parameter,
        "dtype": node.dtype,
        "device": node.device,
        "name": node.name,
        "line": node.line,
        "phase": None if node.phase is None else str(node.phase),
    }


def data_flow(graph: Graph, edges: Iterable[Edge] | None = None) -> Iterable[tuple[int, int, Edge]]:
    """Every edge, or these only, as (start, end, edge) in the direction of the data in the forward pass.

    Drawings run this way, from the parameters on the left to the loss on the right.
    """
    reverse = graph.kind is GraphKind.AUTOGRAD
    for edge in graph.edges if edges is None else edges:
        start, end = (edge.target, edge.source) if reverse else (edge.source, edge.target)
        yield start, end, edge


def data_order(graph: Graph) -> list[int]:
    """Numbers of the nodes, each behind all that its data comes from; those on a circle are left out."""
    users: list[list[int]] = [[] for _ in graph.nodes]
    waiting = [0] * len(graph.nodes)
    for start, end, _ in data_flow(graph):
        users[start].append(end)
        waiting[end] += 1
    order = [number for number, count in enumerate(waiting) if not count]
    for number in order:
        for user in users[number]:
            waiting[user] -= 1
            if not waiting[user]:
                order.append(user)
    return order
