"""A long text with pictures in it that grows while one reads: only what is in sight is painted."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QMenu, QToolTip

from playground.programs.output import Picture
from ui.panels.output.painter import LEFT, Painter
from ui.panels.output.pointing import Pointing, Selection
from ui.panels.output.sheet import PAD, Entry, Room, Sheet
from ui.panels.output.traces import trace_of
from ui.style.theme import current_theme
from ui.widgets.picture_menu import add_copy

BELOW = 48
"""Pixels under the last line: a notice may lie over them."""
LEAST_PICTURE = 160
"""Pixels that a picture may be high, however low the view is."""


class OutputView(QAbstractScrollArea):
    """Shows the entries of a sheet; keeps at the end unless the user has scrolled up.

    Text is selected with the mouse as anywhere. The keys go from line to line; Enter goes to the line's step,
    or opens the picture.

    Signals:
        step_chosen(int): the user wants to see this step.
        picture_chosen(object): the user wants to see this Picture in its full size.
        line_chosen(str, int): the user wants to see this line of this file.
    """

    step_chosen = Signal(int)
    picture_chosen = Signal(object)
    line_chosen = Signal(str, int)

    def __init__(self) -> None:
        """Empty."""
        super().__init__()
        self.setObjectName("output_view")
        self.setAccessibleName("Output of the program")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        # Else all that lies under it is painted with it.
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.sheet = Sheet()
        self._painter = Painter(self.sheet, self.font())
        self._follows = True
        self._selection = Selection()
        self._current: int | None = None
        self._hovered: int | None = None
        self.verticalScrollBar().valueChanged.connect(self._note_scroll)

    @property
    def follows(self) -> bool:
        """Whether it stays at the end when something is added."""
        return self._follows

    def take(self, entries: Sequence[Entry], first: int, gone: int) -> None:
        """Adds or replaces entries; see `Sheet.take`."""
        moved = self.sheet.take(entries, first, gone)
        longest = max((len(str(each.step)) for each in entries if each.step >= 0), default=0)
        if longest > self._painter.digits:
            self._painter.digits = longest
            self._make_room()
        self._arrange(moved)

    def clear(self) -> None:
        """Shows nothing, and follows what will come."""
        self.sheet.clear()
        self._selection.clear()
        self._current = self._hovered = None
        self._follows = True
        self._arrange(0)

    def selected_text(self) -> str:
        """What is selected, "" if nothing is."""
        ends = self._selection.ends
        return "" if ends is None else self.sheet.text_between(*ends)

    def select_all(self) -> None:
        """Selects all there is."""
        if self.sheet.entries:
            self._selection.span(*self.sheet.ends())
            self.viewport().update()

    def copy(self) -> None:
        """Copies what is selected."""
        text = self.selected_text()
        if text:
            QGuiApplication.clipboard().setText(text)

    # What Qt calls

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Breaks the lines anew."""
        super().resizeEvent(event)
        self._make_room()
        self._arrange(0)

    def changeEvent(self, event: QEvent) -> None:
        """Takes the font over."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            digits = self._painter.digits
            self._painter = Painter(self.sheet, self.font())
            self._painter.digits = digits
            self._make_room()
            self._arrange(0)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints what is in sight."""
        painter = QPainter(self.viewport())
        area = self.viewport().rect()
        painter.fillRect(area, QColor(current_theme().surface))
        current = self._index_of_current() if self.hasFocus() and self._current is not None else None
        scrolled = self.verticalScrollBar().value()
        self._painter.paint(painter, area, scrolled, self._selection.ends, self._hovered, current)
        painter.end()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Shows where the keys are."""
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Shows it no longer."""
        super().focusOutEvent(event)
        self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Goes to a step, opens a picture, or begins a selection."""
        if event.button() is not Qt.MouseButton.LeftButton or not self.sheet.entries:
            super().mousePressEvent(event)
            return
        point, pointing = self._on_sheet(event.position().toPoint()), self._pointing()
        index = pointing.link_at(point)
        if index is not None:
            self._activate(index, entry_itself=not pointing.is_on_steps(point))
            return
        place = pointing.place_at(point)
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and self._selection.begun:
            self._selection.draw_to(place)
        else:
            self._selection.begin(place)
        self._current = place.number
        self.viewport().update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Selects a word."""
        point, pointing = self._on_sheet(event.position().toPoint()), self._pointing()
        if self.sheet.entries and pointing.link_at(point) is None:
            self._selection.span(*self.sheet.word_at(pointing.place_at(point)))
            self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draws the selection on, or shows what can be clicked."""
        seen = event.position().toPoint()
        if event.buttons() & Qt.MouseButton.LeftButton:
            if self._selection.begun and self.sheet.entries:
                self._scroll_towards(seen.y())
                self._selection.draw_to(self._pointing().place_at(self._on_sheet(seen)))
                self.viewport().update()
            return
        link = self._pointing().link_at(self._on_sheet(seen))
        shape = Qt.CursorShape.IBeamCursor if link is None else Qt.CursorShape.PointingHandCursor
        self.viewport().setCursor(shape)
        self._hover(link)

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is pointed at."""
        super().leaveEvent(event)
        self._hover(None)

    def viewportEvent(self, event: QEvent) -> bool:
        """Tells what a click would do where the pointer rests."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self._pointing().tip_at(self._on_sheet(event.pos())), self)
            return True
        return super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """From line to line; Enter goes to its step or opens the picture."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            self.select_all()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._current is not None:
            self._activate(self._index_of_current(), entry_itself=True)
        elif not self.sheet.entries or not self._move(Qt.Key(event.key())):
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Copies."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Copy", self.copy).setEnabled(bool(self.selected_text()))
        menu.addAction("Select all", self.select_all).setEnabled(bool(self.sheet.entries))
        add_copy(menu, self)
        menu.popup(event.globalPos())

    # Where things are

    def _make_room(self) -> None:
        size, painter = self.viewport().size(), self._painter
        width = size.width()
        text = max(8, width - LEFT - painter.step_width(width))
        height = max(LEAST_PICTURE, size.height() - BELOW - 2 * PAD)
        self.sheet.set_room(Room(painter.columns(width), painter.row, text, height))

    def _arrange(self, moved: int) -> None:
        """Sets the scroll bar; what is read stays where it is unless the end is followed."""
        bar, follows, value = self.verticalScrollBar(), self._follows, self.verticalScrollBar().value()
        height, seen = self.sheet.height, self.viewport().height()
        below = BELOW if height + self._painter.row > seen else 0
        bar.setRange(0, max(0, height + below - seen))
        bar.setPageStep(seen)
        bar.setSingleStep(self._painter.row)
        bar.setValue(bar.maximum() if follows else max(0, value - moved))
        self._follows = follows
        self.viewport().update()

    def _note_scroll(self, value: int) -> None:
        self._follows = value >= self.verticalScrollBar().maximum() - 2
        self.viewport().update()

    def _index_of_current(self) -> int:
        return self.sheet.index_of(self._current or 0)

    def _pointing(self) -> Pointing:
        return Pointing(self.sheet, self._painter, self.viewport().width())

    def _on_sheet(self, point: QPoint) -> QPoint:
        """A point of the viewport, as one of the whole sheet."""
        return point + QPoint(0, self.verticalScrollBar().value())

    # What the user does

    def _activate(self, index: int, entry_itself: bool) -> None:
        entry = self.sheet.entries[index]
        trace = trace_of(entry) if entry_itself else None
        if trace is not None:
            self.line_chosen.emit(*trace)
        elif entry_itself and isinstance(entry, Picture):
            self.picture_chosen.emit(entry)
        elif entry.step >= 0:
            self.step_chosen.emit(entry.step)

    def _hover(self, index: int | None) -> None:
        if index != self._hovered:
            self._hovered = index
            self.viewport().update()

    def _scroll_towards(self, y: int) -> None:
        bar, height = self.verticalScrollBar(), self.viewport().height()
        bar.setValue(bar.value() + min(0, y) + max(0, y - height))

    def _move(self, key: Qt.Key) -> bool:
        last = len(self.sheet.entries) - 1
        page = max(1, self.viewport().height() // self._painter.row - 1)
        ways = {
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_PageUp: -page,
            Qt.Key.Key_PageDown: page,
            Qt.Key.Key_Home: -last,
            Qt.Key.Key_End: last,
        }
        if key not in ways:
            return False
        here = last + 1 if self._current is None else self._index_of_current()
        index = max(0, min(last, here + ways[key]))
        self._current = self.sheet.entries[index].number
        self._bring_into_sight(index)
        return True

    def _bring_into_sight(self, index: int) -> None:
        bar, top = self.verticalScrollBar(), self.sheet.top(index)
        if index == len(self.sheet.entries) - 1:
            bar.setValue(bar.maximum())
        else:
            bottom = top + self.sheet.entry_height(index) - self.viewport().height()
            bar.setValue(min(top, max(bar.value(), bottom)))
        self.viewport().update()
