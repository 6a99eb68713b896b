"""A tensor of a recorded step as a short program that computes it anew and asserts what it is."""

from __future__ import annotations

import ast
import math
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from playground.graph.model import Graph, GraphKind, Node
from playground.programs.parse import parse
from playground.programs.slots import Places, replaced
from playground.programs.stage_text import text_of
from playground.recording.events import Event, EventKind
from playground.recording.model import Recording
from playground.recording.snapshot import Snapshot
from playground.runs.changes import Change
from playground.settings import Settings, quoted
from playground.workspace.runs import NotThereError
from playground.workspace.scripts import Edit, beginning, edits_for

WHATS = ("value", "gradient")
_ROOM = "    "
_TOLERANCE = "1e-4"
_KEEP = """
def keep(result):
    kept.append({copy})
    return result

"""
_HOOK = """
def keep_output(module, inputs, output):
    kept.append(output.detach().clone())


model.get_submodule("{module}").register_forward_hook(keep_output)
"""


@dataclass(frozen=True, slots=True)
class _Way:
    """How the program comes to the tensor.

    Attributes:
        edits: of the stage's text.
        result: the expression that it is, after the loop.
    """

    edits: list[Edit]
    result: str


def number_program(
    recording: Recording, name: str, what: str, settings: Settings, changes: Sequence[Change] = ()
) -> str:
    """A seeded program that makes the steps up to the recorded one, and asserts one of its tensors.

    It needs only torch or NumPy, and asserts shape, norm and the element that is farthest from 0: a
    ten-thousandth of each may differ on another machine.

    Args:
        recording: a step of a stage, as it comes with the tutorial or with other settings.
        name: key of a node of the step's (first) graph, or a parameter's name.
        what: `"value"`: the forward result, of a parameter before the update; or `"gradient"`.
        settings: the run's, the latest in force.
        changes: what was changed in mid-run, in order.

    Raises:
        NotThereError: the step has no such tensor, or no program can be written for it.
    """
    if settings.own is not None or recording.stage is None:
        raise NotThereError("such a program is written for the stages, not for a program of one's own")
    known = [each for each in changes if each.step <= recording.step]
    start = beginning(settings, changes).model_copy(update={"steps": recording.step + 1})
    text = text_of(start)
    writer = _Writer(recording, text, settings.stage == "numpy")
    snapshot = writer.wanted(name, what)
    way = writer.way(name, what, snapshot)
    edits = [*edits_for(text, settings, known), *writer.without_prints(), *way.edits]
    body = replaced(text, _merged(edits)).rstrip("\n").partition("\n")[2].lstrip("\n")
    # In the order and with the gaps that a formatter would give them.
    gap = "" if body.startswith("import random") else "\n"
    called = f"The {what} of {_called(recording, name)}, in step {recording.step} of {recording.stage}"
    asserts = _asserts(snapshot, way.result, settings.stage == "numpy")
    return f"{_docstring(called)}\n\nimport math\n{gap}{body}\n\n{asserts}"


def _called(recording: Recording, name: str) -> str:
    """A parameter's name; of a node its forward result in the program's words, and what it is."""
    record = recording.nodes.get(name)
    node = recording.graph.node(name)
    if record is None or node is None or recording.parameter(name) is not None:
        return name
    return f"{record.label} ({node.op})"


def _docstring(text: str) -> str:
    return '"""{}."""'.format(text.replace("\\", "\\\\").replace('"', "'"))


def _merged(edits: Sequence[Edit]) -> list[Edit]:
    """Edits with those that insert at one place made one, in their order."""
    insertions: dict[int, str] = {}
    others = []
    for start, end, new in edits:
        if start == end:
            insertions[start] = insertions.get(start, "") + new
        else:
            others.append((start, end, new))
    return others + [(place, place, new) for place, new in insertions.items()]


