"""The programs that can run: opened files, edited stages, and what becomes of drafts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from playground.own_program import LARGEST_TEXT
from playground.settings import make_settings
from ui.session.session import Session
from ui.state.program_store import ProgramStore
from ui.state.programs import Programs

PATIENCE = 60_000
MINE = """\
import torch
w = torch.ones(3, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)
hidden = 4
x = torch.ones(hidden, 3)
for step in range(5):
    loss = (x @ w).sum() ** 2
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    session = Session(make_settings(stage="nn"))
    yield session
    session.close(PATIENCE)


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "mine.py"
    path.write_text(MINE, encoding="utf-8")
    return path


@pytest.fixture
def programs(session: Session, tmp_path: Path) -> Programs:
    return Programs(session, ProgramStore(tmp_path / "kept" / "programs.json"))


def told(programs: Programs) -> list[str]:
    notices: list[str] = []
    programs.noticed.connect(lambda _level, text: notices.append(text))
    return notices


def test_a_file_is_what_runs_next_and_has_not_run(programs: Programs, session: Session, mine: Path) -> None:
    notices = told(programs)
    assert programs.open(str(mine))
    assert (programs.current, programs.name, programs.text) == (str(mine), "mine.py", MINE)
    own = session.settings.own
    assert own is not None
    assert (own.path, own.text, session.settings.steps) == (str(mine), MINE, 5)
    assert session.steps_made == 0
    assert len(notices) == 1
    assert notices[0].startswith(
        "mine.py runs with your rights, as python mine.py would: press Run if you trust it."
    )


def test_the_stage_comes_back_with_its_own_settings(programs: Programs, session: Session, mine: Path) -> None:
    session.choose("hidden_size", 7)
    session.choose("steps", 40)
    before = session.settings
    programs.open(str(mine))
    programs.choose("nn")
    assert session.settings == before


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("gone.py", None, "cannot be read"),
        ("zero.py", b"x = 1\0", "zero bytes"),
        ("coded.py", b'# coding: utf-8\nx = "\xff"\n', "cannot be read as text"),
        ("wrong.py", b"# coding: klingon\n", "cannot be read as text"),
        ("large.py", b"#" * (11 << 20), "at most"),
    ],
)
def test_what_cannot_be_opened_says_so_in_one_line_and_changes_nothing(
    programs: Programs, session: Session, tmp_path: Path, name: str, content: bytes | None, says: str
) -> None:
    notices, before = told(programs), session.settings
    if content is not None:
        (tmp_path / name).write_bytes(content)
    assert not programs.open(str(tmp_path / name))
    assert len(notices) == 1
    assert says in notices[0]
    assert name in notices[0]
    assert (session.settings, programs.files, programs.current) == (before, (), "nn")


def test_a_folder_is_no_program(programs: Programs, tmp_path: Path) -> None:
    notices = told(programs)
    assert not programs.open(str(tmp_path))
    assert "is a folder" in notices[0]


def test_a_setting_in_a_stages_text_is_taken_as_from_its_control(
    programs: Programs, session: Session, qtbot: QtBot
) -> None:
    text = programs.text
    programs.edit(text.replace("64, 1000, 100, 10", "64, 1000, 50, 10"))
    qtbot.waitUntil(lambda: session.settings.hidden_size == 50, timeout=PATIENCE)
    assert session.settings.own is None
    assert not programs.edited


def test_another_text_of_a_stage_is_a_draft_until_it_runs(programs: Programs, session: Session) -> None:
    programs.edit(f"{programs.text}# mine\n")
    programs.settle()
    assert programs.edited
    assert programs.edited_stages == ("nn",)
    assert session.settings.own is None
    assert session.prepare()
    own = session.settings.own
    assert own is not None
    assert own.text.endswith("# mine\n")
    assert session.settings.stage == "nn"
    programs.put_back()
    assert session.settings.own is None
    assert not programs.edited


