"""A session in one file: all of it comes back; of a damaged or a newer file what can be had."""

from __future__ import annotations

import dataclasses
import io
import json
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from playground.history import History
from playground.own_program import OwnProgram
from playground.own_trainer import trainer_of
from playground.recording.model import snapshots_of
from playground.runs.changes import in_force
from playground.runs.clock import RunClock
from playground.runs.entry import RunEntry
from playground.settings import changed, make_settings
from playground.workspace.files import FileError
from playground.workspace.saved_runs import SavedRun, entry_of, saved_run
from playground.workspace.session_file import SavedRecording, Session, load_session, save_session

SMALL = {"batch_size": 4, "input_size": 6, "hidden_size": 5, "output_size": 2, "steps": 20}
GAN = """import torch

w = torch.ones(3, requires_grad=True)
for t in range(4):
    loss_d = (w * 2).sum()
    loss_d.backward()
    if t % 2:
        loss_g = w.pow(3).sum()
        loss_g.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
        w.grad.zero_()
"""


def trained(number: int, **values: Any) -> tuple[RunEntry, SavedRecording]:
    trainer = trainer_of(make_settings(**(SMALL | values)))
    for step in range(3):
        trainer.step()
        if step == 1 and "own" not in values:
            changes: dict[str, object] = {"depth": (1, 2), "learning_rate": 1e-5}
            trainer.apply(changed(trainer.settings, **changes))
    recording = trainer.record_step()
    clock = RunClock()
    clock.note(4, 1.5)
    entry = RunEntry(
        number,
        trainer.settings,
        f"“{number}” ü",
        number,
        trainer.history,
        trainer.structures,
        clock,
        state="running",
        named=True,
        pinned=True,
        changes=in_force(trainer.changes),
        series=tuple(trainer.series),
    )
    trainer.close()
    return entry, SavedRecording(number, 3, recording)


@pytest.fixture(scope="module")
def session() -> Session:
    # A path that is the same wherever the test runs, and so are the bytes of the file.
    own = OwnProgram("/programs/gan.py", GAN)
    made = [
        trained(0, stage="dynamic"),
        trained(1, stage="numpy"),
        trained(2, stage="optim", optimizer_options={"betas": (0.5, 0.9)}),
        trained(3, stage="own", own=own),
    ]
    return Session(
        made[0][0].settings,
        tuple(saved_run(entry) for entry, _ in made),
        tuple(recording for _, recording in made[:2]),
        {"tab": "Loss", "folded": ["a", "ü"]},
    )


def assert_same_run(one: SavedRun, other: SavedRun) -> None:
    for field in dataclasses.fields(SavedRun):
        first, second = getattr(one, field.name), getattr(other, field.name)
        if field.name == "series":
            assert list(first) == list(second)
            for name in first:
                np.testing.assert_array_equal(first[name], second[name])
        elif isinstance(first, np.ndarray):
            np.testing.assert_array_equal(first, second)
            assert first.dtype == second.dtype
        else:
            assert first == second, field.name


def saved(session: Session, folder: Path) -> Path:
    path = folder / "a.session"
    save_session(path, session)
    return path


def test_all_of_it_comes_back(session: Session, tmp_path: Path) -> None:
    again = load_session(saved(session, tmp_path))
    assert again.problems == ()
    assert again.settings == session.settings
    assert again.view == session.view
    assert [(each.run, each.step) for each in again.recordings] == [(0, 3), (1, 3)]
    for one, other in zip(session.recordings, again.recordings, strict=True):
        assert other.recording.to_plain() == one.recording.to_plain()
        pairs = zip(snapshots_of(one.recording), snapshots_of(other.recording), strict=True)
        for value, again_value in pairs:
            # Bit for bit, NaN included; what is one tensor is one again.
            assert value.values is not None
            assert again_value.values is not None
            assert value.values.tobytes() == again_value.values.tobytes()
            assert not again_value.values.flags.writeable
    assert len(again.runs) == len(session.runs)
    for first, second in zip(session.runs, again.runs, strict=True):
        assert_same_run(first, second)
    assert again.runs[0].changes[1].new == (1, 2)
    assert list(again.runs[3].series) == ["loss_d", "loss_g"]


