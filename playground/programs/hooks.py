"""Puts hooks into a program's syntax tree: at the top and bottom of its loops, and where its loss is bound.

The text that the user sees stays as it is, and so do the lines of what runs.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from types import CodeType
from typing import TypeVar, cast

from playground.programs.parse import (
    Comprehension,
    Loop,
    LossStatement,
    Names,
    Place,
    bound_by,
    calls_anything,
    loss_name,
    loss_statement,
    names_in,
    parse,
    updates_by_hand,
)

TOP, BOTTOM, FAILED = "__playground_top__", "__playground_bottom__", "__playground_failed__"
ITERATE, LOSS, ENDLESS = "__playground_iterate__", "__playground_loss__", "__playground_endless__"
MARK, NAMED = "__playground_mark__", "__playground_named_loss__"
MADE = "__playground_made__"
"""What the program tells of an object that a call has made, one whose numbers can be changed."""

_Tree = TypeVar("_Tree", bound=ast.AST)


class HookedFiles:
    """The loops of a program's files, as they are read.

    Attributes:
        loops: of all files, by their numbers.
        chosen: number of the training loop, if the text alone tells; None if not.
        parameters: names of what is trained, where the user has said it.
    """

    def __init__(self) -> None:
        """No file has been read yet."""
        self.loops: list[Loop] = []
        self._filenames: list[str] = []
        self.chosen: int | None = None
        self.parameters: tuple[str, ...] = ()

    def main(
        self,
        text: str,
        filename: str,
        endless: bool = False,
        slots: Mapping[tuple[int, int], str] | None = None,
        mark: int | None = None,
        loss_variable: str = "",
        parameters: tuple[str, ...] = (),
        made: Mapping[Place, int] | None = None,
    ) -> CodeType:
        """The program's own file with its hooks.

        Args:
            text: of the program.
            filename: what tracebacks and frames call it.
            endless: whether a training loop over `range(…)` goes on for as long as it is driven.
            slots: names of numbers that can be changed while it runs, by line and column.
            mark: line before whose statement in the training loop a step stands still once more.
            loss_variable, parameters: of the loss and of what is trained, where the user has said it.
            made: numbers of the calls whose results are told of, by where they begin and end.

        Raises:
            ProgramError: the text is not Python.
        """
        tree = parse(text, filename)
        if slots or made:
            tree = cast("ast.Module", _Slots(slots or {}, made or {}).visit(tree))
        self.parameters = parameters
        return self._hooked(tree, filename, loss_statement(tree, loss_variable), endless, mark)

    @property
    def filenames(self) -> tuple[str, ...]:
        """Of everything that has been read."""
        return tuple(dict.fromkeys(self._filenames))

    def module(self, text: str, filename: str) -> CodeType:
        """A module that the program imports from its folder, with its hooks; raises like `main`."""
        return self._hooked(parse(text, filename), filename, None, False)

    def _hooked(
        self,
        tree: ast.Module,
        filename: str,
        loss: LossStatement | None,
        endless: bool,
        mark: int | None = None,
    ) -> CodeType:
        self._filenames.append(filename)
        rewriting = _Rewriting(self, tree, filename, loss, endless, mark)
        tree = cast("ast.Module", rewriting.visit(tree))
        return compile(ast.fix_missing_locations(tree), filename, "exec", dont_inherit=True)


class _Slots(ast.NodeTransformer):
    """Reads some numbers of a text by a name instead, and tells what some of its calls have made."""

    def __init__(self, names: Mapping[tuple[int, int], str], made: Mapping[Place, int]) -> None:
        self._names, self._made = names, made

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return self._read(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        read = self._read(node)
        return self.generic_visit(node) if read is node else read

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        # What is inside has other places than in the text, and is no number of it.
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        index = self._made.get(Place.of(node))
        if index is None:
            return node
        told = ast.Call(ast.Name(MADE, ast.Load()), [ast.Constant(index), node], [])
        for new in (told, told.func, told.args[0]):
            ast.copy_location(new, node)
        return told

    def _read(self, node: ast.expr) -> ast.expr:
        name = self._names.get((node.lineno, node.col_offset))
        return node if name is None else ast.copy_location(ast.Name(name, ast.Load()), node)


class _Rewriting(ast.NodeTransformer):
    def __init__(
        self,
        files: HookedFiles,
        tree: ast.Module,
        filename: str,
        loss: LossStatement | None,
        endless: bool,
        mark: int | None,
    ) -> None:
        self._files, self._filename, self._loss, self._endless = files, filename, loss, endless
        self._mark = mark
        self._names = Names(tree)
        self._unhooked = 0
        """Above 0 inside of what must stay as it is: `forward`, and what is compiled."""

    def visit_For(self, node: ast.For) -> ast.AST:
        return self._loop(node)

    def visit_AsyncFor(self, node: ast.AsyncFor) -> ast.AST:
        return self._loop(node)

    def visit_While(self, node: ast.While) -> ast.AST:
        return self._loop(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._function(node)

    def visit_ListComp(self, node: ast.ListComp) -> ast.AST:
        return self._comprehension(node)

    def visit_SetComp(self, node: ast.SetComp) -> ast.AST:
        return self._comprehension(node)

    def visit_DictComp(self, node: ast.DictComp) -> ast.AST:
        return self._comprehension(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.AST:
        return self._comprehension(node)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        compiled = any(name in ("jit", "compile") for each in node.decorator_list for name in names_in(each))
        stays = node.name == "forward" or compiled
        self._unhooked += stays
        self.generic_visit(node)
        self._unhooked -= stays
        return node

    def _loop(self, node: ast.For | ast.AsyncFor | ast.While) -> ast.AST:
        hooked = not self._unhooked and (calls_anything(*node.body) or self._is_training(node))
        number = self._note(node, node.body) if hooked else -1
        is_training = self._is_training(node)
        before = list(node.body)
        self.generic_visit(node)
        if not hooked:
            return node
        first, last = before[0].lineno, node.end_lineno or node.lineno
        body: list[ast.stmt] = list(node.body)
        if is_training and self._loss is not None:
            self._files.chosen = number
            line = self._loss.statement.end_lineno or self._loss.statement.lineno
            place = before.index(self._loss.statement)
            for at, statement in reversed(list(enumerate(before))):
                if self._mark is not None and statement.lineno <= self._mark <= (statement.end_lineno or 0):
                    body.insert(at, _call(MARK, statement.lineno, ast.Constant(number)))
            body.insert(place + 1, _call(LOSS, line, ast.Name(self._loss.name, ast.Load())))
            if self._endless and isinstance(node, ast.For) and _is_range(node.iter):
                node.iter = _placed(
                    ast.Call(ast.Name(ENDLESS, ast.Load()), [node.iter], []), node.iter.lineno
                )
        elif not is_training and (named := self._named_loss(number, before)) is not None:
            place, call = named
            body.insert(place + 1, call)
        index = ast.Constant(number)
        handler = ast.ExceptHandler(
            ast.Name("BaseException", ast.Load()), None, [_call(FAILED, last, index), ast.Raise()]
        )
        guarded = ast.Try(body, [handler], [], [_call(BOTTOM, last, index)])
        for part in (handler, handler.type, handler.body[1]):
            _placed(cast("ast.stmt", part), last)
        _placed(guarded, first)
        node.body = [_call(TOP, first, index), guarded]
        return node

    def _named_loss(self, number: int, body: list[ast.stmt]) -> tuple[int, ast.stmt] | None:
        """Where a loop that updates by hand binds its loss, and the call that tells of it."""
        if self._loss is not None or not updates_by_hand(body, self._names):
            return None
        name = loss_name(body)
        places = [place for place, each in enumerate(body) if name in bound_by(each)]
        if not places:
            return None
        statement = body[places[-1]]
        return places[-1], _call(NAMED, statement.lineno, ast.Constant(number), ast.Name(name, ast.Load()))

    def _is_training(self, node: ast.AST) -> bool:
        return self._loss is not None and node is self._loss.loop

    def _comprehension(self, node: Comprehension) -> ast.AST:
        """`[f(x) for x in it]`: what its last `for` iterates over tells where a turn begins and ends."""
        parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        hooked = not self._unhooked and calls_anything(*parts)
        hooked = hooked and not any(each.is_async for each in node.generators)
        number = (
            self._note(node, [ast.copy_location(ast.Expr(part), part) for part in parts]) if hooked else -1
        )
        self.generic_visit(node)
        if hooked:
            last = node.generators[-1]
            call = ast.Call(ast.Name(ITERATE, ast.Load()), [ast.Constant(number), last.iter], [])
            last.iter = _placed(call, last.iter.lineno)
        return node

    def _note(self, node: ast.stmt | Comprehension, body: list[ast.stmt]) -> int:
        number = len(self._files.loops)
        loop = Loop(
            number,
            self._filename,
            node.lineno,
            node.end_lineno or node.lineno,
            type(node).__name__,
            # A comprehension is hooked only in the hope that it updates: names tell too little of it.
            updates=isinstance(node, ast.expr) or self._names.update(body),
            by_hand=updates_by_hand(body, self._names),
        )
        self._files.loops.append(loop)
        return number


def _is_range(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range"


def _call(name: str, line: int, *arguments: ast.expr) -> ast.Expr:
    return _placed(ast.Expr(ast.Call(ast.Name(name, ast.Load()), list(arguments), [])), line)


def _placed(tree: _Tree, line: int) -> _Tree:
    """Gives the new nodes of a tree a line; those of the program's own keep theirs."""
    for node in ast.walk(tree):
        if isinstance(node, ast.expr | ast.stmt | ast.ExceptHandler) and not hasattr(node, "lineno"):
            node.lineno = node.end_lineno = line
            node.col_offset = node.end_col_offset = 0
    return tree


def counted(_range: object) -> Iterator[int]:
    """Counts for as long as anybody asks: how many steps there shall be is said elsewhere."""
    step = 0
    while True:
        yield step
        step += 1