def test_a_draft_that_is_not_python_does_not_run(programs: Programs, session: Session) -> None:
    notices, before = told(programs), session.settings
    programs.edit(f"{programs.text}for x in (:\n")
    assert not session.prepare()
    assert session.settings == before
    assert len(notices) == 1
    assert "nothing was run" in notices[0]


def test_only_a_number_that_can_acts_before_the_program_is_run_again(
    programs: Programs, session: Session, mine: Path
) -> None:
    programs.open(str(mine))
    live = MINE.replace("lr=0.1", "lr=0.2")
    programs.edit(live)
    programs.settle()
    assert session.settings.own is not None
    assert session.settings.own.text == live
    programs.edit(live.replace("hidden = 4", "hidden = 6"))
    programs.settle()
    assert session.settings.own.text == live
    assert session.prepare()
    assert "hidden = 6" in session.settings.own.text


def test_save_writes_as_the_file_was_written(programs: Programs, tmp_path: Path) -> None:
    path = tmp_path / "windows.py"
    path.write_bytes("\ufeffx = 'ä'\r\ny = 2\r\n".encode())
    os.chmod(path, 0o640)
    programs.open(str(path))
    assert "\r" not in programs.text
    programs.edit(programs.text.replace("2", "3"))
    assert programs.edited
    assert programs.save()
    assert path.read_bytes() == "\ufeffx = 'ä'\r\ny = 3\r\n".encode()
    assert os.name == "nt" or path.stat().st_mode & 0o777 == 0o640
    assert not programs.edited
    assert sorted(each.name for each in tmp_path.iterdir() if each.is_file()) == ["windows.py"]


def test_an_edited_stage_is_saved_as_a_file_and_is_itself_again(programs: Programs, tmp_path: Path) -> None:
    original = programs.text
    programs.edit(f"{original}# mine\n")
    target = tmp_path / "saved.py"
    assert programs.save(str(target))
    assert target.read_text(encoding="utf-8") == f"{original}# mine\n"
    assert programs.current == str(target)
    programs.choose("nn")
    assert programs.text == original


def test_what_cannot_be_written_says_so_and_stays_edited(programs: Programs, tmp_path: Path) -> None:
    notices = told(programs)
    programs.edit(f"{programs.text}# mine\n")
    assert not programs.save(str(tmp_path / "nowhere" / "saved.py"))
    assert "was not written: there is no such folder" in notices[-1]
    assert programs.edited


def test_an_encoding_that_nobody_knows_is_one_line(programs: Programs, mine: Path, tmp_path: Path) -> None:
    notices = told(programs)
    foreign = tmp_path / "foreign.py"
    foreign.write_bytes(b"# -*- coding: xyz -*-\nprint(1)\n")
    assert not programs.open(str(foreign))
    programs.open(str(mine))
    programs.edit(f"# -*- coding: xyz -*-\n{MINE}")
    assert not programs.save()
    for line in (notices[0], notices[-1]):
        assert "its first lines name the encoding 'xyz'; allowed: one that Python knows" in line
        assert "\n" not in line
    assert mine.read_text(encoding="utf-8") == MINE


def test_what_another_program_has_written_unheard_is_not_written_over_unasked(
    programs: Programs, mine: Path
) -> None:
    programs.open(str(mine))
    # Not everywhere, and never at once, does the system tell of it.
    programs._watcher.removePath(str(mine))
    programs.edit(MINE + "# my own\n")
    mine.write_text(MINE + "# theirs\n", encoding="utf-8")
    asked: list[str] = []
    programs.would_overwrite.connect(asked.append)
    assert not programs.save()
    assert asked == [str(mine)]
    assert mine.read_text(encoding="utf-8") == MINE + "# theirs\n"
    assert programs.save(anyhow=True)
    assert mine.read_text(encoding="utf-8") == MINE + "# my own\n"
    # Gone, it is written again.
    mine.unlink()
    programs.edit(MINE)
    assert programs.save()
    assert len(asked) == 1


