"""What a watch over autograd needs of the tape that it writes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, Protocol, TypeVar

from torch import Tensor

from playground.graph.model import Phase
from playground.recording.call_sites import CallSite
from playground.recording.drafts import Draft
from playground.recording.events import EventKind
from playground.recording.snapshot import Snapshot
from playground.tracing.tape import Output, Seen

_P = ParamSpec("_P")
_R = TypeVar("_R")


class WatchedTape(Protocol):
    """What a watch needs of the tape that it writes on, see `StepTape`.

    Attributes:
        drafts: in the order in which they ran.
        half: the half of the step that runs now.
        parent: the node inside which operations run now, or None.
        parameters: by name.
    """

    drafts: list[Draft]
    half: Phase
    parent: Draft | None
    parameters: dict[str, object]

    def new_draft(self, kind: EventKind, op: str, site: CallSite, documentation: str = "") -> Draft:
        """An event in the making, at this moment of the step."""

    def take(self, value: object) -> Snapshot | None:
        """A snapshot of a tensor."""

    def know(self, value: Tensor, snapshot: Snapshot) -> None:
        """Says what a tensor is, where its memory has only changed hands."""

    def note(self, text: str) -> None:
        """Notes what a reader of the recording has to know."""

    def draft_at(self, place: Output | None) -> Draft | None:
        """The operation that gave the result at a place on the tape."""

    def name_of(self, place: Output) -> str | None:
        """The variable that a result is bound to."""

    def place_of(self, seen: Seen) -> Output | None:
        """The place on the tape of what a tensor holds now."""

    def note_names(self) -> None:
        """Gives records the names of the variables that hold their results now."""

    def guarded(self, op: str, function: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R | None:
        """Calls what takes something down; what that raises is kept from the step."""

    def leaf_found(self, leaf: Tensor, value: Snapshot) -> None:
        """Told what a leaf is when a pass begins: a lazy parameter has only just been made."""

    def gradients_now(self) -> dict[str, Snapshot]:
        """The gradients that backward has left, by parameter."""

    def names_of_leaves(self) -> dict[int, str]:
        """What the step's variables call each leaf that gets a gradient now, by its `id`."""
