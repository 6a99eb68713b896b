"""A pulse over the graph: the forward pass runs to the loss, and the gradient back from it."""

from __future__ import annotations

from PySide6.QtCore import QObject, QVariantAnimation, Signal
from PySide6.QtGui import QColor, QPainter

from ui.panels.graph.scene import Scene
from ui.panels.graph.view import Viewport
from ui.style.theme import current_theme

MILLISECONDS = 80
"""Half of it forward, half of it back."""
MOST_EDGES = 200
"""Of a larger graph nobody could follow it."""
_DOT, _HALO, _HALO_SHARE = 3.5, 9.0, 0.22


class Pulse(QObject):
    """A front that goes over the drawing from left to right and back; each edge that it crosses has a dot.

    Signals:
        moved(): it is at another place, or has gone.
    """

    moved = Signal()

    def __init__(self, parent: QObject) -> None:
        """At rest."""
        super().__init__(parent)
        self._animation = QVariantAnimation(self)
        self._animation.setDuration(MILLISECONDS)
        self._animation.setStartValue(0.0)
        self._animation.setEndValue(1.0)
        self._animation.valueChanged.connect(self.moved)
        self._animation.finished.connect(self.moved)

    @property
    def running(self) -> bool:
        """Whether it is on its way."""
        return self._animation.state() is QVariantAnimation.State.Running

    def start(self) -> None:
        """Runs once; one that is on its way goes on."""
        if not self.running:
            self._animation.start()

    def stop(self) -> None:
        """Takes it away."""
        if self.running:
            self._animation.stop()
            self.moved.emit()

    def paint(self, painter: QPainter, scene: Scene, viewport: Viewport) -> None:
        """Paints the dots where the pulse is now."""
        value = self._animation.currentValue()
        if not self.running or not isinstance(value, float) or len(scene.edges) > MOST_EDGES:
            return
        forward = value < 0.5
        share = 2.0 * value if forward else 2.0 * (1.0 - value)
        theme = current_theme()
        color = QColor(theme.operation if forward else theme.backward)
        halo = QColor(color)
        halo.setAlphaF(_HALO_SHARE)
        front = share * scene.geometry.layout.width
        painter.save()
        painter.setPen(QColor(0, 0, 0, 0))
        for edge in scene.edges:
            path = scene.geometry.path(edge.key)
            ends = path.pointAtPercent(0.0).x(), path.pointAtPercent(1.0).x()
            left, right = min(ends), max(ends)
            if not left <= front <= right:
                continue
            way = (front - ends[0]) / (ends[1] - ends[0]) if right > left else 0.5
            place = viewport.to_widget(path.pointAtPercent(min(max(way, 0.0), 1.0)))
            for radius, brush in ((_HALO, halo), (_DOT, color)):
                painter.setBrush(brush)
                painter.drawEllipse(place, radius, radius)
        painter.restore()
