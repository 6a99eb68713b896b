"""A field for the f of the data set that asks whether y is above f(x)."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QWidget

from playground.data.formula import read_formula
from playground.setting_specs import SPECS
from playground.settings import quoted
from ui.panels.settings.text import describe


class FormulaField(QWidget):
    """An expression of x, read when Enter is pressed or the field is left.

    Attributes:
        line: in which it is typed.

    Signals:
        chosen(str): the user wants this one.
        refused(str): the one line of a text that is none; the one before stands there again.
    """

    chosen = Signal(str)
    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Empty."""
        super().__init__(parent)
        self._formula = ""
        self.line = QLineEdit()
        self.line.setObjectName("formula")
        self.line.setAccessibleName("f(x)")
        self.line.setToolTip(describe(SPECS["formula"]))
        self.line.setAccessibleDescription(self.line.toolTip())
        self.line.editingFinished.connect(self._take)
        label = QLabel("&f(x)")
        label.setBuddy(self.line)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(label)
        row.addWidget(self.line, 1)

    def show_formula(self, formula: str) -> None:
        """Shows one, without a signal; "" hides the field: there is no f."""
        self._formula = formula
        self.line.setText(formula)
        self.line.setCursorPosition(0)
        self.setVisible(bool(formula))

    def _take(self) -> None:
        typed = self.line.text()
        if typed == self._formula:
            return
        try:
            formula = read_formula(typed)
        except ValueError as error:
            self.show_formula(self._formula)
            self.refused.emit(
                f"f(x): {quoted(typed)} is not allowed, it {error}; allowed: {SPECS['formula'].allowed}"
            )
            return
        self.show_formula(formula)
        self.chosen.emit(formula)
