"""Paints one row of the event list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontInfo, QFontMetrics, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from playground.graph.model import Phase
from playground.recording.event_groups import EventGroup
from ui.panels.events.model import EventModel, RowWords
from ui.style.colors import mixed
from ui.style.phases import phase_color
from ui.style.theme import current_theme

_MARK = 3
_LEFT = 9
"""Pixels before the numbers."""
_GAP = 7
_INDENT = 14
_RIGHT = 10
_PHASE = 3
_TINT = 0.16
"""Share of the phase's color in the background of the cursor's row."""
_AHEAD = 0.45
"""Opacity of the phase's color in a row that is not reached yet."""
_NAME = 0.65
"""Share of a row's width within which a name is never shortened."""
_SHORT = 9
"""Characters of a name that are worth more than the shape."""
_LEFT_MIDDLE = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT_MIDDLE = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class _Part:
    """One of the texts that stand side by side in a row."""

    text: str
    font: QFont
    color: str
    elide: Qt.TextElideMode


@dataclass(frozen=True, slots=True)
class _Fonts:
    """The font of notes and numbers, that of code, that of captions, and their measures."""

    plain: QFont
    code: QFont
    caption: QFont
    plain_metrics: QFontMetrics
    code_metrics: QFontMetrics


class EventDelegate(QStyledItemDelegate):
    """Number, color of the phase, name, notes, and at the right the shape.

    Attributes:
        focused: whether keys go to the list.
    """

    def __init__(self, parent: QObject, font: QFont) -> None:
        """Paints rows of an EventModel.

        Args:
            parent: the view that owns it.
            font: of the panel.
        """
        super().__init__(parent)
        self.focused = False
        self._fonts = _fonts(font)
        highest = max(self._fonts.plain_metrics.height(), self._fonts.code_metrics.height())
        self._size = QSize(0, highest + 5)

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        """The same for every row."""
        return self._size

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paints a caption or an event."""
        model = index.model()
        assert isinstance(model, EventModel), "the list has no other model"
        area: QRect = option.rect
        state: QStyle.StateFlag = option.state
        number = model.number_at(index)
        painter.save()
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        group = model.group_at(index)
        if group is not None:
            self._paint_group(painter, area, model, group, hovered)
        elif number is None:
            self._paint_caption(painter, area, model, index)
        else:
            phase = model.events[number].phase
            self._paint_ground(painter, area, phase, number == model.cursor, number in model.marked, hovered)
            self._paint_event(painter, area, model, number)
        painter.restore()

    def _paint_caption(
        self, painter: QPainter, area: QRect, model: EventModel, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        color = QColor(phase_color(current_theme(), model.phase_at(index)))
        text = model.text(index)
        painter.setFont(self._fonts.caption)
        painter.setPen(color)
        place = area.adjusted(_LEFT + _MARK, 2, -_RIGHT, 0)
        painter.drawText(place, _LEFT_MIDDLE, text)
        width = QFontMetrics(self._fonts.caption).horizontalAdvance(text)
        y = place.center().y() + 1
        painter.setPen(QColor(current_theme().border))
        painter.drawLine(place.left() + width + _GAP, y, place.right(), y)

    def _paint_group(
        self, painter: QPainter, area: QRect, model: EventModel, group: EventGroup, hovered: bool
    ) -> None:
        """A triangle, the module, how many events and the lines that made them."""
        theme, phase = current_theme(), model.events[group.events.start].phase
        is_open = model.is_open(group)
        is_here = model.cursor is not None and model.cursor in group.events
        is_marked = not is_open and model.has_marked(group)
        self._paint_ground(painter, area, phase, is_here and not is_open, is_marked, hovered)
        ahead = model.is_ahead(group.events.start)
        muted = QColor(theme.faint if ahead else theme.muted)
        self._paint_triangle(painter, QPointF(area.x() + _MARK + _LEFT + 3, area.center().y() + 0.5), is_open)
        painter.setOpacity(_AHEAD if ahead else 1.0)
        left = area.x() + _MARK + _LEFT + _GAP + 6
        bar = QRect(left, area.y() + 3, _PHASE, area.height() - 6)
        painter.fillRect(bar, QColor(phase_color(theme, phase)))
        painter.setOpacity(1.0)
        room = area.adjusted(0, 0, -_RIGHT, 0)
        room.setLeft(left + _PHASE + _GAP)
        painter.setFont(self._fonts.plain)
        painter.setPen(muted)
        metrics, lines = self._fonts.plain_metrics, group.place
        if group.title and lines:
            painter.drawText(room, _RIGHT_MIDDLE, lines)
            room.setRight(room.right() - metrics.horizontalAdvance(lines) - 2 * _GAP)
        name = QColor(theme.faint if ahead else theme.text)
        words = ((group.title or lines, self._fonts.code, name), (group.count, self._fonts.plain, muted))
        self._paint_beside(painter, room, words)

    def _paint_beside(
        self, painter: QPainter, room: QRect, words: Sequence[tuple[str, QFont, QColor]]
    ) -> None:
        """Texts from left to right; the first makes way where there is too little room."""
        widths = [QFontMetrics(font).horizontalAdvance(text) + 2 for text, font, _ in words]
        free = room.width() - sum(widths[1:]) - _GAP * (len(words) - 1)
        widths[0] = max(0, min(widths[0], free))
        left = room.left()
        for (text, font, color), width in zip(words, widths, strict=True):
            painter.setFont(font)
            painter.setPen(color)
            shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideMiddle, width)
            painter.drawText(QRect(left, room.y(), width, room.height()), _LEFT_MIDDLE, shown)
            left += width + _GAP

    def _paint_triangle(self, painter: QPainter, middle: QPointF, is_open: bool) -> None:
        """Pointing down at what is shown, else to the right."""
        arm = 3.5
        across = [QPointF(-arm, -arm / 1.6), QPointF(arm, -arm / 1.6), QPointF(0.0, arm / 1.2)]
        corners = across if is_open else [QPointF(point.y(), point.x()) for point in across]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(current_theme().muted))
        painter.drawConvexPolygon(QPolygonF([middle + corner for corner in corners]))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_ground(
        self, painter: QPainter, area: QRect, phase: Phase, current: bool, marked: bool, hovered: bool
    ) -> None:
        theme = current_theme()
        edge = QRect(area.x(), area.y(), _MARK, area.height())
        if current:
            color = phase_color(theme, phase)
            painter.fillRect(area, mixed(theme.surface, color, _TINT))
            painter.fillRect(edge, QColor(color))
        elif hovered:
            painter.fillRect(area, QColor(theme.raised))
        if marked:
            painter.fillRect(edge, QColor(theme.info))
        if current and self.focused:
            painter.setPen(QPen(QColor(theme.parameter), 1))
            painter.drawRect(area.adjusted(_MARK, 0, -1, -1))

    def _paint_event(self, painter: QPainter, area: QRect, model: EventModel, number: int) -> None:
        theme, words, ahead = current_theme(), model.words(number), model.is_ahead(number)
        muted = QColor(theme.faint if ahead else theme.muted)
        metrics = self._fonts.plain_metrics
        painter.setFont(self._fonts.plain)
        painter.setPen(muted)
        digits = metrics.horizontalAdvance("8" * len(str(len(model.events))))
        left = area.x() + _MARK + _LEFT
        painter.drawText(QRect(left, area.y(), digits, area.height()), _RIGHT_MIDDLE, words.number)
        left += digits + _GAP
        painter.setOpacity(_AHEAD if ahead else 1.0)
        bar = QRect(left, area.y(), _PHASE, area.height())
        painter.fillRect(bar, QColor(phase_color(theme, model.events[number].phase)))
        painter.setOpacity(1.0)
        room = area.adjusted(0, 0, -_RIGHT, 0)
        room.setLeft(left + _PHASE + _GAP + words.depth * _INDENT)
        shape = metrics.horizontalAdvance(words.shape) + 2 * _GAP if words.shape else 0
        # Where there is room for one of the two only, it is the name's.
        if shape and room.width() - shape >= self._fonts.code_metrics.horizontalAdvance(words.name[:_SHORT]):
            painter.drawText(room, _RIGHT_MIDDLE, words.shape)
            room.setRight(room.right() - shape)
        self._paint_words(painter, room, words, ahead)

    def _paint_words(self, painter: QPainter, room: QRect, words: RowWords, ahead: bool) -> None:
        fonts = self._fonts
        parts = self._parts(words, ahead)
        measures = [fonts.code_metrics if part.font is fonts.code else fonts.plain_metrics for part in parts]
        # Where a text is given just what it measures, Qt may still shorten it.
        needs = [each.horizontalAdvance(part.text) + 2 for each, part in zip(measures, parts, strict=True)]
        widths = fair_shares(needs, room.width() - (len(parts) - 1) * _GAP)
        left = room.left()
        for part, metrics, width in zip(parts, measures, widths, strict=True):
            painter.setFont(part.font)
            painter.setPen(QColor(part.color))
            shown = metrics.elidedText(part.text, part.elide, width)
            painter.drawText(QRect(left, room.y(), width, room.height()), _LEFT_MIDDLE, shown)
            left += metrics.horizontalAdvance(shown) + 2 + _GAP

    def _parts(self, words: RowWords, ahead: bool) -> list[_Part]:
        theme, code, plain = current_theme(), self._fonts.code, self._fonts.plain
        muted, middle = theme.faint if ahead else theme.muted, Qt.TextElideMode.ElideMiddle
        is_bad = bool(words.error or words.flaw)
        # NaN is seen from afar, also where the walk has not come yet.
        name = theme.error if words.flaw else theme.faint if ahead else theme.error if is_bad else theme.text
        parts = [_Part(words.name, code, name, middle)]
        if words.flaw:
            parts.append(_Part(words.flaw, plain, theme.error, Qt.TextElideMode.ElideRight))
        if words.error:
            parts.append(_Part(words.error, plain, name, Qt.TextElideMode.ElideRight))
        elif words.note and not words.flaw:
            parts.append(_Part(words.note, code, muted, middle))
        if words.hint:
            parts.append(_Part(words.hint, plain, muted if ahead else theme.update, middle))
        return parts


def fair_shares(needs: Sequence[int], room: int) -> list[int]:
    """Divides a width among texts.

    The first gets all that it needs up to `_NAME`; of the others and of what is left, whoever needs
    less than an equal share gets all of it, and the rest share the rest.
    """
    if needs and needs[0] <= _NAME * room:
        return [needs[0], *_equal_shares(needs[1:], room - needs[0])]
    return _equal_shares(needs, room)


def _equal_shares(needs: Sequence[int], room: int) -> list[int]:
    shares = [0] * len(needs)
    for done, place in enumerate(sorted(range(len(needs)), key=needs.__getitem__)):
        shares[place] = max(0, min(needs[place], (room - sum(shares)) // (len(needs) - done)))
    return shares


def _fonts(font: QFont) -> _Fonts:
    plain, caption = QFont(font), QFont(font)
    plain.setPointSizeF(font.pointSizeF() * 0.92)
    caption.setPointSizeF(font.pointSizeF() * 0.8)
    caption.setWeight(QFont.Weight.DemiBold)
    caption.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 0.6)
    code = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    code.setPointSizeF(QFontInfo(plain).pointSizeF())
    return _Fonts(plain, code, caption, QFontMetrics(plain), QFontMetrics(code))
