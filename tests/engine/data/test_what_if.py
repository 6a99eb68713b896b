"""A recorded step with one element changed, against the same computation by hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from numpy.typing import NDArray

from playground.data.defaults import with_data
from playground.data.what_if import Intervention, WhatIfError, what_if
from playground.recording.model import Recording
from playground.settings import changed, make_settings
from playground.stages import STAGES
from playground.trainer import Trainer

NAMES = [stage.name for stage in STAGES]
WITH_TENSORS = [name for name in NAMES if name != "numpy"]


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


def last_relu(recording: Recording) -> int:
    found = [each.number for each in recording.events if each.op in ("clamp", "relu", "MyReLU", "maximum")]
    return found[-1]


@pytest.mark.parametrize("stage", NAMES)
def test_the_value_that_was_there_changes_nothing(stage: str) -> None:
    with run_of(stage) as (trainer, recording):
        x = np.asarray(trainer.started().variables()["x"])
        found = what_if(trainer, recording, Intervention((4, 1), float(x[4, 1]), name="x"))
    assert found.same_events
    assert found.differences == ()
    assert found.before == x[4, 1]


@pytest.mark.parametrize("stage", NAMES)
def test_another_x_changes_its_row_alone_and_every_gradient(stage: str) -> None:
    with run_of(stage) as (trainer, recording):
        expected = trainer.history.losses().copy()
        found = what_if(trainer, recording, Intervention((4, 1), 3.0, name="x"))
        # The run has not moved, and its x is what it was.
        assert np.array_equal(trainer.history.losses(), expected)
        assert np.asarray(trainer.started().variables()["x"])[4, 1] == found.before
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
        found = what_if(trainer, recording, Intervention(index, 2.5, name=name))
        record, other = (each.parameter(name) for each in (found.real, found.changed))
    assert record is not None
    assert other is not None
    before, after = (np.asarray(each.before.values) for each in (record, other))
    assert found.before == before[index]
    assert after[index] == 2.5
    assert (before != after).sum() == 1
    # The slope of the loss says how far it moves, where the step is short.
    with run_of(stage) as (trainer, recording):
        short = what_if(trainer, recording, Intervention(index, found.before + 1e-3, name=name))
    assert record.gradient is not None
    slope = float(np.asarray(record.gradient.values)[index])
    assert short.changed.loss is not None
    assert recording.loss is not None
    assert (short.changed.loss - recording.loss) / 1e-3 == pytest.approx(slope, rel=0.1, abs=0.2)


@pytest.mark.parametrize("stage", WITH_TENSORS)
def test_another_hidden_unit_is_what_the_next_layer_gets(stage: str) -> None:
    with run_of(stage) as (trainer, recording):
        relu = last_relu(recording)
        # What the function's own class gives is the result of the operation in it.
        event = relu - 1 if recording.events[relu].op == "MyReLU" else relu
        found = what_if(trainer, recording, Intervention((7, 2), 9.0, event=event))
        last = found.changed.parameters[-1]
        bias = 0.0 if len(last.before.shape) == 2 else float(np.asarray(last.before.values)[0])
        weight = next(
            np.asarray(each.before.values)
            for each in reversed(found.changed.parameters)
            if len(each.before.shape) == 2
        )
    hidden, real = value_of(found.changed, relu), value_of(found.real, relu)
    assert found.before == real[7, 2]
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
            what_if(trainer, recording, Intervention((0, 0), 1.0, name="x"))
        # The first operations take the numbers of the rows, and then the rows of x.
        taken = value_of(recording, 1)[3]
        rows = np.asarray(trainer.started().variables()["x_all"])
        (row,) = np.flatnonzero((rows == taken).all(1))
        found = what_if(trainer, recording, Intervention((int(row), 0), 9.0, name="x_all"))
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
        what_if(trainer, recording, intervention)


def test_results_of_numpy_stay() -> None:
    with run_of("numpy") as (trainer, recording), pytest.raises(WhatIfError, match="of a stage with tensors"):
        what_if(trainer, recording, Intervention((0, 0), 1.0, event=1))


@pytest.mark.parametrize("stage", NAMES)
def test_a_mini_batch_is_taken_in_three_operations(stage: str) -> None:
    # An index that torch would go through number by number would be an operation for each of them.
    with run_of(stage, minibatch=10) as (_, recording):
        assert [each.op for each in recording.events[:4]].count("getitem") == 3
        assert recording.events[3].op != "getitem"
