"""The ladder of stages: each rung says in one line what is new against the rung above it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractItemModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSignalBlocker,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen, QResizeEvent, QTextLayout
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
from ui.style.sheet import set_class
from ui.style.theme import Theme, current_theme

_BAR = 4
_RADIUS = 9.0
_RAIL_X = 22.0
_TEXT_X = 40
_RIGHT_MARGIN = 8
_PADDING = 4


@dataclass(frozen=True, slots=True)
class Rung:
    """What is seen of a stage.

    Attributes:
        number: counted from 1, from the top.
        title: the stage's title.
        adds: what is new against the rung above, in one line.
        last: whether no rung follows.
        current: whether it is the stage that runs.
        hovered: whether the pointer is on it.
        focused: whether keys go to the ladder.
    """

    number: int
    title: str
    adds: str
    last: bool
    current: bool
    hovered: bool
    focused: bool


def rung_height(font: QFont, *, lines: int) -> int:
    """Height in pixels of a rung whose text takes so many lines below its title."""
    return QFontMetrics(_bold(font)).height() + lines * QFontMetrics(small(font)).height() + 2 * _PADDING


def paint_rung(painter: QPainter, area: QRect, rung: Rung, font: QFont, theme: Theme) -> None:
    """Paint a rung into `area`; the text takes as many lines as fit, and the last one is elided."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _paint_ground(painter, area, rung, theme)
    _paint_number(painter, area, rung, font, theme)
    metrics = QFontMetrics(small(font))
    title_height = QFontMetrics(_bold(font)).height()
    most = 2 if area.height() >= rung_height(font, lines=2) else 1
    text = area.adjusted(_TEXT_X, 0, -_RIGHT_MARGIN, 0)
    lines = broken(rung.adds, small(font), text.width(), most)
    top = area.center().y() - (title_height + len(lines) * metrics.height()) // 2
    painter.setPen(QColor(theme.text))
    painter.setFont(_bold(font))
    painter.drawText(QRect(text.x(), top, text.width(), title_height), Qt.AlignmentFlag.AlignLeft, rung.title)
    painter.setPen(QColor(theme.muted))
    painter.setFont(small(font))
    for row, line in enumerate(lines):
        baseline = top + title_height + row * metrics.height() + metrics.ascent()
        painter.drawText(text.x(), baseline, line)


def broken(text: str, font: QFont, width: int, lines: int) -> list[str]:
    """A text in at most so many lines of that width in pixels; the last one ends in … if it must."""
    layout = QTextLayout(text, font)
    layout.beginLayout()
    starts = []
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        starts.append(line.textStart())
    layout.endLayout()
    starts = starts[:lines]
    ends = [*starts[1:], len(text)]
    parts = [text[start:end].strip() for start, end in zip(starts, ends, strict=True)]
    return [QFontMetrics(font).elidedText(part, Qt.TextElideMode.ElideRight, width) for part in parts]


def small(font: QFont) -> QFont:
    """The font of the line below the title."""
    result = QFont(font)
    result.setPointSizeF(font.pointSizeF() * 0.88)
    return result


def _bold(font: QFont) -> QFont:
    result = QFont(font)
    result.setWeight(QFont.Weight.DemiBold)
    return result


def _paint_ground(painter: QPainter, area: QRect, rung: Rung, theme: Theme) -> None:
    if rung.current or rung.hovered:
        painter.fillRect(area, QColor(theme.surface if rung.current else theme.raised))
    if rung.current:
        painter.fillRect(QRect(area.x(), area.y(), _BAR, area.height()), QColor(theme.accent))
        if rung.focused:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.parameter), 1))
            painter.drawRect(QRectF(area).adjusted(_BAR + 0.5, 0.5, -0.5, -0.5))


