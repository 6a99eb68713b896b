"""What a picture shows, in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from playground.data.picture import Picture
from ui.widgets.number_text import show_whole

PURPOSE = "What the net gives for every input, with the examples that it is trained on."


def title_of(picture: Picture, recorded: bool) -> str:
    """Of which step: `"after 300 steps"`, `"as step 12 began"`."""
    if recorded:
        return f"as step {show_whole(picture.step)} began"
    return f"after {show_whole(picture.step)} step{'' if picture.step == 1 else 's'}"


def plane_text(picture: Picture) -> str:
    """What of several inputs is seen; "" where all are."""
    plane = picture.plane
    inputs = len(plane.origin)
    if plane.kind == "components":
        return f"two principal components of {inputs} inputs: {plane.share:.0%} of the variance"
    others = np.delete(plane.origin, plane.axes)
    if not others.size:
        return ""
    if len(others) == 1 and others[0] == 1:
        # What stages without biases have in place of them.
        return "the column of ones stays 1"
    return "the other inputs at their mean" if len(others) > 1 else "the other input at its mean"


@dataclass(frozen=True, slots=True)
class Names:
    """What inputs and outputs are called, where the data tell; else they have numbers.

    Attributes:
        inputs, outputs: in order; a column of ones may follow that has no name.
    """

    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()

    def input(self, number: int) -> str:
        """Of the input with this number."""
        return self.inputs[number] if number < len(self.inputs) else f"x{number}"

    def output(self, number: int) -> str:
        """Of the output with this number."""
        return self.outputs[number] if number < len(self.outputs) else f"y{number}"


def missing_text(step: int) -> str:
    """In place of the picture of a step that nobody can look into."""
    return (
        f"step {show_whole(step)} is not recorded, so its weights are not known. "
        "“Record this step” shows its picture; “Follow latest step” shows the newest."
    )


def kept_text(step: int) -> str:
    """In place of the picture of a step that was kept of another run."""
    return f"the kept step {show_whole(step)} is of another run, whose net is gone: there is no picture of it"


def lost_text(picture: Picture) -> str:
    """In place of a picture without a single number; "" where there is one."""
    if not picture.output.size or np.isfinite(picture.output).any():
        return ""
    return (
        f"after {show_whole(picture.step)} steps every output is NaN or infinite: the run has diverged. "
        "Earlier steps that are recorded still have a picture."
    )


def axis_names(picture: Picture, names: Names) -> list[str]:
    """Of what varies, across and up."""
    return [names.input(each) for each in picture.plane.axes] or ["component 1", "component 2"]


def unit_text(picture: Picture, layer: int, unit: int) -> str:
    """One hidden unit in a sentence."""
    name = f"Hidden unit {unit}" if len(picture.hidden) == 1 else f"Unit {unit} of hidden layer {layer + 1}"
    if picture.dead[layer][unit]:
        return f"{name} gives 0 on the whole picture."
    values = picture.hidden[layer][unit]
    share = float((values > 0).mean())
    return f"{name} gives more than 0 on {share:.0%} of the picture, up to {values.max():.3g}."
