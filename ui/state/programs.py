"""The programs that can run: the eight stages, and the files that the user has opened, with what was edited.

The text that stands in the editor is a draft. It becomes what runs when the user runs it; a draft that only
gives numbers other values does so by itself, as a control would.
"""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from playground.own_program import LARGEST_TEXT, OwnProgram
from playground.programs.errors import ProgramError
from playground.programs.files import write_text
from playground.programs.numbers import find_numbers, with_number
from playground.programs.parse import parse, read_text
from playground.programs.program import program_of
from playground.programs.stage_text import settings_of
from playground.restarts import numbers_to_change
from playground.settings import Settings, SettingsError, on_a_line
from playground.stages import OWN, stage_named
from playground.workspace.files import seen
from ui.session.session import Session
from ui.state.open_file import OpenFile, on_disk
from ui.state.program_store import MOST_RECENT, ProgramStore, Stored, StoredFile

SETTLED_AFTER = 400
"""Milliseconds without a key stroke after which a changed number takes effect."""
KEPT_AFTER = 500
"""Milliseconds from a change until it is written to the disk."""
RIGHTS = "{} runs with your rights, as python {} would: press Run if you trust it."
TWICE = "To record its first step, or one that has failed, it may be started a second time, unheard."
TOO_LONG = "A program of {:,} letters is not allowed; at most {:,} are. The text is as it was."
GONE = "{} is no longer on the disk; its text is kept here, and Save writes it again."


