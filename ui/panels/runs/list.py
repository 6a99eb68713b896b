"""The list of runs itself: rows that are ticked, chosen and renamed, and stay where they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)
from shiboken6 import isValid

from playground.runs.entry import RunEntry, checked_name
from ui.panels.runs.model import RunsModel, RunWords, run_words
from ui.style.colors import mixed
from ui.style.sheet import set_class
from ui.style.theme import Theme, current_theme

_LEFT, _RIGHT, _PADDING, _GAP = 10, 10, 5, 8
_SWATCH = 14
_TEXT = _LEFT + _SWATCH + _GAP
_PIN = 11
_TINT = 0.16
"""Share of the selection's color in the background of a row."""
_LEFT_MIDDLE = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT_MIDDLE = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter

_Index = QModelIndex | QPersistentModelIndex


class RunsDelegate(QStyledItemDelegate):
    """A swatch to tick, the name, whether it is pinned and what it is doing, and below it the details.

    Attributes:
        focused: whether keys go to the list.

    Signals:
        refused(str): the name that was typed is not allowed, in one line; it can still be mended.
    """

    refused = Signal(str)

    def __init__(self, parent: QObject, font: QFont) -> None:
        """Paints rows of a RunsModel.

        Args:
            parent: the view that owns it.
            font: of the panel.
        """
        super().__init__(parent)
        self.focused = False
        self._name, self._bold, self._small = QFont(font), QFont(font), QFont(font)
        self._bold.setWeight(QFont.Weight.Bold)
        self._small.setPointSizeF(font.pointSizeF() * 0.9)
        self._line = QFontMetrics(self._bold).height()
        self._size = QSize(0, self._line + QFontMetrics(self._small).height() + 2 * _PADDING)

    @property
    def height(self) -> int:
        """Pixels of a row."""
        return self._size.height()

    def sizeHint(self, _option: QStyleOptionViewItem, _index: _Index) -> QSize:
        """The same for every row."""
        return self._size

    def on_swatch(self, area: QRect, x: int) -> bool:
        """Whether a click at that place of a row is meant for its swatch."""
        return x < area.x() + _TEXT - _GAP // 2

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paints a row as its run is now."""
        model = index.model()
        assert isinstance(model, RunsModel), "the list has no other model"
        entry = model.entry_at(index)
        assert entry is not None, "a view paints rows that are there"
        area: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, area, state)
        paint_swatch(painter, self._swatch_of(area), entry, current_theme())
        self._paint_first_line(painter, area, entry, entry.number == model.present)
        self._paint_details(painter, area, run_words(entry))
        painter.restore()

    # The name is typed here

    def createEditor(self, parent: QWidget, _option: QStyleOptionViewItem, index: _Index) -> QWidget:
        """A line with the name as it is now; what comes in later does not disturb it."""
        editor = QLineEdit(parent)
        editor.setObjectName("run_name")
        editor.setAccessibleName("Name of the run")
        editor.setText(str(index.data(Qt.ItemDataRole.EditRole)))
        editor.selectAll()
        set_class(editor, "rename")
        return editor

    def setEditorData(self, _editor: QWidget, _index: _Index) -> None:
        """Leaves the text alone: a run that goes on would overwrite it many times a second."""

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: _Index) -> None:
        """Hands on the name that was typed."""
        assert isinstance(editor, QLineEdit), "createEditor makes no other"
        model.setData(index, editor.text(), Qt.ItemDataRole.EditRole)

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, _index: _Index) -> None:
        """Over the name."""
        area: QRect = option.rect
        line = self._line_of(area)
        editor.setGeometry(line.adjusted(-4, -3, 4, 3))

    def editorEvent(
        self, _event: QEvent, _model: QAbstractItemModel, _option: QStyleOptionViewItem, _index: _Index
    ) -> bool:
        """Does nothing: the list knows where the swatch is, and the panel has a key for it."""
        return False

    def eventFilter(self, editor: QObject, event: QEvent) -> bool:
        """Keeps a name that is not allowed open, to be mended, when Enter is pressed."""
        if not (isValid(self) and isValid(editor)):
            return False
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            entered = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if entered and isinstance(editor, QLineEdit):
                try:
                    checked_name(editor.text())
                except ValueError as error:
                    self.refused.emit(str(error))
                    return True
        return super().eventFilter(editor, event)

    # Painting

    def _line_of(self, area: QRect) -> QRect:
        return QRect(area.x() + _TEXT, area.y() + _PADDING, max(0, area.width() - _TEXT - _RIGHT), self._line)

    def _swatch_of(self, area: QRect) -> QRectF:
        top = area.y() + (area.height() - _SWATCH) / 2
        return QRectF(area.x() + _LEFT, top, _SWATCH, _SWATCH)

    def _paint_ground(self, painter: QPainter, area: QRect, state: QStyle.StateFlag) -> None:
        theme = current_theme()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, mixed(theme.surface, theme.parameter, _TINT))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, QColor(theme.raised))
        if self.focused and state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(theme.parameter), 1))
            painter.drawRect(QRectF(area).adjusted(0.5, 0.5, -0.5, -0.5))

    def _paint_first_line(self, painter: QPainter, area: QRect, entry: RunEntry, present: bool) -> None:
        theme, words, room = current_theme(), run_words(entry), self._line_of(area)
        if words.state:
            painter.setFont(self._small)
            painter.setPen(QColor(theme.error if words.state == "failed" else theme.accent))
            painter.drawText(room, _RIGHT_MIDDLE, words.state)
            room.setRight(room.right() - QFontMetrics(self._small).horizontalAdvance(words.state) - _GAP)
        if entry.pinned:
            place = QRectF(room.right() - _PIN + 1, room.center().y() - _PIN / 2 + 0.5, _PIN, _PIN)
            paint_pin(painter, place, QColor(theme.muted))
            room.setRight(room.right() - _PIN - _GAP)
        font = self._bold if present else self._name
        painter.setFont(font)
        painter.setPen(QColor(theme.text if entry.visible else theme.muted))
        shown = QFontMetrics(font).elidedText(words.name, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, _LEFT_MIDDLE, shown)

    def _paint_details(self, painter: QPainter, area: QRect, words: RunWords) -> None:
        metrics = QFontMetrics(self._small)
        first = self._line_of(area)
        room = QRect(first.x(), first.bottom() + 1, first.width(), metrics.height())
        painter.setFont(self._small)
        painter.setPen(QColor(current_theme().muted))
        shown = metrics.elidedText(words.details, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, _LEFT_MIDDLE, shown)


def paint_swatch(painter: QPainter, place: QRectF, entry: RunEntry, theme: Theme) -> None:
    """A run's color: full and ticked where its curve is drawn, else only its outline.

    It is striped where the color is that of another run, too, and the curve dashed.
    """
    color = QColor(theme.plot[entry.color % len(theme.plot)])
    painter.setPen(QPen(color, 1.6))
    painter.setBrush(color if entry.visible else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(place.adjusted(0.8, 0.8, -0.8, -0.8), 3, 3)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if entry.color >= len(theme.plot):
        painter.setPen(QPen(QColor(theme.surface), 1.6))
        for share in _STRIPES:
            x = place.x() + share * place.width()
            painter.drawLine(QPointF(x, place.top()), QPointF(x, place.bottom()))
    if entry.visible:
        tick = [QPointF(place.x() + x * place.width(), place.y() + y * place.height()) for x, y in _TICK]
        pen = QPen(QColor(theme.surface), 1.8)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.drawPolyline(tick)


_STRIPES = (0.2, 0.8)
_TICK = ((0.26, 0.53), (0.43, 0.70), (0.75, 0.32))


def paint_pin(painter: QPainter, place: QRectF, color: QColor) -> None:
    """A drawing pin, seen from the side."""
    unit = place.width() / 11
    outline = [QPointF(place.x() + x * unit, place.y() + y * unit) for x, y in _PIN_HEAD]
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawPolygon(QPolygonF(outline))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(color, 1.2 * unit))
    middle = place.x() + 5.5 * unit
    painter.drawLine(QPointF(middle, place.y() + 7 * unit), QPointF(middle, place.y() + 11 * unit))


_PIN_HEAD = (
    (2.5, 0),
    (8.5, 0),
    (8.5, 1.5),
    (7.5, 1.5),
    (7.5, 4.5),
    (9.5, 6.2),
    (9.5, 7.5),
    (1.5, 7.5),
    (1.5, 6.2),
    (3.5, 4.5),
    (3.5, 1.5),
    (2.5, 1.5),
)


class RunsList(QListView):
    """A list in which any number of runs is chosen.

    Attributes:
        painter: paints the rows.

    Signals:
        swatch_clicked(int): the user clicked the swatch of this run, which chooses no row.
    """

    swatch_clicked = Signal(int)

    def __init__(self, model: RunsModel) -> None:
        """Shows the rows of the model."""
        super().__init__()
        self._runs = model
        self._holds_swatch = False
        self.setObjectName("run_list")
        set_class(self, "list")
        self.setAccessibleName("Runs")
        self.setModel(model)
        self.painter = RunsDelegate(self, self.font())
        self.setItemDelegate(self.painter)
        self.setUniformItemSizes(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setMinimumHeight(self.painter.height)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    def show_entries(self, entries: Sequence[RunEntry]) -> None:
        """Lists these runs, given from the oldest to the newest; what is in sight stays where it is.

        A list that has not been scrolled stays at its top, where the newest run is.
        """
        bar, height = self.verticalScrollBar(), self.painter.height
        before = bar.value()
        top = self._runs.entry_at(self._runs.index(before // height)) if before else None
        self._runs.show_entries(entries)
        if top is not None:
            row = self._runs.row_of(top.number)
            self.executeDelayedItemsLayout()
            bar.setValue(before if row is None else row * height + before % height)

    def chosen(self) -> frozenset[int]:
        """Numbers of the runs that are chosen."""
        entries = (self._runs.entry_at(index) for index in self.selectionModel().selectedIndexes())
        return frozenset(entry.number for entry in entries if entry is not None)

    def current(self) -> int | None:
        """Number of the run that keys go to."""
        entry = self._runs.entry_at(self.currentIndex())
        return None if entry is None else entry.number

    def choose(self, number: int) -> None:
        """Chooses this run alone."""
        flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
        self.selectionModel().setCurrentIndex(self._runs.index_of(number), flag)

    def choose_exactly(self, numbers: Iterable[int]) -> None:
        """Chooses these runs and no other; the keys stay with the row that they go to."""
        self.clearSelection()
        for number in numbers:
            index = self._runs.index_of(number)
            self.selectionModel().select(index, QItemSelectionModel.SelectionFlag.Select)

    def repaint_run(self, number: int) -> None:
        """Paints the row of a run anew; a signal of the model would have all rows arranged anew."""
        self.viewport().update(self.visualRect(self._runs.index_of(number)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press on a swatch ticks its run, and does not choose it."""
        if not self._press_swatch(event):
            super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Two quick presses on a swatch are two presses."""
        if not self._press_swatch(event):
            super().mouseDoubleClickEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Chooses what the pointer is dragged over, unless it was pressed on a swatch."""
        if not self._holds_swatch:
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Ends what the press began."""
        if self._holds_swatch:
            self._holds_swatch = False
        else:
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape chooses nothing."""
        if event.key() == Qt.Key.Key_Escape and self.selectionModel().hasSelection():
            self.clearSelection()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Marks the row that keys go to."""
        self.painter.focused = True
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Marks no row any more."""
        self.painter.focused = False
        super().focusOutEvent(event)
        self.viewport().update()

    def _press_swatch(self, event: QMouseEvent) -> bool:
        place: QPoint = event.position().toPoint()
        index: QModelIndex = self.indexAt(place)
        entry = self._runs.entry_at(index)
        on_swatch = self.painter.on_swatch(self.visualRect(index), place.x())
        if entry is None or not on_swatch or event.button() is not Qt.MouseButton.LeftButton:
            return False
        self._holds_swatch = True
        self.swatch_clicked.emit(entry.number)
        return True
