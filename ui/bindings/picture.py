"""Connects the picture of the net with the step that is shown."""

from __future__ import annotations

from PySide6.QtCore import QObject

from playground.data.unit_weights import nodes_of_unit
from playground.data.what_if_targets import Intervention, targets
from ui.bindings.context import Context
from ui.panels.picture import PictureView
from ui.panels.picture.words import Names, kept_text, missing_text
from ui.session.live_pictures import PictureLook
from ui.state.painting import Painting
from ui.state.picture import PictureState


class PictureBinding(QObject):
    """Has pictures made while the panel can be seen, and shows them.

    Attributes:
        state: what is looked at.
        painting: what is painted into it.
    """

    def __init__(self, view: PictureView, context: Context) -> None:
        """Connects both directions."""
        super().__init__(view)
        self._view, self._timeline, self._what_if = view, context.timeline, context.what_if
        self._notices, self._session = context.notices, context.session
        self.state = PictureState(context.session, self)
        self.painting = Painting(context.session, self)
        self.state.changed.connect(self._show)
        view.axes_chosen.connect(self.state.choose)
        view.units.unit_chosen.connect(self._light)
        view.unit_off_asked.connect(self._switch_off)
        self._connect_painting()
        context.looked.connect(self._look)

    def _connect_painting(self) -> None:
        view, painting = self._view, self.painting
        view.points_added.connect(painting.add)
        view.point_moved.connect(painting.move)
        view.points_erased.connect(painting.erase)
        view.undo_asked.connect(painting.undo)
        view.back_asked.connect(painting.go_back)
        painting.changed.connect(self._show_painting)
        painting.refused.connect(self._refuse_stroke)
        self._show_painting()

    def _show_painting(self) -> None:
        painting = self.painting
        self._view.set_painting(painting.reason, painting.can_undo, painting.origin)

    def _refuse_stroke(self, reason: str) -> None:
        self._view.forget_stroke()
        if reason:
            self._notices.warn(reason)

    def _look(self) -> None:
        self.state.look(self._timeline.latest, self._view.isVisible())

    def _light(self, unit: tuple[int, int] | None) -> None:
        """Chooses the node of the unit's ReLU, and lights the nodes that it has a part of."""
        graph, replay = self._timeline.graph, self._timeline.replay
        if unit is None or graph is None:
            replay.light(frozenset())
            return
        relu, nodes = nodes_of_unit(graph, self._view.parts, self._view.layers, unit[0])
        replay.light(nodes)
        if relu:
            replay.select(relu)

    def _switch_off(self, layer: int, unit: int) -> None:
        """Asks what the shown step would be without a hidden unit."""
        recording = self._timeline.replay.recording
        known = () if recording is None else targets(recording).values()
        layers = list(dict.fromkeys(each.event for each in known if each.has_units))
        if layer < len(layers):
            self._what_if.change(Intervention((None, unit), 0.0, event=layers[layer]))
        else:
            self._notices.warn("Only a recorded step can be asked what if: pause, or press Step.")

    def _show(self, look: PictureLook | None) -> None:
        missing = self.state.missing
        file = self._session.settings.data_file
        self._view.set_names(Names() if file is None else Names(file.x_names, file.y_names))
        if missing is not None:
            problem = kept_text(missing) if self.state.of_another_run else missing_text(missing)
            self._view.show_picture(None, problem=problem)
        elif look is None:
            self._view.show_picture(None)
        else:
            self._view.show_picture(look.picture, look.wish.step is not None, look.problem)
        self.painting.show(None if missing is not None else look)
