"""Who may import whom: the engine knows no window, the window no PyTorch, and no panel another panel."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENGINE = sorted(ROOT.glob("playground/**/*.py"))
WINDOW = sorted(ROOT.glob("ui/**/*.py"))
PANELS = sorted(ROOT.glob("ui/panels/**/*.py"))

QT = ("PySide6", "shiboken6", "pyqtgraph", "superqt", "qtpy", "qtawesome")
MACHINERY = ("ui.app", "ui.shell.window", "ui.session.session", "ui.session.worker")
# Without a subcommand the command line opens the window: it alone may reach it, once it is asked to.
ENTRY_POINT = ROOT / "playground" / "__main__.py"


def imported_names(tree: ast.AST, package: str) -> Iterator[str]:
    """Every module that the code may load, wherever the import stands; `package` is where `.` points to."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                parents = package.split(".")[: len(package.split(".")) - level + 1] if level else []
                base = ".".join([*parents, *([module] if module else [])])
                yield base
                yield from (f"{base}.{alias.name}" for alias in names)
            case ast.Call(
                func=ast.Name(id=function) | ast.Attribute(attr=function),
                args=[ast.Constant(value=str(name)), *_],
            ) if function in ("import_module", "__import__"):
                yield name


def imports_of(path: Path) -> set[str]:
    package = ".".join(path.relative_to(ROOT).parent.parts)
    return set(imported_names(ast.parse(path.read_text(encoding="utf-8")), package))


def among(names: set[str], *modules: str) -> list[str]:
    """The names that are one of the modules, or lie inside one."""
    return sorted(name for name in names if any(name == m or name.startswith(f"{m}.") for m in modules))


def family(panel: str) -> str:
    """A panel's name up to its first underscore: `graph_view` and `graph_canvas` are one family."""
    return panel.split("_")[0]


def foreign_panels(names: set[str], panel: str) -> list[str]:
    """The names that belong to a panel of another family."""
    inside = [name for name in names if name.startswith("ui.panels.")]
    return sorted(name for name in inside if family(name.split(".")[2]) != family(panel))


def module_level_imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = [ast.Pass()]
    return set(imported_names(tree, "playground"))


def identify(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", ENGINE, ids=identify)
def test_engine_imports_no_window(path: Path) -> None:
    names = imports_of(path)
    assert among(names, *QT) == []
    assert path == ENTRY_POINT or among(names, "ui") == []


def test_entry_point_reaches_the_window_inside_a_function_only() -> None:
    assert among(imports_of(ENTRY_POINT), "ui") != []
    assert among(module_level_imports(ENTRY_POINT), "ui") == []


@pytest.mark.parametrize("path", WINDOW, ids=identify)
def test_window_imports_no_torch(path: Path) -> None:
    assert among(imports_of(path), "torch") == []


@pytest.mark.parametrize("path", PANELS, ids=identify)
def test_panels_know_neither_each_other_nor_what_drives_them(path: Path) -> None:
    names = imports_of(path)
    panel = path.relative_to(ROOT / "ui" / "panels").parts[0].removesuffix(".py")
    assert foreign_panels(names, panel) == []
    assert among(names, *MACHINERY) == []


@pytest.mark.parametrize(
    ("source", "package", "expected"),
    [
        ("import torch.nn as nn", "ui", "torch.nn"),
        ("def f():\n    from torch import nn", "ui", "torch.nn"),
        ("from . import session", "ui", "ui.session.session"),
        ("from .. import session", "ui.panels", "ui.session.session"),
        ("from ..session import Session", "ui.panels", "ui.session.session"),
        ("from .loss_view import LossView", "ui.panels", "ui.panels.loss_view"),
        ("from ui import window", "playground", "ui.shell.window"),
        ("import importlib\nimportlib.import_module('ui.app')", "playground", "ui.app"),
        ("__import__('PySide6')", "playground", "PySide6"),
    ],
)
def test_no_way_to_import_is_overlooked(source: str, package: str, expected: str) -> None:
    assert expected in set(imported_names(ast.parse(source), package))


@pytest.mark.parametrize(
    ("panel", "imported", "allowed"),
    [
        ("graph_view", "ui.panels.graph.canvas.GraphCanvas", True),
        ("graph", "ui.panels.graph.canvas", True),
        ("graph_view", "ui.panels.loss_view", False),
        ("graph_view", "ui.panels.graphs", False),
        ("__init__", "ui.panels.graph.panel", False),
    ],
)
def test_a_panel_may_import_its_own_family_only(panel: str, imported: str, allowed: bool) -> None:
    assert (foreign_panels({imported}, panel) == []) == allowed


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("playground", {"PySide6", "pyqtgraph", "torch"}),
        ("playground.settings", {"PySide6", "pyqtgraph", "torch"}),
        ("playground.graph", {"PySide6", "pyqtgraph", "torch"}),
        ("ui.shell.window", {"torch"}),
    ],
)
def test_import_loads_nothing_heavy(module: str, unwanted: set[str]) -> None:
    command = [sys.executable, "-c", f"import sys, {module}; print(*sys.modules)"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert unwanted.isdisjoint(run.stdout.split())
