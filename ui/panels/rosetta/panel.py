"""Two stages side by side, with the lines that do the same work joined, and the tensors that are the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QPalette, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QScrollBar,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from playground.comparing.rosetta import Counterparts, Rosetta, TensorPair
from playground.graph.model import Phase
from ui.panels.rosetta.code import RosettaCode
from ui.panels.rosetta.strip import WIDTH, RosettaStrip
from ui.panels.rosetta.tensors import EMPTY, RosettaTable, all_words, chosen_words
from ui.panels.rosetta.text_difference import RosettaDifference
from ui.style.sheet import set_class
from ui.widgets.eliding_label import ElidedLabel
from ui.widgets.rows import button, row

CANCELLED = "Cancelled: these two stages are not compared."


def bar_beside(code: RosettaCode) -> QScrollBar:
    """A scroll bar at the outer side of a text: its own would stand between the text and what joins it."""
    own, bar = code.verticalScrollBar(), QScrollBar(Qt.Orientation.Vertical)
    code.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    bar.setAccessibleName(f"Scroll the {code.accessibleName().lower()}")

    def follow(low: int, high: int) -> None:
        bar.setRange(low, high)
        bar.setPageStep(own.pageStep())

    own.rangeChanged.connect(follow)
    own.valueChanged.connect(bar.setValue)
    bar.valueChanged.connect(own.setValue)
    return bar


_SHARES = (69, 31)
"""Of the height, in percent: the texts, and the table below them."""


class RosettaView(QWidget):
    """Shows a Rosetta: the two texts, what joins them, and a table of the quantities that both compute.

    Attributes:
        left, right: the two texts.
        strip: what is drawn between them.
        table: the quantities; all of them, or those of a chosen line.
        cancel_button, again_button: end the waiting for a comparison, and ask for it after all.

    Signals:
        stages_chosen(str, str): names of the stages that the user wants at the left and at the right.
        node_chosen(str): key of the graph's node in a row that the user chose.
        cancel_asked(): the user does not want to wait for the comparison.
        came_up(): it has come into sight.
    """

    stages_chosen = Signal(str, str)
    node_chosen = Signal(str)
    cancel_asked = Signal()
    came_up = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Without stages at first."""
        super().__init__(parent)
        self.setObjectName("rosetta_panel")
        self._result: Rosetta | None = None
        self._chosen: tuple[bool, int] | None = None
        self.left_box, self.right_box = self._box("left"), self._box("right")
        self._note_text = self._caption_text = ""
        self._headline, self._note, self._arrow = ElidedLabel(), ElidedLabel(), QLabel("↔")
        self._headline.setObjectName("rosetta_headline")
        set_class(self._headline, "title")
        set_class(self._note, "muted")
        set_class(self._arrow, "muted")
        self._note.setObjectName("rosetta_note")
        self.left, self.right = self._code("left"), self._code("right")
        self.strip = RosettaStrip(self.left, self.right)
        self.table = RosettaTable()
        self.table.setObjectName("rosetta_table")
        self.table.pair_chosen.connect(self._choose_pair)
        self._difference = RosettaDifference()
        self._difference.setObjectName("rosetta_difference")
        self._message = QLabel(EMPTY)
        self._caption = ElidedLabel()
        self._caption.setObjectName("rosetta_caption")
        self._make_buttons()
        for part in (self.left, self.right, self.table):
            part.left.connect(self._let_go)
        self.left.line_clicked.connect(lambda line: self._choose(True, line))
        self.right.line_clicked.connect(lambda line: self._choose(False, line))
        self._pages = QStackedWidget()
        self._arrange()
        self._show_message(EMPTY)

    def set_stages(self, names_and_titles: Sequence[tuple[str, str]], left: str, right: str) -> None:
        """Offers these stages, each by name and title, and shows which two are compared."""
        for box, name in ((self.left_box, left), (self.right_box, right)):
            with QSignalBlocker(box):
                box.clear()
                for each, title in names_and_titles:
                    box.addItem(title, each)
                box.setCurrentIndex(box.findData(name))

    def set_note(self, text: str) -> None:
        """Says how the two began: `"both started from the same data and weights, in float64"`."""
        self._note_text = text
        self._note.set_full_text(text)

    def set_waiting(self, text: str) -> None:
        """Says what is being done, in place of a comparison, beside a button that ends it."""
        self._show_message(text)
        self.cancel_button.show()

    def set_cancelled(self) -> None:
        """Says that the comparison is not made, beside a button that asks for it again."""
        self._show_message(CANCELLED)
        self.again_button.show()

    def set_problem(self, text: str) -> None:
        """Says why there is no comparison."""
        self._show_message(text, is_problem=True)

    def show_rosetta(self, result: Rosetta) -> None:
        """Shows a comparison, with no line chosen."""
        self._result = result
        self._headline.set_full_text(result.in_words())
        self.left.set_code(result.left.text, dict(_phases(result, True)))
        self.right.set_code(result.right.text, dict(_phases(result, False)))
        self.strip.set_bands(result.bands, result.left.text, result.right.text)
        self._difference.show_difference(result.differences)
        self._difference_button.setEnabled(True)
        self._show_page()
        self._show_loops()
        self._let_go()

    def text(self) -> str:
        """What is shown: the headline, the note, and the table, the difference or a message."""
        if self._result is None:
            return self._message.text()
        start = [self._result.in_words(), *([self._note_text] if self._note_text else [])]
        if self._difference_button.isChecked():
            return "\n".join([*start, self._difference.toPlainText()])
        return "\n".join([*start, self._caption_text, *self.table.rows()])

    def showEvent(self, event: QShowEvent) -> None:
        """Tells of it, and scrolls to what ran: only now is it known how much there is room for."""
        super().showEvent(event)
        self.came_up.emit()
        if self._result is not None and not event.spontaneous():
            self._show_loops()

    def _choose(self, is_left: bool, line: int) -> None:
        result = self._result
        if result is None:
            return
        phase = result.phase_of_left(line) if is_left else result.phase_of_right(line)
        if phase is None or self._chosen == (is_left, line):
            self._let_go()
            return
        self._chosen = (is_left, line)
        found = result.counterparts_of_left(line) if is_left else result.counterparts_of_right(line)
        self._say(chosen_words(result, is_left, line, found.lines, len(found.pairs)))
        self.table.show_pairs(result, found.pairs)
        here, there = {line}, set(found.lines)
        self._light(here if is_left else there, there if is_left else here, found)

    def _choose_pair(self, pair: TensorPair) -> None:
        result = self._result
        assert result is not None, "a row belongs to a comparison"
        self._light(set(pair.left.lines), set(pair.right.lines), Counterparts(pairs=(pair,)))
        self._all_button.setEnabled(True)
        node = result.node_of(pair)
        if node is not None:
            self.node_chosen.emit(node)

    def _light(self, left: set[int], right: set[int], found: Counterparts) -> None:
        """Marks lines on both sides and joins those that have a quantity in common."""
        self.left.set_lit(left)
        self.right.set_lit(right)
        joined = {
            (ours, theirs, pair.phase)
            for pair in found.pairs
            for ours in pair.left.lines
            for theirs in pair.right.lines
            if ours in left and theirs in right
        }
        self.strip.set_joined(sorted(joined))
        self._all_button.setEnabled(True)
        makers = (
            [pair.left.line for pair in found.pairs if pair.left.line in left],
            [pair.right.line for pair in found.pairs if pair.right.line in right],
        )
        for code, lines in zip((self.left, self.right), makers, strict=True):
            known = [line for line in lines if line is not None]
            if known and not any(code.is_in_sight(line) for line in known):
                code.scroll_to(known[0])

    def _let_go(self) -> None:
        """No line is chosen: the table shows everything."""
        self._chosen = None
        self.left.set_lit(())
        self.right.set_lit(())
        self.strip.set_joined(())
        self._all_button.setEnabled(False)
        if self._result is not None:
            self._say(all_words(self._result))
            self.table.show_pairs(self._result, self._result.pairs)

    def _say(self, text: str) -> None:
        self._caption_text = text
        self._caption.set_full_text(text)

    def _show_loops(self) -> None:
        """Scrolls both texts to what ran; where there is no room for all of it, to its end."""
        assert self._result is not None
        for code, is_left in ((self.left, True), (self.right, False)):
            lines = [line for line, _ in _phases(self._result, is_left)]
            if lines:
                code.place_caret(min(lines))
                code.begin_at(max(min(lines) - 2, max(lines) + 2 - code.lines_in_sight()))

    def _show_message(self, text: str, is_problem: bool = False) -> None:
        self._result = None
        self._say("")
        self._let_go()
        self.table.show_pairs(None, ())
        self._headline.set_full_text("")
        self._message.setText(text)
        for each in (self.cancel_button, self.again_button):
            each.hide()
        set_class(self._message, "message error" if is_problem else "message muted")
        self._difference_button.setEnabled(False)
        self._show_page()

    def _show_page(self) -> None:
        if self._result is None:
            page: QWidget = self._message_page
        else:
            page = self._difference if self._difference_button.isChecked() else self._sides
        self._note.setVisible(self._result is not None)
        self._pages.setCurrentWidget(page)

    def _box(self, side: str) -> QComboBox:
        box = QComboBox()
        box.setObjectName(f"rosetta_{side}_box")
        box.setAccessibleName(f"Stage at the {side}")
        box.setToolTip(f"The stage at the {side}")
        box.currentIndexChanged.connect(self._choose_stages)
        return box

    def _choose_stages(self) -> None:
        left, right = self.left_box.currentData(), self.right_box.currentData()
        if isinstance(left, str) and isinstance(right, str):
            self.stages_chosen.emit(left, right)

    def _code(self, side: str) -> RosettaCode:
        code = RosettaCode()
        code.setObjectName(f"rosetta_{side}_code")
        code.setAccessibleName(f"Code at the {side}")
        return code

    def _make_buttons(self) -> None:
        tip = "Show what differs in the two texts, line by line"
        self._difference_button = button("text difference", tip, self._show_page)
        self._difference_button.setObjectName("rosetta_difference_button")
        self._difference_button.setCheckable(True)
        self._all_button = button("show all", "Show every quantity again (Escape)", self._let_go)
        self._all_button.setObjectName("rosetta_all_button")
        self.cancel_button = button("Cancel", "Cancel the comparison", self.cancel_asked.emit)
        self.cancel_button.setObjectName("rosetta_cancel_button")
        self.again_button = button("Compare", "Compare these two stages after all", self._choose_stages)
        self.again_button.setObjectName("rosetta_again_button")

    def _arrange(self) -> None:
        self._message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._message.setObjectName("rosetta_message")
        self._message.setTextFormat(Qt.TextFormat.PlainText)
        self._message.setWordWrap(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(self._headline)
        words.addWidget(self._note)
        header = QHBoxLayout()
        header.setContentsMargins(12, 8, 8, 4)
        header.setSpacing(12)
        header.addLayout(words, 1)
        header.addWidget(self._difference_button, 0, Qt.AlignmentFlag.AlignTop)
        self._arrow.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._arrow.setFixedWidth(WIDTH)
        boxes = row((12, 4, 8, 8), (self.left_box, 1), (self._arrow, 0), (self.right_box, 1), spacing=0)
        self._sides = self._make_sides()
        self._message_page = self._make_message_page()
        for page in (self._message_page, self._sides, self._difference):
            self._pages.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(header)
        column.addLayout(boxes)
        column.addWidget(self._pages, 1)

    def _make_message_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.addStretch(1)
        column.addWidget(self._message)
        for each in (self.cancel_button, self.again_button):
            column.addWidget(each, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        return page

    def _make_sides(self) -> QSplitter:
        texts = QWidget()
        texts.setLayout(
            row(
                (0, 0, 0, 0),
                (bar_beside(self.left), 0),
                (self.left, 1),
                (self.strip, 0),
                (self.right, 1),
                spacing=0,
            )
        )
        below = QWidget()
        column = QVBoxLayout(below)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row((12, 5, 8, 5), (self._caption, 1), (self._all_button, 0)))
        column.addWidget(self.table, 1)
        sides = QSplitter(Qt.Orientation.Vertical)
        set_class(sides, "thin")
        sides.setChildrenCollapsible(False)
        for part, share in zip((texts, below), _SHARES, strict=True):
            sides.addWidget(part)
            sides.setStretchFactor(sides.count() - 1, share)
        sides.setSizes([10 * share for share in _SHARES])
        return sides


def _phases(result: Rosetta, is_left: bool) -> Iterator[tuple[int, Phase]]:
    """Each line of a side that has a phase; one that has two has the first."""
    for band in reversed(result.bands):
        for line in band.left if is_left else band.right:
            yield line, band.phase
