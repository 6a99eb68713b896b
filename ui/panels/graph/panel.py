"""The panel that draws the graph of a step: a header with its buttons, the canvas, a note and a legend."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QPalette, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from playground.graph.layout import Layout
from playground.graph.model import Graph
from playground.recording.progress import Progress
from ui.panels.graph.canvas import ZOOM_STEP, GraphCanvas
from ui.panels.graph.find import FindField
from ui.panels.graph.legend import Entries, GraphLegend, entries_of
from ui.style.sheet import set_class
from ui.widgets.eliding_label import ElidedLabel

EMPTY_GRAPH = "Press Run or Step: the graph that the forward pass builds is drawn here."
"""What to say while there is no run."""


class GraphView(QWidget):
    """Shows one computation graph with its layout; both are plain data made elsewhere.

    Signals:
        node_selected(str): key of the node that the user selected; "" when they cleared it.
        copies_toggled(bool): whether the user wants a shared parameter drawn once at each of its uses.
    """

    node_selected = Signal(str)
    copies_toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Without a graph or a message at first."""
        super().__init__(parent)
        self.setObjectName("graph_view")
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)
        self._ghosts = True
        self._layout: Layout | None = None
        self._explained = Entries()
        self._title = QLabel("Computation graph")
        self._title.setObjectName("graph_title")
        set_class(self._title, "title")
        # What stands first counts most: the backward pass, where there are several.
        self._caption = ElidedLabel(elide=Qt.TextElideMode.ElideRight)
        self._caption.setObjectName("graph_caption")
        set_class(self._caption, "muted")
        self._caption.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._note = QLabel()
        self._note.setObjectName("graph_note")
        set_class(self._note, "muted")
        self._note.setWordWrap(True)
        self._note.hide()
        self._difference_title = ""
        self._difference = ElidedLabel()
        self._difference.setObjectName("graph_difference")
        self._difference.hide()
        self.canvas = GraphCanvas()
        self._find = FindField(self.canvas)
        self._in_progress = False
        self.canvas.set_message(EMPTY_GRAPH)
        self._legend = GraphLegend()
        self._arrange()
        self.canvas.node_selected.connect(self._find.refresh)
        self.canvas.node_selected.connect(self.node_selected)
        shortcut = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        shortcut.activated.connect(self._find.start)

    @property
    def animated(self) -> bool:
        """Whether one graph may turn into another smoothly."""
        return self.canvas.animated

    @animated.setter
    def animated(self, animated: bool) -> None:
        self.canvas.animated = animated

    def set_graph(self, graph: Graph | None, layout: Layout | None, animate: bool = False) -> None:
        """Draws this graph; None for either shows the message.

        Args:
            graph, layout: what to draw, and where.
            animate: turn the graph before smoothly into this one, for a change that the user asked for.
        """
        self.canvas.set_graph(graph, layout, animate)
        if layout is not self._layout:
            self._layout = layout
            self._explained = Entries()
        self._find.refresh()
        self._refresh_difference()

    def set_difference(self, before: Graph | None, title: str = "") -> None:
        """Draws the present graph, and those that follow, against an earlier one.

        What appeared, vanished or changed is marked; the rest stays where it is, a little muted.

        Args:
            before: with copies of shared leaves if the present graph has them; None ends the comparison.
            title: what it is, to begin a line with ("against step 120").
        """
        self._difference_title = title
        self.canvas.set_difference(before)
        self._refresh_difference()

    def mark(self, keys: Collection[str]) -> None:
        """Outlines these nodes, while the search field is empty: what is searched for comes first."""
        self._find.mark(keys)

    def set_progress(self, progress: Progress | None) -> None:
        """Shows how far a recorded step has come in this graph; None draws the graph as ever."""
        self.canvas.set_progress(progress)
        self._in_progress = progress is not None
        self._refresh_legend()

    def set_message(self, text: str) -> None:
        """What to say in the middle while there is no graph."""
        self.canvas.set_message(text)

    def set_caption(self, text: str) -> None:
        """A few muted words after the title."""
        self._caption.set_full_text(text)

    def set_note(self, text: str) -> None:
        """A notice at the canvas' lower edge; "" takes it away."""
        if text != self._note.text():
            self._note.setText(text)
            self._note.setVisible(bool(text))

    def set_ghosts(self, visible: bool) -> None:
        """Whether to draw places that the layout holds and this graph leaves free."""
        self._ghosts = visible
        self._explained = Entries()
        self.canvas.set_ghosts(visible)
        self._refresh_legend()

    def set_copies(self, copies: bool) -> None:
        """Whether the button says that shared parameters are drawn at each of their uses."""
        self._copies.setChecked(copies)

    def select(self, key: str | None) -> None:
        """Outlines a node; None clears."""
        self.canvas.select(key)
        self._find.refresh()

    def fit(self) -> None:
        """Shows the whole graph."""
        self.canvas.fit()

    def _arrange(self) -> None:
        header = QHBoxLayout()
        header.setContentsMargins(12, 6, 8, 6)
        header.setSpacing(4)
        header.addWidget(self._title)
        header.addSpacing(8)
        header.addWidget(self._caption, 1)
        header.addWidget(self._find)
        header.addSpacing(4)
        for button in self._buttons():
            set_class(button, "button")
            header.addWidget(button)
        footer = QVBoxLayout()
        footer.setContentsMargins(12, 2, 12, 4)
        footer.setSpacing(4)
        footer.addWidget(self._note)
        # In the row of the legend, so that a comparison takes no room from the canvas and moves nothing.
        explanation = QHBoxLayout()
        explanation.setSpacing(16)
        explanation.addWidget(self._difference, 1)
        explanation.addWidget(self._legend, 0, Qt.AlignmentFlag.AlignRight)
        footer.addLayout(explanation)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(header)
        column.addWidget(self.canvas, 1)
        column.addLayout(footer)

    def _buttons(self) -> list[QToolButton]:
        self._copies = QToolButton()
        self._copies.setText("copies")
        self._copies.setObjectName("graph_copies")
        self._copies.setCheckable(True)
        self._copies.setToolTip("Draw a shared parameter once at each of its uses")
        self._copies.setAccessibleName("Draw shared parameters as copies")
        # `clicked`, unlike `toggled`, is the user's doing only.
        self._copies.clicked.connect(self.copies_toggled)
        return [
            self._copies,
            self._button("graph_zoom_in", "⊕", "Zoom in", "Ctrl++", lambda: self.canvas.zoom(ZOOM_STEP)),
            self._button(
                "graph_zoom_out", "⊖", "Zoom out", "Ctrl+-", lambda: self.canvas.zoom(1 / ZOOM_STEP)
            ),
            self._button("graph_fit", "fit", "Show the whole graph", "Ctrl+0", self.canvas.fit),
        ]

    def _button(self, name: str, text: str, purpose: str, keys: str, act: Callable[[], None]) -> QToolButton:
        button = QToolButton()
        button.setObjectName(name)
        button.setText(text)
        button.setShortcut(QKeySequence(keys))
        button.setToolTip(f"{purpose} ({button.shortcut().toString(QKeySequence.SequenceFormat.NativeText)})")
        button.setAccessibleName(purpose)
        button.clicked.connect(act)
        return button

    def _refresh_difference(self) -> None:
        contrast = self.canvas.contrast
        words = "" if contrast is None else contrast.in_words()
        parts = (self._difference_title, words) if words else ()
        self._difference.set_full_text(": ".join(part for part in parts if part))
        self._difference.setVisible(bool(words))
        self._refresh_legend()

    def _refresh_legend(self) -> None:
        # What one graph of a layout needs stays for the others: the legend does not flicker with them.
        scene = self.canvas.scene
        if scene is not None:
            self._explained |= entries_of(scene, self._ghosts)
        contrast = self.canvas.contrast
        changes = contrast.kinds if contrast is not None else frozenset()
        explained = replace(self._explained, progress=self._in_progress, changes=changes)
        self._legend.set_entries(Entries() if scene is None else explained)
