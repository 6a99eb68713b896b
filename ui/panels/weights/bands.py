"""The page of distributions: a row for each parameter, with its elements and its gradient's in two plots."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from playground.health.spread import PERCENTILES, Bands, Spreads
from ui.panels.weights.axis import value_text
from ui.panels.weights.band_plot import BandPlot, band_colors
from ui.style.sheet import set_class
from ui.style.theme import Theme, Tone, backward_tone, current_theme
from ui.widgets.eliding_label import ElidedLabel
from ui.widgets.number_text import show_whole

PURPOSE = "How the elements of each parameter and of its gradient are spread, step by step."
NAMES = ("min", "5 %", "25 %", "median", "75 %", "95 %", "max")
ROW_HEIGHT = 132
_LEGEND = ("min to max", "5 to 95 %", "25 to 75 %")


def _parameter_tone(theme: Theme) -> str:
    return theme.parameter


class BandsLegend(QWidget):
    """Says which band is which."""

    def __init__(self, tone: Tone) -> None:
        """In the colors of the bands of this tone."""
        super().__init__()
        self._tone = tone
        self.setAccessibleName(f"Bands: {', '.join(_LEGEND)}; the line is the median")

    def sizeHint(self) -> QSize:
        """One line of text."""
        metrics = self.fontMetrics()
        words = [*_LEGEND, "median"]
        return QSize(sum(metrics.horizontalAdvance(each) + 30 for each in words), metrics.height() + 4)

    def minimumSizeHint(self) -> QSize:
        """All of it, or nothing can be read."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A patch of each band's color, and the median's line."""
        painter, theme = QPainter(self), current_theme()
        x, middle = 0, self.height() / 2
        for number, text in enumerate((*_LEGEND, "median")):
            if number < len(_LEGEND):
                painter.fillRect(QRectF(x, middle - 5, 14, 10), band_colors(theme, self._tone)[number])
            else:
                painter.setPen(QPen(QColor(self._tone(theme)), 1.5))
                painter.drawLine(QPoint(x, int(middle)), QPoint(x + 14, int(middle)))
            painter.setPen(QColor(theme.muted))
            width = painter.fontMetrics().horizontalAdvance(text)
            painter.drawText(QRect(x + 18, 0, width + 2, self.height()), Qt.AlignmentFlag.AlignVCenter, text)
            x += width + 30
        painter.end()


class _Row(QWidget):
    """A parameter. Its plots are made when they are seen for the first time: each takes some milliseconds."""

    step_chosen = Signal(int)
    pointed = Signal(object, object)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.plots: tuple[BandPlot, ...] = ()
        self.drawn: object = None
        self._title, self._note = QLabel(name), ElidedLabel(elide=Qt.TextElideMode.ElideRight)
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        set_class(self._title, "title")
        set_class(self._note, "muted")
        self.setFixedHeight(ROW_HEIGHT)
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self._title)
        head.addWidget(self._note, 1)
        self._plots = QHBoxLayout()
        self._plots.setSpacing(4)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 6)
        column.setSpacing(0)
        column.addLayout(head)
        column.addLayout(self._plots, 1)

    def draw(self, spreads: Spreads, symlog: bool, mark: int | None) -> None:
        count, taken = spreads.sizes[self.name]
        self._note.set_full_text(f"{elements_text(count, taken)}, and of its gradient at the right")
        if not self.plots:
            self.plots = self._made()
        for gradient, plot in enumerate(self.plots):
            plot.follow_theme()
            plot.show_bands(spreads.bands(self.name, bool(gradient)), symlog, mark)

    def _made(self) -> tuple[BandPlot, ...]:
        own = BandPlot(self.name, f"distribution of {self.name}", _parameter_tone)
        spoken = f"distribution of the gradient of {self.name}"
        gradient = BandPlot(f"{self.name}.grad", spoken, backward_tone)
        for plot in (own, gradient):
            plot.setFixedHeight(ROW_HEIGHT - 24)
            plot.step_chosen.connect(self.step_chosen)
            plot.pointed.connect(self.pointed)
            self._plots.addWidget(plot, 1)
        return own, gradient


