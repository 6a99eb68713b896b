"""A file is written whole or not at all, whatever the system says to it."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import BinaryIO

import pytest

from playground.workspace.files import FileError, seen, write_bytes, write_file, write_text

on_unix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither these rights nor limits")


def test_a_new_file_has_its_content_and_the_rights_of_any_new_file(tmp_path: Path) -> None:
    write_text(tmp_path / "new.txt", "ü\r\n")
    (tmp_path / "other").write_bytes(b"")
    assert (tmp_path / "new.txt").read_bytes() == "ü\r\n".encode()
    assert (tmp_path / "new.txt").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_a_name_that_is_taken_is_refused_and_its_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(FileError, match=r"exists; allowed: another name, or --force"):
        write_text(path, "new")
    assert path.read_text() == "old"


def test_with_force_it_is_replaced_and_keeps_its_rights(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    path.chmod(0o640)
    write_text(path, "new", force=True)
    assert path.read_text() == "new"
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_one_that_came_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"

    def write(file: BinaryIO) -> None:
        path.write_text("of another program")
        file.write(b"new")

    with pytest.raises(FileError, match="exists"):
        write_file(path, write)
    assert path.read_text() == "of another program"
    assert os.listdir(tmp_path) == ["a.txt"]


@pytest.mark.parametrize("before", [None, "old"])
def test_what_came_after_the_user_agreed_is_not_written_over(before: str | None, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    if before is not None:
        path.write_text(before)
    agreed = seen(path)
    write_bytes(path, b"mine", over=agreed)
    assert path.read_bytes() == b"mine"
    with pytest.raises(FileError, match="another program has written it meanwhile"):
        write_bytes(path, b"more", over=agreed)
    assert path.read_bytes() == b"mine"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_a_writer_that_fails_leaves_the_old_file_whole_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")

    def write(file: BinaryIO) -> None:
        file.write(b"half")
        raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more"):
        write_file(path, write, force=True)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


@on_unix
def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_text("old")
    (tmp_path / "link.txt").symlink_to("real.txt")
    write_text(tmp_path / "link.txt", "new", force=True)
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text() == "new"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("missing/a.txt", "there is no such folder"),
        ("a\0b", "a file cannot have that name"),
        ("x" * 300, "the name is too long"),
        (".", "is a folder"),
    ],
)
def test_what_cannot_be_written_is_said_in_one_line(tmp_path: Path, name: str, why: str) -> None:
    if sys.platform == "win32" and len(name) == 300:
        why = "was not written"
    with pytest.raises(FileError, match=why) as caught:
        write_text(tmp_path / name, "text")
    assert len(str(caught.value).splitlines()) == 1
    assert os.listdir(tmp_path) == []


@on_unix
@pytest.mark.parametrize("name", ["new\nline", "\udcff", "“ü” 名前 🙂", "-o", "a;b|c &", " "])
def test_odd_names_are_written_and_repeated_in_one_printable_line(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    write_text(path, "text")
    assert path.read_text() == "text"
    with pytest.raises(FileError) as caught:
        write_text(path, "text")
    assert len(str(caught.value).splitlines()) == 1
    str(caught.value).encode()


@on_unix
def test_a_device_is_no_place_for_a_file() -> None:
    with pytest.raises(FileError, match="no regular file"):
        write_text(Path("/dev/null"), "text", force=True)
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


@on_unix
def test_a_folder_that_may_only_be_read() -> None:
    # Not below tmp_path, whose parents are this user's alone.
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o555)
        # What root writes the system does not refuse: it is written as nobody.
        code = "import os, sys\nfrom pathlib import Path\nfrom playground.workspace.files import write_text\n"
        code += "if os.getuid() == 0: os.setuid(65534)\n"
        code += "write_text(Path(sys.argv[1]) / 'a.txt', 'text')"
        done = _python(code, folder)
        assert "it may not be written there" in done.stderr.splitlines()[-1]
        assert os.listdir(folder) == []
        os.chmod(folder, 0o755)


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="only Linux has such a folder")
def test_a_folder_in_which_no_file_can_be_made_is_not_said_to_be_missing() -> None:
    with pytest.raises(FileError, match="it may not be written there"):
        write_text(Path("/proc/torch-playground.txt"), "text")


@on_unix
def test_a_disk_without_room_leaves_the_old_file_whole(tmp_path: Path) -> None:
    """The system's own limit of a file's size stands for the disk: it fails in the middle of writing."""
    path = tmp_path / "a.txt"
    path.write_text("old")
    code = "import resource, sys\nfrom pathlib import Path\n"
    code += "from playground.workspace.files import write_text\n"
    code += "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
    code += "write_text(Path(sys.argv[1]), 'x' * 5000, force=True)"
    done = _python(code, str(path))
    assert "larger than is allowed here" in done.stderr.splitlines()[-1]
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


def _python(code: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=False)
