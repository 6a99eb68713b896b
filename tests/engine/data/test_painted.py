"""Painted points: in the text, in mid-run, in the script of the run, and wherever settings go."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import replace

import numpy as np
import pytest

from playground.data.defaults import with_data
from playground.data.painted import MOST_POINTS, PaintedData
from playground.data.painting import (
    CannotPaintError,
    painted_from,
    why_not,
    with_added,
    with_moved,
    without,
)
from playground.data.picture import Picture, PictureMaker
from playground.programs.stage_text import settings_of, text_of
from playground.restarts import restarting
from playground.runs.changes import in_force
from playground.runs.clock import RunClock
from playground.runs.entry import RunEntry
from playground.settings import Settings, SettingsError, changed, make_settings
from playground.stages import STAGES
from playground.trainer import Trainer
from playground.workspace.saved_runs import run_from_plain, run_to_plain, saved_run
from playground.workspace.scripts import beginning, script_of

STAGE_NAMES = [stage.name for stage in STAGES]
STEPS, ROWS = 10, 20
AT = (3, 5, 8)
"""Steps from which other points hold."""
MORE: dict[str, dict[str, object]] = {
    "all": {},
    "mini-batches": {"minibatch": 7},
    "held out": {"minibatch": 4, "test_share": 0.25, "same_start": True},
}


def points(count: int, seed: int = 0) -> PaintedData:
    """Points anywhere, of two classes."""
    random = np.random.RandomState(seed)
    x, y = random.randn(count, 2).round(3), np.sign(random.randn(count))
    return PaintedData(tuple((*row, sign) for row, sign in zip(x.tolist(), y.tolist(), strict=True)), 2)


def moons(stage: str = "nn", **more: object) -> Settings:
    return changed(with_data(make_settings(stage=stage, steps=STEPS), "moons", ROWS), **more)


def painted(settings: Settings, data: PaintedData) -> Settings:
    return changed(settings, data="painted", painted=data)


def losses_of(text: str) -> list[float]:
    """What a program prints."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(text, "script", "exec"), {})
    return [float(line.split()[1]) for line in printed.getvalue().splitlines()]


@pytest.mark.parametrize("stage", STAGE_NAMES)
@pytest.mark.parametrize("more", MORE)
def test_a_run_goes_on_with_other_points_and_its_script_prints_its_losses(stage: str, more: str) -> None:
    settings = moons(stage, **MORE[more])
    trainer, losses = Trainer(settings), []
    for step in range(STEPS):
        if step in AT:
            # As many where some are held out; else more or fewer.
            rows = ROWS if settings.test_share else ROWS + step % 4 * (-1) ** step
            new = painted(trainer.settings, points(rows, step))
            assert restarting(trainer.settings, new) == ()
            trainer.apply(new)
        losses.append(trainer.step())
    assert len({round(loss, 6) for loss in losses}) == STEPS
    assert losses_of(script_of(trainer.settings, trainer.changes)) == losses
    assert beginning(trainer.settings, trainer.changes) == settings
    assert trainer.record_again(STEPS - 2).loss == losses[STEPS - 2]
    trainer.close()
    # By themselves, from the first step on, they stand in the text.
    text = text_of(trainer.settings)
    alone = Trainer(trainer.settings)
    assert [alone.step() for _ in range(STEPS)] == losses_of(text)
    assert settings_of(stage, text).model_dump(exclude={"depth"}) == trainer.settings.model_dump(
        exclude={"depth"}
    )
    assert settings.same_start or max(map(len, text.splitlines())) <= 70


@pytest.mark.parametrize("stage", ["tensor", "autograd"])
def test_the_graph_of_another_number_of_points_has_their_shapes(stage: str) -> None:
    trainer = Trainer(moons(stage))
    trainer.step()
    trainer.apply(painted(trainer.settings, points(ROWS + 3)))
    trainer.run(lambda _loss: True)
    trainer.apply(painted(trainer.settings, points(ROWS, 1)))
    trainer.step()
    other = [any(ROWS + 3 in (node.shape or ()) for node in graph.nodes) for graph in trainer.structures]
    assert other == [False, True]
    assert [trainer.history.structure(step) for step in range(3)] == [0, 1, 0]


def test_what_a_run_cannot_take_over_starts_it_again() -> None:
    split = moons(test_share=0.25)
    assert restarting(split, painted(split, points(ROWS))) == ()
    assert "painted" in restarting(split, painted(split, points(ROWS + 1)))
    random = make_settings(stage="nn", input_size=2, output_size=1, batch_size=ROWS)
    assert "painted" in restarting(random, painted(random, points(ROWS)))
    assert "data" in restarting(painted(moons(), points(ROWS)), moons())
    assert restarting(painted(moons(), points(5)), painted(moons(), points(5))) == ()


def test_what_was_tried_while_the_run_stood_still_is_one_change() -> None:
    trainer = Trainer(moons())
    trainer.step()
    first = points(ROWS)
    trainer.apply(painted(trainer.settings, first))
    trainer.apply(painted(trainer.settings, with_moved(first, 3, (0.5, 0.5, 1.0))))
    assert [each.words for each in trainer.changes] == ["points painted", "1 point moved"]
    assert [each.words for each in in_force(trainer.changes)] == ["points painted"]
    trainer.step()
    trainer.apply(painted(trainer.settings, with_added(trainer.settings.painted or first, [(0, 0, 1)])))
    assert in_force(trainer.changes)[-1].words == f"points {ROWS} → {ROWS + 1}"
    assert len({each.step for each in trainer.changes}) == 2


