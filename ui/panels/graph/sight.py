"""What is to be painted of a graph, and how much of it can be read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QRectF, QSizeF

from playground.recording.progress import Progress
from ui.panels.graph.difference import Contrast
from ui.panels.graph.progress import Reach, reach_of
from ui.panels.graph.scene import Scene
from ui.panels.graph.view import Viewport


class Detail(Enum):
    """How much of a node is painted, from far away to near."""

    BLOCKS = "blocks"
    NAMES = "names"
    FULL = "full"


_NAMES_FROM = 0.26
_FULL_FROM = 0.6
_MOST_WITH_TEXT = 250
"""More boxes than these at once cannot be read, and would make a repaint slow."""


def detail_at(scale: float, nodes: int) -> Detail:
    """What can be read at this zoom, with so many nodes in view."""
    if scale < _NAMES_FROM or nodes > _MOST_WITH_TEXT:
        return Detail.BLOCKS
    return Detail.NAMES if scale < _FULL_FROM else Detail.FULL


@dataclass(frozen=True, slots=True)
class Emphasis:
    """What stands out by what the user does.

    Attributes:
        hovered, selected: keys of the node under the pointer and of the selected one.
        ghosts: whether free places show.
        found: keys of the nodes that the user searched for, or whose line of code he points at.
    """

    hovered: str | None = None
    selected: str | None = None
    ghosts: bool = True
    found: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Sight:
    """All that a picture of a graph depends on, besides the theme and the font.

    Attributes:
        scene, viewport: the graph and the part of it that shows.
        width, height: of the widget, in pixels.
        ratio: pixels of the screen to a pixel of the widget.
        emphasis, progress, contrast: what else is drawn into it.
        absent: keys of nodes that are not painted, since they are on their way elsewhere.
    """

    scene: Scene
    viewport: Viewport
    width: int
    height: int
    ratio: float = 1.0
    emphasis: Emphasis = Emphasis()
    progress: Progress | None = None
    contrast: Contrast | None = None
    absent: frozenset[str] = frozenset()


class Frame:
    """A sight while it is painted.

    Attributes:
        scene, emphasis, contrast: those of the sight.
        scale: its zoom.
        area: the part of the drawing that shows.
        nodes: places of the nodes in it.
        detail: what can be read.
        reach: the progress in this scene.
        hovered: place of the node under the pointer.
    """

    def __init__(self, sight: Sight) -> None:
        """Computes what the painters share."""
        self.scene = scene = sight.scene
        self.emphasis = sight.emphasis
        self.contrast = sight.contrast
        self.scale = sight.viewport.scale
        self.area: QRectF = sight.viewport.visible(QSizeF(sight.width, sight.height))
        inside = scene.nodes_in(self.area)
        self.detail = detail_at(self.scale, len(inside))
        self.nodes = [place for place in inside if scene.nodes[place].key not in sight.absent]
        self.reach: Reach = reach_of(scene, sight.progress)
        self.hovered = scene.index(sight.emphasis.hovered)
