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
from playground.recording.events import Change, EventKind, StateChange
from playground.recording.ledger import GradientCause
from playground.recording.module_calls import ModuleCalls
from playground.recording.snapshot import Snapshot
from playground.recording.snapshotting import SnapshotTaker
from playground.recording.variables import names_of_leaves, variables_in
from playground.tracing.frames import read_variables
from playground.tracing.numpy_arrays import unwrap
from playground.tracing.tape import Output, Seen, Slot, Tape
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


class StepTape(Tape):
    """Takes down one step as drafts of events.

    Attributes:
        drafts: in the order in which they ran.
        taker: takes the snapshots.
        watch: sees what autograd does; None while torch is not loaded.
        parameters: by name, once they are known.
        values_before: each parameter's value when the step began.
        values_after: its latest value, once it was written.
        optimizer: what makes the update, or None.
        state_before: the optimizer's state for each parameter when the step began.
        parent: the node inside which operations run now, or None.
        step_names: the step's own variables, by the results that they were bound to.
        result_names: every variable's name by its result, where one operation gave several.
        notes: what could not be seen, in order, each once.
        modules: counts the calls of modules while they are heard.
    """

    def __init__(
        self,
        filename: str,
        variables: Callable[[], Mapping[str, object]],
        root: CodeType,
        taker: SnapshotTaker | None = None,
        outside: CodeType | None = None,
    ) -> None:
        """Opens a tape like `Tape`.

        Args:
            filename, variables: as of `Tape`.
            root: code of the function that is the step itself; what calls it is none of the step.
            taker: with other limits than the usual.
            outside: code of the function that records, see `call_site`.
        """
        super().__init__(filename, variables)
        self.drafts: list[Draft] = []
        self.taker = taker or SnapshotTaker()
        self._tensors = _make_tensor_snapshots(self.taker)
        self.watch = _make_watch(self)
        self.parameters: dict[str, object] = {}
        self.values_before: dict[str, Snapshot] = {}
        self.values_after: dict[str, Snapshot] = {}
        self.optimizer: torch.optim.Optimizer | None = None
        self.state_before: dict[str, dict[str, Snapshot]] = {}
        self.parent: Draft | None = None
        self.step_names: dict[Output, str] = {}
        self.result_names: dict[Output, str] = {}
        self.notes: dict[str, None] = {}
        self.modules = ModuleCalls()
        self._draft_of: dict[int, Draft] = {}
        self._names_at: dict[int, list[str]] = {}
        """Names of the parameters in a storage."""
        self._unmade: dict[int, str] = {}
        """Names of the parameters, by `id`, that could not be read when the step began."""
        self._zero_grad: tuple[Draft, FrameType] | None = None
        self._root = root
        self._outside = outside
        self._announced: _Announced | None = None
        self._frame: FrameType | None = None
        self._latest_frame: FrameType | None = None

    # What the modes tell

    def guarded(self, op: str, function: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R | None:
        """Calls what takes something down; see `Tape.guarded`."""
        # What is asked of a tensor here shall reach neither the mode nor a class of the user's own.
        with self.unheard():
            return super().guarded(op, function, *args, **kwargs)

    def unheard(self) -> AbstractContextManager[object]:
        """A block in which tensors may be asked anything without anybody hearing of it."""
        if self.watch is None:
            return nullcontext()
        import torch

        return cast("AbstractContextManager[object]", torch._C.DisableTorchFunction())

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

    def draft_at(self, place: Output | None) -> Draft | None:
        """The operation that gave the result at a place on the tape; None for a leaf."""
        return None if place is None else self._draft_of.get(place[0])

    def note_names(self) -> None:
        """Gives records the names of the variables that hold their results now."""
        super().note_names()
        self._note_step_names(self._variables())
        if self._frame is None:
            return
        if self._frame.f_code is not self._root:
            self._note_names_inside(self._frame)
        elif self._outside is not None:
            # Of a function that is called, unlike of a generator, the variables are only there now.
            variables = read_variables(self._frame)
            for name, value in variables.items():
                self.note_name(value, name)
            self._note_step_names(variables)

    def note_name(self, value: object, name: str | None) -> None:
        """Gives this name to the results behind an object, where they have none."""
        super().note_name(value, name)
        slot = self._slots.get(id(value))
        if slot is None or not name:
            return
        for place in slot.meanings[slot.named_results :]:
            self.result_names.setdefault(place, name)
        slot.named_results = len(slot.meanings)

    def note_loss(self, value: object) -> None:
        """Says that this object is the loss; what computed it may have ended since."""
        self._frame = self._latest_frame
        self.note_names()
        self._frame = None
        super().note_loss(value)

    def forget_frame(self) -> None:
        """Lets go of the variables of what computed the loss."""
        self._latest_frame = None

    def names_of_leaves(self) -> dict[int, str]:
        """What the step's variables call each leaf that gets a gradient now, by its `id`."""
        frame = call_site(self.filename, self._root, self._outside)[1] or self._latest_frame
        found = names_of_leaves(self._variables())
        while frame is not None and frame.f_code is not self._outside:
            if frame.f_code.co_filename == self.filename:
                # Of two names the outer function's is meant: the step's own.
                found |= names_of_leaves(variables_in(frame))
            if frame.f_code is self._root:
                break
            frame = frame.f_back
        return found

    def _note_step_names(self, variables: Mapping[str, object]) -> None:
        for name, value in variables.items():
            slot = self._slots.get(id(value))
            if slot is None:
                continue
            for place in slot.meanings[slot.named_in_step :]:
                self.step_names.setdefault(place, name)
            slot.named_in_step = len(slot.meanings)

    def _note_names_inside(self, frame: FrameType) -> None:
        """A function that the step calls has variables of its own: they name what it computes itself."""
        inside = frame.f_code.co_qualname
        for name, value in read_variables(frame).items():
            slot = self._slots.get(id(unwrap(value)))
            for place in slot.meanings if slot else ():
                draft, record = self._draft_of.get(place[0]), self.records[place[0]]
                own = record.op is None if draft is None else draft.site.inside == inside
                if own:
                    record.name = record.name or name
                    self.result_names.setdefault(place, name)

    def _give_meaning(self, seen: Seen, meaning: Output, written: bool) -> Slot:
        old = self._known(seen) if written else None
        name = None if old is None else self._name_of(old.meanings[-1])
        slot = super()._give_meaning(seen, meaning, written)
        if name:
            self.result_names[meaning] = name
        return slot

    def place_of(self, seen: Seen) -> Output | None:
        """The place on the tape of what a tensor holds now, or None if it has not been met."""
        slot = self._known(seen)
        return None if slot is None else slot.meanings[-1]

    def name_of(self, place: Output) -> str | None:
        """The variable that a result is bound to; of an operation with several, that very one."""
        return self.result_names.get(place) or (self.records[place[0]].parameter if not place[1] else None)

    def _name_of(self, place: Output) -> str | None:
        return self.name_of(place)

    # What the recorder tells

    def note_ready(self, value: object, name: str) -> None:
        """Takes down an array or a tensor that the step finds ready, under its name; nothing else."""
        seen = see(value)
        if seen is not None:
            self.add_leaf(seen, name)

    def note_step(
        self, parameters: Mapping[str, object], optimizer: torch.optim.Optimizer | None = None
    ) -> None:
        """Says what the step will update, before it does so."""
        self.optimizer = optimizer
        self.parameters.update(parameters)
        for name, value in parameters.items():
            taken = self.take(value)
            if taken is None:
                self._unmade[id(value)] = name
                continue
            self.values_before[name] = taken
            self.state_before[name] = self.state_of(name)
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
            for entry, state in self._states(name).items():
                self.note_ready(state, f"{name}.{entry}")
        return found

    def note_states(self) -> None:
        """Gives the optimizer's state its names: in the first step it was only just made."""
        for name in self.parameters:
            for entry, state in self._states(name).items():
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

    def state_of(self, name: str) -> dict[str, Snapshot]:
        """What the optimizer keeps for a parameter now."""
        found = {}
        for entry, state in self._states(name).items():
            taken = self.take(state if not isinstance(state, int | float) else np.asarray(state))
            if taken is not None:
                found[entry] = taken
        return found

    def states_of(self, name: str) -> tuple[StateChange, ...]:
        """The optimizer's state for a parameter, before the step and now."""
        before, after = self.state_before.get(name, {}), self.state_of(name)
        return tuple(
            StateChange(entry, before.get(entry), after.get(entry))
            for entry in dict.fromkeys((*before, *after))
        )

    def close(self) -> None:
        """Lets go of every tensor and node."""
        super().close()
        self.parameters.clear()
        # They hold nodes, and with them what the nodes have saved.
        self.drafts.clear()
        self._draft_of.clear()
        self.modules.close()
        self.optimizer = self._frame = self._latest_frame = self._announced = self._zero_grad = None
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

    def _states(self, name: str) -> Mapping[str, object]:
        if self.optimizer is None:
            return {}
        # Asking a defaultdict for a parameter would make an entry.
        parameter = cast("torch.Tensor", self.parameters[name])
        if parameter not in self.optimizer.state:
            return {}
        return dict(self.optimizer.state[parameter])


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
