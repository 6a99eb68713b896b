"""An event as an equation of tensors, to be drawn with a picture for each: `[h] = [x] @ [w1]`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from playground.recording.chain_rule import Rule
from playground.recording.chain_terms import named, transposed
from playground.recording.events import Change, Event, Port
from playground.recording.ledger import Contribution
from playground.recording.model import Saved
from playground.recording.sentences import is_rectified
from playground.recording.snapshot import Snapshot
from playground.recording.update_sentences import sgd_move


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """One tensor of an equation.

    Attributes:
        label: in the program's words.
        value: what it was; None if it is not defined.
        note: what it is for, in a word or two, or "".
    """

    label: str
    value: Snapshot | None
    note: str = ""


Part: TypeAlias = "Term | str"


@dataclass(frozen=True, slots=True, eq=False)
class Equation:
    """A result, and to the right of `sign` what it was made from: tensors, and signs between them."""

    result: Term
    parts: tuple[Part, ...]
    sign: str = "="

    def terms(self) -> tuple[Term, ...]:
        """The tensors, the result first."""
        return (self.result, *(each for each in self.parts if isinstance(each, Term)))


_PRODUCTS = frozenset({"mm", "dot", "matmul", "bmm"})
_SIGNS = {
    **dict.fromkeys(("add", "add_"), "+"),
    **dict.fromkeys(("sub", "sub_", "subtract"), "−"),
    **dict.fromkeys(("mul", "mul_", "multiply"), "×"),
    **dict.fromkeys(("div", "div_", "divide", "true_divide"), "÷"),
    **{"lt": "<", "less": "<", "gt": ">", "greater": ">"},
}
_MOST_TERMS = 4


def of_operation(event: Event, saved: Iterable[Saved] = ()) -> Equation | None:
    """The equation of an operation; None if it has no result, or more operands than can be drawn.

    Args:
        event: the operation's.
        saved: what its node had put aside: among it may be plain operands, such as an exponent.
    """
    given = [Term(port.label or f"input {port.index}", port.value) for port in event.inputs]
    if not event.outputs or not given or len(given) > _MOST_TERMS:
        return None
    made = event.outputs[0]
    label = made.label or "result"
    plain = {each.name: each.text for each in saved if each.value is None}
    return Equation(Term(_short(label, event), made.value), tuple(_parts(event, given, plain)))


def _short(label: str, event: Event) -> str:
    return "result" if not event.nodes and label == event.op else label


def _parts(event: Event, given: list[Term], plain: Mapping[str, str]) -> Iterable[Part]:
    op = event.op
    if op in _PRODUCTS and len(given) == 2:
        return given[0], "@", given[1]
    if op == "linear" and len(given) > 1:
        bias = ("+", given[2]) if len(given) > 2 else ()
        return given[0], "@", _turned(given[1]), *bias
    if op in _SIGNS and len(given) == 2:
        return given[0], _SIGNS[op], given[1]
    if op == "mse_loss" and len(given) == 2:
        return "Σ(", given[0], "−", given[1], ")²"
    if op in ("clamp", "maximum", "relu", "relu_") and (op.startswith("relu") or is_rectified(event)):
        return "max(0,", given[0], ")"
    if op == "square" or (op == "pow" and plain.get("exponent") in ("2", "2.0")):
        return given[0], "²"
    if op == "pow" and plain.get("exponent"):
        return given[0], f"^{plain['exponent']}"
    if op == "sum":
        return "Σ", given[0]
    if op in ("t", "transpose"):
        return given[0], "ᵀ"
    if op == "zero_":
        return ("0",)
    if op in ("copy", "clone"):
        return (given[0],)
    if op == "setitem" and len(given) > 1:
        return given[0], "where", given[1]
    return _listed(f"{op}(", given, ")")


def _listed(before: str, terms: Sequence[Part], after: str, sign: str = ",") -> Iterable[Part]:
    yield before
    for number, term in enumerate(terms):
        if number:
            yield sign
        yield term
    yield after


def of_rule(rule: Rule, op: str) -> Equation:
    """The equation of one gradient that left a node of autograd called `op`."""
    result = Term(rule.grad_input.label or "gradient", rule.grad_input.value)
    gradient = Term(rule.grad_output.label or "gradient", rule.grad_output.value)
    saved = [each for each in rule.saved if each.value is not None]
    return Equation(result, tuple(_rule_parts(op, rule, gradient, saved)))


def _rule_parts(op: str, rule: Rule, gradient: Term, saved: list[Saved]) -> Iterable[Part]:
    terms = [Term(named(each), each.value, "saved") for each in saved]
    index = rule.grad_input.index
    if op in ("MmBackward0", "BmmBackward0", "AddmmBackward0") and len(terms) == 1:
        is_left = index == (1 if op == "AddmmBackward0" else 0)
        return (gradient, "@", _turned(terms[0])) if is_left else (_turned(terms[0]), "@", gradient)
    if op == "AccumulateGrad":
        return (gradient,) if "+" not in rule.formula else ("old", "+", gradient)
    if op.startswith(("Clamp", "Relu")) and len(terms) == 1:
        sign = "> 0" if op.startswith("Relu") else "not cut"
        return gradient, "where", terms[0], sign
    if op == "MseLossBackward0" and len(terms) == 2:
        return "2 (", terms[0], "−", terms[1], ") ×", gradient
    if op == "PowBackward0" and len(terms) == 1:
        return f"{_factor(rule)}", terms[0], "×", gradient
    if op == "MulBackward0" and len(terms) == 1:
        return gradient, "×", terms[0]
    if op == "SubBackward0":
        return (gradient,) if not index else ("−", gradient)
    if op == "AddmmBackward0" or op.startswith("Sum"):
        return ("Σ rows" if op.startswith("Addmm") else "copies of", gradient)
    if op == "TBackward0":
        return gradient, "ᵀ"
    if not terms:
        return (gradient,)
    return _listed("from", [gradient, *terms][:_MOST_TERMS], "")


def _factor(rule: Rule) -> str:
    head = rule.formula.partition("= ")[2].partition(" · ")
    return f"{head[0]} ×" if head[1] else ""


def of_accumulation(event: Event, rule: Rule, uses: Sequence[Contribution] = ()) -> Equation:
    """What arrives at a parameter, added to what its `.grad` held.

    Args:
        event: the node's that adds it.
        rule: its only one.
        uses: what each use of the parameter has added; a few of them take the place of their sum.
    """
    before = next((each for each in event.inputs if each is not rule.grad_output), None)
    result = Term(rule.grad_input.label or ".grad", rule.grad_input.value)
    parts: list[Part] = [Term(rule.grad_output.label, rule.grad_output.value)]
    if 1 < len(uses) < _MOST_TERMS:
        parts = [Term(each.label, each.value, f"use {number}") for number, each in enumerate(uses, start=1)]
    if before is not None and before.value is not None:
        parts.insert(0, Term(_held(before), before.value, "before"))
    return Equation(result, tuple(_listed("", parts, "", "+"))[1:-1], "←")


def _held(port: Port) -> str:
    return port.label or ".grad"


def of_change(change: Change, move: Snapshot | None) -> Equation:
    """A parameter's update: after = before + move; the move is None where it is not known."""
    before = Term(change.parameter, change.before, "before")
    after = Term(change.parameter, change.after, "after")
    return Equation(after, (before,) if move is None else (before, "+", Term("update", move)))


def of_comparison(change: Change, move: Snapshot | None, learning_rate: float | None) -> Equation | None:
    """The gradient, beside it the update that was made and the one that SGD would make of it.

    None where the update is SGD's own, or the numbers are not known.
    """
    if move is None or not {each.name for each in change.state} - {"step"}:
        return None
    plain = sgd_move(change, learning_rate)
    if plain is None:
        return None
    gradient = Term(f"{change.parameter}.grad", change.gradient)
    return Equation(gradient, (Term("update", move, "made"), "|", Term("−lr × grad", plain, "SGD's")), "→")


def _turned(term: Term) -> Term:
    turned = None if term.value is None else term.value.transposed()
    return Term(transposed(term.label), turned or term.value, term.note)
