"""What a word opens is told by what it is, not by its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from playground.settings import make_settings
from playground.workspace.opening import OpeningError, what_to_open
from playground.workspace.session_file import Session, save_session
from playground.workspace.share import encode_settings

SETTINGS = make_settings(stage="dynamic", seed=5)


def test_a_shared_line_as_it_is_and_in_a_file(tmp_path: Path) -> None:
    line = encode_settings(SETTINGS)
    (tmp_path / "line.txt").write_text(f"{line}\n")
    for word in (line, str(tmp_path / "line.txt")):
        opening = what_to_open(word)
        assert opening.setup is not None
        assert opening.setup.settings == SETTINGS
        assert opening.session is None
        assert opening.program is None


def test_a_session_whatever_it_is_called(tmp_path: Path) -> None:
    save_session(tmp_path / "my work", Session(SETTINGS))
    session = what_to_open(str(tmp_path / "my work")).session
    assert session is not None
    assert session.settings == SETTINGS


def test_a_program(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("tp1 = 3\n")
    assert what_to_open(str(tmp_path / "mine.py")).program == (tmp_path / "mine.py").resolve()


@pytest.mark.parametrize(
    "word", ["", "nowhere.py", "x" * 5000, "a\0b", "tp1.", "tp1.x.y", "https://example.org"]
)
def test_anything_else_is_refused_in_one_line(word: str) -> None:
    with pytest.raises(OpeningError) as caught:
        what_to_open(word)
    assert len(str(caught.value).splitlines()) == 1
    assert len(str(caught.value)) < 300


def test_files_of_another_kind_are_refused_in_one_line(tmp_path: Path) -> None:
    for name, content in (("a.session", b"text"), ("b.png", b"\x89PNG\0\0"), ("c.zip", b"PK\x03\x04")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(OpeningError) as caught:
            what_to_open(str(tmp_path / name))
        assert len(str(caught.value).splitlines()) == 1
    with pytest.raises(OpeningError):
        what_to_open(str(tmp_path))
