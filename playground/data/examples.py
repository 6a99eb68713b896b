"""Set-ups in which one sees a net fail, and then succeed: one click away, each with a sentence."""

from __future__ import annotations

from dataclasses import dataclass

from playground.data.defaults import data_defaults
from playground.settings import Settings, make_settings


@dataclass(frozen=True, slots=True)
class Example:
    """A set-up to be tried.

    Attributes:
        name: by which it is asked for.
        title: as a menu writes it.
        sentence: what there is to be seen.
        values: settings by name, beside those with which the data are learned.
    """

    name: str
    title: str
    sentence: str
    values: tuple[tuple[str, object], ...]

    def settings(self) -> Settings:
        """All settings of it."""
        values = dict(self.values)
        return make_settings(**{**data_defaults(values), **values})


def _example(name: str, title: str, sentence: str, **values: object) -> Example:
    return Example(name, title, sentence, tuple({"stage": "nn", "steps": 2000, **values}.items()))


EXAMPLES: tuple[Example, ...] = (
    _example(
        "xor-1",
        "XOR with 1 hidden unit",
        "One fold is not enough: whatever the weights, a part of the points stays on the wrong side.",
        data="xor",
        hidden_size=1,
    ),
    _example(
        "xor-2",
        "XOR with 2 hidden units",
        "Two folds can part one pair of corners from the rest; the other corners are still mixed.",
        data="xor",
        hidden_size=2,
    ),
    _example(
        "xor-8",
        "XOR with 8 hidden units",
        "Some units are more than are needed, and so one start or another finds its way.",
        data="xor",
        hidden_size=8,
    ),
    _example(
        "moons",
        "Two moons",
        "The border bends between the moons; a fifth of the points is held out, and its loss is dashed.",
        data="moons",
        test_share=0.2,
    ),
    _example(
        "moons-too-fast",
        "A learning rate too high",
        "The same moons at 30 times the learning rate: each step overshoots, and the loss runs away.",
        data="moons",
        learning_rate=3e-2,
    ),
    _example(
        "spirals-4",
        "Spirals with 4 hidden units",
        "Four folds cannot follow arms that are wound around each other.",
        data="spirals",
        hidden_size=4,
    ),
    _example(
        "spirals-64",
        "Spirals with 64 hidden units",
        "With Adam and enough units the border follows the arms.",
        stage="optim",
        data="spirals",
        hidden_size=64,
        optimizer="Adam",
        learning_rate=1e-2,
    ),
    _example(
        "sine",
        "A sine from straight pieces",
        "The fitted curve bends once for every hidden unit that works.",
        data="sine",
        hidden_size=8,
    ),
    _example(
        "overfit",
        "Noise learned by heart",
        "Ten points and a hundred units: the loss falls to nothing, the loss of the test points does not.",
        stage="optim",
        data="polynomial",
        batch_size=20,
        test_share=0.5,
        hidden_size=100,
        optimizer="Adam",
        learning_rate=1e-2,
    ),
)
"""From easy to hard, kind by kind."""


def example_named(name: str) -> Example:
    """The example of that name.

    Raises:
        KeyError: there is none.
    """
    return {each.name: each for each in EXAMPLES}[name]
