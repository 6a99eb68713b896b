"""A session in one file: settings, runs, recordings and what is shown, so that it can go on another day.

The file is a zip that any tool opens: `session.json`, and for each run `runs/N/run.json`, `graphs.json` and
its columns as `.npy` without pickle; of each recording the JSON that `record` prints, for other programs, and
`recordings/N/objects.json` with its arrays, from which it comes back whole. Each part stands on its own: what
is damaged is left out and said, the rest is opened.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from playground import __version__
from playground.graph.model import Graph
from playground.settings import Settings, quoted
from playground.workspace.files import FileError, Progress, Seen, in_words, write_file
from playground.workspace.salvage import salvaged
from playground.workspace.saved_runs import (
    SavedRun,
    graph_from_plain,
    graph_to_plain,
    known_settings,
    run_from_plain,
    run_to_plain,
)
from playground.workspace.session_parts import (
    LARGEST_PART,
    Archive,
    DamagedError,
    Salvaged,
    Told,
    put_array,
    put_json,
    read_array,
)

if TYPE_CHECKING:
    from playground.recording.model import Recording

FORMAT = "torch-playground session"
VERSION = 1

_COLUMNS: dict[str, np.dtype[Any]] = {
    "losses": np.dtype("<f8"),
    "depths": np.dtype("i1"),
    "structures": np.dtype("<i4"),
}
_WRONG = (LookupError, TypeError, ValueError, AttributeError, OverflowError, RecursionError)
"""What reading plain data of a wrong form raises."""


@dataclass(frozen=True, slots=True, eq=False)
class SavedRecording:
    """A recorded step that the user has chosen to keep.

    Attributes:
        run: number of the run in the session.
        step: which of its steps.
        recording: all of it.
    """

    run: int
    step: int
    recording: Recording


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
    on_progress: Progress = lambda _done, _of: None,
    over: Seen | None = None,
) -> None:
    """Writes a session whole or not at all.

    Args:
        path: of the file.
        session: what to write; its runs may go on meanwhile.
        force: whether a file of that name may be replaced.
        on_progress: hears how many bytes of its columns are written, and of how many; what it raises ends
            the work, and nothing has changed on the disk.
        over: as for `write_file`.

    Raises:
        FileError: it cannot be written, in one line.
    """
    write_file(path, lambda file: _write(file, session, on_progress), force, over)


def _write(file: BinaryIO, session: Session, on_progress: Progress) -> None:
    told = Told(on_progress, sum(map(_column_bytes, session.runs)))
    with zipfile.ZipFile(file, "w") as archive:
        settings = None if session.settings is None else session.settings.to_plain()
        head = {"format": FORMAT, "version": VERSION, "program": __version__}
        put_json(archive, "session.json", {**head, "settings": settings, "view": dict(session.view)})
        for number, run in enumerate(session.runs):
            _put_run(archive, f"runs/{number}", run, told)
        for number, each in enumerate(session.recordings):
            _put_recording(archive, f"recordings/{number}", each)


def _column_bytes(run: SavedRun) -> int:
    a_step = sum(kind.itemsize for kind in _COLUMNS.values())
    return run.steps * a_step + sum(8 * len(values) for values in run.series.values())


def _put_run(archive: zipfile.ZipFile, folder: str, run: SavedRun, told: Told) -> None:
    put_json(archive, f"{folder}/run.json", run_to_plain(run))
    put_json(archive, f"{folder}/graphs.json", [graph_to_plain(graph) for graph in run.graphs])
    for name, kind in _COLUMNS.items():
        # Losses cannot be packed; of the others most are alike.
        put_array(archive, f"{folder}/{name}.npy", getattr(run, name).astype(kind), name != "losses", told)
    for number, values in enumerate(run.series.values()):
        put_array(archive, f"{folder}/series-{number}.npy", values.astype("<f8"), False, told)


def _put_recording(archive: zipfile.ZipFile, folder: str, each: SavedRecording) -> None:
    from playground.workspace.plain_recording import pack

    plain, arrays = pack(each.recording)
    head = {"run": each.run, "step": each.step}
    put_json(archive, f"{folder}.json", {**head, "data": each.recording.to_plain()})
    put_json(archive, f"{folder}/objects.json", {**head, "arrays": len(arrays), "recording": plain})
    for number, array in enumerate(arrays):
        put_array(archive, f"{folder}/array-{number}.npy", array, False)


def load_session(path: Path, on_progress: Progress = lambda _done, _of: None) -> Session:
    """Reads a session, or of a damaged or a newer file what can be had; `problems` then says what is missing.

    Args:
        path: of the file.
        on_progress: hears how many runs are read, and of how many; what it raises ends the work.

    Raises:
        FileError: nothing can be had: no such file, another kind of file, nothing whole in it.
    """
    try:
        with open(path, "rb") as file:
            try:
                with zipfile.ZipFile(file) as archive:
                    parts = Archive(archive)
                    if parts.is_listed_right():
                        return _Reader(path, parts, on_progress).session()
            except (zipfile.BadZipFile, NotImplementedError):
                # Its end is missing, or not right: that is where a zip lists what is in it.
                pass
            file.seek(0)
            return _Reader(path, Salvaged(salvaged(file, LARGEST_PART)), on_progress).session()
    except OSError as error:
        raise FileError(f"{quoted(str(path))} was not read: {in_words(error, reading=True)}") from None
    except ValueError as error:
        if "null" not in str(error):
            raise
        raise FileError(f"{quoted(str(path))} was not read: a file cannot have that name") from None


class _Reader:
    """Reads part by part, and notes what it could not read."""

    def __init__(self, path: Path, parts: Archive | Salvaged, on_progress: Progress) -> None:
        self._path, self._on_progress = quoted(str(path)), on_progress
        self._parts = parts
        self._problems: list[str] = []

    def session(self) -> Session:
        if self._parts.missing_end:
            self._problems.append(f"{self._path} is cut off or damaged: what is whole of it is opened")
        head = self._head()
        runs = tuple(self._runs(self._numbers(r"runs/(\d+)/.*")))
        recordings = tuple(filter(None, map(self._recording, self._numbers(r"recordings/(\d+)[./].*"))))
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
                raise DamagedError("session.json is not this program's")
        except DamagedError as error:
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

    def _runs(self, numbers: Sequence[int]) -> Iterator[SavedRun]:
        for done, number in enumerate(numbers):
            self._on_progress(done, len(numbers))
            run = self._run(number)
            if run is not None:
                yield run

    def _run(self, number: int) -> SavedRun | None:
        folder, name = f"runs/{number}", ""
        try:
            plain = self._json(f"{folder}/run.json")
            name = f" ({quoted(str(plain.get('name')))})"
            columns = {each: self._array(f"{folder}/{each}.npy", kind) for each, kind in _COLUMNS.items()}
            run = run_from_plain(plain, columns)
            series = self._series(folder, plain.get("series", []), number)
            graphs = self._graphs(folder, run.structures)
        except DamagedError as error:
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
        except DamagedError as error:
            raise DamagedError(f"its graphs: {error}") from None
        except _WRONG as error:
            raise DamagedError(f"its graphs: {_words(error)}") from None

    def _series(self, folder: str, names: object, number: int) -> dict[str, NDArray[np.float64]]:
        found: dict[str, NDArray[np.float64]] = {}
        for place, name in enumerate(names if isinstance(names, list) else []):
            try:
                found[str(name)] = self._array(f"{folder}/series-{place}.npy", _COLUMNS["losses"])
            except DamagedError as error:
                self._problems.append(f"run {number}, {quoted(name)}: {error}")
        return found

    def _recording(self, number: int) -> SavedRecording | None:
        from playground.workspace.plain_recording import unpack

        folder = f"recordings/{number}"
        try:
            plain = self._json(f"{folder}/objects.json")
            arrays = [self._array(f"{folder}/array-{each}.npy") for each in range(int(plain["arrays"]))]
            recording = unpack(plain["recording"], arrays)
            return SavedRecording(int(plain["run"]), int(plain["step"]), recording)
        except DamagedError as error:
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
            raise DamagedError(f"{name} is damaged") from None

    def _array(self, name: str, kind: np.dtype[Any] | None = None) -> NDArray[Any]:
        return self._parts.read(name, lambda part, size: read_array(part, size, name, kind))


def _words(error: Exception) -> str:
    text = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) and error.args else str(error)
    return " ".join(text.split()) or type(error).__name__
