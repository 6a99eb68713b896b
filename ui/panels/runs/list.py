"""The list of runs itself: rows that are ticked, chosen and renamed, and stay where they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView

from playground.runs.entry import RunEntry
from ui.panels.runs.delegate import RunsDelegate
from ui.panels.runs.model import RunsModel
from ui.style.theme import Theme


class RunsList(QListView):
    """A list in which any number of runs is chosen.

    Attributes:
        painter: paints the rows.

    Signals:
        swatch_clicked(int): the user clicked the swatch of this run, which chooses no row.
    """

    swatch_clicked = Signal(int)

    def __init__(self, model: RunsModel) -> None:
        """Shows the rows of the model."""
        super().__init__()
        self._runs = model
        self._holds_swatch = False
        self.setObjectName("run_list")
        self.setAccessibleName("Runs")
        self.setModel(model)
        self.painter = RunsDelegate(self, self.font())
        self.setItemDelegate(self.painter)
        self.setUniformItemSizes(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setMinimumHeight(self.painter.height)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    def set_theme(self, theme: Theme) -> None:
        """Paints in these colours from now on."""
        self.painter.theme = theme
        self.viewport().update()

    def show_entries(self, entries: Sequence[RunEntry]) -> None:
        """Lists these runs, given from the oldest to the newest; what is in sight stays where it is.

        A list that has not been scrolled stays at its top, where the newest run is.
        """
        bar, height = self.verticalScrollBar(), self.painter.height
        before = bar.value()
        top = self._runs.entry_at(self._runs.index(before // height)) if before else None
        self._runs.show_entries(entries)
        if top is not None:
            row = self._runs.row_of(top.number)
            self.executeDelayedItemsLayout()
            bar.setValue(before if row is None else row * height + before % height)

    def chosen(self) -> frozenset[int]:
        """Numbers of the runs that are chosen."""
        entries = (self._runs.entry_at(index) for index in self.selectionModel().selectedIndexes())
        return frozenset(entry.number for entry in entries if entry is not None)

    def current(self) -> int | None:
        """Number of the run that keys go to."""
        entry = self._runs.entry_at(self.currentIndex())
        return None if entry is None else entry.number

    def choose(self, number: int) -> None:
        """Chooses this run alone."""
        flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
        self.selectionModel().setCurrentIndex(self._runs.index_of(number), flag)

    def choose_exactly(self, numbers: Iterable[int]) -> None:
        """Chooses these runs and no other; the keys stay with the row that they go to."""
        self.clearSelection()
        for number in numbers:
            index = self._runs.index_of(number)
            self.selectionModel().select(index, QItemSelectionModel.SelectionFlag.Select)

    def repaint_run(self, number: int) -> None:
        """Paints the row of a run anew; a signal of the model would have all rows arranged anew."""
        self.viewport().update(self.visualRect(self._runs.index_of(number)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press on a swatch ticks its run, and does not choose it."""
        if not self._press_swatch(event):
            super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Two quick presses on a swatch are two presses."""
        if not self._press_swatch(event):
            super().mouseDoubleClickEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Chooses what the pointer is dragged over, unless it was pressed on a swatch."""
        if not self._holds_swatch:
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Ends what the press began."""
        if self._holds_swatch:
            self._holds_swatch = False
        else:
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape chooses nothing."""
        if event.key() == Qt.Key.Key_Escape and self.selectionModel().hasSelection():
            self.clearSelection()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Marks the row that keys go to."""
        self.painter.focused = True
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Marks no row any more."""
        self.painter.focused = False
        super().focusOutEvent(event)
        self.viewport().update()

    def _press_swatch(self, event: QMouseEvent) -> bool:
        place: QPoint = event.position().toPoint()
        index: QModelIndex = self.indexAt(place)
        entry = self._runs.entry_at(index)
        on_swatch = self.painter.on_swatch(self.visualRect(index), place.x())
        if entry is None or not on_swatch or event.button() is not Qt.MouseButton.LeftButton:
            return False
        self._holds_swatch = True
        self.swatch_clicked.emit(entry.number)
        return True
