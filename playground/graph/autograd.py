"""The graph that autograd built in a forward pass, as plain data, and a quick signature of its structure.

Torch is imported only where it is needed: a process that draws graphs does without it.
"""

from __future__ import annotations

import heapq
import math
import sys
import threading
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, cast

from playground.graph.model import Edge, Graph, Node, NodeKind, Phase
from playground.tensors import LOOKED_INTO, in_words, tensors_in

if TYPE_CHECKING:
    import torch
    from torch import Tensor
    from torch.autograd.graph import Node as GradientFunction

LEAF = "AccumulateGrad"
DEEP = 500
"""So many functions may be freed one within another; a stack of 512 KiB bears some 2000."""
NAMES_SHOWN = 3
"""At most so many parameters are named in a key, so that the length of all keys stays linear."""


class _Metadata(Protocol):
    @property
    def shape(self) -> torch.Size: ...
    @property
    def dtype(self) -> torch.dtype: ...
    @property
    def device(self) -> torch.device: ...
    @property
    def is_nested_tensor(self) -> bool: ...


class _Function(Protocol):
    """What a `grad_fn` offers and torch's own stubs leave out; only a leaf has a `variable`."""

    @property
    def next_functions(self) -> tuple[tuple[_Function | None, int], ...]: ...
    @property
    def variable(self) -> Tensor: ...
    @property
    def metadata(self) -> dict[str, object]: ...
    @property
    def _input_metadata(self) -> Sequence[_Metadata]: ...
    def _sequence_nr(self) -> int: ...


def capture(output: object, parameters: Mapping[str, Tensor] | None = None) -> Graph:
    """The autograd graph behind one tensor, or behind all that a model returns, joined.

    Node 0 is the first output's; the others follow in the order in which a breadth-first walk along
    `next_functions` finds them. The time is linear in the size of the graph, whatever its depth.

    Args:
        output: a tensor, or tuples, lists, dicts, dataclasses and the like with tensors in them, as
            `playground.tensors.tensors_in` finds them. A tensor that requires no gradient contributes
            nothing; a leaf that does contributes its `AccumulateGrad` node.
        parameters: names for leaves, which are matched by identity; of two names the first is taken.

    Returns:
        Nodes with the first forward result's shape, and every edge, also two between the same pair of
        nodes. `outputs` has each output node once, in the order given.

    Raises:
        TypeError: there is no tensor in `output`.
    """
    outputs = tensors_in(output)
    if not outputs:
        raise TypeError(f"no tensor to capture in {in_words(output)}; allowed: {LOOKED_INTO}")
    roots = list(dict.fromkeys(function_of(tensor) for tensor in outputs if tensor.requires_grad))
    return capture_functions(roots, parameters)[0]


def capture_functions(
    roots: Sequence[GradientFunction], parameters: Mapping[str, Tensor] | None = None
) -> tuple[Graph, list[GradientFunction]]:
    """The graph behind some functions, as by `capture`, and the function of each of its nodes, in order."""
    functions, edges = _walk(cast("Sequence[_Function]", roots))
    order = _forward_order(functions, edges)
    if len(functions) > DEEP:
        _free_in_parts(functions, edges, order)
    names: dict[int, str] = {}
    for name, tensor in (parameters or {}).items():
        names.setdefault(id(tensor), name)
    found = [names.get(id(fn.variable)) if _op(fn) == LEAF else None for fn in functions]
    keys = _Keys(functions, edges, order, found).keys
    nodes = (
        _node(number, fn, key, parameter, number < len(roots))
        for number, (fn, key, parameter) in enumerate(zip(functions, keys, found, strict=True))
    )
    graph = Graph(nodes=tuple(nodes), edges=tuple(edges), outputs=tuple(range(len(roots))))
    return graph, cast("list[GradientFunction]", functions)


def signature(root: GradientFunction, parameter_index: Mapping[int, int]) -> tuple[Hashable, ...]:
    """A value that two graphs share if and only if they have the same structure.

    The structure is each node's type, its edges in their order (those that lead nowhere included)
    and which parameter each leaf holds. Shapes are left out: asking for them takes longer than all
    the rest, and no size changes within a run.

    Args:
        root: the `grad_fn` of a tensor that the caller keeps alive, as it does the parameters.
        parameter_index: from `id(parameter)` to the parameter's number. All other leaves count as
            unnamed, told apart only by where they are used.
    """
    # Runs at every step of training, at about 0.6 µs a node, hence the local names. The nodes are in
    # `nodes` and `numbers` themselves: the id of a dead wrapper would soon belong to another node.
    nodes = cast("list[_Function]", [root])
    numbers = {nodes[0]: 0}
    found = 1
    parts: list[Hashable] = []
    add, visit, number_of, parameter_of = parts.append, nodes.append, numbers.setdefault, parameter_index.get
    for fn in nodes:
        kind = type(fn)
        add(kind)
        inputs = fn.next_functions
        if inputs:
            for target, output_index in inputs:
                if target is None:
                    add(None)
                    continue
                number = number_of(target, found)
                if number == found:
                    found += 1
                    visit(target)
                add((number, output_index) if output_index else number)
        elif kind.__name__ == LEAF:
            add(parameter_of(id(fn.variable)))
    if found > DEEP:
        functions, edges = _walk(nodes[:1])
        _free_in_parts(functions, edges, _forward_order(functions, edges))
    return tuple(parts)


