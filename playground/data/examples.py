"""Set-ups in which a net can be seen to fail, and then to succeed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from playground.data.defaults import with_data
from playground.settings import Settings, changed, make_settings


@dataclass(frozen=True, slots=True)
class Example:
    """A set-up with what there is to see in it.

    Attributes:
        name: short, for commands and files.
        title: for a menu.
        sentence: what to look at.
        data: the set.
        values: settings besides.
    """

    name: str
    title: str
    sentence: str
    data: str
    values: Mapping[str, object]

    def settings(self) -> Settings:
        """The whole set-up, in the stage with an optimizer."""
        return changed(with_data(make_settings(stage="optim"), self.data), **self.values)


_LUCKY = {"seed": 11, "learning_rate": 0.03, "steps": 1000}
"""The same points for one, two and four units; with four, one of the first twelve seeds gets all right."""

EXAMPLES: tuple[Example, ...] = (
    Example(
        "xor-1",
        "XOR with one hidden unit",
        "One unit folds the plane once: whatever it learns, four squares in turn are beyond it.",
        "xor",
        {"hidden_size": 1, **_LUCKY},
    ),
    Example(
        "xor-2",
        "XOR with two hidden units",
        "Two folds, and still a quarter of the points is wrong.",
        "xor",
        {"hidden_size": 2, **_LUCKY},
    ),
    Example(
        "xor-4",
        "XOR with four hidden units",
        "Four folds, and the four squares come out. This start is a lucky one: with another seed a fold "
        "or two may end where they are of no use.",
        "xor",
        {"hidden_size": 4, **_LUCKY},
    ),
    Example(
        "spirals-4",
        "Spirals with four hidden units",
        "Four folds cannot follow two arms: the border stays nearly straight.",
        "spirals",
        {"hidden_size": 4, "steps": 1000},
    ),
    Example(
        "spirals-64",
        "Spirals with 64 hidden units",
        "The border winds along the arms, from the outside in.",
        "spirals",
        {"hidden_size": 64, "steps": 1000},
    ),
    Example(
        "too-fast",
        "A learning rate that is too high",
        "Every step overshoots by more than it gains: the loss grows until it is no number any more.",
        "moons",
        {"optimizer": "SGD", "learning_rate": 0.02, "steps": 100},
    ),
    Example(
        "by-heart",
        "Learning the noise by heart",
        "The loss goes on falling while the test loss turns: what is learned now is the noise.",
        "polynomial",
        {"hidden_size": 256, "learning_rate": 0.01, "test_share": 0.5, "noise": 0.5, "steps": 3000},
    ),
)
"""In the order of a menu."""


def example_named(name: str) -> Example:
    """The example of that name.

    Raises:
        KeyError: there is none.
    """
    return {each.name: each for each in EXAMPLES}[name]
