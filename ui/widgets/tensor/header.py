"""The header of a tensor's card: a thumbnail, a few lines, and the button that opens the rest."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from playground.recording.snapshot import Snapshot
from ui.style.theme import Tone, current_theme, text_tone
from ui.widgets.eliding_label import whole_facts
from ui.widgets.tensor import text as tensor_words
from ui.widgets.tensor.heatmap import Heatmap

MARGIN = 8
RADIUS = 6.0
_GAP = 10
_THUMBNAIL = 84
_CHEVRON = 16


class TensorHeader(QAbstractButton):
    """The few lines, and the button that opens the rest."""

    def __init__(self) -> None:
        """Closed, and without a tensor."""
        super().__init__()
        self._label = self._note = ""
        self._tone: Tone = text_tone
        self._snapshot: Snapshot | None = None
        self._told = False
        self._use_font()
        self._thumbnail = Heatmap(self)
        self._thumbnail.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._thumbnail.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._thumbnail.hide()
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_tensor(self, label: str, snapshot: Snapshot | None, note: str) -> None:
        """Shows another tensor, or that it is not defined."""
        if (label, note) == (self._label, self._note) and snapshot is self._snapshot:
            return
        is_higher = bool(note) != bool(self._note)
        self._label, self._snapshot, self._note = label, snapshot, note
        pictured = snapshot is not None and snapshot.number is None
        self._thumbnail.set_snapshot(snapshot if pictured else None)
        self._thumbnail.setVisible(pictured)
        self._told = False
        self.setAccessibleName(label)
        self._elide()
        if is_higher:
            self.updateGeometry()
        self.update()

    def set_label_tone(self, tone: Tone) -> None:
        """Writes the name in this color."""
        self._tone = tone
        self.update()

    def texts(self) -> list[str]:
        """Name, note, and what the lines below say."""
        return [each for each in (self._label, *self._lines(), self._note) if each]

    def nextCheckState(self) -> None:
        """What is not defined has nothing to open."""
        if self._snapshot is not None:
            super().nextCheckState()

    def sizeHint(self) -> QSize:
        """Room for all lines."""
        lines = 4 if self._note else 3
        height = self._bold_height + lines * self._small_height
        return QSize(2 * MARGIN + _THUMBNAIL + 160, height + 2 * MARGIN)

    def minimumSizeHint(self) -> QSize:
        """Lines are shortened, but all stay."""
        return QSize(2 * MARGIN + _THUMBNAIL + 60, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Gives the thumbnail its place."""
        super().resizeEvent(event)
        self._thumbnail.setGeometry(self._tile())
        self._elide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens and closes as the space bar does."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Takes another font as it comes."""
        if event.type() == QEvent.Type.FontChange:
            self._use_font()
            self.updateGeometry()
        super().changeEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Shows that it can be clicked."""
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Looks as before."""
        super().leaveEvent(event)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints ground, number, lines and chevron."""
        self._tell()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter)
        self._paint_number(painter)
        self._paint_lines(painter)
        if self._snapshot is not None:
            self._paint_chevron(painter)
        painter.end()

    def _tell(self) -> None:
        """Tells assistive programs what is painted; not before, as statistics take their time."""
        if not self._told:
            self._told = True
            self.setAccessibleDescription(", ".join(self.texts()[1:]))

    def _lines(self) -> list[str]:
        snapshot = self._snapshot
        if snapshot is None:
            return [tensor_words.NOT_DEFINED]
        words = (tensor_words.flaw_text(snapshot), tensor_words.range_line(snapshot))
        return [
            tensor_words.type_line(snapshot),
            tensor_words.mean_line(snapshot),
            " · ".join(filter(None, words)),
        ]

    def _tile(self) -> QRect:
        height = self.sizeHint().height() - 2 * MARGIN
        if self._note:
            height -= self._small_height
        return QRect(MARGIN, MARGIN, _THUMBNAIL, height)

    def _text_area(self) -> QRect:
        left = MARGIN + _THUMBNAIL + _GAP
        return QRect(left, MARGIN, self.width() - left - MARGIN, self.height() - 2 * MARGIN)

    def _elide(self) -> None:
        shown = QFontMetrics(self._bold).horizontalAdvance(self._label)
        whole = [self._label] if shown > self._text_area().width() - _CHEVRON else []
        if QFontMetrics(self._small).horizontalAdvance(self._note) > self._text_area().width():
            whole.append(self._note)
        self.setToolTip("\n".join(whole))

    def _use_font(self) -> None:
        """Makes the fonts once: they are asked for a dozen times at every move of the cursor."""
        self._bold, self._small = QFont(self.font()), QFont(self.font())
        self._bold.setWeight(QFont.Weight.DemiBold)
        self._small.setPointSizeF(self._small.pointSizeF() * 0.88)
        self._bold_height = QFontMetrics(self._bold).height()
        self._small_height = QFontMetrics(self._small).height()

    def _paint_ground(self, painter: QPainter) -> None:
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        hovered = self.underMouse() and self._snapshot is not None
        painter.setBrush(QColor(current_theme().raised) if hovered else Qt.BrushStyle.NoBrush)
        painter.setPen(QColor(current_theme().parameter) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.drawRoundedRect(area, RADIUS - 1, RADIUS - 1)

    def _paint_number(self, painter: QPainter) -> None:
        """The tile of a tensor without a heatmap: its one number, or a dash."""
        if self._snapshot is not None and self._snapshot.number is None:
            return
        number = self._snapshot.number if self._snapshot is not None else None
        text = "—" if number is None else tensor_words.number_text(number)
        tile = QRectF(self._tile()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QColor(current_theme().border))
        painter.setBrush(QColor(current_theme().raised))
        painter.drawRoundedRect(tile, 3, 3)
        font = QFont(self._bold)
        font.setPointSizeF(font.pointSizeF() * 1.5)
        room = tile.width() - 8
        font.setPointSizeF(font.pointSizeF() * min(1.0, room / QFontMetrics(font).horizontalAdvance(text)))
        painter.setFont(font)
        painter.setPen(QColor(current_theme().faint if number is None else current_theme().text))
        painter.drawText(tile, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_lines(self, painter: QPainter) -> None:
        row = QRect(self._text_area())
        row.setHeight(self._bold_height)
        painter.setFont(self._bold)
        self._paint_line(painter, row.adjusted(0, 0, -_CHEVRON, 0), self._label, self._tone(current_theme()))
        painter.setFont(self._small)
        row.translate(0, row.height())
        row.setHeight(self._small_height)
        flaws = "" if self._snapshot is None else tensor_words.flaw_text(self._snapshot)
        for text in self._lines():
            self._paint_line(painter, row, text, current_theme().muted)
            if flaws and text.startswith(flaws):
                self._paint_line(painter, row, flaws, current_theme().error)
            row.translate(0, row.height())
        row.moveBottom(self._text_area().bottom())
        self._paint_line(painter, row, self._note, current_theme().muted)

    def _paint_line(self, painter: QPainter, row: QRect, text: str, color: str) -> None:
        painter.setPen(QColor(color))
        shown = whole_facts(text, painter.fontMetrics(), row.width())
        painter.drawText(row, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)

    def _paint_chevron(self, painter: QPainter) -> None:
        x = self._text_area().right() - _CHEVRON / 2 + 3
        y = MARGIN + self._bold_height / 2
        points = [(-4, -2), (4, -2), (0, 3)] if self.isChecked() else [(-2, -4), (-2, 4), (3, 0)]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(current_theme().muted))
        painter.drawPolygon(QPolygonF([QPointF(x + right, y + down) for right, down in points]))
