"""Drawings as the bytes of a picture, of a drawing with text, or of a page."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QPoint, QRect, QSize, QSizeF
from PySide6.QtGui import QImage, QPageSize, QPainter, QPdfWriter, QRegion
from PySide6.QtSvg import QSvgGenerator, QSvgRenderer
from PySide6.QtWidgets import QWidget

from playground.workspace.files import FileError

PICTURE_SCALE = 2.0
"""Pixels of a picture to a pixel of the screen: it may be shown on a wall."""
MOST_PIXELS = 100_000_000
"""Of a picture; a larger drawing is made smaller."""
LONGEST_SIDE = 30_000
"""Pixels that Qt can paint in one direction."""
POINTS_TO_A_PIXEL = 0.75


def svg_as(svg: str, written: str) -> bytes:
    """A drawing as a picture (`"png"`) or a page of its size (`"pdf"`); any thread may do it.

    Raises:
        FileError: Qt cannot draw it.
    """
    renderer = QSvgRenderer(QByteArray(svg.encode()))
    size = renderer.viewBoxF().size()
    if not renderer.isValid() or size.isEmpty():
        raise FileError("the drawing cannot be painted")
    if written == "pdf":
        data, buffer = _buffer()
        writer = _page(buffer, size)
        painter = QPainter(writer)
        renderer.render(painter)
        painter.end()
        return _taken(data, buffer)
    image = _image(size)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    return png(image)


def widget_as(widget: QWidget, written: str, area: QRect | None = None) -> bytes:
    """What a widget shows.

    Args:
        widget: any; only the window's thread can paint it.
        written: `"png"`: a picture, `"svg"`: a drawing with text, `"pdf"`: a page.
        area: the part of it that counts; None for all.
    """
    shown = widget.rect() if area is None else area
    size = shown.size()
    if written == "png":
        image = _image(QSizeF(size))
        image.setDevicePixelRatio(image.width() / max(size.width(), 1))
        painter = QPainter(image)
        _paint(widget, painter, shown)
        return png(image)
    data, buffer = _buffer()
    if written == "pdf":
        writer = _page(buffer, QSizeF(size))
        painter = QPainter(writer)
        painter.scale(writer.width() / size.width(), writer.height() / size.height())
        _paint(widget, painter, shown)
    else:
        generator = QSvgGenerator()
        generator.setOutputDevice(buffer)
        generator.setSize(size)
        generator.setViewBox(QRect(QPoint(0, 0), size))
        generator.setTitle(widget.accessibleName() or widget.objectName())
        painter = QPainter(generator)
        _paint(widget, painter, shown)
    return _taken(data, buffer)


def _paint(widget: QWidget, painter: QPainter, area: QRect) -> None:
    """Has a widget painted by somebody else's painter, which is at its end then."""
    # Between two parts of it a hair's breadth may stay free.
    ground = widget.palette().color(widget.backgroundRole())
    painter.fillRect(QRect(QPoint(0, 0), area.size()), ground)
    # Some views have a `render` of their own, which paints something else.
    QWidget.render(widget, painter, QPoint(0, 0), QRegion(area))
    painter.end()


def png(image: QImage) -> bytes:
    """The bytes of a picture."""
    data, buffer = _buffer()
    if not image.save(buffer, "PNG"):  # type: ignore[call-overload]
        raise FileError("the picture cannot be written")
    return _taken(data, buffer)


def _image(size: QSizeF) -> QImage:
    """An empty picture for a drawing of this size, as sharp as there is room for."""
    pixels = max(size.width() * size.height(), 1.0)
    longest = max(size.width(), size.height())
    scale = min(PICTURE_SCALE, (MOST_PIXELS / pixels) ** 0.5, LONGEST_SIDE / longest)
    whole = QSize(max(round(size.width() * scale), 1), max(round(size.height() * scale), 1))
    image = QImage(whole, QImage.Format.Format_ARGB32_Premultiplied)
    if image.isNull():
        raise FileError("there is not enough memory for the picture")
    image.fill(0)
    return image


def _page(buffer: QBuffer, size: QSizeF) -> QPdfWriter:
    """One page without a margin, as large as the drawing."""
    writer = QPdfWriter(buffer)
    points = size * POINTS_TO_A_PIXEL
    writer.setPageSize(QPageSize(points, QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.ExactMatch))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    return writer


def _buffer() -> tuple[QByteArray, QBuffer]:
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    return data, buffer


def _taken(data: QByteArray, buffer: QBuffer) -> bytes:
    buffer.close()
    return bytes(data.data())
