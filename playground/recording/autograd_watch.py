"""Sees what autograd does in a recorded step: which nodes are made, and what passes through them.

Nodes are watched by their own hooks and pre-hooks. A hook knows its node by number only: one that held
the node would make a cycle that only the garbage collector frees.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor
from torch.autograd.function import BackwardCFunction

from playground.failure import one_line
from playground.graph.autograd import capture_functions
from playground.graph.model import NodeKind, Phase
from playground.recording.autograd_nodes import KnownNodes, is_leaf, node_behind, variable_of
from playground.recording.call_sites import CallSite
from playground.recording.drafts import Draft, Link, PassDraft
from playground.recording.events import EventKind
from playground.recording.gradient_watch import GradientWatch
from playground.recording.ledger import GradientCause
from playground.recording.model import Saved
from playground.recording.node_turn import NodeTurn
from playground.recording.own_functions import OwnFunctions
from playground.recording.saved_values import plain_text, saved_values
from playground.recording.snapshot import Snapshot
from playground.recording.watched_tape import WatchedTape
from playground.tracing.backward_calls import BackwardCall
from playground.tracing.tape import Output, Seen
from playground.tracing.torch_functions import is_readable

if TYPE_CHECKING:
    from torch.autograd.graph import Node as GradientFunction
    from torch.utils.hooks import RemovableHandle


class AutogradWatch:
    """What is known of the nodes of one step's graph.

    Attributes:
        prepared: the graph of a pass that has not begun, or None.
        passes: every pass that has begun, in order.
        running: those that have not ended, from the outside to the inside.
        ended: how many have ended, those inside others left out.
        gradients: what happens to each `.grad`.
        nodes: those that have been met.
        functions: of the user's own.
        function: gives the node behind a tensor.
    """

    function = staticmethod(node_behind)

    def __init__(self, tape: WatchedTape) -> None:
        """Watches for a tape."""
        self._tape = tape
        self.prepared: PassDraft | None = None
        self.passes: list[PassDraft] = []
        self.running: list[PassDraft] = []
        self.ended = 0
        self.gradients = GradientWatch(tape.take)
        self.nodes = KnownNodes()
        self.functions = OwnFunctions(tape, self.nodes)
        self._unfinished: list[Draft] = []
        self._begun_at = _next_sequence_number()

    # While the forward pass runs

    def behind(self, op: str, inputs: Sequence[Seen]) -> set[GradientFunction]:
        """The nodes behind what an operation is given: it has not made them.

        One that nothing was seen to make comes from a region that cannot be seen into.
        """
        found = set()
        for seen in inputs:
            if not isinstance(seen.value, Tensor) or not is_readable(seen.value):
                continue
            function = self.function(seen.value)
            if function is None or is_leaf(function):
                continue
            found.add(function)
            if function not in self.nodes.made_by and not self.passes and self._is_of_this_step(function):
                self._tape.note(f"“{op}” takes a result whose own operations were not seen.")
        return found

    def _is_of_this_step(self, function: GradientFunction) -> bool:
        return function._sequence_nr() >= self._begun_at

    def made(self, draft: Draft, results: Sequence[Seen], behind: Collection[GradientFunction] = ()) -> None:
        """Takes down which nodes an operation has made: those behind its results that are new."""
        for link, seen in zip(draft.outputs, results, strict=True):
            function = self.function(seen.value)
            if function is None or is_leaf(function):
                continue
            key = (function, cast("Tensor", seen.value).output_nr)
            if link.value is not None:
                self.nodes.values[key] = link.value
            if link.output is not None:
                self.nodes.outputs[key] = link.output
            self.nodes.claim(function, draft, behind)

    # The graph, and backward

    def capture(self, roots: Sequence[Tensor], parameters: Mapping[str, object]) -> PassDraft:
        """Reads the whole graph, and what its nodes have saved, before backward frees it."""
        self.functions.notice([self._see(root) for root in roots])
        found = [
            (function, 0 if is_leaf(function) else root.output_nr)
            for root in roots
            if (function := self.function(root)) is not None
        ]
        named = cast("Mapping[str, Tensor]", parameters)
        with torch._C.DisableTorchFunction():
            functions = list(dict.fromkeys(function for function, _ in found))
            graph, reached = capture_functions(functions, named)
            variables = self._names_of_leaves(reached, named)
            if variables:
                graph, reached = capture_functions(functions, {**named, **variables})
            each = PassDraft(graph, reached, roots=found)
            for function in each.functions:
                if is_leaf(function):
                    self._read_leaf(each, function)
                elif function not in self.nodes.saved:
                    self._read_saved(function)
        self.prepared = each
        return each

    def _names_of_leaves(
        self, functions: Sequence[GradientFunction], named: Mapping[str, Tensor]
    ) -> dict[str, Tensor]:
        """The variables that hold leaves which are no parameters, such as an input that gets a gradient."""
        known = {id(each) for each in named.values()}
        leaves = [variable_of(each) for each in functions if is_leaf(each)]
        found: dict[str, Tensor] = {}
        held: dict[int, str] | None = None
        for leaf in leaves:
            if id(leaf) in known:
                continue
            place = self._tape.place_of(self._see(leaf))
            name = None if place is None else self._tape.name_of(place)
            if not name:
                held = self._tape.names_of_leaves() if held is None else held
                name = held.get(id(leaf))
            if name and name not in named:
                found.setdefault(name, leaf)
        return found

    def capture_ends(self, parameters: Mapping[str, object]) -> None:
        """Reads what there is of a graph whose loss was never reached."""
        used = {target for function in self.nodes.made_by for target, _ in function.next_functions}
        ends = [function for function in self.nodes.made_by if function not in used]
        with torch._C.DisableTorchFunction():
            graph, functions = capture_functions(ends, cast("Mapping[str, Tensor]", parameters))
        # What is computed last is not the loss: there is none.
        nodes = tuple(
            replace(node, kind=NodeKind.OPERATION, phase=Phase.FORWARD)
            if node.kind is NodeKind.LOSS
            else node
            for node in graph.nodes
        )
        self.prepared = PassDraft(replace(graph, nodes=nodes, outputs=()), functions, roots=[])

    def is_transformed(self, call: BackwardCall) -> bool:
        """Whether it is a part of `torch.func.grad` and the like, which work on tensors of their own kind."""
        wrapped = torch._C._functorch.is_functorch_wrapped_tensor
        return any(wrapped(each) for each in call.outputs)

    def is_differentiated(self, loss: Tensor, made: Sequence[PassDraft]) -> bool:
        """Whether one of these passes, the program's own, has walked the graph of this loss.

        One by `torch.autograd.grad` that is itself followed only prepares it, as a gradient penalty does.
        """
        function = self.function(loss)
        return any(
            walk.call == "backward" or not walk.creates_graph or function in dict(walk.roots) for walk in made
        )

    @contextmanager
    def around_backward(
        self, call: BackwardCall, mode: AbstractContextManager[object], site: CallSite
    ) -> Iterator[None]:
        """Hooks every node while a backward pass runs."""
        guarded = self._tape.guarded
        each = guarded(call.name, self._begin, call, site)
        if each is None:
            yield
            self._tape.half = Phase.UPDATE
            return
        outer, unfinished = self._tape.parent, len(self._unfinished)
        handles = guarded(call.name, self._hooked, each, call, mode) or []
        try:
            yield
        except Exception as error:
            if len(self._unfinished) > unfinished:
                # Torch itself puts the modes back that a node has left entered which raised.
                self._unfinished[-1].error = one_line(error)
            elif each.reached and torch.is_anomaly_enabled():
                # What a node has given is looked at when its turn is over.
                next(reversed(each.reached.values())).error = one_line(error)
            raise
        finally:
            for handle in handles:
                handle.remove()
            del self._unfinished[unfinished:]
            self._tape.parent = outer
            guarded(call.name, self._end, each, call)

    def _hooked(
        self, each: PassDraft, call: BackwardCall, mode: AbstractContextManager[object]
    ) -> list[RemovableHandle]:
        """Asks every node of a pass to tell of its turn."""
        handles = []
        for number, function in enumerate(each.functions):
            turn = NodeTurn(self._tape, self, each, number, call, type(function).__name__)
            turn.mode = mode if isinstance(function, BackwardCFunction) else None
            handles.append(function.register_prehook(turn.begins))
            handles.append(function.register_hook(turn.ends))
        return handles

    def _begin(self, call: BackwardCall, site: CallSite) -> PassDraft:
        each = self.prepared
        roots = [self.function(output) for output in call.outputs]
        if each is None or [function for function, _ in each.roots] != roots:
            each = self.capture(call.outputs, self._tape.parameters)
        self.prepared = None
        each.call, each.site, each.parent = call.name, site, self._tape.parent
        each.creates_graph = call.creates_graph
        each.loss = _sum_of(call.outputs)
        self.passes.append(each)
        self.running.append(each)
        self._tape.half = Phase.BACKWARD
        return each

    def _end(self, each: PassDraft, call: BackwardCall) -> None:
        self.running.remove(each)
        if not self.running:
            self.ended += 1
            self._tape.half = Phase.UPDATE
        self._note_retained(each)
        each.gradients = self._tape.gradients_now()
        latest = next(reversed(each.reached.values()), None)
        names = {id(value): name for name, value in self._tape.parameters.items()}
        for tensor, gradient in zip(call.inputs, call.results, strict=False):
            if gradient is None:
                continue
            if tensor.is_leaf:
                self.gradients.returned(tensor, gradient, latest, each)
            taken = self._take(gradient)
            if id(tensor) in names and taken is not None:
                each.gradients[names[id(tensor)]] = taken

    def _note_retained(self, each: PassDraft) -> None:
        """What is no leaf keeps its gradient without a node of its own."""
        for followed in list(self.gradients):
            if followed.tensor.is_leaf:
                continue
            function = followed.tensor.grad_fn
            reached = None if function is None else each.reached.get(function)
            if reached is not None and self.gradients.has_changed(followed):
                self.gradients.note(followed.tensor, GradientCause.ACCUMULATED, reached, each)

    def close(self) -> None:
        """Lets go of every node."""
        self.nodes.close()
        self.functions.close()
        for walk in (*self.passes, *filter(None, [self.prepared])):
            walk.close()
        self.passes.clear()
        self.running.clear()
        self.prepared = None
        self.gradients.close()

    def enter(self, each: PassDraft, number: int, gradients: Sequence[Tensor | None]) -> Draft:
        """A node's turn begins: its gradients have come in."""
        function = each.functions[number]
        draft = self._tape.new_draft(EventKind.NODE, type(function).__name__, each.site)
        draft.half, draft.functions = Phase.BACKWARD, [function]
        for index, gradient in enumerate(gradients):
            draft.inputs.append(Link(self._take(gradient), None, function, index))
        if is_leaf(function):
            # What backward adds to.
            draft.inputs.append(Link(self.gradients.now(variable_of(function)), None, function, 1))
        each.reached[function] = draft
        each.begin = each.begin or draft
        self._unfinished.append(draft)
        self._tape.drafts.append(draft)
        return draft

    def leave(
        self,
        each: PassDraft,
        number: int,
        call: BackwardCall,
        outgoing: Sequence[Tensor | None],
    ) -> None:
        """A node's turn ends: its gradients go out."""
        function = each.functions[number]
        draft = each.reached[function]
        if draft in self._unfinished:
            self._unfinished.remove(draft)
        if not call.keeps_graph:
            self.nodes.memory.release(function, draft)
        if is_leaf(function):
            variable = variable_of(function)
            arrived, held = draft.inputs[0].value, draft.inputs[1].value
            if held is None and arrived is not None and _is_first(variable):
                # The first gradient is not added to anything: its memory, or a copy, becomes `.grad`.
                self._tape.know(cast("Tensor", variable.grad), arrived)
            self.gradients.note(variable, GradientCause.ACCUMULATED, draft, each)
            draft.writes_gradient = True
            draft.outputs.append(Link(self.gradients.now(variable), None, function, 0))
            return
        for index, ((target, result), gradient) in enumerate(
            zip(function.next_functions, outgoing, strict=False)
        ):
            if target is not None:
                draft.outputs.append(Link(self._take(gradient), None, target, index))
                if call.creates_graph and gradient is not None:
                    self._note_derivative(gradient, draft, (target, result))

    def _note_derivative(self, gradient: Tensor, draft: Draft, target: tuple[GradientFunction, int]) -> None:
        """Backward was followed itself: which nodes it made, and what they stand for."""
        function = self.function(gradient)
        if function is None or is_leaf(function):
            return
        key = function, gradient.output_nr
        self.nodes.differentiates.setdefault(key, target)
        taken = self._take(gradient)
        if taken is not None:
            self.nodes.values.setdefault(key, taken)
        # The draft's own node stays the first: those that it made come after it.
        self.nodes.claim(function, draft)

    def _take(self, gradient: Tensor | None) -> Snapshot | None:
        return None if gradient is None else self._tape.take(gradient)

    def _see(self, tensor: Tensor) -> Seen:
        from playground.tracing.torch_functions import see

        with torch._C.DisableTorchFunction():
            return see(tensor)

    # What nodes have saved

    def _read_leaf(self, each: PassDraft, function: GradientFunction) -> None:
        variable = variable_of(function)
        self.gradients.follow(variable)
        taken = self._tape.take(variable)
        if taken is not None:
            each.leaf_values[function] = self.nodes.values[function, 0] = taken
            self._tape.leaf_found(variable, taken)

    def _read_saved(self, function: GradientFunction) -> None:
        saved: list[Saved] = []
        sources: list[tuple[GradientFunction, int] | Output | None] = []
        for name, value in saved_values(function):
            if isinstance(value, Tensor):
                taken = self._tape.take(value)
                saved.append(Saved(name, "", taken))
                sources.append(self._source(value, taken))
            else:
                saved.append(Saved(name, "", None, plain_text(value)))
                sources.append(None)
        self.nodes.saved[function] = tuple(saved)
        self.nodes.saved_sources[function] = sources

    def _source(self, value: Tensor, taken: Snapshot | None) -> tuple[GradientFunction, int] | Output | None:
        """Where a saved tensor comes from; what no operation was seen to make gets its value from here."""
        function = self.function(value)
        if function is None:
            return self._tape.place_of(self._see(value))
        key = (function, 0 if is_leaf(function) else value.output_nr)
        if taken is not None:
            self.nodes.values.setdefault(key, taken)
        return key


def _next_sequence_number() -> int:
    """The number that the next node of autograd on this thread will get, or one below it."""
    with torch.enable_grad(), torch.inference_mode(False):
        function = torch.zeros((), requires_grad=True).view(()).grad_fn
    return 0 if function is None else function._sequence_nr() + 1


def _is_first(variable: Tensor) -> bool:
    """Whether a `.grad` that has just been made is what arrived: no hook of the program's has seen it."""
    gradient = variable.grad
    hooks = getattr(variable, "_post_accumulate_grad_hooks", None)
    return gradient is not None and gradient.layout is torch.strided and not hooks


def _sum_of(outputs: Sequence[Tensor]) -> float | None:
    """What a pass differentiates: its one output, or the sum of several; None if it is not one number."""
    if not outputs or any(each.numel() != 1 or each.is_complex() for each in outputs):
        return None
    return float(sum(each.item() for each in outputs))
