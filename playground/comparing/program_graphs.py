"""The graphs of two recorded steps, with places for the nodes of both."""

from __future__ import annotations

from dataclasses import dataclass

from playground.comparing.programs import RecordedPair
from playground.graph.layout import Layout, lay_out
from playground.graph.model import Graph
from playground.graph.sizes import window_sizes
from playground.graph.union import union

MOST_NODES = 1_000
"""Larger graphs are not drawn: it would hold up whoever waits for it."""

OTHER_KIND = "One builds a graph of autograd, the other none that could be held against it."
TOO_LARGE = "The graphs are too large to be drawn: {} nodes."


@dataclass(frozen=True, slots=True, eq=False)
class ProgramGraphs:
    """Two graphs in one drawing.

    Attributes:
        first, second: of the recorded step.
        layout: has a place for every node of both; None where they cannot be drawn.
        problem: why not, in one line; "" if they can.
    """

    first: Graph
    second: Graph
    layout: Layout | None
    problem: str = ""


def graphs_of(pair: RecordedPair) -> ProgramGraphs:
    """Lays out what the two steps have built."""
    first, second = pair.first.graph, pair.second.graph
    if first.kind is not second.kind:
        return ProgramGraphs(first, second, None, OTHER_KIND)
    both = union([first, second])
    if not both.nodes:
        return ProgramGraphs(first, second, None, "Neither builds a graph.")
    if len(both.nodes) > MOST_NODES:
        return ProgramGraphs(first, second, None, TOO_LARGE.format(len(both.nodes)))
    return ProgramGraphs(first, second, lay_out(both, window_sizes(both)))
