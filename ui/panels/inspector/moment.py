"""What the inspector has to show: the chosen node and the event at the cursor, looked up in the recording."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QVBoxLayout, QWidget

from playground.graph.model import Graph, Node
from playground.recording.chain_rule import ChainRule, chain_rule
from playground.recording.events import Event
from playground.recording.model import NodeRecord, ParameterRecord, Recording
from playground.recording.phase_names import PhaseNames, pass_name
from playground.recording.queries import concerned, parameter_of
from ui.panels.inspector.parts import FlowText, reveal
from ui.style.phases import phase_color
from ui.style.sheet import set_class
from ui.style.theme import muted_tone
from ui.widgets.notice_text import WrappedText

BACKWARD = {
    "AccumulateGrad": "Adds the gradient that arrives to .grad of this parameter.",
    "AddBackward0": "Backward of a sum: hands the gradient on to both summands.",
    "AddmmBackward0": "Backward of bias + input @ weight: what a Linear layer computes.",
    "CloneBackward0": "Backward of a copy: hands the gradient on.",
    "DivBackward0": "Backward of a quotient.",
    "ExpBackward0": "Backward of the exponential function.",
    "MeanBackward0": "Backward of a mean: spreads the gradient evenly.",
    "MmBackward0": "Backward of a matrix product: each factor's gradient is a product with the other factor.",
    "MseLossBackward0": "Backward of the squared error between prediction and target.",
    "MulBackward0": "Backward of a product, element by element.",
    "NegBackward0": "Backward of a change of sign.",
    "ReluBackward0": "Backward of ReLU: lets the gradient through where the result was above 0.",
    "ClampBackward": "Backward of clamp: lets the gradient through where the input was inside the limits.",
    "ClampMinBackward": "Backward of clamp(min=…): lets the gradient through where the input was above it.",
    "PowBackward": "Backward of a power: multiplies by the exponent and the next lower power.",
    "SigmoidBackward0": "Backward of the sigmoid function.",
    "SubBackward0": "Backward of a difference: the second operand's gradient changes its sign.",
    "SumBackward": "Backward of a sum over elements: every element gets the same gradient.",
    "TBackward0": "Backward of a transpose: transposes the gradient.",
    "TanhBackward0": "Backward of tanh.",
    "ViewBackward0": "Backward of a view: the gradient in the old shape.",
    "MyReLUBackward": "Calls the backward() that this stage defines.",
}

FORWARD = {
    "MyReLU": "Calls the forward() that this stage defines.",
    "dot": "Matrix product.",
    "mm": "Matrix product.",
    "maximum": "The larger of two values, element by element.",
    "clamp": "Limits every element.",
    "square": "Every element times itself.",
    "pow": "Every element to a power.",
    "sum": "Sum of all elements.",
    "subtract": "Difference, element by element.",
    "sub": "Difference, element by element.",
    "sub_": "Subtracts in place: the tensor itself changes.",
    "multiply": "Product, element by element.",
    "mul": "Product, element by element.",
    "transpose": "Rows become columns; no data is copied.",
    "t": "Rows become columns; no data is copied.",
    "copy": "A copy with memory of its own.",
    "clone": "A copy with memory of its own.",
    "less": "True where the first is smaller.",
    "lt": "True where the first is smaller.",
    "setitem": "Writes into chosen elements, in place.",
}


def explanation(op: str) -> str:
    """A line on the operation of that name, "" for one that is not known here."""
    return BACKWARD.get(op) or FORWARD.get(op) or BACKWARD.get(re.sub(r"\d+$", "", op), "")


class InspectorTitle(QWidget):
    """Three texts that can be selected; they keep their height, so that what is below stays where it is."""

    def __init__(self) -> None:
        """Empty at first."""
        super().__init__()
        self._named: tuple[Recording | None, PhaseNames] = (None, PhaseNames(None))
        self._phase = FlowText(muted_tone, 0.88, bold=True)
        self.operation = _text("inspector_operation", "Operation of the chosen node", 1, 2)
        self._label = _text("inspector_label", "Its result in the words of the program", 1, 2)
        self._words = _text("inspector_words", "What the operation does", 2, 3)
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 1.15)
        font.setWeight(QFont.Weight.DemiBold)
        self.operation.setFont(font)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 6)
        column.setSpacing(2)
        for part in (self._phase, self.operation, self._label, self._words):
            column.addWidget(part)

    def show_moment(self, moment: Moment) -> None:
        """Names the event of that moment, else its node."""
        event, node, record = moment.event, moment.node, moment.record
        op = event.op if event is not None else node.op if node is not None else ""
        label = event.label if event is not None else record.label if record is not None else ""
        says = event.documentation if event is not None else ""
        if event is None or moment.recording is None:
            self._phase.set_text("")
        else:
            self._phase.set_text(f"{self._phase_name(moment.recording, event)} · {place(event.number)}")
            self._phase.set_tone(partial(phase_color, phase=event.phase))
        self.operation.set_text(op)
        reveal(self._label, moment.recording is not None)
        self._label.set_text(label)
        self._words.set_text(says or explanation(op))

    def _phase_name(self, recording: Recording, event: Event) -> str:
        if recording is not self._named[0]:
            self._named = recording, PhaseNames(recording)
        number = event.backward_pass
        if number is not None and recording.passes[number].inside is not None:
            return pass_name(recording, number)
        return self._named[1].of_event(event.number)

    def text(self) -> str:
        """The lines from the top."""
        shown = [part for part in (self.operation, self._label, self._words) if not part.isHidden()]
        lines = [self._phase.text(), *(part.toPlainText() for part in shown)]
        return "\n".join(filter(None, lines))


class _Text(WrappedText):
    """Remembers its heights: its layout asks a dozen times at every move of the cursor."""

    def __init__(self, fewest_lines: int, most_lines: int) -> None:
        super().__init__(fewest_lines, most_lines)
        self._heights: dict[int, int] = {}
        self._most = most_lines
        # A bar in a title of two lines would hide more than it shows; the tooltip has the whole text.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def set_html(self, html: str) -> None:
        self._heights.clear()
        super().set_html(html)
        self.setToolTip(self.toPlainText())

    def heightForWidth(self, width: int) -> int:
        if width not in self._heights:
            most = self._most * self.fontMetrics().lineSpacing()
            self._heights[width] = min(super().heightForWidth(width), most)
        return self._heights[width]

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.FontChange:
            self._heights.clear()
        super().changeEvent(event)


def _text(name: str, label: str, fewest_lines: int, most_lines: int) -> _Text:
    text = _Text(fewest_lines, most_lines)
    text.setObjectName(name)
    set_class(text, "words")
    text.setAccessibleName(label)
    return text


_MOST_RULES = 500


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """One place of the walk, as far as it concerns what was chosen.

    Attributes:
        graph: that is drawn, or None.
        recording: the step that is walked through, or None.
        key: of the chosen node, or None.
        cursor: number of the event at the cursor, or None.
        event: at the cursor, None if it has nothing to do with the chosen node.
        node: the chosen one, else the event's; None if the graph has none.
        record: what was recorded of that node.
        parameter: what was recorded of its parameter.
    """

    graph: Graph | None = None
    recording: Recording | None = None
    key: str | None = None
    cursor: int | None = None
    event: Event | None = None
    node: Node | None = None
    record: NodeRecord | None = None
    parameter: ParameterRecord | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return self.event is None and self.node is None and self.record is None


def moment_of(
    graph: Graph | None, key: str | None, recording: Recording | None, cursor: int | None
) -> Moment:
    """Looks everything up.

    Args:
        graph: that is drawn.
        key: of the chosen node, None if none is.
        recording: None if no step is walked through.
        cursor: number of an event of the recording.

    A node that the step lacks counts as none where there is an event: that is shown then.
    """
    event, here = None, None
    if recording is not None and cursor is not None and 0 <= cursor < len(recording.events):
        event, here = recording.events[cursor], cursor
        if key is not None and not _is_known(graph, recording, here, key):
            key = None
        if key is not None and key not in concerned(recording, event):
            event = None
    found = key if key is not None or event is None else event.node
    node = None if graph is None or found is None else graph.node(found)
    record = parameter = None
    if recording is not None and found is not None:
        # A key is looked up in the pass of the cursor: in another one it may be that of another node.
        record = recording.nodes_at(here).get(found)
        parameter = parameter_of(recording, found, here)
    return Moment(graph, recording, key, cursor, event, node, record, parameter)


def _is_known(graph: Graph | None, recording: Recording, cursor: int, key: str) -> bool:
    """Whether there is anything to say of a node in the pass of the cursor."""
    if key in recording.nodes_at(cursor) or parameter_of(recording, key, cursor) is not None:
        return True
    return graph is not None and graph.node(key) is not None


def place(number: int) -> str:
    """An event as it is counted everywhere in the window: from 1."""
    return f"event {number + 1}"


class ChainRules:
    """Chain rules of one recording, each worked out once."""

    def __init__(self) -> None:
        """Without a recording at first."""
        self._recording: Recording | None = None
        self._rules: dict[int, ChainRule | None] = {}

    def of(self, recording: Recording, number: int) -> ChainRule | None:
        """Of the event of that number, None if it is no node of autograd."""
        if recording is not self._recording or len(self._rules) > _MOST_RULES:
            self._recording, self._rules = recording, {}
        if number not in self._rules:
            self._rules[number] = chain_rule(recording, number)
        return self._rules[number]
