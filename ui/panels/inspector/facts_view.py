"""The section with the table of facts, whose links lead to the node's neighbours."""

from __future__ import annotations

import math

from PySide6.QtCore import QRect, Qt, QUrl, Signal
from PySide6.QtGui import QResizeEvent, QTextOption
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextBrowser, QVBoxLayout

from ui.panels.inspector.facts import facts_html
from ui.panels.inspector.moment import Moment
from ui.panels.inspector.parts import Part, Section, reveal
from ui.style.theme import Theme


class FactsSection(Section):
    """The facts of a node.

    Signals:
        node_chosen(str): the user followed a link to the node with this key.
        place_reached(QRect): the keyboard went to this place of the section; it is to be scrolled to.
    """

    node_chosen = Signal(str)
    place_reached = Signal(QRect)

    def __init__(self, theme: Theme) -> None:
        """Starts hidden."""
        super().__init__(theme, "inspector_facts_section", "Facts")
        self._moment = Moment()
        self._html = ""
        self._facts = self.add(_Facts(theme))
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

    def set_theme(self, theme: Theme) -> None:
        """Paints in these colours from now on."""
        super().set_theme(theme)
        self._fill()

    def _fill(self) -> None:
        moment = self._moment
        if moment.graph is None or moment.node is None:
            return
        html = facts_html(moment.graph, moment.node, self._theme, moment.record)
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

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.browser = _Browser()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.browser)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        # Before a widget was shown Qt takes over a second sheet only where there is none; without the
        # selector it would be the look of the scroll bars too.
        self.browser.setStyleSheet("")
        self.browser.setStyleSheet(
            f"QTextEdit {{ color: {theme.text}; background: transparent; border: none; "
            f"selection-color: {theme.surface}; selection-background-color: {theme.parameter}; }}"
        )

    def text(self) -> str:
        return self.browser.toPlainText()


class _Browser(QTextBrowser):
    """As high as its text: the panel around it scrolls."""

    link_reached = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("inspector_facts")
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
