"""How much larger than at a desk everything is drawn: 1, or more where many people look from afar."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QWidget

SMALLEST_FROM_AFAR = 14
"""Pixels."""
_SIZE_IS_SET = 0x2
"""Of QFont's resolve mask: the size is the font's own, and does not follow the application's."""
_factor = 1.0
_at_desk: QFont | None = None


def scale() -> float:
    """The factor in force; what measures in pixels asks while it does so."""
    return _factor


def scaled(pixels: float) -> int:
    """So many pixels of a desk, at the factor in force."""
    return round(pixels * _factor)


def stroke(width: float) -> float:
    """Width of a line that is so wide at a desk: from afar it is half a pixel wider."""
    return width if _factor == 1.0 else width + 0.5


def small_text(pixels: int) -> int:
    """Pixels of letters in a graph or at an axis that have so many at a desk: from afar legible, too."""
    return pixels if _factor == 1.0 else max(SMALLEST_FROM_AFAR, scaled(pixels))


def set_scale(application: QApplication, factor: float) -> None:
    """Of `apply_theme` alone: gives letters that have no size of their own another one; 1 is as at first."""
    global _factor, _at_desk
    if factor == _factor:
        return
    _factor = factor
    if _at_desk is None:
        _at_desk = QFont(application.font())
    font = QFont(_at_desk)
    if factor != 1.0:
        font.setPointSizeF(_at_desk.pointSizeF() * factor)
    application.setFont(font)
    # The widgets hear of it later, but shall have it before there is a sheet again.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.ApplicationFontChange.value)


def own_sizes(application: QApplication, factor: float) -> list[tuple[QWidget, QFont]]:
    """Widgets with a font of a size of their own, and what it is at that factor; none where nothing changes.

    To be asked for while there is a sheet, and to be set after the next: a sheet that goes puts others back.
    """
    if factor == _factor == 1.0:
        return []
    own = [each for each in application.allWidgets() if each.testAttribute(Qt.WidgetAttribute.WA_SetFont)]
    sized = [(each, each.font()) for each in own if each.font().resolveMask() & _SIZE_IS_SET]
    return [(each, _resized(font, factor / _factor)) for each, font in sized]


def _resized(font: QFont, ratio: float) -> QFont:
    result = QFont(font)
    if font.pixelSize() > 0:
        result.setPixelSize(round(font.pixelSize() * ratio))
    else:
        # Rounded, that going there and back ends where it began.
        result.setPointSizeF(round(font.pointSizeF() * ratio, 6))
    return result