def test_the_script_says_of_later_points_what_is_new() -> None:
    trainer, first = Trainer(moons()), points(ROWS)
    losses = [trainer.step()]
    several = [(9.5, 9.5, 1.0), (8.5, 8.5, -1.0)]
    last = without(with_moved(with_added(first, several), 4, (7.5, 7.5, 1.0)), (0, ROWS + 1))
    for data in (first, with_moved(first, 4, (7.5, 7.5, 1.0)), with_added(first, several), last, first):
        trainer.apply(painted(trainer.settings, data))
        losses.append(trainer.step())
    losses += [trainer.step() for _ in range(STEPS - len(losses))]
    script = script_of(trainer.settings, trainer.changes)
    assert losses_of(script) == losses
    assert "painted[2] = painted[1][:4] + [\n    (7.5, 7.5, 1),\n] + painted[1][-15:]\n" in script


def test_a_saved_run_tells_what_was_painted() -> None:
    trainer = Trainer(moons())
    trainer.step()
    trainer.apply(painted(trainer.settings, points(ROWS + 1)))
    trainer.step()
    entry = RunEntry(
        1,
        trainer.settings,
        "run",
        0,
        trainer.history,
        trainer.structures,
        RunClock(),
        changes=in_force(trainer.changes),
    )
    saved = saved_run(entry)
    columns = {name: getattr(saved, name) for name in ("losses", "depths", "structures")}
    came = run_from_plain(json.loads(json.dumps(run_to_plain(saved))), columns)
    assert (came.settings, came.changes) == (saved.settings, saved.changes)
    assert script_of(came.settings, came.changes) == script_of(trainer.settings, trainer.changes)


def picture_of(settings: Settings) -> Picture:
    trainer = Trainer(settings)
    trainer.step()
    return PictureMaker(trainer).picture(8)


@pytest.mark.parametrize("data", ["moons", "blobs", "sine", "teacher"])
@pytest.mark.parametrize("stage", ["numpy", "nn"])
def test_the_examples_of_a_set_become_points_where_they_are(data: str, stage: str) -> None:
    settings = with_data(make_settings(stage=stage), data, ROWS)
    settings = changed(settings, test_share=0.3, standardize=True, minibatch=5)
    before = picture_of(settings)
    found = painted(settings, painted_from(before, settings))
    after = picture_of(found)
    # The same rows, the same of them held out, to the digits that are written.
    assert not found.standardize
    assert found.painted is not None
    for name in ("places", "targets", "test_places", "test_targets"):
        one, other = getattr(before, name), getattr(after, name)
        np.testing.assert_allclose(other, one, atol=6e-4 * max(1.0, float(np.ptp(one))))
    assert len(before.test_places if before.test_places is not None else ()) == 6
    if data != "teacher":
        assert found.painted.classes == {"moons": 2, "blobs": 3, "sine": 0}[data]
    assert painted_from(after, found) == found.painted


def test_what_cannot_be_painted_is_said_in_one_line() -> None:
    digits = with_data(make_settings(stage="nn"), "digits", 30)
    assert why_not(picture_of(digits), digits) == "Painting needs one input or two; these data have 64."
    many = with_data(make_settings(stage="nn"), "moons", MOST_POINTS + 1)
    assert why_not(picture_of(many), many) == "Painting takes at most 500 points; these data have 501."
    teacher = changed(with_data(make_settings(stage="nn"), "teacher", 30), output_size=2)
    assert "here y has 2 numbers" in why_not(picture_of(teacher), teacher)
    assert "not yet" in why_not(picture_of(moons()), changed(moons(), batch_size=9))
    with pytest.raises(CannotPaintError, match="501"):
        painted_from(picture_of(many), many)
    full = points(MOST_POINTS)
    with pytest.raises(CannotPaintError, match="There are 500 points"):
        with_added(full, [(0.0, 0.0, 1.0)])
    with pytest.raises(CannotPaintError, match="One point has to stay"):
        without(points(2), (0, 1))
    assert len(without(points(3), (0, 2)).points) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"points": [], "inputs": 2},
        {"points": [[0, 0, 1]] * (MOST_POINTS + 1), "inputs": 2},
        {"points": [[0, 0]], "inputs": 2},
        {"points": [[0, float("nan"), 1]], "inputs": 2},
        {"points": [[0, 0, 3]], "inputs": 2, "columns": 3},
        {"points": [[0, 0, 0, 1]], "inputs": 3},
        "points",
    ],
)
def test_what_is_no_set_of_points_is_refused_in_one_line(wrong: object) -> None:
    with pytest.raises(SettingsError) as refused:
        make_settings(stage="nn", painted=wrong)
    assert refused.value.field == "painted"
    assert "allowed: 1 to 500 points of one or two inputs and a target" in str(refused.value)
    assert "\n" not in str(refused.value)
    with pytest.raises(SettingsError, match="'painted' is not allowed"):
        make_settings(stage="nn", data="painted")


def test_sizes_follow_the_points() -> None:
    chosen = make_settings(stage="numpy", ones=True, painted=replace(points(7), columns=1))
    assert (chosen.data, chosen.batch_size, chosen.input_size, chosen.output_size) == ("painted", 7, 3, 1)
    with pytest.raises(SettingsError, match="minibatch: 9"):
        changed(chosen, minibatch=9)
    assert with_data(chosen, "moons").painted is None
