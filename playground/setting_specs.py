"""Every setting described once: its range, its words, when a change acts, and its option.

The model, the command line, the window and its notices read this table, so that a setting is added here
and gets its type in `playground.settings.Settings`. Nothing here needs torch or Qt.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from playground.data.catalog import NAMES, RANDOM
from playground.data.formula import ALLOWED as FORMULA
from playground.stages import STAGES, Stage

LARGEST_SIZE = 65_536
LARGEST_STEPS = 10_000_000
LARGEST_DEPTH = 32

_SIZES = "sizes"
GROUPS = ("device", _SIZES, "optimizer", "run", "start")
"""The window parts them by lines, from top to bottom."""

DTYPES = ("float32", "float64")


class Kind(StrEnum):
    """What the values of a setting are."""

    CHOICE = "choice"
    WHOLE = "whole number"
    REAL = "number"
    RANGE = "two whole numbers"
    SWITCH = "switch"
    OPTIONS = "numbers by name"


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingSpec:
    """What is to be known of a setting.

    Attributes:
        name: the field of `Settings`.
        kind: what its values are.
        default: what holds where neither the user nor the stage says anything else.
        purpose: what it does, in one sentence or two.
        label: what texts call it; "" for the name with spaces.
        group, row: place and label in the window, a control without a label is as wide as the
            column. No group: the window chooses it in another place.
        least, most: the range of whole numbers, both ends included.
        above: the end that a number stays above.
        factor: a step of the window's field multiplies by it; 1 adds one.
        blank: the word for 0 or None: "automatic".
        pattern: regular expression that a name matches.
        words: what is allowed, in the words of an error; "" for the range of a whole number.
        offered: the same for someone who looks at the control, where that differs.
        restarts: whether a running network cannot take a change over, so that the run starts again.
        used_by: whether a stage has a use for it.
        unused: why the others have none.
        option: what the command line calls it; "" for the name with dashes.
        metavar: stands for the value in the help.
        help: what the help says; "" for what is allowed.
    """

    name: str
    kind: Kind
    purpose: str
    default: object = None
    label: str = ""
    group: str = ""
    row: str = ""
    least: int | None = None
    most: int | None = None
    above: float | None = None
    factor: int = 1
    blank: str = ""
    pattern: str | None = None
    words: str = ""
    offered: str = ""
    restarts: bool = False
    used_by: Callable[[Stage], bool] = lambda stage: True
    unused: str = ""
    option: str = ""
    metavar: str = "N"
    help: str = ""

    @property
    def called(self) -> str:
        """What texts call it: `"batch size"`."""
        return self.label or self.name.replace("_", " ")

    @property
    def flag(self) -> str:
        """Its option: `"--batch-size"`."""
        return self.option or f"--{self.name.replace('_', '-')}"

    @property
    def allowed(self) -> str:
        """What it may be: `"a whole number from 1 to 65536"`."""
        blank = f" ({self.blank})" if self.blank else ""
        return self.words or f"a whole number from {self.least}{blank} to {self.most}"

    @property
    def ends(self) -> tuple[int, int]:
        """The range of a whole number."""
        assert self.least is not None
        assert self.most is not None
        return self.least, self.most

    def why_unused(self, stage: Stage) -> str:
        """Why a stage has no use for it; "" where it has one."""
        return "" if self.used_by(stage) else self.unused

    def show(self, value: object) -> str:
        """A value in words: `"automatic"`, `"on"`, `"0:3"`, `"1e-6"`."""
        if self.blank and not value:
            return self.blank
        return show_value(value, ":")


def show_value(value: object, between: str) -> str:
    """A switch, a number, none, or several of them, in words."""
    if isinstance(value, tuple):
        return between.join(show_value(each, between) for each in value)
    if value is None or isinstance(value, bool):
        return {None: "none", True: "on", False: "off"}[value]
    return short_float(value) if isinstance(value, float) else str(value)


def short_float(value: float) -> str:
    """The shortest text that gives the same float64 back: `"1e-6"`, `"1e-4"`, `"0.9"`, `"1"`."""
    plain = repr(value).removesuffix(".0").replace("e+", "e").replace("e-0", "e-")
    if "e" in plain:
        return plain
    exponent = f"{value:.16e}".partition("e")[2]
    if value == 0 or not math.isfinite(value) or -3 < int(exponent) < 5:
        return plain
    # Where the exponent says it at a glance, and as short.
    digits = format(Decimal(plain).scaleb(-int(exponent)).normalize(), "f")
    return min(f"{digits}e{int(exponent)}", plain, key=len)


def _size(name: str, row: str, purpose: str, default: int) -> SettingSpec:
    return SettingSpec(
        name=name,
        kind=Kind.WHOLE,
        default=default,
        purpose=purpose,
        group=_SIZES,
        row=row,
        least=1,
        most=LARGEST_SIZE,
        factor=2,
        restarts=True,
    )


_TWO_DEPTHS = f"two whole numbers from 0 to {LARGEST_DEPTH}, the first not above the second"

SETTINGS: tuple[SettingSpec, ...] = (
    SettingSpec(
        name="stage",
        kind=Kind.CHOICE,
        default="autograd",
        purpose="Which of the eight programs runs.",
        words="one of " + ", ".join(stage.name for stage in STAGES),
        restarts=True,
        metavar="S",
    ),
    SettingSpec(
        name="steps",
        kind=Kind.WHOLE,
        default=500,
        purpose="How many steps a run makes.",
        group="run",
        row="&Steps",
        least=1,
        most=LARGEST_STEPS,
    ),
    SettingSpec(
        name="seed",
        kind=Kind.WHOLE,
        default=0,
        purpose="Where the random numbers start; the same seed gives the same run.",
        group="run",
        row="See&d",
        least=0,
        most=2**32 - 1,
        restarts=True,
    ),
    SettingSpec(
        name="device",
        kind=Kind.CHOICE,
        default="cpu",
        purpose="Where the tensors live and the operations run.",
        group="device",
        row="Devi&ce",
        pattern=r"^[a-z]+(:[0-9]{1,4})?$",
        words="a device's name such as cpu, cuda, cuda:0, mps or xpu",
        offered="the devices of this machine that torch can use",
        restarts=True,
        used_by=lambda stage: stage.on_any_device,
        unused="NumPy runs on the CPU only",
        metavar="D",
    ),
    _size("batch_size", "&Batch", "How many examples a step sees: N in the tutorial.", 64),
    _size("input_size", "&Input", "Numbers in an example: D_in in the tutorial.", 1000),
    _size("hidden_size", "Hidde&n", "Units of the hidden layer: H in the tutorial.", 100),
    _size("output_size", "&Output", "Numbers that the network predicts: D_out in the tutorial.", 10),
    SettingSpec(
        name="optimizer",
        kind=Kind.CHOICE,
        purpose="The class of torch.optim that turns gradients into an update.",
        group="optimizer",
        row="O&ptimizer",
        blank="by hand",
        pattern=r"^[A-Za-z_][A-Za-z0-9_]*$",
        words="the name of an optimizer of torch.optim",
        offered="every optimizer of torch.optim that can train the stages",
        restarts=True,
        used_by=lambda stage: stage.has_optimizer,
        unused="stages 1 to 5 write the update by hand: SGD",
        metavar="NAME",
    ),
    SettingSpec(
        name="learning_rate",
        kind=Kind.REAL,
        default=1e-6,
        purpose="Step size: how far each update moves against the gradient.",
        group="optimizer",
        row="&Learning rate",
        above=0,
        words="a finite number above 0",
    ),
    SettingSpec(
        name="optimizer_options",
        kind=Kind.OPTIONS,
        default=(),
        purpose="The optimizer's own numbers, where they differ from its defaults.",
        label="optimizer's numbers",
        group="optimizer",
        words="numbers of the optimizer, as name=value",
        option="--optimizer-option",
        metavar="NAME=VALUE",
        help="one of the optimizer's own numbers, such as momentum=0.9 or betas=0.9,0.999; may be repeated",
    ),
    SettingSpec(
        name="depth",
        kind=Kind.RANGE,
        default=(0, 3),
        purpose="How often DynamicNet uses its middle layer: each step draws a number of this range.",
        group="optimizer",
        row="Dept&h",
        least=0,
        most=LARGEST_DEPTH,
        words=f"LOW:HIGH, {_TWO_DEPTHS}",
        offered=_TWO_DEPTHS,
        used_by=lambda stage: stage.has_depth,
        unused="only DynamicNet uses its middle layer a varying number of times",
        metavar="LOW:HIGH",
    ),
    SettingSpec(
        name="threads",
        kind=Kind.WHOLE,
        default=0,
        purpose="Threads for the operations of one step; another number may change the last bits.",
        group="run",
        row="&Threads",
        least=0,
        most=1_024,
        blank="automatic",
    ),
    SettingSpec(
        name="same_start",
        kind=Kind.SWITCH,
        default=False,
        purpose="Gives every stage the same x, y, w1 and w2, so that their curves can be compared. "
        "Off: each draws its own, as in the tutorial.",
        group="start",
        row="S&ame data and initial\nweights for all stages",
        words="True or False",
        offered="on or off",
        restarts=True,
        help="begin with the data and weights that all stages share, without biases; what is not given is "
        "then alike for all stages, too: learning rate 1e-6, plain SGD, depth 0:0, float64",
    ),
    SettingSpec(
        name="dtype",
        kind=Kind.CHOICE,
        purpose="What the data and the weights are made of. Default: float64 in NumPy, float32 in torch.",
        label="dtype",
        group="start",
        row="dt&ype",
        blank="default",
        words=", ".join(DTYPES),
        restarts=True,
        metavar="T",
    ),
    SettingSpec(
        name="data",
        kind=Kind.CHOICE,
        default=RANDOM,
        purpose="What the net is trained on.",
        words=f"one of {', '.join(NAMES)}, or a file",
        offered="sets that are made from the seed, or a file of your own",
        restarts=True,
        metavar="NAME|FILE",
    ),
    SettingSpec(
        name="formula",
        kind=Kind.CHOICE,
        default="",
        purpose="The f of the set that asks whether y is above f(x).",
        blank="none",
        words=FORMULA,
        restarts=True,
        metavar="F",
    ),
    SettingSpec(
        name="noise",
        kind=Kind.REAL,
        purpose="How far the points are scattered: the standard deviation of what is added to them.",
        blank="none",
        least=0,
        words="a finite number from 0",
        restarts=True,
    ),
    SettingSpec(
        name="minibatch",
        kind=Kind.WHOLE,
        default=0,
        purpose="How many of the examples a step sees: other ones each time, in an order from the seed.",
        label="mini-batch",
        least=0,
        most=65_536,
        blank="all",
        restarts=True,
    ),
    SettingSpec(
        name="test_share",
        kind=Kind.REAL,
        default=0.0,
        purpose="The share of the examples that is held out: the net is tested with it and never trained.",
        blank="none",
        words="a number from 0 up to, but not including, 1",
        restarts=True,
    ),
    SettingSpec(
        name="standardize",
        kind=Kind.SWITCH,
        default=False,
        purpose="Moves and stretches each input to mean 0 and standard deviation 1.",
        words="True or False",
        offered="on or off",
        restarts=True,
        help="move and stretch each input to mean 0 and standard deviation 1",
    ),
    SettingSpec(
        name="ones",
        kind=Kind.SWITCH,
        default=False,
        purpose="Gives each example a 1 as its last input: the stages written by hand have no biases, and "
        "its weights do what biases do.",
        label="column of ones",
        words="True or False",
        offered="on or off",
        restarts=True,
        help="give each example a 1 as its last input, in place of the biases that stages 1 to 4 do not have",
    ),
)
"""In the order of the command line's help; the window orders them by their groups."""

SPECS: Mapping[str, SettingSpec] = MappingProxyType({spec.name: spec for spec in SETTINGS})
"""The same by their names."""

SIZES = tuple(spec.name for spec in SETTINGS if spec.group == _SIZES)
"""The tutorial's N, D_in, H, D_out."""
