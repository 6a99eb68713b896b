"""Two stages side by side: the lines that do the same work, and the tensors that are the same quantity.

Both must have started from the same data and weights; then what one writes out by hand and the other
leaves to the library can be told by its value, whatever it is called and wherever it is computed.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from playground.comparing.rosetta_lines import StepLines
from playground.comparing.rosetta_pairs import Quantity, TensorPair, find_pairs
from playground.graph.model import GraphKind, Phase
from playground.programs.program import Program
from playground.recording.events import EventKind
from playground.recording.model import Recording
from playground.stages import stage_named

__all__ = [
    "Band",
    "Counterparts",
    "DiffLine",
    "Link",
    "Quantity",
    "Rosetta",
    "Side",
    "TensorPair",
    "compare_texts",
    "rosetta",
]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two stages.

    Attributes:
        stage: its name; None for a program that is no stage.
        title: as the window writes it.
        filename: of its source.
        text: its source.
        backward: how it gets its gradients, in words: `"6 lines of backward pass by hand"`,
            `"loss.backward()"`.
        builds_graph: whether autograd built a graph, so that its nodes' keys are those of autograd.
    """

    stage: str | None
    title: str
    filename: str
    text: str
    backward: str = ""
    builds_graph: bool = True


@dataclass(frozen=True, slots=True)
class Band:
    """The lines of both sides that do one phase of the step, in ascending order; a side may have none."""

    phase: Phase
    left: tuple[int, ...]
    right: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """A line of each side with at least one quantity in common.

    Attributes:
        left, right: the lines.
        left_nodes, right_nodes: keys of the graphs' nodes that compute these quantities.
        pairs: the quantities.
    """

    left: int
    right: int
    left_nodes: tuple[str, ...]
    right_nodes: tuple[str, ...]
    pairs: tuple[TensorPair, ...]


