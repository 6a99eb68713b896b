"""A recording as a page of text, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from playground.recording.events import Event
from playground.recording.model import ParameterRecord, Recording
from playground.recording.phase_names import PhaseNames
from playground.recording.snapshot import Snapshot

_INDENT = "  "


def as_text(recording: Recording) -> str:
    """The events of each phase, one a line, then the parameters."""
    return "\n".join(_lines(recording))


def _lines(recording: Recording) -> Iterator[str]:
    depth = "" if recording.depth is None else f", depth {recording.depth}"
    yield f"step {recording.step} of {recording.stage or 'a function'}: loss {recording.loss!r}{depth}"
    phases = PhaseNames(recording)
    for name, span in zip(phases.names, phases.spans, strict=True):
        yield ""
        yield name
        yield from (_INDENT + _event(recording.events[number]) for number in span.events)
    yield ""
    yield "parameters"
    for parameter in recording.parameters:
        yield _INDENT + _parameter(parameter)
    if recording.notes:
        yield ""
        yield from recording.notes
    if recording.failure is not None:
        yield ""
        yield f"failed: {recording.failure.message}"


def _event(event: Event) -> str:
    line = "     " if event.line is None else f"L{event.line:<4}"
    inputs = ", ".join(f"{port.label}{_shape(port.value)}" for port in event.inputs)
    outputs = ", ".join(f"{port.label}{_shape(port.value)}" for port in event.outputs)
    inner = _INDENT if event.inside or event.parent is not None else ""
    updated = "".join(f"  [{change.parameter} updated]" for change in event.changes)
    error = f"  ! {event.error}" if event.error else ""
    return f"{event.number:4} {line}{inner}{event.op}: {inputs} → {outputs}{updated}{error}"


def _parameter(parameter: ParameterRecord) -> str:
    gradient = "no gradient"
    if parameter.gradient is not None:
        gradient = f"gradient norm {parameter.gradient.statistics.whole_norm:.6g}"
    uses = "".join(
        f"\n      {each.label}: norm {each.value.statistics.whole_norm:.6g}"
        for each in parameter.contributions
    )
    shared = len(parameter.contributions) > 1
    return f"{parameter.name}{_shape(parameter.before)}: {gradient}{uses if shared else ''}"


def _shape(value: Snapshot | None) -> str:
    return "" if value is None else str(list(value.shape))
