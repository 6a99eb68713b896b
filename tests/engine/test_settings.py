"""Settings: what is allowed, what is refused and in which words, and the way to plain data and back."""

from __future__ import annotations

import gc
import json
import math
from contextlib import suppress
from weakref import ref

import pytest
from pydantic import ValidationError

from playground.setting_specs import SPECS
from playground.settings import (
    Settings,
    SettingsError,
    changed,
    make_settings,
    needing_new_weights,
    settings_from_plain,
    with_start,
)

SIZES = ("batch_size", "input_size", "hidden_size", "output_size")

# Name, smallest and largest value: the ranges that the user is told.
WHOLE_NUMBERS = [
    *((name, 1, 65_536) for name in SIZES),
    ("steps", 1, 10_000_000),
    ("seed", 0, 2**32 - 1),
    ("threads", 0, 1024),
]

# Learning rate, optimizer and its numbers, as each program of the document has them.
DEFAULTS = {
    "numpy": (1e-6, None, {}),
    "tensor": (1e-6, None, {}),
    "autograd": (1e-6, None, {}),
    "function": (1e-6, None, {}),
    "nn": (1e-4, None, {}),
    "optim": (1e-4, "Adam", {}),
    "module": (1e-4, "SGD", {}),
    "dynamic": (1e-4, "SGD", {"momentum": 0.9}),
}


def refusal(**values: object) -> str:
    with pytest.raises(SettingsError) as caught:
        make_settings(**values)
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 300
    assert message == f"{caught.value.field.replace('_', ' ')}: {caught.value.reason}"
    return message


@pytest.mark.parametrize("stage", list(DEFAULTS))
def test_defaults_are_the_documents(stage: str) -> None:
    settings = make_settings(stage=stage)
    found = (settings.learning_rate, settings.optimizer, dict(settings.optimizer_options))
    assert found == DEFAULTS[stage]
    assert settings.sizes == (64, 1000, 100, 10)
    assert (settings.steps, settings.seed, settings.device, settings.depth) == (500, 0, "cpu", (0, 3))
    assert (settings.same_start, settings.dtype) == (False, None)


@pytest.mark.parametrize("stage", list(DEFAULTS))
def test_defaults_of_a_shared_start_are_alike(stage: str) -> None:
    settings = make_settings(stage=stage, same_start=True)
    optimizer = "SGD" if DEFAULTS[stage][1] else None
    found = (settings.learning_rate, settings.optimizer, settings.optimizer_options, settings.depth)
    assert found == (1e-6, optimizer, (), (0, 0))
    assert settings.dtype == "float64"


def test_a_shared_start_keeps_what_was_given() -> None:
    given = {"learning_rate": 0.5, "optimizer": "SGD", "optimizer_options": {"momentum": 0.5}}
    settings = make_settings(stage="dynamic", same_start=True, dtype="float32", depth="1:2", **given)
    found = (settings.learning_rate, settings.optimizer, dict(settings.optimizer_options), settings.depth)
    assert found == (0.5, "SGD", {"momentum": 0.5}, (1, 2))
    assert settings.dtype == "float32"


@pytest.mark.parametrize("value", ["true", 1, None, "", [True]])
def test_a_shared_start_is_a_switch(value: object) -> None:
    assert refusal(same_start=value) == f"same start: {value!r} is not allowed; allowed: True or False"


@pytest.mark.parametrize("value", ["float16", "", "Float32", "document", 64, True])
def test_what_is_no_dtype(value: object) -> None:
    assert refusal(dtype=value) == f"dtype: {value!r} is not allowed; allowed: float32, float64"


@pytest.mark.parametrize("values", [{"dtype": "float64"}, {"same_start": True}])
def test_mps_has_no_float64(values: dict[str, object]) -> None:
    message = refusal(stage="nn", device="mps", **values)
    assert message == "dtype: 'float64' is not allowed; allowed on mps: float32"
    assert make_settings(stage="nn", device="mps", same_start=True, dtype="float32").same_start


@pytest.mark.parametrize("stage", list(DEFAULTS))
def test_the_start_can_be_switched_there_and_back(stage: str) -> None:
    own = make_settings(stage=stage, seed=4, hidden_size=7, steps=20, threads=1)
    shared = with_start(own, True, "float32")
    alike = {"seed": 4, "hidden_size": 7, "steps": 20, "threads": 1}
    assert shared == make_settings(stage=stage, same_start=True, dtype="float32", **alike)
    assert with_start(shared, False) == own


