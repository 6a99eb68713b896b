"""The panel that shows what a step of each stage costs: its time, in three parts, and its memory.

It only shows: what it asks for is measured elsewhere, and handed to its setters.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from playground.stages import STAGES, Stage
from ui.panels.costs.chart import CostsChart
from ui.panels.costs.text import EMPTY, NONE_CHOSEN, NOTE, introduction, line, progress_text, table, unit_for
from ui.style.sheet import set_class
from ui.widgets.notice_text import WrappedText
from ui.widgets.progress_line import ProgressLine

if TYPE_CHECKING:
    from playground.comparing.costs import StageCost


_SPACING = 4
_QT_LARGEST = 16_777_215


class StageChoice(QWidget):
    """A button a stage, all of them pressed to begin with.

    Attributes:
        buttons: by the stages' names, in their order.

    Signals:
        changed(): the user chose another set of stages.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """All stages are pressed."""
        super().__init__(parent)
        self.setAccessibleName("Stages to measure")
        self.buttons = {stage.name: self._make_button(stage) for stage in STAGES}
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    @property
    def chosen(self) -> tuple[str, ...]:
        """Names of the chosen stages, in the order of the ladder."""
        return tuple(name for name, button in self.buttons.items() if button.isChecked())

    def set_chosen(self, names: Collection[str]) -> None:
        """Chooses these stages, without a signal."""
        for name, button in self.buttons.items():
            with QSignalBlocker(button):
                button.setChecked(name in names)

    def hasHeightForWidth(self) -> bool:
        """The buttons break into lines."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Height in pixels of as many lines as this width asks for."""
        rows = -(-len(self.buttons) // len(self._widths(width)))
        return rows * (self._height() + _SPACING) - _SPACING

    def sizeHint(self) -> QSize:
        """All buttons side by side."""
        return QSize(_length(self._widths(_QT_LARGEST)), self._height())

    def minimumSizeHint(self) -> QSize:
        """Two lines."""
        return QSize(_length(self._widths(0)), self.heightForWidth(0))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Places the buttons in the new room."""
        super().resizeEvent(event)
        self._place()

    def _make_button(self, stage: Stage) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(f"costs_stage_{stage.name}")
        set_class(button, "chip")
        button.setText(stage.title)
        button.setCheckable(True)
        button.setChecked(True)
        button.setToolTip(stage.adds)
        button.setAccessibleName(stage.title)
        button.setAccessibleDescription(stage.adds)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.toggled.connect(lambda _on: self.changed.emit())
        return button

    def _height(self) -> int:
        return max(button.sizeHint().height() for button in self.buttons.values())

    def _widths(self, room: int) -> list[int]:
        """Widths in pixels of the columns, as many as there is room for, but not fewer than in two lines."""
        hints = [button.sizeHint().width() for button in self.buttons.values()]
        if _length(hints) <= room:
            return hints
        half = -(-len(hints) // 2)
        return [max(hints[column::half]) for column in range(half)]

    def _place(self) -> None:
        widths, height = self._widths(self.width()), self._height()
        for number, button in enumerate(self.buttons.values()):
            row, column = divmod(number, len(widths))
            left = sum(width + _SPACING for width in widths[:column])
            button.setGeometry(QRect(left, row * (height + _SPACING), widths[column], height))


def _length(widths: Sequence[int]) -> int:
    return sum(widths) + _SPACING * (len(widths) - 1)


MEASURE_TIP = "Run the chosen stages and time their steps"
BUSY_TIP = "A measurement is under way"
CANCEL_TIP = "End the measurement; what was measured before stays"

_MARGIN = 12
_PROBLEM_LINES = 8


class CostsView(QWidget):
    """Which stages to measure, and what came of it.

    Attributes:
        choice: the stages.
        measure_button, copy_button: what can be done.
        cancel_button: ends a measurement that is under way.
        chart: the costs.

    Signals:
        measure_asked(object): measure the stages of these names, a tuple in the ladder's order, at
            least one.
        cancel_asked(): end the measurement.
    """

    measure_asked = Signal(object)
    cancel_asked = Signal()

    def __init__(self, parent: QWidget | None = None, *, turns: int = 20, steps: int = 10) -> None:
        """Starts without costs.

        Args:
            parent: the widget that owns it.
            turns: how often each stage will have its turn, for the words.
            steps: timed steps in a turn, likewise.
        """
        super().__init__(parent)
        self.setObjectName("costs_view")
        self.setAccessibleName("What a step of each stage costs")
        self._turns, self._steps = turns, steps
        self._costs: tuple[StageCost, ...] = ()
        self._measuring = False
        self._introduction = self._label("costs_introduction", "")
        self._conditions = self._label("costs_conditions", "muted")
        self.choice = StageChoice()
        self.measure_button = self._button("Measure", "costs_measure_button")
        set_class(self.measure_button, "button small wide first")
        self.copy_button = self._button("Copy", "costs_copy_button")
        self.cancel_button = self._button("Cancel", "costs_cancel_button")
        self.cancel_button.setToolTip(CANCEL_TIP)
        self.cancel_button.setAccessibleDescription(CANCEL_TIP)
        self.chart = CostsChart()
        self._note = self._label("costs_note", "muted", NOTE)
        self._message = self._label("costs_message", "muted", EMPTY)
        self._progress = ProgressLine("Progress of the measurement")
        self._problem = WrappedText(1, _PROBLEM_LINES)
        self._pages = QStackedWidget()
        self._arrange()
        self.choice.changed.connect(self._show_buttons)
        self.measure_button.clicked.connect(self._ask)
        self.copy_button.clicked.connect(self._copy)
        self.cancel_button.clicked.connect(self.cancel_asked)
        self.show_costs(())

    # What the window sets

    @property
    def chosen(self) -> tuple[str, ...]:
        """Names of the chosen stages, in the ladder's order."""
        return self.choice.chosen

    def set_chosen(self, names: Collection[str]) -> None:
        """Chooses these stages, without a signal."""
        self.choice.set_chosen(names)
        self._show_buttons()

    def set_conditions(self, text: str) -> None:
        """Says with which settings is measured: `"64 × 1000 × 100 × 10, cpu, 2 threads"`."""
        self._conditions.setText(text)
        self._conditions.setVisible(bool(text))

    def show_progress(self, done: int, of: int) -> None:
        """Says that so many turns are done; from now on until a result or a problem comes it is busy."""
        self._message.setText(progress_text(done, of))
        self._progress.set_share(done / of if of > 0 else 0.0)
        if not self._measuring:
            self._show_page(self._waiting, measuring=True)

    def show_costs(self, costs: Sequence[StageCost]) -> None:
        """Shows what came of the measurement; none is the empty state."""
        self._costs = tuple(costs)
        if costs:
            self.chart.show_costs(costs)
            self._show_page(self._result)
        else:
            self._show_page(self._waiting)

    def show_problem(self, text: str) -> None:
        """Says why there are no costs."""
        self._costs = ()
        self._problem_text = text
        self._problem.set_html(f'<p align="center">{escape(text.strip())}</p>')
        self._show_page(self._trouble)

    def text(self) -> str:
        """What is shown: how it was measured, with what, and a stage a line or a message."""
        start = [self._introduction.text(), self._conditions.text()]
        return "\n".join(filter(None, [*start, *self._lines()]))

    # What the user does

    def _ask(self) -> None:
        self.measure_asked.emit(self.chosen)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(table(self._costs))

    # What follows

    def _lines(self) -> list[str]:
        page = self._pages.currentWidget()
        if page is self._trouble:
            return [self._problem_text]
        if page is self._waiting:
            return [self._message.text()]
        unit, fastest = unit_for(self._costs), min(cost.total for cost in self._costs)
        return [*(line(cost, unit, fastest) for cost in self._costs), self._note.text()]

    def _show_page(self, page: QWidget, *, measuring: bool = False) -> None:
        self._measuring = measuring
        was_cancelled = self.cancel_button.hasFocus()
        self._progress.setVisible(measuring)
        self.cancel_button.setVisible(measuring)
        self._pages.setCurrentWidget(page)
        measured = page is self._result
        self._introduction.setText(introduction(self._turns, self._steps, measured))
        self._show_buttons()
        if was_cancelled:
            self.measure_button.setFocus()

    def _show_buttons(self) -> None:
        button, possible = self.measure_button, bool(self.chosen) and not self._measuring
        if not self._measuring:
            self._message.setText(EMPTY if self.chosen else NONE_CHOSEN)
        if self._measuring and self.window().focusWidget() is button:
            # Else the keys would go on to a stage's button, which the next press would turn off.
            self.setFocus()
        button.setEnabled(possible)
        if possible and self.window().focusWidget() is self:
            button.setFocus()
        tip = BUSY_TIP if self._measuring else MEASURE_TIP if self.chosen else NONE_CHOSEN
        button.setToolTip(tip)
        button.setAccessibleDescription(tip)
        self.copy_button.setEnabled(self._pages.currentWidget() is self._result)

    # Making

    def _label(self, name: str, kind: str, text: str = "") -> QLabel:
        label = QLabel(text)
        label.setObjectName(name)
        set_class(label, kind)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        return label

    def _button(self, text: str, name: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(name)
        set_class(button, "button small wide")
        button.setText(text)
        button.setAccessibleName(text)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return button

    def _arrange(self) -> None:
        self.copy_button.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        keys = self.copy_button.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        tip = f"Copy the figures as a table, for a spreadsheet ({keys})"
        self.copy_button.setToolTip(tip)
        self.copy_button.setAccessibleDescription(tip)
        top = Qt.AlignmentFlag.AlignTop
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.choice, 1, top)
        row.addWidget(self.measure_button, 0, top)
        row.addWidget(self.copy_button, 0, top)
        self._make_pages()
        column = QVBoxLayout(self)
        column.setContentsMargins(_MARGIN, 10, _MARGIN, 10)
        column.setSpacing(8)
        column.addWidget(self._introduction)
        column.addLayout(row)
        column.addWidget(self._pages, 1)
        column.addWidget(self._conditions)
        self._conditions.hide()
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)

    def _make_pages(self) -> None:
        self._problem_text = ""
        self._problem.setObjectName("costs_problem")
        set_class(self._problem, "words error")
        self._problem.setAccessibleName("Why there are no costs")
        self._message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._result, self._waiting, self._trouble = QWidget(), QWidget(), QWidget()
        result = QVBoxLayout(self._result)
        result.addWidget(self.chart, 1)
        result.addWidget(self._note)
        waiting = QVBoxLayout(self._waiting)
        waiting.addStretch(1)
        waiting.addWidget(self._message)
        waiting.addWidget(self._progress, 0, Qt.AlignmentFlag.AlignHCenter)
        waiting.addWidget(self.cancel_button, 0, Qt.AlignmentFlag.AlignHCenter)
        waiting.addStretch(1)
        trouble = QVBoxLayout(self._trouble)
        trouble.addStretch(1)
        trouble.addWidget(self._problem)
        trouble.addStretch(1)
        for layout, page in ((result, self._result), (waiting, self._waiting), (trouble, self._trouble)):
            layout.setContentsMargins(0, 0, 0, 0)
            layout.setSpacing(6)
            self._pages.addWidget(page)
