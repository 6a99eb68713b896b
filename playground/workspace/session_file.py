"""A session in one file: settings, runs, recordings and what is shown, so that it can go on another day.

The file is a zip that any tool opens: `session.json`, and for each run `runs/N/run.json`, `graphs.json` and
its columns as `.npy` without pickle; recordings as the JSON that `record` prints. Each part stands on its
own: what is damaged is left out and said, the rest is opened.
"""

from __future__ import annotations

import json
import math
import re
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any, BinaryIO, TypeVar

import numpy as np
from numpy.typing import NDArray

from playground import __version__
from playground.graph.model import Graph
from playground.settings import Settings, quoted
from playground.workspace.files import FileError, in_words, write_file
from playground.workspace.salvage import salvaged
from playground.workspace.saved_runs import (
    SavedRun,
    graph_from_plain,
    graph_to_plain,
    known_settings,
    run_from_plain,
    run_to_plain,
)

FORMAT = "torch-playground session"
VERSION = 1
LARGEST_PART = 1 << 31
"""Bytes of one part at most."""

_COLUMNS: dict[str, np.dtype[Any]] = {
    "losses": np.dtype("<f8"),
    "depths": np.dtype("i1"),
    "structures": np.dtype("<i4"),
}
_WRONG = (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError)
"""What reading plain data of a wrong form raises."""

_Part = TypeVar("_Part")


@dataclass(frozen=True, slots=True, eq=False)
class SavedRecording:
    """A recorded step that the user has chosen to keep.

    Attributes:
        run: number of the run in the session.
        step: which of its steps.
        data: as `Recording.to_plain`. The elements of its tensors are not in it: the run's settings and
            changes make them anew.
    """

    run: int
    step: int
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Session:
    """What a file holds.

    Attributes:
        settings: those that are chosen; None where they could not be read.
        runs: in order.
        recordings: those that were kept.
        view: what is shown, as plain data that the window has put in.
        problems: what could not be read, a line each; empty for a file that is whole.
    """

    settings: Settings | None = None
    runs: tuple[SavedRun, ...] = ()
    recordings: tuple[SavedRecording, ...] = ()
    view: Mapping[str, Any] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def save_session(
    path: Path,
    session: Session,
    force: bool = False,
    on_progress: Callable[[int, int], object] | None = None,
) -> None:
    """Writes a session whole or not at all.

    Args:
        path: of the file.
        session: what to write; its runs may go on meanwhile.
        force: whether a file of that name may be replaced.
        on_progress: hears how many runs are written, and of how many; what it raises ends the work, and
            nothing has changed on the disk.

    Raises:
        FileError: it cannot be written, in one line.
    """
    write_file(path, lambda file: _write(file, session, on_progress), force)


def _write(file: BinaryIO, session: Session, on_progress: Callable[[int, int], object] | None) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        settings = None if session.settings is None else session.settings.to_plain()
        head = {"format": FORMAT, "version": VERSION, "program": __version__}
        _put_json(archive, "session.json", {**head, "settings": settings, "view": dict(session.view)})
        for number, run in enumerate(session.runs):
            _put_run(archive, f"runs/{number}", run)
            if on_progress is not None:
                on_progress(number + 1, len(session.runs))
        for number, each in enumerate(session.recordings):
            plain = {"run": each.run, "step": each.step, "data": dict(each.data)}
            _put_json(archive, f"recordings/{number}.json", plain)


def _put_run(archive: zipfile.ZipFile, folder: str, run: SavedRun) -> None:
    _put_json(archive, f"{folder}/run.json", run_to_plain(run))
    _put_json(archive, f"{folder}/graphs.json", [graph_to_plain(graph) for graph in run.graphs])
    for name, kind in _COLUMNS.items():
        # Losses cannot be packed; of the others most are alike.
        _put_array(archive, f"{folder}/{name}.npy", getattr(run, name).astype(kind), name != "losses")
    for number, values in enumerate(run.series.values()):
        _put_array(archive, f"{folder}/series-{number}.npy", values.astype("<f8"), False)


def _put_json(archive: zipfile.ZipFile, name: str, data: object) -> None:
    text = json.dumps(data, allow_nan=False, ensure_ascii=False)
    archive.writestr(_info(name, True), text.encode(errors="surrogatepass"))


