"""The graph's header: its title and size, the search field, and buttons that make way where room is short."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from ui.panels.graph.canvas import GraphCanvas
from ui.panels.graph.find import FindField
from ui.panels.graph.view import ZOOM_STEP
from ui.style.sheet import set_class
from ui.widgets.eliding_label import ElidedLabel

LONG, SHORT = "Repeat shared parameters", "Repeat shared"
"""What the button for shared parameters says, with room and without."""


class GraphHeader(QWidget):
    """One row above the canvas; the caption is shortened last of all.

    Where the row is too narrow the button for shared parameters says less, and the zoom buttons, which
    wheel and keys replace, go; beside a wide search field the other one goes too.

    Attributes:
        search: the search field.

    Signals:
        repeats_toggled(bool): whether the user wants a shared parameter drawn once at each of its uses.
    """

    repeats_toggled = Signal(bool)

    def __init__(self, canvas: GraphCanvas) -> None:
        """Acts on this canvas."""
        super().__init__()
        self._canvas = canvas
        self._caption_text = ""
        self._offered = False
        self._title = QLabel("Graph")
        self._title.setObjectName("graph_title")
        set_class(self._title, "title")
        # What stands first counts most: the backward pass, where there are several.
        self._caption = ElidedLabel(elide=Qt.TextElideMode.ElideRight)
        self._caption.setObjectName("graph_caption")
        set_class(self._caption, "muted")
        self._caption.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.search = FindField(canvas)
        self.search.resized.connect(self._make_room)
        self._repeats = self._repeat_button()
        self._zooms = [
            self._button("graph_zoom_in", "+", "Zoom in", "Ctrl++", lambda: canvas.zoom(ZOOM_STEP)),
            self._button("graph_zoom_out", "−", "Zoom out", "Ctrl+-", lambda: canvas.zoom(1 / ZOOM_STEP)),
        ]
        fit = self._button("graph_fit", "Fit", "Show the whole graph", "Ctrl+0", canvas.fit)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 6, 8, 6)
        self._row.setSpacing(4)
        self._row.addWidget(self._title)
        self._row.addSpacing(4)
        self._row.addWidget(self._caption, 1)
        for part in (self._repeats, self.search, *self._zooms, fit):
            self._row.addWidget(part)
        self._fixed = (self._title, self.search, fit)

    def set_caption(self, text: str) -> None:
        """A few muted words after the title."""
        if text != self._caption_text:
            self._caption_text = text
            self._caption.set_full_text(text)
            self._make_room()

    def set_repeats(self, repeats: bool) -> None:
        """Whether the button says that shared parameters are drawn at each of their uses."""
        self._repeats.setChecked(repeats)
        self.set_sharing(self._offered)

    def set_sharing(self, shared: bool) -> None:
        """Whether there is a parameter that is used more than once: else there is nothing to repeat."""
        # A button that is on can be switched off, whatever is drawn.
        offered = shared or self._repeats.isChecked()
        if offered != self._offered:
            self._offered = offered
            self._make_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shows what there is room for."""
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """Takes the first choice in which the caption is whole; the last, if there is none."""
        margins, gap = self._row.contentsMargins(), self._row.spacing()
        caption = self._caption.fontMetrics().horizontalAdvance(self._caption_text) + 2 * gap
        taken = margins.left() + margins.right() + caption
        taken += sum(part.sizeHint().width() + gap for part in self._fixed)
        zooms = sum(button.sizeHint().width() + gap for button in self._zooms)
        for words, zooming in ((LONG, True), (SHORT, True), (LONG, False), (SHORT, False), ("", False)):
            self._repeats.setText(words or SHORT)
            repeats = self._repeats.sizeHint().width() + gap if words and self._offered else 0
            if taken + repeats + zooms * zooming <= self.width():
                break
        self._repeats.setVisible(self._offered and bool(words))
        for button in self._zooms:
            button.setVisible(zooming)

    def _repeat_button(self) -> QToolButton:
        button = QToolButton()
        button.setObjectName("graph_repeats")
        button.setText(LONG)
        button.setCheckable(True)
        button.setToolTip(f"{LONG}: draw a parameter once at each of its uses")
        button.setAccessibleName(LONG)
        set_class(button, "button")
        # `clicked`, unlike `toggled`, is the user's doing only.
        button.clicked.connect(self.repeats_toggled)
        button.hide()
        return button

    def _button(self, name: str, text: str, purpose: str, keys: str, act: Callable[[], None]) -> QToolButton:
        sequence = QKeySequence(keys)
        button = QToolButton()
        button.setObjectName(name)
        button.setText(text)
        button.setToolTip(f"{purpose} ({sequence.toString(QKeySequence.SequenceFormat.NativeText)})")
        button.setAccessibleName(purpose)
        set_class(button, "button")
        button.clicked.connect(act)
        # Not the button's own: the keys work while the button has no room.
        shortcut = QShortcut(sequence, self)
        shortcut.activated.connect(act)
        return button
