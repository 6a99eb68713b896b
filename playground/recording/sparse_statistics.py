"""Statistics and picture of a sparse tensor from what it stores; it is never made dense."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from playground.recording.statistics import (
    LONGEST_SIDE,
    Histogram,
    Picture,
    Statistics,
    edges,
    histogram_bin,
    matrix_shape,
    summarize,
)


def summarize_sparse(value: Tensor) -> tuple[Statistics, Picture]:
    """Statistics and picture of a sparse tensor of any layout, implicit zeros included.

    Elements that are stored several times count as their sum, as they do for torch.

    Args:
        value: detached; it is not changed.
    """
    coordinates = (value if value.layout is torch.sparse_coo else value.to_sparse()).coalesce()
    shape = matrix_shape(tuple(value.shape))
    stored = coordinates.values()
    stored = stored.abs() if stored.is_complex() else stored
    values = _as_array(stored)
    rows, columns = _places(coordinates, stored)
    implicit = math.prod(shape) - values.size
    return _statistics(values, implicit), _picture(shape, rows, columns, values)


def _as_array(stored: Tensor) -> npt.NDArray[np.float64]:
    return stored.reshape(-1).double().cpu().numpy()


def _places(coordinates: Tensor, stored: Tensor) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Row and column of each stored element in the matrix that is drawn."""
    sizes = tuple(coordinates.shape)
    indices = [each.cpu().numpy() for each in coordinates.indices()]
    # A stored element may itself be a tensor: of an embedding's gradient each is a row.
    inner = [each.reshape(-1) for each in np.indices(tuple(stored.shape[1:]))]
    repeats = math.prod(stored.shape[1:])
    every = [np.repeat(each, repeats) for each in indices]
    every += [np.tile(each, stored.shape[0]) for each in inner]
    if not every:
        nothing = np.zeros(math.prod(stored.shape), dtype=np.int64)
        return nothing, nothing
    flat = np.zeros(len(every[0]), dtype=np.int64)
    for size, each in zip(sizes[:-1], every[:-1], strict=True):
        flat = flat * size + each
    return flat, every[-1].astype(np.int64)


def _statistics(values: npt.NDArray[np.float64], implicit: int) -> Statistics:
    """Of the stored elements, joined with those zeros that are not stored."""
    stored, _ = summarize(lambda start, stop: values[None, :], (1, values.size))
    finite = values.size - stored.nans - stored.infinities
    count, total = values.size + implicit, finite + implicit
    if not total:
        return stored
    mean = (0.0 if not finite else stored.mean * finite) / total
    squares = 0.0 if not finite else (stored.deviation**2 + stored.mean**2) * finite
    ends = [0.0] if implicit else []
    ends += [stored.smallest, stored.largest] if finite else []
    return Statistics(
        count=count,
        mean=mean,
        deviation=math.sqrt(max(0.0, squares / total - mean * mean)),
        smallest=min(ends),
        largest=max(ends),
        norm=stored.norm if finite else 0.0,
        zeros=(np.count_nonzero(values == 0) + implicit) / count,
        nans=stored.nans,
        infinities=stored.infinities,
        histogram=_histogram(values[np.isfinite(values)], implicit, min(ends), max(ends)),
    )


def _histogram(values: npt.NDArray[np.float64], implicit: int, low: float, high: float) -> Histogram:
    both = np.concatenate([values, [low, high]])
    found, _ = summarize(lambda start, stop: both[None, :], (1, both.size))
    histogram = found.histogram
    assert histogram is not None, "the ends are finite"
    counts = list(histogram.counts)
    for end in (low, high):
        counts[histogram_bin(histogram, end)] -= 1
    if implicit:
        counts[histogram_bin(histogram, 0.0)] += implicit
    return Histogram(histogram.low, histogram.high, tuple(counts))


def _picture(
    shape: tuple[int, int],
    rows: npt.NDArray[np.int64],
    columns: npt.NDArray[np.int64],
    values: npt.NDArray[np.float64],
) -> Picture:
    height, width = (min(length, LONGEST_SIDE) for length in shape)
    row_edges, column_edges = edges(shape[0], height), edges(shape[1], width)
    block = (np.searchsorted(row_edges, rows, side="right") - 1) * width
    block += np.searchsorted(column_edges, columns, side="right") - 1
    low, high = np.full(height * width, np.inf), np.full(height * width, -np.inf)
    flawed = np.zeros(height * width, dtype=np.bool_)
    good = np.isfinite(values)
    np.minimum.at(low, block[good], values[good])
    np.maximum.at(high, block[good], values[good])
    flawed[block[~good]] = True
    sizes = np.outer(np.diff(row_edges), np.diff(column_edges)).reshape(-1)
    has_zero = np.bincount(block, minlength=height * width) < sizes
    low[has_zero], high[has_zero] = np.minimum(low[has_zero], 0), np.maximum(high[has_zero], 0)
    nothing = low > high
    low[nothing] = high[nothing] = np.nan
    blocks = height, width
    return Picture(*shape, low.reshape(blocks), high.reshape(blocks), flawed.reshape(blocks))