def test_a_file_that_changed_elsewhere_is_taken_over_or_asked_about(
    programs: Programs, mine: Path, qtbot: QtBot
) -> None:
    programs.open(str(mine))
    mine.write_text(MINE + "# more\n", encoding="utf-8")
    qtbot.waitUntil(lambda: programs.text.endswith("# more\n"), timeout=PATIENCE)
    assert not programs.edited
    programs.edit(MINE + "# my own\n")
    with qtbot.waitSignal(programs.changed_on_disk, timeout=PATIENCE) as asked:
        mine.write_text(MINE + "# theirs\n", encoding="utf-8")
    assert asked.args == [str(mine)]
    assert programs.text.endswith("# my own\n")
    programs.reload(str(mine))
    assert programs.text.endswith("# theirs\n")


def test_a_file_that_is_deleted_stays_in_the_editor(programs: Programs, mine: Path, qtbot: QtBot) -> None:
    programs.open(str(mine))
    with qtbot.waitSignal(
        programs.noticed, timeout=PATIENCE, check_params_cb=lambda _, text: "no longer" in text
    ):
        mine.unlink()
    assert programs.text == MINE
    assert programs.edited
    assert programs.save()
    assert mine.read_text(encoding="utf-8") == MINE


def test_drafts_and_files_survive_though_nobody_has_saved(
    programs: Programs, mine: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    programs.edit(f"{programs.text}# mine\n")
    programs.open(str(mine))
    programs.edit(MINE + "# draft\n")
    programs.choose_arguments("--epochs 3")
    store = tmp_path / "kept" / "programs.json"
    qtbot.waitUntil(lambda: store.exists() and "epochs" in store.read_text("utf-8"), timeout=PATIENCE)
    other = Session(make_settings(stage="nn"))
    back = Programs(other, ProgramStore(store))
    assert back.current == str(mine)
    assert back.text == MINE + "# draft\n"
    assert back.edited_stages == ("nn",)
    assert back.file is not None
    assert back.file.arguments == "--epochs 3"
    # It is shown; nobody has let it run.
    assert other.steps_made == 0
    other.close(PATIENCE)


def test_a_draft_whose_file_has_changed_meanwhile_is_asked_about(
    programs: Programs, session: Session, mine: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    programs.open(str(mine))
    programs.edit(MINE + "# draft\n")
    programs.keep()
    mine.write_text(MINE + "# theirs\n", encoding="utf-8")
    back = Programs(session, ProgramStore(tmp_path / "kept" / "programs.json"))
    with qtbot.waitSignal(back.changed_on_disk, timeout=PATIENCE) as asked:
        pass
    assert asked.args == [str(mine)]
    assert back.text == MINE + "# draft\n"
    assert back.original == MINE + "# theirs\n"


def test_a_stage_that_was_emptied_is_empty(programs: Programs) -> None:
    programs.edit("")
    assert programs.text == ""
    assert programs.edited


def test_a_text_that_is_too_long_is_refused_and_nothing_is_lost(programs: Programs, qtbot: QtBot) -> None:
    before = programs.text
    with qtbot.waitSignal(programs.noticed) as refused:
        programs.edit("#" * (LARGEST_TEXT + 1))
    assert refused.args is not None
    assert "at most" in refused.args[1]
    assert programs.text == before


def test_a_store_that_is_damaged_is_set_aside(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "programs.json"
    path.write_text("{", encoding="utf-8")
    programs = Programs(session, ProgramStore(path))
    assert programs.files == ()
    assert (tmp_path / "programs.json.damaged").read_text(encoding="utf-8") == "{"


def test_closing_a_file_goes_back_to_the_stage(programs: Programs, session: Session, mine: Path) -> None:
    programs.open(str(mine))
    programs.close_file(str(mine))
    assert (programs.current, programs.files, session.settings.own) == ("nn", (), None)
    assert programs.recent == (str(mine),)
