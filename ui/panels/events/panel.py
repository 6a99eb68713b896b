"""The panel that lists what happened inside one step, in order, with the walk's place marked."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection

from PySide6.QtCore import QModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractScrollArea,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListView,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from playground.recording.event_groups import EventGroup
from playground.recording.ledger import MemoryLedger
from playground.recording.model import Recording
from ui.panels.events.delegate import EventDelegate
from ui.panels.events.memory import MemoryStrip
from ui.panels.events.model import EventModel
from ui.style.sheet import set_class
from ui.widgets.eliding_label import ElidedLabel

EMPTY = "Pause or make a step: what happened inside it is listed here."
NOTHING = "Nothing ran inside this step."

_Action = QAbstractItemView.CursorAction


class EventList(QWidget):
    """The events of a recording; those after the cursor are faint, since they are not reached yet.

    Attributes:
        view: the list itself; below it, what the step holds for backward.

    Signals:
        event_chosen(int): the user went to the event of this number, by mouse or keyboard.
    """

    event_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Without a recording at first."""
        super().__init__(parent)
        self.setObjectName("event_panel")
        self._recording: Recording | None = None
        self._title = QLabel("Inside the step")
        self._title.setObjectName("event_title")
        set_class(self._title, "title")
        self._caption = ElidedLabel()
        self._caption.setObjectName("event_caption")
        set_class(self._caption, "muted")
        self._empty = QLabel(EMPTY)
        self._empty.setObjectName("event_empty")
        set_class(self._empty, "muted")
        self._empty.setTextFormat(Qt.TextFormat.PlainText)
        self._model = EventModel(self)
        self.view = _EventView(self._model)
        self.view.selectionModel().currentChanged.connect(self._choose)
        self._memory = MemoryStrip()
        self._memory.event_chosen.connect(self._choose_number)
        self._pages = QStackedWidget()
        self._arrange()
        self._show_page()

    def show_recording(self, recording: Recording | None) -> None:
        """Lists the events of a recording, without a cursor and without marks."""
        if recording is self._recording:
            return
        self._recording = recording
        self._model.set_recording(recording)
        self._memory.show_memory(MemoryLedger() if recording is None else recording.memory)
        self._show_page()

    def show_event(self, number: int | None) -> None:
        """Puts the cursor at an event and brings it into sight; None takes the cursor away.

        Raises:
            ValueError: the recording has no such event.
        """
        if number is not None and not 0 <= number < len(self._model.events):
            raise ValueError(f"number: {number} is not an event; there are {len(self._model.events)}")
        if number == self._model.cursor:
            return
        self._move_cursor(number)
        self.view.setCurrentIndex(self._model.index_of(number))
        self._bring_into_sight(number)

    def mark_events(self, numbers: Collection[int]) -> None:
        """Marks exactly these events; none takes the marks away."""
        if frozenset(numbers) != self._model.marked:
            self._model.set_marked(numbers)
            self.view.viewport().update()

    @property
    def marked(self) -> frozenset[int]:
        """Numbers of the marked events."""
        return self._model.marked

    def set_caption(self, text: str) -> None:
        """Says beside the title which step it is."""
        self._caption.set_full_text(text)

    def text(self) -> str:
        """What is listed, a row a line; or what stands in its place."""
        if self._pages.currentWidget() is self._empty:
            return self._empty.text()
        return "\n".join(self._model.text(self._model.index(row)) for row in range(self._model.rowCount()))

    def _choose(self, index: QModelIndex) -> None:
        number = self._model.number_at(index)
        # What the program itself has shown is not chosen by the user.
        if number is None or number == self._model.cursor:
            return
        self._move_cursor(number)
        self.view.setCurrentIndex(self._model.index_of(number))
        self._bring_into_sight(number)
        self.event_chosen.emit(number)

    def _choose_number(self, number: int) -> None:
        if number != self._model.cursor:
            self.show_event(number)
            self.event_chosen.emit(number)

    def _move_cursor(self, number: int | None) -> None:
        self._memory.show_event(number)
        before = self._model.cursor
        have_moved = self._model.set_cursor(number)
        if before is None or number is None or have_moved:
            self.view.viewport().update()
        else:
            # A signal of the model would have the view arrange all rows anew.
            first, last = (self._model.index_of(each) for each in sorted((before, number)))
            self.view.repaint_between(first, last)

    def _bring_into_sight(self, number: int | None) -> None:
        if number is None:
            return
        index = self._model.index_of(number)
        if self._model.groups:
            self.view.keep_in_middle(index)
            return
        above = self._model.index(index.row() - 1)
        if self._model.number_at(above) is None:
            self.view.scrollTo(above)
        self.view.scrollTo(index)

    def _show_page(self) -> None:
        events = self._model.events
        if self._recording is not None and not events:
            failure = self._recording.failure
            self._empty.setText(NOTHING if failure is None else failure.message)
        else:
            self._empty.setText(EMPTY)
        self._pages.setCurrentWidget(self.view if events else self._empty)

    def _arrange(self) -> None:
        self._empty.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setContentsMargins(12, 12, 12, 12)
        header = QHBoxLayout()
        header.setContentsMargins(12, 8, 8, 8)
        header.setSpacing(12)
        header.addWidget(self._title)
        header.addWidget(self._caption, 1)
        self._pages.addWidget(self.view)
        self._pages.addWidget(self._empty)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(header)
        column.addWidget(self._pages, 1)
        column.addWidget(self._memory)
        self.setFocusProxy(self.view)


