"""A recording made by hand, for tests of panels: one step of the stage `autograd`, with small layers.

NumPy computes the values with the formulas of the document's first program, so that every gradient is
the true one. Lines and spans are looked up in the stage's own source.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import playground
from playground.graph.model import Edge, Graph, Node, NodeKind, Phase
from playground.recording.events import Change, Event, EventKind, Port, Span
from playground.recording.ledger import Contribution
from playground.recording.model import NodeRecord, ParameterRecord, Recording, Saved
from playground.recording.snapshot import Snapshot

BATCH, INPUT, HIDDEN, OUTPUT = 4, 6, 5, 3
LEARNING_RATE = 1e-2
SOURCE = Path(playground.__file__).parent / "stages" / "autograd.py"

# Keys as `playground.graph.capture` gives them.
MM1, CLAMP, MM2 = "MmBackward0(w1)#1", "ClampBackward1<w1#1", "MmBackward0(w2)#1"
SUB, POW, SUM = "SubBackward0<w2#1", "PowBackward0<w2#1", "SumBackward0<w2#1"

# What the program calls the results.
HIDDEN_LABEL, RELU_LABEL = "x.mm(w1)", "x.mm(w1).clamp(min=0)"
ERROR_LABEL, SQUARES_LABEL = "y_pred - y", "(y_pred - y).pow(2)"
LABELS = {
    **{MM1: HIDDEN_LABEL, CLAMP: RELU_LABEL, MM2: "y_pred"},
    **{SUB: ERROR_LABEL, POW: SQUARES_LABEL, SUM: "loss"},
    **{"w1": "w1", "w2": "w2"},
}

# Numbers of some events.
LOSS, W2_ARRIVES, W1_ARRIVES, UPDATE_W1, UPDATE_W2 = 5, 10, 13, 15, 17

_TEXTS = SOURCE.read_text(encoding="utf-8").splitlines()


def small_recording(**changes: Any) -> Recording:
    """One step: twenty events in four phases. `changes` replace fields of the Recording."""
    values = _values()
    events = (*_forward(values), *_backward(values), *_update(values))
    numbered = tuple(replace(event, number=number) for number, event in enumerate(events))
    recording = Recording(
        stage="autograd",
        step=120,
        loss=values["loss"].number,
        depth=None,
        graph=small_graph(),
        events=numbered,
        nodes={key: _node_record(key, numbered, values) for key in LABELS},
        parameters=(_parameter("w1", MM1, values), _parameter("w2", MM2, values)),
        nbytes=sum(value.nbytes for value in values.values()),
        seconds=0.002,
    )
    return replace(recording, **changes)


def long_recording(count: int) -> Recording:
    """So many events in four phases: those of the small one, again and again."""
    small = small_recording()
    events: list[Event] = []
    for phase in Phase:
        some = [event for event in small.events if event.phase is phase]
        events += [some[number % len(some)] for number in range(count // len(Phase))]
    return replace(small, events=tuple(replace(each, number=i) for i, each in enumerate(events)))


def small_graph() -> Graph:
    """The graph that autograd builds: from the loss to the parameters."""
    rows: Sequence[tuple[str, tuple[int, ...], NodeKind]] = (
        (SUM, (), NodeKind.LOSS),
        (POW, (BATCH, OUTPUT), NodeKind.OPERATION),
        (SUB, (BATCH, OUTPUT), NodeKind.OPERATION),
        (MM2, (BATCH, OUTPUT), NodeKind.OPERATION),
        (CLAMP, (BATCH, HIDDEN), NodeKind.OPERATION),
        ("w2", (HIDDEN, OUTPUT), NodeKind.PARAMETER),
        (MM1, (BATCH, HIDDEN), NodeKind.OPERATION),
        ("w1", (INPUT, HIDDEN), NodeKind.PARAMETER),
    )
    nodes = tuple(
        Node(
            id=number,
            op=_op(key),
            kind=kind,
            key=key,
            shape=shape,
            parameter=key if kind is NodeKind.PARAMETER else None,
            dtype="torch.float32",
            device="cpu",
            phase=Phase.LOSS if kind is NodeKind.LOSS else Phase.FORWARD,
        )
        for number, (key, shape, kind) in enumerate(rows)
    )
    ends = ((0, 1, 0), (1, 2, 0), (2, 3, 0), (3, 4, 0), (3, 5, 1), (4, 6, 0), (6, 7, 1))
    return Graph(nodes, tuple(Edge(*end) for end in ends), outputs=(0,))


def snapshot(values: npt.ArrayLike, requires_grad: bool = False) -> Snapshot:
    """These numbers as a tensor of float32 that was seen."""
    array = np.array(values, dtype=np.float32)
    return Snapshot(array.shape, "torch.float32", "cpu", requires_grad, array.nbytes, array)


def span_of(text: str) -> Span:
    """Where an expression first stands in the stage's source."""
    line, column = next((i, row.index(text)) for i, row in enumerate(_TEXTS, start=1) if text in row)
    return Span(line, column, line, column + len(text))


