"""What a binding may reach: the session, what is shown of it, and the window around the panels."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QWidget

from ui.session.session import Session
from ui.state.notices import Notices
from ui.state.program_store import ProgramStore
from ui.state.programs import Programs
from ui.state.view_options import View

if TYPE_CHECKING:
    from playground.workspace.opening import Opening
    from ui.state.exports import Exports
    from ui.state.file_work import FileWork
    from ui.state.kept_steps import KeptSteps
    from ui.state.latest_requests import LatestRequests
    from ui.state.runs import Runs
    from ui.state.sessions import Sessions
    from ui.state.sharing import Sharing
    from ui.state.timeline import Timeline
    from ui.state.what_if import WhatIfState


class Places(Protocol):
    """Where the panels are; a panel is known by its name in the registry."""

    def panel(self, name: str) -> QWidget:
        """A panel that has been made.

        Raises:
            KeyError: it has not.
        """
        ...

    def set_present(self, name: str, present: bool) -> None:
        """Gives a panel its place, or takes it from there."""
        ...

    def give_height(self, name: str, height: int) -> None:
        """Gives a panel so many pixels, unless the user has shared that room."""
        ...

    def widen_code(self) -> None:
        """Gives the code half of the window; a second time gives it back what it had."""
        ...

    def switch_full_screen(self) -> None:
        """Lets the window fill the screen; a second time gives it back its place."""
        ...

    def picture_of(self, name: str) -> QPixmap:
        """What is seen of a panel, of the tabs ("details") or of the window, at the screen's pixel ratio."""
        ...

    def bring_forward(self, name: str) -> None:
        """Shows the tab or the window that a panel is in; a window is opened if it is not there yet."""
        ...


class Context(QObject):
    """Made once by the window.

    Attributes:
        session: what runs.
        notices: what the user is told.
        view: how the user has arranged the views.
        places: where the panels are.
        programs: which program is shown, and its text.
        may_close: asked when the user closes the window, whether it may go at once.

    Signals:
        looked(): the window looks at the run now, as it does some times a second.
    """

    looked = Signal()

    def __init__(
        self,
        session: Session,
        notices: Notices,
        view: View,
        places: Places,
        store: ProgramStore | None = None,
        sessions: Path | None = None,
    ) -> None:
        """What looks into steps and runs is not made yet: it takes long to load.

        Args:
            session, notices, view, places: see above.
            store: keeps what is open and edited from one start to the next.
            sessions: the folder that keeps runs from one start to the next; None keeps none.
        """
        # Without a parent: a child that refers to its parent's window keeps that alive.
        super().__init__()
        self.session, self.notices, self.view = session, notices, view
        self.places = places
        self._sessions_folder = sessions
        self.programs = Programs(session, store)
        self.programs.noticed.connect(notices.tell)
        self.may_close: Callable[[], bool] = lambda: True
        self._waiting: list[Callable[[], None]] | None = []

    @cached_property
    def timeline(self) -> Timeline:
        """Which step of the run is shown."""
        from ui.state.timeline import Timeline

        return Timeline(self.session)

    @cached_property
    def runs(self) -> Runs:
        """The runs that were made."""
        from ui.state.runs import Runs

        return Runs(self.session)

    @cached_property
    def requests(self) -> LatestRequests:
        """What the windows of their own ask of the worker."""
        from ui.state.latest_requests import LatestRequests

        return LatestRequests(self.session)

    @cached_property
    def what_if(self) -> WhatIfState:
        """What the shown step would be with some elements changed."""
        from ui.state.what_if import WhatIfState

        return WhatIfState(self.session, self.timeline, self.requests)

    @cached_property
    def files(self) -> FileWork:
        """The thread on which files are read and written."""
        from ui.state.file_work import FileWork

        work = FileWork(self.session)
        work.noticed.connect(self.notices.tell)
        return work

    @cached_property
    def exports(self) -> Exports:
        """What can be given away as files."""
        from ui.state.exports import Exports

        return Exports(self.session, self.timeline, self.runs)

    @cached_property
    def kept(self) -> KeptSteps:
        """The recorded steps that the user keeps."""
        from ui.state.kept_steps import KeptSteps

        kept = KeptSteps(self.session, self.timeline, self.runs)
        kept.noticed.connect(self.notices.tell)
        return kept

    @cached_property
    def sessions(self) -> Sessions:
        """Saves the runs and brings them back."""
        from ui.state.sessions import Sessions

        folder = self._sessions_folder
        return Sessions(self.session, self.runs, self.kept, self.programs, self.view, self.files, folder)

    @cached_property
    def sharing(self) -> Sharing:
        """Copies set-ups and takes them over."""
        from ui.state.sharing import Sharing

        kept = self._sessions_folder
        folder = None if kept is None else kept.with_name("shared")
        return Sharing(self.session, self.programs, folder)

    def take_over(self, opening: Opening) -> None:
        """Opens what somebody has shared; a program of theirs does not run before the user runs it."""
        if opening.setup is not None:
            self.sharing.take(opening.setup)
            self.notices.tell("info", f"Taken over: {self.sharing.in_words(opening.setup)}")
        if opening.session is not None:
            self.sessions.adopt(opening.session)
        if opening.program is not None:
            self.programs.open(str(opening.program))

    def close(self) -> None:
        """The window is being closed: waits for what is being written."""
        if "files" in self.__dict__:
            self.files.close()
        if "sessions" in self.__dict__:
            self.sessions.close()

    def when_painted(self, act: Callable[[], None]) -> None:
        """Does something once the window is on the screen: at once if it is already."""
        if self._waiting is None:
            act()
        else:
            self._waiting.append(act)

    def tell_painted(self) -> None:
        """The window is on the screen."""
        # Whoever asks the worker hears its answers before anybody who is made later.
        _ = self.requests
        waiting, self._waiting = self._waiting or [], None
        for act in waiting:
            act()
