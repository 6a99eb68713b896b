"""A program: its text, what can be told of it without running it, and its executions."""

from __future__ import annotations

import ast
import linecache
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from playground.programs.driver import Driver
from playground.programs.hooks import HookedFiles
from playground.programs.live import LiveNumbers
from playground.programs.numbers import Number, find_numbers
from playground.programs.parse import Loop, LossStatement, loss_statement, parse, read_text
from playground.programs.slots import SLOT
from playground.programs.stage_text import text_of
from playground.settings import Settings

if TYPE_CHECKING:
    from playground.programs.execution import Step


@dataclass(frozen=True)
class Program:
    """The text of a program.

    Attributes:
        text: the whole of it.
        filename: what tracebacks and frames call it.
        endless: whether its training loop goes on for as long as it is driven, whatever its `range` says.
        loss_name, parameters: variables of the loss and of what is trained, where the user has said it; the
            text or its running tells otherwise.
    """

    text: str
    filename: str
    endless: bool = False
    loss_name: str = ""
    parameters: tuple[str, ...] = ()

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree, without hooks; raises ProgramError where the text is not Python."""
        return parse(self.text, self.filename)

    @cached_property
    def loss(self) -> LossStatement | None:
        """Where a step has its loss, if the text alone tells."""
        return loss_statement(self.tree, self.loss_name)

    @property
    def forward(self) -> list[ast.stmt]:
        """Statements of the training loop up to the loss, if the text alone tells; else none."""
        return [] if self.loss is None else self.loss.loop.body[: self._place_of_loss + 1]

    @property
    def backward(self) -> list[ast.stmt]:
        """Statements of the training loop after the loss, if the text alone tells; else none."""
        return [] if self.loss is None else self.loss.loop.body[self._place_of_loss + 1 :]

    @property
    def loop_lines(self) -> range:
        """Lines of the training loop's body, if the text alone tells; else none."""
        if self.loss is None:
            return range(0)
        loop = self.loss.loop
        return range(loop.body[0].lineno, (loop.end_lineno or loop.lineno) + 1)

    @property
    def last_line(self) -> int:
        """Of the training loop, or of the program: where a reader looks first."""
        return self.loop_lines[-1] if self.loop_lines else len(self.text.splitlines())

    @cached_property
    def loops(self) -> tuple[Loop, ...]:
        """The loops of its own file that may train; raises ProgramError where the text is not Python."""
        files = HookedFiles()
        files.main(self.text, self.filename)
        return tuple(files.loops)

    def start(
        self,
        names: Mapping[str, object] | None = None,
        around: Callable[[Driver], AbstractContextManager[object]] | None = None,
        loop: int | None = None,
        mark: int | None = None,
    ) -> Driver:
        """An execution that has not begun yet.

        Args:
            names: further builtins of the program, `print` say.
            around: entered whenever the program runs, left whenever it stands still.
            loop: number of the training loop, where the user has chosen it.
            mark: line before whose statement in the training loop a step stands still once more.

        Raises:
            ProgramError: the text is not Python.
        """
        files = HookedFiles()
        slots = self._depth_slots()
        places = {place: name for place, name, _ in slots}
        # A stage's numbers are its settings.
        numbers = None if self.endless else self._live_numbers(loop, places)
        code = files.main(
            self.text,
            self.filename,
            self.endless,
            places if numbers is None else places | numbers.slots,
            mark,
            self.loss_name,
            self.parameters,
            None if numbers is None else numbers.calls,
        )
        # Tracebacks show the lines that run, and no other text that may stand in a file of that name.
        lines = self.text.splitlines(keepends=True)
        linecache.cache[self.filename] = (len(self.text), None, lines, self.filename)
        live: dict[str, object] = {name: value for _, name, value in slots}
        if numbers is not None:
            live |= numbers.names
        names = {**live, **(names or {})}
        return Driver(files, code, self.filename, names=names, around=around, loop=loop, numbers=numbers)

    def numbers(self, loop: int | None = None) -> tuple[Number, ...]:
        """The numbers of its text; see `find_numbers`, which says what `loop` is."""
        return find_numbers(self.text, self.filename, loop)

    def steps(self, argv: Sequence[str] = ()) -> Iterator[Step]:
        """Runs the program and makes one step after the other, until it ends.

        Args:
            argv: words that it finds in `sys.argv` after its name.

        Raises:
            ProgramError: it has no training step at all, or asks for what nobody can give.
            ProgramFailure: it has raised.
        """
        from playground.programs.execution import Execution

        execution = Execution(self, argv)
        try:
            yield from execution.steps()
        finally:
            execution.close()

    def _live_numbers(self, loop: int | None, slots: Mapping[tuple[int, int], str]) -> LiveNumbers:
        """Of an execution; `loop` is the number of its training loop, where that is known."""
        line = (
            None if loop is None else next((each.lineno for each in self.loops if each.number == loop), None)
        )
        return LiveNumbers(self.tree, self.text, line, slots)

    @property
    def _place_of_loss(self) -> int:
        assert self.loss is not None, "it was asked for"
        return self.loss.loop.body.index(self.loss.statement)

    def _depth_slots(self) -> list[tuple[tuple[int, int], str, int]]:
        """The ends of a range that is drawn from: another one can be drawn from at the next step."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "random.randint":
                ends = [each for each in node.args if isinstance(each, ast.Constant)]
                if len(ends) == len(node.args) == 2:
                    return [
                        ((end.lineno, end.col_offset), SLOT.format(f"depth_{number}"), end.value)
                        for number, end in enumerate(ends)
                        if isinstance(end.value, int)
                    ]
        return []


def program_of(settings: Settings) -> Program:
    """What runs with these settings: the user's own text as it is, or the stage's, whose loop is endless."""
    if settings.own is not None:
        return Program(settings.own.text, settings.own.path)
    return Program(text_of(settings), str(settings.program.source_file), endless=True)


def open_program(path: Path | str) -> Program:
    """The program in a file.

    Raises:
        ProgramError: no such file, or no Python.
    """
    program = Program(read_text(Path(path)), str(Path(path).resolve()))
    _ = program.tree
    return program
