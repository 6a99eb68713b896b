"""Settings: everything that a user can choose of a run, frozen and validated in one place.

The command line, the window and files all build the same model, so that a wrong value is refused
with the same words everywhere. Nothing here needs torch.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal, Self, TypeAlias, cast

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    model_validator,
)

from playground.data.catalog import BY_NAME, FILE, PAINTED, RANDOM
from playground.data.data_file import DataFile
from playground.data.formula import read_formula
from playground.data.painted import ALLOWED, PaintedData
from playground.own_program import LARGEST_TEXT, OwnProgram
from playground.setting_specs import SPECS, Kind
from playground.stages import OWN, STAGES, Stage, own_stage, stage_named

SETTINGS_VERSION = 1
"""Version of the plain data that `Settings.to_plain` writes."""

SHARED_LEARNING_RATE = 1e-6
SHARED_OPTIMIZER = "SGD"
SHARED_DTYPE = "float64"
SHARED_DEPTH = (0, 0)
"""What a shared start fills in: the NumPy program's update and type, for every stage alike, and no
use of the layer that only DynamicNet has."""

LONGEST_QUOTATION = 60
"""Characters of a value that a message repeats at most."""

_PROGRAM_ALLOWED = f"a program with its path and its text, which has at most {LARGEST_TEXT:,} characters"

OptionValue: TypeAlias = bool | float | tuple[float | None, ...] | None
"""One of an optimizer's own numbers: a switch, a number, "none", or several numbers (betas)."""


class SettingsError(ValueError):
    """A value that is not allowed.

    Attributes:
        field: the setting's name.
        reason: one line that gives the value and what is allowed.
    """

    def __init__(self, field: str, reason: str) -> None:
        """Joins both to the one line that is shown."""
        super().__init__(f"{field.replace('_', ' ')}: {reason}")
        self.field = field
        self.reason = reason


def shortened(text: str) -> str:
    """The text, with its middle left out where it is too long for a message."""
    return text if len(text) <= LONGEST_QUOTATION else f"{text[: LONGEST_QUOTATION - 11]}…{text[-10:]}"


