"""A matrix in colors: blue below zero, orange above, and nothing that stands out is lost."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from playground.recording.snapshot import Snapshot
from playground.recording.statistics import LONGEST_SIDE, edges
from ui.style.theme import Theme, current_theme

_SHADES = 255
"""Of each sign. Zero is the shade in the middle."""
_CONTRAST = 0.65
"""Exponent of |value| / largest: most elements are small beside the largest, and would look like zero."""
_STRIPE = 3

Edges = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """What is painted: an element, or a block of elements, in each cell.

    Attributes:
        values: float64 of shape (cell rows, cell columns); of each block the element farthest from 0.
        flawed: bool of the same shape: whether NaN or infinity is in it.
        rows, columns: where each cell begins in the matrix, and at last the matrix's own length.
    """

    values: npt.NDArray[np.float64]
    flawed: npt.NDArray[np.bool_]
    rows: Edges
    columns: Edges

    def cell_of(self, row: int, column: int) -> tuple[int, int]:
        """The cell that an element of the matrix lies in."""
        return (
            int(np.searchsorted(self.rows, row, side="right")) - 1,
            int(np.searchsorted(self.columns, column, side="right")) - 1,
        )


def cells_for(snapshot: Snapshot, height: int, width: int) -> Cells:
    """The cells for so many pixels: each element where it has two pixels a side, else blocks of them."""
    matrix = snapshot.matrix
    if (
        matrix is not None
        and matrix.shape[0] <= max(LONGEST_SIDE, height // 2)
        and matrix.shape[1] <= max(LONGEST_SIDE, width // 2)
    ):
        return cells_of_matrix(matrix.astype(np.float64), height, width)
    picture = snapshot.picture
    rows, columns = picture.low.shape
    cells = Cells(
        picture.extremes(), picture.flawed, edges(picture.rows, rows), edges(picture.columns, columns)
    )
    return _joined(cells, height, width)


def cells_of_matrix(values: npt.NDArray[np.float64], height: int, width: int) -> Cells:
    """A cell for each element, or for a block of them where there are more than so many pixels."""
    cells = Cells(values, ~np.isfinite(values), *(np.arange(length + 1) for length in values.shape))
    return _joined(cells, height, width)


def _joined(cells: Cells, height: int, width: int) -> Cells:
    """At most so many rows and columns: where a cell would get no pixel, neighbours are joined."""
    rows, columns = cells.values.shape
    if rows <= height and columns <= width:
        return cells
    row_edges, column_edges = edges(rows, min(rows, height)), edges(columns, min(columns, width))

    def reduced(ufunc: np.ufunc, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        by_rows: npt.NDArray[Any] = ufunc.reduceat(values, row_edges[:-1], axis=0)
        joined: npt.NDArray[Any] = ufunc.reduceat(by_rows, column_edges[:-1], axis=1)
        return joined

    low, high = (reduced(ufunc, cells.values) for ufunc in (np.fmin, np.fmax))
    values = np.where(np.abs(low) > np.abs(high), low, high)
    flawed = reduced(np.logical_or, cells.flawed)
    return Cells(values, flawed, cells.rows[row_edges], cells.columns[column_edges])


def image_of(cells: Cells, pixels: QSize, theme: Theme, largest: float | None = None) -> QImage:
    """The cells in so many pixels, without smoothing; blue below zero, orange above, stripes where flawed.

    Args:
        cells: what is painted.
        pixels: of the image.
        theme: its colors.
        largest: what has the strongest color, as what is beyond it; None for the largest of the cells.
    """
    colors, error, shaded = _colors(theme.parameter, theme.surface, theme.loss, theme.error)
    finite = np.where(np.isfinite(cells.values), cells.values, 0.0)
    size = np.abs(finite)
    largest = largest or float(size.max()) or 1.0
    share = np.minimum(size / largest, 1.0)
    shade = np.rint(np.copysign(share**_CONTRAST, finite) * _SHADES).astype(np.intp)
    painted = np.where(cells.flawed, error, colors[shade + _SHADES])
    height, width = pixels.height(), pixels.width()
    rows = np.arange(height) * painted.shape[0] // height
    columns = np.arange(width) * painted.shape[1] // width
    image = painted[:, columns][rows]
    if cells.flawed.any():
        diagonal = (np.arange(height)[:, None] + np.arange(width)) // _STRIPE % 2 == 0
        image[cells.flawed[:, columns][rows] & diagonal] = shaded
    data = image.astype(np.uint32).tobytes()
    # A copy, since the image would not keep the bytes alive.
    return QImage(data, width, height, 4 * width, QImage.Format.Format_RGB32).copy()


def shades_of(theme: Theme) -> npt.NDArray[np.uint32]:
    """From the largest negative value to the largest positive one, zero in the middle, as 0xffRRGGBB."""
    return _colors(theme.parameter, theme.surface, theme.loss, theme.error)[0]


@lru_cache(maxsize=4)
def _colors(
    negative: str, neutral: str, positive: str, flaw: str
) -> tuple[npt.NDArray[np.uint32], np.uint32, np.uint32]:
    """Every shade from the largest negative value to the largest positive one; two colors of stripes."""
    low, zero, high, error = map(_channels, (negative, neutral, positive, flaw))
    share = np.linspace(0, 1, _SHADES + 1)[:, None]
    shades: npt.NDArray[np.float64] = np.concatenate(
        [low + (zero - low) * share, (zero + (high - zero) * share)[1:]]
    )
    stripes = _packed(np.stack([error, error / 2]))
    return _packed(shades), np.uint32(stripes[0]), np.uint32(stripes[1])


def _channels(color: str) -> npt.NDArray[np.float64]:
    return np.array([int(color[start : start + 2], 16) for start in (1, 3, 5)], dtype=np.float64)


def _packed(colors: npt.NDArray[np.float64]) -> npt.NDArray[np.uint32]:
    parts = np.rint(colors).astype(np.uint32)
    red, green, blue = parts[:, 0], parts[:, 1], parts[:, 2]
    return (0xFF000000 | red << 16 | green << 8 | blue).astype(np.uint32)


_SIZE = QSize(84, 52)
_LARGEST_CELL = 40
"""Pixels: a vector becomes a band of this height, not a wall."""
_SMALLEST_RING = 9


class Heatmap(QWidget):
    """Paints a snapshot into whatever room there is: its elements, or blocks where there is no room for each.

    A block has the color of its element farthest from 0; NaN and infinity are striped. An element is
    chosen by a click or the arrow keys (with Ctrl from block to block; Home and End within a row).

    Attributes:
        takes_values: whether Enter, or a digit, on the chosen element is somebody's affair.

    Signals:
        element_chosen(int, int): row and column in `Snapshot.matrix` of what the user chose; of a tensor
            whose elements are not kept, the first of the chosen block.
        value_begun(str): they pressed Enter on the chosen element (""), or the first letter of a number.
    """

    element_chosen = Signal(int, int)
    value_begun = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Without a snapshot at first."""
        super().__init__(parent)
        self.takes_values = False
        self._snapshot: Snapshot | None = None
        self._largest: float | None = None
        self._chosen: tuple[int, int] | None = None
        self._cells: tuple[QSize, Cells] | None = None
        self._image: tuple[QSize, Theme, QImage] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Heatmap")

    @property
    def chosen(self) -> tuple[int, int] | None:
        """Row and column of the chosen element in the matrix that is drawn."""
        return self._chosen

    def set_snapshot(self, snapshot: Snapshot | None, largest: float | None = None) -> None:
        """Paints another tensor; an element stays chosen if that one has the same shape.

        Args:
            snapshot: the tensor, None for none.
            largest: what has the strongest color; None for what is farthest from 0 in it.
        """
        if snapshot is self._snapshot and largest == self._largest:
            return
        before, self._snapshot, self._largest = self._snapshot, snapshot, largest
        if snapshot is None or before is None or _form(snapshot) != _form(before):
            self._chosen = None
        self._cells = self._image = None
        self._describe()
        self.updateGeometry()
        self.update()

    def set_chosen(self, chosen: tuple[int, int] | None) -> None:
        """Outlines the element in that row and column of the matrix, without a signal.

        Raises:
            IndexError: there is no such element.
        """
        if chosen is not None:
            rows, columns = self._lengths()
            if not (0 <= chosen[0] < rows and 0 <= chosen[1] < columns):
                raise IndexError(f"no element at {chosen}: the matrix has {rows} rows and {columns} columns")
        self._chosen = chosen
        self._describe()
        self.update()

    def reading(self) -> str:
        """What the chosen element, or block, is; "" if none is chosen."""
        return "" if self._chosen is None else self._reading_of(*self._chosen)

    def reading_at(self, place: QPoint) -> str:
        """What lies at that place of the widget; "" if nothing does."""
        element = self._element_at(place)
        return "" if element is None else self._reading_of(*element)

    def height_for(self, most: int) -> int:
        """The height that shows the snapshot well, up to so many pixels."""
        return max(_LARGEST_CELL // 2, min(most, self._lengths()[0] * _LARGEST_CELL + 2))

    def sizeHint(self) -> QSize:
        """The size of a thumbnail."""
        return _SIZE

    def minimumSizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(20, 20)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints a frame, the cells in it, and a ring around the chosen one."""
        area = self._area()
        image = None if 0 in self._lengths() else self._current_image(area)
        painter = QPainter(self)
        painter.fillRect(area, QColor(current_theme().surface))
        if image is not None:
            painter.drawImage(area, image)
        framed = QRectF(area).adjusted(-0.5, -0.5, 0.5, 0.5)
        painter.setPen(QColor(current_theme().parameter if self.hasFocus() else current_theme().border))
        painter.drawRect(framed)
        if self._chosen is not None:
            self._paint_ring(painter, area)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Chooses what was clicked."""
        element = self._element_at(event.position().toPoint())
        if event.button() is Qt.MouseButton.LeftButton and element is not None:
            self._choose(element)
        else:
            super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Moves the choice; the first key chooses the first element."""
        moved = self._moved(Qt.Key(event.key()), event.modifiers())
        if moved is None and self.takes_values and self._chosen is not None and _begins_value(event):
            self.value_begun.emit(event.text().strip())
        elif moved is None:
            super().keyPressEvent(event)
        elif moved != self._chosen:
            self._choose(moved)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Shows the focus by the frame."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Shows the frame as before."""
        super().focusOutEvent(event)
        self.update()

    def event(self, event: QEvent) -> bool:
        """Tells in a tooltip what is under the pointer, as long as it stays on that cell."""
        if event.type() != QEvent.Type.ToolTip or not isinstance(event, QHelpEvent):
            return super().event(event)
        element = self._element_at(event.pos())
        text = "" if element is None else self._reading_of(*element)
        place = QRect() if element is None else self._rect_of(element, self._area())
        QToolTip.showText(event.globalPos(), text, self, place)
        return True

    def _lengths(self) -> tuple[int, int]:
        return (0, 0) if self._snapshot is None else _form(self._snapshot)[0]

    def _area(self) -> QRect:
        """Where cells are painted: all of the widget, but no cell is very long or very high."""
        rows, columns = self._lengths()
        width = min(self.width() - 2, columns * _LARGEST_CELL) if columns else self.width() - 2
        height = min(self.height() - 2, rows * _LARGEST_CELL) if rows else self.height() - 2
        return QRect(1, (self.height() - height) // 2, max(width, 1), max(height, 1))

    def _current_cells(self, area: QRect) -> Cells:
        assert self._snapshot is not None, "nothing is painted without a snapshot"
        if self._cells is None or self._cells[0] != area.size():
            self._cells = area.size(), cells_for(self._snapshot, area.height(), area.width())
        return self._cells[1]

    def _current_image(self, area: QRect) -> QImage:
        ratio = self.devicePixelRatioF()
        pixels = QSize(max(1, round(area.width() * ratio)), max(1, round(area.height() * ratio)))
        theme = current_theme()
        if self._image is None or self._image[0] != pixels or self._image[1] is not theme:
            self._image = pixels, theme, image_of(self._current_cells(area), pixels, theme, self._largest)
        return self._image[2]

    def _element_at(self, place: QPoint) -> tuple[int, int] | None:
        """The element at a place: of a block that is kept the very one that gives it its color."""
        area, snapshot = self._area(), self._snapshot
        if snapshot is None or 0 in self._lengths() or not area.contains(place):
            return None
        cells = self._current_cells(area)
        height, width = cells.values.shape
        cell_row = (place.y() - area.y()) * height // area.height()
        cell_column = (place.x() - area.x()) * width // area.width()
        row, column = int(cells.rows[cell_row]), int(cells.columns[cell_column])
        if snapshot.matrix is None:
            return row, column
        block = snapshot.matrix[row : cells.rows[cell_row + 1], column : cells.columns[cell_column + 1]]
        inner_row, inner_column = _farthest(block)
        return row + inner_row, column + inner_column

    def _rect_of(self, element: tuple[int, int], area: QRect) -> QRect:
        cells = self._current_cells(area)
        height, width = cells.values.shape
        row, column = cells.cell_of(*element)
        # Rounded up, as the first pixel of a cell is the first one that is divided down to its number.
        top, bottom = (-(-each * area.height() // height) for each in (row, row + 1))
        left, right = (-(-each * area.width() // width) for each in (column, column + 1))
        return QRect(area.x() + left, area.y() + top, right - left, bottom - top)

    def _paint_ring(self, painter: QPainter, area: QRect) -> None:
        assert self._chosen is not None, "asked for before"
        ring = QRectF(self._rect_of(self._chosen, area))
        wider, higher = (max(0.0, _SMALLEST_RING - side) / 2 for side in (ring.width(), ring.height()))
        ring.adjust(-wider, -higher, wider, higher)
        ring = ring.intersected(QRectF(self.rect()).adjusted(2, 2, -2, -2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        # The accent alone would not be seen on an orange cell.
        for color, thickness in (
            (current_theme().text, 5.0),
            (current_theme().surface, 3.5),
            (current_theme().accent, 2.0),
        ):
            pen = QPen(QColor(color), thickness)
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            painter.setPen(pen)
            painter.drawRect(ring)

    def _choose(self, element: tuple[int, int]) -> None:
        self.set_chosen(element)
        self.element_chosen.emit(*element)

    def _moved(self, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> tuple[int, int] | None:
        """Where a key leads, None if it is not one that moves the choice."""
        rows, columns = self._lengths()
        steps = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
            Qt.Key.Key_Home: (0, -columns),
            Qt.Key.Key_End: (0, columns),
        }
        if key not in steps or not rows or not columns:
            return None
        if self._chosen is None:
            return 0, 0
        down, right = steps[key]
        assert self._snapshot is not None, "it has rows"
        if modifiers & Qt.KeyboardModifier.ControlModifier or not self._snapshot.kept:
            cells = self._current_cells(self._area())
            row, column = cells.cell_of(*self._chosen)
            last_row, last_column = (length - 1 for length in cells.values.shape)
            row, column = _within(row + down, last_row), _within(column + right, last_column)
            return int(cells.rows[row]), int(cells.columns[column])
        return _within(self._chosen[0] + down, rows - 1), _within(self._chosen[1] + right, columns - 1)

    def _reading_of(self, row: int, column: int) -> str:
        snapshot = self._snapshot
        assert snapshot is not None, "there is an element"
        if snapshot.matrix is None:
            return _block_reading(snapshot, row, column)
        number = str(snapshot.matrix[row, column])
        index = snapshot.index_of(row, column)
        read = f"{list(index)} = {number}" if index else number
        twin, difference = snapshot.twin, snapshot.difference
        if twin is None or difference is None or twin.matrix is None or difference.matrix is None:
            return read
        if twin.matrix[row, column] == snapshot.matrix[row, column]:
            return f"{read}, what if: the same"
        return f"{read}, what if: {twin.matrix[row, column]}, Δ {difference.matrix[row, column]:+.4g}"

    def _describe(self) -> None:
        snapshot = self._snapshot
        shape = "" if snapshot is None else " × ".join(map(str, snapshot.shape)) or "one number"
        self.setAccessibleDescription(": ".join(filter(None, (shape, self.reading()))))


def _begins_value(event: QKeyEvent) -> bool:
    return event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) or event.text() in tuple("0123456789-+.")


def _form(snapshot: Snapshot) -> tuple[tuple[int, int], tuple[int, ...], bool]:
    """Rows and columns of the matrix that is drawn, the tensor's own shape, and whether it is kept."""
    matrix = snapshot.matrix
    if matrix is not None:
        return (matrix.shape[0], matrix.shape[1]), snapshot.shape, True
    return (snapshot.picture.rows, snapshot.picture.columns), snapshot.shape, False


def _within(number: int, largest: int) -> int:
    return min(max(number, 0), largest)


def _farthest(block: npt.NDArray[Any]) -> tuple[int, int]:
    """Where NaN or infinity is, else the element that is farthest from 0."""
    size = np.abs(block.astype(np.float64))
    row, column = np.unravel_index(int(np.argmax(np.where(np.isnan(size), np.inf, size))), block.shape)
    return int(row), int(column)


def _block_reading(snapshot: Snapshot, row: int, column: int) -> str:
    picture = snapshot.picture
    block = picture.block_of(row, column)
    rows, columns = picture.extent(*block)
    places = [_span("column" if len(snapshot.shape) > 1 else "element", columns)]
    if len(snapshot.shape) > 1:
        places.insert(0, _span("row", rows))
    low, high = float(picture.low[block]), float(picture.high[block])
    parts = [] if np.isnan(low) else [f"from {low:.4g} to {high:.4g}"]
    if picture.flawed[block]:
        parts.append("NaN or infinity")
    return f"{', '.join(places)}: {', and '.join(parts)}"


def _span(word: str, numbers: range) -> str:
    if len(numbers) == 1:
        return f"{word} {numbers[0]}"
    return f"{word}s {numbers[0]}–{numbers[-1]}"
