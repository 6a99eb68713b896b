"""What shows a fault beside the loss: held against plain Python."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from playground.faults import Fault, fault_named, faulty_text, healthy_text, list_faults, look_line
from playground.faults.facts import Fact, measure_fact
from playground.faults.fault import KINDS
from playground.faults.lab import run_lab
from playground.faults.lab_settings import lab_settings
from tests.engine.faults.plain_programs import run_plainly


def fault_called(name: str) -> Fault:
    fault = fault_named(name)
    assert fault is not None
    return fault


def fact_of(name: str, steps: int = 3) -> Fact:
    fault = fault_called(name)
    fact = measure_fact(fault, lab_settings(fault, steps))
    assert fact is not None
    return fact


def test_every_measure_is_of_a_kind_that_is_known() -> None:
    kinds = {fault.measure.kind for fault in list_faults() if fault.measure is not None}
    assert kinds == set(KINDS)


def test_a_fault_without_a_measure() -> None:
    fault = fault_called("backward-twice")
    assert fault.measure is None
    assert measure_fact(fault, lab_settings(fault, 1)) is None


def test_the_share_of_zeros_rises() -> None:
    fact = fact_of("dead-relu", 11)
    assert fact.title == "share of zeros behind relu"
    assert fact.healthy[0] == fact.faulty[0]
    assert max(each or 0 for each in fact.healthy) < 0.6
    assert (fact.faulty[10] or 0) > 0.98


def test_the_nodes_that_a_sum_of_losses_keeps_add_up() -> None:
    fact = fact_of("loss-kept", 4)
    counts = [each for each in fact.faulty if each is not None]
    assert len(counts) == 4
    assert len({after - before for before, after in pairwise(counts)}) == 1
    assert fact.healthy == (None,) * 4


def test_the_spread_is_that_of_the_variable() -> None:
    fault = fault_called("target-shape")
    fact = fact_of("target-shape")
    for text, values in ((healthy_text, fact.healthy), (faulty_text, fact.faulty)):
        last = run_plainly(text(fault, lab_settings(fault, 3))).tensor("y_pred")
        assert values[-1] == pytest.approx(float(last.detach().std()), rel=1e-5)


def test_a_gradient_that_nobody_reads() -> None:
    fact = fact_of("detach-in-the-middle")
    assert fact.faulty == (None,) * 3
    assert all(each is not None and each > 0 for each in fact.healthy)


def test_the_second_pass_doubles_the_norm() -> None:
    fact = fact_of("retain-graph", 1)
    assert fact.faulty[0] == pytest.approx(2 * (fact.healthy[0] or 0))


def test_the_versions_and_their_lines() -> None:
    fault = fault_called("in-place-on-saved")
    line = look_line(fault, lab_settings(fault))
    words = fact_of("in-place-on-saved").words
    assert words == (
        f"PowBackward0 saved error in line {line - 2} at version 0; div_ in line {line} made it version 1"
    )


def test_who_is_trained() -> None:
    assert fact_of("plain-list").words.endswith("faulty: 4, without middle_linear.weight, middle_linear.bias")
    assert fact_of("layer-in-forward").words.startswith("healthy: 4 parameters; faulty: 2, without")


def test_the_slope_has_the_other_sign_where_the_backward_is_wrong() -> None:
    words = fact_of("wrong-sign").words
    found = re.findall(r"(w\d)\[\d+, \d+\] (\w+): slope (\S+), gradient ([^;]+)", words)
    for name, title, slope, gradient in found:
        sign = -1 if (name, title) == ("w1", "faulty") else 1
        assert float(gradient) == pytest.approx(sign * float(slope), rel=1e-2)
    assert [each[:2] for each in found] == [
        ("w1", "healthy"),
        ("w1", "faulty"),
        ("w2", "healthy"),
        ("w2", "faulty"),
    ]


def test_the_lab_runs_both_and_tells_how_far_it_is() -> None:
    heard: list[tuple[int, int]] = []
    fault = fault_called("wrong-reduction")
    settings = lab_settings(fault, 4)
    run = run_lab(fault, settings, lambda done, of: heard.append((done, of)))
    assert list(run.twins.first.outcome.losses) == run_plainly(healthy_text(fault, settings)).losses
    assert list(run.twins.second.outcome.losses) == run_plainly(faulty_text(fault, settings)).losses
    assert run.twins.second_line == look_line(fault, settings)
    assert run.fact is not None
    assert heard == sorted(heard)
    assert heard[-1][0] <= heard[-1][1]


def test_what_pytorch_warns_of_comes_with_its_line() -> None:
    fault = fault_called("target-shape")
    settings = lab_settings(fault, 2)
    run = run_lab(fault, settings)
    (warned,) = run.twins.second.outcome.warned
    assert run.twins.first.outcome.warned == ()
    assert warned.line == look_line(fault, settings)
    assert fault.look.warning in warned.message
