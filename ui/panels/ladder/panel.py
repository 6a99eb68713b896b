"""The ladder of stages: each rung says in one line what is new against the rung above it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
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
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from playground.stages import STAGES
from ui.style.scale import scale
from ui.style.sheet import set_class
from ui.style.theme import Theme, current_theme
from ui.widgets.picture_menu import add_copy, offer_copy

_BAR = 4
_RADIUS = 9.0
_RAIL_X = 22.0
_TEXT_X = 40
_RIGHT_MARGIN = 8
_PADDING = 4
RAIL = 48
"""Width in pixels of a ladder that shows numbers only."""


@dataclass(frozen=True, slots=True)
class Rung:
    """What is seen of a stage, or of a file below the stages.

    Attributes:
        number: counted from 1, from the top; 0 for a file, which stands on no rung of its own.
        title: the stage's title, or the file's name.
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
    """Paint a rung into `area`; the text takes as many lines as fit, and the last one is elided.

    An area of the width of a rail has room for the number only.
    """
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _paint_ground(painter, area, rung, theme)
    _paint_number(painter, area, rung, font, theme)
    if area.width() <= RAIL:
        return
    metrics = QFontMetrics(small(font))
    title_height = QFontMetrics(_bold(font)).height()
    most = 2 if area.height() >= rung_height(font, lines=2) else 1
    text = area.adjusted(_TEXT_X, 0, -_RIGHT_MARGIN, 0)
    lines = broken(rung.adds, small(font), text.width(), most)
    top = area.center().y() - (title_height + len(lines) * metrics.height()) // 2
    painter.setPen(QColor(theme.text))
    painter.setFont(_bold(font))
    # A file is known by how its name begins and ends.
    title = QFontMetrics(_bold(font)).elidedText(rung.title, Qt.TextElideMode.ElideMiddle, text.width())
    painter.drawText(QRect(text.x(), top, text.width(), title_height), Qt.AlignmentFlag.AlignLeft, title)
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
    if not rung.number:
        _paint_sheet(painter, QPointF(x, middle), rung, theme)
        return
    painter.setPen(QPen(QColor(theme.border), 2))
    radius = _RADIUS * scale()
    if rung.number > 1:
        painter.drawLine(QPointF(x, area.top()), QPointF(x, middle - radius))
    if not rung.last:
        painter.drawLine(QPointF(x, middle + radius), QPointF(x, area.bottom() + 1))
    painter.setPen(QPen(QColor(theme.accent if rung.current else theme.faint), 1.2))
    painter.setBrush(QColor(theme.accent) if rung.current else Qt.BrushStyle.NoBrush)
    painter.drawEllipse(QPointF(x, middle), radius, radius)
    painter.setPen(QColor(theme.on_accent if rung.current else theme.muted))
    painter.setFont(_bold(small(font)))
    circle = QRectF(x - radius, middle - radius, 2 * radius, 2 * radius)
    painter.drawText(circle, Qt.AlignmentFlag.AlignCenter, str(rung.number))


