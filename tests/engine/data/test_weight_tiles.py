"""Which element stands where in a parameter's picture, against plain loops."""

from __future__ import annotations

import numpy as np
import pytest

from playground.data.weight_tiles import GAP, matrix_tile, tiles_of, unit_tile


@pytest.mark.parametrize("ones", [0, 1])
@pytest.mark.parametrize("columns", [True, False])
def test_each_hidden_units_weights_are_a_picture(columns: bool, ones: int) -> None:
    units, inputs = 7, 64 + ones
    shape = (inputs, units) if columns else (units, inputs)
    weights = np.random.default_rng(0).normal(size=shape)
    tile = unit_tile(shape, columns)
    assert tile is not None
    values = tile.values(weights)
    # Three across.
    assert values.shape == (26, 26)
    for unit in range(units):
        top, left = unit // 3 * 9, unit % 3 * 9
        own = weights[:64, unit] if columns else weights[unit, :64]
        assert np.array_equal(values[top : top + 8, left : left + 8], own.reshape(8, 8))
    assert (tile.elements != GAP).sum() == 64 * units
    assert not values[tile.elements == GAP].any()


def test_only_the_layer_on_the_digits_is_shown_by_unit() -> None:
    shapes: dict[str, tuple[int, ...]] = {"w1": (64, 64), "w2": (64, 10)}
    assert [each.units for each in tiles_of(shapes, digits=True).values()] == [True, False]
    assert not any(each.units for each in tiles_of(shapes, digits=False).values())
    assert unit_tile((20, 10), columns=True) is None
    assert matrix_tile((3,)).elements.shape == (1, 3)
    assert matrix_tile((2, 3, 4)).elements.shape == (6, 4)
