"""A process that is killed in mid-training leaves its session, and two at once do not harm each other."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from playground.settings import make_settings
from playground.trainer import Trainer
from playground.workspace.autosave import Autosave
from playground.workspace.files import FileError
from playground.workspace.session_file import Session

# Trains, saves after some steps, says so, and goes on until it is killed.
TRAINING = """
import sys
from pathlib import Path
from playground.runs.entry import RunEntry
from playground.settings import make_settings
from playground.trainer import Trainer
from playground.workspace.autosave import Autosave
from playground.workspace.saved_runs import saved_run
from playground.workspace.session_file import Session

settings = make_settings(stage="nn", batch_size=4, input_size=6, hidden_size=5, output_size=2, steps=10**7)
trainer, autosave = Trainer(settings), Autosave(Path(sys.argv[1]))
entry = RunEntry(0, settings, "killed", 0, trainer.history, trainer.structures, state="running")
while True:
    trainer.step()
    if trainer.history.length % 50 == 0:
        autosave.save(Session(settings, (saved_run(entry),)))
        print(trainer.history.length, flush=True)
"""


def started(folder: Path) -> subprocess.Popen[str]:
    """A process in mid-training that has saved its session at least twice."""
    process = subprocess.Popen(
        [sys.executable, "-c", TRAINING, str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    for _ in range(2):
        assert process.stdout.readline()
    return process


def killed(process: subprocess.Popen[str]) -> int:
    """Kills it at once; how many steps it had said were safe."""
    process.kill()
    told, _ = process.communicate()
    return max([100, *map(int, told.split())])


def test_what_a_killed_process_has_saved_is_found_opened_and_let_go(tmp_path: Path) -> None:
    safe = killed(started(tmp_path))
    autosave = Autosave(tmp_path)
    (left,) = autosave.left_behind()
    assert left.saved == left.path.stat().st_mtime
    session = autosave.take(left)
    assert session.problems == ()
    (run,) = session.runs
    assert run.name == "killed"
    assert run.steps >= safe
    # The very steps of this run.
    again = Trainer(session.settings or make_settings())
    assert [again.step() for _ in range(run.steps)] == run.losses.tolist()
    autosave.discard(left)
    assert autosave.left_behind() == ()
    autosave.close()
    assert list(tmp_path.iterdir()) == []


def test_a_window_that_is_open_is_not_offered_until_it_is_gone(tmp_path: Path) -> None:
    process = started(tmp_path)
    first = Autosave(tmp_path)
    assert first.left_behind() == ()
    killed(process)
    (left,) = first.left_behind()
    # It is offered in one window alone.
    second = Autosave(tmp_path)
    assert second.left_behind() == ()
    first.close()
    # The first has closed without deciding: the next one is asked.
    assert [each.path for each in second.left_behind()] == [left.path]
    second.close()


def test_two_at_once_have_a_file_each_and_close_their_own(tmp_path: Path) -> None:
    first, second = Autosave(tmp_path / "new" / "folder"), Autosave(tmp_path / "new" / "folder")
    first.save(Session(make_settings(stage="nn")))
    second.save(Session(make_settings(stage="optim")))
    assert first.path != second.path
    first.close()
    assert not first.path.exists()
    assert second.path.exists()
    second.close()
    assert list((tmp_path / "new" / "folder").iterdir()) == []


def test_what_was_being_written_by_a_process_that_was_killed_goes_after_an_hour(tmp_path: Path) -> None:
    old, new = tmp_path / ".torch-playground-0.part", tmp_path / ".torch-playground-1.part"
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (1.0, 1.0))
    Autosave(tmp_path).close()
    assert list(tmp_path.iterdir()) == [new]


def test_a_folder_that_cannot_be_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="cannot keep sessions") as caught:
        Autosave(tmp_path / "file" / "inner")
    assert len(str(caught.value).splitlines()) == 1
