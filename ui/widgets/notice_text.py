"""A text that wraps anywhere, can be selected, and is as high as its lines."""

from __future__ import annotations

import math
from html import escape

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QTextOption
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextEdit, QWidget

_NARROWEST = 80


class WrappedText(QTextEdit):
    """Shows a short text whole at any width: even a long path or name is never cut off.

    It asks its layout for the height that its text needs, and scrolls when there are too many lines.
    """

    def __init__(self, fewest_lines: int, most_lines: int, parent: QWidget | None = None) -> None:
        """Make an empty text.

        Args:
            fewest_lines: room for so many is kept, so that what lies below does not move.
            most_lines: from here on the text scrolls.
            parent: the widget that owns it.
        """
        super().__init__(parent)
        self._fewest_lines = fewest_lines
        self._most_lines = most_lines
        self._html = ""
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setTabChangesFocus(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        self.document().setDocumentMargin(0)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def set_html(self, html: str) -> None:
        """Show this text; the same text again keeps what is selected."""
        if html != self._html:
            self._html = html
            self.setHtml(html)
            self.updateGeometry()

    def set_text(self, text: str) -> None:
        """Show this plain text; the same text again keeps what is selected."""
        self.set_html(escape(text.strip()).replace("\n", "<br>"))

    def hasHeightForWidth(self) -> bool:
        """The height depends on the width, as the text wraps."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Height in pixels of the lines at this width, within the fewest and the most."""
        measured = self.document().clone()
        measured.setTextWidth(width)
        line = self.fontMetrics().lineSpacing()
        height = math.ceil(measured.size().height())
        # Half a line more tells that there is something to scroll to.
        most = self._most_lines * line + line // 2
        return min(max(height, self._fewest_lines * line), most)

    def sizeHint(self) -> QSize:
        """A few words wide."""
        width = 3 * _NARROWEST
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """Narrow, and as high as the fewest lines."""
        return QSize(_NARROWEST, self._fewest_lines * self.fontMetrics().lineSpacing())
