"""The section on the event at the cursor: what it took, what it computed, and how."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent

from playground.recording.chain_rule import LEAF, Rule
from playground.recording.equations import (
    Equation,
    Term,
    of_accumulation,
    of_change,
    of_comparison,
    of_operation,
    of_rule,
)
from playground.recording.events import Change, Event, EventKind, StateChange
from playground.recording.ledger import Contribution
from playground.recording.model import Recording
from playground.recording.queries import arrivals
from playground.recording.snapshot import Snapshot
from playground.recording.update_sentences import largest_move, meaning_of, move_of
from ui.panels.inspector.cards import Card, CardList
from ui.panels.inspector.equation import EquationPart
from ui.panels.inspector.moment import ChainRules, Moment, place
from ui.panels.inspector.parts import Column, FlowText, Section, reveal
from ui.style.phases import phase_color
from ui.style.theme import Tone, current_theme, error_tone, muted_tone, text_tone
from ui.widgets.tensor.text import number_text, whole_number_text

_BAR, _INDENT = 3, 11


class RuleView(Column):
    """One rule, beside a bar in the phase's color."""

    def __init__(self) -> None:
        """Without a rule at first."""
        super().__init__()
        self._column.setContentsMargins(_INDENT, 0, 0, 0)
        self._tone: Tone = text_tone
        self._formula = self.add(FlowText(text_tone))
        self._formula.setObjectName("rule_formula")
        self._pictures = self.add(EquationPart())
        self._words = self.add_text(muted_tone)
        self._shown: Rule | None = None

    def show_rule(self, rule: Rule, event: Event, uses: Sequence[Contribution], tone: Tone) -> None:
        """Shows another rule of a node of autograd.

        Args:
            rule: the rule.
            event: the node's.
            uses: where a gradient arrives at a parameter, what each use of that has added.
            tone: the phase's color.
        """
        if rule is self._shown:
            return
        self._shown, self._tone = rule, tone
        self._formula.set_text(rule.formula)
        equation = of_accumulation(event, rule, uses) if event.op == LEAF else of_rule(rule, event.op)
        self._pictures.show_equation(equation, tone)
        self._words.set_text(rule.words)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints the bar at the left."""
        painter = QPainter(self)
        painter.fillRect(0, 0, _BAR, self.height(), QColor(self._tone(current_theme())))
        painter.end()


class ChangeView(Column):
    """One update, what the optimizer keeps for it, and the update that SGD would make."""

    def __init__(self) -> None:
        """Without an update at first."""
        super().__init__()
        self._name = self.add_text(bold=True)
        self._pictures = self.add(EquationPart())
        self._words = self.add_text(muted_tone)
        self._compared = self.add(EquationPart())
        self._numbers = self.add_text(muted_tone)
        self._state: list[EquationPart] = []
        self._shown: tuple[Change, bool] | None = None

    def show_change(self, change: Change, rate: float | None, tone: Tone, with_name: bool) -> None:
        """Shows another update.

        Args:
            change: the update.
            rate: the learning rate, None if it is not known.
            tone: color of what it led to.
            with_name: whether to name the parameter; the panel's title may have done so.
        """
        if (change, with_name) == self._shown:
            return
        self._shown = change, with_name
        self._name.set_text(change.parameter if with_name else "")
        # Of a single one the sentence above has told it.
        is_told = not with_name and largest_move(change)
        self._words.set_text("" if is_told else largest_change_text(change))
        # Once for both: its statistics take a while.
        move = move_of(change)
        self._pictures.show_equation(of_change(change, move), tone)
        self._compared.show_equation(of_comparison(change, move, rate), text_tone, COMPARISON)
        numbers = [each for each in change.state if _is_number(each)]
        self._numbers.set_text("\n".join(map(_number_line, numbers)))
        states = [each for each in change.state if not _is_number(each)]
        while len(self._state) < len(states):
            self._state.append(self.add(EquationPart()))
        for number, part in enumerate(self._state):
            if number < len(states):
                part.show_equation(_state_equation(states[number]), text_tone, _kept(states[number].name))
            else:
                part.show_equation(None)


COMPARISON = "The same gradient, the update that was made, and the one that SGD would make of it:"


def _kept(state: str) -> str:
    meaning = meaning_of(state)
    return f"The optimizer keeps {state}" + (f": {meaning}" if meaning else "")


def _state_equation(state: StateChange) -> Equation:
    after = Term(state.name, state.after, "after" if state.before is not None else "new")
    before = (Term(state.name, state.before, "before"),) if state.before is not None else ("nothing",)
    return Equation(after, before, "←")


def largest_change_text(change: Change) -> str:
    """How far the update moved an element at most, where both values are kept."""
    before, after = change.before.values, change.after.values
    if before is None or after is None:
        return "Largest change of an element: not known, as the recording had no room for the values."
    if not before.size:
        return "No elements."
    largest = largest_move(change)
    if largest is None:
        return "Largest change of an element: not known, as some elements are NaN or infinite."
    return f"Largest change of an element: {number_text(largest)}" if largest else "No element changed."


def _is_number(state: StateChange) -> bool:
    return state.after is not None and state.after.number is not None


def _number_line(state: StateChange) -> str:
    after = _number(state.after)
    if state.before is None:
        return f"{state.name} {after}, new"
    return f"{state.name} {_number(state.before)} → {after}"


def _number(value: Snapshot | None) -> str:
    return "—" if value is None else whole_number_text(value).removesuffix(".0")


NO_GRADIENT = "No gradient left this node."
NO_FORMULA = "There is no short formula for this operation here: what went in, and what came out."
_MOST_CHANGES = 6
"""Parameters whose update is shown in full; an optimizer can update hundreds in one event."""
_USUAL_RULES = 3
"""A Linear layer has so many; they are made before they are needed, as the walk must not falter there."""


class EventSection(Section):
    """What happens at the cursor.

    Signals:
        event_chosen(int): the user followed the link to the event around this one.
    """

    event_chosen = Signal(int)

    def __init__(self) -> None:
        """Hidden at first."""
        super().__init__("inspector_event", "")
        self.setAccessibleName("What happens here")
        self._chain_rules = ChainRules()
        self._shown: tuple[Recording, Event, str | None] | None = None
        self._parent = 0
        self._inside = self.add_link("inside_link")
        self._inside.clicked.connect(lambda: self.event_chosen.emit(self._parent))
        self._error = self.add_text(error_tone, bold=True)
        self._error.setObjectName("event_error")
        self._note = self.add_text(muted_tone)
        self._rules: list[RuleView] = []
        self._changes: list[ChangeView] = []
        self._rule_column = self.add(Column(spacing=12))
        self._change_column = self.add(Column(spacing=12))
        self._pictures = self.add(EquationPart())
        self._cards = self.add(CardList())
        self._more = self.add_text(muted_tone)
        self._make_rules(_USUAL_RULES)

    def show_moment(self, moment: Moment) -> None:
        """Shows the event of that moment; hides if there is none."""
        recording, event = moment.recording, moment.event
        reveal(self, event is not None)
        if recording is None or event is None or (recording, event, moment.key) == self._shown:
            return
        self._shown = recording, event, moment.key
        tone = partial(phase_color, phase=event.phase)
        self._show_parent(recording, event)
        self._error.set_text(event.error)
        changes = _changes(moment, event)
        self._show_rules(recording, event, tone)
        self._show_changes(recording, changes, event.label, tone)
        plain = not changes and event.kind is not EventKind.NODE
        record = recording.nodes_at(event.number).get(event.node or "")
        equation = of_operation(event, () if record is None else record.saved) if plain else None
        self._pictures.show_equation(equation, tone)
        self._cards.show_cards(_ports(event, tone) if plain and equation is None else ())

    def _show_parent(self, recording: Recording, event: Event) -> None:
        if event.parent is None:
            self._inside.set_text("")
            return
        self._parent = event.parent
        self._inside.set_text(f"inside {recording.events[event.parent].op}, {place(event.parent)}")

    def _show_rules(self, recording: Recording, event: Event, tone: Tone) -> None:
        chain = self._chain_rules.of(recording, event.number)
        rules = () if chain is None else chain.rules
        uses = arrivals(recording, event.number) if event.op == LEAF else ()
        self._make_rules(len(rules))
        for number, view in enumerate(self._rules):
            reveal(view, number < len(rules))
            if number < len(rules):
                view.show_rule(rules[number], event, uses, tone)
        reveal(self._rule_column, bool(rules))
        says = "" if chain is None else NO_FORMULA if chain.generic else "" if rules else NO_GRADIENT
        self._note.set_text(says)

    def _make_rules(self, count: int) -> None:
        while len(self._rules) < count:
            view = self._rule_column.add(RuleView())
            view.hide()
            self._rules.append(view)

    def _show_changes(self, recording: Recording, changes: Sequence[Change], title: str, tone: Tone) -> None:
        shown = changes[:_MOST_CHANGES]
        while len(self._changes) < len(shown):
            self._changes.append(self._change_column.add(ChangeView()))
        for number, view in enumerate(self._changes):
            reveal(view, number < len(shown))
            if number < len(shown):
                change = shown[number]
                parameter = recording.parameter(change.parameter)
                rate = None if parameter is None else parameter.learning_rate
                view.show_change(change, rate, tone, with_name=change.parameter != title)
        reveal(self._change_column, bool(shown))
        rest = len(changes) - len(shown)
        self._more.set_text(f"… and {rest} more; choose a parameter to see its own." if rest else "")


def _changes(moment: Moment, event: Event) -> Sequence[Change]:
    """The updates that the event made; of the chosen parameter only, if one is chosen."""
    if moment.key is None or moment.parameter is None:
        return event.changes
    own = [change for change in event.changes if change.parameter == moment.parameter.name]
    return own or event.changes


def _ports(event: Event, tone: Tone) -> list[Card]:
    inputs = [Card(port.label or f"input {port.index}", port.value) for port in event.inputs]
    outputs = [Card(f"= {port.label or 'result'}", port.value, tone=tone) for port in event.outputs]
    return inputs + outputs
