"""The commands about data: `data`, `picture`, and the options of data beside a stage's."""

from __future__ import annotations

import argparse
import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from playground.data.catalog import BY_NAME, DATA_SETS, NAMES, RANDOM
from playground.data.defaults import data_defaults
from playground.setting_specs import LARGEST_STEPS
from playground.settings import Settings, SettingsError, make_settings, quoted

if TYPE_CHECKING:
    from playground.data.picture import Picture

OPTIONS = ("inputs", "targets", "points")
"""Options of data that are no settings by themselves."""
LARGEST_PICTURE = 1024
TRAIN_JSON = (
    "an object a line; with --test-share its test_loss is the program's own loss of all rows held out: where "
    "that is a sum (as in the stages), times rows a step sees / rows held out compares with the loss"
)
_OF_SETS = ("formula", "noise", "standardize", "ones")


class DataOptionError(ValueError):
    """A value that is not allowed, in one line that names the option."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options that choose from the data; the others are settings."""
    group = parser.add_argument_group("data", "beside --data; sizes and numbers not given follow the data")
    columns = "of a file: the columns or arrays that become {}, with commas between them"
    group.add_argument("--inputs", metavar="A,B", help=columns.format("x"))
    group.add_argument("--targets", metavar="C", help=columns.format("y"))
    group.add_argument("--points", metavar="N", help="how many examples; the same as --batch-size")


def print_data(as_json: bool) -> None:
    """Prints every set: its name, what it is, its sizes."""
    if as_json:
        keys = ("name", "title", "sentence", "inputs", "outputs", "classes", "points", "noise")
        plain = [{key: getattr(each, key) for key in keys} for each in DATA_SETS]
        print(json.dumps(plain, ensure_ascii=False))
        return
    width = max(map(len, NAMES))
    for each in DATA_SETS:
        print(f"{each.name:{width}}  {each.title}")
        print(f"{'':{width}}  {each.sentence}")


def with_data_options(
    arguments: argparse.Namespace, values: dict[str, object], fill: bool = True
) -> dict[str, object]:
    """The settings that were given, with what the options of data say and what the data bring along.

    Args:
        arguments: as typed.
        values: settings by name, as typed.
        fill: whether numbers that are not given become those with which the data are learned.

    Raises:
        DataOptionError: an option that this data has no use for.
        SettingsError: a file that cannot be used.
    """
    name = str(values.get("data", RANDOM))
    values = dict(values)
    points = getattr(arguments, "points", None)
    if points is not None:
        if "batch_size" in values:
            raise DataOptionError(
                f"--points: {quoted(points)} is not allowed beside --batch-size, which is the same"
            )
        values["batch_size"] = points
    _refuse_unused(arguments, values, name)
    if name not in BY_NAME and (Path(name).suffix or Path(name).exists()):
        from playground.data.files import file_for

        chosen = file_for(name, _names(arguments.inputs), _names(arguments.targets))
        values.update(data="file", data_file=chosen.file)
        rows = values.setdefault("batch_size", chosen.rows)
        if str(rows).isascii() and str(rows).isdigit() and int(str(rows)) > chosen.rows:
            raise SettingsError("batch_size", f"{quoted(rows)} is not allowed; {name} has {chosen.rows} rows")
    return {**data_defaults(values), **values} if fill else values


def _names(text: str | None) -> tuple[str, ...]:
    """Names of columns between commas."""
    return () if text is None else tuple(each.strip() for each in text.split(","))


def _refuse_unused(arguments: argparse.Namespace, values: dict[str, object], name: str) -> None:
    chosen = BY_NAME.get(name)
    for option in ("inputs", "targets"):
        value = getattr(arguments, option, None)
        if value is not None and chosen is not None:
            raise DataOptionError(f"--{option}: {quoted(value)} is not allowed; allowed: with --data FILE")
    for field in _OF_SETS:
        used = name != RANDOM
        if field == "noise":
            used = chosen is not None and chosen.noise is not None
        elif field == "formula":
            used = chosen is not None and bool(chosen.formula)
        elif field == "ones":
            used = name != RANDOM and (chosen is None or chosen.inputs is not None)
        if field in values and not used:
            raise SettingsError(
                field, f"{quoted(values[field])} is not allowed; the data {name!r} has no use for it"
            )
    if name != RANDOM and (chosen is None or chosen.inputs is not None):
        for field in ("input_size", "output_size"):
            if field in values:
                raise SettingsError(
                    field, f"{quoted(values[field])} is not allowed; it follows from the data {name!r}"
                )