def test_another_optimizer_does_not_inherit_the_stages_numbers() -> None:
    assert make_settings(stage="dynamic", optimizer="Adam").optimizer_options == ()
    assert make_settings(stage="dynamic", optimizer="SGD").optimizer_options == (("momentum", 0.9),)
    assert make_settings(stage="dynamic", optimizer_options={}).optimizer_options == ()


@pytest.mark.parametrize(("name", "smallest", "largest"), WHOLE_NUMBERS)
def test_bounds_of_whole_numbers(name: str, smallest: int, largest: int) -> None:
    for value in (smallest, largest):
        assert getattr(make_settings(**{name: value}), name) == value
        assert getattr(make_settings(**{name: str(value)}), name) == value
    words = f"{name.replace('_', ' ')}: {{}} is not allowed; allowed: {SPECS[name].allowed}"
    for value in (smallest - 1, largest + 1):
        assert refusal(**{name: value}) == words.format(value)
        assert refusal(**{name: str(value)}) == words.format(f"'{value}'")
    assert str(smallest) in SPECS[name].allowed
    assert str(largest) in SPECS[name].allowed


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 0, -1e-9, "nan", "-inf", "0", "1e999"])
def test_learning_rate_is_finite_and_above_zero(value: object) -> None:
    assert refusal(learning_rate=value) == (
        f"learning rate: {value!r} is not allowed; allowed: a finite number above 0"
    )


@pytest.mark.parametrize("value", [5e-324, 1.7e308, 1])
def test_learning_rate_has_no_other_bound(value: float) -> None:
    assert make_settings(learning_rate=value).learning_rate == value


@pytest.mark.parametrize(
    ("text", "value"), [(" 5 ", 5), ("+5", 5), ("005", 5), ("5\t", 5), ("5.0", 5), (5.0, 5)]
)
def test_whole_number_as_typed(text: object, value: int) -> None:
    assert make_settings(hidden_size=text).hidden_size == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "٥",
        "５",
        "²",
        "5,0",
        "5.5",
        "1e3",
        "0x10",
        "five",
        "--5",
        None,
        True,
        False,
        5.5,
        [5],
        {},
        "-0.0",
    ],
)
@pytest.mark.parametrize("name", [*SIZES, "steps"])
def test_what_is_no_whole_number(name: str, text: object) -> None:
    assert refusal(**{name: text}).endswith(f" is not allowed; allowed: {SPECS[name].allowed}")


@pytest.mark.parametrize("name", [name for name, *_ in WHOLE_NUMBERS] + ["learning_rate"])
def test_a_switch_or_nothing_is_no_number(name: str) -> None:
    for value in (True, False, None, ""):
        assert f" {value!r} is not allowed" in refusal(**{name: value})


@pytest.mark.parametrize("name", [name for name, *_ in WHOLE_NUMBERS] + ["learning_rate", "depth", "stage"])
@pytest.mark.parametrize("value", [10**5000, "9" * 5000, [9] * 5000], ids=["number", "text", "list"])
def test_message_stays_short(name: str, value: object) -> None:
    assert SPECS[name].allowed in refusal(**{name: value})


@pytest.mark.parametrize(
    ("given", "depth"),
    [("0:0", (0, 0)), ("0:32", (0, 32)), (" 1 : 2 ", (1, 2)), ([2, 2], (2, 2)), (("0", "1"), (0, 1))],
)
def test_depth_range(given: object, depth: tuple[int, int]) -> None:
    assert make_settings(stage="dynamic", depth=given).depth == depth


@pytest.mark.parametrize(
    "given",
    [
        "3:0",
        "0:33",
        "-1:3",
        "3",
        "3:",
        ":3",
        "",
        "0:1:2",
        "a:b",
        "٠:٣",
        "1.5:2",
        (2, 1),
        (0, 33),
        (1,),
        3,
        None,
        (True, 2),
        (0, None),
    ],
)
def test_what_is_no_depth_range(given: object) -> None:
    message = refusal(depth=given)
    assert message.startswith("depth: ")
    assert message.endswith(f" is not allowed; allowed: {SPECS['depth'].allowed}")
    if isinstance(given, str):
        assert repr(given) in message


