"""The newest steps of a run, a small column each, in the colors of their depths or structures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFont,
    QFontInfo,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from playground.runs.structure_statistics import DepthLoss, StructureCount
from ui.style.phases import structure_color
from ui.style.scale import SMALLEST_FROM_AFAR, scale
from ui.style.theme import current_theme
from ui.widgets.number_text import show_whole

_LONGEST_COUNT = 1_000_000
_SPACE = "\u00a0"


def small_font(font: QFont) -> QFont:
    """The font of everything in the filmstrip."""
    result = QFont(font)
    result.setPointSizeF(font.pointSizeF() * 0.85)
    if scale() != 1.0:
        result.setPixelSize(max(SMALLEST_FROM_AFAR, QFontInfo(result).pixelSize()))
    return result


def name_of(cell: StructureCount) -> str:
    """A structure by its depth, or else by its number, counted from 1 as in the rest of the window."""
    return f"variant {cell.structure + 1}" if cell.depth is None else f"depth {cell.depth}"


def count_text(cell: StructureCount) -> str:
    """How many steps, and which part of all: `131 steps, 26 %`."""
    return f"{short_steps(cell.count)}, {percent(cell.share)}"


def short_steps(count: int) -> str:
    """A number of steps in little room: `1 step`, `7.52 M steps`."""
    if count >= _LONGEST_COUNT:
        return f"{count / 1e6:.2f}{_SPACE}M steps"
    return f"{show_whole(count)} step{'' if count == 1 else 's'}"


def percent(share: float) -> str:
    """A share as a whole percentage, which says neither none nor all of what is not."""
    rounded = round(100 * share)
    if rounded == 0 and share > 0:
        return f"<1{_SPACE}%"
    if rounded == 100 and share < 1:
        return f">99{_SPACE}%"
    return f"{rounded}{_SPACE}%"


def number(value: float) -> str:
    """A number in few letters: `0.25`, `1235`, `5e4`."""
    if value and not 1e-3 <= abs(value) < 1e5:
        mantissa, exponent = f"{value:.3e}".split("e")
        return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"
    return f"{value:.4g}" if abs(value) < 1e4 else f"{value:.0f}"


def cell_tooltip(cell: StructureCount) -> str:
    """All that is known of a structure."""
    depth = "" if cell.depth is None else f", depth {cell.depth}"
    steps = f"{show_whole(cell.count)} step{'' if cell.count == 1 else 's'}"
    return (
        f"graph variant {cell.structure + 1}{depth}: {steps}, {percent(cell.share)} of the run\n"
        f"first built in step {show_whole(cell.first)}, last in step {show_whole(cell.newest)}\n"
        "click or Enter shows its newest step"
    )


def depth_text(loss: DepthLoss) -> str:
    """How the loss spreads at a depth, in a line."""
    left_out = f", {loss.not_finite} not finite" if loss.not_finite else ""
    latest = "newest step" if loss.recent == 1 else f"newest {loss.recent} steps"
    if loss.not_finite == loss.recent:
        return f"depth {loss.depth}: no finite loss in its {latest}"
    if loss.recent - loss.not_finite == 1:
        return f"depth {loss.depth}: loss {number(loss.median)} in its {latest}{left_out}"
    low, median, high = number(loss.low), number(loss.median), number(loss.high)
    return f"depth {loss.depth}: median loss {median}, mostly {low} to {high}, in its {latest}{left_out}"


def step_text(step: int, structure: int, depth: int, loss: float) -> str:
    """A step of the strip; a depth below 0 is none."""
    what = f"variant {structure + 1}" if depth < 0 else f"depth {depth}"
    return f"step {show_whole(step)}, {what}, loss {loss:.4g}"


STEP_WIDTH = 5
"""Pixels from one step to the next, the gap between them included."""

_HEIGHT = 16
_INSET = 2
"""Pixels right of the newest step, for its outline."""
_ROWS = 3
"""Of the image that is stretched to the strip's height; a step without a finite loss fills the last one."""


