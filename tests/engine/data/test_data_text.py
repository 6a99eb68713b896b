"""The data of a run stand in the stage's text: every stage gets the same, and the text tells the settings."""

from __future__ import annotations

import ast
import contextlib
import io
from itertools import chain
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from numpy.typing import NDArray

from playground.data.catalog import BY_NAME, DATA_SETS, DIGITS_FILE
from playground.data.data_file import DataFile, Kind
from playground.data.defaults import with_data
from playground.data.formula import read_formula
from playground.programs.stage_text import settings_of, text_of
from playground.settings import Settings, SettingsError, make_settings
from playground.stages import STAGES
from playground.trainer import Trainer
from tests.engine.workspace.any_settings import any_points

STAGE_NAMES = [stage.name for stage in STAGES]
MADE = [each.name for each in DATA_SETS if each.name != "random"]
KINDS: tuple[Kind, ...] = ("csv", "npy", "npz", "safetensors", "parquet")
PLAIN_NAMES = some.text(some.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=30)


def variables_of(chosen: Settings) -> dict[str, object]:
    """What a stage's text has made when it has run by itself."""
    variables: dict[str, object] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(text_of(chosen), chosen.stage, "exec"), variables)
    return variables


def array_of(value: object) -> NDArray[np.float64]:
    return np.asarray(value.detach().numpy() if isinstance(value, torch.Tensor) else value)


@some.composite
def files(draw: some.DrawFn) -> DataFile:
    kind: Kind = draw(some.sampled_from(KINDS))
    names = some.integers(0, 99).map(str) if kind == "npy" else PLAIN_NAMES
    columns = some.lists(names, min_size=1, max_size=12, unique=True).map(tuple)
    common: dict[str, Any] = {
        "path": f"/a folder/{draw(PLAIN_NAMES)}.{kind}",
        "inputs": draw(columns),
        "targets": draw(columns),
        "x_columns": draw(some.integers(1, 99)),
        "y_columns": draw(some.integers(1, 99)),
        "every": draw(some.sampled_from([1, 2, 1000])),
    }
    if kind != "csv":
        return DataFile(kind=kind, **common)
    classes = some.lists(some.tuples(PLAIN_NAMES, columns), max_size=2, unique_by=lambda pair: pair[0])
    return DataFile(
        kind="csv",
        classes=tuple(draw(classes)),
        delimiter=draw(some.sampled_from(",;\t|")),
        encoding=draw(some.sampled_from(["utf-8-sig", "latin-1"])),
        header=draw(some.none() | columns),
        decimal_comma=draw(some.booleans()),
        **common,
    )


@some.composite
def settings_with_data(draw: some.DrawFn) -> Settings:
    stage = draw(some.sampled_from(STAGE_NAMES))
    data = draw(some.sampled_from([*BY_NAME, "file", "painted"]))
    rows = draw(some.integers(10, 1797))
    values: dict[str, object] = {
        "data": data,
        "batch_size": rows,
        "test_share": draw(some.sampled_from([0.0, 0.2, 0.123456789])),
        "minibatch": draw(some.sampled_from([0, 1, 5])),
        "standardize": draw(some.booleans()),
        "ones": draw(some.booleans()),
        "same_start": draw(some.booleans()),
        "dtype": draw(some.sampled_from([None, "float32", "float64"])),
        "seed": draw(some.integers(0, 2**32 - 1)),
        "noise": draw(some.none() | some.floats(0, 1e6)),
    }
    if data == "file":
        values["data_file"] = draw(files())
    if data == "painted":
        values["painted"] = draw(any_points())
        values.update(test_share=0.0, minibatch=0)
    if data == "above":
        values["formula"] = draw(some.sampled_from(["", "x", "-x**2 + 0.5", "sin(pi * x)*exp(x)", "1e-3"]))
    return make_settings(**values, stage=stage)


@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(settings_with_data())
def test_what_is_written_is_read_back(chosen: Settings) -> None:
    text = text_of(chosen)
    again = settings_of(chosen.stage, text)
    assert again.model_dump(exclude={"depth"}) == chosen.model_dump(exclude={"depth"})
    compile(text, "stage", "exec")


@pytest.mark.parametrize("stage", STAGE_NAMES)
@pytest.mark.parametrize("data", MADE)
def test_lines_fit_the_panel(data: str, stage: str) -> None:
    chosen = with_data(make_settings(stage=stage), data)
    text = text_of(make_settings(**{**chosen.model_dump(), "minibatch": 7, "test_share": 0.2}))
    paths = len(str(DIGITS_FILE)) + 8
    assert max(map(len, text.splitlines())) <= max(70, paths if data == "digits" else 0)
    imported = {each.names[0].name for each in ast.walk(ast.parse(text)) if isinstance(each, ast.Import)}
    assert imported <= {"numpy", "torch", "random"}


@pytest.mark.parametrize("data", [*MADE, "random"])
def test_every_stage_has_the_same_bits_from_the_same_start(data: str) -> None:
    values = {"data": data, "same_start": True, "batch_size": 20, "test_share": 0.25, "minibatch": 4}
    found = {}
    for stage in STAGE_NAMES:
        chosen = make_settings(stage=stage, **values, hidden_size=3, steps=2, standardize=data == "moons")
        found[stage] = variables_of(chosen)
    names = ("x_all", "y_all", "x_test", "y_test", "x", "y")
    expected = {name: array_of(found["numpy"][name]) for name in names}
    assert expected["x"].shape == (4, chosen.input_size)
    assert expected["y_test"].shape == (5, chosen.output_size)
    for stage in STAGE_NAMES:
        for name in names:
            assert array_of(found[stage][name]).tobytes() == expected[name].tobytes(), (stage, name)


