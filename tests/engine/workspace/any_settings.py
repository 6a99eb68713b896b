"""Settings of every kind, made by hypothesis from their own descriptions."""

from __future__ import annotations

from hypothesis import strategies as some

from playground.data.painted import PaintedData
from playground.own_program import OwnProgram
from playground.setting_specs import LARGEST_DEPTH
from playground.settings import Settings, SettingsError, make_settings
from playground.stages import OWN, STAGES

SIZES = some.integers(1, 65_536)
NUMBERS = some.floats(allow_nan=False, allow_infinity=False)
OPTIONS = some.dictionaries(
    some.sampled_from(["momentum", "betas", "amsgrad", "eps", "weight_decay", "foreach"]),
    some.one_of(
        NUMBERS, some.booleans(), some.none(), some.tuples(NUMBERS, some.none()), some.integers(0, 9)
    ),
    max_size=4,
)
NAMES = some.text(some.characters(exclude_characters="/\\\0"), min_size=1, max_size=12).filter(
    lambda name: name not in (".", "..")
)


@some.composite
def any_program(draw: some.DrawFn) -> OwnProgram:
    loop = draw(some.none() | some.integers(1, 99))
    return OwnProgram(
        f"/home/somebody/{draw(NAMES)}.py", draw(some.text()), draw(some.text(max_size=9)), loop
    )


@some.composite
def any_points(draw: some.DrawFn) -> PaintedData:
    inputs, columns = draw(some.integers(1, 2)), draw(some.integers(1, 3))
    targets = NUMBERS if columns == 1 else some.integers(0, columns - 1).map(float)
    points = some.lists(some.tuples(*[NUMBERS] * inputs, targets), min_size=1, max_size=20)
    return PaintedData(tuple(draw(points)), inputs, columns)


@some.composite
def any_settings(draw: some.DrawFn, own: bool = True) -> Settings:
    stage = draw(some.sampled_from(STAGES))
    low, high = sorted(draw(some.tuples(*[some.integers(0, LARGEST_DEPTH)] * 2)))
    possible: dict[str, some.SearchStrategy[object]] = {
        "seed": some.integers(0, 2**32 - 1),
        "steps": some.integers(1, 10_000_000),
        "learning_rate": some.floats(min_value=1e-300, allow_nan=False, allow_infinity=False),
        "threads": some.integers(0, 1024),
        "same_start": some.booleans(),
        "dtype": some.sampled_from([None, "float32", "float64"]),
        "depth": some.just((low, high)),
        **dict.fromkeys(("batch_size", "input_size", "hidden_size", "output_size"), SIZES),
    }
    if draw(some.booleans()):
        # What goes with one set of data and not with another is not for here.
        possible["data"] = some.sampled_from(["moons", "circles", "spirals", "xor", "sine"])
        possible["minibatch"] = some.integers(0, 65_536)
        possible["test_share"] = some.floats(0, 0.9)
        possible["standardize"] = possible["ones"] = some.booleans()
        for name in ("input_size", "output_size", "batch_size", "same_start"):
            del possible[name]
        if draw(some.booleans()):
            possible["painted"] = any_points()
            del possible["data"], possible["standardize"]
    if stage.on_any_device:
        possible["device"] = some.sampled_from(["cpu", "cuda", "cuda:3", "mps", "xpu:0"])
    if stage.has_optimizer:
        possible["optimizer"] = some.sampled_from(["Adam", "SGD", "RMSprop", "Rprop"])
        possible["optimizer_options"] = OPTIONS
    values: dict[str, object] = draw(some.fixed_dictionaries({}, optional=possible))
    if own and draw(some.integers(0, 3)) == 0:
        values["own"] = draw(any_program())
        if draw(some.booleans()):
            return made(values | {"stage": OWN})
    return made(values | {"stage": stage.name})


def made(values: dict[str, object]) -> Settings:
    try:
        return make_settings(**values)
    except SettingsError:
        # MPS knows no float64, and no test is held out of every set of data.
        simpler = {name: value for name, value in values.items() if name not in ("test_share", "minibatch")}
        return make_settings(**{**simpler, "device": "cpu"})
