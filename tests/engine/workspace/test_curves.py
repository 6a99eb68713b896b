"""Losses as CSV and as event files, read back by Python's csv and by TensorBoard's own reader."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from playground.history import History
from playground.runs.series import LossSeries
from playground.workspace.curves import RunCurves, curves_of, write_csv
from playground.workspace.tensorboard import write_events

LOSSES = [29428664.0, 0.1 + 0.2, float("nan"), float("inf"), -0.0, 5e-324, 1e300]


def run(name: str, losses: list[float], depth: int = -1) -> RunCurves:
    history = History(0)
    for loss in losses:
        history.append(loss, depth, 0)
    return curves_of(name, history)


def gan() -> RunCurves:
    history, first, second = History(0), LossSeries("loss_d"), LossSeries("loss_g, fake")
    for step in range(5):
        history.append(float(step), -1, 0)
        first.put(step, float(step))
        if step % 2:
            second.put(step, -float(step))
    return curves_of("gan", history, [first, second])


def table(*runs: RunCurves) -> list[list[str]]:
    file = io.BytesIO()
    write_csv(runs, file)
    return list(csv.reader(io.StringIO(file.getvalue().decode())))


def test_of_one_run_every_loss_comes_back_as_the_same_number() -> None:
    head, *rows = table(run("a", LOSSES))
    assert head == ["step", "loss"]
    assert [int(step) for step, _ in rows] == list(range(len(LOSSES)))
    np.testing.assert_array_equal([float(loss) for _, loss in rows], LOSSES)


def test_dynamic_net_has_its_depth_beside_it() -> None:
    assert table(run("a", [1.0, 2.0], depth=3)) == [
        ["step", "loss", "depth"],
        ["0", "1.0", "3"],
        ["1", "2.0", "3"],
    ]


def test_several_losses_have_a_column_each() -> None:
    head, *rows = table(gan())
    assert head == ["step", "loss_d", "loss_g, fake"]
    assert rows[2:4] == [["2", "2.0", "nan"], ["3", "3.0", "-3.0"]]
    assert rows[4] == ["4", "4.0", ""]


def test_several_runs_stand_beside_each_other_whatever_they_are_called() -> None:
    name = 'a "quoted"\nname, ü'
    head, *rows = table(run(name, [1.0]), gan(), run("c", [4.0, 5.0], depth=0))
    assert head == ["step", name, "gan: loss_d", "gan: loss_g, fake", "c", "c: depth"]
    assert rows[0] == ["0", "1.0", "0.0", "nan", "4.0", "0"]
    assert rows[1] == ["1", "", "1.0", "-1.0", "5.0", "0"]


def test_no_run_and_no_step_give_the_head_alone() -> None:
    assert table() == [["step"]]
    assert table(run("a", [])) == [["step", "loss"]]


READER = """
import json, sys, warnings
warnings.simplefilter("ignore")
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator, TENSORS
from tensorboard.util import tensor_util
events = EventAccumulator(sys.argv[1], size_guidance={TENSORS: 0, "scalars": 0})
events.Reload()
found = {tag: [(e.step, repr(e.value)) for e in events.Scalars(tag)] for tag in events.Tags()["scalars"]}
json.dump(found, sys.stdout)
"""


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[int, float]]]:
    """Events as TensorBoard itself reads them, which checks every CRC."""
    folder = tmp_path_factory.mktemp("events")
    long = run("ü long", [1.0 / (step + 1) for step in range(20_000)], depth=2)
    curves = (*long.curves, *gan().curves)
    with open(folder / "events.out.tfevents.1.test", "wb") as file:
        write_events(RunCurves("all", curves, long.depths), file, began=1.7e9)
    done = subprocess.run(
        [sys.executable, "-c", READER, str(folder)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return {
        tag: [(step, float(value)) for step, value in events]
        for tag, events in json.loads(done.stdout).items()
    }


def test_tensorboard_reads_every_step_of_every_loss(read: dict[str, list[tuple[int, float]]]) -> None:
    assert set(read) == {"loss", "depth", "loss_d", "loss_g, fake"}
    steps, losses = zip(*read["loss"], strict=True)
    assert steps == tuple(range(20_000))
    np.testing.assert_array_equal(losses, (1 / np.arange(1, 20_001)).astype(np.float32))
    assert {value for _, value in read["depth"]} == {2.0}


def test_a_step_without_that_loss_is_left_out(read: dict[str, list[tuple[int, float]]]) -> None:
    assert read["loss_d"] == [(step, float(step)) for step in range(5)]
    assert read["loss_g, fake"] == [(1, -1.0), (3, -3.0)]


def test_a_loss_that_is_not_finite_is_written_as_it_is(tmp_path: Path) -> None:
    with open(tmp_path / "events.out.tfevents.1.test", "wb") as file:
        write_events(run("a", LOSSES), file, began=0.0)
    done = subprocess.run(
        [sys.executable, "-c", READER, str(tmp_path)], capture_output=True, text=True, check=True
    )
    found = [float(value) for _, value in json.loads(done.stdout)["loss"]]
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(found, np.array(LOSSES, np.float32))
