"""Painting must not use up `None`: a binding that gives back too many references ends Python 3.11.

PySide6 6.12.0 lost one at many a call of QPainter, some 200 a repainted plot; after seconds of painting the
interpreter died. From Python 3.12 on `None` is immortal: its count does not move, whatever the binding does.
"""

from __future__ import annotations

import math
import sys

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF
from pytestqt.qtbot import QtBot

from playground.history import NO_DEPTH, History
from ui.panels.loss import LossPlot

FRAMES = 300
CALLS = 2000
NOISE = 200
"""References that come and go by themselves: a fault costs at least one a call, hence ten times as many."""


class Paints(QObject):
    count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Paint
        return False


def test_repainting_a_plot_does_not_use_up_none(qtbot: QtBot) -> None:
    history = History(2 * FRAMES)
    panel = LossPlot()
    qtbot.addWidget(panel)
    panel.set_steps(2 * FRAMES)
    panel.set_history(history, 1)
    with qtbot.waitExposed(panel):
        panel.show()
    viewport = panel.canvas.plot.viewport()
    paints = Paints()
    viewport.installEventFilter(paints)
    before = sys.getrefcount(None)
    for frame in range(FRAMES):
        history.append(math.nan if frame % 50 == 7 else 1e6 / (frame + 1), NO_DEPTH, 0)
        panel.refresh()
        panel.set_cursor(frame // 2)
        viewport.repaint()
    assert paints.count >= FRAMES
    assert sys.getrefcount(None) >= before - NOISE


def test_drawing_does_not_use_up_none() -> None:
    image = QImage(64, 64, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    pen, line = QPen(QColor("#c93c0e")), QPolygonF([QPointF(0, 0), QPointF(63, 5), QPointF(2, 60)])
    painter = QPainter(image)
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        painter.save()
        painter.setPen(pen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.drawLine(QPoint(0, 0), QPoint(63, 63))
        painter.drawPolyline(line)
        painter.fillRect(QRect(10, 40, 8, 8), QColor("#1d6fb8"))
        painter.drawText(20, 20, "1e6")
        painter.restore()
    after = sys.getrefcount(None)
    painter.end()
    assert image.pixelColor(12, 42).name() == "#1d6fb8"
    assert after >= before - NOISE
