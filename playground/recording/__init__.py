"""A recording: one real step with every value, gradient and line, to be walked through afterwards.

The data, plain and frozen: `events` is what happened, `model` the whole recording, `snapshot` and
`statistics` what a tensor was at one moment.

The making: `recorder` drives a step of a stage and `record` one of any function; both write on the tape
of `step_tape`, which asks `autograd_watch` for the nodes of autograd (and it `own_functions` for those of
the user's own, `saved_values` for what nodes have put aside), `snapshotting` for snapshots, `call_sites`
for lines and `documentation` for a sentence on each operation, and keeps `drafts` of events.
`variables` finds what gives parameters their names. When the step has ended, `assembly` makes the
recording of the drafts, in the words that `labels` finds.

The use: `chain_rule` writes what a backward node computed as a formula (`chain_formulas` has one for each
kind of node, `chain_terms` their parts), `finite_difference` checks a gradient, `progress` tells how far
the step was at an event, `phase_names` tells apart phases and passes that come back, `shelf` keeps the
recordings of a
run, and `text` prints one.

Of all these only `autograd_watch` and what it asks (`autograd_nodes`, `own_functions`, `saved_values`)
load torch when they are imported.
"""

from __future__ import annotations

from playground.recording.events import Change, Event, EventKind, Port, Span, StateChange
from playground.recording.ledger import (
    Contribution,
    GradientCause,
    GradientEntry,
    GradientLedger,
    MemoryLedger,
    SavedTensor,
)
from playground.recording.model import (
    BackwardPass,
    NodeRecord,
    ParameterRecord,
    PhaseSpan,
    RecordedFailure,
    Recording,
    Saved,
)
from playground.recording.progress import Progress, progress_at
from playground.recording.snapshot import Snapshot
from playground.recording.statistics import Histogram, Picture, Statistics

__all__ = [
    "BackwardPass",
    "Change",
    "Contribution",
    "Event",
    "EventKind",
    "GradientCause",
    "GradientEntry",
    "GradientLedger",
    "Histogram",
    "MemoryLedger",
    "NodeRecord",
    "ParameterRecord",
    "PhaseSpan",
    "Picture",
    "Port",
    "Progress",
    "RecordedFailure",
    "Recording",
    "Saved",
    "SavedTensor",
    "Snapshot",
    "Span",
    "StateChange",
    "Statistics",
    "progress_at",
]
