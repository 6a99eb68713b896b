"""How strictly the words of a command line are read: nothing twice, nothing shortened, nothing ignored."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from playground.setting_specs import SPECS
from playground.settings import SettingsError, quoted, shortened
from playground.stages import Stage

Words = str | Sequence[Any] | None
"""What argparse hands to an action: the value, the values of one that takes several, or none."""


class StrictParser(argparse.ArgumentParser):
    """A parser that knows options by their whole names only, and takes each once if it does not add up.

    Its complaint is one line, without the usage in front of it.
    """

    def __init__(self, prog: str | None = None, description: str | None = None) -> None:
        """A parser without options."""
        super().__init__(prog=prog, description=description, allow_abbrev=False)
        self.register("action", None, _Once)
        self.register("action", "store_true", _SwitchOnce)

    def error(self, message: str) -> NoReturn:
        """Prints the line and ends with status 2."""
        self.exit(2, f"{self.prog}: {' '.join(map(shortened, message.split()))}\n")

    def option_names(self) -> list[str]:
        """The options that its usage lists."""
        return re.findall(r"--[a-z][a-z-]*", self.format_usage())


class _Once(argparse.Action):
    """Keeps the value of an option, and refuses a second one."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Words,
        option_string: str | None = None,
    ) -> None:
        given: dict[str, Words] = vars(namespace).setdefault("given", {})
        if self.dest in given:
            what = "given twice" if self.nargs == 0 else f"{quoted(values)} after {quoted(given[self.dest])}"
            parser.error(f"{option_string}: {what} is not allowed; allowed: once")
        given[self.dest] = values
        setattr(namespace, self.dest, True if self.nargs == 0 else values)


class _SwitchOnce(_Once):
    """An option without a value."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str | None = None) -> None:
        super().__init__(option_strings, dest, nargs=0, default=False, help=help)


class Refused(argparse.Action):
    """An option of other commands that this one has no use for; it says why, and help leaves it out."""

    def __init__(self, option_strings: Sequence[str], dest: str, why: str) -> None:
        """`why` tells what is allowed instead."""
        super().__init__(option_strings, dest, default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        self._why = why

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Words,
        option_string: str | None = None,
    ) -> None:
        """Ends with the line."""
        parser.error(f"{option_string}: {quoted(values)} is not allowed; {self._why}")


def refuse_unused(given: Mapping[str, object], stages: Sequence[Stage]) -> None:
    """Refuses a setting that was given although none of the stages uses it.

    Args:
        given: values by the settings' names, as they were typed.
        stages: at least one.

    Raises:
        SettingsError: names the setting, its value and the stages.
    """
    for field, value in given.items():
        if field not in SPECS:
            continue
        reasons = [SPECS[field].why_unused(stage) for stage in stages]
        if all(reasons):
            names = ", ".join(stage.name for stage in stages)
            whom = f"the stage {names} has" if len(stages) == 1 else f"the stages {names} have"
            raise SettingsError(field, f"{quoted(value)} is not allowed; {whom} no use for it: {reasons[0]}")
