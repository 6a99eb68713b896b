"""Runs the text of a program as Python would, with nothing of the playground around it: the oracle."""

from __future__ import annotations

import traceback
import warnings
from dataclasses import dataclass, field

import torch


@dataclass
class PlainRun:
    """What a program did.

    Attributes:
        losses: that it has printed.
        variables: its own, when it had ended.
        error: the exception in the words of a traceback's last line, "" if there was none.
        warned: every warning, each once.
    """

    losses: list[float] = field(default_factory=list)
    variables: dict[str, object] = field(default_factory=dict)
    error: str = ""
    warned: list[str] = field(default_factory=list)

    def tensor(self, name: str) -> torch.Tensor:
        """A tensor among its variables."""
        found = self.variables[name]
        assert isinstance(found, torch.Tensor)
        return found

    def model(self) -> torch.nn.Module:
        """Its model."""
        found = self.variables["model"]
        assert isinstance(found, torch.nn.Module)
        return found


def run_plainly(text: str) -> PlainRun:
    """Runs a program to its end."""
    run = PlainRun()
    run.variables.update(__name__="__main__", print=lambda _step, loss: run.losses.append(loss))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            exec(compile(text, "program.py", "exec"), run.variables)
        except Exception as error:
            run.error = "".join(traceback.format_exception_only(error))
    run.warned = list(dict.fromkeys(str(each.message) for each in caught))
    return run
