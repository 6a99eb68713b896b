"""The user's hands, eyes and ears: what tests do to widgets, and what they find, see and hear of them."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from PySide6.QtCore import QObject, QPoint, QPointF, QRectF, Qt, SignalInstance
from PySide6.QtGui import QAction, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

LEFT = Qt.MouseButton.LeftButton
NO_KEY = Qt.KeyboardModifier.NoModifier

Found = TypeVar("Found", bound=QObject)


def find(parent: QObject, kind: type[Found], name: str = "") -> Found:
    """The part of a class, and of a name if one is given."""
    found = parent.findChild(kind, name) if name else parent.findChild(kind)
    assert isinstance(found, kind), f"there is a {kind.__name__} {name}"
    return found


def press(window: QWidget, name: str) -> None:
    """Triggers an action, as its button, its menu entry and its key do."""
    find(window, QAction, name).trigger()


def focus(qtbot: QtBot, widget: QWidget) -> None:
    widget.setFocus()
    qtbot.waitUntil(widget.hasFocus)


def press_keys(qtbot: QtBot, widget: QWidget, *keys: Qt.Key) -> None:
    focus(qtbot, widget)
    for key in keys:
        QTest.keyClick(widget, key)


def type_over(qtbot: QtBot, field: QWidget, text: str, end: Qt.Key | None = Qt.Key.Key_Return) -> None:
    """Types a text in place of the one in a field, and the key that ends it if one is given."""
    assert isinstance(field, QAbstractSpinBox | QLineEdit)
    focus(qtbot, field)
    field.selectAll()
    QTest.keyClick(field, Qt.Key.Key_Delete)
    QTest.keyClicks(field, text)
    if end is not None:
        QTest.keyClick(field, end)


def click(widget: QWidget, place: QPoint | None = None, keys: Qt.KeyboardModifier = NO_KEY) -> None:
    """Clicks at a place, or in the middle."""
    QTest.mouseClick(widget, LEFT, keys, place or widget.rect().center())


def drag(widget: QWidget, start: QPoint, end: QPoint) -> None:
    QTest.mousePress(widget, LEFT, NO_KEY, start)
    QTest.mouseMove(widget, (start + end) / 2)
    QTest.mouseMove(widget, end)
    QTest.mouseRelease(widget, LEFT, NO_KEY, end)


def turn_wheel(
    widget: QWidget, eighths: int = 120, place: QPoint | None = None, keys: Qt.KeyboardModifier = NO_KEY
) -> QWheelEvent:
    """Turns the wheel by eighths of a degree at a place or in the middle; the event tells if it was taken."""
    where = QPointF(place or widget.rect().center())
    event = QWheelEvent(
        where,
        widget.mapToGlobal(where),
        QPoint(),
        QPoint(0, eighths),
        Qt.MouseButton.NoButton,
        keys,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)
    return event


def heard(signal: SignalInstance) -> list[object]:
    """What a signal of one argument tells, as it tells it."""
    told: list[object] = []
    signal.connect(told.append)
    return told


def colors_of(seen: QWidget | QImage, area: QRectF | None = None) -> set[str]:
    """Names of the colors of all pixels, of a part of the picture if one is given."""
    image = seen.grab().toImage() if isinstance(seen, QWidget) else seen
    if area is not None:
        image = image.copy(area.toAlignedRect().intersected(image.rect()))
    if image.isNull():
        return set()
    image = image.convertToFormat(QImage.Format.Format_ARGB32)
    pixels = np.frombuffer(image.constBits(), np.uint32) & 0xFFFFFF
    return {f"#{color:06x}" for color in np.unique(pixels).tolist()}
