"""Who may import whom: the contracts in pyproject.toml hold and refuse what they should."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT = Path(sys.executable).with_name("lint-imports")


def lint(folder: Path) -> str:
    """What the check of imports says of a tree: the names of its broken contracts, else nothing."""
    command: list[str | Path] = [LINT, "--no-logo", "--no-cache", "--config", folder / "pyproject.toml"]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    broken = [line for line in ended.stdout.splitlines() if line.endswith("BROKEN")]
    assert bool(broken) == bool(ended.returncode), ended.stdout + ended.stderr
    return "\n".join(broken)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("house")
    for name in ("playground", "ui"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_every_contract_holds() -> None:
    assert lint(ROOT) == ""


@pytest.mark.parametrize(
    ("module", "imported", "contract"),
    [
        ("playground/trainer.py", "PySide6.QtCore", "The engine knows no window"),
        ("playground/graph/model.py", "ui.style.theme", "The engine knows no window"),
        ("ui/panels/loss/axes.py", "torch", "The window computes nothing with torch"),
        ("ui/panels/loss/axes.py", "ui.panels.graph.scene", "No panel knows another one"),
        ("ui/panels/code/panel.py", "ui.session.worker", "A panel knows widgets"),
        ("ui/state/replay.py", "ui.panels.graph.panel", "State knows no panel"),
        ("ui/session/session.py", "ui.state.shown", "The session knows the engine alone"),
        ("ui/widgets/figure.py", "ui.panels.graph.panel", "Widgets know style"),
        ("ui/style/theme.py", "ui.widgets.figure", "Style knows"),
        ("ui/bindings/graph.py", "ui.shell.window", "A binding knows"),
    ],
)
def test_a_wrong_import_is_refused(copy: Path, module: str, imported: str, contract: str) -> None:
    path = copy / module
    text = path.read_text(encoding="utf-8")
    # Inside a function, where it is as wrong as anywhere.
    path.write_text(f"{text}\n\ndef wrong() -> None:\n    import {imported}\n", encoding="utf-8")
    try:
        assert contract in lint(copy)
    finally:
        path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("path", sorted(ROOT.glob("ui/state/*.py")), ids=lambda path: path.name)
def test_state_is_made_without_widgets(path: Path) -> None:
    names = {
        node.module
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
    }
    assert names.isdisjoint({"PySide6.QtWidgets", "PySide6.QtGui"})


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("playground", {"PySide6", "pyqtgraph", "torch"}),
        ("playground.settings", {"PySide6", "pyqtgraph", "torch"}),
        ("playground.graph", {"PySide6", "pyqtgraph", "torch"}),
        ("ui.shell.window", {"torch"}),
        ("ui.state.timeline", {"torch", "PySide6.QtWidgets"}),
    ],
)
def test_import_loads_nothing_heavy(module: str, unwanted: set[str]) -> None:
    command = [sys.executable, "-c", f"import sys, {module}; print(*sys.modules)"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert unwanted.isdisjoint(run.stdout.split())
