"""Puts a recording, its program and its graphs into the page's template."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Iterable
from pathlib import Path
from string import Template
from xml.etree import ElementTree

import numpy as np
from pygments.lexers.python import PythonLexer

from playground.graph.export import to_svg
from playground.graph.layout import lay_out
from playground.graph.model import Graph, GraphKind
from playground.graph.sizes import node_sizes
from playground.recording.chain_rule import chain_rule
from playground.recording.model import Recording
from playground.recording.phase_names import PhaseNames
from playground.recording.plain import PlainValues
from playground.recording.progress import progress_at
from playground.recording.queries import last_place
from playground.recording.sentences import pass_sentence, sentence
from playground.recording.snapshot import Snapshot
from playground.recording.statistics import edges

_FOLDER = Path(__file__).parent
_SVG = "http://www.w3.org/2000/svg"
_LONGEST_SIDE = 32
"""Rows and columns of a heatmap at most: enough to see it small, and a tenth of its own blocks' bytes."""
_GAMMA = 0.8
_PERCENTILE = 98
_HEADINGS = {
    GraphKind.AUTOGRAD: "Computation graph",
    GraphKind.TRACE: "No graph is built: the operations in the order in which they ran",
}
_COLORS = {
    "Token.Comment": "c",
    "Token.Keyword": "k",
    "Token.Operator.Word": "k",
    "Token.Literal.String": "s",
    "Token.Literal.Number": "m",
}
"""Classes of the style sheet, by the kinds of Pygments' tokens and what begins with them."""


def replay_page(recording: Recording, text: str, title: str = "", file: str = "") -> str:
    """A page of HTML that shows the step event by event: code, graph, events, tensors.

    It holds everything that it shows, `Recording.to_plain` included, and its policy forbids it to
    load anything. With the default sizes it has less than 2 MB.

    Args:
        recording: of the step.
        text: the program that ran, whose lines the events name.
        title: of the page; "" for the stage and the step.
        file: the program's name.
    """
    title = title or f"{recording.stage or 'own program'}, step {recording.step}"
    values = PlainValues()
    plain = recording.to_plain(values)
    graphs = _graphs(recording)
    style, script = _part("page.css"), _part("page.js")
    return Template(_part("page.html")).substitute(
        policy=f"default-src 'none'; img-src data:; script-src {_hash(script)}; style-src {_hash(style)}; "
        "base-uri 'none'; form-action 'none'",
        title=html.escape(title),
        facts=html.escape(_facts(recording)),
        file=html.escape(file),
        heading=_HEADINGS[recording.graph.kind],
        last=max(len(recording.events) - 1, 0),
        lines="\n".join(_lines(text)),
        graphs="\n".join(_drawing(graph, number) for number, graph in enumerate(graphs)),
        notes=html.escape(" ".join(recording.notes)),
        style=style,
        script=script,
        data=_in_html({"recording": plain, "view": _view(recording, values.snapshots, graphs)}),
    )


