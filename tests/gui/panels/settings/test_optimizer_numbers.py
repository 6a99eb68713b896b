"""The optimizer's own numbers in the settings panel."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from playground.settings import make_settings
from tests.gui.driver import type_over
from tests.gui.panels.settings.controls import Heard, arranged, control, text_of
from ui.panels.settings import SettingsPanel


def test_numbers_that_differ_from_their_defaults_are_said_together(
    panel: SettingsPanel, heard: Heard, qtbot: QtBot
) -> None:
    panel.show_settings(make_settings(stage="module"))
    type_over(qtbot, control(panel, "option_momentum"), "0.9")
    qtbot.keyClick(control(panel, "option_nesterov"), Qt.Key.Key_Space)
    type_over(qtbot, control(panel, "option_momentum"), "0")
    assert heard == [
        ("options", {"momentum": 0.9}),
        ("options", {"momentum": 0.9, "nesterov": True}),
        ("options", {"nesterov": True}),
    ]


def test_the_numbers_of_the_settings_are_shown(panel: SettingsPanel, heard: Heard) -> None:
    panel.show_settings(
        make_settings(
            stage="optim", optimizer="Adam", optimizer_options={"betas": (0.5, 0.75), "amsgrad": True}
        )
    )
    texts = [text_of(panel, f"option_{name}") for name in ("betas_1", "betas_2", "eps", "weight_decay")]
    assert texts == ["0.5", "0.75", "1e-8", "0"]
    amsgrad = control(panel, "option_amsgrad")
    assert isinstance(amsgrad, QCheckBox)
    assert amsgrad.isChecked()
    assert heard == []


def test_one_of_several_numbers_is_said_with_the_others(
    panel: SettingsPanel, heard: Heard, qtbot: QtBot
) -> None:
    panel.show_settings(make_settings(stage="optim"))
    type_over(qtbot, control(panel, "option_betas_2"), "0.99")
    assert heard == [("options", {"betas": (0.9, 0.99)})]


def test_none_and_a_number_can_both_be_typed(panel: SettingsPanel, heard: Heard, qtbot: QtBot) -> None:
    panel.show_settings(make_settings(stage="optim", optimizer="Adafactor"))
    assert text_of(panel, "option_eps_1") == "none"
    type_over(qtbot, control(panel, "option_eps_1"), "1e-30")
    type_over(qtbot, control(panel, "option_eps_1"), "None")
    type_over(qtbot, control(panel, "option_eps_1"), "nothing")
    assert heard[:2] == [("options", {"eps": (1e-30, 1e-3)}), ("options", {})]
    assert heard[2][0] == "refused"
    assert "‘nothing’" in str(heard[2][1])
    assert text_of(panel, "option_eps_1") == "none"


def test_zero_and_negative_numbers_are_left_to_the_class(
    panel: SettingsPanel, heard: Heard, qtbot: QtBot
) -> None:
    panel.show_settings(make_settings(stage="optim"))
    type_over(qtbot, control(panel, "option_weight_decay"), "-1")
    type_over(qtbot, control(panel, "option_weight_decay"), "inf")
    assert heard[0] == ("options", {"weight_decay": -1.0})
    assert [kind for kind, *_ in heard] == ["options", "refused"]


def test_a_text_being_typed_dies_with_its_optimizer(panel: SettingsPanel, heard: Heard, qtbot: QtBot) -> None:
    panel.show_settings(make_settings(stage="optim"))
    type_over(qtbot, control(panel, "option_weight_decay"), "5", end=None)
    panel.show_settings(make_settings(stage="optim", optimizer="SGD"))
    QApplication.processEvents()
    assert heard == []
    assert text_of(panel, "option_weight_decay") == "0"


class ShownWindows(QObject):
    """Lists the windows that are shown while it watches the application."""

    def __init__(self) -> None:
        super().__init__()
        self.windows: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.windows.append(repr(watched))
        return False


def test_a_quick_change_of_optimizers_opens_no_window(
    panel: SettingsPanel, qtbot: QtBot, qapp: QApplication
) -> None:
    watch = ShownWindows()
    qapp.installEventFilter(watch)
    for name in ("Adam", "SGD", "Adagrad"):
        panel.show_settings(make_settings(stage="optim", optimizer=name))
    arranged(panel, qtbot)
    qapp.removeEventFilter(watch)
    assert watch.windows == []


def test_a_text_being_typed_outlives_a_refresh(panel: SettingsPanel, heard: Heard, qtbot: QtBot) -> None:
    settings = make_settings(stage="optim")
    panel.show_settings(settings)
    for name in ("option_weight_decay", "hidden_size", "learning_rate", "seed"):
        type_over(qtbot, control(panel, name), "5", end=None)
        panel.show_settings(settings)
        assert text_of(panel, name) == "5"
        qtbot.keyClick(control(panel, name), Qt.Key.Key_Escape)
    assert heard == []