class StepStrip(QWidget):
    """As many of the newest steps as fit, the newest at the right; one without a finite loss is a stub.

    Arrow keys, Home and End go to a neighbour, to the oldest and to the newest step of the strip.

    Signals:
        step_chosen(int): the step that the user chose.
    """

    step_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Without steps at first."""
        super().__init__(parent)
        self._plain = False
        self._first = 0
        self._structures: NDArray[np.int32] = np.empty(0, np.int32)
        self._depths: NDArray[np.int8] = np.empty(0, np.int8)
        self._losses = np.empty(0)
        self._current: int | None = None
        self._image: QImage | None = None
        self.setObjectName("filmstrip_steps")
        self.setAccessibleName("Newest steps")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    # What the panel sets

    def set_steps(
        self,
        first: int,
        structures: NDArray[np.int32],
        depths: NDArray[np.int8],
        losses: NDArray[np.float64],
    ) -> None:
        """Shows these steps, `first` and those after it; does nothing if they are shown already."""
        same = (
            first == self._first
            and np.array_equal(structures, self._structures)
            and np.array_equal(depths, self._depths)
            and np.array_equal(losses, self._losses, equal_nan=True)
        )
        if same:
            return
        self._first = first
        # Views would keep columns alive that the history has long replaced by larger ones.
        self._structures, self._depths, self._losses = structures.copy(), depths.copy(), losses.copy()
        self._image = None
        self.update()

    def set_current(self, step: int | None) -> None:
        """Outlines a step, if it is in sight."""
        if step != self._current:
            self._current = step
            self.setAccessibleDescription("" if step is None else self.reading(step))
            self.update()

    def set_plain(self, plain: bool) -> None:
        """Whether the steps need no color, since all of them built the same."""
        if plain != self._plain:
            self._plain = plain
            self._image = None
            self.update()

    def changeEvent(self, event: QEvent) -> None:
        """Takes the colors of another theme."""
        if event.type() == QEvent.Type.PaletteChange:
            self._image = None
        super().changeEvent(event)

    # What can be asked

    def steps_in_sight(self) -> range:
        """The steps for which there is room."""
        stop = self._first + len(self._structures)
        return range(max(self._first, stop - (self.width() - _INSET) // STEP_WIDTH), stop)

    def place_of(self, step: int) -> QRect:
        """Where the column of a step in sight is."""
        left = self.width() - _INSET - (self.steps_in_sight().stop - step) * STEP_WIDTH
        return QRect(left, 0, STEP_WIDTH - 1, self.height())

    def step_at(self, place: QPoint) -> int | None:
        """The step at a place; None if there is none."""
        steps = self.steps_in_sight()
        step = steps.stop - 1 - (self.width() - _INSET - 1 - place.x()) // STEP_WIDTH
        return step if step in steps else None

    def reading(self, step: int) -> str:
        """What is known of a step; "" if it is not among the newest."""
        number = step - self._first
        if not 0 <= number < len(self._structures):
            return ""
        structure, depth = int(self._structures[number]), int(self._depths[number])
        return step_text(step, structure, depth, float(self._losses[number]))

    def sizeHint(self) -> QSize:
        """A low strip."""
        return QSize(100 * STEP_WIDTH, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(20 * STEP_WIDTH, _HEIGHT)

    # The user

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Chooses the step that was clicked."""
        step = self.step_at(event.position().toPoint())
        if event.button() is Qt.MouseButton.LeftButton and step is not None:
            self.step_chosen.emit(step)
        else:
            super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Chooses a neighbour of the current step, or an end of the strip."""
        steps = self.steps_in_sight()
        if not steps:
            super().keyPressEvent(event)
            return
        newest = steps[-1]
        current = newest if self._current is None else self._current
        places = {
            Qt.Key.Key_Left: current - 1,
            Qt.Key.Key_Right: current + 1,
            Qt.Key.Key_Home: steps[0],
            Qt.Key.Key_End: newest,
            Qt.Key.Key_Return: current,
            Qt.Key.Key_Enter: current,
        }
        step = places.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self.step_chosen.emit(min(max(step, steps[0]), newest))

    def event(self, event: QEvent) -> bool:
        """Tells in a tooltip which step is under the pointer."""
        if event.type() != QEvent.Type.ToolTip or not isinstance(event, QHelpEvent):
            return super().event(event)
        step = self.step_at(event.pos())
        if step is None:
            QToolTip.hideText()
        else:
            QToolTip.showText(event.globalPos(), self.reading(step), self, self.place_of(step))
        return True

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Shows the focus by a frame."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Takes the frame away."""
        super().focusOutEvent(event)
        self.update()

    # Painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints the steps in sight, and an outline around the current one."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(current_theme().raised))
        steps = self.steps_in_sight()
        if steps:
            image = self._current_image()
            width = len(steps) * STEP_WIDTH
            part = QRect(image.width() - width, 0, width, _ROWS)
            painter.drawImage(QRect(self.width() - _INSET - width, 0, width, self.height()), image, part)
        if self._current is not None and self._current in steps:
            self._paint_outline(painter, self._current)
        if self.hasFocus():
            painter.setPen(QColor(current_theme().parameter))
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()

    def _paint_outline(self, painter: QPainter, step: int) -> None:
        column = self.place_of(step)
        painter.fillRect(column.adjusted(-2, 0, 2, 0), QColor(current_theme().text))
        painter.fillRect(column.adjusted(-1, 1, 1, -1), QColor(current_theme().surface))
        color = self._color(int(self._numbers()[step - self._first]))
        painter.fillRect(column.adjusted(0, 2, 0, -2), color)

    def _numbers(self) -> NDArray[np.int32]:
        """What decides the color of each step: its depth, else its structure."""
        return np.where(self._depths >= 0, self._depths, self._structures).astype(np.int32)

    def _color(self, number: int) -> QColor:
        return QColor(current_theme().faint if self._plain else structure_color(current_theme(), number))

    def _current_image(self) -> QImage:
        """All steps, `STEP_WIDTH` pixels each; made anew only when they change."""
        if self._image is None:
            kinds, places = np.unique(self._numbers(), return_inverse=True)
            colors = np.array([self._color(kind).rgba() for kind in kinds.tolist()], np.uint32)
            pixels = np.zeros((_ROWS, len(places), STEP_WIDTH), np.uint32)
            pixels[:, :, : STEP_WIDTH - 1] = colors[places][:, np.newaxis]
            pixels[: _ROWS - 1, ~np.isfinite(self._losses)] = 0
            width = len(places) * STEP_WIDTH
            image = QImage(pixels.tobytes(), width, _ROWS, 4 * width, QImage.Format.Format_ARGB32)
            # The image reads its bytes from Python's memory until it is copied.
            self._image = image.copy()
        return self._image
