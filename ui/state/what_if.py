"""What the shown step would be with some elements changed: what is asked, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Signal

from playground.data.what_if_targets import Intervention
from playground.recording.model import Recording
from playground.recording.pairing import NodeChange
from ui.session.requests import Answer, Request, WhatIfRequest
from ui.session.session import RunState, Session
from ui.state.latest_requests import LatestRequests
from ui.state.shown import Shown
from ui.state.timeline import Timeline

if TYPE_CHECKING:
    from playground.data.what_if import WhatIf

ANOTHER_WAY = "With this change the step runs other operations: only its loss can be compared."
FAILS = "With this change the step fails: {}"


class WhatIfState(QObject):
    """One step at a time; it ends when another one is shown, or when the run goes on.

    Attributes:
        recording: of the step, None while nothing is changed.
        interventions: what is changed in it.
        found: the latest answer, which may still be that to fewer changes; None before there is one.
        problem: why the latest change was refused, or cannot be told in full; "" if all is well.
        progress: how many steps are made again, and of how many; None while nothing is computed.

    Signals:
        changed(): one of these is another one.
        wanted(): the user wants to ask, from wherever they are.
    """

    changed = Signal()
    wanted = Signal()

    def __init__(self, session: Session, timeline: Timeline, requests: LatestRequests) -> None:
        """Nothing is changed."""
        super().__init__(timeline)
        self.recording: Recording | None = None
        self.interventions: tuple[Intervention, ...] = ()
        self.found: WhatIf | None = None
        self.problem = ""
        self.progress: tuple[int, int] | None = None
        self._made = 0
        self._session, self._timeline, self._requests = session, timeline, requests
        timeline.shown.connect(self._look)
        requests.answered.connect(self._take)
        requests.progressed.connect(self._progress)

    def paired(self, recording: Recording | None) -> Recording | None:
        """The recording with what each tensor would have been, where that is known; else itself."""
        found = self.found
        return found.paired if found is not None and found.real is recording else recording

    def node_changes(self, recording: Recording | None, cursor: int | None) -> Mapping[str, NodeChange]:
        """What differs in the graph of the pass in which the cursor stands, by key."""
        found = self.found
        if found is None or recording is None or found.real is not recording:
            return {}
        here = recording.pass_at(cursor)
        return found.nodes[0 if here is None else here.number]

    def change(self, intervention: Intervention, as_recorded: bool = False) -> None:
        """Changes one more element of the shown step, or the same one again.

        Args:
            intervention: what, and to which value.
            as_recorded: whether that is the value it has: then it is changed no longer.
        """
        recording = self._timeline.replay.recording
        if recording is None:
            return
        before = self.interventions if recording is self.recording else ()
        others = tuple(each for each in before if each.place != intervention.place)
        wanted = others if as_recorded else (*others, intervention)
        if not wanted:
            self.end()
            return
        if self._session.state is RunState.RUNNING:
            # The step stays, though the run makes one more before it stands still.
            self._timeline.go_to(recording.step)
        self.recording, self.interventions, self.problem = recording, wanted, ""
        self.progress = 0, 0
        self._requests.ask(WhatIfRequest(recording.run, recording.step, wanted))
        self.changed.emit()

    def end(self) -> None:
        """Compares no longer; what is being computed is given up."""
        if self.recording is not None:
            self._requests.stop(WhatIfRequest)
            self.recording = self.found = self.progress = None
            self.interventions, self.problem = (), ""
            self.changed.emit()

    def _look(self, now: Shown, _before: Shown | None) -> None:
        if self.recording is None:
            return
        goes_on = now.state is RunState.RUNNING or (self.progress is None and now.made != self._made)
        if goes_on or now.recording is not self.recording:
            self.end()

    def _progress(self, request: Request, done: int, of: int) -> None:
        if isinstance(request, WhatIfRequest) and self.recording is not None:
            self.progress = done, of
            self.changed.emit()

    def _take(self, request: Request, answer: Answer | None, problem: str) -> None:
        if not isinstance(request, WhatIfRequest) or self.recording is None:
            return
        self._made, self.progress, self.problem = self._session.steps_made, None, problem
        if answer is None:
            # What was compared before still is.
            self.interventions = () if self.found is None else self.found.interventions
        else:
            self.found = found = cast("WhatIf", answer)
            failure = found.changed.failure
            if failure is not None:
                self.problem = FAILS.format(failure.message)
            elif not found.same_events:
                self.problem = ANOTHER_WAY
        self.changed.emit()
