"""The panel that keeps every run that was made: to compare, to go back to, and to throw away."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from playground.runs.data import as_json
from playground.runs.entry import SHORT, RunEntry, checked_name
from ui.panels.runs.actions import RunsActions
from ui.panels.runs.list import RunsList
from ui.panels.runs.model import RunsModel, run_words
from ui.panels.runs.table import RunsTable
from ui.style.sheet import set_class
from ui.widgets.eliding_label import ElidedLabel
from ui.widgets.picture_menu import offer_copy

EMPTY = "Runs are kept here: press Run."

DIFFER_TIP = "Compare the settings of the selected runs; of all visible ones if none is selected"
SHORT_TIP = f"Runs of fewer than {SHORT} steps that were neither named, pinned nor shown"

_TITLED_FROM = 170
"""Height in pixels from which there is room for the title."""


class RunsPanel(QWidget):
    """All runs, the newest at the top; several can be selected to compare their settings.

    What the user wants is told by signals; the list changes when `show_runs` is called after them.

    Attributes:
        view: the list itself.
        table: what the selected runs differ in; of fewer than two, what the visible ones do.
        actions_row: what can be done with the selected runs.

    Signals:
        visibility_chosen(int, bool): whether to draw the curve of this run.
        renamed(int, str): a run's new name, which is allowed.
        pinned(int, bool): whether to keep a run when memory is short.
        removed(int): throw this run away.
        load_chosen(int): take the settings of this run.
        selection_changed(object): the user selected the runs of these numbers, a tuple, oldest first.
        refused(str): what the user typed is not allowed, in one line.
    """

    visibility_chosen = Signal(int, bool)
    renamed = Signal(int, str)
    pinned = Signal(int, bool)
    removed = Signal(int)
    load_chosen = Signal(int)
    selection_changed = Signal(object)
    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Without runs at first."""
        super().__init__(parent)
        self.setObjectName("runs_panel")
        self._all: tuple[RunEntry, ...] = ()
        self._entries: tuple[RunEntry, ...] = ()
        self._figures: tuple[int, float] | None = None
        self._selected: tuple[int, ...] = ()
        self._showing = False
        self._model = RunsModel(self)
        self.view = RunsList(self._model)
        self.table = RunsTable()
        self._title = QLabel("Runs")
        self._title.setObjectName("runs_title")
        set_class(self._title, "title")
        self._empty = QLabel(EMPTY)
        self._empty.setObjectName("runs_empty")
        set_class(self._empty, "muted")
        self._memory = ElidedLabel(elide=Qt.TextElideMode.ElideRight)
        self._memory.setObjectName("runs_memory")
        set_class(self._memory, "muted")
        self._pages = QStackedWidget()
        self.actions_row = RunsActions(self.view)
        self._differ = _flat_toggle("run_differ_button", "What differs", DIFFER_TIP)
        self._short = _flat_toggle("run_short_button", "Short runs", SHORT_TIP)
        self._short.hide()
        self._arrange()
        self._connect()
        self._show_actions()

    # What the window sets

    @property
    def selected(self) -> tuple[int, ...]:
        """Numbers of the selected runs, oldest first."""
        return self._selected

    @property
    def compares(self) -> bool:
        """Whether the table of differences is open."""
        return self._differ.isChecked()

    def set_compares(self, open_: bool) -> None:
        """Opens or closes the table of differences."""
        self._differ.setChecked(open_)

    def show_runs(self, entries: Sequence[RunEntry], present: int | None) -> None:
        """Lists these runs; cheap where only the present one has gone on.

        Selection, scrolling and a name that is being typed stay. A selected run that is gone leaves the
        selection without a signal.

        Args:
            entries: from the oldest to the newest.
            present: number of the run that is shown elsewhere in the window, or None.
        """
        self._all = tuple(entries)
        listed = self._folded(self._all, present)
        # Entries are equal only where they are one object.
        if listed != self._entries or present != self._model.present:
            self._list(listed, present)
        entry = next((each for each in reversed(listed) if each.number == present), None)
        figures = None if entry is None else (entry.steps, entry.clock.seconds)
        if entry is not None and figures != self._figures:
            self.view.repaint_run(entry.number)
        self._figures = figures

    def set_memory(self, text: str) -> None:
        """Says how many runs there are, and what they take: `RunArchive.summary`."""
        self._memory.set_full_text(text)

    def text(self) -> str:
        """What is listed, a row a line from the top; or what stands in its place."""
        if not self._entries:
            return self._empty.text()
        return "\n".join(run_words(entry).text() for entry in reversed(self._entries))

    # What the user does

    def _select(self) -> None:
        if self._showing:
            return
        before, self._selected = self._selected, self._numbers_chosen()
        if self._selected != before:
            self._show_actions()
            self._show_differences()
            self.selection_changed.emit(self._selected)

    def _toggle_visible(self) -> None:
        entries = self._aimed_at()
        visible = not all(entry.visible for entry in entries)
        for entry in entries:
            if entry.visible != visible:
                self.visibility_chosen.emit(entry.number, visible)

    def _toggle_swatch(self, number: int) -> None:
        entry = self._model.entry_at(self._model.index_of(number))
        if entry is not None:
            self.visibility_chosen.emit(number, not entry.visible)

    def _edit_name(self) -> None:
        index = self.view.currentIndex()
        if index.isValid():
            self.view.edit(index)

    def _rename(self, number: int, text: str) -> None:
        entry = self._model.entry_at(self._model.index_of(number))
        try:
            name = checked_name(text)
        except ValueError as error:
            self.refused.emit(str(error))
            return
        if entry is not None and name != entry.name:
            self.renamed.emit(number, name)

    def _load_settings(self) -> None:
        if len(self._selected) == 1:
            self.load_chosen.emit(self._selected[0])

    def _toggle_pinned(self) -> None:
        entries = self._chosen()
        pinned = not all(entry.pinned for entry in entries)
        for entry in entries:
            if entry.pinned != pinned:
                self.pinned.emit(entry.number, pinned)

    def _copy(self) -> None:
        QApplication.clipboard().setText(as_json(self._aimed_at()))

    def _remove_chosen(self) -> None:
        before = self._selected
        going = [number for number in before if number != self._model.present]
        if not going:
            return
        neighbour = self._neighbour_of(going)
        for number in going:
            self.removed.emit(number)
        if not self._selected and self._model.row_of(neighbour) is not None:
            # The next key finds a row, as it does in any list.
            self.view.choose(neighbour)
        elif self._selected != before:
            self.selection_changed.emit(self._selected)

    def _show_menu(self, place: QPoint) -> None:
        here = self.view.viewport().mapToGlobal(place)
        if self._entries:
            self.actions_row.menu.popup(here)
        else:
            offer_copy(self, here)

    # What follows

    def _folded(self, entries: tuple[RunEntry, ...], present: int | None) -> tuple[RunEntry, ...]:
        """The runs to be listed: those in passing only while they are unfolded."""
        short = {entry.number for entry in entries if entry.passing and entry.number != present}
        runs = "1 short run" if len(short) == 1 else f"{len(short)} short runs"
        self._short.setText(f"{'▾' if self._short.isChecked() else '▸'} {runs}")
        self._short.setVisible(bool(short))
        if self._short.isChecked():
            return entries
        short -= set(self._selected)
        return tuple(entry for entry in entries if entry.number not in short)

    def _unfold(self) -> None:
        self.show_runs(self._all, self._model.present)

    def _list(self, entries: tuple[RunEntry, ...], present: int | None) -> None:
        self._showing = True
        before = frozenset(self._selected)
        try:
            if present != self._model.present:
                self._model.present = present
                self.view.viewport().update()
            self._entries = entries
            self.view.show_entries(entries)
            # Where a selected row goes Qt selects its neighbour.
            staying = before.intersection(entry.number for entry in entries)
            if self.view.chosen() != staying:
                self.view.choose_exactly(staying)
            self._selected = self._numbers_chosen()
        finally:
            self._showing = False
        self._pages.setCurrentWidget(self.view if entries else self._empty)
        self._show_actions()
        self._show_differences()

    def _numbers_chosen(self) -> tuple[int, ...]:
        chosen = self.view.chosen()
        return tuple(entry.number for entry in self._entries if entry.number in chosen)

    def _chosen(self) -> list[RunEntry]:
        selected = set(self._selected)
        return [entry for entry in self._entries if entry.number in selected]

    def _aimed_at(self) -> list[RunEntry]:
        """The selected runs; where the row that keys go to is none of them, that one."""
        current = self.view.current()
        if current is None or current in self._selected:
            return self._chosen()
        return [entry for entry in self._entries if entry.number == current]

    def _neighbour_of(self, numbers: Sequence[int]) -> int:
        """The run below these in the list, else the one above; -1 if there is none."""
        listed = [entry.number for entry in self._entries]
        first = listed.index(numbers[0])
        below, above = listed[:first], [number for number in listed[first:] if number not in numbers]
        return (below[-1:] or above[:1] or [-1])[0]

    def _show_actions(self) -> None:
        self.actions_row.show_chosen(self._chosen(), self._model.present, bool(self._entries))

    def _show_differences(self, _open: bool = False) -> None:
        self._differ.setText(f"{'▾' if self.compares else '▸'} What differs")
        self.table.setVisible(self.compares)
        if self.compares:
            chosen = self._chosen()
            self.table.show_runs(chosen if len(chosen) > 1 else self._visible())

    def _visible(self) -> list[RunEntry]:
        return [entry for entry in self._entries if entry.visible]

    # Making

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Gives the room of the title to the list where there is little."""
        super().resizeEvent(event)
        self._title.setVisible(self.height() >= _TITLED_FROM)

    def _connect(self) -> None:
        self._model.visibility_asked.connect(self.visibility_chosen)
        self._model.name_asked.connect(self._rename)
        self.view.swatch_clicked.connect(self._toggle_swatch)
        self.view.painter.refused.connect(self.refused)
        self.view.customContextMenuRequested.connect(self._show_menu)
        self.view.selectionModel().selectionChanged.connect(self._select)
        self.actions_row.toggle.triggered.connect(self._toggle_visible)
        self.actions_row.rename.triggered.connect(self._edit_name)
        self.actions_row.load.triggered.connect(self._load_settings)
        self.actions_row.pin.triggered.connect(self._toggle_pinned)
        self.actions_row.copy.triggered.connect(self._copy)
        self.actions_row.remove.triggered.connect(self._remove_chosen)
        self._differ.toggled.connect(self._show_differences)
        self._short.toggled.connect(self._unfold)

    def _arrange(self) -> None:
        self._empty.setWordWrap(True)
        self._empty.setTextFormat(Qt.TextFormat.PlainText)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setContentsMargins(12, 4, 12, 4)
        self._title.setContentsMargins(12, 8, 8, 6)
        # It goes before the panel's least height is reached.
        self._title.setMinimumHeight(1)
        self._pages.addWidget(self._empty)
        self._pages.addWidget(self.view)
        footer = QHBoxLayout()
        footer.setContentsMargins(2, 0, 10, 4)
        footer.setSpacing(10)
        footer.addWidget(self._differ)
        footer.addWidget(self._memory, 1)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._title)
        column.addWidget(self._pages, 1)
        column.addWidget(self._short)
        column.addWidget(self.actions_row)
        column.addLayout(footer)
        column.addWidget(self.table)
        self._show_differences()
        self.setFocusProxy(self.view)


def _flat_toggle(object_name: str, name: str, tip: str) -> QToolButton:
    toggle = QToolButton()
    toggle.setObjectName(object_name)
    set_class(toggle, "flat small")
    toggle.setCheckable(True)
    toggle.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    toggle.setAccessibleName(name)
    toggle.setToolTip(tip)
    return toggle
