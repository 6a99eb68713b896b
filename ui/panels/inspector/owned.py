"""The section that lists the parameters which the program owns, with their shapes and counts."""

from __future__ import annotations

import math

from PySide6.QtCore import Signal

from playground.graph.sizes import shape_text
from playground.recording.model import ParameterRecord, Recording
from ui.panels.inspector.moment import Moment
from ui.panels.inspector.parts import Link, Section, reveal
from ui.style.theme import muted_tone
from ui.widgets.number_text import show_whole

_MOST = 40


class ParametersSection(Section):
    """A line for each parameter, and their number.

    Signals:
        node_chosen(str): the user followed the line of a parameter to its node.
    """

    node_chosen = Signal(str)

    def __init__(self) -> None:
        """Hidden at first."""
        super().__init__("inspector_parameters", "Parameters")
        self._links: list[Link] = []
        self._keys: list[str] = []
        self._more = self.add_text(muted_tone)
        self._shown: tuple[tuple[str, tuple[int, ...], str | None], ...] = ()

    def show_moment(self, moment: Moment) -> None:
        """Lists the parameters of that moment's step; hides if it has none."""
        recording = moment.recording
        parameters = () if recording is None else recording.parameters
        reveal(self, bool(parameters))
        shown = tuple((each.name, each.before.shape, each.node) for each in parameters)
        if recording is None or not parameters or shown == self._shown:
            return
        self._shown = shown
        self.set_heading(heading(recording))
        self._keys = [each.node or "" for each in parameters[:_MOST]]
        while len(self._links) < len(self._keys):
            self._add_link()
        for number, link in enumerate(self._links):
            link.set_text(_line(parameters[number]) if number < len(self._keys) else "")
            link.setEnabled(number < len(self._keys) and bool(self._keys[number]))
        rest = len(parameters) - _MOST
        self._more.set_text(f"… and {rest} more" if rest > 0 else "")

    def _add_link(self) -> None:
        number = len(self._links)
        link = Link()
        link.setObjectName("parameter_link")
        link.clicked.connect(lambda: self.node_chosen.emit(self._keys[number]))
        self.insert(1 + number, link)
        self._links.append(link)


def heading(recording: Recording) -> str:
    """How many parameters there are, and how many numbers: `"4 parameters, 101 110 numbers"`."""
    count = len(recording.parameters)
    numbers = sum(math.prod(each.before.shape) for each in recording.parameters)
    return f"{count} parameter{'' if count == 1 else 's'}, {show_whole(numbers)} numbers"


def _line(parameter: ParameterRecord) -> str:
    shape = parameter.before.shape
    count = math.prod(shape)
    return f"{parameter.name}   {shape_text(shape)}" + (f" = {show_whole(count)}" if len(shape) > 1 else "")