_DISTURBING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Signs that are not seen, and turn or hide what stands behind them; a name of a file may hold them."""


def undisturbed(text: str) -> str:
    """The text with such signs written out, as Python writes them."""
    return _DISTURBING.sub(lambda found: repr(found[0])[1:-1], text)


def on_a_line(text: object) -> str:
    """A name as a sentence says it whole: on one line, and without signs that disturb it."""
    return undisturbed(str(text)).replace("\n", "\\n").replace("\t", "\\t")


def quoted(value: object) -> str:
    """A value as a message repeats it: the way Python writes it, but never long."""
    try:
        return shortened(repr(value))
    except ValueError:
        # Python refuses to write out whole numbers of some thousand digits.
        return "so long a number"


def _pairs(options: object) -> object:
    """A mapping or pairs as a sorted tuple of pairs, which is hashable; anything else unchanged."""
    pairs = list(options.items()) if isinstance(options, Mapping) else options
    if not isinstance(pairs, tuple | list):
        return options
    named = all(
        isinstance(pair, tuple | list) and len(pair) == 2 and isinstance(pair[0], str) for pair in pairs
    )
    return tuple(sorted(dict(pairs).items())) if named else options


def _depth_range(depth: object) -> object:
    """`"0:3"`, the way the command line writes a range, as a pair."""
    return tuple(depth.split(":")) if isinstance(depth, str) else depth


def _no_switch(value: object) -> object:
    """Refuses True and False, which Python counts as the whole numbers 1 and 0."""
    if isinstance(value, bool):
        raise ValueError("is a switch, not a number")
    return value


Options = Annotated[
    tuple[tuple[str, OptionValue], ...],
    BeforeValidator(_pairs),
    PlainSerializer(lambda pairs: dict(pairs)),
]
Whole = Annotated[int, BeforeValidator(_no_switch)]
Real = Annotated[float, BeforeValidator(_no_switch), Field(allow_inf_nan=False)]
Depth = Annotated[Whole, Field(ge=SPECS["depth"].least, le=SPECS["depth"].most)]


def _described(name: str) -> Any:
    """A field with the default and the range of its description."""
    spec = SPECS[name]
    # The ends of a range are checked one by one.
    least, most = (None, None) if spec.kind is Kind.RANGE else (spec.least, spec.most)
    return Field(default=spec.default, ge=least, le=most, gt=spec.above, pattern=spec.pattern)


class Settings(BaseModel):
    """What a run is made of; `playground.setting_specs` describes each field.

    What is not given takes the value of the stage's program in the source document. With `same_start`,
    the stage begins with the data and weights that all stages share, which are the NumPy program's,
    and without biases; what is not given then is alike for all stages: learning rate 1e-6, SGD
    without momentum, float64, depth 0.

    With `own`, a text of the user's runs instead of the stage's, and what it computes with stands in it: the
    other settings are kept for the time after, but for the steps. `stage` is "own" for a file of the user's,
    and the stage's name where its text was edited.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    stage: str = _described("stage")
    device: str = _described("device")
    batch_size: Whole = _described("batch_size")
    input_size: Whole = _described("input_size")
    hidden_size: Whole = _described("hidden_size")
    output_size: Whole = _described("output_size")
    optimizer: str | None = _described("optimizer")
    optimizer_options: Options = _described("optimizer_options")
    learning_rate: Real = _described("learning_rate")
    steps: Whole = _described("steps")
    seed: Whole = _described("seed")
    depth: Annotated[tuple[Depth, Depth], BeforeValidator(_depth_range)] = _described("depth")
    threads: Whole = _described("threads")
    same_start: Annotated[bool, Field(strict=True)] = _described("same_start")
    dtype: Literal["float32", "float64"] | None = _described("dtype")
    data: str = _described("data")
    formula: str = _described("formula")
    noise: Annotated[Real, Field(ge=0)] | None = _described("noise")
    minibatch: Whole = _described("minibatch")
    test_share: Annotated[Real, Field(ge=0, lt=1)] = _described("test_share")
    standardize: Annotated[bool, Field(strict=True)] = _described("standardize")
    ones: Annotated[bool, Field(strict=True)] = _described("ones")
    data_file: DataFile | None = None
    painted: PaintedData | None = None
    own: OwnProgram | None = None

    @model_validator(mode="before")
    @classmethod
    def _fill_in_the_stage(cls, given: object) -> object:
        if not isinstance(given, Mapping):
            return given
        filled = _with_data_filled_in(dict(given))
        name = filled.get("stage", "autograd")
        if name == OWN and filled.get("own") is not None:
            filled.setdefault("learning_rate", SHARED_LEARNING_RATE)
            return filled
        stage = stage_named(name) if isinstance(name, str) else None
        if stage is None:
            raise SettingsError("stage", f"{quoted(name)} is not allowed; allowed: {SPECS['stage'].allowed}")
        if filled.get("same_start") is True:
            return _filled_alike(filled, stage)
        filled.setdefault("learning_rate", stage.learning_rate)
        if filled.get("optimizer") is None:
            filled["optimizer"] = stage.optimizer
        if filled["optimizer"] == stage.optimizer:
            filled.setdefault("optimizer_options", dict(stage.optimizer_options))
        return filled

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        low, high = self.depth
        if low > high:
            raise SettingsError("depth", f"'{low}:{high}' is not allowed; allowed: {SPECS['depth'].allowed}")
        if self.stage == OWN:
            return self
        self._check_rows()
        stage = self.edited_from
        if not stage.has_optimizer and self.optimizer is not None:
            raise SettingsError(
                "optimizer",
                f"{quoted(self.optimizer)} is not allowed; "
                f"the stage {stage.name!r} writes its update by hand "
                f"(stages with an optimizer: {', '.join(s.name for s in STAGES if s.has_optimizer)})",
            )
        if not stage.has_optimizer and self.optimizer_options:
            raise SettingsError(
                "optimizer_options",
                f"{options_in_words(self)} is not allowed; the stage {stage.name!r} has no optimizer",
            )
        if not stage.on_any_device and self.device != "cpu":
            raise SettingsError(
                "device", f"{quoted(self.device)} is not allowed; NumPy runs on the CPU only: cpu"
            )
        if self.device.startswith("mps") and self.dtype == "float64":
            raise SettingsError("dtype", "'float64' is not allowed; allowed on mps: float32")
        for name, value in self.optimizer_options:
            numbers = value if isinstance(value, tuple) else (value,)
            if any(isinstance(number, float) and not math.isfinite(number) for number in numbers):
                raise SettingsError(
                    "optimizer_options",
                    f"{shortened(f'{name}={value}')} is not allowed; allowed: finite numbers",
                )
        return self

    def _check_rows(self) -> None:
        """Whether there are as many examples as are asked for, and some for each purpose."""
        most = BY_NAME[self.data].most if self.data in BY_NAME else None
        if most is not None and self.batch_size > most:
            raise SettingsError(
                "batch_size",
                f"{self.batch_size} is not allowed; the data {self.data!r} has {most} examples",
            )
        if self.test_share and not 0 < self.test_rows < self.batch_size:
            raise SettingsError(
                "test_share",
                f"{self.test_share} is not allowed; of {self.batch_size} examples it leaves "
                f"{'none to train on' if self.test_rows else 'none to test with'}",
            )
        if self.minibatch > self.batch_size - self.test_rows:
            raise SettingsError(
                "minibatch",
                f"{self.minibatch} is not allowed; allowed: at most the "
                f"{self.batch_size - self.test_rows} examples that are trained on, or 0 for all",
            )

    @property
    def test_rows(self) -> int:
        """How many of the examples are held out."""
        return round(self.test_share * self.batch_size)

    @property
    def program(self) -> Stage:
        """The stage that these settings choose; of the user's own text what is known of every program."""
        if self.own is None:
            return self.edited_from
        own = own_stage(self.own.path)
        return own if self.stage == OWN else replace(own, name=self.stage, title=self.edited_from.title)

    @property
    def edited_from(self) -> Stage:
        """The stage of that name, be its text edited or not; not to be asked of a file of the user's."""
        stage = stage_named(self.stage)
        assert stage is not None, "validated on construction"
        return stage

    @property
    def sizes(self) -> tuple[int, int, int, int]:
        """The document's N, D_in, H, D_out."""
        return self.batch_size, self.input_size, self.hidden_size, self.output_size

    @property
    def sizes_text(self) -> str:
        """The four sizes, `"64 × 1000 × 100 × 10"`."""
        return " × ".join(map(str, self.sizes))

    def to_plain(self) -> dict[str, Any]:
        """The settings as plain data for a file, with its version."""
        return {"version": SETTINGS_VERSION, **self.model_dump(mode="json")}


