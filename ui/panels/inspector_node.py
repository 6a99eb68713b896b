"""The sections on a node: its value and its gradient, and what it saved for backward."""

from __future__ import annotations

from PySide6.QtCore import Signal

from playground.recording.labels import gradient_of
from playground.recording.model import NodeRecord, Saved
from playground.recording.snapshot import Snapshot
from ui.panels.inspector_cards import Card, CardList
from ui.panels.inspector_moment import Moment, place
from ui.panels.inspector_parts import Section, muted_tone, reveal
from ui.theme import Theme
from ui.widgets.tensor_words import bytes_text

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

    def __init__(self, theme: Theme) -> None:
        """Starts hidden."""
        super().__init__(theme, "inspector_node", "Node")
        self._targets = [0, 0]
        self._links = [self.add_link("made_link"), self.add_link("reached_link")]
        for number, link in enumerate(self._links):
            link.clicked.connect(lambda _=False, number=number: self.event_chosen.emit(self._targets[number]))
        self._cards = self.add(CardList(theme))
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
            cards.append(Card(gradient_of(record.label), record.gradient, "Gradient", tone=_backward))
        self._cards.show_cards(cards)

    def _link(self, number: int, word: str, target: int | None, note: str = "") -> None:
        self._targets[number] = target or 0
        self._links[number].set_text("" if target is None else f"{word} {place(target)}{note}")


class SavedSection(Section):
    """What the node had put aside, and how long it is kept.

    Signals:
        event_chosen(int): the user followed the link to the event that uses it.
    """

    event_chosen = Signal(int)

    def __init__(self, theme: Theme) -> None:
        """Starts hidden."""
        super().__init__(theme, "inspector_saved", "Saved for backward")
        self._target = 0
        self._memory = self.add_text(muted_tone)
        self._link = self.add_link("used_link")
        self._link.clicked.connect(lambda: self.event_chosen.emit(self._target))
        self._unused = self.add_text(muted_tone)
        self._cards = self.add(CardList(theme))
        self._numbers = self.add_text(muted_tone)
        self._shown: NodeRecord | None = None

    def show_moment(self, moment: Moment) -> None:
        """Shows what the node of that moment had saved; hides if there is nothing."""
        record = moment.record
        saved = [] if record is None else [each for each in record.saved if _is_told(each)]
        reveal(self, bool(saved))
        if record is None or not saved:
            return
        self._show_use(record.reached_by, moment.cursor)
        if record is self._shown:
            return
        self._shown = record
        tensors = [(each, each.value) for each in saved if each.value is not None]
        count = "1 tensor" if len(tensors) == 1 else f"{len(tensors)} tensors"
        total = bytes_text(sum(value.nbytes for _, value in tensors))
        self._memory.set_text(f"{count}, {total}" if tensors else "")
        self._cards.show_cards(
            [Card(each.label or each.name, value, note=_note(each, value)) for each, value in tensors]
        )
        self._numbers.set_text(
            "\n".join(f"{each.name} = {each.text}" for each in saved if each.value is None)
        )

    def _show_use(self, reached_by: int | None, cursor: int | None) -> None:
        if reached_by is None:
            self._link.set_text("")
            self._unused.set_text("Backward did not reach this node: it is freed with the graph.")
            return
        self._target = reached_by
        self._unused.set_text("")
        if cursor is not None and cursor >= reached_by:
            self._link.set_text(f"used by {place(reached_by)}, then freed")
        else:
            self._link.set_text(f"kept until {place(reached_by)} (backward)")


def _is_told(saved: Saved) -> bool:
    return saved.value is not None or not saved.name.endswith(_OF_MEMORY)


def _note(saved: Saved, value: Snapshot) -> str:
    """PyTorch's own name for it, and its memory."""
    memory = bytes_text(value.nbytes)
    return f"{saved.name} · {memory}" if saved.label else memory


def _backward(theme: Theme) -> str:
    return theme.backward
