"""What a pointer in the plot of the loss means: which step of which run, and what each run lost there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF

from playground.history import History
from ui.panels.loss.axes import Curve, Losses, Steps, XAxis, grouped
from ui.panels.loss.canvas import LossCanvas
from ui.panels.loss.items import Along
from ui.panels.loss.legend import Entry
from ui.panels.loss.overlays import Line, Overlays

HOVER = 8.0
"""Pixels from a curve within which the pointer means it."""
NO_LOSS = "–"
_SHORT_NAME = 14


@dataclass(frozen=True, slots=True)
class Present:
    """The present run, as the plot knows it."""

    name: str
    color: str
    history: History | None
    length: int


@dataclass(frozen=True, slots=True)
class Pointed:
    """What is pointed at.

    Attributes:
        x: the place on the horizontal axis.
        step: the step there, of the run that is meant.
        curve: that run, if it is an older one; None: the present one.
    """

    x: float
    step: int
    curve: Curve | None = None


def pointed_at(canvas: LossCanvas, overlays: Overlays, place: QPointF, length: int) -> Pointed | None:
    """What is meant by a place in the scene; None where there is no step at all.

    It is a step of the curve near the pointer; away from all curves one of the present run, of which
    `length` steps have been made, or one that only older runs have reached.
    """
    if not overlays.curves:
        step = canvas.nearest_step(place, length)
        return Pointed(canvas.x_axis.place(step), step)
    older = _nearest_line(canvas, overlays.item.lines, place)
    curve = canvas.curve
    _, own = _nearest(canvas, curve.steps, curve.along, curve.places, place)
    if older is not None and older[2] <= HOVER and older[2] < own:
        line, step, _ = older
        in_seconds = canvas.x_axis.seconds is not None
        return Pointed(overlays.x_axis(line.curve, in_seconds).place(step), step, line.curve)
    there = max(0.0, canvas.box.mapSceneToView(place).x())
    if length and there <= canvas.x_axis.place(length - 1):
        step = canvas.nearest_step(place, length)
        return Pointed(canvas.x_axis.place(step), step)
    reach = overlays.reach(canvas.x_axis.seconds is not None)
    if canvas.x_axis.seconds is not None:
        return Pointed(min(there, reach), max(0, length - 1)) if length or reach else None
    last = int(max(reach, length)) - 1
    return Pointed(min(round(there), last), min(round(there), last)) if last >= 0 else None


def name_entries(present: Present, overlays: Overlays, in_seconds: bool) -> list[Entry]:
    """The legend: the present run, and the older ones, the newest first; empty without older ones."""
    if not overlays.curves:
        return []
    shown = overlays.shown(in_seconds)
    entries = [Entry(present.name, present.color)]
    for curve in reversed(overlays.curves):
        unknown = "" if curve in shown or not curve.history.length else "no times"
        entries.append(Entry(curve.name, curve.color if curve in shown else "", unknown))
    return entries


def reading_entries(present: Present, x_axis: XAxis, overlays: Overlays, pointed: Pointed) -> list[Entry]:
    """The loss of each run in view at what is pointed at: at the same step, or after the same seconds.

    `x_axis` is that of the present run.
    """
    if not overlays.curves:
        return []
    in_seconds = x_axis.seconds is not None
    value = loss_there(present.history, present.length, x_axis, pointed)
    entries = [Entry(present.name, present.color, value, pointed.curve is None)]
    for curve in reversed(overlays.shown(in_seconds)):
        own = overlays.x_axis(curve, in_seconds)
        value = loss_there(curve.history, curve.history.length, own, pointed)
        entries.append(Entry(curve.name, curve.color, value, curve is pointed.curve))
    return entries


def loss_there(history: History | None, length: int, x_axis: XAxis, pointed: Pointed) -> str:
    """The loss of a run of `length` steps at what is pointed at, in words."""
    step = pointed.step
    if x_axis.seconds is not None and length:
        beyond = pointed.x > x_axis.place(length - 1)
        step = length if beyond else x_axis.nearest(pointed.x, length)
    if history is None or step >= length:
        return NO_LOSS
    loss = history.loss(step)
    return f"{loss:.4g}" if math.isfinite(loss) else str(loss)


def reading_texts(step: int, loss: float | None, name: str = "", seconds: float | None = None) -> list[str]:
    """A step and its loss in words, from the longest text to the shortest.

    Args:
        step: the step.
        loss: its loss; None if the run has not come so far.
        name: the run's, where it must be named.
        seconds: when the step was made, where that is shown.
    """
    number = grouped(step)
    if loss is not None and not math.isfinite(loss):
        texts = [f"loss {loss} at step {number}", f"{number}    {loss}"]
    else:
        value = NO_LOSS if loss is None else f"{loss:.4g}"
        texts = [f"step {number}    loss {value}", f"{number}    {value}"]
    if seconds is not None:
        texts.insert(0, f"{seconds:.4g} s    {texts[0]}")
    if name:
        short = name if len(name) <= _SHORT_NAME else name[: _SHORT_NAME - 1] + "…"
        texts = [f"{each}    {text}" for each in dict.fromkeys((name, short)) for text in texts] + [short]
    return texts


def _nearest_line(
    canvas: LossCanvas, lines: Sequence[Line], place: QPointF
) -> tuple[Line, int, float] | None:
    """The older run nearest to a place in the scene, its step there and how many pixels it is away."""
    found: list[tuple[Line, int, float]] = []
    for line in lines:
        step, distance = _nearest(canvas, line.steps, line.x, line.places, place)
        found.append((line, step, distance))
    return min(found, key=lambda each: each[2], default=None)


def _nearest(canvas: LossCanvas, steps: Steps, x: Along, places: Losses, place: QPointF) -> tuple[int, float]:
    """The step of a curve nearest to a place in the scene, and the distance in pixels from its line."""
    if not len(steps):
        return -1, math.inf
    step, distance = canvas.nearest_point(place, steps, x, places)
    there = canvas.box.mapSceneToView(place)
    if not x[0] <= there.x() <= x[-1]:
        return step, distance
    # Between two points that are far apart the line itself is what the pointer is near to.
    along = float(np.interp(there.x(), x, places))
    upright = canvas.pixels_between(along, there.y())
    if math.isnan(upright) or upright >= distance:
        return step, distance
    return int(steps[np.abs(x - there.x()).argmin()]), upright
