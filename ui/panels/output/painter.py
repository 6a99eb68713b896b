"""Paints the lines and pictures that are in sight."""

from __future__ import annotations

from collections import OrderedDict

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetricsF, QImage, QPainter, QPen, QPixmap

from playground.programs.output import Line, Picture
from playground.programs.rows import MOST_PICTURES, Stream
from ui.panels.output.sheet import PAD, Place, Sheet
from ui.panels.output.traces import trace_of
from ui.style.colors import mixed
from ui.style.theme import Theme, current_theme

LEFT = 14
"""Pixels to the left of the text, where a bar marks what comes from stderr."""
GAP = 10
"""Between text and steps."""
RIGHT = 8
WIDE = 420
"""Pixels from which on a step is called one."""


class Painter:
    """Knows the font and the columns; paints entries into a viewport."""

    def __init__(self, sheet: Sheet, font: QFont) -> None:
        """Paints nothing yet.

        Args:
            sheet: what is painted.
            font: of the widget, for its size.
        """
        self._sheet = sheet
        self.font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        self.font.setPointSizeF(max(1.0, font.pointSizeF() * 0.92))
        self._slanted = QFont(self.font)
        self._slanted.setItalic(True)
        self.metrics = QFontMetricsF(self.font)
        self.row = round(self.metrics.height()) + 1
        self.advance = self.metrics.horizontalAdvance("0" * 100) / 100
        self._pictures: OrderedDict[tuple[int, int, int, int], QPixmap] = OrderedDict()
        self.digits = 4

    def step_width(self, width: int) -> int:
        """Of the column of steps, in a viewport of this width."""
        return round(self.advance * (self.digits + (5 if width >= WIDE else 0))) + RIGHT

    def columns(self, width: int) -> int:
        """Characters side by side in a viewport of this width."""
        return max(8, int((width - LEFT - GAP - self.step_width(width)) / self.advance))

    def x_of(self, row: str, offset: int) -> float:
        """Pixels from the left of the viewport to a character of a row."""
        if row.isascii():
            return LEFT + offset * self.advance
        return LEFT + self.metrics.horizontalAdvance(row[:offset])

    def offset_at(self, row: str, x: float) -> int:
        """The place in a row that is nearest to so many pixels."""
        if row.isascii():
            return max(0, min(len(row), round((x - LEFT) / self.advance)))
        return min(range(len(row) + 1), key=lambda offset: abs(self.x_of(row, offset) - x))

    def paint(
        self,
        painter: QPainter,
        area: QRect,
        scrolled: int,
        selection: tuple[Place, Place] | None,
        hovered: int | None,
        current: int | None,
    ) -> None:
        """Paints what is in sight.

        Args:
            painter: of the viewport.
            area: the viewport's.
            scrolled: pixels above it.
            selection: from where to where, if anything is.
            hovered: index of the entry whose step or picture the pointer is on.
            current: index of the entry that the keys have gone to, if that is to be shown.
        """
        theme, sheet = current_theme(), self._sheet
        if not sheet.entries:
            return
        for index in range(sheet.index_at(scrolled), len(sheet.entries)):
            top = sheet.top(index) - scrolled
            if top > area.bottom():
                break
            entry = sheet.entries[index]
            if isinstance(entry, Picture):
                self._paint_picture(painter, entry, top, theme, index == hovered)
            else:
                self._paint_line(painter, entry, index, top, theme, selection, index == hovered)
            if entry.step >= 0 and (sheet.shows_step(index) or index in (hovered, current)):
                self._paint_step(
                    painter, entry.step, QRect(0, top, area.width(), self.row), theme, index == hovered
                )
            if index == current:
                painter.setPen(QPen(QColor(theme.parameter), 1, Qt.PenStyle.DashLine))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(QRect(1, top, area.width() - 3, sheet.entry_height(index) - 1))

    def _paint_line(
        self,
        painter: QPainter,
        line: Line,
        index: int,
        top: int,
        theme: Theme,
        selection: tuple[Place, Place] | None,
        hovered: bool,
    ) -> None:
        rows = self._sheet.rows(index)
        color = {Stream.OUT: theme.text, Stream.ERR: theme.warning, Stream.NOTE: theme.muted}[line.stream]
        font = QFont(self._slanted if line.stream is Stream.NOTE else self.font)
        if trace_of(line) is not None:
            # It leads to the code.
            color = theme.info
            font.setUnderline(hovered)
        painter.setFont(font)
        if line.stream is Stream.ERR:
            painter.fillRect(QRect(4, top, 3, self.row * len(rows)), QColor(theme.warning))
        passed = 0
        for number, row in enumerate(rows):
            y = top + number * self.row
            if selection is not None:
                self._paint_selection(painter, line.number, passed, row, y, selection, theme)
            painter.setPen(QColor(color))
            painter.drawText(LEFT, y + round(self.metrics.ascent()), row)
            passed += len(row)

    def _paint_selection(
        self,
        painter: QPainter,
        number: int,
        passed: int,
        row: str,
        y: int,
        selection: tuple[Place, Place],
        theme: Theme,
    ) -> None:
        start = max(selection[0], Place(number, passed))
        end = min(selection[1], Place(number, passed + len(row)))
        if start > end or (start == end and row):
            return
        left = self.x_of(row, start.offset - passed)
        # An empty line that is selected is seen to be.
        right = max(self.x_of(row, end.offset - passed), left + self.advance / 2)
        ground = mixed(theme.surface, theme.parameter, 0.3)
        painter.fillRect(QRect(round(left), y, round(right - left), self.row), QColor(ground))

    def _paint_step(self, painter: QPainter, step: int, row: QRect, theme: Theme, hovered: bool) -> None:
        font = QFont(self.font)
        font.setUnderline(hovered)
        painter.setFont(font)
        painter.setPen(QColor(theme.info))
        text = f"step {step}" if row.width() >= WIDE else str(step)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(row.adjusted(0, 0, -RIGHT, 0), right, text)

    def _paint_picture(
        self, painter: QPainter, picture: Picture, top: int, theme: Theme, hovered: bool
    ) -> None:
        size = QSize(*self._sheet.picture_size(picture))
        place = QRect(LEFT, top + PAD, size.width(), size.height())
        pixmap = self._scaled(picture, size, painter.device().devicePixelRatio())
        if pixmap.isNull():
            painter.setPen(QColor(theme.error))
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, "a picture that cannot be read")
        else:
            painter.drawPixmap(place, pixmap)
        painter.setPen(QPen(QColor(theme.parameter if hovered else theme.border), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(place.adjusted(-1, -1, 0, 0))

    def _scaled(self, picture: Picture, size: QSize, ratio: float) -> QPixmap:
        """A picture in the size in which it is painted; kept for the next time."""
        whole = size * ratio
        key = (picture.number, hash(picture.data), whole.width(), whole.height())
        known = self._pictures.get(key)
        if known is None:
            image = QImage.fromData(picture.data)
            if not image.isNull():
                smooth = Qt.TransformationMode.SmoothTransformation
                image = image.scaled(whole, Qt.AspectRatioMode.IgnoreAspectRatio, smooth)
            known = self._pictures[key] = QPixmap.fromImage(image)
            known.setDevicePixelRatio(ratio)
            while len(self._pictures) > MOST_PICTURES:
                self._pictures.popitem(last=False)
        return known
