"""Changes a number of the text by dragging it sideways, or key by key."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QToolTip

from playground.programs.slots import written
from ui.panels.code.number_marks import NumberMark, NumberMarks
from ui.panels.code.numbers import NumberSpot, stepped
from ui.panels.code.scrub_label import ScrubLabel
from ui.panels.code.text import CodeText

PIXELS_A_STEP = 6
FRAME = 16
"""Milliseconds between two changes while a number is dragged."""
KEYS_REST = 1000
"""Milliseconds without a key after which the next one is a change of its own."""
_ALT, _SHIFT = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ShiftModifier
_KEYS = {Qt.Key.Key_Up: 1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_Left: -1}


@dataclass(slots=True)
class _Scrub:
    """One change of a number, from its start to its end."""

    mark: NumberMark
    spot: NumberSpot
    start_x: float
    shown: str
    is_recorded: bool
    steps: int = 0
    is_big: bool = False
    has_changed: bool = False


class Scrubber(QObject):
    """Listens to the mouse and the keys of a text.

    Signals:
        scrubbed(NumberSpot, object): a number as it was before, and its new value.
        finished(): the change is over.
    """

    scrubbed = Signal(object, object)
    finished = Signal()

    def __init__(self, text: CodeText, numbers: NumberMarks) -> None:
        """Changes these numbers of this text."""
        # Without a parent: it knows the text, which holds it.
        super().__init__()
        self._text, self._numbers = text, numbers
        self._scrub: _Scrub | None = None
        self.label = ScrubLabel(text.viewport())
        self._frame = QTimer(self, singleShot=True, interval=FRAME)
        self._frame.timeout.connect(self._apply)
        self._rest = QTimer(self, singleShot=True, interval=KEYS_REST)
        self._rest.timeout.connect(self.end)
        text.viewport().setMouseTracking(True)

    @property
    def is_active(self) -> bool:
        """Whether a number is being changed."""
        return self._scrub is not None

    def end(self) -> None:
        """Keeps the value that stands there now."""
        if self._scrub is not None:
            self._apply()
            self._stop()

    def cancel(self) -> None:
        """Puts the old value back."""
        scrub = self._scrub
        if scrub is not None:
            if scrub.has_changed:
                start = scrub.mark.cursor.selectionStart()
                self._text.document().undo()
                scrub.mark.select(start, len(scrub.spot.text))
                if scrub.is_recorded:
                    self._text.adopt([scrub.spot.line])
                self.scrubbed.emit(scrub.spot, _value(scrub, 0))
            self._stop()

    def mouse_pressed(self, event: QMouseEvent) -> bool:
        """Begins to drag, with Alt pressed over a number; whether it took the event."""
        self.end()
        is_ours = event.button() is Qt.MouseButton.LeftButton and bool(event.modifiers() & _ALT)
        mark = self._numbers.under(event.position().toPoint()) if is_ours else None
        if mark is None:
            return False
        self._begin(mark, event.position().x())
        return True

    def mouse_moved(self, event: QMouseEvent) -> bool:
        """Drags, or shows what can be dragged; whether it took the event."""
        scrub = self._scrub
        if scrub is None or not event.buttons() & Qt.MouseButton.LeftButton:
            over = None if event.buttons() else self._numbers.under(event.position().toPoint())
            shape = Qt.CursorShape.IBeamCursor if over is None else Qt.CursorShape.SizeHorCursor
            if self._text.viewport().cursor().shape() is not shape:
                self._text.viewport().setCursor(shape)
            return False
        scrub.steps = round((event.position().x() - scrub.start_x) / PIXELS_A_STEP)
        scrub.is_big = bool(event.modifiers() & _SHIFT)
        if not self._frame.isActive():
            self._frame.start()
        return True

    def mouse_released(self) -> bool:
        """Ends the drag; whether there was one."""
        was_active = self.is_active
        self.end()
        return was_active

    def wants_key(self, event: QKeyEvent) -> bool:
        """Whether a key that the window might want, too, is meant for a number."""
        if event.key() == Qt.Key.Key_Escape:
            return self.is_active
        return bool(self._step_of(event)) and self._numbers.at_caret() is not None

    def key_pressed(self, event: QKeyEvent) -> bool:
        """Steps the number at the caret, or gives up; whether it took the key."""
        if event.key() in (Qt.Key.Key_Alt, Qt.Key.Key_Shift):
            return False
        if self.is_active and event.key() == Qt.Key.Key_Escape:
            self.cancel()
            return True
        step = self._step_of(event)
        mark = self._numbers.at_caret() if step else None
        if mark is None:
            self.end()
            return False
        is_big = bool(event.modifiers() & _SHIFT)
        if self._scrub is not None and (
            self._scrub.mark.cursor != mark.cursor or self._scrub.is_big is not is_big
        ):
            self.end()
        scrub = self._scrub or self._begin(mark, 0.0)
        scrub.steps, scrub.is_big = scrub.steps + step, is_big
        self._apply()
        self._rest.start()
        return True

    def key_released(self, event: QKeyEvent) -> None:
        """Letting go of Alt ends what its keys began."""
        if event.key() == Qt.Key.Key_Alt and self._rest.isActive():
            self.end()

    def tooltip(self, event: QHelpEvent) -> bool:
        """Says what can be done with the number under the mouse; whether there is one."""
        mark = self._numbers.under(event.pos())
        if mark is not None and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), tip_of(mark.spot), self._text.viewport())
        return mark is not None

    def _step_of(self, event: QKeyEvent) -> int:
        modifiers = event.modifiers() & ~(_SHIFT | Qt.KeyboardModifier.KeypadModifier)
        return _KEYS.get(Qt.Key(event.key()), 0) if modifiers == _ALT else 0

    def _begin(self, mark: NumberMark, start_x: float) -> _Scrub:
        spot = mark.now()
        self._scrub = _Scrub(mark, spot, start_x, spot.text, not self._text.is_stale(spot.line))
        self.label.show_value(spot.text, spot.text, self._place(mark))
        return self._scrub

    def _apply(self) -> None:
        """Writes the value and says so, if it is another one."""
        scrub = self._scrub
        if scrub is None:
            return
        value = _value(scrub, scrub.steps)
        text = written(value) if scrub.steps else scrub.spot.text
        if text != scrub.shown:
            self._write(scrub, text)
            self.scrubbed.emit(scrub.spot, value)

    def _write(self, scrub: _Scrub, text: str) -> None:
        if text == scrub.shown:
            return
        cursor = scrub.mark.cursor
        start = cursor.selectionStart()
        scrub.shown = text
        # A drag is one step to undo.
        (cursor.joinPreviousEditBlock if scrub.has_changed else cursor.beginEditBlock)()
        scrub.has_changed = True
        cursor.insertText(text)
        cursor.endEditBlock()
        scrub.mark.select(start, len(text))
        if scrub.is_recorded:
            # A value changes no operation: the marks fit still.
            self._text.adopt([scrub.spot.line])
        self.label.show_value(text, scrub.spot.text, self._place(scrub.mark))

    def _place(self, mark: NumberMark) -> QRect:
        return self._text.area_of(mark.cursor)

    def _stop(self) -> None:
        self._scrub = None
        self._frame.stop()
        self._rest.stop()
        self.label.hide()
        self.finished.emit()


def _value(scrub: _Scrub, steps: int) -> int | float:
    return stepped(scrub.spot.text, steps, whole=scrub.spot.whole, big=scrub.is_big)


def tip_of(spot: NumberSpot) -> str:
    """What to do with a number, and what comes of it."""
    acts = "acts at the next step" if spot.live else "starts the run again"
    return f"{spot.name}: Alt-drag, or Alt+↑ ↓ with the caret in it; {acts}"
