"""Writes losses as an event file of TensorBoard, without TensorBoard.

Sources: a file is a row of records, each `length (uint64), masked CRC-32C of it, data, masked CRC-32C of
the data`, as in TensorFlow's record_writer.cc; the data is an `Event` of TensorFlow's event.proto, with a
`Summary` of summary.proto. TensorBoard keeps a scalar as float32.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from playground.workspace.curves import RunCurves
from playground.workspace.files import Progress

_POLYNOMIAL = 0x82F63B78
_AT_ONCE = 1 << 14


def _crc_table() -> NDArray[np.uint32]:
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, (table >> 1) ^ np.uint32(_POLYNOMIAL), table >> 1)
    return table


_TABLE = _crc_table()


def write_events(
    run: RunCurves, file: BinaryIO, began: float, on_progress: Progress = lambda _done, _of: None
) -> None:
    """Writes a run's losses, and its depth where it has one, as scalars.

    Args:
        run: its curves; each is a tag.
        file: open for binary writing; TensorBoard wants "tfevents" in its name.
        began: when the run began, in seconds since 1970. The steps have no times of their own: each is
            written as a microsecond after the one before.
        on_progress: hears how many numbers are written, and of how many.
    """
    done, of = 0, sum(len(each.values) for each in run.curves)
    of += 0 if run.depths is None else len(run.depths)
    version = _double(1, began) + _text(3, b"brain.Event:2")
    file.write(_records(np.frombuffer(version, np.uint8).reshape(1, -1)))
    for curve in run.curves:
        # Of several losses a step may lack one, which is NaN there; NaN to the end is a loss that is lost.
        numbers = np.flatnonzero(~np.isnan(curve.values))
        gaps_until = int(numbers[-1]) if len(run.curves) > 1 and len(numbers) else 0
        for step in _write_scalars(file, curve.name, curve.values, began, gaps_until):
            on_progress(done + step, of)
        done += len(curve.values)
    if run.depths is not None:
        for step in _write_scalars(file, "depth", run.depths, began):
            on_progress(done + step, of)


def _write_scalars(
    file: BinaryIO,
    tag: str,
    values: NDArray[np.float64] | NDArray[np.int8],
    began: float,
    gaps_until: int = 0,
) -> Iterator[int]:
    """Tells after each stretch up to which step it has come."""
    for start, stop in _stretches(len(values)):
        steps = np.arange(start, stop, dtype=np.uint64)
        # Beyond its range a float32 is infinite, as TensorBoard would have it.
        with np.errstate(over="ignore"):
            numbers = np.asarray(values[start:stop], "<f4")
        if start < gaps_until:
            there = ~np.isnan(numbers) | (steps > gaps_until)
            steps, numbers = steps[there], numbers[there]
        file.write(_records(_events(tag.encode(), steps, numbers, began)))
        yield stop


def _stretches(steps: int) -> Iterator[tuple[int, int]]:
    """Steps whose numbers take as many bytes each, so that their records are equally long."""
    start = 0
    while start < steps:
        stop = min(1 << 7 * _varint_length(start), start + _AT_ONCE, steps)
        yield start, stop
        start = stop


def _events(
    tag: bytes, steps: NDArray[np.uint64], numbers: NDArray[np.float32], began: float
) -> NDArray[np.uint8]:
    """Events of steps whose numbers are equally long; shape (steps, bytes of one)."""
    value = _text(1, tag) + b"\x15"
    summary = b"\x0a" + _varint(len(value) + 4) + value
    head = b"\x2a" + _varint(len(summary) + 4) + summary
    length = _varint_length(int(steps[0])) if len(steps) else 1
    times = (began + steps.astype(np.float64) * 1e-6).astype("<f8")
    columns = [
        _same(b"\x09", len(numbers)),
        times.view(np.uint8).reshape(-1, 8),
        _same(b"\x10", len(numbers)),
        _varints(steps, length),
        _same(head, len(numbers)),
        np.ascontiguousarray(numbers).view(np.uint8).reshape(-1, 4),
    ]
    return np.concatenate(columns, axis=1)


def _records(data: NDArray[np.uint8]) -> bytes:
    """Records of equally long data; shape (records, bytes)."""
    count, length = data.shape
    size = np.frombuffer(struct.pack("<Q", length), np.uint8).reshape(1, -1)
    head = np.concatenate([size, _masked_crc(size)], axis=1)
    return np.concatenate([_same(head.tobytes(), count), data, _masked_crc(data)], axis=1).tobytes()


def _masked_crc(data: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Of each row; shape (rows, 4)."""
    crc = np.full(len(data), 0xFFFFFFFF, np.uint32)
    for column in data.T:
        crc = _TABLE[(crc ^ column) & 0xFF] ^ (crc >> 8)
    crc = ~crc
    masked = ((crc >> 15) | (crc << 17)) + np.uint32(0xA282EAD8)
    return masked.astype("<u4").view(np.uint8).reshape(-1, 4)


def _same(data: bytes, count: int) -> NDArray[np.uint8]:
    return np.broadcast_to(np.frombuffer(data, np.uint8), (count, len(data)))


def _varints(numbers: NDArray[np.uint64], length: int) -> NDArray[np.uint8]:
    """Numbers that take so many bytes each, seven bits a byte, the lowest first."""
    parts = [(numbers >> np.uint64(7 * place)) & np.uint64(0x7F) for place in range(length)]
    parts = [part | np.uint64(0x80) for part in parts[:-1]] + parts[-1:]
    return np.stack(parts, axis=1).astype(np.uint8)


def _varint_length(number: int) -> int:
    return max(1, -(-number.bit_length() // 7))


def _varint(number: int) -> bytes:
    return _varints(np.array([number], np.uint64), _varint_length(number)).tobytes()


def _text(field: int, data: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def _double(field: int, number: float) -> bytes:
    return _varint(field << 3 | 1) + struct.pack("<d", number)
