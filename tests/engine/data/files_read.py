"""What a stage reads from a file of data."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import numpy as np

from playground.data.files import file_for
from playground.programs.stage_text import settings_of, text_of
from playground.settings import make_settings


def arrays_of(path: Path, stage: str = "numpy", **values: object) -> tuple[np.ndarray, np.ndarray]:
    """The x and y that a stage's text reads."""
    chosen = file_for(path)
    settings = make_settings(
        stage=stage, data_file=chosen.file, batch_size=chosen.rows, steps=1, hidden_size=2, **values
    )
    text = text_of(settings)
    assert settings_of(stage, text) == settings
    variables: dict[str, object] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(text, "script", "exec"), variables)
    x, y = np.asarray(variables["x"]), np.asarray(variables["y"])
    assert x.shape == (settings.batch_size, settings.input_size)
    assert y.shape == (settings.batch_size, settings.output_size)
    return x, y
