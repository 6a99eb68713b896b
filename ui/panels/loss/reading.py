"""What a pointer in the plot of the loss means: which step of which run, and what each run lost there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF

from playground.history import History
from ui.panels.loss.axes import Curve, XAxis, grouped
from ui.panels.loss.canvas import LossCanvas
from ui.panels.loss.legend import Entry
from ui.panels.loss.nearest import nearest_of_line, nearest_step
from ui.panels.loss.overlays import Line, Overlays

HOVER = 8.0
"""Pixels from a curve within which the pointer means it."""
NO_LOSS = "–"
_SHORT_NAME = 14
_LOOKED_AT_ONCE = 4096


@dataclass(frozen=True, slots=True)
class Present:
    """The present run, as the plot knows it."""

    name: str
    color: str
    dashed: bool
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
        step = nearest_step(canvas, place, length)
        return Pointed(canvas.x_axis.place(step), step)
    older = _nearest_line(canvas, overlays.lines, place)
    curve = canvas.curve
    _, own = nearest_of_line(canvas, curve.steps, curve.along, curve.places, place)
    if older is not None and older[2] <= HOVER and older[2] < own:
        line, step, _ = older
        in_seconds = canvas.x_axis.seconds is not None
        return Pointed(overlays.x_axis(line.curve, in_seconds).place(step), step, line.curve)
    there = max(0.0, canvas.box.mapSceneToView(place).x())
    if length and there <= canvas.x_axis.place(length - 1):
        step = nearest_step(canvas, place, length)
        return Pointed(canvas.x_axis.place(step), step)
    reach = overlays.reach(canvas.x_axis.seconds is not None)
    if canvas.x_axis.seconds is not None:
        return Pointed(min(there, reach), max(0, length - 1)) if length or reach else None
    last = int(max(reach, length)) - 1
    return Pointed(min(round(there), last), min(round(there), last)) if last >= 0 else None


def name_entries(present: Present, overlays: Overlays, in_seconds: bool) -> list[Entry]:
    """The runs with their last losses, the present one first, then the newest; empty without older ones."""
    if not overlays.curves:
        return []
    shown = overlays.shown(in_seconds)
    last = _loss_text(present.history, present.length - 1)
    entries = [Entry(present.name, present.color, last, dashed=present.dashed)]
    for curve in reversed(overlays.curves):
        there = curve in shown or not curve.history.length
        value = _loss_text(curve.history, curve.history.length - 1) if there else "no times"
        color = curve.color if curve in shown else ""
        entries.append(Entry(curve.name, color, value, dashed=curve.dashed, note=curve.note))
    return entries


def reading_entries(present: Present, x_axis: XAxis, overlays: Overlays, pointed: Pointed) -> list[Entry]:
    """The loss of each run in view at what is pointed at: at the same step, or after the same seconds.

    `x_axis` is that of the present run.
    """
    if not overlays.curves:
        return []
    in_seconds = x_axis.seconds is not None
    value = loss_there(present.history, present.length, x_axis, pointed)
    entries = [Entry(present.name, present.color, value, pointed.curve is None, present.dashed)]
    for curve in reversed(overlays.shown(in_seconds)):
        own = overlays.x_axis(curve, in_seconds)
        value = loss_there(curve.history, curve.history.length, own, pointed, curve.sparse)
        meant = curve is pointed.curve
        entries.append(Entry(curve.name, curve.color, value, meant, curve.dashed, curve.note))
    return entries


def loss_there(
    history: History | None, length: int, x_axis: XAxis, pointed: Pointed, sparse: bool = False
) -> str:
    """The loss of a run of `length` steps at what is pointed at, in words.

    Of one that is measured now and then (`sparse`) it is the last before that, with its step.
    """
    step = pointed.step
    if x_axis.seconds is not None and length:
        beyond = pointed.x > x_axis.place(length - 1)
        step = length if beyond else x_axis.nearest(pointed.x, length)
    if not sparse:
        return NO_LOSS if step >= length else _loss_text(history, step)
    measured = None if history is None else last_measured(history, step)
    at = "" if measured in (None, step) else f" (step {grouped(measured or 0)})"
    return NO_LOSS if measured is None else f"{_loss_text(history, measured)}{at}"


def last_measured(history: History, step: int) -> int | None:
    """The last step up to this one in which a loss that is computed now and then is known; None without one.

    The newest entry was computed even where it is no number: nothing is put down for a step without it.
    """
    if step >= history.length - 1:
        return history.length - 1 if history.length else None
    stop = step + 1
    while stop > 0:
        start = max(0, stop - _LOOKED_AT_ONCE)
        known = np.flatnonzero(np.isfinite(history.losses(start, stop)))
        if len(known):
            return start + int(known[-1])
        stop = start
    return None


def _loss_text(history: History | None, step: int) -> str:
    if history is None or step < 0:
        return NO_LOSS
    loss = history.loss(step)
    return f"{loss:.4g}" if math.isfinite(loss) else str(loss)


def shown_reading(
    present: Present,
    x_axis: XAxis,
    overlays: Overlays,
    pointed: Pointed | None,
    marked: Sequence[int | None],
) -> tuple[list[str], bool]:
    """The step that is pointed at and its loss, else of the first step that is marked.

    Args:
        present: the present run.
        x_axis: its axis.
        overlays: the older runs.
        pointed: what is pointed at.
        marked: the chosen step, and the first one that could not be drawn.

    Returns:
        The texts from the longest to the shortest, and whether the loss is not finite.
    """
    steps = (None if pointed is None else pointed.step, *marked)
    step = next((each for each in steps if each is not None), None)
    history, made, name = present.history, present.length, ""
    in_seconds = x_axis.seconds is not None
    if pointed is not None and pointed.curve is not None:
        history, name = pointed.curve.history, pointed.curve.name
        made = history.length
        x_axis = overlays.x_axis(pointed.curve, in_seconds)
        if pointed.curve.sparse and step is not None:
            step = last_measured(history, step)
    if history is None or step is None or step >= made:
        return ([""] if step is None or pointed is None else reading_texts(step, None)), False
    loss = history.loss(step)
    seconds = x_axis.place(step) if in_seconds else None
    return reading_texts(step, loss, name, seconds), not math.isfinite(loss)


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
        texts = [f"loss {loss} at step {number}", f"step {number}: {loss}", f"{number}: {loss}", str(loss)]
    else:
        value = NO_LOSS if loss is None else f"{loss:.4g}"
        texts = [f"step {number}: {value}", f"{number}: {value}", value]
    if seconds is not None:
        texts.insert(0, f"{seconds:.4g} s · {texts[0]}")
    if name:
        short = name if len(name) <= _SHORT_NAME else name[: _SHORT_NAME - 1] + "…"
        texts = [f"{each} · {text}" for each in dict.fromkeys((name, short)) for text in texts] + [short]
    return texts


def _nearest_line(
    canvas: LossCanvas, lines: Sequence[Line], place: QPointF
) -> tuple[Line, int, float] | None:
    """The older run nearest to a place in the scene, its step there and how many pixels it is away."""
    found: list[tuple[Line, int, float]] = []
    for line in lines:
        step, distance = nearest_of_line(canvas, line.steps, line.x, line.places, place)
        found.append((line, step, distance))
    return min(found, key=lambda each: each[2], default=None)
