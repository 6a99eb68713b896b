"""What opens below the button with the dot: how often a step is recorded, and which recording is shown."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction, QPalette
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from ui.style.sheet import set_class
from ui.widgets.number_fields import IntegerField

LARGEST_INTERVAL = 1_000_000
OFF = "off"
NONE_YET = "none yet"


class RecordPanel(QFrame):
    """The choices about recordings, in a small window that closes by itself.

    Attributes:
        every: every how many steps one is recorded; 0 is "off".
        steps: the recorded steps.

    Signals:
        every_chosen(int): the user chose another interval.
        step_chosen(int): the user chose the recording of this step.
        kept_chosen(int): the user wants to see this one of the kept steps.
        record_asked(): the user wants the step that is shown recorded, though it was made without.
        refused(str): one line on a text that was refused.
    """

    every_chosen = Signal(int)
    step_chosen = Signal(int)
    kept_chosen = Signal(int)
    record_asked = Signal()
    refused = Signal(str)

    def __init__(self, parent: QWidget, keep: QAction) -> None:
        """Shows that nothing is recorded.

        Args:
            parent: the bar.
            keep: keeps the step that is shown.
        """
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("record_panel")
        self.setAccessibleName("Recordings")
        # Else the click on the button that closes it would open it again.
        self.setAttribute(Qt.WidgetAttribute.WA_NoMouseReplay)
        self.every = IntegerField("Record every", 0, LARGEST_INTERVAL, step_factor=10, zero=OFF)
        self.every.setObjectName("record_every")
        self.every.setToolTip(f"While running, record one step in so many; 0 is {OFF}")
        self.every.valueChanged.connect(self.every_chosen)
        self.every.refused.connect(self.refused)
        self.steps = QComboBox()
        self.steps.setObjectName("recorded_steps")
        self.steps.setAccessibleName("Recorded steps")
        self.steps.setToolTip("Walk through another recorded step")
        self.steps.setMaxVisibleItems(15)
        # `activated`, unlike `currentIndexChanged`, is the user's doing only.
        self.steps.activated.connect(lambda row: self.step_chosen.emit(self.steps.itemData(row)))
        self._again = QPushButton("Record the step shown")
        self._again.setObjectName("record_again")
        self._again.setToolTip("Makes all steps up to it once more, with the same numbers, and records it")
        self._again.clicked.connect(self._ask)
        self._keep = QToolButton()
        self._keep.setObjectName("keep_step_button")
        self._keep.setDefaultAction(keep)
        self._keep.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._keep.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        set_class(self._keep, "button")
        self.kept = QComboBox()
        self.kept.setObjectName("kept_steps")
        self.kept.setAccessibleName("Kept steps")
        self.kept.setToolTip("Look at a step that is kept in the session")
        self.kept.activated.connect(self._choose_kept)
        self._memory = QLabel()
        self._memory.setObjectName("record_memory")
        set_class(self._memory, "muted")
        self._memory.setTextFormat(Qt.TextFormat.PlainText)
        self._arrange()
        self.show_steps((), None)
        self.show_kept((), None)

    def show_steps(self, steps: Sequence[int], current: int | None) -> None:
        """Lists the recorded steps, silently; `current` is the one shown."""
        listed = [self.steps.itemData(row) for row in range(self.steps.count())]
        with QSignalBlocker(self.steps):
            if listed != list(steps) or not listed:
                self.steps.clear()
                for step in steps:
                    self.steps.addItem(f"step {step}", step)
            self.steps.setPlaceholderText("choose a step" if steps else NONE_YET)
            self.steps.setCurrentIndex(-1 if current is None else self.steps.findData(current))
        self.steps.setEnabled(bool(steps))

    def show_kept(self, kept: Sequence[str], current: int | None) -> None:
        """Lists the kept steps, silently; `current` is the one shown."""
        listed = [self.kept.itemText(row) for row in range(self.kept.count())]
        with QSignalBlocker(self.kept):
            if listed != list(kept):
                self.kept.clear()
                self.kept.addItems(list(kept))
            self.kept.setPlaceholderText("choose a step" if kept else NONE_YET)
            self.kept.setCurrentIndex(-1 if current is None else current)
        self.kept.setEnabled(bool(kept))

    def set_memory(self, text: str) -> None:
        """Says how much is recorded."""
        self._memory.setText(text)
        self._memory.setVisible(bool(text))

    def _ask(self) -> None:
        self.close()
        self.record_asked.emit()

    def _choose_kept(self, row: int) -> None:
        self.close()
        self.kept_chosen.emit(row)

    def _arrange(self) -> None:
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)
        every = QHBoxLayout()
        every.addWidget(self.every, 1)
        every.addWidget(QLabel("steps"))
        form = QFormLayout(self)
        form.setContentsMargins(12, 10, 12, 10)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        label = QLabel("Record &every")
        label.setBuddy(self.every)
        form.addRow(label, every)
        form.addRow("&Show", self.steps)
        form.addRow(self._again)
        form.addRow("&Kept", self.kept)
        form.addRow(self._keep)
        form.addRow(self._memory)
        self._memory.hide()
