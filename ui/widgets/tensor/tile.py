"""One tensor of an equation: its picture, a few numbers, and what it would have been where that is known."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QFontMetrics,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractButton, QWidget

from playground.recording.equations import Term
from playground.recording.snapshot import Snapshot
from ui.style.theme import Tone, current_theme, text_tone
from ui.widgets.tensor import text as tensor_words
from ui.widgets.tensor.compared import largest_of
from ui.widgets.tensor.heatmap import Heatmap

PICTURE, _OTHER = 46, 28
"""Pixels of the pictures: of the tensor, and of what it would have been and how far that is."""
NARROWEST, WIDEST = 76, 150
LINES = 4
"""Below the picture."""


class Room(Enum):
    """For what tensors would have been; the values are the lines that it takes."""

    NONE = 0
    NUMBERS = 2
    PICTURES = 3


class TermTile(QAbstractButton):
    """One tensor: its name, its picture or its one number, and its shape, std, min and max."""

    def __init__(self, parent: QWidget) -> None:
        """Without a tensor at first."""
        super().__init__(parent)
        self._term = Term("", None)
        self._tone: Tone = text_tone
        self._lines: list[tuple[str, bool]] | None = None
        self._picture = _still_heatmap(self)
        self._others: list[Heatmap] = []
        self._room = Room.NONE
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._use_font()

    @property
    def term(self) -> Term:
        """What is shown."""
        return self._term

    def show_term(self, term: Term, tone: Tone, room: Room = Room.NONE) -> None:
        """Shows another tensor, its name in this color.

        Args:
            term: the tensor.
            tone: of its name.
            room: for what it would have been, if it is another.
        """
        self._term, self._tone, self._lines, self._room = term, tone, None, room
        self._show_others()
        pictured = _is_pictured(term.value)
        self._picture.set_snapshot(term.value if pictured else None)
        self._picture.setVisible(pictured)
        self.setAccessibleName(term.label)
        self.setToolTip(" · ".join(filter(None, (term.label, term.note, "click to read its elements"))))
        self.update()

    def lines(self) -> list[str]:
        """The lines below the picture."""
        return [line for line, _ in self._told()]

    def text(self) -> str:
        """All that is shown, as plain text."""
        named = " ".join(filter(None, (self._term.label, self._term.note)))
        return "\n".join([named, *self.lines(), *self._comparison()])

    def nextCheckState(self) -> None:
        """What is not defined has nothing to open."""
        if self._term.value is not None:
            super().nextCheckState()

    def sizeHint(self) -> QSize:
        """A picture and its lines."""
        pictures = 2 * (_OTHER + 2) if self._room is Room.PICTURES else 0
        return QSize(WIDEST, self.base_height + self._room.value * self._small_height + pictures)

    @property
    def base_height(self) -> int:
        """Of what is shown in any case."""
        return self._bold_height + PICTURE + 4 + LINES * self._small_height

    def minimumSizeHint(self) -> QSize:
        """Names are shortened, numbers are not."""
        return QSize(NARROWEST, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Gives the picture its place."""
        super().resizeEvent(event)
        self._picture.setGeometry(self._frame())
        self._place_others()

    def changeEvent(self, event: QEvent) -> None:
        """Takes another font as it comes."""
        if event.type() == QEvent.Type.FontChange:
            self._use_font()
            self.updateGeometry()
        super().changeEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints name, number and lines, and a frame where it is open or has the focus."""
        painter = QPainter(self)
        theme, told = current_theme(), self._told()
        painter.setFont(self._bold)
        painter.setPen(QColor(self._tone(theme)))
        self._paint_line(painter, 0, self._bold_height, self._term.label, Qt.TextElideMode.ElideMiddle)
        if not _is_pictured(self._term.value):
            self._paint_number(painter)
        painter.setFont(self._small)
        top = self._bold_height + PICTURE + 4
        for line, alarming in told:
            painter.setPen(QColor(theme.error if alarming else theme.muted))
            self._paint_line(painter, top, self._small_height, line, Qt.TextElideMode.ElideRight)
            top += self._small_height
        self._paint_comparison(painter)
        if self.hasFocus() or self.isChecked() or self.underMouse():
            strong = self.hasFocus() or self.isChecked()
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.parameter if strong else theme.muted), 2 if strong else 1))
            painter.drawRect(QRectF(self._frame()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()
        if not self.accessibleDescription():
            self.setAccessibleDescription(", ".join(self.lines()))

    def _told(self) -> list[tuple[str, bool]]:
        if self._lines is None:
            self._lines = list(tensor_words.tile_lines(self._term.value, self._term.note))
            self.setAccessibleDescription("")
        return self._lines

    def _show_others(self) -> None:
        value = self._term.value
        twin = value.twin if value is not None and self._room is Room.PICTURES else None
        if twin is not None and not self._others:
            self._others = [_still_heatmap(self), _still_heatmap(self)]
        if value is None or twin is None:
            for picture in self._others:
                picture.hide()
            return
        shown = (twin, largest_of(value)), (value.difference, None)
        for picture, (each, scale) in zip(self._others, shown, strict=True):
            picture.set_snapshot(each if _is_pictured(each) else None, scale)
            picture.setVisible(_is_pictured(each))
        self._place_others()

    def _comparison(self) -> list[str]:
        """The lines above the two other pictures, and one below; that it is the same, where it is."""
        value = self._term.value
        if self._room is Room.NONE or value is None:
            return []
        if value.twin is None:
            return ["unchanged"]
        what = tensor_words.whole_number_text(value.twin)
        difference = tensor_words.largest_difference_text(value)
        return [
            "what if" if not what else f"what if {what}",
            difference,
            tensor_words.count_changed_text(value),
        ]

    def _line_top(self, number: int) -> int:
        """Where a line of the comparison begins."""
        return self.base_height + number * (self._small_height + _OTHER + 2)

    def _place_others(self) -> None:
        for number, picture in enumerate(self._others):
            picture.setGeometry(0, self._line_top(number) + self._small_height, self.width(), _OTHER)

    def _paint_comparison(self, painter: QPainter) -> None:
        theme = current_theme()
        pictured = _is_pictured(self._term.value)
        for number, line in enumerate(self._comparison()):
            top = self._line_top(number) if pictured else self.base_height + number * self._small_height
            changed = self._term.value is not None and self._term.value.twin is not None
            painter.setPen(QColor(theme.warning if changed and number < 2 else theme.muted))
            self._paint_line(painter, top, self._small_height, line, Qt.TextElideMode.ElideRight)

    def _frame(self) -> QRect:
        return QRect(0, self._bold_height, self.width(), PICTURE)

    def _paint_line(
        self, painter: QPainter, top: int, height: int, text: str, elide: Qt.TextElideMode
    ) -> None:
        shown = painter.fontMetrics().elidedText(text, elide, self.width())
        painter.drawText(QRect(0, top, self.width(), height), Qt.AlignmentFlag.AlignLeft, shown)

    def _paint_number(self, painter: QPainter) -> None:
        value = self._term.value
        number = None if value is None else value.number
        text = "None" if value is None else "empty" if number is None else tensor_words.number_text(number)
        theme = current_theme()
        painter.setPen(QColor(theme.border))
        painter.setBrush(QColor(theme.raised))
        painter.drawRect(QRectF(self._frame()).adjusted(0.5, 0.5, -0.5, -0.5))
        flawed = value is not None and bool(tensor_words.flaw_text(value))
        painter.setPen(QColor(theme.error if flawed else theme.faint if number is None else theme.text))
        font = QFont(self._bold)
        font.setPointSizeF(font.pointSizeF() * 1.2)
        share = (self.width() - 8) / max(1, QFontMetrics(font).horizontalAdvance(text))
        font.setPointSizeF(font.pointSizeF() * min(1.0, share))
        painter.setFont(font)
        painter.drawText(self._frame(), Qt.AlignmentFlag.AlignCenter, text)

    def _use_font(self) -> None:
        self._bold = QFont(self.font())
        self._bold.setWeight(QFont.Weight.DemiBold)
        self._small = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        self._small.setPointSizeF(self.font().pointSizeF() * 0.88)
        self._bold_height = QFontMetrics(self._bold).height() + 1
        self._small_height = QFontMetrics(self._small).height()


def room_for(terms: Sequence[Term]) -> Room:
    """How much all tiles of these tensors need, so that they are equally high."""
    differ = [each.value for each in terms if each.value is not None and each.value.twin is not None]
    if not differ:
        return Room.NONE
    return Room.PICTURES if any(map(_is_pictured, differ)) else Room.NUMBERS


def _still_heatmap(owner: QWidget) -> Heatmap:
    """A picture that leaves mouse and keys to its owner."""
    picture = Heatmap(owner)
    picture.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    picture.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    return picture


def _is_pictured(value: Snapshot | None) -> bool:
    return value is not None and value.number is None and 0 not in value.shape
