"""The trace of programs that a user may write: sharing, views, reductions, given arrays, errors."""

from __future__ import annotations

import gc
import textwrap
import weakref
from typing import Any, NamedTuple

import numpy as np
import pytest

from playground.graph.model import Graph, NodeKind, Phase
from playground.programs.driver import Driver
from playground.programs.program import Program
from playground.tracing import StepTracer
from tests.engine.program_variables import program_variables

STAGE = """
import numpy as np
import torch

def double(array):
    return array + array

{start}
while True:
{forward}
{backward}
"""
NUMPY_START = """
x = np.arange(6.0).reshape(2, 3)
w = np.ones((3, 2))
"""
TORCH_START = """
x = torch.arange(6.0).reshape(2, 3)
w = torch.ones(3, 2)
"""


def program(start: str, forward: str, backward: str = "pass") -> Program:
    def indented(text: str, columns: int) -> str:
        return textwrap.indent(textwrap.dedent(text).strip("\n"), " " * columns)

    text = STAGE.format(
        start=indented(start, 0), forward=indented(forward, 4), backward=indented(backward, 4)
    )
    return Program(text, "own_stage.py", loss_name="loss", parameters=("w",))


def started(stage: Program, **names: object) -> Driver:
    driver = stage.start(names=names)
    assert driver.begin()
    return driver


def variables(driver: Driver) -> dict[str, object]:
    assert driver.frame is not None
    return program_variables(driver.frame)


def run_step(tracer: StepTracer) -> None:
    with tracer:
        tracer.forward()
        tracer.backward()


def trace(start: str, forward: str, backward: str = "pass") -> Graph:
    stage = program(start, forward, backward)
    tracer = StepTracer(stage, started(stage))
    run_step(tracer)
    return tracer.graph()


class Line(NamedTuple):
    """An operation, where its operands come from, and the variable that holds its result."""

    op: str
    operands: list[str]
    name: str | None = None
    shape: tuple[int, ...] = ()


def written_out(graph: Graph) -> list[Line]:
    inputs: dict[int, list[tuple[int, str]]] = {node.id: [] for node in graph.nodes}
    for edge in graph.edges:
        inputs[edge.target].append((edge.input_index, graph.nodes[edge.source].op))
    return [
        Line(node.op, [op for _, op in sorted(inputs[node.id])], node.name, node.shape or ())
        for node in graph.nodes
        if node.phase is not None
    ]


def test_two_uses_of_one_array_are_two_edges() -> None:
    graph = trace(NUMPY_START, "loss = (w + w).sum()")
    assert [(edge.source, edge.target, edge.input_index) for edge in graph.edges] == [
        (0, 1, 0),
        (0, 1, 1),
        (1, 2, 0),
    ]


def test_views_reductions_and_functions() -> None:
    graph = trace(
        NUMPY_START,
        """
        s = x.sum(axis=0)
        c = np.concatenate([s.reshape(1, 3), x])
        p = c @ w ** 2
        m = np.mean(p, axis=1, keepdims=True)
        loss = np.add.reduce(m[1:, 0])
        """,
    )
    assert written_out(graph) == [
        Line("sum", ["data"], "s", (3,)),
        Line("reshape", ["sum"], None, (1, 3)),
        Line("concatenate", ["reshape", "data"], "c", (3, 3)),
        Line("square", ["parameter"], None, (3, 2)),
        Line("matmul", ["concatenate", "square"], "p", (3, 2)),
        Line("mean", ["matmul"], "m", (3, 1)),
        Line("getitem", ["mean"], None, (2,)),
        Line("sum", ["getitem"], "loss", ()),
    ]


def test_result_put_into_a_given_array() -> None:
    graph = trace(
        NUMPY_START + "z = np.zeros((2, 2))",
        """
        np.multiply(x.dot(w), 2.0, out=z)
        loss = z.sum()
        """,
        "np.subtract(w, 1.0, out=w)",
    )
    assert written_out(graph) == [
        Line("dot", ["data", "parameter"], None, (2, 2)),
        Line("multiply", ["dot"], "z", (2, 2)),
        Line("sum", ["multiply"], "loss", ()),
        Line("subtract", ["parameter"], "w", (3, 2)),
    ]
    assert graph.nodes[-1].phase is Phase.UPDATE


