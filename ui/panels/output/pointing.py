"""What the pointer is on, and what is selected with it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect

from playground.programs.output import Line, Picture
from ui.panels.output.painter import LEFT, Painter
from ui.panels.output.sheet import PAD, Place, Sheet
from ui.panels.output.traces import trace_of


class Pointing:
    """Tells what is at a point of the whole sheet, scrolled out of sight or not."""

    def __init__(self, sheet: Sheet, painter: Painter, width: int) -> None:
        """For a viewport of this width."""
        self._sheet, self._painter = sheet, painter
        self._step_left = width - painter.step_width(width)

    def link_at(self, point: QPoint) -> int | None:
        """Index of the entry whose step, picture or named line of code is there."""
        sheet = self._sheet
        if not sheet.entries:
            return None
        index = sheet.index_at(point.y())
        entry, y = sheet.entries[index], point.y() - sheet.top(index)
        if self.is_on_steps(point):
            return index if entry.step >= 0 and 0 <= y < self._painter.row else None
        if isinstance(entry, Picture):
            width, height = sheet.picture_size(entry)
            return index if QRect(LEFT, PAD, width, height).contains(point.x(), y) else None
        is_trace = trace_of(entry) is not None and point.x() >= LEFT and y < sheet.entry_height(index)
        return index if is_trace else None

    def is_on_steps(self, point: QPoint) -> bool:
        """Whether a point is in the column of steps."""
        return point.x() >= self._step_left

    def place_at(self, point: QPoint) -> Place:
        """The place in the text that is nearest; there has to be an entry."""
        sheet = self._sheet
        index = sheet.index_at(point.y())
        entry = sheet.entries[index]
        if not isinstance(entry, Line):
            return Place(entry.number, 0)
        rows, row = sheet.rows(index), (point.y() - sheet.top(index)) // self._painter.row
        if row >= len(rows):
            return Place(entry.number, len(entry.whole_text))
        row = max(0, row)
        return Place(entry.number, sum(map(len, rows[:row])) + self._painter.offset_at(rows[row], point.x()))

    def tip_at(self, point: QPoint) -> str:
        """What a click there would do, or what the mark there means."""
        sheet, index = self._sheet, self.link_at(point)
        if index is not None:
            entry = sheet.entries[index]
            if isinstance(entry, Picture) and not self.is_on_steps(point):
                return f"{entry.width} × {entry.height}; click to see it in full size and save it"
            trace = None if self.is_on_steps(point) else trace_of(entry)
            if trace is not None:
                return f"Go to line {trace.line}"
            return f"Go to step {entry.step}"
        if sheet.entries and point.x() < LEFT:
            entry = sheet.entries[sheet.index_at(point.y())]
            return str(entry.stream) if isinstance(entry, Line) else ""
        return ""


class Selection:
    """From where to where text is selected."""

    def __init__(self) -> None:
        """Nothing is."""
        self._anchor: Place | None = None
        self._head: Place | None = None

    @property
    def begun(self) -> bool:
        """Whether there is a place to select from."""
        return self._anchor is not None

    @property
    def ends(self) -> tuple[Place, Place] | None:
        """Its first and last place; None if nothing is selected."""
        if self._anchor is None or self._head is None or self._anchor == self._head:
            return None
        return min(self._anchor, self._head), max(self._anchor, self._head)

    def clear(self) -> None:
        """Selects nothing."""
        self._anchor = self._head = None

    def begin(self, place: Place) -> None:
        """Selects from here."""
        self._anchor = self._head = place

    def draw_to(self, place: Place) -> None:
        """Selects up to here."""
        self._head = place

    def span(self, start: Place, end: Place) -> None:
        """Selects what is between."""
        self._anchor, self._head = start, end
