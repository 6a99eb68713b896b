"""Which lines of a stage did which part of a recorded step, the lines that called others included."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from playground.graph.model import Phase
from playground.programs.program import Program
from playground.recording.events import Event
from playground.recording.model import Recording

_BEFORE_THE_YIELD = (Phase.FORWARD, Phase.LOSS)


@dataclass(slots=True)
class _Statement:
    """A statement that ran, of a compound one its header only.

    Attributes:
        lines: with text on them, comments left out.
        phases: in which operations ran on these lines, or in functions called from them.
        calls: whether it is a simple statement that calls something.
        names: what it binds.
    """

    lines: tuple[int, ...]
    phases: set[Phase] = field(default_factory=set)
    calls: bool = False
    names: frozenset[str] = frozenset()


class StepLines:
    """The lines of one recorded step.

    Attributes:
        by_phase: of each phase, its lines in ascending order.
        callers: of each event by number, the lines from which the code that ran was called: that of
            `y_pred = model(x)` for an operation inside a `forward` of the source, that of
            `loss.backward()` for one inside a `backward`.
    """

    def __init__(self, recording: Recording, program: Program) -> None:
        """Looks them up in what ran and in the source.

        Args:
            recording: of a step of that program.
            program: its source.
        """
        self._events = recording.events
        self._program = program
        self._texts = program.text.splitlines()
        self._phases_of: dict[int, set[Phase]] = {}
        for event in self._events:
            if event.line is not None:
                self._phases_of.setdefault(event.line, set()).add(event.phase)
        self._halves = [list(self._statements(body)) for body in (program.forward, program.backward)]
        self.callers: Mapping[int, tuple[int, ...]] = self._find_callers()
        self.by_phase: Mapping[Phase, tuple[int, ...]] = self._find_lines()

    def _find_lines(self) -> dict[Phase, tuple[int, ...]]:
        found: dict[Phase, set[int]] = {phase: set() for phase in Phase}
        for line, phases in self._phases_of.items():
            for phase in phases:
                found[phase].add(line)
        for statements in [*self._halves, *self._functions()]:
            _fill(statements)
            for statement in statements:
                for phase in statement.phases:
                    found[phase].update(statement.lines)
        return {phase: tuple(sorted(lines)) for phase, lines in found.items()}

    def _functions(self) -> Iterator[list[_Statement]]:
        """The bodies of the source's other functions in which something ran."""
        for node in ast.walk(ast.parse(self._program.text)):
            if isinstance(node, ast.FunctionDef):
                statements = list(self._statements(node.body))
                if any(statement.phases for statement in statements):
                    yield statements

    def _statements(self, body: Sequence[ast.stmt]) -> Iterator[_Statement]:
        """In order, those inside others too; a block in which nothing was recorded may not have run."""
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) or _is_text(node):
                continue
            blocks = [list(self._statements(block)) for block in _blocks(node)]
            yield self._header(node, is_simple=not blocks)
            for block in blocks:
                if any(each.phases for each in block):
                    yield from block

    def _header(self, node: ast.stmt, is_simple: bool) -> _Statement:
        lines = tuple(line for line in range(node.lineno, _header_end(node) + 1) if self._has_code(line))
        phases = {phase for line in lines for phase in self._phases_of.get(line, ())}
        calls = is_simple and any(isinstance(each, ast.Call) for each in ast.walk(node))
        return _Statement(lines, phases, calls, frozenset(_bound(node)))

    def _has_code(self, line: int) -> bool:
        text = self._texts[line - 1].strip()
        return bool(text) and not text.startswith("#")

    def _find_callers(self) -> dict[int, tuple[int, ...]]:
        callers: dict[int, tuple[int, ...]] = {}
        for group in self._groups():
            line = self._caller_of(group)
            for event in group:
                callers[event.number] = () if line is None else (line,)
        for event in self._events:
            ancestor = event
            lines: list[int] = []
            while ancestor.parent is not None:
                ancestor = self._events[ancestor.parent]
                lines += [] if ancestor.line is None else [ancestor.line]
            lines += callers.get(ancestor.number, ())
            callers[event.number] = tuple(line for line in dict.fromkeys(lines) if line != event.line)
        return callers

    def _groups(self) -> Iterator[list[Event]]:
        """Events in a row that ran in functions called from one statement of the loop."""
        group: list[Event] = []
        for event in self._events:
            if event.parent is not None or event.line is None:
                continue
            is_foreign = event.line not in self._program.loop_lines
            if group and (not is_foreign or event.phase is not group[-1].phase):
                yield group
                group = []
            if is_foreign:
                group.append(event)
        if group:
            yield group

    def _caller_of(self, group: Sequence[Event]) -> int | None:
        """The loop's line that called a group's functions, found by what is known of its neighbours.

        A frame further up is not recorded. Of the statements between the neighbours on which nothing
        was recorded it is the one that binds a result of the group, else the last that calls anything.
        """
        phase = group[0].phase
        after = next((line for line in self._own_lines(group[-1].number + 1)), None)
        before = [line for line in self._own_lines() if line[0] < group[0].number]
        low = before[-1][1] if before else 0
        high = after[1] if after is not None and after[1] > low else len(self._texts) + 1
        half = self._halves[0 if phase in _BEFORE_THE_YIELD else 1]
        free = [each for each in half if each.calls and not each.phases and low < each.lines[0] < high]
        labels = {event.label for event in group}
        chosen = next((each for each in free if each.names & labels), free[-1] if free else None)
        if chosen is None:
            return None if after is None else after[1]
        chosen.phases.add(phase)
        return chosen.lines[0]

    def _own_lines(self, start: int = 0) -> Iterator[tuple[int, int]]:
        """Numbers and lines of the events from `start` on that ran in the loop itself."""
        for event in self._events[start:]:
            if event.line is not None and event.line in self._program.loop_lines:
                yield event.number, event.line


