"""Connects the picture of the net with the step that is shown."""

from __future__ import annotations

from PySide6.QtCore import QObject

from ui.bindings.context import Context
from ui.panels.picture import PictureView
from ui.session.live_pictures import PictureLook
from ui.state.picture import PictureState


class PictureBinding(QObject):
    """Has pictures made while the panel can be seen, and shows them.

    Attributes:
        state: what is looked at.
    """

    def __init__(self, view: PictureView, context: Context) -> None:
        """Connects both directions."""
        super().__init__(view)
        self._view, self._timeline = view, context.timeline
        self.state = PictureState(context.session, self)
        self.state.changed.connect(self._show)
        view.axes_chosen.connect(self.state.choose)
        context.looked.connect(self._look)

    def _look(self) -> None:
        self.state.look(self._timeline.latest, self._view.isVisible())

    def _show(self, look: PictureLook | None) -> None:
        if look is None:
            self._view.show_picture(None)
        else:
            self._view.show_picture(look.picture, look.wish.step is not None, look.problem)
