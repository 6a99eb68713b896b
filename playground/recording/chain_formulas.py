"""The chain rule of each node of autograd that has a short formula, as text and as NumPy.

What a node computes is told by PyTorch's own table of derivatives, `tools/autograd/derivatives.yaml`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from playground.recording.chain_terms import (
    ONE,
    Array,
    Formula,
    Given,
    Number,
    Shape,
    UnknownFormulaError,
    elementwise,
    grouped,
    named,
    number_text,
    power,
    scaled,
    times,
    transposed,
)
from playground.recording.model import Saved

Maker: TypeAlias = Callable[[Given], Formula]


def _turned(shape: Shape) -> Shape:
    return (*shape[:-2], *shape[:-3:-1])


def _turn(matrix: Array) -> Array:
    return np.swapaxes(matrix, -1, -2)


def _left_factor(given: Given, name: str, factor: Number = ONE, used: tuple[Saved, ...] = ()) -> Formula:
    """Gradient of the left matrix of a product: gradient · rightᵀ."""
    right, shape = given.tensor(name)
    turned = transposed(named(right))
    return Formula(
        times(factor, f"{given.gradient} · {turned}"),
        f"{given.shape} @ {_turned(shape)}",
        f"Each row of the gradient is multiplied by {turned}.",
        lambda gradient, matrix: factor * (gradient @ _turn(matrix)),
        (right, *used),
    )


def _right_factor(given: Given, name: str, factor: Number = ONE, used: tuple[Saved, ...] = ()) -> Formula:
    """Gradient of the right matrix of a product: leftᵀ · gradient."""
    left, shape = given.tensor(name)
    return Formula(
        times(factor, f"{transposed(named(left))} · {given.gradient}"),
        f"{_turned(shape)} @ {given.shape}",
        f"Each row of {grouped(named(left))} is multiplied by its row of the gradient; all are summed.",
        lambda gradient, matrix: factor * (_turn(matrix) @ gradient),
        (left, *used),
    )


def _product(given: Given) -> Formula:
    return _left_factor(given, "mat2") if given.index == 0 else _right_factor(given, "self")


def _addmm(given: Given) -> Formula:
    factor, used = given.factor("beta" if given.index == 0 else "alpha")
    if given.index == 0:
        words = "The bias was added to the product, so the gradient passes to it."
        return scaled(given, factor, words, used)
    if given.index == 1:
        return _left_factor(given, "mat2", factor, used)
    return _right_factor(given, "mat1", factor, used)


def _within(label: str, low: Number | None, high: Number | None) -> str:
    if low is not None and high is not None:
        return f"{number_text(low)} ≤ {label} ≤ {number_text(high)}"
    if low is not None:
        return f"{label} ≥ {number_text(low)}"
    if high is not None:
        return f"{label} ≤ {number_text(high)}"
    raise UnknownFormulaError("min")


def _clamp(given: Given) -> Formula:
    value, shape = given.tensor("self")
    low, high = given.number("min"), given.number("max")
    condition = _within(grouped(named(value)), low, high)

    def compute(gradient: Array, values: Array) -> Array:
        inside = np.ones(values.shape, dtype=np.bool_) if low is None else values >= low
        return np.where(inside if high is None else inside & (values <= high), gradient, 0.0)

    return elementwise(
        given,
        f"{given.gradient} where {condition}, else 0",
        "The gradient passes where the input was not clamped, and is 0 elsewhere.",
        compute,
        shapes=(given.shape, shape),
        saved=(value, *given.used("min", "max")),
    )


def _relu(given: Given) -> Formula:
    result, shape = given.tensor("result")
    return elementwise(
        given,
        f"{given.gradient} where {grouped(named(result))} > 0, else 0",
        "The gradient passes where the result was above 0, and is 0 elsewhere.",
        lambda gradient, values: np.where(values <= 0, 0.0, gradient),
        shapes=(given.shape, shape),
        saved=(result,),
    )


def _pow(given: Given) -> Formula:
    base, shape = given.tensor("self")
    exponent = given.number("exponent")
    if exponent is None:
        raise UnknownFormulaError("exponent")
    text = given.gradient if exponent == ONE else f"{power(named(base), exponent - 1)} ∗ {given.gradient}"
    return elementwise(
        given,
        text if exponent else f"0 · {given.gradient}",
        "The slope of a power: the exponent comes to the front, and the power is one lower.",
        lambda gradient, values: (exponent * values ** (exponent - 1) if exponent else 0.0) * gradient,
        front=times(exponent, "") if exponent else "",
        shapes=(shape, given.shape),
        saved=(base, *given.used("exponent")),
    )


def _add(given: Given) -> Formula:
    factor, used = given.factor("alpha") if given.index else (ONE, ())
    words = "A summand moves the result as much as itself, so the gradient passes unchanged."
    if factor != ONE:
        words = f"The summand was multiplied by {number_text(factor)}, and so is the gradient."
    return scaled(given, factor, words, used)


def _sub(given: Given) -> Formula:
    if given.index == 0:
        words = "The first operand moves the result as much as itself, so the gradient passes unchanged."
        return scaled(given, ONE, words)
    return _subtracted(given)


def _subtracted(given: Given) -> Formula:
    factor, used = given.factor("alpha")
    return scaled(
        given, -factor, "What is subtracted moves the result the other way: the sign changes.", used
    )


def _mul(given: Given) -> Formula:
    other, shape = given.tensor("other" if given.index == 0 else "self")
    return elementwise(
        given,
        f"{given.gradient} ∗ {grouped(named(other))}",
        "Each factor's slope is the other factor.",
        lambda gradient, values: gradient * values,
        shapes=(given.shape, shape),
        saved=(other,),
    )


def _div(given: Given) -> Formula:
    below, shape = given.tensor("other")
    if given.index == 0:
        return elementwise(
            given,
            f"{given.gradient} / {grouped(named(below))}",
            "What was divided gets the gradient divided by the same divisor.",
            lambda gradient, values: gradient / values,
            shapes=(given.shape, shape),
            sign=" / ",
            saved=(below,),
        )
    above, above_shape = given.tensor("self")
    return elementwise(
        given,
        f"{given.gradient} ∗ {grouped(named(above))} / {power(named(below), 2)}",
        "A larger divisor makes a smaller quotient, hence the minus sign.",
        lambda gradient, top, bottom: -gradient * (top / bottom / bottom),
        front="−",
        shapes=(given.shape, above_shape, shape),
        saved=(above, below),
    )


def _sum(given: Given, mean: bool = False) -> Formula:
    """Of a sum or a mean over all dimensions, or over those that were saved."""
    target = given.target
    over = given.dimensions("dim", len(target))
    count = max(math.prod(target[each] for each in over), 1) if mean else 1
    words = "Every number counted once in the sum, so each gets a copy of the gradient."
    if mean:
        words = f"Each number counted for 1/{count} of a mean, so each gets that share of the gradient."

    def compute(gradient: Array) -> Array:
        shape = tuple(1 if each in over else length for each, length in enumerate(target))
        return np.broadcast_to(gradient.reshape(shape) / count, target)

    return Formula(
        f"expand({given.gradient}, {target})" + (f" / {count}" if mean else ""),
        f"{given.shape} → {target}",
        words,
        compute,
        given.used("self_sym_sizes", "dim", "keepdim"),
    )


def _mse_loss(given: Given) -> Formula:
    guess, shape = given.tensor("self")
    target, target_shape = given.tensor("target")
    reduction = given.number("reduction", ONE)
    if reduction not in (0, 1, 2):
        raise UnknownFormulaError("reduction")
    count = max(math.prod(shape), 1) if reduction == 1 else 1
    sign = 1 if given.index == 0 else -1
    return elementwise(
        given,
        f"({grouped(named(guess))} − {grouped(named(target))}) ∗ {given.gradient}",
        "The slope of a square is twice the difference"
        + (f"; the mean divides it by {count}." if reduction == 1 else "."),
        lambda gradient, left, right: sign * 2.0 / count * (left - right) * gradient,
        front=("−" if sign < 0 else "") + ("2 · " if reduction != 1 else f"2/{count} · "),
        shapes=(np.broadcast_shapes(shape, target_shape), given.shape),
        saved=(guess, target, *given.used("reduction")),
    )


def _of_result(slope: str, words: str, compute: Callable[[Array], Array]) -> Maker:
    """An operation whose slope is a function of its result, `{result}` or `{square}` in the text."""

    def formula(given: Given) -> Formula:
        result, shape = given.tensor("result")
        written = slope.format(result=grouped(named(result)), square=power(named(result), 2))
        return elementwise(
            given,
            f"{written} ∗ {given.gradient}",
            words,
            lambda gradient, values: compute(values) * gradient,
            shapes=(shape, given.shape),
            saved=(result,),
        )

    return formula


def _log(given: Given) -> Formula:
    value, shape = given.tensor("self")
    return elementwise(
        given,
        f"{given.gradient} / {grouped(named(value))}",
        "The slope of the logarithm is 1 divided by the input.",
        lambda gradient, values: gradient / values,
        shapes=(given.shape, shape),
        sign=" / ",
        saved=(value,),
    )


def _moved(given: Given, text: str, order: tuple[int, ...], saved: tuple[Saved, ...] = ()) -> Formula:
    return Formula(
        text,
        f"{given.shape} → {given.target}",
        "Nothing is computed: the gradient is turned back the way the tensor was turned.",
        lambda gradient: np.transpose(gradient, order),
        saved,
    )


def _transpose(given: Given) -> Formula:
    count = len(given.shape)
    order = list(range(count))
    first, second = (given.dimensions(name, count)[0] for name in ("dim0", "dim1")) if count else (0, 0)
    if count:
        order[first], order[second] = second, first
    flat = order == [1, 0]
    text = f"({given.gradient})ᵀ" if flat else f"transpose({given.gradient}, {first}, {second})"
    return _moved(given, text, tuple(order), given.used("dim0", "dim1"))


def _t(given: Given) -> Formula:
    return _moved(given, f"({given.gradient})ᵀ", tuple(reversed(range(len(given.shape)))))


def _permute(given: Given) -> Formula:
    back = tuple(int(each) for each in np.argsort(given.dimensions("dims", len(given.shape))))
    text = f"({given.gradient})ᵀ" if back == (1, 0) else f"permute({given.gradient}, {back})"
    return _moved(given, text, back, given.used("dims"))


def _reshape(given: Given) -> Formula:
    return Formula(
        f"reshape({given.gradient}, {given.target})",
        f"{given.shape} → {given.target}",
        "Nothing is computed: the gradient takes the shape that the tensor had before.",
        lambda gradient: gradient.reshape(given.target),
        given.used("self_sym_sizes"),
    )


def _expand(given: Given) -> Formula:
    formula = scaled(given, ONE, "")
    return replace(formula, words="Each element gets the sum of the gradients of its copies.")


FORMULAS: Mapping[str, Maker] = {
    "MmBackward0": _product,
    "BmmBackward0": _product,
    "AddmmBackward0": _addmm,
    "ClampBackward1": _clamp,
    "ClampMinBackward0": _clamp,
    "ClampMaxBackward0": _clamp,
    "ReluBackward0": _relu,
    "PowBackward0": _pow,
    "AddBackward0": _add,
    "SubBackward0": _sub,
    "RsubBackward1": _subtracted,
    "MulBackward0": _mul,
    "DivBackward0": _div,
    "NegBackward0": lambda given: scaled(
        given, -ONE, "The input changed its sign, and so does the gradient."
    ),
    "SumBackward0": _sum,
    "SumBackward1": _sum,
    "MeanBackward0": lambda given: _sum(given, mean=True),
    "MeanBackward1": lambda given: _sum(given, mean=True),
    "MseLossBackward0": _mse_loss,
    "SigmoidBackward0": _of_result(
        "{result} ∗ (1 − {result})",
        "The slope is steepest where the result is one half, and near 0 where it is near 0 or 1.",
        lambda result: result * (1 - result),
    ),
    "TanhBackward0": _of_result(
        "(1 − {square})",
        "The slope is near 0 where the result is near 1 or −1.",
        lambda result: 1 - result * result,
    ),
    "ExpBackward0": _of_result("{result}", "The slope of exp is its own result.", lambda result: result),
    "LogBackward0": _log,
    "TBackward0": _t,
    "TransposeBackward0": _transpose,
    "PermuteBackward0": _permute,
    "ExpandBackward0": _expand,
    "CloneBackward0": lambda given: scaled(given, ONE, "A copy has the gradient of what was copied."),
    **dict.fromkeys(
        (
            "ViewBackward0",
            "UnsafeViewBackward0",
            "ReshapeAliasBackward0",
            "UnsqueezeBackward0",
            "SqueezeBackward0",
            "SqueezeBackward1",
            "SqueezeBackward2",
        ),
        _reshape,
    ),
}
