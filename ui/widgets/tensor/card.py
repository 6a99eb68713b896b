"""One recorded tensor: a thumbnail and three numbers, and on demand all that is known of it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from playground.recording.snapshot import Snapshot
from ui.style.sheet import set_class
from ui.style.theme import Tone, current_theme
from ui.widgets.tensor import text as tensor_words
from ui.widgets.tensor.header import MARGIN, RADIUS, TensorHeader
from ui.widgets.tensor.heatmap import Heatmap
from ui.widgets.tensor.histogram import HistogramView

_HIGHEST_MAP = 150


class TensorCard(QWidget):
    """A tensor in a few lines; its header opens a larger picture with a histogram and a table.

    Signals:
        expanded_changed(bool): the user opened or closed it.
        element_chosen(object): the tensor's own index, a tuple, of the element that the user chose; for
            a tensor whose elements are kept.
    """

    expanded_changed = Signal(bool)
    element_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Closed, and without a tensor."""
        super().__init__(parent)
        self._snapshot: Snapshot | None = None
        self._expanded = False
        self._header = TensorHeader()
        self._header.clicked.connect(self._toggle)
        # Most cards are never opened.
        self._details: _Details | None = None
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
        self._snapshot = snapshot
        self._header.set_tensor(label, snapshot, note)
        self._refresh()

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
        parts = self._header.texts()
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

    def _refresh(self) -> None:
        shown = self._expanded and self._snapshot is not None
        if shown and self._details is None:
            self._details = _Details()
            self._details.heatmap.element_chosen.connect(self._tell)
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


class _Details(QWidget):
    """The large heatmap with the reading of an element, the histogram, and the table."""

    def __init__(self) -> None:
        super().__init__()
        self._snapshot: Snapshot | None = None
        self.heatmap = Heatmap()
        self.heatmap.element_chosen.connect(self._read)
        self._histogram = HistogramView()
        self._reading = self._label("Chosen element")
        self._facts = self._label("Facts of the tensor")
        self._facts.setTextFormat(Qt.TextFormat.RichText)
        self._size_note = self._label("Why it is not shown whole")
        set_class(self._size_note, "muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, 0, MARGIN, MARGIN)
        column.setSpacing(6)
        for part in (self.heatmap, self._reading, self._histogram, self._facts, self._size_note):
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
        self._read()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._snapshot is not None:
            self._facts.setText(tensor_words.facts_html(self._snapshot, current_theme()))

    def texts(self) -> list[str]:
        assert self._snapshot is not None, "shown with a tensor only"
        facts = [f"{label}: {value}" for label, value in tensor_words.facts(self._snapshot)]
        above = [] if self._reading.isHidden() else [self._reading.text(), self._histogram.text()]
        return [*above, *facts, *filter(None, [self._size_note.text()])]

    def _read(self) -> None:
        assert self._snapshot is not None, "there is an element"
        hint = "Click an element to read it." if self._snapshot.kept else "Click a block to read its range."
        self._reading.setText(self.heatmap.reading() or hint)

    def _label(self, name: str) -> QLabel:
        label = QLabel()
        label.setAccessibleName(name)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return label
