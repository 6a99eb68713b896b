"""What a picture shows, in words."""

from __future__ import annotations

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


def axis_names(picture: Picture) -> list[str]:
    """Of what varies, across and up."""
    return [f"x{each}" for each in picture.plane.axes] or ["component 1", "component 2"]


def unit_text(picture: Picture, layer: int, unit: int) -> str:
    """One hidden unit in a sentence."""
    name = f"Hidden unit {unit}" if len(picture.hidden) == 1 else f"Unit {unit} of hidden layer {layer + 1}"
    if picture.dead[layer][unit]:
        return f"{name} is dead here: its ReLU gives 0 everywhere in this picture."
    values = picture.hidden[layer][unit]
    share = float((values > 0).mean())
    return f"{name} gives more than 0 on {share:.0%} of the picture, up to {values.max():.3g}."
