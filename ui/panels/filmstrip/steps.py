"""The newest steps of a run, a small column each, in the colours of their depths or structures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ui.panels.filmstrip.text import step_text
from ui.style.structure_colors import structure_colour
from ui.style.theme import LIGHT, Theme

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
        """Starts in the light theme, without steps."""
        super().__init__(parent)
        self._theme = LIGHT
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
        """Whether the steps need no colour, since all of them built the same."""
        if plain != self._plain:
            self._plain = plain
            self._image = None
            self.update()

    def set_theme(self, theme: Theme) -> None:
        """Paints in these colours from now on."""
        self._theme = theme
        self._image = None
        self.update()

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
        painter.fillRect(self.rect(), QColor(self._theme.raised))
        steps = self.steps_in_sight()
        if steps:
            image = self._current_image()
            width = len(steps) * STEP_WIDTH
            part = QRect(image.width() - width, 0, width, _ROWS)
            painter.drawImage(QRect(self.width() - _INSET - width, 0, width, self.height()), image, part)
        if self._current is not None and self._current in steps:
            self._paint_outline(painter, self._current)
        if self.hasFocus():
            painter.setPen(QColor(self._theme.parameter))
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()

    def _paint_outline(self, painter: QPainter, step: int) -> None:
        column = self.place_of(step)
        painter.fillRect(column.adjusted(-2, 0, 2, 0), QColor(self._theme.text))
        painter.fillRect(column.adjusted(-1, 1, 1, -1), QColor(self._theme.surface))
        colour = self._colour(int(self._numbers()[step - self._first]))
        painter.fillRect(column.adjusted(0, 2, 0, -2), colour)

    def _numbers(self) -> NDArray[np.int32]:
        """What decides the colour of each step: its depth, else its structure."""
        return np.where(self._depths >= 0, self._depths, self._structures).astype(np.int32)

    def _colour(self, number: int) -> QColor:
        return QColor(self._theme.faint if self._plain else structure_colour(self._theme, number))

    def _current_image(self) -> QImage:
        """All steps, `STEP_WIDTH` pixels each; made anew only when they change."""
        if self._image is None:
            kinds, places = np.unique(self._numbers(), return_inverse=True)
            colours = np.array([self._colour(kind).rgba() for kind in kinds.tolist()], np.uint32)
            pixels = np.zeros((_ROWS, len(places), STEP_WIDTH), np.uint32)
            pixels[:, :, : STEP_WIDTH - 1] = colours[places][:, np.newaxis]
            pixels[: _ROWS - 1, ~np.isfinite(self._losses)] = 0
            width = len(places) * STEP_WIDTH
            image = QImage(pixels.tobytes(), width, _ROWS, 4 * width, QImage.Format.Format_ARGB32)
            # The image reads its bytes from Python's memory until it is copied.
            self._image = image.copy()
        return self._image
