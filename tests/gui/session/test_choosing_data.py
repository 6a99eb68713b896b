"""Other data: the sizes and numbers that go with them, for the stage and for those that are come to."""

from __future__ import annotations

import pytest

from playground.data.catalog import DATA_SETS
from playground.data.defaults import with_data
from playground.data.examples import EXAMPLES
from playground.settings import Settings
from playground.stages import STAGES
from ui.session.choices import Choices


@pytest.mark.parametrize("data", [each.name for each in DATA_SETS])
def test_a_stage_that_is_come_to_learns_the_data_as_if_they_were_chosen_there(data: str) -> None:
    choices = Choices(Settings())
    settings = choices.of_data(Settings(stage="autograd"), data)
    for stage in STAGES:
        there = with_data(Settings(stage=stage.name), data)
        settings = choices.of_stage(settings, stage.name)
        assert settings.learning_rate == there.learning_rate
        assert settings.ones == there.ones
        assert settings.sizes == there.sizes


def test_what_was_chosen_of_a_stage_is_remembered_for_its_data() -> None:
    choices = Choices(Settings())
    nn = choices.with_value(choices.of_data(Settings(stage="nn"), "moons"), "learning_rate", 0.5)
    back = choices.of_stage(choices.of_stage(nn, "optim"), "nn")
    assert back.learning_rate == 0.5
    circles = choices.of_data(back, "circles")
    again = choices.of_stage(choices.of_stage(circles, "optim"), "nn")
    assert again.learning_rate == with_data(Settings(stage="nn"), "circles").learning_rate


def test_the_tutorials_data_bring_the_tutorials_numbers_back() -> None:
    choices = Choices(Settings())
    moons = choices.of_data(Settings(stage="nn"), "moons")
    assert choices.of_data(moons, "random") == Settings(stage="nn")
    assert choices.defaults(moons) == Settings(stage="nn")


def test_a_shared_start_learns_the_data_at_its_own_rate() -> None:
    choices = Choices(Settings())
    moons = choices.of_data(Settings(stage="nn"), "moons")
    shared = choices.of_start(moons, True, "float64")
    assert shared.ones
    assert shared.learning_rate == with_data(Settings(stage="nn", same_start=True), "moons").learning_rate
    assert choices.of_start(shared, False, None) == moons


def test_every_example_is_allowed_and_has_a_name_of_its_own() -> None:
    assert len({each.name for each in EXAMPLES}) == len(EXAMPLES)
    for each in EXAMPLES:
        assert each.settings().stage in {stage.name for stage in STAGES}
