"""The search field of the graph's header: outlines the nodes that match, and goes from one to the next."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QToolButton

from playground.graph.labels import key_in_words
from playground.graph.model import Node, data_order
from ui.panels.graph.canvas import GraphCanvas
from ui.panels.graph.scene import Scene
from ui.style.sheet import set_class
from ui.style.theme import current_theme

_WIDTH, _WIDTH_AT_REST = 150, 62
"""Pixels while somebody searches, and while nobody does."""
_GAP = 4
_NO_MATCH = "none"


def matching(scene: Scene, text: str) -> list[str]:
    """Keys of the nodes whose name, operation, parameter or label holds the text, from left to right.

    Upper and lower case are alike. A label holds the path of its module. "" matches nothing. Of what a block
    stands for the nodes are searched, in the order of the graph from its parameters on.
    """
    wanted = text.strip().casefold()
    if not wanted:
        return []
    found = [(place, node.key) for place, node in enumerate(scene.nodes) if _holds(node, wanted)]
    found = [(place, key) for place, key in found if scene.block(place) is None]
    if scene.folding is not None:
        nodes = scene.folding.whole.nodes
        whole = (nodes[number] for number in data_order(scene.folding.whole))
        hidden = [node.key for node in whole if scene.index(node.key) is None and _holds(node, wanted)]
        found += [(place, key) for key in hidden for place in scene.drawn_as.get(key, ())[:1]]
    boxes = scene.rectangles
    # The sort keeps the order of what one block holds.
    found.sort(key=lambda each: (boxes[each[0]].left(), boxes[each[0]].top()))
    return [key for _, key in found]


def _holds(node: Node, wanted: str) -> bool:
    words = (key_in_words(node.key), node.op, node.name, node.parameter)
    return any(wanted in word.casefold() for word in words if word is not None)


def _drawn(scene: Scene, keys: Collection[str]) -> set[str]:
    """These nodes, and the copies that are drawn in place of shared leaves."""
    copies = {scene.nodes[place].key for key in keys for place in scene.drawn_as.get(key, ())}
    return copies | set(keys)


class FindField(QLineEdit):
    """Typing outlines what matches; Enter selects the next match, Shift+Enter the one before, Escape ends.

    It is small until it is used.

    Signals:
        resized(): it takes more room than before, or less.
    """

    resized = Signal()

    def __init__(self, canvas: GraphCanvas) -> None:
        """Searches what this canvas draws."""
        super().__init__()
        self._canvas = canvas
        self._searched: tuple[Scene | None, str, frozenset[str]] = (None, "", frozenset())
        self._marked: frozenset[str] = frozenset()
        self._matches: list[str] = []
        self._count = ""
        self.setObjectName("graph_find")
        set_class(self, "field high")
        self.setPlaceholderText("Find…")
        self.setAccessibleName("Find nodes")
        keys = QKeySequence(QKeySequence.StandardKey.Find).toString(QKeySequence.SequenceFormat.NativeText)
        self.setToolTip(f"Find nodes by name, operation, parameter or module ({keys})")
        self.setClearButtonEnabled(True)
        for button in self.findChildren(QToolButton):
            button.setAccessibleName("Clear the search")
            button.setToolTip("Clear the search")
        self.textChanged.connect(self.refresh)
        self.setFixedWidth(_WIDTH_AT_REST)

    @property
    def count(self) -> str:
        """How many nodes match, and which of them is selected: "2/5"; "none"; "" without a search."""
        return self._count

    def start(self) -> None:
        """Takes the focus, ready for another text."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.selectAll()

    def mark(self, keys: Collection[str]) -> None:
        """Nodes to outline while nothing is searched for; a shared leaf is outlined at each of its copies."""
        self._marked = frozenset(keys)
        self.refresh()

    def refresh(self) -> None:
        """Searches what is drawn now, and counts anew."""
        self._resize()
        scene, text = self._canvas.scene, self.text()
        if (scene, text, self._marked) != self._searched:
            self._searched = (scene, text, self._marked)
            self._matches = [] if scene is None else matching(scene, text)
            marked = self._marked if scene is None else _drawn(scene, self._marked)
            self._canvas.set_found(self._matches if text.strip() else marked)
        self._set_count(self._counted())

    def sizeHint(self) -> QSize:
        """As wide as it is."""
        return QSize(self.minimumWidth(), super().sizeHint().height())

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Makes room for a text."""
        super().focusInEvent(event)
        self._resize()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Gives the room back, unless there is a text."""
        super().focusOutEvent(event)
        self._resize()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Goes to another match, or ends the search."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._go(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        elif event.key() == Qt.Key.Key_Escape:
            self.clear()
            self._canvas.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints the count between the text and the button."""
        super().paintEvent(event)
        if not self._count:
            return
        painter = QPainter(self)
        painter.setPen(QColor(current_theme().error if self._count == _NO_MATCH else current_theme().muted))
        painter.drawText(self._count_area(), Qt.AlignmentFlag.AlignCenter, self._count)
        painter.end()

    def _resize(self) -> None:
        width = _WIDTH if self.hasFocus() or self.text() else _WIDTH_AT_REST
        if width != self.width():
            self.setFixedWidth(width)
            self.resized.emit()

    def _go(self, step: int) -> None:
        if not self._matches:
            return
        selected = self._canvas.selected
        # As if the selection were just outside: before the first match, or behind the last.
        start = -1 if step > 0 else 0
        place = (self._matches.index(selected) if selected in self._matches else start) + step
        key = self._matches[place % len(self._matches)]
        self._canvas.choose(key)
        self._canvas.reveal(key)

    def _counted(self) -> str:
        if not self.text().strip():
            return ""
        if not self._matches:
            return _NO_MATCH
        selected = self._canvas.selected
        place = self._matches.index(selected) + 1 if selected in self._matches else 0
        return f"{place}/{len(self._matches)}"

    def _set_count(self, count: str) -> None:
        if count == self._count:
            return
        self._count = count
        room = self.fontMetrics().horizontalAdvance(count) + _GAP if count else 0
        self.setTextMargins(0, 0, room, 0)
        self.setAccessibleDescription(f"matches: {count}" if count else "")
        set_class(self, "field high error" if count == _NO_MATCH else "field high")
        self.update()

    def _count_area(self) -> QRect:
        buttons = [button.geometry().left() for button in self.findChildren(QToolButton)]
        right = min(buttons, default=self.width() - _GAP)
        width = self.fontMetrics().horizontalAdvance(self._count)
        return QRect(right - width, 0, width, self.height())
