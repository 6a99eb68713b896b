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

LONG, SHORT, SHORTEST = "Repeat shared parameters", "Repeat shared", "Repeat"
"""What the button for shared parameters says, with room and without."""
FOLD_MODULES, FOLD_REPEATS, FOLD_SHORT = "Fold modules", "Fold repeats", "Fold"
_FOLDS = {
    FOLD_MODULES: "draw a call of a module as one box; a click opens it, a click on its title folds it",
    FOLD_REPEATS: "draw a block that is used many times in a row once",
}
_CHOICES = ((LONG, True), (SHORT, True), (LONG, False), (SHORT, False), (SHORTEST, False), ("", False))
"""Words of the button for shared parameters, and whether one can zoom, from much room to little."""


class GraphHeader(QWidget):
    """One row above the canvas; the caption is shortened last of all.

    Where the row is too narrow the button for shared parameters says less, and the zoom buttons, which
    wheel and keys replace, go; beside a wide search field the other one goes too.

    Attributes:
        search: the search field.

    Signals:
        repeats_toggled(bool): whether the user wants a shared parameter drawn once at each of its uses.
        folds_toggled(bool): whether they want modules, or what repeats, drawn as one block each.
    """

    repeats_toggled = Signal(bool)
    folds_toggled = Signal(bool)

    def __init__(self, canvas: GraphCanvas) -> None:
        """Acts on this canvas."""
        super().__init__()
        self._canvas = canvas
        self._caption_text = ""
        self._offered = self._foldable = self._may_share = False
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
        self._repeats = _toggle("graph_repeats", LONG, "draw a parameter once at each of its uses")
        self._folds = _toggle("graph_folds", FOLD_REPEATS, _FOLDS[FOLD_REPEATS])
        self._fold_words = FOLD_REPEATS
        self._folds.setChecked(True)
        # `clicked`, unlike `toggled`, is the user's doing only.
        self._repeats.clicked.connect(self.repeats_toggled)
        self._folds.clicked.connect(self.folds_toggled)
        self._zooms = [
            self._button("graph_zoom_in", "+", "Zoom in", "Ctrl++", lambda: canvas.zoom(ZOOM_STEP)),
            self._button("graph_zoom_out", "−", "Zoom out", "Ctrl+-", lambda: canvas.zoom(1 / ZOOM_STEP)),
        ]
        fit = self._button(
            "graph_fit", "Fit", "Show the whole graph, and again what can be read", "Ctrl+0", canvas.fit
        )
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 6, 8, 6)
        self._row.setSpacing(4)
        self._row.addWidget(self._title)
        self._row.addSpacing(4)
        self._row.addWidget(self._caption, 1)
        for part in (self._folds, self._repeats, self.search, *self._zooms, fit):
            self._row.addWidget(part)
        self._fixed: tuple[QWidget, ...] = (self._title, self.search, fit)

    def hide_title(self) -> None:
        """Takes away the panel's name, which stands beside it."""
        self._title.hide()
        self._fixed = self._fixed[1:]
        self._make_room()

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

    def set_may_share(self, may_share: bool) -> None:
        """Whether other graphs of the run may share what this one does not: then nothing comes and goes."""
        if may_share != self._may_share:
            self._may_share = may_share
            self.set_sharing(False)

    def set_sharing(self, shared: bool) -> None:
        """Whether there is a parameter that is used more than once: else there is nothing to repeat."""
        # A button that is on can be switched off, whatever is drawn.
        offered = shared or self._may_share or self._repeats.isChecked()
        if offered != self._offered:
            self._offered = offered
            self._make_room()

    @property
    def folds(self) -> bool:
        """Whether the button says so."""
        return self._folds.isChecked()

    def set_folds(self, folds: bool) -> None:
        """Whether the button says so."""
        self._folds.setChecked(folds)

    def set_foldable(self, foldable: bool, of_modules: bool = False) -> None:
        """Whether there is something to fold, and whether that are modules."""
        words = FOLD_MODULES if of_modules else FOLD_REPEATS
        if (foldable, words) != (self._foldable, self._fold_words):
            self._foldable, self._fold_words = foldable, words
            self._folds.setToolTip(f"{words}: {_FOLDS[words]}")
            self._folds.setAccessibleName(words)
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
        for words, zooming in _CHOICES:
            self._repeats.setText(words or SHORT)
            self._folds.setText(self._fold_words if words == LONG else FOLD_SHORT)
            needed = self._repeats.sizeHint().width() + gap if words and self._offered else 0
            needed += self._folds.sizeHint().width() + gap if self._foldable else 0
            if taken + needed + zooms * zooming <= self.width():
                break
        self._folds.setVisible(self._foldable)
        self._repeats.setVisible(self._offered and bool(words))
        for button in self._zooms:
            button.setVisible(zooming)

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


def _toggle(name: str, text: str, purpose: str) -> QToolButton:
    button = QToolButton()
    button.setObjectName(name)
    button.setText(text)
    button.setCheckable(True)
    button.setToolTip(f"{text}: {purpose}")
    button.setAccessibleName(text)
    set_class(button, "button")
    button.hide()
    return button
