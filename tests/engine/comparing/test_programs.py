"""Any two programs from the same seed: where they part, held against what was changed and plain Python."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import torch

from playground.comparing.programs import FIRST_STEPS, ProgramsComparison, compare_programs, losses_part
from playground.faults import Fault, faulty_program, healthy_program, list_faults, look_line
from playground.faults.parting import PartingKind
from playground.faults.twins import find_parting
from playground.programs.errors import ProgramError
from playground.programs.program import Program, open_program
from playground.settings import make_settings
from tests.engine.faults.plain_programs import run_plainly

PLAIN = """\
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
    print(step, loss.item())
"""
SCRIPTS = Path(__file__).parents[2] / "programs" / "scripts"
LINE_OF_LOSS, LINE_OF_UPDATE = 5, 10


def programs(first: str, second: str) -> tuple[Program, Program]:
    folder = Path(__file__).parent
    return Program(first, str(folder / "first.py")), Program(second, str(folder / "second.py"))


def compared(first: str, second: str, seed: int = 0, step: int | None = None) -> ProgramsComparison:
    return compare_programs(*programs(first, second), seed, step, most_steps=30)


def seeded_losses(text: str, seed: int) -> list[float]:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return run_plainly(text).losses


@pytest.mark.parametrize("seed", [0, 7])
def test_both_begin_with_the_seed(seed: int) -> None:
    found = compared(PLAIN, PLAIN.replace("0.1 *", "0.2 *"), seed=seed)
    assert list(found.first.outcome.losses) == seeded_losses(PLAIN, seed)
    assert list(found.second.outcome.losses) == seeded_losses(PLAIN.replace("0.1 *", "0.2 *"), seed)


def test_a_program_that_seeds_itself_does_so() -> None:
    text = PLAIN.replace("import torch\n", "import torch; torch.manual_seed(3)\n")
    assert list(compared(text, text, seed=5).first.outcome.losses) == seeded_losses(PLAIN, 3)


def test_the_generators_are_left_as_they_were() -> None:
    before = torch.get_rng_state()
    compared(PLAIN, PLAIN)
    assert torch.equal(torch.get_rng_state(), before)


def test_equal_texts_never_part() -> None:
    found = compared(PLAIN, PLAIN)
    assert (found.parting, found.losses_part, found.values()) == (None, None, None)
    assert found.in_words() == "Nothing parts in 12 steps."
    assert found.parts_to_plain() is None
    assert not any(row.differs for row in found.rows)
    assert found.first.outcome.losses == found.second.outcome.losses


def test_a_learning_rate_parts_in_the_update_of_the_first_step() -> None:
    found = compared(PLAIN, PLAIN.replace("0.1 *", "0.2 *"))
    assert found.parting is not None
    assert (found.parting.step, found.losses_part) == (0, 1)
    assert (found.first_line, found.second_line) == (LINE_OF_UPDATE, LINE_OF_UPDATE)
    assert found.parting.difference == pytest.approx(0.5)
    values = found.values()
    assert values is not None
    assert values.healthy is not None
    assert values.faulty is not None
    assert values.healthy.values is not None
    assert values.faulty.values is not None
    assert values.faulty.values == pytest.approx(2 * values.healthy.values)
    parts = found.parts_to_plain()
    assert parts is not None
    assert (parts["step"], parts["line"], parts["losses_part"]) == (0, LINE_OF_UPDATE, 1)
    assert parts["event"] == found.parting.event


def test_a_shape_parts_in_its_own_line() -> None:
    found = compared(PLAIN, PLAIN.replace("torch.randn(8, 1)", "torch.randn(8)"))
    assert found.parting is not None
    assert (found.parting.kind, found.parting.tensor) == (PartingKind.SHAPE, "y")
    assert found.losses_part == 0


def test_lines_above_move_the_line_of_one_only() -> None:
    found = compared(PLAIN, "# a comment\n\n" + PLAIN.replace(".mean()", ".sum()"))
    assert found.parting is not None
    assert (found.first_line, found.second_line) == (LINE_OF_LOSS, LINE_OF_LOSS + 2)
    assert f"line {LINE_OF_LOSS} ↔ line {LINE_OF_LOSS + 2}" in found.in_words()


def test_what_only_one_has_stands_alone() -> None:
    found = compared(
        PLAIN, PLAIN.replace("    model.zero_grad()\n", "    twice = loss * 2\n    model.zero_grad()\n")
    )
    alone = [row for row in found.rows if row.first is None or row.second is None]
    assert [(row.first, row.second and row.second.label) for row in alone] == [(None, "twice")]
    assert found.parting is not None
    assert (found.parting.kind, found.losses_part) == (PartingKind.ADDED, None)
    assert found.in_words().endswith("only second.py computes twice (mul)")


@pytest.mark.parametrize("is_first", [True, False])
def test_one_that_fails(is_first: bool) -> None:
    broken = PLAIN.replace("model.zero_grad()", "model(x.t())")
    found = compared(broken, PLAIN) if is_first else compared(PLAIN, broken)
    failed = found.first if is_first else found.second
    assert "mat1 and mat2 shapes cannot be multiplied" in failed.outcome.error
    assert (failed.outcome.line, failed.outcome.losses) == (6, ())
    assert found.parting is not None
    assert found.parting.kind is PartingKind.ERROR
    assert f"{failed.name} ends with RuntimeError" in found.in_words()
    assert f"{(found.second if is_first else found.first).name} makes 12" in found.losses_in_words()


def test_one_that_fails_before_its_first_step() -> None:
    found = compared(PLAIN, PLAIN.replace("x, y =", "x, y, z ="))
    assert (found.recorded, found.parting) == (None, None)
    assert found.second.outcome.line == 3
    assert found.in_words() == "No step of the two could be looked into."


def test_one_without_a_loop_is_named() -> None:
    with pytest.raises(ProgramError, match=r"^second\.py: ") as refused:
        compared(PLAIN, "import torch\nprint(torch.ones(2))\n")
    assert "\n" not in str(refused.value)


def test_one_that_ends_earlier() -> None:
    found = compared(PLAIN, PLAIN.replace("range(12)", "range(3)"))
    assert (found.parting, found.losses_part) == (None, None)
    assert found.losses_in_words() == "The losses of the 3 common steps are the same. first.py makes 12."


def test_a_step_that_is_asked_for() -> None:
    found = compared(PLAIN, PLAIN.replace("0.1 *", "0.2 *"), step=4)
    assert found.recorded is not None
    assert (found.recorded.first.step, found.recorded.second.step) == (4, 4)
    assert found.passed_over == range(0)
    assert found.parting is not None
    with pytest.raises(ProgramError, match="step 12 is not reached: both make 12 steps"):
        compared(PLAIN, PLAIN, step=12)


def test_a_late_parting_is_found_by_the_losses() -> None:
    late = PLAIN.replace("0.1 *", "(0.1 if step < 8 else 0.2) *")
    found = compared(PLAIN, late)
    assert found.losses_part == 9
    assert found.parting is not None
    assert (found.parting.step, found.second_line) == (8, LINE_OF_UPDATE)
    assert found.passed_over == range(FIRST_STEPS, 8)


def test_losses_that_are_not_numbers() -> None:
    nan = float("nan")
    assert losses_part([1.0, nan], [1.0, nan]) is None
    assert losses_part([1.0, nan], [1.0, 2.0]) == 1
    assert losses_part([], [1.0]) is None


@pytest.mark.parametrize(
    "named",
    [each for each in list_faults() if each.stage in ("autograd", "module")],
    ids=lambda each: each.name,
)
def test_twins_part_where_the_lab_says(named: Fault) -> None:
    settings = make_settings(stage=named.stage, steps=4)
    found = compare_programs(healthy_program(named, settings), faulty_program(named, settings), None)
    expected = find_parting(named, settings)
    assert found.parting == expected
    assert found.second_line == look_line(named, settings)


def test_two_files_read_their_own_words() -> None:
    text = PLAIN.replace("import torch\n", "import sys, torch\n").replace("0.1 *", "float(sys.argv[1]) *")
    found = compare_programs(*programs(text, text), words=(["0.1"], ["0.3"]))
    assert list(found.first.outcome.losses) == seeded_losses(PLAIN, 0)
    assert list(found.second.outcome.losses) == seeded_losses(PLAIN.replace("0.1 *", "0.3 *"), 0)


@pytest.mark.parametrize("name", ["accum", "mapcall", "recursion", "sibling", "trainer_class", "unrolled"])
def test_a_program_never_parts_from_itself(name: str) -> None:
    """Also where its first step cannot be recorded, or its loop is in a module beside it."""
    path = SCRIPTS / f"{name}.py"
    found = compare_programs(open_program(path), open_program(path), most_steps=3)
    assert (found.parting, found.losses_part) == (None, None)
    assert found.rows
    assert not any(row.differs for row in found.rows)


ASYNCHRONOUS = """\
import asyncio
import torch