class NodeCount:
    """Counts the nodes that autograd makes, at a tenth of what a walk over them costs.

    Autograd numbers its nodes as it makes them, each thread for itself; leaves have no number.
    """

    def __init__(self) -> None:
        """Begins at nothing."""
        self._before = 0

    def begin(self) -> None:
        """From now on nodes count."""
        # Looked up anew, since a stage without torch must not load it.
        torch = sys.modules.get("torch")
        self._before = 0 if torch is None else torch._C._autograd._get_sequence_nr()

    def count(self, loss: object) -> int | None:
        """How many nodes were made since, up to that of the loss; None if autograd has made none for it."""
        root = getattr(loss, "grad_fn", None)
        return None if root is None else int(root._sequence_nr()) + 1 - self._before


def _op(fn: _Function) -> str:
    return type(fn).__name__


def function_of(tensor: Tensor) -> GradientFunction:
    """The function that a gradient of this tensor goes to: of a leaf its `AccumulateGrad`."""
    return cast("GradientFunction", _function(tensor))


def _function(tensor: Tensor) -> _Function:
    from torch.autograd.graph import get_gradient_edge

    # get_gradient_edge runs an operation of its own for a custom Function, so it is kept for leaves.
    return cast("_Function", get_gradient_edge(tensor).node if tensor.grad_fn is None else tensor.grad_fn)


def _walk(roots: Sequence[_Function]) -> tuple[list[_Function], list[Edge]]:
    """All functions within reach of `roots`, in the order of discovery, and all edges between them."""
    functions = list(roots)
    numbers = {fn: number for number, fn in enumerate(functions)}
    edges: list[Edge] = []
    for source, fn in enumerate(functions):
        for input_index, (target, output_index) in enumerate(fn.next_functions):
            if target is None:
                continue
            number = numbers.setdefault(target, len(functions))
            if number == len(functions):
                functions.append(target)
            edges.append(Edge(source, number, input_index, output_index))
    return functions, edges


class _Release:
    """Holds inputs of the function that holds this object, and frees them after it.

    While a function is being freed it still holds its inputs, so it is too early to let go of them
    then. They wait for the garbage collector, which starts a loop; what that loop frees adds to it.
    """

    class _Loop(threading.local):
        waiting: list[_Function] | None = None

    _loop = _Loop()

    def __init__(self, inputs: list[_Function]) -> None:
        self._inputs = inputs
        self._cycle: _Release | None = None

    def __del__(self) -> None:
        loop = self._loop
        if loop.waiting is not None:
            loop.waiting.extend(self._inputs)
        elif self._cycle is None:
            later = _Release(self._inputs)
            later._cycle = later
        else:
            loop.waiting = self._inputs
            while loop.waiting:
                loop.waiting.pop()
            loop.waiting = None


