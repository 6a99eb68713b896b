"""The section on the event at the cursor: what it took, what it computed, and how."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from PySide6.QtCore import Signal

from playground.recording.events import Change, Event, EventKind
from playground.recording.model import Recording
from ui.panels.inspector.cards import Card, CardList
from ui.panels.inspector.change import ChangeView
from ui.panels.inspector.moment import ChainRules, Moment, place
from ui.panels.inspector.parts import Column, Section, Tone, error_tone, muted_tone, reveal
from ui.panels.inspector.rule import RuleView
from ui.style.phases import phase_color
from ui.style.theme import Theme

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

    def __init__(self, theme: Theme) -> None:
        """Starts hidden."""
        super().__init__(theme, "inspector_event", "What happens here")
        self._chain_rules = ChainRules()
        self._shown: tuple[Recording, Event, str | None] | None = None
        self._parent = 0
        self._where = self.add_text(muted_tone)
        self._inside = self.add_link("inside_link")
        self._inside.clicked.connect(lambda: self.event_chosen.emit(self._parent))
        self._error = self.add_text(error_tone, bold=True)
        self._error.setObjectName("event_error")
        self._note = self.add_text(muted_tone)
        self._rules: list[RuleView] = []
        self._changes: list[ChangeView] = []
        self._rule_column = self.add(Column(theme, spacing=12))
        self._change_column = self.add(Column(theme, spacing=12))
        self._cards = self.add(CardList(theme))
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
        self._where.set_text(" · ".join(_where(event)))
        self._show_parent(recording, event)
        self._error.set_text(event.error)
        changes = _changes(moment, event)
        self._show_rules(recording, event, tone)
        self._show_changes(changes, event.label, tone)
        plain = not changes and event.kind is not EventKind.NODE
        self._cards.show_cards(_ports(event, tone) if plain else ())

    def _show_parent(self, recording: Recording, event: Event) -> None:
        if event.parent is None:
            self._inside.set_text("")
            return
        self._parent = event.parent
        self._inside.set_text(f"inside {recording.events[event.parent].op}, {place(event.parent)}")

    def _show_rules(self, recording: Recording, event: Event, tone: Tone) -> None:
        chain = self._chain_rules.of(recording, event.number)
        rules = () if chain is None else chain.rules
        self._make_rules(len(rules))
        for number, view in enumerate(self._rules):
            reveal(view, number < len(rules))
            if number < len(rules):
                is_new = not number or rules[number].came_in is not rules[0].came_in
                view.show_rule(rules[number], tone, with_came_in=is_new)
        reveal(self._rule_column, bool(rules))
        says = "" if chain is None else NO_FORMULA if chain.generic else "" if rules else NO_GRADIENT
        self._note.set_text(says)

    def _make_rules(self, count: int) -> None:
        while len(self._rules) < count:
            view = self._rule_column.add(RuleView(self._theme))
            view.hide()
            self._rules.append(view)

    def _show_changes(self, changes: Sequence[Change], title: str, tone: Tone) -> None:
        shown = changes[:_MOST_CHANGES]
        while len(self._changes) < len(shown):
            self._changes.append(self._change_column.add(ChangeView(self._theme)))
        for number, view in enumerate(self._changes):
            reveal(view, number < len(shown))
            if number < len(shown):
                view.show_change(shown[number], tone, with_name=shown[number].parameter != title)
        reveal(self._change_column, bool(shown))
        rest = len(changes) - len(shown)
        self._more.set_text(f"… and {rest} more; choose a parameter to see its own." if rest else "")


def _where(event: Event) -> Iterator[str]:
    """The line that ran, and for a node of autograd the one that made it."""
    if event.line is not None:
        yield f"line {event.line}"
    if event.origin is not None:
        yield f"made on line {event.origin}"
    if event.module:
        yield f"in module {event.module}"
    if event.inside:
        yield f"inside {event.inside}"


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
