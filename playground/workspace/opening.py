"""What a word stands for that the user wants to open: a shared set-up, a session's file, or a program."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from playground.programs.errors import ProgramError
from playground.programs.parse import read_text
from playground.settings import quoted
from playground.workspace.files import FileError, in_words
from playground.workspace.session_file import Session, load_session
from playground.workspace.share import Setup, SharedTextError, decode_setup, looks_shared

_ZIP = b"PK"


class OpeningError(Exception):
    """Nothing that can be opened; the message is one line."""


@dataclass(frozen=True, slots=True, eq=False)
class Opening:
    """One of the three is there.

    Attributes:
        setup: of a shared line.
        session: of a file; its `problems` are to be shown.
        program: file of a program of the user's own, which is a text.
    """

    setup: Setup | None = None
    session: Session | None = None
    program: Path | None = None


def what_to_open(word: str) -> Opening:
    """What a shared line, or the name of a file, opens.

    Raises:
        OpeningError: it is neither, or cannot be read.
    """
    try:
        path = Path(word)
        if not _is_file(path):
            return Opening(setup=_setup(word))
        # Not by its name: a session is a zip, a program a text; a shared line may lie in a file, too.
        with open(path, "rb") as file:
            begins = file.read(200)
        if begins.startswith(_ZIP) or path.suffix == ".session":
            return Opening(session=load_session(path))
        if looks_shared(begins.decode(errors="replace")):
            return Opening(setup=decode_setup(path.read_text(encoding="utf-8", errors="replace")))
        read_text(path)
        return Opening(program=path.resolve())
    except (FileError, ProgramError, SharedTextError) as error:
        raise OpeningError(str(error)) from None
    except OSError as error:
        raise OpeningError(f"{quoted(word)} was not read: {in_words(error)}") from None


def _is_file(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        # A long line is no name of a file.
        return False


def _setup(word: str) -> Setup:
    if looks_shared(word):
        return decode_setup(word)
    raise OpeningError(
        f"{quoted(word)} is neither a file nor a set-up; allowed: a session, a program, or a text that "
        "begins with tp1."
    )
