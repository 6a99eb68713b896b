"""Files of the user's own: what is in them, what is trained on, and what is refused in one line."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import numpy as np
import pyarrow.parquet
import pytest
import safetensors.numpy

from playground.data import files
from playground.data.files import file_for, preview
from playground.settings import SettingsError
from playground.stages import STAGES
from tests.engine.data.files_read import arrays_of

IRIS = (
    "\ufefflength,width,species\r\n"
    "5.1,3.5,setosa\r\n"
    '7.0,3.2,"versi, color"\r\n'
    "\r\n"
    '6.3,3.3,"virgi\nnica"\r\n'
    "4.9,1e-1,setosa\r\n"
)


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("stage", [stage.name for stage in STAGES])
def test_words_become_classes_in_every_stage(tmp_path: Path, stage: str) -> None:
    x, y = arrays_of(written(tmp_path, "iris.csv", IRIS), stage, dtype="float64")
    assert x.tolist() == [[5.1, 3.5], [7.0, 3.2], [6.3, 3.3], [4.9, 0.1]]
    # The classes stand in the order of their letters.
    assert y.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0]]


def test_a_preview_tells_types_ranges_and_what_is_missing(tmp_path: Path) -> None:
    found = preview(written(tmp_path, "a.csv", "age,name,note\n1,Ann,x\n?,Bob,\n4,Ann,y\n"))
    age, name, note = found.columns
    assert (age.kind, age.low, age.high, age.missing) == ("number", 1.0, 4.0, 1)
    assert (name.kind, name.classes, name.missing) == ("words", ("Ann", "Bob"), 0)
    assert note.missing == 1
    assert found.rows == 3
    assert found.sample[1] == ("?", "Bob", "")


@pytest.mark.parametrize(
    ("text", "x", "y"),
    [
        ("a;b\n1,5;2\n-0,25;3,0\n", [[1.5], [-0.25]], [[2.0], [3.0]]),
        ("1\t2\t3\n4\t5\t6\n", [[1, 2], [4, 5]], [[3], [6]]),
        ("a|b\n1|2\n", [[1]], [[2]]),
        ('"a, b",c\n1,2\n', [[1]], [[2]]),
        ("y,x\n1,2\n3,4\n", [[2], [4]], [[1], [3]]),
        ('one,"two ""quoted"""\n1,2\n', [[1]], [[2]]),
    ],
)
def test_tables_as_people_have_them(tmp_path: Path, text: str, x: list[object], y: list[object]) -> None:
    found = arrays_of(written(tmp_path, "a.csv", text))
    assert found[0].tolist() == x
    assert found[1].tolist() == y


def test_utf_16_as_spreadsheets_save_it(tmp_path: Path) -> None:
    x, y = arrays_of(written(tmp_path, "a.txt", "größe\ty\n1\t2\n".encode("utf-16")))
    assert (x.tolist(), y.tolist()) == ([[1]], [[2]])


def test_arrays_of_numpy(tmp_path: Path) -> None:
    table = np.arange(12).reshape(4, 3)
    np.save(tmp_path / "a.npy", table)
    x, y = arrays_of(tmp_path / "a.npy")
    assert np.array_equal(np.c_[x, y], table)
    images, labels = np.arange(16.0).reshape(4, 2, 2), np.array([1, 0, 1, 0])
    np.savez(tmp_path / "a.npz", other=np.zeros(4), x=images, y=labels)
    x, y = arrays_of(tmp_path / "a.npz")
    assert np.array_equal(x, images.reshape(4, 4))
    assert np.array_equal(y[:, 0], labels)


@pytest.mark.parametrize(("of", "every"), [(10, 1), (11, 2), (20, 2), (21, 3), (95, 10), (101, 11)])
@pytest.mark.parametrize("kind", ["csv", "npy", "npz", "safetensors", "parquet"])
def test_of_a_long_file_rows_from_the_first_to_the_last_are_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, of: int, every: int
) -> None:
    monkeypatch.setattr("playground.data.columns.MOST_ROWS", 10)
    monkeypatch.setattr("playground.data.tables.MOST_ROWS", 10)
    table = np.c_[np.arange(of), 2 * np.arange(of)].astype(float)
    path = tmp_path / f"a.{kind}"
    if kind == "csv":
        path.write_text("x,y\n" + "".join(f"{x},{y}\n" for x, y in table.tolist()), encoding="utf-8")
    elif kind == "npy":
        np.save(path, table)
    elif kind == "npz":
        np.savez(path, x=table[:, :1], y=table[:, 1:])
    elif kind == "safetensors":
        safetensors.numpy.save_file({"x": table[:, :1].copy(), "y": table[:, 1:].copy()}, path)
    else:
        pyarrow.parquet.write_table(pyarrow.table({"x": table[:, 0], "y": table[:, 1]}), path)
    found = preview(path)
    wanted = table[::every]
    assert (found.rows, found.every, found.of) == (len(wanted), every, of)
    assert found.columns[0].high == wanted[-1, 0]
    x, y = arrays_of(path)
    np.testing.assert_array_equal(np.c_[x, y], wanted)


def test_a_row_that_is_not_used_may_not_be_ragged_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("playground.data.columns.MOST_ROWS", 10)
    monkeypatch.setattr("playground.data.tables.MOST_ROWS", 10)
    path = written(tmp_path, "a.csv", "a,b\n" + "1,2\n" * 30 + "1\n" + "1,2\n")
    with pytest.raises(SettingsError, match="is ragged: line 32 has 1 values"):
        preview(path)