@pytest.mark.parametrize("stage", ["", "Autograd", "autograd ", "9", 9, None, True, ["autograd"], {}])
def test_unknown_stage(stage: object) -> None:
    assert refusal(stage=stage) == f"stage: {stage!r} is not allowed; allowed: {SPECS['stage'].allowed}"
    assert all(name in SPECS["stage"].allowed for name in DEFAULTS)


@pytest.mark.parametrize("device", ["cpu", "cuda", "cuda:0", "cuda:9999", "mps", "xpu:1"])
def test_names_of_devices(device: str) -> None:
    assert make_settings(device=device).device == device


@pytest.mark.parametrize(
    "device", ["", "CPU", "cuda:", "cuda:-1", "cuda:٠", "cuda:12345", "cpu\n", " cpu", None, 0]
)
def test_what_is_no_device(device: object) -> None:
    assert refusal(device=device) == f"device: {device!r} is not allowed; allowed: {SPECS['device'].allowed}"


def test_numpy_stays_on_the_cpu() -> None:
    assert refusal(stage="numpy", device="cuda").startswith("device: 'cuda' is not allowed; NumPy")


@pytest.mark.parametrize("stage", [name for name, (_, optimizer, _) in DEFAULTS.items() if optimizer is None])
def test_update_by_hand_takes_no_optimizer(stage: str) -> None:
    assert "'SGD' is not allowed" in refusal(stage=stage, optimizer="SGD")
    message = refusal(stage=stage, optimizer_options={"momentum": 0.9})
    assert message.startswith("optimizer options: momentum=0.9 is not allowed")


def test_unknown_setting() -> None:
    message = refusal(hidden=5)
    assert message.startswith("hidden: ")
    assert "hidden_size" in message


OPTIONS = (("amsgrad", True), ("betas", (0.5, 0.9)), ("eps", 1e-8))


@pytest.mark.parametrize(
    "given",
    [
        {"eps": 1e-8, "betas": (0.5, 0.9), "amsgrad": True},
        {"betas": [0.5, 0.9], "amsgrad": True, "eps": 1e-8},
        (("eps", 1e-8), ("betas", (0.5, 0.9)), ("amsgrad", True)),
        [["eps", 1e-8], ["amsgrad", True], ["betas", [0.5, 0.9]]],
    ],
)
def test_options_as_a_mapping_or_pairs_in_any_order(given: object) -> None:
    settings = make_settings(stage="optim", optimizer_options=given)
    assert settings.optimizer_options == OPTIONS
    assert isinstance(dict(settings.optimizer_options)["amsgrad"], bool)


def test_of_two_options_of_one_name_the_last_counts() -> None:
    given = [("eps", 1.0), ("eps", (1.0, 2.0)), ("eps", 3.0)]
    assert make_settings(stage="optim", optimizer_options=given).optimizer_options == (("eps", 3.0),)


def test_options_may_be_none_within_several_numbers() -> None:
    settings = make_settings(stage="optim", optimizer_options={"eps": (None, 1e-3), "foreach": None})
    assert dict(settings.optimizer_options) == {"eps": (None, 1e-3), "foreach": None}


@pytest.mark.parametrize(
    "given",
    [
        5,
        None,
        "betas=1",
        [1, 2],
        [("a",)],
        ["ab"],
        {1: 1},
        {"a": 1, 2: 2},
        {"a": "x"},
        {"a": {}},
        {"a": [[1]]},
    ],
)
def test_what_are_no_options(given: object) -> None:
    assert refusal(stage="optim", optimizer_options=given).startswith(f"optimizer options: {given!r} is not")


@pytest.mark.parametrize("value", [math.nan, math.inf, (0.9, math.nan)])
def test_options_are_finite(value: object) -> None:
    message = refusal(stage="optim", optimizer_options={"betas": value})
    assert message == f"optimizer options: betas={value} is not allowed; allowed: finite numbers"


