"""The panels of the window: what each is called, where its class and its binding are, and where it stands.

A new panel is a package in `ui/panels`, a file in `ui/bindings`, and a line here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from importlib import import_module
from typing import Any


class Area(Enum):
    """Where a panel stands; those of one area stand in the order of the registry."""

    TOOLBAR = auto()
    LEFT = auto()
    BANNER = auto()
    """Above the middle, where there is something to say."""
    VIEW = auto()
    """Tabs that take most of the middle."""
    MIDDLE = auto()
    """Below these, one under the other."""
    BOTTOM = auto()
    """Below the middle, at the left."""
    BOTTOM_TAB = auto()
    """Tabs beside that."""
    RIGHT = auto()
    TOAST = auto()
    """Lies over the lower right corner of the middle, above the ones before, and moves nothing."""
    OVERLAY = auto()
    """Lies over the window where it likes."""
    WINDOW = auto()
    """A window of its own, which is kept when it is closed."""
    DIALOG = auto()
    """A dialog, made anew each time."""


class Made(Enum):
    """When a panel is made."""

    AT_ONCE = auto()
    """Before the window is painted for the first time."""
    PAINTED = auto()
    """Right after: it takes long to load."""
    ASKED = auto()
    """When the user wants it for the first time."""


@dataclass(frozen=True, slots=True)
class PanelSpec:
    """One panel.

    Attributes:
        name: as the bindings call it.
        panel, binding: `module:class`.
        area: where it stands.
        made: when it is made.
        bound: when it is connected, if that is later.
        object_name: for tests and those who find widgets by name; "" if the panel has its own.
        title: of its tab or window.
        height, width: of its place before it is made, in pixels, or of its window.
        absent: whether it has no place until its binding wants it to.
    """

    name: str
    panel: str
    binding: str
    area: Area
    made: Made = Made.PAINTED
    bound: Made | None = None
    object_name: str = ""
    title: str = ""
    height: int = 0
    width: int = 0
    absent: bool = False


PANELS: tuple[PanelSpec, ...] = (
    PanelSpec(
        "toolbar",
        "ui.panels.toolbar:RunBar",
        "ui.bindings.toolbar:ToolbarBinding",
        Area.TOOLBAR,
        Made.AT_ONCE,
    ),
    PanelSpec(
        "ladder", "ui.panels.ladder:StageLadder", "ui.bindings.ladder:LadderBinding", Area.LEFT, Made.AT_ONCE
    ),
    PanelSpec(
        "settings",
        "ui.panels.settings:SettingsPanel",
        "ui.bindings.settings:SettingsBinding",
        Area.LEFT,
        Made.AT_ONCE,
    ),
    PanelSpec(
        "what_if",
        "ui.panels.what_if:WhatIfBanner",
        "ui.bindings.what_if:WhatIfBinding",
        Area.BANNER,
        absent=True,
    ),
    PanelSpec(
        "graph",
        "ui.panels.graph:GraphView",
        "ui.bindings.graph:GraphBinding",
        Area.VIEW,
        object_name="graph_view",
        title="Graph",
    ),
    PanelSpec(
        "filmstrip", "ui.panels.filmstrip:Filmstrip", "ui.bindings.filmstrip:FilmstripBinding", Area.MIDDLE
    ),
    PanelSpec(
        "step",
        "ui.panels.step:StepBar",
        "ui.bindings.step:StepBinding",
        Area.MIDDLE,
        Made.AT_ONCE,
        Made.PAINTED,
    ),
    PanelSpec(
        "replay", "ui.panels.replay:WalkBar", "ui.bindings.replay:ReplayBinding", Area.MIDDLE, height=31
    ),
    PanelSpec(
        "loss",
        "ui.panels.loss:LossPlot",
        "ui.bindings.loss:LossBinding",
        Area.BOTTOM,
        object_name="loss_plot",
    ),
    PanelSpec(
        "health",
        "ui.panels.health:HealthPanel",
        "ui.bindings.health:HealthBinding",
        Area.BOTTOM_TAB,
        title="Health",
    ),
    PanelSpec(
        "picture",
        "ui.panels.picture:PictureView",
        "ui.bindings.picture:PictureBinding",
        Area.VIEW,
        title="Picture",
    ),
    PanelSpec(
        "events",
        "ui.panels.events:EventList",
        "ui.bindings.events:EventsBinding",
        Area.BOTTOM_TAB,
        title="Events",
    ),
    PanelSpec(
        "output",
        "ui.panels.output:OutputPanel",
        "ui.bindings.output:OutputBinding",
        Area.BOTTOM_TAB,
        title="Output",
    ),
    PanelSpec(
        "runs", "ui.panels.runs:RunsPanel", "ui.bindings.runs:RunsBinding", Area.BOTTOM_TAB, title="Runs"
    ),
    PanelSpec(
        "landscape",
        "ui.panels.landscape:LandscapeView",
        "ui.bindings.landscape:LandscapeBinding",
        Area.VIEW,
        title="Landscape",
    ),
    PanelSpec(
        "weights",
        "ui.panels.weights:WeightsView",
        "ui.bindings.weights:WeightsBinding",
        Area.VIEW,
        title="Weights",
    ),
    PanelSpec(
        "differences",
        "ui.panels.loss.difference:DifferencePlot",
        "ui.bindings.differences:DifferencesBinding",
        Area.BOTTOM_TAB,
        object_name="difference_plot",
        title="Differences",
        absent=True,
    ),
    PanelSpec("code", "ui.panels.code:CodeView", "ui.bindings.code:CodeBinding", Area.RIGHT, Made.AT_ONCE),
    PanelSpec(
        "inspector",
        "ui.panels.inspector:Inspector",
        "ui.bindings.inspector:InspectorBinding",
        Area.RIGHT,
        object_name="inspector",
    ),
    PanelSpec(
        "notices",
        "ui.panels.notices:Toast",
        "ui.bindings.notices:NoticesBinding",
        Area.TOAST,
        Made.AT_ONCE,
    ),
    PanelSpec(
        "file_progress",
        "ui.panels.file_progress:FileProgress",
        "ui.bindings.file_progress:FileProgressBinding",
        Area.TOAST,
    ),
    PanelSpec(
        "keys", "ui.panels.keys:PressedKeys", "ui.bindings.keys:KeysBinding", Area.OVERLAY, Made.AT_ONCE
    ),
    PanelSpec(
        "told",
        "ui.panels.notices:NoticeList",
        "ui.bindings.notices:NoticeListBinding",
        Area.WINDOW,
        Made.ASKED,
        title="Notices",
        width=560,
        height=360,
    ),
    PanelSpec(
        "run_all",
        "ui.panels.run_all:RunAllDialog",
        "ui.bindings.run_all:RunAllBinding",
        Area.DIALOG,
        Made.ASKED,
    ),
    PanelSpec(
        "setup",
        "ui.panels.setup:SetupDialog",
        "ui.bindings.setup:SetupBinding",
        Area.DIALOG,
        Made.ASKED,
    ),
    PanelSpec(
        "setup_code",
        "ui.panels.setup_code:SetupCode",
        "ui.bindings.setup:SetupCodeBinding",
        Area.DIALOG,
        Made.ASKED,
    ),
    PanelSpec(
        "rosetta",
        "ui.panels.rosetta:RosettaView",
        "ui.bindings.rosetta:RosettaBinding",
        Area.WINDOW,
        Made.ASKED,
        title="Two stages side by side",
        width=1200,
        height=760,
    ),
    PanelSpec(
        "costs",
        "ui.panels.costs:CostsView",
        "ui.bindings.costs:CostsBinding",
        Area.WINDOW,
        Made.ASKED,
        title="Time and memory per stage",
        width=760,
        height=520,
    ),
    PanelSpec(
        "two_programs",
        "ui.panels.two_programs:TwoProgramsView",
        "ui.bindings.two_programs:TwoProgramsBinding",
        Area.WINDOW,
        Made.ASKED,
        title="Two programs",
        width=1200,
        height=780,
    ),
    PanelSpec(
        "faults",
        "ui.panels.faults:FaultsView",
        "ui.bindings.faults:FaultsBinding",
        Area.WINDOW,
        Made.ASKED,
        title="Break it",
        width=1200,
        height=780,
    ),
    PanelSpec(
        "devices",
        "ui.panels.devices:DevicesView",
        "ui.bindings.devices:DevicesBinding",
        Area.WINDOW,
        Made.ASKED,
        title="What runs where",
        width=760,
        height=520,
    ),
)


def panel_named(name: str) -> PanelSpec:
    """The panel of that name.

    Raises:
        KeyError: there is none.
    """
    for spec in PANELS:
        if spec.name == name:
            return spec
    raise KeyError(name)


def loaded(place: str) -> Any:
    """The class that `module:class` names; its module is imported if it has not been yet."""
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)