BAD = [
    ("a.csv", b"", "is empty"),
    ("a.csv", b"\n\n", "has no rows"),
    ("a.csv", "a,b\n", "has a header, and no rows below it"),
    ("a.csv", b"a,b\n1,2\nna\xefve,3\n", "is not in UTF-8: byte 0xef in line 3; save it as UTF-8"),
    ("a.csv", b"a\0b", "is no table of text: it holds zero bytes"),
    ("a.csv", "a,b\n1,2\n1,2,3\n", "is ragged: line 3 has 3 values, the first one 2"),
    ("a.csv", "a,b\n1,2\n1\n", "is ragged: line 3 has 1 values, the first one 2"),
    ("a.csv", "a,a\n1,2\n", "has two columns called 'a'"),
    ("a.csv", "a\n1\n2\n", "has no column left for x"),
    (
        "a.csv",
        "a,b\n1,nan\n2,3\n",
        "for x: lacks 1 value in column 'b', the first in line 2",
    ),
    (
        "a.csv",
        'a,b\n1,"' + "x" * 200_000 + '"\n',
        "after line 1: field larger than field limit",
    ),
    (
        "a.csv",
        "a,b\n" + "".join(f"{i},w{i}\n" for i in range(200)),
        "100 different words in column 'b'",
    ),
    ("a.csv", "a,b\n1,2\n2,3\n3,oops\n4,5\n", "has 'oops' in line 4 of column 'b', where numbers are"),
    ("a.xlsx", b"PK", "is of an unknown kind; allowed: .csv, .tsv, .txt, .npy, .npz, .safetensors, .parquet"),
    ("a.npy", b"\x93NUMPY", "cannot be read"),
    ("a.npy", pickle.dumps({"a": 1}), "that is never unpickled"),
    ("a.npz", b"no zip at all", "is no NPZ file"),
    ("a.safetensors", b"nothing of the kind", "is no safetensors file"),
]


@pytest.mark.parametrize(("name", "content", "message"), BAD, ids=[message for *_, message in BAD])
def test_what_cannot_be_used_is_refused_in_one_line(
    tmp_path: Path, name: str, content: str | bytes, message: str
) -> None:
    path = written(tmp_path, name, content)
    with pytest.raises(SettingsError) as refused:
        file_for(path)
    assert message in str(refused.value)
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)


class Trap:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return exec, ("raise SystemExit('it was unpickled')",)


@pytest.mark.parametrize("name", ["a.npy", "a.npz"])
def test_objects_are_never_unpickled(tmp_path: Path, name: str) -> None:
    array = np.array([Trap(), Trap()], dtype=object)
    np.save(tmp_path / name, array) if name == "a.npy" else np.savez(tmp_path / name, x=array, y=array)
    with pytest.raises(SettingsError, match="never unpickled"):
        file_for(tmp_path / name)


@pytest.mark.parametrize("array", [np.zeros(3), np.zeros((3, 1)), np.zeros((0, 2)), np.array([["a", "b"]])])
def test_arrays_without_two_columns_of_numbers_are_refused(tmp_path: Path, array: np.ndarray) -> None:
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(SettingsError, match=r"holds|has no rows"):
        file_for(tmp_path / "a.npy")


def test_folders_and_files_that_are_not_there_are_told(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(SettingsError, match="is a folder; a file is needed"):
        preview(tmp_path / "folder.csv")
    with pytest.raises(SettingsError, match=r"nowhere\.csv cannot be read: No such file"):
        preview(tmp_path / "nowhere.csv")


def test_a_file_that_may_not_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, "a.csv", "a,b\n1,2\n")

    def refuse(*_arguments: object, **_options: object) -> None:
        raise PermissionError(13, "Permission denied")

    # Whoever runs the tests may be allowed everything.
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(SettingsError, match="cannot be read: Permission denied"):
        preview(path)


def test_too_large_a_file_is_refused_by_its_size(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        file.truncate(10_000_000_000)
    with pytest.raises(SettingsError, match="has 10,000,000,000 bytes; at most 1,000,000,000 are read"):
        preview(path)


def test_a_packed_file_is_judged_by_its_contents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("playground.data.arrays.LARGEST_FILE", 1000)
    np.savez_compressed(tmp_path / "a.npz", x=np.zeros((1000, 2)), y=np.zeros(1000))
    with pytest.raises(SettingsError, match=r"unpacks to .* bytes; at most"):
        preview(tmp_path / "a.npz")


def test_a_file_that_changes_meanwhile_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, "a.csv", "a,b\n1,2\n")
    from playground.data import tables

    encoding = tables._encoding

    def changing(of: Path) -> str:
        os.utime(of, (1, 1))
        return encoding(of)

    monkeypatch.setattr(tables, "_encoding", changing)
    with pytest.raises(SettingsError, match="was changed while it was read"):
        preview(path)


@pytest.mark.parametrize(
    ("inputs", "targets", "message"),
    [
        (("c",), (), "has no column 'c'; allowed: a, b"),
        (("a",), ("a",), "would have column 'a' in x and in y"),
        (("a", "a"), ("b",), "would have column 'a' twice"),
    ],
)
def test_columns_that_do_not_fit_are_told(
    tmp_path: Path, inputs: tuple[str, ...], targets: tuple[str, ...], message: str
) -> None:
    path = written(tmp_path, "a.csv", "a,b\n1,2\n")
    with pytest.raises(SettingsError, match=message):
        file_for(path, inputs, targets)


def test_every_kind_of_file_has_its_reader() -> None:
    assert set(files.KINDS.values()) == set(files._READERS)
