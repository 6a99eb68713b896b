"""What the window can give away as files: what there is now, and who writes it off the window's thread."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, BinaryIO

from PySide6.QtCore import QObject

from playground.programs.program import program_of
from playground.runs.changes import in_force, with_first_data
from playground.settings import Settings, quoted
from playground.workspace.curves import RunCurves, curves_of, write_csv
from playground.workspace.files import FileError, in_words, write_file
from playground.workspace.scripts import WrittenOutError, script_of
from playground.workspace.tensorboard import write_events
from ui.session.session import Session
from ui.state.file_work import Tell
from ui.state.runs import Runs
from ui.state.timeline import Timeline

if TYPE_CHECKING:
    from playground.runs.entry import RunEntry

EVENTS_FILE = "events.out.tfevents.0.torch-playground"
LONGEST_STEM = 80
"""Characters of a proposed name."""
NO_RUN = "no step has been made yet: press Run or Step"
NO_GRAPH = "no graph is shown yet: press Run or Step"
NO_RECORDING = "the step that is shown was not recorded: pause, or press “Record this step”"
NO_VISIBLE = "no run that is shown has made a step; the Runs tab says which are shown"


class What(StrEnum):
    """What can be exported; the names of the menu's entries."""

    SCRIPT = "save_script"
    COPY_SCRIPT = "copy_script"
    GRAPH = "export_graph"
    LOSSES = "export_losses"
    ALL_LOSSES = "export_all_losses"
    PLOT = "export_plot"
    MODEL = "export_model"
    TENSORBOARD = "export_tensorboard"
    RECORDING = "export_recording"
    REPLAY = "export_replay"


FORMATS: Mapping[What, Mapping[str, str]] = MappingProxyType(
    {
        What.SCRIPT: {"py": "Python program"},
        What.GRAPH: {
            "svg": "Drawing with text",
            "png": "Picture",
            "pdf": "PDF",
            "dot": "Graphviz",
            "json": "Nodes and edges",
            "md": "Mermaid for notes",
        },
        What.LOSSES: {"csv": "Table"},
        What.ALL_LOSSES: {"csv": "Table"},
        What.PLOT: {"png": "Picture", "svg": "Drawing with text", "pdf": "PDF"},
        What.MODEL: {
            "safetensors": "safetensors",
            "pt": "state_dict of PyTorch",
            "onnx": "Module for other programs",
        },
        What.RECORDING: {"json": "Recording"},
        What.REPLAY: {"html": "Page for any browser"},
    }
)
"""Endings of the files, the one that is proposed first, and what each is for people."""


@dataclass(frozen=True, slots=True)
class _Standing:
    """What the shown run was when it was asked for; what grows may go on growing.

    Attributes:
        settings: in force, with the number of threads that the run uses.
        entry: of the list of runs, None before the first run.
    """

    settings: Settings
    entry: RunEntry | None