def test_loss_computed_further_as_a_number() -> None:
    graph = trace(NUMPY_START, "loss = 0.5 * (-(x.dot(w).sum() + w.sum()) / len(x)) ** 2")
    assert written_out(graph) == [
        Line("dot", ["data", "parameter"], None, (2, 2)),
        Line("sum", ["dot"]),
        Line("sum", ["parameter"]),
        Line("add", ["sum", "sum"]),
        Line("negative", ["add"]),
        Line("divide", ["negative"]),
        Line("power", ["divide"]),
        Line("multiply", ["power"], "loss"),
    ]
    assert graph.nodes[-1].kind is NodeKind.LOSS


def test_variable_bound_again_names_each_of_its_results() -> None:
    graph = trace(
        NUMPY_START,
        """
        h = x.dot(w)
        h = np.maximum(h, 0)
        loss = h.sum()
        """,
        "w = w - 0.1 * w",
    )
    assert [node.key for node in graph.nodes] == ["x", "w", "h", "h#2", "loss", "multiply:14", "w#2"]
    assert [node.phase for node in graph.nodes[-2:]] == [Phase.UPDATE, Phase.UPDATE]


def test_line_and_phase_of_a_statement_over_several_lines() -> None:
    graph = trace(
        NUMPY_START,
        """
        h = double(x)
        loss = np.square(
            h.dot(w)
        ).sum()
        """,
    )
    found = [(node.op, node.line, node.phase) for node in graph.nodes if node.phase is not None]
    lines = program(NUMPY_START, "pass").text.splitlines()
    body = lines.index("while True:") + 1
    assert found == [
        ("add", lines.index("    return array + array") + 1, Phase.FORWARD),
        ("dot", body + 3, Phase.LOSS),
        ("square", body + 2, Phase.LOSS),
        # Python counts a call on a chain from where its method's name stands, or from where the chain starts.
        ("sum", graph.nodes[graph.outputs[0]].line, Phase.LOSS),
    ]


@pytest.mark.parametrize(
    ("start", "op"), [(NUMPY_START, "subtract"), (TORCH_START, "sub_")], ids=["numpy", "torch"]
)
def test_writing_into_a_part_changes_the_whole(start: str, op: str) -> None:
    graph = trace(
        start,
        "loss = w.sum()",
        """
        row = w[0]
        row -= 1.0
        after = w.sum()
        """,
    )
    assert written_out(graph)[1:] == [
        Line("getitem", ["parameter"], "row", (2,)),
        Line(op, ["getitem"], "row", (2,)),
        Line("sum", [op], "after", ()),
    ]
    assert graph.nodes[-2].phase is Phase.UPDATE


def test_parameters_in_a_dict() -> None:
    stage = program(
        NUMPY_START + "own = {'w': w}\ndel w",
        """
        w = own["w"]
        loss = x.dot(own["w"]).sum()
        """,
        """
        grads = [x.T.dot(np.ones((2, 2)))]
        own["w"] -= 0.1 * grads[0]
        """,
    )
    driver = started(stage)
    tracer = StepTracer(stage, driver)
    run_step(tracer)
    assert written_out(tracer.graph()) == [
        Line("dot", ["data", "parameter"], None, (2, 2)),
        Line("sum", ["dot"], "loss", ()),
        Line("transpose", ["data"], None, (3, 2)),
        Line("dot", ["transpose", "data"], None, (3, 2)),
        Line("multiply", ["dot"], None, (3, 2)),
        Line("subtract", ["parameter", "multiply"], "w", (3, 2)),
    ]
    after = variables(driver)
    assert isinstance(after["own"], dict)
    assert isinstance(after["grads"], list)
    assert type(after["own"]["w"]) is type(after["grads"][0]) is np.ndarray
    assert after["own"]["w"] is after["w"]


