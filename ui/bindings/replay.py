"""Connects the bar under the graph that walks through a recorded step."""

from __future__ import annotations

from PySide6.QtCore import QObject

from playground.memory import in_words
from ui.bindings.context import Context
from ui.bindings.keeping import Keeping
from ui.panels.replay import WalkBar
from ui.session.run_requests import SAVING
from ui.state.shown import Shown
from ui.state.view_options import ViewOptions
from ui.style.motion import wants_motion


class ReplayBinding(QObject):
    """Shows where the walk stands, and moves it; asks for recordings."""

    def __init__(self, bar: WalkBar, context: Context) -> None:
        """Connects both directions."""
        super().__init__(bar)
        self._bar, timeline, session = bar, context.timeline, context.session
        player = timeline.replay.player
        timeline.shown.connect(self.show)
        context.view.changed.connect(self._take_view)
        self._timeline = timeline
        self._take_view(context.view.options)
        player.playing_changed.connect(bar.set_playing)
        bar.event_chosen.connect(player.go)
        bar.play_toggled.connect(player.play)
        bar.speed_chosen.connect(player.set_speed)
        bar.recording_chosen.connect(timeline.go_to)
        bar.record_asked.connect(timeline.record_shown)
        bar.record_every_chosen.connect(session.record_every)
        bar.refused.connect(context.notices.warn)
        bar.cancel_asked.connect(session.cancel_request)
        session.request_progressed.connect(self._show_progress)
        self._keeping = Keeping(bar, context)
        self._kept = context.kept
        context.kept.changed.connect(self._show_kept)
        context.runs.changed.connect(self._show_kept)
        bar.keep_asked.connect(context.kept.switch)
        bar.kept_chosen.connect(self._keeping.show_kept)
        self._show_kept()

    def _take_view(self, options: ViewOptions) -> None:
        self._timeline.plays = options.motion and wants_motion()

    def _show_progress(self, words: str, done: int, of: int) -> None:
        if words != SAVING:
            self._bar.show_progress(words, done, of)

    def _show_kept(self) -> None:
        self._bar.show_kept(self._keeping.names, self._keeping.shown, self._kept.is_kept())

    def show(self, now: Shown, before: Shown | None) -> None:
        """Repaints what differs between two looks."""
        bar = self._bar
        if now.differs(before, "step"):
            bar.set_can_record(now.step is not None)
        if now.differs(before, "step", "kept", "run"):
            self._show_kept()
        if now.differs(before, "recording"):
            bar.show_recording(now.recording)
        if now.differs(before, "recording", "cursor"):
            bar.show_event(now.cursor)
        if now.run is not None and now.differs(before, "recorded", "recorded_bytes", "recording"):
            bar.show_steps(now.recorded, None if now.recording is None else now.recording.step)
            count = f"{len(now.recorded)} recording{'' if len(now.recorded) == 1 else 's'}"
            bar.set_memory(f"{count}, {in_words(now.recorded_bytes)} of {in_words(now.recorded_budget)}")
