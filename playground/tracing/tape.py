"""What a recorded step did, in order, whichever library did it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, ParamSpec, TypeAlias, TypeVar

from playground.graph.model import Phase
from playground.tracing.frames import line_in

if TYPE_CHECKING:
    from playground.tracing.backward_calls import BackwardCall

_P = ParamSpec("_P")
_R = TypeVar("_R")

Output: TypeAlias = tuple[int, int]
"""Number of a record, and which of its results is meant."""


class Seen(NamedTuple):
    """An array, tensor or number, as a library describes it to the tape.

    Attributes:
        value: the object itself.
        shape, dtype, device: as the library writes them.
        storage: where the memory starts that it is a part of; None if it has none.
        view: the same for two objects that show the same elements of the same memory; None if unknown.
    """

    value: object
    shape: tuple[int, ...]
    dtype: str
    device: str
    storage: int | None = None
    view: Hashable = None


@dataclass(slots=True)
class Record:
    """An operation that ran, or an array that the step found ready (a leaf).

    Attributes:
        op: the operation's name in its library's documentation; None for a leaf.
        shape, dtype, device: of its first result.
        half: FORWARD up to the stage's `yield`, BACKWARD after it.
        inputs: where its array arguments come from, in their order; plain numbers are left out.
        line: line of the stage's source that ran it; None for a leaf.
        writes: the memory that it changed in place.
        name: the first of the stage's variables that its result was bound to.
        parameter: name of the parameter that a leaf is.
    """

    op: str | None
    shape: tuple[int, ...]
    dtype: str
    device: str
    half: Phase
    inputs: tuple[Output, ...] = ()
    line: int | None = None
    writes: frozenset[int] = frozenset()
    name: str | None = None
    parameter: str | None = None


class Slot:
    """An object of the step, kept alive so that its id stays its own, and what it has meant so far.

    An operation in place gives an object a new meaning: its users from then on use the result. The first
    `named` of its meanings have been given a name; so for other kinds of names.
    """

    def __init__(self, value: object) -> None:
        """Takes an object that means nothing yet."""
        self.value = value
        self.meanings: list[Output] = []
        self.named = self.named_results = self.named_in_step = 0


class Tape:
    """Records of one step; while it is open, every array that the step has touched stays alive.

    Attributes:
        filename: of the stage, for its lines.
        records: leaves and operations in the order in which they were met.
        half: the half of the step that runs now.
        parameter_storages: memory of the parameters.
        loss: number of the record whose result is the loss; None before there is one.
        is_open: whether operations are still taken down.
    """

    def __init__(self, filename: str, variables: Callable[[], Mapping[str, object]]) -> None:
        """Opens a tape.

        Args:
            filename: of the stage.
            variables: gives the stage's variables of the moment, by name.
        """
        self.filename = filename
        self.records: list[Record] = []
        self.half = Phase.FORWARD
        self.parameter_storages: set[int] = set()
        self.loss: int | None = None
        self.is_open = True
        self._variables = variables
        self._slots: dict[int, Slot] = {}
        self._views: dict[Hashable, Slot] = {}
        self._owners: dict[int, Slot] = {}

    def knows(self, value: object) -> bool:
        """Whether this very object has been met."""
        return id(value) in self._slots

    def record(
        self, op: str, inputs: Iterable[Seen], results: Sequence[Seen], writes: Sequence[Seen] = ()
    ) -> None:
        """Takes down an operation that has just run.

        Args:
            op: its name.
            inputs: its array arguments.
            results: what it gave, at least one; an array that it changed is a result too.
            writes: the arrays that it changed in place.
        """
        self.note_names()
        first = results[0]
        record = Record(
            op,
            first.shape,
            first.dtype,
            first.device,
            self.half,
            inputs=tuple(self._slot(seen).meanings[-1] for seen in inputs),
            line=line_in(self.filename),
            writes=frozenset(seen.storage for seen in writes if seen.storage is not None),
        )
        self.records.append(record)
        written = {id(seen.value) for seen in writes}
        for index, seen in enumerate(results):
            self._give_meaning(seen, (len(self.records) - 1, index), id(seen.value) in written)

    def add_leaf(self, seen: Seen, name: str | None = None) -> None:
        """Takes down an array that the step finds ready."""
        self._slot(seen)
        self.note_name(seen.value, name)

    def note_names(self) -> None:
        """Gives records the names of the variables that hold their results now."""
        self._note_variables(self._variables())

    def _note_variables(self, variables: Mapping[str, object]) -> None:
        for name, value in variables.items():
            slot = self._slots.get(id(value))
            if slot is not None and slot.named != len(slot.meanings):
                self.note_name(value, name)

    def note_name(self, value: object, name: str | None) -> None:
        """Gives this name to the records behind an object, where they have none."""
        slot = self._slots.get(id(value))
        if slot is None or not name:
            return
        # What has a name keeps it: only what the object has come to mean since is looked at.
        for number, _ in slot.meanings[slot.named :]:
            self.records[number].name = self.records[number].name or name
        slot.named = len(slot.meanings)

    def note_parameter(self, name: str, seen: Seen) -> None:
        """Says that this array is a parameter: the leaf it is gets its name."""
        leaf = self.records[self._slot(seen).meanings[0][0]]
        if leaf.op is None:
            leaf.parameter = name
        if seen.storage is not None:
            self.parameter_storages.add(seen.storage)

    def note_loss(self, value: object) -> None:
        """Says that this object is the loss."""
        slot = self._slots.get(id(value))
        self.loss = slot.meanings[-1][0] if slot else None

    # What a tape listens to that keeps more than operations: `playground.recording` overrides these.

    def guarded(self, op: str, function: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R | None:
        """Calls what takes something down; what that raises is kept from the step, which runs on.

        Args:
            op: what is taken down, for the note that it was not.
            function, args, kwargs: the call.
        """
        try:
            return function(*args, **kwargs)
        except Exception as error:
            self.not_seen(op, error)
            return None

    def not_seen(self, op: str, error: Exception) -> None:
        """Told that something could not be taken down."""

    def before(self, op: str, inputs: Sequence[Seen]) -> None:
        """Told of an operation that is about to run, and of its array arguments."""

    def failed(self, error: Exception) -> None:
        """Told that the operation announced last has raised."""

    def around_backward(
        self, call: BackwardCall, mode: AbstractContextManager[object]
    ) -> AbstractContextManager[None]:
        """Entered around a call that starts backward; `mode` records what runs while it is entered."""
        return nullcontext()

    def gradient_changes(self, tensor: object) -> None:
        """Told that the program is about to bind this tensor's `.grad` to something else."""

    def gradient_set(self, tensor: object) -> None:
        """Told that the program has bound this tensor's `.grad` to something else, or to None."""

    def gradient_retained(self, tensor: object) -> None:
        """Told that the program has asked this tensor to keep its gradient."""

    def close(self) -> None:
        """Lets go of every array; the records stay."""
        self.is_open = False
        self._variables = dict
        self._slots.clear()
        self._views.clear()
        self._owners.clear()

    def _slot(self, seen: Seen) -> Slot:
        """What is known of an object; one never met is another view of known elements, or a leaf."""
        slot = self._known(seen)
        if slot is None:
            self.records.append(Record(None, seen.shape, seen.dtype, seen.device, self.half))
            slot = self._give_meaning(seen, (len(self.records) - 1, 0), written=False)
        return slot

    def _name_of(self, place: Output) -> str | None:
        """The variable that a result is bound to, as far as it is known."""
        return self.records[place[0]].name

    def _known(self, seen: Seen) -> Slot | None:
        slot = self._slots.get(id(seen.value))
        return slot if slot is not None or seen.view is None else self._views.get(seen.view)

    def _give_meaning(self, seen: Seen, meaning: Output, written: bool) -> Slot:
        slot = self._known(seen) if written else None
        if slot is None:
            slot = self._slots[id(seen.value)] = Slot(seen.value)
        elif not meaning[1]:
            # The variable stays bound to what was changed in place. A record is called after its first
            # result, not after what the operation writes besides, as batch norm its running statistics.
            self.records[meaning[0]].name = self._name_of(slot.meanings[-1])
        slot.meanings.append(meaning)
        if seen.view is not None:
            self._views.setdefault(seen.view, slot)
        if seen.storage is not None:
            owner = self._owners.setdefault(seen.storage, slot)
            # Who writes into a part of an array changes the whole.
            if written and owner is not slot:
                owner.meanings.append(meaning)
        return slot
