"""The README stays true: its example runs, its commands are understood, its pictures are there."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from playground.cli import make_parser

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^    \.venv/bin/torch-playground (.*?)(?: +>.*)?$", TEXT, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_understood(command: str) -> None:
    arguments = shlex.split(command.partition("  #")[0])
    # The window has options, and no command.
    expected = None if arguments[0].startswith("-") else arguments[0]
    assert make_parser().parse_args(arguments).command == expected


def test_there_are_commands() -> None:
    assert {command.split()[0] for command in COMMANDS} - {"--pace"} == {
        "train",
        "graph",
        "record",
        "compare",
        "devices",
        "script",
        "faults",
        "data",
        "picture",
        "export",
        "open",
        "bench",
    }


def test_the_example_runs() -> None:
    program = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)[0]
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
    assert "AccumulateGrad" in ran.stdout


@pytest.mark.parametrize("picture", re.findall(r"!\[.*?\]\((.*?)\)", TEXT))
def test_every_picture_is_there(picture: str) -> None:
    assert (ROOT / picture).read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", re.findall(r"`([a-z_]+\.py|[a-z_]+/)`", TEXT))
def test_every_file_that_is_named_is_there(name: str) -> None:
    found = [ROOT / name, *(ROOT / folder / name for folder in ("playground", "ui"))]
    assert any(path.exists() for path in found)
