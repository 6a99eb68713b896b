"""One recorded tensor: a thumbnail and three numbers, and on demand all that is known of it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from playground.recording.snapshot import Snapshot
from ui.style.sheet import set_class
from ui.style.theme import Tone, current_theme
from ui.widgets.tensor import text as tensor_words
from ui.widgets.tensor.compared import ComparedTensors
from ui.widgets.tensor.header import MARGIN, RADIUS, TensorHeader
from ui.widgets.tensor.heatmap import Heatmap
from ui.widgets.tensor.histogram import HistogramView
from ui.widgets.tensor.value_field import ValueField

_HIGHEST_MAP = 150


class TensorCard(QWidget):
    """A tensor in a few lines; its header opens a larger picture with a histogram and a table.

    Signals:
        expanded_changed(bool): the user opened or closed it.
        element_chosen(object): the tensor's own index, a tuple, of the element that the user chose; for
            a tensor whose elements are kept.
        change_asked(object): the card itself, when it is open, and when an element of it was chosen: whoever
            can change it answers with `offer_change`.
        value_given(object, float): index and new value of an element that was offered; None in the index
            stands for all of that axis.
    """

    expanded_changed = Signal(bool)
    element_chosen = Signal(object)
    change_asked = Signal(object)
    value_given = Signal(object, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Closed, and without a tensor."""
        super().__init__(parent)
        self._snapshot: Snapshot | None = None
        self._expanded = False
        self._header = TensorHeader()
        self._header.clicked.connect(self._toggle)
        # Most cards are never opened.
        self._details: _Details | None = None
        self._compared: ComparedTensors | None = None
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addWidget(self._header)

    @property
    def expanded(self) -> bool:
        """Whether all is shown."""
        return self._expanded

    def set_tensor(self, label: str, snapshot: Snapshot | None, note: str = "") -> None:
        """Shows another tensor under this name; None for one that is not defined.

        Args:
            label: the program's own words for it.
            snapshot: what it was.
            note: one more line on it.
        """
        is_new, self._snapshot = snapshot is not self._snapshot, snapshot
        self._header.set_tensor(label, snapshot, note)
        self._compare()
        if is_new and self._details is not None:
            self._details.close_field()
        self._refresh()
        if is_new:
            self._ask_for_change()

    @property
    def snapshot(self) -> Snapshot | None:
        """The tensor that is shown."""
        return self._snapshot

    @property
    def chosen(self) -> tuple[int, ...] | None:
        """The tensor's own index of the element that stands there to be read, None if none does."""
        snapshot, details = self._snapshot, self._details
        if snapshot is None or not snapshot.kept or details is None or not self._expanded:
            return None
        if snapshot.number is not None:
            return (0,) * len(snapshot.shape)
        return None if details.heatmap.chosen is None else snapshot.index_of(*details.heatmap.chosen)

    def offer_change(self, label: str, has_units: bool) -> None:
        """Opens the field in which the chosen element gets another value; says so where none is chosen yet.

        Args:
            label: what the program calls the tensor.
            has_units: whether a column of it is a hidden unit, which can be switched off.
        """
        index = self.chosen
        if self._details is not None:
            self._details.can_change = True
            if index is None:
                self._details.read()
                return
            unit = f"unit {index[-1]}" if has_units and index else ""
            shape = () if self._snapshot is None else self._snapshot.shape
            self._details.field.offer(f"{label}{list(index) if index else ''}", shape, unit)

    def begin_change(self) -> None:
        """Opens it, its first element chosen if none is, and goes into the field for another value."""
        self._header.setChecked(True)
        self._toggle()
        details, snapshot = self._details, self._snapshot
        if details is None or snapshot is None or not snapshot.kept:
            return
        if self.chosen is None:
            details.heatmap.set_chosen((0, 0))
            details.read()
        self._begin_value("")

    def set_expanded(self, expanded: bool) -> None:
        """Shows all or only the few lines, without a signal; another tensor does not change it."""
        if expanded != self._expanded:
            self._expanded = expanded
            self._header.setChecked(expanded)
            self._refresh()

    def set_label_tone(self, tone: Tone) -> None:
        """Writes the name in this color."""
        self._header.set_label_tone(tone)

    def text(self) -> str:
        """All that is shown, as plain text."""
        parts = self._header.texts() + ([] if self._compared is None else self._compared.texts())
        if self._details is not None and self._expanded and self._snapshot is not None:
            parts += self._details.texts()
        return "\n".join(parts)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints the ground and the border of the card."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(current_theme().border))
        painter.setBrush(QColor(current_theme().surface))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
        painter.end()

    def _toggle(self) -> None:
        if self._header.isChecked() != self._expanded:
            self.set_expanded(self._header.isChecked())
            self.expanded_changed.emit(self._expanded)
            self._ask_for_change()

    def _compare(self) -> None:
        """Shows the tensor beside its twin, where it has one; most never do."""
        twin = None if self._snapshot is None else self._snapshot.twin
        if self._compared is None and twin is not None:
            self._compared = ComparedTensors()
            self._compared.setContentsMargins(0, 0, 0, 0)
            layout = self.layout()
            assert isinstance(layout, QVBoxLayout), "made by __init__"
            row = QHBoxLayout()
            row.setContentsMargins(MARGIN, 0, MARGIN, 0)
            row.addWidget(self._compared)
            layout.insertLayout(1, row)
        if self._compared is not None:
            self._compared.show_tensor(self._snapshot)

    def _refresh(self) -> None:
        shown = self._expanded and self._snapshot is not None
        if shown and self._details is None:
            self._details = _Details()
            self._details.heatmap.element_chosen.connect(self._tell)
            self._details.heatmap.value_begun.connect(self._begin_value)
            self._details.field.value_given.connect(self._give)
            self._details.field.switched_off.connect(self._switch_off)
            layout = self.layout()
            assert layout is not None, "made by __init__"
            layout.addWidget(self._details)
        if self._details is not None:
            if shown and self._snapshot is not None:
                self._details.set_snapshot(self._snapshot)
            self._details.setVisible(shown)

    def _tell(self, row: int, column: int) -> None:
        if self._snapshot is not None and self._snapshot.kept:
            self.element_chosen.emit(self._snapshot.index_of(row, column))
            self.change_asked.emit(self)

    def _ask_for_change(self) -> None:
        if self._expanded and self._snapshot is not None and self._snapshot.kept:
            self.change_asked.emit(self)

    def _begin_value(self, text: str) -> None:
        assert self._details is not None, "the key came from it"
        if self._details.field.isHidden():
            self.change_asked.emit(self)
        if not self._details.field.isHidden():
            self._details.field.begin(text)

    def _give(self, named: tuple[int, ...] | None, value: float) -> None:
        index = self.chosen if named is None else named
        if index is not None and self._details is not None:
            if named and self._snapshot is not None:
                row = np.ravel_multi_index(named[:-1], self._snapshot.shape[:-1]) if named[:-1] else 0
                self._details.heatmap.set_chosen((int(row), named[-1]))
            # The field goes with the answer, and what has the focus stays in sight.
            self._details.heatmap.setFocus(Qt.FocusReason.OtherFocusReason)
            self.value_given.emit(index, value)

    def _switch_off(self) -> None:
        index = self.chosen
        if index is not None:
            self.value_given.emit((*(None for _ in index[:-1]), index[-1]), 0.0)


