"""The appearance of the whole application: every panel and every window wears the theme that is applied."""

from __future__ import annotations

import gc
import re
from collections import Counter

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QSize
from PySide6.QtGui import QColor, QIcon, QImage, QPixmap
from PySide6.QtWidgets import QApplication, QComboBox, QDialog, QMenu, QTabWidget, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.driver import find
from tests.gui.themes import wear
from tests.gui.whole_window import PATIENCE, opened, train_to_the_end
from ui.panels.code.panel import CodeView
from ui.panels.costs.panel import CostsView
from ui.panels.devices.panel import DevicesView
from ui.panels.events.panel import EventList
from ui.panels.filmstrip.panel import Filmstrip
from ui.panels.graph.panel import GraphView
from ui.panels.inspector.panel import Inspector
from ui.panels.ladder.panel import StageLadder
from ui.panels.loss import LossPlot
from ui.panels.replay.panel import WalkBar
from ui.panels.run_all import RunAllDialog
from ui.panels.runs.panel import RunsPanel
from ui.panels.settings.panel import SettingsPanel
from ui.panels.step import StepBar
from ui.panels.toolbar import RunBar
from ui.shell.window import MainWindow
from ui.style.appearance import Appearance
from ui.style.icons import icon
from ui.style.sheet import set_class, style_sheet
from ui.style.theme import DARK, LIGHT, Theme, text_tone

SMALL = {"batch_size": 4, "input_size": 6, "hidden_size": 5, "output_size": 2, "steps": 12}
ON_SURFACE = (
    RunBar,
    GraphView,
    Filmstrip,
    LossPlot,
    EventList,
    CodeView,
    Inspector,
    RunsPanel,
)
ON_WINDOW = (StageLadder, SettingsPanel, StepBar, WalkBar)
BOTH_WAYS = [(Appearance.LIGHT, Appearance.DARK), (Appearance.DARK, Appearance.LIGHT)]
THEMES = {Appearance.LIGHT: LIGHT, Appearance.DARK: DARK}
CORNER = QPoint(2, 2)
COLOR = re.compile(r"#[0-9a-f]{6}")
# Without a window manager nothing can be raised.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support raise", extend=True)


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    """A window in which a small run was made, and every panel can be seen."""
    window = opened(qtbot, **SMALL)
    window.resize(1280, 800)
    window.panel("events").show()
    train_to_the_end(qtbot, window)
    return window


@pytest.fixture
def late_window(qtbot: QtBot) -> MainWindow:
    """A window as the program opens it: most of its panels are made when it has been painted."""
    window = MainWindow()
    qtbot.addWidget(window, before_close_func=lambda each: each.session.close(PATIENCE))
    window.resize(1280, 800)
    return window


def colors_of(image: QImage) -> Counter[str]:
    found = Counter(image.pixel(x, y) for x in range(image.width()) for y in range(image.height()))
    return Counter({QColor(color).name(): count for color, count in found.items()})


def has_letters(theme: Theme, colors: Counter[str]) -> bool:
    """Whether something is nearly as strong as the theme's muted texts are."""
    lightness = [QColor(color).lightness() for color in colors]
    muted = QColor(theme.muted).lightness()
    return max(lightness) > muted - 40 if theme.dark else min(lightness) < muted + 40


def check(widget: QWidget, theme: Theme, ground: str) -> None:
    """Raises AssertionError unless a widget has this ground, letters on it, and none of the other theme's."""
    image = widget.grab().toImage()
    colors = colors_of(image)
    other = LIGHT if theme.dark else DARK
    assert colors.most_common(1)[0][0] == ground, widget
    assert image.pixelColor(CORNER).name() == ground, widget
    assert has_letters(theme, colors), widget
    # A sign or a slider's handle may have a pixel of any color; a ground has many.
    assert max(colors[each] for each in (other.surface, other.window, other.raised)) < 100, widget


def panel(window: QWidget, kind: type[QWidget]) -> QWidget:
    found = window.findChild(kind)
    assert isinstance(found, kind)
    return found


@pytest.mark.parametrize(("before", "after"), BOTH_WAYS)
def test_a_switch_changes_every_panel(window: MainWindow, before: Appearance, after: Appearance) -> None:
    tabs = window.findChild(QTabWidget, "details")
    assert isinstance(tabs, QTabWidget)
    for appearance in (before, after):
        theme = THEMES[appearance]
        window.choose_appearance(appearance)
        window.tell_mishap("It broke.", "")
        QApplication.processEvents()
        for kinds, ground in ((ON_SURFACE, theme.surface), (ON_WINDOW, theme.window)):
            for kind in kinds:
                wanted = panel(window, kind)
                if tabs.indexOf(wanted) >= 0:
                    tabs.setCurrentWidget(wanted)
                check(wanted, theme, ground)
        # pyqtgraph keeps its own colors.
        curve = find(window, LossPlot).canvas.curve
        assert curve.pen.color().name() in theme.plot


