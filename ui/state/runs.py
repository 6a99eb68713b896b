"""The runs that were made, and several stages run one after the other."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from playground.comparing.compare import REFERENCE, Comparison, against
from playground.restarts import restarting
from playground.runs.archive import RunArchive, eviction_notice
from playground.runs.changes import in_force
from playground.runs.entry import RunEntry, default_name
from playground.settings import Settings
from ui.session.orders import Run
from ui.session.session import RunState, Session

LOOK_SECONDS = 0.2
ROW_ENDED = "All chosen stages have been run."
SETTINGS_BACK = "Your own settings are back."


class Runs(QObject):
    """Keeps the session's runs, each with its settings, its history and its times.

    Attributes:
        archive: the runs.

    Signals:
        changed(): something of a run is another than before: its steps, its name, whether it is visible.
        curves_changed(): a run has come or gone, or looks different.
        noticed(str, str): level and text of a notice for the user.
    """

    changed = Signal()
    curves_changed = Signal()
    noticed = Signal(str, str)

    def __init__(self, session: Session) -> None:
        """No run has begun yet."""
        super().__init__(session)
        self.archive = RunArchive()
        self._session = session
        self._queue: deque[str] = deque()
        self._starts_next = False
        self._running_since: float | None = None
        self._seconds = 0.0
        self._looked = 0.0
        self._curves: object = None
        self._ordinal = 0
        self._restored: set[int] = set()
        self._begins_row = False
        self._own_settings: Settings | None = None
        session.run_changed.connect(self._begin)
        session.settings_changed.connect(self._take_settings)
        session.state_changed.connect(self._take_state)

    @property
    def present(self) -> RunEntry | None:
        """The present run, or None."""
        number = self.archive.present
        return None if number is None else self.archive.get(number)

    @property
    def queue(self) -> tuple[str, ...]:
        """Stages that are still to be run."""
        return tuple(self._queue)

    def look(self, made: int) -> None:
        """Takes in how far the present run has come; to be called as often as the window looks."""
        entry, now = self.present, time.monotonic()
        if entry is None or entry.history is not self._history_of_session():
            return
        entry.clock.note(made, self._seconds_at(now))
        running = self._session.state is RunState.RUNNING
        if running and now - self._looked < LOOK_SECONDS:
            return
        self._looked = now
        run = self._session.run
        if run is not None:
            self.archive.set_recordings_nbytes(entry.number, run.recordings.nbytes)
            # The list grows on the thread that trains: a copy does not.
            self.archive.set_changes(entry.number, in_force(tuple(run.changes)))
        self.archive.trim()
        self._tell()

    def run_stages(
        self, stages: Sequence[str], same_start: bool | None = None, dtype: str | None = None
    ) -> None:
        """Runs these stages one after the other, each as a run of its own; a halt ends the row.

        The user's own settings come back when the row is at its end. Where it was halted its run stays
        as it is, to be looked at, and they come back with the next one.

        Args:
            stages: names, in their order.
            same_start: whether all start from the same data and weights; None for as it is.
            dtype: of data and weights, float32 or float64; None for the start's own.
        """
        own = self._own_settings or self._session.settings
        if own.own is not None and stages:
            # What the row is to have in common are settings of stages.
            self._session.choose_stage(stages[0])
        if same_start is not None:
            self._session.choose_start(same_start, dtype)
        self._own_settings = own
        self._queue = deque(stages)
        self._run_next()

    def comparison(self) -> Comparison | None:
        """Runs from the same start, held against NumPy's, or against the first; None of one only.

        Of several runs of a stage the newest counts; runs of another start, seed or size are left out,
        and those that the user has hidden.
        """
        runs: dict[str, RunEntry] = {}
        reference = self._reference()
        for entry in self.archive.entries:
            if reference is not None and not entry.hidden and entry.steps and _alike(entry, reference):
                runs[entry.settings.stage] = entry
        if reference is None or len(runs) < 2:
            return None
        # The reference may be an older and shorter run than its stage's newest.
        length = min(entry.steps for entry in (reference, *runs.values()))
        expected = reference.history.losses(0, length)
        compared = [
            against(
                reference.settings,
                expected,
                entry.settings,
                entry.history.losses(0, length),
                entry.clock.seconds,
            )
            for entry in runs.values()
        ]
        settings = tuple(entry.settings for entry in runs.values())
        return Comparison(reference.settings.stage, settings, tuple(compared))

    def restore(self, entries: Sequence[RunEntry]) -> None:
        """Lists runs of an earlier session in front of those of this one."""
        self.archive.restore(entries)
        self._restored.update(entry.number for entry in entries)
        self._ordinal += len(entries)
        self._tell()

    # What comes from the session

    def _begin(self, run: Run | None) -> None:
        self._seconds, self._running_since = 0.0, None
        if run is None:
            if self._own_settings is not None and not self._starts_next and not self._queue:
                # The run of a halted row is left: what the user is doing now goes first.
                QTimer.singleShot(0, self, self._restore_start)
            return
        before, settings = self.present, self._session.settings
        if before is None or before.steps:
            self._ordinal += 1
        self.archive.begin(run.number, settings, run.history, run.structures, run.series)
        # The session counts every restart; a user counts the runs that they see, from 1.
        self.archive.set_default_name(run.number, default_name(settings, self._ordinal))
        if self._begins_row:
            # Several stages are run to be seen together.
            self._begins_row = False
            self.archive.set_visible(run.number, True)
        self._take_state(self._session.state)

    def _take_settings(self, settings: Settings) -> None:
        entry = self.present
        present = entry is not None and entry.history is self._history_of_session()
        # What needs new weights belongs to the run that comes next.
        if entry is not None and present and not restarting(entry.settings, settings):
            self.archive.set_settings(entry.number, settings)
            self._tell()

    def _take_state(self, state: RunState) -> None:
        now = time.monotonic()
        if self._running_since is not None:
            self._seconds += now - self._running_since
        self._running_since = now if state is RunState.RUNNING else None
        entry = self.present
        if entry is None or entry.history is not self._history_of_session():
            return
        self.archive.set_state(entry.number, str(state))
        self.look(entry.steps)
        self._tell()
        if state is RunState.FINISHED:
            self._run_next()
        elif state is not RunState.RUNNING and not self._starts_next:
            self._queue.clear()
            self._begins_row = self._session.hurries = False

    def _seconds_at(self, now: float) -> float:
        since = self._running_since
        return self._seconds + (0.0 if since is None else now - since)

    def _history_of_session(self) -> object:
        return None if self._session.run is None else self._session.run.history

    def _outcome(self) -> str:
        """What the comparison of a row that has ended comes to, in one line; "" if there is none."""
        comparison = None if self._own_settings is None else self.comparison()
        if comparison is None:
            return ""
        others = [each for each in comparison.stages if each.stage != comparison.reference]
        if others and comparison.same_start:
            largest = max(each.max_relative_difference for each in others)
            count = len(others) + 1
            return f"The losses of {count} runs agree to a relative {largest:.0e}; see Differences."
        return ""

    def _restore(self, outcome: str) -> None:
        """Gives the user the settings back that they had before the row."""
        own, self._own_settings = self._own_settings, None
        if own is not None and own != self._session.settings:
            self._session.choose_all(own)
            self.noticed.emit("info", f"{outcome or ROW_ENDED} {SETTINGS_BACK}")

    def _restore_start(self) -> None:
        """Gives back the start only, beside what the user has chosen since."""
        own, self._own_settings = self._own_settings, None
        if own is not None and not self._queue:
            self._session.choose_start(own.same_start, own.dtype)

    def _run_next(self) -> None:
        if not self._queue:
            self._session.hurries = False
            self._restore(self._outcome())
            return
        # Several stages are compared, and not watched one by one.
        self._session.hurries = True
        stage = self._queue.popleft()
        # A new run stands still for a moment; that is not the user's doing.
        self._starts_next = self._begins_row = True
        try:
            if stage == self._session.settings.stage and self._session.settings.own is None:
                self._session.reset()
            else:
                self._session.choose_stage(stage)
        finally:
            self._starts_next = False
        self._session.train()

    # What the user does with a run; one that has gone since is left alone

    def set_visible(self, number: int, visible: bool) -> None:
        """Draws the curve of a run, or does not."""
        if self.archive.get(number) is not None:
            self.archive.set_visible(number, visible)
            self._tell()

    def rename(self, number: int, name: str) -> None:
        """Gives a run another name."""
        if self.archive.get(number) is not None:
            self.archive.rename(number, name)
            self._tell()

    def pin(self, number: int, pinned: bool) -> None:
        """Keeps a run even where memory grows short, or no longer."""
        if self.archive.get(number) is not None:
            self.archive.set_pinned(number, pinned)
            self._tell()

    def remove(self, number: int) -> None:
        """Forgets a run; the present one stays."""
        if self.archive.get(number) is None:
            return
        if number == self.archive.present:
            self.noticed.emit("info", "The present run cannot be removed; Reset makes room for another.")
            return
        self.archive.remove(number)
        self._tell()

    def load(self, number: int) -> None:
        """Gives the session the settings of a run."""
        entry = self.archive.get(number)
        if entry is None:
            return
        own = entry.settings.own
        if own is not None and number in self._restored:
            # A file may say that it is one of the user's own programs, and hold another.
            self._session.distrust(own.path)
        self._session.choose_all(entry.settings)

    def _tell(self) -> None:
        evicted = self.archive.take_evicted()
        if evicted:
            self.noticed.emit("info", eviction_notice(evicted))
        self.changed.emit()
        curves = tuple(
            (
                each.number,
                each.name,
                each.color,
                (each.visible, each.hidden),
                each.settings.same_start,
                each.settings.depth,
            )
            for each in self.archive.entries
        )
        changes = () if self.present is None else self.present.changes
        state = (curves, changes, self._session.state is RunState.RUNNING)
        if state != self._curves:
            self._curves = state
            self.curves_changed.emit()

    def _reference(self) -> RunEntry | None:
        started = [
            entry
            for entry in self.archive.entries
            if not entry.hidden and entry.steps and entry.settings.same_start and entry.settings.own is None
        ]
        if not started:
            return None
        alike = [entry for entry in started if _alike(entry, started[-1])]
        by_hand = [entry for entry in alike if entry.settings.stage == REFERENCE]
        return by_hand[-1] if by_hand else alike[0]


def _alike(entry: RunEntry, other: RunEntry) -> bool:
    """Whether two runs started from the same numbers."""
    return all(
        getattr(entry.settings, name) == getattr(other.settings, name)
        for name in (
            "own",
            "same_start",
            "dtype",
            "seed",
            "batch_size",
            "input_size",
            "hidden_size",
            "output_size",
        )
    )
