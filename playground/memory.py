"""How much memory a run needs, and whether that much is free, asked before anything is allocated."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from playground.settings import Settings

if TYPE_CHECKING:
    import torch

STATES_OF_OPTIMIZER = {"SGD": 1, "RMSprop": 3, "Adagrad": 1, "Adafactor": 1, "Adam": 3, "AdamW": 3}
"""Tensors as large as the weights that an optimizer keeps at most; two for those not listed."""

BYTES_OF_A_NUMBER = {"float32": 4, "float64": 8}

CGROUP = Path("/sys/fs/cgroup")


class NotEnoughMemoryError(ValueError):
    """The sizes need more memory than is free; the message gives both figures."""


def estimate_bytes(settings: Settings) -> int:
    """Memory in bytes that a run needs at its peak, from the shapes of everything a step holds.

    Counted are data, weights, their gradients, the results of the forward pass, the gradients of
    the backward pass, what the optimizer keeps, and the temporary tensors of the update. A start
    that is shared, or of another type, comes on top where it takes more than a step. Of a program of the
    user's own nothing is known before it runs: 0.
    """
    if settings.own is not None:
        return 0
    batch, inputs, hidden, outputs = settings.sizes
    stage = settings.program
    weights = inputs * hidden + hidden * outputs
    uses = 1
    if stage.has_depth:
        weights += hidden * hidden
        uses += settings.depth[1]
    data = batch * (inputs + outputs)
    activations = 2 * uses * batch * hidden + 3 * batch * outputs
    gradients = 2 * batch * hidden + batch * outputs
    states = STATES_OF_OPTIMIZER.get(settings.optimizer, 2) if settings.optimizer else 0
    # The gradient, and one temporary (learning rate times gradient) while the update is made.
    elements = data + weights * (3 + states) + activations + gradients
    own = 8 if stage.name == "numpy" else 4
    size = own if settings.dtype is None else BYTES_OF_A_NUMBER[settings.dtype]
    if not settings.same_start and size == own:
        return elements * size
    # One after the other is drawn in float64, and takes the place of what the stage had drawn.
    largest = max(batch * inputs, batch * outputs, inputs * hidden, hidden * outputs)
    return max(elements * size, (data + weights) * max(own, size) + largest * (8 + size))


def free_bytes() -> int:
    """Memory in bytes that the system, and the container this runs in, can still give."""
    try:
        free = psutil.virtual_memory().available
    except (OSError, RuntimeError, psutil.Error):
        # Nothing is known of this system: nothing is refused.
        return sys.maxsize
    try:
        limit = (CGROUP / "memory.max").read_text().strip()
        # The cache of files counts as used, but gives way when memory is asked for.
        stat = dict(line.split() for line in (CGROUP / "memory.stat").read_text().splitlines())
        used = int((CGROUP / "memory.current").read_text()) - int(stat["inactive_file"])
    except (OSError, ValueError, KeyError):
        return free
    return free if limit == "max" else min(free, max(0, int(limit) - used))


def check_memory(settings: Settings, freed: int = 0, free: int | None = None) -> None:
    """Refuses a run that would not fit.

    Args:
        settings: the run's.
        freed: bytes that an older run gives back before this one starts.
        free: bytes that its device has left; by default the system's memory.

    Raises:
        NotEnoughMemoryError: it needs more than is free.
    """
    needed = estimate_bytes(settings)
    available = (free_bytes() if free is None else free) + freed
    if needed > available:
        sizes = " x ".join(str(size) for size in settings.sizes)
        raise NotEnoughMemoryError(
            f"sizes {sizes} need about {in_words(needed)} of memory; "
            f"{in_words(available)} are free: choose smaller sizes"
        )


def in_words(count: int) -> str:
    """A number of bytes for people: `"3.4 GB"`."""
    amount = float(count)
    for unit in ("bytes", "kB", "MB"):
        if amount < 999.5:
            return f"{amount:.3g} {unit}"
        amount /= 1000
    return f"{amount:,.1f} GB"


def free_on(device: torch.device) -> int | None:
    """Bytes that an accelerator has left; None for the CPU and where it cannot be asked."""
    import torch

    if device.type != "cuda":
        return None
    return int(torch.cuda.mem_get_info(device)[0])
