"""The tape of a recorded step: besides the operations it keeps what every tensor was when it was used."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from types import CodeType, FrameType
from typing import TYPE_CHECKING, NamedTuple, ParamSpec, TypeVar, cast

import numpy as np

from playground.failure import one_line
from playground.recording.call_sites import CallSite, call_site
from playground.recording.documentation import documentation_of
from playground.recording.drafts import Draft, Link
from playground.recording.events import Change, EventKind
from playground.recording.ledger import GradientCause
from playground.recording.module_calls import ModuleCalls
from playground.recording.named_tape import NamedTape
from playground.recording.optimizer_states import OptimizerStates
from playground.recording.snapshot import Snapshot
from playground.recording.snapshotting import SnapshotTaker
from playground.tracing.tape import Output, Seen
from playground.tracing.tracer import see

if TYPE_CHECKING:
    import torch
    from torch.autograd.graph import Node as GradientFunction

    from playground.recording.autograd_watch import AutogradWatch
    from playground.recording.tensor_snapshots import TensorSnapshots
    from playground.tracing.backward_calls import BackwardCall


_P = ParamSpec("_P")
_R = TypeVar("_R")


class _Announced(NamedTuple):
    """An operation that is about to run: where, on what, and the nodes behind what it is given."""

    op: str
    site: CallSite
    values: list[Snapshot | None]
    inputs: list[Seen]
    behind: Collection[GradientFunction]


class StepTape(NamedTape):
    """Takes down one step as drafts of events.

    Attributes:
        drafts: in the order in which they ran.
        taker: takes the snapshots.
        watch: sees what autograd does; None while torch is not loaded.
        parameters: by name, once they are known.
        values_before: each parameter's value when the step began.
        values_after: its latest value, once it was written.
        states: what the optimizer keeps for each parameter.
        parent: the node inside which operations run now, or None.
        notes: what could not be seen, in order, each once.
        modules: counts the calls of modules while they are heard.
        unheard: makes a block in which tensors may be asked anything without anybody hearing of it.
    """

    def __init__(
        self,
        filename: str,
        variables: Callable[[], Mapping[str, object]],
        root: CodeType,
        taker: SnapshotTaker | None = None,
        outside: CodeType | None = None,
    ) -> None:
        """Opens a tape like `NamedTape`.

        Args:
            filename, variables, root, outside: as of `NamedTape`.
            taker: with other limits than the usual.
        """
        super().__init__(filename, variables, root, outside)
        self.drafts: list[Draft] = []
        self.taker = taker or SnapshotTaker()
        self._tensors = _make_tensor_snapshots(self.taker)
        self.watch = _make_watch(self)
        self.unheard = _unheard_blocks()
        self.parameters: dict[str, object] = {}
        self.values_before: dict[str, Snapshot] = {}
        self.values_after: dict[str, Snapshot] = {}
        self.states = OptimizerStates()
        self.parent: Draft | None = None
        self.notes: dict[str, None] = {}
        self.modules = ModuleCalls()
        self._names_at: dict[int, list[str]] = {}
        """Names of the parameters in a storage."""
        self._unmade: dict[int, str] = {}
        """Names of the parameters, by `id`, that could not be read when the step began."""
        self._zero_grad: tuple[Draft, FrameType] | None = None
        self._announced: _Announced | None = None

    # What the modes tell

    def guarded(self, op: str, function: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R | None:
        """Calls what takes something down; see `Tape.guarded`."""
        # What is asked of a tensor here shall reach neither the mode nor a class of the user's own.
        with self.unheard():
            return super().guarded(op, function, *args, **kwargs)

    def not_seen(self, op: str, error: Exception) -> None:
        """Notes that something could not be taken down; the step knows nothing of it."""
        self.note(f"“{op}” ran, but could not be taken down: {one_line(error)}")

    def note(self, text: str) -> None:
        """Notes once what a reader of the recording has to know."""
        self.notes.setdefault(text, None)

    def before(self, op: str, inputs: Sequence[Seen]) -> None:
        """Keeps what the arguments are before the operation changes them."""
        if self.watch is not None:
            self.watch.functions.notice(inputs)
        site, self._frame = call_site(self.filename, self._root, self._outside)
        self._latest_frame = self._frame
        behind = () if self.watch is None else self.watch.behind(op, inputs)
        values = [self.take(seen.value) for seen in inputs]
        self._announced = _Announced(op, site, values, list(inputs), behind)

    def record(
        self, op: str, inputs: Iterable[Seen], results: Sequence[Seen], writes: Sequence[Seen] = ()
    ) -> None:
        """Takes down an operation that has just run."""
        given = list(inputs)
        announced = self._announced
        assert announced is not None, "every operation is announced"
        values = {
            id(seen.value): value for seen, value in zip(announced.inputs, announced.values, strict=True)
        }
        super().record(op, given, results, writes)
        for seen in writes:
            self.taker.written(seen.storage)
        if writes and self._tensors is not None:
            self._tensors.forget()
        number = len(self.records) - 1
        draft = self._draft(op, announced.site)
        draft.record = number
        self.records[number].line = draft.site.line
        self._draft_of[number] = draft
        draft.inputs = [
            self._link(values.get(id(seen.value)), output, seen.value, index)
            for index, (seen, output) in enumerate(zip(given, self.records[number].inputs, strict=True))
        ]
        draft.outputs = [
            self._link(self.take(seen.value), (number, index), seen.value, index)
            for index, seen in enumerate(results)
        ]
        if self.watch is not None:
            self.watch.made(draft, results, announced.behind)
        if writes:
            self._note_changes(draft, writes)
        if op == UNSCALE and draft.outputs[-1].value is not None and draft.outputs[-1].value.number:
            # What it writes last says whether a gradient is not finite.
            self.note(SKIPPED)
        self._announced = self._frame = None

    def failed(self, error: Exception) -> None:
        """Keeps how far the operation came that was announced last."""
        assert self._announced is not None, "every operation is announced"
        op, site, values, inputs, _ = self._announced
        draft = self._draft(op, site)
        draft.error = one_line(error)
        draft.inputs = [
            self._link(value, self.place_of(seen), seen.value, index)
            for index, (seen, value) in enumerate(zip(inputs, values, strict=True))
        ]
        self._announced = self._frame = None

    @contextmanager
    def around_backward(self, call: BackwardCall, mode: AbstractContextManager[object]) -> Iterator[None]:
        """Watches the nodes of the graph while backward walks it."""
        if self.watch is None:
            yield
            return
        if self.watch.is_transformed(call):
            self.note("A backward pass of torch.func ran inside: its nodes are not seen.")
            yield
            return
        site, self._frame = call_site(self.filename, self._root, self._outside)
        self.guarded("backward", self.note_names)
        self._frame = None
        with self.watch.around_backward(call, mode, site):
            yield

    def gradient_changes(self, tensor: object) -> None:
        """Keeps what a `.grad` is before the program binds it to something else."""
        if self.watch is not None:
            self.watch.gradients.now(cast("torch.Tensor", tensor))

    def gradient_set(self, tensor: object) -> None:
        """Takes down that the program has bound a `.grad` to something else, or to None."""
        if self.watch is None:
            return
        parameter = cast("torch.Tensor", tensor)
        before = self.watch.gradients.known(parameter)
        removed = parameter.grad is None
        site, frame = call_site(self.filename, self._root, self._outside)
        draft = self._draft_of_gradient(site, frame, removed)
        draft.inputs.append(Link(before[1], None if before[0] is None else self._place(before[0])))
        if not removed:
            gradient = parameter.grad
            draft.outputs.append(Link(self.take(gradient), self._place(gradient)))
        cause = GradientCause.REMOVED if removed else GradientCause.REPLACED
        self.watch.gradients.note(parameter, cause, draft)

    def gradient_retained(self, tensor: object) -> None:
        """Follows the gradient of a tensor that is no leaf."""
        if self.watch is not None:
            self.watch.gradients.follow(cast("torch.Tensor", tensor))

    def _draft_of_gradient(self, site: CallSite, frame: FrameType | None, removed: bool) -> Draft:
        """The event that changes a `.grad`; one call of `zero_grad` is one event."""
        caller = _frame_named("zero_grad", frame) if removed else None
        if caller is not None and self._zero_grad is not None and self._zero_grad[1] is caller:
            return self._zero_grad[0]
        if caller is None:
            draft = self.new_draft(EventKind.OPERATION, "set_grad", site)
        else:
            draft = self.new_draft(EventKind.OPERATION, "zero_grad", site, _ZERO_GRAD)
            self._zero_grad = draft, caller
        draft.writes_gradient = True
        self.drafts.append(draft)
        return draft

    def _place(self, tensor: object) -> Output | None:
        seen = see(tensor)
        return None if seen is None else self.place_of(seen)

    # What the recorder tells

    def note_step(
        self, parameters: Mapping[str, object], optimizer: torch.optim.Optimizer | None = None
    ) -> None:
        """Says what the step will update, before it does so."""
        self.states.optimizer = optimizer
        self.parameters.update(parameters)
        for name, value in parameters.items():
            taken = self.take(value)
            if taken is None:
                self._unmade[id(value)] = name
                continue
            self.values_before[name] = taken
            self.states.begin(name, value, self.take)
            self._follow(name, value)
            slot = self._slots.get(id(value))
            for place in slot.meanings[:1] if slot else ():
                # Its name, not that of a variable that happens to hold it.
                self.records[place[0]].name = self.result_names[place] = name

    def gradients_now(self) -> dict[str, Snapshot]:
        """The gradient that each parameter has, by name; they and the optimizer's state get their names."""
        found = {}
        for name, value in self.parameters.items():
            gradient = _gradient_of(value)
            taken = None if gradient is None else self.take(gradient)
            if taken is not None:
                found[name] = taken
                self.note_ready(gradient, f"{name}.grad")
            for entry, state in self.states.entries(value).items():
                self.note_ready(state, f"{name}.{entry}")
        return found

    def note_states(self) -> None:
        """Gives the optimizer's state its names: in the first step it was only just made."""
        for name, value in self.parameters.items():
            for entry, state in self.states.entries(value).items():
                self.note_name(state, f"{name}.{entry}")

    def leaf_found(self, leaf: torch.Tensor, value: Snapshot) -> None:
        """Keeps what a parameter was that could not be read when the step began: it was not made yet."""
        name = self._unmade.pop(id(leaf), None)
        if name is not None:
            self.values_before[name] = value
            self._follow(name, leaf)

    def _follow(self, name: str, value: object) -> None:
        storage = self._storage(value)
        if storage is not None:
            self._names_at.setdefault(storage, []).append(name)
        if self.watch is not None and self._tensors is not None and self._tensors.is_tensor(value):
            self.watch.gradients.follow(value)
            if (gradient := _gradient_of(value)) is not None:
                self.note_ready(gradient, f"{name}.grad")

    def take(self, value: object) -> Snapshot | None:
        """A snapshot of an array or a tensor; None for anything else."""
        if isinstance(value, np.ndarray | np.generic):
            return self.taker.array(value)
        return None if self._tensors is None else self._tensors.take(value)

    def know(self, value: torch.Tensor, snapshot: Snapshot) -> None:
        """Says what a tensor is, where its memory has only changed hands."""
        if self._tensors is not None:
            self._tensors.know(value, snapshot)

    def taken_if_changed(self, name: str, latest: Snapshot) -> Snapshot | None:
        """A new snapshot of a parameter whose elements are not those of its latest one, else None."""
        value = self.parameters[name]
        if not latest.kept:
            # It is only known by its version, which a write through NumPy does not move.
            after = self.take(value)
            return None if after is None or latest.is_alike(after) else after
        if self.taker.holds(value, latest):
            return None
        self.taker.written(self._storage(value))
        if self._tensors is not None:
            self._tensors.forget()
        return self.take(value)

    def close(self) -> None:
        """Lets go of every tensor and node."""
        super().close()
        self.parameters.clear()
        self.states.optimizer = None
        # They hold nodes, and with them what the nodes have saved.
        self.drafts.clear()
        self.modules.close()
        self._announced = self._zero_grad = None
        if self.watch is not None:
            self.watch.close()
            # Each knows the other: a cycle.
            self.watch = None
        if self._tensors is not None:
            self._tensors.forget()

    def new_draft(self, kind: EventKind, op: str, site: CallSite, documentation: str = "") -> Draft:
        """An event in the making, at this moment of the step."""
        draft = Draft(self.half, kind, op, site, documentation, parent=self.parent)
        draft.calls = self.modules.running
        if self.watch is not None:
            draft.passes = self.watch.ended
            draft.walk = self.watch.running[-1] if self.watch.running else None
        return draft

    def _draft(self, op: str, site: CallSite) -> Draft:
        library = "numpy" if self.watch is None or not self._is_torch() else "torch"
        draft = self.new_draft(EventKind.OPERATION, op, site, documentation_of(library, op))
        if self.watch is not None and self._frame is not None:
            self.watch.functions.note_inside(draft, self._root)
        self.drafts.append(draft)
        return draft

    def _is_torch(self) -> bool:
        inputs = [] if self._announced is None else self._announced.inputs
        return not any(isinstance(seen.value, np.ndarray | np.generic) for seen in inputs)

    def _note_changes(self, draft: Draft, writes: Sequence[Seen]) -> None:
        storages = list(dict.fromkeys(seen.storage for seen in writes if seen.storage is not None))
        if self.watch is not None:
            before = len(self.watch.gradients)
            self.watch.gradients.written(draft, storages)
            draft.writes_gradient = len(self.watch.gradients) > before
        for name in dict.fromkeys(name for storage in storages for name in self._names_at.get(storage, ())):
            value = self.parameters[name]
            before_it = self.values_after.get(name) or self.values_before.get(name)
            after = self.take(value)
            if before_it is not None and after is not None:
                self.values_after[name] = after
                draft.changes.append(Change(name, before_it, after, self.gradient_read(name, draft)))

    def gradient_read(self, name: str, draft: Draft | None) -> Snapshot | None:
        """The gradient that an update of a parameter reads."""
        value = self.parameters[name]
        if draft is not None and draft.op in IN_FORWARD:
            return None
        if self.watch is None or self._tensors is None or not self._tensors.is_tensor(value):
            return None
        return self.watch.gradients.read(value, draft)

    def _storage(self, value: object) -> int | None:
        seen = see(value)
        return None if seen is None else seen.storage

    def _link(self, taken: Snapshot | None, place: Output | None, value: object, index: int) -> Link:
        function = None if self.watch is None else self.watch.function(value)
        number = 0 if function is None else cast("torch.Tensor", value).output_nr
        return Link(taken, place, function, index, number)


