"""What can be done by a key stands in one table, and the README knows all of it."""

from __future__ import annotations

from pathlib import Path

from ui.widgets.actions import ACTIONS

README = Path(__file__).parents[2] / "README.md"


def test_no_key_means_two_things() -> None:
    keys = [spec.keys for spec in ACTIONS if spec.keys]
    assert len(set(keys)) == len(keys)
    names = [spec.name for spec in ACTIONS]
    assert len(set(names)) == len(names)


def test_the_readme_lists_every_key() -> None:
    table = [line for line in README.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    told = {key.strip() for line in table for key in line.strip("| ").split("|")[0].split(",")}
    # "Ctrl+Shift+R, S, T" names three keys.
    told |= {f"Ctrl+Shift+{key}" for key in told if len(key) == 1}
    missing = [spec.keys for spec in ACTIONS if spec.keys and spec.keys not in told]
    assert missing == []
