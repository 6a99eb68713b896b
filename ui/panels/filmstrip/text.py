"""What the filmstrip says of a structure, of a depth and of a step, and how it shortens numbers."""

from __future__ import annotations

from PySide6.QtGui import QFont

from playground.runs.tally import DepthLoss, StructureCount
from ui.widgets.number_text import show_whole

_LONGEST_COUNT = 1_000_000
_SPACE = "\u00a0"


def small_font(font: QFont) -> QFont:
    """The font of everything in the filmstrip."""
    result = QFont(font)
    result.setPointSizeF(font.pointSizeF() * 0.85)
    return result


def name_of(cell: StructureCount) -> str:
    """A structure by its depth, or else by its number, counted from 1 as in the rest of the window."""
    return f"structure {cell.structure + 1}" if cell.depth is None else f"depth {cell.depth}"


def count_text(cell: StructureCount) -> str:
    """How many steps, and which part of all: `131 steps, 26 %`."""
    return f"{short_steps(cell.count)}, {percent(cell.share)}"


def short_steps(count: int) -> str:
    """A number of steps in little room: `1 step`, `7.52 M steps`."""
    if count >= _LONGEST_COUNT:
        return f"{count / 1e6:.2f}{_SPACE}M steps"
    return f"{show_whole(count)} step{'' if count == 1 else 's'}"


def percent(share: float) -> str:
    """A share as a whole percentage, which says neither none nor all of what is not."""
    rounded = round(100 * share)
    if rounded == 0 and share > 0:
        return f"<1{_SPACE}%"
    if rounded == 100 and share < 1:
        return f">99{_SPACE}%"
    return f"{rounded}{_SPACE}%"


def number(value: float) -> str:
    """A number in few letters: `0.25`, `1235`, `5e4`."""
    if value and not 1e-3 <= abs(value) < 1e5:
        mantissa, exponent = f"{value:.3e}".split("e")
        return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"
    return f"{value:.4g}" if abs(value) < 1e4 else f"{value:.0f}"


def cell_tooltip(cell: StructureCount) -> str:
    """All that is known of a structure."""
    depth = "" if cell.depth is None else f", depth {cell.depth}"
    steps = f"{show_whole(cell.count)} step{'' if cell.count == 1 else 's'}"
    return (
        f"structure {cell.structure + 1}{depth}: {steps}, {percent(cell.share)} of the run\n"
        f"first built in step {show_whole(cell.first)}, last in step {show_whole(cell.newest)}\n"
        "click or Enter shows its newest step"
    )


def depth_text(loss: DepthLoss) -> str:
    """How the loss spreads at a depth, in a line."""
    left_out = f", {loss.not_finite} not finite" if loss.not_finite else ""
    latest = "newest step" if loss.recent == 1 else f"newest {loss.recent} steps"
    if loss.not_finite == loss.recent:
        return f"depth {loss.depth}: no finite loss in its {latest}"
    if loss.recent - loss.not_finite == 1:
        return f"depth {loss.depth}: loss {number(loss.median)} in its {latest}{left_out}"
    low, median, high = number(loss.low), number(loss.median), number(loss.high)
    return f"depth {loss.depth}: median loss {median}, mostly {low} to {high}, in its {latest}{left_out}"


def step_text(step: int, structure: int, depth: int, loss: float) -> str:
    """A step of the strip; a depth below 0 is none."""
    what = f"structure {structure + 1}" if depth < 0 else f"depth {depth}"
    return f"step {show_whole(step)}, {what}, loss {loss:.4g}"