class _EventView(QListView):
    """A list in which keys go from row to row, captions are passed over, and groups open and close."""

    def __init__(self, model: EventModel) -> None:
        super().__init__()
        self._events = model
        self.setObjectName("event_list")
        set_class(self, "list")
        self.setAccessibleName("Events of the step")
        self.setModel(model)
        self._painter = EventDelegate(self, self.font())
        self.setItemDelegate(self._painter)
        self.setUniformItemSizes(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)

    def repaint_between(self, first: QModelIndex, last: QModelIndex) -> None:
        """Paints these rows anew and all between them, as far as they are in sight."""
        rows: QRect = self.visualRect(first).united(self.visualRect(last))
        self.viewport().update(rows.intersected(self.viewport().rect()))

    def keep_in_middle(self, index: QModelIndex) -> None:
        """Scrolls a row to the middle, unless it is in the middle third already."""
        place: QRect = self.visualRect(index)
        third = self.viewport().height() / 3
        if not third <= place.center().y() <= 2 * third:
            # The bar counts rows. Qt's own way to the middle stops short of it.
            shown = self.viewport().height() // max(1, place.height())
            self.verticalScrollBar().setValue(index.row() - shown // 2)

    def moveCursor(self, action: _Action, _modifiers: Qt.KeyboardModifier) -> QModelIndex:
        """From row to row, captions left out; left and right close and open groups."""
        events, here = self._events, self.currentIndex()
        if not events.events:
            return QModelIndex()
        if action in (_Action.MoveLeft, _Action.MoveRight) and events.groups:
            return self._turned(here, action is _Action.MoveRight)
        page = max(1, self.viewport().height() // max(1, self.sizeHintForRow(0)) - 1)
        rows = [row for row in range(events.rowCount()) if events.flags(events.index(row))]
        steps = {
            _Action.MoveHome: -len(rows),
            _Action.MoveEnd: len(rows),
            _Action.MovePageUp: -page,
            _Action.MovePageDown: page,
            _Action.MoveUp: -1,
            _Action.MovePrevious: -1,
            _Action.MoveDown: 1,
            _Action.MoveNext: 1,
        }
        if not here.isValid():
            return events.index(rows[-1 if action is _Action.MoveEnd else 0])
        place = bisect_left(rows, here.row()) + steps.get(action, 0)
        return events.index(rows[min(max(place, 0), len(rows) - 1)])

    def turn(self, group: EventGroup) -> None:
        """Opens a closed group, closes an open one; its head stays where it is."""
        first = self.verticalScrollBar().value()
        self._events.open(group, not self._events.is_open(group))
        self.setCurrentIndex(self._events.index_of_group(group))
        # What lies above it has not changed.
        self.verticalScrollBar().setValue(first)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        group = self._events.group_at(self.indexAt(event.position().toPoint()))
        if group is not None and event.button() is Qt.MouseButton.LeftButton:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self.turn(group)
        else:
            super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        group = self._events.group_at(self.currentIndex())
        if group is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.turn(group)
        else:
            super().keyPressEvent(event)

    def _turned(self, here: QModelIndex, opened: bool) -> QModelIndex:
        """Left closes the group around a row and goes to its head; right opens it, then enters it."""
        events = self._events
        group = events.group_at(here) or events.group_around(events.number_at(here))
        if group is None:
            return here
        if opened and events.is_open(group):
            is_head = events.group_at(here) is not None
            return events.index(here.row() + 1) if is_head else here
        events.open(group, opened)
        return events.index_of_group(group)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._painter.focused = True
        # A list's own would choose its first row, and the focus alone chooses nothing.
        QAbstractScrollArea.focusInEvent(self, event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._painter.focused = False
        super().focusOutEvent(event)
        self.viewport().update()
