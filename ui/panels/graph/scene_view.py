"""A widget that shows a part of a drawing: what it aims at by itself, and where the user takes it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtWidgets import QWidget

from playground.recording.progress import Progress
from ui.panels.graph.motion import Motion
from ui.panels.graph.overview import OverviewMap, focus_of
from ui.panels.graph.remarks import PlacedOutsider, bounds
from ui.panels.graph.scene import Scene
from ui.panels.graph.shapes import Colors
from ui.panels.graph.view import Aim, Emphasis, Viewport, fitted, legible, readable
from ui.style.theme import current_theme


class SceneView(QWidget):
    """Knows which part of a scene shows; whoever extends it paints.

    Attributes:
        motion: what leads from one scene to the next.
        map: what shows where one is in a drawing that is larger than the widget.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        """Without a scene at first."""
        super().__init__(parent)
        self._colors = Colors(current_theme())
        self._scene: Scene | None = None
        self._viewport = Viewport()
        self._aim = Aim.READABLE
        self._emphasis = Emphasis()
        self._progress: Progress | None = None
        self._outside: tuple[PlacedOutsider, ...] = ()
        self.motion = Motion(self)
        self.motion.moved.connect(self.update)
        self.map = OverviewMap(self)
        self.map.asked.connect(self.center_on)

    @property
    def scene(self) -> Scene | None:
        """What is drawn."""
        return self._scene

    @property
    def viewport(self) -> Viewport:
        """Which part of it is shown."""
        return self._viewport

    def reveal(self, key: str) -> None:
        """Pans as far as it takes to show a node, or a copy of it; a whole drawing stays as it is."""
        if self._aim is Aim.WHOLE or self._scene is None:
            return
        size = QSizeF(self.size())
        views = [
            self._viewport.revealing(self._scene.rectangles[place], size)
            for place in self._scene.drawn_as.get(key, ())
        ]
        if views and self._viewport not in views:
            self._show(views[0])

    def fit(self) -> None:
        """Shows the whole drawing, until the user pans, zooms or asks again: then what can be read of it."""
        self._aim = Aim.READABLE if self._aim is Aim.WHOLE else Aim.WHOLE
        self._take_aim()

    def center_on(self, point: QPointF) -> None:
        """Pans to a point of the drawing, at a zoom at which names can be read."""
        scale = max(self._viewport.scale, legible())
        middle = QRectF(self.rect()).center()
        self._look(Viewport(scale, middle.x() - point.x() * scale, middle.y() - point.y() * scale))

    def zoom(self, factor: float, fixed: QPointF | None = None) -> None:
        """Zooms around a point of the widget, its middle by default."""
        self._look(self._viewport.zoomed(factor, fixed or QRectF(self.rect()).center()))

    def _look(self, viewport: Viewport) -> None:
        """Where the user looks: from now on nothing is shown by itself."""
        if viewport != self._viewport and self._scene is not None:
            self._aim = Aim.FREE
            self._show(viewport)

    def _show(self, viewport: Viewport) -> None:
        if viewport != self._viewport:
            self.motion.finish()
            self._viewport = viewport
            self._tell_map()
            self.update()

    def _take_aim(self) -> None:
        """Shows what the canvas shows by itself."""
        scene = self._scene
        if scene is None or self._aim is Aim.FREE:
            self._tell_map()
            return
        drawing, size = bounds(scene, self._outside), QSizeF(self.size())
        if self._aim is Aim.WHOLE:
            self._show(fitted(drawing, size))
        else:
            focus = focus_of(scene, self._progress, self._emphasis.selected)
            self._show(readable(drawing, size, focus, self._viewport))
        self._tell_map()

    def _tell_map(self) -> None:
        scene, size = self._scene, QSizeF(self.size())
        avoid = QRectF()
        if scene is not None:
            avoid = focus_of(scene, self._progress, self._emphasis.selected)
            self.map.mark(scene, self._progress)
        transform = self._viewport.transform()
        self.map.show_part(scene, self._colors, self._viewport.visible(size), transform.mapRect(avoid))
