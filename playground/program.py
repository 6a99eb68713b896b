"""Loads a stage from its source text, and knows which of its lines do what.

A stage is a generator whose loop has one `yield`, where the forward pass has built its graph. When
it is loaded, two bare `yield`s are added: before the loop, when data and weights are made, and at
the end of the loop's body. So a step can be driven in two halves, up to the loss and through
backward and update, and the first step is like any other. The text that the user reads stays as it
is, line numbers included.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias, cast

from playground.forward_pass import ForwardPass

Train: TypeAlias = Callable[[Any, Any], Iterator[ForwardPass | None]]
"""`train(settings, device)`: yields None when all is made, then at each step a ForwardPass, and None
when the update is done."""


class ProgramError(ValueError):
    """A stage's source that is not a stage; the message says what it lacks."""


@dataclass(frozen=True, slots=True)
class Program:
    """A stage's source text and where its parts are.

    Attributes:
        text: the whole source.
        filename: what tracebacks and frames call it.
        loop: the `while` statement of `train`.
        yield_statement: what hands over the ForwardPass; forward and loss stand before it, backward and
            update after it.
        function: the `train` function.
    """

    text: str
    filename: str
    function: ast.FunctionDef
    loop: ast.While
    yield_statement: ast.Expr

    @property
    def loop_lines(self) -> range:
        """Lines of the loop's body."""
        return range(self.loop.lineno + 1, (self.loop.end_lineno or self.loop.lineno) + 1)

    def load(self) -> Train:
        """Runs the source and returns its `train`, each time as new.

        Raises:
            Exception: whatever the source raises when it is run.
        """
        module = ModuleType(Path(self.filename).stem)
        # Classes and annotations look their module up by name.
        module.__dict__["__name__"] = f"playground.stages.{module.__name__}"
        module.__dict__["__file__"] = self.filename
        sys.modules.setdefault(module.__dict__["__name__"], module)
        exec(compile(self._with_stops(), self.filename, "exec"), module.__dict__)
        return cast("Train", module.__dict__["train"])

    def _with_stops(self) -> ast.Module:
        tree = ast.parse(self.text, self.filename)
        function, loop, _ = _parts(tree)
        last = loop.body[-1]
        function.body.insert(function.body.index(loop), _bare_yield(loop.lineno))
        loop.body.append(_bare_yield(last.end_lineno or last.lineno))
        return ast.fix_missing_locations(tree)


def _bare_yield(line: int) -> ast.Expr:
    place = {"lineno": line, "end_lineno": line, "col_offset": 0, "end_col_offset": 0}
    return ast.Expr(ast.Yield(None, **place), **place)


def read_program(text: str, filename: str) -> Program:
    """Finds the parts of a stage in its source text.

    Raises:
        SyntaxError: the text is not Python.
        ProgramError: there is no `train` with a `while` loop that yields once.
    """
    return Program(text, filename, *_parts(ast.parse(text, filename)))


def program_of(source_file: Path) -> Program:
    """The program in a file; raises like `read_program`, or OSError."""
    return read_program(source_file.read_text(encoding="utf-8"), str(source_file))


def _parts(tree: ast.Module) -> tuple[ast.FunctionDef, ast.While, ast.Expr]:
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "train"]
    if not functions:
        raise ProgramError("a stage needs a function train(settings, device)")
    loops = [node for node in functions[-1].body if isinstance(node, ast.While)]
    if len(loops) != 1:
        raise ProgramError(f"train() needs one `while True:` loop; it has {len(loops)}")
    yields = [
        node for node in loops[0].body if isinstance(node, ast.Expr) and isinstance(node.value, ast.Yield)
    ]
    if len(yields) != 1:
        raise ProgramError(f"the loop of train() needs one `yield ForwardPass(…)`; it has {len(yields)}")
    return functions[-1], loops[0], yields[0]
