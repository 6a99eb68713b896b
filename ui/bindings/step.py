"""Connects the step bar with the step that is shown."""

from __future__ import annotations

from PySide6.QtCore import QObject

from ui.bindings.context import Context
from ui.bindings.keeping import Keeping
from ui.panels.step import StepBar
from ui.state.shown import Shown

_OF_THE_STEP = ("step", "made", "structure", "structures", "depth", "following", "failed", "kept")


class StepBinding(QObject):
    """Says which step is shown, and takes the user to another."""

    def __init__(self, bar: StepBar, context: Context) -> None:
        """Connects both directions."""
        super().__init__(bar)
        self._bar, timeline = bar, context.timeline
        timeline.shown.connect(self.show)
        bar.step_chosen.connect(timeline.go_to)
        bar.follow_chosen.connect(timeline.follow)
        bar.against_chosen.connect(timeline.compare)
        bar.menu_asked.connect(Keeping(bar, context).open_menu)

    def show(self, now: Shown, before: Shown | None) -> None:
        """Repaints what differs between two looks."""
        bar = self._bar
        if now.differs(before, *_OF_THE_STEP):
            bar.show_step(now.step, now.made, _text(now), now.following)
        if now.differs(before, "against", "pinned"):
            bar.show_against(str(now.against), now.pinned)
        bar.slider.setProperty("depth", -1 if now.depth is None else now.depth)


def _text(now: Shown) -> str:
    """What is known of the step, in words."""
    if now.kept is not None:
        return f"kept, of {now.kept.name}"
    if now.failed:
        return "failed"
    if now.structure is None:
        return ""
    depth = "" if now.depth is None else f"depth {now.depth} · "
    return f"{depth}variant {now.structure + 1} of {now.structures}"
