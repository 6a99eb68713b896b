"""Formulas of the chain rule: they give PyTorch's gradient, and are written with the program's own labels."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from playground.recording.chain_formulas import FORMULAS
from playground.recording.chain_terms import grouped, power, transposed
from tests.engine.recording.chain_rules import Expression, Shape, assert_exact, record, rules_of

MSE = functional.mse_loss
EXPRESSIONS: dict[str, tuple[str, Expression, tuple[Shape, ...]]] = {
    "mm": ("MmBackward0", lambda a, b: a.mm(b), ((3, 4), (4, 5))),
    "mm of a transpose": ("MmBackward0", lambda a, b: a.mm(b.t()), ((3, 4), (5, 4))),
    "linear": ("AddmmBackward0", lambda a, b, c: functional.linear(a, b, c), ((3, 4), (5, 4), (5,))),
    "addmm": ("AddmmBackward0", lambda a, b, c: torch.addmm(c, a, b), ((3, 4), (4, 5), (3, 1))),
    "addmm full": ("AddmmBackward0", lambda a, b, c: torch.addmm(c, a, b), ((3, 4), (4, 5), (3, 5))),
    "addmm scaled": (
        "AddmmBackward0",
        lambda a, b, c: torch.addmm(c, a, b, alpha=2, beta=-0.5),
        ((3, 4), (4, 5), (5,)),
    ),
    "bmm": ("BmmBackward0", torch.bmm, ((2, 3, 4), (2, 4, 5))),
    "clamp min": ("ClampBackward1", lambda a: a.clamp(min=0), ((3, 4),)),
    "clamp max": ("ClampBackward1", lambda a: a.clamp(max=0.3), ((3, 4),)),
    "clamp both": ("ClampBackward1", lambda a: a.clamp(-0.5, float("inf")), ((3, 4),)),
    "clamp_min": ("ClampMinBackward0", lambda a: a.clamp_min(0.2), ((3, 4),)),
    "clamp_max": ("ClampMaxBackward0", lambda a: a.clamp_max(0.2), ((3, 4),)),
    "relu": ("ReluBackward0", torch.relu, ((3, 4),)),
    **{
        f"pow {exponent}": ("PowBackward0", lambda a, power=exponent: a.abs().pow(power), ((3, 4),))
        for exponent in (0, 1, 2, 3, -1, 0.5, 2.0)
    },
    "sub": ("SubBackward0", lambda a, b: a - b, ((3, 4), (3, 4))),
    "sub broadcast": ("SubBackward0", lambda a, b: torch.sub(a, b, alpha=3), ((3, 4), (4,))),
    "sub broadcast first": ("SubBackward0", lambda a, b: a - b, ((1,), (2, 3, 4))),
    "sub number": ("SubBackward0", lambda a: a - 1, ((3, 4),)),
    "number sub": ("RsubBackward1", lambda a: 1 - a, ((3, 4),)),
    "add": ("AddBackward0", lambda a, b: torch.add(a, b, alpha=0.5), ((2, 3, 4), (3, 1))),
    "mul": ("MulBackward0", lambda a, b: a * b, ((3, 4), (3, 4))),
    "mul broadcast": ("MulBackward0", lambda a, b: a * b, ((3, 1), (1, 4))),
    "mul number": ("MulBackward0", lambda a: a * 0.1, ((3, 4),)),
    "mul itself": ("MulBackward0", lambda a: a * a, ((3, 4),)),
    "div": ("DivBackward0", lambda a, b: a / b, ((3, 4), ())),
    "div number": ("DivBackward0", lambda a: a / 3, ((3, 4),)),
    "neg": ("NegBackward0", torch.neg, ((3, 4),)),
    "sum": ("SumBackward0", torch.sum, ((3, 4),)),
    "sum of a number": ("SumBackward1", lambda a: a.sum(0), ((),)),
    "sum of rows": ("SumBackward1", lambda a: a.sum(-1), ((3, 4),)),
    "sum keepdim": ("SumBackward1", lambda a: a.sum((0, -1), keepdim=True), ((2, 3, 4),)),
    "sum of all": ("SumBackward1", lambda a: a.sum(dim=None, keepdim=True), ((3, 4),)),
    "mean": ("MeanBackward0", torch.mean, ((3, 4),)),
    "mean of columns": ("MeanBackward1", lambda a: a.mean(0), ((3, 4),)),
    "mean keepdim": ("MeanBackward1", lambda a: a.mean(-2, keepdim=True), ((2, 3, 4),)),
    "mse mean": ("MseLossBackward0", MSE, ((3, 4), (3, 4))),
    "mse sum": ("MseLossBackward0", lambda a, b: MSE(a, b, reduction="sum"), ((3, 4), (3, 4))),
    "mse none": ("MseLossBackward0", lambda a, b: MSE(a, b, reduction="none"), ((3, 4), (3, 4))),
    "t": ("TBackward0", torch.t, ((3, 4),)),
    "t of a vector": ("TBackward0", torch.t, ((3,),)),
    "transpose": ("TransposeBackward0", lambda a: a.transpose(0, -1), ((2, 3, 4),)),
    "permute": ("PermuteBackward0", lambda a: a.permute(-1, 0, 1), ((2, 3, 4),)),
    "view": ("ViewBackward0", lambda a: a.view(2, -1), ((3, 4),)),
    "unsafe view": ("UnsafeViewBackward0", lambda a: a.t().reshape(12), ((3, 4),)),
    "reshape of a strided": ("ViewBackward0", lambda a: a.reshape(4, 3), ((3, 4),)),
    "unsqueeze": ("UnsqueezeBackward0", lambda a: a.unsqueeze(-1), ((3, 4),)),
    "squeeze": ("SqueezeBackward1", lambda a: a.squeeze(1), ((3, 1, 4),)),
    "expand": ("ExpandBackward0", lambda a: a.expand(2, 3, 4), ((3, 1),)),
    "clone": ("CloneBackward0", torch.clone, ((3, 4),)),
    "sigmoid": ("SigmoidBackward0", torch.sigmoid, ((3, 4),)),
    "tanh": ("TanhBackward0", torch.tanh, ((3, 4),)),
    "exp": ("ExpBackward0", torch.exp, ((3, 4),)),
    "log": ("LogBackward0", lambda a: a.abs().log(), ((3, 4),)),
}


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize("name", EXPRESSIONS)
def test_formula_gives_pytorchs_gradient(name: str, dtype: torch.dtype) -> None:
    op, expression, shapes = EXPRESSIONS[name]
    recording = record(expression, *shapes, dtype=dtype)
    event = next(event for event in recording.events if event.op == op)
    found = rules_of(recording, op)

    assert not found.generic
    leaving = [port for port in event.outputs if port.value is not None]
    assert [rule.grad_input for rule in found.rules] == leaving
    assert leaving
    for rule in found.rules:
        assert rule.grad_output is event.inputs[0]
        assert rule.formula.startswith(f"{rule.grad_input.label} = ")
        assert rule.words.endswith(".")
        assert_exact(rule)


def test_each_formula_is_tried() -> None:
    tried = {op for op, _, _ in EXPRESSIONS.values()}
    # Nothing makes the first any more; the others are SqueezeBackward1 for other arguments.
    assert set(FORMULAS) - tried == {"ReshapeAliasBackward0", "SqueezeBackward0", "SqueezeBackward2"}


TEXTS: dict[str, list[tuple[str, str]]] = {
    "mm": [
        ("∂L/∂a = ∂L/∂out · bᵀ", "(3, 5) @ (5, 4)"),
        ("∂L/∂b = aᵀ · ∂L/∂out", "(4, 3) @ (3, 5)"),
    ],
    "addmm scaled": [
        ("∂L/∂c = −0.5 · sum(∂L/∂out, dim=0)", "(3, 5) → (5,)"),
        ("∂L/∂a = 2 · ∂L/∂out · bᵀ", "(3, 5) @ (5, 4)"),
        ("∂L/∂b = 2 · aᵀ · ∂L/∂out", "(4, 3) @ (3, 5)"),
    ],
    "bmm": [
        ("∂L/∂a = ∂L/∂out · bᵀ", "(2, 3, 5) @ (2, 5, 4)"),
        ("∂L/∂b = aᵀ · ∂L/∂out", "(2, 4, 3) @ (2, 3, 5)"),
    ],
    "clamp min": [("∂L/∂a = ∂L/∂out where a ≥ 0, else 0", "(3, 4) ∗ (3, 4)")],
    "clamp max": [("∂L/∂a = ∂L/∂out where a ≤ 0.3, else 0", "(3, 4) ∗ (3, 4)")],
    "clamp both": [("∂L/∂a = ∂L/∂out where −0.5 ≤ a ≤ inf, else 0", "(3, 4) ∗ (3, 4)")],
    "relu": [("∂L/∂a = ∂L/∂out where out > 0, else 0", "(3, 4) ∗ (3, 4)")],
    "sub": [("∂L/∂a = ∂L/∂out", "(3, 4)"), ("∂L/∂b = −∂L/∂out", "(3, 4)")],
    "sub broadcast": [
        ("∂L/∂a = ∂L/∂out", "(3, 4)"),
        ("∂L/∂b = −3 · sum(∂L/∂out, dim=0)", "(3, 4) → (4,)"),
    ],
    "add": [
        ("∂L/∂a = ∂L/∂out", "(2, 3, 4)"),
        ("∂L/∂b = 0.5 · sum(∂L/∂out, dim=(0, 2))", "(2, 3, 4) → (3, 1)"),
    ],
    "mul broadcast": [
        ("∂L/∂a = sum(∂L/∂out ∗ b, dim=1, keepdim=True)", "(3, 4) ∗ (1, 4) → (3, 1)"),
        ("∂L/∂b = sum(∂L/∂out ∗ a, dim=0, keepdim=True)", "(3, 4) ∗ (3, 1) → (1, 4)"),
    ],
    "mul number": [("∂L/∂a = ∂L/∂out ∗ 0.1", "(3, 4) ∗ ()")],
    "div": [
        ("∂L/∂a = ∂L/∂out / b", "(3, 4) / ()"),
        ("∂L/∂b = −sum(∂L/∂out ∗ a / b²)", "(3, 4) ∗ (3, 4) ∗ () → ()"),
    ],
    "neg": [("∂L/∂a = −∂L/∂out", "(3, 4)")],
    "sum": [("∂L/∂a = expand(∂L/∂out, (3, 4))", "() → (3, 4)")],
    "sum of rows": [("∂L/∂a = expand(∂L/∂out, (3, 4))", "(3,) → (3, 4)")],
    "mean of columns": [("∂L/∂a = expand(∂L/∂out, (3, 4)) / 3", "(4,) → (3, 4)")],
    "mse mean": [
        ("∂L/∂a = 2/12 · (a − b) ∗ ∂L/∂out", "(3, 4) ∗ ()"),
        ("∂L/∂b = −2/12 · (a − b) ∗ ∂L/∂out", "(3, 4) ∗ ()"),
    ],
    "mse sum": [
        ("∂L/∂a = 2 · (a − b) ∗ ∂L/∂out", "(3, 4) ∗ ()"),
        ("∂L/∂b = −2 · (a − b) ∗ ∂L/∂out", "(3, 4) ∗ ()"),
    ],
    "mse none": [
        ("∂L/∂a = 2 · (a − b) ∗ ∂L/∂out", "(3, 4) ∗ (3, 4)"),
        ("∂L/∂b = −2 · (a − b) ∗ ∂L/∂out", "(3, 4) ∗ (3, 4)"),
    ],
    "t": [("∂L/∂a = (∂L/∂out)ᵀ", "(4, 3) → (3, 4)")],
    "transpose": [("∂L/∂a = transpose(∂L/∂out, 0, 2)", "(4, 3, 2) → (2, 3, 4)")],
    "view": [("∂L/∂a = reshape(∂L/∂out, (3, 4))", "(2, 6) → (3, 4)")],
    "sigmoid": [("∂L/∂a = out ∗ (1 − out) ∗ ∂L/∂out", "(3, 4) ∗ (3, 4)")],
    "tanh": [("∂L/∂a = (1 − out²) ∗ ∂L/∂out", "(3, 4) ∗ (3, 4)")],
    "exp": [("∂L/∂a = out ∗ ∂L/∂out", "(3, 4) ∗ (3, 4)")],
}


@pytest.mark.parametrize("name", TEXTS)
def test_formula_is_written_with_the_programs_own_labels(name: str) -> None:
    op, expression, shapes = EXPRESSIONS[name]
    found = rules_of(record(expression, *shapes), op)

    assert [(rule.formula, rule.shapes) for rule in found.rules] == TEXTS[name]


@pytest.mark.parametrize(
    ("exponent", "written"),
    [
        (2, "2 · a ∗ ∂L/∂out"),
        (2.0, "2 · a ∗ ∂L/∂out"),
        (3, "3 · a² ∗ ∂L/∂out"),
        (1, "∂L/∂out"),
        (0, "0 · ∂L/∂out"),
        (-1, "−a⁻² ∗ ∂L/∂out"),
        (0.5, "0.5 · a^(−0.5) ∗ ∂L/∂out"),
        (2.2, "2.2 · a^(1.2) ∗ ∂L/∂out"),
    ],
)
def test_power(exponent: float, written: str) -> None:
    rule = rules_of(record(lambda a: a.pow(exponent), (3, 4)), "PowBackward0").rules[0]

    assert rule.formula == f"∂L/∂a = {written}"
    assert [saved.name for saved in rule.saved] == ["self", "exponent"]


def test_mm_of_data_has_one_rule() -> None:
    found = rules_of(record(lambda a, b: a.mm(b), (3, 4), (4, 5), data="a"), "MmBackward0")

    assert [rule.formula for rule in found.rules] == ["∂L/∂b = aᵀ · ∂L/∂out"]
    assert found.rules[0].grad_input.index == 1
    assert_exact(found.rules[0])


def test_addmm_of_data_saves_one_factor() -> None:
    found = rules_of(
        record(lambda a, b, c: torch.addmm(c, a, b), (3, 4), (4, 5), (5,), data="a"), "AddmmBackward0"
    )

    assert [rule.grad_input.index for rule in found.rules] == [0, 2]
    for rule in found.rules:
        assert_exact(rule)


@pytest.mark.parametrize("limit", [0.0, 0.1])
def test_clamp_passes_the_gradient_at_its_limit(limit: float) -> None:
    def at_limit(a: Tensor) -> Tensor:
        with torch.no_grad():
            a[0] = limit
        return a.clamp(min=limit, max=limit)

    # As float32, 0.1 is a little above the 0.1 that the node has saved.
    rule = rules_of(record(at_limit, (3, 4), dtype=torch.float32), "ClampBackward1").rules[0]

    computed = rule.evaluate()
    assert computed is not None
    assert np.count_nonzero(computed) == 4
    assert_exact(rule)


def test_relu_lets_nan_through_as_pytorch_does() -> None:
    def with_nan(a: Tensor) -> Tensor:
        with torch.no_grad():
            a[0] = float("nan")
        return a.relu()

    assert_exact(rules_of(record(with_nan, (3, 4)), "ReluBackward0").rules[0])


@pytest.mark.parametrize(
    ("label", "written"),
    [
        ("w1", "w1ᵀ"),
        ("0.weight", "0.weightᵀ"),
        ("x.mm(w1)", "(x.mm(w1))ᵀ"),
        ("a + b", "(a + b)ᵀ"),
        ("w1ᵀ", "w1"),
        ("w1.t()", "w1"),
        ("0.weight.T", "0.weight"),
        ("x.mm(w1).t()", "x.mm(w1)"),
        ("(a + b).t()", "(a + b)"),
        ("a + b.t()", "(a + b.t())ᵀ"),
    ],
)
def test_transpose_of_a_label(label: str, written: str) -> None:
    assert transposed(label) == written


@pytest.mark.parametrize(
    ("label", "alone", "square"),
    [
        ("y", "y", "y²"),
        ("x.mm(w1)", "x.mm(w1)", "(x.mm(w1))²"),
        ("y_pred - y", "(y_pred - y)", "(y_pred - y)²"),
        ("−3", "(−3)", "(−3)²"),
    ],
)
def test_label_within_a_product(label: str, alone: str, square: str) -> None:
    assert grouped(label) == alone
    assert power(label, 2) == square
