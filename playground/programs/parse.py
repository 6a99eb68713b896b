"""Reads a program's text: its loops, which of them may train, and where a step has its loss."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeAlias

from playground.own_program import LARGEST_TEXT
from playground.programs.encoding import EncodingError, encoding_of
from playground.programs.errors import ProgramError

LoopNode: TypeAlias = (
    ast.For | ast.While | ast.AsyncFor | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
)
Comprehension: TypeAlias = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
Walk: TypeAlias = Callable[[ast.AST], Iterable[ast.AST]]
FunctionNode: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef

_LOSS_NAMES = ("loss", "cost", "err")
_OWN_GRADIENTS = ("autograd", "torch", "func")
"""What stands before `.grad` where that is a function and no tensor's gradient."""


class Place(NamedTuple):
    """Where a node of a syntax tree stands: line from 1, column in bytes of UTF-8 from 0; its end as well."""

    line: int
    column: int
    end_line: int
    end_column: int

    @classmethod
    def of(cls, node: ast.expr) -> Place:
        """The place of a node that was read from a text."""
        return cls(node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0)


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop of a program.

    Attributes:
        number: in the order in which the loops were read.
        filename: of the file that it is in.
        lineno, end_lineno: its lines, counted from 1.
        kind: as Python's syntax tree calls it: For, While, ListComp, …
        updates: whether its body steps an optimizer, or reads or clears gradients, as far as names tell.
        by_hand: names of the variables that its body changes by `-=` or `w = w - …`, if it binds a loss and
            calls no backward.
    """

    number: int
    filename: str
    lineno: int
    end_lineno: int
    kind: str
    updates: bool
    by_hand: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LossStatement:
    """Where a step has its loss, of a program whose text leaves no doubt.

    Attributes:
        loop: the node of the training loop.
        statement: binds the loss; it stands in the loop's own body.
        name: of the loss.
    """

    loop: ast.For | ast.While
    statement: ast.stmt
    name: str


def read_text(path: Path) -> str:
    """The text of a program's file.

    Raises:
        ProgramError: no such file, none that can be read, or no text.
    """
    try:
        if path.is_dir():
            raise ProgramError(f"{path} is a folder; a Python file is needed")
        if path.stat().st_size > LARGEST_TEXT:
            raise ProgramError(f"{path} has {path.stat().st_size:,} bytes; at most {LARGEST_TEXT:,} are read")
        content = path.read_bytes()
    except OSError as error:
        raise ProgramError(f"{path} cannot be read: {error.strerror or error}") from None
    if b"\0" in content:
        raise ProgramError(f"{path} is no text: it holds zero bytes")
    try:
        text = content.decode(encoding_of(content))
    except (EncodingError, UnicodeDecodeError, LookupError) as error:
        raise ProgramError(f"{path} cannot be read as text: {error}") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def parse(text: str, filename: str) -> ast.Module:
    """The syntax tree of a program.

    Raises:
        ProgramError: where and why the text is not Python.
    """
    try:
        return ast.parse(text, filename)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        where = "" if line is None else f", line {line}"
        reason = getattr(error, "msg", None) or str(error)
        raise ProgramError(f"{Path(filename).name}{where}: {reason}") from None
    except (RecursionError, MemoryError):
        raise ProgramError(f"{Path(filename).name} is nested too deeply to be read") from None


class Names:
    """What the functions of a program lead to, told by names alone."""

    def __init__(self, tree: ast.AST, walk: Walk = ast.walk) -> None:
        """Reads every function, method and named lambda of a tree.

        Args:
            tree: of the program.
            walk: gives a node and all that is inside it, in whatever order.
        """
        self._walk = walk
        self._mentioned: dict[str, set[str]] = {}
        for node in walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                self._mentioned.setdefault(node.name, set()).update(names_in(*node.body, walk=walk))
            elif isinstance(node, ast.ClassDef):
                self._mentioned.setdefault(node.name, set())
            elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        self._mentioned.setdefault(target.id, set()).update(names_in(node.value, walk=walk))
        self._steps = self._leading_to({"step", "minimize"})
        self._backward = self._leading_to({"backward"})

    def backward(self, body: list[ast.stmt]) -> bool:
        """Whether statements lead to a call of `backward`, or mention gradients."""
        return any(name in self._backward or name == "grad" for name in names_in(*body, walk=self._walk))

    def update(self, body: list[ast.stmt]) -> bool:
        """Whether statements lead to an optimizer's step, or to gradients being read or cleared."""
        if any(name in self._steps for name in names_in(*body, walk=self._walk)):
            return True
        return any(_touches_gradients(node) for statement in body for node in self._walk(statement))

    def _leading_to(self, goal: set[str]) -> set[str]:
        found = set(goal)
        while True:
            more = {name for name, mentioned in self._mentioned.items() if mentioned & found}
            # Every model has these: they would lead everywhere.
            more -= found | {"forward", "__init__"}
            if not more:
                return found
            found |= more


def names_in(*nodes: ast.AST, walk: Walk = ast.walk) -> Iterator[str]:
    """Every name and attribute that is mentioned."""
    for tree in nodes:
        for node in walk(tree):
            if isinstance(node, ast.Name):
                yield node.id
            elif isinstance(node, ast.Attribute):
                yield node.attr


def calls_anything(*nodes: ast.AST) -> bool:
    """Whether anything is called: a loop that calls nothing cannot train."""
    return any(isinstance(node, ast.Call | ast.Await) for tree in nodes for node in ast.walk(tree))


