"""The output over the plane, or along the line, with the examples on it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPaintEvent, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from playground.data.picture import Picture
from ui.panels.picture.coloring import class_color, image_of_classes, image_of_values, scale_of
from ui.panels.picture.contour import dashed, fold_lines, margins, zero_lines
from ui.panels.picture.points import examples, frame_of, look_of_class, paint_point
from ui.panels.picture.reading import Reading, reading_of
from ui.panels.picture.words import Names, axis_names
from ui.style.scale import small_text, stroke
from ui.style.theme import Theme, current_theme

_LEFT, _BOTTOM, _AROUND = 42, 30, 8
FOLD = 1.2
_SHORT, _SCALE = 4, 60
"""Letters from which on the name of the axis up is turned; pixels of the scale of colors."""


class PictureCanvas(QWidget):
    """Paints one picture into whatever room there is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Nothing to paint yet."""
        super().__init__(parent)
        self.setObjectName("picture_canvas")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("what the net gives")
        self._picture: Picture | None = None
        self._output, self._names = 0, Names()
        self._fold: NDArray[np.floating] | None = None
        self._drawn: tuple[object, ...] = ()
        self._image = QImage()
        self._border: list[NDArray[np.float64]] = []
        self._points = QPixmap()
        self._placed: tuple[object, ...] = ()
        # Held, so that no other array can have its id.
        self._of: Picture | None = None

    def show_picture(self, picture: Picture | None, output: int = 0) -> None:
        """Shows another picture; of several numbers that the net gives, this one."""
        self._picture, self._output = picture, output
        self.update()

    def set_names(self, names: Names) -> None:
        """What inputs and outputs are called."""
        self._names = names
        self.update()

    def show_fold(self, values: NDArray[np.floating] | None) -> None:
        """Draws the line where a hidden unit begins to work, from what it gives; None for none."""
        self._fold = values
        self.update()

    def sizeHint(self) -> QSize:
        """A size at which the border can be followed."""
        return QSize(280, 200)

    def minimumSizeHint(self) -> QSize:
        """The smallest in which anything is to be seen."""
        return QSize(120, 90)

    def area(self) -> QRectF:
        """Where the plane is painted."""
        return QRectF(self.rect()).adjusted(_larger(_LEFT), _AROUND, -_AROUND, -_larger(_BOTTOM))

    def look_of(self, row: int) -> tuple[QColor, int, bool]:
        """Of an example, as the picture lists them, those that are held out behind the others: color,
        number of the shape, and whether it is hollow.
        """
        assert self._picture is not None, "it has examples"
        theme, reading = current_theme(), reading_of(self._picture)
        for _, targets, hollow in examples(self._picture):
            if row < len(targets):
                on_line = self._picture.output.ndim == 2
                look = QColor(theme.parameter), 0
                return *(look if on_line else self._look_of(targets[row], reading, theme)), hollow
            row -= len(targets)
        raise IndexError(row)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints the plane or the curve, the examples, and the ends of the axes."""
        picture, area = self._picture, self.area()
        if picture is None or area.width() < 20 or area.height() < 20:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if picture.output.ndim == 3:
            self._paint_plane(painter, picture, area)
        else:
            self._paint_curves(painter, picture, area)
        painter.end()

    def _paint_plane(self, painter: QPainter, picture: Picture, area: QRectF) -> None:
        theme = current_theme()
        reading = reading_of(picture)
        self._draw_anew(picture, reading, theme)
        painter.drawImage(area, self._image)
        painter.setPen(QPen(QColor(theme.text), stroke(1.8)))
        for pieces in self._border:
            painter.drawLines(_lines(pieces, area, self._image.size()))
        if self._fold is not None and self._fold.ndim == 2 and self._fold.max() > 0:
            painter.setPen(QPen(QColor(theme.text), stroke(FOLD)))
            painter.drawLines(_lines(dashed(fold_lines(self._fold)), area, self._image.size()))
        painter.drawPixmap(area.topLeft(), self._examples_on_plane(picture, reading, area.size()))
        self._paint_axes(painter, picture, area, picture.plane.ranges[1])

    def _examples_on_plane(self, picture: Picture, reading: Reading, size: QSizeF) -> QPixmap:
        """The examples, painted once a run: they stay where they are while the net changes."""
        theme, ratio = current_theme(), self.devicePixelRatioF()
        # The run's pictures share the arrays.
        key = (id(picture.places), id(picture.targets), theme, reading, self._output, size, ratio)
        if key == self._placed:
            return self._points
        self._placed, self._of = key, picture
        self._points = QPixmap(QSize(round(size.width() * ratio), round(size.height() * ratio)))
        self._points.setDevicePixelRatio(ratio)
        self._points.fill(Qt.GlobalColor.transparent)
        painter = QPainter(self._points)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = frame_of(picture, QRectF(QPointF(), size))
        for places, targets, hollow in examples(picture):
            for row, (x, y) in enumerate(frame.seen(places).tolist()):
                color, number = QColor(theme.muted), 0
                if len(targets):
                    color, number = self._look_of(targets[row], reading, theme)
                paint_point(painter, QPointF(x, y), color, number, hollow, theme)
        painter.end()
        return self._points

    def _draw_anew(self, picture: Picture, reading: Reading, theme: Theme) -> None:
        """The colors of the plane, once a picture."""
        key = (picture, theme, self._output)
        if key == self._drawn:
            return
        self._drawn = key
        if reading is Reading.CLASSES:
            self._image = image_of_classes(picture.classes, theme)
        else:
            values = picture.output[self._number(picture)]
            self._image = image_of_values(values, scale_of(values), theme)
        whole = reading is not Reading.VALUES
        self._border = [zero_lines(each) for each in margins(picture.output)] if whole else []

    def _number(self, picture: Picture) -> int:
        return min(self._output, len(picture.output) - 1)

    def _look_of(self, target: NDArray[np.floating], reading: Reading, theme: Theme) -> tuple[QColor, int]:
        """Color and shape of an example."""
        if reading is Reading.CLASSES:
            number = int(target.argmax())
        else:
            number = int(target[min(self._output, len(target) - 1)] > 0)
        return look_of_class(number, reading, theme), number

    def _paint_curves(self, painter: QPainter, picture: Picture, area: QRectF) -> None:
        theme = current_theme()
        size, frame = picture.output.shape[1], frame_of(picture, area)
        low, high = frame.up
        painter.setPen(QPen(QColor(theme.border), 1))
        painter.setBrush(QColor(theme.raised))
        painter.drawRect(area)

        def y_of(values: NDArray[np.floating]) -> NDArray[np.float64]:
            return np.asarray(area.bottom() - (values - low) / (high - low) * area.height(), float)

        painter.save()
        painter.setClipRect(area)
        self._paint_folds(painter, picture, area, theme)
        for places, targets, hollow in examples(picture):
            if not len(targets):
                continue
            heights = targets[:, min(self._output, targets.shape[1] - 1)]
            for x, y in frame.seen(np.c_[places[:, 0], heights]).tolist():
                paint_point(painter, QPointF(x, y), QColor(theme.parameter), 0, hollow, theme)
        xs = np.linspace(area.left(), area.right(), size)
        curve = np.nan_to_num(y_of(picture.output[self._number(picture)]))
        painter.setPen(QPen(QColor(theme.loss), stroke(2)))
        painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in zip(xs, curve, strict=True)]))
        painter.restore()
        self._paint_axes(painter, picture, area, (low, high))

    def _paint_folds(self, painter: QPainter, picture: Picture, area: QRectF, theme: Theme) -> None:
        """Where each hidden unit begins to work the curve bends; the chosen one's line is dashed."""
        size = picture.output.shape[1]

        def folds(works: NDArray[np.bool_]) -> list[float]:
            found = (np.flatnonzero(works[1:] != works[:-1]) + 0.5) / (size - 1)
            return [area.left() + share * area.width() for share in found.tolist()]

        painter.setPen(QPen(QColor(theme.muted), stroke(FOLD)))
        for units in picture.hidden:
            for unit in units:
                for x in folds(unit > 0):
                    painter.drawLine(QPointF(x, area.bottom()), QPointF(x, area.bottom() - 8))
        if self._fold is not None and self._fold.ndim == 1:
            painter.setPen(QPen(QColor(theme.text), stroke(FOLD), Qt.PenStyle.DashLine))
            for x in folds(self._fold > 0):
                painter.drawLine(QPointF(x, area.bottom()), QPointF(x, area.top()))

    def _paint_axes(
        self, painter: QPainter, picture: Picture, area: QRectF, upward: tuple[float, float]
    ) -> None:
        painter.setPen(QColor(current_theme().muted))
        font = QFont(self.font())
        font.setPixelSize(small_text(10))
        painter.setFont(font)
        left, right = picture.plane.ranges[0]
        names = axis_names(picture, self._names)
        below = QRectF(area.left(), area.bottom() + 2, area.width(), _larger(14))
        align = Qt.AlignmentFlag
        for text, where in (
            (f"{left:.2g}", align.AlignLeft),
            (names[0], align.AlignHCenter),
            (f"{right:.2g}", align.AlignRight),
        ):
            painter.drawText(below, where, text)
        beside = QRectF(0, area.top(), _larger(_LEFT) - 4, area.height())
        name = self._names.output(self._number(picture)) if len(picture.output) > 1 else "y"
        name = names[1] if len(names) > 1 and picture.output.ndim == 3 else name
        for text, where in (
            (f"{upward[1]:.2g}", align.AlignTop),
            (name if len(name) < _SHORT else "", align.AlignVCenter),
            (f"{upward[0]:.2g}", align.AlignBottom),
        ):
            painter.drawText(beside, where | align.AlignRight, text)
        if len(name) >= _SHORT:
            painter.save()
            painter.translate(_larger(10), area.center().y())
            painter.rotate(-90)
            room = QRectF(-area.height() / 2 + 30, -_larger(8), area.height() - 60, _larger(14))
            shown = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, int(room.width()))
            painter.drawText(room, align.AlignCenter, shown)
            painter.restore()
        self._paint_legend(
            painter, picture, QRectF(area.left(), area.bottom() + _larger(15), area.width(), _larger(15))
        )

    def _paint_legend(self, painter: QPainter, picture: Picture, row: QRectF) -> None:
        """Beside the picture, never over it: what its signs are."""
        theme, reading = current_theme(), reading_of(picture)
        x, y = row.left() + 4, row.center().y()
        for text, color, number, hollow in _legend(picture, reading, theme, self._names):
            paint_point(painter, QPointF(x, y), color, number, hollow, theme)
            painter.setPen(QColor(theme.muted))
            width = painter.fontMetrics().horizontalAdvance(text)
            painter.drawText(
                QRectF(x + 7, row.top(), width + 2, row.height()), Qt.AlignmentFlag.AlignVCenter, text
            )
            x += width + 20
            if x > row.right():
                return
        x -= 4
        for text, pen in self._lines_in_legend(picture, reading, theme):
            width = painter.fontMetrics().horizontalAdvance(text) + 2
            if x + 16 + width > row.right():
                return
            painter.setPen(pen)
            painter.drawLine(QPointF(x, y), QPointF(x + 12, y))
            painter.setPen(QColor(theme.muted))
            where = QRectF(x + 16, row.top(), width, row.height())
            painter.drawText(where, Qt.AlignmentFlag.AlignVCenter, text)
            x += width + 30
        if reading is Reading.VALUES and picture.output.ndim == 3:
            self._paint_scale(painter, picture, QRectF(x, row.top(), row.right() - x, row.height()))

    def _lines_in_legend(self, picture: Picture, reading: Reading, theme: Theme) -> list[tuple[str, QPen]]:
        """What is drawn as a line, and how."""
        found = []
        if picture.output.ndim == 2:
            found.append(("output", QPen(QColor(theme.loss), stroke(2))))
            if any((unit > 0).any() for units in picture.hidden for unit in units):
                found.append(("ticks: a ReLU begins", QPen(QColor(theme.muted), stroke(FOLD))))
        elif reading is not Reading.VALUES and any(map(len, self._border)):
            found.append(("border", QPen(QColor(theme.text), stroke(1.8))))
        if self._fold is not None and (self._fold > 0).any() and not (self._fold > 0).all():
            pen = QPen(QColor(theme.text), stroke(FOLD), Qt.PenStyle.DashLine)
            found.append(("the unit's ReLU begins", pen))
        return found

    def _paint_scale(self, painter: QPainter, picture: Picture, room: QRectF) -> None:
        """Which color stands for which number."""
        theme, largest = current_theme(), scale_of(picture.output[self._number(picture)])
        ends = [f"{sign}{largest:.2g}" for sign in ("−", "")]
        widths = [painter.fontMetrics().horizontalAdvance(each) + 6 for each in ends]
        if sum(widths) + _SCALE > room.width():
            return
        ramp = np.linspace(-largest, largest, _SCALE)[None, :]
        bar = QRectF(room.left() + widths[0], room.center().y() - 4, _SCALE, 8)
        painter.drawImage(bar, image_of_values(ramp, largest, theme))
        painter.setPen(QColor(theme.muted))
        align = Qt.AlignmentFlag.AlignVCenter
        left = QRectF(room.left(), room.top(), widths[0] - 3, room.height())
        painter.drawText(left, align | Qt.AlignmentFlag.AlignRight, ends[0])
        right = QRectF(bar.right() + 3, room.top(), widths[1], room.height())
        painter.drawText(right, align | Qt.AlignmentFlag.AlignLeft, ends[1])