def _values() -> dict[str, Snapshot]:
    """Every tensor of the step by its label; `∂` before a label: the gradient of the loss by it."""
    random = np.random.default_rng(0)
    x, y = random.standard_normal((BATCH, INPUT)), random.standard_normal((BATCH, OUTPUT))
    w1, w2 = random.standard_normal((INPUT, HIDDEN)), random.standard_normal((HIDDEN, OUTPUT))
    hidden = x @ w1
    relu = hidden.clip(min=0)
    error = relu @ w2 - y
    d_relu = 2 * error @ w2.T
    d_hidden = d_relu * (hidden > 0)
    d_w1, d_w2 = x.T @ d_hidden, relu.T @ (2 * error)
    made = {HIDDEN_LABEL: hidden, RELU_LABEL: relu, "y_pred": relu @ w2, ERROR_LABEL: error}
    made |= {SQUARES_LABEL: error**2, "loss": (error**2).sum(), "w1": w1, "w2": w2}
    plain = {"x": x, "y": y, "∂w1": d_w1, "∂w2": d_w2, f"∂{HIDDEN_LABEL}": d_hidden, f"∂{RELU_LABEL}": d_relu}
    plain |= {"∂y_pred": 2 * error, f"∂{ERROR_LABEL}": 2 * error, f"∂{SQUARES_LABEL}": np.ones_like(error)}
    plain |= {"∂loss": np.ones(()), "w1 change": LEARNING_RATE * d_w1, "w2 change": LEARNING_RATE * d_w2}
    plain |= {"zero w1": np.zeros_like(w1), "zero w2": np.zeros_like(w2)}
    made |= {"w1 after": w1 - LEARNING_RATE * d_w1, "w2 after": w2 - LEARNING_RATE * d_w2}
    found = {label: snapshot(value, requires_grad=True) for label, value in made.items()}
    return found | {label: snapshot(value) for label, value in plain.items()}


def _forward(values: dict[str, Snapshot]) -> tuple[Event, ...]:
    key_of = {label: key for key, label in LABELS.items()}

    def event(phase: Phase, op: str, inputs: Sequence[str], result: str, text: str, says: str) -> Event:
        return Event(
            number=0,
            phase=phase,
            kind=EventKind.OPERATION,
            op=op,
            label=result,
            line=span_of(text).line,
            span=span_of(text),
            inputs=tuple(Port(each, values[each], key_of.get(each), i) for i, each in enumerate(inputs)),
            outputs=(Port(result, values[result], key_of[result]),),
            nodes=(key_of[result],),
            documentation=says,
        )

    product = "Performs a matrix multiplication of the matrices input and mat2."
    return (
        event(Phase.FORWARD, "mm", ["x", "w1"], HIDDEN_LABEL, HIDDEN_LABEL, product),
        event(Phase.FORWARD, "clamp", [HIDDEN_LABEL], RELU_LABEL, RELU_LABEL, "Clamps all elements."),
        event(Phase.FORWARD, "mm", [RELU_LABEL, "w2"], "y_pred", f"{RELU_LABEL}.mm(w2)", product),
        event(Phase.LOSS, "sub", ["y_pred", "y"], ERROR_LABEL, ERROR_LABEL, "Subtracts other from input."),
        event(Phase.LOSS, "pow", [ERROR_LABEL], SQUARES_LABEL, SQUARES_LABEL, "Takes the power."),
        event(Phase.LOSS, "sum", [SQUARES_LABEL], "loss", f"{SQUARES_LABEL}.sum()", "Sums all elements."),
    )