class _Writer:
    """Knows where things stand in the stage's text."""

    def __init__(self, recording: Recording, text: str, by_numpy: bool) -> None:
        self._recording, self._text, self._by_numpy = recording, text, by_numpy
        self._tree, self._places = parse(text, "stage"), Places(text)
        self._loop = next(
            each for each in self._tree.body if isinstance(each, ast.For) and ast.unparse(each.target) == "t"
        )
        self._has_model = any(ast.unparse(each).startswith("model = ") for each in self._tree.body)

    def wanted(self, name: str, what: str) -> Snapshot:
        """The tensor that is asked for."""
        if what not in WHATS:
            raise NotThereError(f"{quoted(what)} is not allowed; allowed: {', '.join(WHATS)}")
        parameter, record = self._recording.parameter(name), self._recording.nodes.get(name)
        found = None
        if parameter is not None:
            found = parameter.before if what == "value" else parameter.gradient
        elif record is not None:
            found = record.value if what == "value" else record.gradient
        if found is None:
            raise NotThereError(f"step {self._recording.step} has no {what} of {quoted(name)}")
        return found

    def way(self, name: str, what: str, snapshot: Snapshot) -> _Way:
        """How the program comes to it."""
        is_parameter = self._recording.parameter(name) is not None
        if self._recording.graph.kind is GraphKind.TRACE:
            made = None if is_parameter and what == "value" else self._maker(snapshot)
            return self._before_update(name) if made is None else self._of_event(made)
        if is_parameter:
            return (
                self._before_update(self._variable(name)) if what == "value" else self._after_backward(name)
            )
        if what == "gradient":
            return self._by_hook(name)
        record = self._recording.nodes[name]
        owner = record.label.removesuffix("ᵀ")
        if owner != record.label and self._recording.parameter(owner) is not None:
            return self._before_update(f"{self._variable(owner)}.T")
        if record.made_by is None:
            raise NotThereError(f"no program can be written for the value of {quoted(name)}")
        return self._of_event(self._recording.events[record.made_by])

    def without_prints(self) -> Iterator[Edit]:
        """Takes out what the loop prints."""
        for each in self._loop.body:
            if isinstance(each, ast.Expr) and ast.unparse(each).startswith("print("):
                yield self._places.line(each.lineno), self._places.line((each.end_lineno or 0) + 1), ""

    def _copy(self, expression: str) -> str:
        return f"np.array({expression})" if self._by_numpy else f"{expression}.detach().clone()"

    def _variable(self, parameter: str) -> str:
        return f'model.get_parameter("{parameter}")' if self._has_model else parameter

    def _before_update(self, expression: str) -> _Way:
        """What is there when the loss is known: the step's data is chosen, and no parameter changed yet."""
        loss = next(each for each in self._loop.body if ast.unparse(each).startswith("loss = "))
        place = self._places.line((loss.end_lineno or 0) + 1)
        return _Way([(place, place, f"{_ROOM}value = {self._copy(expression)}\n")], "value")

    def _after_backward(self, parameter: str) -> _Way:
        line = self._backward_line() + 1
        place = self._places.line(line)
        new = f"{_ROOM}value = {self._copy(f'{self._variable(parameter)}.grad')}\n"
        return _Way([(place, place, new)], "value")

    def _by_hook(self, name: str) -> _Way:
        """Walks the graph to the node, which then tells what gradient arrives."""
        graph = self._recording.graph
        lines = [f"{_ROOM}kept = []\n", f"{_ROOM}node = loss.grad_fn\n"]
        for index, node in _path(graph, name):
            lines.append(f"{_ROOM}node = node.next_functions[{index}][0]  # {node.op}\n")
        taking = "lambda grad_outputs: kept.append(grad_outputs[0].clone())"
        lines.append(f"{_ROOM}node.register_prehook({taking})\n")
        place = self._places.line(self._backward_line())
        return _Way([(place, place, "".join(lines))], "kept[0]")

    def _of_event(self, event: Event) -> _Way:
        """The result of an operation: what its expression gives, kept each time it is computed."""
        before, top = self._places.line(self._loop.lineno), self._places.line(self._loop.lineno + 1)
        fresh = (top, top, f"{_ROOM}kept = []\n")
        inner = event.module is not None and event.label.endswith(f" in {event.module}")
        if inner:
            calls = [each for each in self._recording.events if self._is_inner(each, event.module)]
            hook = (before, before, f"kept = []\n{_HOOK.format(module=event.module)}\n\n")
            return _Way([hook, fresh], f"kept[{calls.index(event)}]")
        if event.span is None:
            raise NotThereError(f"no program can be written for the result of {quoted(event.op)}")
        start = self._place(event.span.line, event.span.column)
        end = self._place(event.span.end_line, event.span.end_column)
        alike = [
            each for each in self._recording.events if each.span == event.span and each.kind is event.kind
        ]
        number = [each for each in alike if not self._is_inner(each, each.module)].index(event)
        if not self._gives(start, end):
            return self._after_statement(event, fresh, number)
        first = self._first_line()
        keep = (first, first, _KEEP.format(copy=self._copy("result")).lstrip("\n") + "\n")
        wrapped = (start, end, f"keep({self._text[start:end]})")
        return _Way([keep, fresh, wrapped], f"kept[{number}]")

    def _gives(self, start: int, end: int) -> bool:
        """Whether an expression stands there that gives a value, and not a statement or its target."""
        return any(
            isinstance(node, ast.expr)
            and not isinstance(getattr(node, "ctx", None), ast.Store)
            and self._places.span(node) == (start, end)
            for node in ast.walk(self._tree)
        )

    def _after_statement(self, event: Event, fresh: Edit, number: int) -> _Way:
        assert event.span is not None, "the caller has looked"
        place = self._places.line(event.span.end_line + 1)
        room = " " * event.span.column
        return _Way(
            [fresh, (place, place, f"{room}kept.append({self._copy(event.label)})\n")], f"kept[{number}]"
        )

    def _is_inner(self, event: Event, module: str | None) -> bool:
        return (
            event.kind is EventKind.OPERATION
            and module is not None
            and event.module == module
            and event.label.endswith(f" in {module}")
        )

    def _maker(self, snapshot: Snapshot) -> Event | None:
        """The event that gave this tensor; None for what was there before the step."""
        return next(
            (
                event
                for event in self._recording.events
                if any(port.value is snapshot for port in event.outputs)
            ),
            None,
        )

    def _backward_line(self) -> int:
        for each in self._loop.body:
            if ast.unparse(each) == "loss.backward()":
                return each.lineno
        raise NotThereError("no program can be written: the loop has no loss.backward()")

    def _first_line(self) -> int:
        """Where the first statement after the imports begins, or the class before the loop."""
        after = next(
            each for each in self._tree.body[1:] if not isinstance(each, ast.Import | ast.ImportFrom)
        )
        return self._places.line(after.lineno)

    def _place(self, line: int, column: int) -> int:
        """Of a line and a column counted in characters."""
        return self._places.line(line) + column


