"""What a row of the list of runs says."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from playground.memory import in_words
from playground.runs.entry import RunEntry
from ui.session.pace import clock_text
from ui.widgets.number_text import show_whole

_TOLD = ("running", "failed")
"""States that a row tells of; the others can be seen from its steps."""


@dataclass(frozen=True, slots=True)
class RunWords:
    """The texts of a row.

    Attributes:
        name: the run's.
        details: stage, steps, loss and time.
        state: "" where there is nothing to tell.
    """

    name: str
    details: str
    state: str

    def text(self) -> str:
        """The row as one line."""
        return "  ".join(filter(None, (self.name, self.details, self.state)))


def run_words(entry: RunEntry) -> RunWords:
    """What the row of a run says now."""
    steps, loss = entry.steps, entry.loss
    parts = [entry.settings.stage]
    if loss is None:
        parts.append("no step yet")
    else:
        parts += ["1 step" if steps == 1 else f"{show_whole(steps)} steps", f"loss {loss:.4g}"]
        parts.append(clock_text(entry.clock.seconds))
    return RunWords(entry.name, " · ".join(parts), entry.state if entry.state in _TOLD else "")


def run_marks(entry: RunEntry, present: bool) -> str:
    """What a row shows by its looks, in words: `"present run, shown, pinned"`."""
    marks = ["present run"] if present else []
    marks.append("shown" if entry.visible else "hidden")
    return ", ".join([*marks, "pinned"] if entry.pinned else marks)


def tooltip(entry: RunEntry, present: bool) -> str:
    """The whole row, whatever room it has, and what its recordings take."""
    words = run_words(entry)
    lines = [f"<b>{escape(words.name)}</b>", escape(words.details)]
    if entry.recordings_nbytes:
        lines.append(f"recordings: {in_words(entry.recordings_nbytes)}")
    marks = run_marks(entry, present)
    lines.append(f"{words.state}, {marks}" if words.state else marks)
    return "<br>".join(lines)
