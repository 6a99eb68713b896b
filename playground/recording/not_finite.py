"""Where a step began to have NaN or infinity, and how that came to the loss, told in sentences."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from playground.graph.model import Phase
from playground.recording.events import Event, Port
from playground.recording.model import Recording
from playground.recording.queries import begins_not_finite, first_not_finite, is_finite
from playground.recording.snapshot import Snapshot

_MOST_STOPS = 4
"""Results that are named on the way to the loss."""
_MOST_NAMES = 3


def why_not_finite(recording: Recording) -> str:
    """Why there are numbers in the step that are not finite, in a few sentences; "" if there are none."""
    number = first_not_finite(recording)
    if number is not None:
        event = recording.events[number]
        return " ".join(filter(None, [_beginning(recording, event), _cause(event), _way(recording, event)]))
    before = begins_not_finite(recording)
    if before:
        names = ", ".join(before[:_MOST_NAMES]) + (" …" if len(before) > _MOST_NAMES else "")
        verb = "was" if len(before) == 1 else "were"
        told = f"{names} {verb} not finite when step {recording.step} began"
        if not recording.step:
            return f"{told}."
        # Which update it was, the recording of one step does not tell.
        left = f"{told}: an update before it left {_it(before)} so."
        return f"{left} The last step whose loss is a number shows how."
    if recording.loss is not None and not math.isfinite(recording.loss):
        return "The data of this step is not finite."
    return ""


def flaws_of(value: Snapshot | None) -> str:
    """How many elements are no finite numbers: `"3 NaN, 1 inf"`; "" if all are finite."""
    if value is None or is_finite(value):
        return ""
    counts = ((value.statistics.nans, "NaN"), (value.statistics.infinities, "inf"))
    return ", ".join(f"{count:,} {word}".replace(",", " ") for count, word in counts if count)


def _beginning(recording: Recording, event: Event) -> str:
    loss = recording.loss
    to_be = "" if loss is None or math.isfinite(loss) else f"The loss of step {recording.step} is {loss}. "
    made = next(port for port in event.outputs if not is_finite(port.value))
    line = event.line if event.origin is None else event.origin
    where = "" if line is None else f" (line {line})"
    name = made.label or event.label or "its result"
    gave = f"{flaws_of(made.value)} in {name}"
    return f"{to_be}It began here: {event.op}{where} took finite numbers and gave {gave}."


def _cause(event: Event) -> str:
    """What is known of the reason."""
    made = next(port for port in event.outputs if not is_finite(port.value))
    given = [port for port in event.inputs if port.value is not None]
    largest = max(given, key=_size, default=None)
    if made.value is None or largest is None or "float" not in made.value.dtype:
        return ""
    if made.value.statistics.infinities:
        kind = made.value.dtype.removeprefix("torch.")
        return (
            f"{largest.label or 'Its input'} reaches {_size(largest):.4g}; "
            f"above {_limit(kind)} {kind} has no numbers, only inf."
        )
    return f"{largest.label or 'Its input'} reaches {_size(largest):.4g}."


def _way(recording: Recording, event: Event) -> str:
    """From there to the loss, or to the gradients."""
    if event.phase in (Phase.FORWARD, Phase.LOSS):
        stops = list(_stops(recording, event))
        if not stops:
            return ""
        if len(stops) > _MOST_STOPS:
            stops = [*stops[: _MOST_STOPS - 1], "…", stops[-1]]
        return f"From there it went on: {' → '.join(stops)}."
    names = [each.name for each in recording.parameters if not is_finite(each.gradient)]
    loss = recording.loss
    still = "The loss itself is still finite. " if loss is not None and math.isfinite(loss) else ""
    if not names:
        return still.strip()
    shown = ", ".join(names[:_MOST_NAMES]) + (" …" if len(names) > _MOST_NAMES else "")
    verb = "is" if len(names) == 1 else "are"
    return (
        f"{still}The gradient of {shown} {verb} not finite, and so is what the update makes of {_it(names)}."
    )


def _stops(recording: Recording, event: Event) -> Iterator[str]:
    for number in range(event.number + 1, len(recording.events)):
        each = recording.events[number]
        if each.phase not in (Phase.FORWARD, Phase.LOSS):
            return
        flawed = next((port for port in each.outputs if not is_finite(port.value)), None)
        if flawed is None:
            continue
        value = None if flawed.value is None else flawed.value.number
        yield f"{flawed.label or each.op}" + ("" if value is None else f" = {value}")


def _size(port: Port) -> float:
    if port.value is None:
        return 0.0
    statistics = port.value.statistics
    size = max(abs(statistics.smallest), abs(statistics.largest))
    return size if math.isfinite(size) else 0.0


def _limit(kind: str) -> str:
    if kind == "bfloat16":
        return "3.4e+38"
    return f"{float(np.finfo(np.dtype(kind)).max):.2g}"


def _it(names: Sequence[str]) -> str:
    return "it" if len(names) == 1 else "them"
