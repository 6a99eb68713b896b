"""What was changed in mid-run: its step, its words, and the slopes of the loss around it."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import pytest

from playground.history import NO_DEPTH, History
from playground.runs.changes import (
    FEWEST_LOSSES,
    Slopes,
    changes_between,
    in_force,
    marks_of,
    slopes_at,
)
from playground.settings import Settings, make_settings
from playground.trainer import Trainer

SIZES = {"batch_size": 4, "input_size": 6, "hidden_size": 5, "output_size": 2}
ADAM = {"betas": (0.9, 0.999), "weight_decay": 0, "amsgrad": False}


def history_of(losses: Iterable[float]) -> History:
    history = History(0)
    for loss in losses:
        history.append(float(loss), NO_DEPTH, 0)
    return history


def changed(settings: Settings, **values: object) -> Settings:
    return make_settings(**{**settings.model_dump(), **values})


@pytest.mark.parametrize(
    ("stage", "values", "words"),
    [
        ("autograd", {"learning_rate": 1e-5}, ["lr 1e-6 → 1e-5"]),
        ("autograd", {"steps": 1000}, ["steps 500 → 1000"]),
        ("autograd", {"threads": 2}, ["threads automatic → 2"]),
        ("dynamic", {"depth": (1, 5)}, ["depth 0–3 → 1–5"]),
        (
            "optim",
            {"optimizer_options": {"betas": (0.8, 0.999), "amsgrad": True}},
            ["amsgrad off → on", "betas 0.9, 0.999 → 0.8, 0.999"],
        ),
        (
            "optim",
            {"learning_rate": 0.01, "optimizer_options": {"weight_decay": 0.1}},
            ["weight decay 0 → 0.1", "lr 1e-4 → 0.01"],
        ),
        ("autograd", {}, []),
    ],
)
def test_a_change_says_what_it_was_and_is(stage: str, values: dict[str, object], words: list[str]) -> None:
    old = make_settings(stage=stage)
    found = changes_between(7, old, changed(old, **values), ADAM if stage == "optim" else {})
    assert [change.words for change in found] == words
    assert all(change.step == 7 for change in found)


def test_what_was_tried_at_one_step_counts_once() -> None:
    rates = [make_settings(learning_rate=rate) for rate in (1e-6, 1e-5, 1e-4)]
    there = [*changes_between(3, rates[0], rates[1], {}), *changes_between(3, rates[1], rates[2], {})]
    assert [change.words for change in in_force(there)] == ["lr 1e-6 → 1e-4"]
    back = [*there, *changes_between(3, rates[2], rates[0], {})]
    assert in_force(back) == ()
    later = [*there, *changes_between(9, rates[2], rates[0], {})]
    assert [(change.step, change.words) for change in in_force(later)] == [
        (3, "lr 1e-6 → 1e-4"),
        (9, "lr 1e-4 → 1e-6"),
    ]


def test_changes_of_one_step_share_a_mark() -> None:
    old = make_settings(stage="dynamic")
    new = changed(old, depth=(1, 2), learning_rate=0.5)
    found = [*changes_between(20, new, old, {}), *changes_between(5, old, new, {})]
    assert [(step, len(changes)) for step, changes in marks_of(found)] == [(5, 2), (20, 2)]


def test_a_slope_is_that_of_the_least_squares_line() -> None:
    generator = np.random.default_rng(0)
    logarithms = np.concatenate([np.linspace(6, 4, 150), np.linspace(4, 5, 150)])
    losses = 10 ** (logarithms + generator.normal(0, 0.1, 300))
    losses[[60, 170]] = math.nan, math.inf
    slopes = slopes_at(history_of(losses), 150)
    for found, first in ((slopes.before, 50), (slopes.after, 150)):
        steps = [step for step in range(first, first + 100) if math.isfinite(losses[step])]
        assert found == pytest.approx(100 * np.polyfit(steps, np.log10(losses[steps]), 1)[0])


def test_another_change_ends_the_steps_of_a_slope() -> None:
    losses = 10 ** np.concatenate([np.linspace(0, 1, 50), np.linspace(1, 0, 50), np.linspace(0, 3, 100)])
    slopes = slopes_at(history_of(losses), 50, (50, 100))
    assert slopes.after == pytest.approx(-100 / 49)


def test_too_few_steps_are_said() -> None:
    history = history_of([10.0] * FEWEST_LOSSES + [1.0] * (FEWEST_LOSSES - 1))
    slopes = slopes_at(history, FEWEST_LOSSES)
    assert slopes.before == pytest.approx(0.0)
    assert slopes.after is None
    assert Slopes(-0.5213, None).words() == "−0.521 before, too few steps after"
    assert slopes_at(history_of([-1.0] * 300), 150) == Slopes(None, None)
    assert slopes_at(history_of([]), 0) == Slopes(None, None)


def test_the_trainer_tells_the_step_from_which_a_change_acts() -> None:
    settings = make_settings(stage="dynamic", **SIZES, depth=(0, 0))
    trainer = Trainer(settings)
    trainer.apply(changed(settings, learning_rate=1e-3))
    assert trainer.changes == [], "it is what the run begins with"
    for _ in range(4):
        trainer.step()
    trainer.apply(changed(trainer.settings, optimizer_options={"momentum": 0.5}))
    trainer.step()
    trainer.apply(changed(trainer.settings, depth=(2, 2)))
    trainer.step()
    assert [(change.step, change.words) for change in trainer.changes] == [
        (4, "momentum 0.9 → 0.5"),
        (5, "depth 0–0 → 2–2"),
    ]
    assert trainer.history.depths().tolist() == [0, 0, 0, 0, 0, 2]
