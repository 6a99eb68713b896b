"""Which runs compute the same, from the data and weights that all stages can share.

The lines that give a stage that start stand in its text, see `programs.stage_text`. The numbers are those
of the document's NumPy program: x, y, w1 and w2, in that order, from a `RandomState` with the run's seed.
A `Linear` holds its weights transposed. The hand-written stages have no biases; so that all compute the
same, the layers of the others lose theirs: a bias of zero would not do, since it would be trained.

DynamicNet takes w1 and w2 as its first and last layer. With depth 0 it is the same two-layer network;
its middle layer, which no other stage has, keeps the weights that it drew.
"""

from __future__ import annotations

from playground.settings import SHARED_OPTIMIZER, Settings


def another_computation(settings: Settings, reference: Settings) -> str:
    """What makes a run compute something else than the reference; "" if rounding alone tells them apart."""
    if not (settings.same_start and reference.same_start):
        return "its own start"
    if settings.program.has_depth and settings.depth != (0, 0):
        return "depth {}:{}".format(*settings.depth)
    if settings.optimizer not in (None, SHARED_OPTIMIZER) or any(
        value for _, value in settings.optimizer_options
    ):
        numbers = ", ".join(f"{name}={value}" for name, value in settings.optimizer_options)
        return f"optimizer {settings.optimizer}" + (f" with {numbers}" if numbers else "")
    for name in ("dtype", "learning_rate", "seed", "sizes"):
        value = getattr(settings, name)
        if value != getattr(reference, name):
            return f"{name.replace('_', ' ')} {value}"
    return ""