def _paint_sheet(painter: QPainter, center: QPointF, rung: Rung, theme: Theme) -> None:
    """A sheet with lines of text, in place of a number."""
    sheet = QRectF(center.x() - _RADIUS, center.y() - _RADIUS, 2 * _RADIUS, 2 * _RADIUS)
    painter.setPen(QPen(QColor(theme.accent if rung.current else theme.faint), 1.2))
    painter.setBrush(QColor(theme.accent) if rung.current else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(sheet, 3, 3)
    painter.setPen(QPen(QColor(theme.on_accent if rung.current else theme.muted), 1.4))
    for row in (-4, 0, 4):
        painter.drawLine(QPointF(center.x() - 4, center.y() + row), QPointF(center.x() + 4, center.y() + row))


@dataclass(frozen=True, slots=True)
class FileRung:
    """A file of the user's below the ladder.

    Attributes:
        path: of the file.
        name: without its folder.
        edited: whether it has changes that were not saved.
    """

    path: str
    name: str
    edited: bool = False


def _telling_folders(files: Sequence[FileRung]) -> dict[str, str]:
    """Of files of one name, by path: as many of the folders as tell each from the others; else ""."""
    told = {}
    for file in files:
        folders = PurePath(file.path).parent.parts
        alike = [each for each in files if each.name == file.name and each.path != file.path]
        others = [PurePath(each.path).parent.parts for each in alike]
        told[file.path] = ""
        for depth in range(1, len(folders) + 1):
            if not others:
                break
            told[file.path] = f"in {'/'.join(folders[-depth:])}"
            others = [each for each in others if each[-depth:] == folders[-depth:]]
    return told


_ADDS_ROLE = Qt.ItemDataRole.UserRole
_NAME_ROLE = Qt.ItemDataRole.UserRole + 1
_TITLE_ROLE = Qt.ItemDataRole.UserRole + 2
MOST_FILES_IN_SIGHT = 3
"""Others are scrolled to."""
_NARROWEST = 180


class StageLadder(QWidget):
    """The stages in order; the current one is marked by color and by a bar.

    Attributes:
        list: the rungs, one row a stage.

    Signals:
        stage_chosen(str): name of the stage, or path of the file, that the user went to.
        open_asked(): the user wants to open a file.
        close_asked(str): the user wants a file to go from the list.
    """

    stage_chosen = Signal(str)
    open_asked = Signal()
    close_asked = Signal(str)

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
        # Margins would be lost with the next style sheet.
        self._heading.setIndent(10)
        self._heading.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._open = self._open_link()
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 8, 0)
        head.addWidget(self._heading, 1)
        head.addWidget(self._open)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self.list)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._offer)
        self.list.currentRowChanged.connect(self._choose)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def set_rail(self, rail: bool) -> None:
        """Shows numbers only, where the room is wanted elsewhere; what they mean is in the tooltips."""
        self._heading.setVisible(not rail)
        self._open.setVisible(not rail)
        self.list.set_rail(rail)

    def show_programs(
        self, current: str, files: Sequence[FileRung] = (), edited: Collection[str] = ()
    ) -> None:
        """Shows the files below the stages, and marks what runs, without a signal.

        Args:
            current: name of the stage, or path of the file, that is shown.
            files: in their order.
            edited: names of the stages whose text was changed.

        Raises:
            ValueError: there is no such stage or file.
        """
        with QSignalBlocker(self.list):
            self.list.show_files(files, edited)
            names = [self.list.item(row).data(_NAME_ROLE) for row in range(self.list.count())]
            row = names.index(current)
            if row != self.list.currentRow():
                self.list.setCurrentRow(row)

    def _open_link(self) -> QToolButton:
        link = QToolButton(self)
        link.setObjectName("open_link")
        link.setText("Open…")
        link.setToolTip("Open a program of your own (Ctrl+O), or drop its file on the window")
        link.setAccessibleName("Open a program of your own")
        link.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        set_class(link, "flat link")
        link.clicked.connect(self.open_asked)
        return link

    def _offer(self, place: QPoint) -> None:
        item = self.list.itemAt(place)
        if item is None or self.list.row(item) < len(STAGES):
            offer_copy(self, self.list.viewport().mapToGlobal(place))
            return
        path = str(item.data(_NAME_ROLE))
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(f"Close {item.data(_TITLE_ROLE)}", lambda: self.close_asked.emit(path))
        add_copy(menu, self)
        menu.popup(self.list.viewport().mapToGlobal(place))

    def _choose(self, row: int) -> None:
        self.stage_chosen.emit(self.list.item(row).data(_NAME_ROLE))


