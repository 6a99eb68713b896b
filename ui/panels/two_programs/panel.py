"""The panel of two programs; what it asks for is run elsewhere, and handed to its setters."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QPalette, QShortcut, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSpinBox, QTabWidget, QVBoxLayout, QWidget

from playground.comparing.programs import EventRow, ProgramsComparison
from playground.faults.parting import event_values
from ui.panels.two_programs.events import EventTable
from ui.panels.two_programs.pickers import ProgramPickers
from ui.panels.two_programs.shown import ShownPrograms
from ui.style.sheet import set_class
from ui.style.theme import Theme
from ui.widgets.parted_tensors import PartedTensors
from ui.widgets.progress_line import ProgressLine
from ui.widgets.rows import button
from ui.widgets.side_by_side import SideBySide
from ui.widgets.two_curves import Curve, TwoCurves

MOST_STEPS, STEPS, LARGEST_SEED = 10_000, 100, 2**31 - 1
EMPTY = "Choose two programs and compare them: both run from the same seed, and their steps are recorded."
RUNNING = "Running both …"
STALE = "The texts have changed since: compare again."
RUN_TIP = "Run both from the same seed, and find where their values part (Ctrl+Return)"
_MARGIN = 12


class TwoProgramsView(QWidget):
    """Two pickers, what was found, and below it texts, events and graphs.

    Attributes:
        boxes: of the first and the second program.
        compare_button, cancel_button: begin and end the comparison.
        seed, steps: of both.
        texts, events: the tabs; the third is for a drawing of the graphs.
        parting: the tensors of the event that is looked at, at first those in which they part.
        losses: of both.

    Signals:
        program_chosen(bool, str): of the second? and the key of its choice.
        open_asked(bool): the user wants a file for the second, or for the first.
        compare_asked(int, int): with this seed, so many steps.
        cancel_asked(): end that.
        came_up(): it has come into sight.
    """

    program_chosen = Signal(bool, str)
    open_asked = Signal(bool)
    compare_asked = Signal(int, int)
    cancel_asked = Signal()
    came_up = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Without programs at first."""
        super().__init__(parent)
        self.setObjectName("two_programs_view")
        self._comparison: ProgramsComparison | None = None
        self._texts = ("", "")
        self._pickers = ProgramPickers()
        self._pickers.chosen.connect(self.program_chosen)
        self._pickers.open_asked.connect(self.open_asked)
        self.boxes = self._pickers.boxes
        self._headline, self._losses_note, self._note = _label("title"), _label("muted"), _label("muted")
        self._headline.setObjectName("two_programs_headline")
        self._note.setObjectName("two_programs_note")
        self._message = _label("error")
        self._message.setObjectName("two_programs_message")
        self._message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._progress = ProgressLine("Progress of the comparison")
        self.texts, self.events = SideBySide(), EventTable()
        self.texts.line_clicked.connect(self._choose_line)
        self.events.row_chosen.connect(self._choose_row)
        self.parting, self.losses = PartedTensors(), TwoCurves()
        self._tabs = QTabWidget()
        self._tabs.setObjectName("two_programs_tabs")
        self._tabs.setDocumentMode(True)
        self._tabs.tabBar().setDrawBase(False)
        self._tabs.addTab(self.texts, "Text")
        self._tabs.addTab(self.events, "Events")
        self._make_controls()
        self._arrange()

    def set_graph_view(self, graph: QWidget) -> None:
        """Gives the drawing of the graphs its tab."""
        self._tabs.addTab(graph, "Graph")

    def set_choices(self, keys_and_titles: Sequence[tuple[str, str]], first: str, second: str) -> None:
        """Offers these programs, and shows which two are chosen."""
        self._pickers.set_choices(keys_and_titles, first, second)

    def show_programs(self, shown: ShownPrograms) -> None:
        """Shows the two, or what has become known of them."""
        found = None if shown.running else shown.comparison
        if found is None and shown.texts != self._texts:
            self._texts = shown.texts
            self.texts.set_texts(*shown.texts, shown.names)
        if found is not self._comparison:
            self._comparison = found
            self._show_comparison(shown.names)
        words = RUNNING if shown.running else shown.problem or (STALE if shown.stale else "")
        self._note.setText(words or ("" if found is not None else EMPTY))
        self._note.setVisible(bool(self._note.text()))
        set_class(self._note, "error" if shown.problem and not shown.running else "muted")
        self._progress.setVisible(shown.running)
        self.cancel_button.setVisible(shown.running)
        self.compare_button.setEnabled(not shown.running)

    def show_progress(self, done: int, of: int) -> None:
        """Says that so much is done."""
        self._progress.set_share(done / of if of else 0.0)

    def text(self) -> str:
        """What is shown, as plain text."""
        labels = (self._headline, self._losses_note, self._note, self._message)
        said = [label.text() for label in labels if not label.isHidden()]
        parting = [] if self.parting.isHidden() else [self.parting.text()]
        return "\n".join([*filter(None, said), *parting, self.texts.text()])

    def showEvent(self, event: QShowEvent) -> None:
        """Tells of it."""
        super().showEvent(event)
        self.came_up.emit()

    def _show_comparison(self, names: tuple[str, str]) -> None:
        found = self._comparison
        for part in (self._headline, self._losses_note, self.parting, self.losses):
            part.setVisible(found is not None)
        self._message.hide()
        if found is None:
            self.texts.mark(None, None)
            self.events.show_rows((), None)
            return
        self._texts = found.first.text, found.second.text
        self.texts.set_texts(*self._texts, names)
        self.texts.mark(found.first_line, found.second_line)
        self._headline.setText(found.in_words().partition("\n")[0])
        self._losses_note.setText(f"{found.losses_in_words()} {_passed_over(found)}".strip())
        message = "\n".join(_messages(found))
        self._message.setText(message)
        self._message.setVisible(bool(message))
        rows = found.rows
        self.events.show_rows(rows, _parted_row(found, rows))
        self.parting.show_parting("", found.values(), names)
        self.parting.setVisible(found.values() is not None)
        curves = (
            Curve(names[1], found.second.outcome.losses, _second_tone),
            Curve(names[0], found.first.outcome.losses, _first_tone, dashed=True),
        )
        self.losses.set_curves("loss", curves, found.losses_part)

    def _choose_row(self, row: EventRow) -> None:
        """Marks its lines, and shows its tensors."""
        found = self._comparison
        if found is None:
            return
        lines = [None if event is None else event.line for event in (row.first, row.second)]
        self.texts.mark(lines[0], lines[1])
        values = event_values(row.first, row.second)
        self.parting.show_parting("", values, (found.first.name, found.second.name))
        self.parting.setVisible(values is not None)

    def _choose_line(self, is_second: bool, line: int) -> None:
        """Looks at the first event of a line of the text."""
        for number, row in enumerate(self.events.model_.rows):
            event = row.second if is_second else row.first
            if event is not None and event.line == line:
                self.events.selectRow(number)
                self._choose_row(row)
                return

    def _compare(self) -> None:
        if self.compare_button.isEnabled():
            self.compare_asked.emit(self.seed.value(), self.steps.value())

    # Making

    def _make_controls(self) -> None:
        self.compare_button = button("Compare", RUN_TIP, self._compare)
        set_class(self.compare_button, "button first")
        self.compare_button.setObjectName("two_programs_compare_button")
        self.cancel_button = button("Cancel", "End the comparison", self.cancel_asked.emit)
        self.cancel_button.setObjectName("two_programs_cancel_button")
        self.seed, self.steps = QSpinBox(), QSpinBox()
        for field, name, low, high, value in (
            (self.seed, "seed", 0, LARGEST_SEED, 0),
            (self.steps, "steps", 1, MOST_STEPS, STEPS),
        ):
            field.setObjectName(f"two_programs_{name}")
            field.setRange(low, high)
            field.setValue(value)
            field.setAccessibleName(name.capitalize())
        self.seed.setPrefix("seed ")
        self.seed.setToolTip("Of all random numbers; a program that seeds itself does so all the same")
        self.steps.setSuffix(" steps")
        self.steps.setToolTip(f"Steps that are made of each, 1 to {MOST_STEPS}")
        QShortcut(QKeySequence("Ctrl+Return"), self).activated.connect(self._compare)

    def _arrange(self) -> None:
        doing = QHBoxLayout()
        doing.setSpacing(8)
        for control in (self.compare_button, self.steps, self.seed, self.cancel_button):
            doing.addWidget(control)
        doing.addWidget(self._progress, 1)
        doing.addStretch(1)
        around = QVBoxLayout()
        around.setContentsMargins(_MARGIN, 10, _MARGIN, 8)
        around.setSpacing(6)
        around.addWidget(self._pickers)
        around.addLayout(doing)
        for label in (self._headline, self._losses_note, self._note, self._message):
            around.addWidget(label)
        below = QHBoxLayout()
        below.setContentsMargins(_MARGIN, 6, _MARGIN, 8)
        below.setSpacing(16)
        below.addWidget(self.parting, 3, Qt.AlignmentFlag.AlignTop)
        below.addWidget(self.losses, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(around)
        column.addWidget(self._tabs, 1)
        column.addLayout(below)
        shown_later: tuple[QWidget, ...] = (self._headline, self._losses_note, self._message, self.parting)
        for part in (*shown_later, self.losses, self._progress, self.cancel_button):
            part.hide()
        self._note.setText(EMPTY)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)


def _parted_row(found: ProgramsComparison, rows: Sequence[EventRow]) -> int | None:
    """In which row they part."""
    parting = found.parting
    if parting is None:
        return None
    for number, row in enumerate(rows):
        if parting.event is not None and row.second is not None and row.second.number == parting.event:
            return number
        if parting.event is None and row.first is not None and row.first.number == parting.healthy_event:
            return number
    return None


def _messages(found: ProgramsComparison) -> list[str]:
    """What the programs have raised, each with its line."""
    said = []
    for each in (found.first, found.second):
        if each.outcome.error:
            where = "" if each.outcome.line is None else f", line {each.outcome.line}"
            said.append(f"{each.name}{where}: {each.outcome.error}")
    return said


def _passed_over(found: ProgramsComparison) -> str:
    steps = found.passed_over
    return f"Steps {steps.start} to {steps.stop - 1} were not looked into." if steps else ""


def _label(kind: str) -> QLabel:
    label = QLabel()
    set_class(label, kind)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label


def _first_tone(theme: Theme) -> str:
    return theme.plot[1]


def _second_tone(theme: Theme) -> str:
    return theme.plot[0]
