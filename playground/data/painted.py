"""Examples that the user has painted, as a value that a run is made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, FiniteFloat
from pydantic.dataclasses import dataclass

MOST_POINTS = 500
"""They stand in the program's text, one by one."""
MOST_CLASSES = 10
ALLOWED = f"1 to {MOST_POINTS} points of one or two inputs and a target"

Number = Annotated[FiniteFloat, AfterValidator(lambda value: value + 0.0)]
"""Never -0, which would be written like 0."""


@dataclass(frozen=True)
class PaintedData:
    """Points that were painted.

    Attributes:
        points: the inputs of each, and its target: the number itself, or of several columns of y the number
            of the one that is 1.
        inputs: columns of x.
        columns: columns of y.
    """

    points: tuple[tuple[Number, ...], ...] = Field(min_length=1, max_length=MOST_POINTS)
    inputs: int = Field(ge=1, le=2)
    columns: int = Field(default=1, ge=1, le=MOST_CLASSES)

    def __post_init__(self) -> None:
        """Refuses points that do not fit the columns; raises ValueError."""
        numbers = set(map(float, range(self.columns)))
        for point in self.points:
            if len(point) != self.inputs + 1 or (self.columns > 1 and point[-1] not in numbers):
                raise ValueError("has a point that does not fit")

    @property
    def classes(self) -> int:
        """How many classes the targets tell apart; 0 where they are numbers."""
        if self.columns > 1:
            return self.columns
        return 2 if all(point[-1] in (-1.0, 1.0) for point in self.points) else 0
