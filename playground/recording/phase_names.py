"""Names for the phases and backward passes of a step, each of which may come back: `"backward 2 of 3"`."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter

from playground.graph.model import Phase
from playground.recording.model import PhaseSpan, Recording

_OWN_FUNCTION = "Backward"
"""End of the name of a node whose backward is a `torch.autograd.Function`'s; PyTorch numbers its own."""


class PhaseNames:
    """The phases of a recording, in order, each with a name.

    Attributes:
        spans: as `Recording.phases` gives them.
        names: of each: `"forward"`, `"forward 2"` where there are several, `"backward 2 of 3"`.
    """

    def __init__(self, recording: Recording | None) -> None:
        """Names the phases of a recording; of None there are none."""
        self.spans: tuple[PhaseSpan, ...] = () if recording is None else recording.phases()
        self.names = () if recording is None else tuple(_names(recording, self.spans))
        self._starts = [span.events.start for span in self.spans]

    def of_event(self, number: int) -> str:
        """The name of the phase in which an event stands."""
        return self.names[bisect_right(self._starts, number) - 1]


def pass_name(recording: Recording, number: int) -> str:
    """A backward pass: `"backward 2 of 3"`, `"inside MyFunction's backward"`, `"backward"` if it is alone.

    Passes that were called inside another one are not counted.

    Args:
        recording: of the step.
        number: of the pass.
    """
    inside, count = _owner(recording, number), len(_outermost(recording))
    if inside:
        return f"inside {inside}"
    return f"{short_pass_name(recording, number)} of {count}" if count > 1 else str(Phase.BACKWARD)


def short_pass_name(recording: Recording, number: int) -> str:
    """The same to go on with: `"backward 2"`, `"the backward inside MyFunction's backward"`."""
    inside, outermost = _owner(recording, number), _outermost(recording)
    if inside:
        return f"the backward inside {inside}"
    return f"{Phase.BACKWARD} {outermost.index(number) + 1}" if len(outermost) > 1 else str(Phase.BACKWARD)


def _names(recording: Recording, spans: tuple[PhaseSpan, ...]) -> list[str]:
    count, seen = Counter(span.phase for span in spans), Counter[Phase]()
    ordinals = {number: ordinal for ordinal, number in enumerate(_outermost(recording), start=1)}
    names = []
    for span in spans:
        seen[span.phase] += 1
        which = ""
        if span.backward_pass is not None:
            which = f" {ordinals[span.backward_pass]} of {len(ordinals)}" if len(ordinals) > 1 else ""
        elif count[span.phase] > 1:
            which = f" {seen[span.phase]}"
        names.append(f"{span.phase}{which}")
    return names


def _outermost(recording: Recording) -> list[int]:
    return [each.number for each in recording.passes if each.inside is None]


def _owner(recording: Recording, number: int) -> str:
    """The node in whose backward a pass was called, "" for one that was called in none."""
    inside = recording.passes[number].inside
    if inside is None:
        return ""
    op = recording.events[inside].op
    name = op.removesuffix(_OWN_FUNCTION)
    return op if name == op else f"{name}'s backward"
