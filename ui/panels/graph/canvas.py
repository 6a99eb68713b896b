"""The surface on which a graph is drawn: it pans, zooms, points and selects."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QEvent, QPoint, QPointF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QHelpEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from playground.graph.folding import Block, Folding
from playground.graph.layout import Frame, Layout
from playground.graph.model import Graph
from playground.graph.modules import Chain
from playground.recording.progress import Progress
from ui.panels.graph.difference import Comparer, Contrast
from ui.panels.graph.drag import Drag
from ui.panels.graph.motion import can_be_seen
from ui.panels.graph.navigation import ARROWS, told, tooltip, walked
from ui.panels.graph.paint import Pictures
from ui.panels.graph.progress import places_of
from ui.panels.graph.pulse import Pulse
from ui.panels.graph.remarks import OutsiderPlaces, Remarks
from ui.panels.graph.scene import Scene, Scenes
from ui.panels.graph.scene_view import SceneView
from ui.panels.graph.shapes import Colors, thumbnail
from ui.panels.graph.texts import TextFitter
from ui.panels.graph.view import (
    WHEEL_BASE,
    ZOOM_STEP,
    Aim,
    Emphasis,
    RenderState,
)
from ui.style.theme import current_theme
from ui.widgets.number_menu import offer_numbers


class GraphCanvas(SceneView):
    """Draws one graph with its layout.

    Signals:
        node_selected(str): key of the node that the user selected; "" when they cleared it.
        block_opened(object): the user wants to see what this Block stands for.
        frame_folded(object): they want the module of these calls, which is open, as one box again.
        number_asked(str, str): they want a program for the value or the gradient of the node with this key.
        what_if_asked(): they want to change a number of the selected node.

    Attributes:
        animated: whether one graph may turn into another smoothly.
    """

    node_selected = Signal(str)
    block_opened = Signal(object)
    frame_folded = Signal(object)
    number_asked = Signal(str, str)
    what_if_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Without a graph at first."""
        super().__init__(parent)
        self._pictures = Pictures(self._colors, TextFitter(self.font()))
        self._scenes = Scenes()
        self._small_scenes = Scenes()
        self._comparer = Comparer(self._scenes, None)
        self._message = ""
        self._remarks: Remarks | None = None
        self._places = OutsiderPlaces()
        self.animated = True
        self.pulse = Pulse(self)
        self.pulse.moved.connect(self.update)
        self._drag = Drag()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 120)
        self.setAccessibleName("Computation graph")

    @property
    def selected(self) -> str | None:
        """Key of the selected node, whether this graph has it or not."""
        return self._emphasis.selected

    @property
    def contrast(self) -> Contrast | None:
        """How what is drawn differs from the earlier graph that it is compared with."""
        return self._comparer.contrast(self._scene)

    def set_graph(
        self,
        graph: Graph | None,
        layout: Layout | None,
        animate: bool = False,
        folding: Folding | None = None,
    ) -> None:
        """Draws this graph; a graph that shares its layout with the one before it moves nothing.

        With `animate` the graph before turns into it smoothly, if it can be seen and `animated` is set.
        """
        before = self._scene
        scene = None if graph is None or layout is None else self._scenes.scene(graph, layout, folding)
        if scene is before:
            return
        self.motion.finish()
        seen = None if before is None else self._sight(before)
        self._scene = scene
        self._outside = self._places.of(self._scene, self._remarks)
        if scene is None:
            self._aim = Aim.READABLE
            self._scenes = Scenes()
            self._comparer = Comparer(self._scenes, self._comparer.before)
        elif before is None or before.geometry is not scene.geometry:
            self._take_aim()
        self._tell_map()
        if animate and seen is not None and scene is not None and self.animated and can_be_seen(self):
            self.motion.start(seen)
        self._tell()
        self.update()

    def set_difference(self, before: Graph | None) -> None:
        """Draws every graph against this earlier one; None draws them as ever."""
        if before is not self._comparer.before:
            self.motion.finish()
            self._comparer = Comparer(self._scenes, before)
            self._tell()
            self.update()

    def thumbnail(self, graph: Graph, layout: Layout, size: QSize, ratio: float) -> QPixmap:
        """A graph as a tiny picture in the present theme, with the free places of its layout faint."""
        return thumbnail(self._small_scenes.scene(graph, layout), self._colors, size, ratio)

    def set_message(self, text: str) -> None:
        """What to say in the middle while there is no graph."""
        if text != self._message:
            self._message = text
            self._tell()
            self.update()

    def set_ghosts(self, visible: bool) -> None:
        """Whether to draw places that the layout holds and this graph leaves free."""
        self._emphasize(replace(self._emphasis, ghosts=visible))

    @property
    def progress(self) -> Progress | None:
        """How far the step has come that is drawn; None draws the whole graph."""
        return self._progress

    def set_progress(self, progress: Progress | None) -> None:
        """How far the recorded step has come in this graph; None draws the graph as ever."""
        if progress != self._progress:
            self._progress = progress
            self._take_aim()
            self._tell()
            self.update()

    def set_remarks(self, remarks: Remarks | None) -> None:
        """What a recorded step adds to its graph at the cursor; None adds nothing."""
        if remarks is not self._remarks:
            self._remarks = remarks
            self._outside = self._places.of(self._scene, self._remarks)
            self._take_aim()
            self._tell()
            self.update()

    @property
    def found(self) -> frozenset[str]:
        """Keys of the nodes that are outlined as found."""
        return self._emphasis.found

    def set_found(self, keys: Collection[str]) -> None:
        """Outlines the nodes that the user searched for."""
        self._emphasize(replace(self._emphasis, found=frozenset(keys)))

    def select(self, key: str | None) -> None:
        """Outlines a node; None clears. The outline returns when a graph with that node returns."""
        self._emphasize(replace(self._emphasis, selected=key or None))

    def choose(self, key: str | None) -> None:
        """What the user selects: like `select`, but told, if it is another node; a block is none."""
        if key != self._emphasis.selected:
            self.select(key)
            if not self._is_block(key):
                self.node_selected.emit(key or "")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints the graph, or the message where there is none."""
        painter = QPainter(self)
        colors = self._colors
        painter.fillRect(self.rect(), colors.surface)
        if self._scene is None:
            painter.setPen(colors.muted)
            room = self.rect().adjusted(24, 24, -24, -24)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._message)
        else:
            self.motion.paint(painter, self._pictures, self._sight(self._scene))
            self.pulse.paint(painter, self._scene, self._viewport)
        if self.hasFocus():
            painter.setPen(colors.focus)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _sight(self, scene: Scene) -> RenderState:
        """How a scene looks now."""
        return RenderState(
            scene,
            self._viewport,
            self.width(),
            self.height(),
            self.devicePixelRatioF(),
            self._emphasis,
            self._progress,
            self._comparer.contrast(scene),
            remarks=self._remarks,
            outside=self._outside,
        )

    def hideEvent(self, event: QHideEvent) -> None:
        """Moves nothing that nobody sees."""
        self.motion.finish()
        self.pulse.stop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keeps the whole drawing in view, if it was."""
        self.motion.finish()
        self._take_aim()

    def changeEvent(self, event: QEvent) -> None:
        """Paints anew in the colors of another theme, and fits the texts in another font."""
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.PaletteChange):
            self.motion.finish()
            self._colors = Colors(current_theme())
            self._pictures = Pictures(self._colors, TextFitter(self.font()))
            self._tell_map()
            self.update()
        super().changeEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zooms around the pointer."""
        self.zoom(WHEEL_BASE ** event.angleDelta().y(), event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begins a click or a drag."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._drag.press(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pans while the button is down; lights up the node under the pointer while it is not."""
        if not self._drag.is_pressed:
            self._hover(event.position())
            return
        step = self._drag.move(event.position())
        if step is not None:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self._look(self._viewport.moved(step.x(), step.y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Selects what was clicked; the end of a drag selects nothing."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.unsetCursor()
            if self._drag.release():
                self._click(event.position())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offers the numbers of the node under the pointer, or by the key those of the selected one."""
        by_key = event.reason() is QContextMenuEvent.Reason.Keyboard
        index = None if by_key else self._node_at(QPointF(event.pos()))
        key = self.selected if by_key else self._key_of(index)
        if key is None or self._is_block(key):
            event.ignore()
            return
        self.choose(key)
        offer_numbers(self, event.globalPos(), partial(self.number_asked.emit, key), self.what_if_asked.emit)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Fits; on what opens or folds, the second click is one more click too many."""
        if self._foldable_at(event.position()) is None:
            self.fit()

    def leaveEvent(self, event: QEvent) -> None:
        """Lights up nothing any more."""
        self._hover(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows walk along the data, + and - zoom, F fits, Enter opens, Backspace folds, Escape clears."""
        if event.key() in ARROWS and self._scene is not None:
            self._walk(self._scene, event.key())
        elif event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(ZOOM_STEP)
        elif event.key() == Qt.Key.Key_Minus:
            self.zoom(1 / ZOOM_STEP)
        elif event.key() == Qt.Key.Key_F:
            self.fit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._is_block(self.selected):
            self.block_opened.emit(self._block(self.selected))
        elif event.key() == Qt.Key.Key_Backspace and self._frame_at_focus():
            self.frame_folded.emit(self._frame_at_focus())
        elif event.key() == Qt.Key.Key_Escape and self._emphasis.selected is not None:
            self.choose(None)
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
        return tooltip(self._scene, place, self._emphasis.ghosts, self.contrast, self._remarks, self._outside)

    def _node_at(self, position: QPointF) -> int | None:
        return None if self._scene is None else self._scene.node_at(self._viewport.to_drawing(position))

    def _block(self, key: str | None) -> Block | None:
        index = None if self._scene is None else self._scene.index(key)
        return None if self._scene is None or index is None else self._scene.block(index)

    def _is_block(self, key: str | None) -> bool:
        return self._block(key) is not None

    def _foldable_at(self, position: QPointF) -> Block | Frame | None:
        """The block or the frame's title at a point of the widget, or None."""
        if self._scene is None:
            return None
        index = self._node_at(position)
        if index is not None:
            return self._scene.block(index)
        return self._scene.frame_at(self._viewport.to_drawing(position))

    def _click(self, position: QPointF) -> None:
        found = self._foldable_at(position)
        if isinstance(found, Frame):
            self.frame_folded.emit(found.call)
        elif found is not None:
            self.block_opened.emit(found)
        else:
            self.choose(self._key_of(self._node_at(position)))

    def _key_of(self, index: int | None) -> str | None:
        return None if self._scene is None or index is None else self._scene.nodes[index].key

    def _frame_at_focus(self) -> Chain:
        """The innermost open module around the selected node, else around the cursor; empty without one."""
        scene = self._scene
        if scene is None:
            return ()
        place = scene.index(self.selected)
        if place is None and self._progress is not None:
            place = next(iter(places_of(scene, self._progress.current)), None)
        return scene.frame_around(place)

    def _hover(self, position: QPointF | None) -> None:
        index = None if position is None else self._node_at(position)
        foldable = None if position is None else self._foldable_at(position)
        if foldable is not None:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        else:
            self.unsetCursor()
        key = self._key_of(index)
        self._emphasize(replace(self._emphasis, hovered=key))

    def _walk(self, scene: Scene, key: int) -> None:
        index = walked(scene, self._emphasis.selected, self._progress, key)
        if index is not None:
            self.choose(scene.nodes[index].key)
            self._show(self._viewport.revealing(scene.rectangles[index], QSizeF(self.size())))

    def _emphasize(self, emphasis: Emphasis) -> None:
        if emphasis != self._emphasis:
            self._emphasis = emphasis
            self._tell()
            self.update()

    def _tell(self) -> None:
        scene, selected = self._scene, self._emphasis.selected
        words = told(scene, selected, self._progress, self.contrast, self._remarks) or self._message
        if words != self.accessibleDescription():
            self.setAccessibleDescription(words)
