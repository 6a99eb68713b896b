"""Gives a program that runs the points that the user has painted, between two of its steps."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from playground.data.painted_text import parting_line
from playground.data.text import conversion_lines
from playground.settings import Settings

_BOUND = ("x", "y", "x_test", "y_test", "x_all", "y_all", "batches", "order")
"""What the lines bind, and the loop and the lines of the test loss read."""


def repainting_lines(settings: Settings) -> list[str]:
    """The lines that give a program that runs other data, between two of its steps.

    They read `points`, an array of as many columns as a painted point has numbers, and what the lines before
    the loop have made. The rows that are held out stay those that they were; an order of mini-batches is
    drawn anew where there are more rows or fewer.
    """
    assert settings.painted is not None, "the data are painted"
    lines = [parting_line(settings.painted)]
    if settings.ones:
        lines.append("x = np.c_[x, np.ones(len(x))]")
    if settings.test_share:
        lines += [
            f"held = np.random.RandomState({settings.seed}).permutation(len(x))",
            "x_test, y_test = x[held[:held_out]], y[held[:held_out]]",
            "x, y = x[held[held_out:]], y[held[held_out:]]",
        ]
    lines += conversion_lines(settings)
    if settings.minibatch:
        order = f"np.random.RandomState({settings.seed}).permutation(len(x))"
        lines += [
            "x_all, y_all = x, y",
            "batches = -(-len(x) // minibatch)",
            "if len(order) != len(x):",
            f"    order = {order if settings.stage == 'numpy' else f'torch.from_numpy({order})'}",
        ]
    return lines


def repainted(settings: Settings, variables: Mapping[str, object]) -> dict[str, object]:
    """What a stage's variables shall be from its next step on.

    It runs the very lines that stand in the script of such a run, so that both have the same bits.

    Args:
        settings: with the points.
        variables: of the program as it stands.
    """
    assert settings.painted is not None, "the data are painted"
    names = {"order": (), **variables, "points": np.array(settings.painted.points, float)}
    exec("\n".join(repainting_lines(settings)), names)
    return {name: names[name] for name in _BOUND if name in names and names[name] is not variables.get(name)}
