"""What the plots show of the runs: the present one, the visible older ones, and their differences."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QTabWidget

from playground.comparing.compare import Comparison
from playground.runs.entry import RunEntry
from playground.stages import stage_named
from ui.bindings.runs import RunList
from ui.panels.loss.axes import Curve
from ui.panels.loss.difference import DifferencePlot
from ui.panels.loss.panel import LossPlot
from ui.session.session import RunState, Session
from ui.style.phases import structure_color
from ui.style.theme import current_theme


class Curves:
    """Hands the runs on to the plots; it is made late, since the plots take long to load."""

    def __init__(self, runs: RunList, session: Session, plot: LossPlot, tabs: QTabWidget) -> None:
        """Shows the runs in the plot; the differences come into a tab of their own when there are any."""
        self._runs, self._session = runs, session
        self._plot, self._tabs = plot, tabs
        self._differences = DifferencePlot()
        self._differences.setObjectName("difference_plot")

    def show(self) -> None:
        """Shows the runs as they are now: those that are visible, in their colors."""
        present = self._runs.present
        if present is not None:
            self._plot.set_present(present.name, self._color(present))
            self._plot.set_seconds(present.clock.seconds_of)
            self._show_depths(present)
        self._plot.set_overlays(
            [
                Curve(entry.number, entry.name, self._color(entry), entry.history, entry.clock.seconds_of)
                for entry in self._runs.archive.entries
                if entry.visible and entry is not present and entry.steps
            ]
        )
        self._show_differences()

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

    def _show_differences(self) -> None:
        # While a run goes on its losses are not those of the steps to be compared yet.
        running = self._session.state is RunState.RUNNING
        comparison = None if running else self._runs.comparison()
        place = self._tabs.indexOf(self._differences)
        if comparison is None:
            if place >= 0 and not running:
                self._tabs.removeTab(place)
            return
        if place < 0:
            self._tabs.addTab(self._differences, "Differences")
        self._differences.show_differences(
            [
                (_title(each.stage), self._color_of_stage(each.stage), each.relative_differences)
                for each in comparison.stages
                if each.stage != comparison.reference
            ],
            _note(comparison),
        )

    def _color(self, entry: RunEntry) -> str:
        return structure_color(current_theme(), entry.color)

    def _color_of_stage(self, stage: str) -> str:
        entries = [entry for entry in self._runs.archive.entries if entry.settings.stage == stage]
        return self._color(entries[-1])


def _title(name: str) -> str:
    stage = stage_named(name)
    return name if stage is None else stage.title


def _note(comparison: Comparison) -> str:
    compared = f"Against {_title(comparison.reference)}, step by step."
    return " ".join((compared, *comparison.notes))