def _paint_number(painter: QPainter, area: QRect, rung: Rung, font: QFont, theme: Theme) -> None:
    x, middle = area.x() + _RAIL_X, QRectF(area).center().y()
    painter.setPen(QPen(QColor(theme.border), 2))
    if rung.number > 1:
        painter.drawLine(QPointF(x, area.top()), QPointF(x, middle - _RADIUS))
    if not rung.last:
        painter.drawLine(QPointF(x, middle + _RADIUS), QPointF(x, area.bottom() + 1))
    painter.setPen(QPen(QColor(theme.accent if rung.current else theme.faint), 1.2))
    painter.setBrush(QColor(theme.accent) if rung.current else Qt.BrushStyle.NoBrush)
    painter.drawEllipse(QPointF(x, middle), _RADIUS, _RADIUS)
    painter.setPen(QColor(theme.on_accent if rung.current else theme.muted))
    painter.setFont(_bold(small(font)))
    circle = QRectF(x - _RADIUS, middle - _RADIUS, 2 * _RADIUS, 2 * _RADIUS)
    painter.drawText(circle, Qt.AlignmentFlag.AlignCenter, str(rung.number))


_ADDS_ROLE = Qt.ItemDataRole.UserRole
_NAME_ROLE = Qt.ItemDataRole.UserRole + 1
_NARROWEST = 180


class StageLadder(QWidget):
    """The stages in order; the current one is marked by color and by a bar.

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
        self.list.setObjectName("stage_list")
        self._heading = QLabel("PROGRAM", self)
        self._heading.setBuddy(self.list)
        set_class(self._heading, "muted")
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
        self.list.currentRowChanged.connect(self._choose)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def show_stage(self, name: str) -> None:
        """Mark the stage of that name as the current one, without a signal.

        Raises:
            ValueError: there is no such stage.
        """
        row = [stage.name for stage in STAGES].index(name)
        if row != self.list.currentRow():
            with QSignalBlocker(self.list):
                self.list.setCurrentRow(row)

    def _choose(self, row: int) -> None:
        self.stage_chosen.emit(self.list.item(row).data(_NAME_ROLE))


class _RungList(QListWidget):
    """A list whose rungs are as high as their texts, if there is room for all of them."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._delegate = _RungDelegate(self)
        self._measured_for: tuple[int, str] | None = None
        self._lines: dict[int, int] = {}
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
        self._fit()

    def sizeHint(self) -> QSize:
        return QSize(_NARROWEST, self._height(2))

    def minimumSizeHint(self) -> QSize:
        return QSize(_NARROWEST, self._height(1))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def lines_of(self, index: QModelIndex | QPersistentModelIndex) -> int:
        """Lines that the text of a rung takes: as many as it needs, one where there is no room for that."""
        return self._needed(index.row()) if self.height() >= self._height(2) else 1

    def _needed(self, row: int) -> int:
        width = self.viewport().width() - _TEXT_X - _RIGHT_MARGIN
        known = (width, self.font().toString())
        if self._measured_for != known:
            self._measured_for, self._lines = known, {}
        if row not in self._lines:
            text = str(self.item(row).data(_ADDS_ROLE))
            self._lines[row] = len(broken(text, small(self.font()), width, 2))
        return self._lines[row]

    def _height(self, most: int) -> int:
        rows = range(self.count())
        return sum(rung_height(self.font(), lines=min(most, self._needed(row))) for row in rows)

    def _fit(self) -> None:
        self.setMaximumHeight(self._height(2))
        self.updateGeometry()


class _RungDelegate(QStyledItemDelegate):
    """Paints a rung from its row's data and the list's state."""

    def __init__(self, rungs: _RungList) -> None:
        super().__init__(rungs)
        self._rungs = rungs

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(0, rung_height(self._rungs.font(), lines=self._rungs.lines_of(index)))

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
        paint_rung(painter, area, rung, QFont(self._rungs.font()), current_theme())
        painter.restore()


def _model(index: QModelIndex | QPersistentModelIndex) -> QAbstractItemModel:
    return index.model()
