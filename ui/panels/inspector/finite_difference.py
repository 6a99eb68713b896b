"""The section that measures a slope: a number of a parameter is nudged, and the loss answers."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QSizePolicy, QWidget

from playground.recording.finite_difference import EPSILON, GradientCheck
from playground.recording.model import ParameterRecord, Recording
from ui.panels.inspector.moment import Moment
from ui.panels.inspector.parts import FlowText, Part, Section, reveal
from ui.style.sheet import set_class
from ui.style.theme import error_tone, muted_tone
from ui.widgets.number_text import Bounds, parse_float, quote, show_float
from ui.widgets.tensor.indices import parse_index
from ui.widgets.tensor.text import number_text

EXPLANATION = "Nudges this number by ±ε and runs the forward pass again in float64."
MEASURING = "measuring …"
_EPSILONS = Bounds(0.0, float("inf"), above_minimum=True)


class GradientCheckSection(Section):
    """An element, an ε, a button, and the slope beside the gradient.

    Signals:
        asked(str, object, float): the user wants the slope along an element: the parameter's name, the
            element's index as a tuple, and ε.
    """

    asked = Signal(str, object, float)

    def __init__(self) -> None:
        """Hidden at first."""
        super().__init__("inspector_gradient_check", "Gradient check (finite differences)")
        self._recording: Recording | None = None
        self._parameter: ParameterRecord | None = None
        self._explanation = self.add_text(muted_tone)
        self._explanation.set_text(EXPLANATION)
        self._form = self.add(_Form())
        self._problem = self.add_text(error_tone)
        self._problem.setObjectName("gradient_check_problem")
        self._result = self.add(FlowText(fixed=True))
        self._result.setObjectName("gradient_check_result")
        self._losses = self.add_text(muted_tone)
        self._form.button.clicked.connect(self._ask)
        self._form.element.returnPressed.connect(self._ask)
        self._form.epsilon.returnPressed.connect(self._ask)

    def show_moment(self, moment: Moment) -> None:
        """Offers the parameter of that moment, or the one behind a backward that the program has written."""
        parameter = moment.checked
        self._explanation.set_text(_explanation(moment))
        reveal(self, parameter is not None)
        if parameter is None or parameter is self._parameter:
            return
        before, self._parameter, self._recording = self._parameter, parameter, moment.recording
        if before is None or (before.name, before.before.shape) != (parameter.name, parameter.before.shape):
            self.set_element(_steepest(parameter))
        self._form.set_name(parameter.name)
        self._say()

    def set_element(self, index: object) -> None:
        """Puts another element up for the next measurement, without a signal."""
        if isinstance(index, tuple):
            self._form.element.setText(str(list(index)))
            self._form.element.setCursorPosition(0)

    def show_gradient_check(self, check: GradientCheck | None, problem: str = "") -> None:
        """Shows an answer, or why there is none; an answer to what is no longer shown is dropped."""
        if check is None:
            self._say(problem=problem)
            return
        if self._parameter is None or self._recording is None:
            return
        if (check.parameter, check.step) == (self._parameter.name, self._recording.step):
            self._say("\n".join(_result_lines(check)), _losses_line(check))

    def _ask(self) -> None:
        if self._parameter is None:
            return
        try:
            index = parse_index(self._form.element.text(), self._parameter.before.shape)
            epsilon = parse_epsilon(self._form.epsilon.text())
        except ValueError as error:
            self._say(problem=str(error))
            return
        self._say(losses=MEASURING)
        self.asked.emit(self._parameter.name, index, epsilon)

    def _say(self, result: str = "", losses: str = "", problem: str = "") -> None:
        self._result.set_text(result)
        self._losses.set_text(losses)
        self._problem.set_text(problem)


def _explanation(moment: Moment) -> str:
    parameter = moment.checked
    if parameter is None or moment.parameter is not None or moment.node is None:
        return EXPLANATION
    own = moment.node.op.removesuffix("Backward")
    return (
        f"Is {own}.backward right? The gradient of {parameter.name} came through it: "
        f"nudges a number of {parameter.name} by ±ε and runs the forward pass again in float64."
    )


class _Form(Part):
    """The row with the two fields and the button."""

    def __init__(self) -> None:
        super().__init__()
        self.element = _field("gradient_check_element", "Element to nudge", "Its index, such as [3, 17]")
        self.epsilon = _field("gradient_check_epsilon", "ε", f"By how much: {_EPSILONS.describe()}")
        self.epsilon.setText(show_float(EPSILON))
        self.button = QPushButton("check")
        self.button.setObjectName("gradient_check_button")
        set_class(self.button, "button small wide")
        self.button.setAutoDefault(False)
        self.button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._labels = QLabel("element"), QLabel("ε")
        for label in self._labels:
            set_class(label, "muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        parts: tuple[tuple[QWidget, int], ...] = (
            (self._labels[0], 0),
            (self.element, 3),
            (self._labels[1], 0),
            (self.epsilon, 2),
            (self.button, 0),
        )
        for part, stretch in parts:
            row.addWidget(part, stretch)
        self._labels[0].setBuddy(self.element)
        self._labels[1].setBuddy(self.epsilon)

    def set_name(self, name: str) -> None:
        self.button.setToolTip(f"Measure the slope of the loss along this element of {name}")
        self.button.setAccessibleName(f"Check the gradient at an element of {name}")

    def text(self) -> str:
        return f"element {self.element.text()}  ε {self.epsilon.text()}"


def parse_epsilon(text: str) -> float:
    """The ε that a text names.

    Raises:
        ValueError: it is none; the message says what is allowed.
    """
    value = parse_float(text)
    if value is None or not _EPSILONS.hold(value):
        raise ValueError(f"ε: {quote(text)} is not {_EPSILONS.describe()}")
    return value


def _field(name: str, label: str, hint: str) -> QLineEdit:
    field = QLineEdit()
    field.setObjectName(name)
    set_class(field, "field")
    field.setAccessibleName(label)
    field.setAccessibleDescription(hint)
    field.setToolTip(hint)
    field.setMinimumWidth(48)
    return field


def _steepest(parameter: ParameterRecord) -> tuple[int, ...]:
    """The element with the largest gradient: there a slope can be seen."""
    values = None if parameter.gradient is None else parameter.gradient.values
    if values is None or not values.size:
        return (0,) * len(parameter.before.shape)
    return tuple(int(each) for each in np.unravel_index(int(np.argmax(np.abs(values))), values.shape))


def _result_lines(check: GradientCheck) -> list[str]:
    lines = [f"numerical gradient  {_number(check.slope)}"]
    if check.gradient is None or check.difference is None:
        return [*lines, "autograd gradient   none"]
    return [
        *lines,
        f"autograd gradient   {_number(check.gradient)}",
        f"difference          {check.difference:.2g} (relative)",
    ]


def _number(value: float) -> str:
    """More digits than elsewhere: it is in the last of them that the two part."""
    return f"{value:.9g}"


def _losses_line(check: GradientCheck) -> str:
    value, epsilon = number_text(check.value), show_float(check.epsilon)
    where = f"{check.parameter}{list(check.index) or ''}"
    return (
        f"{where} = {value}: loss {check.lower:.12g} with ε = −{epsilon}, "
        f"{check.upper:.12g} with ε = +{epsilon}"
    )
