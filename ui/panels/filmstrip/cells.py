"""The row of structures: a picture of each, how often it was built, a frame around the one that is shown."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    QSize,
    QSizeF,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFocusEvent, QFont, QFontMetrics, QKeyEvent, QPainter, QPen, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractScrollArea,
    QFrame,
    QListView,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from playground.runs.structure_statistics import StructureCount
from ui.panels.filmstrip.steps import cell_tooltip, count_text, name_of, small_font
from ui.style.phases import structure_color
from ui.style.scale import scale, scaled
from ui.style.sheet import set_class
from ui.style.theme import current_theme

THUMBNAIL = QSize(74, 32)
"""Pixels of a picture at a desk."""
_LONG_WORDS = "888 steps, 88 %"


def thumbnail_size() -> QSize:
    """Pixels of a picture, at a desk or from afar."""
    return QSize(scaled(THUMBNAIL.width()), scaled(THUMBNAIL.height()))


_PADDING = 5
_MARKER = 7
_SCROLL_BAR = 6
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
_Index = QModelIndex | QPersistentModelIndex


class CellModel(QAbstractListModel):
    """The cells, in order of first appearance.

    Attributes:
        cells: what is known of each structure.
        thumbnails: pictures by structure, of those that have one.
        shown: the structure that is shown now, or None.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        """Without cells at first."""
        super().__init__(parent)
        self.cells: tuple[StructureCount, ...] = ()
        self.thumbnails: dict[int, QPixmap] = {}
        self.shown: int | None = None

    def set_cells(self, cells: Sequence[StructureCount]) -> None:
        """Shows these; a signal is sent only where the structures themselves are others than before."""
        before = [cell.structure for cell in self.cells]
        after = [cell.structure for cell in cells]
        if after == before:
            # A signal of the model would have the view arrange all cells anew.
            self.cells = tuple(cells)
        elif after[: len(before)] == before:
            self.beginInsertRows(QModelIndex(), len(before), len(after) - 1)
            self.cells = tuple(cells)
            self.endInsertRows()
        else:
            self.beginResetModel()
            self.cells = tuple(cells)
            self.endResetModel()

    def index_of(self, structure: int | None) -> QModelIndex:
        """The cell of a structure; no cell if there is none."""
        rows = (row for row, cell in enumerate(self.cells) if cell.structure == structure)
        row = next(rows, None)
        return QModelIndex() if row is None else self.index(row)

    def rowCount(self, parent: _Index | None = None) -> int:
        """A row a structure; rows have no rows below them."""
        return 0 if parent is not None and parent.isValid() else len(self.cells)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        """Texts only; the delegate paints from the cells themselves."""
        if not index.isValid():
            return None
        cell = self.cells[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return name_of(cell)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            shown = ", shown now" if cell.structure == self.shown else ""
            return f"{name_of(cell)}: {count_text(cell)}{shown}"
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleDescriptionRole):
            return cell_tooltip(cell)
        return None