def _part(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """By which the policy knows what may run."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _in_html(data: object) -> str:
    """JSON in which nothing ends the element that it stands in."""
    text = json.dumps(data, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    # What a name of the program's may hold: "</script>", "<!--".
    return text.replace("<", "\\u003c").encode(errors="backslashreplace").decode()


def _facts(recording: Recording) -> str:
    loss = "no loss" if recording.loss is None else f"loss {recording.loss:.6g}"
    depth = "" if recording.depth is None else f", depth {recording.depth}"
    failed = "" if recording.failure is None else f"; failed: {recording.failure.message}"
    return f"{loss}{depth}, {len(recording.events)} events{failed}"


def _lines(text: str) -> Iterable[str]:
    """The program's lines as items of a list, colored."""
    pieces: list[list[str]] = [[]]
    for kind, value in PythonLexer(stripnl=False, ensurenl=False).get_tokens(text):
        for number, piece in enumerate(value.split("\n")):
            if number:
                pieces.append([])
            if piece:
                pieces[-1].append(_colored(str(kind), piece))
    if len(pieces) > 1 and not pieces[-1]:
        # The text ends with the end of its last line.
        pieces.pop()
    for number, line in enumerate(pieces, start=1):
        yield f'<li id="line-{number}" value="{number}"><span>{"".join(line)}</span></li>'


def _colored(kind: str, piece: str) -> str:
    color = next((name for each, name in _COLORS.items() if kind.startswith(each)), "")
    return f'<span class="{color}">{html.escape(piece)}</span>' if color else html.escape(piece)


def _graphs(recording: Recording) -> list[Graph]:
    """The step's graphs, each once; the first is the first pass's."""
    found = [recording.graph]
    for each in recording.passes:
        if not any(each.graph is known for known in found):
            found.append(each.graph)
    return found


def _drawing(graph: Graph, number: int) -> str:
    if not graph.nodes:
        return f'<p class="graph" id="graph-{number}">No graph is built.</p>'
    ElementTree.register_namespace("", _SVG)
    svg = ElementTree.fromstring(to_svg(graph, lay_out(graph, node_sizes(graph))))
    svg.set("id", f"graph-{number}")
    svg.set("class", "graph")
    # An arrowhead of its own: a hidden drawing's cannot be used.
    for each in svg.iter():
        for name in ("id", "marker-end"):
            if "arrow" in each.get(name, ""):
                each.set(name, each.get(name, "").replace("arrow", f"arrow-{number}"))
    return ElementTree.tostring(svg, encoding="unicode")


def _view(recording: Recording, snapshots: list[Snapshot], graphs: list[Graph]) -> dict[str, object]:
    """What the page shows besides the recording's own data."""
    phases = PhaseNames(recording)
    return {
        "start": last_place(recording) if recording.failure is not None else 0,
        "phases": [span.events.start for span in phases.spans],
        "pictures": [_picture(each) for each in snapshots],
        "events": [
            {
                "phase": phases.of_event(event.number),
                "sentence": " ".join(
                    filter(None, (pass_sentence(recording, event.number), sentence(recording, event.number)))
                ),
                "formulas": _formulas(recording, event.number),
            }
            for event in recording.events
        ],
        "progress": [_progress(recording, event.number, graphs) for event in recording.events],
    }


def _formulas(recording: Recording, number: int) -> list[tuple[str, str, str]]:
    rule = chain_rule(recording, number)
    return [] if rule is None else [(each.formula, each.shapes, each.words) for each in rule.rules]


def _progress(recording: Recording, number: int, graphs: list[Graph]) -> dict[str, object]:
    """What the graph looks like at an event, its nodes by number and its edges as the data flows."""
    graph, progress = recording.graph_at(number), progress_at(recording, number)
    numbers = {node.key: node.id for node in graph.nodes}

    def ids(keys: Iterable[str]) -> list[int]:
        return sorted(numbers[key] for key in keys if key in numbers)

    return {
        "graph": next(place for place, each in enumerate(graphs) if each is graph),
        "current": ids(progress.current),
        "waiting": ids(progress.waiting),
        "differentiated": ids(progress.differentiated),
        "updated": ids(progress.updated),
        "failed": None if progress.failed is None else numbers.get(progress.failed),
        "edges": _edges(progress.edges, numbers),
        "now": _edges(progress.current_edges, numbers),
    }


def _edges(keys: Iterable[tuple[str, str, int]], numbers: dict[str, int]) -> list[str]:
    """As the drawing names its lines; the gradient comes the other way."""
    return sorted(
        f"{numbers[target]} {numbers[source]} {index}"
        for source, target, index in keys
        if source in numbers and target in numbers
    )


def _picture(snapshot: Snapshot) -> dict[str, object]:
    """A heatmap in levels from 1 to 255, 128 for zero, 0 for a place with NaN or infinity."""
    picture = snapshot.picture
    values, flawed = picture.extremes(), picture.flawed
    rows, columns = (min(length, _LONGEST_SIDE) for length in values.shape)
    if not rows or not columns:
        return {"rows": 1, "columns": 1, "levels": base64.b64encode(b"\x80").decode()}
    values, flawed = _reduced(np.nan_to_num(values, nan=0.0), flawed, rows, columns)
    sizes = np.abs(values[~flawed & (values != 0)])
    scale = float(np.percentile(sizes, _PERCENTILE)) if sizes.size else 1.0
    shares = np.clip(np.abs(values) / (scale or 1.0), 0.0, 1.0) ** _GAMMA
    levels = np.rint(np.sign(values) * shares * 127).astype(np.int64) + 128
    levels[flawed] = 0
    return {
        "rows": rows,
        "columns": columns,
        "levels": base64.b64encode(levels.astype(np.uint8).tobytes()).decode(),
    }


def _reduced(
    values: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    flawed: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
    rows: int,
    columns: int,
) -> tuple[
    np.ndarray[tuple[int, ...], np.dtype[np.float64]], np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
]:
    """Fewer blocks, of each the element that is farthest from 0."""
    for axis, count in ((0, rows), (1, columns)):
        starts = edges(values.shape[axis], count)[:-1]
        low, high = (each.reduceat(values, starts, axis=axis) for each in (np.minimum, np.maximum))
        values = np.where(np.abs(low) > np.abs(high), low, high)
        flawed = np.logical_or.reduceat(flawed, starts, axis=axis)
    return values, flawed
