"""Which step of the run is shown, and what it is compared with; makes one `Shown` at each look."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from playground.graph.layout import Layout
from playground.graph.model import Graph
from playground.history import NO_DEPTH
from playground.pace import is_played
from playground.recording.model import Recording
from playground.runs.structure_statistics import StructureStatistics
from ui.session.orders import Run
from ui.session.session import RunState, Session
from ui.state.layouts import GraphLayouts
from ui.state.replay import Replay
from ui.state.shown import Against, Film, KeptStep, Shown

NEWEST_STEPS = 512
"""As many as the filmstrip may show one by one."""
PLAYED_SHARE = 0.9
"""Of the time from one step to the next, which playing a step takes."""


class Timeline(QObject):
    """Chooses a step of the present run and knows everything that is to be seen of it.

    Attributes:
        chosen: the step that the user went to; None follows the newest.
        replay: the walk through that step.
        plays: whether the steps of a slow run are played, event by event.
        latest: what was shown last, None before the first look.

    Signals:
        shown(object, object): a Shown that differs from the one before, and that one (None at first).
        changed(): the user wants to see something else; whoever looks shall look now.
    """

    shown = Signal(object, object)
    changed = Signal()

    def __init__(self, session: Session) -> None:
        """There is no step yet."""
        super().__init__(session)
        self.chosen: int | None = None
        self.replay = Replay(self)
        self.latest: Shown | None = None
        self._session = session
        self._layouts = GraphLayouts()
        self._statistics: StructureStatistics | None = None
        self._film: tuple[int, Film] | None = None
        self._repeats_shared = False
        self._program = _program_of(session)
        self._against = Against.NOTHING
        self._pinned = 0
        self._moved = False
        self._kept: KeptStep | None = None
        self.plays = True
        self.replay.changed.connect(self.changed)
        self.replay.player.taken_over.connect(self._stay)
        session.recorded.connect(self.go_to)

    @property
    def graph(self) -> Graph | None:
        """What is drawn, or None."""
        return None if self.latest is None else self.latest.graph

    @property
    def layout_is_there(self) -> bool:
        """Whether the graph that is shown has been laid out."""
        return self.latest is not None and self.latest.layout is not None and not self._layouts.waiting

    def warm_up(self) -> None:
        """Loads the layout library, which the first graph would have to wait for."""
        self._layouts.warm_up()

    def close(self) -> None:
        """Ends the process that lays out large graphs."""
        self._layouts.close()

    def look(self) -> None:
        """Looks at the run once; `shown` tells if anything is to be seen that was not."""
        if self._layouts.waiting:
            self._layouts.poll()
        now, before = self._now(), self.latest
        self._moved = False
        if now.moved or now.differs(before):
            self.latest = now
            self.shown.emit(now, before)

    def show_again(self) -> None:
        """Has everything shown once more, as after a change of colors."""
        # What was shown last may be of a run whose graphs are there no more.
        self.look()
        if self.latest is not None:
            self.shown.emit(self.latest, None)

    def drawing(self, structure: int) -> tuple[Graph, Layout | None]:
        """The graph of a variant of the present run and its layout, for a small picture."""
        return self._layouts.drawing(structure, False)

    def show_run(self, run: Run | None) -> None:
        """Begins anew with a run; None: it has been asked for, but has not begun."""
        if run is not None:
            self._layouts.start_run(run.structures)
            self._statistics = StructureStatistics(run.history)
            return
        self.chosen = self._kept = None
        program = _program_of(self._session)
        if program != self._program:
            # What was chosen is no node of this program.
            self._program = program
            self.replay.key = ""
        self._statistics = self._film = None
        self._against = Against.NOTHING

    # What the user asks for

    def go_to(self, step: int) -> None:
        """Shows a step of the run, until another is chosen or the newest is followed again."""
        self.chosen, self._kept = step, None
        self._moved = True
        self.changed.emit()

    def show_kept(self, kept: KeptStep) -> None:
        """Shows a step of another run that was kept, until one of the present run is chosen or followed."""
        self._kept = kept
        self._moved = True
        self.changed.emit()

    def go_to_structure(self, structure: int) -> None:
        """Shows the newest step that built this graph variant."""
        counts = () if self._statistics is None else self._statistics.structures()
        newest = next((each.newest for each in counts if each.structure == structure), None)
        if newest is not None:
            self.go_to(newest)

    def follow(self, newest: bool) -> None:
        """Shows the newest step as the run goes on, or stays with the one that is shown."""
        self.chosen = None if newest else max(0, self._session.steps_made - 1)
        self._kept = None
        self.changed.emit()

    def repeat_shared(self, repeats: bool) -> None:
        """Draws a parameter that is used several times once for each use, or once."""
        self._repeats_shared = repeats
        self.changed.emit()

    def compare(self, against: str) -> None:
        """Draws the graph against that of the step before, or of the step shown now; or alone."""
        self._against = Against(against)
        if self._against is Against.PINNED:
            self._pinned = max(0, self._step_shown())
        self.changed.emit()

    def record_shown(self) -> None:
        """Asks for the recording of the step that is shown."""
        if self._session.steps_made and self._kept is None:
            self.chosen = self._step_shown()
            self._session.ask_recording(self.chosen)

    def _step_shown(self) -> int:
        newest = self._session.steps_made - 1
        return newest if self.chosen is None else min(self.chosen, newest)

    def _stay(self) -> None:
        """The user walks through the step that was played: it stays, though the run goes on."""
        slow = self._session.state is RunState.RUNNING and is_played(self._session.pace)
        if slow and self.chosen is None and self.latest is not None and self.latest.recording is not None:
            self.chosen = self.latest.step

    # What there is to see

    def _now(self) -> Shown:
        run, made = self._session.run, self._session.steps_made
        if self._kept is not None:
            return self._kept_step(run, self._kept, made)
        failed = self._failed_recording()
        if failed is not None and run is not None and (self.chosen is None or self.chosen >= made):
            return self._failed_step(run, failed, made)
        if run is None or not made:
            self.replay.take(None)
            return Shown(
                run,
                self._session.state,
                made,
                has_film=self._session.settings.program.has_depth,
                key=self.replay.key,
                line=self.replay.line,
                lit=self.replay.lit,
                against=self._against,
            )
        step = made - 1 if self.chosen is None else min(self.chosen, made - 1)
        if self.chosen is None and step and self._awaits_recording(run, step):
            # The newest step is made, and will be recorded in a moment: until then the one before is shown.
            step -= 1
        return self._made_step(run, step, made)

    def _awaits_recording(self, run: Run, step: int) -> bool:
        if self._session.state is not RunState.RUNNING or not is_played(self._session.pace):
            return False
        return run.recordings.get(step) is None and run.recordings.get(step - 1) is not None

    def _made_step(self, run: Run, step: int, made: int) -> Shown:
        history, structures = run.history, len(run.structures)
        structure, depth = history.structure(step), history.depth(step)
        running = self._session.state is RunState.RUNNING
        # A graph that changes many times a second cannot be walked through: only a step that stands still,
        # or those of a run that is slow enough.
        slow = running and self.chosen is None and is_played(self._session.pace)
        still = self.chosen is not None or not running
        recording = run.recordings.get(step) if still or slow else None
        is_new = recording is not None and recording is not self.replay.recording
        # The first step is made by itself: it is there to be walked through.
        self.replay.take(recording, step == 0 and self._session.makes_first_step)
        if slow and is_new and self.plays:
            self.replay.player.run_through(PLAYED_SHARE / self._session.pace)
        graph, layout = self._drawing(structure, recording)
        whole, _ = self._layouts.drawing(structure, self._repeats_shared)
        before = {Against.NOTHING: -1, Against.BEFORE: step - 1, Against.PINNED: self._pinned}[self._against]
        comparable = graph is whole and 0 <= before < history.length
        return Shown(
            run,
            self._session.state,
            made,
            step=step,
            following=self.chosen is None,
            moved=self._moved,
            structure=structure,
            structures=structures,
            depth=None if depth == NO_DEPTH else depth,
            graph=graph,
            layout=layout,
            layout_failure=self._layouts.failure,
            has_film=self._session.settings.program.has_depth,
            film=self._filmed(run, made),
            recording=recording,
            recorded=run.recordings.steps,
            recorded_bytes=run.recordings.nbytes,
            recorded_budget=run.recordings.budget,
            cursor=self.replay.player.cursor,
            key=self.replay.key,
            line=self.replay.line,
            lit=self.replay.lit,
            against=self._against,
            pinned=self._pinned,
            compared=self._layouts.drawing(history.structure(before), self._repeats_shared)[0]
            if comparable
            else None,
            compared_step=before,
        )

    def _failed_step(self, run: Run, recording: Recording, made: int) -> Shown:
        self.replay.take(recording)
        cursor = self.replay.player.cursor
        graph, layout = self._layouts.drawing_alone(recording.graph_at(cursor), self._repeats_shared)
        return Shown(
            run,
            self._session.state,
            # A step that failed before it had a loss counts here all the same: it is there to be looked at.
            max(made, recording.step + 1),
            step=recording.step,
            following=self.chosen is None,
            moved=self._moved,
            failed=True,
            structures=len(run.structures),
            depth=recording.depth,
            graph=graph,
            layout=layout,
            layout_failure=self._layouts.failure,
            has_film=self._session.settings.program.has_depth,
            film=None if not made else self._filmed(run, made),
            recording=recording,
            recorded=run.recordings.steps,
            recorded_bytes=run.recordings.nbytes,
            recorded_budget=run.recordings.budget,
            cursor=cursor,
            key=self.replay.key,
            line=self.replay.line,
            lit=self.replay.lit,
        )

    def _kept_step(self, run: Run | None, kept: KeptStep, made: int) -> Shown:
        recording = kept.recording
        self.replay.take(recording)
        cursor = self.replay.player.cursor
        graph, layout = self._layouts.drawing_alone(recording.graph_at(cursor), self._repeats_shared)
        shelf = None if run is None else run.recordings
        return Shown(
            run,
            self._session.state,
            made,
            step=recording.step,
            following=False,
            moved=self._moved,
            structures=0 if run is None else len(run.structures),
            depth=recording.depth,
            graph=graph,
            layout=layout,
            layout_failure=self._layouts.failure,
            has_film=self._session.settings.program.has_depth,
            film=None if run is None or not made else self._filmed(run, made),
            recording=recording,
            recorded=() if shelf is None else shelf.steps,
            recorded_bytes=0 if shelf is None else shelf.nbytes,
            recorded_budget=0 if shelf is None else shelf.budget,
            cursor=cursor,
            key=self.replay.key,
            line=self.replay.line,
            lit=self.replay.lit,
            kept=kept,
        )

    def _drawing(self, structure: int, recording: Recording | None) -> tuple[Graph, Layout | None]:
        """The graph of the step; of several backward passes, that of the one in which the cursor stands."""
        if recording is None or len(recording.passes) < 2:
            return self._layouts.drawing(structure, self._repeats_shared)
        graph = recording.graph_at(self.replay.player.cursor)
        return self._layouts.drawing_of_pass(graph, structure, self._repeats_shared)

    def _filmed(self, run: Run, made: int) -> Film | None:
        if self._statistics is None or not self._session.settings.program.has_depth:
            return None
        if self._film is None or self._film[0] != made:
            self._statistics.update()
            history, first = run.history, max(0, made - NEWEST_STEPS)
            film = Film(
                tuple(self._statistics.structures()),
                tuple(self._statistics.depths()),
                first,
                history.structures(first, made),
                history.depths(first, made),
                history.losses(first, made),
            )
            self._film = made, film
        return self._film[1]

    def _failed_recording(self) -> Recording | None:
        """The step in which the run has failed, as far as it came."""
        run = self._session.run
        if run is None or self._session.state is not RunState.FAILED or not run.recordings.steps:
            return None
        newest = run.recordings.get(run.recordings.steps[-1])
        return newest if newest is not None and newest.failure is not None else None


def _program_of(session: Session) -> tuple[str, str]:
    """Tells one program from another, however it is edited."""
    own = session.settings.own
    return session.settings.stage, "" if own is None else own.path
