"""The surface on which a graph is drawn: it pans, zooms, points and selects."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QSizePolicy, QToolTip, QWidget

from playground.graph.layout import Layout
from playground.graph.model import Graph
from ui.panels.graph_navigation import ARROWS, description, first_node, next_node, tooltip
from ui.panels.graph_paint import Emphasis, ScenePainter
from ui.panels.graph_scene import Scene, Scenes
from ui.panels.graph_shapes import Colours
from ui.panels.graph_text import TextFitter
from ui.panels.graph_viewport import Viewport, fitted
from ui.theme import Theme

ZOOM_STEP = 1.25
_PICTURES = 8
"""Pictures that are kept of graphs that are drawn in the same place."""
_WHEEL_BASE = 1.0016
"""Zoom factor of one eighth of a degree of the wheel; a notch of 15 degrees gives 1.21."""


class GraphCanvas(QWidget):
    """Draws one graph with its layout.

    Signals:
        node_selected(str): key of the node that the user selected; "" when he cleared the selection.
    """

    node_selected = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        """Starts without a graph."""
        super().__init__(parent)
        self._theme = theme
        self._painter = self._new_painter()
        self._scene: Scene | None = None
        self._scenes = Scenes()
        self._message = ""
        self._viewport = Viewport()
        self._fits = True
        self._emphasis = Emphasis()
        self._pictures: dict[Scene, QPixmap] = {}
        self._seen: tuple[object, ...] = ()
        self._pressed: QPointF | None = None
        self._dragged: QPointF | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 120)
        self.setAccessibleName("Computation graph")

    @property
    def scene(self) -> Scene | None:
        """What is drawn."""
        return self._scene

    @property
    def viewport(self) -> Viewport:
        """Which part of it is shown."""
        return self._viewport

    def set_graph(self, graph: Graph | None, layout: Layout | None) -> None:
        """Draws this graph; a graph that shares its layout with the one before it moves nothing."""
        before = self._scene
        self._scene = None if graph is None or layout is None else self._scenes.scene(graph, layout)
        if self._scene is before:
            return
        if self._scene is None:
            self._fits = True
            self._scenes = Scenes()
        elif before is None or _size(before) != _size(self._scene):
            self._fit_if_wanted()
        self._tell()
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Paints in these colours from now on."""
        if theme is not self._theme:
            self._theme = theme
            self._painter = self._new_painter()
            self._seen = ()
            self.update()

    def set_message(self, text: str) -> None:
        """What to say in the middle while there is no graph."""
        if text != self._message:
            self._message = text
            self._tell()
            self.update()

    def set_ghosts(self, visible: bool) -> None:
        """Whether to draw places that the layout holds and this graph leaves free."""
        self._emphasize(Emphasis(self._emphasis.hovered, self._emphasis.selected, visible))

    def select(self, key: str | None) -> None:
        """Outlines a node; None clears. The outline returns when a graph with that node returns."""
        self._emphasize(Emphasis(self._emphasis.hovered, key or None, self._emphasis.ghosts))

    def fit(self) -> None:
        """Shows the whole drawing, and goes on doing so until the user pans or zooms."""
        self._fits = True
        self._fit_if_wanted()

    def zoom(self, factor: float, fixed: QPointF | None = None) -> None:
        """Zooms around a point of the widget, its middle by default."""
        self._look(self._viewport.zoomed(factor, fixed or QRectF(self.rect()).center()))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints the graph, or the message where there is none."""
        painter = QPainter(self)
        colours = self._colours
        painter.fillRect(self.rect(), colours.surface)
        if self._scene is None:
            painter.setPen(colours.muted)
            room = self.rect().adjusted(24, 24, -24, -24)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._message)
        else:
            painter.drawPixmap(0, 0, self._picture(self._scene))
        if self.hasFocus():
            painter.setPen(colours.focus)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _picture(self, scene: Scene) -> QPixmap:
        """The graph as it looks now; a few are kept, since DynamicNet shows the same ones again and again."""
        ratio = self.devicePixelRatioF()
        seen = (self._viewport, self.size().toTuple(), self._emphasis, ratio)
        if seen != self._seen:
            self._seen = seen
            self._pictures.clear()
        picture = self._pictures.get(scene)
        if picture is None:
            picture = QPixmap(self.size() * ratio)
            picture.setDevicePixelRatio(ratio)
            picture.fill(self._colours.surface)
            painter = QPainter(picture)
            painter.setFont(self.font())
            self._painter.paint(painter, scene, self._viewport, QSizeF(self.size()), self._emphasis)
            painter.end()
            if len(self._pictures) >= _PICTURES:
                del self._pictures[next(iter(self._pictures))]
            self._pictures[scene] = picture
        return picture

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keeps the whole drawing in view, if it was."""
        self._fit_if_wanted()

    def changeEvent(self, event: QEvent) -> None:
        """Fits the texts anew in another font."""
        if event.type() == QEvent.Type.FontChange:
            self._painter = self._new_painter()
            self._seen = ()
            self.update()
        super().changeEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zooms around the pointer."""
        self.zoom(_WHEEL_BASE ** event.angleDelta().y(), event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begins a click or a drag."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pans while the button is down; lights up the node under the pointer while it is not."""
        position = event.position()
        if self._pressed is None:
            self._hover(position)
            return
        far = (position - self._pressed).manhattanLength() >= QApplication.startDragDistance()
        if self._dragged is None and not far:
            return
        step = position - (self._dragged or self._pressed)
        self._dragged = position
        self.setCursor(Qt.CursorShape.ClosedHandCursor)
        self._look(self._viewport.moved(step.x(), step.y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Selects what was clicked; the end of a drag selects nothing."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        clicked = self._pressed is not None and self._dragged is None
        self._pressed = self._dragged = None
        self.unsetCursor()
        if clicked:
            index = self._node_at(event.position())
            self._choose(None if self._scene is None or index is None else self._scene.nodes[index].key)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Fits."""
        self.fit()

    def leaveEvent(self, event: QEvent) -> None:
        """Lights up nothing any more."""
        self._hover(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys walk along the data, + and - zoom, F fits, Escape clears."""
        if event.key() in ARROWS and self._scene is not None:
            self._walk(self._scene, event.key())
        elif event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(ZOOM_STEP)
        elif event.key() == Qt.Key.Key_Minus:
            self.zoom(1 / ZOOM_STEP)
        elif event.key() == Qt.Key.Key_F:
            self.fit()
        elif event.key() == Qt.Key.Key_Escape and self._emphasis.selected is not None:
            self._choose(None)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Shows what is known of the node under the pointer."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self._tooltip_at(event.pos()), self)
            return True
        return super().event(event)

    def _tooltip_at(self, position: QPoint) -> str:
        if self._scene is None:
            return ""
        place = self._viewport.to_drawing(QPointF(position))
        return tooltip(self._scene, place, self._emphasis.ghosts)

    def _new_painter(self) -> ScenePainter:
        self._colours = Colours(self._theme)
        return ScenePainter(self._colours, TextFitter(self.font()))

    def _node_at(self, position: QPointF) -> int | None:
        return None if self._scene is None else self._scene.node_at(self._viewport.to_drawing(position))

    def _hover(self, position: QPointF | None) -> None:
        index = None if position is None else self._node_at(position)
        key = None if self._scene is None or index is None else self._scene.nodes[index].key
        self._emphasize(Emphasis(key, self._emphasis.selected, self._emphasis.ghosts))

    def _walk(self, scene: Scene, key: int) -> None:
        selected = scene.index(self._emphasis.selected)
        index = first_node(scene) if selected is None else next_node(scene, selected, key)
        if index is not None:
            self._choose(scene.nodes[index].key)
            self._look(self._viewport.revealing(scene.rectangles[index], QSizeF(self.size())))

    def _choose(self, key: str | None) -> None:
        """What the user selects; told once, and only if it is another node."""
        if key != self._emphasis.selected:
            self.select(key)
            self.node_selected.emit(key or "")

    def _emphasize(self, emphasis: Emphasis) -> None:
        if emphasis != self._emphasis:
            self._emphasis = emphasis
            self._tell()
            self.update()

    def _look(self, viewport: Viewport) -> None:
        """Where the user looks: from now on nothing is fitted by itself."""
        if viewport != self._viewport and self._scene is not None:
            self._viewport = viewport
            self._fits = False
            self.update()

    def _fit_if_wanted(self) -> None:
        if self._fits and self._scene is not None:
            self._viewport = fitted(*_size(self._scene), QSizeF(self.size()))
            self.update()

    def _tell(self) -> None:
        selected = None if self._scene is None else self._scene.index(self._emphasis.selected)
        words = description(self._scene, selected) or self._message
        if words != self.accessibleDescription():
            self.setAccessibleDescription(words)


def _size(scene: Scene) -> tuple[float, float]:
    return scene.geometry.layout.width, scene.geometry.layout.height
