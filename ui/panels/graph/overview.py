"""The small map of a drawing that is larger than the canvas, with the part that shows."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from playground.recording.progress import Progress
from ui.panels.graph.progress import ROLE_OF_PHASE, places_of
from ui.panels.graph.scene import Role, Scene
from ui.panels.graph.shapes import Colors, Fit, thumbnail

_WIDEST, _LEAST_HEIGHT, _MOST_HEIGHT = 152, 40, 92
_SHARE = 0.3
"""Of the canvas, that the map may take across and down."""
_FROM_EDGE = 8
_STRETCH = 2.5
_GROUND_ALPHA = 34
_MOST_PICTURES = 32
_PATIENCE = 1
"""So many nodes more than in another corner may be covered before the map moves there."""


def focus_of(scene: Scene, progress: Progress | None, selected: str | None) -> QRectF:
    """What matters in a scene now: the node at the cursor, else the selected one, else the loss."""
    now = [] if progress is None else places_of(scene, progress.current)
    chosen = scene.drawn_as.get(selected or "", []) if not now else []
    places = now or chosen or scene.places_by_role.get(Role.LOSS, []) or range(len(scene.nodes))
    boxes = [scene.rectangles[place] for place in places]
    # Of several the one that is farthest on the way: the result of an operation that made several nodes.
    return max(boxes, key=QRectF.right, default=QRectF())


class OverviewMap(QWidget):
    """Lies over a corner of the canvas while that shows a part of the drawing only.

    Signals:
        asked(QPointF): the point of the drawing that the user wants to see.
    """

    asked = Signal(QPointF)

    def __init__(self, parent: QWidget) -> None:
        """Hidden at first."""
        super().__init__(parent)
        self.setObjectName("graph_map")
        self.setAccessibleName("Map of the whole graph")
        self.setToolTip("The whole graph: drag to see another part of it")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._scene: Scene | None = None
        self._colors: Colors | None = None
        self._pictures: dict[Scene, QPixmap] = {}
        self._area = QRectF()
        self._now: tuple[list[int], Role] = ([], Role.OPERATION)
        self.hide()

    @property
    def area(self) -> QRectF:
        """The part of the drawing that is marked."""
        return self._area

    def show_part(self, scene: Scene | None, colors: Colors, area: QRectF, avoid: QRectF) -> None:
        """Marks the part of a scene that shows; hides if that is all of it.

        Args:
            scene: what is drawn.
            colors: of the theme.
            area: what shows, in the drawing.
            avoid: what the map shall not lie on, in the canvas.
        """
        whole = QRectF() if scene is None else _drawing(scene)
        if scene is None or area.contains(whole):
            self.hide()
            self._scene = None
            return
        if colors is not self._colors or len(self._pictures) > _MOST_PICTURES:
            self._pictures.clear()
        self._scene, self._colors = scene, colors
        canvas = self.parentWidget()
        size = _size(whole, QSize() if canvas is None else canvas.size())
        if size != self.size():
            self._pictures.clear()
            self.resize(size)
        if scene not in self._pictures:
            self._pictures[scene] = thumbnail(scene, colors, self.size(), self.devicePixelRatioF())
        self._area = area.intersected(whole)
        self._go_to_corner(scene, area, avoid)
        self.show()
        self.update()

    def mark(self, scene: Scene, progress: Progress | None) -> None:
        """Fills the nodes at the cursor with the color of its phase."""
        now: tuple[list[int], Role] = ([], Role.OPERATION)
        if progress is not None:
            now = places_of(scene, progress.current), ROLE_OF_PHASE[progress.phase]
        if now != self._now:
            self._now = now
            self.update()

    def point_at(self, position: QPointF) -> QPointF:
        """The point of the drawing that lies at a place of the map."""
        return QPointF() if self._scene is None else self._fit(self._scene).to_drawing(position)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints the drawing, the nodes at the cursor, and the part that shows."""
        if self._scene is None or self._colors is None:
            return
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._pictures[self._scene])
        fit = self._fit(self._scene)
        places, role = self._now
        for place in places:
            if place < len(self._scene.rectangles):
                block = fit.block(self._scene.rectangles[place]).adjusted(-1, -1, 1, 1)
                painter.fillRect(block, self._colors.inks[role])
        ink = QColor(self._colors.inks[Role.PARAMETER])
        corners = fit.to_picture(self._area.topLeft()), fit.to_picture(self._area.bottomRight())
        painter.setPen(QPen(ink, 1.5))
        ink.setAlpha(_GROUND_ALPHA)
        painter.setBrush(ink)
        painter.drawRect(QRectF(*corners).intersected(QRectF(self.rect()).adjusted(1, 1, -2, -2)))
        painter.setPen(self._colors.muted)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Goes there."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.asked.emit(self.point_at(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Goes there while the button is down."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.asked.emit(self.point_at(event.position()))

    def _fit(self, scene: Scene) -> Fit:
        drawing = _drawing(scene)
        return Fit(drawing.width(), drawing.height(), self.size())

    def _go_to_corner(self, scene: Scene, shown: QRectF, avoid: QRectF) -> None:
        """The corner in which it covers the fewest nodes, and not what has to be seen; it moves seldom."""
        canvas = self.parentWidget()
        assert canvas is not None, "it lies over one"
        right = canvas.width() - self.width() - _FROM_EDGE
        bottom = canvas.height() - self.height() - _FROM_EDGE
        corners = ((right, bottom), (_FROM_EDGE, bottom), (right, _FROM_EDGE), (_FROM_EDGE, _FROM_EDGE))
        areas = [QRect(x, y, self.width(), self.height()) for x, y in corners]
        free = [each for each in areas if not QRectF(each).intersects(avoid)] or areas
        scale = shown.width() / max(canvas.width(), 1)

        def covered(area: QRect) -> int:
            corner = shown.topLeft() + QPointF(area.topLeft()) * scale
            return len(scene.nodes_in(QRectF(corner, QSizeF(area.size()) * scale)))

        best = min(free, key=covered)
        if self.geometry() not in free or covered(self.geometry()) > covered(best) + _PATIENCE:
            self.move(best.topLeft())


def _drawing(scene: Scene) -> QRectF:
    layout = scene.geometry.layout
    return QRectF(0.0, 0.0, layout.width, layout.height)


def _size(drawing: QRectF, canvas: QSize) -> QSize:
    width = min(_WIDEST, _SHARE * canvas.width())
    height = width * _STRETCH * drawing.height() / max(drawing.width(), 1.0)
    most = max(min(_MOST_HEIGHT, _SHARE * canvas.height()), _LEAST_HEIGHT)
    return QSize(round(width), round(min(max(height, _LEAST_HEIGHT), most)))
