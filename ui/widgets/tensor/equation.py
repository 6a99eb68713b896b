"""An equation of tensors: a picture and a few numbers for each, with the signs between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from playground.recording.equations import Equation, Term
from ui.style.theme import Tone, current_theme, text_tone
from ui.widgets.tensor.tile import LINES, NARROWEST, PICTURE, WIDEST, TermTile, room_for

_GAP = 5
_ROW_GAP = 8
_SIGN = 1.25
"""Size of the signs, relative to the window's text."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a tile stands, or a sign."""

    left: int
    row: int
    width: int


class EquationView(QWidget):
    """The result, and what it was made from, in one row; in several where there is no room.

    Signals:
        term_chosen(object): the Term that the user opened; None if it was closed again.
    """

    term_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Without an equation, and so hidden at first."""
        super().__init__(parent)
        self._equation: Equation | None = None
        self._parts: list[Term | str] = []
        self._tiles: list[TermTile] = []
        self._places: list[_Place] = []
        self._sign_font = QFont(self.font())
        self._sign_font.setPointSizeF(self.font().pointSizeF() * _SIGN)
        self._sign_font.setWeight(QFont.Weight.DemiBold)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._tone: Tone = text_tone
        self.hide()

    def show_equation(self, equation: Equation | None, tone: Tone = text_tone) -> None:
        """Shows another one, the result's name and the signs in this color; None takes no room."""
        if equation is not self._equation:
            self._equation, self._tone = equation, tone
            before = [each.term.label for each in self.tiles()]
            self._parts = [] if equation is None else [equation.result, equation.sign, *equation.parts]
            terms = [each for each in self._parts if isinstance(each, Term)]
            same = before == [each.label for each in terms]
            room = room_for(terms)
            while len(self._tiles) < len(terms):
                self._add_tile()
            for number, tile in enumerate(self._tiles):
                tile.setVisible(number < len(terms))
                # The same tensors with other numbers, as with something changed: what was open stays so.
                tile.setChecked(tile.isChecked() and same)
                if number < len(terms):
                    tile.show_term(terms[number], tone if number == 0 else text_tone, room)
            self._place()
            self.updateGeometry()
            self.update()
        if self.isHidden() == (equation is not None):
            self.setVisible(equation is not None)

    def tiles(self) -> list[TermTile]:
        """Those that are shown, the result first."""
        count = sum(isinstance(each, Term) for each in self._parts)
        return self._tiles[:count]

    def text(self) -> str:
        """The equation in one line, and below it what is said of each tensor."""
        names = " ".join(each if isinstance(each, str) else f"[{each.label}]" for each in self._parts)
        return "\n".join([names, *(tile.text() for tile in self.tiles())])

    def hasHeightForWidth(self) -> bool:
        """Where there is no room for all tensors in a row they wrap."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Height of the rows at this width."""
        places = self._arranged(width)
        return (max((each.row for each in places), default=0) + 1) * (
            self._row_height() + _ROW_GAP
        ) - _ROW_GAP

    def sizeHint(self) -> QSize:
        """One row."""
        return QSize(3 * NARROWEST, self.heightForWidth(max(self.width(), 3 * NARROWEST)))

    def minimumSizeHint(self) -> QSize:
        """One tile wide."""
        return QSize(NARROWEST, self._row_height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Gives each its place."""
        super().resizeEvent(event)
        self._place()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints the signs."""
        painter = QPainter(self)
        painter.setFont(self._sign_font)
        painter.setPen(QColor(self._tone(current_theme())))
        for part, place in zip(self._parts, self._places, strict=True):
            if isinstance(part, str):
                top = place.row * (self._row_height() + _ROW_GAP)
                middle = (
                    top + self._tiles[0].base_height - 4 - LINES * QFontMetrics(self._tile_font()).height()
                )
                area = QRect(place.left, middle - PICTURE, place.width, PICTURE)
                painter.drawText(area, Qt.AlignmentFlag.AlignCenter, part)
        painter.end()

    def _tile_font(self) -> QFont:
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPointSizeF(self.font().pointSizeF() * 0.88)
        return font

    def _row_height(self) -> int:
        if not self._tiles:
            self._add_tile()
        return self._tiles[0].sizeHint().height()

    def _add_tile(self) -> None:
        tile = TermTile(self)
        tile.hide()
        tile.toggled.connect(lambda is_open, tile=tile: self._open(tile, is_open))
        self._tiles.append(tile)

    def _open(self, tile: TermTile, is_open: bool) -> None:
        if is_open:
            for other in self._tiles:
                if other is not tile:
                    other.setChecked(False)
            self.term_chosen.emit(tile.term)
        elif not any(each.isChecked() for each in self._tiles):
            self.term_chosen.emit(None)

    def _place(self) -> None:
        self._places = self._arranged(self.width())
        tiles = iter(self._tiles)
        for part, place in zip(self._parts, self._places, strict=True):
            if isinstance(part, Term):
                top = place.row * (self._row_height() + _ROW_GAP)
                next(tiles).setGeometry(place.left, top, place.width, self._row_height())

    def _arranged(self, width: int) -> list[_Place]:
        metrics = QFontMetrics(self._sign_font)
        needs = [None if isinstance(each, Term) else metrics.horizontalAdvance(each) for each in self._parts]
        places: list[_Place] = []
        for row, parts in enumerate(_rows(needs, width)):
            signs = sum(each + _GAP for each in parts if each is not None)
            tiles = max(1, sum(each is None for each in parts))
            share = max(24, min(WIDEST, (width - signs - (tiles - 1) * _GAP) // tiles))
            left = 0
            for each in parts:
                places.append(_Place(left, row, share if each is None else each))
                left += (share if each is None else each) + _GAP
        return places


def _rows(needs: Sequence[int | None], width: int) -> list[list[int | None]]:
    """Parts in as few rows as leave each tile its smallest width; a row begins with a sign where it can."""
    rows: list[list[int | None]] = [[]]
    used = 0
    for number, need in enumerate(needs):
        takes = (NARROWEST if need is None else need) + _GAP
        following = needs[number + 1] if number + 1 < len(needs) else 0
        # A sign stands in the row of the tensor that follows it.
        with_next = takes + (NARROWEST + _GAP if need is not None and following is None else 0)
        if rows[-1] and used + with_next - _GAP > width and (need is None or following is None):
            rows.append([])
            used = 0
        rows[-1].append(need)
        used += takes
    return rows