def _with_data_filled_in(filled: dict[str, object]) -> dict[str, object]:
    """What was given, with what follows from the data: sizes, and what the set has no use for put back."""
    given = [each for each, field in _WITH_A_FIELD.items() if filled.get(field) is not None]
    name = filled.get("data") or (given[0] if given else RANDOM)
    if name == PAINTED and PAINTED in given:
        return _with_painted_filled_in(filled)
    filled.pop("painted", None)
    chosen = BY_NAME.get(name) if isinstance(name, str) else None
    if name != FILE and chosen is None:
        raise SettingsError("data", f"{quoted(name)} is not allowed; allowed: {SPECS['data'].allowed}")
    if name == RANDOM:
        return {key: value for key, value in filled.items() if key not in OF_OTHER_DATA}
    inputs, outputs = (None, None) if chosen is None else (chosen.inputs, chosen.outputs)
    if chosen is None:
        file = filled.get("data_file")
        if not isinstance(file, DataFile):
            file = filled["data_file"] = _file_from(file)
        inputs, outputs = file.x_columns, file.y_columns
        filled.pop("noise", None)
    else:
        filled.pop("data_file", None)
        if chosen.noise is None or filled.get("noise") is None:
            filled["noise"] = chosen.noise
    has_formula = chosen is not None and chosen.formula
    filled["formula"] = _formula(filled.get("formula") or has_formula) if has_formula else ""
    if inputs is not None:
        filled["input_size"] = inputs + (filled.get("ones") is True)
        filled["output_size"] = outputs
    else:
        # Its x has as many columns as the user says.
        filled.pop("ones", None)
    return {**filled, "data": name}


def _with_painted_filled_in(filled: dict[str, object]) -> dict[str, object]:
    """The same of points: what is said of a set is not said of them, they stand where they are."""
    painted = filled["painted"]
    if not isinstance(painted, PaintedData):
        painted = _painted_from(painted)
    for name in ("noise", "formula", "standardize", "data_file"):
        filled.pop(name, None)
    sizes = {
        "batch_size": len(painted.points),
        "input_size": painted.inputs + (filled.get("ones") is True),
        "output_size": painted.columns,
    }
    return {**filled, **sizes, "data": PAINTED, "painted": painted}


_WITH_A_FIELD = {FILE: "data_file", PAINTED: "painted"}
"""Data that are a value by themselves, and the field that has it."""
OF_OTHER_DATA = ("data", "formula", "noise", "standardize", "ones", "data_file", "painted")
"""What the tutorial's random numbers have no use for."""