def updates_by_hand(body: list[ast.stmt], names: Names) -> tuple[str, ...]:
    """What a loop's own body changes by `-=` or `w = w - …`, if it binds a loss and reads no gradient."""
    if not loss_name(body) or names.backward(body):
        return ()
    return updated_names(body)


def updated_names(body: list[ast.stmt]) -> tuple[str, ...]:
    """Variables that statements change by `-=` or `w = w - …`, in their order."""
    found: dict[str, None] = {}
    for node in _own_statements(body):
        if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Sub):
            if isinstance(node.target, ast.Name):
                found[node.target.id] = None
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp):
            left, target = node.value.left, node.targets[0]
            is_step = isinstance(node.value.op, ast.Sub) and isinstance(target, ast.Name)
            if is_step and ast.unparse(left) == ast.unparse(target):
                found[ast.unparse(target)] = None
    return tuple(found)


def loss_name(body: list[ast.stmt]) -> str:
    """The variable in which the statements keep their loss, by its name; "" if there is none."""
    bound = [
        target.id
        for node in _own_statements(body)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    ]
    for word in _LOSS_NAMES:
        for name in bound:
            if word in name.lower():
                return name
    return ""


def loss_statement(tree: ast.Module, name: str = "") -> LossStatement | None:
    """Where a step has its loss, if the text alone tells; None where only running it can.

    With a name, it is the last statement of a loop's own body that binds it. Else that is so with a single
    loop whose own body binds a loss once, calls `backward()` on it once and updates afterwards, or that
    computes gradients and update by hand.
    """
    if name:
        return _last_bound(tree, name)
    called = [name for name in _called(tree.body) if name in ("backward", "grad")]
    if called not in ([], ["backward"]):
        return None
    loops = [node for node in tree.body if isinstance(node, ast.For | ast.While)]
    found = [each for each in map(_by_backward if called else _by_hand, loops) if each is not None]
    if len(found) != 1 or _leaves_early(found[0].loop) or _steps_elsewhere(tree, found[0].loop):
        return None
    return found[0]


def _by_backward(loop: ast.For | ast.While) -> LossStatement | None:
    """The loss of a loop whose own body binds it, calls `backward()` on it, and updates then."""
    call = next((each for each in loop.body if _is_backward_call(each)), None)
    if call is None:
        return None
    assert isinstance(call, ast.Expr)
    assert isinstance(call.value, ast.Call)
    assert isinstance(call.value.func, ast.Attribute)
    loss = call.value.func.value
    if not isinstance(loss, ast.Name):
        return None
    place = loop.body.index(call)
    bound = [each for each in loop.body[:place] if loss.id in bound_by(each)]
    updates = Names(loop).update(loop.body[place + 1 :])
    alone = len(bound) == _bindings(loop, loss.id) == 1
    return LossStatement(loop, bound[0], loss.id) if alone and updates else None


def _bindings(loop: ast.For | ast.While, name: str) -> int:
    """How often a loop binds a variable, in blocks inside it too."""
    return sum(
        isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load)
        for node in ast.walk(loop)
    )


def _leaves_early(loop: ast.For | ast.While) -> bool:
    return any(isinstance(node, ast.Continue | ast.Break | ast.Return) for node in ast.walk(loop))


def _last_bound(tree: ast.Module, name: str) -> LossStatement | None:
    loops = [node for node in tree.body if isinstance(node, ast.For | ast.While)]
    bound = [(loop, each) for loop in loops for each in loop.body if name in bound_by(each)]
    return LossStatement(*bound[-1], name) if bound else None


def _by_hand(loop: ast.For | ast.While) -> LossStatement | None:
    name = loss_name(loop.body)
    bound = [each for each in loop.body if name in bound_by(each)]
    if not name or not len(bound) == _bindings(loop, name) == 1 or not updated_names(loop.body):
        return None
    return LossStatement(loop, bound[0], name)


def _steps_elsewhere(tree: ast.Module, loop: ast.stmt) -> bool:
    """Whether functions of the program step an optimizer, so that a step may be larger than it looks."""
    outside = [each for each in tree.body if each is not loop]
    return any(name in ("step", "backward") for name in _called(outside))


def _called(body: list[ast.stmt]) -> Iterator[str]:
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                yield node.func.attr


def _is_backward_call(statement: ast.stmt) -> bool:
    if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)):
        return False
    called = statement.value.func
    plain = not statement.value.args and not statement.value.keywords
    return plain and isinstance(called, ast.Attribute) and called.attr == "backward"


def bound_by(statement: ast.stmt) -> set[str]:
    """Variables that a plain assignment binds."""
    if isinstance(statement, ast.Assign):
        return {target.id for target in statement.targets if isinstance(target, ast.Name)}
    return set()


def _own_statements(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """Statements of a body, those of its blocks included, but of no loop or function inside it."""
    for statement in body:
        if isinstance(statement, ast.For | ast.While | ast.AsyncFor | ast.FunctionDef | ast.ClassDef):
            continue
        yield statement
        for field in ("body", "orelse", "finalbody"):
            yield from _own_statements(getattr(statement, field, []))


def _touches_gradients(node: ast.AST) -> bool:
    if not (isinstance(node, ast.Attribute) and node.attr in ("grad", "zero_grad")):
        return False
    owner = node.value
    name = owner.attr if isinstance(owner, ast.Attribute) else owner.id if isinstance(owner, ast.Name) else ""
    return name not in _OWN_GRADIENTS
