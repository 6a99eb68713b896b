"""The panel that collects the graphs of a run: each once, with its count, and the newest steps below.

The thread that trains waits while this one paints; so what is shown already is not painted again, and
what comes with every step is one image.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QPalette, QPixmap, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from playground.runs.structure_statistics import DepthLoss, StructureCount
from ui.panels.filmstrip.cells import CellView, thumbnail_size
from ui.panels.filmstrip.chart import DepthChart
from ui.panels.filmstrip.steps import StepStrip, count_text, name_of, small_font
from ui.style.sheet import set_class
from ui.style.theme import current_theme
from ui.widgets.number_text import show_whole

EMPTY = "The graphs that a run builds are collected here."
SAME = "{} steps so far, the same graph in each"

_NARROWEST = 300
_WIDE = 440
"""Pixels from which there is room for the chart, and for a caption beside the strip."""
_QT_LARGEST = 16_777_215


class Filmstrip(QWidget):
    """Structures with their counts, the newest steps, and the loss against the depth.

    Attributes:
        thumbnail_size: size of a structure's picture, in pixels of the window.
        cells: the structures.
        strip: the newest steps.
        chart: the loss against the depth; hidden where a stage has none.

    Signals:
        structure_chosen(int): the structure whose newest step the user wants to see.
        step_chosen(int): the step that the user wants to see.
        menu_asked(QPoint, object): the user wants the menu of this step, of the one shown if it is None, at
            this place of the screen.
    """

    structure_chosen = Signal(int)
    step_chosen = Signal(int)
    menu_asked = Signal(QPoint, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Empty at first."""
        super().__init__(parent)
        self.setObjectName("filmstrip")
        self.setAccessibleName("Graph variants and newest steps")
        self.thumbnail_size = thumbnail_size()
        self._pictured_in = current_theme()
        self._structures: tuple[StructureCount, ...] = ()
        self._depths: tuple[DepthLoss, ...] = ()
        self._instead = ""
        self._empty = QLabel(EMPTY)
        self._note = QLabel()
        self._caption = QLabel("newest steps")
        self.cells = CellView()
        self.strip = StepStrip()
        self.chart = DepthChart()
        self._pages = QStackedWidget()
        self._arrange()
        self.cells.chosen.connect(self.structure_chosen)
        self.strip.step_chosen.connect(self.step_chosen)
        self._show_parts()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Asks for the menu of the step under the pointer."""
        place = self.strip.mapFrom(self, event.pos())
        by_mouse = event.reason() is QContextMenuEvent.Reason.Mouse and self.strip.rect().contains(place)
        self.menu_asked.emit(event.globalPos(), self.strip.step_at(place) if by_mouse else None)

    # What the window sets

    def show_statistics(self, structures: Sequence[StructureCount], depths: Sequence[DepthLoss]) -> None:
        """Shows how often each structure was built, and the loss at each depth; none of either is empty."""
        if structures is self._structures and depths is self._depths:
            return
        structures, depths = tuple(structures), tuple(depths)
        if structures == self._structures and depths == self._depths:
            return
        self._structures, self._depths = structures, depths
        self.cells.cells.set_cells(structures)
        self.cells.viewport().update()
        self.chart.set_depths(depths)
        self._show_parts()

    def set_thumbnail(self, structure: int, pixmap: QPixmap) -> None:
        """Takes the picture of a structure, drawn in the colors of the present theme."""
        self.cells.cells.thumbnails[structure] = pixmap
        self.cells.viewport().update()

    def missing_thumbnails(self) -> list[int]:
        """The structures that are shown without a picture, in the order of their cells."""
        have = self.cells.cells.thumbnails
        return [each.structure for each in self._structures if each.structure not in have]

    def show_newest(
        self,
        first_step: int,
        structures: NDArray[np.int32],
        depths: NDArray[np.int8],
        losses: NDArray[np.float64],
    ) -> None:
        """Shows the newest steps, `first_step` and those after it; the arrays have an entry a step."""
        self.strip.set_steps(first_step, structures, depths, losses)

    def show_current(self, step: int | None, structure: int | None, *, reveal: bool = False) -> None:
        """Marks the step that is shown elsewhere, and its structure; None marks nothing.

        Args:
            step: its number.
            structure: the structure that it built.
            reveal: whether to scroll to the structure: for a step that the user went to, not for one
                that passes by.
        """
        self.strip.set_current(step)
        self.cells.show_structure(structure, reveal=reveal)

    def set_note(self, text: str) -> None:
        """What stands beside a lone structure instead of `SAME`, as for a stage that builds no graph."""
        self._instead = text
        self._show_parts()

    def clear(self) -> None:
        """Forgets everything, pictures included, as a new run begins."""
        self.show_statistics((), ())
        self.cells.cells.thumbnails.clear()
        self.show_current(None, None)
        self.strip.set_steps(0, np.empty(0, np.int32), np.empty(0, np.int8), np.empty(0))

    def text(self) -> str:
        """What is shown, a structure and a depth a line; or what stands in their place."""
        if not self._structures:
            return EMPTY
        lines = [f"{name_of(each)}: {count_text(each)}" for each in self._structures]
        note = self._note.text() if len(self._structures) == 1 else ""
        return "\n".join(filter(None, (*lines, note, self.chart.text())))

    # Arranging

    def sizeHint(self) -> QSize:
        """Always the same height; any width."""
        return QSize(720, self._height())

    def minimumSizeHint(self) -> QSize:
        """Narrow enough for a small window."""
        return QSize(_NARROWEST, self._height())

    def changeEvent(self, event: QEvent) -> None:
        """Misses its pictures in another theme, or in another size: they are those of the one before."""
        palette = event.type() == QEvent.Type.PaletteChange and current_theme() is not self._pictured_in
        if palette or (event.type() == QEvent.Type.FontChange and thumbnail_size() != self.thumbnail_size):
            self._pictured_in, self.thumbnail_size = current_theme(), thumbnail_size()
            self.cells.cells.thumbnails.clear()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leaves out in little room what can be done without."""
        super().resizeEvent(event)
        self._show_parts()

    def _height(self) -> int:
        return self.cells.height() + self.strip.sizeHint().height() + 4 + 12

    def _show_parts(self) -> None:
        """Shows what there is something to say in, and hides the rest."""
        structures, wide = self._structures, self.width() >= _WIDE
        alone = len(structures) == 1
        # Color tells structures apart: where there will be but one, it would only be loud.
        plain = alone and structures[0].depth is None
        self.cells.set_plain(plain)
        self.strip.set_plain(plain)
        # Of a single step nothing can be said about every step.
        said = alone and structures[0].count > 1
        note = (self._instead or SAME.format(show_whole(structures[0].count))) if said else ""
        if note != self._note.text():
            self._note.setText(note)
        self.cells.setMaximumWidth(self.cells.cell_size().width() if alone else _QT_LARGEST)
        for part, visible in (
            (self._note, alone),
            (self._caption, wide),
            (self.chart, wide and bool(self._depths)),
        ):
            # Asking is cheap; a change lays everything out anew.
            if part.isHidden() == visible:
                part.setVisible(visible)
        self._pages.setCurrentIndex(1 if structures else 0)

    def _arrange(self) -> None:
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._note.setWordWrap(True)
        self._note.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        for label in (self._empty, self._note, self._caption):
            set_class(label, "muted")
        for label in (self._note, self._caption):
            label.setFont(small_font(self.font()))
        upper = QHBoxLayout()
        upper.setSpacing(12)
        upper.addWidget(self.cells)
        upper.addWidget(self._note)
        lower = QHBoxLayout()
        lower.setSpacing(10)
        lower.addWidget(self._caption)
        lower.addWidget(self.strip, 1)
        column = QVBoxLayout()
        column.setSpacing(4)
        column.addLayout(upper)
        column.addLayout(lower)
        body = QWidget()
        row = QHBoxLayout(body)
        row.setContentsMargins(12, 6, 12, 6)
        row.setSpacing(16)
        row.addLayout(column, 1)
        row.addWidget(self.chart)
        self._pages.addWidget(self._empty)
        self._pages.addWidget(body)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        # The chart, which goes away in little room, must not keep the panel from becoming narrow.
        whole.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)
        whole.addWidget(self._pages)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusProxy(self.cells)