class CellView(QListView):
    """Cells side by side; arrow keys move between them, and a click or Enter chooses.

    Attributes:
        cells: the model.

    Signals:
        chosen(int): the structure that the user chose.
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Without cells at first."""
        super().__init__(parent)
        self.cells = CellModel(self)
        self._delegate = _CellDelegate(self)
        self.setObjectName("filmstrip_cells")
        set_class(self, "list")
        self.setAccessibleName("Structures of the run")
        self.setAccessibleDescription("The graphs that the run has built; arrows move, Enter shows one")
        self.setModel(self.cells)
        self.setItemDelegate(self._delegate)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setUniformItemSizes(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        # The room of the scroll bar is kept free, so that the cells stay where they are when it comes.
        self.setFixedHeight(self.cell_size().height() + _SCROLL_BAR + 3)
        self.clicked.connect(self._choose)

    def changeEvent(self, event: QEvent) -> None:
        """Larger letters need larger cells."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._delegate.fit()
            self.setFixedHeight(self.cell_size().height() + _SCROLL_BAR + 3)
            self.scheduleDelayedItemsLayout()

    def cell_size(self) -> QSize:
        """Size of every cell, in pixels."""
        return self._delegate.size

    def show_structure(self, structure: int | None, *, reveal: bool) -> None:
        """Frames a structure's cell; `reveal` scrolls to it."""
        if structure != self.cells.shown:
            self.cells.shown = structure
            self.viewport().update()
        index = self.cells.index_of(structure)
        if reveal and index.isValid():
            self.scrollTo(index)

    def set_plain(self, plain: bool) -> None:
        """Whether a structure needs no color, since there is no other one to tell it from."""
        if plain != self._delegate.plain:
            self._delegate.plain = plain
            self.viewport().update()

    def minimumSizeHint(self) -> QSize:
        """Room for half a cell."""
        return QSize(self.cell_size().width() // 2, self.height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter chooses; the list itself moves between its cells."""
        if event.key() in _ENTER and self.currentIndex().isValid():
            self._choose(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keys start at the cell that is shown."""
        # A list's own would go to the first cell.
        QAbstractScrollArea.focusInEvent(self, event)
        if not self.currentIndex().isValid():
            shown = self.cells.index_of(self.cells.shown)
            self.setCurrentIndex(shown if shown.isValid() else self.cells.index(0))
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Takes the mark of the keys away."""
        super().focusOutEvent(event)
        self.viewport().update()

    def _choose(self, index: QModelIndex) -> None:
        self.chosen.emit(self.cells.cells[index.row()].structure)


class _CellDelegate(QStyledItemDelegate):
    """Paints a cell from the model and the list's state."""

    def __init__(self, view: CellView) -> None:
        super().__init__(view)
        self._view = view
        self.plain = False
        self.fit()

    def fit(self) -> None:
        """Takes the letters of the view, and as much room as they need."""
        self._font = small_font(self._view.font())
        self._strong = QFont(self._font)
        self._strong.setWeight(QFont.Weight.DemiBold)
        self._metrics = QFontMetrics(self._font)
        self.picture = thumbnail_size()
        words = 0 if scale() == 1.0 else self._metrics.horizontalAdvance(_LONG_WORDS)
        height = self.picture.height() + 2 * self._metrics.height() + 2 * _PADDING
        self.size = QSize(max(self.picture.width(), words) + 2 * _PADDING, height)

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return self.size

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        area: QRect = option.rect
        state: QStyle.StateFlag = option.state
        model = self._view.cells
        cell = model.cells[index.row()]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, QColor(current_theme().raised))
        picture = QRect(area.topLeft() + QPoint(_PADDING, _PADDING - 1), self.picture)
        self._paint_picture(painter, picture, model.thumbnails.get(cell.structure))
        self._paint_words(painter, picture, cell)
        if cell.structure == model.shown:
            self._paint_frame(painter, area, current_theme().accent, 2.0)
        if self._view.hasFocus() and index.row() == self._view.currentIndex().row():
            self._paint_frame(painter, area.adjusted(2, 2, -2, -2), current_theme().parameter, 1.0)
        painter.restore()

    def _paint_picture(self, painter: QPainter, area: QRect, picture: QPixmap | None) -> None:
        if picture is None:
            painter.setPen(QColor(current_theme().border))
            painter.setBrush(QColor(current_theme().raised))
            painter.drawRoundedRect(QRectF(area).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
            return
        size = picture.deviceIndependentSize()
        if size == QSizeF(area.size()):
            painter.drawPixmap(area.topLeft(), picture)
            return
        # A picture that comes in another size is drawn whole and undistorted.
        size.scale(QSizeF(area.size()), Qt.AspectRatioMode.KeepAspectRatio)
        target = QRectF(QPointF(), size)
        target.moveCenter(QRectF(area).center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(target, picture, QRectF(picture.rect()))

    def _paint_words(self, painter: QPainter, picture: QRect, cell: StructureCount) -> None:
        left, line = picture.left(), self._metrics.height()
        baseline = picture.bottom() + 3 + self._metrics.ascent()
        marker = QRect(left, baseline - _MARKER, _MARKER, _MARKER)
        number = cell.structure if cell.depth is None else cell.depth
        color = current_theme().faint if self.plain else structure_color(current_theme(), number)
        painter.fillRect(marker, QColor(color))
        painter.setFont(self._strong)
        painter.setPen(QColor(current_theme().text))
        # From a baseline: with a rectangle and flags a text takes twice as long.
        painter.drawText(left + _MARKER + 5, baseline, name_of(cell))
        painter.setFont(self._font)
        painter.setPen(QColor(current_theme().muted))
        painter.drawText(left, baseline + line, count_text(cell))

    def _paint_frame(self, painter: QPainter, area: QRect, color: str, thickness: float) -> None:
        inset = thickness / 2
        painter.setPen(QPen(QColor(color), thickness))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(area).adjusted(inset, inset, -inset, -inset), 4, 4)
