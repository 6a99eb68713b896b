"""One strip for everything that the program has to say: what was refused, restarted, or went wrong."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from ui.theme import LIGHT, Theme

INFO_MILLISECONDS = 8000
SIGNS = {"info": "ⓘ", "warning": "⚠", "error": "✖"}


class NoticeBar(QFrame):
    """Shows the latest notice; hidden while there is none.

    Signals:
        closed(): the notice has gone, by the user or by itself.
    """

    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Starts hidden."""
        super().__init__(parent)
        self.setObjectName("notice_bar")
        self._level = "info"
        self._details = ""
        self._theme = LIGHT
        self._sign = QLabel()
        self._sign.setObjectName("notice_sign")
        self._text = QLabel()
        self._text.setObjectName("notice_text")
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._copy = self._button("copy details", "notice_copy", "Copy the whole report to the clipboard")
        self._copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._details))
        self._close = self._button("✕", "notice_close", "Close this notice (Esc)")
        self._close.clicked.connect(self.clear)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 8, 6)
        row.setSpacing(10)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._text, 1)
        row.addWidget(self._copy, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        self._timer = QTimer(self, singleShot=True, interval=INFO_MILLISECONDS)
        self._timer.timeout.connect(self.clear)
        self.hide()
        self.set_theme(LIGHT)

    def show_notice(self, level: str, text: str, details: str = "", hint: str = "") -> None:
        """Replaces the notice.

        Args:
            level: info (goes away by itself), warning or error (stay).
            text: what happened.
            details: a long report to copy, or "".
            hint: what usually helps, or "".
        """
        self._level, self._details = level, details
        self._sign.setText(SIGNS[level])
        self._text.setText(f"{text}\n{hint}" if hint else text)
        self._text.setAccessibleName(f"{level}: {text} {hint}".strip())
        self._copy.setVisible(bool(details))
        self._apply_style()
        self.show()
        if level == "info":
            self._timer.start()
        else:
            self._timer.stop()
        QAccessible.updateAccessibility(QAccessibleEvent(self._text, QAccessible.Event.Alert))

    def text(self) -> str:
        """What is shown, "" if nothing is."""
        return "" if self.isHidden() else self._text.text()

    def level(self) -> str:
        """Level of the notice, "" if none is shown."""
        return "" if self.isHidden() else self._level

    def clear(self) -> None:
        """Takes the notice away."""
        self._timer.stop()
        if not self.isHidden():
            self.hide()
            self.closed.emit()

    def set_theme(self, theme: Theme) -> None:
        """Paints in these colours from now on."""
        self._theme = theme
        self._apply_style()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes the notice."""
        if event.key() == Qt.Key.Key_Escape:
            self.clear()
        else:
            super().keyPressEvent(event)

    def _button(self, text: str, name: str, purpose: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(name)
        button.setText(text)
        button.setToolTip(purpose)
        button.setAccessibleName(purpose)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return button

    def _apply_style(self) -> None:
        theme = self._theme
        color = {"info": theme.info, "warning": theme.warning, "error": theme.error}[self._level]
        self.setStyleSheet(
            f"""
            #notice_bar {{ background: {theme.raised}; border: 0; border-left: 4px solid {color};
                border-bottom: 1px solid {theme.border}; }}
            #notice_sign {{ color: {color}; font-weight: 700; }}
            #notice_text {{ color: {theme.text}; }}
            QToolButton {{ color: {theme.text}; background: {theme.surface}; padding: 1px 7px;
                border: 1px solid {theme.border}; border-radius: 4px; }}
            QToolButton:hover, QToolButton:focus {{ border-color: {color}; }}
            """
        )
