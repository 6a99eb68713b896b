"""Keeps the runs from one start to the next, safe from what may happen, and in files of the user's.

A process writes what it has to a file of its own every half minute and whenever the run stands still.
When the window is closed, that becomes the file which every window begins with.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
from pydantic import ValidationError
from PySide6.QtCore import QObject, QTimer, Signal

from playground.settings import SettingsError, on_a_line
from playground.workspace.autosave import Autosave, LeftBehind
from playground.workspace.files import FileError, Seen, seen
from playground.workspace.saved_runs import SavedRun, entry_of, saved_run
from playground.workspace.session_file import SavedRecording, load_session, save_session
from playground.workspace.session_file import Session as SavedSession
from ui.session.session import RunState, Session
from ui.state.file_work import FileWork, Tell
from ui.state.kept_steps import KeptSteps
from ui.state.program_store import Stored
from ui.state.programs import Programs
from ui.state.runs import Runs
from ui.state.view_options import View

SAVED_EVERY = 25_000
"""Milliseconds: with the time that writing takes, no more than half a minute is lost."""
TRIED_AGAIN_AFTER = 200
"""Milliseconds after which what could not be kept is, if the thread for files was busy."""
LAST, OPEN = "last.session", "open"
"""The file that a window begins with, and the folder of the files of those that are open."""
OF_THE_WINDOW = frozenset({"geometry", "splitters"})
"""Of the view's options, those that belong to this window and go into no file."""

_Found: TypeAlias = tuple[tuple[LeftBehind, ...], SavedSession | None]


