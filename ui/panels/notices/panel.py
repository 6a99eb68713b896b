"""The toast: what the program tells the user, over the window and without moving anything."""

from __future__ import annotations

import math
from html import escape

from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QColor,
    QGuiApplication,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ui.style.sheet import set_class
from ui.style.theme import current_theme, other
from ui.style.theme import toast_ground as ground
from ui.widgets.notice_text import WrappedText

_SIZE = 18
_CENTRE = QPointF(_SIZE / 2, _SIZE / 2)
_RADIUS = 8.0
_TRIANGLE = QPolygonF([QPointF(9, 1.2), QPointF(17.4, 16.4), QPointF(0.6, 16.4)])


class NoticeIcon(QWidget):
    """A round i, a triangle with an exclamation mark, or an octagon with a cross."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Shows an information."""
        super().__init__(parent)
        self._level = "info"
        self.setFixedSize(QSize(_SIZE, _SIZE))

    def set_level(self, level: str) -> None:
        """Shows the sign of a level."""
        self._level = level
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints the shape and what stands in it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_color(self._level))
        strokes = self._paint_shape(painter)
        pen = QPen(QColor(ground(current_theme())), 2.0)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawLines(strokes)
        painter.end()

    def _paint_shape(self, painter: QPainter) -> list[QLineF]:
        """Fills the level's shape; returns the strokes that belong in it."""
        if self._level == "warning":
            painter.drawPolygon(_TRIANGLE)
            return [QLineF(9, 6.4, 9, 10.4), _dot(13.4)]
        if self._level == "error":
            painter.drawPolygon(_octagon())
            return [QLineF(6.2, 6.2, 11.8, 11.8), QLineF(11.8, 6.2, 6.2, 11.8)]
        painter.drawEllipse(_CENTRE, _RADIUS, _RADIUS)
        return [_dot(5.2), QLineF(9, 8.6, 9, 12.8)]


def _dot(height: float) -> QLineF:
    # A line without any length would not be painted everywhere.
    return QLineF(9, height, 9, height + 0.1)


def _octagon() -> QPolygonF:
    angles = [math.pi / 8 + corner * math.pi / 4 for corner in range(8)]
    return QPolygonF([_CENTRE + QPointF(math.cos(angle), math.sin(angle)) * _RADIUS for angle in angles])


INFO_MILLISECONDS = 6000
_MOST_LINES = 6
_SPOKEN = {"info": "Information", "warning": "Warning", "error": "Error"}
_ROUND = 6.0


class Toast(QFrame):
    """Shows one notice at a time, and is hidden while there is none.

    Signals:
        closed: the user closed the notice, or its time was over.
    """

    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Hidden at first."""
        super().__init__(parent)
        self.setObjectName("toast")
        self._level = "info"
        self._text = self._details = self._hint = ""
        self._icon = NoticeIcon()
        self._message = WrappedText(fewest_lines=1, most_lines=_MOST_LINES)
        self._message.setObjectName("notice_text")
        set_class(self._message, "words")
        self._message.setAccessibleName("Notice")
        self._copy = self._button("notice_copy", "copy details", "Copy the details")
        self._copy.clicked.connect(self._copy_details)
        self._close = self._button("notice_close", "×", "Close the notice (Escape)")
        self._close.clicked.connect(self._finish)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(INFO_MILLISECONDS)
        self._timer.timeout.connect(self._expire)
        self._arrange()
        self.hide()

    def show_notice(self, level: str, text: str, details: str = "", hint: str = "") -> None:
        """Shows a notice in place of the one before.

        Args:
            level: an `"info"` goes away by itself; a `"warning"` or an `"error"` stays.
            text: what happened, as plain text.
            details: for a report of the problem, a traceback for instance; can be copied, is not shown.
            hint: what the user can do, as plain text.
        """
        self._level, self._text, self._details, self._hint = level, text, details, hint
        self._copy.setText("copy details")
        self._copy.setVisible(bool(details))
        self._icon.set_level(level)
        self._draw()
        self.update()
        self.show()
        self._timer.stop()
        if level == "info":
            self._timer.start()
        self.setAccessibleName(f"{_SPOKEN[level]}: {' '.join([text, hint]).strip()}")
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def clear(self) -> None:
        """Takes the notice away."""
        self._timer.stop()
        self._text = self._details = self._hint = ""
        self.setAccessibleName("")
        self.hide()

    def text(self) -> str:
        """What the notice says, without its hint; "" while there is none."""
        return self._text

    def hint(self) -> str:
        """What usually helps, "" if there is no advice."""
        return self._hint

    def level(self) -> str:
        """Level of the notice; "" while there is none."""
        return self._level if self._text else ""

    def changeEvent(self, event: QEvent) -> None:
        """Takes the colors of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints the ground, in the colors of the other theme."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(ground(current_theme())))
        painter.drawRoundedRect(QRectF(self.rect()), _ROUND, _ROUND)
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Closes on Escape; it comes here from whichever part has the focus."""
        if event.key() == Qt.Key.Key_Escape:
            self._finish()
        else:
            super().keyPressEvent(event)

    def _finish(self) -> None:
        self.clear()
        self.closed.emit()

    def _expire(self) -> None:
        # Who reads or selects the text is not done with it.
        focused = QApplication.focusWidget()
        if self.underMouse() or (focused is not None and self.isAncestorOf(focused)):
            self._timer.start()
        else:
            self._finish()

    def _copy_details(self) -> None:
        QGuiApplication.clipboard().setText(self._details)
        self._copy.setText("copied")

    def _button(self, name: str, text: str, purpose: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(name)
        set_class(button, "toast")
        button.setText(text)
        button.setToolTip(purpose)
        button.setAccessibleName(purpose)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return button

    def _arrange(self) -> None:
        # The stretches keep a single line in the middle, level with the buttons.
        middle = QVBoxLayout()
        middle.addStretch()
        middle.addWidget(self._message)
        middle.addStretch()
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 7, 8, 7)
        row.setSpacing(8)
        row.addWidget(self._icon)
        row.addLayout(middle, 1)
        row.addWidget(self._copy)
        row.addWidget(self._close)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def _draw(self) -> None:
        colors = other(current_theme())
        hint = f'<br><span style="color: {colors.muted}">{_as_html(self._hint)}</span>' if self._hint else ""
        self._message.set_html(f'<span style="color: {colors.text}">{_as_html(self._text)}</span>{hint}')


def _color(level: str) -> QColor:
    theme = other(current_theme())
    return QColor({"info": theme.info, "warning": theme.warning, "error": theme.error}[level])


def _as_html(text: str) -> str:
    return escape(text.strip()).replace("\n", "<br>")
