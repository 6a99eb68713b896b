"""The panel: the output over the plane, which inputs vary, and the hidden units below it."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeySequence, QPalette, QResizeEvent, QShortcut
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from playground.data.picture import Picture
from playground.data.unit_weights import UnitWeights, unit_weights
from ui.panels.picture.canvas import PictureCanvas
from ui.panels.picture.paint_layer import PaintLayer
from ui.panels.picture.reading import Reading, reading_of
from ui.panels.picture.tools import PaintRow, Tool, ToolSwitch
from ui.panels.picture.unit_weights import UnitWeightsRow
from ui.panels.picture.units import UnitPictures
from ui.panels.picture.words import PURPOSE, Names, lost_text, plane_text, title_of, unit_text
from ui.style.sheet import set_class
from ui.widgets.eliding_label import ElidedLabel
from ui.widgets.rows import button

_SUGGESTED = "auto"
_WIDE = 420
"""Pixels from which on title, lists and tools have room side by side."""
_MOST_LISTED = 100
"""Inputs and outputs that a list names at most."""


class PictureView(QWidget):
    """Shows what the net gives.

    Attributes:
        canvas: the plane or the curve.
        units: the hidden units.
        tools: the switch between looking and painting.
        paint: what an added example shall be, and the ways back.

    Signals:
        axes_chosen(object): numbers of the inputs that shall vary, as a tuple; empty for those that the data
            suggest.
        unit_off_asked(int, int): layer and number of a hidden unit: what if it gave 0?
        points_added(object): tuple of examples, each with its place, numbers across and, on a plane, up, and
            with its target.
        point_moved(int, object): row of an example as the picture lists them, and its new place; along a line
            with the height, which is the target.
        points_erased(object): tuple of rows.
        undo_asked(), back_asked(): without the last stroke; with the data from before the painting.
    """

    axes_chosen = Signal(object)
    unit_off_asked = Signal(int, int)
    points_added = Signal(object)
    point_moved = Signal(int, object)
    points_erased = Signal(object)
    undo_asked = Signal()
    back_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Says what it is for, until there is a picture."""
        super().__init__(parent)
        self.setObjectName("picture_view")
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self._picture: Picture | None = None
        self._names = Names()
        # Where there is little room, the number of the step counts.
        self._title = ElidedLabel(elide=Qt.TextElideMode.ElideLeft)
        self._title.setObjectName("picture_title")
        self._note = QLabel(PURPOSE)
        self._note.setObjectName("picture_note")
        self._note.setWordWrap(True)
        self._note.setTextFormat(Qt.TextFormat.PlainText)
        set_class(self._note, "muted")
        self.canvas, self.units = PictureCanvas(), UnitPictures()
        self.tools, self.paint = ToolSwitch(), PaintRow()
        self._layer, self._reason = PaintLayer(self.canvas), ""
        self._across, self._up = self._list("across"), self._list("up")
        self._output = self._list("output")
        self._about_units = ElidedLabel()
        self._about_units.setObjectName("picture_about_units")
        set_class(self._about_units, "muted")
        self._off = button("Unit off", "What if this unit gave 0, whatever the example", self._ask_off)
        self._off.setObjectName("picture_unit_off")
        set_class(self._off, "button small")
        self._pages = self._make_pages()
        self._unit_weights = UnitWeightsRow()
        self._arrange()
        self._across.activated.connect(self._choose_axes)
        self._up.activated.connect(self._choose_axes)
        self._output.currentIndexChanged.connect(self._show_output)
        self.units.unit_chosen.connect(self._show_unit)
        self.units.turned.connect(self._show_unit)
        self._connect_painting()
        self.show_picture(None)

    def show_picture(self, picture: Picture | None, recorded: bool = False, problem: str = "") -> None:
        """Shows another picture, or why there is none.

        Args:
            picture: what is shown; None for nothing.
            recorded: whether it is of a recorded step, not of the newest weights.
            problem: one line in place of the picture.
        """
        if picture is not None:
            problem = problem or lost_text(picture)
        if problem:
            picture = None
        self._picture = picture
        self._title.set_full_text("" if picture is None else title_of(picture, recorded))
        note = problem or PURPOSE if picture is None else plane_text(picture)
        self._note.setText(note[:1].upper() + note[1:])
        self._note.setVisible(bool(note))
        self.canvas.setVisible(picture is not None)
        self._fill_lists(picture)
        self._show_output()
        self._layer.show_picture(picture)
        if picture is not None:
            self.paint.show_picture(picture)
            self._layer.set_new_look(*self.paint.look)
        self._place_tools()
        self._show_paint_row()
        self.units.show_picture(picture)
        self._show_unit()

    def set_names(self, names: Names) -> None:
        """What inputs and outputs are called from now on."""
        if names != self._names:
            self._names = names
            self.canvas.set_names(names)
            self._fill_lists(self._picture)

    def set_painting(self, reason: str, can_undo: bool, origin: str) -> None:
        """What can be painted.

        Args:
            reason: why nothing can, in one line; "" where it can.
            can_undo: whether there is a stroke that can be undone.
            origin: what the data were before the painting; "" where that is not known, or they still are it.
        """
        self._reason = reason
        self.tools.set_reason(reason)
        self._place_tools()
        self.paint.set_ways_back(can_undo, origin)
        self._show_paint_row()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The tools go where there is room for them."""
        super().resizeEvent(event)
        self._place_tools()

    def _place_tools(self) -> None:
        """Beside the title, or below it where lists stand there; without a use only where there is room."""
        wide = self.width() >= _WIDE
        self.tools.setVisible(self._picture is not None and (wide or not self._reason))
        row = self._top if wide or not self._across.isVisibleTo(self) else self._below
        if row.indexOf(self.tools) < 0:
            (self._below if row is self._top else self._top).removeWidget(self.tools)
            row.insertWidget(1, self.tools)

    def forget_stroke(self) -> None:
        """What was painted is not taken: it is shown no longer."""
        self._layer.forget()

    def _connect_painting(self) -> None:
        self.tools.chosen.connect(self._take_tool)
        self.paint.look_changed.connect(lambda: self._layer.set_new_look(*self.paint.look))
        self._layer.added.connect(self._add)
        self._layer.moved.connect(self.point_moved)
        self._layer.erased.connect(self.points_erased)
        self.paint.undo_asked.connect(self.undo_asked)
        self.paint.back_asked.connect(self.back_asked)
        undo = QShortcut(QKeySequence(QKeySequence.StandardKey.Undo), self)
        undo.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        undo.activated.connect(self.undo_asked)

    def _take_tool(self, tool: Tool) -> None:
        self._layer.choose(tool)
        self._show_paint_row()

    def _show_paint_row(self) -> None:
        is_there = self.tools.isVisibleTo(self)
        paints = is_there and self.tools.tool is not Tool.LOOK
        self.paint.setVisible(paints)
        self.paint.show_tool(self.tools.tool)
        # Whoever paints needs room to aim.
        for part in (self.units, self._about_units):
            part.setVisible(is_there and not paints)
        self._show_unit()

    def _add(self, places: tuple[tuple[float, float], ...]) -> None:
        on_line = self._picture is not None and self._picture.output.ndim == 2
        target = self.paint.target
        self.points_added.emit(
            tuple((place[:1], place[1]) if on_line else (place, target) for place in places)
        )

    def _fill_lists(self, picture: Picture | None) -> None:
        inputs = 0 if picture is None else len(picture.plane.origin)
        axes = () if picture is None else picture.plane.axes
        names = [self._names.input(each) for each in range(min(inputs, _MOST_LISTED))]
        several = inputs > 2
        _fill(self._across, [_SUGGESTED, *names] if several else [], axes[0] + 1 if axes else 0)
        _fill(self._up, ["none", *names] if several else [], axes[1] + 1 if len(axes) > 1 else 0)
        self._up.setEnabled(bool(axes))
        outputs = 0
        # Along a line one is drawn, whatever they mean.
        one_is_shown = picture is not None and (
            picture.output.ndim == 2 or reading_of(picture) is Reading.VALUES
        )
        if picture is not None and one_is_shown and len(picture.output) > 1:
            outputs = len(picture.output)
        shown = [self._names.output(each) for each in range(min(outputs, _MOST_LISTED))]
        _fill(self._output, shown, min(max(self._output.currentIndex(), 0), max(outputs - 1, 0)))

    def _choose_axes(self) -> None:
        across, up = self._across.currentIndex() - 1, self._up.currentIndex() - 1
        if across < 0:
            self.axes_chosen.emit(())
        elif up < 0 or up == across:
            self.axes_chosen.emit((across,))
        else:
            self.axes_chosen.emit((across, up))

    def _show_output(self) -> None:
        self.canvas.show_picture(self._picture, max(self._output.currentIndex(), 0))

    def _show_unit(self) -> None:
        picture, chosen = self._picture, self.units.chosen
        for page in self._pages:
            page.setVisible(self.units.isVisibleTo(self) and self.units.hidden_count() > 0)
        self._off.setVisible(self.units.isVisibleTo(self) and chosen is not None)
        parts = self.parts
        self._unit_weights.setVisible(self.units.isVisibleTo(self) and parts is not None)
        self._unit_weights.show_parts(parts)
        if picture is None:
            return
        if chosen is None:
            self.canvas.show_fold(None)
            dead = sum(int(each.sum()) for each in picture.dead)
            words = [f"{sum(map(len, picture.hidden))} hidden units"]
            words += [f"{dead} {'gives' if dead == 1 else 'give'} 0 on the whole picture"] if dead else []
            words += [self.units.part_in_words()] if self.units.hidden_count() else []
            self._about_units.set_full_text(" · ".join(words))
            return
        layer, unit = chosen
        self.canvas.show_fold(picture.hidden[layer][unit])
        self._about_units.set_full_text(unit_text(picture, layer, unit))

    def _make_pages(self) -> tuple[QToolButton, QToolButton]:
        """To the units before those that are seen, and behind them."""
        back = button("‹", "The units before these (Page Up)", lambda: self.units.turn(-1))
        on = button("›", "The units behind these (Page Down)", lambda: self.units.turn(1))
        for each, name in ((back, "picture_units_back"), (on, "picture_units_on")):
            each.setObjectName(name)
            each.setAccessibleName(each.toolTip())
            set_class(each, "button small")
        return back, on

    @property
    def parts(self) -> UnitWeights | None:
        """The weights of the chosen unit; None without one, or where they are not known."""
        picture, chosen = self._picture, self.units.chosen
        if picture is None or chosen is None:
            return None
        return unit_weights(picture.weights, tuple(map(len, picture.hidden)), *chosen)

    @property
    def layers(self) -> int:
        """How often the picture's net uses a hidden layer."""
        return 0 if self._picture is None else len(self._picture.hidden)

    def _ask_off(self) -> None:
        if self.units.chosen is not None:
            self.unit_off_asked.emit(*self.units.chosen)

    def _list(self, name: str) -> QComboBox:
        box = QComboBox()
        box.setObjectName(f"picture_{name}")
        box.setAccessibleName({"output": "output that is shown"}.get(name, f"input that varies {name}"))
        box.setToolTip(box.accessibleName())
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        return box

    def _arrange(self) -> None:
        top, self._below = QHBoxLayout(), QHBoxLayout()
        top.setSpacing(4)
        top.addWidget(self._title, 1)
        top.addWidget(self.tools)
        self._top = top
        self._below.addWidget(self._note, 1)
        for box in (self._output, self._across, self._up):
            top.addWidget(box)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(8, 4, 8, 4)
        rows.setSpacing(2)
        rows.addLayout(top)
        rows.addLayout(self._below)
        rows.addWidget(self.paint)
        ground = QGridLayout()
        ground.addWidget(self.canvas, 0, 0)
        ground.addWidget(self._layer, 0, 0)
        rows.addLayout(ground, 1)
        about = QHBoxLayout()
        about.addWidget(self._about_units, 1)
        for each in (self._off, *self._pages):
            about.addWidget(each)
        rows.addLayout(about)
        rows.addWidget(self._unit_weights)
        rows.addWidget(self.units)
        rows.addStretch(0)


def _fill(box: QComboBox, texts: list[str], current: int) -> None:
    """Lists these texts, silently; without any the list is not there."""
    with QSignalBlocker(box):
        if [box.itemText(index) for index in range(box.count())] != texts:
            box.clear()
            box.addItems(texts)
        box.setCurrentIndex(current if texts else -1)
    box.setVisible(bool(texts))
