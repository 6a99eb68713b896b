"""Colors and sizes of the window, in light and dark. Panels take every color from here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Theme:
    """One set of colors, each as `#rrggbb`.

    Attributes:
        dark: whether text is light on dark.
        window, surface, raised: backgrounds, from the outermost to the innermost.
        text, muted, faint: texts and lines, from the strongest to the weakest.
        disabled: texts and signs of what cannot be used now; also read on a raised field.
        border: thin lines between panels.
        edge: around buttons and fields.
        accent, on_accent: the one color that calls for attention, and text on it.
        info, warning, error: notices.
        warning_ground: behind what was changed, or is advised.
        parameter, data, operation, loss, backward, update: nodes of a graph, by what they are.
        plot: the loss curve, and further curves after it.
        syntax: color of each kind of token in the code (`keyword`, `string`, `comment`, `number`,
            `name`, `builtin`, `operator`, `decorator`).
    """

    dark: bool
    window: str
    surface: str
    raised: str
    text: str
    muted: str
    faint: str
    disabled: str
    border: str
    edge: str
    accent: str
    on_accent: str
    info: str
    warning: str
    warning_ground: str
    error: str
    parameter: str
    data: str
    operation: str
    loss: str
    backward: str
    update: str
    plot: tuple[str, ...]
    syntax: Mapping[str, str]


LIGHT = Theme(
    dark=False,
    window="#f1f3f7",
    surface="#ffffff",
    raised="#f7f8fb",
    text="#1a1f29",
    muted="#4c5668",
    faint="#8a94a6",
    disabled="#667085",
    border="#dce1ea",
    edge="#c3cad7",
    accent="#c2410c",
    on_accent="#ffffff",
    info="#1a64b4",
    warning="#8a5800",
    warning_ground="#fff0c7",
    error="#b3202c",
    parameter="#1a64b4",
    data="#4c5668",
    operation="#44526a",
    loss="#c2410c",
    backward="#6a3cbc",
    update="#18774b",
    plot=("#c2410c", "#1a64b4", "#18774b", "#6a3cbc", "#8a5800", "#0b7d83", "#b02a6f", "#596273"),
    syntax=MappingProxyType(
        {
            "keyword": "#8a2ba8",
            "string": "#1b7340",
            "comment": "#647084",
            "number": "#1a64b4",
            "name": "#1a1f29",
            "builtin": "#1a1f29",
            "operator": "#4c5668",
            "decorator": "#8a2ba8",
        }
    ),
)

DARK = Theme(
    dark=True,
    window="#101318",
    surface="#191d24",
    raised="#151920",
    text="#e8ebf1",
    muted="#b3bccb",
    faint="#66738a",
    disabled="#8e98a9",
    border="#2d3440",
    edge="#465062",
    accent="#ff8552",
    on_accent="#1e0f06",
    info="#74b3f7",
    warning="#f0c45a",
    warning_ground="#3b3015",
    error="#ff8087",
    parameter="#74b3f7",
    data="#b3bccb",
    operation="#a7b3c7",
    loss="#ff8552",
    backward="#bba0fa",
    update="#5fcb99",
    plot=("#ff8552", "#74b3f7", "#5fcb99", "#bba0fa", "#f0c45a", "#5ccfd6", "#f286b8", "#a3acbb"),
    syntax=MappingProxyType(
        {
            "keyword": "#dda0f0",
            "string": "#7fd3a2",
            "comment": "#8c97a9",
            "number": "#74b3f7",
            "name": "#e8ebf1",
            "builtin": "#e8ebf1",
            "operator": "#b3bccb",
            "decorator": "#dda0f0",
        }
    ),
)

Tone: TypeAlias = Callable[[Theme], str]
"""Picks a color, whichever theme is applied when it is asked."""


def text_tone(theme: Theme) -> str:
    """The color of most texts."""
    return theme.text


def muted_tone(theme: Theme) -> str:
    """The color of texts that explain others."""
    return theme.muted


def error_tone(theme: Theme) -> str:
    """The color of what has failed."""
    return theme.error


def update_tone(theme: Theme) -> str:
    """The color of what is updated, and of what is new."""
    return theme.update


def backward_tone(theme: Theme) -> str:
    """The color of gradients."""
    return theme.backward


def other(theme: Theme) -> Theme:
    """Light for dark, dark for light: what lies over the window is told from it by that."""
    return LIGHT if theme.dark else DARK


def _strengthened(theme: Theme) -> Theme:
    syntax = MappingProxyType({**theme.syntax, "comment": theme.muted})
    return replace(theme, disabled=theme.muted, syntax=syntax)


_FROM_AFAR = {each.dark: _strengthened(each) for each in (LIGHT, DARK)}


def told_from_afar(theme: Theme) -> Theme:
    """The same colors, but nothing that is read is weaker than a caption."""
    return _FROM_AFAR[theme.dark]


def toast_ground(theme: Theme) -> str:
    """Behind what lies over the window."""
    return theme.text if theme.dark else "#20262f"


_applied = LIGHT


def current_theme() -> Theme:
    """The theme that the application wears now: what paints itself asks while it paints."""
    return _applied


def set_current_theme(theme: Theme) -> None:
    """Of `apply_theme` alone, which tells the widgets as well."""
    global _applied
    _applied = theme