class Programs(QObject):
    """Which program is shown, and what its text is.

    Attributes:
        files: those that are open, in their order.
        current: a stage's name, or the path of a file.

    Signals:
        changed(): another program is shown, or something of one is another than before.
        noticed(str, str): level and text of a notice for the user.
        changed_on_disk(str): a file with unsaved changes has been changed by another program.
        would_overwrite(str): a file that is to be saved has been changed by another program, unheard.
    """

    changed = Signal()
    noticed = Signal(str, str)
    changed_on_disk = Signal(str)
    would_overwrite = Signal(str)

    def __init__(self, session: Session, store: ProgramStore | None = None) -> None:
        """Brings back what was open; the session has the settings of a stage."""
        super().__init__(session)
        self._session, self._store = session, store or ProgramStore()
        self._files: dict[str, OpenFile] = {}
        self._stages: dict[str, str] = {}
        self._recent: tuple[str, ...] = ()
        self.current = self._stage = session.settings.stage
        self._latest = session.settings.own
        self._told: set[str] = set()
        self._watcher = QFileSystemWatcher(self)
        self._watcher.fileChanged.connect(self._look_at_disk)
        self._settling = QTimer(self, singleShot=True, interval=SETTLED_AFTER)
        self._settling.timeout.connect(self.settle)
        self._keeping = QTimer(self, singleShot=True, interval=KEPT_AFTER)
        self._keeping.timeout.connect(self.keep)
        session.prepare = self.commit
        session.settings_changed.connect(self._take_settings)
        self._bring_back(self._store.load())

    # What there is

    @property
    def files(self) -> tuple[OpenFile, ...]:
        """Those that are open, in their order."""
        return tuple(self._files.values())

    @property
    def recent(self) -> tuple[str, ...]:
        """Paths of the files that were opened last, the newest first."""
        return self._recent

    @property
    def file(self) -> OpenFile | None:
        """The one that is shown; None for a stage."""
        return self._files.get(self.current)

    @property
    def edited_stages(self) -> tuple[str, ...]:
        """Names of the stages that have another text than their own, whatever their settings."""
        return tuple(self._stages)

    @property
    def name(self) -> str:
        """Of the file whose text is shown: `"autograd.py"`."""
        file = self.file
        return self.stage_settings.program.source_file.name if file is None else file.name

    @property
    def path(self) -> str:
        """Of that file."""
        file = self.file
        return str(self.stage_settings.program.source_file) if file is None else file.path

    @property
    def text(self) -> str:
        """What stands in the editor."""
        file = self.file
        if file is not None:
            return file.text
        text = self._stages.get(self.current)
        return program_of(self.stage_settings).text if text is None else text

    @property
    def original(self) -> str:
        """What Put back brings: of a file what the disk says, of a stage its text with the settings."""
        file = self.file
        return program_of(self.stage_settings).text if file is None else file.saved

    @property
    def edited(self) -> bool:
        """Whether what stands in the editor is not the original."""
        return self.text != self.original

    @property
    def own(self) -> OwnProgram | None:
        """What would run if it is the user's own text; None for a stage as it is."""
        file = self.file
        if file is not None:
            return file.program()
        text = self._stages.get(self.current)
        return None if text is None else OwnProgram(str(self._stage_file()), text)

    @property
    def runs(self) -> bool:
        """Whether what stands in the editor is what the session runs."""
        return self.own == self._session.settings.own

    # What the user does

    def open(self, path: str) -> bool:
        """Opens a file and shows it; one that is open already is shown. Whether it could be."""
        whole = str(Path(path).expanduser().resolve())
        if whole not in self._files:
            try:
                text = read_text(Path(whole))
            except ProgramError as error:
                self.noticed.emit("warning", str(error))
                return False
            self._files[whole] = OpenFile(whole, text, text)
            self._watch(whole)
        self._recent = (whole, *(each for each in self._recent if each != whole))[:MOST_RECENT]
        self.choose(whole)
        return True

    def choose(self, program: str) -> None:
        """Shows a program and makes it the one that runs next: a stage by its name, a file by its path."""
        if program == self.current and self.runs:
            return
        self.current = program
        own = self.own
        if own is None:
            self._session.choose_stage(program)
        else:
            self._session.choose_program(own, OWN if program in self._files else program)
        file = self.file
        if file is not None and file.path not in self._told:
            self._told.add(file.path)
            self.noticed.emit("info", f"{RIGHTS.format(file.name, file.name)} {TWICE}")
        self._tell()

    def edit(self, text: str) -> None:
        """The user has changed the text in the editor."""
        if len(text) > LARGEST_TEXT:
            self.noticed.emit("warning", TOO_LONG.format(len(text), LARGEST_TEXT))
            self._tell()
            return
        file = self.file
        if file is not None:
            self._files[file.path] = replace(file, text=text)
        elif text == program_of(self.stage_settings).text:
            self._stages.pop(self.current, None)
        else:
            self._stages[self.current] = text
        self._settling.start()
        self._tell()

    def settle(self) -> None:
        """What only gives settings of a stage other values takes effect, as if a control had been used."""
        self._settling.stop()
        own, runs = self.own, self._session.settings.own
        if own is not None and own != runs and numbers_to_change(runs, own) is not None:
            self._session.choose_program(own, OWN if self.file is not None else self.current)
            return
        text = self._stages.get(self.current)
        if text is None:
            return
        try:
            settings = settings_of(self.current, text)
        except (ProgramError, SettingsError, ValueError):
            return
        if not settings.program.has_depth:
            # It does not stand in the text, and is kept for DynamicNet.
            settings = settings.model_copy(update={"depth": self.stage_settings.depth})
        del self._stages[self.current]
        self._session.choose_all(settings)
        self._tell()

    def commit(self) -> bool:
        """What stands in the editor becomes what runs; whether it is Python, otherwise nothing happens."""
        self.settle()
        own = self.own
        if own is not None and own != self._session.settings.own:
            try:
                parse(own.text, own.path)
            except ProgramError as error:
                self.noticed.emit("warning", f"{error}; nothing was run.")
                return False
        if own is not None and own != self._session.settings.own:
            self._session.choose_program(own, OWN if self.file is not None else self.current)
        elif own is None and self._session.settings.own is not None:
            self._session.choose_stage(self.current)
        return True

    def put_back(self) -> None:
        """The original stands in the editor again, and runs next."""
        self._settling.stop()
        file = self.file
        if file is not None:
            self._files[file.path] = replace(file, text=file.saved)
        else:
            self._stages.pop(self.current, None)
        self.commit()
        self._tell()

    def save(self, path: str = "", anyhow: bool = False) -> bool:
        """Writes the text to its file, or to another, which is opened then; whether it was written.

        Args:
            path: of another file, which may be replaced; "" for its own.
            anyhow: whether its own is replaced though another program has changed it.
        """
        file, text = self.file, self.text
        target = path or ("" if file is None else file.path)
        if not target:
            return False
        target = str(Path(target).expanduser().resolve())
        there = seen(Path(target))
        if not path and not anyhow and file is not None and file.is_others:
            self.would_overwrite.emit(file.path)
            return False
        try:
            write_text(Path(target), text, there)
        except ProgramError as error:
            self.noticed.emit("error", str(error))
            return False
        kept = file if file is not None else OpenFile(target, text, text)
        self._files[target] = replace(kept, path=target, saved=text, text=text)
        self._watch(target)
        if target != self.current:
            if file is None:
                self._stages.pop(self.current, None)
            self.open(target)
        self.noticed.emit("info", f"Saved as {on_a_line(target)}.")
        self._tell()
        return True

    def close_file(self, path: str) -> None:
        """Takes a file from the list; what was not saved of it is lost."""
        if self._files.pop(path, None) is None:
            return
        self._watcher.removePath(path)
        if self.current == path:
            self.choose(self._stage)
        self._tell()

    def choose_number(self, index: int, value: float) -> None:
        """Gives a number of the text another value, which takes effect at once."""
        try:
            numbers = find_numbers(self.text)
            text = with_number(self.text, numbers[index], value)
        except (ProgramError, IndexError) as error:
            self.noticed.emit("warning", str(error))
            return
        self.edit(text)
        if self._session.settings.own is not None:
            self.commit()

    def choose_arguments(self, arguments: str) -> None:
        """The words that the program finds in `sys.argv`."""
        file = self.file
        if file is not None:
            self._change_file(replace(file, arguments=arguments))

    def choose_loop(self, line: int | None) -> None:
        """The line of the training loop; None has it found."""
        file = self.file
        if file is not None:
            self._change_file(replace(file, loop=line))

    def reload(self, path: str) -> None:
        """Takes what the disk says in place of what stands in the editor."""
        file = self._files.get(path)
        if file is None:
            return
        try:
            text = read_text(Path(path))
        except ProgramError as error:
            self.noticed.emit("warning", str(error))
            return
        self._files[path] = replace(file, saved=text, text=text)
        self._tell()

    def take_in(self, stored: Stored) -> None:
        """Opens the files and the edited stages of a session that are not open here; nothing of them runs."""
        fresh = tuple(each for each in stored.files if each.path not in self._files)
        for each in fresh:
            self._session.distrust(each.path)
            self._bring_back_file(each)
        for name, text in stored.stages.items():
            stage = stage_named(name)
            if stage is not None and name not in self._stages:
                self._session.distrust(str(stage.source_file))
                self._stages[name] = text
        self._tell()

    # What happens around it

    @property
    def stored(self) -> Stored:
        """What is open and edited, as it is kept."""
        files = tuple(
            StoredFile(
                path=each.path,
                text=each.text if each.edited else None,
                saved=each.saved if each.edited else None,
                arguments=each.arguments,
                loop=each.loop,
            )
            for each in self.files
        )
        return Stored(files=files, stages=dict(self._stages), current=self.current, recent=self._recent)

    def keep(self) -> None:
        """Writes what is open and edited to the disk."""
        self._keeping.stop()
        problem = self._store.save(self.stored)
        if problem:
            self.noticed.emit("warning", problem)

    def _tell(self) -> None:
        self._keeping.start()
        self.changed.emit()

    def _change_file(self, file: OpenFile) -> None:
        """The file that is shown is started in another way."""
        self._files[file.path] = file
        if self._session.settings.own is not None and not file.edited:
            self.commit()
        self._tell()

    def _take_settings(self, settings: Settings) -> None:
        """Somebody has chosen another program, or gone back to an older run's."""
        own, latest = settings.own, self._latest
        self._latest = own
        if settings.stage != OWN:
            self.current = self._stage = settings.stage
        if own is not None and own != latest:
            if settings.stage != OWN:
                self._stages[settings.stage] = own.text
            else:
                known = self._files.get(own.path)
                saved = on_disk(own) if known is None else known.saved
                self._files[own.path] = OpenFile(own.path, saved, own.text, own.arguments, own.loop)
                self._watch(own.path)
                self.current = own.path
        self._tell()

    def _bring_back(self, stored: Stored) -> None:
        self._stages = {name: text for name, text in stored.stages.items() if stage_named(name)}
        self._recent = stored.recent[:MOST_RECENT]
        for each in stored.files:
            self._bring_back_file(each)
        if stored.current in self._files or stored.current in self._stages:
            self.choose(stored.current)

    def _bring_back_file(self, stored: StoredFile) -> None:
        try:
            saved = read_text(Path(stored.path))
        except ProgramError:
            if stored.text is None:
                # Nothing of it is left anywhere.
                return
            saved = ""
        text = saved if stored.text is None else stored.text
        if stored.saved not in (None, saved) and text != saved:
            # Whoever asks the user is only made after this.
            QTimer.singleShot(0, self, partial(self._ask_about_disk, stored.path))
        self._files[stored.path] = OpenFile(stored.path, saved, text, stored.arguments, stored.loop)
        self._watch(stored.path)

    @property
    def stage_settings(self) -> Settings:
        """The settings of the stage that is shown, or was last, without the user's text."""
        settings = self._session.settings
        return settings if settings.own is None else self._session.stage_settings(self._stage)

    def _stage_file(self) -> Path:
        stage = stage_named(self.current)
        assert stage is not None, "no file is shown"
        return stage.source_file

    def _ask_about_disk(self, path: str) -> None:
        file = self._files.get(path)
        if file is not None and file.edited:
            self.changed_on_disk.emit(path)

    def _watch(self, path: str) -> None:
        if os.path.exists(path):
            self._watcher.addPath(path)

    def _look_at_disk(self, path: str) -> None:
        """A file was changed by another program; many write a new one in its place."""
        file = self._files.get(path)
        if file is None:
            return
        try:
            text = read_text(Path(path))
        except ProgramError:
            self.noticed.emit("warning", GONE.format(file.name))
            self._files[path] = replace(file, saved="")
            self._tell()
            return
        self._watch(path)
        if text == file.saved:
            return
        if file.edited and text != file.text:
            self._files[path] = replace(file, saved=text)
            self.changed_on_disk.emit(path)
        else:
            self._files[path] = replace(file, saved=text, text=text)
        self._tell()
