"""The QR code of a set-up, as large as the window, with what it stands for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QSizePolicy, QVBoxLayout, QWidget

from ui.style.sheet import set_class

QUIET = 4
"""Modules of white that a camera needs around the code. Source: ISO/IEC 18004, 5.3.8."""
SIDE, LEAST = 480, 240
"""Pixels of the code at first, and at least."""
HOW = "A camera reads it as text: paste that in File › Share › Paste a set-up."


class QrCode(QWidget):
    """Paints modules as large as fit, each of a whole number of pixels; dark on white in every theme."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """White at first."""
        super().__init__(parent)
        self.setObjectName("qr_code")
        self.setAccessibleName("QR code of the set-up")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._modules: NDArray[np.bool_] = np.zeros((0, 0), bool)

    def set_modules(self, modules: NDArray[np.bool_]) -> None:
        """Shows a code; True is dark, shape (side, side)."""
        self._modules = modules
        self.update()

    def sizeHint(self) -> QSize:
        """Large enough for the last row of a room."""
        return QSize(SIDE, SIDE)

    def minimumSizeHint(self) -> QSize:
        """As small as it can be read on a screen."""
        return QSize(LEAST, LEAST)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints the white around it, too."""
        painter = QPainter(self)
        across = len(self._modules) + 2 * QUIET
        pixels = min(self.width(), self.height()) // across
        side = pixels * across
        square = QRect((self.width() - side) // 2, (self.height() - side) // 2, side, side)
        painter.fillRect(square, QColor("white"))
        left, top = square.left() + QUIET * pixels, square.top() + QUIET * pixels
        for row, column in np.argwhere(self._modules).tolist():
            place = QRect(left + column * pixels, top + row * pixels, pixels, pixels)
            painter.fillRect(place, QColor("black"))
        painter.end()


class SetupCode(QDialog):
    """The code, what it sets, and what to do with it.

    Attributes:
        code: the picture.

    Signals:
        copy_asked(): the user wants the line itself on the clipboard.
    """

    copy_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Empty."""
        super().__init__(parent)
        self.setWindowTitle("The set-up as a QR code")
        self.code = QrCode()
        self._meaning = QLabel()
        self._meaning.setObjectName("qr_meaning")
        self._meaning.setTextFormat(Qt.TextFormat.PlainText)
        self._meaning.setWordWrap(True)
        self._meaning.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        how = QLabel(HOW)
        how.setWordWrap(True)
        how.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        set_class(how, "muted")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        # Some desktops put a red sign on it.
        buttons.button(QDialogButtonBox.StandardButton.Close).setIcon(QIcon())
        copy = buttons.addButton("Copy the text", QDialogButtonBox.ButtonRole.ActionRole)
        copy.setObjectName("qr_copy")
        copy.clicked.connect(self.copy_asked)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(8)
        column.addWidget(self.code, 1)
        for part in (self._meaning, how, buttons):
            column.addWidget(part)

    def show_code(self, modules: NDArray[np.bool_], meaning: str) -> None:
        """Shows a code, and in words what it sets."""
        self.code.set_modules(modules)
        self._meaning.setText(meaning)
