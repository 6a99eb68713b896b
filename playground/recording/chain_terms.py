"""What the formulas of the chain rule are made of: what is given, a formula, and how its parts are written.

` · ` stands for the product of matrices, and for a number in front; ` ∗ ` for the product of elements.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from playground.recording.events import Port
from playground.recording.model import Saved
from playground.recording.snapshot import Snapshot

Array: TypeAlias = npt.NDArray[Any]
Shape: TypeAlias = tuple[int, ...]
Number: TypeAlias = int | float

ONE = 1
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class UnknownFormulaError(LookupError):
    """The recording lacks what the formula of a node would need."""


@dataclass(frozen=True, slots=True, eq=False)
class Formula:
    """One gradient that a node computes.

    Attributes:
        text: what stands to the right of `=`.
        shapes: of the operands, `"(1000, 64) @ (64, 100)"`.
        words: one sentence.
        compute: from the gradient that came in and the tensors of `saved`, in their order.
        saved: what it uses of what the node had put aside, plain values included.
    """

    text: str
    shapes: str
    words: str
    compute: Callable[..., Array]
    saved: tuple[Saved, ...] = ()


class Given:
    """What the formula of one gradient may use.

    Attributes:
        gradient: label of the gradient that came in.
        shape: its shape.
        index: which input of the forward operation the gradient that goes out belongs to.
        target: shape of the gradient that goes out.
    """

    def __init__(
        self, grad_output: Snapshot, label: str, grad_input: Port, saved: Mapping[str, Saved]
    ) -> None:
        """Takes the gradient that came in, the place of the one that goes out, and what was saved."""
        if grad_input.value is None or "complex" in grad_output.dtype:
            raise UnknownFormulaError
        self.gradient = label
        self.shape = grad_output.shape
        self.index = grad_input.index
        self.target = grad_input.value.shape
        self._saved = saved

    def tensor(self, name: str) -> tuple[Saved, Shape]:
        """A saved tensor and its shape."""
        saved = self._saved.get(name)
        if saved is None or saved.value is None or "complex" in saved.value.dtype:
            raise UnknownFormulaError(name)
        return saved, saved.value.shape

    def number(self, name: str, default: Number | None = None) -> Number | None:
        """A saved number, or None if None was saved; the default if nothing was."""
        value = self._plain(name)
        if value is None:
            return None if name in self._saved else default
        if isinstance(value, (int, float)):
            return value
        raise UnknownFormulaError(name)

    def factor(self, name: str) -> tuple[Number, tuple[Saved, ...]]:
        """A saved number that multiplies an operand; 1 if there is none, and then nothing that was saved."""
        value = self.number(name, ONE)
        if value is None:
            raise UnknownFormulaError(name)
        return value, () if value == ONE else self.used(name)

    def dimensions(self, name: str, count: int) -> tuple[int, ...]:
        """Saved dimensions, counted from 0; all of them where none is named."""
        value = self._plain(name)
        found = value if isinstance(value, (tuple, list)) else () if value is None else (value,)
        if not all(isinstance(each, int) for each in found):
            raise UnknownFormulaError(name)
        # A negative dimension is shown as the unsigned number of the same 64 bits.
        signed = [each - (1 << 64) if each >= 1 << 63 else each for each in found]
        return tuple(each % max(count, 1) for each in signed) or tuple(range(count))

    def used(self, *names: str) -> tuple[Saved, ...]:
        """Those of these names that were saved."""
        return tuple(self._saved[name] for name in names if name in self._saved)

    def _plain(self, name: str) -> object:
        saved = self._saved.get(name)
        if saved is None:
            return None
        if saved.value is not None:
            raise UnknownFormulaError(name)
        try:
            return ast.literal_eval(saved.text)
        except (ValueError, SyntaxError):
            pass
        try:
            # "inf" is no literal.
            return float(saved.text)
        except ValueError:
            raise UnknownFormulaError(name) from None


def named(saved: Saved) -> str:
    """A saved tensor in words: its label; a constant without one is its number, else PyTorch's name."""
    values = None if saved.value is None else saved.value.values
    if saved.label or values is None or values.shape:
        return saved.label or saved.name
    return number_text(values.dtype.type(values))


