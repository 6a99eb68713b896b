"""The panel that shows what was recorded at the cursor of the walk, and of the node chosen in the graph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import pairwise

from PySide6.QtCore import QRect, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QFrame,
    QLabel,
    QLayout,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from playground.data.what_if_targets import Index, Intervention, Target, targets
from playground.graph.model import Graph
from playground.recording.finite_difference import GradientCheck
from playground.recording.model import Recording, snapshots_of
from playground.recording.queries import node_of
from playground.recording.snapshot import Snapshot
from ui.panels.inspector.event import EventSection
from ui.panels.inspector.facts import FactsSection
from ui.panels.inspector.finite_difference import GradientCheckSection
from ui.panels.inspector.ledger import LedgerSection
from ui.panels.inspector.moment import InspectorTitle, Moment, moment_of
from ui.panels.inspector.node import NodeSection, SavedSection
from ui.panels.inspector.owned import ParametersSection
from ui.panels.inspector.parts import TwoColumns
from ui.panels.inspector.uses import UsesSection
from ui.panels.inspector.words import WordsSection
from ui.style.sheet import set_class
from ui.style.theme import current_theme
from ui.widgets.number_menu import offer_numbers
from ui.widgets.tensor.card import TensorCard
from ui.widgets.tensor.tile import TermTile

EMPTY = (
    "This panel explains the event at the cursor. "
    "Walk with F8 and F7, or click a line, a node or a row of Events."
)
NOT_RECORDED = "“Record this step” shows its values; so does a pause."
OTHER_GRAPH = "The recorded step did not use this node."
OTHER_PASS = "This node is in the graph of another backward pass."
_MARGIN = 12


class Inspector(QWidget):
    """What happens at the cursor, and a node's value, gradient, saved tensors, uses and neighbours.

    Attributes:
        key: of the chosen node, or None.

    Signals:
        node_chosen(str): the user followed a link to the node with this key.
        event_chosen(int): the user followed a link to the event of this number.
        check_asked_for(str, object, float): the user wants the slope along an element of a parameter: its
            name, the element's index as a tuple, and by how much to nudge it.
        number_asked(str, str): they want a program for the value or the gradient of the node with this key.
        change_asked(object, bool): they want to see the step with this Intervention, and whether it is the
            value that was recorded.
        end_asked(): they want to see the step as it was.
        what_if_asked(): they want to change a number of what is shown.
    """

    node_chosen = Signal(str)
    event_chosen = Signal(int)
    check_asked_for = Signal(str, object, float)
    number_asked = Signal(str, str)
    change_asked = Signal(object, bool)
    end_asked = Signal()
    what_if_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Without a node and without a recording at first."""
        super().__init__(parent)
        self.key: str | None = None
        self._asked: tuple[Graph | None, str | None, Recording | None, int | None] = (None,) * 4
        self._moment = Moment()
        self._targets: tuple[Recording | None, Mapping[int, Target]] = (None, {})
        self._title = InspectorTitle()
        self._words = WordsSection()
        self._event = EventSection()
        self._node = NodeSection()
        self._saved = SavedSection()
        self._ledger = LedgerSection()
        self._uses = UsesSection()
        self._check = GradientCheckSection()
        self._facts = FactsSection()
        self._owned = ParametersSection()
        self._side = TwoColumns((self._ledger, self._uses), (self._saved,))
        self._rows = (self._words, self._event, self._side, self._node, self._check, self._owned, self._facts)
        self._sections = (
            *(self._words, self._event, self._ledger, self._uses, self._saved),
            *(self._node, self._check, self._owned, self._facts),
        )
        self._empty = self._label(EMPTY, "inspector_empty")
        self._foot = self._label(NOT_RECORDED, "inspector_foot")
        self._content = QWidget()
        self._scroll = QScrollArea()
        self._pages = QStackedWidget()
        self._arrange()
        self._connect()
        self._refresh()
        self._order_tabs()

    def show_at(
        self, graph: Graph | None, key: str | None, recording: Recording | None, event: int | None
    ) -> None:
        """Shows one place of the walk.

        Args:
            graph: that is drawn.
            key: of the chosen node, None if none is.
            recording: of the step that is walked through, None if there is none.
            event: number of the event at the cursor, or None. It is shown if no node is chosen, or if it
                has to do with that node.
        """
        before, asked = self._asked, (graph, key, recording, event)
        same_objects = graph is before[0] and recording is before[2]
        if same_objects and (key, event) == (before[1], before[3]):
            return
        shown = self._moment
        self._asked = asked
        self._refresh()
        self.key = self._moment.key
        # Where only the numbers are others, as at the same place of the next step, the reader reads on.
        if _place_of(self._moment) != _place_of(shown):
            self._scroll.verticalScrollBar().setValue(0)
        elif recording is not before[2]:
            # What was being read may have moved down by what is compared above it.
            QTimer.singleShot(0, self, self._keep_in_sight)

    def show_node(self, graph: Graph | None, key: str | None) -> None:
        """Shows the facts of a node, without a recording; or that none is chosen."""
        self.show_at(graph, key, None, None)

    def show_gradient_check(self, check: GradientCheck | None, problem: str = "") -> None:
        """Shows a measured slope, or in one line why there is none."""
        self._check.show_gradient_check(check, problem)

    def text(self) -> str:
        """What is shown, as plain text."""
        foot = [] if self._foot.isHidden() else [self._foot.text()]
        if self._pages.currentWidget() is self._empty:
            return self._empty.text()
        shown = [section.text() for section in self._sections if not section.isHidden()]
        return "\n".join([self._title.text(), *shown, *foot])

    def begin_what_if(self) -> bool:
        """Opens the field for another value of the first tensor that can be changed; whether there is one."""
        for tile in self.findChildren(TermTile):
            if tile.isVisible() and self._target(tile.term.value) is not None and not tile.isChecked():
                tile.setChecked(True)
                break
        cards = (each for each in self.findChildren(TensorCard) if not each.isHidden() and each.isVisible())
        card = next((each for each in cards if self._target_of(each) is not None), None)
        if card is None:
            return False
        card.begin_change()
        # A field that has just come has its place only later.
        QTimer.singleShot(0, self, self._keep_in_sight)
        return True

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offers the numbers of the node that is shown."""
        recording, key = self._asked[2], self._moment.key
        if key is None and recording is not None and self._moment.event is not None:
            key = node_of(recording, self._moment.event)
        if not key:
            event.ignore()
            return
        asked = key
        offer_numbers(
            self, event.globalPos(), partial(self.number_asked.emit, asked), self.what_if_asked.emit
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape ends a comparison; it comes here from whichever part has the focus."""
        if event.key() == Qt.Key.Key_Escape and self._is_compared():
            self.end_asked.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints the ground."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(current_theme().surface))
        painter.end()

    def _refresh(self) -> None:
        recording = self._asked[2]
        self._moment = moment = moment_of(*self._asked)
        key = moment.key
        self._foot.setVisible(recording is None or (key is not None and moment.record is None))
        self._foot.setText(NOT_RECORDED if recording is None else _elsewhere(recording, key))
        if moment.is_empty:
            self._empty.setText(_instead(recording, key))
            self._pages.setCurrentWidget(self._empty)
            return
        self._title.show_moment(moment)
        for section in self._sections:
            section.show_moment(moment)
        self._side.arrange()
        self._pages.setCurrentIndex(0)
        # The table of facts is not there for every event.
        self.setFocusProxy(self._facts.browser if recording is None else self._scroll)

    def _target_of(self, card: TensorCard) -> Target | None:
        """What is changed with a tensor of the step, None if it cannot be."""
        return self._target(card.snapshot)

    def _target(self, snapshot: Snapshot | None) -> Target | None:
        recording = self._asked[2]
        if recording is None or snapshot is None:
            return None
        if recording is not self._targets[0]:
            self._targets = recording, targets(recording)
        return self._targets[1].get(id(snapshot))

    def _offer_change(self, card: TensorCard) -> None:
        target = self._target_of(card)
        if target is not None:
            card.offer_change(target.label, target.has_units)

    def _ask_change(self, card: TensorCard, index: Index, value: float) -> None:
        target, values = self._target_of(card), None if card.snapshot is None else card.snapshot.values
        if target is None or values is None:
            return
        one = tuple(each for each in index if each is not None)
        recorded = len(one) == len(index) and bool(values[one] == values.dtype.type(value))
        self.change_asked.emit(Intervention(index, value, target.name, target.event), recorded)

    def _is_compared(self) -> bool:
        recording = self._asked[2]
        return recording is not None and any(each.twin is not None for each in snapshots_of(recording))

    def _order_tabs(self) -> None:
        """Tab goes through the panel from the top, whenever a widget was made."""
        # Not from the scroll area on: Qt would put them behind all that is in it, and so in a ring.
        for before, after in pairwise(_focusable(self._content)):
            QWidget.setTabOrder(before, after)

    def _keep_in_sight(self) -> None:
        focus = self.focusWidget()
        if focus is not None and focus.hasFocus() and self._content.isAncestorOf(focus):
            self._scroll.ensureWidgetVisible(focus)

    def _reveal(self, place: QRect) -> None:
        middle = self._facts.mapTo(self._content, place.center())
        self._scroll.ensureVisible(middle.x(), middle.y(), 0, 2 * place.height())

    def _connect(self) -> None:
        for section in self._sections:
            section.grew.connect(self._order_tabs)
        for row in self._rows:
            row.change_asked.connect(self._offer_change)
            row.value_given.connect(self._ask_change)
        self._owned.node_chosen.connect(self.node_chosen)
        for section in (self._words, self._event, self._node, self._saved, self._ledger, self._uses):
            section.event_chosen.connect(self.event_chosen)
        self._node.element_chosen.connect(self._check.set_element)
        self._check.asked.connect(self.check_asked_for)
        self._facts.node_chosen.connect(self.node_chosen)
        self._facts.place_reached.connect(self._reveal)

    def _label(self, text: str, name: str) -> QLabel:
        label = QLabel(text)
        label.setObjectName(name)
        set_class(label, "muted")
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        return label

    def _arrange(self) -> None:
        self._foot.setContentsMargins(_MARGIN, 4, _MARGIN, 8)
        self._empty.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._content.setObjectName("inspector_content")
        set_class(self._content, "bare")
        sections = QVBoxLayout(self._content)
        sections.setContentsMargins(_MARGIN, 0, _MARGIN - 4, 0)
        sections.setSpacing(0)
        for row in self._rows:
            sections.addWidget(row)
        sections.addStretch(1)
        self._scroll.setObjectName("inspector_scroll")
        set_class(self._scroll, "bare")
        self._scroll.setAccessibleName("What was recorded")
        self._scroll.setWidget(self._content)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        page = QWidget()
        _stack(page, self._title, self._scroll)
        self._pages.addWidget(page)
        self._pages.addWidget(self._empty)
        _stack(self, self._pages, self._foot)


