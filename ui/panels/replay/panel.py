"""The bar with which one walks through a recorded step: event by event, both ways, or played."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QPoint, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QSizePolicy,
    QSlider,
    QStackedWidget,
    QStyle,
    QStyleOptionSlider,
    QToolButton,
    QWidget,
)

from playground.graph.model import Phase
from playground.recording.events import Event
from playground.recording.model import PhaseSpan, Recording
from playground.recording.phase_names import PhaseNames
from ui.panels.replay.records import RecordPanel
from ui.style.icons import icon
from ui.style.phases import phase_color, position_text
from ui.style.sheet import set_class
from ui.style.theme import current_theme, error_tone, muted_tone, text_tone
from ui.widgets.actions import ActionSpec, actions_of, make_action, tooltip
from ui.widgets.figure import Figure

_BAND = 3
_BETWEEN = 1.0
"""Pixels between two bands."""
_NARROWEST = 90


class PhaseSlider(QSlider):
    """Goes to an event of a step.

    Signals:
        valueChanged(int): the user moved to the event of this number.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        """A slider without events."""
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._phases: Sequence[PhaseSpan] = ()
        self.setObjectName("event_slider")
        self.setAccessibleName("Event of the step")
        self.setToolTip("Any event of the step: forward, loss, backward, update")
        self.setMinimumWidth(_NARROWEST)
        self.setEnabled(False)

    def set_phases(self, phases: Sequence[PhaseSpan]) -> None:
        """Goes over these events, from the first, silently."""
        self._phases = phases
        count = sum(len(each.events) for each in phases)
        with QSignalBlocker(self):
            self.setRange(0, max(0, count - 1))
            self.setPageStep(max(1, min(10, count // 4)))
            self.setValue(0)
        self.setEnabled(count > 0)
        self.update()

    def set_value(self, value: int) -> None:
        """Goes to an event, silently."""
        with QSignalBlocker(self):
            self.setValue(value)

    def bands(self) -> Iterator[tuple[Phase, float, float]]:
        """Each phase with the places, in pixels, at which its band begins and ends."""
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        style, control = self.style(), QStyle.ComplexControl.CC_Slider
        groove = style.subControlRect(control, option, QStyle.SubControl.SC_SliderGroove, self)
        handle = style.subControlRect(control, option, QStyle.SubControl.SC_SliderHandle, self)
        start = groove.left() + handle.width() / 2
        distance = (groove.width() - handle.width()) / max(1, self.maximum())
        for phase, numbers in ((each.phase, each.events) for each in self._phases):
            # Half-way between two events; the outermost bands reach to the ends of the groove.
            left = start + (numbers.start - 0.5) * distance if numbers.start else groove.left()
            is_last = numbers.stop > self.maximum()
            right = groove.left() + groove.width() if is_last else start + (numbers.stop - 0.5) * distance
            yield phase, left, right

    def sizeHint(self) -> QSize:
        """High enough for the bands above the handle."""
        hint = super().sizeHint()
        return QSize(max(hint.width(), _NARROWEST), hint.height() + 2 * (_BAND + 1))

    def minimumSizeHint(self) -> QSize:
        """As narrow as bands can still be told apart."""
        return QSize(_NARROWEST, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints the slider and the bands."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for phase, left, right in self.bands():
            band = QRectF(left, 0, max(1.0, right - left - _BETWEEN), _BAND)
            painter.fillRect(band, QColor(phase_color(current_theme(), phase)))
        painter.end()


RECORD = "Record this step"
SPEEDS = (1.0, 2.0, 5.0, 10.0, 20.0)
"""Events a second."""
DEFAULT_SPEED = 5.0
_SIGN = QSize(16, 16)


class WalkBar(QWidget):
    """Where the walk stands, and every way to move it.

    The bar moves its own slider at once and says so; whoever listens shows the event elsewhere.

    Attributes:
        actions_by_name: first, previous, play, next, last and phase, each with its shortcut.
        slider: from the first event to the last.
        records: the small window of the button with the dot.

    Signals:
        event_chosen(int): the user went to the event of this number.
        play_toggled(bool): the user wants the walk to go on by itself, or to stand still.
        speed_chosen(float): the user chose so many events a second.
        record_every_chosen(int): the user wants every so many steps recorded; 0: none.
        recording_chosen(int): the user wants to see the recording of this step.
        record_asked(): the user wants the step that is shown recorded.
        keep_asked(): the user wants the step that is shown kept, or no longer.
        kept_chosen(int): the user wants to see this one of the kept steps.
        cancel_asked(): the user does not want to wait for what `show_progress` tells of.
        refused(str): one line on a text that was refused.
    """

    event_chosen = Signal(int)
    play_toggled = Signal(bool)
    speed_chosen = Signal(float)
    record_every_chosen = Signal(int)
    recording_chosen = Signal(int)
    record_asked = Signal()
    refused = Signal(str)
    cancel_asked = Signal()
    keep_asked = Signal()
    kept_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Without a recording at first."""
        super().__init__(parent)
        self.setObjectName("walk_bar")
        self._recording: Recording | None = None
        self._number: int | None = None
        self._phases = PhaseNames(None)
        self.actions_by_name = {
            spec.name.removeprefix("walk_"): self._action(spec) for spec in actions_of("walk")
        }
        self._speed = self._speed_box()
        self.slider = PhaseSlider()
        self.slider.valueChanged.connect(self._choose)
        self._text = Figure("Event shown", "backward  888 / 888")
        self._text.setObjectName("event_label")
        (keep,) = actions_of("keep")
        self._keep = make_action(keep, self)
        self._keep.setCheckable(True)
        self._keep.triggered.connect(lambda _checked: self.keep_asked.emit())
        self.records = RecordPanel(self, self._keep)
        self.records.kept_chosen.connect(self.kept_chosen)
        self.records.every_chosen.connect(self._choose_interval)
        self.records.step_chosen.connect(self.recording_chosen)
        self.records.record_asked.connect(self.record_asked)
        self.records.refused.connect(self.refused)
        self._ask = self._ask_button()
        self._place = QStackedWidget()
        self._record = self._record_button()
        self._cancel = self._cancel_button()
        self._connect()
        self._arrange()
        self._refresh()
        self._refresh_record_button()

    def show_recording(self, recording: Recording | None) -> None:
        """Walks through this recording, without a place yet."""
        if recording is not self._recording:
            self._recording, self._number = recording, None
            self._phases = PhaseNames(recording)
            self.slider.set_phases(self._phases.spans)
            # At once, for the widest: nothing is to move while one walks.
            latest = [span.events.stop - 1 for span in self._phases.spans]
            texts = [position_text(self._events, number, self._phases) for number in latest]
            self._text.make_room(max(texts, key=len, default=""))
            self._refresh()

    def show_event(self, number: int | None) -> None:
        """Shows that the walk stands at this event, or nowhere.

        Raises:
            ValueError: the recording has no such event.
        """
        if number is not None and not 0 <= number < len(self._events):
            raise ValueError(f"number: {number} is not an event; there are {len(self._events)}")
        if number != self._number:
            self._number = number
            self.slider.set_value(number or 0)
            self._refresh_text()

    def show_progress(self, what: str, done: int, of: int) -> None:
        """Says how far something is that the user waits for, with a button that ends it; "" takes it away.

        Args:
            what: is being done.
            done: how much of it is done.
            of: of how much; 0 while it waits for something else.
        """
        self._cancel.setVisible(bool(what))
        if what:
            share = f"{done:,} of {of:,}".replace(",", " ") if of else "waits"
            self._cancel.setText(f"{what}: {share}   ✕ Cancel")
            self._cancel.setAccessibleName(f"Cancel: {what}, {share}")

    def set_playing(self, playing: bool) -> None:
        """Shows whether the walk goes on by itself."""
        action = self.actions_by_name["play"]
        action.setChecked(playing)
        purpose = "Pause" if playing else "Play"
        action.setText(purpose)
        action.setToolTip(tooltip(purpose, action))
        action.setIcon(icon("pause" if playing else "run", text_tone))

    def set_speed(self, speed: float) -> None:
        """Shows a speed; one that is not among the choices leaves them as they are."""
        row = self._speed.findData(speed)
        if row >= 0:
            with QSignalBlocker(self._speed):
                self._speed.setCurrentIndex(row)

    def set_record_every(self, interval: int) -> None:
        """Shows that every so many steps are recorded; 0: none.

        Raises:
            ValueError: the interval is negative or too large.
        """
        self.records.every.set_value(interval)
        self._refresh_record_button()

    def set_memory(self, text: str) -> None:
        """Says how much is recorded."""
        self.records.set_memory(text)
        self._record.setAccessibleDescription(text)

    def show_steps(self, steps: Sequence[int], current: int | None) -> None:
        """Lists the recorded steps; `current` is the one shown."""
        self.records.show_steps(steps, current)

    def show_kept(self, kept: Sequence[str], current: int | None, is_kept: bool) -> None:
        """Lists the kept steps in words: which of them is shown, and whether what is shown is kept."""
        self.records.show_kept(kept, current)
        self._keep.setChecked(is_kept)
        self._keep.setText("✓ This step is kept" if is_kept else "Keep this step")

    def text(self) -> str:
        """Where the walk stands, in words."""
        return self._text.text()

    @property
    def _events(self) -> Sequence[Event]:
        return () if self._recording is None else self._recording.events

    def _choose(self, number: int) -> None:
        number = min(max(number, 0), len(self._events) - 1)
        if number != self._number:
            self.show_event(number)
            self.event_chosen.emit(number)

    def _choose_next_phase(self) -> None:
        here = -1 if self._number is None else self._number
        target = next((each.events.start for each in self._phases.spans if each.events.start > here), None)
        if target is not None:
            self._choose(target)

    def _choose_playing(self, playing: bool) -> None:
        self.set_playing(playing)
        self.play_toggled.emit(playing)

    def _choose_interval(self, interval: int) -> None:
        self._refresh_record_button()
        self.record_every_chosen.emit(interval)

    def _open_records(self) -> None:
        corner = self._record.mapToGlobal(QPoint(self._record.width(), self._record.height() + 2))
        size = self.records.sizeHint()
        screen = self.screen().availableGeometry()
        left = min(max(corner.x() - size.width(), screen.left()), screen.right() - size.width())
        # Where there is no room below, it opens above.
        above = corner.y() - self._record.height() - size.height() - 4
        fits = corner.y() + size.height() <= screen.bottom()
        self.records.move(left, corner.y() if fits else above)
        self.records.show()
        self.records.every.setFocus(Qt.FocusReason.PopupFocusReason)

    def _refresh(self) -> None:
        for action in self.actions_by_name.values():
            action.setEnabled(bool(self._events))
        self._speed.setEnabled(bool(self._events))
        self._refresh_text()

    def _refresh_text(self) -> None:
        has_none = self._recording is None
        self._text.set_text("" if has_none else position_text(self._events, self._number, self._phases))
        self._place.setCurrentWidget(self._ask if has_none else self._text)

    def _refresh_record_button(self) -> None:
        interval = self.records.every.value()
        self._record.setIcon(icon("record", error_tone if interval else muted_tone))
        state = f"every {interval} steps" if interval else "off"
        self._record.setToolTip(f"Recordings: all that were made, and how many more to make ({state})")

    def _action(self, spec: ActionSpec) -> QAction:
        action = make_action(spec, self)
        name = spec.name.removeprefix("walk_")
        action.setIcon(icon("run" if name == "play" else name, text_tone))
        action.setCheckable(spec.name == "walk_play")
        action.setAutoRepeat(spec.name in ("walk_previous", "walk_next"))
        return action

    def _connect(self) -> None:
        walk = self.actions_by_name
        walk["first"].triggered.connect(lambda: self._choose(0))
        walk["previous"].triggered.connect(lambda: self._choose((self._number or 0) - 1))
        walk["next"].triggered.connect(lambda: self._choose(0 if self._number is None else self._number + 1))
        walk["last"].triggered.connect(lambda: self._choose(len(self._events) - 1))
        walk["phase"].triggered.connect(self._choose_next_phase)
        # `triggered`, unlike `toggled`, is the user's doing only.
        walk["play"].triggered.connect(self._choose_playing)

    def _button(self, name: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(f"walk_{name}")
        button.setDefaultAction(self.actions_by_name[name])
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        button.setIconSize(_SIGN)
        button.setAccessibleName(self.actions_by_name[name].toolTip().partition(" (")[0])
        return button

    def _record_button(self) -> QToolButton:
        button = QToolButton()
        button.setObjectName("record_button")
        button.setIconSize(_SIGN)
        button.setAccessibleName("Recordings")
        button.clicked.connect(self._open_records)
        return button

    def _ask_button(self) -> QToolButton:
        button = QToolButton()
        button.setObjectName("record_this_step")
        button.setText(RECORD)
        button.setToolTip("Makes all steps up to it once more, with the same numbers, and records it")
        set_class(button, "button")
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.clicked.connect(self.record_asked)
        return button

    def set_can_record(self, can: bool) -> None:
        """Whether there is a step that could be recorded."""
        self._ask.setEnabled(can)
        self._keep.setEnabled(can)

    def _cancel_button(self) -> QToolButton:
        button = QToolButton()
        button.setObjectName("cancel_request")
        button.setToolTip("Stop waiting for this")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(self.cancel_asked)
        button.hide()
        return button

    def _speed_box(self) -> QComboBox:
        box = QComboBox()
        box.setObjectName("walk_speed")
        box.setAccessibleName("Events a second")
        box.setToolTip("How many events a second are played")
        for speed in SPEEDS:
            box.addItem(f"{speed:g}/s", speed)
        box.setCurrentIndex(SPEEDS.index(DEFAULT_SPEED))
        # `activated`, unlike `currentIndexChanged`, is the user's doing only.
        box.activated.connect(lambda row: self.speed_chosen.emit(SPEEDS[row]))
        return box

    def _arrange(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 2, 8, 2)
        row.setSpacing(1)
        buttons = [self._button(name) for name in self.actions_by_name]
        for button in buttons:
            row.addWidget(button)
        for button in (*buttons, self._record, self._cancel):
            set_class(button, "flat sign")
        row.addSpacing(4)
        row.addWidget(self._speed)
        row.addSpacing(8)
        row.addWidget(self.slider, 1)
        row.addSpacing(4)
        for each in (self._text, self._ask):
            self._place.addWidget(each)
        self._place.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._text.setMinimumWidth(self._ask.sizeHint().width())
        row.addWidget(self._place)
        row.addSpacing(4)
        row.addWidget(self._cancel)
        row.addWidget(self._record)
        self.setAutoFillBackground(True)
