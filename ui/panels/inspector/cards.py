"""A column of tensor cards that are used again for whatever there is to show next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout

from playground.recording.snapshot import Snapshot
from ui.panels.inspector.parts import FlowText, Part, reveal
from ui.style.theme import Tone, muted_tone, text_tone
from ui.widgets.tensor.card import TensorCard

_SMALL = 0.88


@dataclass(frozen=True, slots=True)
class Card:
    """What one card shows.

    Attributes:
        label: the tensor in the program's words.
        value: what it was, None if it is not defined.
        caption: its role, in a small line above the card; "" for none.
        note: one more line in the card.
        tone: color of caption and label; None for those of other texts.
    """

    label: str
    value: Snapshot | None
    caption: str = ""
    note: str = ""
    tone: Tone | None = None


class CardList(Part):
    """Cards below one another; a card that the user opened stays open when the cursor moves on.

    Signals:
        element_chosen(object): index, a tuple, of the element that the user chose in one of the cards.
    """

    element_chosen = Signal(object)

    def __init__(self, reserve: int = 0) -> None:
        """Shows no cards; so many are made beforehand."""
        super().__init__()
        self._shown: tuple[Card, ...] = ()
        self._slots: list[tuple[FlowText, TensorCard]] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        for _ in range(reserve):
            self._add_slot()

    def show_cards(self, cards: Sequence[Card]) -> None:
        """Shows these and no others; none take no room."""
        new = tuple(cards)
        if new != self._shown:
            self._shown = new
            if len(self._slots) < len(new):
                while len(self._slots) < len(new):
                    self._add_slot()
                self.grew.emit()
            for number, (caption, card) in enumerate(self._slots):
                if number < len(new):
                    _fill(caption, card, new[number])
                else:
                    reveal(caption, False)
                reveal(card, number < len(new))
        reveal(self, bool(new))

    def cards(self) -> list[TensorCard]:
        """Those that are shown."""
        return [card for _, card in self._slots[: len(self._shown)]]

    def text(self) -> str:
        """Captions and cards, from the top."""
        shown = self._slots[: len(self._shown)]
        lines = [line for caption, card in shown for line in (caption.text(), card.text())]
        return "\n".join(filter(None, lines))

    def _add_slot(self) -> None:
        caption, card = FlowText(muted_tone, _SMALL, bold=True), TensorCard()
        card.element_chosen.connect(self.element_chosen)
        card.expanded_changed.connect(lambda: self.grew.emit())
        self.hear_card(card)
        self._slots.append((caption, card))
        self._column.addWidget(caption)
        self._column.addWidget(card)
        card.hide()


def _fill(caption: FlowText, card: TensorCard, content: Card) -> None:
    caption.set_tone(content.tone or muted_tone)
    caption.set_text(content.caption)
    card.set_label_tone(content.tone or text_tone)
    card.set_tensor(content.label, content.value, content.note)
