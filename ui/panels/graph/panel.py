"""The panel that draws the graph of a step: a header with its buttons, the canvas, a note and a legend."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QPalette, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from playground.graph.folding import Folding
from playground.graph.layout import Layout
from playground.graph.model import Graph
from playground.recording.progress import Progress
from ui.panels.graph.canvas import GraphCanvas
from ui.panels.graph.header import GraphHeader
from ui.panels.graph.legend import Entries, GraphLegend, entries_of
from ui.panels.graph.motion import can_be_seen
from ui.panels.graph.progress import ROLE_OF_PHASE
from ui.panels.graph.remarks import Remarks
from ui.style.sheet import set_class
from ui.widgets.eliding_label import ElidedLabel

EMPTY_GRAPH = "Press Run or Step: the graph that the forward pass builds is drawn here."
"""What to say while there is no run."""


class GraphView(QWidget):
    """Shows one computation graph with its layout; both are plain data made elsewhere.

    Signals:
        node_selected(str): key of the node that the user selected; "" when they cleared it.
        copies_toggled(bool): whether the user wants a shared parameter drawn once at each of its uses.
        folds_toggled(bool): whether they want modules, or what repeats, drawn as one block each.
        block_opened(object): they want to see what this Block stands for.
        frame_folded(object): they want the open module of these calls as one box again.
        number_asked(str, str): they want a program for the value or the gradient of the node with this key.
        what_if_asked(): they want to change a number of the selected node.
    """

    node_selected = Signal(str)
    copies_toggled = Signal(bool)
    folds_toggled = Signal(bool)
    block_opened = Signal(object)
    frame_folded = Signal(object)
    number_asked = Signal(str, str)
    what_if_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Without a graph or a message at first."""
        super().__init__(parent)
        self.setObjectName("graph_view")
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)
        self._ghosts = True
        self._layout: Layout | None = None
        self._explained = Entries()
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
        self._header = GraphHeader(self.canvas)
        self._find = self._header.search
        self._progress: Progress | None = None
        self._remarks: Remarks | None = None
        self.canvas.set_message(EMPTY_GRAPH)
        self._legend = GraphLegend()
        self._arrange()
        self.canvas.node_selected.connect(self._find.refresh)
        self.canvas.node_selected.connect(self.node_selected)
        self._header.repeats_toggled.connect(self.copies_toggled)
        self._header.folds_toggled.connect(self.folds_toggled)
        self.canvas.block_opened.connect(self.block_opened)
        self.canvas.frame_folded.connect(self.frame_folded)
        self.canvas.number_asked.connect(self.number_asked)
        self.canvas.what_if_asked.connect(self.what_if_asked)
        shortcut = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        shortcut.activated.connect(self._find.start)

    @property
    def animated(self) -> bool:
        """Whether one graph may turn into another smoothly."""
        return self.canvas.animated

    @animated.setter
    def animated(self, animated: bool) -> None:
        self.canvas.animated = animated

    def pulse(self) -> None:
        """Lets the forward pass and the gradient run over the graph once."""
        if self.animated and can_be_seen(self.canvas):
            self.canvas.pulse.start()

    @property
    def folds(self) -> bool:
        """Whether the button says that modules, or what repeats, are drawn as one block each."""
        return self._header.folds

    def set_folds(self, foldable: bool, folds: bool, of_modules: bool = False) -> None:
        """Whether something of what is to be seen can be folded, whether it is, and whether it is modules."""
        self._header.set_foldable(foldable, of_modules)
        self._header.set_folds(folds)

    def set_graph(
        self,
        graph: Graph | None,
        layout: Layout | None,
        animate: bool = False,
        folding: Folding | None = None,
    ) -> None:
        """Draws this graph; None for either shows the message.

        Args:
            graph, layout: what to draw, and where.
            animate: turn the graph before smoothly into this one, for a change that the user asked for.
            folding: which of its nodes stand for several; None if none does.
        """
        self.canvas.set_graph(graph, layout, animate, folding)
        if layout is not self._layout:
            self._layout = layout
            self._explained = Entries()
        self._find.refresh()
        self._refresh_difference()
        scene = self.canvas.scene
        if scene is not None:
            self._header.set_sharing(scene.shares)

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
        self._progress = progress
        self._refresh_legend()

    def set_remarks(self, remarks: Remarks | None) -> None:
        """What a recorded step adds to its graph at the cursor; None adds nothing."""
        self.canvas.set_remarks(remarks)
        self._remarks = remarks
        self._refresh_legend()

    def set_message(self, text: str) -> None:
        """What to say in the middle while there is no graph."""
        self.canvas.set_message(text)

    def set_caption(self, text: str) -> None:
        """A few muted words after the title."""
        self._header.set_caption(text)

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

    def set_may_share(self, may_share: bool) -> None:
        """Whether graphs of the run may share parameters, this one or another."""
        self._header.set_may_share(may_share)

    def set_copies(self, copies: bool) -> None:
        """Whether the button says that shared parameters are drawn at each of their uses."""
        self._header.set_repeats(copies)

    def select(self, key: str | None) -> None:
        """Outlines a node; None clears."""
        self.canvas.select(key)
        self._find.refresh()

    def fit(self) -> None:
        """Shows the whole graph."""
        self.canvas.fit()

    def lend_header(self) -> QWidget:
        """The row above the canvas, for a place where the panel's name already stands."""
        self._header.hide_title()
        return self._header

    def _arrange(self) -> None:
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
        column.addWidget(self._header)
        column.addWidget(self.canvas, 1)
        column.addLayout(footer)

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
        explained = replace(self._explained, changes=changes)
        if self._progress is not None:
            explained = replace(explained, progress=True, now=ROLE_OF_PHASE[self._progress.phase])
        if self._remarks is not None:
            outside, flawed = bool(self._remarks.outside), bool(self._remarks.flawed)
            what_if = bool(self._remarks.changed)
            explained = replace(explained, outside=outside, flawed=flawed, what_if=what_if)
        self._legend.set_entries(Entries() if scene is None else explained)
