"""A recording: one real step with every value, gradient and line, to be walked through afterwards.

`model` is the plain data, `snapshot` and `statistics` hold what a tensor was at one moment, `recorder`
takes everything down while the step runs, `chain_rule` writes what a backward node computed as a
formula, and `wiggle` measures a slope. Nothing here loads torch when it is imported.
"""

from __future__ import annotations

from playground.recording.model import (
    Change,
    Contribution,
    Event,
    EventKind,
    NodeRecord,
    ParameterRecord,
    Port,
    RecordedFailure,
    Recording,
    Saved,
    Span,
    StateChange,
)
from playground.recording.progress import Progress, progress_at
from playground.recording.snapshot import Snapshot
from playground.recording.statistics import Histogram, Picture, Statistics

__all__ = [
    "Change",
    "Contribution",
    "Event",
    "EventKind",
    "Histogram",
    "NodeRecord",
    "ParameterRecord",
    "Picture",
    "Port",
    "Progress",
    "RecordedFailure",
    "Recording",
    "Saved",
    "Snapshot",
    "Span",
    "StateChange",
    "Statistics",
    "progress_at",
]
