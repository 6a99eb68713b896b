"""Colors and sizes of the window, in light and dark. Panels take every color from here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
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
        accent, on_accent: the one color that calls for attention, and text on it.
        info, warning, error: notices.
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
    accent: str
    on_accent: str
    info: str
    warning: str
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
    window="#f3f4f7",
    surface="#ffffff",
    raised="#f8f9fb",
    text="#1b1f27",
    muted="#596273",
    faint="#8b94a4",
    disabled="#727b8c",
    border="#d8dce4",
    accent="#c93c0e",
    on_accent="#ffffff",
    info="#1f5fb8",
    warning="#8a5a00",
    error="#b3261e",
    parameter="#1d6fb8",
    data="#5d6778",
    operation="#3f4757",
    loss="#c93c0e",
    backward="#7b3fb5",
    update="#1b7f4d",
    plot=("#c93c0e", "#1d6fb8", "#1b7f4d", "#7b3fb5", "#8a5a00", "#0b7d83", "#b02a6f", "#596273"),
    syntax=MappingProxyType(
        {
            "keyword": "#8b2fa8",
            "string": "#2b7a2f",
            "comment": "#6b7484",
            "number": "#b04a00",
            "name": "#1b1f27",
            "builtin": "#1d5fa8",
            "operator": "#596273",
            "decorator": "#1d5fa8",
        }
    ),
)

DARK = Theme(
    dark=True,
    window="#16181d",
    surface="#1e2128",
    raised="#262a33",
    text="#e7eaf0",
    muted="#a3acbb",
    faint="#7b8494",
    disabled="#99a2b1",
    border="#343945",
    accent="#ff7a4d",
    on_accent="#1b1109",
    info="#7db4ff",
    warning="#f0b95a",
    error="#ff8b82",
    parameter="#6cb4f5",
    data="#a3acbb",
    operation="#c9cfda",
    loss="#ff7a4d",
    backward="#c79bf2",
    update="#62cf96",
    plot=("#ff7a4d", "#6cb4f5", "#62cf96", "#c79bf2", "#f0b95a", "#5ccfd6", "#f286b8", "#a3acbb"),
    syntax=MappingProxyType(
        {
            "keyword": "#d69cf0",
            "string": "#8fd49a",
            "comment": "#8b94a4",
            "number": "#f0a870",
            "name": "#e7eaf0",
            "builtin": "#82bdf7",
            "operator": "#a3acbb",
            "decorator": "#82bdf7",
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


def backward_tone(theme: Theme) -> str:
    """The color of gradients."""
    return theme.backward


_applied = LIGHT


def current_theme() -> Theme:
    """The theme that the application wears now: what paints itself asks while it paints."""
    return _applied


def set_current_theme(theme: Theme) -> None:
    """Of `apply_theme` alone, which tells the widgets as well."""
    global _applied
    _applied = theme
