"""What came of running a fault beside its twin: the message, where they part, the losses, a measure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ui.style.sheet import set_class
from ui.style.theme import Theme
from ui.widgets.parted_tensors import PartedTensors
from ui.widgets.two_curves import Curve, TwoCurves

if TYPE_CHECKING:
    from playground.comparing.program_run import Outcome
    from playground.faults.facts import Fact
    from playground.faults.lab import LabRun

HEALTHY, FAULTY = "healthy", "faulty"


class OutcomeView(QWidget):
    """Everything below the code, once both have run.

    Attributes:
        losses: of both.
        measure: what else shows the fault, a number a step.
        parting: the first tensor that differs.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        """Without an outcome at first."""
        super().__init__(parent)
        self._message = _label("faults_message", "error")
        self._message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._watch = _label("faults_watch", "")
        self._fact = _label("faults_fact", "")
        self.losses, self.measure = TwoCurves(), TwoCurves()
        self.losses.setObjectName("faults_losses")
        self.measure.setObjectName("faults_measure")
        self.parting = PartedTensors()
        self.parting.setObjectName("faults_parting")
        plots = QHBoxLayout()
        plots.setSpacing(16)
        plots.addWidget(self.losses, 1)
        plots.addWidget(self.measure, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for part in (self._message, self.parting, self._fact):
            column.addWidget(part)
        column.addLayout(plots)
        column.addWidget(self._watch)

    def show_run(self, run: LabRun, watch: str) -> None:
        """Shows another outcome.

        Args:
            run: of both programs.
            watch: what to watch in it.
        """
        twins = run.twins
        message = "\n".join(_messages(twins.second.outcome, twins.second.text))
        self._message.setText(message)
        self._message.setVisible(bool(message))
        sentence = twins.in_words().replace(twins.second.name, "the faulty program")
        sentence = sentence.replace(twins.first.name, "the healthy program")
        self.parting.show_parting(_first_line(sentence), twins.values(), (HEALTHY, FAULTY))
        curves = (
            Curve(FAULTY, twins.second.outcome.losses, _loss_tone),
            Curve(HEALTHY, twins.first.outcome.losses, _second_tone, dashed=True),
        )
        self.losses.set_curves("loss", curves, twins.losses_part)
        self._show_fact(run.fact)
        self._watch.setText(f"Watch: {watch}")

    def text(self) -> str:
        """All that is shown, as plain text."""
        parts = (self._message, self.parting, self._fact, self.losses, self.measure, self._watch)
        return "\n".join(part.text() for part in parts if not part.isHidden())

    def _show_fact(self, fact: Fact | None) -> None:
        series = fact is not None and bool(fact.faulty)
        self.measure.setVisible(series)
        self._fact.setVisible(fact is not None and bool(fact.words))
        if fact is None:
            return
        self._fact.setText(f"{fact.title[:1].upper()}{fact.title[1:]}: {fact.words}")
        if series:
            curves = (
                Curve(FAULTY, fact.faulty, _loss_tone),
                Curve(HEALTHY, fact.healthy, _second_tone, dashed=True),
            )
            self.measure.set_curves(fact.title, curves)


def _messages(outcome: Outcome, text: str) -> Iterator[str]:
    """PyTorch's own words, each with the line that they are about."""
    lines = text.splitlines()
    for message, number in (
        *((each.message, each.line) for each in outcome.warned),
        (outcome.error, outcome.line),
    ):
        if message:
            if number is not None:
                yield f"Line {number}:  {lines[number - 1].strip()}"
            yield message


def _first_line(text: str) -> str:
    return text.partition("\n")[0]


def _label(name: str, kind: str) -> QLabel:
    label = QLabel()
    label.setObjectName(name)
    set_class(label, kind)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label


def _loss_tone(theme: Theme) -> str:
    return theme.plot[0]


def _second_tone(theme: Theme) -> str:
    return theme.plot[1]
