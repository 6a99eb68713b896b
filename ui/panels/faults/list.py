"""The list of faults: title, stage and question, and a field to search in them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import (
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from playground.faults.fault import Fault
from playground.stages import stage_named
from ui.style.sheet import set_class
from ui.style.theme import current_theme

WIDTH = 300
_MARGIN, _BAR = 12, 3
_Index = QModelIndex | QPersistentModelIndex


class FaultList(QWidget):
    """All faults, or those in which the words of the search stand.

    Attributes:
        search: the field.
        rows: the list.

    Signals:
        chosen(str): the user chose the fault of this name.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Without faults at first."""
        super().__init__(parent)
        self._faults: dict[str, Fault] = {}
        self.search = QLineEdit()
        self.search.setObjectName("faults_search")
        set_class(self.search, "field")
        self.search.setPlaceholderText("find a fault …")
        self.search.setAccessibleName("Find a fault")
        self.search.setToolTip("Find a fault (Ctrl+F); Alt+Up and Alt+Down go through them")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self.rows = QListWidget()
        self.rows.setObjectName("faults_list")
        set_class(self.rows, "list")
        self.rows.setAccessibleName("Faults")
        self.rows.setItemDelegate(_FaultDelegate(self.rows))
        self.rows.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.rows.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.rows.currentItemChanged.connect(self._tell)
        self.setFixedWidth(WIDTH)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(6)
        around = QVBoxLayout()
        around.setContentsMargins(_MARGIN, 0, 8, 0)
        around.addWidget(self.search)
        column.addLayout(around)
        column.addWidget(self.rows, 1)

    def set_faults(self, faults: Sequence[Fault]) -> None:
        """Lists these."""
        self._faults = {fault.name: fault for fault in faults}
        with QSignalBlocker(self.rows):
            self.rows.clear()
            for fault in faults:
                item = QListWidgetItem(fault.title, self.rows)
                item.setData(Qt.ItemDataRole.UserRole, fault)
                item.setToolTip(fault.question)
                item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, fault.question)

    def choose(self, name: str) -> None:
        """Shows which one is chosen, without a signal."""
        with QSignalBlocker(self.rows):
            for row in range(self.rows.count()):
                if _fault(self.rows.item(row)).name == name:
                    self.rows.setCurrentRow(row)

    def shown(self) -> list[str]:
        """Names of those that the search leaves."""
        items = [self.rows.item(row) for row in range(self.rows.count())]
        return [_fault(item).name for item in items if not item.isHidden()]

    def _filter(self, words: str) -> None:
        for row in range(self.rows.count()):
            item = self.rows.item(row)
            text = _searched(_fault(item))
            item.setHidden(not all(word in text for word in words.lower().split()))

    def _tell(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.chosen.emit(_fault(item).name)


def _fault(item: QListWidgetItem) -> Fault:
    fault: Fault = item.data(Qt.ItemDataRole.UserRole)
    return fault


def _searched(fault: Fault) -> str:
    return " ".join((fault.name, fault.stage, fault.title, fault.question)).lower()


def stage_title(fault: Fault) -> str:
    """The stage's, as the ladder writes it."""
    stage = stage_named(fault.stage)
    return fault.stage if stage is None else stage.title


class _FaultDelegate(QStyledItemDelegate):
    """Two lines: the title, and below it the stage and the question, as far as there is room."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Two lines and some air."""
        del index
        return QSize(WIDTH, 2 * option.fontMetrics.height() + 12)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paints the row; the chosen one has a bar."""
        theme = current_theme()
        fault: Fault = index.data(Qt.ItemDataRole.UserRole)
        area: QRect = option.rect
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        if selected:
            painter.fillRect(area, QColor(theme.raised))
            painter.fillRect(QRect(area.left(), area.top(), _BAR, area.height()), QColor(theme.accent))
        font = QFont(option.font)
        font.setBold(selected)
        painter.setFont(font)
        room = area.adjusted(_MARGIN, 5, -8, -5)
        half = room.height() // 2
        painter.setPen(QColor(theme.text))
        self._line(painter, QRect(room.left(), room.top(), room.width(), half), fault.title)
        font.setBold(False)
        painter.setFont(font)
        painter.setPen(QColor(theme.muted))
        below = QRect(room.left(), room.top() + half, room.width(), half)
        self._line(painter, below, f"{stage_title(fault)} · {fault.question}")
        painter.restore()

    def _line(self, painter: QPainter, room: QRect, text: str) -> None:
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
