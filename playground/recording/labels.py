"""Names for everything in a recording, in the words of the program that ran."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from playground.graph.labels import key_in_words
from playground.graph.modules import Chain
from playground.recording.call_sites import Source
from playground.recording.drafts import Draft, Link
from playground.recording.events import EventKind
from playground.recording.module_calls import calls_of
from playground.recording.recurrent import (
    RECURRENT,
    TRANSPOSING,
    in_order,
    leaves_of,
    numbered,
    places_in_call,
)
from playground.recording.step_tape import StepTape
from playground.tracing.tape import Output

if TYPE_CHECKING:
    from torch.autograd.graph import Node as GradientFunction

_NAME = re.compile(r"[^\W\d]?[\w.\[\]]*ᵀ?|\d[\w.]*")


class Labels:
    """Looks names up: of places on the tape, of nodes of autograd, and of gradients."""

    def __init__(
        self, tape: StepTape, source: Source, paths: dict[int, str], keys: dict[GradientFunction, str]
    ) -> None:
        """Takes the tape of a step that has ended.

        Args:
            tape: the step's.
            source: the text that ran.
            paths: from the `id` of each module to its path.
            keys: of the graph's nodes.
        """
        self._tape = tape
        self._source = source
        self._paths = paths
        self._keys = keys
        self._draft_of = {draft.record: draft for draft in tape.drafts if draft.record is not None}
        self._places_within: dict[GradientFunction, str] = {}
        self._of_nodes: dict[tuple[GradientFunction, int], str] = {}
        self._shared = _sharing_an_expression(tape.drafts)

    def module(self, draft: Draft) -> str | None:
        """Path of the module whose forward ran the operation."""
        return None if draft.site.owner is None else self._paths.get(draft.site.owner)

    def calls(self, draft: Draft) -> Chain:
        """The calls of modules in which the operation ran."""
        return calls_of(draft.calls, self._paths)

    def of_place(self, output: Output | None) -> str:
        """What the program calls the array at a place on the tape, "" if it has no word for it."""
        if output is None:
            return ""
        record = self._tape.records[output[0]]
        if record.op is None:
            return record.parameter or record.name or ""
        draft = self._draft_of.get(output[0])
        several = draft is not None and len(draft.outputs) > 1
        name = self._tape.result_names.get(output) if several else record.name
        if name:
            return name
        return "" if draft is None else self._of_draft(draft)

    def of_node(self, function: GradientFunction, number: int = 0) -> str:
        """What the program calls the forward result of a node."""
        label = self._of_nodes.get((function, number))
        if label is None:
            label = self._of_nodes[function, number] = self._find_of_node(function, number)
        return label

    def _find_of_node(self, function: GradientFunction, number: int) -> str:
        watch = self._tape.watch
        assert watch is not None, "a node comes from autograd"
        if not function.next_functions and function in self._keys:
            # A leaf: its key is its parameter's name, if it has one.
            return key_in_words(self._keys[function])
        leaf = getattr(function, "variable", None)
        if leaf is not None:
            # What has failed is no part of the graph, which would have a key for it.
            for name, parameter in self._tape.parameters.items():
                if parameter is leaf:
                    return name
        derivative = watch.nodes.differentiates.get((function, number))
        if derivative is not None:
            return gradient_of(self.of_node(*derivative))
        inner = watch.nodes.results_of_functions.get((function, number))
        known = self._tape.step_names.get(inner) if inner else None
        label = known or self.of_place(watch.nodes.outputs.get((function, number)))
        if label:
            return label
        kind = type(function).__name__
        inputs = [target for target, _ in function.next_functions if target is not None]
        if kind in TRANSPOSING and inputs:
            return f"{wrapped(self.of_node(inputs[0]))}ᵀ"
        draft = watch.nodes.made_by.get(function)
        is_first = draft is not None and bool(draft.functions) and draft.functions[0] is function
        if draft is not None and is_first and draft.kind is not EventKind.NODE:
            return self._of_draft(draft)
        within = "" if draft is None or draft.kind is EventKind.NODE else self.place_within(draft, function)
        return re.sub(r"Backward\d*$", "", kind).lower() + "(…)" + within

    def place_within(self, draft: Draft, function: GradientFunction) -> str:
        """Which of several like nodes of one operation a node is; "" if it is the only one of its kind.

        A recurrent layer makes the same nodes at each time step, all in one call.
        """
        if function not in self._places_within:
            self._places_within[function] = ""
            if draft.op in RECURRENT:
                self._places_within |= places_in_call(draft.functions, self._keys)
            else:
                self._places_within |= numbered(
                    in_order(draft.functions), lambda each: (type(each), leaves_of(each)), {}
                )
        return self._places_within[function]

    def of_link(self, link: Link) -> str:
        """Of an input or an output of an operation."""
        watch = self._tape.watch
        if link.function is None or watch is None:
            return self.of_place(link.output)
        if (link.function, link.number) in watch.nodes.results_of_functions:
            return self.of_node(link.function, link.number)
        return self.of_place(link.output) or self.of_node(link.function, link.number)

    def _of_draft(self, draft: Draft) -> str:
        text = self._source.text(self._source.in_characters(draft.site.span))
        if text and draft not in self._shared:
            return text
        module = self.module(draft)
        return f"{draft.op} in {module}" if module else draft.op


def gradient_of(label: str) -> str:
    """The gradient of the loss by something: `"∂L/∂w1"`, `"∂L/∂(x.mm(w1))"`."""
    return f"∂L/∂{wrapped(label)}"


def wrapped(label: str) -> str:
    """The label, in parentheses unless it is a single word."""
    return label if _NAME.fullmatch(label) else f"({label})"


def _sharing_an_expression(drafts: Sequence[Draft]) -> set[Draft]:
    """Operations of which one expression of the source ran several: only the last gave its value."""
    shared = set()
    latest: dict[object, Draft] = {}
    for draft in drafts:
        site = draft.site
        if site.span is None or draft.record is None:
            continue
        before = latest.get(site.inside)
        if before is not None and before.site.span == site.span and before.site.caller == site.caller:
            shared.add(before)
        latest[site.inside] = draft
    return shared
