"""What the inspector has to show: the chosen node and the event at the cursor, looked up in the recording."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial

from PySide6.QtWidgets import QVBoxLayout, QWidget

from playground.graph.model import Graph, Node
from playground.recording.chain_rule import ChainRule, chain_rule
from playground.recording.events import Event, EventKind
from playground.recording.model import NodeRecord, ParameterRecord, Recording
from playground.recording.phase_names import PhaseNames, pass_name
from playground.recording.queries import concerned, parameter_behind, parameter_of
from ui.panels.inspector.parts import FlowText
from ui.style.phases import phase_color
from ui.style.theme import muted_tone

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
    """The line over everything: which event it is, or which node."""

    def __init__(self) -> None:
        """Empty at first."""
        super().__init__()
        self._named: tuple[Recording | None, PhaseNames] = (None, PhaseNames(None))
        self._phase = FlowText(muted_tone, bold=True)
        self._phase.setObjectName("inspector_phase")
        self._what = FlowText(muted_tone)
        self._what.setObjectName("inspector_operation")
        row = QVBoxLayout(self)
        row.setContentsMargins(12, 6, 12, 4)
        row.setSpacing(0)
        row.addWidget(self._phase)
        row.addWidget(self._what)

    def show_moment(self, moment: Moment) -> None:
        """Names the event of that moment, else its node."""
        event, node, record = moment.event, moment.node, moment.record
        if event is None or moment.recording is None:
            label = "" if record is None else record.label
            op = "" if node is None else node.op
            self._phase.set_tone(muted_tone)
            self._phase.set_text(f"{op} · {label}" if label and label != op else op)
            self._what.set_text("")
            self.setToolTip("")
            return
        self._phase.set_tone(partial(phase_color, phase=event.phase))
        name = self._phase_name(moment.recording, event)
        self._phase.set_text(f"▶ {name} · {event.op}{_where(event)}")
        inside = f"in {event.inside}" if event.inside else ""
        module = f"in module {event.module}" if event.module else ""
        self._what.set_text(" · ".join(filter(None, (module, inside))))
        self.setToolTip(event.documentation or explanation(event.op))

    def text(self) -> str:
        """The lines from the top."""
        return "\n".join(filter(None, (self._phase.text(), self._what.text())))

    def _phase_name(self, recording: Recording, event: Event) -> str:
        """`"backward 7 of 8"`: its place among the events of its phase."""
        if recording is not self._named[0]:
            self._named = recording, PhaseNames(recording)
        names = self._named[1]
        span = next(each for each in names.spans if event.number in each.events)
        name = names.of_event(event.number)
        number = event.backward_pass
        if number is not None and recording.passes[number].inside is not None:
            name = pass_name(recording, number)
        joint = "," if name != str(event.phase) else ""
        return f"{name}{joint} {event.number - span.events.start + 1} of {len(span.events)}"


def _where(event: Event) -> str:
    """What a node of autograd belongs to, and the line."""
    if event.origin is not None:
        of = f"from {event.label}, " if event.label and event.label != event.op else "made on "
        return f" · {of}line {event.origin}"
    if event.kind is EventKind.NODE and event.label:
        return f" · {event.label}"
    return "" if event.line is None else f" · line {event.line}"


_MOST_RULES = 500
_OWN_FUNCTION = "Backward"
"""End of the name of a node whose backward the program has written; PyTorch numbers its own."""


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
    def fed(self) -> ParameterRecord | None:
        """The parameter whose gradient leaves the event's node, or None."""
        if self.recording is None or self.event is None or self.event.kind is not EventKind.NODE:
            return None
        keys = {port.node for port in self.event.outputs if port.node is not None}
        return next((each for each in self.recording.parameters if each.node in keys), None)

    @property
    def checked(self) -> ParameterRecord | None:
        """The parameter along which the gradient can be checked: the node's own, or one behind it.

        A backward that the program itself has written is right if the gradients that came through it are.
        """
        if self.parameter is not None or self.recording is None or self.node is None:
            return self.parameter
        if not self.node.op.endswith(_OWN_FUNCTION):
            return None
        return parameter_behind(self.recording, self.node.key, self.cursor)

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
    if key in recording.nodes_at(cursor):
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
