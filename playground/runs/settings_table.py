"""What runs differ in: their settings side by side, without what they have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from playground.data.painted import PaintedData
from playground.runs.entry import RunEntry
from playground.setting_specs import SPECS, show_value
from playground.settings import Settings
from playground.stages import OWN

NOT_THERE = "—"
"""Stands for a number that a run does not have."""
CHANGED = "changed in mid-run"


@dataclass(frozen=True, slots=True)
class SettingsRow:
    """A setting in which runs differ.

    Attributes:
        name: the setting's, in words.
        values: as text, one for each run.
    """

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SettingsTable:
    """The settings in which runs differ.

    Attributes:
        runs: the runs' numbers.
        rows: in the order of `Settings`; an optimizer's own numbers follow the optimizer. The last one
            tells what was changed in mid-run.
    """

    runs: tuple[int, ...] = ()
    rows: tuple[SettingsRow, ...] = ()


def differences(entries: Sequence[RunEntry]) -> SettingsTable:
    """What the settings of two or more runs differ in; what they have in common is left out."""
    every = [entry.settings for entry in entries]
    rows: list[SettingsRow] = []
    for name in Settings.model_fields:
        if name == "optimizer_options":
            rows.extend(_option_rows(every))
        elif name == "own":
            if any(settings.own is not None for settings in every):
                rows.append(SettingsRow("program", tuple(map(_program_text, every))))
        elif name == "data_file":
            files = (settings.data_file for settings in every)
            rows.append(
                SettingsRow("data file", tuple(NOT_THERE if each is None else each.path for each in files))
            )
        elif name == "painted":
            points = (settings.painted for settings in every)
            rows.append(SettingsRow("painted", tuple(map(_painted_text, points))))
        else:
            spec = SPECS[name]
            texts = tuple(
                NOT_THERE
                if name == "depth" and not settings.program.has_depth
                else spec.show(getattr(settings, name))
                for settings in every
            )
            rows.append(SettingsRow(spec.called, texts))
    rows.append(SettingsRow(CHANGED, tuple(_changes_text(entry) for entry in entries)))
    different = tuple(row for row in rows if len(set(row.values)) > 1)
    return SettingsTable(tuple(entry.number for entry in entries), different)


def _program_text(settings: Settings) -> str:
    if settings.own is None:
        return f"stage {settings.program.title}"
    edited = "" if settings.stage == OWN else ", edited"
    return f"{settings.own.name}{edited} {settings.own.arguments}".rstrip()


def _painted_text(painted: PaintedData | None) -> str:
    return NOT_THERE if painted is None else f"{len(painted.points)} points"


def _option_rows(every: Sequence[Settings]) -> list[SettingsRow]:
    options = [dict(settings.optimizer_options) for settings in every]
    rows = []
    for name in sorted(set().union(*options)):
        # Only torch knows all numbers of an optimizer: those that are not given are known to be there
        # where another run gives them to the same one.
        having = {settings.optimizer for settings, given in zip(every, options, strict=True) if name in given}
        texts = tuple(
            show_value(given[name], ", ")
            if name in given
            else "default"
            if settings.optimizer in having
            else NOT_THERE
            for settings, given in zip(every, options, strict=True)
        )
        rows.append(SettingsRow(name.replace("_", " "), texts))
    return rows


def _changes_text(entry: RunEntry) -> str:
    changes = [f"{each.words} at step {each.step}" for each in entry.changes if each.step < entry.steps]
    return "; ".join(changes) or NOT_THERE
