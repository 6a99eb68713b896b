"""The losses of runs as a table of text that any spreadsheet reads."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from playground.history import NO_DEPTH, History
from playground.runs.series import LossSeries
from playground.workspace.files import Progress

_AT_ONCE = 1 << 11
"""Steps for which one call may hold the interpreter's lock, which the window and the training want, too."""


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """One loss of a run.

    Attributes:
        name: what heads its column.
        values: an entry a step, from step 0 on; NaN where a step has not computed it. Shape (steps,).
    """

    name: str
    values: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class RunCurves:
    """What is drawn of a run.

    Attributes:
        name: the run's.
        curves: its losses, the first of every step first.
        depths: how often DynamicNet used its middle layer in each step, shape (steps,); None elsewhere.
    """

    name: str
    curves: tuple[Curve, ...]
    depths: NDArray[np.int8] | None = None


def curves_of(name: str, history: History, series: Sequence[LossSeries] = ()) -> RunCurves:
    """The curves of a run, as far as it has come; views, not copies.

    Args:
        name: the run's.
        history: its losses and depths.
        series: the losses of a program of the user's own by their names; a stage has none.
    """
    losses, depths = history.losses(), history.depths()
    curves = tuple(Curve(each.name, each.history.losses(0, len(losses))) for each in series)
    has_depth = bool(len(depths)) and int(depths[0]) != NO_DEPTH
    return RunCurves(name, curves or (Curve("loss", losses),), depths if has_depth else None)


def write_csv(
    runs: Sequence[RunCurves], file: BinaryIO, on_progress: Progress = lambda _done, _of: None
) -> None:
    """Writes the steps of one run or of several, a line each, in UTF-8.

    Of one run the columns are named after its losses, of several after the runs (and the losses where a
    run has more than one). A number is Python's `repr`, which gives the same float64 back; a cell
    beyond the end of a run is empty. `on_progress` hears how many steps are written, and of how many.
    """
    columns = list(_columns(runs))
    file.write(_head(["step", *(name for name, _ in columns)]))
    steps = max((len(values) for _, values in columns), default=0)
    for start in range(0, steps, _AT_ONCE):
        on_progress(start, steps)
        stop = min(start + _AT_ONCE, steps)
        cells = [_cells(values[start:stop], stop - start) for _, values in columns]
        # Numbers need no quotation marks.
        rows = zip(map(str, range(start, stop)), *cells, strict=True)
        file.write("".join(f"{','.join(row)}\n" for row in rows).encode())
    on_progress(steps, steps)


def _columns(runs: Sequence[RunCurves]) -> Iterator[tuple[str, NDArray[np.float64] | NDArray[np.int8]]]:
    for run in runs:
        for curve in run.curves:
            alone = run.name if len(run.curves) == 1 else f"{run.name}: {curve.name}"
            yield curve.name if len(runs) == 1 else alone, curve.values
        if run.depths is not None:
            yield "depth" if len(runs) == 1 else f"{run.name}: depth", run.depths


def _cells(values: NDArray[np.float64] | NDArray[np.int8], count: int) -> list[str]:
    written = list(map(repr, values.tolist()))
    return written + [""] * (count - len(written))


def _head(names: Sequence[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(names)
    return text.getvalue().encode(errors="replace")
