"""Makes the backward passes of a recording."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from playground.recording.assembly.nodes import node_records_of
from playground.recording.assembly.reading import TapeReading
from playground.recording.events import Event
from playground.recording.model import BackwardPass


def backward_passes(reading: TapeReading, events: Sequence[Event]) -> Iterator[BackwardPass]:
    """Every pass that was made, in the order in which they began.

    Args:
        reading: of the step's tape.
        events: all of the step.
    """
    if not reading.watched_passes:
        return
    spans = _spans(reading)
    for number, walk in enumerate(reading.walks):
        labels = [reading.labels.of_node(function, result) for function, result in walk.roots]
        yield BackwardPass(
            number=number,
            call=walk.call,
            loss=walk.loss,
            label=" + ".join(labels),
            line=walk.site.line,
            graph=reading.graphs[number],
            nodes=node_records_of(reading, number),
            events=spans.get(number, range(0)),
            inside=None if walk.parent is None else reading.numbers[walk.parent],
        )


def _spans(reading: TapeReading) -> dict[int, range]:
    """From the number of each pass to the events from its first node to its last."""
    place = {id(walk): number for number, walk in enumerate(reading.walks)}
    found: dict[int, range] = {}
    for draft, number in reading.numbers.items():
        if draft.walk is not None:
            walk = place[id(draft.walk)]
            begin = found[walk].start if walk in found else number
            found[walk] = range(begin, number + 1)
    return found
