"""The sections on a node: its value and its gradient, and what it saved for backward."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal

from playground.recording.labels import gradient_of
from playground.recording.ledger import SavedTensor
from playground.recording.model import NodeRecord, Recording, Saved
from playground.recording.snapshot import Snapshot
from ui.panels.inspector.cards import Card, CardList
from ui.panels.inspector.memory_text import saved_by, sharing_words, total_bytes
from ui.panels.inspector.moment import Moment, place
from ui.panels.inspector.parts import Section, reveal
from ui.style.theme import backward_tone, muted_tone
from ui.widgets.tensor.text import bytes_text

UNUSED = "Backward did not reach this node: it is freed with the graph."
_OF_MEMORY = ("_sym_sizes", "_sym_strides")
"""Ends of the names under which PyTorch saves how a tensor lies in memory."""


class NodeSection(Section):
    """Where the node's result comes from, the result itself, and the gradient of the loss by it.

    Signals:
        event_chosen(int): the user followed a link to the event that made or reached the node.
        element_chosen(object): index of the element that the user chose in the value or the gradient.
    """

    event_chosen = Signal(int)
    element_chosen = Signal(object)

    def __init__(self) -> None:
        """Hidden at first."""
        super().__init__("inspector_node", "Node")
        self._targets = [0, 0]
        self._links = [self.add_link("made_link"), self.add_link("reached_link")]
        for number, link in enumerate(self._links):
            link.clicked.connect(lambda _=False, number=number: self.event_chosen.emit(self._targets[number]))
        self._cards = self.add(CardList())
        self._cards.element_chosen.connect(self.element_chosen)
        self._shown: NodeRecord | None = None

    def show_moment(self, moment: Moment) -> None:
        """Shows the node of that moment; hides if nothing was recorded of it."""
        record = moment.record
        reveal(self, record is not None)
        if record is None or record is self._shown:
            return
        self._shown = record
        self.set_heading(f"Node {record.label}" if record.label else "Node")
        self._link(0, "made by", record.made_by)
        self._link(1, "reached by", record.reached_by, " (backward)")
        cards = [] if record.value is None else [Card(record.label, record.value, "Value")]
        if record.gradient is not None:
            cards.append(Card(gradient_of(record.label), record.gradient, "Gradient", tone=backward_tone))
        self._cards.show_cards(cards)

    def _link(self, number: int, word: str, target: int | None, note: str = "") -> None:
        self._targets[number] = target or 0
        self._links[number].set_text("" if target is None else f"{word} {place(target)}{note}")


class SavedSection(Section):
    """What the node had put aside, and how long it is kept.

    Signals:
        event_chosen(int): the user followed a link to the event that saves, uses or frees it.
    """

    event_chosen = Signal(int)

    def __init__(self) -> None:
        """Hidden at first."""
        super().__init__("inspector_saved", "Saved for backward")
        self._memory = self.add_text(muted_tone)
        self._total = self.add_text(muted_tone)
        self._total.setObjectName("saved_in_all")
        self._targets = dict.fromkeys(("saved_link", "used_link", "freed_link"), 0)
        self._links = {name: self.add_link(name) for name in self._targets}
        for name, link in self._links.items():
            link.clicked.connect(lambda _=False, name=name: self.event_chosen.emit(self._targets[name]))
        self._unused = self.add_text(muted_tone)
        self._cards = self.add(CardList())
        self._sharing = self.add_text(muted_tone)
        self._numbers = self.add_text(muted_tone)
        self._shown: NodeRecord | None = None

    def show_moment(self, moment: Moment) -> None:
        """Shows what the node of that moment had saved; hides if there is nothing."""
        record, recording = moment.record, moment.recording
        saved = [] if record is None else [each for each in record.saved if _is_told(each)]
        reveal(self, bool(saved))
        if record is None or recording is None or not saved:
            return
        held = saved_by(recording, record, moment.cursor)
        self._show_events(record.reached_by, moment.cursor, tuple(held.values()))
        if record is self._shown:
            return
        self._shown = record
        tensors = [(each, each.value) for each in saved if each.value is not None]
        count = "1 tensor" if len(tensors) == 1 else f"{len(tensors)} tensors"
        known = tuple(held[each.name] for each, _ in tensors if each.name in held)
        total = total_bytes(known) if len(known) == len(tensors) else sum(each.nbytes for _, each in tensors)
        self._memory.set_text(f"{count}, {bytes_text(total)}" if tensors else "")
        self._cards.show_cards(
            [
                Card(each.label or each.name, value, note=_note(each, value, held.get(each.name)))
                for each, value in tensors
            ]
        )
        shared = [(each.name, sharing_words(recording, each)) for each in known]
        self._total.set_text(_in_all(recording))
        self._sharing.set_text("\n".join(f"{name}: {words}" for name, words in shared if words))
        self._numbers.set_text("\n".join(map(_plain_line, (each for each in saved if each.value is None))))

    def _show_events(self, reached_by: int | None, cursor: int | None, held: Sequence[SavedTensor]) -> None:
        """By which events it was saved, used and freed."""
        made_by = next((each.made_by for each in held if each.made_by is not None), None)
        freed_by = [each.freed_by for each in held]
        self._link("saved_link", "saved by", made_by)
        self._unused.set_text("" if reached_by is not None else UNUSED)
        done = cursor is not None and reached_by is not None and cursor >= reached_by
        if all(each == reached_by for each in freed_by):
            self._link("freed_link", "", None)
            words, then = ("used by", ", then freed") if done else ("kept until", " (backward)")
            self._link("used_link", words, reached_by, then)
            return
        # The graph was retained: a later pass frees it, or none.
        last = max((each for each in freed_by if each is not None), default=None)
        kept = "" if last is not None else ", held to the end of the step"
        self._link("used_link", "used by", reached_by, kept if done else f" (backward){kept}")
        self._link("freed_link", "freed by", last)

    def _link(self, name: str, words: str, target: int | None, note: str = "") -> None:
        self._targets[name] = target or 0
        self._links[name].set_text("" if target is None else f"{words} {place(target)}{note}")


def _in_all(recording: Recording) -> str:
    """What the whole step holds for backward."""
    memory = recording.memory
    if not memory.peak:
        return ""
    tensors = len({each.storage for each in memory.saved})
    count = "1 tensor" if tensors == 1 else f"{tensors} tensors"
    return f"In all the step holds {count} for backward, {bytes_text(memory.peak)} at most."


def _plain_line(saved: Saved) -> str:
    if saved.text == "None":
        return f"{saved.name} is not saved: no gradient needs it"
    return f"{saved.name} = {saved.text}"


def _is_told(saved: Saved) -> bool:
    return saved.value is not None or not saved.name.endswith(_OF_MEMORY)


def _note(saved: Saved, value: Snapshot, held: SavedTensor | None) -> str:
    """PyTorch's own name for it, its memory, and that of which it is a part."""
    parts = [saved.name if saved.label else "", bytes_text(value.nbytes)]
    if held is not None and held.nbytes > value.nbytes:
        parts.append(f"part of {bytes_text(held.nbytes)}")
    return " · ".join(filter(None, parts))
