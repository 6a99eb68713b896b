"""Two stages side by side: which lines do the same work, and which tensors are the same quantity.

The oracle is the algebra: the stages compute one network, so every quantity that NumPy's program writes
out by hand has its counterpart in each of the others, known by name.
"""

from __future__ import annotations

import difflib
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from playground.comparing.rosetta import Rosetta, TensorPair, compare_texts, rosetta
from playground.comparing.rosetta_lines import StepLines
from playground.graph.model import Graph, Phase
from playground.programs.program import Program
from playground.recording.events import Event, EventKind, Port
from playground.recording.model import Recording
from playground.recording.snapshot import Snapshot
from playground.settings import make_settings
from playground.trainer import Trainer

SIZES = {"batch_size": 8, "input_size": 12, "hidden_size": 6, "output_size": 3}
ROUNDING = 1e-12

# What the other stages call the quantities of the first program.
BY_HAND = {"h": "h", "h_relu": "h_relu", "grad_y_pred": "grad_y_pred", "grad_w2": "grad_w2"}
BY_HAND |= {"grad_h_relu": "grad_h_relu", "grad_h": "grad_h", "grad_w1": "grad_w1"}
AUTOGRAD = {"h": "x.mm(w1)", "h_relu": "x.mm(w1).clamp(min=0)", "grad_w2": "∂L/∂w2", "grad_w1": "∂L/∂w1"}
AUTOGRAD |= {"grad_h_relu": "∂L/∂(x.mm(w1).clamp(min=0))", "grad_h": "∂L/∂(x.mm(w1))"}
FUNCTION = AUTOGRAD | {"h_relu": "x.clamp(min=0)", "grad_h_relu": "∂L/∂(MyReLU.apply(x.mm(w1)))"}
FUNCTION |= {"grad_h": "grad_input"}
SEQUENTIAL = {
    "h": "linear in 0",
    "h_relu": "relu in 1",
    "grad_w2": "∂L/∂2.weightᵀ",
    "grad_w1": "∂L/∂0.weightᵀ",
}
SEQUENTIAL |= {"grad_h_relu": "∂L/∂(relu in 1)", "grad_h": "∂L/∂(linear in 0)"}
SEQUENTIAL |= {"w1 after": "0.weight after", "w2 after": "2.weight after", "w1 before": "0.weight before"}
MODULE = {"h": "self.linear1(x)", "h_relu": "h_relu", "grad_h_relu": "∂L/∂h_relu"}
MODULE |= {"grad_h": "∂L/∂(self.linear1(x))", "w1 before": "linear1.weight before"}
MODULE |= {"grad_w1": "∂L/∂linear1.weightᵀ", "grad_w2": "∂L/∂linear2.weightᵀ"}
MODULE |= {"w1 after": "linear1.weight after", "w2 after": "linear2.weight after"}
NAMES = {
    "tensor": BY_HAND,
    "autograd": AUTOGRAD,
    "function": FUNCTION,
    "nn": SEQUENTIAL,
    "optim": SEQUENTIAL,
    "module": MODULE,
}
SAME_EVERYWHERE = {"y_pred": "y_pred", "loss": "loss", "grad_y_pred": "∂L/∂y_pred"}
SAME_EVERYWHERE |= {"w1 before": "w1 before", "w1 after": "w1 after", "w2 after": "w2 after"}


@cache
def step_of(stage: str, seed: int = 0, dtype: str = "float64") -> tuple[Recording, Program]:
    settings = make_settings(
        stage=stage, same_start=True, dtype=dtype, seed=seed, learning_rate=1e-3, **SIZES
    )
    trainer = Trainer(settings)
    return trainer.record_step(), trainer.program


@cache
def compared(left: str, right: str) -> Rosetta:
    return rosetta(*step_of(left), *step_of(right))


