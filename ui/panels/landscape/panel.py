"""The panel: what is to be computed, how far it is, and what came of it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from playground.data.landscape import Landscape
from playground.data.step_size import StepSizes
from ui.panels.landscape.canvas import PlaneCanvas
from ui.panels.landscape.step_canvas import StepSizeCanvas
from ui.panels.landscape.words import (
    KINDS,
    PURPOSES,
    TIPS,
    facts_of,
    step_facts,
    step_title,
    title_of,
)
from ui.style.sheet import set_class
from ui.widgets.eliding_label import ElidedLabel
from ui.widgets.number_text import show_whole
from ui.widgets.progress_line import ProgressLine

COMPUTE_TIP = "Compute it for the weights as they are now; a run goes on meanwhile"
CANCEL_TIP = "End the computation; what was computed before stays"
WAITING = "waits until the run stands still …"


class LandscapeView(QWidget):
    """Shows the landscape, and asks for it.

    Attributes:
        plane, sizes: the pictures.
        compute_button, cancel_button: begin and end a computation.

    Signals:
        asked(str, int): the kind that is to be computed, and the seed of random directions.
        cancel_asked(): end the computation.
    """

    asked = Signal(str, int)
    cancel_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Says what it is for, until something is computed."""
        super().__init__(parent)
        self.setObjectName("landscape_view")
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self._planes: dict[str, Landscape] = {}
        self._sizes: StepSizes | None = None
        self._optimizer = ""
        self._problems: dict[str, str] = {}
        self._computing, self._made, self._seed = "", 0, 0
        self._kind = QComboBox()
        self._kind.setObjectName("landscape_kind")
        self._kind.setAccessibleName("what is computed")
        for name, text in KINDS.items():
            self._kind.addItem(text, name)
            self._kind.setItemData(self._kind.count() - 1, TIPS[name], Qt.ItemDataRole.ToolTipRole)
        self.compute_button = self._button("Compute", "landscape_compute", COMPUTE_TIP)
        self.cancel_button = self._button("Cancel", "landscape_cancel", CANCEL_TIP)
        self._progress = ProgressLine("Progress of the landscape")
        self._stale = QLabel()
        self._stale.setObjectName("landscape_stale")
        # Coming and going it must not move the panel's edge.
        self._stale.setMinimumWidth(1)
        set_class(self._stale, "changed")
        self._title, self._reading = ElidedLabel(), QLabel()
        self._title.setObjectName("landscape_title")
        self._reading.setObjectName("landscape_reading")
        self._reading.setWordWrap(True)
        self._reading.setTextFormat(Qt.TextFormat.PlainText)
        self._reading.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        set_class(self._reading, "muted")
        self._note = QLabel()
        self._note.setObjectName("landscape_note")
        self._note.setWordWrap(True)
        self._note.setTextFormat(Qt.TextFormat.PlainText)
        self._note.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        set_class(self._note, "muted")
        self.plane, self.sizes = PlaneCanvas(), StepSizeCanvas()
        self._pages = QStackedLayout()
        self._arrange()
        self._kind.currentIndexChanged.connect(self._show)
        self.compute_button.clicked.connect(self._ask)
        self.cancel_button.clicked.connect(self.cancel_asked)
        self.plane.read.connect(self._read)
        self.sizes.read.connect(self._read)
        self._show()

    # What the binding sets

    @property
    def kind(self) -> str:
        """What is chosen: `"path"`, `"random"` or `"step"`."""
        return str(self._kind.currentData())

    def choose(self, kind: str) -> None:
        """Chooses what is shown, and computed when that is asked for."""
        self._kind.setCurrentIndex(list(KINDS).index(kind))

    def show_progress(self, done: int, of: int) -> None:
        """So much is done; of 0 while it waits. From now on it is busy, until something has come of it."""
        self._computing = self._computing or self.kind
        self._progress.set_share(done / of if of else 0.0)
        self._show_state(WAITING if not of else "")

    def show_landscape(self, found: Landscape) -> None:
        """Shows what came of it."""
        kind = "random" if found.plane.is_random else "path"
        self._planes[kind] = found
        self._finish(kind)

    def show_step_sizes(self, found: StepSizes, optimizer: str) -> None:
        """The same for the step size; with what the optimizer is called."""
        self._sizes, self._optimizer = found, optimizer
        self._finish("step")

    def show_problem(self, text: str) -> None:
        """Says in one line why nothing came of it."""
        kind = self._computing or self.kind
        self._problems[kind] = text[:1].upper() + text[1:]
        self._computing = ""
        self._show()

    def stop(self) -> None:
        """Nothing is computed any more; what was there before stays."""
        self._computing = ""
        self._show()

    def clear(self) -> None:
        """Another run: what was computed is not of it."""
        self._planes, self._sizes, self._problems, self._computing = {}, None, {}, ""
        self._seed = 0
        self._show()

    def set_made(self, steps: int) -> None:
        """So many steps the run has made by now: what was computed may be of an earlier one."""
        if steps != self._made:
            self._made = steps
            self._show_stale()

    def set_chosen(self, step: int | None) -> None:
        """Marks on the path where a step of the run began; None for none but the newest."""
        self.plane.set_chosen(step)

    # What the user does

    def _ask(self) -> None:
        kind = self.kind
        there = self._planes.get(kind)
        if kind == "random" and there is not None and there.plane.steps[-1] == self._made:
            # For the same weights: other directions.
            self._seed += 1
        self._problems.pop(kind, None)
        self._computing = kind
        self._progress.set_share(0.0)
        self._show_state()
        self.asked.emit(kind, self._seed)

    def _read(self, text: str) -> None:
        facts = self._facts()
        self._reading.setText(text or facts)
        self._reading.setToolTip(facts)
        # What is read under the mouse moves nothing.
        width, flags = max(1, self._reading.width()), int(Qt.TextFlag.TextWordWrap)
        room = self._reading.fontMetrics().boundingRect(0, 0, width, 1000, flags, facts).height()
        self._reading.setMinimumHeight(room)

    # What follows

    def _finish(self, kind: str) -> None:
        self._problems.pop(kind, None)
        self._computing = ""
        self._show()

    def _show(self) -> None:
        kind = self.kind
        self._kind.setToolTip(TIPS[kind])
        plane, sizes = self._planes.get(kind), self._sizes if kind == "step" else None
        problem = self._problems.get(kind, "")
        self.plane.show_landscape(plane)
        self.sizes.show_step_sizes(sizes)
        title = "" if plane is None else title_of(plane)
        title = title if sizes is None else step_title(sizes, self._optimizer)
        self._title.set_full_text(title[:1].upper() + title[1:])
        page: QWidget = self._note
        if not problem:
            page = self.plane if plane is not None else self.sizes if sizes is not None else self._note
        self._note.setText(problem or PURPOSES[kind])
        self._pages.setCurrentWidget(page)
        self._title.setVisible(page is not self._note)
        self._reading.setVisible(page is not self._note)
        self._read("")
        self._show_state()

    def _show_state(self, waiting: str = "") -> None:
        busy = bool(self._computing)
        focused = self.compute_button.hasFocus() or self.cancel_button.hasFocus()
        self.compute_button.setVisible(not busy)
        self.cancel_button.setVisible(busy)
        self._kind.setEnabled(not busy)
        self._progress.setVisible(busy)
        self._progress.setToolTip(waiting)
        if focused:
            (self.cancel_button if busy else self.compute_button).setFocus()
        self._show_stale()

    def _show_stale(self) -> None:
        found = self._planes.get(self.kind)
        old = found is not None and found.plane.steps[-1] != self._made and not self._computing
        if found is not None and old:
            self._stale.setText(f"after {show_whole(found.plane.steps[-1])}")
            self._stale.setToolTip(f"The run has made {show_whole(self._made)} steps since: compute it again")
        self._stale.setVisible(old)

    def _facts(self) -> str:
        if self.kind == "step":
            return "" if self._sizes is None else step_facts(self._sizes)
        found = self._planes.get(self.kind)
        return "" if found is None else facts_of(found)

    def _button(self, text: str, name: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(name)
        set_class(button, "button small wide")
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(text)
        button.setAccessibleDescription(tip)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return button

    def _arrange(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(6)
        top.addWidget(self._kind)
        top.addWidget(self.compute_button)
        top.addWidget(self.cancel_button)
        top.addWidget(self._progress, 1)
        top.addWidget(self._stale)
        top.addStretch(0)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(8, 4, 8, 4)
        rows.setSpacing(2)
        rows.addLayout(top)
        rows.addWidget(self._title)
        rows.addLayout(self._pages, 1)
        # Not before the pages have a parent: the first one would be a window of its own for a moment.
        for page in (self._note, self.plane, self.sizes):
            self._pages.addWidget(page)
        rows.addWidget(self._reading)
        # Only now: the first page of a stack without a parent would be shown as a window.
        for page in (self._note, self.plane, self.sizes):
            self._pages.addWidget(page)
