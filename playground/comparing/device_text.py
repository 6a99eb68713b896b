"""What is known of the devices as a table, for a terminal and for the window, and as plain data."""

from __future__ import annotations

from collections.abc import Sequence

from playground.comparing.device_results import (
    COMPARED_STEPS,
    TIMED_STEPS,
    TOLERANCE,
    CheckedDevice,
    StageOnDevice,
)

COLUMNS = ("device", "steps/s", "CPU = 1", "loss differs by", "recorded", "")
NUMBERS = range(1, 5)
"""The columns that are read as numbers."""
NOTE = (
    f"Each stage trained {COMPARED_STEPS} steps in float32, on each device and on the CPU, from the same "
    f"data and weights. Allowed is a relative difference of {TOLERANCE:.0e} between their losses: "
    "devices add up in orders of their own, and each order rounds differently (some 4e-7); fewer digits "
    f"differ by more (TF32 by some 6e-4). Then {TIMED_STEPS} steps were timed, and one was recorded."
)
"""How a check is made, and what it allows."""

Row = tuple[str, ...]


def device_row(each: CheckedDevice) -> Row:
    """A device's cells, as in `COLUMNS`: its name, and whether it is here or why not."""
    return each.device.label, "", "", "", "", "here" if each.device.available else each.device.reason


def stage_row(found: StageOnDevice, cpu: CheckedDevice) -> Row:
    """The cells of a stage on a device, with its speed against that on the CPU."""
    if found.unused:
        return found.stage, "", "", "", "", found.unused
    speed, on_cpu = found.steps_per_second, cpu.speed(found.stage)
    difference = found.max_relative_difference
    away = f"{found.elsewhere} of the events on another device" if found.elsewhere else ""
    return (
        found.stage,
        "" if speed is None else f"{speed:,.0f}".replace(",", " "),
        "" if speed is None or on_cpu is None else f"{speed / on_cpu:.2f}",
        "" if difference is None else f"{difference:.1e}" if difference else "0",
        "" if found.events is None else f"{found.events} events",
        found.problem or away or "passed",
    )


def as_text(devices: Sequence[CheckedDevice]) -> str:
    """The table with the note below it; where nothing was checked, the devices alone."""
    if not any(each.stages for each in devices):
        return "\n".join(f"{each.device.name:10}{_state(each)}" for each in devices)
    rows: list[Row] = [COLUMNS]
    for each in devices:
        rows.append(device_row(each))
        for found in each.stages:
            name, *cells = stage_row(found, devices[0])
            rows.append((f"  {name}", *cells))
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    return "\n".join([*(_line(row, widths) for row in rows), "", NOTE])


def _state(each: CheckedDevice) -> str:
    device = each.device
    label = device.label.removeprefix(device.name).strip() if device.name != "cpu" else ""
    return f"here  {label}".rstrip() if device.available else f"not here: {device.reason}"


def _line(row: Row, widths: Sequence[int]) -> str:
    cells = [
        text.rjust(width) if column in NUMBERS else text.ljust(width)
        for column, (text, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()


def to_plain(devices: Sequence[CheckedDevice]) -> list[dict[str, object]]:
    """The devices as plain data for JSON, with what was found on those that were checked."""
    return [_plain(each) for each in devices]


def _plain(each: CheckedDevice) -> dict[str, object]:
    device = each.device
    plain: dict[str, object] = {
        "name": device.name,
        "available": device.available,
        "label": device.label,
        "reason": device.reason or None,
    }
    if each.stages:
        plain |= {
            "passed": each.passed,
            "steps": COMPARED_STEPS,
            "tolerance": TOLERANCE,
            "stages": {stage.stage: _plain_stage(stage) for stage in each.stages},
        }
    return plain


def _plain_stage(found: StageOnDevice) -> dict[str, object]:
    return {
        "passed": None if found.unused else found.passed,
        "problem": found.problem or found.unused or None,
        "max_relative_difference": found.max_relative_difference,
        "last_loss": found.last_loss,
        "recorded_events": found.events,
        "events_elsewhere": found.elsewhere,
        "steps_per_second": found.steps_per_second,
    }
