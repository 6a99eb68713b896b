"""How far the run has come, how fast it goes, and how long it will take: the numbers of the toolbar."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from playground.pace import duration_text
from playground.setting_specs import LARGEST_STEPS
from ui.session.busy import BusyWatch, OtherPrograms, lacking_cores
from ui.session.orders import Run
from ui.session.pace import Pace
from ui.session.session import RunState, Session

SECONDS = 0.2
"""The numbers change no faster than this: nobody could read them, and painting costs training."""

STOPPING = "waits for one operation of torch"
STUCK_AFTER = 3.0
"""Seconds without a step of a program of the user's own, after which it is said where it is."""


@dataclass(frozen=True, slots=True)
class RunFigures:
    """What is known of a run at one moment.

    Attributes:
        made, total: steps that were made, and that shall be.
        loss: of the last step, None before the first.
        state: what the run is doing.
        steps_per_second: smoothed; None while the run stands still, or its speed is not known.
        seconds_left: until it is at its end, None where that cannot be told.
        slowed: whether other programs take so much of the processor that the run is slow for it.
        threads: how many its operations use.
        slow_step: how long the step under way takes so far, and will take; "" if that is not worth saying.
        loading: what is being loaded before anything can run, "" once all is there.
        losses: of the last step, by their names, where there are several.
        total_is_known: whether the program tells how many steps it makes.
    """

    made: int
    total: int
    loss: float | None
    state: RunState
    steps_per_second: float | None
    seconds_left: float | None
    slowed: bool
    threads: int
    loading: str
    slow_step: str = ""
    losses: tuple[tuple[str, float], ...] = ()
    total_is_known: bool = True


class RunFiguresWatch:
    """Reads these numbers off a session, now and then."""

    def __init__(self, session: Session, clock: Callable[[], float] = time.monotonic) -> None:
        """Nothing has been read yet.

        Args:
            session: what runs.
            clock: tells the time in seconds.
        """
        self._session, self._clock = session, clock
        self._pace = Pace()
        self._busy, self._others = BusyWatch(), OtherPrograms()
        self._read_at = 0.0
        self._seen: tuple[object, ...] | None = None
        self._stood_at: tuple[object, ...] = ()
        self._stood_since = 0.0
        self.loading = ""

    def interrupt(self) -> None:
        """The run has begun to run or to stand still: the time in between tells nothing of its speed."""
        self._pace.interrupt()

    def forget(self) -> None:
        """Another run begins."""
        self._pace.forget()

    def look(self) -> RunFigures | None:
        """The numbers as they are now; None if nothing has changed, or too little time has gone by."""
        session = self._session
        made, running = session.steps_made, session.state is RunState.RUNNING
        slow_step = self._slow_step()
        # Two runs may have come as far: their losses are others.
        number = session.run and session.run.number
        now = (number, made, session.state, self.loading, session.settings.steps, slow_step)
        if now == self._seen:
            return None
        clock = self._clock()
        if running:
            self._pace.read(clock, made)
            if clock - self._read_at <= SECONDS:
                return None
        self._seen, self._read_at = now, clock
        return self._figures(made, running, clock, slow_step)

    def _slow_step(self) -> str:
        slow = self._session.worker.slow_step
        if slow is None:
            return self._stuck()
        if slow.stopping:
            return STOPPING
        gone, whole = self._clock() - slow.began, duration_text(slow.seconds)
        return f"step {slow.step} since {duration_text(max(0.0, gone))}, about {whole}"

    def _stuck(self) -> str:
        """Where a program of the user's own has been for some seconds without ending a step."""
        session, worker, clock = self._session, self._session.worker, self._clock()
        place = (worker.present_run, session.steps_made, worker.is_busy)
        if place != self._stood_at:
            self._stood_at, self._stood_since = place, clock
        gone = clock - self._stood_since
        if session.settings.own is None or not worker.is_busy or gone < STUCK_AFTER:
            return ""
        line = worker.line_now()
        if line is None:
            return ""
        if session.is_ending:
            return f"line {line} waits outside of Python"
        return f"still in line {line} after {duration_text(gone)}"

    def _figures(self, made: int, running: bool, clock: float, slow_step: str) -> RunFigures:
        session, speed = self._session, self._pace.steps_per_second
        if session.pace:
            speed = min(speed, session.pace)
        total = session.settings.steps
        total_is_known = session.settings.own is None or total < LARGEST_STEPS
        known = running and speed > 0
        threads = session.settings.threads or (session.run and session.run.threads) or 1
        lacking = lacking_cores(threads, self._others.cores(clock)) if running else 0.0
        circumstances = (session.run and session.run.number, session.settings, session.recorded_every)
        return RunFigures(
            made,
            total,
            loss=None if session.run is None or not made else session.run.history.loss(made - 1),
            state=session.state,
            steps_per_second=speed if known else None,
            seconds_left=(total - made) / speed if known and total_is_known else None,
            slowed=known and self._busy.explains(circumstances, clock, speed, lacking),
            threads=threads,
            loading=self.loading,
            slow_step=slow_step,
            losses=_several(session.run) if session.settings.own is not None else (),
            total_is_known=total_is_known,
        )


def _several(run: Run | None) -> tuple[tuple[str, float], ...]:
    series = () if run is None else tuple(run.series)
    latest = [(each.name, each.latest) for each in series]
    alone = len(latest) == 1 and latest[0][0] == "loss"
    return () if alone else tuple((name, loss) for name, loss in latest if loss is not None)
