"""The gradient ledger of a tensor in plain words: what happened to its `.grad`, line by line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from playground.graph.model import Phase
from playground.recording.ledger import Contribution, GradientCause, GradientEntry, GradientLedger
from playground.recording.model import NodeRecord, ParameterRecord, Recording
from playground.recording.phase_names import short_pass_name
from playground.recording.snapshot import Snapshot
from ui.panels.inspector.moment import place
from ui.panels.inspector.uses import norm_of
from ui.widgets.tensor.text import number_text

NOTHING = ".grad: nothing in this step has written or read it."
_ASSIGNED = "set_grad"
"""What an event is called that puts a tensor or None in the place of a `.grad`."""
_WRITES = {"unscale": "unscaled", "clamp": "clipped", "mul": "multiplied", "div": "divided"}
"""What an operation that writes in place does, by a part of its name."""


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One line.

    Attributes:
        words: what happened.
        norms: of `.grad` before and after it; of a single use, of what it adds.
        event: number of the event that it leads to, or None.
        phase: of that event.
        is_use: whether it is one of the uses of the line above.
    """

    words: str
    norms: str
    event: int | None = None
    phase: Phase | None = None
    is_use: bool = False


def ledger_of(
    recording: Recording, record: NodeRecord | None, parameter: ParameterRecord | None
) -> GradientLedger | None:
    """The ledger of a parameter, of another leaf, or of a result whose gradient is retained; else None.

    Args:
        recording: of the step.
        record: of the node.
        parameter: of that node.
    """
    if parameter is not None:
        return recording.gradient_ledger(parameter.name)
    if record is None or not record.label:
        return None
    named = [each for each in recording.gradients if each.name == record.label]
    # Results of the same name are told apart by the event in which backward reached them.
    reached = [each for each in named if _is_written_in(each, record.reached_by)]
    leaves = [each for each in named if each.is_leaf and record.made_by is None]
    return next(iter((*reached, *leaves)), None)


def is_plain(ledger: GradientLedger) -> bool:
    """Whether a gradient was no more than written by one backward pass, and perhaps read by the update."""
    causes = [entry.cause for entry in ledger.entries]
    usual = [GradientCause.ACCUMULATED, GradientCause.READ]
    return not causes or (causes == usual[: len(causes)] and ledger.entries[0].before is None)


def plain_words(recording: Recording, ledger: GradientLedger) -> str:
    """A plain ledger in one line."""
    parts = [_plain(recording, each) + _at_event(each) for each in ledger.entries]
    return f".grad: {', '.join(parts)}." if parts else NOTHING


def ledger_lines(recording: Recording, ledger: GradientLedger) -> Iterator[LedgerLine]:
    """Every entry in order; below what several uses have added to, a line for each of them."""
    for entry in ledger.entries:
        phase = None if entry.event is None else recording.events[entry.event].phase
        yield LedgerLine(_words(recording, entry), _norms(entry), entry.event, phase)
        if len(entry.contributions) > 1:
            for use in entry.contributions:
                yield LedgerLine(_with_line(use.label, use.line), _norm(use.value), use.event, phase, True)


def _words(recording: Recording, entry: GradientEntry) -> str:
    if entry.cause is GradientCause.ACCUMULATED:
        return _accumulated(recording, entry)
    if entry.cause is GradientCause.RETURNED:
        return f"{_with_line('returned by torch.autograd.grad', entry.line)}; .grad stays as it was"
    if entry.cause is GradientCause.UNSEEN:
        return "changed, though nothing was seen to change it"
    words = str(entry.cause)
    op = "" if entry.event is None else recording.events[entry.event].op
    if entry.cause is GradientCause.REPLACED:
        words = "assigned again, unchanged" if entry.before is entry.after else "replaced by another tensor"
    elif entry.cause is GradientCause.CHANGED:
        verb = next((verb for part, verb in _WRITES.items() if part in op), "changed")
        words = f"{verb} in place by {op}" if op else f"{verb} in place"
    elif entry.cause is not GradientCause.READ and op and op != _ASSIGNED:
        words = f"{words} by {op}"
    return _with_line(words, entry.line)


def _accumulated(recording: Recording, entry: GradientEntry) -> str:
    name = _pass(recording, entry)
    uses = _uses(entry.contributions)
    if entry.before is None:
        return f"written by {name}" + (f", from {uses}" if uses else "")
    return f"accumulated by {name}" + (f": was, plus {uses}" if uses else "")


def _plain(recording: Recording, entry: GradientEntry) -> str:
    is_read = entry.cause is GradientCause.READ
    return str(entry.cause) if is_read else f"written by {_pass(recording, entry)}"


def _pass(recording: Recording, entry: GradientEntry) -> str:
    return "backward" if entry.backward_pass is None else short_pass_name(recording, entry.backward_pass)


def _uses(contributions: tuple[Contribution, ...]) -> str:
    if len(contributions) == 1:
        return f"1 use ({contributions[0].label})"
    return f"{len(contributions)} uses" if contributions else ""


def _norms(entry: GradientEntry) -> str:
    if entry.cause in (GradientCause.READ, GradientCause.RETURNED):
        return _norm(entry.after)
    return f"{_norm(entry.before)} → {_norm(entry.after)}"


def _norm(value: Snapshot | None) -> str:
    return "None" if value is None else number_text(norm_of(value))


def _with_line(words: str, line: int | None) -> str:
    return words if line is None else f"{words}, line {line}"


def _at_event(entry: GradientEntry) -> str:
    return "" if entry.event is None else f" ({place(entry.event)})"


def _is_written_in(ledger: GradientLedger, event: int | None) -> bool:
    return event is not None and any(entry.event == event for entry in ledger.entries)