class Sessions(QObject):
    """Saves and brings back runs, programs, settings and views.

    Signals:
        offered(object): a LeftBehind: a process has ended without closing it, and the user may want it.
        opened(object): a session has been taken over; what could not be read of it, a line each.
        noticed(str, str): level and text of a notice for the user.
    """

    offered = Signal(object)
    opened = Signal(object)
    noticed = Signal(str, str)

    def __init__(
        self,
        session: Session,
        runs: Runs,
        kept: KeptSteps,
        programs: Programs,
        view: View,
        work: FileWork,
        folder: Path | None,
    ) -> None:
        """Does nothing by itself before `begin`.

        Args:
            session, runs, kept, programs, view: what is saved.
            work: the thread on which it is.
            folder: where sessions are kept; None keeps none.
        """
        super().__init__(session)
        self._session, self._runs, self._programs, self._view = session, runs, programs, view
        self._work, self._folder, self._kept_steps = work, folder, kept
        self._autosave: Autosave | None = None
        self._kept: object = ()
        self._last: object = None
        self._told = ""
        self._timer = QTimer(self, interval=SAVED_EVERY)
        self._timer.timeout.connect(self.keep)
        self._soon = QTimer(self, interval=TRIED_AGAIN_AFTER, singleShot=True)
        self._soon.timeout.connect(self.keep)

    @property
    def is_ready(self) -> bool:
        """Whether it has looked for what was there before."""
        return self._timer.isActive()

    @property
    def is_working(self) -> bool:
        """Whether anything is being read or written."""
        return self._work.busy

    def begin(self) -> None:
        """Brings back the runs of the last time, looks for what was left behind, then keeps the session."""
        if self._folder is not None:
            self._work.do("looking for earlier runs", self._find, self._begin_with, asked=False)

    # What the user asks for

    def save(self, path: Path) -> None:
        """Writes everything to a file of the user's."""
        content, over = self.content(), seen(path)

        def write(tell: Tell) -> None:
            save_session(path, content, on_progress=tell, over=over)

        self._work.do(
            "saving the session",
            write,
            lambda _nothing: self.noticed.emit("info", f"Saved as {on_a_line(path)}."),
        )

    def open(self, path: Path) -> None:
        """Takes over what a file holds, beside the runs that there are."""
        self._work.do("opening the session", lambda tell: load_session(path, tell), self.adopt)

    def adopt(self, found: SavedSession) -> None:
        """Takes over a session that has been read: what is in it comes beside what there is."""
        self._take_programs(found)
        if found.settings is not None:
            if found.settings.own is not None:
                self._session.distrust(found.settings.own.path)
            self._session.choose_all(found.settings)
        options = found.view.get("options")
        if isinstance(options, dict):
            with suppress(ValidationError):
                self._view.change(**{key: each for key, each in options.items() if key not in OF_THE_WINDOW})
        self._list(found, openly=True)
        self.opened.emit(found.problems)

    def take(self, left: LeftBehind) -> None:
        """Takes over what was left behind; it is thrown away when it is safe here."""
        autosave = self._autosave
        if autosave is not None:
            self._work.do(
                "opening the session",
                lambda tell: autosave.take(left, tell),
                lambda found: self._take(found, left),
            )

    def throw_away(self, left: LeftBehind) -> None:
        """The user does not want what was left behind."""
        autosave = self._autosave
        if autosave is not None:
            self._work.do("removing the session", lambda _tell: autosave.discard(left), asked=False)

    def content(self) -> SavedSession:
        """All that there is now; the runs may go on."""
        return SavedSession(
            self._session.settings,
            tuple(saved_run(each) for each in self._runs.archive.entries if each.steps),
            tuple(
                SavedRecording(each.run, each.recording.step, each.recording)
                for each in self._kept_steps.steps
            ),
            view={
                "programs": self._programs.stored.model_dump(mode="json"),
                "options": self._view.options.model_dump(mode="json", exclude=set(OF_THE_WINDOW)),
            },
        )

    # What happens by itself

    def keep(self) -> None:
        """Writes the session to this process's own file, if there is anything in it that is not there yet."""
        autosave, now = self._autosave, self._version()
        if autosave is None or now == self._kept or not self._worth_keeping():
            return
        if self._work.busy:
            # The last steps before a pause come while what was there when it was asked for is being written.
            self._soon.start()
            return
        self._kept, content = now, self.content()
        self._work.do(
            "keeping the session", lambda tell: _kept(autosave, content, tell), self._tell_once, asked=False
        )

    def close(self) -> None:
        """The window is closed, the thread has ended: what there is becomes what the next one begins with."""
        self._timer.stop()
        self._soon.stop()
        autosave, folder = self._autosave, self._folder
        if autosave is None or folder is None:
            return
        path = folder / LAST
        # Where it cannot be written the process's own file stays, and is offered at the next start.
        with suppress(FileError):
            if self._version() != self._last:
                save_session(path, self._with_others(path, self.content()), force=True)
            autosave.close()

    def _find(self, tell: Tell) -> _Found:
        """On the thread: what there is in the folder."""
        assert self._folder is not None, "nobody looks without one"
        self._autosave = Autosave(self._folder / OPEN)
        path = self._folder / LAST
        self._seen = seen(path)
        last = None
        with suppress(FileError):
            last = load_session(path, tell)
        return self._autosave.left_behind(), last

    def _begin_with(self, found: _Found) -> None:
        left, last = found
        if last is not None:
            self._list(last, openly=False)
        self._kept = self._last = self._version()
        self._timer.start()
        self._session.state_changed.connect(self._take_state)
        if left:
            self.offered.emit(left[0])

    def _take_state(self, state: RunState) -> None:
        if state is not RunState.RUNNING:
            self.keep()

    def _take(self, found: SavedSession, left: LeftBehind) -> None:
        self.adopt(found)
        self.keep()
        self.throw_away(left)

    def _take_programs(self, found: SavedSession) -> None:
        with suppress(ValidationError):
            self._programs.take_in(Stored.model_validate(found.view.get("programs", {})))

    def _list(self, found: SavedSession, openly: bool) -> None:
        """Puts runs into the list that are not there yet; those that come by themselves are not drawn."""
        here = self.content().runs
        numbers = {
            each.number: next((other.number for other in here if _same(each, other)), None)
            for each in found.runs
            if each.steps
        }
        fresh = [each for each in found.runs if each.steps and numbers[each.number] is None]
        numbers.update(
            zip((each.number for each in fresh), self._session.reserve_numbers(len(fresh)), strict=True)
        )
        entries = [entry_of(each, numbers[each.number] or 0, 0) for each in fresh]
        if not openly:
            entries = [replace(each, visible=each.visible and each.chosen) for each in entries]
        self._runs.restore(entries)
        kept = ((numbers.get(each.run), each.recording) for each in found.recordings)
        self._kept_steps.restore((run, recording) for run, recording in kept if run is not None)

    def _with_others(self, path: Path, content: SavedSession) -> SavedSession:
        """The content, and in front of it the runs of a window that was closed meanwhile."""
        if seen(path) == self._seen:
            return content
        with suppress(FileError, SettingsError):
            there = load_session(path)
            others = [each for each in there.runs if not any(_same(each, mine) for mine in content.runs)]
            first = max((each.number for each in content.runs), default=-1) + 1
            numbers = {each.number: first + place for place, each in enumerate(others)}
            runs = [replace(each, number=numbers[each.number]) for each in others]
            kept = [replace(each, run=numbers[each.run]) for each in there.recordings if each.run in numbers]
            return replace(content, runs=(*runs, *content.runs), recordings=(*kept, *content.recordings))
        return content

    def _worth_keeping(self) -> bool:
        return any(not each.passing for each in self._runs.archive.entries)

    def _version(self) -> object:
        """Another one whenever there is something else to keep; short looks are not."""
        entries = self._runs.archive.entries
        runs = tuple(
            (each.number, each.steps, each.name, each.state, each.visible, each.pinned, len(each.changes))
            for each in entries
            if not each.passing
        )
        return runs, tuple((each.run, each.recording.step) for each in self._kept_steps.steps)

    def _tell_once(self, problem: str) -> None:
        if problem and problem != self._told:
            self.noticed.emit("warning", f"The session is not kept: {problem}.")
            # It is tried again.
            self._kept = ()
        self._told = problem

    _seen = Seen()


def _kept(autosave: Autosave, content: SavedSession, tell: Tell) -> str:
    """On the thread: what went wrong, "" if nothing did."""
    try:
        autosave.save(content, tell)
    except FileError as error:
        return str(error)
    return ""


def _same(one: SavedRun, other: SavedRun) -> bool:
    """Whether two are the same run, saved twice."""
    return (
        one.steps == other.steps
        and one.settings == other.settings
        and one.name == other.name
        # As bits: NaN is like NaN.
        and np.array_equal(one.losses.view(np.int64), other.losses.view(np.int64))
    )