def _put_array(archive: zipfile.ZipFile, name: str, values: NDArray[Any], packed: bool) -> None:
    with archive.open(_info(name, packed), "w", force_zip64=True) as part:
        np.lib.format.write_array(part, np.ascontiguousarray(values), allow_pickle=False)


def _info(name: str, packed: bool) -> zipfile.ZipInfo:
    # Without a time: the same session is the same file.
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    # The quickest.
    info._compresslevel = 1  # type: ignore[attr-defined]
    return info


def load_session(path: Path) -> Session:
    """Reads a session, or of a damaged or a newer file what can be had; `problems` then says what is missing.

    Raises:
        FileError: nothing can be had: no such file, another kind of file, nothing whole in it.
    """
    try:
        with open(path, "rb") as file:
            try:
                with zipfile.ZipFile(file) as archive:
                    parts = _Archive(archive)
                    if parts.is_listed_right():
                        return _Reader(path, parts).session()
            except (zipfile.BadZipFile, NotImplementedError):
                # Its end is missing, or not right: that is where a zip lists what is in it.
                pass
            file.seek(0)
            return _Reader(path, _Salvaged(salvaged(file, LARGEST_PART))).session()
    except OSError as error:
        raise FileError(f"{quoted(str(path))} was not read: {in_words(error)}") from None
    except ValueError as error:
        if "null" not in str(error):
            raise
        raise FileError(f"{quoted(str(path))} was not read: a file cannot have that name") from None


class _DamagedError(Exception):
    """A part that is not whole; the message says why."""


class _Archive:
    """The parts of a whole zip."""

    missing_end = False

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.names = archive.namelist()

    def is_listed_right(self) -> bool:
        """Whether the list at the end says of each part what the part's own header says."""
        try:
            for info in self._archive.infolist():
                self._archive.open(info).close()
                # None was written: a length that is wrong hides the rest of the list.
                if info.comment:
                    return False
        except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError, RuntimeError, ValueError):
            return False
        return True

    def read(self, name: str, use: Callable[[IO[bytes], int], _Part]) -> _Part:
        try:
            info = self._archive.getinfo(name)
            if info.file_size > LARGEST_PART:
                raise _DamagedError("it is larger than is read")
            with self._archive.open(info) as part:
                found = use(part, info.file_size)
                # Only at the end its checksum is looked at.
                if part.read(1):
                    raise _DamagedError("it is longer than it should be")
                return found
        except KeyError:
            raise _DamagedError(f"{name} is missing") from None
        except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, zlib.error) as error:
            raise _DamagedError(f"{name} is damaged ({error})") from None


class _Salvaged:
    """The parts that are whole of a zip without an end."""

    missing_end = True

    def __init__(self, parts: Mapping[str, IO[bytes]]) -> None:
        self._parts = parts
        self.names = list(parts)

    def read(self, name: str, use: Callable[[IO[bytes], int], _Part]) -> _Part:
        part = self._parts.get(name)
        if part is None:
            raise _DamagedError(f"{name} is missing")
        size = part.seek(0, 2)
        part.seek(0)
        return use(part, size)


