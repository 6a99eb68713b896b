"""A file of the user's with a program in it, as it stands in the editor."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from playground.own_program import OwnProgram
from playground.programs.errors import ProgramError
from playground.programs.parse import read_text


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A file of the user's.

    Attributes:
        path: of the file.
        saved: what it says, as far as is known.
        text: what stands in the editor.
        arguments, loop: as in `OwnProgram`.
    """

    path: str
    saved: str
    text: str
    arguments: str = ""
    loop: int | None = None

    @property
    def name(self) -> str:
        """Without the folder."""
        return Path(self.path).name

    @property
    def edited(self) -> bool:
        """Whether the editor holds something else than the file."""
        return self.text != self.saved

    @property
    def is_others(self) -> bool:
        """Whether the disk says neither what is known nor what it shall say; a file that is gone does not."""
        path = Path(self.path)
        try:
            return path.exists() and read_text(path) not in (self.saved, self.text)
        except ProgramError:
            return True

    def program(self) -> OwnProgram:
        """What would run."""
        return OwnProgram(self.path, self.text, self.arguments, self.loop)


def on_disk(own: OwnProgram) -> str:
    """What the file says; "" if it is not there."""
    with contextlib.suppress(ProgramError):
        return read_text(Path(own.path))
    return ""


def known_paths(paths: Iterable[str]) -> tuple[str, ...]:
    """Those of the paths that lead to a file."""
    return tuple(path for path in paths if Path(path).is_file())
