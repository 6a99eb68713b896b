"""One description of a setting drives the model and the command line, and says what a run says of it."""

from __future__ import annotations

import pytest

from playground.cli import parse
from playground.restarts import restarting, restarts
from playground.setting_specs import GROUPS, SETTINGS, SIZES, SPECS, Kind, SettingSpec, show_value
from playground.settings import Settings, SettingsError, changed, make_settings
from playground.stages import STAGES
from playground.trainer import Trainer
from tests.engine.command_line.test_command_line import Run, run

__all__ = ["run"]

ANOTHER = {
    "stage": "optim",
    "device": "cuda",
    "optimizer": "Adam",
    "dtype": "float64",
    "learning_rate": 0.25,
    "threads": 1,
    "optimizer_options": {"momentum": 0.5},
    "depth": (1, 2),
    "same_start": True,
    "data": "circles",
    "formula": "x / 2",
    "noise": 0.25,
    "test_share": 0.25,
    "minibatch": 1,
    "standardize": True,
    "ones": True,
}
"""Another value than DynamicNet has; of a whole number without an entry, 7."""
OF_DATA = ("formula", "noise", "standardize", "ones")
"""Settings that need data other than the tutorial's, which has no use for them."""
ONE_BY_ONE = [spec for spec in SETTINGS if spec.kind not in (Kind.SWITCH, Kind.OPTIONS)]


ENDS = {
    "noise": (("0", "1e300"), ("-5e-324", "inf", "much")),
    "test_share": (("0.5", "0.25"), ("1", "-5e-324", "nan")),
    "minibatch": (("0", "64"), ("-1", "65537", "many")),
}
"""Texts that are taken, and such that are not, where the table's numbers do not say it all."""


def named(spec: SettingSpec) -> str:
    return spec.name


def another(spec: SettingSpec) -> dict[str, object]:
    return {spec.name: ANOTHER.get(spec.name, 7)}


def beside(spec: SettingSpec) -> dict[str, object]:
    """What has to be chosen for the setting to act."""
    return {"stage": "dynamic", **({"data": "above"} if spec.name in OF_DATA else {})}


def words_beside(spec: SettingSpec) -> list[str]:
    return [f"--{name}={value}" for name, value in beside(spec).items() if name != spec.name]


def taken(spec: SettingSpec) -> list[str]:
    """Texts at the ends of what is allowed."""
    if spec.name in ENDS:
        return list(ENDS[spec.name][0])
    if spec.kind is Kind.CHOICE:
        return [str(ANOTHER[spec.name])]
    if spec.kind is Kind.REAL:
        return ["5e-324", "1e300"]
    least, most = spec.ends
    return [f"{least}:{most}", f"{most}:{most}"] if spec.kind is Kind.RANGE else [str(least), str(most)]


def beyond(spec: SettingSpec) -> list[str]:
    """Texts that are just not allowed."""
    if spec.name in ENDS:
        return list(ENDS[spec.name][1])
    if spec.kind is Kind.CHOICE:
        return ["no such thing"]
    if spec.kind is Kind.REAL:
        return [str(spec.above), "inf"]
    least, most = spec.ends
    if spec.kind is Kind.RANGE:
        return [f"{least - 1}:1", f"0:{most + 1}", "2:1"]
    return [str(least - 1), str(most + 1), "many"]


def test_the_table_has_the_fields_of_the_model_and_no_other() -> None:
    # The user's own program, file and points are no values of a control.
    assert sorted([*SPECS, "data_file", "painted", "own"]) == sorted(Settings.model_fields)
    assert len(SETTINGS) == len(SPECS)
    assert {spec.group for spec in SETTINGS} == {"", *GROUPS}
    assert SIZES == ("batch_size", "input_size", "hidden_size", "output_size")


@pytest.mark.parametrize("spec", ONE_BY_ONE, ids=named)
def test_the_model_takes_the_range_and_refuses_what_is_beyond_in_the_tables_words(spec: SettingSpec) -> None:
    for text in taken(spec):
        settings = make_settings(**{**beside(spec), spec.name: text})
        assert show_value(getattr(settings, spec.name), ":") == text
    for text in beyond(spec):
        with pytest.raises(SettingsError) as refused:
            make_settings(**{**beside(spec), spec.name: text})
        assert refused.value.field == spec.name
        assert refused.value.reason.startswith(f"{text!r} is not allowed")
        assert refused.value.reason.endswith(f"; allowed: {spec.allowed}")


@pytest.mark.parametrize("spec", SETTINGS, ids=named)
def test_the_help_has_the_option_with_its_words(run: Run, spec: SettingSpec) -> None:
    # argparse breaks the lines where it likes.
    helped = " ".join(run("train", "--help").out.split())
    metavar = "" if spec.kind is Kind.SWITCH else f" {spec.metavar}"
    assert f"{spec.flag}{metavar} {spec.help or spec.allowed}" in helped


@pytest.mark.parametrize("spec", ONE_BY_ONE, ids=named)
def test_the_command_line_takes_and_refuses_the_same(run: Run, spec: SettingSpec) -> None:
    for text in taken(spec):
        assert getattr(parse(["train", f"{spec.flag}={text}"]), spec.name) == text
    for text in beyond(spec):
        ended = run("train", *words_beside(spec), f"{spec.flag}={text}")
        assert (ended.status, ended.out) == (2, "")
        assert f"{spec.flag}: {text!r} is not allowed" in ended.err
        assert ended.err.strip().endswith(f"allowed: {spec.allowed}")


@pytest.mark.parametrize("spec", [spec for spec in SETTINGS if spec.unused], ids=named)
def test_the_command_line_refuses_what_a_stage_has_no_use_for(run: Run, spec: SettingSpec) -> None:
    unused = [stage for stage in STAGES if spec.why_unused(stage)]
    assert 0 < len(unused) < len(STAGES)
    text = taken(spec)[0]
    for stage in unused:
        ended = run("train", "--stage", stage.name, f"{spec.flag}={text}")
        assert ended.status == 2
        assert f"{spec.flag}: {text!r} is not allowed" in ended.err


@pytest.mark.parametrize("spec", SETTINGS, ids=named)
def test_a_running_network_takes_over_what_needs_no_new_run(spec: SettingSpec) -> None:
    old = make_settings(**{**beside(spec), **dict.fromkeys(SIZES, 4)})
    new = changed(old, **another(spec))
    assert getattr(new, spec.name) != getattr(old, spec.name)
    assert restarts(spec.name, new.optimizer) == (spec.name in restarting(old, new)) == spec.restarts
    trainer = Trainer(old)
    trainer.step()
    if spec.restarts:
        with pytest.raises(ValueError, match=spec.name):
            trainer.apply(new)
    else:
        trainer.apply(new)
        trainer.step()
        assert trainer.history.length == 2


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("threads", 0, "automatic"),
        ("threads", 4, "4"),
        ("optimizer", None, "by hand"),
        ("dtype", None, "default"),
        ("seed", 0, "0"),
        ("same_start", False, "off"),
        ("depth", (0, 3), "0:3"),
        ("learning_rate", 1e-6, "1e-6"),
        ("learning_rate", 1.0, "1"),
    ],
)
def test_a_value_in_words(name: str, value: object, words: str) -> None:
    assert SPECS[name].show(value) == words
