"""A slim bar that finds a text in the code, and goes from one place to the next."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QToolButton, QWidget

from ui.panels.code.places import selection, units
from ui.panels.code.text import CodeText
from ui.style.sheet import set_class

_NONE = "none"


def places_of(wanted: str, text: str) -> list[tuple[int, int]]:
    """Where a text stands in another, upper and lower case alike: starts and ends in characters."""
    if not wanted:
        return []
    return [match.span() for match in re.finditer(re.escape(wanted), text, re.IGNORECASE)]


class FindField(QLineEdit):
    """The field of the bar, which takes the keys that go through the places.

    Signals:
        went(int): 1 for the next place, -1 for the one before.
        left(): the user pressed Escape.
    """

    went = Signal(int)
    left = Signal()

    def __init__(self) -> None:
        """Empty."""
        super().__init__()
        self.setObjectName("code_find")
        set_class(self, "field high")
        self.setPlaceholderText("Find in the code…")
        self.setAccessibleName("Find in the code")
        self.setToolTip("Enter: the next place, Shift+Enter: the one before, Esc: close")

    def event(self, event: QEvent) -> bool:
        """Takes its keys before the window's shortcuts do."""
        is_asked = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride
        if is_asked and self._act_of(event) is not None:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Goes on, goes back, leaves, or types."""
        act = self._act_of(event)
        if act is None:
            super().keyPressEvent(event)
        else:
            act()

    def _act_of(self, event: QEvent) -> Callable[[], None] | None:
        assert isinstance(event, QKeyEvent)
        if event.key() == Qt.Key.Key_Escape:
            return self.left.emit
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return None
        step = -1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        return lambda: self.went.emit(step)


class FindBar(QWidget):
    """Typing selects the next place; Enter goes on, Shift+Enter back, Escape closes.

    Signals:
        closed(): the user has done with it.
        found(): other places match than before, or another one of them is selected.
    """

    closed = Signal()
    found = Signal()

    def __init__(self, text: CodeText) -> None:
        """Searches this text."""
        super().__init__()
        self._text = text
        self._places: list[tuple[int, int]] = []
        self._start = 0
        self.setObjectName("code_find_bar")
        self.field = FindField()
        self.field.went.connect(self.go)
        self.field.left.connect(self.closed)
        self.field.textEdited.connect(self._search)
        self.count = QLabel()
        self.count.setObjectName("code_find_count")
        set_class(self.count, "muted")
        self._arrange()

    @property
    def places(self) -> list[tuple[int, int]]:
        """Every place that matches, as Qt counts; none while the bar is closed."""
        return self._places if self.isVisible() else []

    def start(self) -> None:
        """Takes the focus, ready to search for what is selected, or for what was searched for last."""
        chosen = self._text.textCursor().selectedText()
        if chosen and "\u2029" not in chosen:
            self.field.setText(chosen)
        self._start = self._text.textCursor().selectionStart()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()
        self.refresh()

    def refresh(self) -> None:
        """Searches the text as it is now, and counts anew."""
        code = self._text.code
        self._places = [
            (units(code[:start]), units(code[:end])) if not code.isascii() else (start, end)
            for start, end in places_of(self.field.text(), code)
        ]
        self._count()

    def go(self, step: int) -> None:
        """Selects the next place, or the one before; behind the last comes the first."""
        if not self._places:
            return
        here = self._text.textCursor()
        if step > 0:
            place = bisect_left(self._places, (here.selectionEnd(), 0))
        else:
            place = bisect_left(self._places, (here.selectionStart(), 0)) - 1
        self._select(place % len(self._places))

    def _search(self) -> None:
        """Selects the first place from where the search began."""
        self.refresh()
        if self._places:
            self._select(bisect_left(self._places, (self._start, 0)) % len(self._places))

    def _select(self, place: int) -> None:
        self._text.setTextCursor(selection(self._text.document(), *self._places[place]))
        self._text.ensureCursorVisible()
        self._count()

    def _count(self) -> None:
        here = self._text.textCursor()
        selected = (here.selectionStart(), here.selectionEnd())
        total = len(self._places)
        if not self.field.text():
            self.count.setText("")
        elif selected in self._places:
            self.count.setText(f"{self._places.index(selected) + 1} of {total}")
        else:
            self.count.setText(str(total) if total else _NONE)
        set_class(self.count, "error" if self.count.text() == _NONE else "muted")
        self.found.emit()

    def _arrange(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 8, 6)
        row.setSpacing(6)
        row.addWidget(self.field, 1)
        row.addWidget(self.count)
        for name, sign, words, act in (
            ("previous", "↑", "The place before", lambda: self.go(-1)),
            ("next", "↓", "The next place", lambda: self.go(1)),
            ("close", "×", "Close the search", self.closed.emit),
        ):
            row.addWidget(_button(name, sign, words, act))


def _button(name: str, sign: str, words: str, act: Callable[[], None]) -> QToolButton:
    button = QToolButton()
    button.setObjectName(f"code_find_{name}")
    set_class(button, "flat")
    button.setText(sign)
    button.setAccessibleName(words)
    button.setToolTip(words)
    button.clicked.connect(act)
    return button