def _backward(values: dict[str, Snapshot]) -> tuple[Event, ...]:
    graph = small_graph()
    number_of = {node.key: node.id for node in graph.nodes}
    span = span_of("loss.backward()")

    def event(key: str) -> Event:
        edges = [edge for edge in graph.edges if edge.source == number_of[key]]
        is_leaf = not edges
        total = Port(f"{key}.grad", values[f"∂{LABELS[key]}"])
        targets = [(graph.nodes[edge.target].key, edge.input_index) for edge in edges]
        return Event(
            number=0,
            phase=Phase.BACKWARD,
            kind=EventKind.NODE,
            op=_op(key),
            label=LABELS[key],
            line=span.line,
            span=span,
            origin=_origin(key),
            inputs=(_gradient(key, values), *([Port(f"{key}.grad", None, index=1)] if is_leaf else [])),
            outputs=(total,) if is_leaf else tuple(_gradient(to, values, to, index) for to, index in targets),
            nodes=(key,),
        )

    return tuple(event(key) for key in (SUM, POW, SUB, MM2, "w2", CLAMP, MM1, "w1"))


def _update(values: dict[str, Snapshot]) -> tuple[Event, ...]:
    return (
        *(event for name in ("w1", "w2") for event in _descend(name, values)),
        *(_zero(name, values) for name in ("w1", "w2")),
    )


def _descend(name: str, values: dict[str, Snapshot]) -> tuple[Event, Event]:
    gradient, change = values[f"∂{name}"], values[f"{name} change"]
    text = f"learning_rate * {name}.grad"
    made = Change(name, values[name], values[f"{name} after"], gradient)
    line, span = span_of(text).line, span_of(f"{name} -= {text}")
    scaled, used = Port(text, change), Port(f"{name}.grad", gradient)
    first = Event(0, Phase.UPDATE, EventKind.OPERATION, "mul", text, line, span_of(text))
    second = Event(0, Phase.UPDATE, EventKind.OPERATION, "sub_", name, line, span, changes=(made,))
    return (
        replace(first, inputs=(used,), outputs=(scaled,)),
        replace(
            second,
            inputs=(Port(name, values[name], name), replace(scaled, index=1)),
            outputs=(Port(name, made.after, name),),
        ),
    )


def _zero(name: str, values: dict[str, Snapshot]) -> Event:
    label, span = f"{name}.grad", span_of(f"{name}.grad.zero_()")
    event = Event(0, Phase.UPDATE, EventKind.OPERATION, "zero_", label, span.line, span)
    return replace(
        event,
        inputs=(Port(label, values[f"∂{name}"]),),
        outputs=(Port(label, values[f"zero {name}"]),),
    )


def _gradient(key: str, values: dict[str, Snapshot], node: str | None = None, index: int = 0) -> Port:
    label = LABELS[key]
    shown = label if label.isidentifier() else f"({label})"
    return Port(f"∂L/∂{shown}", values[f"∂{label}"], node, index)


def _node_record(key: str, events: Sequence[Event], values: dict[str, Snapshot]) -> NodeRecord:
    label = LABELS[key]
    made = next((e.number for e in events if e.kind is EventKind.OPERATION and key in e.nodes), None)
    return NodeRecord(
        key=key,
        label=label,
        made_by=made,
        reached_by=next(e.number for e in events if e.kind is EventKind.NODE and e.node == key),
        line=_origin(key),
        value=values[label],
        gradient=values[f"∂{label}"],
        saved=_saved(key, values),
    )


def _saved(key: str, values: dict[str, Snapshot]) -> tuple[Saved, ...]:
    kept = {
        MM1: (("self", "x"), ("mat2", "w1")),
        CLAMP: (("self", HIDDEN_LABEL),),
        MM2: (("self", RELU_LABEL), ("mat2", "w2")),
        POW: (("self", ERROR_LABEL),),
    }
    saved = tuple(Saved(name, label, values[label]) for name, label in kept.get(key, ()))
    return (*saved, Saved("exponent", "", None, "2")) if key == POW else saved


def _parameter(name: str, source: str, values: dict[str, Snapshot]) -> ParameterRecord:
    gradient = values[f"∂{name}"]
    arrives, update = (W1_ARRIVES, UPDATE_W1) if name == "w1" else (W2_ARRIVES, UPDATE_W2)
    # The node of the product hands the gradient on in the event before.
    use = Contribution(arrives - 1, source, LABELS[source], None, gradient)
    return ParameterRecord(
        name=name,
        node=name,
        before=values[name],
        after=values[f"{name} after"],
        gradient=gradient,
        contributions=(replace(use, line=_origin(source)),),
        update=update,
    )


def _origin(key: str) -> int | None:
    """Line of the forward pass that made a node; None for a leaf."""
    if key in ("w1", "w2"):
        return None
    return span_of("y_pred = " if key in (MM1, CLAMP, MM2) else "loss = ").line


def _op(key: str) -> str:
    """`MmBackward0` for `MmBackward0(w1)#1`."""
    return "AccumulateGrad" if key in ("w1", "w2") else key.split("(")[0].split("<")[0]
