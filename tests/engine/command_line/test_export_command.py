"""`export`: each kind of file as its own reader reads it, and each wrong option in one line."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from playground import cli
from playground.settings import Settings, make_settings
from playground.trainer import Trainer
from playground.workspace.session_file import load_session

SMALL = ("--batch-size=4", "--input-size=6", "--hidden-size=5", "--output-size=2")
PROGRAM = """import sys, torch
w = torch.ones(3, requires_grad=True)
for t in range(int(sys.argv[1])):
    loss = (w * w).sum()
    loss.backward()
    print("noise")
    with torch.no_grad():
        w -= 0.1 * w.grad
        w.grad = None
{more}"""


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def export(*words: str) -> int:
    return cli.run(cli.parse(["export", *words]))


def refused(*words: str) -> str:
    with pytest.raises(cli.BadOptionError) as caught:
        export(*words)
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def settings_of(stage: str, steps: int) -> Settings:
    return make_settings(stage=stage, steps=steps, batch_size=4, input_size=6, hidden_size=5, output_size=2)


def losses_of(stage: str, steps: int) -> list[float]:
    trainer = Trainer(settings_of(stage, steps))
    return [trainer.step() for _ in range(steps)]


def test_losses_and_session_and_script_tell_the_same_run(capsys: pytest.CaptureFixture[str]) -> None:
    for what, name in (("losses", "a.csv"), ("session", "a.session"), ("script", "a.py")):
        assert export("--what", what, "--stage=dynamic", "--steps=5", *SMALL, "-o", name) == 0
    expected = losses_of("dynamic", 5)
    assert [float(row["loss"]) for row in csv.DictReader(Path("a.csv").read_text().splitlines())] == expected
    (run,) = load_session(Path("a.session")).runs
    assert run.losses.tolist() == expected
    assert run.settings == settings_of("dynamic", 5)
    assert capsys.readouterr().out == ""
    printed = subprocess.run([sys.executable, "a.py"], capture_output=True, text=True, check=True).stdout
    assert [float(line.split()[1]) for line in printed.splitlines()] == expected


def test_the_weights_with_which_a_step_begins() -> None:
    assert export("--what", "model", "--stage=nn", "--step=2", *SMALL, "-o", "a.safetensors") == 0
    assert export("--what", "model", "--stage=nn", "--steps=2", *SMALL, "-o", "a.pt") == 0
    trainer = Trainer(settings_of("nn", 3))
    trainer.step()
    trainer.step()
    recording = trainer.record_step()
    for state in (load_file("a.safetensors"), torch.load("a.pt", weights_only=True)):
        for name, value in state.items():
            record = recording.parameter(name)
            assert record is not None
            assert record.before.values is not None
            assert value.numpy().tolist() == record.before.values.tolist()


@pytest.mark.parametrize(
    ("name", "begins"),
    [("a.svg", "<svg"), ("a.mmd", "flowchart"), ("a.dot", "digraph"), ("a.json", "{"), ("a", "<svg")],
)
def test_the_name_tells_the_format_of_a_graph(name: str, begins: str) -> None:
    assert export("--what", "graph", "--stage=autograd", "--step=1", *SMALL, "-o", name) == 0
    assert Path(name).read_text(encoding="utf-8").startswith(begins)


def test_a_recording_is_that_of_the_command_record(capsys: pytest.CaptureFixture[str]) -> None:
    assert export("--what", "recording", "--stage=autograd", "--step=1", *SMALL, "-o", "a.json") == 0
    assert cli.run(cli.parse(["record", "--stage=autograd", "--step=1", *SMALL])) == 0
    assert json.loads(Path("a.json").read_text()) == json.loads(capsys.readouterr().out)


def test_a_folder_for_tensorboard_is_made_and_written_once() -> None:
    words = ("--what", "tensorboard", "--stage=nn", "--steps=2", *SMALL, "-o", "events")
    assert export(*words) == 0
    (file,) = Path("events").iterdir()
    assert "tfevents" in file.name
    assert "exists" in refused(*words)
    assert export(*words, "--force") == 0


@pytest.mark.parametrize(
    "what", ["losses", "model", "graph", "replay", "recording", "session", "script", "tensorboard"]
)
def test_a_program_of_ones_own_is_exported_alike(what: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("mine.py").write_text(PROGRAM.format(more=""))
    assert export("--what", what, "--program=mine.py", "--args=4", "-o", "out") == 0
    assert capsys.readouterr().out == ""
    if what == "losses":
        assert Path("out").read_text().splitlines()[:2] == ["step,loss", "0,3.0"]
        assert len(Path("out").read_text().splitlines()) == 5


def test_an_export_of_a_program_without_an_end_stops_where_it_is_told() -> None:
    endless = PROGRAM.format(more="").replace("for t in range(int(sys.argv[1])):", "while True:")
    assert "while True:" in endless
    Path("mine.py").write_text(endless, encoding="utf-8")
    assert export("--what=losses", "--program=mine.py", "--steps=4", "-o", "a.csv") == 0
    assert len(list(csv.DictReader(Path("a.csv").read_text().splitlines()))) == 4


def test_what_a_program_of_ones_own_raises_is_its_own_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    Path("mine.py").write_text(PROGRAM.format(more="    if t == 1: raise RuntimeError('mine')\n"))
    assert export("--what", "losses", "--program=mine.py", "--args=4", "-o", "out") == 1
    told = capsys.readouterr().err
    assert told.endswith("RuntimeError: mine\n")
    assert told.count("File") == 1
    assert not Path("out").exists()


def test_the_first_step_of_a_program_that_does_not_tell_where_it_begins() -> None:
    text = "import torch\ndef train(w):\n    for t in range(3):\n        step(w)\n"
    text += "def step(w):\n    (w * w).sum().backward()\n    w.data -= w.grad\n    w.grad = None\n"
    Path("mine.py").write_text(text + "train(torch.ones(2, requires_grad=True))\n")
    for what in ("recording", "graph"):
        assert export("--what", what, "--program=mine.py", "--format=json", "-o", what) == 0
    assert json.loads(Path("recording").read_text())["loss"] == 2.0


def test_a_step_that_is_not_reached_is_said() -> None:
    Path("mine.py").write_text(PROGRAM.format(more=""))
    for what in ("graph", "replay", "recording", "model"):
        told = refused("--what", what, "--program=mine.py", "--args=4", "--step=9", "-o", "out")
        assert told == "--step: step 9 is not reached: the program makes 4 steps"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--what=film", "-o", "a"), "--what: 'film' is not allowed; allowed: script, graph"),
        (
            ("--what=graph", "--format=png", "-o", "a"),
            "--format: 'png' is not allowed with --what graph; allowed: svg",
        ),
        (("--what=losses", "--step=1", "-o", "a"), "--step: '1' is not allowed with --what losses"),
        (("--what=model", "--step=0", "-o", "a"), "--step: '0' is not allowed with --what model"),
        (("--what=replay", "--steps=5", "-o", "a"), "--steps: '5' is not allowed"),
        (("--what=graph", "--step=x", "-o", "a"), "--step: 'x' is not allowed"),
        (
            ("--what=graph", "--colors=red", "-o", "a"),
            "--colors: 'red' is not allowed; allowed: light or dark",
        ),
        (("--what=losses", "--colors=dark", "-o", "a"), "--colors: 'dark' is not allowed"),
        (
            ("--what=losses", "-o", "missing/a"),
            "--output: 'missing/a' was not written: there is no such folder",
        ),
        (("--what=losses", "-o", "."), "--output: '.' is a folder"),
        (("--what=losses", "-o", "taken"), "--output: 'taken' exists; allowed: another name, or --force"),
        (("--what=tensorboard", "-o", "taken"), "--output: 'taken' exists"),
        (("--what=losses", "--loop=3", "-o", "a"), "--loop: '3' is not allowed without --program"),
        (
            ("--what=losses", "--program=taken", "--seed=1", "-o", "a"),
            "--seed: '1' is not allowed with --program",
        ),
        (
            ("--what=losses", "--program=taken", "--loop=x", "-o", "a"),
            "--program: no loop begins in line 'x'",
        ),
        (("--what=losses", "--program=none.py", "-o", "a"), "--program: none.py cannot be read"),
        (("--what=losses", "--stage=numpy", "--depth=1:2", "-o", "a"), "--depth"),
        (("--what=losses", "--steps=0", "-o", "a"), "--steps: '0' is not allowed"),
    ],
)
def test_what_is_wrong_is_said_before_anything_runs(
    words: tuple[str, ...], why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("taken").write_text("old")

    def never(self: Trainer) -> float:
        raise AssertionError("it ran")

    monkeypatch.setattr(Trainer, "step", never)
    assert refused(*words).startswith(why)
    assert Path("taken").read_text() == "old"
    assert [each.name for each in Path().iterdir()] == ["taken"]
