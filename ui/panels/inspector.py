"""The panel that tells the facts of the node chosen in the graph."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from playground.graph.model import Graph, Node, NodeKind, data_flow
from ui.panels.inspector_words import explanation
from ui.theme import LIGHT, Theme

EMPTY = "Choose a node of the graph to see what it is."
NOT_YET = "Values and gradients are not recorded yet."


class Inspector(QWidget):
    """Operation, shape, uses and neighbours of one node.

    Attributes:
        key: of the node shown, or None.

    Signals:
        node_chosen(str): the user followed a link to the node with this key.
    """

    node_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Starts in the light theme, without a node."""
        super().__init__(parent)
        self.key: str | None = None
        self._graph: Graph | None = None
        self._theme = LIGHT
        self._title = QLabel("Inspector")
        self._title.setContentsMargins(12, 8, 12, 4)
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.RichText)
        self._text.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._text.setContentsMargins(12, 2, 12, 8)
        self._text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextBrowserInteraction | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._text.setAccessibleName("Facts of the chosen node")
        self._text.linkActivated.connect(self.node_chosen)
        scroll = QScrollArea()
        scroll.setWidget(self._text)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._foot = QLabel(NOT_YET)
        self._foot.setContentsMargins(12, 4, 12, 8)
        self._foot.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._title)
        column.addWidget(scroll, 1)
        column.addWidget(self._foot)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFocusProxy(self._text)
        self.set_theme(LIGHT)

    def show_node(self, graph: Graph | None, key: str | None) -> None:
        """Shows the node with this key, or that none is chosen (or no longer part of the graph)."""
        if graph is self._graph and key == self.key:
            return
        self._graph, self.key = graph, key
        self._refresh()

    def text(self) -> str:
        """What is shown, as rich text."""
        return self._text.text()

    def set_theme(self, theme: Theme) -> None:
        """Paints in these colours from now on."""
        self._theme = theme
        self._title.setStyleSheet(f"color: {theme.text}; font-weight: 600;")
        self._foot.setStyleSheet(f"color: {theme.muted};")
        self.setStyleSheet(
            f"Inspector, QScrollArea, QLabel {{ background: {theme.surface}; color: {theme.text}; }}"
        )
        self._refresh()

    def _refresh(self) -> None:
        graph, key = self._graph, self.key
        node = None if graph is None or key is None else graph.node(key)
        if graph is None or key is None:
            self._text.setText(self._muted(EMPTY))
        elif node is None:
            self._text.setText(self._muted(f"This step's graph has no node {key}."))
        else:
            self._text.setText(self._describe(graph, node))

    def _muted(self, text: str) -> str:
        return f'<span style="color:{self._theme.muted}">{escape(text)}</span>'

    def _describe(self, graph: Graph, node: Node) -> str:
        inputs = [start for start, end, _ in data_flow(graph) if end == node.id]
        outputs = [end for start, end, _ in data_flow(graph) if start == node.id]
        shape = None if node.shape is None else " × ".join(map(str, node.shape)) or "scalar"
        facts = {
            "parameter": node.parameter,
            "bound to": node.name,
            "shape": shape,
            "dtype": node.dtype,
            "device": node.device,
            "line": None if node.line is None else str(node.line),
            "phase": None if node.phase is None else str(node.phase),
            "uses": str(len(outputs)) if node.kind in (NodeKind.PARAMETER, NodeKind.DATA) else None,
        }
        rows = "".join(
            f"<tr><td>{self._muted(name)}&nbsp;&nbsp;</td><td>{escape(value)}</td></tr>"
            for name, value in facts.items()
            if value is not None
        )
        links = "".join(
            f"<tr><td>{self._muted(name)}&nbsp;&nbsp;</td><td>{self._links(graph, numbers)}</td></tr>"
            for name, numbers in (("from", inputs), ("to", outputs))
            if numbers
        )
        words = explanation(node.op)
        sentence = f"<p>{escape(words)}</p>" if words else ""
        return f"<b>{escape(node.op)}</b>{sentence}<table>{rows}{links}</table>"

    def _links(self, graph: Graph, numbers: list[int]) -> str:
        by_number = {node.id: node for node in graph.nodes}
        color = self._theme.info
        return "<br>".join(
            f'<a href="{escape(by_number[number].key)}" style="color:{color}">'
            f"{escape(by_number[number].parameter or by_number[number].name or by_number[number].op)}</a>"
            for number in numbers[:20]
        ) + (f"<br>{self._muted(f'and {len(numbers) - 20} more')}" if len(numbers) > 20 else "")
