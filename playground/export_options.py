"""What the command `export` writes, and its options; loads nothing, since every start declares them."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from types import MappingProxyType

FORMATS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "script": ("py",),
        "graph": ("svg", "dot", "json", "mermaid"),
        "losses": ("csv",),
        "model": ("pt", "safetensors", "onnx"),
        "tensorboard": ("events",),
        "recording": ("json", "text"),
        "replay": ("html",),
        "session": ("session",),
    }
)
"""What can be exported, and as what; the first one is taken where neither `--format` nor the name says it."""
OF_A_STEP = ("graph", "recording", "replay")
"""What is of one step, up to which the run is made."""


def add_export_options(command: argparse.ArgumentParser) -> None:
    """Declares the options that are the command's own."""
    command.add_argument("--what", metavar="W", required=True, help=f"one of {', '.join(FORMATS)}")
    formats = "; ".join(f"{what}: {', '.join(each)}" for what, each in FORMATS.items() if len(each) > 1)
    command.add_argument("--format", metavar="F", help=f"{formats}; what is not given is told by the name")
    command.add_argument(
        "--step",
        metavar="N",
        help="of graph, recording and replay: the step, counted from 0; of model: "
        "the weights that it begins with",
    )
    command.add_argument("--colors", metavar="C", help="of an SVG: light or dark")
    command.add_argument("-o", "--output", metavar="FILE", required=True, help="of tensorboard: a folder")
    command.add_argument("--force", action="store_true", help="replace a file of that name")
