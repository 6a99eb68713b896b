"""Turns what a tape holds into a graph: names, phases, keys and edges."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from playground.graph.model import Edge, Graph, GraphKind, Node, NodeKind, Phase
from playground.tracing.tape import Record, Tape


def build_graph(tape: Tape, text: str) -> Graph:
    """The trace of a step: first its leaves in the order of their first use, then its operations.

    An edge's `input_index` counts the array arguments of its target; numbers are no nodes. Of a step
    that failed there is what ran until then, and no output if the loss is missing.

    Args:
        tape: the record of the step.
        text: source of the stage.
    """
    records = tape.records
    keys = node_keys(tape)
    node_of = {number: node for node, number in enumerate(keys)}
    operations = [number for number in keys if records[number].op is not None]
    phases = Phases(tape, text)
    nodes = (
        _node(node_of[number], records[number], key, number == tape.loss, phases.of(records[number]))
        for number, key in keys.items()
    )
    edges = (
        Edge(node_of[source], node_of[number], input_index, output_index)
        for number in operations
        for input_index, (source, output_index) in enumerate(records[number].inputs)
    )
    outputs = (node_of[tape.loss],) if tape.loss in node_of else ()
    return Graph(tuple(nodes), tuple(edges), GraphKind.TRACE, outputs)


def node_keys(tape: Tape) -> dict[int, str]:
    """From the number of each record that becomes a node to the node's key, in the order of the nodes."""
    records = tape.records
    operations = [number for number, record in enumerate(records) if record.op is not None]
    used = dict.fromkeys(source for number in operations for source, _ in records[number].inputs)
    order = [*(number for number in used if records[number].op is None), *operations]
    keys = _unique([_label(records[number]) for number in order])
    return dict(zip(order, keys, strict=True))


class Phases:
    """Tells the part of the step that an operation belongs to, by the statement that ran it."""

    def __init__(self, tape: Tape, text: str) -> None:
        """Reads the tape of a step and the source of its stage."""
        self._statement_of = statements(text)
        self._loss = None if tape.loss is None else self._statement(tape.records[tape.loss])
        self._storages = tape.parameter_storages
        self._variables = {leaf.name for leaf in tape.records if leaf.parameter and leaf.name}
        self._updates = {self._statement(record) for record in tape.records if self._is_update(record)}

    def of(self, record: Record) -> Phase | None:
        """The phase of an operation; a leaf has none."""
        if record.op is None:
            return None
        statement = self._statement(record)
        if statement is None:
            return record.half
        if record.half is Phase.FORWARD:
            return Phase.LOSS if statement == self._loss else Phase.FORWARD
        return Phase.UPDATE if statement in self._updates else Phase.BACKWARD

    def _is_update(self, record: Record) -> bool:
        """Whether it writes into a parameter, or gives a parameter's variable a new array."""
        if record.op is None or record.half is Phase.FORWARD:
            return False
        return not self._storages.isdisjoint(record.writes) or record.name in self._variables

    def _statement(self, record: Record) -> int | None:
        return None if record.line is None else self._statement_of.get(record.line)


@lru_cache(maxsize=16)
def statements(text: str) -> Mapping[int, int]:
    """From each line to the first line of the innermost statement that it belongs to."""
    first: dict[int, int] = {}
    # ast.walk goes from the outside to the inside, so that the innermost statement comes last.
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.stmt):
            first.update(dict.fromkeys(range(node.lineno, (node.end_lineno or node.lineno) + 1), node.lineno))
    return MappingProxyType(first)


def _label(record: Record) -> str:
    """What a node's key starts with."""
    if record.op is None:
        return record.parameter or record.name or "data"
    return record.name or f"{record.op}:{record.line}"


def _unique(labels: Sequence[str]) -> list[str]:
    """The labels, from its second occurrence on with a count: `"w1"`, `"w1#2"`."""
    counts: Counter[str] = Counter()
    keys: list[str] = []
    for label in labels:
        counts[label] += 1
        keys.append(label if counts[label] == 1 else f"{label}#{counts[label]}")
    return keys


def _node(number: int, record: Record, key: str, is_loss: bool, phase: Phase | None) -> Node:
    if record.op is None:
        kind = NodeKind.PARAMETER if record.parameter else NodeKind.DATA
    else:
        kind = NodeKind.LOSS if is_loss else NodeKind.OPERATION
    return Node(
        id=number,
        op=record.op or str(kind),
        kind=kind,
        key=key,
        shape=record.shape,
        parameter=record.parameter,
        dtype=record.dtype,
        device=record.device,
        name=record.name,
        line=record.line,
        phase=phase,
    )
