"""The chart of costs: a list with a row a stage, and above it what its colors mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFocusEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from ui.panels.costs.paint import Columns, Sheet, columns_of, paint_heading, paint_row, row_heights, small
from ui.panels.costs.text import NOTE, details, line, unit_for
from ui.style.sheet import set_class
from ui.style.theme import current_theme

if TYPE_CHECKING:
    from playground.comparing.costs import StageCost

_SCROLL_BAR = 8
_Index = QModelIndex | QPersistentModelIndex


class CostsChart(QWidget):
    """Bars of time and of memory, a row a stage; arrow keys move between the rows.

    Attributes:
        rows: the list itself.
        heading: what stands above it.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        """Without costs at first."""
        super().__init__(parent)
        self.rows = CostRows()
        self.heading = _Heading(self.rows)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.heading)
        column.addWidget(self.rows, 1)
        self.setFocusProxy(self.rows)

    def show_costs(self, costs: Sequence[StageCost]) -> None:
        """Shows these, in this order."""
        self.rows.show_sheet(Sheet(tuple(costs), self.font()))
        self.heading.update()


class CostsModel(QAbstractListModel):
    """A row a stage.

    Attributes:
        costs: what each row shows.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        """Without rows at first."""
        super().__init__(parent)
        self.costs: tuple[StageCost, ...] = ()

    def set_costs(self, costs: tuple[StageCost, ...]) -> None:
        """Shows these instead."""
        self.beginResetModel()
        self.costs = costs
        self.endResetModel()

    def rowCount(self, parent: _Index | None = None) -> int:
        """Rows have no rows below them."""
        return 0 if parent is not None and parent.isValid() else len(self.costs)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        """Texts only; the delegate paints from the costs themselves."""
        if not index.isValid():
            return None
        cost = self.costs[index.row()]
        fastest = min(each.total for each in self.costs)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return line(cost, unit_for(self.costs), fastest)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleDescriptionRole):
            return details(cost, fastest)
        return None


class CostRows(QListView):
    """The rows, which share the height; in too little of it they scroll.

    Attributes:
        costs: the model.
        sheet: what all rows have in common.
        columns: room that their texts need.

    Signals:
        resized(): the rows have become wider or narrower.
    """

    resized = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Without rows at first."""
        super().__init__(parent)
        self.costs = CostsModel(self)
        self.sheet = Sheet((), self.font())
        self.columns: Columns = columns_of(self.sheet)
        self.setObjectName("costs_rows")
        set_class(self, "list")
        self.setAccessibleName("Costs of the stages")
        self.setAccessibleDescription(NOTE)
        self.setModel(self.costs)
        self.setItemDelegate(_RowDelegate(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Without it, a change of the height would leave the rows as high as they were.
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMouseTracking(True)

    def show_sheet(self, sheet: Sheet) -> None:
        """Shows other costs."""
        self.sheet, self.columns = sheet, columns_of(sheet)
        self.costs.set_costs(sheet.costs)
        self.setCurrentIndex(self.costs.index(0))
        self.updateGeometry()

    def row_height(self) -> int:
        """Pixels of every row."""
        lowest, highest = row_heights(self.columns, self.sheet.font, self.viewport().width())
        share = self.viewport().height() // max(1, len(self.sheet.costs))
        return min(max(share, lowest), highest)

    def minimumSizeHint(self) -> QSize:
        """Wide enough for all texts, high enough for two rows."""
        lowest, _ = row_heights(self.columns, self.sheet.font, 0)
        return QSize(round(self.columns.narrowest) + _SCROLL_BAR + 1, 2 * lowest)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tells the heading, whose columns are the rows'."""
        super().resizeEvent(event)
        self.resized.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Marks the row that keys move from."""
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Takes the mark of the keys away."""
        super().focusOutEvent(event)
        self.viewport().update()


class _RowDelegate(QStyledItemDelegate):
    """Paints a row from what the list shows."""

    def __init__(self, rows: CostRows) -> None:
        super().__init__(rows)
        self._rows = rows

    def sizeHint(self, _option: QStyleOptionViewItem, _index: _Index) -> QSize:
        return QSize(0, self._rows.row_height())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        area: QRect = option.rect
        state: QStyle.StateFlag = option.state
        sheet, columns = self._rows.sheet, self._rows.columns
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, QColor(current_theme().raised))
        paint_row(painter, QRectF(area), sheet.costs[index.row()], sheet, columns)
        if self._rows.hasFocus() and index.row() == self._rows.currentIndex().row():
            painter.setPen(QPen(QColor(current_theme().parameter), 1))
            painter.drawRoundedRect(QRectF(area).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        painter.restore()


class _Heading(QWidget):
    """The legend, above the columns of the rows."""

    def __init__(self, rows: CostRows) -> None:
        super().__init__()
        self._rows = rows
        self.setToolTip(NOTE)
        self.setAccessibleName("Legend: forward, backward, update; peak memory")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFont(small(self.font()))
        rows.resized.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(0, self.fontMetrics().height() + 6)

    def paintEvent(self, _event: QPaintEvent) -> None:
        rows = self._rows
        if not rows.sheet.costs:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        # A scroll bar makes the rows narrower than the list.
        area = QRectF(0, 0, rows.viewport().width(), self.height())
        paint_heading(painter, area, rows.sheet, rows.columns)
        painter.end()