@pytest.mark.parametrize("stage", STAGE_NAMES)
def test_other_data_leave_the_weights_that_a_seed_gives(stage: str) -> None:
    sizes = {"batch_size": 20, "input_size": 2, "output_size": 1, "hidden_size": 3}
    plain = variables_of(make_settings(stage=stage, steps=1, learning_rate=1e-30, **sizes))
    split = variables_of(
        make_settings(stage=stage, steps=1, learning_rate=1e-30, test_share=0.5, minibatch=3, **sizes)
    )
    # Neither the order of mini-batches nor the split draws from the generator of the weights.
    if "w1" in plain:
        assert np.array_equal(array_of(plain["w1"]), array_of(split["w1"]))
    else:
        models = plain["model"], split["model"]
        assert all(isinstance(each, torch.nn.Module) for each in models)
        one, other = (list(each.state_dict().values()) for each in models)  # type: ignore[attr-defined]
        assert all(torch.equal(first, second) for first, second in zip(one, other, strict=True))


@pytest.mark.parametrize("stage", STAGE_NAMES)
def test_the_trainer_computes_what_the_text_does(stage: str) -> None:
    chosen = with_data(make_settings(stage=stage, steps=9), "blobs")
    chosen = make_settings(**{**chosen.model_dump(), "minibatch": 32, "test_share": 0.3})
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(text_of(chosen), stage, "exec"), {})
    losses = [float(line.split()[1]) for line in printed.getvalue().splitlines()]
    trainer = Trainer(chosen)
    assert [trainer.step() for _ in range(9)] == losses
    assert trainer.record_again(7).loss == losses[7]
    trainer.close()


def test_a_pass_over_mini_batches_sees_each_row_once() -> None:
    chosen = make_settings(stage="numpy", data="sine", batch_size=10, minibatch=4, steps=6)
    trainer = Trainer(chosen)
    seen = []
    for _ in range(6):
        trainer.step()
        driver = trainer._driver
        assert driver is not None
        seen.append(list(array_of(driver.variables()["rows"])))
    assert [len(rows) for rows in seen] == [4, 4, 2, 4, 4, 2]
    assert sorted(chain(*seen[:3])) == sorted(chain(*seen[3:])) == list(range(10))
    assert seen[:3] != seen[3:]


def test_classes_have_the_codes_that_are_promised() -> None:
    for each in DATA_SETS:
        if not each.classes:
            continue
        y = array_of(variables_of(make_settings(stage="numpy", data=each.name, steps=1))["y"])
        if each.classes == 2:
            assert set(y.ravel()) == {-1.0, 1.0}
        else:
            assert y.shape[1] == each.classes
            assert set(y.ravel()) == {0.0, 1.0}
            assert np.array_equal(y.sum(1), np.ones(len(y)))


def test_sizes_follow_the_data_and_come_back() -> None:
    tutorial = make_settings(stage="autograd")
    moons = with_data(tutorial, "moons")
    # x has two columns, and one of ones in place of biases.
    assert (moons.input_size, moons.output_size, moons.ones) == (3, 1, True)
    assert with_data(moons, "random") == tutorial
    digits = with_data(make_settings(stage="optim", optimizer="AdamW"), "digits", points=50)
    assert (digits.sizes, digits.ones, digits.optimizer) == ((50, 64, 32, 10), False, "AdamW")
    assert make_settings(data="xor", input_size=9).input_size == 2


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"data": "moon"}, "data: 'moon' is not allowed; allowed: one of random, moons,"),
        ({"data": "file"}, "data: None is not allowed; allowed: the description of a file"),
        (
            {"data": "digits", "batch_size": 1798},
            "batch size: 1798 is not allowed; the data 'digits' has 1797",
        ),
        ({"test_share": 0.001}, "of 64 examples it leaves none to test with"),
        ({"test_share": 0.999}, "of 64 examples it leaves none to train on"),
        (
            {"minibatch": 52, "test_share": 0.2},
            "minibatch: 52 is not allowed; allowed: at most the 51 examples",
        ),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(values: dict[str, object], message: str) -> None:
    with pytest.raises(SettingsError) as refused:
        make_settings(**values)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    ["", "y", "x.real", "open('f')", "sin", "sin(x, x)", "9**9**9", "x if x else 1", "x @ x", "lambda: x"],
)
def test_a_formula_is_an_expression_of_x_and_nothing_else(text: str) -> None:
    with pytest.raises(ValueError, match=r"^(has|is) "):
        read_formula(text)


def test_a_formula_is_what_the_border_follows() -> None:
    chosen = make_settings(stage="numpy", data="above", formula="0.5*cos(3*x)", batch_size=500, steps=1)
    found = variables_of(chosen)
    x, y = array_of(found["x"]), array_of(found["y"])
    assert np.array_equal(y[:, 0] > 0, x[:, 1] > 0.5 * np.cos(3 * x[:, 0]))
    assert 50 < (y > 0).sum() < 450
