"""Drives a program of the user's own like a stage: one step at a time, with its losses by name."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import IO, TYPE_CHECKING

from playground.failure import LONGEST_DETAILS, Failure, cut, one_line
from playground.forward_pass import ForwardPass
from playground.graph.model import Graph
from playground.history import History
from playground.programs.driver import Driver
from playground.programs.errors import ProgramEnded, ProgramError
from playground.programs.execution import Execution, number_of, own_traceback
from playground.programs.length import steps_of
from playground.programs.loss_names import LossNames
from playground.programs.output import unheard
from playground.programs.parse import names_in
from playground.programs.program import program_of
from playground.recording.model import Recording
from playground.restarts import NeedsNewStart, NumberRefused, numbers_to_change
from playground.runs.changes import changes_between
from playground.runs.series import LossSeries
from playground.settings import Settings
from playground.threads import check_threads
from playground.trainer import Trainer

if TYPE_CHECKING:
    from playground.own_program import OwnProgram
    from playground.programs.parse import Loop

WALKED_UP_TO = 200
"""Nodes of a graph that is walked at every step. Of a larger one the number of nodes tells its structure."""


class OwnTrainer(Trainer):
    """One run of a program of the user's own, or of a stage whose text was edited.

    It runs with its own surroundings: its folder is the working directory, its arguments stand in
    `sys.argv`, and what it changes for the whole process is put back whenever it stands still.
    """

    def __init__(
        self,
        settings: Settings,
        history: History | None = None,
        output: IO[str] | None = None,
        errors: IO[str] | None = None,
        loop: int | None = None,
    ) -> None:
        """Runs nothing yet.

        Args:
            settings: with the program, `settings.own`.
            history: where its losses go.
            output, errors: where what it prints goes; None leaves the process's own.
            loop: number of its training loop, where an earlier run of the same text has found it.

        Raises:
            ProgramError: the text is not Python, or the chosen line begins no loop.
        """
        # Its number of steps is its own affair.
        super().__init__(settings, History(0) if history is None else history)
        assert settings.own is not None, "the caller has looked"
        self._own: OwnProgram = settings.own
        self._streams = output, errors
        self._loop = _chosen_loop(self._own, self.program.loops) if loop is None else loop
        self._words = _words(self._own)
        self._names = LossNames(self._own.text, self._own.path)
        self._ended = False
        self._by_name: dict[str, LossSeries] = {}
        self._execution: Execution | None = None

    @property
    def ended(self) -> bool:
        """Whether the program has come to its end."""
        return self._ended

    @property
    def can_record(self) -> bool:
        """Whether the next step can be recorded; the first only where the text tells where it begins."""
        driver = self._begun()
        if driver.ended:
            return False
        return bool(self.history.length) or driver.begin()

    @property
    def exit(self) -> object:
        """What the program has given to `sys.exit`, None if it has not."""
        return None if self._driver is None else self._driver.exit

    def step(self) -> float:
        """Makes one step; see `Trainer.step`.

        Raises:
            ProgramEnded: the program has no further step.
            ProgramError: it has ended without any.
        """
        driver = self._begun()
        first = not self.history.length
        if first and self._builds_no_graph() and driver.begin():
            loss = self._traced_step(driver)
            self._take_more_losses()
            return loss
        return super().step()

    def run(self, until: Callable[[float], bool]) -> None:
        """Makes steps without standing still in between; see `Trainer.run`. It returns at the end, too."""

        def told(loss: float) -> bool:
            self._take_more_losses()
            return until(loss)

        try:
            super().run(told)
        except ProgramEnded:
            self._end()

    def run_out(self) -> None:
        """Runs what follows the last step, where the text tells which that is."""
        if self._ended or self.history.length < steps_of(self._own.text):
            return
        with suppress(ProgramEnded):
            self.step()

    def record_step(self, run: int = 0) -> Recording:
        """Makes one step and records it; see `Trainer.record_step`."""
        driver = self._begun()
        if not self.history.length and not driver.begin():
            raise ProgramError("its first step cannot be recorded: its text does not tell where that begins")
        try:
            recording = super().record_step(run)
        except ProgramEnded:
            self.recording = None
            self._end()
            raise
        self._take_more_losses()
        return recording

    def apply(self, settings: Settings) -> None:
        """Takes over other numbers of the text from the next step on; see `Trainer.apply`.

        Raises:
            ValueError: another text, which needs a new run.
            NumberRefused: a number that cannot have this value, and why.
            NeedsNewStart: a number that cannot be changed as the program stands now.
        """
        numbers = numbers_to_change(self._own, settings.own)
        if numbers is None or settings.own is None:
            raise ValueError("a running program cannot take over another text")
        check_threads(settings)
        if self._driver is not None:
            try:
                why = self._driver.change_numbers(numbers)
            except ProgramError as error:
                raise NumberRefused(str(error)) from None
            if why:
                raise NeedsNewStart(why)
        step = self.history.length
        self._settings_from.append((step, settings))
        if step:
            self.changes += changes_between(step, self.settings, settings, {})
        self._own, self.settings = settings.own, settings
        if self._driver is None:
            self.program = program_of(settings)

    def failure(self, error: BaseException) -> Failure:
        """What the program has raised, with its own lines only."""
        files = () if self._driver is None else self._driver.files.filenames
        told = super().failure(error)
        line = error.lineno if isinstance(error, SyntaxError) else told.line
        message = str(error) if isinstance(error, ProgramError) else one_line(error)
        details = "" if isinstance(error, ProgramError) else own_traceback(error, files)
        return Failure(told.step, line, message, cut(details, LONGEST_DETAILS))

    def _twin(self, settings: Settings, history: History) -> Trainer:
        loop = self._loop if self._driver is None else self._driver.loop
        return OwnTrainer(settings, history, *unheard(self._streams[0]), loop)

    def _begun(self) -> Driver:
        if self._driver is None:
            output, errors = self._streams
            self._execution = Execution(
                self.program, self._words, output, errors, loop=self._loop, patience=None
            )
            self._driver = self._execution.driver
            self._driver.counts_others = self._own.loop is None
        return self._driver

    def _forward(self, driver: Driver) -> ForwardPass:
        try:
            return driver.forward()
        except ProgramEnded:
            self._end()
            raise

    def _finish(self, driver: Driver) -> None:
        driver.more_losses.clear()
        try:
            driver.finish()
        finally:
            self._take_more_losses()

    def _end(self) -> None:
        """The program has ended; without a single step it says why."""
        self._ended = True
        driver = self._driver
        if self.history.length or driver is None:
            return
        said = f": {driver.exit}" if isinstance(driver.exit, str) else ""
        by = f" (ended by {driver.ended_by}{said})" if driver.ended_by else ""
        try:
            driver.check()
        except ProgramError as error:
            raise ProgramError(f"{error}{by}") from None
        raise ProgramError(f"the program has ended before its first training step{by}; see Output")

    def _note(self, forward: ForwardPass, count: int | None = None) -> float:
        step = self.history.length
        loss = super()._note(forward, count)
        if step == 0 and len(self.structures[0].nodes) <= WALKED_UP_TO:
            # Nobody knows what changes its graph: it is looked at every time.
            self._structure_of_count = None
        self._put(step, self._first_name(), loss)
        return loss

    def _first_name(self) -> str:
        driver = self._driver
        if driver is None or driver.loss_place is None:
            return "loss" if self.program.loss is None else self.program.loss.name
        return self._names.of(driver.loss_place)

    def _take_more_losses(self) -> None:
        driver = self._driver
        if driver is None or not driver.more_losses:
            return
        step = self.history.length - 1
        first, alike = self._first_name(), 1
        for place, loss in driver.more_losses:
            name = self._names.of(place)
            alike += name == first
            self._put(step, name, number_of(loss))
        driver.more_losses.clear()
        if alike > 1:
            # Gradients are accumulated: what is drawn is the first of several.
            self._by_name[first].name = f"{first}, 1st of {alike}"

    def _put(self, step: int, name: str, loss: float) -> None:
        series = self._by_name.get(name)
        if series is None:
            series = self._by_name[name] = LossSeries(name)
            self.series.append(series)
        series.put(step, loss)

    def _number(self, forward: ForwardPass) -> float:
        return number_of(forward.loss)

    def _walked_structure(self, root: object, forward: ForwardPass, count: int | None) -> int:
        # A program may train other tensors than before.
        self._parameter_index = {id(value): i for i, value in enumerate(forward.parameters.values())}
        return super()._walked_structure(root, forward, count)

    def _new_structure(self, key: object, forward: ForwardPass) -> int:
        if key is not None:
            return super()._new_structure(key, forward)
        # What was computed by hand is known when a step of it has been recorded.
        self._add_structure(Graph())
        self._structure_of[None] = len(self.structures) - 1
        return len(self.structures) - 1

    def _note_trace(self, forward: ForwardPass, graph: Graph) -> None:
        known = self._structure_of.get(None)
        if known is None or not self.structures[known].nodes:
            self._structure_of[None] = len(self.structures)
            self._add_structure(graph)
        self._note(forward)

    def _builds_no_graph(self) -> bool:
        """Whether the text alone tells that a step is computed by hand."""
        return self.program.loss is not None and "backward" not in names_in(self.program.tree)


def _words(own: OwnProgram) -> list[str]:
    try:
        return own.words()
    except ValueError as error:
        raise ProgramError(str(error)) from None


def _chosen_loop(own: OwnProgram, loops: tuple[Loop, ...]) -> int | None:
    """Number of the loop that begins in the line that the user has chosen; None if none was."""
    if own.loop is None:
        return None
    for loop in loops:
        if loop.lineno == own.loop:
            return loop.number
    lines = ", ".join(str(loop.lineno) for loop in loops) or "none, the program has no loop"
    raise ProgramError(f"no loop begins in line {own.loop}; its loops begin in line {lines}")


def trainer_of(settings: Settings, output: IO[str] | None = None, errors: IO[str] | None = None) -> Trainer:
    """A run of what the settings choose: a stage, or the user's own text; raises what the two raise."""
    if settings.own is None:
        return Trainer(settings)
    return OwnTrainer(settings, output=output, errors=errors)
