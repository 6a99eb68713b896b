"""With which settings the lab runs its programs."""

from __future__ import annotations

from playground.faults.fault import Fault
from playground.settings import Settings, make_settings

STEPS = 100
"""So many of each program are made, if nobody says otherwise."""


def lab_settings(fault: Fault, steps: int = STEPS) -> Settings:
    """The stage's own settings, for so many steps: those for which a fault's file says where to look."""
    return make_settings(stage=fault.stage, steps=steps)
