"""A small card over the window: which file is being read or written, how far that is, and how to end it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from ui.style.sheet import set_class
from ui.style.theme import current_theme, other, toast_ground
from ui.widgets.progress_line import ProgressLine

SHOWN_AFTER = 300
"""Milliseconds: what is done sooner would only flicker."""
_ROUND = 6.0


class FileProgress(QFrame):
    """Hidden unless something takes long.

    Attributes:
        words: what is being done; "" if nothing is.

    Signals:
        cancel_asked: the user does not want to wait for it.
    """

    cancel_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Nothing is being done."""
        super().__init__(parent)
        self.setObjectName("file_progress")
        self.words = ""
        self._text = QLabel()
        self._text.setObjectName("file_progress_text")
        self._share = QLabel()
        self._line = ProgressLine("How far it is", theme=lambda: other(current_theme()))
        self._cancel = QToolButton()
        self._cancel.setObjectName("file_progress_cancel")
        self._cancel.setText("Cancel")
        self._cancel.setToolTip("End it (Escape); a file that is there stays as it is")
        self._cancel.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        set_class(self._cancel, "toast")
        self._cancel.clicked.connect(self.cancel_asked)
        self._timer = QTimer(self, singleShot=True, interval=SHOWN_AFTER)
        self._timer.timeout.connect(self.show)
        self._arrange()
        self.hide()

    def show_progress(self, words: str, done: int, of: int) -> None:
        """Says how far something is, from a moment on; "" takes it away.

        Args:
            words: what is being done: `"writing the losses"`.
            done: how much of it is done.
            of: of how much; 0 while that is not known.
        """
        if not words:
            self.words = ""
            self._timer.stop()
            self.hide()
            return
        if words != self.words:
            self.words = words
            self._text.setText(f"{words[:1].upper()}{words[1:]} …")
            self._cancel.setAccessibleName(f"Cancel: {words}")
            if self.isHidden():
                self._timer.start()
        # As many digits as the widest: nothing moves.
        self._share.setText(f"{100 * done // of} %" if of else "")
        self._line.set_share(done / of if of else 0.0)

    def changeEvent(self, event: QEvent) -> None:
        """Takes the colors of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._color()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints the ground, in the colors of the other theme."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(toast_ground(current_theme())))
        painter.drawRoundedRect(QRectF(self.rect()), _ROUND, _ROUND)
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ends it on Escape; it comes here from the button."""
        if event.key() == Qt.Key.Key_Escape:
            self.cancel_asked.emit()
        else:
            super().keyPressEvent(event)

    def _arrange(self) -> None:
        self._share.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        above = QHBoxLayout()
        above.addWidget(self._text, 1)
        above.addWidget(self._share)
        column = QVBoxLayout()
        column.setSpacing(6)
        column.addLayout(above)
        column.addWidget(self._line)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 9, 8, 9)
        row.setSpacing(10)
        row.addLayout(column, 1)
        row.addWidget(self._cancel)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._color()

    def _color(self) -> None:
        for label, color in ((self._text, "text"), (self._share, "muted")):
            palette = label.palette()
            palette.setColor(QPalette.ColorRole.WindowText, QColor(getattr(other(current_theme()), color)))
            if palette != label.palette():
                label.setPalette(palette)
