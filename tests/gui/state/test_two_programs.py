"""Which two programs are held against each other, and what comes of it on the worker."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

import ui.session.answers
from playground.faults import fault_named, faulty_text, look_line
from playground.programs.stage_text import text_of
from playground.settings import make_settings
from playground.stages import STAGES
from tests.gui.state.desk import PATIENCE, Desk
from ui.session.requests import ProgramsAnswer
from ui.state.latest_requests import LatestRequests
from ui.state.program_store import ProgramStore
from ui.state.programs import Programs
from ui.state.two_programs import ORIGINAL, PRESENT, TwoPrograms

OWN = """\
import torch
model = torch.nn.Linear(3, 1)
x, y = torch.randn(8, 3), torch.randn(8, 1)
for step in range(12):
    loss = (model(x) - y).pow(2).mean()
    model.zero_grad()
    loss.backward()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter -= 0.1 * parameter.grad
"""


@pytest.fixture
def programs(desk: Desk) -> Programs:
    return Programs(desk.session, ProgramStore())


@pytest.fixture
def two(desk: Desk, programs: Programs) -> TwoPrograms:
    return TwoPrograms(desk.session, programs, LatestRequests(desk.session), desk)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    found = tmp_path / "first.py", tmp_path / "second.py"
    for path, text in zip(found, (OWN, OWN.replace("0.1 *", "0.2 *")), strict=True):
        path.write_text(text, encoding="utf-8")
    return found


def answer_of(qtbot: QtBot, two: TwoPrograms, steps: int = 6) -> ProgramsAnswer:
    two.start(0, steps)
    qtbot.waitUntil(lambda: not two.running, timeout=PATIENCE)
    assert two.problem == ""
    assert two.answer is not None
    return two.answer


def test_everything_can_be_chosen(two: TwoPrograms, programs: Programs, files: tuple[Path, Path]) -> None:
    programs.open(str(files[0]))
    two.open(False, str(files[1]))
    keys = [choice.key for choice in two.choices()]
    assert keys == [PRESENT, ORIGINAL, *(stage.name for stage in STAGES), str(files[1])]
    assert [choice.title for choice in two.choices()][:2] == ["first.py", "first.py (original)"]
    programs.choose("nn")
    assert str(files[0]) in [choice.key for choice in two.choices()]


def test_a_stage_stands_beside_the_one_before_it(desk: Desk, two: TwoPrograms, programs: Programs) -> None:
    programs.choose("nn")
    two.choose_present()
    assert (two.first, two.second) == ("function", PRESENT)
    programs.edit(programs.text.replace("relu", "tanh").replace("ReLU", "Tanh"))
    two.choose_present()
    assert (two.first, two.second) == (ORIGINAL, PRESENT)
    first, second = two.chosen()
    assert first.program.text == text_of(desk.session.stage_settings("nn"))
    assert "Tanh" in second.program.text


@pytest.mark.parametrize("name", ["wrong-reduction", "diverges"])
def test_an_edited_stage_parts_from_its_original_where_the_lab_says(
    qtbot: QtBot, two: TwoPrograms, programs: Programs, name: str
) -> None:
    fault = fault_named(name)
    assert fault is not None
    programs.choose(fault.stage)
    programs.edit(faulty_text(fault, programs.stage_settings))
    two.choose(False, ORIGINAL)
    two.choose(True, PRESENT)
    found = answer_of(qtbot, two).comparison
    assert found.second_line == look_line(fault, make_settings(stage=fault.stage))
    assert found.parting is not None
    assert found.parting.tensor == fault.look.tensor
    assert (found.first.name, found.second.name) == (
        f"{fault.stage}.py (original)",
        f"{fault.stage}.py (edited)",
    )


def test_two_files(qtbot: QtBot, two: TwoPrograms, files: tuple[Path, Path]) -> None:
    two.open(False, str(files[0]))
    two.open(True, str(files[1]))
    answer = answer_of(qtbot, two)
    assert (answer.comparison.losses_part, answer.comparison.second_line) == (1, 10)
    assert answer.graphs is not None
    assert answer.graphs.layout is not None
    assert {node.key for node in answer.graphs.first.nodes} <= set(answer.graphs.layout.boxes)
    assert not two.is_stale
    two.choose(True, str(files[0]))
    assert two.is_stale
    assert answer_of(qtbot, two).comparison.parting is None
    assert two.names == ("first.py (left)", "first.py (right)")


def test_graphs_of_two_kinds_are_not_drawn(qtbot: QtBot, two: TwoPrograms) -> None:
    two.choose(False, "numpy")
    two.choose(True, "autograd")
    graphs = answer_of(qtbot, two, 2).graphs
    assert graphs is not None
    assert (graphs.layout, graphs.problem != "") == (None, True)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("import torch\nprint(1)\n", "bad.py: "),
        ("for in range(3):\n", "bad.py"),
    ],
)
def test_what_cannot_be_compared_says_why_in_one_line(
    qtbot: QtBot, two: TwoPrograms, tmp_path: Path, text: str, problem: str
) -> None:
    path = tmp_path / "bad.py"
    path.write_text(text, encoding="utf-8")
    two.open(True, str(path))
    two.start(0, 3)
    qtbot.waitUntil(lambda: not two.running, timeout=PATIENCE)
    assert two.answer is None
    assert problem in two.problem
    assert "\n" not in two.problem


def test_a_file_that_cannot_be_read(two: TwoPrograms, tmp_path: Path) -> None:
    before = two.second
    two.open(True, str(tmp_path / "nowhere.py"))
    assert "nowhere.py" in two.problem
    assert two.second == before


def test_a_loop_without_end_is_cancelled_and_closed(
    qtbot: QtBot, desk: Desk, two: TwoPrograms, tmp_path: Path
) -> None:
    path = tmp_path / "endless.py"
    path.write_text("while True:\n    pass\n", encoding="utf-8")
    two.open(False, str(path))
    two.start(0, 3)
    two.cancel()
    assert not two.running
    two.choose(False, "nn")
    two.choose(True, "nn")
    assert answer_of(qtbot, two, 2).comparison.parting is None
    two.choose(False, str(path))
    threads = threading.active_count()
    two.start(0, 3)
    qtbot.waitUntil(lambda: threading.active_count() > threads, timeout=PATIENCE)
    assert desk.session.close(PATIENCE)


def test_the_present_run_goes_on_afterwards(qtbot: QtBot, desk: Desk, two: TwoPrograms) -> None:
    before = desk.make_step(qtbot).loss
    answer_of(qtbot, two, 2)
    after = desk.make_step(qtbot)
    assert (after.step, before is not None) == (1, True)


def test_what_the_worker_raises_is_told(
    qtbot: QtBot, two: TwoPrograms, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_given: object) -> None:
        raise MemoryError("no room on purpose")

    monkeypatch.setattr(ui.session.answers, "compare_programs", fail)
    two.start(0, 2)
    qtbot.waitUntil(lambda: not two.running, timeout=PATIENCE)
    assert two.problem == "MemoryError: no room on purpose"
