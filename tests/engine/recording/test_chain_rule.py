"""The formulas of the chain rule against the gradients that left the nodes in a real backward pass."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from playground.graph import Graph, Phase
from playground.recording import Event, EventKind, NodeRecord, Port, Recording, Saved, Snapshot
from playground.recording.chain_formulas import FORMULAS
from playground.recording.chain_rule import ChainRule, Rule, chain_rule
from playground.recording.chain_terms import grouped, power, transposed

Expression = Callable[..., Tensor]
Shape = tuple[int, ...]


class MyReLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, value: Tensor) -> Tensor:
        ctx.save_for_backward(value)
        return value.clamp(min=0)

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, *gradients: Tensor) -> Tensor:
        gradient: Tensor = gradients[0].clone()
        return gradient


def snapshot(value: Tensor, keep: bool = True) -> Snapshot:
    values = value.detach().cpu().numpy().copy()
    full = Snapshot(tuple(value.shape), str(value.dtype), "cpu", value.requires_grad, value.nbytes, values)
    if keep:
        return full
    summary = (full.statistics, full.picture)
    return Snapshot(full.shape, full.dtype, full.device, full.requires_grad, full.nbytes, None, summary)


class Recorder:
    """Records a backward pass: what each node had saved, and the gradients that enter and leave it."""

    def __init__(self, output: Tensor, names: Mapping[str, Tensor], keep: bool = True) -> None:
        self._names = {(value.data_ptr(), value.shape): name for name, value in names.items()}
        self._keep = keep
        self._events: list[Event] = []
        self._records: dict[str, NodeRecord] = {}
        self._labels: dict[object, str] = {}
        assert output.grad_fn is not None
        self._labels[output.grad_fn] = "out"
        nodes = list(walk(output.grad_fn))
        for number, node in enumerate(nodes):
            self._prepare(f"{type(node).__name__}#{number}", node)

    def _prepare(self, key: str, node: torch.autograd.graph.Node) -> None:
        saved = tuple(self._saved(node))
        self._records[key] = NodeRecord(key, self._label(node), saved=saved)
        arriving: list[Port] = []
        gradient = f"∂L/∂{self._label(node)}"
        held = getattr(node, "variable", torch.empty(0)).grad
        before = None if held is None else self._port(f"{self._label(node)}.grad", held, 1)

        def enter(gradients: tuple[Tensor | None, ...]) -> None:
            arriving.extend(self._port(gradient, each, at) for at, each in enumerate(gradients))

        def leave(results: tuple[Tensor | None, ...], _: object) -> None:
            leaving = [
                self._port(f"∂L/∂{self._label(following) if following else ''}", result, at)
                for at, (result, (following, _)) in enumerate(zip(results, node.next_functions, strict=False))
            ]
            if isinstance(variable := getattr(node, "variable", None), Tensor):
                if before is not None:
                    arriving.append(before)
                leaving = [self._port(f"{self._label(node)}.grad", variable.grad, 0)]
            self._add(key, type(node).__name__, arriving, leaving)

        node.register_prehook(enter)
        node.register_hook(leave)

    def _add(self, key: str, op: str, arriving: list[Port], leaving: list[Port]) -> None:
        event = Event(
            len(self._events),
            Phase.BACKWARD,
            EventKind.NODE,
            op,
            inputs=tuple(arriving),
            outputs=tuple(leaving),
            nodes=(key,),
        )
        self._events.append(event)

    def _saved(self, node: torch.autograd.graph.Node) -> Iterator[Saved]:
        for name in dir(node):
            if name.startswith("_saved_"):
                yield self._one_saved(name.removeprefix("_saved_"), getattr(node, name))
        for at, value in enumerate(getattr(node, "saved_tensors", ())):
            yield self._one_saved(f"saved_tensors[{at}]", value)

    def _one_saved(self, name: str, value: object) -> Saved:
        if not isinstance(value, Tensor):
            return Saved(name, "", None, repr(value))
        label = self._names.get((value.data_ptr(), value.shape), "")
        return Saved(name, label, snapshot(value, self._keep))

    def _label(self, node: torch.autograd.graph.Node) -> str:
        variable = getattr(node, "variable", None)
        if isinstance(variable, Tensor):
            return self._names[(variable.data_ptr(), variable.shape)]
        return self._labels.setdefault(node, f"v{len(self._labels)}")

    def _port(self, label: str, value: Tensor | None, index: int) -> Port:
        return Port(label, None if value is None else snapshot(value, self._keep), index=index)

    def recording(self) -> Recording:
        return Recording(None, 0, 0.0, None, Graph(), tuple(self._events), self._records, ())


def walk(root: torch.autograd.graph.Node) -> Iterator[torch.autograd.graph.Node]:
    waiting, seen = [root], {root}
    while waiting:
        node = waiting.pop()
        yield node
        for following, _ in node.next_functions:
            if following is not None and following not in seen:
                seen.add(following)
                waiting.append(following)


def tensors(*shapes: Shape, dtype: torch.dtype = torch.float64, data: str = "") -> dict[str, Tensor]:
    """Tensors a, b, c of these shapes, of both signs; those of `data` need no gradient."""
    generator = torch.Generator().manual_seed(7)
    return {
        name: torch.randn(shape, generator=generator, dtype=dtype).requires_grad_(name not in data)
        for name, shape in zip("abc", shapes, strict=False)
    }


def record(
    expression: Expression,
    *shapes: Shape,
    keep: bool = True,
    dtype: torch.dtype = torch.float64,
    data: str = "",
) -> Recording:
    inputs = tensors(*shapes, dtype=dtype, data=data)
    output = expression(*inputs.values())
    recorder = Recorder(output, {**inputs, "out": output}, keep)
    output.backward(torch.linspace(0.5, 2, output.numel(), dtype=dtype).reshape(output.shape))
    return recorder.recording()


def rules_of(recording: Recording, op: str) -> ChainRule:
    event = next(event for event in recording.events if event.op == op)
    found = chain_rule(recording, event.number)
    assert found is not None
    return found


def assert_exact(rule: Rule) -> None:
    """The formula gives what PyTorch gave."""
    assert rule.grad_input.value is not None
    real, computed = rule.grad_input.value.values, rule.evaluate()
    assert real is not None
    assert computed is not None
    assert computed.shape == real.shape
    assert computed.dtype == real.dtype
    exact = real.dtype == np.float64
    np.testing.assert_allclose(computed, real, rtol=1e-12 if exact else 2e-5, atol=1e-14 if exact else 1e-6)


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


@pytest.mark.parametrize("op", ["MmBackward0", "ClampBackward1", "AccumulateGrad"])
def test_too_large_to_keep(op: str) -> None:
    recording = record(lambda a, b: a.mm(b).clamp(min=0), (3, 4), (4, 5), keep=False)
    found = rules_of(recording, op)

    assert not found.generic
    assert found.rules
    for rule in found.rules:
        assert rule.grad_input.label in rule.formula
        assert rule.evaluate() is None


def test_unknown_node_lists_what_goes_in_and_out() -> None:
    found = rules_of(record(lambda a: a.softmax(1), (3, 4)), "SoftmaxBackward0")

    assert found.generic
    assert [rule.formula for rule in found.rules] == ["∂L/∂out (3, 4) → ∂L/∂a (3, 4)"]
    assert found.rules[0].shapes == "(3, 4) → (3, 4)"
    assert found.rules[0].evaluate() is None


def test_unknown_where_the_saved_tensors_are_missing() -> None:
    recording = record(lambda a, b: a.mm(b), (3, 4), (4, 5))
    bare = {key: replace(node, saved=()) for key, node in recording.nodes.items()}

    assert rules_of(replace(recording, nodes=bare), "MmBackward0").generic
    assert rules_of(replace(recording, nodes={}), "MmBackward0").generic


@pytest.mark.parametrize("text", ["tensor(2.)", "(1+2j)", "", "None", "'two'"])
def test_unknown_where_a_saved_number_is_none(text: str) -> None:
    recording = record(lambda a: a.pow(2), (3, 4))
    changed = {
        key: replace(
            node, saved=tuple(replace(each, text=text) if each.text else each for each in node.saved)
        )
        for key, node in recording.nodes.items()
    }

    assert rules_of(replace(recording, nodes=changed), "PowBackward0").generic


def test_complex_numbers_have_no_formula() -> None:
    # Their formulas need the conjugate, and a recording keeps no phase.
    recording = record(lambda a, b: a.mm(b), (3, 4), (4, 5), dtype=torch.float64)
    event = next(event for event in recording.events if event.op == "MmBackward0")
    value = event.inputs[0].value
    assert value is not None
    value.dtype = "torch.complex128"

    assert rules_of(recording, "MmBackward0").generic


def test_gradient_that_is_not_defined() -> None:
    recording = record(lambda a: a.exp(), (3, 4))
    event = recording.events[0]
    empty = replace(event, inputs=(replace(event.inputs[0], value=None),))

    found = chain_rule(replace(recording, events=(empty, *recording.events[1:])), 0)
    assert found is not None
    assert found.rules == ()


def test_first_gradient_of_a_parameter() -> None:
    rule = rules_of(record(lambda a: a.exp(), (3, 4)), "AccumulateGrad").rules[0]

    assert rule.formula == "a.grad ← ∂L/∂a"
    assert "held nothing before" in rule.words
    assert rule.grad_output.label == "∂L/∂a"
    assert rule.grad_input.label == "a.grad"
    assert_exact(rule)


def twice(remember: bool) -> Rule:
    """The second gradient of a parameter, with or without what `.grad` held before."""
    inputs = tensors((3, 4))
    inputs["a"].exp().sum().backward()
    output = inputs["a"].sin()
    recorder = Recorder(output, {**inputs, "out": output})
    output.sum().backward()
    recording = recorder.recording()
    if not remember:
        events = tuple(replace(event, inputs=event.inputs[:1]) for event in recording.events)
        recording = replace(recording, events=events)
    return rules_of(recording, "AccumulateGrad").rules[0]


def test_second_gradient_of_a_parameter_is_added() -> None:
    rule = twice(remember=True)

    assert rule.formula == "a.grad ← a.grad + ∂L/∂a"
    assert rule.shapes == "(3, 4) + (3, 4)"
    assert_exact(rule)


def test_second_gradient_where_the_first_is_not_recorded() -> None:
    rule = twice(remember=False)

    assert rule.formula == "a.grad ← a.grad + ∂L/∂a"
    assert rule.evaluate() is None


def test_function_of_the_users_own() -> None:
    found = rules_of(record(MyReLU.apply, (3, 4)), "MyReLUBackward")

    assert not found.generic
    rule = found.rules[0]
    assert rule.formula == "∂L/∂a = MyReLU.backward(ctx, ∂L/∂out)"
    assert rule.words == (
        "Your own lines run: MyReLU.backward computes it from the gradient and from what ctx had saved (a)."
    )
    assert [saved.label for saved in rule.saved] == ["a"]
    assert rule.evaluate() is None


def test_function_is_known_by_what_ran_inside() -> None:
    recording = record(lambda a: a.softmax(1), (3, 4))
    node = next(event for event in recording.events if event.op == "SoftmaxBackward0")
    inside = Event(
        len(recording.events),
        Phase.BACKWARD,
        EventKind.OPERATION,
        "mul",
        inside="test.<locals>.Own.backward",
        parent=node.number,
    )
    recording = replace(recording, events=(*recording.events, inside))

    found = rules_of(recording, "SoftmaxBackward0")
    assert not found.generic
    assert found.rules[0].formula == "∂L/∂a = Own.backward(ctx, ∂L/∂out)"
    assert chain_rule(recording, inside.number) is None


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


def test_needs_no_torch() -> None:
    code = "import sys, playground.recording.chain_rule; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
