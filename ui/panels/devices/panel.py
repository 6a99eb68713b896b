"""The panel that shows what runs on which device: the devices, and below each what a check has found.

It only shows: what it asks for is checked elsewhere, and handed to its setters.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSizePolicy,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from playground.comparing.device_results import CheckedDevice
from playground.comparing.device_text import COLUMNS, NOTE, NUMBERS, Row, as_text, device_row, stage_row
from ui.style.sheet import set_class
from ui.style.theme import current_theme
from ui.widgets.progress_line import ProgressLine

LOADING = "The devices appear once torch is loaded."
READY = (
    "Runs on a GPU: the tensors and every operation on them: forward, backward, update.\n"
    "Stays the same: the graph, the code but for its device, the losses up to rounding.\n"
    "NumPy stays on the CPU. Check trains each stage on each device and compares."
)
"""What runs there and what stays the same, at a glance."""
CHECK_TIP = "Train each stage on each device and compare it with the CPU; a run that goes on is paused"
STOP_TIP = "Stop the check"
_MARGIN = 12
_LAST = len(COLUMNS) - 1


class DevicesView(QWidget):
    """A table of devices and stages, a button that checks them or stops that, and one that copies the table.

    Attributes:
        table: a row a device; below it one for each stage that was checked there.
        check_button: starts a check, and stops one that is under way.
        copy_button: copies the table as text.

    Signals:
        check_asked(): check all devices.
        cancel_asked(): stop the check.
    """

    check_asked = Signal()
    cancel_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Without devices at first."""
        super().__init__(parent)
        self.setObjectName("devices_view")
        self.setAccessibleName("What runs on which device")
        self._devices: tuple[CheckedDevice, ...] = ()
        self._stage_rows: list[tuple[QTreeWidgetItem, bool]] = []
        self._checking = False
        self.table = _table()
        self._message = _label("devices_message", LOADING)
        self._note = _label("devices_note", NOTE)
        set_class(self._note, "muted")
        self._progress = ProgressLine("Progress of the check")
        self.check_button = QPushButton("Check")
        self.check_button.setObjectName("devices_check_button")
        self.copy_button = QPushButton("Copy")
        self.copy_button.setObjectName("devices_copy_button")
        self.copy_button.setToolTip("Copy the table as text")
        self._arrange()
        self.check_button.clicked.connect(self._ask)
        self.copy_button.clicked.connect(lambda: QGuiApplication.clipboard().setText(as_text(self._devices)))
        self._show_state(LOADING)

    def show_devices(self, devices: Sequence[CheckedDevice]) -> None:
        """Shows these devices, with what was found on those that were checked."""
        self._devices = tuple(devices)
        self._stage_rows.clear()
        self.table.clear()
        for each in self._devices:
            row = self._item(device_row(each), self.table)
            for found in each.stages:
                self._stage_rows.append((self._item(stage_row(found, self._devices[0]), row), found.passed))
        self.table.expandAll()
        self._color_rows()
        self._show_state(self._outcome())

    def show_progress(self, done: int, of: int) -> None:
        """Says that so many runs are done; from now on until a result or a problem comes it is busy."""
        self._progress.set_share(done / of if of > 0 else 0.0)
        self._show_state(f"checking: {done} of {of} runs" if of else "checking …", checking=True)

    def show_problem(self, text: str) -> None:
        """Says why there is no result; the devices stay."""
        self._show_state(text)

    def changeEvent(self, event: QEvent) -> None:
        """Takes the colors of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._color_rows()

    def text(self) -> str:
        """What is shown: what is going on, and the table."""
        return "\n".join(filter(None, (self._message.text(), as_text(self._devices))))

    def _ask(self) -> None:
        (self.cancel_asked if self._checking else self.check_asked).emit()

    def _outcome(self) -> str:
        if not any(each.stages for each in self._devices):
            return READY if self._devices else LOADING
        failed = [found for each in self._devices for found in each.stages if not found.passed]
        if failed:
            return f"Failed: {len(failed)}. The last column says why."
        return "All passed: on every device that is here the losses are the CPU’s, within the tolerance."

    def _show_state(self, text: str, checking: bool = False) -> None:
        self._checking = checking
        self._message.setText(text)
        self._progress.setVisible(checking)
        self._note.setVisible(any(each.stages for each in self._devices))
        self.copy_button.setEnabled(bool(self._devices))
        self.check_button.setEnabled(bool(self._devices))
        self.check_button.setText("Stop" if checking else "Check")
        tip = STOP_TIP if checking else CHECK_TIP if self._devices else LOADING
        self.check_button.setToolTip(tip)
        self.check_button.setAccessibleDescription(tip)

    def _item(self, cells: Row, parent: QTreeWidget | QTreeWidgetItem) -> QTreeWidgetItem:
        item = QTreeWidgetItem(parent, list(cells))
        item.setToolTip(_LAST, cells[_LAST])
        for column in NUMBERS:
            item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return item

    def _color_rows(self) -> None:
        """What failed is in the color of errors; the words say it, too."""
        for item, passed in self._stage_rows:
            item.setForeground(_LAST, QColor(current_theme().muted if passed else current_theme().error))

    # Making

    def _arrange(self) -> None:
        row = QHBoxLayout()
        row.addWidget(self._message, 1)
        row.addWidget(self._progress)
        row.addWidget(self.check_button)
        row.addWidget(self.copy_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(_MARGIN, 10, _MARGIN, 10)
        column.setSpacing(8)
        column.addLayout(row)
        column.addWidget(self.table, 1)
        column.addWidget(self._note)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)


def _table() -> QTreeWidget:
    table = QTreeWidget()
    table.setObjectName("devices_table")
    set_class(table, "tree")
    table.setAccessibleName("Devices, and the stages on each")
    table.setHeaderLabels(list(COLUMNS))
    table.setSelectionMode(QTreeWidget.SelectionMode.SingleSelection)
    table.setUniformRowHeights(True)
    table.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    table.header().setSectionsMovable(False)
    for column in NUMBERS:
        table.headerItem().setTextAlignment(column, Qt.AlignmentFlag.AlignRight)
    return table


def _label(name: str, text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName(name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
    return label
