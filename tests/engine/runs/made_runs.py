"""Runs as they are made for tests of the list of runs."""

from __future__ import annotations

from collections.abc import Sequence

from playground.graph.model import Edge, Graph, Node, NodeKind
from playground.history import NO_DEPTH, History
from playground.runs.archive import (
    RunArchive,
)
from playground.runs.entry import RunEntry
from playground.settings import make_settings

STEPS = 1000
"""Made by each run of `kept`."""


def history_of(steps: int) -> History:
    history = History(steps)
    for step in range(steps):
        history.append(1.0 / (step + 1), NO_DEPTH, 0)
    return history


def graph_of(nodes: int) -> Graph:
    made = (
        Node(i, "AddmmBackward0", NodeKind.OPERATION, f"AddmmBackward0(middle_linear)#{i}", (64, 100 + i))
        for i in range(nodes)
    )
    return Graph(tuple(made), tuple(Edge(i, i + 1, 0) for i in range(nodes - 1)))


def begin(
    archive: RunArchive,
    number: int,
    made: int = STEPS,
    structures: Sequence[Graph] = (),
    **settings: object,
) -> RunEntry:
    return archive.begin(number, make_settings(**settings), history_of(made), structures)


def kept(count: int, budget: int = 1_000_000) -> RunArchive:
    """An archive of runs 0, 1, …"""
    archive = RunArchive(budget)
    for number in range(count):
        begin(archive, number)
    return archive


def numbers(entries: Sequence[RunEntry]) -> list[int]:
    return [entry.number for entry in entries]


def entry_of(archive: RunArchive, number: int) -> RunEntry:
    entry = archive.get(number)
    assert entry is not None
    return entry
