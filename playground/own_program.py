"""A program of the user's own, or a stage that the user has edited, as a value that a run is made of."""

from __future__ import annotations

import shlex
from pathlib import Path

from pydantic import Field
from pydantic.dataclasses import dataclass

LARGEST_TEXT = 2_000_000
"""Characters of a program's text at most, and bytes of its file: nobody writes a longer one."""


@dataclass(frozen=True)
class OwnProgram:
    """What runs in place of a stage's program.

    Attributes:
        path: of the user's file; of an edited stage, the stage's.
        text: what runs, whatever the file says by now.
        arguments: words that it finds in `sys.argv` after its name, written as for a shell.
        loop: line of the training loop, where the user has chosen it; None to have it found.
    """

    path: str
    text: str = Field(max_length=LARGEST_TEXT)
    arguments: str = ""
    loop: int | None = None

    @property
    def name(self) -> str:
        """Of its file, without the folder."""
        return Path(self.path).name

    def words(self) -> list[str]:
        """Its arguments one by one.

        Raises:
            ValueError: a quotation mark that is not closed, in one line.
        """
        try:
            return shlex.split(self.arguments)
        except ValueError as error:
            raise ValueError(f"arguments: {self.arguments!r} is not allowed ({error})") from None
