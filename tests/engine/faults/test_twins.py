"""Each fault does what its file says: the twins part there, or PyTorch's own message comes."""

from __future__ import annotations

import dataclasses
import io
import math
import warnings
from collections.abc import Iterator

import pytest

from playground.faults import (
    Change,
    Fault,
    faulty_program,
    faulty_text,
    healthy_program,
    healthy_text,
    list_faults,
    look_line,
)
from playground.faults.parting import Parting, PartingKind
from playground.faults.twins import find_parting
from playground.programs.execution import Execution, ProgramFailure
from playground.programs.program import Program
from playground.settings import Settings, make_settings
from tests.engine.faults.plain_programs import run_plainly

STEPS = 4
FAULTS = pytest.mark.parametrize("fault", list_faults(), ids=lambda fault: fault.name)


def settings_of(fault: Fault, steps: int = STEPS) -> Settings:
    return make_settings(stage=fault.stage, steps=steps)


@pytest.fixture(autouse=True)
def warned() -> Iterator[list[warnings.WarningMessage]]:
    """What PyTorch warns of, which a fault may be meant to do."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield caught


def driven(program: Program) -> tuple[list[float], str]:
    """The losses of a program that the driver runs, and the traceback that it ends with."""
    execution = Execution(program, output=io.StringIO())
    losses: list[float] = []
    try:
        losses += [step.loss for step in execution.steps()]
    except ProgramFailure as failure:
        return losses, failure.details
    finally:
        execution.close()
    return losses, ""


def first_difference(ones: list[float], others: list[float]) -> int | None:
    pairs = enumerate(zip(ones, others, strict=True))
    return next((step for step, (one, other) in pairs if one != other), None)


@FAULTS
def test_they_part_where_the_file_says(fault: Fault) -> None:
    found = find_parting(fault, settings_of(fault))
    assert found is not None
    assert (found.step, found.line) == (fault.look.step, look_line(fault, settings_of(fault)))
    assert found.tensor == fault.look.tensor


@FAULTS
def test_the_losses_part_where_the_file_says(fault: Fault) -> None:
    """Both as plain Python runs them, and the faulty one as the driver does: bit for bit the same."""
    healthy = run_plainly(healthy_text(fault, settings_of(fault)))
    faulty = run_plainly(faulty_text(fault, settings_of(fault)))
    assert (healthy.error, healthy.warned, len(healthy.losses)) == ("", [], STEPS)
    if fault.look.error:
        assert fault.look.loss is None
        assert faulty.losses == healthy.losses[: fault.look.step + 1]
        return
    assert first_difference(healthy.losses, faulty.losses) == fault.look.loss
    assert driven(healthy_program(fault, settings_of(fault)))[0] == healthy.losses
    losses, error = driven(faulty_program(fault, settings_of(fault)))
    assert (list(map(repr, losses)), error) == (list(map(repr, faulty.losses)), "")


@FAULTS
def test_the_message_comes_untouched(fault: Fault, warned: list[warnings.WarningMessage]) -> None:
    plain = run_plainly(faulty_text(fault, settings_of(fault)))
    assert fault.look.error in plain.error
    assert bool(fault.look.error) == bool(plain.error)
    assert any(fault.look.warning in each for each in plain.warned) == bool(fault.look.warning)
    losses, details = driven(faulty_program(fault, settings_of(fault)))
    assert list(dict.fromkeys(str(each.message) for each in warned)) == plain.warned
    if plain.error:
        assert losses == []
        assert details.startswith("Traceback (most recent call last):\n")
        assert details.endswith(plain.error)
        assert details.count('File "') == details.count(f"{fault.stage}-{fault.name}.py") >= 1


@pytest.mark.parametrize(
    "fault", [each for each in list_faults() if not each.look.error], ids=lambda fault: fault.name
)
def test_at_full_speed_and_endlessly(fault: Fault) -> None:
    """As a stage is driven: without surroundings, and for as long as one likes."""
    losses: list[float] = []
    driver = faulty_program(fault, settings_of(fault, steps=1), endless=True).start(
        {"print": lambda *_: None}
    )
    driver.run(lambda forward: losses.append(forward.loss.item()), lambda: len(losses) == 2 * STEPS)
    driver.close()
    assert list(map(repr, losses)) == list(
        map(repr, run_plainly(faulty_text(fault, settings_of(fault, 2 * STEPS))).losses)
    )


def test_without_a_fault_nothing_parts() -> None:
    fault = list_faults()[0]
    assert find_parting(dataclasses.replace(fault, changes=()), settings_of(fault), 2) is None


def test_a_program_that_fails_before_its_first_step() -> None:
    owner = next(each for each in list_faults() if each.name == "no-zero-grad")
    old = "model = TwoLayerNet(input_size, hidden_size, output_size).to(device)\n"
    change = Change(old, "model = torch.nn.ReLU()\n")
    fault = dataclasses.replace(owner, name="no-parameters", changes=(change,))
    with pytest.raises(ProgramFailure, match="optimizer got an empty parameter list") as failed:
        find_parting(fault, settings_of(fault))
    assert "optimizer = torch.optim.SGD(model.parameters(), lr=1e-4)" in failed.value.details


def test_a_run_that_is_too_short_to_part() -> None:
    fault = next(each for each in list_faults() if each.look.step == 1)
    assert find_parting(fault, settings_of(fault), most_steps=1) is None
    assert find_parting(fault, settings_of(fault, steps=1)) is None


def parting_of(name: str) -> Parting:
    fault = next(each for each in list_faults() if each.name == name)
    found = find_parting(fault, settings_of(fault))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("no-zero-grad", PartingKind.VALUE),
        ("target-shape", PartingKind.SHAPE),
        ("requires-grad-forgotten", PartingKind.REQUIRES_GRAD),
        ("data-write", PartingKind.ADDED),
        ("step-before-backward", PartingKind.MISSING),
        ("backward-twice", PartingKind.ERROR),
    ],
)
def test_it_is_said_in_what_they_differ(name: str, kind: PartingKind) -> None:
    assert parting_of(name).kind is kind


def test_the_size_of_a_difference() -> None:
    assert parting_of("zero-weights").difference == 1.0
    assert parting_of("wrong-sign").difference == 2.0
    assert parting_of("wrong-reduction").difference == pytest.approx(1 - 1 / 640)
    assert math.isclose(parting_of("diverges").difference or 0, 0.99, rel_tol=1e-6)
