"""What the landscape shows, in words."""

from __future__ import annotations

import math

import numpy as np

from playground.data.landscape import Landscape
from playground.data.step_size import StepSizes
from ui.widgets.number_text import show_float, show_whole

KINDS = {"path": "path", "random": "random", "step": "step size"}
PURPOSES = {
    "path": "The loss over the plane of weights in which the run's path lies, as far as a plane can hold it.",
    "random": "The loss over a plane through the present weights, along two random directions.",
    "step": "Is the learning rate right? The loss that one step leads to, for many step sizes.",
}
TIPS = {
    "path": "Plane of the path: the two principal components of the weights that the run went through",
    "random": "Random directions, each unit's part as long as the unit's weights (filter-normalized)",
    "step": "Step size: the loss along one step's gradient, and along its optimizer's update",
}


def title_of(found: Landscape) -> str:
    """What of the run lies in the plane."""
    plane = found.plane
    if plane.is_random:
        return f"random pair: {_share(plane.share)} of the path's variance"
    return f"{_share(plane.share)} of the variance of {len(plane.steps)} points"


def facts_of(found: Landscape) -> str:
    """The losses at the two marks, and what they are of."""
    first, last = found.plane.steps[0], found.plane.steps[-1]
    start = "at the start" if first == 0 else f"after {show_whole(first)}"
    before, after = both_texts(found.start, found.now)
    losses = f"Loss {before} {start}, {after} after {show_whole(last)} steps"
    depth = "" if found.depth is None else f", depth {found.depth}"
    size = len(found.across)
    return f"{losses} ({found.rows}{depth}; {size} × {size} places).{_off_the_plane(found)}"


def _off_the_plane(found: Landscape) -> str:
    """Why the colors at the beginning are not those of its loss; "" where they are."""
    off = found.start_lies_beside
    if not off:
        return ""
    first = found.plane.steps[0]
    name = "The start" if first == 0 else f"The point after {show_whole(first)}"
    return f" {name} lies off this plane by {short_number(off, 2)}: the colors are of the plane below it."


def point_text(found: Landscape, number: int) -> str:
    """One point of the path: its own loss, and how far it lies from the plane."""
    steps = found.plane.steps[number]
    name = "start" if steps == 0 else f"after {show_whole(steps)} step{'' if steps == 1 else 's'}"
    off = float(found.beside[number])
    beside = f", {short_number(off, 2)} off this plane" if off > 0 and short_number(off, 2) != "0" else ""
    return f"{name[:1].upper()}{name[1:]}: loss {loss_text(float(found.of_path[number]))}{beside}"


def place_text(found: Landscape, row: int, column: int) -> str:
    """One place of the grid."""
    across, up = float(found.across[column]), float(found.up[row])
    return f"({short_number(across)}, {short_number(up)}): loss {loss_text(float(found.losses[row, column]))}"


def step_title(found: StepSizes, optimizer: str) -> str:
    """Which step, and along what."""
    step = f"step {show_whole(found.step)}"
    if found.update is None:
        return f"{step}, along its gradient"
    named = f"update of {optimizer}" if optimizer else "its update"
    return f"{step}, {named}" if found.gradient is None else f"{step}, {named} and gradient"


def step_facts(found: StepSizes) -> str:
    """What this step size has led to, and what others would have."""
    parts = []
    if found.after is not None:
        before, after = both_texts(found.loss, found.after)
        size = "as it was made" if found.in_updates else f"at {rate_text(found, found.chosen)}"
        parts.append(f"loss {before} → {after} {size}")
    best, rises = found.best, rises_from(found)
    if best:
        name = rate_text(found, float(found.rates[best]), short=True)
        parts.append(f"lowest {loss_text(float(found.shown[best]))} near {name}")
    if rises is not None:
        parts.append(f"above {rate_text(found, rises, short=True)} it rises")
    elif best == 0:
        parts.append("every step this way makes it higher")
    depth = "" if found.depth is None else f", depth {found.depth}"
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]} ({found.rows}{depth})."


def rises_from(found: StepSizes) -> float | None:
    """About the rate above which the loss is higher than before the step; None if it is nowhere."""
    best = found.best
    if not best:
        return None
    higher = np.flatnonzero(~(found.shown[best:] <= found.loss))
    if not higher.size:
        return None
    at = best + int(higher[0])
    (one, other), (below, above) = (
        found.rates[at - 1 : at + 1].tolist(),
        found.shown[at - 1 : at + 1].tolist(),
    )
    # On the line between two rates, if it leads anywhere.
    share = (found.loss - below) / (above - below) if math.isfinite(above) else 0.5
    return float(one + share * (other - one))


def rate_reading(found: StepSizes, number: int) -> str:
    """One place of the curves."""
    parts = [rate_text(found, float(found.rates[number]))]
    if found.update is not None:
        parts.append(f"update {loss_text(float(found.update[number]))}")
    if found.gradient is not None:
        parts.append(f"gradient {loss_text(float(found.gradient[number]))}")
    return f"{parts[0]}: loss {', '.join(parts[1:])}"


def rate_text(found: StepSizes, rate: float, short: bool = False) -> str:
    """A step size as the axis has it."""
    text = show_float(rounded(rate))
    if found.in_updates:
        return f"{text} ×" if short else f"{text} × the update"
    return text if short else f"lr {text}"


def rounded(value: float) -> float:
    """With two digits, as an axis needs them."""
    return float(f"{value:.2g}")


def loss_text(value: float) -> str:
    """Four digits, or the word for what is no number."""
    if math.isnan(value):
        return "NaN"
    return _short_exponent(f"{value:.4g}") if math.isfinite(value) else "infinite"


def _short_exponent(text: str) -> str:
    """`"1e-07"` as people write it."""
    mantissa, e, exponent = text.partition("e")
    return f"{mantissa}e{int(exponent)}" if e else text


def _share(share: float) -> str:
    if 0.1 <= share <= 0.99 or share == 0:
        return f"{share:.0%}"
    if share > 0.999:
        return "over 99.9%"
    return f"{share:.1%}" if share > 0.001 else "less than 0.1%"


def both_texts(one: float, other: float) -> tuple[str, str]:
    """Two losses with as many digits as tell them apart, eight at most."""
    if not math.isfinite(one + other):
        return loss_text(one), loss_text(other)
    for digits in (4, 6):
        texts = _short_exponent(f"{one:.{digits}g}"), _short_exponent(f"{other:.{digits}g}")
        if texts[0] != texts[1]:
            return texts
    return f"{one:.8g}", f"{other:.8g}"


def short_number(value: float, digits: int = 3) -> str:
    """Of an axis: `"1.28e4"`."""
    return _short_exponent(f"{value:.{digits}g}").replace("-", "−")
