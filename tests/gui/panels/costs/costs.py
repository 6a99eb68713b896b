"""Costs that the view shows."""

from __future__ import annotations

from playground.comparing.costs import StageCost
from playground.stages import STAGES

NAMES = tuple(stage.name for stage in STAGES)
WIDE, NARROW = (760, 520), (560, 420)
CONDITIONS = "64 × 1000 × 100 × 10, cpu, 2 threads"


def cost(
    stage: str, parts: tuple[float, float, float], *, total: float = 0.0, peak: int = 3_400_000
) -> StageCost:
    """A cost from milliseconds."""
    forward, backward, update = (1e-3 * part for part in parts)
    return StageCost(stage, forward, backward, update, 1e-3 * (total or sum(parts)), 200, peak)


AUTOGRAD = cost("autograd", (0.21, 0.30, 0.10))
DYNAMIC = cost("dynamic", (0.43, 0.70, 0.27), peak=1_700_000)
EIGHT = tuple(
    cost(name, (0.1 * number, 0.2 * number, 0.05 * number), peak=500_000 * number)
    for number, name in enumerate(NAMES, start=1)
)
