"""The text of a stage and its settings are two views of one thing."""

from __future__ import annotations

import ast

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from playground.programs.errors import ProgramError
from playground.programs.slots import written
from playground.programs.stage_text import is_settings_only, settings_of, text_of
from playground.restarts import restarts
from playground.settings import Settings, make_settings
from playground.stages import STAGES

NAMES = [stage.name for stage in STAGES]
SIZES = some.integers(1, 65_536)
RATES = some.floats(min_value=1e-12, max_value=1e6, allow_nan=False)


@some.composite
def any_settings(draw: some.DrawFn) -> Settings:
    stage = draw(some.sampled_from(STAGES))
    values: dict[str, object] = {
        "stage": stage.name,
        "seed": draw(some.integers(0, 2**32 - 1)),
        "steps": draw(some.integers(1, 10_000_000)),
        "learning_rate": draw(RATES),
        "threads": draw(some.integers(0, 4)),
        "same_start": draw(some.booleans()),
        "dtype": draw(some.sampled_from([None, "float32", "float64"])),
        **{name: draw(SIZES) for name in ("batch_size", "input_size", "hidden_size", "output_size")},
    }
    if stage.on_any_device:
        values["device"] = draw(some.sampled_from(["cpu", "cuda", "cuda:1"]))
    if stage.has_depth:
        values["depth"] = tuple(sorted(draw(some.tuples(some.integers(0, 32), some.integers(0, 32)))))
    if stage.has_optimizer:
        values["optimizer"] = draw(some.sampled_from(["SGD", "Adam", "AdamW", "RMSprop"]))
        options = some.dictionaries(
            some.sampled_from(["momentum", "weight_decay", "eps"]), some.floats(0.0, 1.0), max_size=3
        )
        values["optimizer_options"] = draw(
            some.one_of(options, some.just({"betas": (0.5, 0.75), "amsgrad": True}))
        )
    return make_settings(**values)


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(any_settings())
def test_what_is_written_is_read_back(chosen: Settings) -> None:
    text = text_of(chosen)
    again = settings_of(chosen.stage, text)
    # A depth that no text of another stage has stays the default, and so does a shared start's dtype.
    assert again.model_dump(exclude={"depth"}) == chosen.model_dump(exclude={"depth"})
    if chosen.program.has_depth:
        assert again.depth == chosen.depth
    assert text_of(again) == text
    compile(text, "stage", "exec")


@pytest.mark.parametrize("stage", NAMES)
def test_the_defaults_are_the_file_to_the_letter(stage: str) -> None:
    chosen = make_settings(stage=stage)
    assert text_of(chosen) == chosen.program.source_file.read_text(encoding="utf-8")
    assert settings_of(stage, text_of(chosen)) == chosen


@pytest.mark.parametrize("stage", NAMES)
def test_a_stage_is_readable_on_one_screen_and_knows_nothing_of_the_playground(stage: str) -> None:
    text = text_of(make_settings(stage=stage))
    assert len(text.splitlines()) <= 60
    assert "playground" not in text
    assert not any(isinstance(node, ast.Yield | ast.YieldFrom) for node in ast.walk(ast.parse(text)))


def test_a_control_changes_its_number_and_nothing_else() -> None:
    before = text_of(make_settings(stage="dynamic")).splitlines()
    after = text_of(make_settings(stage="dynamic", depth=(1, 5), learning_rate=0.5, seed=7)).splitlines()
    changed = [(old.strip(), new.strip()) for old, new in zip(before, after, strict=True) if old != new]
    assert changed == [
        ("random.seed(0)", "random.seed(7)"),
        ("torch.manual_seed(0)", "torch.manual_seed(7)"),
        ("for _ in range(random.randint(0, 3)):", "for _ in range(random.randint(1, 5)):"),
        (
            "optimizer = torch.optim.SGD(model.parameters(), lr=1e-4, momentum=0.9)",
            "optimizer = torch.optim.SGD(model.parameters(), lr=0.5, momentum=0.9)",
        ),
    ]


def test_an_edited_number_is_a_setting_and_another_edit_is_not() -> None:
    text = text_of(make_settings(stage="autograd"))
    edited = text.replace("64, 1000, 100, 10", "64, 1000, 33, 10").replace("range(500)", "range(20)")
    found = settings_of("autograd", edited)
    assert (found.hidden_size, found.steps) == (33, 20)
    assert is_settings_only("autograd", edited)
    assert not is_settings_only("autograd", text.replace("clamp(min=0)", "tanh()"))
    assert not is_settings_only("autograd", text + "x = (\n")
    with pytest.raises(ProgramError, match="no plain value"):
        settings_of("autograd", text.replace("1e-6", "2 * rate"))


@given(some.text(max_size=20))
def test_any_short_text_is_written_so_that_python_reads_it(value: str) -> None:
    assert ast.literal_eval(written(value)) == value


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("stage", ["nn", "optim", "module", "dynamic"])
def test_shared_weights_lie_in_memory_as_a_layers_own_do(stage: str, dtype: str) -> None:
    chosen = make_settings(stage=stage, same_start=True, dtype=dtype, steps=1, input_size=7, hidden_size=5)
    variables: dict[str, object] = {"print": lambda *_: None}
    exec(compile(text_of(chosen), stage, "exec"), variables)
    model = variables["model"]
    assert isinstance(model, torch.nn.Module)
    layers = [layer for layer in model.modules() if isinstance(layer, torch.nn.Linear)]
    # What a layer has by itself: other strides are another way through BLAS, and other last bits.
    fresh = [torch.nn.Linear(layer.in_features, layer.out_features) for layer in layers]
    assert [each.weight.stride() for each in layers] == [each.weight.stride() for each in fresh]


def test_what_acts_at_once_and_what_starts_again() -> None:
    assert not restarts("learning_rate", "SGD")
    assert not restarts("depth", "SGD")
    assert not restarts("steps", None)
    assert restarts("hidden_size", None)
    assert restarts("seed", None)
