"""Keeps the opened files and the edited texts from one start to the next: plain JSON, written as a whole."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

LARGEST_FILE = 64 << 20
"""Bytes; what is larger was not written here."""
MOST_RECENT = 10


class StoredFile(BaseModel):
    """A file of the user's that stands below the ladder.

    Attributes:
        path: of the file.
        text: what stands in the editor, where that is not what the file says; else None.
        saved: what the file said then; None where it is not known, or the editor holds just that.
        arguments, loop: as in `OwnProgram`.
    """

    model_config = ConfigDict(frozen=True)

    path: str
    text: str | None = None
    saved: str | None = None
    arguments: str = ""
    loop: int | None = None


class Stored(BaseModel):
    """Everything that is kept.

    Attributes:
        files: in their order below the ladder.
        stages: texts of the stages that were edited, by their names.
        current: the program that was shown last: a stage's name, or a path.
        recent: paths of the files that were opened last, the newest first.
    """

    model_config = ConfigDict(frozen=True)

    files: tuple[StoredFile, ...] = ()
    stages: dict[str, str] = Field(default_factory=dict)
    current: str = ""
    recent: tuple[str, ...] = ()


@dataclass(slots=True)
class ProgramStore:
    """The file that holds it.

    Attributes:
        path: of the file; None keeps nothing.
    """

    path: Path | None = None
    _written: Stored = field(default_factory=Stored)

    def load(self) -> Stored:
        """What was kept; a file that cannot be read is set aside, and nothing of it is lost."""
        path = self.path
        if path is None or not path.exists():
            return Stored()
        try:
            if path.stat().st_size > LARGEST_FILE:
                raise ValueError("it is too large")
            self._written = Stored.model_validate(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, RecursionError, ValidationError):
            with contextlib.suppress(OSError):
                path.replace(path.with_name(f"{path.name}.damaged"))
        return self._written

    def save(self, stored: Stored) -> str:
        """Writes the file as a whole or not at all; what went wrong in one line, "" if nothing did."""
        path = self.path
        if path is None or stored == self._written:
            return ""
        new = path.with_name(f"{path.name}.{os.getpid()}.new")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            new.write_text(stored.model_dump_json(indent=1), encoding="utf-8")
            new.replace(path)
        except (OSError, UnicodeError) as error:
            with contextlib.suppress(OSError):
                new.unlink(missing_ok=True)
            return f"What you edit is not kept: {path} cannot be written ({error})."
        self._written = stored
        return ""
