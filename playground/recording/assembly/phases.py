"""Tells which phase of the step each draft belongs to."""

from __future__ import annotations

from playground.graph.model import Phase
from playground.recording.assembly.reading import TapeReading
from playground.recording.drafts import Draft
from playground.tracing.graph import Phases


def find_phases(reading: TapeReading, loss: object) -> dict[Draft, Phase]:
    """The phase of every draft, in the order of the drafts; phases never come back.

    Args:
        reading: of the step's tape.
        loss: the tensor or number, None if there is none.
    """
    tape = reading.tape
    of_trace = Phases(tape, reading.text)
    loss_draft = _loss_draft(reading, loss)
    phases: dict[Draft, Phase] = {}
    for draft in tape.drafts:
        if reading.is_trace and draft.record is not None:
            phases[draft] = of_trace.of(tape.records[draft.record]) or draft.half
        elif draft.half is Phase.FORWARD and _is_loss(reading, draft, loss_draft):
            phases[draft] = Phase.LOSS
        else:
            phases[draft] = draft.half
    return _in_order(phases)


def _loss_draft(reading: TapeReading, loss: object) -> Draft | None:
    """The operation that computed the loss, where autograd knows it."""
    if reading.is_trace or loss is None:
        return None
    function = reading.watch.function(loss)
    return None if function is None else reading.watch.made_by.get(function)


def _is_loss(reading: TapeReading, draft: Draft, loss_draft: Draft | None) -> bool:
    """Whether it is that operation, or another one of its statement, outside of any module."""
    if draft is loss_draft:
        return True
    statement = None if loss_draft is None else reading.statement(loss_draft.site)
    alike = statement is not None and reading.statement(draft.site) == statement
    return alike and reading.labels.module(draft) is None


def _in_order(phases: dict[Draft, Phase]) -> dict[Draft, Phase]:
    """Phases that never come back; of a loss in one statement only the last operation is the loss."""
    order = list(Phase)
    loss = [draft for draft, phase in phases.items() if phase is Phase.LOSS]
    if loss and Phase.FORWARD not in phases.values():
        phases.update(dict.fromkeys(loss[:-1], Phase.FORWARD))
    latest = Phase.FORWARD
    for draft, phase in phases.items():
        latest = max(latest, phase, key=order.index)
        phases[draft] = latest
    return phases
