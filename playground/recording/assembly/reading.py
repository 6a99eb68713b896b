"""What a step's tape says before anything is made of it: its graph, its nodes' keys, its words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from playground.graph.model import Graph, Phase
from playground.recording.call_sites import CallSite, Source
from playground.recording.drafts import Draft, Link, PassDraft
from playground.recording.events import EventKind, Span
from playground.recording.labels import Labels
from playground.recording.step_tape import StepTape
from playground.tracing.graph import build_graph, node_keys, statements

if TYPE_CHECKING:
    from torch.autograd.graph import Node as GradientFunction

    from playground.recording.autograd_watch import AutogradWatch


class TapeReading:
    """Looks up on a tape, once the step has ended, what every part of the recording needs.

    Attributes:
        tape: the step's.
        text: the source that ran.
        is_trace: whether autograd took no part, so that the graph is the trace of the operations.
        graph: what autograd built for the first pass, or that trace.
        walks: the backward passes, or the one graph of a step that made none; empty for a trace.
        graphs: the graph of each of them, with lines.
        function_keys: for each of them, from each node of autograd to its node's key.
        record_keys: from the number of each of the tape's records to its node's key; empty for a graph
            of autograd.
        labels: names in the words of the program.
        numbers: from each draft to the number of its event.
    """

    def __init__(self, tape: StepTape, text: str, paths: dict[int, str]) -> None:
        """Reads a tape.

        Args:
            tape: of the step.
            text: the source that ran.
            paths: from the `id` of each module to its path.
        """
        self.tape = tape
        self.text = text
        self._source = Source(text)
        self._statement_of = statements(text)
        watch = tape.watch
        self.is_trace = watch is None or not any(walk.graph.nodes for walk in _walks(watch))
        self.record_keys: dict[int, str] = {}
        self.walks: list[PassDraft] = [] if self.is_trace else _walks(self.watch)
        self.graphs = [self._with_lines(walk) for walk in self.walks]
        self.function_keys = [_keys(walk) for walk in self.walks]
        self.graph = self._read_trace() if self.is_trace else self.graphs[0]
        names: dict[GradientFunction, str] = {}
        for keys in reversed(self.function_keys):
            names.update(keys)
        self.labels = Labels(tape, self._source, paths, names)
        self.numbers = {draft: number for number, draft in enumerate(tape.drafts)}
        self._walks_of = self._index_walks()
        self._outermost = [number for number, walk in enumerate(self.walks) if walk.parent is None]
        self._begun = self._find_beginnings()

    @property
    def watch(self) -> AutogradWatch:
        """What is known of the nodes of autograd; to be asked for where there is one."""
        watch = self.tape.watch
        assert watch is not None, "a node comes from autograd"
        return watch

    @property
    def watched_passes(self) -> bool:
        """Whether `walks` are passes that were made."""
        return self.tape.watch is not None and bool(self.tape.watch.passes)

    def walk_of(self, draft: Draft, phase: Phase) -> int | None:
        """Number of the pass in whose graph the nodes of an event are looked up; None if there is none.

        An update belongs to the pass before it, unless the forward pass for the next one has begun; any
        other phase to the one that it leads to.
        """
        if not self.walks:
            return None
        if phase is Phase.UPDATE and draft.passes and self._outermost:
            is_begun = self._begun.get(draft.passes, len(self.numbers)) < self.numbers[draft]
            return self._outermost[draft.passes if is_begun else draft.passes - 1]
        if draft.kind is EventKind.NODE and draft.walk is not None:
            return self.walks.index(draft.walk)
        number = self.numbers[draft]
        for function in draft.functions:
            for walk in self._walks_of.get(function, ()):
                begin = self.walks[walk].begin
                if begin is None or self.numbers[begin] > number:
                    return walk
        if draft.walk is not None:
            return self.walks.index(draft.walk)
        ahead = min(draft.passes, len(self._outermost) - 1)
        return self._outermost[max(ahead, 0)] if self._outermost else 0

    def is_in_graph(self, draft: Draft) -> bool:
        """Whether an operation has made a node that a pass could reach."""
        return any(function in self._walks_of for function in draft.functions)

    def key(self, link: Link, walk: int | None) -> str | None:
        """Key of the node behind an input or an output in the graph of a pass, or None."""
        if self.is_trace:
            return None if link.output is None else self.record_keys.get(link.output[0])
        if link.function is None or walk is None:
            return None
        return self.function_keys[walk].get(link.function)

    def statement(self, site: CallSite) -> int | None:
        """First line of the statement that was running, or None."""
        return None if site.line is None else self._statement_of.get(site.line)

    def made_by(self, draft: Draft) -> Draft | None:
        """The operation of the forward pass behind a node's turn in backward; None for anything else."""
        return self.watch.nodes.made_by.get(draft.functions[0]) if draft.kind is EventKind.NODE else None

    def span(self, draft: Draft) -> Span | None:
        """The expression that was running, its columns in characters."""
        return self._source.in_characters(draft.site.span)

    def words(self, draft: Draft) -> str:
        """The text of that expression, "" where it is not known."""
        return self._source.text(self.span(draft))

    def _read_trace(self) -> Graph:
        self.record_keys = node_keys(self.tape)
        return build_graph(self.tape, self.text)

    def _with_lines(self, walk: PassDraft) -> Graph:
        made_by = self.watch.nodes.made_by
        lines = [
            draft.site.line if (draft := made_by.get(function)) is not None else None
            for function in walk.functions
        ]
        nodes = (replace(node, line=line) for node, line in zip(walk.graph.nodes, lines, strict=True))
        return replace(walk.graph, nodes=tuple(nodes))

    def _index_walks(self) -> dict[GradientFunction, list[int]]:
        """From each node of autograd to the passes in whose graphs it is, in order."""
        found: dict[GradientFunction, list[int]] = {}
        for number, walk in enumerate(self.walks):
            for function in walk.functions:
                found.setdefault(function, []).append(number)
        return found

    def _find_beginnings(self) -> dict[int, int]:
        """From how many passes have ended to the first event after that which made a node of the next."""
        found: dict[int, int] = {}
        for draft, number in self.numbers.items():
            ended = draft.passes
            if ended in found or ended >= len(self._outermost) or draft.walk is not None:
                continue
            if any(self._outermost[ended] in self._walks_of.get(each, ()) for each in draft.functions):
                found[ended] = number
        return found


def _walks(watch: AutogradWatch) -> list[PassDraft]:
    """The passes that were made; of a step without any, the graph that one would have walked."""
    return list(watch.passes) or [walk for walk in (watch.prepared,) if walk is not None]


def _keys(walk: PassDraft) -> dict[GradientFunction, str]:
    return {function: node.key for function, node in zip(walk.functions, walk.graph.nodes, strict=True)}