class Exports(QObject):
    """Knows what of the present run, its steps and the other runs can be exported now."""

    def __init__(self, session: Session, timeline: Timeline, runs: Runs) -> None:
        """Looks at them whenever it is asked."""
        super().__init__(session)
        self._session, self._timeline, self._runs = session, timeline, runs

    def why_not(self, what: What) -> str:
        """Why it cannot be exported now, in one line; "" if it can."""
        shown = self._timeline.latest
        if what in (What.SCRIPT, What.COPY_SCRIPT):
            return ""
        if what is What.GRAPH:
            return "" if shown is not None and shown.graph is not None else NO_GRAPH
        if what in (What.RECORDING, What.REPLAY):
            return "" if shown is not None and shown.recording is not None else NO_RECORDING
        if what is What.ALL_LOSSES:
            return "" if any(each.steps for each in self._runs.archive.entries) else NO_RUN
        if what is What.TENSORBOARD:
            return "" if self.visible_runs else NO_VISIBLE
        return "" if self._session.steps_made else NO_RUN

    @property
    def visible_runs(self) -> tuple[RunEntry, ...]:
        """Those whose curves are drawn: the chosen ones, and the present one."""
        archive = self._runs.archive
        return tuple(
            each
            for each in archive.entries
            if each.steps and (each.visible or (each.number == archive.present and not each.hidden))
        )

    def stem(self, what: What) -> str:
        """What its file is proposed to be called, without the ending."""
        settings, shown = self._session.settings, self._timeline.latest
        program = safe_stem(Path(settings.program.source_file.name).stem)
        if settings.own is not None:
            program = safe_stem(Path(settings.own.path).stem)
        if what in (What.GRAPH, What.RECORDING, What.REPLAY) and shown is not None and shown.step is not None:
            return f"{program}-step-{shown.step}-{what.removeprefix('export_')}"
        return (
            program if what is What.SCRIPT else f"{program}-{what.removeprefix('export_').replace('_', '-')}"
        )

    # What writes it; each takes what there is now, and runs on another thread

    def script(self) -> Callable[[], str]:
        """The run as a standalone program, with what was changed in mid-run."""
        now = self._standing()
        changes = () if now.entry is None else now.entry.changes

        def text() -> str:
            try:
                return script_of(now.settings, changes)
            except WrittenOutError as error:
                raise FileError(str(error)) from None

        return text

    def graph(self, written: str, scheme: str) -> Callable[[], str]:
        """The shown graph as text: written is dot, json, md or svg, scheme light or dark."""
        shown = self._timeline.latest
        if shown is None or shown.graph is None:
            raise FileError(NO_GRAPH)
        graph = shown.graph

        def text() -> str:
            from playground.workspace.graphs import graph_text

            drawn = graph_text(graph, "mermaid" if written == "md" else written, scheme)
            return f"```mermaid\n{drawn.rstrip()}\n```\n" if written == "md" else drawn

        return text

    def losses(self, every_run: bool) -> Callable[[BinaryIO, Tell], None]:
        """A table of the present run's losses, or of all runs'."""
        entries = self._runs.archive.entries if every_run else filter(None, (self._runs.present,))
        curves = [self._curves(each) for each in entries if each.steps]
        return lambda file, tell: write_csv(curves, file, tell)

    def events(self, folder: Path) -> tuple[tuple[Path, ...], Callable[[Tell], int]]:
        """The shown runs for TensorBoard: files that would be replaced, and what writes the folder."""
        began = time.time()
        named = dict(zip(_folder_names(self.visible_runs), map(self._curves, self.visible_runs), strict=True))
        paths = {folder / name / EVENTS_FILE: curves for name, curves in named.items()}

        def write(tell: Tell) -> int:
            for number, (path, curves) in enumerate(paths.items()):

                def told(done: int, of: int, number: int = number) -> None:
                    tell(number * of + done, len(paths) * of)

                _write_events(path, curves, began, told)
            return len(paths)

        return tuple(path for path in paths if path.exists()), write

    def recording(self) -> Callable[[], str]:
        """The shown step's recording as JSON."""
        shown = self._timeline.latest
        if shown is None or shown.recording is None:
            raise FileError(NO_RECORDING)
        recording = shown.recording
        return lambda: f"{recording.to_json()}\n"

    def replay(self) -> Callable[[], str]:
        """The shown step as a page of HTML."""
        shown, settings = self._timeline.latest, self._session.settings
        if shown is None or shown.recording is None:
            raise FileError(NO_RECORDING)
        recording, changes = shown.recording, () if shown.run is None else tuple(shown.run.changes)
        if shown.kept is not None:
            settings, changes = shown.kept.settings, shown.kept.changes
        settings = with_first_data(settings, changes)
        file = settings.program.source_file.name if settings.own is None else settings.own.name

        def page() -> str:
            from playground.workspace.replay import replay_page

            return replay_page(recording, program_of(settings).text, file=file)

        return page

    def number(self, name: str, what: str) -> Callable[[], str]:
        """A tensor of the shown step as a program that computes it: key of a node, value or gradient."""
        shown, now = self._timeline.latest, self._standing()
        if shown is None or shown.recording is None:
            raise FileError(NO_RECORDING)
        recording, changes = shown.recording, () if now.entry is None else now.entry.changes
        settings = now.settings
        if shown.kept is not None:
            settings, changes = shown.kept.settings, shown.kept.changes

        def program() -> str:
            from playground.workspace.number import number_program
            from playground.workspace.runs import NotThereError

            try:
                return number_program(recording, name, what, settings, changes)
            except NotThereError as error:
                raise FileError(str(error)) from None

        return program

    def _standing(self) -> _Standing:
        session, entry = self._session, self._runs.present
        settings, run = session.settings, session.run
        if run is None or entry is None or entry.history is not run.history:
            return _Standing(settings, None)
        # The list of runs looks a few times a second only, and a change may be younger.
        self._runs.archive.set_changes(entry.number, in_force(tuple(run.changes)))
        if settings.own is None and not settings.threads and run.threads:
            settings = settings.model_copy(update={"threads": run.threads})
        return _Standing(settings, self._runs.present)

    def _curves(self, entry: RunEntry) -> RunCurves:
        return curves_of(entry.name, entry.history, tuple(entry.series))


def safe_stem(name: str) -> str:
    """A name that every system takes as part of a file's: letters, digits, `-`, `_` and `.`."""
    kept = re.sub(r"[^\w.\-]+", "-", name).strip("-.")[:LONGEST_STEM]
    return kept or "playground"


def _folder_names(entries: Sequence[RunEntry]) -> list[str]:
    """A folder's name for each run, no two alike, whatever the system thinks of upper case."""
    names: list[str] = []
    for entry in entries:
        name, number = safe_stem(entry.name), 2
        while name.lower() in (each.lower() for each in names):
            name, number = f"{safe_stem(entry.name)}-{number}", number + 1
        names.append(name)
    return names


def _write_events(path: Path, curves: RunCurves, began: float, tell: Tell) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"{quoted(str(path.parent))} cannot be made: {in_words(error)}") from None
    write_file(path, lambda file: write_events(curves, file, began, tell), force=True)