class _Details(QWidget):
    """The large heatmap with the reading of an element, the histogram, and the table."""

    def __init__(self) -> None:
        super().__init__()
        self._snapshot: Snapshot | None = None
        self.can_change = False
        self.heatmap = Heatmap()
        self.heatmap.takes_values = True
        self.heatmap.element_chosen.connect(self.read)
        self.field = ValueField()
        self.field.left.connect(self._leave_field)
        self._histogram = HistogramView()
        self._reading = self._label("Chosen element")
        self._facts = self._label("Facts of the tensor")
        self._facts.setTextFormat(Qt.TextFormat.RichText)
        self._size_note = self._label("Why it is not shown whole")
        set_class(self._size_note, "muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, 0, MARGIN, MARGIN)
        column.setSpacing(6)
        parts = (self.heatmap, self._reading, self.field, self._histogram, self._facts, self._size_note)
        for part in parts:
            column.addWidget(part)

    def set_snapshot(self, snapshot: Snapshot) -> None:
        if snapshot is self._snapshot:
            return
        self._snapshot = snapshot
        statistics = snapshot.statistics
        is_matrix = snapshot.number is None and statistics.count > 0
        self.heatmap.set_snapshot(snapshot)
        self.heatmap.setFixedHeight(self.heatmap.height_for(_HIGHEST_MAP))
        self._histogram.set_histogram(statistics.histogram, statistics.zeros)
        for part in (self.heatmap, self._reading, self._histogram):
            part.setVisible(is_matrix)
        self._size_note.setText(tensor_words.size_note(snapshot))
        self._size_note.setVisible(not snapshot.kept)
        self._facts.setText(tensor_words.facts_html(snapshot, current_theme()))
        # Two lines, where the longer readings need them, so that choosing a block moves nothing.
        lines = 1 if snapshot.kept else 2
        self._reading.setMinimumHeight(lines * self._reading.fontMetrics().lineSpacing())
        self.read()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._snapshot is not None:
            self._facts.setText(tensor_words.facts_html(self._snapshot, current_theme()))

    def texts(self) -> list[str]:
        assert self._snapshot is not None, "shown with a tensor only"
        facts = [f"{label}: {value}" for label, value in tensor_words.facts(self._snapshot)]
        above = [] if self._reading.isHidden() else [self._reading.text(), self._histogram.text()]
        return [*above, *filter(None, [self.field.text()]), *facts, *filter(None, [self._size_note.text()])]

    def close_field(self) -> None:
        """Another tensor is shown, which may not be changed."""
        self.field.hide()
        self.can_change = False

    def _leave_field(self) -> None:
        self.field.hide()
        self.heatmap.setFocus(Qt.FocusReason.OtherFocusReason)

    def read(self) -> None:
        """Says what the chosen element is, or how one is chosen."""
        assert self._snapshot is not None, "there is an element"
        hint = "Click an element to read it." if self._snapshot.kept else "Click a block to read its range."
        if self.can_change:
            hint = "Click an element to read it, and to ask: what if it were another?"
        self._reading.setText(self.heatmap.reading() or hint)

    def _label(self, name: str) -> QLabel:
        label = QLabel()
        label.setAccessibleName(name)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return label
