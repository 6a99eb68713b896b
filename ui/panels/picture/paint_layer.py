"""What lies over the picture while it is painted in: it hears mouse and keys, and shows the stroke."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from playground.data.picture import Picture
from ui.panels.picture.canvas import PictureCanvas
from ui.panels.picture.points import RADIUS, Frame, examples, frame_of, paint_point
from ui.panels.picture.tools import Tool
from ui.style.theme import Theme, current_theme

REACH = 9.0
"""Pixels from an example within which it is meant."""
APART = 14.0
"""Pixels between two examples of one stroke."""
_RING = RADIUS + 3.5
_STRIDE, _SHORT_STRIDE = 8.0, 1.0
"""Pixels that an arrow key goes; with Shift."""
_ARROWS = {
    Qt.Key.Key_Left: QPointF(-1, 0),
    Qt.Key.Key_Right: QPointF(1, 0),
    Qt.Key.Key_Up: QPointF(0, -1),
    Qt.Key.Key_Down: QPointF(0, 1),
}
_CURSORS = {
    Tool.LOOK: Qt.CursorShape.ArrowCursor,
    Tool.ADD: Qt.CursorShape.CrossCursor,
    Tool.MOVE: Qt.CursorShape.OpenHandCursor,
    Tool.ERASE: Qt.CursorShape.CrossCursor,
}


@dataclass(slots=True)
class _Stroke:
    """What the mouse does from press to release.

    Attributes:
        places: pixels of the examples that are added, or where the moved one is.
        rows: examples that are moved or erased.
        done: whether it has been told, and the picture does not have it yet.
    """

    places: list[QPointF] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    done: bool = False


class PaintLayer(QWidget):
    """Lies over the canvas, as large as that.

    Signals:
        added(object): tuple of the numbers at which examples are added: across and up.
        moved(int, object): row of an example, as the picture lists them, and where it is now.
        erased(object): rows of examples.
    """

    added = Signal(object)
    moved = Signal(int, object)
    erased = Signal(object)

    def __init__(self, canvas: PictureCanvas, parent: QWidget | None = None) -> None:
        """Looks."""
        super().__init__(parent)
        self.setObjectName("picture_paint_layer")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self._canvas = canvas
        self._picture: Picture | None = None
        self._tool = Tool.LOOK
        self._new_look: tuple[QColor, int] = QColor(), 0
        self._stroke: _Stroke | None = None
        self._under: int | None = None
        self._caret: QPointF | None = None
        self.choose(Tool.LOOK)

    def show_picture(self, picture: Picture | None) -> None:
        """Takes another picture; one with other examples has what was painted in it."""
        before, self._picture = self._picture, picture
        others = picture is None or before is None or picture.places is not before.places
        if others and (picture is None or (self._stroke is not None and self._stroke.done)):
            self.forget()
        self.update()

    def choose(self, tool: Tool) -> None:
        """Takes another tool; a stroke under way is given up."""
        self._tool = tool
        self.forget()
        self._caret = None
        self.setVisible(tool is not Tool.LOOK)
        self.setCursor(_CURSORS[tool])
        self.setAccessibleName(f"{tool.word.lower()} examples")
        self.setAccessibleDescription(f"{tool.sentence} Arrow keys and Space do the same.")

    def set_new_look(self, color: QColor, number: int) -> None:
        """Of the examples that are added."""
        self._new_look = color, number

    def forget(self) -> None:
        """Gives up the stroke, or what is shown of one that was refused."""
        self._stroke, self._under = None, None
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begins a stroke."""
        self._caret = None
        if event.button() == Qt.MouseButton.LeftButton:
            self._begin(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Goes on with it, or shows which example is meant."""
        if self._stroke is not None and not self._stroke.done and event.buttons():
            self._go_on(event.position())
        else:
            self._hover(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Ends it, and tells what was painted."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._end()

    def leaveEvent(self, _event: object) -> None:
        """No example is meant any more."""
        self._under = None
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The place that the keys have chosen is shown no longer."""
        super().focusOutEvent(event)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows choose a place, Space does what a click does there, to move one twice; Escape gives up."""
        key = Qt.Key(event.key())
        if key in _ARROWS:
            short = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._walk(_ARROWS[key] * (_SHORT_STRIDE if short else _STRIDE))
        elif key in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._act_at_caret()
        elif key == Qt.Key.Key_Escape and self._stroke is not None and not self._stroke.done:
            self.forget()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints the stroke, the example that is meant, and the place that the keys have chosen."""
        if self._picture is None:
            return
        theme, painter = current_theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._under is not None and self._stroke is None:
            self._ring(painter, self._place_of(self._under), theme)
        if self._stroke is not None:
            self._paint_stroke(painter, self._stroke, theme)
        if self._caret is not None and self.hasFocus():
            painter.setPen(QPen(QColor(theme.text), 1.4))
            painter.drawLine(self._caret - QPointF(7, 0), self._caret + QPointF(7, 0))
            painter.drawLine(self._caret - QPointF(0, 7), self._caret + QPointF(0, 7))
        painter.end()

    # The stroke

    def _begin(self, place: QPointF) -> None:
        self._stroke, nearest = None, self._nearest(place)
        if self._picture is None:
            return
        if self._tool is Tool.ADD and self._canvas.area().contains(place):
            self._stroke = _Stroke([place])
        elif self._tool is Tool.MOVE and nearest is not None:
            self._stroke = _Stroke([self._place_of(nearest)], [nearest])
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif self._tool is Tool.ERASE:
            self._stroke = _Stroke(rows=[] if nearest is None else [nearest])
        self.update()

    def _go_on(self, place: QPointF) -> None:
        stroke = self._stroke
        assert stroke is not None, "it has begun"
        if self._tool is Tool.ADD:
            way = place - stroke.places[-1]
            if math.hypot(way.x(), way.y()) >= APART and self._canvas.area().contains(place):
                stroke.places.append(place)
        elif self._tool is Tool.MOVE:
            stroke.places = [self._inside(place)]
        else:
            nearest = self._nearest(place)
            if nearest is not None and nearest not in stroke.rows:
                stroke.rows.append(nearest)
        self.update()

    def _end(self) -> None:
        stroke, frame = self._stroke, self._frame()
        self.setCursor(_CURSORS[self._tool])
        if stroke is None or frame is None or stroke.done:
            return
        stroke.done = True
        if self._tool is Tool.ADD:
            self.added.emit(tuple(map(frame.values, stroke.places)))
        elif self._tool is Tool.MOVE and stroke.places[0] != self._place_of(stroke.rows[0]):
            self.moved.emit(stroke.rows[0], frame.values(stroke.places[0]))
        elif self._tool is Tool.ERASE and stroke.rows:
            self.erased.emit(tuple(stroke.rows))
        else:
            self.forget()

    def _hover(self, place: QPointF) -> None:
        under = None if self._tool is Tool.ADD else self._nearest(place)
        if under != self._under:
            self._under = under
            self.update()

    def _walk(self, way: QPointF) -> None:
        self._caret = self._inside((self._caret or self._canvas.area().center()) + way)
        if self._stroke is not None and not self._stroke.done and self._tool is Tool.MOVE:
            self._go_on(self._caret)
        self._hover(self._caret)
        self.update()

    def _act_at_caret(self) -> None:
        if self._caret is None:
            self._caret = self._canvas.area().center()
        carries = self._stroke is not None and not self._stroke.done
        if not carries:
            self._begin(self._caret)
        if carries or self._tool is not Tool.MOVE:
            self._end()
        self.update()

    # Where things are

    def _frame(self) -> Frame | None:
        area = self._canvas.area()
        return None if self._picture is None or area.width() < 20 else frame_of(self._picture, area)

    def _seen(self) -> NDArray[np.float64]:
        """Pixels of the examples, row by row."""
        picture, frame = self._picture, self._frame()
        if picture is None or frame is None:
            return np.empty((0, 2))
        on_line = picture.output.ndim == 2
        found = [
            frame.seen(np.c_[places[:, 0], targets[:, 0]] if on_line else places)
            for places, targets, _ in examples(picture)
            if len(targets)
        ]
        return np.concatenate(found) if found else np.empty((0, 2))

    def _place_of(self, row: int) -> QPointF:
        seen = self._seen()
        return QPointF(*seen[row]) if row < len(seen) else QPointF(-99, -99)

    def _nearest(self, place: QPointF) -> int | None:
        seen = self._seen()
        if not len(seen):
            return None
        away = np.hypot(*(seen - [place.x(), place.y()]).T)
        nearest = int(away.argmin())
        return nearest if away[nearest] <= REACH else None

    def _inside(self, place: QPointF) -> QPointF:
        area = self._canvas.area()
        return QPointF(
            min(max(place.x(), area.left()), area.right()), min(max(place.y(), area.top()), area.bottom())
        )

    # How it looks

    def _paint_stroke(self, painter: QPainter, stroke: _Stroke, theme: Theme) -> None:
        if self._tool is Tool.ADD:
            for place in stroke.places:
                paint_point(painter, place, *self._new_look, False, theme)
        elif self._tool is Tool.MOVE:
            row, place = stroke.rows[0], stroke.places[0]
            painter.setPen(QPen(QColor(theme.text), 1.2, Qt.PenStyle.DotLine))
            painter.drawLine(self._place_of(row), place)
            paint_point(painter, place, *self._canvas.look_of(row), theme)
            self._ring(painter, place, theme)
        else:
            painter.setPen(QPen(QColor(theme.text), 2))
            for row in stroke.rows:
                middle = self._place_of(row)
                for way in (QPointF(5, 5), QPointF(5, -5)):
                    painter.drawLine(middle - way, middle + way)

    def _ring(self, painter: QPainter, place: QPointF, theme: Theme) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for color, width in ((theme.surface, 3.6), (theme.text, 1.8)):
            painter.setPen(QPen(QColor(color), width))
            painter.drawEllipse(place, _RING, _RING)
