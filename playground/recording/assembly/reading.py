"""What a step's tape says before anything is made of it: its graph, its nodes' keys, its words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from playground.graph.model import Graph
from playground.recording.call_sites import CallSite, Source
from playground.recording.drafts import Draft, Link
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
        graph: what autograd built, or that trace.
        function_keys: from each node of autograd to its node's key; empty for a trace.
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
        self.is_trace = watch is None or watch.graph is None or not watch.graph.nodes
        self.function_keys: dict[GradientFunction, str] = {}
        self.record_keys: dict[int, str] = {}
        self.graph = self._read_trace() if self.is_trace else self._read_graph_of_autograd()
        self.labels = Labels(tape, self._source, paths, self.function_keys)
        self.numbers = {draft: number for number, draft in enumerate(tape.drafts)}

    @property
    def watch(self) -> AutogradWatch:
        """What is known of the nodes of autograd; to be asked for where there is one."""
        watch = self.tape.watch
        assert watch is not None, "a node comes from autograd"
        return watch

    def key(self, link: Link) -> str | None:
        """Key of the graph's node behind an input or an output, or None."""
        if self.is_trace:
            return None if link.output is None else self.record_keys.get(link.output[0])
        return None if link.function is None else self.function_keys.get(link.function)

    def statement(self, site: CallSite) -> int | None:
        """First line of the statement that was running, or None."""
        return None if site.line is None else self._statement_of.get(site.line)

    def made_by(self, draft: Draft) -> Draft | None:
        """The operation of the forward pass behind a node's turn in backward; None for anything else."""
        return self.watch.made_by.get(draft.functions[0]) if draft.kind is EventKind.NODE else None

    def span(self, draft: Draft) -> Span | None:
        """The expression that was running, its columns in characters."""
        return self._source.in_characters(draft.site.span)

    def words(self, draft: Draft) -> str:
        """The text of that expression, "" where it is not known."""
        return self._source.text(self.span(draft))

    def _read_trace(self) -> Graph:
        self.record_keys = node_keys(self.tape)
        return build_graph(self.tape, self.text)

    def _read_graph_of_autograd(self) -> Graph:
        graph, watch = self.watch.graph, self.watch
        assert graph is not None, "it was captured"
        self.function_keys = {
            function: node.key for function, node in zip(watch.functions, graph.nodes, strict=True)
        }
        lines = {
            key: draft.site.line
            for function, key in self.function_keys.items()
            if (draft := watch.made_by.get(function)) is not None
        }
        return replace(graph, nodes=tuple(replace(node, line=lines.get(node.key)) for node in graph.nodes))
