"""What there is to say of a tensor, in few words and in many."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from playground.graph.sizes import shape_text
from playground.recording.pairing import differing
from playground.recording.snapshot import Snapshot
from ui.style.theme import Theme
from ui.widgets.number_text import show_whole
from ui.widgets.tensor.histogram import share_text

NOT_DEFINED = "not defined"


def number_text(value: float) -> str:
    """A number with four significant digits: `0.01234`, `1.23e+07`, `-0`, `nan`, `inf`."""
    return f"{value:.4g}"


def tile_lines(value: Snapshot | None, note: str = "") -> Iterator[tuple[str, bool]]:
    """What stands below a small picture, and whether it is alarming: shape, std, min, max.

    Args:
        value: the tensor, None if it is not defined.
        note: what it is for; it stands with the shape.
    """
    if value is None:
        yield note or NOT_DEFINED, False
        return
    yield " ".join(filter(None, (shape_text(value.shape) or "scalar", note and f"· {note}"))), False
    if flaws := flaw_text(value):
        yield flaws, True
    statistics = value.statistics
    if value.number is None and statistics.histogram is not None:
        if not flaws:
            yield f"std {number_text(statistics.deviation)}", False
        yield f"min {number_text(statistics.smallest)}", False
        yield f"max {number_text(statistics.largest)}", False


def whole_number_text(snapshot: Snapshot) -> str:
    """The one element of a tensor that has one, with all digits that its type can tell apart; else ""."""
    if snapshot.values is None or snapshot.number is None:
        return ""
    return str(snapshot.values.reshape(-1)[0])


def largest_difference_text(value: Snapshot) -> str:
    """How far an element is from its twin's at most: `"Δ ≤ 0.48"`; of one number `"Δ +6.5"`."""
    difference = value.difference
    if difference is None:
        return "Δ not known: too large to keep"
    if difference.number is not None:
        return f"Δ {difference.number:+.4g}"
    if flaw_text(difference):
        return f"Δ: {flaw_text(difference)}"
    statistics = difference.statistics
    return f"Δ ≤ {number_text(max(-statistics.smallest, statistics.largest))}"


def count_changed_text(value: Snapshot) -> str:
    """How many elements differ from the twin's: `"in 640 of 6 400"`, `"in [3, 7]"`; "" if it is not known."""
    if value.twin is None or value.values is None or value.twin.values is None or value.number is not None:
        return ""
    found = differing(value.values, value.twin.values)
    count = int(found.sum())
    if count == 1:
        return f"in {[int(each[0]) for each in found.nonzero()]} alone"
    return f"in {show_whole(count)} of {show_whole(value.values.size)}"


def bytes_text(count: int) -> str:
    """So much memory: `400 000 bytes`, `25.0 MB`; a megabyte is a million bytes."""
    for size, unit in ((10**9, "GB"), (10**6, "MB")):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return "1 byte" if count == 1 else f"{show_whole(count)} bytes"


def short_bytes_text(count: int) -> str:
    """The same where there is little room: `948 B`, `1.4 kB`, `466 kB`, `25.0 MB`."""
    for size, unit in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if count >= size:
            return f"{count / size:.{1 if count < 100 * size else 0}f} {unit}"
    return f"{count} B"


def type_line(snapshot: Snapshot) -> str:
    """Shape and type: `64 × 100 · float32`."""
    return f"{shape_text(snapshot.shape)} · {_short(snapshot.dtype)}"


def mean_line(snapshot: Snapshot) -> str:
    """Mean and standard deviation; the number itself where there is only one."""
    statistics = snapshot.statistics
    if not statistics.count:
        return "no elements"
    if snapshot.number is not None:
        return whole_number_text(snapshot)
    if statistics.histogram is None:
        return "no finite elements"
    return f"mean {number_text(statistics.mean)} · std {number_text(statistics.deviation)}"


def range_line(snapshot: Snapshot) -> str:
    """The range; "" where the line above says it all."""
    statistics = snapshot.statistics
    if statistics.histogram is None or snapshot.number is not None:
        return ""
    return f"min {number_text(statistics.smallest)} · max {number_text(statistics.largest)}"


def flaw_text(snapshot: Snapshot) -> str:
    """How many elements are no finite numbers: `3 NaN, 1 inf`; "" if all are finite."""
    counts = ((snapshot.statistics.nans, "NaN"), (snapshot.statistics.infinities, "inf"))
    return ", ".join(f"{show_whole(count)} {word}" for count, word in counts if count)


def size_note(snapshot: Snapshot) -> str:
    """Says of a tensor that was not kept what is shown instead; "" for one that was."""
    if snapshot.kept:
        return ""
    rows, columns = snapshot.picture.low.shape
    return (
        f"Too large to keep whole: statistics and a picture of {rows} × {columns} blocks "
        "are of all its elements."
    )


def facts(snapshot: Snapshot) -> list[tuple[str, str]]:
    """The rows of the table, the same for every tensor."""
    statistics = snapshot.statistics
    return [
        ("shape", shape_text(snapshot.shape)),
        ("dtype", _short(snapshot.dtype)),
        ("device", snapshot.device),
        ("requires_grad", str(snapshot.requires_grad)),
        ("memory", bytes_text(snapshot.nbytes)),
        ("mean", number_text(statistics.mean)),
        ("std", number_text(statistics.deviation)),
        ("min", number_text(statistics.smallest)),
        ("max", number_text(statistics.largest)),
        ("norm", number_text(statistics.norm)),
        ("zeros", share_text(statistics.zeros)),
        ("NaN", show_whole(statistics.nans)),
        ("infinities", show_whole(statistics.infinities)),
    ]


def facts_html(snapshot: Snapshot, theme: Theme) -> str:
    """That table as rich text; numbers that are not finite stand out."""
    alarming = {"NaN": snapshot.statistics.nans, "infinities": snapshot.statistics.infinities}
    cells = "".join(
        f'<tr><td style="color: {theme.muted}; padding-right: 16px">{label}</td>'
        f'<td style="color: {theme.error if alarming.get(label) else theme.text}">{escape(value)}</td></tr>'
        for label, value in facts(snapshot)
    )
    return f'<table cellspacing="0">{cells}</table>'


def _short(dtype: str) -> str:
    return dtype.removeprefix("torch.")
