"""Where something was changed in mid-run: a dotted line in the plot, and its words in a chip above it.

The chips stand in a band of their own, so that no curve runs behind them. Where there is no room side by
side, several marks share one chip, which counts them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QLineF, QPoint, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QToolTip, QWidget

from playground.history import History
from playground.runs.changes import Change, marks_of, slopes_at
from ui.panels.loss.axes import grouped
from ui.panels.loss.canvas import LossCanvas
from ui.panels.loss.items import ViewItem
from ui.style.theme import current_theme

BAND = 20
"""Pixels above the plot that the chips take."""
NEAR = 5.0
"""Pixels from a line within which the pointer means it."""
MOST_TOLD = 6
"""So many changes are told one by one."""
_PADDING, _GAP, _LOW = 5, 4, 3
_GROUND = {False: "#fff0c7", True: "#3b3015"}

SLOPES = "log10(loss) per 100 steps"


@dataclass(frozen=True, slots=True)
class Mark:
    """A step at which something was changed.

    Attributes:
        step: the first that was made after it.
        changes: what was changed there.
    """

    step: int
    changes: tuple[Change, ...]

    @property
    def words(self) -> str:
        """What its chip says while it stands alone."""
        return ", ".join(change.words for change in self.changes)


@dataclass(frozen=True, slots=True)
class Chip:
    """Words of one mark, or the number of changes of several that stand close together.

    Attributes:
        text: what it says.
        marks: what it stands for.
        left, width: its place, in pixels.
    """

    text: str
    marks: tuple[Mark, ...]
    left: float
    width: float

    @property
    def right(self) -> float:
        """The pixel after its last."""
        return self.left + self.width


def laid_out(
    placed: Sequence[tuple[float, Mark]], first: float, last: float, width_of: Callable[[str], float]
) -> list[Chip]:
    """Chips for marks, side by side without touching.

    Each stands in the middle over its line, or is pushed as far to the right as its line allows.

    Args:
        placed: the pixel of each mark, rising.
        first, last: the pixels between which chips may stand.
        width_of: how wide a chip of this text is.
    """
    groups: list[tuple[list[tuple[float, Mark]], Chip]] = []
    for place, mark in placed:
        members = [(place, mark)]
        chip = _chip(members, first, last, first, width_of)
        while chip is None or (groups and chip.left < groups[-1][1].right + _GAP):
            pushed = groups[-1][1].right + _GAP
            chip = _chip(members, first, last, pushed, width_of)
            if chip is None:
                # No room beside the one before: they become one.
                members = [*groups.pop()[0], *members]
                chip = _chip(members, first, last, first, width_of)
        groups.append((members, chip))
    return [chip for _, chip in groups]


def _chip(
    members: Sequence[tuple[float, Mark]],
    first: float,
    last: float,
    least: float,
    width_of: Callable[[str], float],
) -> Chip | None:
    """One chip for these marks at `least` or further right; None where that is too far from its lines."""
    marks = tuple(mark for _, mark in members)
    count = sum(len(mark.changes) for mark in marks)
    text = marks[0].words if len(marks) == 1 else f"{count} changes"
    width = width_of(text)
    if width > last - first and count > 1:
        text = f"{count} changes"
        width = width_of(text)
    middle = (members[0][0] + members[-1][0]) / 2
    wanted = max(first, min(middle - width / 2, last - width))
    left = max(wanted, least)
    if left > wanted and (left > members[-1][0] - _LOW or left + width > last):
        return None
    return Chip(text, marks, left, width)


class ChangeLines(ViewItem):
    """A dotted line from the bottom to the top at each mark."""

    def __init__(self) -> None:
        """Without lines at first."""
        super().__init__()
        self.places: tuple[float, ...] = ()
        self.hide()

    def set_places(self, places: Sequence[float]) -> None:
        """Draws a line at each of these places on the horizontal axis."""
        if tuple(places) != self.places:
            self.places = tuple(places)
            self.setVisible(bool(places))
            self.update()

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """The lines that are in view."""
        view = self.view
        lines = [
            QLineF(x, view.top(), x, view.bottom()) for x in self.places if view.left() <= x <= view.right()
        ]
        if lines:
            pen = QPen(QColor(current_theme().warning), 1.0, Qt.PenStyle.DotLine)
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.drawLines(lines)


class ChangeMarks(QWidget):
    """The band of the chips, and the lines below them.

    Attributes:
        lines: what is drawn in the plot.
        marks: what is marked, by steps.
        chips: what is seen of them, from left to right.
    """

    def __init__(self, canvas: LossCanvas) -> None:
        """Marks nothing yet; the band has no height."""
        super().__init__(canvas.plot)
        self.setObjectName("loss_changes")
        self._canvas = canvas
        self._history: History | None = None
        self.lines = ChangeLines()
        self.marks: tuple[Mark, ...] = ()
        self.chips: list[Chip] = []
        self._changes: tuple[Change, ...] = ()
        font = QFont(self.font())
        font.setPointSizeF(max(7.0, 0.85 * font.pointSizeF()))
        self.setFont(font)
        self.hide()
        canvas.add(self.lines)
        canvas.rested.connect(self._tell)
        canvas.box.sigRangeChanged.connect(self.arrange)
        canvas.box.sigResized.connect(self.arrange)

    def set_changes(self, changes: Sequence[Change], history: History | None) -> None:
        """Marks these, of the run with this history."""
        self._history = history
        if tuple(changes) == self._changes:
            return
        self._changes = tuple(changes)
        self.marks = tuple(Mark(step, there) for step, there in marks_of(changes))
        told = (f"step {mark.step}: {mark.words}" for mark in self.marks)
        self.setAccessibleName("; ".join(told))
        self.setVisible(bool(self.marks))
        self._canvas.set_headroom(BAND if self.marks else 0)
        self.arrange()

    def arrange(self, *_: object) -> None:
        """Places lines and chips over the steps that are in view."""
        if not (self.marks or self.lines.places):
            return
        canvas = self._canvas
        place = canvas.x_axis.place
        self.lines.set_places([place(mark.step) for mark in self.marks])
        area = canvas.area
        self.setGeometry(area.left(), max(0, area.top() - BAND), area.width() + 1, BAND)
        view = canvas.view
        per_pixel = view.width() / max(1, area.width())
        placed = [
            ((x - view.left()) / per_pixel, mark)
            for x, mark in zip(self.lines.places, self.marks, strict=True)
            if view.left() <= x <= view.right()
        ]
        self.chips = laid_out(placed, 0.0, float(self.width()), self._width_of)
        self.update()

    def tip_at(self, x: float) -> str:
        """What is told at a pixel of the plot: of the marks whose lines are near."""
        return self._told([mark for mark in self.marks if abs(self._pixel_of(mark) - x) <= NEAR])

    def chip_tip_at(self, x: float) -> str:
        """What is told at a pixel of the band: of the marks that the chip there stands for."""
        chip = next((each for each in self.chips if each.left <= x < each.right), None)
        return "" if chip is None else self._told(chip.marks)

    def event(self, event: QEvent) -> bool:
        """Tells what the chip under the pointer stands for."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place: QPoint = event.pos()
            QToolTip.showText(event.globalPos(), self.chip_tip_at(place.x()), self)
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The chips, and the ends of their lines."""
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for chip in self.chips:
            place = QRectF(chip.left, 1.0, chip.width, BAND - _LOW - 1.0)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(_GROUND[theme.dark]))
            painter.drawRoundedRect(place, 3.0, 3.0)
            painter.setPen(QColor(theme.warning))
            room = place.adjusted(_PADDING, 0, -_PADDING, 0)
            text = painter.fontMetrics().elidedText(chip.text, Qt.TextElideMode.ElideRight, int(room.width()))
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, text)
        painter.end()

    def _tell(self, place: QPoint, on_screen: QPoint) -> None:
        QToolTip.showText(on_screen, self.tip_at(place.x()), self._canvas.plot)

    def _told(self, marks: Sequence[Mark]) -> str:
        lines: list[str] = []
        steps = [mark.step for mark in self.marks]
        for mark in marks[:MOST_TOLD]:
            lines.append(f"step {grouped(mark.step)}: {mark.words}")
            if self._history is not None:
                lines.append(f"{SLOPES}: {slopes_at(self._history, mark.step, steps).words()}")
        if len(marks) > MOST_TOLD:
            lines.append(f"and {len(marks) - MOST_TOLD} more; the list of runs tells them")
        return "\n".join(lines)

    def _pixel_of(self, mark: Mark) -> float:
        view, area = self._canvas.view, self._canvas.area
        share = (self._canvas.x_axis.place(mark.step) - view.left()) / view.width()
        return area.left() + share * area.width()

    def _width_of(self, text: str) -> float:
        width = QFontMetrics(self.font()).horizontalAdvance(text) + 2.0 * _PADDING + 1.0
        return min(width, float(self.width()))
