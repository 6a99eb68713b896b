"""What the net gives over a plane of inputs: a picture of what it has learned."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from playground.data.forward_lines import ForwardLines, NoForwardLinesError, Values, as_array
from playground.data.own_net import OwnNet, own_net
from playground.data.plane import Plane, plane_of
from playground.data.weight_path import newest
from playground.data.weights import NetCopy, Weights, weights_of
from playground.settings import Settings
from playground.trainer import Trainer

if TYPE_CHECKING:
    from playground.recording.model import Recording

SIZE = 64
MOST_WEIGHTS = 500_000
"""So many numbers are copied with a picture: in less than a millisecond."""
LARGEST_SIZE = 1024


class PictureError(ValueError):
    """Why there is no picture, in one line."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """Plain data: what a net gives over a plane, at one step.

    Attributes:
        plane: over which.
        step: how many steps had been made.
        output: shape (outputs, size) along a line, (outputs, size, size) over a plane, whose rows go from
            top to bottom.
        hidden: the same for the units of each use of a hidden layer, behind the ReLU; none if not asked for.
        places, targets: of the examples that are trained on, shapes (rows, 1 or 2) and (rows, outputs); of a
            program of the user's own no targets are known: none.
        test_places, test_targets: the same of those that are held out; None where none are.
        weights: of the net, by name; none where they are not known, or more than `MOST_WEIGHTS`.
    """

    plane: Plane
    step: int
    output: NDArray[np.floating]
    hidden: tuple[NDArray[np.floating], ...]
    places: NDArray[np.float64]
    targets: NDArray[np.floating]
    test_places: NDArray[np.float64] | None = None
    test_targets: NDArray[np.floating] | None = None
    weights: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    @property
    def classes(self) -> NDArray[np.int64]:
        """The largest of several outputs, or whether the only one is above 0; shape of one output."""
        if len(self.output) == 1:
            above: NDArray[np.int64] = (self.output[0] > 0).astype(np.int64)
            return above
        return np.asarray(self.output.argmax(0), np.int64)

    @property
    def dead(self) -> tuple[NDArray[np.bool_], ...]:
        """Of each use of a hidden layer, which units give nothing anywhere on the plane."""
        return tuple(np.asarray(~each.reshape(len(each), -1).any(1)) for each in self.hidden)


class PictureMaker:
    """Makes pictures of one run, on the thread that runs it, between two of its steps."""

    def __init__(self, trainer: Trainer, axes: Sequence[int] = ()) -> None:
        """Looks for the net and for the data, over which the plane is laid; see `plane_of`.

        Raises:
            PictureError: of a program of the user's own, that it has no net that can be called by itself;
                axes that are not there.
        """
        self._trainer = trainer
        driver = trainer.started()
        own = trainer.settings.own is not None
        try:
            self._lines = None if own else ForwardLines(trainer.program, driver)
            self._own = own_net(trainer.program, driver) if own else None
            x, y = self._data()
            self.plane = plane_of(x, axes)
        except (NoForwardLinesError, ValueError) as error:
            raise PictureError(str(error)) from None
        self._places, self._targets = self.plane.places(x), y if self._own is None else y[:0]
        test = None if self._lines is None else self._lines.test_data()
        self._test = (None, None) if test is None else (self.plane.places(test[0]), test[1])
        self._copy: NetCopy | None = None

    def picture(self, size: int = SIZE, hidden: bool = False) -> Picture:
        """What the net gives now; at 128 × 128 points with 100 hidden units in some milliseconds.

        Args:
            size: points a side.
            hidden: whether the hidden units are wanted, too.
        """
        source = self._own if self._lines is None else self._lines
        assert source is not None, "one of the two is there"
        weights = self._weights_now() if hidden else {}
        return self._made(source, self._trainer.history.length, size, hidden, weights)

    def recorded(self, recording: Recording, size: int = SIZE, hidden: bool = False) -> Picture:
        """What the net gave with the weights that a recorded step of the same run began with.

        Raises:
            PictureError: the weights were too large to be kept, or are not those of the net.
        """
        weights = weights_of(recording)
        if not weights or len(weights) < len(recording.parameters):
            raise PictureError("the weights of this step are too large to be kept")
        if self._own is not None:
            try:
                return self._made(self._own.at(weights), recording.step, size, hidden, weights)
            except NoForwardLinesError as error:
                raise PictureError(str(error)) from None
        if self._copy is None:
            self._copy = NetCopy(self._trainer.program, self._trainer.started())
        self._copy.put(weights)
        with self._copy.depth(recording.depth):
            return self._made(self._copy.lines, recording.step, size, hidden, weights)

    def _weights_now(self) -> Mapping[str, Values]:
        """Those of the newest step."""
        variables, parameters = self._trainer.trained()
        numbers = sum(math.prod(getattr(each, "shape", ())) for each in parameters.values())
        if numbers > MOST_WEIGHTS:
            return {}
        return {name: as_array(newest(name, each, variables)) for name, each in parameters.items()}

    def _made(
        self, source: ForwardLines | OwnNet, step: int, size: int, hidden: bool, weights: Weights
    ) -> Picture:
        points = self.plane.grid(size)
        units: tuple[Values, ...] = ()
        if hidden or isinstance(source, OwnNet):
            output, units = source.output_and_hidden(points)
        else:
            output = source.output(points)
        return Picture(
            self.plane,
            step,
            self.plane.shaped(output, size),
            tuple(self.plane.shaped(each, size) for each in units) if hidden else (),
            self._places,
            self._targets,
            test_places=self._test[0],
            test_targets=self._test[1],
            weights=weights,
        )

    def _data(self) -> tuple[Any, Any]:
        source = self._own if self._lines is None else self._lines
        assert source is not None
        return source.data()


def picture_of(settings: Settings, steps: int, size: int = SIZE, axes: Sequence[int] = ()) -> Picture:
    """Trains from the beginning, and makes a picture of what was learned.

    Raises:
        PictureError: there is no picture of this program.
        Exception: whatever the program raises.
    """
    from playground.own_trainer import trainer_of

    trainer = trainer_of(settings)
    try:
        for _ in range(steps):
            trainer.step()
        return PictureMaker(trainer, axes).picture(size)
    finally:
        trainer.close()
