"""What is known of each node of a step's graph."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from playground.recording.assembly.reading import TapeReading
from playground.recording.drafts import Draft, PassDraft
from playground.recording.model import NodeRecord, ParameterRecord, Saved
from playground.recording.snapshot import Snapshot

if TYPE_CHECKING:
    from torch.autograd.graph import Node as GradientFunction


def node_records(reading: TapeReading, parameters: Sequence[ParameterRecord]) -> dict[str, NodeRecord]:
    """What is known of every node of a trace, by its key.

    Args:
        reading: of the step's tape.
        parameters: of the step.
    """
    by_key = {each.node: each for each in parameters}
    first_values = _first_values(reading.tape.drafts)
    draft_of = {draft.record: draft for draft in reading.tape.drafts if draft.record is not None}
    return {
        key: _of_trace(reading, number, draft_of.get(number), by_key.get(key), first_values)
        for number, key in reading.record_keys.items()
    }


def node_records_of(reading: TapeReading, walk: int) -> dict[str, NodeRecord]:
    """What is known of every node in the graph of a pass, by its key.

    Args:
        reading: of the step's tape.
        walk: number of the pass.
    """
    keys = reading.function_keys[walk]
    names = {node.key: node.parameter for node in reading.graphs[walk].nodes}
    return {
        key: _of_autograd(reading, reading.walks[walk], function, key, names[key])
        for function, key in keys.items()
    }


def _of_trace(
    reading: TapeReading,
    number: int,
    draft: Draft | None,
    parameter: ParameterRecord | None,
    first_values: dict[int, Snapshot],
) -> NodeRecord:
    if draft is not None:
        value = draft.outputs[0].value
    else:
        value = first_values.get(number) if parameter is None else parameter.before
    return NodeRecord(
        key=reading.record_keys[number],
        label=reading.labels.of_place((number, 0)),
        made_by=None if draft is None else reading.numbers[draft],
        line=None if draft is None else draft.site.line,
        module=None if draft is None else reading.labels.module(draft),
        value=value,
        gradient=None if parameter is None else parameter.gradient,
    )


def _of_autograd(
    reading: TapeReading, walk: PassDraft, function: GradientFunction, key: str, parameter: str | None
) -> NodeRecord:
    made_by, reached = reading.watch.nodes.made_by.get(function), walk.reached.get(function)
    # An input that gets a gradient has a name too, but is none of the parameters.
    if parameter is None or parameter not in reading.tape.parameters:
        value = walk.leaf_values.get(function) or _value(reading, function)
        gradient = _first_input(reached)
    else:
        value = walk.leaf_values.get(function) or reading.tape.values_before.get(parameter)
        gradient = walk.gradients.get(parameter)
    return NodeRecord(
        key=key,
        label=reading.labels.of_node(function),
        made_by=None if made_by is None else reading.numbers[made_by],
        reached_by=None if reached is None else reading.numbers[reached],
        line=None if made_by is None else made_by.site.line,
        module=None if made_by is None else reading.labels.module(made_by),
        value=value,
        gradient=gradient,
        saved=tuple(saved_of(reading, function)),
    )


def _value(reading: TapeReading, function: GradientFunction) -> Snapshot | None:
    """A node's forward result; of a transposition that nothing showed, its input turned."""
    values = reading.watch.nodes.values
    value = values.get((function, 0))
    if value is None and type(function).__name__ == "TBackward0":
        target, number = function.next_functions[0]
        source = None if target is None else values.get((target, number))
        value = None if source is None else source.transposed()
    return value


def saved_of(reading: TapeReading, function: GradientFunction) -> Iterator[Saved]:
    """What a node has put aside, with its names in the program."""
    nodes, labels = reading.watch.nodes, reading.labels
    sources = nodes.saved_sources.get(function, ())
    for each, source in zip(nodes.saved.get(function, ()), sources, strict=True):
        if source is None:
            yield each
        elif isinstance(source[0], int):
            yield replace(each, label=labels.of_place((source[0], source[1])))
        else:
            yield replace(each, label=labels.of_node(source[0], source[1]))


def _first_values(drafts: Sequence[Draft]) -> dict[int, Snapshot]:
    """What each record was when it was first used."""
    found: dict[int, Snapshot] = {}
    for draft in drafts:
        for link in draft.inputs:
            if link.output is not None and link.value is not None:
                found.setdefault(link.output[0], link.value)
    return found


def _first_input(draft: Draft | None) -> Snapshot | None:
    return draft.inputs[0].value if draft is not None and draft.inputs else None
