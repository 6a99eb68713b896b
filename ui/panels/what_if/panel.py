"""The banner that says what is changed in the shown step, and what that does to its loss."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ui.panels.what_if.words import Changed, loss_words, progress_words, question
from ui.style.sheet import set_class
from ui.style.theme import current_theme
from ui.widgets.eliding_label import ElidedLabel
from ui.widgets.rows import button

_BAR = 3


class WhatIfBanner(QWidget):
    """One line: the question, the loss before and after, and how to go back to what was.

    Signals:
        end_asked(): the user wants to see the step as it was.
    """

    end_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Says nothing yet."""
        super().__init__(parent)
        self.setObjectName("what_if_banner")
        self.setAccessibleName("What if")
        self._question = ElidedLabel()
        self._question.setObjectName("what_if_question")
        self._loss = QLabel()
        self._loss.setObjectName("what_if_loss")
        set_class(self._loss, "title")
        self._problem = QLabel()
        self._problem.setObjectName("what_if_note")
        self._problem.setTextFormat(Qt.TextFormat.PlainText)
        self._problem.setWordWrap(True)
        set_class(self._problem, "error")
        self._problem.hide()
        self._end = button("End", "Show the step as it was (Escape in the inspector)", self.end_asked.emit)
        self._end.setObjectName("what_if_end")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._question, 1)
        row.addWidget(self._loss)
        row.addWidget(self._end)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(12, 3, 8, 3)
        rows.setSpacing(2)
        rows.addLayout(row)
        rows.addWidget(self._problem)

    def show_changes(
        self,
        changes: Sequence[Changed],
        losses: tuple[float | None, float | None] | None,
        progress: tuple[int, int] | None = None,
        problem: str = "",
    ) -> None:
        """Shows what is changed.

        Args:
            changes: all that is.
            losses: as it was and as it would be; None while that is not known.
            progress: how many steps are made again, and of how many; None when that is done.
            problem: why a change is not there, or cannot be told in full.
        """
        asked = question(changes) if changes else ""
        self._question.set_full_text(f"{asked}:" if losses or progress else asked)
        words = progress_words(*progress) if progress is not None else loss_words(*losses) if losses else ""
        self._loss.setText(words)
        self._loss.setToolTip("")
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))
        self.setAccessibleDescription(" ".join(filter(None, (asked, words, problem))))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints the ground of what is changed, and a bar at its left."""
        painter, theme = QPainter(self), current_theme()
        painter.fillRect(self.rect(), QColor(theme.warning_ground))
        painter.fillRect(0, 0, _BAR, self.height(), QColor(theme.warning))
        painter.end()
