"""What the answers of the faults claim, measured."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, pairwise
from typing import Any

import numpy as np
import pytest
import torch

from playground.faults import Fault, fault_named, faulty_program, faulty_text, healthy_text, look_line
from playground.faults.twins import Twins, record_twins
from playground.graph import Phase
from playground.programs.execution import Execution
from playground.recording.finite_difference import check_gradient
from playground.recording.model import Recording
from playground.recording.recorder import StepRecorder
from playground.settings import Settings, make_settings
from playground.tracing.frames import read_variables
from tests.engine.faults.plain_programs import PlainRun, run_plainly

LIST = "torch.nn.ModuleList([torch.nn.Linear(hidden_size, hidden_size)])"


def fault_and_settings(name: str, steps: int = 4) -> tuple[Fault, Settings]:
    fault = fault_named(name)
    assert fault is not None
    return fault, make_settings(stage=fault.stage, steps=steps)


def twins(name: str, steps: int = 1) -> list[Twins]:
    return list(islice(record_twins(*fault_and_settings(name, steps), most_steps=steps), steps))


def plainly(name: str, steps: int) -> tuple[PlainRun, PlainRun]:
    fault, settings = fault_and_settings(name, steps)
    return run_plainly(healthy_text(fault, settings)), run_plainly(faulty_text(fault, settings))


def gradient(recording: Recording, parameter: str) -> np.ndarray[Any, np.dtype[np.float32]]:
    record = recording.parameter(parameter)
    assert record is not None
    assert record.gradient is not None
    assert record.gradient.values is not None
    return record.gradient.values


def test_gradients_add_up() -> None:
    first, second = twins("no-zero-grad", 2)
    for name in ("linear1.weight", "linear2.bias"):
        expected = gradient(first.healthy, name) + gradient(second.healthy, name)
        np.testing.assert_array_equal(gradient(second.faulty, name), expected)


def test_without_a_gradient_no_step() -> None:
    _, faulty = plainly("step-before-backward", 5)
    assert len(set(faulty.losses)) == 1
    (step,) = twins("step-before-backward")
    assert not any(event.phase is Phase.UPDATE and event.changes for event in step.faulty.events)


def test_the_second_pass_doubles_the_gradient() -> None:
    (step,) = twins("retain-graph")
    for name in ("w1", "w2"):
        np.testing.assert_array_equal(gradient(step.faulty, name), 2 * gradient(step.healthy, name))
    assert len(step.faulty.passes) == 2


def test_the_new_tensor_is_no_leaf_that_requires_a_gradient() -> None:
    _, faulty = plainly("loses-the-leaf", 1)
    w1 = faulty.tensor("w1")
    assert (w1.requires_grad, w1.grad) == (False, None)


def test_the_saved_tensor_its_versions_and_the_line_that_wrote() -> None:
    (step,) = twins("in-place-on-saved")
    faulty = step.faulty
    line = look_line(*fault_and_settings("in-place-on-saved"))
    (writing,) = (event for event in faulty.events if event.line == line)
    assert (writing.op, writing.outputs[0].label) == ("div_", "error")
    assert faulty.failure is not None
    failed = faulty.events[faulty.failure.event or 0]
    assert (failed.op, failed.number > writing.number) == ("PowBackward0", True)
    assert failed.origin == line - 2
    assert "is at version 1; expected version 0 instead" in faulty.failure.message


def test_through_data_the_gradient_is_too_small_by_the_batch_size() -> None:
    (step,) = twins("data-write")
    for name in ("w1", "w2"):
        # 64 is a power of two: no bit is lost.
        np.testing.assert_array_equal(gradient(step.healthy, name), 64 * gradient(step.faulty, name))


@pytest.mark.parametrize(
    ("name", "wrong", "right", "error"),
    [
        ("in-place-on-saved", "error /= batch_size", "error = error / batch_size", ""),
        ("data-write", "error.data /=", "detached = error.detach(); detached /=", "is at version 1"),
        ("loses-the-leaf", "w1 = w1 - learning_rate", "w1 -= learning_rate", "'NoneType' object"),
        ("backward-twice", "loss.backward()\n", "loss.backward(retain_graph=True)\n", ""),
        ("loss-kept", "total_loss += loss ", "total_loss += loss.item() ", ""),
        ("target-shape", "loss_fn(y_pred, y)", "loss_fn(y_pred, y.view_as(y_pred))", ""),
        ("plain-list", "[torch.nn.Linear(hidden_size, hidden_size)]", LIST, ""),
    ],
)
def test_what_would_be_right(name: str, wrong: str, right: str, error: str) -> None:
    fault, settings = fault_and_settings(name)
    text = faulty_text(fault, settings)
    assert wrong in text
    mended = run_plainly(text.replace(wrong, right))
    assert error in mended.error
    if not error:
        assert mended.warned == []
        # The same gradient twice is not mended by keeping the graph.
        same = name != "backward-twice"
        assert (mended.losses == run_plainly(healthy_text(fault, settings)).losses) is same


def test_behind_detach_nothing_gets_a_gradient() -> None:
    (step,) = twins("detach-in-the-middle")
    got = {each.name: each.gradient is not None for each in step.faulty.parameters}
    assert got == {
        "linear1.weight": False,
        "linear1.bias": False,
        "linear2.weight": True,
        "linear2.bias": True,
    }
    healthy, faulty = plainly("detach-in-the-middle", 20)
    assert healthy.losses[-1] < faulty.losses[-1] < faulty.losses[0]


def nodes_behind(tensor: torch.Tensor) -> int:
    waiting, seen = [tensor.grad_fn], set()
    while waiting:
        node = waiting.pop()
        if node is not None and node not in seen:
            seen.add(node)
            waiting += [behind for behind, _ in node.next_functions]
    return len(seen)


def kept_nodes() -> Iterator[int]:
    execution = Execution(faulty_program(*fault_and_settings("loss-kept", 6)), output=None)
    try:
        for _ in execution.steps():
            if execution.driver.frame is not None:
                total = read_variables(execution.driver.frame)["total_loss"]
                assert isinstance(total, torch.Tensor)
                yield nodes_behind(total)
    finally:
        execution.close()


def test_a_sum_of_losses_keeps_every_graph(capsys: pytest.CaptureFixture[str]) -> None:
    found = list(kept_nodes())
    growth = {after - before for before, after in pairwise(found)}
    assert len(found) == 6
    assert len(growth) == 1
    assert growth.pop() > 5
    healthy, faulty = plainly("loss-kept", 6)
    assert healthy.losses == faulty.losses
    assert capsys.readouterr().out.count("\n") == 6


def test_a_target_of_shape_n_teaches_the_mean() -> None:
    healthy, faulty = plainly("target-shape", 120)
    assert (faulty.tensor("y").shape, faulty.tensor("y_pred").shape) == ((64,), (64, 1))
    torch.testing.assert_close(faulty.tensor("y"), healthy.tensor("y").squeeze(1), rtol=0, atol=0)
    predicted = faulty.tensor("y_pred")
    assert predicted.std() < 0.01
    assert abs(predicted.mean() - faulty.tensor("y").mean()) < 0.01
    assert healthy.losses[-1] < 0.01 < 4_000 < faulty.losses[-1]


def test_nobody_owns_what_is_in_a_list() -> None:
    healthy, faulty = plainly("plain-list", 3)
    assert len(list(healthy.model().parameters())) == 6
    assert len(list(faulty.model().parameters())) == 4
    (layer,) = vars(faulty.model())["middle_linears"]
    assert isinstance(layer, torch.nn.Linear)
    assert layer.weight.grad is not None


def test_the_gradient_check_finds_the_wrong_sign() -> None:
    program = faulty_program(*fault_and_settings("wrong-sign"))
    execution = Execution(program)
    driver = execution.driver
    try:
        driver.begin()
        recorder = StepRecorder(program, driver)
        with recorder:
            recorder.forward()
            recorder.backward()
            recording = recorder.recording("function", 0)
        checks = {}
        for name in ("w1", "w2"):
            values = np.abs(gradient(recording, name))
            row, column = np.unravel_index(int(values.argmax()), values.shape)
            checks[name] = check_gradient(program, driver, recording, name, (int(row), int(column)))
    finally:
        execution.close()
    assert checks["w1"].gradient == pytest.approx(-checks["w1"].slope, rel=1e-2)
    assert checks["w2"].gradient == pytest.approx(checks["w2"].slope, rel=1e-2)


def test_relus_die() -> None:
    def zeros(recording: Recording) -> float:
        relu = next(event for event in recording.events if event.op == "relu")
        value = relu.outputs[0].value
        assert value is not None
        return value.statistics.zeros

    steps = twins("dead-relu", 11)
    assert max(zeros(step.healthy) for step in steps) < 0.6
    shares = [zeros(step.faulty) for step in steps]
    assert shares[0] == zeros(steps[0].healthy)
    assert shares[10] > 0.98


def test_too_long_steps_end_in_nan() -> None:
    _, faulty = plainly("diverges", 8)
    finite = [loss for loss in faulty.losses if np.isfinite(loss)]
    assert all(after > 10 * before for before, after in pairwise(finite))
    assert np.isnan(faulty.losses[-1])


def test_an_update_longer_than_its_weight() -> None:
    (step,) = twins("diverges")
    for recording, is_longer in ((step.healthy, False), (step.faulty, True)):
        update = next(event for event in recording.events if event.op == "mul").outputs[0]
        weight = recording.parameter("0.weight")
        assert update.value is not None
        assert weight is not None
        assert (update.value.statistics.norm > weight.before.statistics.norm) is is_longer


def test_at_zero_every_gradient_is_zero() -> None:
    _, faulty = plainly("zero-weights", 5)
    assert set(faulty.losses) == {faulty.tensor("y").pow(2).sum().item()}
    (step,) = twins("zero-weights")
    assert not gradient(step.faulty, "w1").any()
    assert not gradient(step.faulty, "w2").any()


def test_the_mean_is_the_sum_over_all_elements() -> None:
    (step,) = twins("wrong-reduction")
    assert step.healthy.loss == pytest.approx(640 * (step.faulty.loss or 0), rel=1e-5)
    expected = gradient(step.healthy, "0.weight") / 640
    np.testing.assert_allclose(gradient(step.faulty, "0.weight"), expected, rtol=1e-3, atol=1e-7)


def test_a_layer_of_each_step() -> None:
    healthy, faulty = plainly("layer-in-forward", 3)
    assert faulty.losses[0] == healthy.losses[0]
    assert len(list(faulty.model().parameters())) == 2

    def weight(recording: Recording) -> np.ndarray[Any, np.dtype[np.float32]]:
        last = [event for event in recording.events if event.op == "linear"][-1]
        value = last.inputs[1].value
        assert value is not None
        assert value.values is not None
        return value.values

    first, second = twins("layer-in-forward", 2)
    np.testing.assert_array_equal(weight(first.faulty), weight(first.healthy))
    assert not np.isin(weight(second.faulty), weight(first.faulty)).any()
