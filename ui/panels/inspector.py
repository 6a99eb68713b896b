"""The panel that tells the facts of the node chosen in the graph."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QFont, QTextOption
from PySide6.QtWidgets import QLabel, QStackedWidget, QTextBrowser, QVBoxLayout, QWidget

from playground.graph.model import Graph, Node
from ui.panels.inspector_facts import facts_html
from ui.panels.inspector_words import explanation
from ui.theme import LIGHT, Theme
from ui.widgets.notice_text import WrappedText

EMPTY = "Choose a node of the graph to see what it is."
NOT_YET = "Values and gradients are not recorded yet."
_MOST_LINES = 4


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
        self._shown = ("", "")
        self._title = self._label("Inspector", "inspector_title")
        self._operation = WrappedText(fewest_lines=1, most_lines=_MOST_LINES)
        self._operation.setObjectName("inspector_operation")
        self._operation.setAccessibleName("Operation of the chosen node")
        # Room for two lines is kept, so that the table stays where it is.
        self._words = WrappedText(fewest_lines=2, most_lines=_MOST_LINES)
        self._words.setObjectName("inspector_words")
        self._words.setAccessibleName("What the operation does")
        self._facts = self._make_facts()
        self._empty = self._label(EMPTY, "inspector_empty")
        self._foot = self._label(NOT_YET, "inspector_foot")
        self._pages = QStackedWidget()
        self._arrange()
        self._refresh()
        self._apply_style()

    def show_node(self, graph: Graph | None, key: str | None) -> None:
        """Shows the node with this key, or that none is chosen (or no longer part of the graph)."""
        if graph is self._graph and key == self.key:
            return
        is_other = key != self.key
        self._graph, self.key = graph, key
        self._refresh()
        if is_other:
            self._facts.verticalScrollBar().setValue(0)

    def text(self) -> str:
        """What is shown, as plain text."""
        if self._pages.currentWidget() is self._empty:
            return self._empty.text()
        return "\n".join(part.toPlainText() for part in (self._operation, self._words, self._facts))

    def set_theme(self, theme: Theme) -> None:
        """Paints in these colours from now on."""
        if theme is not self._theme:
            self._theme = theme
            self._refresh()
            self._apply_style()

    def _refresh(self) -> None:
        graph, key = self._graph, self.key
        node = None if graph is None or key is None else graph.node(key)
        if graph is None or node is None:
            self._empty.setText(EMPTY if graph is None or key is None else _missing(key))
            self._pages.setCurrentWidget(self._empty)
            return
        self._describe(graph, node)
        self._pages.setCurrentIndex(0)

    def _describe(self, graph: Graph, node: Node) -> None:
        self._operation.set_text(node.op)
        self._words.set_text(explanation(node.op))
        html = facts_html(graph, node, self._theme)
        if (node.key, html) == self._shown:
            return
        # A new text begins at its top; the same node in another step's graph keeps the place.
        place = self._facts.verticalScrollBar().value()
        self._shown = (node.key, html)
        self._facts.setHtml(html)
        self._facts.verticalScrollBar().setValue(place)

    def _follow(self, address: QUrl) -> None:
        number = int(address.toString())
        nodes = () if self._graph is None else self._graph.nodes
        for node in nodes:
            if node.id == number:
                self.node_chosen.emit(node.key)

    def _make_facts(self) -> QTextBrowser:
        facts = QTextBrowser()
        facts.setObjectName("inspector_facts")
        facts.setAccessibleName("Facts of the chosen node")
        facts.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextBrowserInteraction | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        facts.setOpenLinks(False)
        facts.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        facts.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        facts.document().setDocumentMargin(0)
        facts.anchorClicked.connect(self._follow)
        return facts

    def _label(self, text: str, name: str) -> QLabel:
        label = QLabel(text)
        label.setObjectName(name)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        return label

    def _arrange(self) -> None:
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 1.15)
        font.setWeight(QFont.Weight.DemiBold)
        self._operation.setFont(font)
        self._title.setContentsMargins(12, 8, 12, 4)
        self._foot.setContentsMargins(12, 4, 12, 8)
        self._empty.setContentsMargins(12, 12, 12, 12)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        page = QWidget()
        facts = QVBoxLayout(page)
        facts.setContentsMargins(12, 2, 4, 0)
        facts.setSpacing(4)
        for part in (self._operation, self._words):
            facts.addWidget(part)
        facts.addWidget(self._facts, 1)
        self._pages.addWidget(page)
        self._pages.addWidget(self._empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._title)
        column.addWidget(self._pages, 1)
        column.addWidget(self._foot)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFocusProxy(self._facts)

    def _apply_style(self) -> None:
        theme = self._theme
        muted = f"color: {theme.muted};"
        # Without the selector this would be the look of the scroll bars too.
        text = (
            f"QTextEdit {{ color: {theme.text}; background: transparent; border: none; "
            f"selection-color: {theme.surface}; selection-background-color: {theme.parameter}; }}"
        )
        sheets = {
            self: f"Inspector {{ background: {theme.surface}; }}",
            self._title: f"color: {theme.text}; font-weight: 600;",
            self._empty: muted,
            self._foot: muted,
            self._operation: text,
            self._words: text,
            self._facts: text,
        }
        for part, sheet in sheets.items():
            # Before a widget was shown Qt takes over a second sheet only where there is none; and a
            # sheet of the whole panel would not reach the parts of a page that was never shown.
            part.setStyleSheet("")
            part.setStyleSheet(sheet)


def _missing(key: str) -> str:
    return f"The graph of this step has no node ‘{key}’."
