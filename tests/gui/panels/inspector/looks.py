"""Recordings that the inspector shows, and what is seen of it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from PySide6.QtWidgets import QWidget

from playground.recording.model import Recording
from playground.settings import make_settings
from playground.trainer import Trainer
from ui.panels.inspector.panel import Inspector
from ui.widgets.tensor.card import TensorCard

SHARED = "middle_linear.weight"


@cache
def recorded(stage: str) -> Recording:
    """A real step at the sizes of the document."""
    options = {"depth": (2, 2)} if stage == "dynamic" else {}
    recording = Trainer(make_settings(stage=stage, **options)).record_step()
    assert recording is not None
    return recording


def show(inspector: Inspector, recording: Recording, key: str | None, event: int | None) -> None:
    inspector.show_at(recording.graph, key, recording, event)


def cards(section: QWidget) -> Iterator[TensorCard]:
    return (card for card in section.findChildren(TensorCard) if card.isVisible())
