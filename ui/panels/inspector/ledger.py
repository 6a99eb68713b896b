"""The section on what happened to a tensor's `.grad`: one line for each thing, in order."""

from __future__ import annotations

from itertools import islice

from PySide6.QtCore import Signal

from playground.recording.ledger import GradientLedger
from ui.panels.inspector.ledger_row import LedgerRow
from ui.panels.inspector.ledger_words import is_plain, ledger_lines, ledger_of, plain_words
from ui.panels.inspector.moment import Moment
from ui.panels.inspector.parts import Section, muted_tone, reveal
from ui.style.theme import Theme

HEADING = "Gradient ledger"
EXPLANATION = "What happened to .grad; norms before → after."
_MOST_LINES = 60


class LedgerSection(Section):
    """The gradient ledger of a parameter, a leaf, or a result that retains its gradient.

    Signals:
        event_chosen(int): the user went to the event behind a line.
    """

    event_chosen = Signal(int)

    def __init__(self, theme: Theme) -> None:
        """Starts hidden."""
        super().__init__(theme, "inspector_ledger", HEADING)
        self._explanation = self.add_text(muted_tone)
        self._rows: list[LedgerRow] = []
        self._more = self.add_text(muted_tone)
        self._shown: GradientLedger | None = None

    def show_moment(self, moment: Moment) -> None:
        """Shows the ledger of that moment's node; hides if it has none."""
        recording = moment.recording
        ledger = None if recording is None else ledger_of(recording, moment.record, moment.parameter)
        reveal(self, ledger is not None)
        if recording is None or ledger is None:
            return
        if ledger is not self._shown:
            self._shown = ledger
            plain = is_plain(ledger)
            self._heading.set_text("" if plain else HEADING)
            self._explanation.set_text(plain_words(recording, ledger) if plain else EXPLANATION)
            lines = [] if plain else list(islice(ledger_lines(recording, ledger), _MOST_LINES + 1))
            self._make_rows(len(lines[:_MOST_LINES]))
            for line, row in zip(lines, self._rows, strict=False):
                row.show_line(line)
            for number, row in enumerate(self._rows):
                reveal(row, number < len(lines))
            self._more.set_text("… and more" if len(lines) > _MOST_LINES else "")
        for row in self._rows:
            row.set_cursor(moment.cursor)

    def rows(self) -> list[LedgerRow]:
        """Those that are shown."""
        return [row for row in self._rows if not row.isHidden()]

    def _make_rows(self, count: int) -> None:
        while len(self._rows) < count:
            row = LedgerRow(self._theme)
            row.event_chosen.connect(self.event_chosen)
            # Below the heading and the explanation.
            self.insert(2 + len(self._rows), row)
            self._rows.append(row)
