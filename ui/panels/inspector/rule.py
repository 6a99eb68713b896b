"""The chain rule of one gradient: the formula, its shapes, a sentence, and the tensors themselves."""

from __future__ import annotations

from PySide6.QtGui import QColor, QPainter, QPaintEvent

from playground.recording.chain_rule import Rule
from playground.recording.model import Saved
from ui.panels.inspector.cards import Card, CardList
from ui.panels.inspector.parts import Column, FlowText, Tone, muted_tone, text_tone
from ui.style.theme import Theme

_BAR, _INDENT = 3, 11
_CARDS = 3
"""What came in, what was saved, what goes out."""
_LARGE, _SMALL = 1.2, 0.92


class RuleView(Column):
    """One rule, beside a bar in the phase's colour."""

    def __init__(self, theme: Theme) -> None:
        """Starts without a rule."""
        super().__init__(theme)
        self._column.setContentsMargins(_INDENT, 0, 0, 0)
        self._tone: Tone = text_tone
        self._formula = self.add(FlowText(theme, text_tone, _LARGE))
        self._formula.setObjectName("rule_formula")
        self._shapes = self.add(FlowText(theme, muted_tone, _SMALL, fixed=True))
        self._words = self.add_text()
        self._cards = self.add(CardList(theme, _CARDS))
        self._shown: tuple[Rule, bool] | None = None

    def show_rule(self, rule: Rule, tone: Tone, with_came_in: bool) -> None:
        """Shows another rule.

        Args:
            rule: the rule.
            tone: the phase's colour.
            with_came_in: whether the gradient that came in gets a card; of several rules of one node it
                is the same for all.
        """
        if (rule, with_came_in) == self._shown:
            return
        self._shown, self._tone = (rule, with_came_in), tone
        self._formula.set_text(rule.formula)
        self._shapes.set_text(rule.shapes)
        self._words.set_text(rule.words)
        self._cards.show_cards(_cards(rule, tone, with_came_in))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints the bar at the left."""
        painter = QPainter(self)
        painter.fillRect(0, 0, _BAR, self.height(), QColor(self._tone(self._theme)))
        painter.end()


def _cards(rule: Rule, tone: Tone, with_came_in: bool) -> list[Card]:
    came_in, goes_out = rule.came_in, rule.goes_out
    cards = [Card(came_in.label, came_in.value, "came in", tone=tone)] if with_came_in else []
    saved = [each for each in rule.saved if each.value is not None]
    cards += [Card(_name(each), each.value, "" if number else "saved") for number, each in enumerate(saved)]
    return [*cards, Card(goes_out.label, goes_out.value, "goes out", tone=tone)]


def _name(saved: Saved) -> str:
    return saved.label or saved.name
