"""What a window shows, without the window: a session, and the state that looks at it."""

from __future__ import annotations

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from playground.recording.model import Recording
from playground.settings import Settings
from ui.session.session import RunState, Session
from ui.state.runs import Runs
from ui.state.shown import Shown
from ui.state.timeline import Timeline

PATIENCE = 60_000
"""Milliseconds after which what should have happened has not."""
SIZES = {"batch_size": 4, "input_size": 6, "hidden_size": 5, "output_size": 2}


class Desk(QObject):
    """Connected as the window connects them, and looked at when a test says so.

    Attributes:
        session, timeline, runs: the real ones.
        seen: every Shown there was.
        told: every notice of the session and of the runs.
    """

    def __init__(self) -> None:
        """Nothing runs yet."""
        super().__init__()
        self.session = Session(Settings())
        self.timeline, self.runs = Timeline(self.session), Runs(self.session)
        self.seen: list[Shown] = []
        self.told: list[str] = []
        self.timeline.shown.connect(self._see)
        self.timeline.changed.connect(self.look)
        self.session.run_changed.connect(self.timeline.show_run)
        self.session.noticed.connect(self._hear)
        self.runs.noticed.connect(self._hear)

    @property
    def now(self) -> Shown:
        """What is shown."""
        self.look()
        assert self.timeline.latest is not None
        return self.timeline.latest

    @property
    def recording(self) -> Recording:
        """The recording that is walked through."""
        recording = self.now.recording
        assert recording is not None
        return recording

    def choose(self, **values: object) -> None:
        """Gives settings other values, the stage first."""
        stage = values.pop("stage", None)
        if stage is not None:
            self.session.choose_stage(str(stage))
        for name, value in values.items():
            self.session.choose(name, value)

    def look(self) -> None:
        """As a window does some times a second."""
        self.timeline.look()
        self.runs.look(self.session.steps_made)

    def train(self, qtbot: QtBot) -> None:
        """Trains until the run is at its end."""
        self.session.train()
        qtbot.waitUntil(lambda: self.session.state is RunState.FINISHED, timeout=PATIENCE)
        self.look()

    def make_step(self, qtbot: QtBot) -> Recording:
        """Makes a step, and gives what can be walked through then."""
        made = self.session.steps_made
        # The halts of the changes before it may still be on their way.
        with qtbot.waitSignal(
            self.session.worker.halted, timeout=PATIENCE, check_params_cb=lambda halt: halt.steps > made
        ):
            self.session.make_one_step()
        return self.recording

    def _see(self, now: Shown, _before: Shown | None) -> None:
        self.seen.append(now)

    def _hear(self, _level: str, text: str, *_rest: str) -> None:
        self.told.append(text)
