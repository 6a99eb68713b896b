"""What a run may be asked to go on to: it stands still at the first step for which that holds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from playground.history import History


class HaltKind(StrEnum):
    """What is waited for."""

    STEP = "step"
    VARIANT = "variant"
    DEPTH = "depth"
    LOSS_BELOW = "loss"
    NOT_FINITE = "nan"
    GRADIENT_ABOVE = "gradient"


@dataclass(frozen=True, slots=True)
class Halt:
    """A place to stand still at.

    Attributes:
        kind: what is waited for.
        value: the step, the depth, or the bound; of no meaning for a new graph variant and for NaN.
    """

    kind: HaltKind
    value: float = 0.0

    @property
    def needs_gradients(self) -> bool:
        """Whether every step has to be recorded to know."""
        return self.kind is HaltKind.GRADIENT_ABOVE

    def reached(self, history: History, known_variants: int, gradient_norm: float | None = None) -> str:
        """Whether the newest step of a history is the one, and why, in words; "" if it is not.

        Args:
            history: with at least one step.
            known_variants: how many graph variants there were when the waiting began.
            gradient_norm: the largest of all parameters in that step, None if it is not known.
        """
        step = history.length - 1
        loss = history.loss(step)
        if self.kind is HaltKind.STEP:
            return "as asked" if step >= self.value else ""
        if self.kind is HaltKind.LOSS_BELOW:
            return f"the loss is {loss:.4g}, below {self.value:g}" if loss < self.value else ""
        if self.kind is HaltKind.NOT_FINITE:
            return "" if math.isfinite(loss) else f"the loss is {loss}"
        if self.kind is HaltKind.DEPTH:
            return f"its depth is {self.value:g}" if history.depth(step) == self.value else ""
        if self.kind is HaltKind.VARIANT:
            # Variants are numbered as they appear; the first step's is new to nobody.
            structure = history.structure(step)
            is_new = step > 0 and structure >= known_variants
            return f"it built a new graph, variant {structure + 1}" if is_new else ""
        if gradient_norm is None or not gradient_norm > self.value:
            return ""
        return f"a gradient has the norm {gradient_norm:.4g}, above {self.value:g}"
