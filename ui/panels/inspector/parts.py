"""What the inspector's sections are made of: texts that wrap anywhere, links, and columns of both.

They are filled anew at every move of the cursor, so that each does nothing where nothing has changed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QAbstractButton, QBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from ui.style.theme import Tone, current_theme, text_tone
from ui.widgets.tensor.card import TensorCard

_NARROWEST = 40
_SECTION_GAP = 10
_TWO_COLUMNS, _COLUMN_GAP = 430, 14
"""Pixels from which on two columns stand side by side, and between them."""
_LINE_SEPARATOR, _WORD_JOINER = "\u2028", "\u2060"


def reveal(widget: QWidget, is_shown: bool) -> None:
    """Shows or hides a widget; no layout is disturbed where it is so already."""
    if widget.isHidden() == is_shown:
        widget.setVisible(is_shown)


class Part(QWidget):
    """Something in a section: it tells what it says.

    Signals:
        grew(): there are more widgets in it, whose place in the order of Tab is still to be given.
        change_asked(object): a TensorCard in it has an element that could be changed.
        value_given(object, object, float): a TensorCard in it, an index and a value, as that card tells.
    """

    grew = Signal()
    change_asked = Signal(object)
    value_given = Signal(object, object, float)

    def text(self) -> str:
        """What is shown, as plain text."""
        raise NotImplementedError

    def hear_part(self, part: Part) -> None:
        """Tells on what a part in it tells."""
        part.grew.connect(self.grew)
        part.change_asked.connect(self.change_asked)
        part.value_given.connect(self.value_given)

    def hear_card(self, card: TensorCard) -> None:
        """Tells on what a card in it tells."""
        card.change_asked.connect(self.change_asked)
        card.value_given.connect(lambda index, value: self.value_given.emit(card, index, value))


PartType = TypeVar("PartType", bound=Part)


class FlowText(Part):
    """A text of any length and width; what has no blank is broken anywhere, and nothing is cut off."""

    def __init__(
        self, tone: Tone = text_tone, size: float = 1.0, bold: bool = False, fixed: bool = False
    ) -> None:
        """Starts empty, and so hidden.

        Args:
            tone: its color.
            size: of the letters, relative to the window's.
            bold: whether they are heavy.
            fixed: whether all are equally wide.
        """
        super().__init__()
        self._tone = tone
        self._size, self._bold, self._fixed = size, bold, fixed
        self._text = ""
        self._layout = QTextLayout()
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self._layout.setTextOption(option)
        self._broken_at = -1
        self._heights: dict[int, int] = {}
        self._layout.setFont(self._letters())
        # Not fixed: its hint is for another width, and would be the most that a layout gives it.
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.hide()

    def set_text(self, text: str) -> None:
        """Shows this text; an empty one takes no room."""
        if text != self._text:
            self._text = text
            # A quotient of differentials stays in one piece.
            drawn = text.replace("/∂", f"/{_WORD_JOINER}∂").replace("\n", _LINE_SEPARATOR)
            self._layout.setText(drawn)
            self._broken_at = -1
            self._heights.clear()
            self.setAccessibleName(text)
            self.updateGeometry()
            self.update()
        reveal(self, bool(text))

    def set_tone(self, tone: Tone) -> None:
        """Paints in another of the theme's colors."""
        self._tone = tone
        self.update()

    def text(self) -> str:
        """The whole text."""
        return self._text

    def color(self) -> str:
        """In which it is painted."""
        return self._tone(current_theme())

    def changeEvent(self, event: QEvent) -> None:
        """Breaks the lines anew in another font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._layout.setFont(self.font())
            self._heights.clear()
            self._broken_at = -1
            self.updateGeometry()

    def hasHeightForWidth(self) -> bool:
        """The height depends on the width, as the text wraps."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Height in pixels of the lines at this width."""
        # A layout asks many times, for the width with a scroll bar and for that without.
        if width not in self._heights:
            self._break_at(width)
            self._heights[width] = math.ceil(self._layout.boundingRect().height())
        return self._heights[width]

    def sizeHint(self) -> QSize:
        """A few words wide."""
        return QSize(4 * _NARROWEST, self.heightForWidth(max(self.width(), _NARROWEST)))

    def minimumSizeHint(self) -> QSize:
        """Narrow, and one line high."""
        return QSize(_NARROWEST, self.fontMetrics().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints the lines."""
        if self.width() != self._broken_at:
            self._break_at(self.width())
        painter = QPainter(self)
        painter.setPen(QColor(self.color()))
        self._layout.draw(painter, QPointF(0, 0))
        painter.end()

    def _break_at(self, width: int) -> None:
        self._broken_at = width
        self._layout.beginLayout()
        height = 0.0
        while (line := self._layout.createLine()).isValid():
            line.setLineWidth(max(width, 1))
            line.setPosition(QPointF(0, height))
            height += line.height()
        self._layout.endLayout()

    def _letters(self) -> QFont:
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont) if self._fixed else self.font()
        letters = QFont(font)
        letters.setPointSizeF(self.font().pointSizeF() * self._size)
        if self._bold:
            letters.setWeight(QFont.Weight.DemiBold)
        self.setFont(letters)
        return letters


class Link(QAbstractButton):
    """A line that leads somewhere else, by a click or a key; it is shortened where there is no room."""

    def __init__(self) -> None:
        """Without a text, and so hidden at first."""
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.hide()

    def set_text(self, text: str) -> None:
        """Shows this text; an empty one takes no room."""
        if text != self.text():
            self.setText(text)
            self.setAccessibleName(text)
            self.setToolTip(text)
        reveal(self, bool(text))

    def sizeHint(self) -> QSize:
        """Room for the whole line."""
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self.text()) + 2, metrics.height() + 2)

    def minimumSizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(_NARROWEST, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints the text, underlined under the pointer, and more strongly with the focus."""
        painter = QPainter(self)
        painter.setPen(QColor(current_theme().info))
        font = self.font()
        font.setUnderline(self.underMouse() and not self.hasFocus())
        painter.setFont(font)
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideMiddle, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        if self.hasFocus():
            painter.fillRect(0, self.height() - 2, self.width(), 2, QColor(current_theme().parameter))
        painter.end()


class Column(Part):
    """Parts below one another."""

    def __init__(self, spacing: int = 4) -> None:
        """Without parts at first."""
        super().__init__()
        self._parts: list[Part | Link] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(spacing)

    def add(self, part: PartType) -> PartType:
        """Puts a part below the others."""
        self.insert(len(self._parts), part)
        return part

    def insert(self, place: int, part: Part | Link) -> None:
        """Puts a part where so many are above it."""
        self._parts.insert(place, part)
        self._column.insertWidget(place, part)
        if isinstance(part, Part):
            self.hear_part(part)
        self.grew.emit()

    def add_stretch(self) -> None:
        """Keeps the parts at the top."""
        self._column.addStretch(1)

    def sections(self) -> list[Part | Link]:
        """The parts, from the top."""
        return list(self._parts)

    def add_text(self, tone: Tone = text_tone, size: float = 1.0, bold: bool = False) -> FlowText:
        """Puts a text below the others."""
        return self.add(FlowText(tone, size, bold))

    def add_link(self, name: str) -> Link:
        """Puts a link below the others."""
        link = Link()
        link.setObjectName(name)
        self.insert(len(self._parts), link)
        return link

    def text(self) -> str:
        """What the parts that are shown say, each on lines of its own."""
        return "\n".join(filter(None, (part.text() for part in self._parts if not part.isHidden())))


class Section(Column):
    """A column under a heading and a thin line; hidden until it has something to say."""

    def __init__(self, name: str, heading: str) -> None:
        """Makes a section with the object name `name`."""
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(heading)
        self._column.setContentsMargins(0, _SECTION_GAP, 0, _SECTION_GAP)
        self._heading = self.add_text(bold=True)
        self._heading.set_text(heading)
        self.hide()

    def set_heading(self, heading: str) -> None:
        """Names the section."""
        self._heading.set_text(heading)
        self.setAccessibleName(heading)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints the line that parts it from what is above."""
        painter = QPainter(self)
        painter.fillRect(0, 0, self.width(), 1, QColor(current_theme().border))
        painter.end()


class TwoColumns(Part):
    """Sections side by side where there is room for two, else below one another."""

    def __init__(self, left: Sequence[Section], right: Sequence[Section]) -> None:
        """Shows those sections that have something to say."""
        super().__init__()
        self._sections = (*left, *right)
        self._sides = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._sides.setContentsMargins(0, 0, 0, 0)
        self._sides.setSpacing(0)
        self._columns: list[Column] = []
        for sections in (left, right):
            column = Column(spacing=0)
            for section in sections:
                column.add(section)
            column.add_stretch()
            self.hear_part(column)
            self._columns.append(column)
            self._sides.addWidget(column, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Goes from one column to two, or back."""
        super().resizeEvent(event)
        self._arrange()

    def text(self) -> str:
        """What the sections say that are shown."""
        return "\n".join(each.text() for each in self._sections if not each.isHidden())

    def arrange(self) -> None:
        """A column without a section that is shown takes no room."""
        for column in self._columns:
            reveal(column, any(not each.isHidden() for each in column.sections()))
        self._arrange()

    def _arrange(self) -> None:
        wide = self.width() >= _TWO_COLUMNS and all(not each.isHidden() for each in self._columns)
        directions = QBoxLayout.Direction
        self._sides.setDirection(directions.LeftToRight if wide else directions.TopToBottom)
        self._sides.setSpacing(_COLUMN_GAP if wide else 0)