def _larger(pixels: float) -> int:
    """So many pixels of a desk, in the measure of the axes' letters."""
    return round(pixels * small_text(10) / 10)


def _legend(
    picture: Picture, reading: Reading, theme: Theme, names: Names
) -> list[tuple[str, QColor, int, bool]]:
    blue, orange = QColor(theme.parameter), QColor(theme.loss)
    if not len(picture.targets):
        # What they should be only the program itself knows.
        found = [] if picture.output.ndim == 2 else [("example", QColor(theme.muted), 0, False)]
    elif picture.output.ndim == 2:
        found = [("example", blue, 0, False)]
    elif reading is Reading.CLASSES:
        found = [
            (
                names.outputs[number] if number < len(names.outputs) else f"{number}",
                class_color(number, theme),
                number,
                False,
            )
            for number in range(len(picture.output))
        ]
    elif reading is Reading.SIDES:
        found = [("y = −1", blue, 0, False), ("y = 1", orange, 1, False)]
    else:
        found = [("y ≤ 0", blue, 0, False), ("y > 0", orange, 1, False)]
    if picture.test_places is not None:
        found.append(("test", QColor(theme.muted), 0, True))
    return found


def _lines(pieces: NDArray[np.float64], area: QRectF, size: QSize) -> list[QLineF]:
    """From cells of the grid, whose centers are the image's pixels, to the widget."""
    scale = np.array([area.width() / size.width(), area.height() / size.height()])
    ends = (pieces + 0.5) * scale + [area.left(), area.top()]
    return [QLineF(*line) for line in ends.reshape(-1, 4).tolist()]
