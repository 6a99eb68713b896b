"""Connects the plot of differences with the runs from the same start."""

from __future__ import annotations

from PySide6.QtCore import QObject

from playground.comparing.compare import Comparison
from playground.stages import stage_named
from ui.bindings.context import Context
from ui.panels.loss.difference import DifferencePlot
from ui.session.session import RunState
from ui.state.shown import Shown
from ui.style.theme import current_theme


class DifferencesBinding(QObject):
    """Draws how far the losses of runs from the same start are apart; present as long as there are any."""

    def __init__(self, plot: DifferencePlot, context: Context) -> None:
        """Shows them as soon as there are two such runs."""
        super().__init__(plot)
        self._plot = plot
        self._session, self._runs, self._places = context.session, context.runs, context.places
        context.runs.curves_changed.connect(self.show)
        context.timeline.shown.connect(self._look_again)

    def _look_again(self, _now: Shown, before: Shown | None) -> None:
        if before is None:
            # Perhaps for other colors.
            self.show()

    def show(self) -> None:
        """Shows the differences as they are now."""
        if self._session.state is RunState.RUNNING:
            # Its losses are not those of the steps to be compared yet.
            return
        comparison = self._runs.comparison()
        self._places.set_present("differences", comparison is not None)
        if comparison is not None:
            self._plot.show_differences(
                [
                    (_title(each.stage), self._color(each.stage), each.relative_differences)
                    for each in comparison.stages
                    if each.stage != comparison.reference
                ],
                _note(comparison),
            )

    def _color(self, stage: str) -> str:
        newest = [entry for entry in self._runs.archive.entries if entry.settings.stage == stage][-1]
        colors = current_theme().plot
        return colors[newest.color % len(colors)]


def _title(name: str) -> str:
    stage = stage_named(name)
    return name if stage is None else stage.title


def _note(comparison: Comparison) -> str:
    compared = f"Against {_title(comparison.reference)}, step by step."
    return " ".join((compared, *comparison.notes))
