"""The nodes of autograd that a recorded step has met, and what is known of each."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import torch
from torch import Tensor

from playground.graph.autograd import LEAF
from playground.recording.drafts import Draft
from playground.recording.model import Saved
from playground.recording.saved_memory import SavedMemory
from playground.recording.snapshot import Snapshot
from playground.tracing.tape import Output

if TYPE_CHECKING:
    from torch.autograd.graph import Node as GradientFunction

    Result: TypeAlias = tuple[GradientFunction, int]
    """A node, and the number of its result."""


class KnownNodes:
    """What is known of the nodes of one step's graph.

    Attributes:
        memory: what nodes hold for backward.
        made_by: the draft of the operation that made a node.
        saved: what each node had put aside, read before backward.
        saved_sources: where each of these comes from: a node's result, or a place on the tape.
        values: the forward result of a node.
        outputs: the place on the tape of that result.
        results_of_functions: the same for a Function of the user's own, whose result was computed inside.
        differentiates: for a node that backward itself has made: whose forward result its own is the
            gradient by.
    """

    def __init__(self) -> None:
        """No node has been met yet."""
        self.memory = SavedMemory()
        self.made_by: dict[GradientFunction, Draft] = {}
        self.saved: dict[GradientFunction, tuple[Saved, ...]] = {}
        self.saved_sources: dict[GradientFunction, list[Result | Output | None]] = {}
        self.values: dict[Result, Snapshot] = {}
        self.outputs: dict[Result, Output] = {}
        self.results_of_functions: dict[Result, Output] = {}
        self.differentiates: dict[Result, Result] = {}

    def claim(
        self, function: GradientFunction, draft: Draft, behind: Collection[GradientFunction] = ()
    ) -> None:
        """The node and those behind it, down to what the operation was given, belong to this draft."""
        waiting = deque([function])
        while waiting:
            each = waiting.popleft()
            if each in self.made_by or each in behind or is_leaf(each):
                continue
            self.made_by[each] = draft
            draft.functions.append(each)
            self.memory.note(each, draft)
            waiting.extend(target for target, _ in each.next_functions if target is not None)

    def close(self) -> None:
        """Lets go of every node."""
        for each in (self.made_by, self.saved, self.saved_sources, self.values, self.outputs):
            each.clear()
        self.results_of_functions.clear()
        self.differentiates.clear()
        self.memory.close()


def node_behind(value: object) -> GradientFunction | None:
    """The node behind a tensor; None for one that autograd does not follow."""
    if not isinstance(value, Tensor) or value.is_inference() or not value.requires_grad:
        return None
    with torch._C.DisableTorchFunction():
        try:
            if value.grad_fn is not None:
                return value.grad_fn
        except RuntimeError:
            # A view of a parameter that was made without autograd: once the parameter has changed
            # PyTorch refuses to be asked.
            return None
        # A leaf is asked by an operation that autograd has to follow, wherever the program is.
        if torch.is_inference_mode_enabled():
            with torch.inference_mode(False), torch.enable_grad():
                return _behind_leaf(value)
        if torch.is_grad_enabled():
            return _behind_leaf(value)
        with torch.enable_grad():
            return _behind_leaf(value)


def _behind_leaf(leaf: Tensor) -> GradientFunction | None:
    # A sparse one cannot be viewed.
    used = leaf.view_as(leaf) if leaf.layout is torch.strided else leaf.clone()
    asked = used.grad_fn
    return None if asked is None else asked.next_functions[0][0]


def is_leaf(function: GradientFunction) -> bool:
    """Whether a node stands for a leaf: it accumulates its gradient."""
    return type(function).__name__ == LEAF


def variable_of(function: GradientFunction) -> Tensor:
    """The leaf behind an `AccumulateGrad` node."""
    return cast("Tensor", cast("Any", function).variable)
