"""Where the arrow keys lead from a node, and what is told of it in words."""

from __future__ import annotations

import html
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt

from playground.graph.folding import Block
from playground.graph.labels import key_in_words, label_of
from playground.graph.model import Node, NodeKind
from playground.graph.modules import Call
from playground.graph.sizes import shape_text, short_op
from playground.recording.progress import Progress
from ui.panels.graph.difference import Contrast
from ui.panels.graph.progress import places_of, progress_words
from ui.panels.graph.remarks import PlacedOutsider, Remarks
from ui.panels.graph.scene import Scene

ARROWS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)


def first_node(scene: Scene) -> int | None:
    """Where the arrow keys begin: the leftmost node, the upper one of two."""
    places = range(len(scene.nodes))
    return min(places, key=lambda place: _corner(scene.rectangles[place]), default=None)


def next_node(scene: Scene, index: int, key: int) -> int | None:
    """Left: what the node was computed from. Right: what uses it. Up and down: in its column."""
    if key == Qt.Key.Key_Left:
        choices = [scene.edges[place].start for place in scene.edges_of[index]]
    elif key == Qt.Key.Key_Right:
        choices = [scene.edges[place].end for place in scene.edges_of[index]]
    else:
        choices = _column(scene, index, above=key == Qt.Key.Key_Up)
    here = scene.rectangles[index].center()
    others = [choice for choice in choices if choice != index]
    return min(
        others,
        key=lambda choice: abs(scene.rectangles[choice].center().y() - here.y()),
        default=None,
    )


def walked(scene: Scene, selected: str | None, progress: Progress | None, key: int) -> int | None:
    """Where an arrow key leads from the selected node, else from the cursor; at first to the first node."""
    start = scene.index(selected)
    if start is None and progress is not None:
        start = next(iter(places_of(scene, progress.current)), None)
    return first_node(scene) if start is None else next_node(scene, start, key)


def node_facts(node: Node, uses: int) -> list[str]:
    """What is known of a node, a line each: its name, operation, shape, type, source and uses."""
    kind = "" if node.dtype is None else node.dtype
    place = "" if node.device is None else f"on {node.device}"
    line = "" if node.line is None else f"line {node.line}"
    phase = "" if node.phase is None else f"{node.phase} phase"
    words = label_of(node)
    facts = [
        node.parameter or node.name or node.op,
        words if words not in (node.parameter, node.name, node.op, short_op(node.op)) else "",
        "" if (node.parameter or node.name) is None else node.op,
        "" if node.shape is None else f"shape {shape_text(node.shape)}",
        " ".join(part for part in (kind, place) if part),
        ", ".join(part for part in (line, phase) if part),
        "" if uses == 0 else "used once" if uses == 1 else f"used {uses} times",
    ]
    return [fact for fact in facts if fact]


def block_facts(block: Block, remarks: Remarks | None = None) -> list[str]:
    """What is known of a block, a line each: what it is, how much is in it, and how it is opened."""
    opens = "Click or press Enter to unfold"
    if block.first != block.last:
        uses = f"uses {block.first} to {block.last} in a row, {len(block.members)} nodes"
    else:
        uses = f"{len(block.members)} nodes"
    if not block.call:
        return [block.name, uses, opens]
    if block.kind is NodeKind.PARAMETER:
        return [f"parameters of {block.owner}", *sorted(block.members), "one for all its calls"]
    numbers = f"{block.numbers:,} numbers in parameters" if block.numbers else ""
    calls = [Call(block.owner, use) for use in range(block.first, block.last + 1)]
    events = 0 if remarks is None else sum(remarks.events.get(call, 0) for call in calls)
    counted = f"{events} events in this step" if events else ""
    facts = [f"module {block.owner}" + (f", use {block.first}" if block.first == block.last != 1 else "")]
    return [*facts, *filter(None, (uses, numbers.replace(",", "\N{NO-BREAK SPACE}"), counted)), opens]


def tooltip(
    scene: Scene,
    point: QPointF,
    ghosts: bool,
    contrast: Contrast | None = None,
    remarks: Remarks | None = None,
    outside: Sequence[PlacedOutsider] = (),
) -> str:
    """Rich text about what is drawn at this point of the drawing; "" where there is nothing."""
    index = scene.node_at(point)
    if index is not None:
        node = scene.nodes[index]
        compared = [] if contrast is None else contrast.facts(scene, index)
        block = scene.block(index)
        if block is not None:
            return _as_rich_text(block_facts(block, remarks))
        recorded = [] if remarks is None else remarks.facts(node.key)
        return _as_rich_text(node_facts(node, scene.uses[index]) + recorded + compared)
    outsider = next((each for each in outside if each.box.contains(point)), None)
    if outsider is not None:
        return _as_rich_text(outsider.facts())
    frame = scene.frame_at(point)
    if frame is not None:
        return _as_rich_text([f"module {frame.call[-1].path}", "Click, or Backspace, to fold it"])
    ghost = scene.ghost_at(point)
    gone = None if contrast is None else contrast.before.index(ghost)
    if contrast is not None and gone is not None:
        facts = node_facts(contrast.before.nodes[gone], contrast.before.uses[gone])
        return _as_rich_text([*facts, "vanished: only the earlier graph has it"])
    return "" if ghost is None or not ghosts else _as_rich_text([key_in_words(ghost), "not in this step"])


def _as_rich_text(facts: list[str]) -> str:
    first, *others = (html.escape(fact) for fact in facts)
    return f"<p style='white-space:pre'><b>{first}</b>{''.join(f'<br>{fact}' for fact in others)}</p>"


def description(scene: Scene | None, selected: int | None) -> str:
    """The graph in words, for those who hear it: its size and the selected node."""
    if scene is None:
        return ""
    size = f"{len(scene.nodes)} nodes, {len(scene.edges)} edges."
    if selected is None:
        return size
    return f"{size} Selected: {', '.join(node_facts(scene.nodes[selected], scene.uses[selected]))}."


def told(
    scene: Scene | None,
    selected: str | None,
    progress: Progress | None,
    contrast: Contrast | None,
    remarks: Remarks | None,
) -> str:
    """Everything that a canvas shows, for those who hear it; "" without a graph."""
    if scene is None:
        return ""
    compared = "" if contrast is None else f"Compared with an earlier graph: {contrast.in_words()}."
    recorded = "" if remarks is None else remarks.in_words()
    parts = progress_words(scene, progress), description(scene, scene.index(selected)), compared, recorded
    return " ".join(filter(None, parts))


def _column(scene: Scene, index: int, above: bool) -> list[int]:
    """Nodes above (or below) one, whose boxes overlap it from left to right."""
    box = scene.rectangles[index]
    return [
        place
        for place, other in enumerate(scene.rectangles)
        if other.left() <= box.right()
        and other.right() >= box.left()
        and (other.center().y() < box.center().y() if above else other.center().y() > box.center().y())
    ]


def _corner(rectangle: QRectF) -> tuple[float, float]:
    return rectangle.left(), rectangle.top()
