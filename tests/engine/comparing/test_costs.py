"""What a stage costs: the parts into which a step is cut, and the memory; no test looks at a duration."""

from __future__ import annotations

import linecache
import subprocess
import sys
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from playground.comparing import costs
from playground.comparing.costs import StageCost, in_three_parts, measure_costs
from playground.memory import estimate_bytes
from playground.programs.driver import Driver
from playground.settings import Settings, SettingsError, make_settings
from playground.stages import STAGES
from playground.trainer import Trainer

ROOT = Path(__file__).parents[3]
NAMES = [stage.name for stage in STAGES]
SIZES = {"batch_size": 4, "input_size": 9, "hidden_size": 6, "output_size": 3}

# The statement of each stage's text that begins the update.
UPDATES = {
    "numpy": "w1 -= learning_rate * grad_w1",
    "tensor": "w1 -= learning_rate * grad_w1",
    "autograd": "with torch.no_grad():",
    "function": "with torch.no_grad():",
    "nn": "with torch.no_grad():",
    "optim": "optimizer.step()",
    "module": "optimizer.step()",
    "dynamic": "optimizer.step()",
}


def small(stage: str, **values: object) -> Settings:
    return make_settings(**({"stage": stage, **SIZES} | values))


def line_of(driver: Driver) -> str:
    """The line of the program's text at which it stands."""
    frame = driver.frame
    assert frame is not None
    return linecache.getline(driver.filename, frame.f_lineno).strip()


@pytest.mark.parametrize("stage", NAMES)
def test_a_step_is_cut_before_its_update(stage: str) -> None:
    driver = in_three_parts(small(stage))
    driver.forward()
    driver.finish()
    assert line_of(driver) == UPDATES[stage]


@pytest.mark.parametrize("stage", NAMES)
def test_a_cut_step_is_the_same_step(stage: str) -> None:
    settings = small(stage)
    driver = in_three_parts(settings)
    trainer = Trainer(settings)
    losses = []
    for _ in range(5):
        losses.append(driver.forward().loss.item())
        driver.finish()
        driver.finish()
    assert losses == [trainer.step() for _ in range(5)]


@pytest.mark.parametrize("optimizer", ["SGD", "Adam", "Adafactor", "Rprop"])
def test_any_optimizer_makes_the_update(optimizer: str) -> None:
    driver = in_three_parts(small("dynamic", optimizer=optimizer, depth="2:2"))
    driver.forward()
    driver.finish()
    assert line_of(driver) == UPDATES["dynamic"]


def test_stages_take_turns_in_alternating_order(monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    take_turn = costs._Clock.take_turn

    def noting(clock: costs._Clock, steps: int) -> None:
        order.append(clock.settings.stage)
        take_turn(clock, steps)

    monkeypatch.setattr(costs._Clock, "take_turn", noting)
    heard: list[tuple[int, int]] = []
    found = measure_costs([small("numpy"), small("nn")], 3, 4, lambda *turn: heard.append(turn))
    assert order == ["numpy", "nn", "nn", "numpy", "numpy", "nn"]
    assert heard == [(1, 3), (2, 3), (3, 3)]
    assert [(each.stage, each.steps) for each in found] == [("numpy", 12), ("nn", 12)]


@pytest.mark.parametrize("stage", ["numpy", "nn"])
def test_it_can_be_ended_before_any_step(stage: str) -> None:
    calls: list[None] = []
    measure_costs([small(stage)], 2, 3, on_step=lambda: calls.append(None))
    timed = 2 * (costs.UNTIMED_STEPS + 3)
    assert len(calls) > timed

    def end() -> None:
        calls.append(None)
        if len(calls) == number:
            raise InterruptedError

    for number in (1, 2, timed):
        calls.clear()
        with pytest.raises(InterruptedError):
            measure_costs([small(stage)], 2, 3, on_step=end)
        assert len(calls) == number


def test_figures_are_medians(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter(
        [(1.0, 10.0, 100.0)] * costs.UNTIMED_STEPS + [(2.0, 7.0, 1.0), (4.0, 1.0, 2.0), (3.0, 5.0, 9.0)]
    )
    monkeypatch.setattr(costs._Clock, "_step", lambda _: next(times))
    (found,) = measure_costs([small("nn")], 1, 3)
    # The median of the sums is not the sum of the medians.
    assert found == StageCost("nn", 3.0, 5.0, 2.0, 10.0, 3, found.peak_bytes)


def test_parts_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that ticks by powers of two at each look shows which looks a part lies between."""
    ticks = (2.0**power for power in count())
    monkeypatch.setattr(costs, "time", SimpleNamespace(perf_counter=lambda: next(ticks)))
    clock = costs._Clock(small("tensor"))
    assert clock._step() == (1.0, 2.0, 4.0)


@pytest.mark.parametrize("values", [{}, {"same_start": True}, {"same_start": True, "dtype": "float32"}])
@pytest.mark.parametrize("stage", NAMES)
def test_memory_is_near_the_estimate(stage: str, values: dict[str, object]) -> None:
    settings = make_settings(stage=stage, **values)
    (found,) = measure_costs([settings], 1, 1)
    data_and_weights = (64 * 1010 + 1010 * 100) * (8 if stage == "numpy" else 4)
    if values:
        data_and_weights = (64 * 1010 + 1010 * 100) * (4 if "dtype" in values else 8)
    assert data_and_weights < found.peak_bytes < 1.2 * estimate_bytes(settings)
    assert found.peak_bytes > 0.45 * estimate_bytes(settings)


def test_memory_is_the_same_each_time_and_knows_the_optimizers_state() -> None:
    plain, again, adam = (
        measure_costs([make_settings(stage="optim", optimizer=name)], 1, 1)[0].peak_bytes
        for name in ("SGD", "SGD", "Adam")
    )
    assert plain == again
    # Two moments of every weight and bias.
    assert adam - plain >= 2 * 4 * (1001 * 100 + 101 * 10)


def test_random_generators_are_left_as_they_were() -> None:
    np.random.seed(1)
    expected = np.random.rand()
    np.random.seed(1)
    measure_costs([small("numpy"), small("dynamic")], 1, 1)
    assert np.random.rand() == expected


@pytest.mark.parametrize(("turns", "steps"), [(0, 1), (1, 0), (-1, 5)])
def test_nothing_to_measure(turns: int, steps: int) -> None:
    with pytest.raises(ValueError, match=f"^{turns} turns of {steps} steps"):
        measure_costs([small("nn")], turns, steps)


def test_what_is_not_here_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"^device: 'cuda:99'"):
        measure_costs([small("nn", device="cuda:99")], 1, 1)


@pytest.mark.parametrize(
    "module", ["playground.comparing.costs", "playground.comparing.compare", "playground.same_start"]
)
def test_plain_data_loads_no_torch(module: str) -> None:
    command = [sys.executable, "-c", f"import sys, {module}; print('torch' in sys.modules)"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.stdout.strip() == "False", run.stderr
