"""The walk through a recorded step: one cursor, one chosen node, one marked line."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from playground.graph.sharing import original
from playground.recording.model import Recording
from playground.recording.queries import has_node, last_place, node_of
from ui.state.player import Player

SECONDS_AN_EVENT = 0.2
"""So long each event of a line is shown that is played."""


class Replay(QObject):
    """Knows where the user stands in the recording that is shown, and what they have chosen there.

    Attributes:
        player: moves the cursor.
        key: of the chosen node, "" if none is.
        line: the line of the code that is marked, or None.
        lit: keys of nodes that stand out for what the user points at elsewhere.

    Signals:
        changed(): the cursor, the node or the line is another one.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        """Nothing is walked through yet."""
        super().__init__(parent)
        self.player = Player(self)
        self.key = ""
        self._of_cursor = False
        self.line: int | None = None
        self.lit: frozenset[str] = frozenset()
        self.player.moved.connect(self._move)

    @property
    def recording(self) -> Recording | None:
        """What is walked through, or None."""
        return self.player.recording

    def take(self, recording: Recording | None, at_its_beginning: bool = False) -> None:
        """Takes up the recording of the step that is shown, silently.

        The cursor begins at its end; or where the step failed, or NaN or infinity came into it. There it
        is the event that counts, else a chosen node stays chosen as long as the step has it.

        Args:
            recording: of the step.
            at_its_beginning: whether the cursor begins there, if nothing went wrong.
        """
        if recording is self.recording:
            return
        self.line = None
        if recording is None and self._of_cursor:
            # Nobody has chosen it: the walk has passed there.
            self.key = ""
        place = last_place(recording)
        went_well = recording is not None and place == len(recording.events) - 1
        self.player.set_recording(recording, 0 if at_its_beginning and went_well else place)
        cursor = self.player.cursor
        if recording is None or cursor is None:
            return
        if cursor < len(recording.events) - 1:
            self.key = node_of(recording, recording.events[cursor])
            self._of_cursor = True
        elif not has_node(recording, self.key):
            self.key = ""

    def select(self, key: str) -> None:
        """Chooses a node, as a click on it does; "" clears. The cursor stays where it is."""
        # Of a copy what is known is what is known of the parameter.
        self.key = original(key)
        self._of_cursor = False
        self.player.take_over()
        self.changed.emit()

    def light(self, keys: frozenset[str]) -> None:
        """Lets nodes stand out, whatever step is shown; none puts the light out."""
        if keys != self.lit:
            self.lit = keys
            self.changed.emit()

    def mark_line(self, line: int, plays: bool = False) -> None:
        """Marks what ran on a line of the code, and goes there; a second time takes the mark away.

        Args:
            line: counted from 1.
            plays: whether what ran on it is played, if it was more than one event.
        """
        self.line = None if line == self.line else line
        ran = self._events_on(self.line)
        if not ran:
            self.changed.emit()
        elif plays and len(ran) > 1:
            self.player.take_over()
            self.changed.emit()
            self.player.run_through(SECONDS_AN_EVENT * len(ran), ran)
        else:
            self.player.go(ran[0])
            self.changed.emit()

    def _events_on(self, line: int | None) -> list[int]:
        """Numbers of the events that ran on a line of the code itself."""
        events = () if self.recording is None else self.recording.events
        return [each.number for each in events if each.line == line and line is not None]

    def _move(self, number: int) -> None:
        """The cursor has moved: the node that it stands at is the chosen one."""
        recording = self.recording
        assert recording is not None, "the cursor moves in a recording"
        self.key = node_of(recording, recording.events[number])
        self._of_cursor = True
        self.changed.emit()