@dataclass(frozen=True, slots=True)
class Counterparts:
    """What belongs to a chosen line.

    Attributes:
        lines: of the other side, in ascending order.
        left_nodes, right_nodes: keys of the graphs' nodes that do the work on either side.
        pairs: the quantities that the line and its counterparts have in common.
    """

    lines: tuple[int, ...] = ()
    left_nodes: tuple[str, ...] = ()
    right_nodes: tuple[str, ...] = ()
    pairs: tuple[TensorPair, ...] = ()


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of the plain difference of two texts.

    Attributes:
        kind: `" "` in both, `"-"` left only, `"+"` right only.
        left, right: the line's number on either side, None where it is not there.
        text: without the line break.
        marks: where the words begin and end that a similar line of the other side does not have.
    """

    kind: str
    left: int | None
    right: int | None
    text: str
    marks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Rosetta:
    """One computation in two ways.

    Attributes:
        left, right: the two stages.
        bands: one a phase, in the order of the phases.
        pairs: tensors that are the same quantity, in the order of the left side.
        links: lines that have quantities in common, by left line, then by right.
        differences: the difference of the two texts.
    """

    left: Side
    right: Side
    bands: tuple[Band, ...]
    pairs: tuple[TensorPair, ...]
    links: tuple[Link, ...]
    differences: tuple[DiffLine, ...]

    def counterparts_of_left(self, line: int) -> Counterparts:
        """What the right side has of a line of the left one; empty if there is nothing."""
        links = [link for link in self.links if link.left == line]
        return _joined(links, [link.right for link in links])

    def counterparts_of_right(self, line: int) -> Counterparts:
        """What the left side has of a line of the right one; empty if there is nothing."""
        links = [link for link in self.links if link.right == line]
        return _joined(links, [link.left for link in links])

    def phase_of_left(self, line: int) -> Phase | None:
        """The first phase that a line of the left side takes part in, or None."""
        return next((band.phase for band in self.bands if line in band.left), None)

    def phase_of_right(self, line: int) -> Phase | None:
        """The first phase that a line of the right side takes part in, or None."""
        return next((band.phase for band in self.bands if line in band.right), None)

    def node_of(self, pair: TensorPair) -> str | None:
        """The node that does the work of a pair, or None.

        It is one of the right side's graph; where only the left side has one that autograd built, of that.
        """
        on_left = self.left.builds_graph and not self.right.builds_graph
        return pair.left.node if on_left else pair.right.node

    def in_words(self) -> str:
        """How either side gets its gradients: `"NumPy: 6 lines … by hand ↔ autograd: loss.backward()"`."""
        return " ↔ ".join(f"{side.title}: {side.backward}" for side in (self.left, self.right))


def rosetta(left: Recording, left_program: Program, right: Recording, right_program: Program) -> Rosetta:
    """Compares two recorded steps that started from the same data and weights.

    Args:
        left, right: the steps.
        left_program, right_program: the sources that ran.
    """
    ours, theirs = StepLines(left, left_program), StepLines(right, right_program)
    pairs = find_pairs(left, ours.callers, right, theirs.callers)
    return Rosetta(
        left=_side(left, left_program, ours),
        right=_side(right, right_program, theirs),
        bands=tuple(Band(phase, ours.by_phase[phase], theirs.by_phase[phase]) for phase in Phase),
        pairs=pairs,
        links=tuple(_links(pairs)),
        differences=tuple(compare_texts(left_program.text, right_program.text)),
    )


def compare_texts(left: str, right: str) -> Iterator[DiffLine]:
    """The difference of two texts, line by line, with the lines that both have."""
    number, other = 0, 0
    waiting: DiffLine | None = None
    for entry in difflib.ndiff(left.splitlines(), right.splitlines()):
        kind, text = entry[0], entry[2:].rstrip("\n")
        if kind == "?":
            # It points, from below, at what has changed in the line before it.
            assert waiting is not None, "a line comes first"
            waiting = replace(waiting, marks=tuple(_changed_words(waiting.text, text)))
            continue
        if waiting is not None:
            yield waiting
        number += kind in " -"
        other += kind in " +"
        waiting = DiffLine(kind, number if kind in " -" else None, other if kind in " +" else None, text)
    if waiting is not None:
        yield waiting


def _changed_words(text: str, pointers: str) -> Iterator[tuple[int, int]]:
    """Places of the words, and of what stands between words, that something points at; neighbors as one."""
    begun: tuple[int, int] | None = None
    for word in re.finditer(r"\w+|[^\w\s]", text):
        start, end = word.span()
        if not pointers[start:end].strip():
            continue
        if begun is not None and not text[begun[1] : start].strip():
            begun = begun[0], end
            continue
        if begun is not None:
            yield begun
        begun = start, end
    if begun is not None:
        yield begun


def _side(recording: Recording, program: Program, lines: StepLines) -> Side:
    stage = None if recording.stage is None else stage_named(recording.stage)
    return Side(
        stage=recording.stage,
        title=Path(program.filename).stem if stage is None else stage.title,
        filename=program.filename,
        text=program.text,
        backward=_backward_in_words(recording, program, lines),
        builds_graph=recording.graph.kind is GraphKind.AUTOGRAD,
    )


def _backward_in_words(recording: Recording, program: Program, lines: StepLines) -> str:
    by_hand = lines.by_phase[Phase.BACKWARD]
    if not by_hand:
        return "no backward pass"
    if recording.graph.kind is GraphKind.TRACE:
        return f"{len(by_hand)} line{'s' * (len(by_hand) != 1)} of backward pass by hand"
    backward = [event for event in recording.events if event.phase is Phase.BACKWARD]
    texts = program.text.splitlines()
    calls = dict.fromkeys(
        texts[event.line - 1].strip() for event in backward if event.kind is EventKind.NODE and event.line
    )
    inside = dict.fromkeys(event.inside for event in backward if event.inside)
    called = f", which calls {', '.join(inside)}" if inside else ""
    return "; ".join(calls) + called


def _links(pairs: Sequence[TensorPair]) -> Iterator[Link]:
    found: dict[tuple[int, int], list[TensorPair]] = {}
    for pair in pairs:
        for left in pair.left.lines:
            for right in pair.right.lines:
                found.setdefault((left, right), []).append(pair)
    for (left, right), common in sorted(found.items(), key=lambda entry: entry[0]):
        yield Link(left, right, *_nodes(common), tuple(common))


def _nodes(pairs: Sequence[TensorPair]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Keys of the nodes of either side, each once, in the order of the pairs."""
    left = dict.fromkeys(pair.left.node for pair in pairs if pair.left.node is not None)
    right = dict.fromkeys(pair.right.node for pair in pairs if pair.right.node is not None)
    return tuple(left), tuple(right)


def _joined(links: Sequence[Link], lines: Sequence[int]) -> Counterparts:
    pairs = tuple(dict.fromkeys(pair for link in links for pair in link.pairs))
    return Counterparts(tuple(sorted(set(lines))), *_nodes(pairs), pairs)
