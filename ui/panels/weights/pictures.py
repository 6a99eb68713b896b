"""The page of pictures: a strip over the steps for each parameter."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from playground.data.weight_path import WeightPoint
from playground.data.weight_tiles import tiles_of
from ui.panels.weights.strip import WeightStrip
from ui.style.sheet import set_class
from ui.style.theme import current_theme
from ui.widgets.eliding_label import ElidedLabel

PURPOSE = "The parameters as pictures, in some of the steps: blue below zero, orange above."
HINT = "Point at an element to read it; a click goes to the step that began with these weights."
MOST_PARAMETERS = 40
"""That have a strip, the first ones."""


class PicturesPage(QWidget):
    """Shows the weights that a run went through.

    Signals:
        step_chosen(int): the user wants to see this step.
    """

    step_chosen = Signal(int)

    def __init__(self) -> None:
        """Says what it is for, until there are weights."""
        super().__init__()
        self.setObjectName("weight_pictures")
        self.strips: dict[str, WeightStrip] = {}
        self._large, self._known = False, ""
        self._shown: tuple[object, ...] = ()
        self._about = QLabel(PURPOSE)
        self._about.setWordWrap(True)
        self._about.setContentsMargins(12, 4, 12, 4)
        set_class(self._about, "muted")
        self.reading = ElidedLabel(elide=Qt.TextElideMode.ElideRight)
        self.reading.setObjectName("weight_reading")
        content = QWidget()
        content.setBackgroundRole(QPalette.ColorRole.Base)
        self._list = QVBoxLayout(content)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.addStretch(1)
        self._area = QScrollArea()
        self._area.setWidget(content)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        foot = QVBoxLayout()
        foot.setContentsMargins(12, 2, 8, 4)
        foot.addWidget(self.reading)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 4, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._about)
        whole.addWidget(self._area, 1)
        whole.addLayout(foot)
        self._area.hide()

    def show_points(self, points: Mapping[int, WeightPoint], digits: bool, mark: int | None) -> None:
        """Shows these weights by step, and frames the step that is shown elsewhere.

        Args:
            points: by step; none where there are none, or where the net is too large.
            digits: whether the inputs are handwritten digits.
            mark: the step that is shown elsewhere.
        """
        state = ([*points.values()], digits, mark, current_theme())
        if state == self._shown:
            return
        self._shown = state
        newest = points[max(points)].weights if points else {}
        shapes = {name: each.shape for name, each in [*newest.items()][:MOST_PARAMETERS] if each.size}
        tiles = tiles_of(shapes, digits)
        wanted = {name: (tile.shape, tile.units) for name, tile in tiles.items()}
        if wanted != {name: (each.tile.shape, each.tile.units) for name, each in self.strips.items()}:
            for strip in self.strips.values():
                self._list.removeWidget(strip)
                strip.deleteLater()
            self.strips = {name: WeightStrip(name, tile) for name, tile in tiles.items()}
            for place, strip in enumerate(self.strips.values()):
                self._list.insertWidget(place, strip)
                strip.enlarge(self._large)
                strip.step_chosen.connect(self.step_chosen)
                strip.pointed.connect(self._tell)
            self._about.setVisible(not tiles)
            self._area.setVisible(bool(tiles))
            self._tell("")
        for name, strip in self.strips.items():
            there = {step: each.weights[name] for step, each in points.items() if name in each.weights}
            strip.show_weights(there, mark)

    def enlarge(self, large: bool) -> None:
        """Gives each picture more room, or as much as at first."""
        self._large = large
        for strip in self.strips.values():
            strip.enlarge(large)

    def _tell(self, text: str) -> None:
        self.reading.set_full_text(text or (HINT if self.strips else ""))
