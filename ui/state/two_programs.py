"""Two programs that are held against each other: which, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast

from PySide6.QtCore import QObject, Signal

from playground.own_program import OwnProgram
from playground.programs.errors import ProgramError
from playground.programs.parse import read_text
from playground.programs.program import program_of
from playground.settings import Settings
from playground.stages import STAGES
from ui.session.requests import Answer, ProgramsAnswer, ProgramsRequest, Request
from ui.session.session import Session
from ui.state.latest_requests import LatestRequests
from ui.state.programs import Programs

PRESENT, ORIGINAL = "present", "original"


@dataclass(frozen=True, slots=True)
class Choice:
    """A program that can be chosen.

    Attributes:
        key: `PRESENT`, `ORIGINAL`, the name of a stage, or the path of a file.
        title: as a list shows it.
        program: what runs.
    """

    key: str
    title: str
    program: OwnProgram


class TwoPrograms(QObject):
    """The two, each by the key of its choice, and the latest comparison.

    Attributes:
        first, second: keys.
        answer: what came of the latest run; None before, and where there was a problem.
        names: what the two were called then.
        problem: why there is no answer, in one line.
        running: whether they run now.

    Signals:
        changed(): other programs are chosen, or something has become known of them.
        progressed(int, int): how much is done, and of how much.
    """

    changed = Signal()
    progressed = Signal(int, int)

    def __init__(
        self, session: Session, programs: Programs, requests: LatestRequests, parent: QObject | None = None
    ) -> None:
        """What is shown now beside what it was; a stage as it is beside the one before it."""
        super().__init__(parent)
        self._session, self._programs, self._requests = session, programs, requests
        self._opened: dict[str, OwnProgram] = {}
        self.first, self.second = ORIGINAL, PRESENT
        self.choose_present()
        self.answer: ProgramsAnswer | None = None
        self.names = ("", "")
        self.problem = ""
        self.running = False
        requests.answered.connect(self._take)
        requests.progressed.connect(self._progress)
        programs.changed.connect(self.changed)

    def choices(self) -> tuple[Choice, ...]:
        """All that can be chosen now, with the texts of now."""
        programs = self._programs
        present = programs.own or _of_stage(programs.stage_settings)
        original = OwnProgram(present.path, programs.original, present.arguments, present.loop)
        edited = " (edited)" if programs.edited else ""
        found = [
            Choice(PRESENT, f"{programs.name}{edited}", present),
            Choice(ORIGINAL, f"{programs.name} (original)", original),
        ]
        for stage in STAGES:
            found.append(Choice(stage.name, stage.title, _of_stage(self._session.stage_settings(stage.name))))
        files = {file.path: file.program() for file in programs.files if file.path != programs.current}
        for path, program in {**self._opened, **files}.items():
            found.append(Choice(path, program.name, program))
        return tuple(found)

    def chosen(self) -> tuple[Choice, Choice]:
        """The two; one that is there no more gives way to what is shown now."""
        by_key = {each.key: each for each in self.choices()}
        return by_key.get(self.first, by_key[PRESENT]), by_key.get(self.second, by_key[PRESENT])

    @property
    def is_stale(self) -> bool:
        """Whether the comparison is of other texts than those that are chosen now."""
        if self.answer is None:
            return False
        found = self.answer.comparison
        first, second = self.chosen()
        return (found.first.text, found.second.text) != (first.program.text, second.program.text)

    def choose(self, is_second: bool, key: str) -> None:
        """Takes another program."""
        if is_second:
            self.second = key
        else:
            self.first = key
        self.changed.emit()

    def choose_present(self) -> None:
        """What is shown now beside what it was before it was edited, or beside the stage before it."""
        names = [stage.name for stage in STAGES]
        self.first, self.second = ORIGINAL, PRESENT
        if not self._programs.edited and self._programs.current in names[1:]:
            self.first = names[names.index(self._programs.current) - 1]

    def open(self, is_second: bool, path: str) -> None:
        """Takes the program in a file, which is only read; a problem is told in one line."""
        try:
            whole = str(Path(path).resolve())
            self._opened[whole] = OwnProgram(whole, read_text(Path(whole)))
        except (ProgramError, ValueError) as error:
            self.problem = " ".join(str(error).split())
            self.changed.emit()
            return
        self.problem = ""
        self.choose(is_second, whole)

    def start(self, seed: int, steps: int) -> None:
        """Runs both from the same seed; what runs already is ended."""
        self._requests.stop(ProgramsRequest)
        first, second = self.chosen()
        self.names = _told_apart(first.title, second.title)
        self.running, self.problem = True, ""
        self._requests.ask(ProgramsRequest(first.program, second.program, self.names, seed, steps))
        self.changed.emit()

    def cancel(self) -> None:
        """Ends the run; what was known before stays."""
        self._requests.stop(ProgramsRequest)
        self.running = False
        self.changed.emit()

    def _progress(self, request: Request, done: int, of: int) -> None:
        if isinstance(request, ProgramsRequest):
            self.progressed.emit(done, of)

    def _take(self, request: Request, answer: Answer | None, problem: str) -> None:
        if not isinstance(request, ProgramsRequest):
            return
        self.running, self.problem = False, problem
        self.answer = None if problem else cast("ProgramsAnswer", answer)
        self.changed.emit()


def _of_stage(settings: Settings) -> OwnProgram:
    return OwnProgram(str(settings.program.source_file), program_of(settings).text)


def _told_apart(first: str, second: str) -> tuple[str, str]:
    return (first, second) if first != second else (f"{first} (left)", f"{second} (right)")