def _free_in_parts(functions: Sequence[_Function], edges: Sequence[Edge], order: Sequence[int]) -> None:
    """Keeps a deep graph from overflowing the stack when it is freed, from whichever end.

    PyTorch frees a graph in a loop; but where Python has seen a function (2.13), freeing it frees its
    inputs from within, and so on down to the leaves. So every `DEEP` levels the inputs are held back.
    """
    inputs: list[list[int]] = [[] for _ in functions]
    for edge in edges:
        inputs[edge.source].append(edge.target)
    level = [0] * len(functions)
    for number in order:
        level[number] = 1 + max((level[n] for n in inputs[number]), default=0)
        below = [functions[n] for n in inputs[number] if level[n] // DEEP < level[number] // DEEP]
        if below:
            functions[number].metadata.setdefault("playground.release", _Release(below))


def _node(number: int, fn: _Function, key: str, parameter: str | None, is_output: bool) -> Node:
    leaf = _op(fn) == LEAF
    kind = NodeKind.PARAMETER if leaf else NodeKind.LOSS if is_output else NodeKind.OPERATION
    metadata = fn._input_metadata[0]
    return Node(
        id=number,
        op=_op(fn),
        kind=kind,
        key=key,
        shape=_shape(fn),
        parameter=parameter,
        dtype=str(metadata.dtype),
        device=str(metadata.device),
        phase=Phase.LOSS if kind is NodeKind.LOSS else Phase.FORWARD,
    )


def _shape(fn: _Function) -> tuple[int, ...] | None:
    metadata = fn._input_metadata[0]
    # A nested tensor has rows of several lengths, hence no shape.
    return None if metadata.is_nested_tensor else tuple(metadata.shape)


def _forward_order(functions: Sequence[_Function], edges: Sequence[Edge]) -> list[int]:
    """Numbers of all functions but the leaves, in the order in which the forward pass made them.

    PyTorch counts functions as it makes them, but each thread for itself; an input always comes
    before its user here, even where several threads made the graph.
    """
    leaves = {number for number, fn in enumerate(functions) if _op(fn) == LEAF}
    users: list[list[int]] = [[] for _ in functions]
    waiting = [0] * len(functions)
    for edge in edges:
        if edge.target not in leaves:
            users[edge.target].append(edge.source)
            waiting[edge.source] += 1
    ready = [
        (fn._sequence_nr(), number)
        for number, fn in enumerate(functions)
        if number not in leaves and not waiting[number]
    ]
    heapq.heapify(ready)
    order: list[int] = []
    while ready:
        _, number = heapq.heappop(ready)
        order.append(number)
        for user in users[number]:
            waiting[user] -= 1
            if not waiting[user]:
                heapq.heappush(ready, (functions[user]._sequence_nr(), user))
    return order


class _Keys:
    """Names for nodes that stay the same when a later graph is deeper or shallower.

    - A leaf is named after its parameter, or `leaf#2` in the order of use.
    - An operation that uses parameters is named after them, with a count of the calls:
      `AddmmBackward0(middle_linear)#2`. A parameter still counts as one when it was only reshaped,
      as the weight of a linear layer is by `TBackward0(middle_linear.weight)#2`.
    - Any other operation is named after the last such call along its first input, with a count from
      the second on: `ClampBackward1<middle_linear#2`, `ClampBackward1<middle_linear#2/2`.

    Attributes:
        keys: the key of each function, by its number.
    """

    def __init__(
        self,
        functions: Sequence[_Function],
        edges: Sequence[Edge],
        order: Sequence[int],
        parameters: Sequence[str | None],
    ) -> None:
        self._functions = functions
        self._parameters = parameters
        self._inputs: list[list[int]] = [[] for _ in functions]
        for edge in edges:
            self._inputs[edge.source].append(edge.target)
        self.keys = [""] * len(functions)
        self._taken: set[str] = set()
        self._calls: Counter[str] = Counter()
        self._leaf_of: dict[int, int] = {}
        """From a leaf, or an operation that only reshapes one, to the leaf."""
        self._anchors: dict[int, str] = {}
        self._name_leaves(order)
        for number in order:
            self._name_operation(number)

    def _name_leaves(self, order: Sequence[int]) -> None:
        used = (target for number in order for target in self._inputs[number])
        # The second range is for leaves that are outputs themselves.
        leaves = [
            n for n in dict.fromkeys((*used, *range(len(self.keys)))) if _op(self._functions[n]) == LEAF
        ]
        self._leaf_of.update((leaf, leaf) for leaf in leaves)
        unnamed = []
        for leaf in leaves:
            parameter = self._parameters[leaf]
            if parameter is None:
                unnamed.append(leaf)
            else:
                self._assign(leaf, parameter)
        for count, leaf in enumerate(unnamed, start=1):
            self._assign(leaf, f"leaf#{count}")

    def _name_operation(self, number: int) -> None:
        op, inputs = _op(self._functions[number]), self._inputs[number]
        leaves = list(dict.fromkeys(self._leaf_of[n] for n in inputs if n in self._leaf_of))
        if leaves:
            owner = self._owner(leaves)
            call = self._count(f"{op}({owner})")
            self._assign(number, f"{op}({owner})#{call}")
            self._anchors[number] = f"{owner}#{call}"
            if self._reshapes(number, leaves[0]):
                self._leaf_of[number] = leaves[0]
        elif inputs:
            anchor = self._anchors[number] = self._anchors[inputs[0]]
            call = self._count(f"{op}<{anchor}")
            self._assign(number, f"{op}<{anchor}" if call == 1 else f"{op}<{anchor}/{call}")
        else:
            self._anchors[number] = f"{op}#{self._count(op)}"
            self._assign(number, self._anchors[number])

    def _owner(self, leaves: Sequence[int]) -> str:
        """`middle` for `middle.weight` and `middle.bias`, else the names, of unnamed leaves only if alone."""
        names = [self.keys[leaf] for leaf in leaves if self._parameters[leaf] is not None]
        names = names or [self.keys[leaf] for leaf in leaves]
        modules = {name.rpartition(".")[0] for name in names}
        if len(names) > 1 and len(modules) == 1 and "" not in modules:
            return modules.pop()
        rest = len(names) - NAMES_SHOWN
        return ",".join(names[:NAMES_SHOWN]) + (f",+{rest}" if rest > 0 else "")

    def _reshapes(self, number: int, leaf: int) -> bool:
        # An embedding also has one input, but its result is data that further layers work on.
        if len(self._functions[number].next_functions) != 1:
            return False
        shape, original = _shape(self._functions[number]), _shape(self._functions[leaf])
        return shape is not None and original is not None and math.prod(shape) == math.prod(original)

    def _count(self, call: str) -> int:
        self._calls[call] += 1
        return self._calls[call]

    def _assign(self, number: int, key: str) -> None:
        # Only a parameter whose name looks like another node's key gets this far.
        while key in self._taken:
            key += "'"
        self._taken.add(key)
        self.keys[number] = key
