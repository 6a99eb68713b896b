"""The tensor in which two programs part: a card for each side, and a sentence above them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ui.style.sheet import set_class
from ui.widgets.tensor.card import TensorCard

if TYPE_CHECKING:
    from playground.faults.parting import PartedValues


class PartedTensors(QWidget):
    """Where they part, in words and in two tensors.

    Attributes:
        cards: of the first and of the second program.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        """Without tensors at first."""
        super().__init__(parent)
        self._sentence = QLabel()
        self._sentence.setTextFormat(Qt.TextFormat.PlainText)
        self._sentence.setWordWrap(True)
        self._sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        set_class(self._sentence, "title")
        self.cards = (TensorCard(), TensorCard())
        beside = QHBoxLayout()
        beside.setSpacing(8)
        for card in self.cards:
            beside.addWidget(card, 1, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self._sentence)
        column.addLayout(beside)

    def show_parting(self, sentence: str, values: PartedValues | None, names: tuple[str, str]) -> None:
        """Shows where they part.

        Args:
            sentence: says it.
            values: the tensor of both; None shows no cards.
            names: of the two programs.
        """
        self._sentence.setText(sentence)
        for card, name, side in zip(self.cards, names, ("healthy", "faulty"), strict=True):
            card.setVisible(values is not None)
            if values is not None:
                value = values.healthy if side == "healthy" else values.faulty
                note = "" if value is None else f"requires_grad={value.requires_grad}"
                card.set_tensor(f"{values.label} · {name}", value, note)

    def text(self) -> str:
        """The sentence, and what the cards say."""
        cards = [card.text() for card in self.cards if not card.isHidden()]
        return "\n".join([self._sentence.text(), *cards])
