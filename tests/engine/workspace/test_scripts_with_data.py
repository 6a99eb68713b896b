"""Scripts of runs on a file hold its numbers: they run anywhere, and print the run's losses."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from playground import cli
from playground.data.defaults import with_data
from playground.data.files import file_for
from playground.data.written_out import WrittenOutError
from playground.settings import Settings, changed, make_settings
from playground.stages import STAGES
from playground.trainer import Trainer
from playground.workspace.scripts import script_of

STAGE_NAMES = [stage.name for stage in STAGES]


def losses_of(settings: Settings) -> list[float]:
    trainer = Trainer(settings)
    return [trainer.step() for _ in range(settings.steps)]


ONE_AFTER_ANOTHER = """
import pathlib, runpy
for path in sorted(pathlib.Path().glob("script-*.py")):
    print(path.name)
    runpy.run_path(str(path))
"""


def printed(folder: Path, *scripts: str) -> list[list[float]]:
    """What scripts print in a folder of their own, by an interpreter that finds nothing of the program's."""
    for number, script in enumerate(scripts):
        (folder / f"script-{number}.py").write_text(script, encoding="utf-8")
    command = [sys.executable, "-I", "-c", ONE_AFTER_ANOTHER]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout
    told = re.split(r"^script-\d+\.py\n", ran, flags=re.MULTILINE)[1:]
    return [[float(line.split()[1]) for line in each.splitlines()] for each in told]


def flowers(folder: Path, rows: int) -> Path:
    """A file with numbers of all lengths, and a column of words."""
    draw = np.random.RandomState(7)
    path = folder / "flowers.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["length", "width", "kind"])
        for row in range(rows):
            table.writerow([repr(draw.randn()), round(float(draw.rand()), 3), "ab"[row % 2]])
    return path


def on_file(path: Path, stage: str, **values: object) -> Settings:
    chosen = file_for(path, ("length", "width"), ("kind",))
    settings = with_data(make_settings(stage=stage, steps=6, **values), chosen.file, points=chosen.rows)
    return changed(settings, hidden_size=4, learning_rate=1e-3)


@pytest.mark.parametrize(("rows", "is_packed"), [(20, False), (700, True)])
def test_scripts_on_a_file_run_without_the_file(rows: int, is_packed: bool, tmp_path: Path) -> None:
    path = flowers(tmp_path, rows)
    all_settings = [on_file(path, stage, test_share=0.2, standardize=True) for stage in STAGE_NAMES]
    scripts = [script_of(each) for each in all_settings]
    losses = [losses_of(each) for each in all_settings]
    path.unlink()
    for script in scripts:
        assert str(tmp_path) not in script
        assert ("base64" in script) == is_packed
        assert "import csv" not in script
        assert "\n\n\nimport" not in script
    assert printed(tmp_path, *scripts) == losses


def test_scripts_on_the_digits_hold_them(tmp_path: Path) -> None:
    stages = ("numpy", "function", "dynamic")
    all_settings = [
        with_data(make_settings(stage=stage, steps=3), "digits", points=points)
        for stage in stages
        for points in (20, 1797)
    ]
    scripts = [script_of(each) for each in all_settings]
    for script in scripts:
        assert "npz" not in script
        assert max(map(len, script.splitlines())) <= 85
    assert printed(tmp_path, *scripts) == [losses_of(each) for each in all_settings]


def test_the_command_prints_the_same(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = flowers(tmp_path, 20)
    words = ["--data", str(path), "--inputs", "length,width", "--targets", "kind", "--steps", "4"]
    told = []
    for command in ("script", "train"):
        assert cli.run(cli.parse([command, "--stage", "nn", *words])) == 0
        told.append(capsys.readouterr().out)
    path.unlink()
    script, losses = told
    assert printed(tmp_path, script) == [[float(line.split()[1]) for line in losses.splitlines()]]


def test_a_file_that_is_gone_or_shorter_is_told_in_one_line(tmp_path: Path) -> None:
    path = flowers(tmp_path, 20)
    settings = on_file(path, "nn")
    flowers(tmp_path, 10)
    with pytest.raises(WrittenOutError, match="has 10 of the 20 rows"):
        script_of(settings)
    path.unlink()
    with pytest.raises(WrittenOutError, match=re.escape(str(path))) as told:
        script_of(settings)
    assert "\n" not in str(told.value)
