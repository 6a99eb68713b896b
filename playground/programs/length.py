"""How many steps a program makes, where its text tells."""

from __future__ import annotations

import ast
from functools import lru_cache

from playground.programs.errors import ProgramError
from playground.programs.parse import loss_statement, parse
from playground.setting_specs import LARGEST_STEPS


@lru_cache(maxsize=16)
def steps_of(text: str) -> int:
    """The steps of a training loop over `range(…)` at the program's top level; else as many as there may be.

    What cannot be read has no steps to count either.
    """
    try:
        loss = loss_statement(parse(text, "program"))
    except ProgramError:
        return LARGEST_STEPS
    loop = None if loss is None else loss.loop
    if not isinstance(loop, ast.For) or not isinstance(loop.iter, ast.Call):
        return LARGEST_STEPS
    call = loop.iter
    if not isinstance(call.func, ast.Name) or call.func.id != "range" or call.keywords:
        return LARGEST_STEPS
    ends = [each.value for each in call.args if isinstance(each, ast.Constant)]
    whole = [end for end in ends if isinstance(end, int) and not isinstance(end, bool)]
    if len(whole) != len(call.args) or not 1 <= len(whole) <= 3 or whole[2:] == [0]:
        return LARGEST_STEPS
    return min(LARGEST_STEPS, max(1, len(range(*whole))))