def test_torch_views_operators_and_several_results() -> None:
    graph = trace(
        TORCH_START,
        """
        h = 1.0 - x @ w / 2
        values, places = h.T.max(dim=0)
        joined = torch.cat([values, values])
        z = torch.zeros(4)
        torch.add(joined, 1.0, out=z)
        loss = z.sum()
        """,
        "w.data -= 0.1 * w",
    )
    assert written_out(graph) == [
        Line("matmul", ["data", "parameter"], None, (2, 2)),
        Line("div", ["matmul"], None, (2, 2)),
        Line("sub", ["div"], "h", (2, 2)),
        Line("T", ["sub"], None, (2, 2)),
        Line("max", ["T"], "values", (2,)),
        Line("cat", ["max", "max"], "joined", (4,)),
        Line("zeros", [], "z", (4,)),
        Line("add", ["cat"], "z", (4,)),
        Line("sum", ["add"], "loss", ()),
        Line("mul", ["parameter"], None, (3, 2)),
        Line("sub_", ["parameter", "mul"], "w", (3, 2)),
    ]
    assert [node.phase for node in graph.nodes[-2:]] == [Phase.UPDATE, Phase.UPDATE]


@pytest.mark.parametrize("start", [NUMPY_START, TORCH_START], ids=["numpy", "torch"])
@pytest.mark.parametrize(
    ("forward", "backward", "recorded"),
    [
        ("h = x + 1.0\nh = h @ x\nloss = h.sum()", "pass", ["x", "h"]),
        ("loss = w.sum()", "g = w * 2.0\ng = g @ w", ["w", "loss", "g"]),
    ],
)
def test_failed_step_leaves_its_trace_and_plain_arrays(
    start: str, forward: str, backward: str, recorded: list[str]
) -> None:
    stage = program(start, forward, backward)
    driver = started(stage)
    plain = variables(driver)["w"]
    tracer = StepTracer(stage, driver)
    with pytest.raises((ValueError, RuntimeError), match=r"size|shape"):
        run_step(tracer)
    assert [node.key for node in tracer.graph().nodes] == recorded
    assert variables(driver)["w"] is plain
    assert {type(value).__name__ for value in variables(driver).values()} <= {
        *("ndarray", "float64", "Tensor"),
        *("NoneType", "str"),
    }


def test_intermediate_results_are_freed() -> None:
    seen: list[weakref.ref[object]] = []
    stage = program(
        NUMPY_START,
        """
        h = x.dot(w)
        seen.append(weakref(h.T))
        seen.append(weakref(h))
        loss = h.sum()
        del h
        """,
    )
    driver = started(stage, seen=seen, weakref=weakref.ref)
    gc.collect()
    gc.disable()
    try:
        tracer = StepTracer(stage, driver)
        run_step(tracer)
        assert [reference() for reference in seen] == [None, None]
    finally:
        gc.enable()


def test_array_that_outlives_its_recording_works_on_plainly() -> None:
    all_kept: list[Any] = []
    stage = program(NUMPY_START, "h = x.dot(w)\nall_kept.append(h)\nloss = h.sum()")
    driver = started(stage, all_kept=all_kept)
    tracer = StepTracer(stage, driver)
    run_step(tracer)
    (kept,) = all_kept
    nodes = len(tracer.graph().nodes)
    assert type(kept + 1) is type(kept.T) is np.ndarray
    assert np.array_equal(kept, np.asarray(variables(driver)["h"]))
    assert len(tracer.graph().nodes) == nodes


def test_writing_an_array_out_records_nothing() -> None:
    said: list[str] = []
    stage = program(NUMPY_START, "said.append(f'{w} {w!r} {w.shape}')\nloss = w.sum()")
    tracer = StepTracer(stage, started(stage, said=said))
    run_step(tracer)
    plain = np.ones((3, 2))
    assert said == [f"{plain} {plain!r} {plain.shape}"]
    assert [node.op for node in tracer.graph().nodes] == ["parameter", "sum"]
