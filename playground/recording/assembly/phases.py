"""Tells which phase of the step each draft belongs to."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from playground.graph.model import Phase
from playground.recording.assembly.loss_beginnings import LossBeginnings
from playground.recording.assembly.reading import TapeReading
from playground.recording.drafts import Draft
from playground.recording.events import EventKind
from playground.tracing.graph import Phases
from playground.tracing.tape import Output


def find_phases(reading: TapeReading, loss: object, modules: Collection[int] = ()) -> dict[Draft, Phase]:
    """The phase of every draft, in the order of the drafts.

    Phases come in order (forward, loss, backward, update), and again for each further backward pass.

    Args:
        reading: of the step's tape.
        loss: the tensor or number, None if there is none.
        modules: `id` of each module of the step's models.
    """
    if reading.is_trace:
        return _in_order(dict(_phases_of_trace(reading)))
    losses = _LossDrafts(reading, loss, modules)
    passes = reading.watch.ended
    phases: dict[Draft, Phase] = {}
    for number, drafts in _between_passes(reading.tape.drafts).items():
        if number and number < passes:
            phases.update(_between(reading, drafts, losses))
        else:
            phases.update(_in_order({draft: _phase(draft, losses) for draft in drafts}))
    return phases


def _phases_of_trace(reading: TapeReading) -> Iterator[tuple[Draft, Phase]]:
    tape = reading.tape
    of_trace = Phases(tape, reading.text)
    for draft in tape.drafts:
        found = None if draft.record is None else of_trace.of(tape.records[draft.record])
        yield draft, found or draft.half


def _between_passes(drafts: Sequence[Draft]) -> dict[int, list[Draft]]:
    """The drafts by the number of passes that had ended."""
    found: dict[int, list[Draft]] = {}
    for draft in drafts:
        found.setdefault(draft.passes, []).append(draft)
    return found


class _LossDrafts:
    """Knows the operations that computed what the passes of a step differentiate."""

    def __init__(self, reading: TapeReading, loss: object, modules: Collection[int]) -> None:
        watch = reading.watch
        functions = [function for walk in reading.walks for function, _ in walk.roots if walk.parent is None]
        known = None if loss is None else watch.function(loss)
        made_by = [watch.nodes.made_by.get(each) for each in (*functions, *filter(None, [known]))]
        beginnings = LossBeginnings(reading, modules)
        self._drafts: set[Draft] = set()
        for end in dict.fromkeys(made_by):
            if end is not None and end.kind is not EventKind.NODE:
                first, last = (reading.numbers[each] for each in (beginnings.of(end), end))
                self._drafts.update(reading.tape.drafts[first : last + 1])

    def has(self, draft: Draft) -> bool:
        """Whether it is one of them."""
        return draft in self._drafts


def _phase(draft: Draft, losses: _LossDrafts) -> Phase:
    if draft.walk is not None:
        return Phase.BACKWARD
    return Phase.LOSS if draft.half is Phase.FORWARD and losses.has(draft) else draft.half


def _between(reading: TapeReading, drafts: Sequence[Draft], losses: _LossDrafts) -> dict[Draft, Phase]:
    """The phases between the end of one pass and that of the next: update, forward, loss, backward.

    What leads to the next pass's graph is forward; what writes a parameter or a gradient is update. What
    is neither belongs to what runs around it.
    """
    forward = _leading_to(reading, drafts)
    phases: dict[Draft, Phase] = {}
    latest = Phase.UPDATE
    for draft in drafts:
        if draft.walk is not None:
            latest = Phase.BACKWARD
        elif draft.changes or draft.writes_gradient:
            latest = Phase.UPDATE
        elif draft in forward:
            latest = Phase.LOSS if losses.has(draft) else Phase.FORWARD
        phases[draft] = latest
    return _with_forward(phases)


def _leading_to(reading: TapeReading, drafts: Sequence[Draft]) -> set[Draft]:
    """The operations whose results the graph of a later pass is made of, also by way of others."""
    found: set[Draft] = set()
    wanted: set[Output] = set()
    for draft in reversed(drafts):
        # What a parameter is changed by does not make the graph, though the next forward uses the parameter.
        if draft.walk is not None or draft.changes or draft.writes_gradient:
            continue
        made = {link.output for link in draft.outputs}
        if reading.is_in_graph(draft) or not wanted.isdisjoint(made):
            found.add(draft)
            wanted.update(link.output for link in draft.inputs if link.output is not None)
    return found


def _in_order(phases: dict[Draft, Phase]) -> dict[Draft, Phase]:
    """Phases that never come back."""
    order = list(Phase)
    latest = Phase.FORWARD
    for draft, phase in _with_forward(phases).items():
        latest = max(latest, phase, key=order.index)
        phases[draft] = latest
    return phases


def _with_forward(phases: dict[Draft, Phase]) -> dict[Draft, Phase]:
    """Where model and loss are one statement, only its last operation is the loss."""
    loss = [draft for draft, phase in phases.items() if phase is Phase.LOSS]
    if loss and Phase.FORWARD not in phases.values():
        phases.update(dict.fromkeys(loss[:-1], Phase.FORWARD))
    return phases
