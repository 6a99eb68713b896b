"""What a running program can take over, and what needs a new start."""

from __future__ import annotations

from dataclasses import replace

from playground.data.catalog import PAINTED, RANDOM
from playground.optimizers import FIXED_AT_THE_START
from playground.own_program import OwnProgram
from playground.programs.errors import ProgramError
from playground.programs.numbers import Number, numbers_changed
from playground.setting_specs import SPECS
from playground.settings import Settings, SettingsError, needing_new_weights


class NumberRefused(SettingsError):
    """A number of a program's text that cannot have this value, and why."""

    def __init__(self, text: str) -> None:
        """Keeps the text: the number's name stands in it as the program writes it."""
        ValueError.__init__(self, f"number {text}")
        self.field, self.reason = "own", text


class NeedsNewStart(Exception):
    """A running program cannot take a number over as it stands now, and why, in one line."""


def numbers_to_change(
    old: OwnProgram | None, new: OwnProgram | None
) -> list[tuple[Number, int | float]] | None:
    """The numbers of the user's text in which two programs differ, if the first can take them over.

    Returns:
        Each with its new value; None if they differ in anything that needs a new start.
    """
    if old is None or new is None or replace(old, text="") != replace(new, text=""):
        return None
    try:
        numbers = numbers_changed(old.text, new.text, old.path, old.loop)
    except ProgramError:
        return None
    return numbers if numbers is not None and all(number.is_live for number, _ in numbers) else None


OF_PAINTING = ("data", "painted", "data_file", "batch_size", "noise", "formula", "standardize")
"""Settings that other points change."""


def repaints(old: Settings, new: Settings) -> bool:
    """Whether the second has other points, painted by hand, which a run of the first can go on with.

    The weights must be as many. The tutorial's random numbers are drawn together with them, so that these
    would be others; and with more rows or fewer, others would be held out, which it has been trained on.
    """
    weights = needing_new_weights(old, new)
    return (
        bool(weights)
        and set(weights) <= set(OF_PAINTING)
        and new.data == PAINTED
        and old.data != RANDOM
        and new.own is None
        and (old.batch_size == new.batch_size or not new.test_share)
    )


def restarting(old: Settings, new: Settings) -> tuple[str, ...]:
    """Names of the settings in which the two differ and that only a new run can take over.

    These are the settings that need new weights, and numbers that the optimizer reads only when it
    makes its state.
    """
    weights = needing_new_weights(old, new)
    if weights == ("own",) and numbers_to_change(old.own, new.own) is not None:
        return ()
    if weights and not repaints(old, new):
        return weights
    before, after = (
        {**dict(each.optimizer_options), "learning_rate": each.learning_rate} for each in (old, new)
    )
    fixed = FIXED_AT_THE_START.get(new.optimizer or "", ())
    return tuple(sorted(name for name in fixed if before.get(name) != after.get(name)))


def restarts(name: str, optimizer: str | None) -> bool:
    """Whether a change of a setting, or of one of the optimizer's own numbers, starts the run again."""
    fixed = FIXED_AT_THE_START.get(optimizer or "", ())
    return name in fixed or (name in SPECS and SPECS[name].restarts)
