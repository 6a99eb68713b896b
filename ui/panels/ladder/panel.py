"""The ladder of stages: each rung says in one line what is new against the rung above it."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractItemModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSignalBlocker,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from playground.stages import STAGES
from ui.panels.ladder.rung import Rung, paint_rung, rung_height
from ui.style.theme import LIGHT, Theme

_ADDS_ROLE = Qt.ItemDataRole.UserRole
_NAME_ROLE = Qt.ItemDataRole.UserRole + 1
_NARROWEST = 200


class StageLadder(QWidget):
    """The stages in order; the current one is marked by colour and by a bar.

    Attributes:
        list: the rungs, one row a stage.

    Signals:
        stage_chosen(str): name of the stage that the user went to, by mouse or keyboard.
    """

    stage_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """A ladder that stands on its first rung."""
        super().__init__(parent)
        self.list = _RungList(self)
        self._heading = QLabel("ST&AGE", self)
        self._heading.setBuddy(self.list)
        font = self._heading.font()
        font.setPointSizeF(font.pointSizeF() * 0.85)
        font.setBold(True)
        self._heading.setFont(font)
        self._heading.setContentsMargins(10, 0, 10, 0)
        self._heading.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._heading)
        column.addWidget(self.list)
        # Room beyond two lines a rung is for other panels.
        self.setMaximumHeight(column.maximumSize().height())
        self.list.currentRowChanged.connect(self._choose)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.set_theme(LIGHT)

    def show_stage(self, name: str) -> None:
        """Mark the stage of that name as the current one, without a signal.

        Raises:
            ValueError: there is no such stage.
        """
        row = [stage.name for stage in STAGES].index(name)
        if row != self.list.currentRow():
            with QSignalBlocker(self.list):
                self.list.setCurrentRow(row)

    def set_theme(self, theme: Theme) -> None:
        """Paint in these colours."""
        self._heading.setStyleSheet(f"color: {theme.muted}")
        self.list.set_theme(theme)

    def _choose(self, row: int) -> None:
        self.stage_chosen.emit(self.list.item(row).data(_NAME_ROLE))


class _RungList(QListWidget):
    """A list whose rungs share its height: two lines of text where there is room, else one."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._delegate = _RungDelegate(self)
        self.setItemDelegate(self._delegate)
        self.setAccessibleName("stage")
        self.setAccessibleDescription("The eight stages; each adds one idea to the one above it.")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.viewport().setAutoFillBackground(False)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Without it, a change of the height would leave the rungs as high as they were.
        self.setResizeMode(QListWidget.ResizeMode.Adjust)
        for number, stage in enumerate(STAGES, start=1):
            item = QListWidgetItem(stage.title, self)
            item.setData(_ADDS_ROLE, stage.adds)
            item.setData(_NAME_ROLE, stage.name)
            item.setToolTip(stage.adds)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{number} {stage.title}")
            item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, stage.adds)
        self.setCurrentRow(0)
        self.setMaximumHeight(self.count() * rung_height(self.font(), lines=2))

    def set_theme(self, theme: Theme) -> None:
        self._delegate.theme = theme
        self.viewport().update()

    def sizeHint(self) -> QSize:
        return QSize(_NARROWEST, self.count() * rung_height(self.font(), lines=1))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


class _RungDelegate(QStyledItemDelegate):
    """Paints a rung from its row's data and the list's state."""

    theme = LIGHT

    def __init__(self, rungs: _RungList) -> None:
        super().__init__(rungs)
        self._rungs = rungs

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        share = self._rungs.viewport().height() // max(1, _model(index).rowCount())
        font = self._rungs.font()
        lowest, highest = rung_height(font, lines=1), rung_height(font, lines=2)
        return QSize(0, min(max(share, lowest), highest))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        area: QRect = option.rect
        state: QStyle.StateFlag = option.state
        rung = Rung(
            number=index.row() + 1,
            title=str(index.data(Qt.ItemDataRole.DisplayRole)),
            adds=str(index.data(_ADDS_ROLE)),
            last=index.row() + 1 == _model(index).rowCount(),
            current=index.row() == self._rungs.currentRow(),
            hovered=bool(state & QStyle.StateFlag.State_MouseOver),
            focused=self._rungs.hasFocus(),
        )
        painter.save()
        paint_rung(painter, area, rung, QFont(self._rungs.font()), self.theme)
        painter.restore()


def _model(index: QModelIndex | QPersistentModelIndex) -> QAbstractItemModel:
    return index.model()
