"""The weights that are kept while a run goes on: seldom, but of a short run enough."""

from __future__ import annotations

import pytest

import ui.session.live_path
from playground.settings import make_settings
from playground.trainer import Trainer
from ui.session.live_path import LivePath

SIZES = {"batch_size": 2, "input_size": 3, "hidden_size": 4, "output_size": 2}


def test_where_time_does_not_allow_it_weights_are_kept_at_each_doubling(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ui.session.live_path, "SHARE", 1e-12)
    trainer, live = Trainer(make_settings(stage="numpy", **SIZES)), LivePath()
    live.look(trainer)
    assert live.path is None
    live.begin()
    for _ in range(100):
        live.look(trainer)
        trainer.step()
    trainer.close()
    assert live.path is not None
    assert [each.step for each in live.path.points] == [1, 2, 4, 8, 16, 32, 64]


def test_of_a_net_that_is_too_large_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("playground.data.weight_path.LARGEST_NET", 3)
    trainer, live = Trainer(make_settings(stage="numpy", **SIZES)), LivePath()
    live.begin()
    for _ in range(3):
        trainer.step()
        live.look(trainer)
    trainer.close()
    assert live.path is not None
    assert not live.path.points
