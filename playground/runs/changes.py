"""What the user changed in the middle of a run: from which step on it acts, and what it did to the loss."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from playground.data.painted import PaintedData
from playground.history import History
from playground.restarts import OF_PAINTING, numbers_to_change
from playground.setting_specs import SPECS, show_value
from playground.settings import Settings, changed

SPAN = 100
"""Steps before and after a change over which the slope of the loss is taken."""
FEWEST_LOSSES = 10
"""Of fewer losses no slope is told."""
_CALLED = {"learning_rate": "lr"}


@dataclass(frozen=True, slots=True)
class Change:
    """A setting that was given another value while the run went on.

    Attributes:
        step: the first step that was made with the new value, counted from 0.
        name: the setting's, or that of one of the optimizer's own numbers.
        old, new: its values; of painted points what `Settings` says of the data before and after, as plain
            data.
        words: both of them, short: `"lr 1e-6 → 1e-5"`.
    """

    step: int
    name: str
    old: object
    new: object
    words: str


def changes_between(
    step: int, old: Settings, new: Settings, defaults: Mapping[str, object]
) -> tuple[Change, ...]:
    """What differs between two settings of one run, in the order of `Settings`.

    Args:
        step: the first that is made with the new ones.
        old, new: the settings.
        defaults: of the optimizer's own numbers, which the settings leave out where they hold.
    """
    changes: list[Change] = []
    for name in Settings.model_fields:
        if name == "optimizer_options":
            before, after = ({**defaults, **dict(each.optimizer_options)} for each in (old, new))
            changes += [
                _change(step, each, before.get(each), after.get(each))
                for each in sorted({*before, *after})
                if before.get(each) != after.get(each)
            ]
        elif name == "own":
            for number, value in numbers_to_change(old.own, new.own) or []:
                # What stands in the text is called as it stands there.
                changes.append(_called_change(step, number.name, number.name, number.value, value))
        elif name == "painted":
            if old.painted != new.painted:
                before, after = (
                    each.model_dump(mode="json", include=set(OF_PAINTING)) for each in (old, new)
                )
                changes.append(Change(step, name, before, after, _painted_words(before, after)))
        elif name not in OF_PAINTING and getattr(old, name) != getattr(new, name):
            changes.append(_change(step, name, getattr(old, name), getattr(new, name)))
    return tuple(changes)


def with_first_data(settings: Settings, changes: Iterable[Change]) -> Settings:
    """The settings of a run with the data that it began with: its recorded lines are lines of their text."""
    for change in changes:
        if change.name == "painted" and isinstance(change.old, Mapping):
            return changed(settings, **change.old)
    return settings


def with_data_of(settings: Settings, other: Settings) -> Settings:
    """The same with the data of another run, whose weights are as many."""
    return changed(settings, **{name: getattr(other, name) for name in OF_PAINTING})


def in_force(changes: Iterable[Change]) -> tuple[Change, ...]:
    """One change a step and setting: what was tried while the run stood still is left out."""
    found: dict[tuple[int, str], Change] = {}
    for change in changes:
        key = change.step, change.name
        first = found.pop(key, change)
        if first.old != change.new and change.name == "painted":
            words = _painted_words(first.old, change.new)
            found[key] = Change(change.step, change.name, first.old, change.new, words)
        elif first.old != change.new:
            called = change.words.partition(f" {value_text(change.name, change.old)} → ")[0]
            found[key] = _called_change(change.step, change.name, called, first.old, change.new)
    return tuple(found.values())


def value_text(name: str, value: object) -> str:
    """A value of a setting, short: `"1e-6"`, `"0.9, 0.999"`, `"0–3"`, `"automatic"`."""
    spec = SPECS.get(name)
    if spec is not None and spec.blank and not value:
        return spec.blank
    if isinstance(value, PaintedData):
        return f"{len(value.points)} points"
    return show_value(value, "–" if name == "depth" else ", ")


@dataclass(frozen=True, slots=True)
class Slopes:
    """How fast the loss fell before and after a change: powers of ten in a hundred steps.

    Attributes:
        before, after: the change of log10(loss) in a hundred steps; None where there are too few of them.
    """

    before: float | None
    after: float | None

    def words(self) -> str:
        """Both of them: `"−0.52 before, +0.1 after"`."""
        return f"{_slope_text(self.before)} before, {_slope_text(self.after)} after"


def slopes_at(history: History, step: int, others: Sequence[int] = ()) -> Slopes:
    """The slopes in the last hundred steps before a change and the first hundred after it.

    Args:
        history: of the run.
        step: the first that was made after the change.
        others: steps of the run's other changes, beyond which a slope would mix two of them.
    """
    first = max([step - SPAN, *(other for other in others if other < step)])
    last = min([step + SPAN, *(other for other in others if other > step)])
    return Slopes(_slope(history, max(0, first), step), _slope(history, step, last))


def _slope(history: History, first: int, last: int) -> float | None:
    """Of a straight line through the logarithms of the losses that have one."""
    losses = history.losses(first, last)
    usable = np.flatnonzero(np.isfinite(losses) & (losses > 0))
    if len(usable) < FEWEST_LOSSES:
        return None
    steps, logarithms = usable - usable.mean(), np.log10(losses[usable])
    return float(SPAN * (steps @ (logarithms - logarithms.mean())) / (steps @ steps))


def _slope_text(slope: float | None) -> str:
    if slope is None:
        return "too few steps"
    return f"{slope:+.3g}".replace("-", "−")


def _painted_words(old: object, new: object) -> str:
    """`"points 200 → 201"`, `"1 point moved"`."""
    assert isinstance(old, Mapping), "data are told as plain data"
    assert isinstance(new, Mapping), "data are told as plain data"
    if old["batch_size"] != new["batch_size"]:
        return f"points {old['batch_size']} → {new['batch_size']}"
    if old["painted"] is None:
        return "points painted"
    pairs = zip(old["painted"]["points"], new["painted"]["points"], strict=True)
    moved = sum(one != other for one, other in pairs)
    return f"{moved} point{'' if moved == 1 else 's'} moved"


def _change(step: int, name: str, old: object, new: object) -> Change:
    spec = SPECS.get(name)
    called = _CALLED.get(name) or (name.replace("_", " ") if spec is None else spec.called)
    return _called_change(step, name, called, old, new)


def _called_change(step: int, name: str, called: str, old: object, new: object) -> Change:
    return Change(step, name, old, new, f"{called} {value_text(name, old)} → {value_text(name, new)}")


def marks_of(changes: Sequence[Change]) -> tuple[tuple[int, tuple[Change, ...]], ...]:
    """The steps at which something changed, rising, each with what changed there."""
    steps = sorted({change.step for change in changes})
    return tuple((step, tuple(each for each in changes if each.step == step)) for step in steps)
