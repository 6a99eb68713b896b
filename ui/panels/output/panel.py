"""The panel: the program's output, and a field for what it asks."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QPalette
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QStackedWidget,
    QTextEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from playground.programs.output import Line, Picture
from playground.programs.rows import Stream
from ui.panels.output.picture_window import PictureWindow
from ui.panels.output.sheet import Entry, text_of
from ui.panels.output.view import OutputView
from ui.style.sheet import set_class
from ui.widgets.eliding_label import ElidedLabel

EMPTY = "What the program prints stands here."
OF_A_STAGE = "Stages print their loss at each step; the curve shows it."
MARKED = "▎ marks stderr"
CLICK = "click a step to go there"
ASKS = "the program waits for a line"


class OutputPanel(QWidget):
    """Shows lines and pictures as they come.

    Signals:
        step_chosen(int): the user wants to see this step.
        line_chosen(str, int): the user wants to see this line of this file, which is a path or a name.
        answered(object): the user has typed this line; None if they say that there are no more.
        cleared(): the user wants to see only what will come.
    """

    step_chosen = Signal(int)
    line_chosen = Signal(str, int)
    answered = Signal(object)
    cleared = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Empty."""
        super().__init__(parent)
        self.setObjectName("output_panel")
        self.view = OutputView()
        self.view.step_chosen.connect(self.step_chosen)
        self.view.line_chosen.connect(self.line_chosen)
        self.view.picture_chosen.connect(self._open)
        self._empty = QLabel(EMPTY)
        self._empty.setObjectName("output_empty")
        self._empty.setTextFormat(Qt.TextFormat.PlainText)
        self._empty.setWordWrap(True)
        set_class(self._empty, "muted message")
        self._caption = ElidedLabel(elide=Qt.TextElideMode.ElideRight)
        self._caption.setObjectName("output_caption")
        set_class(self._caption, "muted")
        self._copy = self._button("output_copy", "Copy all", "Copy all lines that stand here")
        self._copy.clicked.connect(self._copy_all)
        self._clear = self._button("output_clear", "Clear", "Show only what will come")
        self._clear.clicked.connect(self.cleared)
        self._pages = QStackedWidget()
        self._question, self._answer = QWidget(), QLineEdit()
        self._end = self._button(
            "output_end", "No more", "Tell the program that no more lines come (end of file)"
        )
        self._arrange()
        self.setFocusProxy(self.view)
        self.ask(None)
        self._show_page()

    def begin(self, is_kept: bool) -> None:
        """Another run begins; of a stage's own program no output is kept."""
        self._empty.setText(EMPTY if is_kept else OF_A_STAGE)
        self.clear()

    def take(self, entries: Sequence[Entry], first: int, gone: int) -> None:
        """Adds entries, or puts them in the place of older ones with the same number.

        Args:
            entries: in the order of their numbers.
            first: number of the oldest one that is still there.
            gone: how many lines before that are to be told of.
        """
        self.view.take(entries, first, gone)
        self._show_page()

    def clear(self) -> None:
        """Shows nothing, and follows what will come."""
        self.view.clear()
        self._show_page()

    def ask(self, prompt: str | None) -> None:
        """Shows the field for an answer; None takes it away.

        The field takes the focus, unless the user is typing somewhere else.
        """
        had_focus = self._answer.hasFocus() or self._end.hasFocus()
        self._question.setVisible(prompt is not None)
        if prompt is None:
            if had_focus:
                self.view.setFocus()
            return
        asked = prompt.strip() or ASKS
        self._answer.setPlaceholderText(asked)
        self._answer.setAccessibleDescription(asked)
        self._answer.clear()
        if not _is_typing():
            self._answer.setFocus()

    def text(self) -> str:
        """What is shown, a line a line; or what stands in its place."""
        return self.view.sheet.text() if self.view.sheet.entries else self._empty.text()

    def _show_page(self) -> None:
        entries = self.view.sheet.entries
        self._pages.setCurrentWidget(self.view if entries else self._empty)
        for button in (self._copy, self._clear):
            button.setEnabled(bool(entries))
        self.view.setAccessibleDescription(text_of(entries[-1]) if entries else "")
        errors = any(isinstance(each, Line) and each.stream is Stream.ERR for each in entries)
        steps = any(each.step >= 0 for each in entries)
        self._caption.set_full_text(" · ".join([MARKED] * errors + [CLICK] * steps))

    def _send(self) -> None:
        self.answered.emit(self._answer.text())
        self._answer.clear()

    def _open(self, picture: Picture) -> None:
        PictureWindow(picture, self.window()).show()

    def _copy_all(self) -> None:
        QGuiApplication.clipboard().setText(self.view.sheet.text())

    def _button(self, name: str, text: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(name)
        button.setText(text)
        button.setToolTip(tip)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        set_class(button, "flat link")
        return button

    def _arrange(self) -> None:
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        header = QHBoxLayout()
        header.setContentsMargins(12, 4, 8, 4)
        header.setSpacing(8)
        header.addWidget(self._caption, 1)
        header.addWidget(self._copy)
        header.addWidget(self._clear)
        self._pages.addWidget(self.view)
        self._pages.addWidget(self._empty)
        self._answer.setObjectName("output_answer")
        self._answer.setAccessibleName("Answer to the program")
        self._answer.setToolTip("Enter sends the line to the program")
        set_class(self._answer, "field")
        self._answer.returnPressed.connect(self._send)
        self._end.clicked.connect(lambda: self.answered.emit(None))
        self._question.setObjectName("output_question")
        asking = QHBoxLayout(self._question)
        asking.setContentsMargins(12, 4, 8, 6)
        asking.setSpacing(8)
        asking.addWidget(self._answer, 1)
        asking.addWidget(self._end)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(header)
        # Not at the bottom, where a notice may lie over it.
        column.addWidget(self._question)
        column.addWidget(self._pages, 1)


def _is_typing() -> bool:
    """Whether the user types in another field now."""
    focus = QApplication.focusWidget()
    if isinstance(focus, QPlainTextEdit | QTextEdit):
        return not focus.isReadOnly()
    return isinstance(focus, QLineEdit | QAbstractSpinBox)
