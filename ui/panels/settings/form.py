"""A compact form of two columns: labels on the left, fields of equal width on the right."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QWidget,
)

from ui.style.theme import Theme

_LABEL_SHARE, _FIELD_SHARE = 2, 3
_ABOVE_A_HEADING = 8


class Form(QWidget):
    """Rows from top to bottom, under small headings."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """A form without rows."""
        super().__init__(parent)
        self._headings: list[QLabel] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(0, _LABEL_SHARE)
        self._grid.setColumnStretch(1, _FIELD_SHARE)

    def add_heading(self, text: str, buddy: QWidget | None = None, beside: QWidget | None = None) -> None:
        """A heading; its mnemonic leads to `buddy`, and `beside` stands at its right."""
        heading = QLabel(text, self)
        font = heading.font()
        font.setPointSizeF(font.pointSizeF() * 0.85)
        font.setBold(True)
        heading.setFont(font)
        if self._headings:
            heading.setContentsMargins(0, _ABOVE_A_HEADING, 0, 0)
        if buddy is not None:
            heading.setBuddy(buddy)
        self._headings.append(heading)
        row = self._grid.rowCount()
        self._grid.addWidget(heading, row, 0, 1, 2)
        if beside is not None:
            # Over the end of the heading's cell: in the right column alone it could widen that.
            self._grid.addWidget(beside, row, 0, 1, 2, Qt.AlignmentFlag.AlignRight)

    def add_row(self, text: str, field: QWidget, buddy: QWidget | None = None) -> QLabel:
        """A field with its label, whose mnemonic leads to `buddy` or else to the field."""
        label = QLabel(text, self)
        label.setWordWrap(True)
        # Hints ignored, the shares alone decide: every form of one width has the same columns.
        label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        label.setBuddy(buddy or field)
        field.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        row = self._grid.rowCount()
        self._grid.addWidget(label, row, 0)
        self._grid.addWidget(field, row, 1)
        return label

    def add_wide(self, widget: QWidget) -> None:
        """A widget across both columns."""
        policy = widget.sizePolicy()
        policy.setHorizontalPolicy(QSizePolicy.Policy.Ignored)
        widget.setSizePolicy(policy)
        self._grid.addWidget(widget, self._grid.rowCount(), 0, 1, 2)

    def add_small(self, widget: QWidget) -> None:
        """A widget that keeps its width, at the left below the one before."""
        self._grid.addWidget(widget, self._grid.rowCount(), 0, 1, 2, Qt.AlignmentFlag.AlignLeft)

    def set_theme(self, theme: Theme) -> None:
        """Give the headings and the outlines of the fields these colours."""
        palette = QPalette()
        # Fusion draws outlines in a darker shade of the window: on a dark one they would not be seen.
        palette.setColor(QPalette.ColorRole.Window, QColor(theme.faint if theme.dark else theme.window))
        for widget in self.findChildren(QWidget):
            if isinstance(widget, QAbstractSpinBox | QCheckBox | QComboBox | QLineEdit):
                widget.setPalette(palette)
        for heading in self._headings:
            heading.setStyleSheet(f"color: {theme.muted}")
