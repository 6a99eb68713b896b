"""The head of the inspector: which operation, what its result is called, and what it does."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QVBoxLayout, QWidget

from playground.recording.events import Event
from playground.recording.model import Recording
from playground.recording.phase_names import PhaseNames, pass_name
from ui.panels.inspector.moment import Moment, place
from ui.panels.inspector.parts import FlowText, muted_tone, reveal
from ui.panels.inspector.text import explanation
from ui.style.phases import phase_color
from ui.style.theme import Theme
from ui.widgets.notice_text import WrappedText


class InspectorTitle(QWidget):
    """Three texts that can be selected; they keep their height, so that what is below stays where it is."""

    def __init__(self, theme: Theme) -> None:
        """Starts empty."""
        super().__init__()
        self._theme = theme
        self._named: tuple[Recording | None, PhaseNames] = (None, PhaseNames(None))
        self._phase = FlowText(theme, muted_tone, 0.88, bold=True)
        self.operation = _text("inspector_operation", "Operation of the chosen node", 1, 2)
        self._label = _text("inspector_label", "Its result in the words of the program", 1, 2)
        self._words = _text("inspector_words", "What the operation does", 2, 3)
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 1.15)
        font.setWeight(QFont.Weight.DemiBold)
        self.operation.setFont(font)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 6)
        column.setSpacing(2)
        for part in (self._phase, self.operation, self._label, self._words):
            column.addWidget(part)
        self.set_theme(theme)

    def show_moment(self, moment: Moment) -> None:
        """Names the event of that moment, else its node."""
        event, node, record = moment.event, moment.node, moment.record
        op = event.op if event is not None else node.op if node is not None else ""
        label = event.label if event is not None else record.label if record is not None else ""
        says = event.documentation if event is not None else ""
        if event is None or moment.recording is None:
            self._phase.set_text("")
        else:
            self._phase.set_text(f"{self._phase_name(moment.recording, event)} · {place(event.number)}")
            self._phase.set_tone(partial(phase_color, phase=event.phase))
        self.operation.set_text(op)
        reveal(self._label, moment.recording is not None)
        self._label.set_text(label)
        self._words.set_text(says or explanation(op))

    def _phase_name(self, recording: Recording, event: Event) -> str:
        if recording is not self._named[0]:
            self._named = recording, PhaseNames(recording)
        number = event.backward_pass
        if number is not None and recording.passes[number].inside is not None:
            return pass_name(recording, number)
        return self._named[1].of_event(event.number)

    def text(self) -> str:
        """The lines from the top."""
        shown = [part for part in (self.operation, self._label, self._words) if not part.isHidden()]
        lines = [self._phase.text(), *(part.toPlainText() for part in shown)]
        return "\n".join(filter(None, lines))

    def set_theme(self, theme: Theme) -> None:
        """Paints in these colours from now on."""
        self._theme = theme
        self._phase.set_theme(theme)
        colours = dict.fromkeys((self.operation, self._label, self._words), theme.text)
        for part, colour in colours.items():
            # Before a widget was shown Qt takes over a second sheet only where there is none.
            part.setStyleSheet("")
            # Without the selector this would be the look of the scroll bars too.
            part.setStyleSheet(
                f"QTextEdit {{ color: {colour}; background: transparent; border: none; "
                f"selection-color: {theme.surface}; selection-background-color: {theme.parameter}; }}"
            )


class _Text(WrappedText):
    """Remembers its heights: its layout asks a dozen times at every move of the cursor."""

    def __init__(self, fewest_lines: int, most_lines: int) -> None:
        super().__init__(fewest_lines, most_lines)
        self._heights: dict[int, int] = {}
        self._most = most_lines
        # A bar in a title of two lines would hide more than it shows; the tooltip has the whole text.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def set_html(self, html: str) -> None:
        self._heights.clear()
        super().set_html(html)
        self.setToolTip(self.toPlainText())

    def heightForWidth(self, width: int) -> int:
        if width not in self._heights:
            most = self._most * self.fontMetrics().lineSpacing()
            self._heights[width] = min(super().heightForWidth(width), most)
        return self._heights[width]

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.FontChange:
            self._heights.clear()
        super().changeEvent(event)


def _text(name: str, label: str, fewest_lines: int, most_lines: int) -> _Text:
    text = _Text(fewest_lines, most_lines)
    text.setObjectName(name)
    text.setAccessibleName(label)
    return text
