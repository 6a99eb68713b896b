"""Makes events of the drafts of a step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from playground.graph.model import Phase
from playground.recording.assembly.parameters import Updates
from playground.recording.assembly.reading import TapeReading
from playground.recording.drafts import Draft, Link
from playground.recording.events import Event, EventKind, Port
from playground.recording.labels import gradient_of

if TYPE_CHECKING:
    from torch.autograd.graph import Node as GradientFunction


class EventMaker:
    """Makes the event of each draft."""

    def __init__(self, reading: TapeReading, phases: Mapping[Draft, Phase], updates: Updates) -> None:
        """Takes what has been read and found out so far."""
        self._reading = reading
        self._labels = reading.labels
        self._phases = phases
        self._updates = updates

    def event(self, draft: Draft) -> Event:
        """A draft with keys for its nodes and labels for its tensors."""
        reading = self._reading
        is_node = draft.kind is EventKind.NODE
        made_by = reading.made_by(draft)
        walk = reading.walk_of(draft, self._phases[draft])
        return Event(
            number=reading.numbers[draft],
            phase=self._phases[draft],
            kind=draft.kind,
            op=draft.op,
            label=self._label(draft),
            line=draft.site.line,
            span=reading.span(draft),
            origin=None if made_by is None else made_by.site.line,
            inside=draft.site.inside,
            module=self._labels.module(made_by or draft),
            calls=self._labels.calls(made_by or draft),
            inputs=self._gradients_in(draft) if is_node else self._ports(draft.inputs, walk),
            outputs=self._gradients_out(draft, walk) if is_node else self._ports(draft.outputs, walk),
            nodes=self._nodes(draft, walk),
            parent=None if draft.parent is None else reading.numbers.get(draft.parent),
            changes=self._updates.changes(draft),
            error=draft.error,
            documentation=draft.documentation,
            backward_pass=walk if self._reading.watched_passes else None,
        )

    def _label(self, draft: Draft) -> str:
        if draft.kind is EventKind.NODE:
            return self._labels.of_node(draft.functions[0])
        if draft.outputs:
            return self._labels.of_link(draft.outputs[0])
        return self._reading.words(draft) or draft.op

    def _nodes(self, draft: Draft, walk: int | None) -> tuple[str, ...]:
        records = self._reading.record_keys
        if draft.record in records:
            return (records[draft.record],)
        if walk is None:
            return ()
        # What backward itself made is found in later graphs; the event stands for its own node.
        functions = draft.functions[:1] if draft.kind is EventKind.NODE else draft.functions
        keys = self._reading.function_keys[walk]
        return tuple(keys[each] for each in functions if each in keys)

    def _ports(self, links: Sequence[Link], walk: int | None) -> tuple[Port, ...]:
        key, label = self._reading.key, self._labels.of_link
        return tuple(Port(label(link), link.value, key(link, walk), link.index) for link in links)

    def _gradients_in(self, draft: Draft) -> tuple[Port, ...]:
        function = draft.functions[0]
        if not function.next_functions:
            name = self._labels.of_node(function)
            labels = (gradient_of(name), f"{name}.grad")
            return tuple(Port(labels[link.index], link.value, None, link.index) for link in draft.inputs)
        return tuple(
            Port(gradient_of(self._labels.of_node(function, link.index)), link.value, None, link.index)
            for link in draft.inputs
        )

    def _gradients_out(self, draft: Draft, walk: int | None) -> tuple[Port, ...]:
        function = draft.functions[0]
        if not function.next_functions:
            label = f"{self._labels.of_node(function)}.grad"
            return tuple(Port(label, link.value, None, 0) for link in draft.outputs)
        return tuple(
            Port(
                self._gradient_label(function, link.index),
                link.value,
                self._reading.key(link, walk),
                link.index,
            )
            for link in draft.outputs
        )

    def _gradient_label(self, function: GradientFunction, index: int) -> str:
        target, number = function.next_functions[index]
        assert target is not None, "only gradients that go somewhere are taken down"
        return gradient_of(self._labels.of_node(target, number))
