"""Which statements of a training loop lead from the weights to the loss."""

from __future__ import annotations

import ast
from itertools import pairwise
from typing import TYPE_CHECKING

from playground.data.forward_lines import NoForwardLinesError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playground.programs.driver import Driver
    from playground.programs.program import Program

_EFFECTS = ("backward", "step", "zero_grad", "append", "next", "print", "input", "open", "write")
"""Calls that are not made once more only to look at a loss."""
_ALLOWED = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.With, ast.For, ast.If)
_AROUND = (ast.For, ast.While, ast.AsyncFor, ast.FunctionDef, ast.AsyncFunctionDef)
"""What a step begins in: what stands before them ran in another one, or has other variables."""


def statements_of_step(program: Program, driver: Driver) -> tuple[list[ast.stmt], ast.expr]:
    """What the training loop runs before it has its loss, and the loss as it writes it.

    Raises:
        NoForwardLinesError: it cannot be told, in one line.
    """
    if program.loss is not None:
        return program.forward, ast.Name(program.loss.name, ast.Load())
    place = driver.loss_place
    if place is None or place.filename != program.filename:
        raise NoForwardLinesError("the program's own text does not tell where its loss is")
    way = _way_to(program.tree, place.line)
    if not way:
        raise NoForwardLinesError(f"line {place.line} calls no backward() on a loss")
    around = [number for number, each in enumerate(way) if isinstance(each, _AROUND)]
    inner = way[around[-1] :] if around else way
    before: list[ast.stmt] = []
    for outer, part in pairwise(inner):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(outer, field, [])
            before += block[: block.index(part)] if part in block else []
    return before, _loss_of(way[-1], before)


def loss_lines(before: Sequence[ast.stmt], loss: ast.expr, weighty: set[str]) -> list[ast.stmt]:
    """The statements that must run again to have the loss with other weights.

    What does not come from the weights stays as the step has left it, unless the net's result takes its
    name: a sum that begins with 0 begins with 0 again.

    Args:
        before: what runs before the loss is there.
        loss: the loss.
        weighty: variables that lead to what is trained.

    Raises:
        NoForwardLinesError: one of them cannot be run again, in one line.
    """
    weighty, following = set(weighty), []
    for each in before:
        follows = bool(loads(each) & weighty)
        following.append(follows)
        weighty |= _bound(each) if follows else set()
    needed, changed = loads(loss), set[str]()
    kept: list[ast.stmt] = []
    for each, follows in zip(reversed(before), reversed(following), strict=True):
        bound = _bound(each)
        if bound & (needed if follows else needed & changed):
            kept.append(each)
            needed |= loads(each)
            changed |= bound
    for each in kept:
        if not isinstance(each, _ALLOWED):
            raise NoForwardLinesError(f"its loss comes from line {each.lineno}, which is no assignment")
    for part in (*kept, loss):
        name = next((called for called in _called(part) if called in _EFFECTS), None)
        if name is not None:
            raise NoForwardLinesError(
                f"its loss is computed with {name}(), which is not called again only to look at a loss"
            )
    return kept[::-1]


def loads(tree: ast.AST) -> set[str]:
    """Names that are read, those that are changed in place among them."""
    found = {
        each.id for each in ast.walk(tree) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)
    }
    changed = (each.target for each in ast.walk(tree) if isinstance(each, ast.AugAssign))
    return found | {each.id for each in changed if isinstance(each, ast.Name)}


def _bound(tree: ast.AST) -> set[str]:
    return {
        each.id for each in ast.walk(tree) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
    }


def _called(tree: ast.AST) -> list[str]:
    functions = [each.func for each in ast.walk(tree) if isinstance(each, ast.Call)]
    return [
        each.id if isinstance(each, ast.Name) else each.attr
        for each in functions
        if isinstance(each, ast.Name | ast.Attribute)
    ]


def _way_to(tree: ast.AST, line: int) -> list[ast.AST]:
    """The nodes from the outermost to a call of `backward` in a line; none where there is none."""
    ways: list[list[ast.AST]] = [[tree]]
    while ways:
        way = ways.pop()
        node = way[-1]
        if isinstance(node, ast.Call) and node.lineno <= line <= (node.end_lineno or line):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            if called == "backward":
                return way
        ways += [[*way, each] for each in ast.iter_child_nodes(node)]
    return []


def _loss_of(call: ast.AST, before: Sequence[ast.stmt]) -> ast.expr:
    """What backward is called on: `loss.backward()`, or `accelerator.backward(loss)`."""
    assert isinstance(call, ast.Call)
    assert isinstance(call.func, ast.Attribute)
    owner = call.func.value
    bound = {name for each in before for name in _bound(each)}
    if call.args and not loads(owner) & bound:
        return call.args[0]
    return owner
