"""The hidden units, each as a small picture of what it gives."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from playground.data.picture import Picture
from ui.panels.picture.coloring import image_of_values, scale_of
from ui.panels.picture.words import unit_text
from ui.style.scale import small_text, stroke
from ui.style.theme import current_theme

CELL = QSize(52, 34)
_GAP = 4
_LABEL = 12
_MOST_ROWS = 2
_HATCH = 0.35
_NOTCH = 120
"""What a wheel tells of one step."""
_RATHER_TALL = 400
"""Pixels of the panel from which on it has room for more rows."""


class UnitPictures(QWidget):
    """As many as there is room for, and the others by pages; a click, or an arrow key, chooses one.

    Signals:
        unit_chosen(object): layer and number of the unit, as a tuple; None for none.
        turned(): others are seen.
    """

    unit_chosen = Signal(object)
    turned = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """None yet."""
        super().__init__(parent)
        self.setObjectName("picture_units")
        self.setAccessibleName("hidden units")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._picture: Picture | None = None
        self._units: list[tuple[int, int]] = []
        self._chosen: tuple[int, int] | None = None
        self._first = 0
        self._wheel = 0
        self._images: dict[tuple[int, int], QImage] = {}
        self._drawn: tuple[object, ...] = ()

    @property
    def chosen(self) -> tuple[int, int] | None:
        """Layer and number of the unit that stands out."""
        return self._chosen

    def show_picture(self, picture: Picture | None) -> None:
        """Shows the units of another picture; one that it does not have is chosen no longer."""
        self._picture = picture
        before = len(self._units)
        self._units = (
            []
            if picture is None
            else [(layer, unit) for layer, units in enumerate(picture.hidden) for unit in range(len(units))]
        )
        if self._chosen not in self._units:
            self._chosen = None
        if len(self._units) != before:
            self._first = 0
            self.updateGeometry()
        self._describe()
        self.update()

    def choose(self, unit: tuple[int, int] | None) -> None:
        """Lets one stand out, or none, and tells so."""
        if unit != self._chosen:
            self._chosen = unit
            if unit is not None:
                self._reveal(self._units.index(unit))
            self._describe()
            self.update()
            self.unit_chosen.emit(unit)

    def turn(self, pages: int) -> None:
        """Shows the units so many pages further on; none beyond the ends."""
        page = max(1, self._columns() * self._most_rows())
        last = max(0, (len(self._units) - 1) // page * page)
        self._go_to(min(max(self._first + pages * page, 0), last))

    def part_in_words(self) -> str:
        """Which of them are seen: `"10 to 18 shown"`."""
        return f"{self._first} to {self._first + self.seen() - 1} shown"

    def _go_to(self, first: int) -> None:
        if first != self._first:
            self._first = first
            self.update()
            self.turned.emit()

    def _reveal(self, number: int) -> None:
        """Turns to the page on which a unit is."""
        page = max(1, self._columns() * self._most_rows())
        if not self._first <= number < self._first + page:
            self._go_to(number // page * page)

    def place_of(self, number: int) -> QRect:
        """Where the unit of this number on the page is painted."""
        row, column = divmod(number, self._columns())
        x = column * (CELL.width() + _GAP)
        return QRect(QPoint(x, row * (CELL.height() + _label() + _GAP) + 1), CELL)

    def seen(self) -> int:
        """For how many there is room."""
        return min(len(self._units) - self._first, self._columns() * self._most_rows())

    def hidden_count(self) -> int:
        """How many more there are."""
        return len(self._units) - self.seen()

    def sizeHint(self) -> QSize:
        """Room for the rows that are wanted."""
        rows = min(-(-max(len(self._units), 1) // self._columns()), self._most_rows())
        return QSize(200, rows * (CELL.height() + _label() + _GAP) + 2 if self._units else 0)

    def minimumSizeHint(self) -> QSize:
        """As high as it wants to be; it may be narrow."""
        return QSize(CELL.width(), self.sizeHint().height())

    def resizeEvent(self, event: object) -> None:
        """Another width has another number of rows, and other pages."""
        page = max(1, self._columns() * self._most_rows())
        self._go_to(self._first // page * page)
        self.updateGeometry()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints those for which there is room."""
        picture = self._picture
        if picture is None:
            return
        theme = current_theme()
        if (picture, theme) != self._drawn:
            self._drawn, self._images = (picture, theme), {}
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        font = QFont(self.font())
        font.setPixelSize(small_text(10))
        painter.setFont(font)
        for number in range(self.seen()):
            unit = self._units[self._first + number]
            self._paint_unit(painter, picture, unit, self.place_of(number))
        painter.end()

    def _paint_unit(self, painter: QPainter, picture: Picture, unit: tuple[int, int], place: QRect) -> None:
        theme, (layer, number) = current_theme(), unit
        area = QRectF(place)
        dead = bool(picture.dead[layer][number])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if dead:
            hatch = QColor(theme.error)
            hatch.setAlphaF(_HATCH)
            painter.fillRect(area, QColor(theme.surface))
            painter.fillRect(area, QBrush(hatch, Qt.BrushStyle.BDiagPattern))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(QPen(QColor(theme.error), 1, Qt.PenStyle.DashLine))
            painter.drawRect(area)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, "0")
        elif picture.output.ndim == 3:
            if unit not in self._images:
                # Every second point is enough for so few pixels.
                values = picture.hidden[layer][number][::2, ::2]
                self._images[unit] = image_of_values(values, scale_of(picture.hidden[layer]), theme)
            painter.drawImage(area, self._images[unit])
            painter.setPen(QPen(QColor(theme.border), 1))
            painter.drawRect(area)
        else:
            _paint_curve(painter, picture, unit, area)
        label = QRectF(area.left(), area.bottom(), area.width(), _label())
        painter.setPen(QColor(theme.error if dead else theme.muted))
        painter.drawText(label, Qt.AlignmentFlag.AlignCenter, str(number))
        if unit == self._chosen:
            painter.setPen(QPen(QColor(theme.info), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(area)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Chooses the unit under the mouse; a second time, none."""
        unit = self._unit_at(event.position().toPoint())
        self.choose(None if unit == self._chosen else unit)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right go from unit to unit, the pages turn; Escape chooses none."""
        steps = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}
        pages = {Qt.Key.Key_PageDown: 1, Qt.Key.Key_PageUp: -1}
        if event.key() == Qt.Key.Key_Escape and self._chosen is not None:
            self.choose(None)
        elif event.key() in steps and self.seen():
            now = self._first - 1 if self._chosen is None else self._units.index(self._chosen)
            self.choose(self._units[(now + steps[Qt.Key(event.key())]) % len(self._units)])
        elif event.key() in pages:
            self.turn(pages[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Turns the pages."""
        if not self.hidden_count():
            super().wheelEvent(event)
            return
        # A touchpad tells of its way in small parts.
        self._wheel += event.angleDelta().y()
        if abs(self._wheel) >= _NOTCH:
            self.turn(-1 if self._wheel > 0 else 1)
            self._wheel = 0
        event.accept()

    def event(self, event: QEvent) -> bool:
        """The tooltip says what the unit does."""
        if (
            event.type() == QEvent.Type.ToolTip
            and isinstance(event, QHelpEvent)
            and self._picture is not None
        ):
            unit = self._unit_at(event.pos())
            QToolTip.showText(
                event.globalPos(), "" if unit is None else unit_text(self._picture, *unit), self
            )
            return True
        return super().event(event)

    def _unit_at(self, place: QPoint) -> tuple[int, int] | None:
        number = next((each for each in range(self.seen()) if self.place_of(each).contains(place)), None)
        return None if number is None else self._units[self._first + number]

    def _columns(self) -> int:
        return max(1, (self.width() + _GAP) // (CELL.width() + _GAP))

    def _most_rows(self) -> int:
        parent = self.parentWidget()
        tall = parent is not None and parent.height() > _RATHER_TALL
        return 2 * _MOST_ROWS if tall else 1

    def _describe(self) -> None:
        known = self._picture is not None and self._chosen is not None
        text = unit_text(self._picture, *self._chosen) if self._picture and self._chosen and known else ""
        self.setAccessibleDescription(text)


def _label() -> int:
    """Height of the number below a unit."""
    return small_text(_LABEL)


def _paint_curve(painter: QPainter, picture: Picture, unit: tuple[int, int], area: QRectF) -> None:
    """What a unit gives along the line."""
    theme = current_theme()
    values = np.nan_to_num(np.asarray(picture.hidden[unit[0]][unit[1]], float))[::4]
    largest = float(values.max()) or 1.0
    painter.setPen(QPen(QColor(theme.border), 1))
    painter.setBrush(QColor(theme.raised))
    painter.drawRect(area)
    xs = np.linspace(area.left(), area.right(), len(values))
    ys = area.bottom() - 2 - values / largest * (area.height() - 4)
    painter.setPen(QPen(QColor(theme.loss), stroke(1.5)))
    painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in zip(xs, ys, strict=True)]))
