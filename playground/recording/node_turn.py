"""One node's turn in a backward pass, as its hooks tell of it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from torch import Tensor

from playground.recording.drafts import Draft, PassDraft
from playground.recording.watched_tape import WatchedTape
from playground.tracing.backward_calls import BackwardCall

if TYPE_CHECKING:
    from playground.recording.autograd_watch import AutogradWatch


class NodeTurn:
    """One node's turn in a pass, as its hooks tell of it.

    It knows its node by number only: one that held the node would make a cycle that only the garbage
    collector frees. The mode is entered while the user's own backward runs, so that the operations that it
    calls are seen, too.
    """

    def __init__(
        self,
        tape: WatchedTape,
        watch: AutogradWatch,
        each: PassDraft,
        number: int,
        call: BackwardCall,
        name: str,
    ) -> None:
        """A node's turn that is to come.

        Args:
            tape: to write on.
            watch: knows the pass.
            each: the pass.
            number: of the node in it.
            call: that has started it.
            name: of the node.
        """
        self._tape, self._watch, self._pass = tape, watch, each
        self._number, self._call, self._name = number, call, name
        self._outer: Draft | None = None
        self.mode: AbstractContextManager[object] | None = None

    def begins(self, gradients: Sequence[Tensor | None]) -> None:
        """The node's pre-hook: its gradients have come in."""
        draft = self._tape.guarded(self._name, self._watch.enter, self._pass, self._number, gradients)
        if self.mode is not None:
            self._outer, self._tape.parent = self._tape.parent, draft
            self.mode.__enter__()

    def ends(self, outgoing: Sequence[Tensor | None], incoming: Sequence[Tensor | None]) -> None:
        """The node's hook: its gradients go out."""
        if self.mode is not None:
            self._tape.guarded(self._name, self._tape.note_names)
            self.mode.__exit__(None, None, None)
            self._tape.parent = self._outer
        self._tape.guarded(self._name, self._watch.leave, self._pass, self._number, self._call, outgoing)
