"""What an optimizer keeps for each parameter, before a recorded step and after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias, cast

import numpy as np

from playground.recording.events import StateChange
from playground.recording.snapshot import Snapshot

if TYPE_CHECKING:
    import torch


Take: TypeAlias = Callable[[object], Snapshot | None]
"""Makes a snapshot of an array or a tensor."""


class OptimizerStates:
    """Looks at the state of one optimizer.

    Attributes:
        optimizer: what makes the update, or None.
    """

    def __init__(self) -> None:
        """Knows no optimizer."""
        self.optimizer: torch.optim.Optimizer | None = None
        self._before: dict[str, dict[str, Snapshot]] = {}

    def entries(self, parameter: object) -> Mapping[str, object]:
        """What is kept for a parameter now, by its names in `optimizer.state`."""
        if self.optimizer is None:
            return {}
        # Asking a defaultdict for a parameter would make an entry.
        known = cast("torch.Tensor", parameter)
        return dict(self.optimizer.state[known]) if known in self.optimizer.state else {}

    def begin(self, name: str, parameter: object, take: Take) -> None:
        """Keeps what there is for a parameter when the step begins."""
        self._before[name] = self._now(parameter, take)

    def changes(self, name: str, parameter: object, take: Take) -> tuple[StateChange, ...]:
        """Every entry for a parameter, before the step and now."""
        before, after = self._before.get(name, {}), self._now(parameter, take)
        return tuple(
            StateChange(entry, before.get(entry), after.get(entry))
            for entry in dict.fromkeys((*before, *after))
        )

    def _now(self, parameter: object, take: Take) -> dict[str, Snapshot]:
        found = {}
        for entry, state in self.entries(parameter).items():
            taken = take(state if not isinstance(state, int | float) else np.asarray(state))
            if taken is not None:
                found[entry] = taken
        return found
