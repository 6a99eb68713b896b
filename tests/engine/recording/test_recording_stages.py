"""Recorded steps of the eight stages against plain steps, plain loops, and gradients computed apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from playground.graph.model import Phase
from playground.recording import Event, EventKind, Recording, Snapshot
from playground.settings import make_settings
from playground.trainer import Trainer
from tests.engine.plain_loops import plain_losses

SIZES = (4, 7, 6, 3)
STAGES = ("numpy", "tensor", "autograd", "function", "nn", "optim", "module", "dynamic")
TORCH_STAGES = STAGES[2:]
STEPS = 7
OPTIMIZERS: dict[str, Mapping[str, object]] = {
    "SGD": {"momentum": 0.9},
    "Adam": {},
    "RMSprop": {},
    "Adagrad": {},
}


def trainer(stage: str, **others: Any) -> Trainer:
    sizes = dict(zip(("batch_size", "input_size", "hidden_size", "output_size"), SIZES, strict=True))
    return Trainer(make_settings(stage=stage, seed=3, steps=STEPS, **{**sizes, **others}))


def variables(run: Trainer) -> dict[str, Any]:
    assert run._driver is not None
    found = dict(vars(run._driver.module))
    if "model" in found:
        found["parameters"] = dict(found["model"].named_parameters())
    return found


def parameters(run: Trainer) -> dict[str, Any]:
    found = variables(run)
    if "parameters" in found:
        return dict(found["parameters"])
    return {name: found[name] for name in ("w1", "w2")}


def array(value: Snapshot | None) -> npt.NDArray[Any]:
    assert value is not None
    assert value.values is not None
    return value.values


def tensors(recording: Recording) -> dict[str, Tensor]:
    """The recorded values before the update, as leaves."""
    return {
        each.name: torch.from_numpy(array(each.before).copy()).requires_grad_()
        for each in recording.parameters
    }


def predict(stage: str, x: Tensor, w: Mapping[str, Tensor], depth: int | None) -> Tensor:
    """The network, built by hand from parameters."""

    def linear(name: str, value: Tensor) -> Tensor:
        return functional.linear(value, w[f"{name}.weight"], w[f"{name}.bias"])

    if stage in ("autograd", "function"):
        return x.mm(w["w1"]).clamp(min=0).mm(w["w2"])
    if stage == "dynamic":
        h = linear("input_linear", x).clamp(min=0)
        for _ in range(depth or 0):
            h = linear("middle_linear", h).clamp(min=0)
        return linear("output_linear", h)
    first, second = ("linear1", "linear2") if stage == "module" else ("0", "2")
    return linear(second, linear(first, x).relu())


@pytest.mark.parametrize("every", [1, 3])
@pytest.mark.parametrize("stage", STAGES)
def test_recording_changes_no_number(stage: str, every: int) -> None:
    plain, recorded = trainer(stage), trainer(stage)
    losses = [plain.step() for _ in range(STEPS)]
    seen: list[float | None] = []
    for step in range(STEPS):
        seen.append(recorded.record_step().loss if step % every == 0 else recorded.step())
    assert seen == losses == plain_losses(stage, 3, STEPS, SIZES)
    for step in range(STEPS):
        assert recorded.history.loss(step) == plain.history.loss(step)
        assert recorded.history.depth(step) == plain.history.depth(step)
        assert recorded.history.structure(step) == plain.history.structure(step)
    assert [graph.to_json() for graph in recorded.structures] == [
        graph.to_json() for graph in plain.structures
    ]
    for name, value in parameters(plain).items():
        assert (np.asarray(value.data) == np.asarray(parameters(recorded)[name].data)).all()


@pytest.mark.parametrize("stage", TORCH_STAGES)
def test_gradients_are_those_of_a_network_built_by_hand(stage: str) -> None:
    run = trainer(stage)
    for _ in range(STEPS):
        recording = run.record_step()
        leaves = tensors(recording)
        found = variables(run)
        error = predict(stage, found["x"], leaves, recording.depth) - found["y"]
        loss = error.pow(2).sum()
        assert recording.loss == pytest.approx(loss.item(), rel=1e-6)
        gradients = torch.autograd.grad(loss, list(leaves.values()), allow_unused=True)
        for record, gradient in zip(recording.parameters, gradients, strict=True):
            if gradient is None:
                assert record.gradient is None or not array(record.gradient).any()
                continue
            np.testing.assert_allclose(array(record.gradient), gradient.numpy(), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("stage", STAGES)
def test_values_after_the_update_are_what_the_stage_holds(stage: str) -> None:
    run = trainer(stage)
    run.step()
    before = {name: np.asarray(value.data).copy() for name, value in parameters(run).items()}
    recording = run.record_step()
    assert [record.name for record in recording.parameters] == list(before)
    for record in recording.parameters:
        after = np.asarray(parameters(run)[record.name].data)
        assert (array(record.before) == before[record.name]).all()
        changed = not (after == before[record.name]).all()
        assert (record.update is not None) == (record.after is not None)
        assert changed <= (record.after is not None)
        if record.after is not None:
            assert (array(record.after) == after).all()
            event = recording.events[record.update or 0]
            assert event.phase is Phase.UPDATE
            assert record.name in [change.parameter for change in event.changes]


@pytest.mark.parametrize("stage", ["nn", "optim", "module", "dynamic"])
def test_gradient_is_the_one_in_grad(stage: str) -> None:
    run = trainer(stage)
    for _ in range(3):
        recording = run.record_step()
        for record in recording.parameters:
            gradient = parameters(run)[record.name].grad
            if gradient is None:
                assert record.gradient is None
            else:
                assert (array(record.gradient) == gradient.numpy()).all()


@pytest.mark.parametrize("optimizer", list(OPTIMIZERS))
@pytest.mark.parametrize("stage", ["optim", "dynamic"])
def test_state_of_the_optimizer_on_either_side(stage: str, optimizer: str) -> None:
    options = dict(OPTIMIZERS[optimizer])
    run = trainer(stage, optimizer=optimizer, optimizer_options=options, depth="2:2")

    def states() -> dict[str, dict[str, npt.NDArray[Any]]]:
        found = variables(run)
        state = found["optimizer"].state
        return {
            name: {entry: np.asarray(value).copy() for entry, value in state[parameter].items()}
            for name, parameter in found["parameters"].items()
            if parameter in state
        }

    run._begun()
    for _ in range(3):
        before = states()
        recording = run.record_step()
        after = states()
        assert all(after.values())
        for record in recording.parameters:
            entries = {entry.name: entry for entry in record.state}
            assert set(entries) == set(after[record.name])
            for name, entry in entries.items():
                assert (array(entry.after) == after[record.name][name]).all()
                if name in before.get(record.name, {}):
                    assert (array(entry.before) == before[record.name][name]).all()
                else:
                    assert entry.before is None


def test_first_step_of_an_optimizer_makes_its_state() -> None:
    recording = trainer("optim", optimizer="Adam").record_step()
    for record in recording.parameters:
        assert {entry.name for entry in record.state} == {"step", "exp_avg", "exp_avg_sq"}
        assert all(entry.before is None and entry.after is not None for entry in record.state)


def by_hand(
    x: npt.NDArray[Any], y: npt.NDArray[Any], w1: npt.NDArray[Any], w2: npt.NDArray[Any], rate: float
) -> dict[str, npt.NDArray[Any]]:
    h = x @ w1
    h_relu = np.maximum(h, 0)
    y_pred = h_relu @ w2
    grad_y_pred = 2 * (y_pred - y)
    grad_w2 = h_relu.T @ grad_y_pred
    grad_h_relu = grad_y_pred @ w2.T
    grad_h = np.where(h < 0, 0, grad_h_relu)
    grad_w1 = x.T @ grad_h
    return {
        **{"h": h, "h_relu": h_relu, "y_pred": y_pred, "grad_y_pred": grad_y_pred, "grad_w2": grad_w2},
        **{"grad_h_relu": grad_h_relu, "grad_h": grad_h, "grad_w1": grad_w1},
        **{"w1": w1 - rate * grad_w1, "w2": w2 - rate * grad_w2},
    }


@pytest.mark.parametrize("stage", ["numpy", "tensor"])
def test_arrays_of_a_step_without_autograd_are_those_of_a_step_by_hand(stage: str) -> None:
    run = trainer(stage)
    run.step()
    recording = run.record_step()
    found = variables(run)
    w1, w2 = (array(record.before) for record in recording.parameters)
    x, y = np.asarray(found["x"]), np.asarray(found["y"])
    expected = by_hand(x, y, w1, w2, run.settings.learning_rate)
    last = {
        port.label: array(port.value)
        for event in recording.events
        for port in event.outputs
        if port.label in expected
    }
    assert set(last) == set(expected)
    for name, value in last.items():
        np.testing.assert_allclose(value, expected[name], rtol=1e-4, atol=1e-5, err_msg=name)
    for record in recording.parameters:
        assert (array(record.gradient) == np.asarray(found[f"grad_{record.name}"])).all()
        assert (array(record.after) == np.asarray(found[record.name])).all()


def nodes(recording: Recording) -> list[Event]:
    return [event for event in recording.events if event.kind is EventKind.NODE]


def assert_passes(event: Event, arriving: Sequence[Tensor], leaving: Sequence[Tensor | None]) -> None:
    for port, gradient in zip(event.inputs, arriving, strict=False):
        np.testing.assert_allclose(array(port.value), gradient.numpy(), rtol=1e-4, atol=1e-5)
    kept = [gradient for gradient in leaving if gradient is not None]
    assert len(event.outputs) == len(kept), event.op
    for port, gradient in zip(event.outputs, kept, strict=True):
        np.testing.assert_allclose(array(port.value), gradient.numpy(), rtol=1e-4, atol=1e-5)


def test_gradients_at_every_node_of_autograd() -> None:
    run = trainer("autograd")
    run.step()
    recording = run.record_step()
    w1, w2 = tensors(recording).values()
    found = variables(run)
    h = found["x"].mm(w1)
    relu = h.clamp(min=0)
    y_pred = relu.mm(w2)
    error = y_pred - found["y"]
    squares = error.pow(2)
    loss = squares.sum()
    of = dict(
        zip(
            ("loss", "squares", "error", "y_pred", "relu", "h", "w1", "w2"),
            torch.autograd.grad(loss, (loss, squares, error, y_pred, relu, h, w1, w2)),
            strict=True,
        )
    )
    expected: list[tuple[str, list[Tensor], list[Tensor | None]]] = [
        ("SumBackward0", [of["loss"]], [of["squares"]]),
        ("PowBackward0", [of["squares"]], [of["error"]]),
        ("SubBackward0", [of["error"]], [of["y_pred"]]),
        ("MmBackward0", [of["y_pred"]], [of["relu"], of["w2"]]),
        ("AccumulateGrad", [of["w2"]], [of["w2"]]),
        ("ClampBackward1", [of["relu"]], [of["h"]]),
        ("MmBackward0", [of["h"]], [of["w1"]]),
        ("AccumulateGrad", [of["w1"]], [of["w1"]]),
    ]
    ran = {event.node: event for event in nodes(recording)}
    assert sorted(event.op for event in ran.values()) == sorted(op for op, _, _ in expected)
    for op, arriving, leaving in expected:
        shape = tuple(arriving[0].shape)
        (event,) = [each for each in ran.values() if each.op == op and each.shape == shape]
        assert_passes(event, arriving, leaving)


def test_gradients_at_every_layer_of_a_shared_network() -> None:
    run = trainer("dynamic", depth="3:3")
    run.step()
    recording = run.record_step()
    w = tensors(recording)
    found = variables(run)
    results = [functional.linear(found["x"], w["input_linear.weight"], w["input_linear.bias"])]
    for _ in range(3):
        h = results[-1].clamp(min=0)
        results += [h, functional.linear(h, w["middle_linear.weight"], w["middle_linear.bias"])]
    h = results[-1].clamp(min=0)
    results += [h, functional.linear(h, w["output_linear.weight"], w["output_linear.bias"])]
    loss = (results[-1] - found["y"]).pow(2).sum()
    gradients = torch.autograd.grad(loss, results)
    order = [event for event in nodes(recording) if event.op in ("AddmmBackward0", "ClampBackward1")]
    assert len(order) == len(results)
    for event, gradient in zip(order, reversed(gradients), strict=True):
        np.testing.assert_allclose(array(event.inputs[0].value), gradient.numpy(), rtol=1e-4, atol=1e-5)


def test_uses_of_a_shared_layer_add_up_to_its_gradient() -> None:
    run = trainer("dynamic", depth="3:3")
    run.step()
    recording = run.record_step()
    uses = {record.name: len(record.contributions) for record in recording.parameters}
    assert uses == {
        f"{layer}_linear.{kind}": 3 if layer == "middle" else 1
        for layer in ("input", "middle", "output")
        for kind in ("weight", "bias")
    }
    for record in recording.parameters:
        total = np.zeros_like(array(record.gradient))
        for use in record.contributions:
            assert recording.events[use.event].kind is EventKind.NODE
            total = total + array(use.value)
        np.testing.assert_allclose(total, array(record.gradient), rtol=1e-6, atol=1e-6)
        assert (parameters(run)[record.name].grad.numpy() == array(record.gradient)).all()


@pytest.mark.parametrize("stage", TORCH_STAGES)
def test_saved_tensors_are_read_before_backward_frees_them(stage: str) -> None:
    recording = trainer(stage).record_step()
    saving = [record for record in recording.nodes.values() if record.saved]
    assert saving
    for record in saving:
        assert all(saved.value is not None or saved.text for saved in record.saved)
        assert not any("cannot be read" in saved.text for saved in record.saved)


@pytest.mark.parametrize("stage", ["autograd", "tensor", "dynamic"])
def test_record_again_gives_the_same_recording(
    stage: str, same_recording: Callable[[Recording, Recording], None]
) -> None:
    depth = {"depth": "1:3"} if stage == "dynamic" else {}
    run = trainer(stage, **depth)
    recordings = {}
    for step in range(6):
        if step == 2:
            run.apply(run.settings.model_copy(update={"learning_rate": run.settings.learning_rate / 3}))
        if step == 4 and stage == "dynamic":
            run.apply(run.settings.model_copy(update={"depth": (0, 2)}))
        recordings[step] = run.record_step()
    following = [run.record_again(step) for step in range(6)]
    for step, again in enumerate(following):
        same_recording(recordings[step], again)
    ahead = run.record_again(6)
    same_recording(ahead, run.record_step())


@pytest.fixture
def same_recording() -> Callable[[Recording, Recording], None]:
    """Compares two recordings, every element of them."""

    def compare(one: Recording, other: Recording) -> None:
        plain, again = one.to_plain(), other.to_plain()
        assert plain == again
        for mine, its in zip(one.events, other.events, strict=True):
            for left, right in zip((*mine.inputs, *mine.outputs), (*its.inputs, *its.outputs), strict=True):
                assert (left.value is None) == (right.value is None)
                if left.value is not None:
                    assert array(left.value).tobytes() == array(right.value).tobytes()
        for mine_of, its_of in zip(one.parameters, other.parameters, strict=True):
            assert array(mine_of.before).tobytes() == array(its_of.before).tobytes()

    return compare
