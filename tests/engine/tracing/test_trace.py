"""The trace of the two stages that build no graph, and what recording must leave as it was."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from playground.forward_pass import ForwardPass
from playground.graph.model import Graph, GraphKind, NodeKind, Phase
from playground.programs.program import Program, program_of
from playground.settings import Settings, make_settings
from playground.stages import STAGES
from playground.tracing import StepTracer
from tests.engine.program_variables import program_variables

ROOT = Path(__file__).parents[3]
SIZES = {"batch_size": 4, "input_size": 7, "hidden_size": 5, "output_size": 3}

F, L, B, U = Phase.FORWARD, Phase.LOSS, Phase.BACKWARD, Phase.UPDATE

# How a person reads the two programs, one operation a line: what runs, where, in which part of the step.
NUMPY_READING = [
    ("dot", "h = x.dot(w1)", F),
    ("maximum", "h_relu = np.maximum(h, 0)", F),
    ("dot", "y_pred = h_relu.dot(w2)", F),
    ("subtract", "loss = np.square(y_pred - y).sum()", L),
    ("square", "loss = np.square(y_pred - y).sum()", L),
    ("sum", "loss = np.square(y_pred - y).sum()", L),
    ("subtract", "grad_y_pred = 2.0 * (y_pred - y)", B),
    ("multiply", "grad_y_pred = 2.0 * (y_pred - y)", B),
    ("transpose", "grad_w2 = h_relu.T.dot(grad_y_pred)", B),
    ("dot", "grad_w2 = h_relu.T.dot(grad_y_pred)", B),
    ("transpose", "grad_h_relu = grad_y_pred.dot(w2.T)", B),
    ("dot", "grad_h_relu = grad_y_pred.dot(w2.T)", B),
    ("copy", "grad_h = grad_h_relu.copy()", B),
    ("less", "grad_h[h < 0] = 0", B),
    ("setitem", "grad_h[h < 0] = 0", B),
    ("transpose", "grad_w1 = x.T.dot(grad_h)", B),
    ("dot", "grad_w1 = x.T.dot(grad_h)", B),
    ("multiply", "w1 -= learning_rate * grad_w1", U),
    ("subtract", "w1 -= learning_rate * grad_w1", U),
    ("multiply", "w2 -= learning_rate * grad_w2", U),
    ("subtract", "w2 -= learning_rate * grad_w2", U),
]
TENSOR_READING = [
    ("mm", "h = x.mm(w1)", F),
    ("clamp", "h_relu = h.clamp(min=0)", F),
    ("mm", "y_pred = h_relu.mm(w2)", F),
    ("sub", "loss = (y_pred - y).pow(2).sum()", L),
    ("pow", "loss = (y_pred - y).pow(2).sum()", L),
    ("sum", "loss = (y_pred - y).pow(2).sum()", L),
    ("sub", "grad_y_pred = 2.0 * (y_pred - y)", B),
    ("mul", "grad_y_pred = 2.0 * (y_pred - y)", B),
    ("t", "grad_w2 = h_relu.t().mm(grad_y_pred)", B),
    ("mm", "grad_w2 = h_relu.t().mm(grad_y_pred)", B),
    ("t", "grad_h_relu = grad_y_pred.mm(w2.t())", B),
    ("mm", "grad_h_relu = grad_y_pred.mm(w2.t())", B),
    ("clone", "grad_h = grad_h_relu.clone()", B),
    ("lt", "grad_h[h < 0] = 0", B),
    ("setitem", "grad_h[h < 0] = 0", B),
    ("t", "grad_w1 = x.t().mm(grad_h)", B),
    ("mm", "grad_w1 = x.t().mm(grad_h)", B),
    ("mul", "w1 -= learning_rate * grad_w1", U),
    ("sub_", "w1 -= learning_rate * grad_w1", U),
    ("mul", "w2 -= learning_rate * grad_w2", U),
    ("sub_", "w2 -= learning_rate * grad_w2", U),
]
# The operands of each of these operations, by the key of what gave them; None for a result without a name.
OPERANDS: dict[str, list[str | None]] = {
    "h": ["x", "w1"],
    "h_relu": ["h"],
    "y_pred": ["h_relu", "w2"],
    "loss": [None],
    "grad_w2": [None, "grad_y_pred"],
    "grad_h_relu": ["grad_y_pred", None],
    "grad_h": ["grad_h_relu"],
    "grad_h#2": ["grad_h", None],
    "grad_w1": [None, "grad_h#2"],
    "w1#2": ["w1", None],
    "w2#2": ["w2", None],
}


class Run:
    """A stage between two steps, as a trainer drives it."""

    def __init__(self, stage: str, **values: object) -> None:
        self.settings: Settings = make_settings(stage=stage, **(SIZES | values))
        self.program: Program = program_of(self.settings)
        self.driver = self.program.start(names={"print": lambda *_: None})
        assert self.driver.begin()

    def step(self) -> ForwardPass:
        forward = self.driver.forward()
        self.driver.finish()
        return forward

    def recorded_step(self) -> tuple[ForwardPass, Graph]:
        with StepTracer(self.program, self.driver) as tracer:
            forward = tracer.forward()
            tracer.backward()
        return forward, tracer.graph()

    def variables(self) -> dict[str, object]:
        assert self.driver.frame is not None
        return program_variables(self.driver.frame)


def trace(stage: str) -> Graph:
    return Run(stage).recorded_step()[1]


def operands(graph: Graph, key: str) -> list[str | None]:
    target = graph.node(key)
    assert target is not None
    edges = sorted((edge.input_index, edge.source) for edge in graph.edges if edge.target == target.id)
    assert [index for index, _ in edges] == list(range(len(edges)))
    sources = [graph.nodes[source] for _, source in edges]
    return [source.key if source.name else None for source in sources]


@pytest.mark.parametrize(("stage", "reading"), [("numpy", NUMPY_READING), ("tensor", TENSOR_READING)])
def test_operations_are_those_a_person_reads_in_the_program(
    stage: str, reading: list[tuple[str, str, Phase]]
) -> None:
    run = Run(stage)
    graph = run.recorded_step()[1]
    lines = run.program.text.splitlines()
    operations = [node for node in graph.nodes if node.phase is not None]
    assert [(node.op, lines[(node.line or 0) - 1].strip(), node.phase) for node in operations] == reading
    assert graph.kind is GraphKind.TRACE


@pytest.mark.parametrize("stage", ["numpy", "tensor"])
def test_edges_join_a_result_to_its_users(stage: str) -> None:
    graph = trace(stage)
    for key, expected in OPERANDS.items():
        assert operands(graph, key) == expected, key


@pytest.mark.parametrize("stage", ["numpy", "tensor"])
def test_leaves_come_first_in_the_order_of_use(stage: str) -> None:
    leaves = [node for node in trace(stage).nodes if node.phase is None]
    assert [(node.key, node.kind, node.parameter, node.name) for node in leaves] == [
        ("x", NodeKind.DATA, None, "x"),
        ("w1", NodeKind.PARAMETER, "w1", "w1"),
        ("w2", NodeKind.PARAMETER, "w2", "w2"),
        ("y", NodeKind.DATA, None, "y"),
    ]
    assert [node.id for node in leaves] == [0, 1, 2, 3]


@pytest.mark.parametrize("stage", ["numpy", "tensor"])
def test_loss_is_the_output(stage: str) -> None:
    graph = trace(stage)
    (output,) = graph.outputs
    assert [node.id for node in graph.nodes if node.kind is NodeKind.LOSS] == [output]
    assert graph.nodes[output].key == graph.nodes[output].name == "loss"
    assert graph.nodes[output].shape == ()


@pytest.mark.parametrize(("stage", "dtype"), [("numpy", "float64"), ("tensor", "torch.float32")])
def test_shapes_are_those_of_the_variables(stage: str, dtype: str) -> None:
    plain = Run(stage)
    plain.step()
    variables = plain.variables()
    graph = trace(stage)
    named = [node for node in graph.nodes if node.name is not None]
    arrays = {
        name for name, value in variables.items() if isinstance(value, np.ndarray | np.generic | torch.Tensor)
    }
    assert {node.name for node in named} == arrays
    for node in named:
        assert node.shape == getattr(variables[node.name or ""], "shape", None)
        assert (node.dtype, node.device) == (dtype, "cpu")


def test_numpy_and_tensors_do_the_same() -> None:
    first, second = trace("numpy"), trace("tensor")
    assert first.edges == second.edges
    assert first.outputs == second.outputs
    for one, other in zip(first.nodes, second.nodes, strict=True):
        assert (one.kind, one.shape, one.name, one.phase) == (
            other.kind,
            other.shape,
            other.name,
            other.phase,
        )


@pytest.mark.parametrize("stage", ["numpy", "tensor"])
def test_every_step_has_the_same_trace(stage: str) -> None:
    run = Run(stage)
    graphs = [run.recorded_step()[1] for _ in range(2)]
    run.step()
    graphs.append(run.recorded_step()[1])
    assert graphs[0] == graphs[1] == graphs[2]
    assert len({node.key for node in graphs[0].nodes}) == len(graphs[0].nodes)


def every(step: int) -> bool:
    return True


def some(step: int) -> bool:
    return step in (2, 3, 5)


@pytest.mark.parametrize("recorded", [every, some])
@pytest.mark.parametrize("stage", [stage.name for stage in STAGES])
def test_recording_changes_no_bit(stage: str, recorded: Callable[[int], bool]) -> None:
    plain = Run(stage, learning_rate=1e-3)
    losses = [plain.step().loss.item() for _ in range(7)]
    expected = plain.step().parameters
    other = Run(stage, learning_rate=1e-3)
    passes = [other.recorded_step()[0] if recorded(step) else other.step() for step in range(7)]
    assert [forward.loss.item() for forward in passes] == losses
    assert len(set(losses)) == 7
    for name, value in other.step().parameters.items():
        assert torch.equal(torch.as_tensor(value), torch.as_tensor(expected[name]))


@pytest.mark.parametrize("stage", ["numpy", "tensor"])
def test_stage_has_its_own_arrays_back(stage: str) -> None:
    run = Run(stage)
    before = run.variables()
    forward, _ = run.recorded_step()
    after = run.variables()
    assert all(after[name] is before[name] for name in ("x", "y", "w1", "w2"))
    assert all(forward.parameters[name] is before[name] for name in ("w1", "w2"))
    kinds = {type(value) for value in after.values() if not isinstance(value, int | str | torch.device)}
    kinds -= {float}
    assert kinds == ({np.ndarray, np.float64} if stage == "numpy" else {torch.Tensor})
    assert type(forward.loss) in kinds


def test_what_is_handed_over_between_the_halves_is_plain() -> None:
    run = Run("numpy")
    with StepTracer(run.program, run.driver) as tracer:
        forward = tracer.forward()
        assert type(forward.loss) is np.float64
        assert {type(value) for value in forward.parameters.values()} == {np.ndarray}
        tracer.backward()


def test_step_may_be_given_up_between_the_halves() -> None:
    run, plain = Run("numpy"), Run("numpy")

    def give_up() -> None:
        tracer.forward()
        raise KeyboardInterrupt

    with StepTracer(run.program, run.driver) as tracer, pytest.raises(KeyboardInterrupt):
        give_up()
    assert type(run.variables()["w1"]) is np.ndarray
    run.driver.finish()
    plain.step()
    assert run.step().loss == plain.step().loss
    assert [node.phase for node in tracer.graph().nodes[-3:]] == [L, L, L]


@pytest.mark.parametrize("stage", ["numpy", "tensor"])
def test_nothing_stays_alive(stage: str) -> None:
    run = Run(stage)
    gc.collect()
    gc.disable()
    try:
        with StepTracer(run.program, run.driver) as tracer:
            tracer.forward()
            tracer.backward()
            recording = weakref.ref(run.variables()["grad_w1"])
        result = weakref.ref(run.variables()["grad_w1"])
        run.step()
        assert result() is None
        assert recording() is None
        tape = weakref.ref(tracer)
        del tracer
        assert tape() is None
    finally:
        gc.enable()


def test_stage_that_has_ended_cannot_be_recorded() -> None:
    run = Run("numpy")
    run.driver.close()
    with pytest.raises(ValueError, match="ended"), StepTracer(run.program, run.driver):
        pass


def test_numpy_is_traced_without_torch() -> None:
    script = """
import sys
from playground.programs.program import program_of
from playground.settings import make_settings
from playground.tracing import StepTracer
settings = make_settings(stage="numpy", batch_size=2, input_size=2, hidden_size=2, output_size=2)
program = program_of(settings)
driver = program.start(names={"print": lambda *_: None})
driver.begin()
with StepTracer(program, driver) as tracer:
    tracer.forward()
    tracer.backward()
print(len(tracer.graph().nodes), "torch" in sys.modules)
"""
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.stdout.split() == ["25", "False"], run.stderr