class BandsPage(QWidget):
    """Shows the spreads of a run.

    Signals:
        step_chosen(int): the user wants to see this step.
    """

    step_chosen = Signal(int)

    def __init__(self) -> None:
        """Says what it is for, until there is a step."""
        super().__init__()
        self.setObjectName("distributions")
        self._spreads: Spreads | None = None
        self._symlog, self._mark = True, -1
        self.rows: dict[str, _Row] = {}
        self._purpose = QLabel(PURPOSE)
        self._purpose.setWordWrap(True)
        set_class(self._purpose, "muted")
        # Room for two lines at any time: another text moves nothing.
        self.reading = QLabel()
        self.reading.setWordWrap(True)
        self.reading.setTextFormat(Qt.TextFormat.PlainText)
        self.reading.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom)
        self.reading.setFixedHeight(2 * self.reading.fontMetrics().lineSpacing() + 2)
        self.reading.setObjectName("distributions_reading")
        self._content = QWidget()
        self._content.setBackgroundRole(QPalette.ColorRole.Base)
        self._list = QVBoxLayout(self._content)
        self._list.setContentsMargins(8, 0, 4, 0)
        self._list.addStretch(1)
        self._area = QScrollArea()
        self._area.setWidget(self._content)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.verticalScrollBar().valueChanged.connect(self._draw_seen)
        self._legend = BandsLegend(_parameter_tone)
        foot = QVBoxLayout()
        foot.setContentsMargins(12, 2, 8, 4)
        foot.setSpacing(2)
        foot.addWidget(self.reading)
        foot.addWidget(self._legend)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 4, 0, 0)
        whole.setSpacing(0)
        self._purpose.setContentsMargins(12, 4, 12, 4)
        whole.addWidget(self._purpose)
        whole.addWidget(self._area, 1)
        whole.addLayout(foot)
        self._tell()

    def show_spreads(self, spreads: Spreads | None, mark: int | None) -> None:
        """Shows what a run's steps tell, and marks the step that is shown; cheap where nothing changed."""
        names = [] if spreads is None else [*spreads.sizes]
        if spreads is not self._spreads or names != [*self.rows]:
            for row in self.rows.values():
                self._list.removeWidget(row)
                row.deleteLater()
            self.rows = {name: _Row(name) for name in names}
            for place, row in enumerate(self.rows.values()):
                self._list.insertWidget(place, row)
                row.step_chosen.connect(self.step_chosen)
                row.pointed.connect(self.point)
            self._purpose.setVisible(not names)
            self._area.setVisible(bool(names))
            self._tell()
        self._spreads, self._mark = spreads, -1 if mark is None else mark
        self._draw_seen()

    def set_symlog(self, symlog: bool) -> None:
        """Chooses the upright axes."""
        self._symlog = symlog
        self._draw_seen()

    def point(self, plot: BandPlot, column: int | None) -> None:
        """Tells the values at a column of a plot, and points at it in all plots that have it."""
        for row in self.rows.values():
            for each in row.plots:
                each.point(column if column is None or column < len(each.bands.steps) else None)
        self._tell("" if column is None else reading(plot.name, plot.bands, column))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More may be seen."""
        super().resizeEvent(event)
        self._draw_seen()

    def showEvent(self, event: QShowEvent) -> None:
        """What came while it was hidden is drawn."""
        super().showEvent(event)
        self._draw_seen()

    def _draw_seen(self) -> None:
        """Draws the rows that are in view, if they have changed."""
        spreads = self._spreads
        if spreads is None or not self.isVisible():
            return
        mark = None if self._mark < 0 else self._mark
        state = (spreads, spreads.version, self._symlog, mark, current_theme(), self.size())
        top = self._area.verticalScrollBar().value()
        for place, row in enumerate(self.rows.values()):
            y = place * (ROW_HEIGHT + self._list.spacing())
            seen = y + ROW_HEIGHT >= top and y <= top + self._area.viewport().height()
            if seen and row.drawn != state:
                row.drawn = state
                row.draw(spreads, self._symlog, mark)

    def _tell(self, text: str = "") -> None:
        hint = "Point at a step to read its values; a click goes there." if self.rows else ""
        if self.reading.text() != (text or hint):
            self.reading.setText(text or hint)


def reading(name: str, bands: Bands, column: int) -> str:
    """One column in words: `"w1.grad in step 12: min −3.1 · 5 % −1.6 · …"`."""
    values = bands.percentiles[column]
    if not (values == values).all():
        return f"{name} in step {show_whole(bands.steps[column])}: nothing finite"
    pairs = zip(NAMES, values.tolist(), strict=True)
    told = " · ".join(f"{each} {value_text(value)}" for each, value in pairs)
    return f"{name} in step {show_whole(bands.steps[column])}: {told}"


def elements_text(count: int, taken: int) -> str:
    """Of how many elements the percentiles are: `"4 000 of its 1 000 000 elements"`."""
    if taken < count:
        return f"of {show_whole(taken)} of its {show_whole(count)} elements"
    return f"of its {show_whole(count)} elements" if count > 1 else "of its one element"


assert len(NAMES) == len(PERCENTILES)
