"""The weights of one hidden unit, and the nodes of the graph that it goes through."""

from __future__ import annotations

import numpy as np
import pytest

from playground.data.picture import PictureMaker
from playground.data.unit_weights import UnitWeights, nodes_of_unit, unit_weights
from playground.settings import make_settings
from playground.stages import STAGES
from playground.trainer import Trainer

SMALL = {"batch_size": 6, "input_size": 3, "hidden_size": 5, "output_size": 2, "steps": 4}


@pytest.mark.parametrize("stage", [each.name for each in STAGES])
def test_they_give_what_the_unit_gives(stage: str) -> None:
    values = {**SMALL, "depth": (2, 2)} if stage == "dynamic" else SMALL
    trainer = Trainer(make_settings(stage=stage, **values))
    for _ in range(3):
        trainer.step()
    maker = PictureMaker(trainer, (0, 1))
    picture = maker.picture(8, hidden=True)
    points, layers = picture.plane.grid(8), len(picture.hidden)
    assert layers == (3 if stage == "dynamic" else 1)
    taken = points
    for layer, units in enumerate(picture.hidden):
        found = [unit_weights(picture.weights, tuple(map(len, picture.hidden)), layer, n) for n in range(5)]
        parts = [each for each in found if isinstance(each, UnitWeights)]
        assert len(parts) == 5
        added = [0.0 if each.bias is None else picture.weights[each.bias][n] for n, each in enumerate(parts)]
        given = np.maximum(taken @ np.array([each.incoming.values for each in parts]).T + np.array(added), 0)
        np.testing.assert_allclose(given, units.reshape(5, -1).T, rtol=1e-4, atol=1e-5)
        taken = given
        for number, each in enumerate(parts):
            for part in (each.incoming, each.outgoing):
                written = eval(
                    part.label.replace(part.parameter, "whole", 1), {"whole": picture.weights[part.parameter]}
                )
                np.testing.assert_array_equal(written, part.values)
            assert f"{number}" in each.incoming.label
    trainer.close()


@pytest.mark.parametrize(
    ("stage", "relu", "lit"),
    [
        ("numpy", "h_relu", {"h", "h_relu", "w1", "w2"}),
        ("autograd", "ClampBackward1<w1#1", {"MmBackward0(w1)#1", "ClampBackward1<w1#1", "w1", "w2"}),
        ("function", "MyReLUBackward<w1#1", {"MmBackward0(w1)#1", "MyReLUBackward<w1#1", "w1", "w2"}),
        (
            "optim",
            "ReluBackward0<0#1",
            {"AddmmBackward0(0)#1", "ReluBackward0<0#1", "0.weight", "0.bias", "2.weight"},
        ),
    ],
)
def test_the_nodes_that_it_goes_through(stage: str, relu: str, lit: set[str]) -> None:
    trainer = Trainer(make_settings(stage=stage, **SMALL))
    trainer.step()
    picture = PictureMaker(trainer, (0, 1)).picture(4, hidden=True)
    parts = unit_weights(picture.weights, (5,), 0, 2)
    graph = trainer.structures[trainer.history.structure(0)]
    assert nodes_of_unit(graph, parts, 1, 0) == (relu, frozenset(lit))
    trainer.close()


def test_each_use_of_a_shared_layer_has_a_node_of_its_own() -> None:
    trainer = Trainer(make_settings(stage="dynamic", **SMALL, depth=(2, 2)))
    trainer.step()
    graph = trainer.structures[trainer.history.structure(0)]
    relus = [nodes_of_unit(graph, None, 3, layer)[0] for layer in range(3)]
    assert relus == [
        "ClampBackward1<input_linear#1",
        "ClampBackward1<middle_linear#1",
        "ClampBackward1<middle_linear#2",
    ]
    assert nodes_of_unit(graph, None, 2, 0) == ("", frozenset())
    trainer.close()


def test_where_shapes_leave_a_doubt_there_are_none() -> None:
    square = np.zeros((5, 5))
    assert unit_weights({"a": square}, (5,), 0, 0) is None
    assert unit_weights({"a": np.zeros((3, 4)), "b": square}, (5,), 0, 0) is None
