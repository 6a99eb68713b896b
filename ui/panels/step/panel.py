"""The slider under the graph: any step of the run, or the newest one as the run goes on."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QContextMenuEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QHBoxLayout,
    QMenu,
    QSizePolicy,
    QSlider,
    QSpinBox,
    QToolButton,
    QWidget,
)

from ui.style.sheet import set_class
from ui.widgets.figure import Figure

AGAINST = {
    "nothing": "Do not compare",
    "before": "With the step before",
    "pinned": "With the step shown now, wherever I go",
}
"""What a graph can be compared with, in words."""
FOLLOW, FOLLOWING = "Follow latest step", "✓ Following latest"
NARROWEST_SLIDER = 70
LARGEST_STEP = 9_999_999
PAGES = 50
"""So many page keys lead from one end of the slider to the other."""


class StepBar(QWidget):
    """Chooses the step whose graph is shown.

    Attributes:
        slider: from 0 to the newest step.
        field: the number of the step, to be typed: of a long run a slider hits few steps exactly.

    Signals:
        step_chosen(int): the user moved to this step.
        follow_chosen(bool): whether the newest step shall be shown.
        against_chosen(str): what the graph shall be compared with: "nothing", "before" or "pinned".
        menu_asked(QPoint): the user wants the menu of the step, at this place of the screen.
    """

    step_chosen = Signal(int)
    follow_chosen = Signal(bool)
    against_chosen = Signal(str)
    menu_asked = Signal(QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Shows that there is no step yet."""
        super().__init__(parent)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setObjectName("step_slider")
        self.slider.setAccessibleName("Step to show")
        self.slider.setToolTip("The graph of any step of this run")
        self.slider.setMinimumWidth(NARROWEST_SLIDER)
        self.slider.valueChanged.connect(self.step_chosen)
        self.field = self._step_field()
        self._text = Figure("Depth and graph variant shown", "depth 8 · variant 8 of 8")
        self._follow = QToolButton()
        self._follow.setText(FOLLOW)
        set_class(self._follow, "button")
        self._follow.setCheckable(True)
        self._follow.setChecked(True)
        self._follow.setToolTip("Show the latest step while the run goes on")
        self._follow.clicked.connect(self.follow_chosen)
        self._against = self._against_button()
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 2, 8, 6)
        row.addWidget(self.slider, 1)
        row.addWidget(self.field)
        row.addWidget(self._text)
        row.addWidget(self._against)
        row.addWidget(self._follow)
        self.show_step(None, 0, "")

    def show_step(self, step: int | None, steps_made: int, text: str, following: bool = True) -> None:
        """Puts the slider at a step, silently.

        Args:
            step: the step shown; None if there is none.
            steps_made: how many there are to choose from.
            text: what is known of the step.
            following: whether the newest step is shown as it comes.
        """
        with QSignalBlocker(self.slider):
            self.slider.setEnabled(steps_made > 0)
            if self.slider.maximum() != max(0, steps_made - 1):
                self.slider.setMaximum(max(0, steps_made - 1))
                self.slider.setPageStep(max(10, steps_made // PAGES))
            if self.slider.value() != (step or 0):
                self.slider.setValue(step or 0)
        self._show_number(step, steps_made)
        self._text.set_text(text)
        self._against.setEnabled(steps_made > 1)
        self._follow.setChecked(following)
        self._follow.setText(FOLLOWING if following else FOLLOW)
        # From a step that is kept of another run one may always go back.
        self._follow.setEnabled(steps_made > 0 or not following)

    def show_against(self, against: str, pinned: int) -> None:
        """Shows what the graph is compared with, silently.

        Args:
            against: "nothing", "before" or "pinned".
            pinned: the step that is pinned.
        """
        self._choices[against].setChecked(True)
        texts = {"nothing": "Diff", "before": "≠ step before", "pinned": f"≠ step {pinned}"}
        self._against.setText(texts[against])
        self._against.setChecked(against != "nothing")

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Asks for the menu of the step that is shown."""
        self.menu_asked.emit(event.globalPos())

    def _show_number(self, step: int | None, steps_made: int) -> None:
        """Puts the number into its field, unless another is being typed there."""
        field = self.field
        if not (field.hasFocus() and field.lineEdit().isModified()):
            with QSignalBlocker(field):
                field.setValue(step or 0)
        field.setEnabled(steps_made > 0)

    def _go_to_number(self, step: int) -> None:
        newest = self.slider.maximum()
        if step > newest:
            with QSignalBlocker(self.field):
                self.field.setValue(newest)
        self.step_chosen.emit(min(step, newest))

    def _step_field(self) -> QSpinBox:
        field = QSpinBox()
        field.setObjectName("step_field")
        field.setAccessibleName("Number of the step to show")
        field.setToolTip("Type a step to see its graph")
        field.setPrefix("step ")
        field.setMinimumWidth(72)
        field.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        field.setRange(0, LARGEST_STEP)
        field.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        # A step on the way to the one that is being typed is not meant.
        field.setKeyboardTracking(False)
        # The bar has one of its own.
        field.lineEdit().setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        field.valueChanged.connect(self._go_to_number)
        return field

    def _against_button(self) -> QToolButton:
        menu = QMenu("Compare the graph", self)
        group = QActionGroup(menu)
        self._choices: dict[str, QAction] = {}
        for against, text in AGAINST.items():
            self._choices[against] = action = group.addAction(text)
            action.setObjectName(f"against_{against}")
            action.setCheckable(True)
            action.triggered.connect(lambda _checked, chosen=against: self.against_chosen.emit(chosen))
            menu.addAction(action)
        self._choices["nothing"].setChecked(True)
        button = QToolButton()
        button.setObjectName("compare_graphs")
        button.setText("Diff")
        set_class(button, "button")
        button.setCheckable(True)
        button.setMenu(menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setToolTip("What is new in this graph, and what is gone")
        button.setAccessibleName("Compare the graph with another step's")
        return button
