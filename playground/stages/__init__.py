"""The eight programs of the ladder, in its order; each adds one idea to the one above it.

This file only describes them: it loads neither NumPy nor torch. `playground.program` loads one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Stage:
    """What the program needs to know of a stage before it runs.

    Attributes:
        name: as the command line writes it.
        title: as the window writes it.
        adds: what is new against the rung above, in one line.
        learning_rate: the document's.
        optimizer: class name in `torch.optim`, or None where the update is written by hand.
        optimizer_options: the document's numbers that differ from the optimizer's defaults.
        on_any_device: False where only the CPU will do.
        builds_graph: False where autograd takes no part: a trace is drawn instead.
        has_depth: whether the depth range has a meaning.
        path: of the file that holds its program, where that is not the stage's own.
    """

    name: str
    title: str
    adds: str
    learning_rate: float
    optimizer: str | None = None
    optimizer_options: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    on_any_device: bool = True
    builds_graph: bool = True
    has_depth: bool = False
    path: str = ""

    @property
    def has_optimizer(self) -> bool:
        """Whether a class of `torch.optim` makes the update."""
        return self.optimizer is not None

    @property
    def source_file(self) -> Path:
        """The file that holds its program."""
        if self.path:
            return Path(self.path)
        # A file called numpy.py would be taken for NumPy by every program beside it.
        name = "with_numpy" if self.name == "numpy" else self.name
        return Path(__file__).with_name(f"{name}.py")


STAGES: tuple[Stage, ...] = (
    Stage(
        name="numpy",
        title="NumPy",
        adds="everything by hand",
        learning_rate=1e-6,
        on_any_device=False,
        builds_graph=False,
    ),
    Stage(
        name="tensor",
        title="Tensors",
        adds="the same with PyTorch tensors",
        learning_rate=1e-6,
        builds_graph=False,
    ),
    Stage(
        name="autograd",
        title="autograd",
        adds="PyTorch records the graph; backward() walks it",
        learning_rate=1e-6,
    ),
    Stage(
        name="function",
        title="Function",
        adds="your own operation, with its own backward",
        learning_rate=1e-6,
    ),
    Stage(
        name="nn",
        title="nn",
        adds="layers that hold their weights",
        learning_rate=1e-4,
    ),
    Stage(
        name="optim",
        title="optim",
        adds="an optimizer makes the update",
        learning_rate=1e-4,
        optimizer="Adam",
    ),
    Stage(
        name="module",
        title="Module",
        adds="your own nn.Module",
        learning_rate=1e-4,
        optimizer="SGD",
    ),
    Stage(
        name="dynamic",
        title="DynamicNet",
        adds="a loop in forward uses one layer 0 to 3 times",
        learning_rate=1e-4,
        optimizer="SGD",
        optimizer_options=MappingProxyType({"momentum": 0.9}),
        has_depth=True,
    ),
)


OWN = "own"
"""Stands for the stage's name where a file of the user's own runs."""


def own_stage(path: str) -> Stage:
    """How a file of the user's own is described: what it runs on, and how it updates, is its own affair."""
    return Stage(OWN, Path(path).name, "your own file", 1e-6, on_any_device=False, path=path)


def stage_named(name: str) -> Stage | None:
    """The stage of that name, or None."""
    return next((stage for stage in STAGES if stage.name == name), None)
