"""What a step did to its parameters: their gradients, what each use added to them, and their updates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from playground.graph.model import Phase
from playground.recording.assembly.reading import TapeReading
from playground.recording.drafts import Draft
from playground.recording.events import Change, Event, EventKind
from playground.recording.ledger import Contribution, GradientLedger
from playground.recording.model import ParameterRecord
from playground.recording.snapshot import Snapshot


class Updates:
    """The updates of a step's parameters.

    Attributes:
        states: the optimizer's for each parameter, by its name.
    """

    def __init__(self, reading: TapeReading) -> None:
        """Takes what has been read of the tape."""
        self._tape = tape = reading.tape
        self.states = {
            name: tape.states.changes(name, value, tape.take) for name, value in tape.parameters.items()
        }
        self.of_trace = _gradients_of_trace(reading) if reading.is_trace else {}
        # Of several, the last.
        self._update_of = {change.parameter: draft for draft in self._tape.drafts for change in draft.changes}

    def changes(self, draft: Draft) -> tuple[Change, ...]:
        """The parameters that an operation wrote; the last one that writes a parameter gets the state."""
        return tuple(
            replace(
                change,
                gradient=self.of_trace.get(change.parameter, change.gradient),
                state=self.states.get(change.parameter, ())
                if self._update_of[change.parameter] is draft
                else (),
            )
            for change in draft.changes
        )

    def unseen(self) -> tuple[Event, ...]:
        """Parameters that are not what they were though no operation was seen to write them.

        Their events follow those of the drafts.
        """
        tape, changes = self._tape, []
        for name, before in tape.values_before.items():
            latest = tape.values_after.get(name, before)
            after = tape.taken_if_changed(name, latest)
            if after is None:
                continue
            tape.values_after[name] = after
            gradient = self.of_trace.get(name) or tape.gradient_read(name, None)
            changes.append(Change(name, latest, after, gradient, self.states[name]))
        return tuple(
            Event(number, Phase.UPDATE, EventKind.CHANGE, "change", change.parameter, changes=(change,))
            for number, change in enumerate(changes, len(tape.drafts))
        )


def parameter_records(
    reading: TapeReading,
    updates: Updates,
    events: Sequence[Event],
    ledgers: Sequence[GradientLedger],
    learning_rates: Mapping[str, float],
) -> tuple[ParameterRecord, ...]:
    """What is known of every parameter, in the order in which the program names them.

    Args:
        reading: of the step's tape.
        updates: of the same; `unseen` has been asked for.
        events: all of the step.
        ledgers: of the gradients of the same step.
        learning_rates: by the parameter's name, where an optimizer has it.
    """
    tape = reading.tape
    graphs = reading.graphs or [reading.graph]
    key_of = {node.parameter: node.key for graph in reversed(graphs) for node in reversed(graph.nodes)}
    update_of = {change.parameter: event.number for event in events for change in event.changes}
    read = {each.name: each.read for each in ledgers}
    nothing: tuple[Snapshot | None, tuple[Contribution, ...]] = (None, ())
    return tuple(
        ParameterRecord(
            name=name,
            node=key_of.get(name),
            before=before,
            after=tape.values_after.get(name),
            gradient=updates.of_trace.get(name, read.get(name, nothing)[0]),
            contributions=read.get(name, nothing)[1],
            state=updates.states[name],
            update=update_of.get(name),
            learning_rate=learning_rates.get(name),
        )
        for name, before in tape.values_before.items()
    )


def _gradients_of_trace(reading: TapeReading) -> dict[str, Snapshot]:
    """The gradients of a step without autograd, found in its updates."""
    found: dict[str, Snapshot] = {}
    for draft in reading.tape.drafts:
        for change in draft.changes:
            gradient = _used_by_update(reading, draft, change)
            if gradient is not None:
                found.setdefault(change.parameter, gradient)
    return found


def _used_by_update(reading: TapeReading, update: Draft, change: Change) -> Snapshot | None:
    """The gradient of an update by hand: what its statement takes from an earlier one, shaped alike."""
    statement = reading.statement(update.site)
    made = [each for each in reading.tape.drafts if reading.statement(each.site) == statement]
    own = {each.record for each in made}
    for each in made:
        for link in each.inputs:
            foreign = link.output is not None and link.output[0] not in own
            alike = link.value is not None and link.value.shape == change.before.shape
            if foreign and alike and reading.labels.of_link(link) != change.parameter:
                return link.value
    return None
