"""One parameter as a picture in some of its steps, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from playground.data.weight_tiles import GAP, SIDE, Tile
from ui.panels.weights.axis import MINUS, value_text
from ui.style.theme import Theme, current_theme
from ui.widgets.number_text import show_whole
from ui.widgets.tensor.heatmap import Cells, cells_of_matrix, image_of

BOX, LARGE_BOX = QSize(150, 104), QSize(300, 240)
"""What a picture has room in, by its own size or enlarged."""
_LEAST = QSize(44, 22)
_LARGEST_CELL = 14
_GAP, _HEAD, _LABEL, _LEFT = 10, 24, 16, 12
_BAR = 70


class WeightStrip(QWidget):
    """Paints as many steps as there is room for, the first, the shown and the newest among them.

    Signals:
        step_chosen(int): the user wants to see this step.
        pointed(str): what is under the pointer, or at the keyboard's cursor; "" for nothing.
    """

    step_chosen = Signal(int)
    pointed = Signal(str)

    def __init__(self, name: str, tile: Tile) -> None:
        """Without steps.

        Args:
            name: the parameter's.
            tile: where its elements stand.
        """
        super().__init__()
        self.name, self.tile = name, tile
        self._weights: dict[int, NDArray[Any]] = {}
        self._sizes: dict[int, float] = {}
        self._mark: int | None = None
        self._cursor: int | None = None
        self._box = BOX
        self._images: dict[int, tuple[Cells, QImage]] = {}
        self._painted: tuple[object, ...] = ()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        shape = " × ".join(map(str, tile.shape)) or "one number"
        self._note = shape
        if tile.units:
            ones = tile.shape[0] * tile.shape[1] > int((tile.elements != GAP).sum())
            self._note += f" · {SIDE}×{SIDE} inputs of each hidden unit{', without the ones' if ones else ''}"
        self.setAccessibleName(f"{name} over the steps: {self._note}")

    @property
    def largest(self) -> float:
        """The absolute value that gets the strongest color, the same in all steps."""
        return max(self._sizes.values(), default=0.0) or 1.0

    def show_weights(self, weights: Mapping[int, NDArray[Any]], mark: int | None) -> None:
        """Shows the parameter in these steps, and frames the one that is shown elsewhere."""
        known = {step: each for step, each in weights.items() if each.shape == self.tile.shape}
        for step in [*self._sizes]:
            if known.get(step) is not self._weights.get(step):
                del self._sizes[step]
                self._images.pop(step, None)
        for step, each in known.items():
            if step not in self._sizes:
                finite = each[np.isfinite(each)]
                self._sizes[step] = float(np.abs(finite).max(initial=0.0))
        self._weights, self._mark = dict(sorted(known.items())), mark
        self.setAccessibleDescription(f"{len(known)} steps, {len(self.steps())} of them in view")
        self.update()

    def enlarge(self, large: bool) -> None:
        """Gives each picture more room, or as much as at first."""
        self._box = LARGE_BOX if large else BOX
        self.updateGeometry()
        self.update()

    def picture_size(self) -> QSize:
        """Of each picture, in pixels."""
        rows, columns = self.tile.elements.shape
        each = min(self._box.width() / columns, self._box.height() / rows, _LARGEST_CELL)
        return QSize(
            min(max(round(each * columns), _LEAST.width()), self._box.width()),
            min(max(round(each * rows), _LEAST.height()), self._box.height()),
        )

    def steps(self) -> list[int]:
        """Those that there is room for."""
        there = [*self._weights]
        room = max(1, (self.width() - _LEFT + _GAP) // (self.picture_size().width() + _GAP))
        if len(there) <= room:
            return there
        places = np.unique(np.rint(np.linspace(0, len(there) - 1, room)).astype(int))
        chosen = [there[place] for place in places] if room > 1 else [there[-1]]
        if self._mark in self._weights and self._mark not in chosen:
            # The first and the newest stay, where there is room for more than them.
            free = range(1, len(chosen) - 1) if len(chosen) > 2 else range(len(chosen))
            chosen[min(free, key=lambda at: abs(chosen[at] - (self._mark or 0)))] = self._mark
        return sorted(chosen)

    def place_of(self, step: int) -> QRect:
        """Where the picture of a step that is in view is painted."""
        size = self.picture_size()
        left = _LEFT + self.steps().index(step) * (size.width() + _GAP)
        return QRect(QPoint(left, _HEAD), size)

    def reading_at(self, place: QPoint) -> str:
        """The element there, and its value; "" for none."""
        step = self._step_at(place)
        if step is None:
            return ""
        area, (cells, _) = self.place_of(step), self._image(step)
        row = (place.y() - area.y()) * len(cells.values) // area.height()
        column = (place.x() - area.x()) * cells.values.shape[1] // area.width()
        return self._reading(step, cells, row, column)

    def sizeHint(self) -> QSize:
        """As high as its pictures."""
        return QSize(300, _HEAD + self.picture_size().height() + _LABEL + 6)

    def minimumSizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(60, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints the head with the legend, and the pictures with their steps."""
        painter, theme = QPainter(self), current_theme()
        self._paint_head(painter, theme)
        font = QFont(self.font())
        font.setPixelSize(11)
        painter.setFont(font)
        for step in self.steps():
            area = self.place_of(step)
            painter.drawImage(area, self._image(step)[1])
            marked = step == self._mark
            painter.setPen(QPen(QColor(theme.accent if marked else theme.border), 2 if marked else 1))
            painter.drawRect(QRectF(area).adjusted(-1, -1, 1, 1))
            if self.hasFocus() and step == self._cursor:
                painter.setPen(QPen(QColor(theme.parameter), 1, Qt.PenStyle.DashLine))
                painter.drawRect(QRectF(area).adjusted(-3.5, -3.5, 3.5, 3.5))
            painter.setPen(QColor(theme.accent if marked else theme.muted))
            label = QRect(area.left() - 5, area.bottom() + 2, area.width() + 10, _LABEL)
            painter.drawText(label, Qt.AlignmentFlag.AlignHCenter, show_whole(step))
        painter.end()

    def _paint_head(self, painter: QPainter, theme: Theme) -> None:
        across = Qt.AlignmentFlag.AlignVCenter
        row = QRect(_LEFT, 0, self.width() - _LEFT - 8, _HEAD - 4)
        bold = QFont(self.font())
        bold.setBold(True)
        painter.setFont(bold)
        painter.setPen(QColor(theme.text))
        painter.drawText(row, across, self.name)
        begin = painter.fontMetrics().horizontalAdvance(self.name) + 8
        painter.setFont(self.font())
        metrics = painter.fontMetrics()
        end = value_text(self.largest)
        low = f"{MINUS}{end}"
        right, wide = row.right(), metrics.horizontalAdvance(low)
        bar = QRectF(right - metrics.horizontalAdvance(end) - 6 - _BAR, row.center().y() - 5, _BAR, 11)
        painter.setPen(QColor(theme.muted))
        painter.drawText(row, across | Qt.AlignmentFlag.AlignRight, end)
        painter.drawText(QRectF(bar.left() - wide - 6, row.top(), wide + 2, row.height()), across, low)
        ramp = cells_of_matrix(np.linspace(-1.0, 1.0, _BAR)[None], 1, _BAR)
        painter.drawImage(bar, image_of(ramp, QSize(_BAR, 1), theme))
        room = bar.left() - wide - 18 - row.left() - begin
        note = metrics.elidedText(self._note, Qt.TextElideMode.ElideRight, int(room))
        painter.drawText(QRectF(row.left() + begin, row.top(), room, row.height()), across, note)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Chooses the step whose picture was clicked."""
        step = self._step_at(event.position().toPoint())
        if event.button() is Qt.MouseButton.LeftButton and step is not None:
            self._cursor = step
            self.step_chosen.emit(step)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tells the element under the pointer."""
        self.pointed.emit(self.reading_at(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is pointed at any more."""
        super().leaveEvent(event)
        self.pointed.emit("")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left, right, Home and End go from picture to picture; Enter chooses its step."""
        steps, key = self.steps(), Qt.Key(event.key())
        last = len(steps) - 1
        at = steps.index(self._cursor) if self._cursor in steps else None
        if at is None:
            at = steps.index(self._mark) if self._mark in steps else last
        moved = {Qt.Key.Key_Left: at - 1, Qt.Key.Key_Right: at + 1, Qt.Key.Key_Home: 0, Qt.Key.Key_End: last}
        if last < 0 or key not in (*moved, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
        elif key in moved:
            self._cursor = steps[min(max(moved[key], 0), last)]
            self.pointed.emit(f"{self.name} in step {show_whole(self._cursor)}")
            self.update()
        else:
            self.step_chosen.emit(steps[at])

    def _step_at(self, place: QPoint) -> int | None:
        return next((each for each in self.steps() if self.place_of(each).contains(place)), None)

    def _image(self, step: int) -> tuple[Cells, QImage]:
        """What a step is painted with, made once."""
        ratio = self.devicePixelRatioF()
        state = (self.picture_size(), self.largest, current_theme(), ratio)
        if state != self._painted:
            self._painted, self._images = state, {}
        if step not in self._images:
            size = self.picture_size()
            pixels = QSize(round(size.width() * ratio), round(size.height() * ratio))
            cells = cells_of_matrix(self.tile.values(self._weights[step]), size.height(), size.width())
            self._images[step] = cells, image_of(cells, pixels, current_theme(), self.largest)
        return self._images[step]

    def _reading(self, step: int, cells: Cells, row: int, column: int) -> str:
        rows = slice(int(cells.rows[row]), int(cells.rows[row + 1]))
        columns = slice(int(cells.columns[column]), int(cells.columns[column + 1]))
        values = self._weights[step].ravel()
        inside = self.tile.elements[rows, columns].ravel()
        inside = inside[inside != GAP]
        if not len(inside):
            return ""
        # Of a block the element that gives it its color.
        size = np.abs(values[inside].astype(np.float64))
        element = int(inside[np.argmax(np.where(np.isnan(size), np.inf, size))])
        index = tuple(map(int, np.unravel_index(element, self.tile.shape)))
        where = f"{self.name}{list(index)}" if index else self.name
        more = f", the largest of {len(inside)} here" if len(inside) > 1 else ""
        return f"{where} = {values[element]!s} in step {show_whole(step)}{more}"
