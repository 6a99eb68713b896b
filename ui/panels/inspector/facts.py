"""What there is to say of one node, as a table with the same rows for every node of a graph."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from html import escape

from PySide6.QtCore import QEvent, QRect, Qt, QUrl, Signal
from PySide6.QtGui import QResizeEvent, QTextOption
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextBrowser, QVBoxLayout

from playground.graph.model import Edge, Graph, GraphKind, Node, data_flow
from playground.graph.sizes import node_texts, shape_text
from playground.recording.model import NodeRecord
from ui.panels.inspector.moment import Moment
from ui.panels.inspector.parts import Part, Section, reveal
from ui.style.sheet import set_class
from ui.style.theme import Theme, current_theme


class FactsSection(Section):
    """The facts of a node.

    Signals:
        node_chosen(str): the user followed a link to the node with this key.
        place_reached(QRect): the keyboard went to this place of the section; it is to be scrolled to.
    """

    node_chosen = Signal(str)
    place_reached = Signal(QRect)

    def __init__(self) -> None:
        """Hidden at first."""
        super().__init__("inspector_facts_section", "Facts")
        self._moment = Moment()
        self._html = ""
        self._facts = self.add(_Facts())
        self._facts.browser.anchorClicked.connect(self._follow)
        self._facts.browser.link_reached.connect(self._tell_place)

    @property
    def browser(self) -> QTextBrowser:
        """The table itself."""
        return self._facts.browser

    def show_moment(self, moment: Moment) -> None:
        """Shows the facts of that moment's node; hides if the graph has none."""
        reveal(self, moment.node is not None)
        before, self._moment = self._moment, moment
        same = (before.graph, before.node, before.record) == (moment.graph, moment.node, moment.record)
        if not same:
            self._fill()

    def changeEvent(self, event: QEvent) -> None:
        """Takes the colors of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._fill()

    def _fill(self) -> None:
        moment = self._moment
        if moment.graph is None or moment.node is None:
            return
        html = facts_html(moment.graph, moment.node, current_theme(), moment.record)
        # The same text again keeps what is selected.
        if html != self._html:
            self._html = html
            self._facts.browser.setHtml(html)

    def _follow(self, address: QUrl) -> None:
        number = int(address.toString())
        nodes = () if self._moment.graph is None else self._moment.graph.nodes
        for node in nodes:
            if node.id == number:
                self.node_chosen.emit(node.key)

    def _tell_place(self) -> None:
        browser = self._facts.browser
        line = browser.cursorRect()
        self.place_reached.emit(QRect(browser.mapTo(self, line.topLeft()), line.size()))


class _Facts(Part):
    """Holds the browser."""

    def __init__(self) -> None:
        super().__init__()
        self.browser = _Browser()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.browser)

    def text(self) -> str:
        return self.browser.toPlainText()


class _Browser(QTextBrowser):
    """As high as its text: the panel around it scrolls."""

    link_reached = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("inspector_facts")
        set_class(self, "words")
        self.setAccessibleName("Facts of the chosen node")
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextBrowserInteraction | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setOpenLinks(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().setDocumentMargin(0)

    def setHtml(self, html: str) -> None:
        super().setHtml(html)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def focusNextPrevChild(self, forward: bool) -> bool:
        # It would scroll itself to the link, but has no need to.
        stays = super().focusNextPrevChild(forward)
        if stays and self.hasFocus():
            self.link_reached.emit()
        return stays

    def _fit(self) -> None:
        height = math.ceil(self.document().size().height()) + 2
        if height != self.height():
            self.setFixedHeight(height)


_NOTHING = "—"
_MOST_LINKS = 100
"""A parameter can be used ten thousand times; nobody reads so many links, and Qt would take seconds."""


def facts_html(graph: Graph, node: Node, theme: Theme, record: NodeRecord | None = None) -> str:
    """The table as rich text, with two more rows for what was recorded of the node.

    A link's address is the number of a node. What a node does not have is a dash, so that no row
    moves when another node is chosen.
    """
    inputs, outputs = _neighbours(graph, node)
    rows = [(label, escape(value or _NOTHING)) for label, value in _facts(graph, node, len(outputs), record)]
    rows += _input_rows(inputs, theme)
    rows += _output_rows(outputs, theme)
    cells = "".join(
        f'<tr><td style="color: {theme.muted}; padding-right: 12px; white-space: nowrap">{label}</td>'
        f'<td style="padding-bottom: 2px">{value}</td></tr>'
        for label, value in rows
    )
    return f'<table cellspacing="0">{cells}</table>'


def _facts(
    graph: Graph, node: Node, uses: int, record: NodeRecord | None
) -> Iterable[tuple[str, str | None]]:
    yield "parameter", node.parameter
    if graph.kind is GraphKind.TRACE:
        yield "variable", node.name
        yield "phase", node.phase
    yield "shape", shape_text(node.shape)
    yield "dtype", node.dtype
    yield "device", node.device
    if record is not None:
        yield "requires_grad", None if record.value is None else str(record.value.requires_grad)
    line = node.line if node.line is not None or record is None else record.line
    yield "line", None if line is None else str(line)
    if record is not None:
        yield "module", record.module
    yield "uses", str(uses)


def _neighbours(graph: Graph, node: Node) -> tuple[list[tuple[Node, Edge]], list[tuple[Node, Edge]]]:
    """Nodes that give it its inputs and nodes that use its result, once for each edge."""
    by_number = {each.id: each for each in graph.nodes}
    near = [edge for edge in graph.edges if node.id in (edge.source, edge.target)]
    flow = list(data_flow(graph, near))
    inputs = [(by_number[start], edge) for start, end, edge in flow if end == node.id]
    outputs = [(by_number[end], edge) for start, end, edge in flow if start == node.id]
    inputs.sort(key=lambda pair: pair[1].input_index)
    outputs.sort(key=lambda pair: (pair[0].id, pair[1].input_index))
    return inputs, outputs


def _input_rows(inputs: list[tuple[Node, Edge]], theme: Theme) -> list[tuple[str, str]]:
    def describe(node: Node, edge: Edge) -> tuple[str, str]:
        shape = shape_text(node.shape)
        output = f"its output {edge.output_index}" if edge.output_index else ""
        return f"input {edge.input_index}", _link(node, ", ".join(filter(None, (shape, output))), theme)

    return _rows("inputs", inputs, describe)


def _output_rows(outputs: list[tuple[Node, Edge]], theme: Theme) -> list[tuple[str, str]]:
    def describe(node: Node, edge: Edge) -> tuple[str, str]:
        return "used by", _link(node, f"as input {edge.input_index}", theme)

    return _rows("used by", outputs, describe)


def _rows(
    label: str, neighbours: list[tuple[Node, Edge]], describe: Callable[[Node, Edge], tuple[str, str]]
) -> list[tuple[str, str]]:
    rows = [describe(node, edge) for node, edge in neighbours[:_MOST_LINKS]]
    if len(neighbours) > _MOST_LINKS:
        rows.append(("", f"… and {len(neighbours) - _MOST_LINKS} more"))
    return rows or [(label, _NOTHING)]


def _link(node: Node, note: str, theme: Theme) -> str:
    name = escape(node_texts(node)[0])
    return (
        f'<a href="{node.id}" style="color: {theme.info}">{name}</a>'
        f' <span style="color: {theme.muted}">{escape(note)}</span>'
    )
