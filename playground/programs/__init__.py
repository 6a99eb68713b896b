"""A program's text, and the driver that runs it one step at a time.

    from playground.programs import open_program

    for step in open_program("mine.py").steps():
        print(step.number, step.loss)

The way through the files: `parse` reads a text, `hooks` puts hooks into its syntax tree, `driver` runs it and
`hearing` hears of its backward passes meanwhile, in `surroundings` of its own; `execution` makes its steps.
`output` keeps what it prints, draws and asks; `display` and `pictures` stand around it for that meanwhile.
`literals` finds and names the numbers of a text; `step_region`, `symbols` and `effects` tell when a change
of one acts; `numbers` is the entry to them, and `live` changes numbers while the program runs. `slots` writes
values into a text, `stage_text` those of the eight stages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.programs.errors import ProgramError

if TYPE_CHECKING:
    from playground.programs.program import Program, open_program

__all__ = ["Program", "ProgramError", "open_program"]


def __getattr__(name: str) -> object:
    # Programs need the lines of the data, which need this package's slots: whoever loads those first.
    if name not in ("Program", "open_program"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from playground.programs import program

    return getattr(program, name)
