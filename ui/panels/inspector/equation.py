"""An equation of pictures in a section; a tensor that one clicks is opened below it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QTimer, Signal
from PySide6.QtWidgets import QScrollArea, QVBoxLayout

from playground.recording.equations import Equation, Term
from ui.panels.inspector.parts import FlowText, Part, reveal
from ui.style.theme import Tone, muted_tone, text_tone
from ui.widgets.tensor.card import TensorCard
from ui.widgets.tensor.equation import EquationView


class EquationPart(Part):
    """The pictures, under a caption if there is one, and the card of the one that was opened.

    Signals:
        element_chosen(object): index, a tuple, of the element that the user chose in the card.
    """

    element_chosen = Signal(object)

    def __init__(self) -> None:
        """Without an equation, and so hidden at first."""
        super().__init__()
        self._caption = FlowText(muted_tone)
        self.view = EquationView()
        self.view.term_chosen.connect(self._open)
        # Not by itself: what is read stays where it is while the walk goes on.
        self.view.term_chosen.connect(lambda _term: QTimer.singleShot(0, self, self._bring_in_sight))
        self._card: TensorCard | None = None
        self._term: Term | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 2, 0, 2)
        self._column.setSpacing(4)
        self._column.addWidget(self._caption)
        self._column.addWidget(self.view)
        self.hide()

    def show_equation(self, equation: Equation | None, tone: Tone = text_tone, caption: str = "") -> None:
        """Shows another one; None takes no room."""
        self._caption.set_text(caption if equation is not None else "")
        self.view.show_equation(equation, tone)
        opened = next((each for each in self.view.tiles() if each.isChecked()), None)
        if opened is not None and self._card is not None and opened.term is not self._term:
            self._open(opened.term)
        if self._card is not None and not any(each.isChecked() for each in self.view.tiles()):
            reveal(self._card, False)
        reveal(self, equation is not None)

    def labels(self) -> list[str]:
        """Names of the tensors, the result first."""
        return [each.term.label for each in self.view.tiles()]

    def text(self) -> str:
        """Caption, pictures, and the card if one is open."""
        card = "" if self._card is None or self._card.isHidden() else self._card.text()
        return "\n".join(filter(None, (self._caption.text(), self.view.text(), card)))

    def _bring_in_sight(self) -> None:
        """A tensor that was opened below what is in sight would look as if the click had done nothing."""
        area = self.parentWidget()
        while area is not None and not isinstance(area, QScrollArea):
            area = area.parentWidget()
        content = None if area is None else area.widget()
        if area is None or content is None or self._card is None or self._card.isHidden():
            return
        area.ensureWidgetVisible(self._card, 0, 0)
        # Of one that is higher than the room the beginning counts.
        top = self._card.mapTo(content, QPoint(0, 0)).y()
        area.verticalScrollBar().setValue(min(area.verticalScrollBar().value(), top))

    def _open(self, term: Term | None) -> None:
        if self._card is None:
            self._card = TensorCard()
            self._card.set_expanded(True)
            self._card.element_chosen.connect(self.element_chosen)
            self.hear_card(self._card)
            self._column.addWidget(self._card)
        self._term = term
        if term is not None:
            self._card.set_tensor(term.label, term.value, term.note)
        reveal(self._card, term is not None)
        self.grew.emit()
