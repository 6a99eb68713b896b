"""Connects the filmstrip with the graph variants of the present run."""

from __future__ import annotations

from PySide6.QtCore import QObject

from playground.graph.layout import Layout
from ui.bindings.context import Context
from ui.bindings.keeping import Keeping
from ui.panels.filmstrip import Filmstrip
from ui.panels.graph import GraphView
from ui.state.shown import Shown


class FilmstripBinding(QObject):
    """Shows the variants that were built, each with a small picture, and goes to one of them."""

    def __init__(self, filmstrip: Filmstrip, context: Context) -> None:
        """Connects both directions."""
        super().__init__(filmstrip)
        self._filmstrip, self._timeline = filmstrip, context.timeline
        timeline = context.timeline
        painter = context.places.panel("graph")
        assert isinstance(painter, GraphView), "it paints the small pictures, too"
        self._painter = painter
        self._pictured: Layout | None = None
        timeline.shown.connect(self.show)
        filmstrip.step_chosen.connect(timeline.go_to)
        filmstrip.structure_chosen.connect(timeline.go_to_structure)
        filmstrip.menu_asked.connect(Keeping(filmstrip, context).open_menu)

    def show(self, now: Shown, before: Shown | None) -> None:
        """Repaints what differs between two looks."""
        filmstrip = self._filmstrip
        if now.differs(before, "has_film"):
            filmstrip.setVisible(now.has_film)
        if now.differs(before, "run") and (before is None or before.run is not None):
            filmstrip.clear()
            self._pictured = None
        if now.film is None:
            return
        film = now.film
        if before is None or film is not before.film:
            filmstrip.show_statistics(film.structures, film.depths)
            filmstrip.show_newest(film.first, film.newest, film.newest_depths, film.losses)
        self._show_thumbnails(now)
        step = None if now.kept is not None else now.step
        filmstrip.show_current(step, now.structure, reveal=now.moved)

    def _show_thumbnails(self, now: Shown) -> None:
        """Pictures of the variants, all drawn with one layout so that they can be compared at a glance."""
        _, layout = self._timeline.drawing(0)
        if layout is None:
            return
        numbers = self._filmstrip.missing_thumbnails()
        if layout is not self._pictured:
            self._pictured = layout
            numbers = list(range(now.structures))
        for number in numbers:
            graph, own_layout = self._timeline.drawing(number)
            if own_layout is not None:
                size, ratio = self._filmstrip.thumbnail_size, self._filmstrip.devicePixelRatioF()
                picture = self._painter.canvas.thumbnail(graph, own_layout, size, ratio)
                self._filmstrip.set_thumbnail(number, picture)
