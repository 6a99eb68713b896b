"""The panel that shows the code of the stage that runs, with the lines that matter now marked."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from ui.panels.code.editor import CodeEditor
from ui.panels.code.marks import CodeCursor, CodeSpan
from ui.style.sheet import set_class
from ui.widgets.eliding_label import ElidedLabel

HEADER = 40
MOST_LINES = 50


class CodeView(QWidget):
    """Shows a Python text, read-only; lines are counted from 1.

    Attributes:
        editor: the text itself.

    Signals:
        line_clicked(int): the user clicked a line or its number, or pressed Enter on it.
    """

    line_clicked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Without a text at first."""
        super().__init__(parent)
        self.setObjectName("code_panel")
        self._source: tuple[str, str] = ("", "")
        self._title = QLabel("Code")
        self._title.setObjectName("code_title")
        set_class(self._title, "title")
        self._file = ElidedLabel()
        self._file.setObjectName("code_file")
        set_class(self._file, "muted")
        self._copy = QToolButton()
        self._copy.setObjectName("code_copy")
        set_class(self._copy, "button")
        self._copy.setText("Copy")
        self._copy.setToolTip("Copy the whole code")
        self._copy.setAccessibleName("Copy the whole code")
        self._copy.clicked.connect(self._copy_source)
        self.editor = CodeEditor()
        self.editor.setObjectName("code_view")
        self.editor.setAccessibleName("Code of the stage")
        set_class(self.editor, "code")
        self.editor.line_clicked.connect(self.line_clicked)
        self._arrange()

    def set_source(self, title: str, text: str) -> None:
        """Shows a text under its file's name; what is shown already stays where it was scrolled to."""
        if (title, text) == self._source:
            return
        known_text = text == self._source[1]
        self._source = (title, text)
        self._file.set_full_text(title)
        if not known_text:
            self.editor.set_code(text)

    def change_source(self, text: str) -> None:
        """Shows the same file with other values in it, which light up for a moment."""
        if text != self._source[1]:
            self._source = (self._source[0], text)
            self.editor.change_code(text)

    def mark_lines(self, lines: Collection[int], kind: str = "node") -> None:
        """Marks exactly these lines; marks of another kind stay, a line outside the text is ignored.

        Args:
            lines: counted from 1; none takes the marks away.
            kind: `"node"`, `"forward"`, `"loss"`, `"backward"`, `"update"`, `"error"` or, weaker than
                these, `"marked"`: for the color.

        Raises:
            ValueError: another kind.
        """
        self.editor.set_marks(kind, lines)

    def show_cursor(
        self, line: int | None, span: CodeSpan | None, kind: str = "node", *, origin: int | None = None
    ) -> None:
        """Marks a place in the run of the code and brings it into view; other marks stay.

        Args:
            line: the line that runs, counted from 1; None takes the cursor away.
            span: the expression that runs, which stands out from its line; or None.
            kind: for the color, as for `mark_lines`.
            origin: the line of the forward pass that made what runs now, marked in a weaker way.

        Raises:
            ValueError: another kind.
        """
        self.editor.set_cursor(None if line is None else CodeCursor(line, span, kind, origin))

    def scroll_to(self, line: int) -> None:
        """Brings a line to the middle, unless it is in sight already."""
        self.editor.scroll_to(line)

    @property
    def whole_height(self) -> int:
        """Pixels in which the whole text can be seen, up to so many lines as the longest stage has."""
        return HEADER + self.editor.height_of(min(self._source[1].rstrip("\n").count("\n") + 1, MOST_LINES))

    def _copy_source(self) -> None:
        QGuiApplication.clipboard().setText(self._source[1])

    def _arrange(self) -> None:
        header = QHBoxLayout()
        header.setContentsMargins(12, 6, 8, 6)
        header.setSpacing(12)
        header.addWidget(self._title)
        header.addWidget(self._file, 1)
        header.addWidget(self._copy)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(header)
        column.addWidget(self.editor, 1)