def number_text(number: Number | np.generic) -> str:
    """A number as it is written by hand: `2`, `0.5`, `−1`."""
    return str(number).removesuffix(".0").replace("-", "−")


def grouped(label: str) -> str:
    """The label, in parentheses unless it can stand in a product as it is."""
    return label if _is_atom(label) else f"({label})"


def transposed(label: str) -> str:
    """The transpose of a labelled matrix; the transpose of `w1.t()` is `w1`."""
    for suffix in ("ᵀ", ".t()", ".T", ".mT"):
        inner = label.removesuffix(suffix)
        if inner != label and _is_atom(inner):
            return inner
    return f"{label}ᵀ" if _is_name(label) else f"({label})ᵀ"


def _is_name(text: str) -> bool:
    return re.fullmatch(r"[\w.\[\]]+", text) is not None


def _is_atom(text: str) -> bool:
    """Whether what is written behind an expression takes all of it, as it does behind a name."""
    if _is_name(text) or text.startswith("∂"):
        return True
    try:
        return isinstance(ast.parse(f"{text}.x", mode="eval").body, ast.Attribute)
    except SyntaxError:
        return False


def power(label: str, exponent: Number) -> str:
    """A labelled tensor to a power: `a²`, `a^(−0.5)`; to the power of 1 as it is."""
    if exponent == ONE:
        return grouped(label)
    base = label if _is_name(label) else f"({label})"
    if float(exponent).is_integer():
        return base + str(int(exponent)).translate(SUPERSCRIPTS)
    return f"{base}^({number_text(round(exponent, 12))})"


def times(factor: Number, text: str) -> str:
    """The text with a number in front, which is left out if it is 1."""
    if factor == ONE:
        return text
    return f"−{text}" if factor == -ONE else f"{number_text(factor)} · {text}"


def summed_dimensions(shape: Shape, target: Shape) -> tuple[int, ...]:
    """The dimensions in which a gradient is summed, since broadcasting had repeated the input in them."""
    lead = len(shape) - len(target)
    kept = range(lead, len(shape))
    return (*range(lead), *(each for each in kept if target[each - lead] == 1 != shape[each]))


def sum_to(values: Array, target: Shape) -> Array:
    """The sum over those dimensions, of the target's shape."""
    total: Array = values.sum(axis=summed_dimensions(values.shape, target), keepdims=True)
    return total.reshape(target)


def _summed_text(text: str, shape: Shape, target: Shape) -> str:
    dimensions = summed_dimensions(shape, target)
    if len(dimensions) == len(shape):
        return f"sum({text})"
    shown = dimensions[0] if len(dimensions) == 1 else dimensions
    return f"sum({text}, dim={shown}{', keepdim=True' if len(shape) == len(target) else ''})"


def elementwise(
    given: Given,
    text: str,
    words: str,
    compute: Callable[..., Array],
    *,
    front: str = "",
    shapes: tuple[Shape, ...] = (),
    sign: str = " ∗ ",
    saved: tuple[Saved, ...] = (),
) -> Formula:
    """A formula for each element, summed where broadcasting had repeated the input."""
    shapes = shapes or (given.shape,)
    full = np.broadcast_shapes(*shapes)
    written = sign.join(str(shape) for shape in shapes)
    if full == given.target:
        return Formula(front + text, written, words, compute, saved)
    return Formula(
        front + _summed_text(text, full, given.target),
        f"{written} → {given.target}",
        f"{words} Broadcasting had copied the input, so the gradients of its copies are summed.",
        lambda *values: sum_to(np.broadcast_to(compute(*values), full), given.target),
        saved,
    )


def scaled(given: Given, factor: Number, words: str, saved: tuple[Saved, ...] = ()) -> Formula:
    """The gradient that came in, times a number."""
    return elementwise(
        given,
        given.gradient,
        words,
        lambda gradient: factor * gradient,
        front=times(factor, ""),
        saved=saved,
    )
