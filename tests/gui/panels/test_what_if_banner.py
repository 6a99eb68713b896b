"""The banner's words, and how a relative change is written on a node."""

from __future__ import annotations

import math

import pytest
from PySide6.QtWidgets import QLabel, QToolButton
from pytestqt.qtbot import QtBot

from tests.gui.driver import click, find
from ui.panels.graph.remarks import share_of_change
from ui.panels.what_if import WhatIfBanner
from ui.panels.what_if.words import Changed, loss_words, question

WEIGHT, UNIT = Changed("w1[3, 7]", 0.5, 0.02131), Changed("h_relu[:, 4]", 0.0, None)


def test_the_question() -> None:
    assert question([WEIGHT]) == "What if w1[3, 7] were 0.5 instead of 0.02131"
    both = question([WEIGHT, UNIT])
    assert both == "What if w1[3, 7] were 0.5 instead of 0.02131 and h_relu[:, 4] were 0"


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (312.4, 318.9, "loss 312.4 → 318.9"),
        (29428664.0, 29428670.0, "loss 2.942866e+07 → 2.942867e+07"),
        (312.4, 312.4, "loss 312.4, the same"),
        (312.4, math.inf, "loss 312.4 → inf"),
        (312.4, None, "loss 312.4 → none"),
        (None, None, "no loss"),
    ],
)
def test_the_losses_have_so_many_digits_that_they_differ(
    before: float | None, after: float | None, words: str
) -> None:
    assert loss_words(before, after) == words


def test_it_says_how_far_it_is_and_what_is_wrong(qtbot: QtBot) -> None:
    banner = WhatIfBanner()
    qtbot.addWidget(banner)
    banner.show_changes([WEIGHT], None, (1200, 5000))
    assert find(banner, QLabel, "what_if_loss").text() == "step 1\u00a0200 of 5\u00a0000 is made again …"
    banner.show_changes([WEIGHT], (1.0, 2.0), None, "x is made by the step itself")
    assert find(banner, QLabel, "what_if_note").text() == "x is made by the step itself"
    ended = []
    banner.end_asked.connect(lambda: ended.append(True))
    click(find(banner, QToolButton, "what_if_end"))
    assert ended == [True]


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.1234, "12 %"),
        (0.00004, "<0.01 %"),
        (0.0004, "0.04 %"),
        (2.341, "234 %"),
        (12.3, "×12"),
        (math.inf, "from 0"),
        (math.nan, "?"),
    ],
)
def test_a_relative_change_in_few_letters(share: float, words: str) -> None:
    assert share_of_change(share) == words
