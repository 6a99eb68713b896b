"""What can be set of a program of the user's own: numbers in its text, arguments, its training loop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from playground.own_program import OwnProgram
from ui.panels.settings.fields import Choice, ChoiceBox
from ui.panels.settings.form import Form
from ui.panels.settings.own_rows import NumberRow, NumberRows, effects_in_words
from ui.panels.settings.text import ARGUMENTS, NEW_START, NO_NUMBERS, TRAINING_LOOP
from ui.style.sheet import set_class
from ui.widgets.eliding_label import ElidedLabel

SHOWN_AT_FIRST = 12
"""Numbers; a longer list is opened by its user, where it hides more than two."""
_FOUND = Choice("found by itself", None, "the innermost loop around backward() that also updates")


@dataclass(frozen=True, slots=True)
class LoopChoice:
    """A loop of a program that may be its training loop.

    Attributes:
        line: in which it begins, counted from 1.
        text: of that line.
    """

    line: int
    text: str


class OwnNumbers(QWidget):
    """The numbers of a program's text under their names, then its arguments and its training loop.

    Signals:
        number_chosen(int, object): index of a number, and the value that the user chose.
        arguments_chosen(str): the words for `sys.argv`, written as for a shell.
        loop_chosen(object): line of the training loop; None to have it found.
        refused(str): the one line of a field that refused a typed text; the value is what it was.
    """

    number_chosen = Signal(int, object)
    arguments_chosen = Signal(str)
    loop_chosen = Signal(object)
    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """A panel before any program is known."""
        super().__init__(parent)
        self.setObjectName("own_numbers")
        self._numbers: tuple[NumberRow, ...] = ()
        self._rows: NumberRows | None = None
        self._name, self._arguments = "", ""
        self._is_open = False
        self._heading = ElidedLabel(self)
        set_class(self._heading, "title")
        self._place_of_rows = QVBoxLayout()
        self._more = self._make_more()
        self._note = QLabel(self)
        self._note.setWordWrap(True)
        self._note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        set_class(self._note, "muted")
        self._line, self._loop = self._make_arguments(), self._make_loop()
        self._arrange()
        self.set_program("", "", (), None)

    @property
    def tab_chain(self) -> list[QWidget]:
        """What takes the focus, in order."""
        fields = [] if self._rows is None else list(self._rows.fields)
        return [*fields, self._more, self._line, self._loop]

    def set_program(self, name: str, arguments: str, loops: Sequence[LoopChoice], loop: int | None) -> None:
        """Shows a program's name, its arguments and its loops, without a signal.

        Args:
            name: of its file, without the folder.
            arguments: as for a shell.
            loops: that may be its training loop.
            loop: line of the one that was chosen; None where it is found.
        """
        if name != self._name:
            self._is_open = False
        self._name = name
        self._heading.set_full_text(f"Numbers in {name}")
        if arguments != self._arguments:
            self._arguments = arguments
            self._line.setText(arguments)
        lines = [Choice(f"line {each.line}: {each.text.strip()}", str(each.line)) for each in loops]
        current = None if loop is None else str(loop)
        if current is not None and current not in [each.value for each in lines]:
            lines.append(Choice(f"line {loop}", current, reason="no loop begins there"))
        self._loop.show_choices([_FOUND, *lines], current)

    def show_numbers(self, numbers: tuple[NumberRow, ...]) -> None:
        """Shows these numbers, without a signal; fields are made anew only where other numbers are."""
        before, self._numbers = self._numbers, numbers
        if self._rows is None or [each.kind for each in before] != [each.kind for each in numbers]:
            self._make_rows()
            self._note.setText(effects_in_words(numbers) or NO_NUMBERS)
        elif numbers != before:
            self._rows.show_rows(self._seen())

    def _seen(self) -> tuple[NumberRow, ...]:
        return self._numbers if self._is_open or not self._hidden else self._numbers[:SHOWN_AT_FIRST]

    @property
    def _hidden(self) -> int:
        """How many numbers a list that was not opened leaves out."""
        more = len(self._numbers) - SHOWN_AT_FIRST
        return more if more > 2 else 0

    def _make_rows(self) -> None:
        if self._rows is not None:
            # A text that is still being typed belonged to other numbers.
            self._rows.blockSignals(True)
            self._place_of_rows.removeWidget(self._rows)
            self._rows.hide()
            self._rows.setParent(None)
            self._rows.deleteLater()
        self._rows = NumberRows(self._seen(), self)
        self._rows.number_chosen.connect(self.number_chosen)
        self._rows.refused.connect(self.refused)
        self._place_of_rows.addWidget(self._rows)
        self._rows.setVisible(bool(self._numbers))
        hidden = self._hidden
        self._more.setVisible(hidden > 0)
        self._more.setText("Fewer" if self._is_open else f"{hidden} more…")
        self._more.setAccessibleName("fewer numbers" if self._is_open else f"{hidden} more numbers")
        self.order_tabs()

    def order_tabs(self) -> None:
        """Tab goes from the numbers to the arguments to the loop."""
        for before, after in pairwise(self.tab_chain):
            QWidget.setTabOrder(before, after)

    def _make_more(self) -> QToolButton:
        more = QToolButton(self)
        more.setObjectName("more_numbers")
        more.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        set_class(more, "flat link")
        more.clicked.connect(self._toggle)
        more.hide()
        return more

    def _make_arguments(self) -> QLineEdit:
        line = QLineEdit(self)
        line.setObjectName("own_arguments")
        line.setAccessibleName("arguments")
        line.setAccessibleDescription(ARGUMENTS)
        line.setToolTip(f"{ARGUMENTS}\n{NEW_START}")
        line.setPlaceholderText("none")
        line.editingFinished.connect(self._choose_arguments)
        return line

    def _make_loop(self) -> ChoiceBox:
        box = ChoiceBox("training loop", self)
        box.setObjectName("own_loop")
        box.setToolTip(f"{TRAINING_LOOP}\n{NEW_START}")
        box.setAccessibleDescription(TRAINING_LOOP)
        box.currentIndexChanged.connect(self._choose_loop)
        return box

    def _arrange(self) -> None:
        form = Form(self)
        form.add_line()
        form.add_row("&Arguments", self._line)
        form.add_row("Training loop", self._loop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._heading)
        column.addLayout(self._place_of_rows)
        column.addWidget(self._more, alignment=Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._note)
        column.addWidget(form)

    def _toggle(self) -> None:
        self._is_open = not self._is_open
        self._make_rows()

    def _choose_arguments(self) -> None:
        typed = self._line.text()
        if typed == self._arguments:
            return
        try:
            OwnProgram("", "", typed).words()
        except ValueError as error:
            with QSignalBlocker(self._line):
                self._line.setText(self._arguments)
            self.refused.emit(str(error))
            return
        self._arguments = typed
        self.arguments_chosen.emit(typed)

    def _choose_loop(self, index: int) -> None:
        line = self._loop.itemData(index)
        self.loop_chosen.emit(None if line is None else int(line))