def pair_of(result: Rosetta, left: str) -> TensorPair:
    """The pair of the tensor that has this label; of two the later one."""
    return [pair for pair in result.pairs if pair.left.label == left][-1]


def line_of(stage: str, text: str) -> int:
    """The last line of a stage's source that holds this text."""
    program = step_of(stage)[1]
    found = [number for number, line in enumerate(program.text.splitlines(), start=1) if text in line]
    return found[-1]


def band(stage: str, phase: Phase) -> list[str]:
    """The lines that do a phase of a stage, without their indentation."""
    result = compared(stage, "numpy")
    lines = next(each.left for each in result.bands if each.phase is phase)
    texts = result.left.text.splitlines()
    return [texts[line - 1].strip() for line in lines]


def with_value(recording: Recording, label: str, factor: float) -> Recording:
    """The recording with the result of that name multiplied."""

    def changed(port: Port) -> Port:
        value = port.value
        if port.label != label or value is None or value.values is None:
            return port
        array = value.values * factor
        return replace(port, value=Snapshot(value.shape, value.dtype, "cpu", False, value.nbytes, array))

    events = tuple(
        replace(event, outputs=tuple(changed(port) for port in event.outputs)) for event in recording.events
    )
    return replace(recording, events=events)


def value_of(recording: Recording, label: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    ports = [port for event in recording.events for port in event.outputs if port.label == label]
    value = ports[-1].value
    assert value is not None
    assert value.values is not None
    return value.values


@pytest.mark.parametrize("stage", NAMES)
def test_every_quantity_of_the_first_program_is_found_in_the_others(stage: str) -> None:
    result = compared("numpy", stage)
    expected = SAME_EVERYWHERE | NAMES[stage]
    assert {label: pair_of(result, label).right.label for label in expected} == expected
    assert max(pair.relative for pair in result.pairs) < ROUNDING


@pytest.mark.parametrize("stage", NAMES)
def test_a_layer_holds_its_weights_transposed(stage: str) -> None:
    result = compared("numpy", stage)
    by_layer = stage in ("nn", "optim", "module")
    weights = ("w1 before", "w2 before", "w1 after", "w2 after")
    assert {pair_of(result, name).transposed for name in weights} == {by_layer}
    others = ("h", "h_relu", "y_pred", "loss", "grad_y_pred", "grad_w2", "grad_h_relu", "grad_h", "grad_w1")
    assert not any(pair_of(result, name).transposed for name in others)


@pytest.mark.parametrize(("left", "right"), [("numpy", "optim"), ("function", "module"), ("nn", "dynamic")])
def test_no_tensor_is_used_twice(left: str, right: str) -> None:
    pairs = compared(left, right).pairs
    for side in ([pair.left for pair in pairs], [pair.right for pair in pairs]):
        assert len(set(side)) == len(side)


@pytest.mark.parametrize("stage", ["numpy", "tensor"])
def test_lines_of_a_stage_by_hand(stage: str) -> None:
    forward = [line.split(" = ")[0] for line in band(stage, Phase.FORWARD)]
    assert forward == ["h", "h_relu", "y_pred"]
    assert [line.split(" = ")[0] for line in band(stage, Phase.LOSS)] == ["loss"]
    backward = [line.split(" = ")[0] for line in band(stage, Phase.BACKWARD)]
    assert backward == ["grad_y_pred", "grad_w2", "grad_h_relu", "grad_h", "grad_h[h < 0]", "grad_w1"]
    assert [line[:2] for line in band(stage, Phase.UPDATE)] == ["w1", "w2"]


def test_lines_of_autograd() -> None:
    assert band("autograd", Phase.FORWARD) == ["y_pred = x.mm(w1).clamp(min=0).mm(w2)"]
    assert band("autograd", Phase.LOSS) == ["loss = (y_pred - y).pow(2).sum()"]
    assert band("autograd", Phase.BACKWARD) == ["loss.backward()"]
    assert band("autograd", Phase.UPDATE) == [
        "with torch.no_grad():",
        "w1 -= learning_rate * w1.grad",
        "w2 -= learning_rate * w2.grad",
        "w1.grad.zero_()",
        "w2.grad.zero_()",
    ]


def test_lines_of_optim() -> None:
    assert band("optim", Phase.FORWARD) == ["y_pred = model(x)"]
    assert band("optim", Phase.LOSS) == ["loss = loss_fn(y_pred, y)"]
    assert band("optim", Phase.BACKWARD) == ["optimizer.zero_grad()", "loss.backward()"]
    assert band("optim", Phase.UPDATE) == ["optimizer.step()"]


def test_headers_go_with_what_stands_inside_them() -> None:
    assert band("nn", Phase.UPDATE)[:2] == ["with torch.no_grad():", "for param in model.parameters():"]


def test_a_line_that_calls_the_models_forward_belongs_to_the_forward_pass() -> None:
    assert band("module", Phase.FORWARD) == [
        "h_relu = self.linear1(x).clamp(min=0)",
        "y_pred = self.linear2(h_relu)",
        "return y_pred",
        "y_pred = model(x)",
    ]
    assert "loss.backward()" in band("function", Phase.BACKWARD)
    assert "grad_input[x < 0] = 0" in band("function", Phase.BACKWARD)


def test_what_did_not_run_belongs_to_no_phase() -> None:
    # With depth 0 the loop's body has not run once.
    forward = band("dynamic", Phase.FORWARD)
    assert "for _ in range(random.randint(0, 0)):" in forward
    assert not any("middle_linear" in line for line in forward)


@pytest.mark.parametrize("stage", [*NAMES, "numpy", "dynamic"])
def test_comments_and_what_is_printed_belong_to_no_phase(stage: str) -> None:
    result = compared(stage, "numpy")
    texts = [result.left.text.splitlines()[line - 1].strip() for each in result.bands for line in each.left]
    assert not any(not text or text.startswith(("#", "print", "for t", "def ")) for text in texts)


def test_one_line_of_autograd_is_the_whole_backward_pass_by_hand() -> None:
    result = compared("numpy", "autograd")
    found = result.counterparts_of_right(line_of("autograd", "loss.backward()"))
    assert found.lines == tuple(result.bands[2].left)
    node_of = {pair.left.line: pair.right.node for pair in found.pairs}
    assert node_of[line_of("numpy", "grad_w2 =")] == "MmBackward0(w2)#1"
    assert node_of[line_of("numpy", "grad_w1 =")] == "MmBackward0(w1)#1"
    assert "ClampBackward1<w1#1" in found.right_nodes
    assert {"grad_w1", "grad_w2"} <= set(found.left_nodes)


def test_a_line_by_hand_leads_to_backward_and_to_its_node() -> None:
    result = compared("numpy", "autograd")
    found = result.counterparts_of_left(line_of("numpy", "grad_w2 ="))
    assert found.lines == (line_of("autograd", "loss.backward()"),)
    assert found.right_nodes == ("MmBackward0(w2)#1",)
    assert [pair.right.label for pair in found.pairs] == ["∂L/∂w2"]


@pytest.mark.parametrize(("left", "right"), [("numpy", "autograd"), ("autograd", "numpy")])
def test_the_node_of_a_pair_is_one_that_autograd_built(left: str, right: str) -> None:
    result = compared(left, right)
    known = {node.key for node in step_of("autograd")[0].graph.nodes}
    nodes = {result.node_of(pair) for pair in result.pairs}
    assert nodes - {None} <= known
    assert {"MmBackward0(w1)#1", "MmBackward0(w2)#1", "w1", "w2"} <= nodes


def test_a_copy_belongs_to_what_is_written_into_it() -> None:
    result = compared("numpy", "autograd")
    copied = result.counterparts_of_left(line_of("numpy", "grad_h ="))
    written = result.counterparts_of_left(line_of("numpy", "grad_h[h < 0] = 0"))
    assert copied == written
    assert [pair.left.label for pair in copied.pairs] == ["grad_h"]


def test_where_the_other_side_copies_too_the_copies_are_a_pair() -> None:
    result = compared("numpy", "function")
    found = result.counterparts_of_left(line_of("numpy", "grad_h ="))
    assert found.lines == (line_of("function", "grad_output.clone()"), line_of("function", "loss.backward()"))


def test_the_line_that_calls_a_model_has_all_of_its_work() -> None:
    result = compared("numpy", "module")
    found = result.counterparts_of_right(line_of("module", "y_pred = model(x)"))
    assert found.lines == tuple(result.bands[0].left)
    inner = result.counterparts_of_right(line_of("module", "y_pred = self.linear2"))
    assert inner.lines == (line_of("numpy", "y_pred = h_relu"),)


def test_a_line_without_a_tensor_has_no_counterpart() -> None:
    result = compared("numpy", "optim")
    found = result.counterparts_of_right(line_of("optim", "optimizer.zero_grad()"))
    assert (found.lines, found.pairs) == ((), ())


def test_links_are_the_pairs_by_line() -> None:
    result = compared("numpy", "module")
    linked = {(link.left, link.right, pair) for link in result.links for pair in link.pairs}
    sides = [(pair, pair.left.lines, pair.right.lines) for pair in result.pairs]
    assert linked == {
        (left, right, pair) for pair, lefts, rights in sides for left in lefts for right in rights
    }
    for link in result.links:
        assert link.left in {line for each in result.bands for line in each.left}
        assert link.right in {line for each in result.bands for line in each.right}


def test_other_numbers_give_no_pair() -> None:
    assert rosetta(*step_of("numpy"), *step_of("autograd", seed=1)).pairs == ()


def test_another_learning_rate_separates_the_updates_alone() -> None:
    settings = make_settings(stage="autograd", same_start=True, dtype="float64", learning_rate=2e-3, **SIZES)
    trainer = Trainer(settings)
    result = rosetta(*step_of("numpy"), trainer.record_step(), trainer.program)
    phases = {pair.phase for pair in result.pairs}
    assert phases == {Phase.FORWARD, Phase.LOSS, Phase.BACKWARD}


def test_single_precision_is_given_more_room() -> None:
    result = rosetta(*step_of("numpy", dtype="float32"), *step_of("optim", dtype="float32"))
    assert {pair.left.label for pair in result.pairs} == {
        each.left.label for each in compared("numpy", "optim").pairs
    }
    assert max(pair.relative for pair in result.pairs) < 1e-4


def test_differences_are_measured() -> None:
    left, program = step_of("numpy")
    nudged = with_value(left, "grad_w2", 1.0 + 1e-8)
    pair = pair_of(rosetta(nudged, program, *step_of("autograd")), "grad_w2")
    values = value_of(left, "grad_w2")
    assert pair.absolute == pytest.approx(1e-8 * np.abs(values).max(), rel=1e-3)
    assert pair.relative == pytest.approx(1e-8, rel=1e-3)
    too_far = rosetta(with_value(left, "grad_w2", 1.0 + 1e-5), program, *step_of("autograd"))
    assert not any(pair.left.label == "grad_w2" for pair in too_far.pairs)


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_what_is_not_finite_is_no_pair(wrong: float) -> None:
    left, program = step_of("numpy")
    result = rosetta(with_value(left, "grad_w2", wrong), program, *step_of("autograd"))
    assert not any(pair.left.label == "grad_w2" for pair in result.pairs)


def test_a_step_that_ended_early_is_compared_as_far_as_it_came() -> None:
    recording, program = step_of("numpy")
    events = tuple(event for event in recording.events if event.phase in (Phase.FORWARD, Phase.LOSS))
    halted = replace(recording, events=events, parameters=())
    result = rosetta(halted, program, *step_of("autograd"))
    assert {pair.phase for pair in result.pairs} == {Phase.FORWARD, Phase.LOSS}
    assert result.bands[3].left == ()
    assert result.left.backward == "no backward pass"


def test_the_ways_to_the_gradient_in_words() -> None:
    assert compared("numpy", "autograd").in_words() == (
        "NumPy: 6 lines of backward pass by hand ↔ autograd: loss.backward()"
    )
    assert compared("function", "optim").in_words() == (
        "Function: loss.backward(), which calls MyReLU.backward ↔ optim: loss.backward()"
    )


def test_the_texts_difference_is_that_of_the_two_files() -> None:
    left, right = step_of("nn")[1].text, step_of("optim")[1].text
    entries = list(compare_texts(left, right))
    delta = [f"{entry.kind} {entry.text}" for entry in entries]
    assert list(difflib.restore(delta, 1)) == left.splitlines()
    assert list(difflib.restore(delta, 2)) == right.splitlines()
    for number, text in enumerate(left.splitlines(), start=1):
        assert [entry.text for entry in entries if entry.left == number] == [text]
    for number, text in enumerate(right.splitlines(), start=1):
        assert [entry.text for entry in entries if entry.right == number] == [text]
    assert {entry.kind for entry in entries} == {" ", "-", "+"}


def test_words_that_a_similar_line_has_otherwise_are_marked() -> None:
    before = "same\nloss = loss_fn(y_pred, y).sum()\n"
    entries = list(compare_texts(before, "same\nloss = loss_fn(prediction, y)\n"))
    marked = [[entry.text[start:end] for start, end in entry.marks] for entry in entries]
    assert marked == [[], ["y_pred", ".sum()"], ["prediction"]]


def test_lines_that_have_nothing_in_common_have_no_marks() -> None:
    entries = list(compare_texts("import numpy\n", "x @ w1\n"))
    assert [entry.marks for entry in entries] == [(), ()]


SOURCE = """\
def loss_of(prediction, y):
    error = prediction - y
    return error.sum()

while True:
    optimizer.zero_grad()
    y_pred = model(
        x,
    )
    loss = loss_of(y_pred, y)
    print(loss)
    try:
        loss.backward()
    except ValueError:
        raise
    if settings:
        # Nothing of this ran.
        clip(y_pred)
    optimizer.step()
"""


def test_lines_of_a_program_with_calls_over_several_lines() -> None:
    program = Program(SOURCE, "own_stage.py", loss_name="loss")
    lines = {text.strip(): number for number, text in enumerate(SOURCE.splitlines(), start=1)}
    made = [
        (Phase.FORWARD, lines["y_pred = model("], "mm", ""),
        (Phase.LOSS, lines["error = prediction - y"], "sub", "loss_of"),
        (Phase.LOSS, lines["return error.sum()"], "sum", "loss_of"),
        (Phase.BACKWARD, lines["loss.backward()"], "SubBackward0", ""),
        (Phase.UPDATE, lines["optimizer.step()"], "add_", ""),
    ]
    events = tuple(
        Event(number, phase, EventKind.OPERATION, op, "loss" if op == "sum" else op, line, inside=inside)
        for number, (phase, line, op, inside) in enumerate(made)
    )
    found = StepLines(Recording(None, 0, 1.0, None, Graph(), events, {}, ()), program)
    call = lines["loss = loss_of(y_pred, y)"]
    assert found.callers[1] == found.callers[2] == (call,)
    assert found.by_phase[Phase.FORWARD] == (6, 7, 8, 9)
    assert found.by_phase[Phase.LOSS] == (2, 3, call)
    assert found.by_phase[Phase.BACKWARD] == (lines["try:"], lines["loss.backward()"])
    assert found.by_phase[Phase.UPDATE] == (lines["if settings:"], lines["optimizer.step()"])
