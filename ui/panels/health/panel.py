"""The panel: the table of parameters, the dead units, and one sentence of advice."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QToolButton, QVBoxLayout, QWidget

from playground.health import Advice, HealthSample, ParameterHealth, UnitHealth
from ui.panels.health.rows import HealthRows
from ui.style.sheet import set_class
from ui.style.theme import current_theme
from ui.widgets.number_text import show_whole

PURPOSE = "Does each parameter learn, and how far does one step move it?"
MOST_NUMBERS = 30
"""Numbers of dead units that a tooltip lists."""


class Bulb(QWidget):
    """Stands beside a piece of advice."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Painted in the theme's color of advice."""
        super().__init__(parent)
        self.setFixedSize(QSize(16, 18))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints the glass and its socket."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(current_theme().warning), 1.4))
        painter.drawEllipse(3, 2, 9, 9)
        painter.drawLine(6, 13, 9, 13)
        painter.drawLine(6, 15, 9, 15)
        painter.end()


class HealthPanel(QWidget):
    """Shows a look at one step.

    Signals:
        parameter_chosen(str): the user wants to see this parameter.
        advice_dismissed(str): the user does not want to hear advice of this kind again.
        advice_followed(object): the user wants to see what the Advice is drawn from.
    """

    parameter_chosen = Signal(str)
    advice_dismissed = Signal(str)
    advice_followed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Nothing has been looked at yet."""
        super().__init__(parent)
        self.setObjectName("health_panel")
        self._advice: Advice | None = None
        self._purpose = QLabel(PURPOSE)
        self._purpose.setWordWrap(True)
        set_class(self._purpose, "muted")
        self.rows = HealthRows()
        self.rows.parameter_chosen.connect(self.parameter_chosen)
        self._dead = QLabel()
        self._dead.setObjectName("health_dead")
        self._dead.setWordWrap(True)
        self._dead.setTextFormat(Qt.TextFormat.RichText)
        self._owned = QLabel()
        self._owned.setObjectName("health_owned")
        self._owned.setWordWrap(True)
        self._owned.setTextFormat(Qt.TextFormat.PlainText)
        set_class(self._owned, "muted")
        self._advice_row = QWidget()
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setObjectName("health_advice")
        self._text.setAccessibleName("Advice")
        self._show = self._button("health_show", "Show", "Go to what this is drawn from")
        self._show.clicked.connect(self._follow)
        self._dismiss = self._button("health_dismiss", "✕", "Do not say this again in this run")
        self._dismiss.clicked.connect(self._forget)
        self._arrange()
        self.show_sample(None)
        self.show_advice(None)

    def show_sample(self, sample: HealthSample | None) -> None:
        """Shows what was seen; None where nothing has been looked at."""
        self.rows.show_sample(sample)
        self.rows.setVisible(sample is not None)
        self._purpose.setVisible(sample is None or sample.step == 0)
        owned = "" if sample is None else owned_text(sample.parameters)
        if self._owned.text() != owned:
            self._owned.setText(owned)
        self._owned.setVisible(bool(owned))
        layers = () if sample is None else sample.layers
        # Of many uses of a layer the one that is worst off; the tooltip tells them all.
        worst = max(layers, key=lambda each: each.dead / max(1, each.units), default=None)
        text = "" if worst is None else f"dead units: {_dead_text(worst)}"
        if self._dead.text() != text:
            self._dead.setText(text)
        self._dead.setToolTip("\n".join(filter(None, map(_dead_tip, layers))))
        self._dead.setVisible(bool(text))

    def show_advice(self, advice: Advice | None) -> None:
        """Shows this advice, or none."""
        if advice == self._advice and self._advice_row.isVisible() == (advice is not None):
            return
        self._advice = advice
        self._text.setText("" if advice is None else advice.text)
        self._show.setVisible(advice is not None and bool(advice.parameter))
        self._advice_row.setVisible(advice is not None)

    @property
    def advice_text(self) -> str:
        """The sentence that is shown, "" if there is none."""
        return "" if self._advice is None else self._advice.text

    def _follow(self) -> None:
        if self._advice is not None:
            self.advice_followed.emit(self._advice)

    def _forget(self) -> None:
        if self._advice is not None:
            self.advice_dismissed.emit(self._advice.kind)

    def _button(self, name: str, text: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(name)
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        set_class(button, "flat" if text == "✕" else "flat link")
        return button

    def _arrange(self) -> None:
        advice = QHBoxLayout(self._advice_row)
        advice.setContentsMargins(0, 4, 0, 0)
        advice.setSpacing(4)
        advice.addWidget(Bulb(), 0, Qt.AlignmentFlag.AlignTop)
        advice.addWidget(self._text, 1)
        for button in (self._show, self._dismiss):
            advice.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        content = QWidget()
        content.setBackgroundRole(QPalette.ColorRole.Base)
        column = QVBoxLayout(content)
        column.setContentsMargins(12, 8, 10, 48)
        column.setSpacing(6)
        for each in (self._purpose, self.rows, self._dead, self._advice_row, self._owned):
            column.addWidget(each)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidget(content)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setBackgroundRole(QPalette.ColorRole.Base)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area)


def owned_text(parameters: Sequence[ParameterHealth]) -> str:
    """What is trained, with shapes and counts: `"Trained: w1 1000 × 100; 100 000 numbers in all."`."""
    if not parameters:
        return ""
    shapes = ", ".join(f"{each.name} {' × '.join(map(str, each.shape))}".strip() for each in parameters)
    count = sum(math.prod(each.shape) for each in parameters)
    return f"Trained: {shapes}; {show_whole(count)} numbers in all."


def _dead_text(layer: UnitHealth) -> str:
    where = ""
    if layer.dead and layer.label != "hidden layer":
        where = f" in {layer.label.removeprefix('hidden layer, ')}"
    return f"<b>{layer.dead} of {layer.units}</b>{where}"


def _dead_tip(layer: UnitHealth) -> str:
    if not layer.dead:
        return ""
    numbers = ", ".join(map(str, layer.listed[:MOST_NUMBERS]))
    more = " …" if layer.dead > MOST_NUMBERS else ""
    return f"Zero for every example of the batch, {layer.label}: units {numbers}{more}"
