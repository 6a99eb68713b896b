"""A recorded step with one element changed, against the same computation by hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from playground.data.defaults import with_data
from playground.data.what_if import what_if
from playground.data.what_if_targets import (
    Intervention,
    Target,
    WhatIfError,
    label_of,
    recorded_value,
    targets,
)
from playground.own_program import OwnProgram
from playground.own_trainer import OwnTrainer
from playground.recording.model import Recording
from playground.settings import changed, make_settings
from playground.stages import STAGES
from playground.trainer import Trainer

NAMES = [stage.name for stage in STAGES]


@contextmanager
def run_of(stage: str, **values: object) -> Iterator[tuple[Trainer, Recording]]:
    """A run that has gone on after a recorded step."""
    settings = changed(with_data(make_settings(stage=stage), "moons", 30), hidden_size=5, **values)
    trainer = Trainer(settings)
    try:
        trainer.step()
        trainer.step()
        recording = trainer.record_step()
        trainer.step()
        yield trainer, recording
    finally:
        trainer.close()


def value_of(recording: Recording, number: int) -> NDArray[np.float64]:
    """What an event gave."""
    port = recording.events[number].outputs[0]
    assert port.value is not None
    assert port.value.values is not None
    return np.asarray(port.value.values, np.float64)


def parameter_of(recording: Recording, name: str) -> NDArray[np.generic]:
    """What a parameter was before the update."""
    found = recording.parameter(name)
    assert found is not None
    return np.array(found.before.values)


def target_of(recording: Recording, event: int) -> Target:
    """What can be changed of the result of an event."""
    return targets(recording)[id(recording.events[event].outputs[0].value)]


def last_relu(recording: Recording) -> int:
    found = [each.number for each in recording.events if each.op in ("clamp", "relu", "MyReLU", "maximum")]
    return found[-1]


@pytest.mark.parametrize("stage", NAMES)
def test_the_value_that_was_there_changes_nothing(stage: str) -> None:
    with run_of(stage) as (trainer, recording):
        x = np.asarray(trainer.started().variables()["x"])
        found = what_if(trainer, recording, [Intervention((4, 1), float(x[4, 1]), name="x")])
    assert found.same_events
    assert found.differences == ()
    assert found.before[0] == x[4, 1]


@pytest.mark.parametrize("stage", NAMES)
def test_another_x_changes_its_row_alone_and_every_gradient(stage: str) -> None:
    with run_of(stage) as (trainer, recording):
        expected = trainer.history.losses().copy()
        found = what_if(trainer, recording, [Intervention((4, 1), 3.0, name="x")])
        # The run has not moved, and its x is what it was.
        assert np.array_equal(trainer.history.losses(), expected)
        assert np.asarray(trainer.started().variables()["x"])[4, 1] == found.before[0]
        after = trainer.step()
    relu = last_relu(recording)
    rows = np.flatnonzero((value_of(found.real, relu) != value_of(found.changed, relu)).any(1))
    assert list(rows) == [4]
    assert found.changed.loss != recording.loss
    # The first layer's gradient is x transposed times what comes back.
    events = {each.event for each in found.differences}
    assert relu in events
    assert max(events) > relu
    with run_of(stage) as (again, _):
        assert again.step() == after


@pytest.mark.parametrize(("stage", "name"), [("numpy", "w2"), ("autograd", "w1"), ("optim", "2.bias")])
def test_another_weight_is_the_step_that_would_have_been(stage: str, name: str) -> None:
    index = (0,) if name == "2.bias" else (1, 0)
    with run_of(stage) as (trainer, recording):
        found = what_if(trainer, recording, [Intervention(index, 2.5, name=name)])
        record, other = (each.parameter(name) for each in (found.real, found.changed))
    assert record is not None
    assert other is not None
    before, after = (np.asarray(each.before.values) for each in (record, other))
    assert found.before[0] == before[index]
    assert after[index] == 2.5
    assert (before != after).sum() == 1
    # The slope of the loss says how far it moves, where the step is short.
    with run_of(stage) as (trainer, recording):
        short = what_if(trainer, recording, [Intervention(index, (found.before[0] or 0.0) + 1e-3, name=name)])
    assert record.gradient is not None
    slope = float(np.asarray(record.gradient.values)[index])
    assert short.changed.loss is not None
    assert recording.loss is not None
    assert (short.changed.loss - recording.loss) / 1e-3 == pytest.approx(slope, rel=0.1, abs=0.2)


@pytest.mark.parametrize("stage", NAMES)
def test_another_hidden_unit_is_what_the_next_layer_gets(stage: str) -> None:
    with run_of(stage) as (trainer, recording):
        relu = last_relu(recording)
        target = target_of(recording, relu)
        assert target.has_units
        event = target.event
        assert event is not None
        found = what_if(trainer, recording, [Intervention((7, 2), 9.0, event=event)])
        last = found.changed.parameters[-1]
        bias = 0.0 if len(last.before.shape) == 2 else float(np.asarray(last.before.values)[0])
        weight = next(
            np.asarray(each.before.values)
            for each in reversed(found.changed.parameters)
            if len(each.before.shape) == 2
        )
    hidden, real = value_of(found.changed, relu), value_of(found.real, relu)
    assert found.before[0] == real[7, 2]
    assert hidden[7, 2] == 9.0
    assert (hidden != real).sum() == 1
    column = weight.reshape(-1)
    output = value_of(found.changed, relu + 1)
    assert np.allclose(output[:, 0], hidden @ column + bias, rtol=1e-4, atol=1e-5)
    assert found.same_events
    assert all(each.event >= event for each in found.differences)


def test_of_a_mini_batch_all_rows_can_be_changed() -> None:
    with run_of("nn", minibatch=10) as (trainer, recording):
        with pytest.raises(WhatIfError, match=r"x is a mini-batch, .*; allowed: x_all"):
            what_if(trainer, recording, [Intervention((0, 0), 1.0, name="x")])
        # The first operations take the numbers of the rows, and then the rows of x.
        taken = value_of(recording, 1)[3]
        rows = np.asarray(trainer.started().variables()["x_all"])
        (row,) = np.flatnonzero((rows == taken).all(1))
        found = what_if(trainer, recording, [Intervention((int(row), 0), 9.0, name="x_all")])
    differing = value_of(found.real, 1) != value_of(found.changed, 1)
    assert list(np.flatnonzero(differing.any(1))) == [3]


@pytest.mark.parametrize(
    ("intervention", "message"),
    [
        (
            Intervention((30, 0), 1.0, name="x"),
            r"x\[30, 0\] is not allowed; .* shape \[30, 2\]",
        ),
        (Intervention((0,), 1.0, name="x"), r"x\[0\] is not allowed"),
        (Intervention((0, 0), 1.0, name="loss_fn"), "'loss_fn' is not allowed"),
        (Intervention((0, 0), 1.0, name="z"), "'z' is not allowed; allowed: a tensor that the step finds"),
        (Intervention((0, 0), 1.0, event=99), "event 99 is not allowed; allowed: 0 to"),
        (Intervention((0, 0), 1.0, event=5), "the result of event 5, MseLossBackward0, cannot be changed"),
        (
            Intervention((0, 9), 1.0, event=1),
            r"\[0, 9\] is not allowed; .* shape \[30, 5\]",
        ),
    ],
)
def test_what_cannot_be_changed_says_so_in_one_line(intervention: Intervention, message: str) -> None:
    with run_of("nn") as (trainer, recording), pytest.raises(WhatIfError, match=message):
        what_if(trainer, recording, [intervention])


@pytest.mark.parametrize("stage", ["numpy", "autograd", "function"])
def test_several_changes_are_one_step_with_all_of_them(stage: str) -> None:
    with run_of(stage) as (trainer, recording):
        unit = target_of(recording, last_relu(recording)).event
        changes = [
            Intervention((1, 0), 2.5, name="w1"),
            Intervention((None, 2), 0.0, event=unit),
            Intervention((3, 0), -1.0, name="y"),
        ]
        assert label_of(recording, changes[0]) == "w1[1, 0]"
        assert label_of(recording, changes[1]).endswith("[:, 2]")
        found = what_if(trainer, recording, changes)
        x, y = (np.asarray(trainer.started().variables()[name]).copy() for name in ("x", "y"))
    assert found.before == tuple(recorded_value(recording, each) for each in changes)
    assert found.before == (parameter_of(recording, "w1")[1, 0], None, y[3, 0])
    # The same by hand, with nothing but torch.
    w1, w2 = (torch.tensor(parameter_of(recording, name)) for name in ("w1", "w2"))
    w1[1, 0], y[3, 0] = 2.5, -1.0
    w1.requires_grad_()
    w2.requires_grad_()
    hidden = torch.as_tensor(x).mm(w1).clamp(min=0)
    hidden.data[:, 2] = 0.0
    loss = (hidden.mm(w2) - torch.as_tensor(y)).pow(2).sum()
    expected = torch.autograd.grad(loss, (w1, w2))
    assert found.changed.loss == pytest.approx(loss.item(), rel=1e-6)
    for name, gradient in zip(("w1", "w2"), expected, strict=True):
        record = found.changed.parameter(name)
        assert record is not None
        assert record.gradient is not None
        np.testing.assert_allclose(np.asarray(record.gradient.values), gradient, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("stage", ["tensor", "dynamic"])
def test_each_tensor_has_what_it_would_have_been(stage: str) -> None:
    with run_of(stage) as (trainer, recording):
        weight = recording.parameters[-1 if stage == "tensor" else -2]
        index = (1, 0) if stage == "tensor" else (0, 1)
        found = what_if(trainer, recording, [Intervention(index, 2.5, name=weight.name)])
    twins = {}
    for event, other in zip(found.paired.events, found.changed.events, strict=True):
        for port, port_of_other in zip(event.outputs, other.outputs, strict=True):
            if port.value is not None and port_of_other.value is not None:
                values, others = np.asarray(port.value.values), np.asarray(port_of_other.value.values)
                twins[event.number] = port.value.twin
                assert (port.value.twin is None) == np.array_equal(values, others)
                if port.value.twin is not None:
                    assert port.value.difference is not None
                    np.testing.assert_array_equal(port.value.twin.values, others)
                    np.testing.assert_allclose(
                        np.asarray(port.value.difference.values),
                        others.astype(np.float64) - values,
                        rtol=1e-6,
                    )
    # What came before the weight is the same, what came behind it is not.
    assert twins[last_relu(recording)] is None
    assert twins[last_relu(recording) + 1] is not None
    output = found.real.events[last_relu(recording) + 1]
    changes, node = found.nodes[0], output.node or ""
    before, after = value_of(found.real, output.number), value_of(found.changed, output.number)
    share = np.linalg.norm(after - before) / np.linalg.norm(before)
    assert changes[node].value == pytest.approx(share, rel=1e-5)
    assert found.real.events[last_relu(recording)].node not in {
        key for key, each in changes.items() if each.value
    }


PROGRAM = """
import torch
torch.manual_seed(0)
layer = torch.nn.Linear(2, 1)
optimizer = torch.optim.Adam(layer.parameters())
kept = torch.randn(4, 2)
for step in range(9):
    batch = torch.randn(4, 2)
    loss = (torch.tanh(layer(batch + kept)) - 1).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""


