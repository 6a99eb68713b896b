"""A list of the names that could go on from what was typed."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QListWidget, QWidget

from ui.panels.code.names import NameServer, Word, matching, names_in, word_before
from ui.panels.code.places import column_of, selected
from ui.panels.code.text import CodeText

LETTERS = 2
"""So many of a name call the list; a dot calls it, too."""
MOST_ROWS, MOST_NAMES = 8, 300
PAUSE = 120
"""Milliseconds without a key after which the modules are asked."""
GUESS = "if it is a tensor:"
"""Above names of which nobody knows whether they exist."""
_WIDTH = 220
_MOVES = {
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_PageUp: -MOST_ROWS,
    Qt.Key.Key_PageDown: MOST_ROWS,
}
_TAKES = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)


class NameList(QListWidget):
    """Lies over the text, which keeps the focus."""

    def __init__(self, over: QWidget) -> None:
        """Hidden at first."""
        super().__init__(over)
        self._first = 0
        self.setObjectName("code_names")
        self.setAccessibleName("Names that could stand here")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.hide()

    @property
    def names(self) -> list[str]:
        """What can be taken."""
        return [self.item(row).text() for row in range(self._first, self.count())]

    def show_names(self, names: list[str], heading: str, below: QPoint, line_height: int) -> None:
        """Shows names at a place of the text, above its line where there is no room below.

        Args:
            names: in order; the first is selected, or the one that was chosen before.
            heading: a line above them, which cannot be taken, or "".
            below: the place, in the widget that the list lies over.
            line_height: pixels from there up to the line's upper edge.
        """
        was_chosen = self.isVisible() and self.currentRow() > self._first
        chosen = self.currentItem().text() if was_chosen else ""
        self.clear()
        self._first = 1 if heading else 0
        self.addItems([heading, *names[:MOST_NAMES]] if heading else names[:MOST_NAMES])
        if heading:
            self.item(0).setFlags(Qt.ItemFlag.NoItemFlags)
        self.setCurrentRow(self._first + (self.names.index(chosen) if chosen in self.names else 0))
        self._place(below, line_height)
        self.show()
        self.raise_()

    def move_by(self, rows: int) -> None:
        """Selects another name; from the last one the first follows."""
        row, count = self.currentRow() - self._first + rows, self.count() - self._first
        self.setCurrentRow(self._first + (row % count if abs(rows) == 1 else min(max(row, 0), count - 1)))

    def _place(self, below: QPoint, line_height: int) -> None:
        over = self.parentWidget()
        assert over is not None
        rows = min(self.count(), MOST_ROWS)
        self.resize(_WIDTH, rows * max(1, self.sizeHintForRow(0)) + 2 * self.frameWidth())
        is_room = below.y() + self.height() <= over.height()
        top = below.y() if is_room else below.y() - line_height - self.height()
        self.move(max(0, min(below.x(), over.width() - self.width())), max(0, top))


class Completion(QObject):
    """Calls the list while names are typed, and writes the one that is taken."""

    def __init__(self, text: CodeText) -> None:
        """Completes in this text."""
        super().__init__()
        self._text = text
        self._word: Word | None = None
        self._names: frozenset[str] = frozenset()
        self._is_guess = False
        self._asked = 0
        self.path = ""
        self._pause = QTimer(self, singleShot=True, interval=PAUSE)
        self._pause.timeout.connect(self._ask)
        self.list = NameList(text.viewport())
        self.list.setFont(text.font())
        self.list.itemClicked.connect(self.take)
        self.server = NameServer()
        self.server.answered.connect(self._take_answer)

    def start(self) -> None:
        """Shows what could stand at the caret, however little was typed."""
        word = self._word_at_caret()
        self._begin(word if word is not None or self._is_in_text() else Word(self._column(), "", False))

    def follow(self, event: QKeyEvent) -> None:
        """Looks at what was typed, after a key."""
        word = self._word_at_caret()
        goes_on = word is not None and self._word is not None and word.start == self._word.start
        if word is not None and goes_on:
            self._word = word
            if not self._asked:
                self._pause.start()
            self._show()
        elif word is not None and self._calls(word, event.text()):
            self._begin(word)
        elif event.text() or event.key() in (
            Qt.Key.Key_Left,
            Qt.Key.Key_Right,
            Qt.Key.Key_Home,
            Qt.Key.Key_End,
        ):
            self.close()

    def key_pressed(self, event: QKeyEvent) -> bool:
        """Moves in the list, takes a name from it, or closes it; whether it took the key."""
        if not self.list.isVisible() or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return False
        key = Qt.Key(event.key())
        if key in _MOVES:
            self.list.move_by(_MOVES[key])
            return True
        if key == Qt.Key.Key_Escape:
            self.close()
            return True
        if key not in _TAKES:
            return False
        item, word = self.list.currentItem(), self._word
        if item is None or word is None or item.text() == word.text:
            # It is written out already: the key is meant for the text.
            self.close()
            return False
        self.take()
        return True

    def take(self) -> None:
        """Writes the name that is selected."""
        item, word = self.list.currentItem(), self._word
        self.close()
        if item is not None and word is not None:
            block = self._text.textCursor().block()
            cursor = selected(block, word.start, word.start + len(word.text))
            cursor.insertText(item.text())
            self._text.setTextCursor(cursor)

    def close(self) -> None:
        """Hides the list until it is called again."""
        self._word = None
        self._asked = 0
        self._is_guess = False
        self._pause.stop()
        self.list.hide()

    def _calls(self, word: Word, typed: str) -> bool:
        return (word.is_attribute and typed == ".") or (
            len(word.text) >= LETTERS and (typed.isalnum() or typed == "_")
        )

    def _begin(self, word: Word | None) -> None:
        self.close()
        if word is None:
            return
        self._word = word
        self._names = frozenset() if word.is_attribute else names_in(self._text.code, word)
        self._pause.start()
        self._show()

    def _ask(self) -> None:
        if self._word is not None:
            line = self._text.textCursor().blockNumber() + 1
            self._asked = self.server.ask(self._text.code, line, self._word.start, self.path)

    def _take_answer(self, number: int, names: list[str], is_guess: bool) -> None:
        if number == self._asked and self._word is not None and self._text.hasFocus():
            self._names |= frozenset(names)
            self._is_guess = is_guess
            self._show()

    def _show(self) -> None:
        word = self._word
        names = [] if word is None else matching(self._names, word.text)
        if word is None or not names or names == [word.text]:
            self.list.hide()
            return
        block = self._text.textCursor().block()
        place = self._text.area_of(selected(block, word.start, word.start))
        self.list.show_names(
            names, GUESS if self._is_guess else "", place.bottomLeft() + QPoint(-4, 2), place.height() + 2
        )

    def _column(self) -> int:
        caret = self._text.textCursor()
        return column_of(caret.block(), caret.position())

    def _word_at_caret(self) -> Word | None:
        caret = self._text.textCursor()
        if caret.hasSelection():
            return None
        block = caret.block()
        return word_before(block.text(), self._column(), self._text.highlighter.lexed(block))

    def _is_in_text(self) -> bool:
        """Whether the caret is in a string or a comment."""
        block, column = self._text.textCursor().block(), self._column()
        bare = self._text.highlighter.lexed(block).bare
        return column > 0 and bare[column - 1] == " " != block.text()[column - 1]
