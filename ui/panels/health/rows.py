"""The table of parameters: gradient norm, and how far a step moves each, as a number and a bar."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from playground.health.sample import HealthSample, ParameterHealth
from ui.style.scale import scaled
from ui.style.theme import Theme, current_theme

ROW, HEAD = 22, 20
LIVELY = 0.01
"""A step that changes more than this share of a parameter is marked: a hundredth is brisk."""
FULL_BAR = 0.05
"""The share at which the bar is full."""
_BAR = 24
_NUMBER, _SHARE = 60, 46
_GAP = 6


class HealthRows(QWidget):
    """Paints the whole table itself: its numbers change several times a second.

    Signals:
        parameter_chosen(str): the user clicked a parameter, or pressed Enter on it.
    """

    parameter_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Without parameters at first."""
        super().__init__(parent)
        self.setObjectName("health_rows")
        self.setAccessibleName("Health of the parameters")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        # Else all that lies under it is painted with it.
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._parameters: tuple[ParameterHealth, ...] = ()
        self._row = 0

    def show_sample(self, sample: HealthSample | None) -> None:
        """Shows what was seen of the parameters."""
        parameters = () if sample is None else sample.parameters
        if parameters == self._parameters:
            return
        resizes = len(parameters) != len(self._parameters)
        self._parameters = parameters
        self._row = min(self._row, max(0, len(parameters) - 1))
        self.setAccessibleDescription(" ".join(map(in_words, parameters)))
        if resizes:
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """A row for each parameter, below the head."""
        return QSize(260, HEAD + ROW * len(self._parameters))

    def minimumSizeHint(self) -> QSize:
        """The same height, and room for the numbers."""
        return QSize(_NUMBER + _BAR + _SHARE + 60, self.sizeHint().height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Chooses the parameter that was clicked."""
        row = self._row_at(event.position().y())
        if row is not None:
            self._row = row
            self.update()
            self.parameter_chosen.emit(self._parameters[row].name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Goes up and down; Enter chooses."""
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        key = Qt.Key(event.key())
        if key in steps and self._parameters:
            self._row = min(max(self._row + steps[key], 0), len(self._parameters) - 1)
            self.update()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._parameters:
            self.parameter_chosen.emit(self._parameters[self._row].name)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Tells a parameter in words where the pointer rests."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            row = self._row_at(event.pos().y())
            text = "" if row is None else in_words(self._parameters[row])
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints the head and the rows."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = current_theme()
        painter.fillRect(self.rect(), QColor(theme.surface))
        painter.setPen(QColor(theme.muted))
        name, number, _, share = self._columns(0, HEAD)
        left, right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, _right()
        painter.drawText(name, left, "parameter")
        painter.drawText(number, right, "‖grad‖")
        painter.drawText(share.adjusted(-_BAR - _GAP, 0, 0, 0), right, "|ΔW| / |W|")
        for row, parameter in enumerate(self._parameters):
            self._paint_row(painter, theme, row, parameter)
        painter.end()

    def _paint_row(self, painter: QPainter, theme: Theme, row: int, parameter: ParameterHealth) -> None:
        top = HEAD + row * ROW
        name, number, bar, share = self._columns(top, ROW)
        painter.setPen(QPen(QColor(theme.border), 1))
        painter.drawLine(0, top, self.width(), top)
        if self.hasFocus() and row == self._row:
            painter.setPen(QPen(QColor(theme.parameter), 1, Qt.PenStyle.DashLine))
            painter.drawRect(QRect(0, top, self.width() - 1, ROW - 1))
        color = QColor(tone_of(parameter, theme))
        painter.setPen(QColor(theme.text))
        shown = short_name(parameter.name, self.fontMetrics(), name.width())
        painter.drawText(name, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
        painter.setFont(_mono(self.font()))
        painter.setPen(QColor(theme.text if parameter.is_finite else theme.error))
        painter.drawText(number, _right(), norm_text(parameter.gradient_norm))
        painter.setPen(color if parameter.update_share is not None else QColor(theme.muted))
        painter.drawText(share, _right(), share_text(parameter.update_share))
        painter.setFont(self.font())
        groove = QRect(bar.left(), bar.center().y() - 3, bar.width(), 7)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.border))
        painter.drawRoundedRect(groove, 2, 2)
        amount = parameter.update_share
        if amount is not None:
            full = 1.0 if not math.isfinite(amount) else min(1.0, amount / FULL_BAR)
            groove.setWidth(max(2, round(full * groove.width())) if amount else 0)
            painter.setBrush(color)
            painter.drawRoundedRect(groove, 2, 2)

    def _columns(self, top: int, height: int) -> tuple[QRect, QRect, QRect, QRect]:
        """Places of name, norm, bar and share in a row."""
        right = self.width() - 2
        share = QRect(right - scaled(_SHARE), top, scaled(_SHARE), height)
        bar = QRect(share.left() - _BAR - _GAP, top, _BAR, height)
        number = QRect(bar.left() - scaled(_NUMBER) - _GAP, top, scaled(_NUMBER), height)
        return QRect(2, top, max(10, number.left() - _GAP), height), number, bar, share

    def _row_at(self, y: float) -> int | None:
        row = int((y - HEAD) // ROW)
        return row if 0 <= row < len(self._parameters) else None


def short_name(name: str, metrics: QFontMetrics, width: int) -> str:
    """A parameter's name, shortened where its module is told: which of its tensors it is stays."""
    module, dot, tensor = name.rpartition(".")
    rest = width - metrics.horizontalAdvance(dot + tensor)
    if not module or rest < metrics.horizontalAdvance("mm…"):
        return metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, width)
    return metrics.elidedText(module, Qt.TextElideMode.ElideRight, rest) + dot + tensor


def tone_of(parameter: ParameterHealth, theme: Theme) -> str:
    """Red for NaN and infinity, amber for a brisk update, green for a healthy one."""
    if not parameter.is_finite:
        return theme.error
    return theme.warning if (parameter.update_share or 0.0) > LIVELY else theme.update


def norm_text(norm: float | None) -> str:
    """`"78.1"`, `"2.7e+06"`, `"none"`."""
    return "none" if norm is None else f"{norm:.3g}"


def share_text(share: float | None) -> str:
    """`"0.8%"`; a dash where it is not known."""
    if share is None:
        return "–"
    if not math.isfinite(share):
        return str(share)
    if share >= 1:
        return f"{share:.0f}×" if share < 1000 else f"{share:.0e}×".replace("e+0", "e").replace("e+", "e")
    percent = 100 * share
    return f"{percent:.1f}%" if percent >= 0.05 or not percent else f"{percent:.0e}%".replace("e-0", "e-")


def in_words(parameter: ParameterHealth) -> str:
    """Everything that is known of it."""
    shape = " × ".join(map(str, parameter.shape)) or "scalar"
    norm = (
        "no gradient" if parameter.gradient_norm is None else f"gradient norm {parameter.gradient_norm:.4g}"
    )
    share = (
        "the share of the update is not known"
        if parameter.update_share is None
        else f"this step changed it by {share_text(parameter.update_share)} of its norm"
    )
    return f"{parameter.name} ({shape}): {norm}; {share}."


def _right() -> Qt.AlignmentFlag:
    return Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight


def _mono(font: QFont) -> QFont:
    mono = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    mono.setPointSizeF(font.pointSizeF() * 0.9)
    return mono
