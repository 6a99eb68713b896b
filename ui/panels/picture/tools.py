"""The switch between looking and painting, what is painted, and the ways back."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QPointF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QKeySequence, QPainter, QPixmap
from PySide6.QtWidgets import QButtonGroup, QComboBox, QHBoxLayout, QToolButton, QWidget

from playground.data.picture import Picture
from ui.panels.picture.points import look_of_class, paint_point
from ui.panels.picture.reading import Reading, reading_of
from ui.style.sheet import set_class
from ui.style.theme import current_theme
from ui.widgets.number_fields import ScientificField
from ui.widgets.rows import button

_SIGN = QSize(12, 12)
_BESIDE = 11
"""Pixels of a button beside its word, its border among them."""
NO_WAY_BACK = "The data are not painted, or were painted before this session: choose a set under Data."


class Tool(Enum):
    """What the mouse does in the picture; its words, and a sentence."""

    LOOK = ("Look", "The mouse does nothing in the picture.")
    ADD = ("Add", "A click adds an example, and so does every bit of a drag.")
    MOVE = ("Move", "Drag an example: the run goes on with it where you let it go.")
    ERASE = ("Erase", "A click, or a drag, erases the examples that it meets.")

    @property
    def word(self) -> str:
        """On its button."""
        return self.value[0]

    @property
    def sentence(self) -> str:
        """In its tip."""
        return self.value[1]


class _Narrow(QToolButton):
    """A button hardly wider than its word: four of them stand beside a title."""

    def sizeHint(self) -> QSize:
        """Room for the word."""
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + _BESIDE, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """No less."""
        return self.sizeHint()


class ToolSwitch(QWidget):
    """Four buttons, of which one is pressed.

    Signals:
        chosen(object): the Tool.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Looks."""
        super().__init__(parent)
        self.setObjectName("picture_tools")
        self._group = QButtonGroup(self)
        self._buttons: dict[Tool, QToolButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(1)
        for number, tool in enumerate(Tool):
            made = _Narrow()
            made.setText(tool.word)
            made.setCheckable(True)
            made.setObjectName(f"picture_{tool.word.lower()}")
            made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            set_class(made, "chip")
            self._group.addButton(made, number)
            self._buttons[tool] = made
            row.addWidget(made)
        self._buttons[Tool.LOOK].setChecked(True)
        self._group.idToggled.connect(self._tell)
        self.set_reason("")

    @property
    def tool(self) -> Tool:
        """The one that is chosen."""
        return list(Tool)[max(self._group.checkedId(), 0)]

    def choose(self, tool: Tool) -> None:
        """Presses a button."""
        self._buttons[tool].setChecked(True)

    def set_reason(self, reason: str) -> None:
        """Says why nothing can be painted; "" where it can."""
        for tool, made in self._buttons.items():
            looks = tool is Tool.LOOK
            made.setEnabled(looks or not reason)
            tip = reason if reason and not looks else tool.sentence
            made.setToolTip(tip)
            made.setAccessibleDescription(tip)
        if reason:
            self.choose(Tool.LOOK)

    def _tell(self, _number: int, checked: bool) -> None:
        if checked:
            self.chosen.emit(self.tool)


class PaintRow(QWidget):
    """What an added example shall be, and two ways back.

    Signals:
        undo_asked(): without the last stroke.
        back_asked(): with the data from before the painting.
        look_changed(): an added example shall look otherwise.
    """

    undo_asked = Signal()
    back_asked = Signal()
    look_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Nothing has been painted."""
        super().__init__(parent)
        self.setObjectName("picture_paint_row")
        self._classes = QComboBox()
        self._classes.setObjectName("picture_class")
        self._classes.setAccessibleName("class of the examples that are added")
        self._classes.setToolTip("The class of the examples that are added")
        self._classes.setIconSize(_SIGN)
        self._value = ScientificField("target")
        self._value.setObjectName("picture_target")
        self._value.setToolTip("The y of the examples that are added")
        self._undo = button("Undo", "Undo", self.undo_asked.emit)
        self._undo.setObjectName("picture_undo")
        self._back = button("Back to the set", "Back to the set", self.back_asked.emit)
        self._back.setObjectName("picture_back")
        for each in (self._undo, self._back):
            set_class(each, "button small")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self._classes)
        row.addWidget(self._value)
        row.addStretch(1)
        row.addWidget(self._undo)
        row.addWidget(self._back)
        self._drawn: tuple[object, ...] = ()
        self._reading, self._on_line = Reading.VALUES, False
        self._classes.currentIndexChanged.connect(lambda _index: self.look_changed.emit())
        self._value.valueChanged.connect(lambda _value: self.look_changed.emit())
        self.set_ways_back(False, "")

    @property
    def target(self) -> float:
        """Of an added example: the number of its class among several, -1 or 1 of two, or a number."""
        value = self._classes.currentData() if self._reading is not Reading.VALUES else self._value.value()
        return float(value or 0.0)

    @property
    def look(self) -> tuple[QColor, int]:
        """Color and shape of an added example."""
        theme = current_theme()
        if self._on_line:
            return QColor(theme.parameter), 0
        chosen = self._classes.currentIndex() if self._reading is not Reading.VALUES else -1
        number = int(self._value.value() > 0) if chosen < 0 else chosen
        return look_of_class(number, self._reading, theme), number

    def choose_class(self, number: int) -> None:
        """Of the classes that are listed."""
        self._classes.setCurrentIndex(number)

    def show_tool(self, tool: Tool) -> None:
        """Shows the target while there is a use for it."""
        has_use = tool is Tool.ADD and not self._on_line
        self._classes.setVisible(has_use and self._reading is not Reading.VALUES)
        self._value.setVisible(has_use and self._reading is Reading.VALUES)

    def show_picture(self, picture: Picture) -> None:
        """Offers the targets of its examples; along a line a click's height is the target."""
        self._reading = reading = reading_of(picture)
        self._on_line = on_line = picture.output.ndim == 2
        key = (reading, len(picture.output), current_theme())
        if on_line or reading is Reading.VALUES or key == self._drawn:
            return
        self._drawn = key
        count = 2 if reading is Reading.SIDES else len(picture.output)
        now = max(self._classes.currentIndex(), 0)
        with QSignalBlocker(self._classes):
            self._classes.clear()
            for number in range(count):
                value = 2 * number - 1 if reading is Reading.SIDES else number
                text = f"y = {value}".replace("-", "−") if reading is Reading.SIDES else f"class {value}"
                self._classes.addItem(_sign(number, reading), text, value)
            self._classes.setCurrentIndex(min(now, count - 1))

    def set_ways_back(self, can_undo: bool, origin: str) -> None:
        """Whether a stroke can be undone, and what the data were before; "" where that is not known."""
        keys = QKeySequence(QKeySequence.StandardKey.Undo).toString(QKeySequence.SequenceFormat.NativeText)
        self._undo.setEnabled(can_undo)
        tip = (
            f"Without the last stroke ({keys})"
            if can_undo
            else "Nothing has been painted that can be undone."
        )
        self._undo.setToolTip(tip)
        self._back.setEnabled(bool(origin))
        self._back.setToolTip(f"{origin} again: the run starts with it anew" if origin else NO_WAY_BACK)
        for each in (self._undo, self._back):
            each.setAccessibleDescription(each.toolTip())


def _sign(number: int, reading: Reading) -> QIcon:
    """The shape and color of a class's examples."""
    theme = current_theme()
    pixmap = QPixmap(_SIGN * 2)
    pixmap.setDevicePixelRatio(2)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    middle = pixmap.deviceIndependentSize() / 2
    color = look_of_class(number, reading, theme)
    paint_point(painter, QPointF(middle.width(), middle.height()), color, number, False, theme)
    painter.end()
    return QIcon(pixmap)
