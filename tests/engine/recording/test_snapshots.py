"""Snapshots of arrays and tensors, their statistics and pictures, against NumPy in float64."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch

from playground.recording.snapshot import Snapshot
from playground.recording.snapshotting import SnapshotTaker
from playground.recording.statistics import BINS, LONGEST_SIDE, edges

Array = npt.NDArray[Any]


def taken(value: torch.Tensor, largest: int = 0) -> Snapshot:
    snapshot = SnapshotTaker(largest).tensor(value)
    assert snapshot is not None
    return snapshot


def assert_describes(snapshot: Snapshot, value: Array) -> None:
    exact = value.astype(np.float64)
    good = exact[np.isfinite(exact)]
    statistics = snapshot.statistics
    assert statistics.count == value.size
    assert statistics.nans == np.isnan(exact).sum()
    assert statistics.infinities == np.isinf(exact).sum()
    assert statistics.zeros == (exact == 0).mean()
    assert statistics.smallest == good.min()
    assert statistics.largest == good.max()
    assert statistics.mean == pytest.approx(good.mean(), rel=1e-12, abs=1e-15)
    assert statistics.deviation == pytest.approx(good.std(), rel=1e-12, abs=1e-15)
    assert statistics.norm == pytest.approx(np.linalg.norm(good), rel=1e-12)
    histogram = statistics.histogram
    assert histogram is not None
    expected, _ = np.histogram(good, bins=BINS, range=(histogram.low, histogram.high))
    assert sum(histogram.counts) == good.size
    # An element on the border of two bins may lie in either.
    assert np.abs(np.array(histogram.counts) - expected).sum() <= 2 + 1e-4 * good.size


def assert_pictures(snapshot: Snapshot, value: Array) -> None:
    matrix = value.reshape(-1, value.shape[-1]).astype(np.float64)
    picture = snapshot.picture
    rows, columns = (edges(length, min(length, LONGEST_SIDE)) for length in matrix.shape)
    assert picture.low.shape == (len(rows) - 1, len(columns) - 1)
    for row in range(0, len(rows) - 1, 7):
        for column in range(0, len(columns) - 1, 7):
            block = matrix[rows[row] : rows[row + 1], columns[column] : columns[column + 1]]
            good = block[np.isfinite(block)]
            assert picture.flawed[row, column] == (good.size < block.size)
            if good.size:
                assert (picture.low[row, column], picture.high[row, column]) == (good.min(), good.max())
    finite = matrix[np.isfinite(matrix)]
    assert (np.nanmin(picture.low), np.nanmax(picture.high)) == (finite.min(), finite.max())


VALUES = {
    "matrix": lambda: torch.randn(700, 900),
    "float64": lambda: torch.randn(300, 500, dtype=torch.float64) * 1e6 + 1e9,
    "float16": lambda: torch.randn(300, 500).half(),
    "integers": lambda: torch.randint(-5, 5, (300, 500)),
    "truths": lambda: torch.rand(300, 500) > 0.3,
    "vector": lambda: torch.randn(100_000),
    "four dimensions": lambda: torch.randn(3, 5, 70, 90),
    "transposed": lambda: torch.randn(700, 900).t(),
    "every other": lambda: torch.randn(700, 900)[::2, ::3],
    "expanded": lambda: torch.randn(700, 1).expand(700, 300),
    "flawed": lambda: torch.where(
        torch.rand(600, 500) > 0.99, torch.tensor(float("nan")), torch.randn(600, 500)
    ),
    "infinite": lambda: torch.randn(600, 500).masked_fill(torch.rand(600, 500) > 0.99, float("-inf")),
}


@pytest.mark.parametrize("largest", [0, 1 << 30])
@pytest.mark.parametrize("name", list(VALUES))
def test_statistics_and_picture_are_exact_whether_kept_or_not(name: str, largest: int) -> None:
    torch.manual_seed(0)
    value = VALUES[name]()
    snapshot = taken(value, largest)
    assert snapshot.kept == (largest > 0)
    assert snapshot.shape == tuple(value.shape)
    assert_describes(snapshot, value.numpy())
    assert_pictures(snapshot, value.numpy())
    json.dumps(snapshot.to_plain(), allow_nan=False)
    if snapshot.values is not None:
        assert snapshot.values.tobytes() == np.ascontiguousarray(value.numpy()).tobytes()


def test_one_outlier_is_never_lost() -> None:
    value = torch.zeros(3000, 2000)
    value[1234, 567], value[2999, 1999] = 7.0, -3.0
    picture = taken(value).picture
    assert picture.extremes()[picture.block_of(1234, 567)] == 7
    assert picture.extremes()[picture.block_of(2999, 1999)] == -3
    assert np.count_nonzero(picture.extremes()) == 2


def test_weight_and_its_transpose_are_summarized_once() -> None:
    value = torch.randn(300, 400)
    taker = SnapshotTaker(0)
    view = value.t()
    turned = taker.tensor(view)
    straight = taker.tensor(value)
    assert turned is not None
    assert straight is not None
    assert turned.shape == (400, 300)
    assert turned.statistics is straight.statistics
    assert (turned.picture.low == straight.picture.low.T).all()


NUMBERS = [0.0, 5e-324, 1e-310, 1.0, -2.5, 1.7e308, -1.797e308, math.inf, -math.inf, math.nan]


@pytest.mark.parametrize("first", NUMBERS)
@pytest.mark.parametrize("second", NUMBERS)
def test_extreme_numbers_are_described_without_a_warning(first: float, second: float) -> None:
    snapshot = SnapshotTaker().array(np.array([first, second]))
    json.dumps(snapshot.to_plain(), allow_nan=False)
    finite = [each for each in (first, second) if math.isfinite(each)]
    histogram = snapshot.statistics.histogram
    assert (histogram is None) == (not finite)
    if histogram is not None:
        assert sum(histogram.counts) == len(finite)
        assert histogram.low <= min(finite) <= max(finite) <= histogram.high


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0), (2, 0, 4)])
def test_empty_tensors_have_no_numbers(shape: tuple[int, ...]) -> None:
    snapshot = taken(torch.empty(shape), 1 << 20)
    assert snapshot.statistics.count == 0
    assert math.isnan(snapshot.statistics.mean)
    assert snapshot.statistics.histogram is None
    json.dumps(snapshot.to_plain(), allow_nan=False)
    assert snapshot.picture.extremes().size == 0


def test_unchanged_tensor_is_one_snapshot() -> None:
    taker, value = SnapshotTaker(), torch.randn(3, 4)
    first = taker.tensor(value)
    assert taker.tensor(value) is first
    assert taker.tensor(value[:]) is first
    value.mul_(2)
    second = taker.tensor(value)
    assert second is not first
    # What a version does not count has to be said.
    value.data.mul_(2)
    taker.written(value.untyped_storage().data_ptr())
    third = taker.tensor(value)
    assert third is not second
    assert third is not None
    assert third.values is not None
    assert (third.values == value.numpy()).all()


def test_memory_used_again_is_another_tensor() -> None:
    taker = SnapshotTaker()
    for number in range(50):
        value = torch.full((1000,), float(number))
        snapshot = taker.tensor(value)
        assert snapshot is not None
        assert snapshot.statistics.mean == number
        del value


def test_elements_are_a_copy_that_nobody_can_change() -> None:
    value = torch.ones(3)
    snapshot = taken(value, 100)
    value.zero_()
    assert snapshot.values is not None
    assert snapshot.values.tolist() == [1, 1, 1]
    with pytest.raises(ValueError, match="read-only"):
        snapshot.values[0] = 5


def test_budget_of_a_recording_is_kept() -> None:
    taker = SnapshotTaker(largest_tensor=400, largest_recording=1000)
    held = [torch.randn(100) for _ in range(5)]
    snapshots = [taker.tensor(each) for each in held]
    assert [each.kept for each in snapshots if each] == [True, True, False, False, False]
    assert taken(torch.randn(101), 400).kept is False


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.complex64, torch.float8_e4m3fn])
def test_types_that_numpy_lacks(dtype: torch.dtype) -> None:
    value = torch.randn(8, 6).to(dtype)
    snapshot = taken(value, 1 << 20)
    assert snapshot.dtype == str(dtype)
    assert snapshot.nbytes == value.numel() * value.element_size()
    assert snapshot.values is not None
    assert snapshot.kept_bytes == snapshot.values.nbytes
    expected = value.abs() if dtype.is_complex else value.float()
    assert (snapshot.values == expected.numpy()).all()


def test_tensors_without_elements_are_passed_over() -> None:
    taker = SnapshotTaker()
    assert taker.tensor(torch.empty(3, device="meta")) is None
    sparse = torch.eye(3).to_sparse()
    snapshot = taker.tensor(sparse)
    assert snapshot is not None
    assert snapshot.values is not None
    assert snapshot.values.tolist() == np.eye(3).tolist()


def sparse_in(layout: str) -> torch.Tensor:
    """A sparse matrix of 300 000 elements with NaN, a stored zero, and elements that are stored twice."""
    rows, columns = torch.randint(0, 500, (2000,)), torch.randint(0, 600, (2000,))
    values = torch.randn(2000)
    values[5], values[6] = 0.0, float("nan")
    twice = torch.sparse_coo_tensor(torch.stack([rows, columns]), values, (500, 600))
    if layout == "coo":
        return twice
    if layout in ("bsr", "bsc"):
        return getattr(twice.to_dense(), f"to_sparse_{layout}")((4, 5))  # type: ignore[no-any-return]
    return getattr(twice, f"to_sparse_{layout}")()  # type: ignore[no-any-return]


@pytest.mark.filterwarnings("ignore:.*parse")
@pytest.mark.parametrize("layout", ["coo", "csr", "csc", "bsr", "bsc"])
def test_sparse_tensors_are_described_as_their_dense_twins(layout: str) -> None:
    torch.manual_seed(0)
    value = sparse_in(layout)
    snapshot = taken(value)
    assert not snapshot.kept
    assert snapshot.layout == f"torch.sparse_{layout}"
    assert_describes(snapshot, value.to_dense().numpy())
    assert_pictures(snapshot, value.to_dense().numpy())
    json.dumps(snapshot.to_plain(), allow_nan=False)


def test_sparse_gradient_of_an_embedding() -> None:
    torch.manual_seed(0)
    model = torch.nn.Embedding(700, 30, sparse=True)
    model(torch.tensor([3, 3, 500])).pow(2).sum().backward()
    gradient = model.weight.grad
    assert gradient is not None
    indices = gradient._indices().clone()
    snapshot = taken(gradient)
    assert_describes(snapshot, gradient.to_dense().numpy())
    assert_pictures(snapshot, gradient.to_dense().numpy())
    # The user's own tensor is as it was.
    assert not gradient.is_coalesced()
    assert torch.equal(gradient._indices(), indices)
    assert taken(gradient, 1 << 20).kept


def test_a_huge_sparse_matrix_is_never_made_dense() -> None:
    n = 110_000
    indices = torch.randint(0, n, (2, 10_000))
    snapshot = taken(torch.sparse_coo_tensor(indices, torch.rand(10_000), (n, n)), 1 << 30)
    assert snapshot.shape == (n, n)
    assert snapshot.statistics.count == n * n
    assert snapshot.statistics.histogram is not None
    assert sum(snapshot.statistics.histogram.counts) == n * n