def _path(graph: Graph, key: str) -> list[tuple[int, Node]]:
    """From the loss to a node: which of the next functions, and what it is."""
    root, goal = graph.nodes[graph.outputs[0]], graph.node(key)
    if goal is None:
        raise NotThereError(f"the graph has no node {quoted(key)}")
    came: dict[int, tuple[int, int]] = {}
    waiting = deque([root.id])
    while waiting and goal.id not in came and goal.id != root.id:
        number = waiting.popleft()
        for edge in graph.edges:
            if edge.source == number and edge.target not in came:
                came[edge.target] = (number, edge.input_index)
                waiting.append(edge.target)
    found: list[tuple[int, Node]] = []
    number = goal.id
    while number != root.id:
        before, index = came[number]
        found.append((index, graph.nodes[number]))
        number = before
    return found[::-1]


def _asserts(snapshot: Snapshot, result: str, by_numpy: bool) -> str:
    """Prints the tensor, and asserts what it is."""
    statistics, name = snapshot.statistics, "value"
    lines = [] if result == name else [f"{name} = {result}"]
    lines += [f"print({name})", "# As it was recorded; elsewhere the last digits may differ."]
    lines += [f"assert tuple({name}.shape) == {tuple(snapshot.shape)!r}"]
    flaws = statistics.nans + statistics.infinities
    if flaws:
        is_finite = f"np.isfinite({name})" if by_numpy else f"torch.isfinite({name})"
        lines.append(f"assert int((~{is_finite}).sum()) == {flaws}")
    elif statistics.count:
        norm = f"np.linalg.norm({name} * 1.0)" if by_numpy else f"{name}.double().norm()"
        lines.append(_close(f"float({norm})", statistics.norm))
        lines += [_close(f"float({name}{place})", number) for place, number in _farthest(snapshot)]
    return "\n".join(lines) + "\n"


def _close(expression: str, number: float) -> str:
    return f"assert math.isclose({expression}, {number!r}, rel_tol={_TOLERANCE}, abs_tol=1e-30)"


def _farthest(snapshot: Snapshot) -> Iterator[tuple[str, float]]:
    """The element that is farthest from 0: how it is written, and what it is."""
    if snapshot.values is None or not math.prod(snapshot.shape):
        return
    place = np.unravel_index(int(np.abs(snapshot.values.astype(np.float64)).argmax()), snapshot.values.shape)
    written = f"[{', '.join(map(str, map(int, place)))}]" if place else ""
    yield written, float(snapshot.values[place])
