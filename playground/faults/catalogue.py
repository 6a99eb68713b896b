"""All faults: a file of this folder each, so that another one is another file."""

from __future__ import annotations

from functools import cache

from playground.faults.fault import FOLDER, Fault, read_fault
from playground.stages import STAGES


@cache
def list_faults() -> tuple[Fault, ...]:
    """Every fault, in the order of the stages and then of the names.

    Raises:
        ValueError: a file that is not as it should be.
    """
    order = [stage.name for stage in STAGES]
    found = [read_fault(path) for path in FOLDER.glob("*.toml")]
    return tuple(sorted(found, key=lambda fault: (order.index(fault.stage), fault.name)))


def fault_named(name: str) -> Fault | None:
    """The fault of that name, or None."""
    return next((fault for fault in list_faults() if fault.name == name), None)
