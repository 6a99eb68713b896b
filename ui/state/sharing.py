"""Set-ups as lines of text: what the window would run, and what somebody else has copied."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject

from playground.own_program import OwnProgram
from playground.programs.errors import ProgramError
from playground.programs.parse import read_text
from playground.runs.changes import value_text
from playground.settings import Settings, make_settings
from playground.stages import OWN
from playground.workspace.files import FileError, in_words, write_text
from playground.workspace.share import Setup, encode_settings
from ui.session.session import Session
from ui.state.file_work import sentence
from ui.state.programs import Programs

FOREIGN = "With {}, a program of {} that somebody has written: it would run with your rights."
REPLACES = "It takes the place of what you have changed in {}."


class Sharing(QObject):
    """Copies the set-up, and takes one over; a program that comes with it does not run by itself."""

    def __init__(self, session: Session, programs: Programs, folder: Path | None) -> None:
        """Does nothing by itself.

        Args:
            session, programs: what is shared.
            folder: where programs of others become files; None takes the present folder.
        """
        super().__init__(session)
        self._session, self._programs, self._folder = session, programs, folder

    def text(self) -> str:
        """The line for what stands in the window, the text in the editor included."""
        self._programs.settle()
        own, settings = self._programs.own, self._session.settings
        if own is not None and own != settings.own:
            stage = OWN if self._programs.file is not None else self._programs.current
            settings = self._session.program_settings(own, stage)
        return encode_settings(settings)

    def in_words(self, setup: Setup) -> str:
        """What a set-up is, for people, before it is taken over."""
        settings, own = setup.settings, setup.settings.own
        lines = []
        if own is None or settings.stage != OWN:
            lines.append(settings_in_words(settings))
        if own is not None:
            count = len(own.text.splitlines())
            lines.append(FOREIGN.format(own.name, f"{count} line{'s' * (count != 1)}"))
            if settings.stage in self._programs.edited_stages:
                lines.append(REPLACES.format(settings.stage))
        return "\n".join(lines)

    def take(self, setup: Setup) -> None:
        """Chooses what it says; of a program of somebody else's nothing runs before the user runs it."""
        settings, own = setup.settings, setup.settings.own
        if own is None or settings.stage != OWN:
            if own is not None:
                self._session.distrust(own.path)
            self._session.choose_all(settings)
            return
        try:
            own = _as_file(own, self._folder or Path.cwd())
        except FileError as error:
            self._programs.noticed.emit("warning", sentence(error))
            return
        self._session.distrust(own.path)
        if self._programs.open(own.path):
            self._session.choose_all(settings.model_copy(update={"own": own}))


def settings_in_words(settings: Settings) -> str:
    """The stage, and what is not as it would be by itself: `"autograd; hidden size 50, steps 20"`."""
    plain = make_settings(stage=settings.stage, own=settings.own)
    names = [name for name in Settings.model_fields if getattr(settings, name) != getattr(plain, name)]
    values = ", ".join(
        f"{name.replace('_', ' ')} {value_text(name, getattr(settings, name))}" for name in names
    )
    return f"{settings.stage}; {values}" if values else f"{settings.stage}, all else by default"


def _as_file(own: OwnProgram, folder: Path) -> OwnProgram:
    """The program in a file of its own, under a name that nothing else has."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"{own.name} was not written: {in_words(error)}") from None
    plain, number = Path(own.name), 1
    path = folder / plain.name
    while path.exists() and not _says(path, own.text):
        number += 1
        path = folder / f"{plain.stem}-{number}{plain.suffix}"
    if not path.exists():
        write_text(path, own.text)
    return replace(own, path=str(path.resolve()))


def _says(path: Path, text: str) -> bool:
    try:
        return read_text(path) == text
    except ProgramError:
        return False
