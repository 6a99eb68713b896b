"""The text of a stage and its settings are two views of one thing."""

from __future__ import annotations

import ast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from playground.optimizers import restarts
from playground.programs.errors import ProgramError
from playground.programs.slots import find_slots, with_value
from playground.programs.stage_text import is_settings_only, settings_of, text_of
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


TEXT = '''\
"""Größe"""
hidden = 1_000  # a comment that stays
a, b = -1.5, 0x10
größe = "ä"; lr = 1e-3
opt = SGD(p, lr=lr, momentum=0.9, nesterov=True)
drop = Dropout(p=0.5)
for epoch in range(3):
    step(lr=0.25)
'''


def test_every_number_that_a_name_explains_is_a_slot() -> None:
    found = [(slot.name, slot.value, slot.line, slot.function) for slot in find_slots(TEXT)]
    assert found == [
        ("hidden", 1000, 2, ""),
        ("a", -1.5, 3, ""),
        ("b", 16, 3, ""),
        ("größe", "ä", 4, ""),
        ("lr", 1e-3, 4, ""),
        ("momentum", 0.9, 5, "SGD"),
        ("nesterov", True, 5, "SGD"),
        ("p", 0.5, 6, "Dropout"),
        ("range", 3, 7, "range"),
        ("lr", 0.25, 8, "step"),
    ]
    for slot in find_slots(TEXT):
        assert ast.literal_eval(TEXT[slot.start : slot.end]) == slot.value


@pytest.mark.parametrize("number", range(10))
def test_a_slot_takes_another_value_and_the_rest_stays(number: int) -> None:
    slot = find_slots(TEXT)[number]
    text = with_value(TEXT, slot, 2e-7)
    assert text == TEXT[: slot.start] + "2e-7" + TEXT[slot.end :]
    assert find_slots(text)[number].value == 2e-7
    with pytest.raises(ProgramError, match="does not stand there any more"):
        with_value(text, slot, 3)


def test_what_acts_at_once_and_what_starts_again() -> None:
    assert not restarts("learning_rate", "SGD")
    assert not restarts("depth", "SGD")
    assert not restarts("steps", None)
    assert restarts("hidden_size", None)
    assert restarts("seed", None)
