"""A run as plain data that outlives the process: what it was, every step's loss, and its graphs."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from playground.graph.model import Edge, Graph, GraphKind, Node, NodeKind, Phase
from playground.history import NO_DEPTH, History
from playground.own_program import OwnProgram
from playground.runs.changes import Change
from playground.runs.clock import RunClock
from playground.runs.entry import STATES, RunEntry, checked_name
from playground.runs.series import LossSeries
from playground.settings import Settings, SettingsError, make_settings, settings_from_plain

FLAGS = ("named", "visible", "chosen", "pinned")


@dataclass(frozen=True, slots=True, eq=False)
class SavedRun:
    """A run of a session.

    Attributes:
        number, name, settings, color, state, named, visible, chosen, pinned, changes: as in `RunEntry`.
        losses, depths, structures: as in `History`, each of shape (steps,).
        graphs: its structures.
        series: losses by name, each of shape (steps that have come so far,); a stage has none.
        seconds: that it took.
    """

    number: int
    name: str
    settings: Settings
    losses: NDArray[np.float64]
    depths: NDArray[np.int8]
    structures: NDArray[np.int32]
    graphs: tuple[Graph, ...] = ()
    series: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    seconds: float = 0.0
    color: int = 0
    state: str = "paused"
    named: bool = False
    visible: bool = True
    chosen: bool = False
    pinned: bool = False

    @property
    def steps(self) -> int:
        """How many it has made."""
        return len(self.losses)


def saved_run(entry: RunEntry) -> SavedRun:
    """A run of the list, as far as it has come; its columns are views, which do not change.

    Args:
        entry: the run's.
    """
    losses = entry.history.losses()
    steps = len(losses)
    return SavedRun(
        entry.number,
        entry.name,
        entry.settings,
        losses,
        entry.history.depths(0, steps),
        entry.history.structures(0, steps),
        tuple(entry.structures),
        {each.name: each.history.losses(0, steps) for each in tuple(entry.series)},
        entry.changes,
        entry.clock.seconds,
        entry.color,
        # In another process nothing of it runs any more.
        "paused" if entry.state == "running" else entry.state,
        **{name: getattr(entry, name) for name in FLAGS},
    )


def entry_of(saved: SavedRun, number: int, color: int) -> RunEntry:
    """The run for a list in which it has this number and this color."""
    clock = RunClock()
    clock.note(saved.steps, saved.seconds)
    return RunEntry(
        number,
        saved.settings,
        saved.name,
        color,
        History.filled(saved.losses, saved.depths, saved.structures),
        saved.graphs,
        clock,
        saved.state,
        changes=saved.changes,
        series=_series_of(saved),
        **{name: getattr(saved, name) for name in FLAGS},
    )


def _series_of(saved: SavedRun) -> tuple[LossSeries, ...]:
    found = tuple(LossSeries(name) for name in saved.series)
    for each in found:
        values = saved.series[each.name]
        nothing = np.zeros(len(values), np.int32)
        each.history = History.filled(values, np.full(len(values), NO_DEPTH, np.int8), nothing)
    return found


def run_to_plain(saved: SavedRun) -> dict[str, object]:
    """What is not a column, for JSON."""
    return {
        "number": saved.number,
        "name": saved.name,
        "settings": saved.settings.to_plain(),
        "changes": [
            {**dataclasses.asdict(each), "old": _plain(each.old), "new": _plain(each.new)}
            for each in saved.changes
        ],
        "seconds": saved.seconds,
        "color": saved.color,
        "state": saved.state,
        "series": list(saved.series),
        **{name: getattr(saved, name) for name in FLAGS},
    }


def run_from_plain(plain: Mapping[str, Any], columns: Mapping[str, NDArray[Any]]) -> SavedRun:
    """A run that `run_to_plain` has written, with its columns by name.

    Raises:
        KeyError, TypeError, ValueError: something is missing, or is not what it should be.
    """
    losses, depths, structures = (columns[name] for name in ("losses", "depths", "structures"))
    if not len(losses) == len(depths) == len(structures):
        raise ValueError("its columns are not equally long")
    seconds, state = float(plain["seconds"]), str(plain["state"])
    if not seconds >= 0 or state not in STATES:
        raise ValueError(f"seconds {seconds} or state {state!r} is not allowed")
    named, visible, chosen, pinned = (bool(plain[name]) for name in FLAGS)
    return SavedRun(
        int(plain["number"]),
        checked_name(str(plain["name"])),
        known_settings(plain["settings"]),
        losses,
        depths,
        structures,
        changes=tuple(_change(each) for each in plain["changes"]),
        seconds=seconds,
        color=max(int(plain["color"]), 0),
        state=state,
        named=named,
        visible=visible,
        chosen=chosen,
        pinned=pinned,
    )


def known_settings(plain: Mapping[str, Any]) -> Settings:
    """Settings from a file: as they are, or of a newer version what this one knows of them.

    Raises:
        SettingsError: even of these one is not allowed.
    """
    try:
        return settings_from_plain(plain)
    except SettingsError:
        return make_settings(**{name: plain[name] for name in Settings.model_fields if name in plain})


def _plain(value: object) -> object:
    return dataclasses.asdict(value) if isinstance(value, OwnProgram) else value


def _change(plain: Mapping[str, Any]) -> Change:
    old, new = (_value(plain[key]) for key in ("old", "new"))
    return Change(int(plain["step"]), str(plain["name"]), old, new, str(plain["words"]))


def _value(plain: object) -> object:
    if isinstance(plain, dict):
        # What is said of data is told as plain data.
        return plain if "painted" in plain else OwnProgram(**plain)
    return tuple(map(_value, plain)) if isinstance(plain, list) else plain


def graph_to_plain(graph: Graph) -> dict[str, object]:
    """All of a graph, for JSON: `Graph.to_json` with the output indices as well."""
    edges = [[each.source, each.target, each.input_index, each.output_index] for each in graph.edges]
    return {**graph.to_json(), "edges": edges}


def graph_from_plain(plain: Mapping[str, Any]) -> Graph:
    """The graph that `graph_to_plain` has written.

    Raises:
        KeyError, TypeError, ValueError: it is not one.
    """
    nodes = tuple(_node(each) for each in plain["nodes"])
    edges = tuple(Edge(*map(int, each)) for each in plain["edges"])
    outputs = tuple(map(int, plain["outputs"]))
    ends = {end for edge in edges for end in (edge.source, edge.target)}
    if [node.id for node in nodes] != list(range(len(nodes))) or not ends <= set(range(len(nodes))):
        raise ValueError("its edges and nodes do not fit together")
    return Graph(nodes, edges, GraphKind(plain["kind"]), outputs)


def _node(plain: Mapping[str, Any]) -> Node:
    values = dict(plain)
    shape, phase = values.pop("shape"), values.pop("phase")
    values["kind"] = NodeKind(values["kind"])
    values["shape"] = None if shape is None else tuple(cast("list[int]", shape))
    values["phase"] = None if phase is None else Phase(phase)
    return Node(**values)