def _stack(owner: QWidget, *parts: QWidget) -> None:
    """Puts the parts below one another; the largest, which can grow, takes the rest."""
    column = QVBoxLayout(owner)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for part in parts:
        grows = isinstance(part, QAbstractScrollArea | QStackedWidget)
        column.addWidget(part, 1 if grows else 0)


def _focusable(widget: QWidget) -> Iterator[QWidget]:
    """Widgets that Tab can reach, in the order in which they lie below one another."""
    if widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
        yield widget
    layout = widget.layout()
    # The parts of a text are its own affair.
    if layout is not None and not isinstance(widget, QAbstractScrollArea):
        yield from _focusable_in(layout)


def _focusable_in(layout: QLayout) -> Iterator[QWidget]:
    for number in range(layout.count()):
        item = layout.itemAt(number)
        assert item is not None, "it has so many"
        inner, widget = item.layout(), item.widget()
        if inner is not None:
            yield from _focusable_in(inner)
        elif widget is not None:
            yield from _focusable(widget)


def _elsewhere(recording: Recording, key: str | None) -> str:
    return OTHER_PASS if any(key in each.nodes for each in recording.passes) else OTHER_GRAPH


def _instead(recording: Recording | None, key: str | None) -> str:
    """What is said where neither a node nor an event is to be shown."""
    if recording is not None and key is not None and _elsewhere(recording, key) == OTHER_PASS:
        return OTHER_PASS
    return EMPTY


def _place_of(moment: Moment) -> tuple[object, ...]:
    """What the panel is about, whatever the numbers are."""
    return moment.key, moment.cursor, None if moment.event is None else moment.event.op