def test_a_run_goes_back_into_the_list(session: Session, tmp_path: Path) -> None:
    for run in load_session(saved(session, tmp_path)).runs:
        entry = entry_of(run, number=9, color=4)
        assert (entry.number, entry.color, entry.state, entry.clock.seconds) == (9, 4, "paused", 1.5)
        assert_same_run(dataclasses.replace(run, number=9, color=4), saved_run(entry))
        # It could go on.
        entry.history.append(1.0, -1, 0)
        assert entry.history.length == run.steps + 1


def test_what_went_on_after_it_was_taken_is_not_in_it(tmp_path: Path) -> None:
    history = History(0)
    history.append(1.0, -1, 0)
    entry = RunEntry(0, make_settings(), "a", 0, history, ())
    taken = saved_run(entry)
    history.append(2.0, -1, 0)
    assert taken.steps == 1


def test_the_same_session_is_the_same_file(session: Session, tmp_path: Path) -> None:
    first = saved(session, tmp_path).read_bytes()
    save_session(tmp_path / "b.session", session)
    assert (tmp_path / "b.session").read_bytes() == first


def test_nothing_in_it_is_a_pickle(session: Session, tmp_path: Path) -> None:
    with zipfile.ZipFile(saved(session, tmp_path)) as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            if name.endswith(".npy"):
                np.load(io.BytesIO(archive.read(name)), allow_pickle=False)
            else:
                json.loads(archive.read(name))


