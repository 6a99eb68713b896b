"""Connects the plot of the loss with the step that is shown, with the runs, and with what is remembered."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from playground.runs.changes import Change
from playground.runs.entry import RunEntry
from playground.settings import Settings
from ui.bindings.context import Context
from ui.panels.loss import LossPlot
from ui.panels.loss.axes import Curve
from ui.session.orders import Run
from ui.state.shown import Shown
from ui.style.phases import structure_color
from ui.style.theme import current_theme


class LossBinding(QObject):
    """Draws the loss as far as the run has come, older runs under it, and the step that the user went to."""

    def __init__(self, plot: LossPlot, context: Context) -> None:
        """Connects both directions; the plot comes back as it was left."""
        super().__init__(plot)
        self._plot, self._runs = plot, context.runs
        self._session, self._series = context.session, 0
        view, session = context.view, context.session
        plot.set_logarithmic(view.options.logarithmic)
        plot.set_smoothing(view.options.smoothing)
        plot.set_in_seconds(view.options.in_seconds)
        plot.set_by_depth(view.options.by_depth)
        plot.logarithmic_toggled.connect(lambda chosen: view.change(logarithmic=chosen))
        plot.smoothing_chosen.connect(lambda chosen: view.change(smoothing=chosen))
        plot.seconds_toggled.connect(lambda chosen: view.change(in_seconds=chosen))
        plot.by_depth_toggled.connect(lambda chosen: view.change(by_depth=chosen))
        plot.step_chosen.connect(context.timeline.go_to)
        context.timeline.shown.connect(self.show)
        session.settings_changed.connect(self._take_settings)
        session.run_changed.connect(self._take_run)
        context.runs.curves_changed.connect(self.show_runs)
        self._take_settings(session.settings)
        self._take_run(session.run)

    def show(self, now: Shown, before: Shown | None) -> None:
        """Repaints what differs between two looks."""
        series = 0 if now.run is None else len(now.run.series)
        if before is None or series != self._series:
            self._series = series
            self.show_runs()
        if now.differs(before, "made", "run"):
            self._plot.refresh(now.made)
        if now.differs(before, "step", "following", "failed", "kept"):
            # The curve of a step that was kept is another one.
            follows = now.following or now.failed or now.kept is not None
            self._plot.set_cursor(None if follows else now.step)

    def show_runs(self) -> None:
        """Shows the runs as they are now: those that are visible, in their colors."""
        present, plot = self._runs.present, self._plot
        if present is not None:
            plot.set_present(self._name(present), self._color(present), _dashed(present))
            plot.set_changes(_marked(present))
            plot.set_seconds(present.clock.seconds_of)
            self._show_depths(present)
        plot.set_overlays(
            [
                Curve(
                    entry.number,
                    entry.name,
                    self._color(entry),
                    entry.history,
                    entry.clock.seconds_of,
                    _dashed(entry),
                )
                for entry in self._runs.archive.entries
                if entry.visible and entry is not present and entry.steps
            ]
            + self._more_losses()
        )

    def _name(self, present: RunEntry) -> str:
        """Of the curve: of a run with several losses that of its first."""
        run = self._session.run
        several = run is not None and run.history is present.history and len(run.series) > 1
        return run.series[0].name if run is not None and several else present.name

    def _more_losses(self) -> list[Curve]:
        """The losses that a step of the present run has beside its first."""
        run, present = self._session.run, self._runs.present
        if run is None or present is None or run.history is not present.history:
            return []
        theme, own = current_theme(), self._color(present)
        colors = [each for each in (theme.parameter, theme.accent, theme.update) if each != own]
        return [
            Curve(
                -1 - number,
                each.name,
                colors[number % len(colors)],
                each.history,
                present.clock.seconds_of,
                # Of a stage that is the loss of what was held out: a line of its own, not one among many.
                dashed=run.output is not None,
                grows=True,
                sparse=run.output is None,
                note=each.note,
            )
            for number, each in enumerate(run.series[1:])
        ]

    def _take_settings(self, settings: Settings) -> None:
        self._plot.set_steps(settings.steps)

    def _take_run(self, run: Run | None) -> None:
        self._plot.set_history(*((None, -1) if run is None else (run.history, run.number)))
        self.show_runs()

    def _show_depths(self, present: RunEntry) -> None:
        has_depth = present.settings.program.has_depth
        self._plot.set_depth_available(has_depth)
        if not has_depth:
            self._plot.set_step_colors(None, [])
            return
        history = present.history

        def depth_of(steps: NDArray[np.int64]) -> NDArray[np.int64]:
            depths = history.depths()
            # A plot that already draws the next run asks of steps that this one has not made.
            known = steps < len(depths)
            found = np.full(len(steps), -1, dtype=np.int64)
            found[known] = depths[steps[known]]
            return found

        made = history.depths()
        deepest = max(present.settings.depth[1], int(made.max()) if len(made) else 0)
        colors = [structure_color(current_theme(), depth) for depth in range(deepest + 1)]
        self._plot.set_step_colors(depth_of, colors)

    def _color(self, entry: RunEntry) -> str:
        colors = current_theme().plot
        return colors[entry.color % len(colors)]


def _marked(entry: RunEntry) -> list[Change]:
    """What was changed in a run and can be seen in its curve, or might be looked for there.

    The first step is made by itself; how many there are to be, and with how many threads, is mostly said
    after it and before the second, where no curve is.
    """
    return [each for each in entry.changes if each.step > 1 or each.name not in ("steps", "threads")]


def _dashed(entry: RunEntry) -> bool:
    """Whether another run may have its color: there are only so many."""
    return entry.color >= len(current_theme().plot)
