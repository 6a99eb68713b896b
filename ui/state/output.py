"""What the present run's program has printed, drawn and asked, as far as somebody has looked."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from playground.programs.output import OutputTape
from ui.session.orders import Run
from ui.session.session import Session


class Output(QObject):
    """Reads the run's tape, and tells only what is new.

    Signals:
        began(bool): another run is shown; whether its output is kept.
        came(object, int, int): a tuple of lines and pictures, number of the oldest that is kept, and how many
            older ones are gone since the user cleared the view.
        asked(object): what the program asks, None when it waits no longer.
    """

    began = Signal(bool)
    came = Signal(object, int, int)
    asked = Signal(object)

    def __init__(self, session: Session) -> None:
        """Nothing has been read."""
        super().__init__()
        self._tape: OutputTape | None = None
        self._mark = self._next = self._cleared = 0
        self._question: str | None = None
        session.run_changed.connect(self._take_run)
        self._take_run(session.run)

    def look(self, is_seen: bool) -> None:
        """Tells what is new.

        Args:
            is_seen: whether anybody sees lines; what the program asks is told all the same.
        """
        tape = self._tape
        if tape is None:
            return
        question = tape.question
        if is_seen or question is not None:
            self._read(tape)
        if question != self._question:
            self._question = question
            self.asked.emit(question)

    def answer(self, text: str | None) -> None:
        """Answers what the program asks; None says that there are no more lines."""
        if self._tape is not None and self._tape.answer(text):
            self._question = None
            self.asked.emit(None)

    def clear(self) -> None:
        """Lets go of what has been told; only what comes from now on is told of, and counted when it goes."""
        if self._tape is not None:
            self._read(self._tape)
        self._cleared = self._next

    def _read(self, tape: OutputTape) -> None:
        news = tape.since(self._mark)
        if news is None:
            return
        self._mark = news.mark
        if news.entries:
            self._next = max(self._next, news.entries[-1].number + 1)
        self.came.emit(news.entries, news.first, max(0, news.first - self._cleared))

    def _take_run(self, run: Run | None) -> None:
        if run is None:
            # What the last one has said stands until the next one begins.
            return
        self._tape = run.output
        self._mark = self._next = self._cleared = 0
        if self._question is not None:
            self._question = None
            self.asked.emit(None)
        self.began.emit(run.output is not None)
