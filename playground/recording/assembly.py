"""Turns the drafts of a step into a recording: keys for nodes, labels for words, phases in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from playground.graph.model import Graph, Phase
from playground.recording.call_sites import CallSite, Source
from playground.recording.drafts import Draft, Link
from playground.recording.labels import Labels, gradient_of
from playground.recording.model import (
    Change,
    Contribution,
    Event,
    EventKind,
    NodeRecord,
    ParameterRecord,
    Port,
    Saved,
)
from playground.recording.snapshot import Snapshot
from playground.recording.step_tape import StepTape
from playground.tracing.graph import Phases, build_graph, node_keys, statements

if TYPE_CHECKING:
    from torch.autograd.graph import Node as GradientFunction


class Assembly:
    """One step's tape, read after the step has ended and before the tape is closed.

    Attributes:
        graph: what autograd built; where it took no part, the trace of the operations.
        events, nodes, parameters: as of the recording.
    """

    def __init__(self, tape: StepTape, text: str, paths: dict[int, str], loss: object) -> None:
        """Reads a tape.

        Args:
            tape: of the step.
            text: the source that ran.
            paths: from the `id` of each module to its path.
            loss: the tensor or number, None if there is none.
        """
        self._tape = tape
        self._source = Source(text)
        self._statement_of = statements(text)
        watch = tape.watch
        self._traced = watch is None or watch.graph is None or not watch.graph.nodes
        self._function_keys: dict[GradientFunction, str] = {}
        self._record_keys: dict[int, str] = {}
        self.graph = self._read_graph(text)
        self._labels = Labels(tape, self._source, paths, self._function_keys)
        self._numbers = {draft: number for number, draft in enumerate(tape.drafts)}
        self._phases = self._read_phases(text, loss)
        self._states = {name: tape.states_of(name) for name in tape.parameters}
        self._gradients = self._read_gradients()
        self.events = tuple(self._event(draft) for draft in tape.drafts) + self._unseen_changes()
        self.parameters = tuple(self._parameter(name) for name in tape.values_before)
        self.nodes = self._read_nodes()

    # The graph

    def _read_graph(self, text: str) -> Graph:
        watch = self._tape.watch
        if self._traced or watch is None or watch.graph is None:
            self._record_keys = node_keys(self._tape)
            return build_graph(self._tape, text)
        graph = watch.graph
        self._function_keys = {
            function: node.key for function, node in zip(watch.functions, graph.nodes, strict=True)
        }
        lines = {
            key: draft.site.line
            for function, key in self._function_keys.items()
            if (draft := watch.made_by.get(function)) is not None
        }
        return replace(graph, nodes=tuple(replace(node, line=lines.get(node.key)) for node in graph.nodes))

    def _key(self, link: Link) -> str | None:
        if self._traced:
            return None if link.output is None else self._record_keys.get(link.output[0])
        return None if link.function is None else self._function_keys.get(link.function)

    def _read_phases(self, text: str, loss: object) -> dict[Draft, Phase]:
        phases: dict[Draft, Phase] = {}
        of_trace = Phases(self._tape, text)
        loss_draft = self._loss_draft(loss)
        loss_statement = None if loss_draft is None else self._statement(loss_draft.site)
        for draft in self._tape.drafts:
            if self._traced and draft.record is not None:
                phase = of_trace.of(self._tape.records[draft.record]) or draft.half
            elif draft.half is Phase.FORWARD:
                alike = loss_statement is not None and self._statement(draft.site) == loss_statement
                is_loss = draft is loss_draft or (alike and self._labels.module(draft) is None)
                phase = Phase.LOSS if is_loss else Phase.FORWARD
            else:
                phase = draft.half
            phases[draft] = phase
        return self._in_order(phases)

    def _in_order(self, phases: dict[Draft, Phase]) -> dict[Draft, Phase]:
        """Phases that never come back; of a loss in one statement only the last operation is the loss."""
        order = list(Phase)
        forward = [draft for draft, phase in phases.items() if phase is Phase.LOSS]
        if forward and Phase.FORWARD not in phases.values():
            phases.update(dict.fromkeys(forward[:-1], Phase.FORWARD))
        latest = Phase.FORWARD
        for draft in self._tape.drafts:
            if order.index(phases[draft]) < order.index(latest):
                phases[draft] = latest
            latest = phases[draft]
        return phases

    def _loss_draft(self, loss: object) -> Draft | None:
        watch = self._tape.watch
        if self._traced or watch is None or loss is None:
            return None
        function = watch.function(loss)
        return None if function is None else watch.made_by.get(function)

    def _statement(self, site: CallSite) -> int | None:
        return None if site.line is None else self._statement_of.get(site.line)

    # Events

    def _event(self, draft: Draft) -> Event:
        is_node = draft.kind is EventKind.NODE
        nodes = [self._function_keys[each] for each in draft.functions if each in self._function_keys]
        if self._traced and draft.record in self._record_keys:
            nodes = [self._record_keys[draft.record]]
        parent = None if draft.parent is None else self._numbers.get(draft.parent)
        return Event(
            number=self._numbers[draft],
            phase=self._phases[draft],
            kind=draft.kind,
            op=draft.op,
            label=self._label(draft),
            line=draft.site.line,
            span=self._source.in_characters(draft.site.span),
            origin=self._origin(draft),
            inside=draft.site.inside,
            module=self._module(draft),
            inputs=tuple(self._gradients_in(draft) if is_node else map(self._port, draft.inputs)),
            outputs=tuple(self._gradients_out(draft) if is_node else map(self._port, draft.outputs)),
            nodes=tuple(nodes),
            parent=parent,
            changes=tuple(self._change(draft, change) for change in draft.changes),
            error=draft.error,
            documentation=draft.documentation,
        )

    def _label(self, draft: Draft) -> str:
        if draft.kind is EventKind.NODE:
            return self._labels.of_node(draft.functions[0])
        if draft.outputs:
            return self._labels.of_link(draft.outputs[0])
        return self._source.text(self._source.in_characters(draft.site.span)) or draft.op

    def _origin(self, draft: Draft) -> int | None:
        made_by = self._made_by(draft)
        return None if made_by is None else made_by.site.line

    def _module(self, draft: Draft) -> str | None:
        return self._labels.module(self._made_by(draft) or draft)

    def _made_by(self, draft: Draft) -> Draft | None:
        """The operation of the forward pass behind a node's turn in backward."""
        watch = self._tape.watch
        if draft.kind is not EventKind.NODE or watch is None:
            return None
        return watch.made_by.get(draft.functions[0])

    def _port(self, link: Link) -> Port:
        return Port(self._labels.of_link(link), link.value, self._key(link), link.index)

    def _gradients_in(self, draft: Draft) -> list[Port]:
        function = draft.functions[0]
        if not function.next_functions:
            name = self._labels.of_node(function)
            labels = (gradient_of(name), f"{name}.grad")
            return [Port(labels[link.index], link.value, None, link.index) for link in draft.inputs]
        return [
            Port(gradient_of(self._labels.of_node(function, link.index)), link.value, None, link.index)
            for link in draft.inputs
        ]

    def _gradients_out(self, draft: Draft) -> list[Port]:
        function = draft.functions[0]
        if not function.next_functions:
            label = f"{self._labels.of_node(function)}.grad"
            return [Port(label, link.value, None, 0) for link in draft.outputs]
        return [
            Port(self._gradient_label(function, link.index), link.value, self._key(link), link.index)
            for link in draft.outputs
        ]

    def _gradient_label(self, function: GradientFunction, index: int) -> str:
        target, number = function.next_functions[index]
        assert target is not None, "only gradients that go somewhere are taken down"
        return gradient_of(self._labels.of_node(target, number))

    # Parameters

    def _change(self, draft: Draft, change: Change) -> Change:
        latest = all(
            change.parameter not in (each.parameter for each in later.changes)
            for later in self._tape.drafts[self._numbers[draft] + 1 :]
        )
        state = self._states.get(change.parameter, ()) if latest else ()
        return replace(change, gradient=self._gradients.get(change.parameter), state=state)

    def _read_gradients(self) -> dict[str, Snapshot]:
        if not self._traced:
            return {**self._tape.gradients, **self._tape.gradients_used}
        found: dict[str, Snapshot] = {}
        for draft in self._tape.drafts:
            for change in draft.changes:
                gradient = self._used_by_update(draft, change)
                if gradient is not None:
                    found.setdefault(change.parameter, gradient)
        return found

    def _used_by_update(self, update: Draft, change: Change) -> Snapshot | None:
        """The gradient of an update by hand: what its statement takes from an earlier one, shaped alike."""
        statement = self._statement(update.site)
        made = [each for each in self._tape.drafts if self._statement(each.site) == statement]
        own = {each.record for each in made}
        for each in made:
            for link in each.inputs:
                foreign = link.output is not None and link.output[0] not in own
                alike = link.value is not None and link.value.shape == change.before.shape
                if foreign and alike and self._labels.of_link(link) != change.parameter:
                    return link.value
        return None

    def _unseen_changes(self) -> tuple[Event, ...]:
        """Parameters that are not what they were though no operation was seen to write them."""
        changes = []
        for name, before in self._tape.values_before.items():
            after = self._tape.take(self._tape.parameters[name])
            latest = self._tape.values_after.get(name, before)
            if after is None or not _differ(latest, after):
                continue
            self._tape.values_after[name] = after
            changes.append(Change(name, latest, after, self._gradients.get(name), self._states[name]))
        first = len(self._tape.drafts)
        return tuple(
            Event(
                first + place, Phase.UPDATE, EventKind.CHANGE, "change", change.parameter, changes=(change,)
            )
            for place, change in enumerate(changes)
        )

    def _parameter(self, name: str) -> ParameterRecord:
        updates = [
            event.number for event in self.events if any(change.parameter == name for change in event.changes)
        ]
        key = self._parameter_key(name)
        return ParameterRecord(
            name,
            key,
            self._tape.values_before[name],
            self._tape.values_after.get(name),
            self._gradients.get(name),
            tuple(self._contributions(key)),
            self._states[name],
            updates[-1] if updates else None,
        )

    def _parameter_key(self, name: str) -> str | None:
        return next((node.key for node in self.graph.nodes if node.parameter == name), None)

    def _contributions(self, key: str | None) -> list[Contribution]:
        found = []
        for event in self.events:
            if event.kind is not EventKind.NODE or key is None:
                continue
            for port in event.outputs:
                if port.node == key and port.value is not None and event.node is not None:
                    label = self._use(event)
                    found.append(Contribution(event.number, event.node, label, event.origin, port.value))
        return found

    def _use(self, event: Event) -> str:
        """The use of a parameter behind a node, in words."""
        watch = self._tape.watch
        assert watch is not None, "a node comes from autograd"
        draft = watch.made_by.get(self._tape.drafts[event.number].functions[0])
        if draft is None:
            return event.label
        module = self._labels.module(draft)
        if module is None:
            return self._source.text(self._source.in_characters(draft.site.span)) or event.label
        calls = Counter(
            self._labels.module(each)
            for each in self._tape.drafts[: self._numbers[draft] + 1]
            if each.kind is EventKind.OPERATION and each.op == draft.op
        )
        return f"{module}, call {calls[module]}"

    # Nodes

    def _read_nodes(self) -> Mapping[str, NodeRecord]:
        return self._nodes_of_trace() if self._traced else self._nodes_of_autograd()

    def _nodes_of_trace(self) -> dict[str, NodeRecord]:
        draft_of = {draft.record: draft for draft in self._tape.drafts if draft.record is not None}
        gradients = {each.node: each.gradient for each in self.parameters}
        befores = {each.node: each.before for each in self.parameters}
        first_use = _first_values(self._tape.drafts)
        found = {}
        for number, key in self._record_keys.items():
            draft = draft_of.get(number)
            value = befores.get(key) or first_use.get(number) if draft is None else draft.outputs[0].value
            found[key] = NodeRecord(
                key,
                self._labels.of_place((number, 0)),
                None if draft is None else self._numbers[draft],
                None,
                None if draft is None else draft.site.line,
                None if draft is None else self._labels.module(draft),
                value,
                gradients.get(key),
            )
        return found

    def _nodes_of_autograd(self) -> dict[str, NodeRecord]:
        watch = self._tape.watch
        assert watch is not None, "a graph comes from autograd"
        by_key = {each.node: each for each in self.parameters}
        found = {}
        for function, key in self._function_keys.items():
            made_by, reached = watch.made_by.get(function), watch.reached.get(function)
            parameter = by_key.get(key)
            name = None if parameter is None else parameter.name
            gradient = _first_input(reached) if name is None else self._tape.gradients.get(name)
            found[key] = NodeRecord(
                key,
                self._labels.of_node(function),
                None if made_by is None else self._numbers[made_by],
                None if reached is None else self._numbers[reached],
                None if made_by is None else made_by.site.line,
                None if made_by is None else self._labels.module(made_by),
                parameter.before if parameter is not None else self._value(function),
                gradient,
                tuple(self._saved(function)),
            )
        return found

    def _value(self, function: GradientFunction) -> Snapshot | None:
        """A node's forward result; of a transposition that nothing showed, its input turned."""
        watch = self._tape.watch
        assert watch is not None, "a node comes from autograd"
        value = watch.values.get((function, 0))
        if value is None and type(function).__name__ == "TBackward0":
            target, number = function.next_functions[0]
            source = None if target is None else watch.values.get((target, number))
            value = None if source is None else source.transposed()
        return value

    def _saved(self, function: GradientFunction) -> list[Saved]:
        watch = self._tape.watch
        assert watch is not None, "a node comes from autograd"
        named = []
        saved = watch.saved.get(function, ())
        for each, source in zip(saved, watch.saved_sources.get(function, ()), strict=True):
            if source is None:
                named.append(each)
            elif isinstance(source[0], int):
                named.append(replace(each, label=self._labels.of_place((source[0], source[1]))))
            else:
                named.append(replace(each, label=self._labels.of_node(source[0], source[1])))
        return named


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


def _differ(before: Snapshot, after: Snapshot) -> bool:
    if before is after:
        return False
    if before.values is None or after.values is None:
        return before.statistics != after.statistics
    return before.values.tobytes() != after.values.tobytes()