UNSCALE = "_amp_foreach_non_finite_check_and_unscale_"
SKIPPED = "A gradient is not finite: GradScaler skips this update and lowers the scale."
IN_FORWARD = frozenset({"embedding_renorm_"})
"""What writes a parameter though it is no update."""
_ZERO_GRAD = "Sets the gradients of the parameters to None."


def _frame_named(name: str, above: FrameType | None) -> FrameType | None:
    """The frame of a function of this name that is running, called from the given one; None if none is."""
    frame: FrameType | None = sys._getframe(1)
    found = None
    while frame is not None and frame is not above:
        if frame.f_code.co_name == name:
            found = frame
        frame = frame.f_back
    return found


def _gradient_of(parameter: object) -> object | None:
    # PyTorch warns whoever asks this of a tensor that keeps none.
    keeps = getattr(parameter, "is_leaf", False) or getattr(parameter, "retains_grad", False)
    return cast("torch.Tensor", parameter).grad if keeps else None


def _unheard_blocks() -> Callable[[], AbstractContextManager[object]]:
    """What makes blocks of which torch's modes and classes of tensors do not hear, where it is loaded."""
    if "torch" not in sys.modules:
        return nullcontext
    import torch

    return cast("Callable[[], AbstractContextManager[object]]", torch._C.DisableTorchFunction)


def _make_tensor_snapshots(taker: SnapshotTaker) -> TensorSnapshots | None:
    """What takes tensors, where torch is loaded at all."""
    if "torch" not in sys.modules:
        return None
    from playground.recording.tensor_snapshots import TensorSnapshots

    return TensorSnapshots(taker)


def _make_watch(tape: StepTape) -> AutogradWatch | None:
    """What sees autograd, where torch is loaded at all."""
    if "torch" not in sys.modules:
        return None
    from playground.recording.autograd_watch import AutogradWatch

    return AutogradWatch(tape)
