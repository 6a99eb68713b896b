"""What a node of autograd computed in backward, written as a formula with the real tensors.

The formula can be evaluated again from what the recording keeps, in NumPy: a check of PyTorch's own
gradient by the rule that is on the screen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from playground.recording.chain_formulas import FORMULAS
from playground.recording.chain_terms import Array, Formula, Given, UnknownFormulaError, named
from playground.recording.events import Event, EventKind, Port
from playground.recording.model import Recording, Saved

LEAF = "AccumulateGrad"


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """How one gradient left a node.

    Attributes:
        formula: with the recording's labels, `"∂L/∂w1 = xᵀ · ∂L/∂h"`.
        shapes: of the operands, `"(1000, 64) @ (64, 100)"`; `" → (100,)"` where the result has another one.
        words: one sentence or two for a learner.
        grad_output: the gradient that the node was given.
        saved: what the formula uses of what the forward pass had put aside.
        grad_input: the gradient that left.
    """

    formula: str
    shapes: str
    words: str
    grad_output: Port
    saved: tuple[Saved, ...]
    grad_input: Port
    _compute: Callable[..., Array] | None = field(default=None, repr=False)

    def evaluate(self) -> Array | None:
        """The gradient by the formula, in the shape and type of the one that left.

        Returns:
            None if a tensor that the formula needs was too large to keep, or if the formula is not known.
        """
        grad_output, grad_input = self.grad_output.value, self.grad_input.value
        if self._compute is None or grad_output is None or grad_input is None or grad_output.values is None:
            return None
        tensors = [saved.value.values for saved in self.saved if saved.value is not None]
        kept = [values for values in tensors if values is not None]
        if len(kept) < len(tensors):
            return None
        like = grad_output.values if grad_input.values is None else grad_input.values
        # A loss that diverges has infinities, in PyTorch's gradient as well; they are no news here.
        with np.errstate(all="ignore"):
            return np.asarray(self._compute(grad_output.values.astype(np.float64), *kept), dtype=like.dtype)


@dataclass(frozen=True, slots=True, eq=False)
class ChainRule:
    """What a node computed.

    Attributes:
        rules: one for each gradient that left it.
        generic: whether no formula is known for it, so that the rules only list what went in and out.
    """

    rules: tuple[Rule, ...]
    generic: bool = False


def chain_rule(recording: Recording, number: int) -> ChainRule | None:
    """The chain rule of an event, or None if it is not a node of autograd."""
    event = recording.events[number]
    if event.kind is not EventKind.NODE:
        return None
    leaving = [port for port in event.outputs if port.value is not None]
    grad_output = next((port for port in event.inputs if port.value is not None), None)
    if grad_output is None or not leaving:
        return ChainRule(())
    if event.op == LEAF:
        return ChainRule((_accumulation(event, grad_output, leaving[0]),))
    record = recording.nodes_at(number).get(event.node or "")
    saved = () if record is None else record.saved
    if event.op not in FORMULAS:
        function = _own_function(recording, event)
        if function:
            return ChainRule(tuple(_own_rule(function, event, grad_output, saved, port) for port in leaving))
    else:
        try:
            return ChainRule(tuple(_known_rule(event.op, grad_output, saved, port) for port in leaving))
        except UnknownFormulaError:
            pass
    return ChainRule(tuple(_generic_rule(event, grad_output, port) for port in leaving), generic=True)


def _known_rule(op: str, grad_output: Port, saved: tuple[Saved, ...], port: Port) -> Rule:
    assert grad_output.value is not None, "chain_rule asks for a gradient with a value"
    given = Given(grad_output.value, _label(grad_output), port, {each.name: each for each in saved})
    formula: Formula = FORMULAS[op](given)
    text = f"{_label(port, 'input')} = {formula.text}"
    return Rule(text, formula.shapes, formula.words, grad_output, formula.saved, port, formula.compute)


def _accumulation(event: Event, grad_output: Port, port: Port) -> Rule:
    """Of a parameter: what came in is added to its `.grad`.

    What `.grad` held before is a second input where the recording has it. Without one it can still be
    told that there was nothing: then `.grad` is now the very gradient that came in.
    """
    name, gradient = port.label or ".grad", _label(grad_output)
    shape = "" if port.value is None else str(port.value.shape)
    before = next((each for each in event.inputs if each is not grad_output), None)
    if before is not None and before.value is not None:
        old = before.value.values
        words = f"What came in is added to what {name} held before."
        compute = None if old is None else lambda values: old + values
        return Rule(
            f"{name} ← {name} + {gradient}", f"{shape} + {shape}", words, grad_output, (), port, compute
        )
    if before is not None or _same(grad_output, port):
        zeros = "" if before is not None or grad_output.value is port.value else ", or only zeros"
        words = f"{name} held nothing before{zeros}, so it becomes what came in."
        return Rule(f"{name} ← {gradient}", shape, words, grad_output, (), port, lambda values: values)
    words = (
        f"What came in is added to what {name} held before; if there was nothing, it becomes what came in."
    )
    return Rule(f"{name} ← {name} + {gradient}", f"{shape} + {shape}", words, grad_output, (), port)


def _same(one: Port, other: Port) -> bool:
    """Whether two tensors are known to hold the same elements."""
    if one.value is other.value:
        return True
    if one.value is None or other.value is None or one.value.values is None or other.value.values is None:
        return False
    return np.array_equal(one.value.values, other.value.values, equal_nan=True)


def _own_function(recording: Recording, event: Event) -> str:
    """`"MyReLU.backward"` of a `torch.autograd.Function` whose backward is the user's own, else ""."""
    inside = (each.inside for each in recording.events if each.parent == event.number)
    found = next((name for name in inside if name.endswith(".backward")), "")
    if found:
        return found.split("<locals>.")[-1]
    # PyTorch numbers its own nodes: MmBackward0.
    name = event.op.removesuffix("Backward")
    return f"{name}.backward" if name != event.op else ""


def _own_rule(function: str, event: Event, grad_output: Port, saved: tuple[Saved, ...], port: Port) -> Rule:
    arguments = ", ".join(_label(each) for each in event.inputs)
    results = ", ".join(_label(each, "input") for each in event.outputs if each.value is not None)
    tensors = tuple(each for each in saved if each.value is not None)
    names = ", ".join(named(each) for each in tensors)
    words = f"Your own lines run: {function} computes it from the gradient"
    words += f" and from what ctx had saved ({names})." if tensors else "."
    return Rule(
        f"{results} = {function}(ctx, {arguments})", _way(event, port), words, grad_output, tensors, port
    )


def _generic_rule(event: Event, grad_output: Port, port: Port) -> Rule:
    arguments = ", ".join(_with_shape(each) for each in event.inputs if each.value is not None)
    text = f"{arguments} → {_with_shape(port, 'input')}"
    words = f"{event.op} turns the gradient by its result into the gradient by its input."
    return Rule(text, _way(event, port), words, grad_output, (), port)


def _way(event: Event, port: Port) -> str:
    shapes = ", ".join(str(each.value.shape) for each in event.inputs if each.value is not None)
    return shapes if port.value is None else f"{shapes} → {port.value.shape}"


def _with_shape(port: Port, name: str = "output") -> str:
    shape = "" if port.value is None else f" {port.value.shape}"
    return _label(port, name) + shape


def _label(port: Port, name: str = "output") -> str:
    return port.label or f"∂L/∂{name}"
