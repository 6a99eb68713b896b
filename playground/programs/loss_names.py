"""What a program calls its losses, read off the lines that call `backward`."""

from __future__ import annotations

import ast
from contextlib import suppress
from pathlib import Path

from playground.programs.errors import ProgramError
from playground.programs.heard_losses import LossPlace
from playground.programs.parse import parse, read_text

UNNAMED = "loss"


class LossNames:
    """Names of the losses of one program; each place has one, and no two places the same."""

    def __init__(self, text: str, filename: str) -> None:
        """Reads nothing before it is asked."""
        self._texts = {filename: text}
        self._found: dict[LossPlace, str] = {}

    def of(self, place: LossPlace) -> str:
        """The name of what is differentiated there: `"d_loss"`, `"loss"` for want of one."""
        name = self._found.get(place)
        if name is None:
            name = self._variable(place) or UNNAMED
            if name in self._found.values():
                name = f"{name} (line {place.line})"
            self._found[place] = name
        return name

    def _variable(self, place: LossPlace) -> str:
        with suppress(ProgramError, OSError):
            if place.filename not in self._texts:
                self._texts[place.filename] = read_text(Path(place.filename))
            for node in ast.walk(parse(self._texts[place.filename], place.filename)):
                if isinstance(node, ast.Call) and node.lineno <= place.line <= (node.end_lineno or 0):
                    name = _differentiated(node, place.number)
                    if name:
                        return name
        return ""


def _differentiated(call: ast.Call, number: int) -> str:
    """The variable of `loss.backward()`, `scaler.scale(loss).backward()`, `accelerator.backward(loss)`."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in ("backward", "grad"):
        return ""
    # `torch.autograd.backward(loss)` has its loss among its arguments, `loss.backward()` before the dot.
    inner: ast.AST = call.args[0] if call.args else call.func.value
    if isinstance(inner, ast.List | ast.Tuple) and number < len(inner.elts):
        inner = inner.elts[number]
    if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) and len(inner.args) == 1:
        # `scaler.scale(loss)` is another number than the loss.
        argument = inner.args[0]
        if isinstance(argument, ast.Name | ast.Attribute):
            return f"{inner.func.attr}({ast.unparse(argument).removeprefix('self.')})"
    return ast.unparse(inner).removeprefix("self.") if isinstance(inner, ast.Name | ast.Attribute) else ""
