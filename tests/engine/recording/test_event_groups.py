"""The events of a long step in groups: which there are, and that no event is lost or moved."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

import playground
from playground.graph.model import Phase
from playground.recording import Recording
from playground.recording.event_groups import LEAST_EVENTS, MOST_GROUPS, MOST_IN_GROUP, groups_of
from tests.engine.large_models import Step, adversarial, recurrent, resnet, transformer


def recorded(step: Step) -> Recording:
    optimizer = torch.optim.Adam(step.model.parameters(), foreach=False)
    return playground.record(step.loss, step.model, optimizer=optimizer)


@pytest.fixture(scope="module", params=[resnet, transformer, recurrent])
def recording(request: pytest.FixtureRequest) -> Recording:
    make: Callable[[], Step] = request.param
    return recorded(make())


def test_groups_follow_one_another_within_a_phase(recording: Recording) -> None:
    groups = groups_of(recording)
    assert 2 < len(groups) <= MOST_GROUPS
    numbers = [number for group in groups for number in group.events]
    assert numbers == sorted(set(numbers))
    for group in groups:
        assert len({recording.events[number].phase for number in group.events}) == 1
        assert 3 <= len(group.events) <= MOST_IN_GROUP
    # What stands alone between them is little.
    assert len(numbers) > 0.9 * len(recording.events)


def test_a_group_says_which_lines_made_it(recording: Recording) -> None:
    for group in groups_of(recording):
        made = {recording.events[number].line for number in group.events}
        made |= {recording.events[number].origin for number in group.events}
        if group.lines is not None:
            assert set(group.lines) <= made
        assert group.place in group.text()


def test_each_layer_is_a_group_forward_and_backward() -> None:
    recording = recorded(transformer(3))
    titles: dict[Phase, list[str]] = {phase: [] for phase in Phase}
    for group in groups_of(recording):
        titles[recording.events[group.events.start].phase].append(group.title)
    layers = [f"encoder.layers.{number}" for number in range(3)]
    assert [title for title in titles[Phase.BACKWARD] if title in layers] == layers[::-1]
    assert [title for title in titles[Phase.UPDATE] if title in layers][:3] == layers
    assert titles[Phase.FORWARD][0] == "encoder"


def test_uses_of_a_module_are_counted() -> None:
    titles = [group.title for group in groups_of(recorded(recurrent(60)))]
    assert any(title.startswith("cell, use") and "out, use" in title for title in titles)
    # Parameters are updated, and not calls.
    assert "cell" in titles


def test_a_short_step_is_not_grouped() -> None:
    model = adversarial()
    recording = playground.record(lambda: model["G"](torch.ones(2, 4)).sum(), model)
    assert len(recording.events) < LEAST_EVENTS
    assert groups_of(recording) == ()
    assert groups_of(None) == ()


def test_without_modules_lines_are_groups() -> None:
    weight = torch.ones(3, requires_grad=True)

    def step() -> torch.Tensor:
        total = weight
        for _ in range(40):
            total = total * 2
            total = total + 1
        return total.sum()

    groups = groups_of(playground.record(step, {"weight": weight}))
    assert {group.title for group in groups} == {""}
    assert all(group.text() == f"{group.count} · {group.place}" for group in groups)