@pytest.mark.parametrize(("before", "after"), BOTH_WAYS)
def test_a_window_opened_later_wears_it_and_follows(
    window: MainWindow, before: Appearance, after: Appearance
) -> None:
    window.choose_appearance(before)
    window.bring_forward("costs")
    window.bring_forward("devices")
    views = [panel(window, CostsView), panel(window, DevicesView)]
    for appearance in (before, after):
        window.choose_appearance(appearance)
        for view in views:
            check(view, THEMES[appearance], THEMES[appearance].surface)


@pytest.mark.parametrize("appearance", [Appearance.LIGHT, Appearance.DARK])
def test_what_is_made_after_the_first_paint_wears_it(
    qtbot: QtBot, late_window: MainWindow, appearance: Appearance
) -> None:
    late_window.choose_appearance(appearance)
    assert late_window.findChild(Inspector) is None
    with qtbot.waitSignal(late_window.session.worker.optimizers_found, timeout=PATIENCE):
        late_window.show()
    theme = THEMES[appearance]
    for kind, ground in ((Inspector, theme.surface), (LossPlot, theme.surface), (WalkBar, theme.window)):
        check(panel(late_window, kind), theme, ground)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_dialogs_and_menus_follow(qtbot: QtBot, theme: Theme) -> None:
    dialog, menu = RunAllDialog(None), QMenu()
    qtbot.addWidget(dialog)
    qtbot.addWidget(menu)
    menu.addAction("An entry")
    wear(LIGHT if theme.dark else DARK)
    wear(theme)
    assert isinstance(dialog, QDialog)
    check(dialog, theme, theme.window)
    # Fusion makes menus lighter than windows.
    check(menu, theme, menu.grab().toImage().pixelColor(CORNER).name())


def test_no_widget_has_a_sheet_of_its_own_and_every_class_a_rule(window: MainWindow) -> None:
    window.bring_forward("costs")
    widgets = [each for each in QApplication.allWidgets() if each.window() is window]
    assert not [each for each in widgets if each.styleSheet()]
    names = {name for each in widgets for name in str(each.property("class") or "").split()}
    known = set(re.findall(r"\.([a-z]+)\b", style_sheet(LIGHT)))
    assert len(names) > 10
    assert names <= known


def test_the_themes_have_the_same_rules() -> None:
    assert COLOR.sub("#", style_sheet(LIGHT)) == COLOR.sub("#", style_sheet(DARK))


class _Heard(QObject):
    """Counts the events that tell a widget of another look."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() in (QEvent.Type.StyleChange, QEvent.Type.PaletteChange)
        return False


def test_the_theme_that_is_worn_already_changes_nothing(qtbot: QtBot) -> None:
    button = QToolButton()
    qtbot.addWidget(button)
    button.show()
    heard = _Heard(button)
    wear(LIGHT)
    assert heard.count == 0
    wear(DARK)
    assert heard.count > 0


def test_another_class_shows_at_once(qtbot: QtBot) -> None:
    button = QToolButton()
    qtbot.addWidget(button)
    button.setText("text")
    button.show()
    seen = []
    for names in ("", "button", "button first"):
        set_class(button, names)
        seen.append(colors_of(button.grab().toImage()).most_common(1)[0][0])
    assert seen[1:] == [LIGHT.surface, LIGHT.accent]


@pytest.mark.parametrize("mode", [QIcon.Mode.Normal, QIcon.Mode.Disabled])
def test_a_sign_that_was_made_before_is_painted_in_the_present_colors(
    qapp: QApplication, mode: QIcon.Mode
) -> None:
    sign = icon("pause", text_tone)
    for theme in (LIGHT, DARK):
        wear(theme)
        colors = colors_of(sign.pixmap(QSize(40, 40), 1.0, mode).toImage())
        assert (theme.text if mode is QIcon.Mode.Normal else theme.disabled) in colors


def test_a_copy_of_a_sign_outlives_it(qapp: QApplication) -> None:
    sign = icon("pause", text_tone)
    copy = QIcon(sign)
    # Qt parts the two here.
    copy.addPixmap(QPixmap(4, 4))
    del sign
    gc.collect()
    assert LIGHT.text in colors_of(copy.pixmap(40, 40).toImage())


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_what_is_disabled_can_still_be_read(qtbot: QtBot, theme: Theme) -> None:
    """A ratio of 4 between the letters and the field: less than for other texts, more than for lines."""
    wear(theme)
    box = QComboBox()
    qtbot.addWidget(box)
    box.addItem("██████")
    box.setEnabled(False)
    box.resize(200, 26)
    image = box.grab().toImage()
    letters, ground = image.pixelColor(30, 13), image.pixelColor(150, 13)
    assert letters.name() == theme.disabled
    assert contrast(letters, ground) > 4


def contrast(one: QColor, other: QColor) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio"""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(color: QColor) -> float:
    parts = color.redF(), color.greenF(), color.blueF()
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