def _fill(statements: Sequence[_Statement]) -> None:
    """Statements without a record go with the next one that has any, else with the last."""
    known = [number for number, statement in enumerate(statements) if statement.phases]
    for number, statement in enumerate(statements):
        if not statement.phases and known:
            nearest = next((each for each in known if each > number), known[-1])
            statement.phases = set(statements[nearest].phases)


def _blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """The blocks of statements inside a compound statement."""
    for _, value in ast.iter_fields(node):
        if not isinstance(value, list) or not value:
            continue
        if isinstance(value[0], ast.stmt):
            yield value
        elif isinstance(value[0], ast.ExceptHandler | ast.match_case):
            for part in value:
                yield from _blocks(part)


def _header_end(node: ast.stmt) -> int:
    """The last line of a simple statement, or of what stands before the colon of a compound one."""
    if not any(_blocks(node)):
        return node.end_lineno or node.lineno
    parts = [part for part in ast.iter_child_nodes(node) if not isinstance(part, ast.stmt)]
    ends = [getattr(each, "end_lineno", 0) or 0 for part in parts for each in _expressions(part)]
    return max(node.lineno, *ends, 0)


def _expressions(part: ast.AST) -> Iterator[ast.AST]:
    if not isinstance(part, ast.ExceptHandler | ast.match_case):
        yield from ast.walk(part)


def _bound(node: ast.stmt) -> Iterator[str]:
    targets = node.targets if isinstance(node, ast.Assign) else []
    for target in targets:
        yield from (each.id for each in ast.walk(target) if isinstance(each, ast.Name))


def _is_text(node: ast.stmt) -> bool:
    """Whether a statement only says something: a docstring, or what is printed."""
    if not isinstance(node, ast.Expr):
        return False
    value = node.value
    prints = isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "print"
    return prints or isinstance(value, ast.Constant)