def add_picture_options(parser: argparse.ArgumentParser) -> None:
    """Adds what `picture` takes besides a stage's settings."""
    group = parser.add_argument_group("the picture")
    group.add_argument(
        "--size", default="64", metavar="N", help=f"points a side, from 2 to {LARGEST_PICTURE}"
    )
    group.add_argument("--axes", metavar="A,B", help="numbers of the inputs that vary, one or two, from 0")
    group.add_argument("--format", default="png", choices=("npy", "png"))
    group.add_argument("-o", "--output", metavar="FILE", required=True, help="where it is written")


def write_picture(arguments: argparse.Namespace, settings: Settings) -> None:
    """Trains, writes what the net gives over the plane, and says on standard error what is to be seen.

    Raises:
        DataOptionError: a value that is not allowed, a program without a picture, a file that cannot be
            written.
    """
    from playground.data.picture import PictureError, picture_of
    from playground.threads import Threads

    size = _whole("size", arguments.size, 2, LARGEST_PICTURE)
    words = [] if arguments.axes is None else arguments.axes.split(",")
    axes = tuple(_whole("axes", each, 0, 65_535) for each in words)
    Threads().use(settings)
    try:
        picture = picture_of(settings, settings.steps, size, axes)
    except PictureError as error:
        raise DataOptionError(f"--axes: {error}" if axes else f"picture: {error}") from None
    about = words_of(picture)
    content = _png(picture, about) if arguments.format == "png" else _npy(picture)
    try:
        Path(arguments.output).write_bytes(content)
    except OSError as error:
        raise DataOptionError(
            f"--output: {quoted(arguments.output)} cannot be written: {error.strerror or error}"
        ) from None
    print("\n".join(f"{key}: {word}" for key, word in about.items()), file=sys.stderr)


def write_picture_of_own(arguments: argparse.Namespace) -> None:
    """The same for a program of the user's own, given by `--program`."""
    from playground.own_program import OwnProgram
    from playground.programs.parse import read_text

    steps = steps_wanted(arguments) or 500
    path = Path(arguments.program)
    own = OwnProgram(str(path.resolve()), read_text(path), arguments.args or "")
    write_picture(arguments, make_settings(stage="own", own=own, steps=steps))


def steps_wanted(arguments: argparse.Namespace) -> int | None:
    """The most steps to be made of a program, whose text knows nothing of them; None if none were given."""
    return None if arguments.steps is None else _whole("steps", arguments.steps, 1, LARGEST_STEPS)


def _whole(option: str, text: str, least: int, most: int) -> int:
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) < 12 and least <= int(digits) <= most):
        raise DataOptionError(
            f"--{option}: {quoted(text)} is not allowed; allowed: a whole number from {least} to {most}"
        )
    return int(digits)


def words_of(picture: Picture) -> dict[str, str]:
    """What is to be known to read a picture, by keywords."""
    from playground.data.coloring import output_range

    plane = picture.plane
    names = [f"input {each}" for each in plane.axes] or ["component 1", "component 2"]
    words = {
        "Rows": "from top to bottom",
        "Output": "{:.6g} to {:.6g}".format(*output_range(picture)),
        "Steps": str(picture.step),
    }
    for side, name, (low, high) in zip(("Across", "Up"), names, plane.ranges, strict=False):
        words[side] = f"{name} from {low:.6g} to {high:.6g}"
    if plane.kind == "components":
        words["Plane"] = f"the data's first two principal components, {plane.share:.1%} of its variance"
    elif len(plane.origin) > len(plane.axes):
        words["Plane"] = "the other inputs are held at their mean"
    return words


def _png(picture: Picture, words: dict[str, str]) -> bytes:
    from playground.data.coloring import pixels_of
    from playground.data.png import png

    return png(pixels_of(picture), words)


def _npy(picture: Picture) -> bytes:
    import numpy as np

    file = io.BytesIO()
    # One output is one sheet.
    np.save(file, picture.output[0] if len(picture.output) == 1 else picture.output)
    return file.getvalue()