def rewritten(path: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """The same file with other parts, its checksums right; a part that becomes None is left out."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: change(name, archive.read(name)) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            if content is not None:
                archive.writestr(name, content)
    return path


def with_json(path: Path, part: str, **values: object) -> Path:
    def change(name: str, content: bytes) -> bytes:
        return json.dumps({**json.loads(content), **values}).encode() if name == part else content

    return rewritten(path, change)


def test_a_newer_file_says_so_and_opens_what_is_understood(session: Session, tmp_path: Path) -> None:
    path = saved(session, tmp_path)
    plain = json.loads(zipfile.ZipFile(path).read("session.json"))
    settings = {**plain["settings"], "version": 2, "gravity": 9.81}
    with_json(path, "session.json", version=2, settings=settings, more=1)
    again = load_session(path)
    assert len(again.problems) == 1
    assert (
        "written by a newer version of this program (session version 2; this one knows 1)"
        in again.problems[0]
    )
    assert again.settings == session.settings
    assert len(again.runs) == len(session.runs)


@pytest.mark.parametrize(
    ("part", "why"),
    [
        ("runs/1/run.json", "run 1: runs/1/run.json is missing"),
        ("runs/1/losses.npy", "run 1 ('“1” ü'): runs/1/losses.npy is missing"),
        ("runs/1/graphs.json", "its graphs: runs/1/graphs.json is missing"),
    ],
)
def test_a_part_that_is_missing_costs_its_run_alone(
    part: str, why: str, session: Session, tmp_path: Path
) -> None:
    path = rewritten(saved(session, tmp_path), lambda name, content: None if name == part else content)
    again = load_session(path)
    assert [run.number for run in again.runs] == [0, 2, 3]
    assert why in again.problems[0]
    assert again.settings == session.settings


BAD: dict[str, dict[str, object]] = {
    "state": {"state": "flying"},
    "seconds": {"seconds": -1},
    "name": {"name": ""},
    "settings": {"settings": {"version": 1, "stage": "cnn"}},
    "no settings": {"settings": None},
    "changes": {"changes": [1]},
    "number": {"number": "x"},
}


@pytest.mark.parametrize("bad", BAD)
def test_a_value_that_is_not_allowed_costs_its_run_alone(bad: str, session: Session, tmp_path: Path) -> None:
    path = with_json(saved(session, tmp_path), "runs/1/run.json", **BAD[bad])
    again = load_session(path)
    assert [run.number for run in again.runs] == [0, 2, 3]
    assert len(again.problems) == 1
    assert again.problems[0].startswith("run 1")
    assert len(again.problems[0].splitlines()) == 1


def test_columns_that_do_not_fit_are_refused(session: Session, tmp_path: Path) -> None:
    huge, pickled, short = io.BytesIO(), io.BytesIO(), io.BytesIO()
    header = {"descr": "<f8", "fortran_order": False, "shape": (10**15,)}
    np.lib.format.write_array_header_1_0(huge, header)
    np.save(pickled, np.array([object()], dtype=object), allow_pickle=True)
    np.save(short, np.zeros(2))
    for bad in (huge, pickled, short, io.BytesIO(b"no array")):
        content = bad.getvalue()
        path = tmp_path / "a.session"
        save_session(path, session, force=True)
        rewritten(path, lambda name, old, new=content: new if name == "runs/0/losses.npy" else old)  # type: ignore[misc]
        again = load_session(path)
        assert [run.number for run in again.runs] == [1, 2, 3]
        assert again.problems[0].startswith("run 0")


@pytest.mark.parametrize("seed", range(40))
def test_a_byte_that_has_changed_never_ends_in_an_exception_of_another_kind(
    seed: int, session: Session, tmp_path: Path
) -> None:
    path = saved(session, tmp_path)
    content = bytearray(path.read_bytes())
    place = random.Random(seed).randrange(len(content))
    content[place] ^= 1 << seed % 8
    path.write_bytes(content)
    again = load_session(path)
    whole = {run.number: run for run in session.runs}
    for run in again.runs:
        # What is opened is right.
        np.testing.assert_array_equal(run.losses, whole[run.number].losses)
    assert again.problems or len(again.runs) == len(whole)


def test_a_list_of_parts_that_is_wrong_costs_nothing(session: Session, tmp_path: Path) -> None:
    """The list stands at the end: every byte of its own end, and of its first and its last entry."""
    path = saved(session, tmp_path)
    content = path.read_bytes()
    start = content.index(b"PK\x01\x02")
    last = content.rindex(b"PK\x01\x02")
    for place in (*range(start, start + 46), *range(last, len(content))):
        damaged = bytearray(content)
        damaged[place] ^= 1 << place % 8
        path.write_bytes(damaged)
        again = load_session(path)
        assert [run.number for run in again.runs] == [0, 1, 2, 3], place


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.999])
def test_of_a_file_that_is_cut_off_the_whole_parts_are_opened(
    share: float, session: Session, tmp_path: Path
) -> None:
    path = saved(session, tmp_path)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    again = load_session(path)
    assert "is cut off or damaged" in again.problems[0]
    assert again.settings == session.settings
    assert len(again.runs) >= 4 * share - 2
    for run, whole in zip(again.runs, session.runs, strict=False):
        assert_same_run(run, whole)


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"", "no session"), (b"print(1)", "no session"), (b"PK\x03\x04" + b"x" * 99, "no session")],
)
def test_another_kind_of_file_is_named(content: bytes, why: str, tmp_path: Path) -> None:
    path = tmp_path / "a.session"
    path.write_bytes(content)
    with pytest.raises(FileError, match=why) as caught:
        load_session(path)
    assert len(str(caught.value).splitlines()) == 1


def test_another_programs_zip_and_no_file_at_all_are_named(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("session.json", '{"format": "other"}')
    with pytest.raises(FileError, match=r"is no session of this program: session\.json is not"):
        load_session(tmp_path / "a.zip")
    with pytest.raises(FileError, match="was not read: there is no such file"):
        load_session(tmp_path / "missing")
    with pytest.raises(FileError, match="was not read"):
        load_session(tmp_path)


def test_a_session_that_stops_while_it_is_written_leaves_the_old_one(
    session: Session, tmp_path: Path
) -> None:
    path = saved(session, tmp_path)
    before = path.read_bytes()

    def stop(done: int, of: int) -> None:
        if done > of // 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        save_session(path, session, force=True, on_progress=stop)
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["a.session"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda plain: plain["recording"]["objects"].pop(),
        lambda plain: plain["recording"]["objects"][0].update(shape="no"),
        lambda plain: plain["recording"]["objects"][-1].update(step="3"),
        lambda plain: plain["recording"]["objects"][-1].update({"is": "Path"}),
        lambda plain: plain["recording"].update(version=9),
        lambda plain: plain.update(arrays=0),
        lambda plain: plain.clear(),
    ],
)
def test_of_a_recording_with_other_content_one_line_tells(
    spoil: Callable[[dict[str, Any]], object], session: Session, tmp_path: Path
) -> None:
    def spoiled(name: str, old: bytes) -> bytes:
        if name != "recordings/0/objects.json":
            return old
        plain = json.loads(old)
        spoil(plain)
        return json.dumps(plain).encode()

    path = saved(session, tmp_path)
    rewritten(path, spoiled)
    again = load_session(path)
    assert len(again.runs) == 4
    assert [each.run for each in again.recordings] == [1]
    (problem,) = again.problems
    assert problem.startswith("recording 0: ")
    assert "\n" not in problem
