"""The row of buttons that says which stages are measured; in little room it breaks into lines."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QRect, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from playground.stages import STAGES, Stage
from ui.style.theme import LIGHT, Theme

_SPACING = 4
_QT_LARGEST = 16_777_215


class StageChoice(QWidget):
    """A button a stage, all of them pressed to begin with.

    Attributes:
        buttons: by the stages' names, in their order.

    Signals:
        changed(): the user chose another set of stages.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Starts in the light theme."""
        super().__init__(parent)
        self.setAccessibleName("Stages to measure")
        self.buttons = {stage.name: self._make_button(stage) for stage in STAGES}
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.set_theme(LIGHT)

    @property
    def chosen(self) -> tuple[str, ...]:
        """Names of the chosen stages, in the order of the ladder."""
        return tuple(name for name, button in self.buttons.items() if button.isChecked())

    def set_chosen(self, names: Collection[str]) -> None:
        """Chooses these stages, without a signal."""
        for name, button in self.buttons.items():
            with QSignalBlocker(button):
                button.setChecked(name in names)

    def set_theme(self, theme: Theme) -> None:
        """Takes the colours of another theme."""
        for button in self.buttons.values():
            # Before a widget was shown Qt takes over a second sheet only where there is none.
            button.setStyleSheet("")
            button.setStyleSheet(_sheet(theme))
        self.updateGeometry()
        self._place()

    def hasHeightForWidth(self) -> bool:
        """The buttons break into lines."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Height in pixels of as many lines as this width asks for."""
        rows = -(-len(self.buttons) // len(self._widths(width)))
        return rows * (self._height() + _SPACING) - _SPACING

    def sizeHint(self) -> QSize:
        """All buttons side by side."""
        return QSize(_length(self._widths(_QT_LARGEST)), self._height())

    def minimumSizeHint(self) -> QSize:
        """Two lines."""
        return QSize(_length(self._widths(0)), self.heightForWidth(0))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Places the buttons in the new room."""
        super().resizeEvent(event)
        self._place()

    def _make_button(self, stage: Stage) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(f"costs_stage_{stage.name}")
        button.setText(stage.title)
        button.setCheckable(True)
        button.setChecked(True)
        button.setToolTip(stage.adds)
        button.setAccessibleName(stage.title)
        button.setAccessibleDescription(stage.adds)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.toggled.connect(lambda _on: self.changed.emit())
        return button

    def _height(self) -> int:
        return max(button.sizeHint().height() for button in self.buttons.values())

    def _widths(self, room: int) -> list[int]:
        """Widths in pixels of the columns, as many as there is room for, but not fewer than in two lines."""
        hints = [button.sizeHint().width() for button in self.buttons.values()]
        if _length(hints) <= room:
            return hints
        half = -(-len(hints) // 2)
        return [max(hints[column::half]) for column in range(half)]

    def _place(self) -> None:
        widths, height = self._widths(self.width()), self._height()
        for number, button in enumerate(self.buttons.values()):
            row, column = divmod(number, len(widths))
            left = sum(width + _SPACING for width in widths[:column])
            button.setGeometry(QRect(left, row * (height + _SPACING), widths[column], height))


def _length(widths: Sequence[int]) -> int:
    return sum(widths) + _SPACING * (len(widths) - 1)


def _sheet(theme: Theme) -> str:
    return f"""
        QToolButton {{ color: {theme.muted}; background: transparent; padding: 2px 4px;
            border: 1px dashed {theme.border}; border-radius: 4px; min-height: 18px; }}
        QToolButton:checked {{ color: {theme.text}; background: {theme.border};
            border: 1px solid {theme.faint}; }}
        QToolButton:hover, QToolButton:focus {{ border-color: {theme.parameter}; }}
    """
