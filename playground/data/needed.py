"""Packages that only some kinds of files need."""

from __future__ import annotations

import importlib
from typing import Any


def needed(module: str, extra: str = "") -> Any:
    """The module.

    Raises:
        ValueError: it is not there, as the rest of a sentence that begins with a file's name.
    """
    try:
        return importlib.import_module(module)
    except ImportError:
        package = module.partition(".")[0]
        wanted = f"torch-playground[{extra}]" if extra else package
        raise ValueError(f"needs the package {package}, which is missing; install {wanted}") from None
