"""The small window that asks what a run shall go on to."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from playground.halting import Halt, HaltKind
from playground.setting_specs import LARGEST_DEPTH, LARGEST_STEPS
from ui.style.sheet import set_class
from ui.widgets.number_text import parse_float, parse_whole, quote


@dataclass(frozen=True, slots=True)
class _Choice:
    """A place to run to.

    Attributes:
        text: what the list says.
        start: what the field holds at first; "" for a place that needs no number.
        called: what a refusal calls the number.
        most: the largest whole number; 0 where any finite number is allowed.
        tip: more about it.
    """

    text: str
    start: str = ""
    called: str = ""
    most: int = 0
    tip: str = ""


CHOICES = {
    HaltKind.STEP: _Choice("step", "100", "Step", LARGEST_STEPS, "Steps are counted from 0."),
    HaltKind.LOSS_BELOW: _Choice("a loss below", "1", "Loss"),
    HaltKind.VARIANT: _Choice(
        "the next new graph variant", tip="The first step that builds a graph like none before it."
    ),
    HaltKind.DEPTH: _Choice("depth", "3", "Depth", LARGEST_DEPTH, "The middle layer used so many times."),
    HaltKind.NOT_FINITE: _Choice("the first NaN or infinity", tip="The first loss that is not finite."),
    HaltKind.GRADIENT_ABOVE: _Choice(
        "a gradient norm above", "1e4", "Gradient norm", tip="Each step is recorded to know, which is slower."
    ),
}


class RunToWindow(QFrame):
    """Asks for a place to run to, and goes when something else is clicked or Escape is pressed.

    Signals:
        chosen(object): the Halt that the user wants.
        refused(str): one line on a number that is not allowed.
    """

    chosen = Signal(object)
    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Hidden at first."""
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("run_to_window")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.kinds = QComboBox()
        self.kinds.setObjectName("run_to_kind")
        self.kinds.setAccessibleName("Run to")
        for kind, choice in CHOICES.items():
            self.kinds.addItem(choice.text, kind)
        self.number = QLineEdit()
        self.number.setObjectName("run_to_number")
        set_class(self.number, "field")
        self.number.setFixedWidth(90)
        self._go = QToolButton()
        self._go.setObjectName("run_to_go")
        self._go.setText("Run")
        set_class(self._go, "button")
        self._tip = QLabel()
        self._tip.setWordWrap(True)
        set_class(self._tip, "muted")
        self._arrange()
        self.kinds.currentIndexChanged.connect(self._show_kind)
        self._go.clicked.connect(self._choose)
        self.number.returnPressed.connect(self._choose)
        self._show_kind()

    def open_below(self, widget: QWidget) -> None:
        """Shows itself below a widget, with the keyboard's focus."""
        self.adjustSize()
        self.move(widget.mapToGlobal(QPoint(0, widget.height() + 2)))
        self.show()
        self.kinds.setFocus()

    @property
    def _kind(self) -> HaltKind:
        return HaltKind(self.kinds.currentData())

    def _show_kind(self) -> None:
        choice = CHOICES[self._kind]
        self.number.setVisible(bool(choice.start))
        self.number.setAccessibleName(choice.called)
        self.number.setText(choice.start)
        self._tip.setText(choice.tip or "The run stands still there, the step recorded.")

    def _choose(self) -> None:
        kind, choice = self._kind, CHOICES[self._kind]
        typed = self.number.text() if choice.start else "0"
        value = _number(typed, choice.most)
        if value is None:
            allowed = f"a whole number from 0 to {choice.most}" if choice.most else "a finite number"
            self.refused.emit(f"{choice.called} must be {allowed}, not {quote(typed)}.")
            return
        self.hide()
        self.chosen.emit(Halt(kind, value))

    def _arrange(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(QLabel("Run to"))
        row.addWidget(self.kinds)
        row.addWidget(self.number)
        row.addWidget(self._go)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.addLayout(row)
        column.addWidget(self._tip)


def _number(typed: str, most: int) -> float | None:
    """The number that was typed, None if it is not allowed; of `most` 0 it may be any."""
    if not most:
        return parse_float(typed)
    whole = parse_whole(typed)
    return whole if whole is not None and 0 <= whole <= most else None