async def main():
    w = torch.randn(3, requires_grad=True)
    for step in range(4):
        await asyncio.sleep(0)
        loss = (w * w).sum()
        w.grad = None
        loss.backward()
        with torch.no_grad():
            w -= 0.1 * w.grad

asyncio.run(main())
"""


@pytest.mark.filterwarnings("ignore:coroutine 'main' was never awaited:RuntimeWarning")
def test_two_event_loops_run_one_after_the_other() -> None:
    found = compared(ASYNCHRONOUS, ASYNCHRONOUS.replace("0.1 *", "0.2 *"))
    assert found.parting is not None
    assert (found.parting.step, found.second_line, found.losses_part) == (0, 12, 1)


class Enough(Exception):
    """Nobody waits any more."""


@pytest.mark.parametrize("line", ["while True: pass", "model(x)"])
def test_it_ends_in_the_middle_of_a_step(line: str) -> None:
    """A loop that never ends, and one in which every step comes back at once."""
    text = PLAIN.replace("    model.zero_grad()", f"    {line}\n    model.zero_grad()").replace("12", "10**9")
    asked = threading.Event()

    def tell(_done: int, _of: int) -> None:
        if asked.is_set():
            raise Enough
        asked.set()

    before = threading.active_count()
    with pytest.raises(Enough):
        compare_programs(*programs(text, text), tell=tell, most_steps=10**9)
    assert threading.active_count() == before
