"""Test loss and picture: the stage's own lines on other numbers, and the run none the wiser."""

from __future__ import annotations

import contextlib
import io
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from playground.data.defaults import with_data
from playground.data.forward_lines import ForwardLines
from playground.data.picture import PictureError, PictureMaker
from playground.data.plane import plane_of
from playground.data.png import png
from playground.own_program import OwnProgram
from playground.own_trainer import trainer_of
from playground.programs.stage_text import text_of
from playground.settings import Settings, changed, make_settings
from playground.stages import STAGES
from playground.trainer import Trainer

NAMES = [stage.name for stage in STAGES]
STEPS = 6


def moons(stage: str, **values: object) -> Settings:
    return changed(with_data(make_settings(stage=stage), "moons"), **{"test_share": 0.25, **values})


@contextlib.contextmanager
def run_of(settings: Settings, steps: int = STEPS) -> Iterator[Trainer]:
    trainer = trainer_of(settings)
    try:
        for _ in range(steps):
            trainer.step()
        yield trainer
    finally:
        trainer.close()


def variables_of(settings: Settings) -> dict[str, object]:
    """What the standalone script has at its end."""
    variables: dict[str, object] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(text_of(settings), "script", "exec"), variables)
    return variables


def two_layers(variables: dict[str, object], x: NDArray[np.floating]) -> NDArray[np.floating]:
    """The net that a script has trained, applied by the test."""
    if "model" in variables:
        model = variables["model"]
        assert isinstance(model, torch.nn.Module)
        with torch.no_grad():
            return np.asarray(model(torch.as_tensor(x, dtype=torch.float32)).numpy())
    w1, w2 = variables["w1"], variables["w2"]
    if isinstance(w1, np.ndarray):
        return np.asarray(np.maximum(x.dot(w1), 0).dot(w2))
    assert isinstance(w1, torch.Tensor)
    assert isinstance(w2, torch.Tensor)
    with torch.no_grad():
        return np.asarray(torch.as_tensor(x, dtype=torch.float32).mm(w1).clamp(min=0).mm(w2).numpy())


@pytest.mark.parametrize("stage", NAMES)
@pytest.mark.parametrize("minibatch", [0, 32])
def test_a_picture_is_the_scripts_net_on_the_grid_bit_for_bit(stage: str, minibatch: int) -> None:
    depth = {"depth": (2, 2)} if stage == "dynamic" else {}
    settings = moons(stage, steps=STEPS, minibatch=minibatch, **depth)
    with run_of(settings) as trainer:
        maker = PictureMaker(trainer)
        picture = maker.picture(9)
        expected = two_layers(variables_of(settings), maker.plane.grid(9))
    assert picture.output.shape == (1, 9, 9)
    assert np.array_equal(picture.output[0], expected.reshape(9, 9))
    assert picture.step == STEPS


