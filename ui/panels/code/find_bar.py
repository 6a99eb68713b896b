"""A slim bar that finds a text in the code, and goes from one place to the next."""

from __future__ import annotations

import re
from bisect import bisect_left

from PySide6.QtCore import QEvent, QObject, Qt, Signal
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
        self.field = QLineEdit()
        self.field.setObjectName("code_find")
        set_class(self.field, "field high")
        self.field.setPlaceholderText("Find in the code…")
        self.field.setAccessibleName("Find in the code")
        self.field.setToolTip("Enter: the next place, Shift+Enter: the one before, Esc: close")
        self.field.textEdited.connect(self._search)
        self.field.installEventFilter(self)
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

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Takes the keys of the field that have a meaning here."""
        if not isinstance(event, QKeyEvent) or event.type() not in (
            QEvent.Type.KeyPress,
            QEvent.Type.ShortcutOverride,
        ):
            return False
        key = event.key()
        is_enter = key in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if key != Qt.Key.Key_Escape and not is_enter:
            return False
        event.accept()
        if event.type() == QEvent.Type.ShortcutOverride:
            return True
        if is_enter:
            self.go(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        else:
            self.closed.emit()
        return True

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
        for name, sign, words in (
            ("previous", "↑", "The place before"),
            ("next", "↓", "The next place"),
            ("close", "×", "Close the search"),
        ):
            button = QToolButton()
            button.setObjectName(f"code_find_{name}")
            set_class(button, "flat")
            button.setText(sign)
            button.setAccessibleName(words)
            button.setToolTip(words)
            row.addWidget(button)
            button.clicked.connect(getattr(self, f"_{name}"))

    def _previous(self) -> None:
        self.go(-1)

    def _next(self) -> None:
        self.go(1)

    def _close(self) -> None:
        self.closed.emit()