class _Reader:
    """Reads part by part, and notes what it could not read."""

    def __init__(self, path: Path, parts: _Archive | _Salvaged) -> None:
        self._path = quoted(str(path))
        self._parts = parts
        self._problems: list[str] = []

    def session(self) -> Session:
        if self._parts.missing_end:
            self._problems.append(f"{self._path} is cut off or damaged: what is whole of it is opened")
        head = self._head()
        runs = tuple(filter(None, map(self._run, self._numbers(r"runs/(\d+)/.*"))))
        recordings = tuple(filter(None, map(self._recording, self._numbers(r"recordings/(\d+)\.json"))))
        settings = self._settings(head.get("settings"))
        if settings is None and not runs and not recordings and self._problems:
            raise FileError(f"{self._path} holds nothing that can be opened: {self._problems[-1]}")
        view = head.get("view")
        return Session(
            settings, runs, recordings, view if isinstance(view, dict) else {}, tuple(self._problems)
        )

    def _head(self) -> dict[str, Any]:
        try:
            head = self._json("session.json")
            if not isinstance(head, dict) or head.get("format") != FORMAT:
                raise _DamagedError("session.json is not this program's")
        except _DamagedError as error:
            if not self._numbers(r"runs/(\d+)/.*"):
                raise FileError(f"{self._path} is no session of this program: {error}") from None
            self._problems.append(f"settings and view: {error}")
            return {}
        version = head.get("version")
        if version != VERSION:
            newer = isinstance(version, int) and version > VERSION
            what = "a newer version of this program" if newer else "another program"
            self._problems.append(
                f"{self._path} was written by {what} (session version {quoted(version)}; this one knows "
                f"{VERSION}): what it understands of it is opened"
            )
        return head

    def _settings(self, plain: object) -> Settings | None:
        if plain is None:
            return None
        try:
            return known_settings(plain)  # type: ignore[arg-type]
        except _WRONG as error:
            self._problems.append(f"settings: {_words(error)}")
            return None

    def _run(self, number: int) -> SavedRun | None:
        folder, name = f"runs/{number}", ""
        try:
            plain = self._json(f"{folder}/run.json")
            name = f" ({quoted(str(plain.get('name')))})"
            columns = {each: self._array(f"{folder}/{each}.npy", kind) for each, kind in _COLUMNS.items()}
            run = run_from_plain(plain, columns)
            series = self._series(folder, plain.get("series", []), number)
            graphs = self._graphs(folder, run.structures)
        except _DamagedError as error:
            self._problems.append(f"run {number}{name}: {error}")
            return None
        except _WRONG as error:
            self._problems.append(f"run {number}{name}: {_words(error)}")
            return None
        return replace(run, graphs=graphs, series=series)

    def _graphs(self, folder: str, structures: NDArray[np.int32]) -> tuple[Graph, ...]:
        """The run's graphs, as many as its steps name."""
        try:
            graphs = tuple(map(graph_from_plain, self._json(f"{folder}/graphs.json")))
            if len(structures) and not 0 <= int(structures.min()) <= int(structures.max()) < len(graphs):
                raise ValueError("there are fewer than its steps name")
            return graphs
        except _DamagedError as error:
            raise _DamagedError(f"its graphs: {error}") from None
        except _WRONG as error:
            raise _DamagedError(f"its graphs: {_words(error)}") from None

    def _series(self, folder: str, names: object, number: int) -> dict[str, NDArray[np.float64]]:
        found: dict[str, NDArray[np.float64]] = {}
        for place, name in enumerate(names if isinstance(names, list) else []):
            try:
                found[str(name)] = self._array(f"{folder}/series-{place}.npy", _COLUMNS["losses"])
            except _DamagedError as error:
                self._problems.append(f"run {number}, {quoted(name)}: {error}")
        return found

    def _recording(self, number: int) -> SavedRecording | None:
        try:
            plain = self._json(f"recordings/{number}.json")
            return SavedRecording(int(plain["run"]), int(plain["step"]), dict(plain["data"]))
        except _DamagedError as error:
            self._problems.append(f"recording {number}: {error}")
        except _WRONG as error:
            self._problems.append(f"recording {number}: {_words(error)}")
        return None

    def _numbers(self, pattern: str) -> list[int]:
        return sorted({int(found[1]) for name in self._parts.names if (found := re.fullmatch(pattern, name))})

    def _json(self, name: str) -> Any:
        content = self._parts.read(name, lambda part, size: part.read(size))
        try:
            return json.loads(content.decode(errors="surrogatepass"))
        except (ValueError, RecursionError):
            raise _DamagedError(f"{name} is damaged") from None

    def _array(self, name: str, kind: np.dtype[Any]) -> NDArray[Any]:
        return self._parts.read(name, lambda part, size: _array(part, size, name, kind))


def _array(part: IO[bytes], size: int, name: str, kind: np.dtype[Any]) -> NDArray[Any]:
    """A column, read only where its own header agrees with the size of its part."""
    npy = np.lib.format
    try:
        if npy.read_magic(part) != (1, 0):
            raise ValueError
        shape, _, found = npy.read_array_header_1_0(part)
    except (ValueError, SyntaxError):
        raise _DamagedError(f"{name} is damaged") from None
    head = size - math.prod(shape) * kind.itemsize
    if len(shape) != 1 or found != kind or not 0 < head < 10_000:
        raise _DamagedError(f"{name} is not what it should be: {found}, {shape}")
    content = part.read(size)
    values = np.frombuffer(content, kind)
    if values.shape != shape:
        raise _DamagedError(f"{name} is damaged")
    return values


def _words(error: Exception) -> str:
    text = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) and error.args else str(error)
    return " ".join(text.split()) or type(error).__name__