@pytest.mark.parametrize("stage", NAMES)
def test_hidden_units_are_what_the_output_is_made_of(stage: str) -> None:
    with run_of(moons(stage, **({"depth": (1, 1)} if stage == "dynamic" else {}))) as trainer:
        picture = PictureMaker(trainer).picture(5, hidden=True)
        variables = trainer.started().variables()
    assert [each.shape for each in picture.hidden] == [(16, 5, 5)] * (2 if stage == "dynamic" else 1)
    assert min(each.min() for each in picture.hidden) >= 0
    if "model" in variables:
        model = variables["model"]
        assert isinstance(model, torch.nn.Module)
        last = [each for each in model.modules() if isinstance(each, torch.nn.Linear)][-1]
        weight, bias = last.weight.detach().numpy(), last.bias.detach().numpy()
    else:
        w2 = variables["w2"]
        weight = np.asarray(w2.detach().numpy() if isinstance(w2, torch.Tensor) else w2).T
        bias = np.zeros(1)
    expected = np.tensordot(weight, picture.hidden[-1], 1) + bias[:, None, None]
    assert np.allclose(picture.output, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("stage", NAMES)
@pytest.mark.parametrize("minibatch", [0, 32])
def test_looking_changes_no_bit_of_the_run(stage: str, minibatch: int) -> None:
    settings = moons(stage, minibatch=minibatch)
    with run_of(settings, 12) as alone:
        expected = alone.history.losses()
    with run_of(settings, 0) as trainer:
        lines, maker = ForwardLines(trainer.program, trainer.started()), PictureMaker(trainer)
        for _ in range(12):
            lines.test_loss()
            maker.picture(3, hidden=True)
            trainer.step()
        assert np.array_equal(trainer.history.losses(), expected)


@pytest.mark.parametrize("stage", NAMES)
def test_the_test_loss_is_the_loss_of_the_rows_held_out(stage: str) -> None:
    settings = moons(stage, steps=STEPS, **({"depth": (1, 1)} if stage == "dynamic" else {}))
    with run_of(settings) as trainer:
        found = trainer.test_loss()
        assert ForwardLines(trainer.program, trainer.started()).test_loss() == found
    variables = variables_of(settings)
    x, y = (np.asarray(variables[name], dtype=np.float64) for name in ("x_test", "y_test"))
    assert x.shape == (50, 2 + settings.ones)
    assert found == pytest.approx(float(((two_layers(variables, x) - y) ** 2).sum()), rel=1e-5)


@pytest.mark.parametrize("stage", ["numpy", "dynamic"])
def test_the_curve_of_the_test_loss_comes_with_every_way_of_making_steps(stage: str) -> None:
    settings = moons(stage)
    with run_of(changed(settings, test_share=0, batch_size=150), 0) as without:
        without.step()
        assert without.series == []
    with run_of(settings, 0) as trainer:
        trainer.record_step()
        trainer.step()
        trainer.watched_step() if trainer.program.text.count("backward()") else trainer.step()
        random_state = random.getstate()
        trainer.run(lambda _loss: trainer.history.length == 30)
        assert stage == "dynamic" or random.getstate() == random_state
        trained, tested = trainer.series
        assert trained.history is trainer.history
        values = tested.history.losses()
    assert np.isfinite(values).any()
    # Whatever was noted for a step is the loss with the weights that the step begins with.
    with run_of(settings, 0) as again:
        lines = ForwardLines(again.program, again.started())
        for step in range(30):
            if step < len(values) and np.isfinite(values[step]):
                assert (lines.test_loss() or 0) * 3 == values[step]
            again.step()


@pytest.mark.parametrize("stage", NAMES)
@pytest.mark.parametrize(
    ("values", "factor"), [({}, 3.0), ({"minibatch": 20}, 0.4), ({"test_share": 0.5}, 1.0)]
)
def test_the_curve_of_a_sum_is_as_of_as_many_rows_as_a_step_sees(
    stage: str, values: dict[str, object], factor: float
) -> None:
    with run_of(moons(stage, **values), 1) as trainer:
        tested = trainer.series[1]
        assert tested.history.loss(0) == trainer_before_its_first_step(moons(stage, **values)) * factor
        assert tested.name == ("test loss" if factor == 1 else f"test loss × {factor:g}")
        assert ("times as large" in tested.note) is (factor != 1)


def trainer_before_its_first_step(settings: Settings) -> float:
    """The test loss that the program itself would compute there."""
    with run_of(settings, 0) as trainer:
        loss = trainer.test_loss()
    assert loss is not None
    return loss


@pytest.mark.parametrize(("reduction", "is_a_sum"), [("sum", True), ("mean", False)])
def test_a_sum_is_told_from_a_mean_by_rows_that_come_twice(reduction: str, is_a_sum: bool) -> None:
    text = text_of(moons("nn")).replace('reduction="sum"', f'reduction="{reduction}"')
    assert f'reduction="{reduction}"' in text
    with run_of(make_settings(stage="nn", own=OwnProgram("nn.py", text)), 1) as trainer:
        assert ForwardLines(trainer.program, trainer.started()).test_loss_is_a_sum() is is_a_sum


def test_with_no_noise_to_learn_both_curves_lie_on_each_other() -> None:
    settings = moons("optim", batch_size=400, noise=0.05, steps=300)
    with run_of(settings, 300) as trainer:
        trained, tested = (each.history.losses() for each in trainer.series)
    measured = np.flatnonzero(np.isfinite(tested))
    assert tested[measured[0]] == pytest.approx(trained[measured[0]], rel=0.25)
    assert tested[measured[-1]] < 0.2 * tested[measured[0]]


def test_without_rows_held_out_there_is_no_test_loss() -> None:
    with run_of(moons("nn", test_share=0)) as trainer:
        assert ForwardLines(trainer.program, trainer.started()).test_loss() is None
        assert trainer.test_loss() is None


def test_a_plane_of_two_inputs_holds_the_others_at_their_mean() -> None:
    x = np.random.RandomState(0).randn(50, 4) * [1, 2, 3, 4] + [5, 6, 7, 8]
    plane = plane_of(x, (2, 0))
    grid = plane.grid(3)
    assert np.allclose(grid[:, [1, 3]], x.mean(0)[[1, 3]])
    # Rows from top to bottom, each from left to right.
    assert np.array_equal(grid[:3, 2], sorted(grid[:3, 2]))
    assert np.array_equal(grid[::3, 0], sorted(grid[::3, 0], reverse=True))
    assert np.array_equal(plane.places(x), x[:, [2, 0]])
    assert grid[:, 2].min() < x[:, 2].min()
    assert grid[:, 2].max() > x[:, 2].max()


def test_of_many_inputs_the_plane_is_that_of_the_first_two_principal_components() -> None:
    x = np.random.RandomState(0).randn(200, 5) * [1, 9, 1, 4, 1] + 3
    plane = plane_of(x)
    assert plane.kind == "components"
    # NumPy's own eigenvectors of the covariance.
    values, vectors = np.linalg.eigh(np.cov(x.T))
    assert np.allclose(np.abs(plane.directions @ vectors[:, [4, 3]]), np.eye(2), atol=1e-8)
    assert plane.share == pytest.approx(values[[4, 3]].sum() / values.sum())
    assert np.allclose(plane.directions @ plane.directions.T, np.eye(2))


def test_a_constant_input_spans_no_plane() -> None:
    x = np.c_[np.linspace(0, 1, 5), np.ones(5)]
    plane = plane_of(x)
    assert (plane.kind, plane.axes) == ("line", (0,))
    assert np.array_equal(plane.grid(4)[:, 1], np.ones(4))
    assert plane.shaped(np.zeros((4, 2)), 4).shape == (2, 4)


@pytest.mark.parametrize(
    ("axes", "message"), [((4,), "input 4"), ((1, 1), "inputs 1, 1"), ((0, 1, 2), "one, or")]
)
def test_axes_that_are_not_there_are_refused(axes: tuple[int, ...], message: str) -> None:
    with (
        run_of(make_settings(data="teacher", input_size=4), 1) as trainer,
        pytest.raises(PictureError, match=message),
    ):
        PictureMaker(trainer, axes)


OWN = """
import torch
torch.manual_seed(0)
x = torch.randn(40, 2)
target = x[:, :1] * x[:, 1:]
net = torch.nn.Sequential(
    torch.nn.Linear(2, 8), torch.nn.BatchNorm1d(8), torch.nn.ReLU(),
    torch.nn.Dropout(), torch.nn.Linear(8, 1))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(20):
    error = ((net(x) - target) ** 2).mean()
    optimizer.zero_grad()
    error.backward()
    optimizer.step()
"""


def test_of_ones_own_program_it_is_the_module(tmp_path: Path) -> None:
    settings = make_settings(stage="own", own=OwnProgram(str(tmp_path / "own.py"), OWN))
    with run_of(settings, 8) as alone, run_of(settings, 4) as trainer:
        picture = PictureMaker(trainer).picture(6, hidden=True)
        net = trainer.started().variables()["net"]
        assert isinstance(net, torch.nn.Module)
        # Dropout and running means are left as they were.
        assert net.training
        for _ in range(4):
            trainer.step()
        assert np.array_equal(trainer.history.losses(), alone.history.losses())
    assert picture.output.shape == (1, 6, 6)
    assert [each.shape for each in picture.hidden] == [(8, 6, 6)]


def test_of_a_recorded_step_of_ones_own_program_it_is_the_one_that_was_live_then(tmp_path: Path) -> None:
    text = OWN.replace("torch.nn.BatchNorm1d(8), ", "")
    settings = make_settings(stage="own", own=OwnProgram(str(tmp_path / "own.py"), text))
    with run_of(settings, 3) as trainer:
        then = PictureMaker(trainer).picture(6, hidden=True)
        recording = trainer.record_step()
        trainer.step()
        found = PictureMaker(trainer).recorded(recording, 6, hidden=True)
        now = PictureMaker(trainer).picture(6)
    assert found.step == recording.step
    assert np.array_equal(found.output, then.output)
    assert np.array_equal(found.hidden[0], then.hidden[0])
    assert not np.array_equal(found.output, now.output)


def test_what_a_recorded_step_does_not_hold_of_a_net_is_said(tmp_path: Path) -> None:
    settings = make_settings(stage="own", own=OwnProgram(str(tmp_path / "own.py"), OWN))
    with run_of(settings, 3) as trainer:
        recording = trainer.record_step()
        with pytest.raises(PictureError, match="running means"):
            PictureMaker(trainer).recorded(recording)


def test_a_program_without_a_module_says_so(tmp_path: Path) -> None:
    text = text_of(make_settings(stage="autograd", steps=3, batch_size=4))
    settings = make_settings(stage="own", own=OwnProgram(str(tmp_path / "own.py"), text))
    with run_of(settings, 1) as trainer, pytest.raises(PictureError, match="calls no module"):
        PictureMaker(trainer)


def test_png_is_read_back_by_qt() -> None:
    from PySide6.QtGui import QImage

    pixels = np.random.RandomState(0).randint(0, 256, (3, 5, 3)).astype(np.uint8)
    image = QImage.fromData(png(pixels, {"Across": "x₁ from −1"}))
    colors = [[image.pixelColor(column, row) for column in range(5)] for row in range(3)]
    found = [[(each.red(), each.green(), each.blue()) for each in row] for row in colors]
    assert np.array_equal(found, pixels)
    assert image.text("Across") == "x₁ from −1"
