"""A picture in its full size, in a window of its own."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication, QKeySequence, QPixmap, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QToolButton, QVBoxLayout, QWidget

from playground.programs.output import Picture
from ui.style.sheet import set_class
from ui.widgets.eliding_label import ElidedLabel
from ui.widgets.file_dialogs import ask_where_to_save

SHARE = 0.9
"""Of the screen, which the window takes at most."""


class PictureWindow(QWidget):
    """Shows a picture; it can be copied, and saved as a PNG file."""

    def __init__(self, picture: Picture, parent: QWidget) -> None:
        """As large as the picture, if the screen is."""
        super().__init__(parent, Qt.WindowType.Window)
        self.setObjectName("picture_window")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        where = "before the first step" if picture.step < 0 else f"step {picture.step}"
        self.setWindowTitle(f"Picture, {where} — PyTorch Playground")
        self._picture = picture
        self._pixmap = QPixmap()
        self._pixmap.loadFromData(picture.data, "PNG")
        label = QLabel()
        label.setPixmap(self._pixmap)
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        label.setAccessibleName(f"Picture, {picture.width} × {picture.height}, {where}")
        area = QScrollArea()
        area.setWidget(label)
        area.setWidgetResizable(True)
        self._said = ElidedLabel()
        self._said.setObjectName("picture_said")
        set_class(self._said, "muted")
        self._said.set_full_text(f"{picture.width} × {picture.height}, {where}")
        row = QHBoxLayout()
        row.setContentsMargins(12, 4, 8, 4)
        row.setSpacing(8)
        row.addWidget(self._said, 1)
        for name, text, act in (
            ("picture_copy", "Copy", self._copy),
            ("picture_save", "Save as PNG …", self.ask_where),
        ):
            button = QToolButton()
            button.setObjectName(name)
            button.setText(text)
            set_class(button, "button")
            button.clicked.connect(act)
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(area, 1)
        column.addLayout(row)
        for keys in (QKeySequence(Qt.Key.Key_Escape), QKeySequence("Ctrl+W")):
            QShortcut(keys, self, self.close)
        screen = QGuiApplication.primaryScreen().availableSize() * SHARE
        self.resize(QSize(picture.width + 20, picture.height + 60).boundedTo(screen))

    def ask_where(self) -> None:
        """Asks for the name of a file, and writes it."""
        step = self._picture.step
        name = f"step-{step}.png" if step >= 0 else "picture.png"
        ask_where_to_save(self, "Save the picture", name, ["PNG pictures (*.png)"], self.save)

    def save(self, path: str) -> None:
        """Writes the picture's file; the window says what has come of it."""
        try:
            Path(path).write_bytes(self._picture.data)
        except OSError as error:
            self._said.set_full_text(f"{path} could not be written: {error.strerror or error}")
        else:
            self._said.set_full_text(f"saved as {path}")

    def _copy(self) -> None:
        QGuiApplication.clipboard().setPixmap(self._pixmap)
