"""Which statements of a training loop lead from the weights to the loss."""

from __future__ import annotations

import ast
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from playground.data.forward_lines import NoForwardLinesError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playground.programs.driver import Driver
    from playground.programs.program import Program

_EFFECTS = ("backward", "step", "zero_grad", "append", "next", "print", "input", "open", "write")
"""Calls that are not made once more only to look at a loss."""
_ALLOWED = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.With, ast.For, ast.If)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_AROUND = (ast.For, ast.While, ast.AsyncFor, *_FUNCTIONS)
"""What a step begins in: what stands before them ran in another one, or has other variables."""


class StepLines(NamedTuple):
    """What a program runs of a step up to its loss.

    Attributes:
        before: the statements.
        loss: as the program writes it, or what `backward` is called on.
        names: what the variables are called in the training loop, where a function that is called there has
            other names for them.
        is_inside: whether they stand in such a function: what it binds is gone when the step is over.
    """

    before: list[ast.stmt]
    loss: ast.expr
    names: dict[str, str]
    is_inside: bool = False


def step_lines(program: Program, driver: Driver) -> StepLines:
    """What the training loop runs before it has its loss.

    Raises:
        NoForwardLinesError: it cannot be told, in one line.
    """
    if program.loss is not None:
        return StepLines(program.forward, ast.Name(program.loss.name, ast.Load()), {})
    place, frame = driver.loss_place, driver.frame
    places = {place and place.filename, frame and frame.f_code.co_filename}
    if place is None or frame is None or places != {program.filename}:
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
    loss = _loss_of(way[-1], before)
    read = {name for each in (*before, loss) for name in loads(each)}
    outside = _function_around(program.tree, frame.f_lineno)
    function = next((each for each in reversed(way) if isinstance(each, _FUNCTIONS)), None)
    if function is None or function is outside:
        return StepLines(before, loss, {})
    if inner[0] is not function:
        raise NoForwardLinesError(f"its loss is computed in a loop of {function.name}(), which has ended")
    return StepLines(before, loss, _names_outside(function, outside or program.tree, read), True)


def loss_lines(lines: StepLines, weighty: set[str]) -> list[ast.stmt]:
    """The statements that must run again to have the loss with other weights.

    What does not come from the weights stays as the step has left it, unless the net's result takes its
    name: a sum that begins with 0 begins with 0 again.

    Args:
        lines: of the step.
        weighty: variables that lead to what is trained.

    Raises:
        NoForwardLinesError: one of them cannot be run again, in one line.
    """
    before, loss = lines.before, lines.loss
    weighty, following = set(weighty), []
    for each in before:
        follows = lines.is_inside or bool(loads(each) & weighty)
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
    return [_name(each) for each in ast.walk(tree) if isinstance(each, ast.Call)]


def _function_around(tree: ast.AST, line: int) -> ast.AST | None:
    """The innermost function in which a line stands; None for the program's own."""
    found = [
        each
        for each in ast.walk(tree)
        if isinstance(each, _FUNCTIONS) and each.lineno <= line <= (each.end_lineno or line)
    ]
    # It is the last to be met.
    return found[-1] if found else None


def _names_outside(
    function: ast.FunctionDef | ast.AsyncFunctionDef, loop: ast.AST, read: set[str]
) -> dict[str, str]:
    """What a function that the training loop calls has got for its parameters, as far as they are read.

    Args:
        function: that calls `backward`.
        loop: the function of the training loop, or the program.
        read: names in the lines up to the loss.

    Raises:
        NoForwardLinesError: it cannot be told.
    """
    parameters = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
    calls = [each for each in ast.walk(loop) if isinstance(each, ast.Call) and _name(each) == function.name]
    if not read & {*parameters, *(each.arg for each in function.args.kwonlyargs)}:
        return {}
    if len(calls) != 1:
        raise NoForwardLinesError(
            f"its loss is computed in {function.name}(), which its loop calls variously"
        )
    call = calls[0]
    given: list[ast.expr] = [*call.args]
    if isinstance(call.func, ast.Attribute) and len(given) < len(parameters):
        given.insert(0, call.func.value)
    pairs = [*zip(parameters, given, strict=False), *((each.arg, each.value) for each in call.keywords)]
    found = {name: value.id for name, value in pairs if name and isinstance(value, ast.Name)}
    missing = sorted((read & {*parameters}) - found.keys())
    if missing:
        raise NoForwardLinesError(f"what {function.name}() gets as {missing[0]} has no name in its loop")
    return found


def _name(call: ast.Call) -> str:
    called = call.func
    return (
        called.id
        if isinstance(called, ast.Name)
        else called.attr
        if isinstance(called, ast.Attribute)
        else ""
    )


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
