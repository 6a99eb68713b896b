"""What the two stages' comparison says in words."""

from __future__ import annotations

from collections.abc import Sequence

from playground.comparing.rosetta import DiffLine, Rosetta, TensorPair

EMPTY = "Choose two stages: a step of each is recorded and laid side by side."


def row_words(result: Rosetta, pair: TensorPair) -> tuple[str, ...]:
    """A pair as a row of the table: phase, name and line of either side, node, and the two differences."""
    turned = " (transposed)" if pair.transposed else ""
    return (
        str(pair.phase),
        pair.left.label,
        _line(pair.left.line),
        pair.right.label + turned,
        _line(pair.right.line),
        result.node_of(pair) or "",
        number_words(pair.absolute),
        number_words(pair.relative),
    )


def heading_words(result: Rosetta) -> tuple[str, ...]:
    """The headings of those columns."""
    left, right = result.left.title, result.right.title
    return "phase", left, "line", right, "line", "node", "largest difference", "relative"


def number_words(number: float) -> str:
    """A difference, with as many digits as it deserves."""
    return "0" if not number else f"{number:.1e}"


def all_words(result: Rosetta) -> str:
    """What is said while no line is chosen."""
    count = len(result.pairs)
    if not count:
        return "No tensor of one side has the values of a tensor of the other."
    if count == 1:
        return "One quantity that both sides compute, found by its values"
    return f"{count} quantities that both sides compute, found by their values"


def chosen_words(result: Rosetta, is_left: bool, line: int, lines: Sequence[int], count: int) -> str:
    """What is said of a chosen line and its counterparts."""
    here, there = (result.left, result.right) if is_left else (result.right, result.left)
    start = f"{here.title}, line {line}"
    if lines:
        quantities = "1 quantity" if count == 1 else f"{count} quantities"
        return f"{start} ↔ {there.title}, {lines_words(lines)}: {quantities}"
    phase = result.phase_of_left(line) if is_left else result.phase_of_right(line)
    if phase is None:
        return f"{start} takes no part in the step"
    return f"{start}: {phase}; no tensor that it makes is one of {there.title}"


def lines_words(lines: Sequence[int]) -> str:
    """Numbers of lines, with a dash where they follow one another."""
    parts: list[list[int]] = []
    for line in lines:
        if parts and line == parts[-1][-1] + 1:
            parts[-1].append(line)
        else:
            parts.append([line])
    texts = [str(part[0]) if len(part) == 1 else f"{part[0]}–{part[-1]}" for part in parts]
    return f"{'line' if len(lines) == 1 else 'lines'} {', '.join(texts)}"


def difference_words(entries: Sequence[DiffLine]) -> list[str]:
    """Each line of a difference with its numbers at the left and at the right."""
    width = max(
        (len(str(each)) for entry in entries for each in (entry.left, entry.right) if each), default=1
    )
    lines = []
    for entry in entries:
        numbers = f" {entry.left or '':>{width}}  {entry.right or '':>{width}}"
        lines.append(f"{numbers}  {entry.kind.replace('-', '−')} {entry.text}")
    return lines


def _line(line: int | None) -> str:
    return "" if line is None else str(line)
