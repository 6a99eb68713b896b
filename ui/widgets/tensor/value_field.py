"""The field in which an element of a tensor gets another value."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QPushButton, QWidget

from ui.style.sheet import set_class
from ui.widgets.eliding_label import ElidedLabel
from ui.widgets.number_text import Bounds, parse_float, quote
from ui.widgets.tensor.indices import parse_index

_VALUES = Bounds(float("-inf"), float("inf"))
_FIELD_WIDTH = 110


class ValueField(QWidget):
    """ "What if this were: [ ]", and a button that switches a whole unit off where there is one.

    Signals:
        value_given(object, float): the user entered a number; the element's index, a tuple, if they named
            another one ("[3, 7] = 0.5"), else None.
        switched_off(): they want the whole unit to be 0.
        left(): they pressed Escape.
    """

    value_given = Signal(object, float)
    switched_off = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Hidden at first."""
        super().__init__(parent)
        self.setObjectName("what_if_field")
        self._shape: tuple[int, ...] = ()
        self._label = ElidedLabel()
        self._edit = _Edit()
        self._edit.setObjectName("what_if_value")
        set_class(self._edit, "field")
        self._edit.setFixedWidth(_FIELD_WIDTH)
        self._edit.setPlaceholderText("another value")
        self._edit.left.connect(self.left)
        self._unit = QPushButton()
        self._unit.setObjectName("what_if_unit_off")
        set_class(self._unit, "button small wide")
        self._unit.setAutoDefault(False)
        self._problem = QLabel()
        self._problem.setObjectName("what_if_problem")
        set_class(self._problem, "error")
        self._problem.setWordWrap(True)
        self._problem.hide()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(2)
        for column, part in enumerate((self._label, self._edit, self._unit)):
            grid.addWidget(part, 0, column)
        grid.setColumnStretch(0, 1)
        grid.addWidget(self._problem, 1, 0, 1, 3)
        self._edit.returnPressed.connect(self._give)
        self._edit.textEdited.connect(lambda: self._say(""))
        self._unit.clicked.connect(self.switched_off)
        self.hide()

    def offer(self, element: str, shape: tuple[int, ...], unit: str) -> None:
        """Asks for another value.

        Args:
            element: what it would be the value of: `"w1[3, 7]"`.
            shape: of its tensor.
            unit: what can be switched off as a whole: `"unit 7"`; "" for nothing.
        """
        self._shape = shape
        self._label.set_full_text(f"What if {element} were")
        self._edit.setAccessibleName(f"Another value of {element}")
        self._edit.setToolTip(
            f"{_VALUES.describe().capitalize()}; Return computes the step again, Escape ends"
        )
        self._unit.setText(f"{unit} off")
        self._unit.setToolTip(f"What if {unit} gave 0, whatever the example")
        self._unit.setAccessibleName(f"Switch {unit} off")
        self._unit.setVisible(bool(unit))
        self._edit.clear()
        self._say("")
        self.show()

    def begin(self, text: str) -> None:
        """Goes into the field; what was typed elsewhere is its first letter."""
        self._edit.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if text:
            self._edit.setText(text)
        else:
            self._edit.selectAll()

    def text(self) -> str:
        """What is asked, and what is wrong."""
        parts = (self._label.accessibleName(), self._problem.text())
        return "" if self.isHidden() else "\n".join(filter(None, parts))

    def _give(self) -> None:
        named, joint, number = self._edit.text().rpartition("=")
        value = parse_float(number)
        if value is None:
            self._say(f"{quote(number)} is not {_VALUES.describe()}")
            return
        try:
            index = parse_index(named, self._shape) if joint else None
        except ValueError as error:
            self._say(str(error))
            return
        self.value_given.emit(index, value)

    def _say(self, problem: str) -> None:
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))


class _Edit(QLineEdit):
    """A field that Escape leaves."""

    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)
