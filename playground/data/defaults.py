"""Other data for a run, with the sizes and numbers that a stage learns them with."""

from __future__ import annotations

from collections.abc import Mapping

from playground.data.catalog import BY_NAME, FILE, RANDOM
from playground.data.data_file import DataFile
from playground.settings import OF_OTHER_DATA, Settings, make_settings

WITHOUT_BIASES = ("numpy", "tensor", "autograd", "function")
"""Stages whose weights are written by hand: their net is zero where x is, whatever it learns."""


def with_data(settings: Settings, data: str | DataFile, points: int | None = None) -> Settings:
    """The same settings with other data, and with the sizes and numbers that a stage learns it with.

    A stage without biases gets a column of ones in their place. What belongs to the run and to the
    program stays. Back at the tutorial's random data, the sizes and numbers are the tutorial's.

    Args:
        settings: what they were.
        data: name of a set, or a file.
        points: examples; None for the set's own number, of a file for as many as the settings had.

    Raises:
        SettingsError: a value that is not allowed.
    """
    kept = {
        name: value
        for name, value in settings.model_dump().items()
        if name not in (*OF_OTHER_DATA, *_NUMBERS)
    }
    if settings.optimizer is not None:
        kept["optimizer"] = settings.optimizer
    if isinstance(data, DataFile):
        kept["data_file"] = data
        kept["batch_size"] = settings.batch_size
    name = data if isinstance(data, str) else FILE
    values = {**kept, "data": name, **data_defaults({**kept, "data": name})}
    if points is not None:
        values["batch_size"] = points
    return make_settings(**values)


def data_defaults(values: Mapping[str, object]) -> dict[str, object]:
    """The numbers with which a stage learns some data; none for the tutorial's random numbers.

    Args:
        values: settings that are given; "data" among them.
    """
    name = values.get("data", RANDOM)
    if name == RANDOM:
        return {}
    stage, optimizer = values.get("stage", "autograd"), values.get("optimizer")
    alike = values.get("same_start") is True
    found: dict[str, object] = {"ones": alike or stage in WITHOUT_BIASES}
    chosen = BY_NAME.get(name) if isinstance(name, str) else None
    if chosen is None:
        return found
    found["batch_size"] = chosen.points
    if chosen.inputs is None:
        found["input_size"], found["output_size"] = 2, 1
    if chosen.hidden_size is not None:
        found["hidden_size"] = chosen.hidden_size
    if chosen.learning_rate is not None:
        pace = 1.0
        if alike or stage in WITHOUT_BIASES:
            pace = chosen.by_hand
        elif stage == "dynamic" and optimizer in (None, "SGD"):
            pace = 0.1
        elif optimizer not in (None, "SGD") or stage == "optim":
            pace = 10.0
        # Without the last bits that the product leaves.
        found["learning_rate"] = float(f"{pace * chosen.learning_rate:.3g}")
    return found


_NUMBERS = (
    *("batch_size", "input_size", "hidden_size", "output_size", "learning_rate", "optimizer_options"),
    *("optimizer", "minibatch", "test_share"),
)
"""What goes with the data."""
