"""The real window under random use: nothing raises, nothing contradicts anything; longer with `make soak`."""

from __future__ import annotations

import os

import pytest
from pytestqt.qtbot import QtBot

from tests.gui.random_driver import RandomDriver
from tests.gui.whole_window import opened
from ui.shell.window import MainWindow

ACTIONS = int(os.environ.get("SOAK_ACTIONS", "80"))
SEEDS = range(int(os.environ.get("SOAK_SEEDS", "1")))


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    """A window with a network so small that a step is nothing."""
    return opened(qtbot, batch_size=4, input_size=6, hidden_size=5, output_size=2, steps=200)


@pytest.mark.parametrize("seed", SEEDS)
def test_random_use_contradicts_nothing(window: MainWindow, seed: int) -> None:
    driver = RandomDriver(window, seed)
    try:
        for _ in range(ACTIONS):
            driver.act()
    except BaseException:
        print(f"seed {seed}, after {len(driver.done)} actions; the last of them:")
        print("\n".join(driver.done[-25:]))
        raise
