"""How many steps a program makes, where its text tells."""

from __future__ import annotations

import ast
from contextlib import suppress
from functools import lru_cache

from playground.programs.errors import ProgramError
from playground.programs.parse import loss_statement, names_in, parse
from playground.setting_specs import LARGEST_STEPS


@lru_cache(maxsize=16)
def steps_of(text: str) -> int:
    """The steps of a training loop over `range(…)` at the program's top level; else as many as there may be.

    What cannot be read has no steps to count either.
    """
    try:
        loop = _training_loop(parse(text, "program"))
    except ProgramError:
        return LARGEST_STEPS
    if not isinstance(loop, ast.For) or not isinstance(loop.iter, ast.Call):
        return LARGEST_STEPS
    call = loop.iter
    if not isinstance(call.func, ast.Name) or call.func.id != "range" or call.keywords:
        return LARGEST_STEPS
    ends = [each.value for each in call.args if isinstance(each, ast.Constant)]
    whole = [end for end in ends if isinstance(end, int) and not isinstance(end, bool)]
    if len(whole) != len(call.args) or not 1 <= len(whole) <= 3 or whole[2:] == [0]:
        return LARGEST_STEPS
    with suppress(OverflowError):
        return min(LARGEST_STEPS, max(1, len(range(*whole))))
    return LARGEST_STEPS


def _training_loop(tree: ast.Module) -> ast.stmt | None:
    """The loop whose turns are the steps, where the text leaves no doubt of that."""
    loss = loss_statement(tree)
    if loss is not None:
        return loss.loop
    # Wherever else it is called, steps are counted there.
    calls = sum(each == "backward" for each in names_in(tree))
    loops = [each for each in tree.body if isinstance(each, ast.For) and "backward" in names_in(each)]
    if len(loops) != 1 or sum(each == "backward" for each in names_in(loops[0])) != calls:
        return None
    inner = [each for each in ast.walk(loops[0]) if isinstance(each, ast.For | ast.While | ast.comprehension)]
    return (
        loops[0] if not any("backward" in names_in(each) for each in inner if each is not loops[0]) else None
    )
