"""A program's warnings come as often as Python shows them: once a place, and again in its next run."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from playground.programs.execution import Execution
from playground.programs.program import Program

TEXT = """\
import warnings
import torch

w = torch.ones(3, requires_grad=True)
for step in range(4):
    loss = w.pow(2).sum()
    warnings.warn("odd")
    warnings.warn(f"step {step}")
    loss.backward()
    w.grad = None
"""
ONCE = ["odd", *(f"step {step}" for step in range(4))]


@pytest.fixture
def warned() -> Iterator[list[warnings.WarningMessage]]:
    with warnings.catch_warnings(record=True) as caught:
        yield caught


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(TEXT, str(tmp_path / "warns.py"))


def told(warned: list[warnings.WarningMessage]) -> list[str]:
    return sorted(str(each.message) for each in warned)


def test_once_a_place(program: Program, warned: list[warnings.WarningMessage]) -> None:
    assert len(list(program.steps())) == 4
    assert told(warned) == ONCE
    assert len(list(program.steps())) == 4
    assert told(warned) == sorted(2 * ONCE)


def test_of_two_programs_that_take_turns_each_is_heard(
    program: Program, warned: list[warnings.WarningMessage]
) -> None:
    executions = [Execution(program), Execution(program)]
    try:
        for _ in zip(*(each.steps() for each in executions), strict=True):
            pass
    finally:
        for each in executions:
            each.close()
    assert set(told(warned)) == set(ONCE)
    assert told(warned).count("odd") >= 2