EXAMPLES = [
    make_settings(),
    make_settings(stage="numpy", threads=2, seed=2**32 - 1, learning_rate=5e-324),
    make_settings(stage="dynamic", depth="1:2", device="cuda:1"),
    make_settings(stage="optim", optimizer="Adafactor", optimizer_options={"eps": (None, 1e-3)}),
    make_settings(stage="module", optimizer="Adam", optimizer_options=OPTIONS, learning_rate=0.1 + 0.2),
    make_settings(stage="dynamic", same_start=True),
    make_settings(stage="dynamic", same_start=True, dtype="float32", depth="0:3", optimizer="Adam"),
    make_settings(stage="numpy", dtype="float32"),
]


@pytest.mark.parametrize("settings", EXAMPLES)
def test_plain_data_and_back(settings: Settings) -> None:
    plain = settings.to_plain()
    assert plain["version"] == 1
    through_a_file = json.loads(json.dumps(plain, allow_nan=False))
    assert settings_from_plain(plain) == settings_from_plain(through_a_file) == settings
    # The data that was read is left as it was.
    assert through_a_file["version"] == 1


def test_plain_data_from_before_there_was_a_shared_start() -> None:
    plain = make_settings(stage="dynamic", seed=3).to_plain()
    del plain["same_start"], plain["dtype"]
    assert settings_from_plain(plain) == make_settings(stage="dynamic", seed=3)


@pytest.mark.parametrize("version", [0, 2, "1", None, 1.5, "9" * 99])
def test_plain_data_of_another_version(version: object) -> None:
    with pytest.raises(SettingsError, match=r"^version: .* is not allowed; allowed: 1$") as caught:
        settings_from_plain({**EXAMPLES[0].to_plain(), "version": version})
    assert len(str(caught.value)) < 120


def test_plain_data_without_a_version_or_with_a_bad_value() -> None:
    with pytest.raises(SettingsError, match=r"^version: None"):
        settings_from_plain({"stage": "optim"})
    with pytest.raises(SettingsError, match=r"^hidden size: 0 is not allowed"):
        settings_from_plain({**EXAMPLES[0].to_plain(), "hidden_size": 0})


def test_settings_are_frozen_and_hashable() -> None:
    first, second = (make_settings(stage="optim", optimizer_options=dict(OPTIONS)) for _ in range(2))
    assert first == second
    assert len({first, second, make_settings()}) == 2
    with pytest.raises(ValidationError, match="frozen"):
        first.seed = 1
    assert first.seed == 0


def test_changed_gives_another_and_leaves_the_first() -> None:
    old = make_settings(stage="dynamic", depth="1:2", optimizer_options={"momentum": 0.5})
    new = changed(old, hidden_size=" 7 ", depth="0:1")
    assert (new.hidden_size, new.depth) == (7, (0, 1))
    assert (old.hidden_size, old.depth) == (100, (1, 2))
    assert new.model_dump() == {**old.model_dump(), "hidden_size": 7, "depth": (0, 1)}
    assert changed(old) == old
    with pytest.raises(SettingsError, match=r"^hidden size: 0 is not allowed"):
        changed(old, hidden_size=0)


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({}, ()),
        ({"learning_rate": 1.0, "steps": 9, "threads": 1, "depth": "0:1"}, ()),
        ({"optimizer_options": {"momentum": 0.1}}, ()),
        ({"seed": 1}, ("seed",)),
        ({"stage": "optim"}, ("stage",)),
        ({"device": "cuda"}, ("device",)),
        ({"optimizer": "Adam"}, ("optimizer",)),
        ({"dtype": "float64"}, ("dtype",)),
        ({"same_start": True}, ("same_start", "dtype")),
        *(({name: 3}, (name,)) for name in SIZES),
        ({"seed": 1, "hidden_size": 3, "learning_rate": 1.0}, ("hidden_size", "seed")),
    ],
)
def test_what_needs_new_weights(values: dict[str, object], names: tuple[str, ...]) -> None:
    old = make_settings(stage="dynamic")
    assert needing_new_weights(old, changed(old, **values)) == names


class _Held:
    """Something that the caller of a refused set of values has at hand."""


def test_a_refusal_keeps_nothing_of_its_caller_alive() -> None:
    def refused() -> ref[_Held]:
        held = _Held()
        with suppress(SettingsError):
            make_settings(stage="own")
        return ref(held)

    held = refused()
    gc.collect()
    assert held() is None
