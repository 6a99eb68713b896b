"""Follows the Functions of the user's own: operations run inside them, and nothing tells of their node."""

from __future__ import annotations

from collections.abc import Sequence
from types import CodeType, FrameType
from typing import TYPE_CHECKING, cast

from torch import Tensor
from torch.autograd.function import BackwardCFunction

from playground.recording.autograd_nodes import KnownNodes, is_leaf, node_behind, variable_of
from playground.recording.call_sites import CallSite
from playground.recording.drafts import Draft, Link
from playground.recording.events import EventKind
from playground.recording.function_calls import function_call
from playground.recording.watched_tape import WatchedTape
from playground.tracing.tape import Seen

if TYPE_CHECKING:
    from torch.autograd.graph import Node as GradientFunction


class OwnFunctions:
    """Makes an event of each call of a Function of the user's own, as soon as its result is used."""

    def __init__(self, tape: WatchedTape, nodes: KnownNodes) -> None:
        """Follows the calls of one step.

        Args:
            tape: takes their events.
            nodes: gets to know theirs.
        """
        self._tape, self._nodes = tape, nodes
        self._inside: dict[str, list[Draft]] = {}
        """Operations inside the `forward` of a Function whose call has not been noticed, by its name."""
        self._called_at: dict[Draft, CallSite] = {}
        """Where the call stands of the Function that such an operation ran in."""
        self._forward: tuple[FrameType, object] | None = None

    def notice(self, inputs: Sequence[Seen]) -> None:
        """Finds out that a Function of the user's own has run: nothing else tells of its node."""
        for seen in inputs:
            function = node_behind(seen.value)
            if function is None or not isinstance(function, BackwardCFunction):
                continue
            if function not in self._nodes.made_by:
                self._apply(function, seen)
            self._add_result(function, seen)

    def _apply(self, function: GradientFunction, seen: Seen) -> None:
        """An event for the call of a Function, right after what ran inside its `forward`."""
        nodes = self._nodes
        name = type(function).__name__.removesuffix("Backward")
        waiting = self._inside.get(name, [])
        result = self._tape.draft_at(self._tape.place_of(seen))
        # What its forward gave is its result: of several calls that wait, this one.
        call = function if result is None or result not in waiting else result.context
        inside = [each for each in waiting if each.context in (None, function, call)]
        self._inside[name] = [each for each in waiting if each not in inside]
        sites = [self._called_at.pop(each) for each in inside]
        site = sites[-1] if sites else CallSite()
        draft = self._tape.new_draft(EventKind.OPERATION, name, site)
        for index, (target, number) in enumerate(function.next_functions):
            if target is not None:
                key = (target, number)
                value = (
                    self._tape.take(variable_of(target)) if is_leaf(target) else self._nodes.values.get(key)
                )
                draft.inputs.append(Link(value, nodes.outputs.get(key), target, index, number))
        for each in inside:
            each.parent = draft
        drafts = self._tape.drafts
        drafts.insert(drafts.index(inside[-1]) + 1 if inside else len(drafts), draft)
        self._nodes.claim(function, draft)

    def _add_result(self, function: GradientFunction, seen: Seen) -> None:
        """What a Function of the user's own gave, when it is first used."""
        number = cast("Tensor", seen.value).output_nr
        if (function, number) in self._nodes.values:
            return
        slot = self._tape.place_of(seen)
        value = self._tape.take(seen.value)
        self._nodes.made_by[function].outputs.append(Link(value, slot, function, number, number))
        if value is not None:
            self._nodes.values[function, number] = value
        if slot is not None:
            self._nodes.results_of_functions[function, number] = slot

    def note_inside(self, draft: Draft, root: CodeType) -> None:
        """Notes an operation that runs inside the `forward` of a Function of the user's own.

        Args:
            draft: the operation's.
            root: code of the step itself.
        """
        call = None if draft.parent is not None else function_call(root)
        if call is None:
            return
        if isinstance(call.context, BackwardCFunction):
            draft.context = call.context
        else:
            # A frame that is kept cannot become another call's.
            if self._forward is None or self._forward[0] is not call.forward:
                self._forward = call.forward, object()
            draft.context = self._forward[1]
        self._called_at[draft] = call.called_at(draft.site)
        self._inside.setdefault(call.name, []).append(draft)

    def close(self) -> None:
        """Lets go of every node."""
        self._inside.clear()
        self._called_at.clear()
        self._forward = None
