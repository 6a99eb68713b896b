"""A tape that knows what the program calls its results, as far as its variables tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import CodeType, FrameType

from playground.recording.call_sites import call_site
from playground.recording.drafts import Draft
from playground.recording.variables import names_of_leaves, variables_in
from playground.tracing.frames import read_variables
from playground.tracing.numpy_arrays import unwrap
from playground.tracing.tape import Output, Seen, Slot, Tape
from playground.tracing.tracer import see


class NamedTape(Tape):
    """Reads the variables of the step, and of the functions that it calls, while operations are taken down.

    Attributes:
        step_names: the step's own variables, by the results that they were bound to.
        result_names: every variable's name by its result, where one operation gave several.
    """

    def __init__(
        self,
        filename: str,
        variables: Callable[[], Mapping[str, object]],
        root: CodeType,
        outside: CodeType | None = None,
    ) -> None:
        """Opens a tape like `Tape`.

        Args:
            filename, variables: as of `Tape`.
            root: code of the function that is the step itself; what calls it is none of the step.
            outside: code of the function that records, see `call_site`.
        """
        super().__init__(filename, variables)
        self.step_names: dict[Output, str] = {}
        self.result_names: dict[Output, str] = {}
        self._root = root
        self._outside = outside
        self._draft_of: dict[int, Draft] = {}
        """The event of a record."""
        self._frame: FrameType | None = None
        """Of the function of the program's own that calls the operation which is being taken down."""
        self._latest_frame: FrameType | None = None

    def draft_at(self, place: Output | None) -> Draft | None:
        """The operation that gave the result at a place on the tape; None for a leaf."""
        return None if place is None else self._draft_of.get(place[0])

    def note_names(self) -> None:
        """Gives records the names of the variables that hold their results now."""
        super().note_names()
        if self._frame is None:
            return
        if self._frame.f_code is not self._root:
            self._note_names_inside(self._frame)
        elif self._outside is not None:
            # Of a function that is called, unlike of a generator, the variables are only there now.
            self._note_variables(read_variables(self._frame))

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

    def _note_variables(self, variables: Mapping[str, object]) -> None:
        for name, value in variables.items():
            slot = self._slots.get(id(value))
            # At most operations a variable is bound to what it was bound to before.
            if slot is None or slot.named_in_step == len(slot.meanings):
                continue
            self.note_name(value, name)
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

    def note_ready(self, value: object, name: str) -> None:
        """Takes down an array or a tensor that the step finds ready, under its name; nothing else."""
        seen = see(value)
        if seen is not None:
            self.add_leaf(seen, name)

    def close(self) -> None:
        """Lets go of every array and variable."""
        super().close()
        self._draft_of.clear()
        self._frame = self._latest_frame = None
