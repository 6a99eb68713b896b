"""The sets of data that come with the playground: what each is, and the lines that make it.

A set is a few lines of NumPy. They stand in the stage's text, and the engine runs the very same lines.
Nothing here needs NumPy or torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

RANDOM = "random"
FILE = "file"
PAINTED = "painted"
DIGITS_FILE = Path(__file__).with_name("digits.npz")
DIGITS = 1797


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSet:
    """A set of examples.

    Attributes:
        name: as the command line writes it.
        title: as texts call it; the first comment of its lines.
        sentence: what there is to learn from it.
        inputs, outputs: columns of x and of y; None where the user chooses.
        classes: number of classes, 0 where y is a number. Two are one column of -1 and 1, whose border
            is 0; more are a column each, 0 or 1, and the largest one wins.
        points: examples by default.
        most: examples at most; None for as many as one likes.
        noise: by default; None where the set has none.
        hidden_size, learning_rate: with which a stage learns it; None for the stage's own.
        by_hand: share of that rate that a stage takes which draws its weights itself: they are large.
        formula: the f(x) by default, where the user gives one; else "".
        lines: make arrays x and y of float64, shapes (batch_size, inputs) and (batch_size, outputs);
            they read `batch_size`, `noise` and `draw`, a RandomState.
    """

    name: str
    title: str
    sentence: str
    inputs: int | None = 2
    outputs: int | None = 1
    classes: int = 2
    points: int = 200
    most: int | None = None
    noise: float | None = 0.1
    hidden_size: int | None = 16
    learning_rate: float | None = 1e-3
    by_hand: float = 0.2
    formula: str = ""
    lines: tuple[str, ...] = ()


_TWO = "y = np.where(np.arange(batch_size) % 2, 1.0, -1.0)[:, None]"
_SQUARE = "x = draw.uniform(-1, 1, (batch_size, 2))"
_LINE = "x = draw.uniform(-1, 1, (batch_size, 1))"
_BLUR = "x += noise * draw.randn(batch_size, 2)"

DATA_SETS: tuple[DataSet, ...] = (
    DataSet(
        name=RANDOM,
        title="Random numbers",
        sentence="The tutorial's: random numbers in, random numbers out; a net can only learn them by heart.",
        inputs=None,
        outputs=None,
        classes=0,
        points=64,
        noise=None,
        hidden_size=None,
        learning_rate=None,
    ),
    DataSet(
        name="moons",
        title="Two moons",
        sentence="Two half circles that reach into each other: no straight line parts them.",
        lines=(
            _TWO,
            "angle = np.pi * draw.rand(batch_size)",
            "x = y * (np.c_[np.cos(angle), np.sin(angle)] - [0.5, 0.25])",
            _BLUR,
        ),
    ),
    DataSet(
        name="circles",
        title="Two circles",
        sentence="One circle around another: the net has to close a border.",
        # With 16 units the deeper nets of a DynamicNet die of their first long steps.
        hidden_size=64,
        lines=(
            _TWO,
            "angle = 2 * np.pi * draw.rand(batch_size)",
            "x = (0.75 - 0.25 * y) * np.c_[np.cos(angle), np.sin(angle)]",
            _BLUR,
        ),
    ),
    DataSet(
        name="spirals",
        title="Two spirals",
        sentence="Two arms wound around each other: hard for few hidden units.",
        noise=0.02,
        hidden_size=64,
        lines=(
            _TWO,
            "turn = np.sqrt(draw.rand(batch_size, 1))",
            "x = y * turn * np.c_[np.cos(9 * turn), np.sin(9 * turn)]",
            _BLUR,
        ),
    ),
    DataSet(
        name="xor",
        title="XOR",
        sentence="1 where both inputs have the same sign: one hidden unit fails, four succeed from "
        "a lucky start, eight from most.",
        noise=0.0,
        hidden_size=8,
        lines=(_SQUARE, "y = np.where(x[:, :1] * x[:, 1:] > 0, 1.0, -1.0)", _BLUR),
    ),
    DataSet(
        name="blobs",
        title="Three blobs",
        sentence="Three clouds: a column of y for each class, and the largest output wins.",
        outputs=3,
        classes=3,
        noise=0.3,
        lines=(
            "kind = np.arange(batch_size) % 3",
            "centers = np.array([[0, 1], [-0.9, -0.5], [0.9, -0.5]])",
            "x = centers[kind] + noise * draw.randn(batch_size, 2)",
            "y = np.eye(3)[kind]",
        ),
    ),
    DataSet(
        name="sine",
        title="A sine",
        sentence="One input, one output: the fitted curve bends once for every ReLU.",
        inputs=1,
        classes=0,
        lines=(_LINE, "y = np.sin(np.pi * x) + noise * draw.randn(batch_size, 1)"),
    ),
    DataSet(
        name="step",
        title="A step",
        sentence="A jump: a sum of ReLUs can only be steep there.",
        inputs=1,
        classes=0,
        lines=(_LINE, "y = np.where(x > 0, 1.0, -1.0) + noise * draw.randn(batch_size, 1)"),
    ),
    DataSet(
        name="polynomial",
        title="A noisy polynomial",
        sentence="4x³ − 3x with noise: enough hidden units learn the noise, too.",
        inputs=1,
        classes=0,
        points=40,
        noise=0.2,
        # Four turns from few points: with 16 units it stays a straight line for long.
        hidden_size=64,
        lines=(_LINE, "y = 4 * x**3 - 3 * x + noise * draw.randn(batch_size, 1)"),
    ),
    DataSet(
        name="above",
        title="Above a curve",
        sentence="1 above the curve y = f(x), -1 below it, with an f of your own.",
        noise=0.0,
        formula="sin(3 * x) / 2",
        lines=(
            _SQUARE,
            "",
            "def f(x):",
            "    return {formula}",
            "",
            "y = np.where(x[:, 1:] > f(x[:, :1]), 1.0, -1.0)",
            _BLUR,
        ),
    ),
    DataSet(
        name="teacher",
        title="A random teacher network",
        sentence="y comes from another two-layer ReLU net with 8 hidden units: without noise, a loss of zero "
        "is possible.",
        inputs=None,
        outputs=None,
        classes=0,
        noise=0.0,
        lines=(
            "x = draw.randn(batch_size, input_size)",
            "h = np.maximum(x.dot(draw.randn(input_size, 8)), 0)",
            "y = h.dot(draw.randn(8, output_size)) / 8",
            "y += noise * draw.randn(batch_size, output_size)",
        ),
    ),
    DataSet(
        name="digits",
        title="Handwritten digits",
        sentence="Pictures of 8 × 8 pixels of the digits 0 to 9: an output for each digit, the largest wins.",
        inputs=64,
        outputs=10,
        classes=10,
        points=1000,
        most=DIGITS,
        noise=None,
        hidden_size=32,
        learning_rate=1e-4,
        by_hand=0.015,
        lines=(
            "with np.load(",
            "        {file}) as digits:",
            '    x = digits["x"][:batch_size] / 16.0',
            '    y = np.eye(10)[digits["y"][:batch_size]]',
        ),
    ),
)
"""In the order in which they are listed."""

BY_NAME: Mapping[str, DataSet] = MappingProxyType({each.name: each for each in DATA_SETS})
NAMES = tuple(BY_NAME)