class _RungList(QListWidget):
    """A list whose rungs are as high as their texts, if there is room for all of them."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._delegate = _RungDelegate(self)
        self._measured_for: tuple[int, str] | None = None
        self._lines: dict[int, int] = {}
        self._rail = False
        self.setItemDelegate(self._delegate)
        self.setAccessibleName("stage")
        self.setAccessibleDescription("The eight stages; each adds one idea to the one above it.")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.viewport().setAutoFillBackground(False)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Without it, a change of the height would leave the rungs as high as they were.
        self.setResizeMode(QListWidget.ResizeMode.Adjust)
        self._shown: tuple[object, ...] = ()
        for number, stage in enumerate(STAGES, start=1):
            self._add(stage.name, stage.title, stage.adds, f"{number} {stage.title}")
        self.setCurrentRow(0)
        self._fit()

    def set_rail(self, rail: bool) -> None:
        """Numbers only, or texts beside them again."""
        if rail != self._rail:
            self._rail = rail
            for row in range(self.count()):
                item = self.item(row)
                adds = str(item.data(_ADDS_ROLE))
                item.setToolTip(f"{item.text()}: {adds}" if rail else self._tip(row))
            self._measured_for = None
            self._fit()

    def _tip(self, row: int) -> str:
        item = self.item(row)
        return str(item.data(_ADDS_ROLE if row < len(STAGES) else _NAME_ROLE))

    def show_files(self, files: Sequence[FileRung], edited: Collection[str]) -> None:
        """Other files below the stages; a stage that was edited says so."""
        wanted = (*files, *sorted(edited))
        if wanted == self._shown:
            return
        self._shown = wanted
        for row, stage in enumerate(STAGES):
            title = f"{stage.title} · edited" if stage.name in edited else stage.title
            item = self.item(row)
            item.setText(title)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{row + 1} {title}")
        while self.count() > len(STAGES):
            self.takeItem(self.count() - 1)
        folders = _telling_folders(files)
        for file in files:
            says = ", ".join(filter(None, ("yours", "not saved" if file.edited else "", folders[file.path])))
            item = self._add(file.path, file.name, says, f"{file.name} {folders[file.path]}".rstrip())
            item.setToolTip(file.path)
        self._measured_for = None
        self._fit()
        self.scheduleDelayedItemsLayout()

    def _add(self, name: str, title: str, adds: str, spoken: str) -> QListWidgetItem:
        item = QListWidgetItem(title, self)
        item.setData(_ADDS_ROLE, adds)
        item.setData(_NAME_ROLE, name)
        item.setData(_TITLE_ROLE, title)
        item.setToolTip(adds)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken)
        item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, adds)
        return item

    def sizeHint(self) -> QSize:
        return QSize(RAIL if self._rail else _NARROWEST, self._height(2))

    def minimumSizeHint(self) -> QSize:
        return QSize(RAIL if self._rail else _NARROWEST, self._height(1))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()
        if event.size() != event.oldSize():
            # Another height may leave room for all lines, or no longer.
            self.scheduleDelayedItemsLayout()

    def lines_of(self, index: QModelIndex | QPersistentModelIndex) -> int:
        """Lines that the text of a rung takes: as many as it needs, one where there is no room for that."""
        return self._needed(index.row()) if self.height() >= self._height(2) else 1

    def _needed(self, row: int) -> int:
        if self._rail:
            return 1
        width = self.viewport().width() - _TEXT_X - _RIGHT_MARGIN
        known = (width, self.font().toString())
        if self._measured_for != known:
            self._measured_for, self._lines = known, {}
        if row not in self._lines:
            text = str(self.item(row).data(_ADDS_ROLE))
            self._lines[row] = len(broken(text, small(self.font()), width, 2))
        return self._lines[row]

    def _height(self, most: int) -> int:
        rows = range(min(self.count(), len(STAGES) + MOST_FILES_IN_SIGHT))
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
            number=index.row() + 1 if index.row() < len(STAGES) else 0,
            title=str(index.data(Qt.ItemDataRole.DisplayRole)),
            adds=str(index.data(_ADDS_ROLE)),
            last=index.row() + 1 >= len(STAGES),
            current=index.row() == self._rungs.currentRow(),
            hovered=bool(state & QStyle.StateFlag.State_MouseOver),
            focused=self._rungs.hasFocus(),
        )
        painter.save()
        paint_rung(painter, area, rung, QFont(self._rungs.font()), current_theme())
        painter.restore()
