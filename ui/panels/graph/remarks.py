"""What a recorded step adds to its graph: flaws, what is saved, what is not in it, what would differ."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QLineF, QPointF, QRectF

from playground.graph.modules import Call
from playground.graph.sharing import original
from playground.graph.sizes import estimated_width, shape_text
from playground.recording.around_graph import Held, Outsider, outside_in_words
from playground.recording.flaws import FlawedNode
from playground.recording.pairing import NodeChange
from playground.recording.progress import EdgeKey
from ui.panels.graph.scene import Scene
from ui.widgets.tensor.text import short_bytes_text

_GAP = 34.0
"""Pixels between a node and what is not in the graph: room for an arrow."""
_HEIGHT = 40.0
_PADDING = 12.0
_TEXT = 14.5
"""Pixels of the drawing that ten pixels of the screen are where its names can just be read."""
_CLEAR = 6.0
_MOST_AROUND = 3
"""So many boxes of tensors fit around a node."""
_MOST_LISTED = 20
"""Tensors that a tooltip names."""


@dataclass(frozen=True, slots=True, eq=False)
class Remarks:
    """What is known at one place of the cursor.

    Attributes:
        flawed: what is not finite, by key of its node.
        flawed_edges: the edges along which it went.
        held: what nodes have put aside for backward, by key.
        outside: what is not in the graph.
        events: how many events ran in each call of a module.
        changed: how far each node would be from what it is with something changed, by key.
        changed_inputs: what of that is not in the graph, by its label.
    """

    flawed: Mapping[str, FlawedNode] = field(default_factory=dict)
    flawed_edges: frozenset[EdgeKey] = frozenset()
    held: Mapping[str, Held] = field(default_factory=dict)
    outside: tuple[Outsider, ...] = ()
    events: Mapping[Call, int] = field(default_factory=dict)
    changed: Mapping[str, NodeChange] = field(default_factory=dict)
    changed_inputs: frozenset[str] = frozenset()

    def facts(self, key: str) -> list[str]:
        """What there is to say of a node, a line each."""
        key = original(key)
        flawed, held = self.flawed.get(key), self.held.get(key)
        facts = []
        changed = self.changed.get(key)
        if changed is not None:
            facts += [f"what if: {each}" for each in change_words(changed)]
        if flawed is not None and flawed.value is not None:
            facts.append(f"value: {flawed.value.in_words()}")
        if flawed is not None and flawed.gradient is not None:
            facts.append(f"gradient: {flawed.gradient.in_words()}")
        if held is not None:
            state = "freed, backward has used it" if held.is_freed else "saved for backward"
            facts += [f"{state}: {label}, {short_bytes_text(nbytes)}" for label, nbytes in held.parts]
        return facts

    def in_words(self) -> str:
        """For those who hear the graph: what is wrong, and what is not in it."""
        count = len(self.flawed)
        flawed = f"{count} {'node has' if count == 1 else 'nodes have'} NaN or infinity." if count else ""
        differ = len(self.changed)
        what_if = (
            f"{differ} {'node differs' if differ == 1 else 'nodes differ'} from what ran." if differ else ""
        )
        return " ".join(filter(None, (flawed, what_if, outside_in_words(self.outside))))


def change_words(change: NodeChange) -> list[str]:
    """What would be another one, and by how much: `"the value moves by 12 %"`."""
    parts = (change.value, "the value"), (change.gradient, "the gradient")
    return [f"{what} moves by {share_of_change(share)}" for share, what in parts if share]


def share_of_change(share: float) -> str:
    """A relative change: `"12 %"`, `"0.03 %"`, `"×25"` from ten times on, `"from 0"`."""
    if math.isnan(share):
        return "?"
    if math.isinf(share):
        return "from 0"
    if share >= 10:
        return f"×{share:.2g}" if share < 100 else f"×{share:.0f}" if share < 10_000 else f"×{share:.0e}"
    percent = 100 * share
    return "<0.01 %" if percent < 0.01 else f"{percent:.2g} %" if percent < 100 else f"{percent:.0f} %"


@dataclass(frozen=True, slots=True, eq=False)
class PlacedOutsider:
    """Where something is drawn that is not in the graph.

    Attributes:
        outsiders: what it is; several tensors where more of them go to one node than have room around it.
        box: its place in the drawing.
        line: from its box to the node that uses it; of an update to the parameter.
    """

    outsiders: tuple[Outsider, ...]
    box: QRectF
    line: QLineF

    @property
    def texts(self) -> tuple[str, str]:
        """Both lines on its box."""
        return _texts(self.outsiders)

    def facts(self) -> list[str]:
        """What its tooltip tells, a line each."""
        if len(self.outsiders) > 1:
            listed = [f"{each.label}  {shape_text(each.shape)}" for each in self.outsiders[:_MOST_LISTED]]
            left_out = len(self.outsiders) - len(listed)
            more = [f"and {left_out} more"] if left_out else []
            return [_texts(self.outsiders)[0], *listed, *more, "not in the graph: they need no gradient"]
        outsider = self.outsiders[0]
        shape = "" if outsider.shape is None else f"shape {shape_text(outsider.shape)}"
        return [outsider.label, *filter(None, [shape]), "not in the graph", outsider.reason]


def place_outsiders(scene: Scene, outsiders: Sequence[Outsider]) -> tuple[PlacedOutsider, ...]:
    """Places for what is not in the graph, below or above the nodes that use it, or below everything.

    Of many tensors that go to one node or block the first has a box of its own, the others share one.
    """
    users: dict[tuple[int, bool], list[Outsider]] = {}
    for outsider in outsiders:
        places = [place for key in outsider.nodes for place in scene.drawn_as.get(key, ())]
        if places:
            user = min(places, key=lambda place: scene.rectangles[place].left())
            users.setdefault((user, outsider.is_update), []).append(outsider)
    placed: list[PlacedOutsider] = []
    for (user, _), here in users.items():
        alone, together = (here, []) if len(here) <= _MOST_AROUND else (here[:1], here[1:])
        for group in (*((each,) for each in alone), *([tuple(together)] if together else [])):
            placed.append(_placed(scene, group, user, placed))
    return tuple(placed)


def _texts(outsiders: tuple[Outsider, ...]) -> tuple[str, str]:
    if len(outsiders) > 1:
        return f"{len(outsiders)} more tensors", "without gradient"
    outsider = outsiders[0]
    return outsider.label, "no_grad" if outsider.is_update else shape_text(outsider.shape)


class OutsiderPlaces:
    """Remembers the latest places: the cursor moves, what is outside stays."""

    def __init__(self) -> None:
        """Nothing is placed yet."""
        self._latest: tuple[Scene, tuple[Outsider, ...], tuple[PlacedOutsider, ...]] | None = None

    def of(self, scene: Scene | None, remarks: Remarks | None) -> tuple[PlacedOutsider, ...]:
        """The places in a scene; none without a scene or remarks."""
        if scene is None or remarks is None:
            return ()
        if self._latest is None or self._latest[:2] != (scene, remarks.outside):
            self._latest = scene, remarks.outside, place_outsiders(scene, remarks.outside)
        return self._latest[2]


def bounds(scene: Scene, placed: Sequence[PlacedOutsider]) -> QRectF:
    """Of the whole drawing with what is around it."""
    layout = scene.geometry.layout
    whole = QRectF(0.0, 0.0, layout.width, layout.height)
    for each in placed:
        whole = whole.united(each.box)
    return whole


def _placed(
    scene: Scene, outsiders: tuple[Outsider, ...], user: int, others: Sequence[PlacedOutsider]
) -> PlacedOutsider:
    node = scene.rectangles[user]
    width = 1.2 * _PADDING + 8.0 + max(estimated_width(text[:20], _TEXT) for text in _texts(outsiders))
    left = node.center().x() - width / 2
    below = QRectF(left, node.bottom() + _GAP, width, _HEIGHT)
    above = QRectF(left, node.top() - _GAP - _HEIGHT, width, _HEIGHT)
    for box in (below, above):
        way = box.united(QRectF(box.left(), node.center().y(), width, 0.0))
        way.adjust(-_CLEAR, 0.0, _CLEAR, _CLEAR if box is below else 0.0)
        if box is above:
            way.setTop(way.top() - _CLEAR)
        free = not [place for place in scene.nodes_in(way) if place != user]
        if free and not any(way.intersects(each.box) for each in others):
            return PlacedOutsider(outsiders, box, _line(box, node))
    floor = max([scene.geometry.layout.height, *(each.box.bottom() for each in others)])
    box = QRectF(left, floor + _CLEAR, width, _HEIGHT)
    return PlacedOutsider(outsiders, box, _line(box, node))


def _line(box: QRectF, node: QRectF) -> QLineF:
    middle = node.center().x()
    if box.top() > node.bottom():
        return QLineF(QPointF(middle, box.top()), QPointF(middle, node.bottom()))
    return QLineF(QPointF(middle, box.bottom()), QPointF(middle, node.top()))
