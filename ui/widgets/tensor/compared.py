"""A tensor, what it would have been, and the difference, side by side."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from playground.recording.snapshot import Snapshot
from ui.style.theme import current_theme
from ui.widgets.tensor import text as tensor_words
from ui.widgets.tensor.heatmap import Heatmap

CAPTIONS = "real", "what if", "difference"
_PICTURE = 40
_GAP = 8


class ComparedTensors(QWidget):
    """Three pictures with a line below each; it takes no room where there is nothing to compare.

    Real and changed values have the same scale of colors; the difference has its own.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        """Hidden at first."""
        super().__init__(parent)
        self._value: Snapshot | None = None
        self._pictures = [Heatmap(self) for _ in CAPTIONS]
        for picture in self._pictures:
            picture.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            picture.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName("Real, what if, and the difference")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.hide()

    def show_tensor(self, value: Snapshot | None) -> None:
        """Shows a tensor beside its twin; one without takes no room."""
        twin = None if value is None else value.twin
        self._value = None if twin is None else value
        if value is not None and twin is not None:
            largest = largest_of(value)
            shown = (value, None), (twin, largest), (value.difference, None)
            for picture, (each, scale) in zip(self._pictures, shown, strict=True):
                pictured = each is not None and each.number is None
                picture.set_snapshot(each if pictured else None, scale)
                picture.setVisible(pictured)
            self.setAccessibleDescription("; ".join(self.texts()))
            self.setToolTip("\n".join(self.texts()))
            self.updateGeometry()
            self._place()
        self.setVisible(twin is not None)
        self.update()

    def texts(self) -> list[str]:
        """Caption and line of each."""
        if self._value is None:
            return []
        lines = (" ".join(filter(None, each)) for each in self._lines())
        return [f"{name}: {line}" for name, line in zip(CAPTIONS, lines, strict=True)]

    def sizeHint(self) -> QSize:
        """A line, the pictures, and two lines; of a number a line and the numbers."""
        pictured = self._is_pictured()
        return QSize(240, (2 + pictured) * self._line_height() + (_PICTURE + 2) * pictured + 6)

    def minimumSizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(120, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Gives the pictures their places."""
        super().resizeEvent(event)
        self._place()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints the lines above and below the pictures."""
        if self._value is None:
            return
        painter, theme = QPainter(self), current_theme()
        font = self._small()
        for place, (caption, lines) in enumerate(zip(CAPTIONS, self._lines(), strict=True)):
            column = self._column(place)
            font.setBold(place > 0)
            painter.setFont(font)
            painter.setPen(QColor(theme.warning if place else theme.muted))
            painter.drawText(column, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, caption)
            font.setBold(False)
            painter.setFont(font)
            below = column.adjusted(0, self._line_height() + (_PICTURE + 2) * self._is_pictured(), 0, 0)
            for number, line in enumerate(lines):
                painter.setPen(QColor(theme.muted if number else theme.text))
                shown = QFontMetrics(font).elidedText(line, Qt.TextElideMode.ElideRight, column.width())
                row = below.translated(0, number * self._line_height())
                painter.drawText(row, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, shown)
        painter.end()

    def _lines(self) -> list[tuple[str, ...]]:
        """What stands below each."""
        value = self._value
        assert value is not None, "there is something to compare"
        assert value.twin is not None, "there is something to compare"
        moved = tensor_words.largest_difference_text(value)
        if value.number is not None:
            both = (tensor_words.whole_number_text(each) for each in (value, value.twin))
            return [*((each,) for each in both), (moved,)]
        facts = [
            (tensor_words.flaw_text(each) or tensor_words.range_line(each), tensor_words.mean_line(each))
            for each in (value, value.twin)
        ]
        return [*facts, (moved, tensor_words.count_changed_text(value))]

    def _is_pictured(self) -> bool:
        return self._value is not None and self._value.number is None

    def _column(self, place: int) -> QRect:
        width = (self.width() - 2 * _GAP) // len(CAPTIONS)
        return QRect(place * (width + _GAP), 0, width, self.height() - 4)

    def _place(self) -> None:
        for place, picture in enumerate(self._pictures):
            column = self._column(place)
            picture.setGeometry(column.left(), self._line_height() + 1, column.width(), _PICTURE)

    def _small(self) -> QFont:
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 0.88)
        return font

    def _line_height(self) -> int:
        return QFontMetrics(self._small()).height()


def largest_of(value: Snapshot) -> float | None:
    """What is farthest from 0 in a tensor, for the colors of its twin; None if nothing is."""
    statistics = value.statistics
    if statistics.histogram is None:
        return None
    return max(-statistics.smallest, statistics.largest) or None
