"""Recorded steps that the user keeps: they go into the session, and are looked at again on another day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from playground.recording.model import Recording
from playground.runs.entry import RunEntry
from playground.settings import shortened
from ui.session.session import Session
from ui.state.runs import Runs
from ui.state.shown import KeptStep
from ui.state.timeline import Timeline

ONLY_A_LOOK = 10
"""Steps below which a run is no loss: it can be left without a question."""
SHOWN = "Step {} of {}, read back as it was recorded: graph, code, events and inspector show it."
HINT = "“Follow latest step” goes back to the present run."


class KeptSteps(QObject):
    """Keeps recordings for as long as their runs are listed.

    Signals:
        changed(): another step is kept, or one no longer is.
        noticed(str, str, str, str): level, text, details and hint of a notice for the user.
    """

    changed = Signal()
    noticed = Signal(str, str, str, str)

    def __init__(self, session: Session, timeline: Timeline, runs: Runs) -> None:
        """Nothing is kept."""
        super().__init__(session)
        self._session, self._timeline, self._runs = session, timeline, runs
        self._recordings: dict[tuple[int, int], Recording] = {}
        self._wanted: int | None = None
        session.recorded.connect(self._take_recorded)
        runs.changed.connect(self._prune)

    @property
    def steps(self) -> tuple[KeptStep, ...]:
        """What is kept, run by run and step by step."""
        entries = ((run, self._runs.archive.get(run), each) for (run, _), each in self._in_order())
        return tuple(_kept_step(run, entry, each) for run, entry, each in entries if entry is not None)

    @property
    def shown(self) -> tuple[int, int] | None:
        """Run and step of what is shown, None if nothing is."""
        now = self._timeline.latest
        if now is None or now.step is None:
            return None
        if now.kept is not None:
            return now.kept.run, now.step
        present = self._runs.present
        return None if present is None else (present.number, now.step)

    def is_kept(self, step: int | None = None) -> bool:
        """Whether a step of the present run is, or what is shown."""
        return self._key(step) in self._recordings

    def switch(self, step: int | None = None) -> None:
        """Keeps what is shown, or a step of the present run, or no longer.

        A step that was made without a recording is recorded first: all steps up to it are made once more.
        """
        key, now = self._key(step), self._timeline.latest
        if key is None or now is None:
            return
        if key in self._recordings:
            del self._recordings[key]
            self.changed.emit()
            return
        run = self._session.run
        recording = None if run is None else run.recordings.get(key[1])
        if recording is None:
            self._wanted = key[1]
            self._timeline.go_to(key[1])
            self._session.ask_recording(key[1])
        else:
            self._keep(key[0], recording)

    def show(self, kept: KeptStep) -> None:
        """Shows a kept step; that of a run with another program makes its program the present one."""
        step, run, entry = kept.recording.step, self._session.run, self._runs.archive.get(kept.run)
        if entry is None:
            return
        if run is not None and entry.history is run.history:
            run.recordings.put(kept.recording)
            self._timeline.go_to(step)
            return
        if not self._is_alike(kept):
            self._runs.load(kept.run)
        self._timeline.show_kept(kept)
        self.noticed.emit("info", SHOWN.format(step, kept.name), "", HINT)

    def leaves(self, kept: KeptStep) -> str:
        """Name of the present run, if that ends by looking at the step and is more than a look; else ""."""
        present = self._runs.present
        if present is None or present.number == kept.run or self._is_alike(kept):
            return ""
        return present.name if present.steps >= ONLY_A_LOOK else ""

    def restore(self, found: Iterable[tuple[int, Recording]]) -> None:
        """Keeps steps of an earlier session as well, by the numbers that their runs have here."""
        # The number that its run had in another process may be that of another run here.
        fresh = {(run, each.step): replace(each, run=run) for run, each in found}
        self._recordings = {**fresh, **self._recordings}
        self.changed.emit()

    def _key(self, step: int | None) -> tuple[int, int] | None:
        if step is None:
            return self.shown
        present = self._runs.present
        return None if present is None else (present.number, step)

    def _keep(self, run: int, recording: Recording) -> None:
        self._recordings[run, recording.step] = recording
        # It stays as long as the run does, which memory running short shall not take away.
        self._runs.pin(run, True)
        self.changed.emit()

    def _take_recorded(self, step: int) -> None:
        run, present, wanted = self._session.run, self._runs.present, self._wanted
        recording = None if run is None else run.recordings.get(step)
        if step == wanted and recording is not None and present is not None:
            self._wanted = None
            self._keep(present.number, recording)

    def _prune(self) -> None:
        gone = [key for key in self._recordings if self._runs.archive.get(key[0]) is None]
        for key in gone:
            del self._recordings[key]
        if gone:
            self.changed.emit()

    def _in_order(self) -> list[tuple[tuple[int, int], Recording]]:
        return sorted(self._recordings.items(), key=lambda each: each[0])

    def _is_alike(self, kept: KeptStep) -> bool:
        """Whether the step is of the program that is present, whatever its numbers are."""
        now, then = self._session.settings, kept.settings
        texts = [None if each.own is None else (each.own.path, each.own.text) for each in (now, then)]
        return now.stage == then.stage and texts[0] == texts[1]


def _kept_step(run: int, entry: RunEntry, recording: Recording) -> KeptStep:
    return KeptStep(run, shortened(entry.name), entry.settings, entry.changes, recording)
