"""An equation of tensors: a picture and a few numbers for each, with the signs between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QFontMetrics,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from playground.recording.equations import Equation, Term
from playground.recording.snapshot import Snapshot
from ui.style.theme import Tone, current_theme, text_tone
from ui.widgets.tensor import text as tensor_words
from ui.widgets.tensor.compared import largest_of
from ui.widgets.tensor.heatmap import Heatmap

_PICTURE, _OTHER = 46, 28
"""Pixels of the pictures: of the tensor, and of what it would have been and how far that is."""
_NARROWEST, _WIDEST = 76, 150
_GAP = 5
_ROW_GAP = 8
_SIGN = 1.25
"""Size of the signs, relative to the window's text."""
_LINES = 4


class Room(Enum):
    """For what tensors would have been; the values are the lines that it takes."""

    NONE = 0
    NUMBERS = 2
    PICTURES = 3


class TermTile(QAbstractButton):
    """One tensor: its name, its picture or its one number, and its shape, std, min and max."""

    def __init__(self, parent: QWidget) -> None:
        """Without a tensor at first."""
        super().__init__(parent)
        self._term = Term("", None)
        self._tone: Tone = text_tone
        self._lines: list[tuple[str, bool]] | None = None
        self._picture = _still_heatmap(self)
        self._others: list[Heatmap] = []
        self._room = Room.NONE
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._use_font()

    @property
    def term(self) -> Term:
        """What is shown."""
        return self._term

    def show_term(self, term: Term, tone: Tone, room: Room = Room.NONE) -> None:
        """Shows another tensor, its name in this color.

        Args:
            term: the tensor.
            tone: of its name.
            room: for what it would have been, if it is another.
        """
        self._term, self._tone, self._lines, self._room = term, tone, None, room
        self._show_others()
        pictured = _is_pictured(term.value)
        self._picture.set_snapshot(term.value if pictured else None)
        self._picture.setVisible(pictured)
        self.setAccessibleName(term.label)
        self.setToolTip(" · ".join(filter(None, (term.label, term.note, "click to read its elements"))))
        self.update()

    def lines(self) -> list[str]:
        """The lines below the picture."""
        return [line for line, _ in self._told()]

    def text(self) -> str:
        """All that is shown, as plain text."""
        named = " ".join(filter(None, (self._term.label, self._term.note)))
        return "\n".join([named, *self.lines(), *self._comparison()])

    def nextCheckState(self) -> None:
        """What is not defined has nothing to open."""
        if self._term.value is not None:
            super().nextCheckState()

    def sizeHint(self) -> QSize:
        """A picture and its lines."""
        pictures = 2 * (_OTHER + 2) if self._room is Room.PICTURES else 0
        return QSize(_WIDEST, self.base_height + self._room.value * self._small_height + pictures)

    @property
    def base_height(self) -> int:
        """Of what is shown in any case."""
        return self._bold_height + _PICTURE + 4 + _LINES * self._small_height

    def minimumSizeHint(self) -> QSize:
        """Names are shortened, numbers are not."""
        return QSize(_NARROWEST, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Gives the picture its place."""
        super().resizeEvent(event)
        self._picture.setGeometry(self._frame())
        self._place_others()

    def changeEvent(self, event: QEvent) -> None:
        """Takes another font as it comes."""
        if event.type() == QEvent.Type.FontChange:
            self._use_font()
            self.updateGeometry()
        super().changeEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paints name, number and lines, and a frame where it is open or has the focus."""
        painter = QPainter(self)
        theme, told = current_theme(), self._told()
        painter.setFont(self._bold)
        painter.setPen(QColor(self._tone(theme)))
        self._paint_line(painter, 0, self._bold_height, self._term.label, Qt.TextElideMode.ElideMiddle)
        if not _is_pictured(self._term.value):
            self._paint_number(painter)
        painter.setFont(self._small)
        top = self._bold_height + _PICTURE + 4
        for line, alarming in told:
            painter.setPen(QColor(theme.error if alarming else theme.muted))
            self._paint_line(painter, top, self._small_height, line, Qt.TextElideMode.ElideRight)
            top += self._small_height
        self._paint_comparison(painter)
        if self.hasFocus() or self.isChecked() or self.underMouse():
            strong = self.hasFocus() or self.isChecked()
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.parameter if strong else theme.muted), 2 if strong else 1))
            painter.drawRect(QRectF(self._frame()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()
        if not self.accessibleDescription():
            self.setAccessibleDescription(", ".join(self.lines()))

    def _told(self) -> list[tuple[str, bool]]:
        if self._lines is None:
            self._lines = list(tensor_words.tile_lines(self._term.value, self._term.note))
            self.setAccessibleDescription("")
        return self._lines

    def _show_others(self) -> None:
        value = self._term.value
        twin = value.twin if value is not None and self._room is Room.PICTURES else None
        if twin is not None and not self._others:
            self._others = [_still_heatmap(self), _still_heatmap(self)]
        if value is None or twin is None:
            for picture in self._others:
                picture.hide()
            return
        shown = (twin, largest_of(value)), (value.difference, None)
        for picture, (each, scale) in zip(self._others, shown, strict=True):
            picture.set_snapshot(each if _is_pictured(each) else None, scale)
            picture.setVisible(_is_pictured(each))
        self._place_others()

    def _comparison(self) -> list[str]:
        """The lines above the two other pictures, and one below; that it is the same, where it is."""
        value = self._term.value
        if self._room is Room.NONE or value is None:
            return []
        if value.twin is None:
            return ["unchanged"]
        what = tensor_words.whole_number_text(value.twin)
        difference = tensor_words.largest_difference_text(value)
        return [
            "what if" if not what else f"what if {what}",
            difference,
            tensor_words.count_changed_text(value),
        ]

    def _line_top(self, number: int) -> int:
        """Where a line of the comparison begins."""
        return self.base_height + number * (self._small_height + _OTHER + 2)

    def _place_others(self) -> None:
        for number, picture in enumerate(self._others):
            picture.setGeometry(0, self._line_top(number) + self._small_height, self.width(), _OTHER)

    def _paint_comparison(self, painter: QPainter) -> None:
        theme = current_theme()
        pictured = _is_pictured(self._term.value)
        for number, line in enumerate(self._comparison()):
            top = self._line_top(number) if pictured else self.base_height + number * self._small_height
            changed = self._term.value is not None and self._term.value.twin is not None
            painter.setPen(QColor(theme.warning if changed and number < 2 else theme.muted))
            self._paint_line(painter, top, self._small_height, line, Qt.TextElideMode.ElideRight)

    def _frame(self) -> QRect:
        return QRect(0, self._bold_height, self.width(), _PICTURE)

    def _paint_line(
        self, painter: QPainter, top: int, height: int, text: str, elide: Qt.TextElideMode
    ) -> None:
        shown = painter.fontMetrics().elidedText(text, elide, self.width())
        painter.drawText(QRect(0, top, self.width(), height), Qt.AlignmentFlag.AlignLeft, shown)

    def _paint_number(self, painter: QPainter) -> None:
        value = self._term.value
        number = None if value is None else value.number
        text = "None" if value is None else "empty" if number is None else tensor_words.number_text(number)
        theme = current_theme()
        painter.setPen(QColor(theme.border))
        painter.setBrush(QColor(theme.raised))
        painter.drawRect(QRectF(self._frame()).adjusted(0.5, 0.5, -0.5, -0.5))
        flawed = value is not None and bool(tensor_words.flaw_text(value))
        painter.setPen(QColor(theme.error if flawed else theme.faint if number is None else theme.text))
        font = QFont(self._bold)
        font.setPointSizeF(font.pointSizeF() * 1.2)
        share = (self.width() - 8) / max(1, QFontMetrics(font).horizontalAdvance(text))
        font.setPointSizeF(font.pointSizeF() * min(1.0, share))
        painter.setFont(font)
        painter.drawText(self._frame(), Qt.AlignmentFlag.AlignCenter, text)

    def _use_font(self) -> None:
        self._bold = QFont(self.font())
        self._bold.setWeight(QFont.Weight.DemiBold)
        self._small = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        self._small.setPointSizeF(self.font().pointSizeF() * 0.88)
        self._bold_height = QFontMetrics(self._bold).height() + 1
        self._small_height = QFontMetrics(self._small).height()


def _room_for(terms: Sequence[Term]) -> Room:
    differ = [each.value for each in terms if each.value is not None and each.value.twin is not None]
    if not differ:
        return Room.NONE
    return Room.PICTURES if any(map(_is_pictured, differ)) else Room.NUMBERS


def _still_heatmap(owner: QWidget) -> Heatmap:
    """A picture that leaves mouse and keys to its owner."""
    picture = Heatmap(owner)
    picture.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    picture.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    return picture


def _is_pictured(value: Snapshot | None) -> bool:
    return value is not None and value.number is None and 0 not in value.shape


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
            room = _room_for(terms)
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
        return QSize(3 * _NARROWEST, self.heightForWidth(max(self.width(), 3 * _NARROWEST)))

    def minimumSizeHint(self) -> QSize:
        """One tile wide."""
        return QSize(_NARROWEST, self._row_height())

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
                    top + self._tiles[0].base_height - 4 - _LINES * QFontMetrics(self._tile_font()).height()
                )
                area = QRect(place.left, middle - _PICTURE, place.width, _PICTURE)
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
            share = max(24, min(_WIDEST, (width - signs - (tiles - 1) * _GAP) // tiles))
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
        takes = (_NARROWEST if need is None else need) + _GAP
        following = needs[number + 1] if number + 1 < len(needs) else 0
        # A sign stands in the row of the tensor that follows it.
        with_next = takes + (_NARROWEST + _GAP if need is not None and following is None else 0)
        if rows[-1] and used + with_next - _GAP > width and (need is None or following is None):
            rows.append([])
            used = 0
        rows[-1].append(need)
        used += takes
    return rows
