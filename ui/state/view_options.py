"""How the user has arranged the window and its views; what is kept from one start to the next."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, field_serializer, field_validator
from PySide6.QtCore import QObject, Signal

from playground.pace import DEFAULT_POSITION, PACES

Hideable = Literal["graph", "loss", "details", "code", "inspector", "ladder", "settings"]
HIDEABLE: tuple[Hideable, ...] = get_args(Hideable)
"""Panels that the user can hide, by their names in the registry; "details" are the tabs."""
Base64 = Annotated[str, Field(max_length=65_536, pattern=r"^[A-Za-z0-9+/]*={0,2}$")]


class ViewOptions(BaseModel):
    """One of these is in force at a time; an option more is a field here and a line in its panel's binding.

    Attributes:
        appearance: light, dark, or as the desktop.
        geometry: what `QWidget.saveGeometry` gave, in base64; "" for none.
        splitters: what `QSplitter.saveState` gave, in base64, by name.
        logarithmic: whether the loss is drawn on a logarithmic scale.
        smoothing: steps of the average that is drawn; 0 for none.
        in_seconds: whether the axis counts seconds.
        by_depth: whether steps are colored by depth.
        pace: position of the pace slider, from 0.
        motion: whether what happens in a step is played, and pulses run over the graph.
        hidden: panels that are hidden, never all of them.
        projector: whether everything is larger, for those who look from afar.
        drawer: whether the settings lie over the graph then, for which there is no other place.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    appearance: Literal["desktop", "light", "dark"] = "desktop"
    geometry: Base64 = ""
    splitters: dict[str, Base64] = Field(default_factory=dict)
    logarithmic: bool = True
    smoothing: int = Field(default=0, ge=0)
    in_seconds: bool = False
    by_depth: bool = False
    pace: int = Field(default=DEFAULT_POSITION, ge=0, lt=len(PACES))
    motion: bool = True
    hidden: frozenset[Hideable] = frozenset()
    projector: bool = False
    drawer: bool = False

    @field_validator("hidden")
    @classmethod
    def _one_stays(cls, hidden: frozenset[Hideable]) -> frozenset[Hideable]:
        if len(hidden) == len(HIDEABLE):
            raise ValueError("every panel is hidden; at least one must be shown")
        return hidden

    @field_serializer("hidden")
    def _in_order(self, hidden: frozenset[Hideable]) -> list[str]:
        return [name for name in HIDEABLE if name in hidden]


class View(QObject):
    """Holds the options in force.

    Attributes:
        options: as they are now.

    Signals:
        changed(object): the ViewOptions that have come into force.
    """

    changed = Signal(object)

    def __init__(self, options: ViewOptions | None = None, parent: QObject | None = None) -> None:
        """The defaults are in force if none are given."""
        super().__init__(parent)
        self.options = options or ViewOptions()

    def change(self, **values: object) -> None:
        """Gives some options other values.

        Raises:
            pydantic.ValidationError: a value that its option does not allow, or no such option.
        """
        new = ViewOptions.model_validate({**self.options.model_dump(), **values})
        if new != self.options:
            self.options = new
            self.changed.emit(new)

    def switch_panel(self, name: Hideable) -> bool:
        """Hides a panel, or shows it again; False if it is the last that is shown."""
        if name == "settings" and self.options.projector:
            self.change(drawer=not self.options.drawer)
            return True
        hidden = self.options.hidden ^ {name}
        if len(hidden | ({"settings"} if self.options.projector else set())) == len(HIDEABLE):
            return False
        self.change(hidden=hidden)
        return True