def test_a_program_of_ones_own_takes_part_where_it_finds_the_tensor() -> None:
    trainer = OwnTrainer(make_settings(own=OwnProgram("mine.py", PROGRAM)))
    try:
        for _ in range(3):
            trainer.step()
        recording = trainer.record_step()
        found = what_if(trainer, recording, [Intervention((1, 0), 5.0, name="kept")])
        assert found.changed.loss != recording.loss
        assert found.before[0] == np.asarray(trainer.started().variables()["kept"])[1, 0]
        with pytest.raises(WhatIfError, match="batch is made by the step itself"):
            what_if(trainer, recording, [Intervention((1, 0), 5.0, name="batch")])
        made = next(each for each in recording.events if each.op == "randn")
        found = what_if(trainer, recording, [Intervention((1, 0), 5.0, event=made.number)])
        assert value_of(found.changed, made.number)[1, 0] == 5.0
    finally:
        trainer.close()


@pytest.mark.parametrize("stage", ["numpy", "nn"])
def test_of_a_mini_batch_a_row_can_be_changed_where_it_was_taken(stage: str) -> None:
    with run_of(stage, minibatch=10) as (trainer, recording):
        operation = next(each for each in recording.events if each.op in ("dot", "linear"))
        target = targets(recording)[id(operation.inputs[0].value)]
        assert target.label == "x"
        found = what_if(trainer, recording, [Intervention((3, 0), 9.0, event=target.event)])
    rows = (value_of(found.real, operation.number) != value_of(found.changed, operation.number)).any(1)
    assert list(np.flatnonzero(rows)) == [3]


@pytest.mark.parametrize("stage", NAMES)
def test_a_mini_batch_is_taken_in_three_operations(stage: str) -> None:
    # An index that torch would go through number by number would be an operation for each of them.
    with run_of(stage, minibatch=10) as (_, recording):
        assert [each.op for each in recording.events[:4]].count("getitem") == 3
        assert recording.events[3].op != "getitem"
