"""The command line's words about data."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from playground.data.catalog import DATA_SETS
from tests.engine.command_line.test_command_line import Run, run

__all__ = ["run"]


def test_the_sets_are_listed(run: Run) -> None:
    listed = json.loads(run("data", "--json").out)
    assert [each["name"] for each in listed] == [each.name for each in DATA_SETS]
    assert all(each["title"] and each["sentence"] for each in listed)
    text = run("data").out
    assert all(each.sentence in text for each in DATA_SETS)


@pytest.mark.parametrize("stage", ["numpy", "nn", "dynamic"])
def test_the_test_loss_stands_beside_the_loss(run: Run, stage: str) -> None:
    words = ("train", "--json", "--stage", stage, "--data", "moons", "--steps", "4")
    plain = [json.loads(line) for line in run(*words).out.splitlines()]
    split = [json.loads(line) for line in run(*words, "--test-share", "0.25").out.splitlines()]
    assert [set(each) for each in plain] == [{"step", "loss", "depth"}] * 4
    assert [set(each) for each in split] == [{"step", "loss", "depth", "test_loss"}] * 4
    assert all(each["test_loss"] > 0 for each in split)


def test_a_stage_learns_what_the_picture_shows(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "moons.npy"
    words = ("picture", "--stage", "nn", "--data", "moons", "--steps", "300", "--size", "32")
    ended = run(*words, "--format", "npy", "-o", str(path))
    assert (ended.status, ended.out) == (0, "")
    assert "Across: input 0 from -" in ended.err
    picture = np.load(path)
    assert picture.shape == (32, 32)
    # The upper moon is 1, the lower one -1.
    assert picture[2, 10] > 0 > picture[-3, -10]


def test_a_picture_is_written_for_ones_own_program(run: Run, tmp_path: Path) -> None:
    program = tmp_path / "own.py"
    program.write_text(
        run("script", "--stage", "nn", "--data", "blobs", "--steps", "5").out, encoding="utf-8"
    )
    path = tmp_path / "own.png"
    assert run("picture", "--program", str(program), "--steps", "3", "-o", str(path)).status == 0
    assert path.read_bytes().startswith(b"\x89PNG")


def test_a_file_is_trained_on(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b,c\n1,2,3\n4,5,6\n7,8,10\n", encoding="utf-8")
    words = ("--stage", "numpy", "--data", str(path), "--inputs", "c,a", "--targets", "b")
    assert len(run("train", *words, "--steps", "3").out.splitlines()) == 3
    text = run("script", *words).out
    assert "x = np.array([\n    [3, 1],\n    [6, 4],\n    [10, 7],\n], float)" in text
    # It runs where the file is not.
    assert str(path) not in text
    assert f"# From a file: {path.name}." in text
    recorded = json.loads(run("record", *words).out)
    assert {"name": "w1", "shape": [3, 100]}.items() <= recorded["parameters"][0].items()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--data", "moon"), "--data: 'moon' is not allowed; allowed: one of random, moons,"),
        (("--data", "moon.csv"), "moon.csv cannot be read: No such file or directory"),
        (("--noise", "1"), "--noise: '1' is not allowed; the data 'random' has no use for it"),
        (
            ("--data", "digits", "--noise", "1"),
            "the data 'digits' has no use for it",
        ),
        (("--data", "moons", "--formula", "x"), "--formula: 'x' is not allowed; the data 'moons' has no use"),
        (
            ("--data", "above", "--formula", "y"),
            "'y' is not allowed, it has 'y' in it; allowed: x,",
        ),
        (
            ("--data", "moons", "--input-size", "9"),
            "'9' is not allowed; it follows from the data",
        ),
        (("--data", "moons", "--inputs", "a"), "--inputs: 'a' is not allowed; allowed: with --data FILE"),
        (("--points", "9", "--batch-size", "9"), "--points: '9' is not allowed beside --batch-size"),
        (("--data", "moons", "--points", "0"), "--batch-size: '0' is not allowed"),
        (("--program", "x.py", "--data", "moons"), "--data: 'moons' is not allowed with --program"),
        (("--program", "x.py", "--points", "5"), "--points: '5' is not allowed with --program"),
    ],
)
def test_what_does_not_fit_ends_with_one_line(run: Run, words: tuple[str, ...], message: str) -> None:
    ended = run("train", *words)
    assert (ended.status, ended.out) == (2, "")
    assert message in ended.err
    assert len(ended.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--size", "1"), "--size: '1' is not allowed; allowed: a whole number from 2 to 1024"),
        (("--axes", "5"), "--axes: input 5 is not allowed; allowed: 0 to 1"),
        (("--axes", "a"), "--axes: 'a' is not allowed"),
        (("-o", "/nowhere/at/all"), "cannot be written: No such file or directory"),
    ],
)
def test_what_a_picture_cannot_be_ends_with_one_line(
    run: Run, tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    output = () if "-o" in words else ("-o", str(tmp_path / "a.png"))
    ended = run("picture", "--stage", "nn", "--data", "moons", "--steps", "1", *words, *output)
    assert (ended.status, ended.out) == (2, "")
    assert message in ended.err
    assert len(ended.err.splitlines()) == 1


def test_all_stages_compare_with_the_same_data(run: Run) -> None:
    words = ("compare", "--same-start", "--json", "--data", "circles", "--steps", "5", "--minibatch", "50")
    compared = json.loads(run(*words).out)
    assert all(each["max_relative_difference"] < 1e-12 for each in compared["stages"].values())
