"""The command `export`: one thing of a run as a file, without a window."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from playground.data_commands import steps_wanted
from playground.export_options import FORMATS, OF_A_STEP
from playground.own_program import OwnProgram
from playground.programs.errors import ProgramError
from playground.programs.parse import read_text
from playground.programs.program import program_of
from playground.setting_specs import LARGEST_STEPS
from playground.settings import Settings, make_settings, quoted
from playground.stages import OWN
from playground.workspace.files import FileError, check_name, write_file, write_text

EVENTS_FILE = "events.out.tfevents.0.torch-playground"
_ENDINGS = {"md": "mermaid", "mmd": "mermaid", "gv": "dot", "txt": "text", "pth": "pt"}


if TYPE_CHECKING:
    from playground.trainer import Trainer


class BadExportError(Exception):
    """An option that does not go with the others; the message is one line that begins with it."""


def run(arguments: argparse.Namespace, settings: Settings, step: int | None) -> int:
    """Makes the run, and writes what was asked for; the exit status.

    Args:
        arguments: of the command line.
        settings: of the run.
        step: which was asked for, None if none was.

    Raises:
        BadExportError, FileError: in one line.
        SettingsError, NotEnoughMemoryError, ProgramError, ProgramFailure: see `workspace.runs.make_run`.
    """
    what = checked(arguments, step)
    written = _format(what, arguments)
    path = Path(arguments.output)
    if what != "tensorboard":
        # Before a run of an hour, and not after it.
        check_name(path, arguments.force)
    _WRITERS[what](settings, step, path, written, arguments)
    return 0


def checked(arguments: argparse.Namespace, step: int | None) -> str:
    """What is to be exported. Raises BadExportError for options that do not go together."""
    what: str = arguments.what
    if what not in FORMATS:
        raise BadExportError(f"--what: {quoted(what)} is not allowed; allowed: {', '.join(FORMATS)}")
    if step is not None and what not in (*OF_A_STEP, "model"):
        raise BadExportError(
            f"--step: {quoted(arguments.step)} is not allowed with --what {what}; "
            f"allowed with {', '.join(OF_A_STEP)} and model"
        )
    if arguments.steps is not None and (what in OF_A_STEP or step is not None):
        raise BadExportError(
            f"--steps: {quoted(arguments.steps)} is not allowed; "
            "the steps up to --step N are made, and no more"
        )
    return what


def program_settings(arguments: argparse.Namespace) -> Settings:
    """The settings that run the user's own program.

    Raises:
        ProgramError: its file cannot be read, or the line of its loop is no number.
        DataOptionError: for a number of steps that is none.
    """
    loop: str | None = arguments.loop
    if loop is not None and not loop.strip().isdecimal():
        raise ProgramError(f"no loop begins in line {quoted(loop)}")
    path = Path(arguments.program)
    own = OwnProgram(
        str(path.resolve()), read_text(path), arguments.args or "", None if loop is None else int(loop)
    )
    steps = steps_wanted(arguments)
    return make_settings(stage=OWN, own=own, steps=LARGEST_STEPS if steps is None else steps)


def _format(what: str, arguments: argparse.Namespace) -> str:
    allowed = FORMATS[what]
    written: str | None = arguments.format
    if written is None:
        ending = Path(arguments.output).suffix.removeprefix(".").lower()
        ending = _ENDINGS.get(ending, ending)
        written = ending if ending in allowed else allowed[0]
    if written not in allowed:
        raise BadExportError(
            f"--format: {quoted(written)} is not allowed with --what {what}; allowed: {', '.join(allowed)}"
        )
    colors: str | None = arguments.colors
    if colors is not None and (colors not in ("light", "dark") or written != "svg"):
        raise BadExportError(f"--colors: {quoted(colors)} is not allowed; allowed: light or dark, of an SVG")
    return written


_Writer = Callable[[Settings, int | None, Path, str, argparse.Namespace], None]


def _script(
    settings: Settings, step: int | None, path: Path, written: str, given: argparse.Namespace
) -> None:
    from playground.workspace.scripts import WrittenOutError, script_of

    try:
        text = script_of(settings)
    except WrittenOutError as error:
        raise BadExportError(f"--data: {error}") from None
    write_text(path, text, given.force)


def _graph(settings: Settings, step: int | None, path: Path, written: str, given: argparse.Namespace) -> None:
    from playground.workspace.graphs import graph_text
    from playground.workspace.runs import graph_of

    graph = graph_of(settings, step or 0)
    write_text(path, graph_text(graph, written, given.colors or "light"), given.force)


def _losses(
    settings: Settings, step: int | None, path: Path, written: str, given: argparse.Namespace
) -> None:
    from playground.workspace.curves import write_csv
    from playground.workspace.runs import curves_of_run, made_run

    with made_run(settings) as trainer:
        curves = curves_of_run(trainer, settings.program.name)
    write_file(path, lambda file: write_csv([curves], file), given.force)


def _model(settings: Settings, step: int | None, path: Path, written: str, given: argparse.Namespace) -> None:
    from playground.workspace.models import write_model
    from playground.workspace.runs import made_run, model_of

    if step == 0:
        raise BadExportError("--step: '0' is not allowed with --what model; allowed: 1 or more")
    if step is not None and settings.own is None:
        settings = settings.model_copy(update={"steps": step})
    with made_run(settings, step) as trainer:
        if written == "onnx":
            content = _onnx(trainer)
        else:
            state = model_of(trainer)
    if written == "onnx":
        write_file(path, lambda file: file.write(content), given.force)
    else:
        write_file(path, lambda file: write_model(state, written, file), given.force)


def _onnx(trainer: Trainer) -> bytes:
    from playground.workspace.onnx_model import OnnxError, onnx_of

    try:
        return onnx_of(trainer)
    except OnnxError as error:
        raise BadExportError(f"--format: 'onnx' is not allowed here: {error}") from None


def _tensorboard(
    settings: Settings, step: int | None, path: Path, written: str, given: argparse.Namespace
) -> None:
    from playground.workspace.runs import curves_of_run, made_run
    from playground.workspace.tensorboard import write_events

    file_path = path / EVENTS_FILE
    if path.is_dir():
        check_name(file_path, given.force)
    else:
        check_name(path, False)
    began = time.time()
    with made_run(settings) as trainer:
        curves = curves_of_run(trainer, settings.program.name)
    try:
        path.mkdir(exist_ok=True)
    except OSError as error:
        raise FileError(f"{quoted(str(path))} is no folder and cannot be made: {error.strerror}") from None
    write_file(file_path, lambda file: write_events(curves, file, began), given.force)


def _recording(
    settings: Settings, step: int | None, path: Path, written: str, given: argparse.Namespace
) -> None:
    from playground.recording.text import as_text
    from playground.workspace.runs import recording_of

    recording = recording_of(settings, step or 0)
    write_text(path, f"{recording.to_json() if written == 'json' else as_text(recording)}\n", given.force)


def _replay(
    settings: Settings, step: int | None, path: Path, written: str, given: argparse.Namespace
) -> None:
    from playground.workspace.replay import replay_page
    from playground.workspace.runs import recording_of

    recording = recording_of(settings, step or 0)
    page = replay_page(recording, program_of(settings).text, file=settings.program.source_file.name)
    write_text(path, page, given.force)


def _session(
    settings: Settings, step: int | None, path: Path, written: str, given: argparse.Namespace
) -> None:
    from playground.runs.clock import RunClock
    from playground.runs.entry import RunEntry, default_name
    from playground.workspace.runs import made_run
    from playground.workspace.saved_runs import saved_run
    from playground.workspace.session_file import Session, save_session

    began = time.monotonic()
    with made_run(settings) as trainer:
        clock = RunClock()
        clock.note(trainer.history.length, time.monotonic() - began)
        entry = RunEntry(
            0,
            settings,
            default_name(settings, 0),
            0,
            trainer.history,
            trainer.structures,
            clock,
            state="finished",
            series=trainer.series,
        )
        run = saved_run(entry)
    save_session(path, Session(settings, (run,)), given.force)


_WRITERS: Mapping[str, _Writer] = {
    "script": _script,
    "graph": _graph,
    "losses": _losses,
    "model": _model,
    "tensorboard": _tensorboard,
    "recording": _recording,
    "replay": _replay,
    "session": _session,
}
