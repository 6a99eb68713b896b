"""The panel of the break-it lab; what it asks for is run elsewhere, and handed to its setters."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence, QPalette, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from playground.faults.fault import Fault
from ui.panels.faults.answer import FaultAnswer
from ui.panels.faults.list import FaultList, stage_title
from ui.panels.faults.outcome import FAULTY, HEALTHY, OutcomeView
from ui.panels.faults.shown import ShownFault
from ui.style.sheet import set_class
from ui.widgets.progress_line import ProgressLine
from ui.widgets.rows import button
from ui.widgets.side_by_side import SideBySide

FEWEST_STEPS, MOST_STEPS, STEPS = 1, 2_000, 100
CONTEXT = 3
"""Lines around a changed one."""
HIGHEST_CODE = 320
BEFORE = "Look at the question and the changed lines, then run both: they begin with the same numbers."
RUNNING = "Running both …"
RUN_TIP = "Run the healthy program and the faulty one from the same start (Ctrl+Return)"
LOOK_FIRST = "Run both first: the answer comes after the look"
ANSWER_TIP = "What happens, why, and what would be right"
_MARGIN = 16


class FaultsView(QWidget):
    """The faults at the left, the chosen one at the right.

    Attributes:
        list: the faults.
        code: the changed lines of both programs.
        outcome: what came of running them.
        run_button, cancel_button, answer_button, open_button, copy_button: what can be done.
        steps: how many of each program are made.

    Signals:
        fault_chosen(str): the user chose the fault of this name.
        moved(int): the user wants the next one (1) or the one before (-1).
        run_asked(int): run both for so many steps.
        cancel_asked(): end that.
        open_asked(): open the faulty program in the main window.
    """

    fault_chosen = Signal(str)
    moved = Signal(int)
    run_asked = Signal(int)
    cancel_asked = Signal()
    open_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Without faults at first."""
        super().__init__(parent)
        self.setObjectName("faults_view")
        self._shown: ShownFault | None = None
        self._answered: set[str] = set()
        self.list = FaultList()
        self.list.chosen.connect(self.fault_chosen)
        self._title, self._stage, self._question = _label("title"), _label("muted"), _label("")
        # Titles are short; a wrapped one would leave half of its line free.
        self._title.setWordWrap(False)
        self._question.setObjectName("faults_question")
        self.code = SideBySide()
        self.code.setObjectName("faults_code")
        self._note = _label("muted")
        self._note.setObjectName("faults_note")
        self._progress = ProgressLine("Progress of the run")
        self.outcome = OutcomeView()
        self._answer = FaultAnswer()
        self._make_buttons()
        self._make_keys()
        self._arrange()

    def set_faults(self, faults: Sequence[Fault]) -> None:
        """Lists these."""
        self.list.set_faults(faults)

    def show_fault(self, shown: ShownFault) -> None:
        """Shows a fault, or what has become known of the one that is shown."""
        before, self._shown = self._shown, shown
        fault = shown.fault
        if before is None or before.fault is not fault:
            self.list.choose(fault.name)
            self._title.setText(fault.title)
            self._stage.setText(stage_title(fault))
            self._question.setText(fault.question)
            self._scroll.verticalScrollBar().setValue(0)
        if before is None or (before.healthy, before.faulty) != (shown.healthy, shown.faulty):
            self.code.set_texts(shown.healthy, shown.faulty, (HEALTHY, FAULTY), CONTEXT)
        self._show_outcome(shown)
        self._show_buttons(shown)
        self._show_answer(shown)

    def show_progress(self, done: int, of: int) -> None:
        """Says that so much of the run is done."""
        self._progress.set_share(done / of if of else 0.0)

    def text(self) -> str:
        """What is shown of the chosen fault, as plain text."""
        labels = (self._title, self._stage, self._question, self._note, self._answer)
        said = [label.text() for label in labels if not label.isHidden()]
        outcome = [] if self.outcome.isHidden() else [self.outcome.text()]
        return "\n".join([*said, self.code.text(), *outcome])

    def _show_outcome(self, shown: ShownFault) -> None:
        run = None if shown.running else shown.run
        self.outcome.setVisible(run is not None)
        if run is not None:
            self.outcome.show_run(run, shown.fault.watch)
            self.code.mark(run.twins.first_line, run.twins.second_line)
        elif self.code.marked != (None, None):
            self.code.mark(None, None)
        self.code.setFixedHeight(min(self.code.sizeHint().height(), HIGHEST_CODE))
        note = RUNNING if shown.running else shown.problem or ("" if run is not None else BEFORE)
        self._note.setText(note)
        self._note.setVisible(bool(note))
        set_class(self._note, "error" if shown.problem and not shown.running else "muted")
        self._progress.setVisible(shown.running)

    def _show_buttons(self, shown: ShownFault) -> None:
        self.run_button.setEnabled(not shown.running)
        self.cancel_button.setVisible(shown.running)
        self.steps.setEnabled(not shown.running)
        self.answer_button.setEnabled(shown.looked)
        tip = ANSWER_TIP if shown.looked else LOOK_FIRST
        self.answer_button.setToolTip(tip)
        self.answer_button.setAccessibleDescription(tip)

    def _show_answer(self, shown: ShownFault) -> None:
        fault = shown.fault
        open_ = shown.looked and fault.name in self._answered
        self._answer.show_answer(fault if open_ else None)
        self.answer_button.setChecked(open_)

    def _toggle_answer(self) -> None:
        if self._shown is None:
            return
        name = self._shown.fault.name
        self._answered ^= {name}
        self._show_answer(self._shown)

    def _run(self) -> None:
        if self.run_button.isEnabled():
            self.run_asked.emit(self.steps.value())

    def _copy(self) -> None:
        if self._shown is not None:
            QGuiApplication.clipboard().setText(self._shown.faulty)

    # Making

    def _make_buttons(self) -> None:
        self.run_button = button("Run both", RUN_TIP, self._run)
        set_class(self.run_button, "button first")
        self.cancel_button = button(
            "Cancel", "End the run; what was there before stays", self.cancel_asked.emit
        )
        self.answer_button = button("Show the answer", ANSWER_TIP, self._toggle_answer)
        self.answer_button.setCheckable(True)
        self.open_button = button(
            "Open in the main window", "Train and walk through the faulty program", self.open_asked.emit
        )
        self.copy_button = button("Copy the program", "Copy the faulty program as text", self._copy)
        names = ("run", "cancel", "answer", "open", "copy")
        for name, each in zip(names, self._buttons(), strict=True):
            each.setObjectName(f"faults_{name}_button")
        self.steps = QSpinBox()
        self.steps.setObjectName("faults_steps")
        self.steps.setRange(FEWEST_STEPS, MOST_STEPS)
        self.steps.setValue(STEPS)
        self.steps.setSuffix(" steps")
        self.steps.setAccessibleName("Steps of each program")
        self.steps.setToolTip(f"Steps of each program, {FEWEST_STEPS} to {MOST_STEPS}")

    def _buttons(self) -> tuple[QToolButton, ...]:
        return self.run_button, self.cancel_button, self.answer_button, self.open_button, self.copy_button

    def _make_keys(self) -> None:
        for keys, act in (
            ("Ctrl+Return", self._run),
            ("Alt+Down", lambda: self.moved.emit(1)),
            ("Alt+Up", lambda: self.moved.emit(-1)),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(act)
        QShortcut(QKeySequence.StandardKey.Find, self).activated.connect(self.list.search.setFocus)

    def _arrange(self) -> None:
        doing = QHBoxLayout()
        doing.setSpacing(8)
        for each in (self.run_button, self.steps, self.cancel_button, self.answer_button):
            doing.addWidget(each)
        doing.addStretch(1)
        for each in (self.open_button, self.copy_button):
            doing.addWidget(each)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(_MARGIN, 12, _MARGIN, 12)
        column.setSpacing(8)
        heading = QHBoxLayout()
        heading.addWidget(self._title)
        heading.addWidget(self._stage, 1)
        column.addLayout(heading)
        column.addWidget(self._question)
        column.addWidget(self.code)
        column.addLayout(doing)
        for part in (self._note, self._progress, self.outcome, self._answer):
            column.addWidget(part)
        column.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(body)
        line = QFrame()
        line.setFrameShape(QFrame.Shape.VLine)
        set_class(line, "muted")
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.list)
        whole.addWidget(self._scroll, 1)
        for ground in (self, body):
            ground.setBackgroundRole(QPalette.ColorRole.Base)
            ground.setAutoFillBackground(True)


def _label(kind: str) -> QLabel:
    label = QLabel()
    set_class(label, kind)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label
