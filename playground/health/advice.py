"""One sentence of advice, where the numbers allow one."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from playground.health.sample import HealthSample, ParameterHealth

NO_GRADIENT = "no gradient"
"""The kind of advice that speaks of a parameter without a gradient."""
FAST = 0.05
"""A step that changes more of a parameter's norm than this throws much of it away."""
TOO_FAST = 0.5
"""What changes by half of its norm in one step is no longer a healthy start."""
FEW_STEPS = 20
"""The first steps are large in many healthy runs."""
STILL_STEPS = 200
STILL_SHARE = 1e-3
"""A loss that moves by less than this share of itself over so many steps stands still."""
MANY_DEAD = 0.2
"""Units that give nothing for a whole batch: a fifth of a layer is worth a word."""


@dataclass(frozen=True, slots=True)
class Advice:
    """A sentence, and what it is drawn from.

    Attributes:
        kind: for dismissing it: "not finite", "no gradient", "fast", "dead", "still".
        text: one sentence.
        parameter: the parameter that it speaks of, "" if it speaks of none.
        step: the step that it is drawn from.
    """

    kind: str
    text: str
    parameter: str
    step: int


def advise(
    sample: HealthSample | None,
    losses: Sequence[float],
    dismissed: Collection[str] = (),
) -> Advice | None:
    """The most urgent advice that has not been dismissed, or None.

    Args:
        sample: of the newest step that was looked at.
        losses: of the newest steps, the newest last.
        dismissed: kinds that the user does not want to hear of again.
    """
    candidates = (*_of_parameters(sample), _of_layers(sample), _of_losses(losses, sample))
    return next((each for each in candidates if each is not None and each.kind not in dismissed), None)


def _of_parameters(sample: HealthSample | None) -> list[Advice]:
    if sample is None:
        return []
    found = []
    for each in sample.parameters:
        if not each.is_finite:
            text = f"The gradient of {each.name} is not finite: a lower learning rate keeps it in range."
            found.append(Advice("not finite", text, each.name, sample.step))
    for each in sample.parameters:
        if each.asks_gradient and each.gradient_norm is None:
            text = f"{each.name} gets no gradient: nothing that the loss is made of depends on it."
            found.append(Advice(NO_GRADIENT, text, each.name, sample.step))
    fastest = max(sample.parameters, key=_share, default=None)
    if fastest is not None and _share(fastest) > FAST:
        share = _share(fastest)
        amount = f"{share:.0%} of" if share < 1 else f"{share:.3g} times the norm of"
        text = f"A step changes {amount} {fastest.name}"
        early = sample.step < FEW_STEPS and share < TOO_FAST
        text += (
            ": the first steps are large; they get smaller as the loss falls."
            if early
            else ": a lower learning rate would calm the curve."
        )
        found.append(Advice("fast", text, fastest.name, sample.step))
    return found


def _share(parameter: ParameterHealth) -> float:
    share = parameter.update_share
    return share if share is not None and math.isfinite(share) else 0.0


def _of_layers(sample: HealthSample | None) -> Advice | None:
    if sample is None or not sample.layers:
        return None
    worst = max(sample.layers, key=lambda each: each.dead / max(1, each.units))
    if worst.dead <= MANY_DEAD * worst.units:
        return None
    count = f"{worst.dead} of {worst.units}"
    text = f"{count} units of the {worst.label} give zero for the whole batch, and cannot learn."
    return Advice("dead", text, "", sample.step)


def _of_losses(losses: Sequence[float], sample: HealthSample | None) -> Advice | None:
    if len(losses) < STILL_STEPS:
        return None
    newest = losses[-STILL_STEPS:]
    low, high = min(newest), max(newest)
    if not (math.isfinite(low) and math.isfinite(high)) or high - low > STILL_SHARE * abs(high) or high == 0:
        return None
    text = f"The loss has not moved for {STILL_STEPS} steps: it is done, or the learning rate is too small."
    return Advice("still", text, "", 0 if sample is None else sample.step)
