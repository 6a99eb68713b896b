"""What is known of runs as plain data: for the clipboard, a file or another program."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

from playground.runs.entry import RunEntry


def run_data(entry: RunEntry) -> dict[str, Any]:
    """A run's name, settings, changes, steps, last loss and time.

    A loss that JSON has no number for is a text: `"nan"`, `"inf"`.
    """
    loss = entry.loss
    return {
        "name": entry.name,
        "stage": entry.settings.stage,
        "steps": entry.steps,
        "loss": str(loss) if loss is not None and not math.isfinite(loss) else loss,
        "seconds": entry.clock.seconds,
        "settings": entry.settings.model_dump(mode="json"),
        "changes": [
            {
                "step": change.step,
                "name": change.name,
                "old": change.old,
                "new": change.new,
                "words": change.words,
            }
            for change in entry.changes
            if change.step < entry.steps
        ],
    }


def as_json(entries: Sequence[RunEntry]) -> str:
    """These runs, as a list."""
    return json.dumps([run_data(entry) for entry in entries], indent=1, ensure_ascii=False)
