"""What happens at the event in plain words, and why there are numbers that are not finite."""

from __future__ import annotations

from PySide6.QtCore import Signal

from playground.recording.model import Recording
from playground.recording.not_finite import why_not_finite
from playground.recording.queries import first_not_finite, has_flaws
from playground.recording.sentences import pass_sentence, sentence
from ui.panels.inspector.moment import Moment, explanation, place
from ui.panels.inspector.parts import Column, reveal
from ui.style.theme import error_tone, muted_tone

_LARGE = 1.1


class WordsSection(Column):
    """One sentence or two, before anything else.

    Signals:
        event_chosen(int): the user followed the link to the event where NaN or infinity began.
    """

    event_chosen = Signal(int)

    def __init__(self) -> None:
        """Hidden at first."""
        super().__init__()
        self.setObjectName("inspector_words")
        self.setAccessibleName("What happens here, in words")
        self._column.setContentsMargins(0, 2, 0, 6)
        self._whole = self.add_text(muted_tone)
        self._sentence = self.add_text(size=_LARGE, bold=True)
        self._sentence.setObjectName("event_sentence")
        self._more = self.add_text(size=_LARGE)
        self._lost = self.add_text(error_tone)
        self._lost.setObjectName("not_finite_words")
        self._link = self.add_link("not_finite_link")
        self._target = 0
        self._link.clicked.connect(lambda: self.event_chosen.emit(self._target))
        self._reasons: tuple[Recording | None, str, int | None] = (None, "", None)

    def show_moment(self, moment: Moment) -> None:
        """Tells of the event of that moment, else of its node."""
        recording, event = moment.recording, moment.event
        if recording is None or event is None:
            self._tell("")
            words = "" if moment.node is None else explanation(moment.node.op)
            self._whole.set_text(words)
            self._lost.set_text("")
            self._link.set_text("")
        else:
            self._whole.set_text(pass_sentence(recording, event.number))
            self._tell(sentence(recording, event.number))
            self._show_reason(recording, event.number)
        reveal(self, bool(self.text()))

    def _tell(self, words: str) -> None:
        """The first sentence stands out."""
        first, joint, rest = words.partition(". ")
        self._sentence.set_text(f"{first}." if joint else first)
        self._more.set_text(rest)

    def _show_reason(self, recording: Recording, number: int) -> None:
        if recording is not self._reasons[0]:
            lost = has_flaws(recording)
            reason, first = (why_not_finite(recording), first_not_finite(recording)) if lost else ("", None)
            self._reasons = recording, reason, first
        _, reason, first = self._reasons
        self._lost.set_text(reason)
        leads = first is not None and first != number
        self._target = first or 0
        self._link.set_text(f"Go to {place(first)}, where it began" if leads and first is not None else "")