def _file_from(value: object) -> DataFile:
    try:
        if isinstance(value, Mapping):
            return DataFile(**value)
    except (ValidationError, TypeError):
        pass
    raise SettingsError("data", f"{quoted(value)} is not allowed; allowed: the description of a file")


def _painted_from(value: object) -> PaintedData:
    try:
        if isinstance(value, Mapping):
            return PaintedData(**value)
    except (ValidationError, TypeError):
        pass
    raise SettingsError("painted", f"{quoted(value)} is not allowed; allowed: {ALLOWED}")


def _formula(value: object) -> str:
    try:
        return read_formula(str(value))
    except ValueError as error:
        raise SettingsError(
            "formula", f"{quoted(value)} is not allowed, it {error}; allowed: {SPECS['formula'].allowed}"
        ) from None


def _filled_alike(filled: dict[str, object], stage: Stage) -> dict[str, object]:
    """What was given, and else what makes the stages' computations one and the same."""
    filled.setdefault("learning_rate", SHARED_LEARNING_RATE)
    filled.setdefault("depth", SHARED_DEPTH)
    if filled.get("optimizer") is None and stage.has_optimizer:
        filled["optimizer"] = SHARED_OPTIMIZER
    if filled.get("dtype") is None:
        filled["dtype"] = SHARED_DTYPE
    return filled


def make_settings(**values: object) -> Settings:
    """Settings from values of any origin: numbers, or the texts that a user typed.

    Raises:
        SettingsError: in one line, the setting, the value and what is allowed.
    """
    try:
        return Settings(**cast("dict[str, Any]", values))
    except ValidationError as error:
        raise _in_one_line(error, values) from None


def options_in_words(settings: Settings) -> str:
    """The optimizer's own numbers as a message repeats them: `"momentum=0.9, nesterov=True"`."""
    return shortened(", ".join(f"{name}={value}" for name, value in settings.optimizer_options))


def settings_from_plain(plain: Mapping[str, object]) -> Settings:
    """Settings that `Settings.to_plain` wrote.

    Raises:
        SettingsError: a version that this program does not know, or a value that is not allowed.
    """
    values = dict(plain)
    version = values.pop("version", None)
    if version != SETTINGS_VERSION:
        raise SettingsError("version", f"{quoted(version)} is not allowed; allowed: {SETTINGS_VERSION}")
    return make_settings(**values)


def changed(settings: Settings, **values: object) -> Settings:
    """The same settings with other values; raises SettingsError like `make_settings`."""
    return make_settings(**{**settings.model_dump(), **values})


def with_start(settings: Settings, same_start: bool, dtype: str | None = None) -> Settings:
    """The same settings with a shared start or the stage's own, and with the defaults of that.

    Stage, sizes, seed, device, steps and threads stay; the learning rate, the optimizer and its
    numbers, and the depth range become those that go with the start.

    Args:
        settings: what they were.
        same_start: whether all stages share data and weights.
        dtype: float32 or float64; None for the start's own.

    Raises:
        SettingsError: a dtype that is not allowed.
    """
    belonging = ("learning_rate", "optimizer", "optimizer_options", "depth")
    kept = {name: value for name, value in settings.model_dump().items() if name not in belonging}
    return make_settings(**{**kept, "same_start": same_start, "dtype": dtype})


def needing_new_weights(old: Settings, new: Settings) -> tuple[str, ...]:
    """Names of the settings in which the two differ and that a running network cannot take over."""
    names = [name for name in Settings.model_fields if getattr(old, name) != getattr(new, name)]
    return tuple(name for name in names if name not in SPECS or SPECS[name].restarts)


def _in_one_line(error: ValidationError, given: Mapping[str, object]) -> SettingsError:
    """The first thing that pydantic found wrong, in the words of this program."""
    first = error.errors()[0]
    cause = first.get("ctx", {}).get("error")
    if isinstance(cause, SettingsError):
        # Another one: raised again it would refer to what pydantic has made of it, and that back to it, in
        # a cycle with all frames that no collector sees.
        return SettingsError(cause.field, cause.reason)
    field = str(first["loc"][0])
    if first["type"] == "extra_forbidden":
        return SettingsError(field, f"there is no such setting; allowed: {', '.join(Settings.model_fields)}")
    # What is wrong may be a part of what was given: one end of a range, one of several numbers.
    value = quoted(given.get(field, first["input"]))
    allowed = SPECS[field].allowed if field in SPECS else _PROGRAM_ALLOWED
    return SettingsError(field, f"{value} is not allowed; allowed: {allowed}")
