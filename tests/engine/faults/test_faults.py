"""The files of the faults, and the texts of the programs that they break."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from playground.faults import (
    Change,
    ChangedLines,
    Fault,
    changed_lines,
    fault_named,
    faulty_text,
    healthy_text,
    list_faults,
    look_line,
    with_fault,
)
from playground.faults import catalogue as catalogue_module
from playground.faults.fault import FOLDER, read_fault
from playground.faults.texts import line_pairs
from playground.programs.errors import ProgramError
from playground.programs.stage_text import text_of
from playground.settings import make_settings
from playground.stages import STAGES, stage_named

FAULTS = pytest.mark.parametrize("fault", list_faults(), ids=lambda fault: fault.name)
OTHER = {"seed": 7, "batch_size": 3, "input_size": 8, "hidden_size": 5, "output_size": 2, "steps": 77}


def fault_called(name: str) -> Fault:
    fault = fault_named(name)
    assert fault is not None
    return fault


def test_there_are_twenty_each_in_a_file() -> None:
    assert len(list_faults()) == len(list(FOLDER.glob("*.toml"))) == 20
    places = [[stage.name for stage in STAGES].index(fault.stage) for fault in list_faults()]
    assert places == sorted(places)
    assert fault_named("none-of-them") is None


@FAULTS
def test_what_a_file_says(fault: Fault) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", fault.name)
    assert stage_named(fault.stage) is not None
    assert fault.question.endswith("?")
    assert fault.watch.endswith(".")
    assert fault.answer.endswith(".")
    assert not fault.title.endswith(".")
    assert len(fault.title) < 60
    assert fault.url.startswith("https://docs.pytorch.org/docs/stable/")
    # A predicted answer would be no question any more.
    assert fault.answer not in fault.watch + fault.question


@FAULTS
def test_a_fault_is_a_small_change_of_the_stage_alone(fault: Fault) -> None:
    settings = make_settings(stage=fault.stage)
    healthy, faulty = healthy_text(fault, settings), faulty_text(fault, settings)
    ast.parse(faulty)
    assert healthy == text_of(make_settings(stage=fault.stage, **fault.settings))
    changed = changed_lines(fault, settings)
    assert 0 < sum(max(len(each.healthy), len(each.faulty)) for each in changed) <= 8
    # Put back, the changed lines make the healthy text again.
    lines, old = faulty.splitlines(), healthy.splitlines()
    for each in reversed(changed):
        lines[each.faulty.start - 1 : each.faulty.stop - 1] = old[
            each.healthy.start - 1 : each.healthy.stop - 1
        ]
    assert lines == old


@FAULTS
def test_a_fault_survives_other_numbers(fault: Fault) -> None:
    plain, other = make_settings(stage=fault.stage), make_settings(stage=fault.stage, **OTHER)
    slower = other.model_copy(update={"learning_rate": 3e-7, "threads": 1, "dtype": "float64"})
    for settings in (other, slower):
        text = faulty_text(fault, settings)
        ast.parse(text)
        assert "range(77)" in text
        assert text != healthy_text(fault, settings)
        looked_at = text.splitlines()[look_line(fault, settings) - 1].strip()
        assert looked_at == fault.look.line
    lines = [(len(each.healthy), len(each.faulty)) for each in changed_lines(fault, plain)]
    assert [(len(each.healthy), len(each.faulty)) for each in changed_lines(fault, other)] == lines


def test_a_line_of_the_stage_keeps_its_number() -> None:
    fault = fault_called("loss-kept")
    text = faulty_text(fault, make_settings(stage="optim", steps=77))
    assert "total_loss = 0\nfor t in range(77):\n" in text


@FAULTS
def test_a_text_without_the_line_is_refused(fault: Fault) -> None:
    text = healthy_text(fault, make_settings(stage=fault.stage))
    line = fault.changes[0].old.splitlines()[0]
    without = text.replace(line, line + " + 1")
    with pytest.raises(ProgramError) as refused:
        with_fault(fault, without)
    message = str(refused.value)
    assert repr(fault.name) in message
    assert line.strip()[:30] in message
    assert message.endswith("the text has it nowhere")
    assert "\n" not in message
    with pytest.raises(ProgramError, match="has it more than once"):
        with_fault(fault, text + text)


def test_lines_that_are_not_together_any_more() -> None:
    fault = fault_called("no-zero-grad")
    text = healthy_text(fault, make_settings(stage="module")).replace(
        "    loss.backward()", "\n    loss.backward()"
    )
    with pytest.raises(ProgramError, match="has it in another place"):
        with_fault(fault, text)


def test_another_optimizer_is_no_number() -> None:
    with pytest.raises(ProgramError, match=r"needs the line 'optimizer = torch\.optim\.Adam"):
        faulty_text(fault_called("dead-relu"), make_settings(stage="optim", optimizer="SGD"))


def test_a_stage_and_a_start_that_do_not_fit() -> None:
    fault = fault_called("diverges")
    with pytest.raises(ProgramError, match="is one of the stage nn, not autograd"):
        faulty_text(fault, make_settings(stage="autograd"))
    with pytest.raises(ProgramError, match="not shared ones"):
        faulty_text(fault, make_settings(stage="nn", same_start=True))


def test_both_programs_have_what_the_fault_needs() -> None:
    fault, settings = fault_called("target-shape"), make_settings(stage="optim", output_size=7)
    for text in (healthy_text(fault, settings), faulty_text(fault, settings)):
        assert "output_size = 64, 1000, 100, 1\n" in text


def test_lines_find_each_other() -> None:
    fault, settings = fault_called("step-before-backward"), make_settings(stage="optim")
    healthy, faulty = healthy_text(fault, settings), faulty_text(fault, settings)
    pairs = line_pairs(healthy, faulty)
    for number, line in enumerate(healthy.splitlines(), 1):
        if line.strip() and not line.strip().startswith("#"):
            assert faulty.splitlines()[pairs[number] - 1] == line
    assert changed_lines(fault_called("wrong-sign"), make_settings(stage="function")) == (
        ChangedLines(range(23, 24), range(23, 24)),
    )


FILE = """
stage = "nn"
title = "A new one"
watch = "The loss."
question = "Why?"
answer = "It
is so."
url = "https://docs.pytorch.org/docs/stable/nn.html"

[[changes]]
old = '''
model.zero_grad()
'''
new = ""

[look]
step = 1
line = "loss.backward()"
""".replace('"It\nis so."', '"""It\nis so."""')


def test_another_fault_is_another_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "brand-new.toml").write_text(FILE, encoding="utf-8")
    monkeypatch.setattr(catalogue_module, "FOLDER", tmp_path)
    (fault,) = list_faults.__wrapped__()
    assert (fault.name, fault.answer, fault.changes) == (
        "brand-new",
        "It is so.",
        (Change("model.zero_grad()\n", ""),),
    )


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('title = "A new one"\n', "", "missing, or not known: title"),
        ('stage = "nn"', 'stage = "nn"\nstages = 1', "missing, or not known: stages"),
        ("step = 1", "steps = 1", "unexpected keyword argument 'steps'"),
        ('"nn"', "nn", "Invalid value"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, old: str, new: str, reason: str) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(FILE.replace(old, new), encoding="utf-8")
    with pytest.raises(ValueError, match=reason) as refused:
        read_fault(path)
    assert str(refused.value).startswith("wrong.toml: ")
