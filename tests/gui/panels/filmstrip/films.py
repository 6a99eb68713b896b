"""Runs that the filmstrip shows, and where its parts are."""

from __future__ import annotations

from playground.history import History
from playground.runs.structure_statistics import DepthLoss, StructureStatistics
from ui.panels.filmstrip.panel import Filmstrip

Rows = list[tuple[float, int, int]]


# Structures are numbered as they appear; the depths that go with them need not rise.
DEPTHS = [2, 0, 3]
MIXED: Rows = [(100.0 + step, DEPTHS[step * step % 3], step * step % 3) for step in range(40)]
MIXED[5] = (105.0, 3, 2)


def history_of(rows: Rows) -> History:
    history = History(len(rows))
    for row in rows:
        history.append(*row)
    return history


def show(film: Filmstrip, rows: Rows) -> None:
    """Shows a run as the window does."""
    history = history_of(rows)
    statistics = StructureStatistics(history)
    statistics.update()
    film.show_statistics(statistics.structures(), statistics.depths())
    first = max(0, history.length - 512)
    film.show_newest(first, history.structures(first), history.depths(first), history.losses(first))


def many(kinds: int) -> Rows:
    return [(1.0 + step, step % kinds, step % kinds) for step in range(3 * kinds)]


def chosen_steps(film: Filmstrip) -> list[int]:
    numbers: list[int] = []
    film.step_chosen.connect(numbers.append)
    return numbers


def color_of_step(film: Filmstrip, step: int, *, height: float = 0.5) -> str:
    strip = film.strip
    place = strip.place_of(step).center()
    return strip.grab().toImage().pixelColor(place.x(), round(strip.height() * height)).name()


def loss_at(depth: int, low: float, median: float, high: float, *, not_finite: int = 0) -> DepthLoss:
    return DepthLoss(depth, 40, low, median, high, 0.25, median, 40, not_finite)
