"""The panel that shows the code of the program, to be read and edited, with the lines that matter marked."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QPalette
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from ui.panels.code.changes import changed_lines
from ui.panels.code.editor import CodeEditor
from ui.panels.code.find_bar import FindBar
from ui.panels.code.header import CodeHeader
from ui.panels.code.marks import CodeCursor, CodeSpan
from ui.panels.code.numbers import NumberSpot
from ui.panels.code.problems import Problem
from ui.style.sheet import set_class
from ui.widgets.eliding_label import ElidedLabel

HEADER = 40
MOST_LINES = 50


class CodeView(QWidget):
    """Shows a Python text that can be edited at any time; lines are counted from 1.

    Marks and the cursor name lines of the text that was recorded: that of `set_source`, of a `change_source`
    before which the user had changed nothing, or of `set_recorded_text`. While the present text is another,
    they stand on the lines that these have become, and lines that were changed say that they are stale.

    Attributes:
        editor: the text itself.
        text: the whole text as it stands there.

    Signals:
        line_clicked(int): the user clicked a line or its number, or pressed Alt+Return in it.
        edited(str): the user has changed the text, by undoing as well; the whole of it. Not while a number
            is scrubbed.
        run_requested(): the user pressed Ctrl+Return.
        difference_requested(), put_back_requested(), save_requested(): the buttons that an edited text has,
            and Ctrl+S.
        number_scrubbed(NumberSpot, object): the user gave a number another value, an int or a float, at most
            once a frame; the spot tells where and what it was before the change began. The text holds the
            value already: `text` is the whole of it.
        scrub_finished(): the last value counts.
    """

    line_clicked = Signal(int)
    edited = Signal(str)
    run_requested = Signal()
    difference_requested = Signal()
    put_back_requested = Signal()
    save_requested = Signal()
    number_scrubbed = Signal(object, object)
    scrub_finished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Without a text at first."""
        super().__init__(parent)
        self.setObjectName("code_panel")
        self._source: tuple[str, str] = ("", "")
        self._waiting: str | None = None
        self._header = CodeHeader()
        self.editor = CodeEditor()
        self.editor.setObjectName("code_view")
        self.editor.setAccessibleName("Code of the stage")
        self.editor.setAccessibleDescription("Tab indents; Escape, then Tab leaves. Control and Return runs.")
        set_class(self.editor, "code")
        self.setFocusProxy(self.editor)
        self._find = FindBar(self.editor)
        self._problem = ElidedLabel()
        self._problem.setObjectName("code_problem")
        set_class(self._problem, "error")
        self._foot = QWidget()
        self._foot.hide()
        self._arrange()
        self._connect()

    def set_source(self, title: str, text: str) -> None:
        """Shows a text under its file's name; what is shown already stays where it was scrolled to."""
        self._source = (title, text)
        self._header.file.set_full_text(title)
        if text != self.text:
            self._waiting = None
            self.editor.set_code(text)

    def set_path(self, path: str) -> None:
        """Says which file the text is, beside which stand modules that it may import; "" for none."""
        self.editor.completion.path = path

    def change_source(self, text: str) -> None:
        """Shows the same file with other values in it, which light up for a moment.

        The caret stays where it is, and the change is one step that the user can undo. While a number is
        scrubbed it waits for the end.
        """
        self._source = (self._source[0], text)
        if self.editor.scrubber.is_active:
            self._waiting = text
        else:
            self.editor.change_code(text)

    @property
    def text(self) -> str:
        """The whole text as it stands there."""
        return self.editor.code

    def set_recorded_text(self, text: str, fits: bool = False) -> None:
        """Says which text the marks are about from now on: that of a run whose recording is shown.

        Args:
            text: as it was recorded.
            fits: whether what stands there says in other lines what ran, so that none of them is stale.
        """
        self.editor.set_recorded(text, fits)

    def changed_lines(self, recorded_text: str) -> frozenset[int]:
        """Lines that are new, different or moved against a text; the answer to the same question is kept."""
        return changed_lines(recorded_text.removesuffix("\n"), self.text.removesuffix("\n"))

    def set_stale_lines(self, lines: Collection[int]) -> None:
        """Marks these lines of the present text as stale, too, until it is changed."""
        self.editor.set_stale(lines)

    def set_edited(self, is_edited: bool, can_put_back: bool) -> None:
        """Shows whether the program was edited, with buttons to compare it, to put it back and to save it.

        Args:
            is_edited: otherwise these are hidden.
            can_put_back: whether there is a text to compare it with, and to go back to.
        """
        self._header.set_edited(is_edited=is_edited, can_put_back=can_put_back)

    def set_numbers(self, spots: Sequence[NumberSpot]) -> None:
        """Marks exactly these numbers of the present text as ones to scrub.

        They keep to their places while the text is edited; a spot whose text stands elsewhere is left out.
        """
        self.editor.set_numbers(spots)

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
        QGuiApplication.clipboard().setText(self.text)

    def _take_waiting(self) -> None:
        text, self._waiting = self._waiting, None
        self.scrub_finished.emit()
        if text is not None:
            self.editor.change_code(text)

    def _open_find(self) -> None:
        self._top.setCurrentWidget(self._find)
        self._find.start()

    def _close_find(self) -> None:
        self._top.setCurrentWidget(self._header)
        self._show_found()
        self.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_found(self) -> None:
        self.editor.hints.set_found(self._find.places)

    def _search_again(self) -> None:
        if self._find.isVisible():
            self._find.refresh()

    def _show_problem(self, problem: Problem | None) -> None:
        self._problem.set_full_text("" if problem is None else problem.text)
        self._foot.setVisible(problem is not None)

    def _connect(self) -> None:
        self._header.copied.connect(self._copy_source)
        self._header.compared.connect(self.difference_requested)
        self._header.put_back.connect(self.put_back_requested)
        self._header.saved.connect(self.save_requested)
        editor = self.editor
        editor.line_clicked.connect(self.line_clicked)
        editor.edited.connect(self.edited)
        editor.run_requested.connect(self.run_requested)
        editor.save_requested.connect(self.save_requested)
        editor.find_requested.connect(self._open_find)
        editor.problem_found.connect(self._show_problem)
        editor.text_changed.connect(self._search_again)
        editor.scrubber.scrubbed.connect(self.number_scrubbed)
        editor.scrubber.finished.connect(self._take_waiting)
        self._find.found.connect(self._show_found)
        self._find.closed.connect(self._close_find)

    def _arrange(self) -> None:
        self._top = QStackedLayout()
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._top)
        column.addWidget(self.editor, 1)
        # Only now: the first page of a stack without a parent would be shown as a window.
        self._top.addWidget(self._header)
        self._top.addWidget(self._find)
        column.addWidget(self._foot)
        row = QHBoxLayout(self._foot)
        row.setContentsMargins(12, 1, 8, 2)
        row.addWidget(self._problem)
