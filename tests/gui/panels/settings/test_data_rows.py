"""The data's rows: a set in one row, the rest in a drawer, and reasons where nothing can be chosen."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QStyle,
    QStyleOptionComboBox,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from playground.data.catalog import DATA_SETS
from playground.data.defaults import with_data
from playground.data.examples import EXAMPLES
from playground.settings import Settings, changed
from tests.gui.driver import find, type_over
from tests.gui.panels.settings.controls import Heard, control
from ui.panels.settings import SettingsPanel
from ui.panels.settings.data_rows import short_title


def box(panel: SettingsPanel) -> QComboBox:
    found = control(panel, "data_box")
    assert isinstance(found, QComboBox)
    return found


def test_every_set_is_listed_and_one_that_is_chosen_is_told(panel: SettingsPanel) -> None:
    heard: list[str] = []
    panel.data.data_chosen.connect(heard.append)
    titles = [box(panel).itemText(index) for index in range(box(panel).count())]
    assert titles == [*(short_title(each.title) for each in DATA_SETS), "File …"]
    box(panel).setCurrentIndex(titles.index("XOR"))
    assert heard == ["xor"]


def test_a_file_is_asked_for_and_nothing_is_chosen_before_it_is_known(panel: SettingsPanel) -> None:
    heard: list[str] = []
    panel.data.data_chosen.connect(heard.append)
    panel.data.file_asked.connect(lambda: heard.append("asked"))
    box(panel).setCurrentIndex(box(panel).count() - 1)
    assert heard == ["asked"]
    assert box(panel).currentData() == "random"


def test_the_drawer_opens_for_other_data_and_shuts_for_the_tutorials(panel: SettingsPanel) -> None:
    drawer = panel.findChild(QWidget, "data_drawer")
    assert drawer is not None
    assert not drawer.isVisible()
    panel.show_settings(with_data(Settings(stage="nn"), "moons"))
    assert drawer.isVisible()
    panel.show_settings(Settings(stage="nn"))
    assert not drawer.isVisible()


def test_the_link_that_opens_the_drawer_shuts_it_again(panel: SettingsPanel) -> None:
    more = control(panel, "more_of_data_button")
    assert isinstance(more, QToolButton)
    for text, shown in (("More", False), ("Less", True), ("More", False)):
        assert more.text() == text
        assert find(panel, QWidget, "data_drawer").isVisible() is shown
        more.click()
    labels = {label.text() for label in find(panel, QWidget, "data_drawer").findChildren(QLabel)}
    assert {"Mini-batch", "Test share"} <= labels


def test_the_names_of_the_sets_are_there_in_full(panel: SettingsPanel) -> None:
    panel.resize(212, 700)
    QApplication.processEvents()
    option = QStyleOptionComboBox()
    box(panel).initStyleOption(option)
    room = (
        box(panel)
        .style()
        .subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, box(panel)
        )
    )
    letters = box(panel).fontMetrics()
    for index in range(box(panel).count()):
        assert letters.horizontalAdvance(box(panel).itemText(index)) <= room.width() - 4


def test_sizes_that_follow_the_data_say_so(panel: SettingsPanel) -> None:
    panel.show_settings(with_data(Settings(stage="autograd"), "moons"))
    fixed = control(panel, "input_size")
    assert not fixed.isEnabled()
    assert "Two moons has 2 columns in x, and one of ones" in fixed.toolTip()
    assert not control(panel, "output_size").isEnabled()
    assert control(panel, "hidden_size").isEnabled()
    panel.show_settings(with_data(Settings(stage="autograd"), "teacher"))
    assert control(panel, "input_size").isEnabled()


def test_what_these_data_do_not_have_is_disabled_and_says_why(panel: SettingsPanel) -> None:
    panel.show_settings(with_data(Settings(stage="nn"), "digits"))
    assert not control(panel, "noise").isEnabled()
    assert "no noise" in control(panel, "noise").toolTip()
    panel.show_settings(Settings(stage="nn"))
    assert not control(panel, "standardize").isEnabled()


def test_the_drawers_fields_tell_what_was_typed(panel: SettingsPanel, qtbot: QtBot, heard: Heard) -> None:
    panel.show_settings(with_data(Settings(stage="nn"), "moons"))
    for name, text in (("noise", "0.25"), ("points", "300"), ("minibatch", "30"), ("test_share", "0.2")):
        type_over(qtbot, control(panel, name), text)
    switch = control(panel, "standardize")
    assert isinstance(switch, QCheckBox)
    switch.click()
    assert heard == [
        *(("noise", 0.25), ("batch_size", 300), ("minibatch", 30), ("test_share", 0.2)),
        ("standardize", True),
    ]


def test_showing_settings_tells_nothing(panel: SettingsPanel, heard: Heard) -> None:
    moons = with_data(Settings(stage="nn"), "moons")
    for settings in (moons, changed(moons, noise=0.5, minibatch=7, standardize=True), Settings()):
        panel.show_settings(settings)
    assert heard == []


def test_every_example_is_in_the_menu_with_its_sentence(panel: SettingsPanel) -> None:
    heard: list[str] = []
    panel.data.example_chosen.connect(heard.append)
    button = control(panel, "examples_button")
    assert isinstance(button, QToolButton)
    entries = button.menu().actions()
    assert [(each.text(), each.toolTip()) for each in entries] == [
        (each.title, each.sentence) for each in EXAMPLES
    ]
    for entry in entries:
        entry.trigger()
    assert heard == [each.name for each in EXAMPLES]


def test_the_drawer_fits_the_narrow_column(panel: SettingsPanel, qtbot: QtBot) -> None:
    panel.show_settings(with_data(Settings(stage="nn"), "moons"))
    panel.resize(212, 700)
    qtbot.waitUntil(lambda: panel.data.width() <= 212)
    for label in panel.data.findChildren(QLabel):
        assert label.width() >= label.sizeHint().width() or label.wordWrap(), label.text()
    right = panel.data.mapTo(panel, panel.data.rect().topRight()).x()
    assert right < 212
    assert control(panel, "data_box").focusPolicy() & Qt.FocusPolicy.TabFocus


def test_the_f_of_a_curve_is_typed_and_what_is_none_is_refused_in_one_line(
    qtbot: QtBot, panel: SettingsPanel
) -> None:
    chosen: list[tuple[str, object]] = []
    refused: list[str] = []
    panel.data.value_chosen.connect(lambda name, value: chosen.append((name, value)))
    panel.data.refused.connect(refused.append)
    panel.show_settings(with_data(Settings(stage="nn"), "moons"))
    line = control(panel, "formula")
    assert isinstance(line, QLineEdit)
    assert not line.isVisible()
    panel.show_settings(with_data(Settings(stage="nn"), "above"))
    assert line.isVisible()
    assert line.text() == "sin(3 * x) / 2"
    type_over(qtbot, line, "cos(x)+x**2")
    assert chosen == [("formula", "cos(x) + x ** 2")]
    type_over(qtbot, line, "__import__('os')")
    assert line.text() == "cos(x) + x ** 2"
    assert len(refused) == 1
    assert "__import__('os')" in refused[0]
    assert "is not allowed, it " in refused[0]
