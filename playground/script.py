"""Writes a stage as a standalone program that needs only torch or NumPy.

The program is the stage's own text: what it reads from the settings is put in as numbers, and the
`yield` becomes a `print`. Its losses equal the stage's bit for bit.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator

from playground.optimizers import check_optimizer
from playground.program import Program, program_of
from playground.settings import Settings, SettingsError

Replacement = tuple[int, int, str]
"""Start and end offset in the source text, and the text to put there."""


def write_script(settings: Settings) -> str:
    """The stage's program with these settings, as Python source.

    Raises:
        SettingsError: an optimizer or a number that torch.optim does not have; a start that is not
            the program's own.
    """
    _check_start(settings)
    check_optimizer(settings)
    program = program_of(settings.program.source_file)
    text = _Offsets(program.text)
    body = text.between(program.function.body[0], program.function.body[-1])
    start = text.line_start(program.function.body[0].lineno)
    replacements = sorted(_replacements(program, settings, text))
    body = textwrap.dedent(_replace(body, start, replacements)).strip("\n")
    parts = [_head(settings), _imports(program, settings)]
    classes = "".join(f"\n\n{part}\n" for part in _classes(program, text))
    gap = "\n\n" if classes else "\n"
    return "\n\n".join(parts) + f"\n{classes}{gap}" + "\n\n".join([_start(settings), body]) + "\n"


def _check_start(settings: Settings) -> None:
    """Refuses what stands in no line of the stage's text, where a written program could not have it."""
    if settings.same_start:
        raise SettingsError(
            "same_start",
            "True is not allowed; allowed: False, since a written program draws its own data and weights",
        )
    if settings.dtype is not None:
        raise SettingsError(
            "dtype",
            f"{settings.dtype!r} is not allowed; allowed: none, since a written program keeps its own types",
        )


class _Offsets:
    """Turns the line and column of a syntax tree into offsets in the text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._lines = text.splitlines(keepends=True)
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line))

    def line_start(self, line: int) -> int:
        return self._starts[line - 1]

    def of(self, line: int, column: int) -> int:
        """The tree counts columns in bytes of UTF-8."""
        prefix = self._lines[line - 1].encode()[:column].decode()
        return self._starts[line - 1] + len(prefix)

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or 0
        return self.of(node.lineno, node.col_offset), self.of(end_line, end_column)

    def between(self, first: ast.stmt, last: ast.stmt) -> str:
        return self.text[self.line_start(first.lineno) : self._starts[last.end_lineno or last.lineno]]


def _replace(body: str, start: int, replacements: list[Replacement]) -> str:
    for begin, end, text in reversed(replacements):
        body = body[: begin - start] + text + body[end - start :]
    return body


def _replacements(program: Program, settings: Settings, text: _Offsets) -> Iterator[Replacement]:
    yield (*text.span(program.yield_statement), "print(t, loss.item())")
    test_start, test_end = text.span(program.loop.test)
    while_start = text.span(program.loop)[0]
    assert text.text[while_start:test_start].strip() == "while"
    yield while_start, test_end, f"for t in range({settings.steps})"
    taken: set[ast.AST] = set()
    for node in ast.walk(program.function):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "getattr":
            yield (*text.span(node), f"torch.optim.{settings.optimizer}")
            taken.update(ast.walk(node))
        elif isinstance(node, ast.Call):
            yield from _options(node, settings, text, taken)
        elif isinstance(node, ast.Attribute) and _is_settings(node.value) and node not in taken:
            yield (*text.span(node), repr(getattr(settings, node.attr)))


def _options(
    call: ast.Call, settings: Settings, text: _Offsets, taken: set[ast.AST]
) -> Iterator[Replacement]:
    """`**dict(settings.optimizer_options)` as plain keyword arguments."""
    for keyword in call.keywords:
        if keyword.arg is not None:
            continue
        taken.update(ast.walk(keyword.value))
        begin, end = text.span(keyword.value)
        begin = text.text.rindex("**", 0, begin)
        options = ", ".join(f"{name}={value!r}" for name, value in settings.optimizer_options)
        if not options:
            begin = text.text.rindex(",", 0, begin)
        yield begin, end, options


def _is_settings(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "settings"


def _head(settings: Settings) -> str:
    stage = settings.program
    needs = "numpy" if stage.name == "numpy" else "torch"
    return f'"""Stage {stage.name}: {stage.adds}\n\nNeeds {needs}; prints the loss of every step.\n"""'


def _imports(program: Program, settings: Settings) -> str:
    """The stage's imports without the playground's, and `random`, which is seeded in any case."""
    tree = ast.parse(program.text)
    lines = [ast.unparse(node) for node in tree.body if isinstance(node, ast.Import)]
    standard = sorted({"import random", *(line for line in lines if not re.search("numpy|torch", line))})
    others = [line for line in lines if line not in standard]
    if settings.stage == "numpy" and settings.threads:
        # BLAS reads its number of threads when NumPy loads it.
        variables = [
            f'os.environ["{name}_NUM_THREADS"] = "{settings.threads}"' for name in ("OPENBLAS", "MKL")
        ]
        return "\n".join(["import os", *standard, "", *variables, "", *others])
    return "\n".join([*standard, "", *others])


def _classes(program: Program, text: _Offsets) -> Iterator[str]:
    for node in ast.parse(program.text).body:
        if isinstance(node, ast.ClassDef):
            yield text.between(node, node).strip("\n")


def _start(settings: Settings) -> str:
    lines = [f"random.seed({settings.seed})"]
    if settings.stage == "numpy":
        return "\n".join([*lines, f"np.random.seed({settings.seed})"])
    if settings.threads:
        lines.append(f"torch.set_num_threads({settings.threads})")
    lines += [f"torch.manual_seed({settings.seed})", f'device = torch.device("{settings.device}")']
    return "\n".join(lines)
