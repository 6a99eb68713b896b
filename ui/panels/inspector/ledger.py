"""The section on what happened to a tensor's `.grad`: one line for each thing, in order."""

from __future__ import annotations

import math
from itertools import islice

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout

from playground.recording.ledger import GradientLedger
from ui.panels.inspector.ledger_text import LedgerLine, is_plain, ledger_lines, ledger_of, plain_words
from ui.panels.inspector.moment import Moment, place
from ui.panels.inspector.parts import Part, Section, reveal
from ui.style.phases import phase_color
from ui.style.theme import current_theme, muted_tone

_BAR, _GAP, _PADDING, _INDENT = 3, 8, 2, 14
_NARROWEST = 60
_TINT = 0.16
"""Share of the accent in the ground of the line at which the cursor stands."""


class LedgerRow(Part):
    """A line of the ledger.

    Signals:
        event_chosen(int): the user followed it to this event.
    """

    event_chosen = Signal(int)

    def __init__(self) -> None:
        """Empty at first."""
        super().__init__()
        self.button = _Line()
        self.button.setObjectName("ledger_line")
        self.button.clicked.connect(self._follow)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.button)

    def show_line(self, line: LedgerLine) -> None:
        """Shows another line."""
        self.button.show_line(line)

    def set_cursor(self, cursor: int | None) -> None:
        """Faint while the walk has not reached it; marked where the walk stands."""
        self.button.set_cursor(cursor)

    def text(self) -> str:
        """Words and norms."""
        return self.button.text()

    @property
    def line(self) -> LedgerLine:
        """What it shows."""
        return self.button.line

    @property
    def is_ahead(self) -> bool:
        """Whether the walk has not reached it yet."""
        return self.button.is_ahead

    def _follow(self) -> None:
        if self.button.line.event is not None:
            self.event_chosen.emit(self.button.line.event)


class _Line(QAbstractButton):
    """Words that wrap at the left, norms at the right, and the color of the phase before both."""

    def __init__(self) -> None:
        super().__init__()
        self.line = LedgerLine("", "")
        self.is_ahead = self._is_here = False
        self._words = QTextLayout()
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self._words.setTextOption(option)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_line(self, line: LedgerLine) -> None:
        self.line = line
        self._words.setText(line.words)
        self.setText(f"{line.words}  {line.norms}")
        self.setAccessibleName(self.text())
        leads = line.event is not None
        self.setToolTip(f"Leads to {place(line.event)}." if line.event is not None else "")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if leads else Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor if leads else Qt.CursorShape.ArrowCursor)
        self.updateGeometry()
        self.update()

    def set_cursor(self, cursor: int | None) -> None:
        event = self.line.event
        is_here = cursor is not None and event == cursor
        is_ahead = cursor is not None and event is not None and event > cursor
        if (is_here, is_ahead) != (self._is_here, self.is_ahead):
            self._is_here, self.is_ahead = is_here, is_ahead
            self.update()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        self._break_at(self._room(width))
        return math.ceil(self._words.boundingRect().height()) + 2 * _PADDING

    def sizeHint(self) -> QSize:
        return QSize(4 * _NARROWEST, self.heightForWidth(max(self.width(), _NARROWEST)))

    def minimumSizeHint(self) -> QSize:
        return QSize(_NARROWEST, self.fontMetrics().height() + 2 * _PADDING)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, inner = current_theme(), self.rect().adjusted(self._left(), _PADDING, -_PADDING, -_PADDING)
        self._paint_ground(painter)
        painter.setPen(QColor(theme.faint if self.is_ahead else theme.text))
        self._break_at(self._room(self.width()))
        self._words.draw(painter, QPointF(inner.topLeft()))
        painter.setPen(QColor(theme.faint if self.is_ahead else theme.muted))
        painter.drawText(inner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, self.line.norms)
        painter.end()

    def _paint_ground(self, painter: QPainter) -> None:
        theme = current_theme()
        if self._is_here:
            painter.setOpacity(_TINT)
            painter.fillRect(self.rect(), QColor(theme.accent))
            painter.setOpacity(1.0)
        elif self.line.event is not None and self.underMouse():
            painter.fillRect(self.rect(), QColor(theme.raised))
        color = theme.muted if self.line.phase is None else phase_color(theme, self.line.phase)
        if not self.line.is_use:
            painter.setOpacity(0.45 if self.is_ahead else 1.0)
            painter.fillRect(QRect(0, 1, _BAR, self.height() - 2), QColor(color))
            painter.setOpacity(1.0)
        if self.hasFocus():
            painter.setPen(QColor(theme.parameter))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)

    def _left(self) -> int:
        return _BAR + _GAP + (_INDENT if self.line.is_use else 0)

    def _room(self, width: int) -> int:
        norms = self.fontMetrics().horizontalAdvance(self.line.norms)
        return max(width - self._left() - _PADDING - norms - _GAP, _NARROWEST)

    def _break_at(self, width: int) -> None:
        self._words.setFont(self.font())
        self._words.beginLayout()
        height = 0.0
        while (line := self._words.createLine()).isValid():
            line.setLineWidth(width)
            line.setPosition(QPointF(0, height))
            height += line.height()
        self._words.endLayout()


HEADING = "Gradient ledger"
EXPLANATION = "What happened to .grad; norms before → after."
_MOST_LINES = 60


class LedgerSection(Section):
    """The gradient ledger of a parameter, a leaf, or a result that retains its gradient.

    Signals:
        event_chosen(int): the user went to the event behind a line.
    """

    event_chosen = Signal(int)

    def __init__(self) -> None:
        """Hidden at first."""
        super().__init__("inspector_ledger", HEADING)
        self._explanation = self.add_text(muted_tone)
        self._rows: list[LedgerRow] = []
        self._more = self.add_text(muted_tone)
        self._shown: GradientLedger | None = None

    def show_moment(self, moment: Moment) -> None:
        """Shows the ledger of that moment's node; hides if it has none."""
        recording = moment.recording
        ledger = None if recording is None else ledger_of(recording, moment.record, moment.parameter)
        if ledger is None and recording is not None and moment.fed is not None:
            ledger = recording.gradient_ledger(moment.fed.name)
        reveal(self, ledger is not None)
        if recording is None or ledger is None:
            return
        if ledger is not self._shown:
            self._shown = ledger
            plain = is_plain(ledger)
            self.set_heading(f"{HEADING} of {ledger.name}")
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
            row = LedgerRow()
            row.event_chosen.connect(self.event_chosen)
            # Below the heading and the explanation.
            self.insert(2 + len(self._rows), row)
            self._rows.append(row)
