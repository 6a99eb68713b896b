"""A tensor's card: what it says closed and open, and that nothing is cut off."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractButton, QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from playground.recording.snapshot import Snapshot
from playground.recording.statistics import matrix_shape, summarize
from tests.gui.themes import wear
from ui.style.theme import DARK, LIGHT, Theme, backward_tone
from ui.widgets.tensor.card import TensorCard
from ui.widgets.tensor.heatmap import Heatmap
from ui.widgets.tensor.text import bytes_text, number_text

Array = npt.NDArray[Any]
NO_BREAK_SPACE = "\u00a0"


def kept(values: Array) -> Snapshot:
    return Snapshot(values.shape, f"torch.{values.dtype}", "cpu", True, values.nbytes, values.copy())


def summed_up(values: Array) -> Snapshot:
    matrix = values.reshape(matrix_shape(values.shape))
    summary = summarize(lambda start, stop: matrix[start:stop], (matrix.shape[0], matrix.shape[1]))
    return Snapshot(values.shape, f"torch.{values.dtype}", "cpu", False, values.nbytes, None, summary)


def normal(*shape: int) -> Array:
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


@pytest.fixture
def frame(qtbot: QtBot) -> QWidget:
    """A column of 300 pixels, as a panel has it."""
    frame = QWidget()
    qtbot.addWidget(frame)
    column = QVBoxLayout(frame)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(TensorCard())
    column.addStretch()
    frame.resize(300, 900)
    with qtbot.waitActive(frame):
        frame.show()
    return frame


@pytest.fixture
def card(frame: QWidget) -> TensorCard:
    return frame.findChildren(TensorCard)[0]


def header_of(card: TensorCard) -> QAbstractButton:
    return card.findChildren(QAbstractButton)[0]


def large_map(card: TensorCard) -> Heatmap:
    return max(card.findChildren(Heatmap), key=lambda each: each.width())


def fit(card: TensorCard) -> None:
    """Lays it out now and not when Qt next has time."""
    for widget in (card, card.window()):
        layout = widget.layout()
        assert layout is not None
        layout.activate()


def opened_by(card: TensorCard) -> list[bool]:
    changes: list[bool] = []
    card.expanded_changed.connect(changes.append)
    return changes


def test_a_closed_card_says_the_most_important(card: TensorCard) -> None:
    card.set_tensor(
        "x.mm(w1)", kept(np.array([[1, 2, 3], [4, 5, 9]], dtype=np.float32)), "saved for backward"
    )
    assert card.text().split("\n") == [
        "x.mm(w1)",
        "2 × 3 · float32",
        "mean 4 · std 2.582",
        "min 1 · max 9",
        "saved for backward",
    ]


def test_it_tells_assistive_programs_what_it_paints(card: TensorCard) -> None:
    card.set_tensor("w1", kept(np.array([1.0, 3.0])))
    card.grab()
    header = header_of(card)
    assert header.accessibleName() == "w1"
    assert header.accessibleDescription() == "2 · float64, mean 2 · std 1, min 1 · max 3"


def test_a_number_is_shown_instead_of_a_heatmap(card: TensorCard) -> None:
    card.set_tensor("h", kept(normal(4, 5)))
    (thumbnail,) = card.findChildren(Heatmap)
    assert not thumbnail.isHidden()
    card.set_tensor("loss", kept(np.array(0.1, dtype=np.float32)))
    assert thumbnail.isHidden()
    assert card.text() == "loss\nscalar · float32\n0.1"


def test_what_is_not_defined_has_nothing_to_open(card: TensorCard, qtbot: QtBot) -> None:
    card.set_tensor("∂L/∂x", None)
    assert card.text() == "∂L/∂x\nnot defined"
    changes = opened_by(card)
    qtbot.mouseClick(header_of(card), Qt.MouseButton.LeftButton)
    assert (changes, card.expanded) == ([], False)


@pytest.mark.parametrize("make", [kept, summed_up])
def test_flaws_are_counted_in_a_closed_card(card: TensorCard, make: Any) -> None:
    card.set_tensor("h", make(np.array([1.0, np.nan, np.inf, -np.inf, 3.0])))
    assert "1 NaN, 2 inf · min 1 · max 3" in card.text()
    card.set_tensor("h", make(np.full(3, np.nan)))
    assert card.text().endswith("no finite elements\n3 NaN")
    card.set_tensor("h", make(np.zeros((0, 4))))
    assert card.text().endswith("no elements")


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_keys_open_and_close_it(card: TensorCard, qtbot: QtBot, key: Qt.Key) -> None:
    card.set_tensor("h", kept(normal(4, 5)))
    changes = opened_by(card)
    for _ in range(2):
        qtbot.keyClick(header_of(card), key)
    assert changes == [True, False]


def test_a_click_opens_it(card: TensorCard, qtbot: QtBot) -> None:
    card.set_tensor("h", kept(normal(4, 5)))
    with qtbot.waitSignal(card.expanded_changed) as changed:
        qtbot.mouseClick(header_of(card), Qt.MouseButton.LeftButton, pos=QPoint(20, 20))
    assert changed.args == [True]
    assert card.expanded


def test_opening_by_name_is_silent_and_outlasts_other_tensors(card: TensorCard) -> None:
    changes = opened_by(card)
    card.set_expanded(True)
    for snapshot in (kept(normal(4, 5)), None, kept(np.array(3.0)), kept(normal(6, 7))):
        card.set_tensor("h", snapshot)
    assert card.expanded
    assert changes == []
    assert "norm: " in card.text()
    card.set_expanded(False)
    assert "norm: " not in card.text()


def test_an_open_card_says_all(card: TensorCard) -> None:
    values = np.zeros((100, 1000), dtype=np.float32)
    values[:, :250] = 2
    values[0, 999], values[1, 999] = np.nan, np.inf
    card.set_expanded(True)
    card.set_tensor("h", kept(values))
    expected = {
        "shape: 100 × 1000",
        "dtype: float32",
        "device: cpu",
        "requires_grad: True",
        f"memory: 400{NO_BREAK_SPACE}000 bytes",
        "mean: 0.5",
        "std: 0.866",
        "min: 0",
        "max: 2",
        "norm: 316.2",
        "zeros: 75 %",
        "NaN: 1",
        "infinities: 1",
        "Click an element to read it.",
        "40 bins from 0 to 2, 75 % are 0",
    }
    assert expected <= set(card.text().split("\n"))


def test_a_tensor_that_was_not_kept_says_so(card: TensorCard, qtbot: QtBot) -> None:
    card.set_expanded(True)
    card.set_tensor("w", summed_up(normal(200, 40)))
    note = "Too large to keep whole: statistics and a picture of 64 × 40 blocks are of all its elements."
    assert note in card.text()
    assert "Click a block to read its range." in card.text()
    with qtbot.assertNotEmitted(card.element_chosen):
        qtbot.keyClick(large_map(card), Qt.Key.Key_Right)
    assert "rows 0–2, column 0: from " in card.text()
    card.set_tensor("w", kept(normal(20, 40)))
    assert "Too large" not in card.text()


def test_choosing_an_element_tells_its_own_index(card: TensorCard, qtbot: QtBot) -> None:
    values = normal(2, 3, 4)
    card.set_expanded(True)
    card.set_tensor("h", kept(values))
    fit(card)
    heatmap = large_map(card)
    qtbot.keyClick(heatmap, Qt.Key.Key_Down)
    for _ in range(4):
        qtbot.keyClick(heatmap, Qt.Key.Key_Down)
    with qtbot.waitSignal(card.element_chosen) as chosen:
        qtbot.keyClick(heatmap, Qt.Key.Key_Right)
    assert chosen.args == [(1, 1, 1)]
    assert f"[1, 1, 1] = {values[1, 1, 1]!s}" in card.text()


def test_the_chosen_element_is_followed_from_tensor_to_tensor(card: TensorCard, qtbot: QtBot) -> None:
    card.set_expanded(True)
    card.set_tensor("h", kept(np.array([[1.0, 2.0], [3.0, 4.0]])))
    qtbot.keyClick(large_map(card), Qt.Key.Key_Down)
    card.set_tensor("h", kept(np.array([[5.0, 6.0], [7.0, 8.0]])))
    assert "[0, 0] = 5.0" in card.text()


@pytest.mark.parametrize("expanded", [False, True])
@pytest.mark.parametrize(
    "snapshot",
    [
        kept(normal(64, 100)),
        kept(np.array(29428664.0)),
        kept(normal(100)),
        summed_up(normal(640, 3000)),
        None,
    ],
    ids=["matrix", "number", "vector", "large", "undefined"],
)
def test_nothing_is_cut_off_at_the_width_of_a_panel(
    card: TensorCard, qtbot: QtBot, snapshot: Snapshot | None, expanded: bool
) -> None:
    card.set_expanded(expanded)
    card.set_tensor("x.mm(w1).clamp(min=0)", snapshot, "a note")
    fit(card)
    assert card.minimumSizeHint().width() <= 300
    parts = [each for each in card.findChildren(QWidget) if each.isVisible()]
    for part in parts:
        parent = part.parentWidget()
        assert parent is not None
        assert parent.rect().contains(part.geometry())
        assert part.height() >= part.minimumSizeHint().height()
    for label in (each for each in parts if isinstance(each, QLabel)):
        assert label.height() >= label.heightForWidth(label.width())


def test_a_long_name_is_whole_in_the_tooltip(card: TensorCard) -> None:
    card.set_tensor("short", kept(normal(4, 5)))
    assert header_of(card).toolTip() == ""
    name = "a_very_long_name_of_a_tensor & what follows it, on and on"
    card.set_tensor(name, kept(normal(4, 5)))
    assert header_of(card).toolTip() == name


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_it_takes_its_colors_from_the_theme(card: TensorCard, theme: Theme) -> None:
    card.set_expanded(True)
    card.set_tensor("h", kept(np.array([[-1.0, 1.0]])))
    fit(card)
    for each in (LIGHT, DARK, theme):
        wear(each)
    card.set_label_tone(backward_tone)
    image = card.grab().toImage()
    seen = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}
    other = DARK if theme is LIGHT else LIGHT
    assert {
        QColor(each).name() for each in (theme.surface, theme.parameter, theme.loss, theme.border)
    } <= seen
    assert not seen & {QColor(each).name() for each in (other.surface, other.parameter, other.border)}


def test_a_card_is_reused_in_less_than_a_millisecond(card: TensorCard) -> None:
    snapshots = [kept(normal(64, 1000)), kept(normal(64, 100)), kept(normal(1000, 100)), kept(np.array(1.0))]
    times = []
    for number in range(40):
        start = time.perf_counter()
        card.set_tensor(f"tensor {number}", snapshots[number % 4], "a note" if number % 3 else "")
        times.append(time.perf_counter() - start)
    assert sorted(times)[len(times) // 2] < 0.001


def test_a_closed_card_that_is_not_seen_computes_nothing(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr("playground.recording.snapshot.summarize", lambda *_: asked.append(1))
    card = TensorCard()
    qtbot.addWidget(card)
    card.set_tensor("h", kept(normal(64, 1000)))
    assert asked == []


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0123412, "0.01234"),
        (12_300_000.0, "1.23e+07"),
        (-0.0, "-0"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        (-1.5, "-1.5"),
        (1234.0, "1234"),
    ],
)
def test_numbers_have_four_digits(value: float, text: str) -> None:
    assert number_text(value) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (400_000, f"400{NO_BREAK_SPACE}000 bytes"),
        (25_000_000, "25.0 MB"),
        (3_200_000_000, "3.2 GB"),
    ],
)
def test_memory_is_in_words(count: int, text: str) -> None:
    assert bytes_text(count) == text
