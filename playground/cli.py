"""The commands without a window: training, recording, exporting, comparing, and lists of what there is."""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from playground import __version__, data_commands
from playground.arguments import Refused, StrictParser, refuse_unused
from playground.export_options import add_export_options
from playground.memory import NotEnoughMemoryError
from playground.pace import PACES, pace_name, position_named
from playground.setting_specs import LARGEST_STEPS, SETTINGS, SIZES, SPECS, Kind
from playground.settings import Settings, SettingsError, make_settings, quoted, shortened
from playground.stages import STAGES, stage_named

if TYPE_CHECKING:
    from playground.trainer import Trainer


class BadOptionError(Exception):
    """An option's value that is not allowed; the message is one line."""


def make_parser() -> StrictParser:
    """The whole command line; the window's own commands are declared here, too, so that help lists them."""
    parser = StrictParser(
        prog="torch-playground",
        description="Understand PyTorch by training one small network in eight ways. "
        "Without a command, the window opens, with the FILE.py that are named.",
    )
    parser.add_argument(
        "--pace",
        metavar="N",
        help="of the window: steps a second, one of " + ", ".join(map(pace_name, range(len(PACES)))),
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=StrictParser)
    train = commands.add_parser("train", help="train a stage and print the loss of every step")
    train.add_argument("--json", action="store_true", help=data_commands.TRAIN_JSON)
    graph = commands.add_parser("graph", help="print the graph that one step built")
    graph.add_argument("--step", default="0", metavar="N", help="the step, counted from 0")
    graph.add_argument("--format", default="json", choices=("json", "dot", "svg"))
    record = commands.add_parser("record", help="print what happened inside one step")
    record.add_argument("--step", default="0", metavar="N", help="the step, counted from 0")
    record.add_argument("--format", default="json", choices=("json", "text"))
    script = commands.add_parser("script", help="print a stage as a standalone program")
    for command in (train, script):
        _add_settings(command)
    for command in (graph, record):
        _add_settings(command, without={"steps": "the steps up to --step N are made, and no more"})
    compare = commands.add_parser(
        "compare",
        help="train several stages and compare their losses; of programs of your own, where they part",
        description="Trains several stages from their own or from one start and compares their losses. "
        "Of several programs it tells in which step, line and event each parts from the first one.",
    )
    compare.add_argument("--json", action="store_true", help="one object")
    _add_settings(compare, several_stages=True)
    export = commands.add_parser("export", help="write one thing of a run to a file")
    add_export_options(export)
    _add_settings(export)
    picture = commands.add_parser("picture", help="train, and write what the net gives over its inputs")
    _add_settings(picture)
    data_commands.add_picture_options(picture)
    for command in (train, graph, record, script, compare, export, picture):
        data_commands.add_options(command)
        _add_program(command, several=command is compare, runs=command is not script)
    for command in (train, graph, record, script):
        group = command.add_argument_group("a fault", "a small change that breaks a stage's program")
        group.add_argument("--fault", metavar="NAME", help="one of those that `faults` lists")
    faults = commands.add_parser("faults", help="list the faults that a stage can be given")
    faults.add_argument("--json", action="store_true", help="one list")
    data = commands.add_parser("data", help="list the sets of data that a stage can be trained on")
    data.add_argument("--json", action="store_true", help="one list")
    devices = commands.add_parser("devices", help="list the devices of this machine, or why one is not here")
    devices.add_argument(
        "--check", action="store_true", help="train each stage on each of them and compare with the CPU"
    )
    devices.add_argument("--json", action="store_true", help="one list")
    bench = commands.add_parser("bench", help="measure the speed of the window against bare loops")
    bench.add_argument("--json", action="store_true", help="one object")
    bench.add_argument("--quick", action="store_true", help="fewer and shorter runs: rougher figures")
    _add_stages(bench)
    shared = commands.add_parser("open", help="open the window with a session or a set-up that was shared")
    shared.add_argument("what", metavar="FILE|CODE", help="a session, a program, or the line of a set-up")
    for command in commands.choices.values():
        command.set_defaults(parser=command)
    return parser


def parse(words: Sequence[str]) -> argparse.Namespace:
    """What the words of a command line mean; ends the program with one line where that is not clear."""
    parser = make_parser()
    files, rest = _files_in_front(words)
    arguments, unknown = parser.parse_known_args(rest)
    if files and arguments.command is not None:
        parser.error(
            f"{quoted(files[0])} before {arguments.command} is not allowed; use --program {files[0]}"
        )
    arguments.files = files
    if unknown:
        command: StrictParser = getattr(arguments, "parser", parser)
        command.error(f"{quoted(unknown[0])} is not an option; allowed: {', '.join(command.option_names())}")
    return arguments


def _files_in_front(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """The programs that the window shall open, and the other words."""
    files: list[str] = []
    rest: list[str] = []
    for place, word in enumerate(words):
        if rest and not rest[0].startswith("-"):
            return files, [*rest, *words[place:]]
        is_value = place > 0 and words[place - 1] == "--pace"
        looks_like_one = word.endswith(".py") or os.path.isfile(word)
        (files if looks_like_one and not is_value and not word.startswith("-") else rest).append(word)
    return files, rest


def files_option(arguments: argparse.Namespace) -> list[str]:
    """The programs that the window shall open; raises BadOptionError where one cannot be read."""
    from playground.programs.errors import ProgramError
    from playground.programs.parse import read_text

    for name in arguments.files:
        try:
            read_text(Path(name))
        except ProgramError as error:
            raise BadOptionError(str(error)) from None
    return list(arguments.files)


def pace_option(arguments: argparse.Namespace) -> int | None:
    """The position that `--pace` names, None if it was not given; raises BadOptionError."""
    if arguments.pace is None:
        return None
    if arguments.command is not None:
        raise BadOptionError(f"--pace: {quoted(arguments.pace)} is not allowed with {arguments.command}")
    position = position_named(arguments.pace)
    if position is None:
        allowed = ", ".join(map(pace_name, range(len(PACES))))
        raise BadOptionError(f"--pace: {quoted(arguments.pace)} is not allowed; allowed: {allowed}")
    return position


def run(arguments: argparse.Namespace) -> int:
    """Runs one of the commands that need no window; returns the exit status.

    Raises:
        BadOptionError: a value that is not allowed.
        BrokenPipeError, KeyboardInterrupt: for the caller to end quietly.
    """
    commands: dict[str, Callable[[argparse.Namespace], int | None]] = {
        "train": _train,
        "graph": _graph,
        "record": _record,
        "script": _script,
        "compare": _compare,
        "faults": _faults,
        "devices": _devices,
        "data": lambda arguments: data_commands.print_data(arguments.json),
        "picture": _picture,
    }
    try:
        if arguments.command == "export":
            return _export(arguments)
        has_program = getattr(arguments, "program", None) is not None
        if has_program and arguments.command != "picture":
            return _run_own(arguments)
        if not has_program:
            _refuse_options_of_a_program(arguments)
        if getattr(arguments, "fault", None) is not None:
            return _run_fault(arguments)
        return commands[arguments.command](arguments) or 0
    except data_commands.DataOptionError as error:
        raise BadOptionError(str(error)) from None
    except SettingsError as error:
        raise BadOptionError(f"{SPECS[error.field].flag}: {error.reason}") from None
    except NotEnoughMemoryError as error:
        raise BadOptionError(f"{', '.join(SPECS[name].flag for name in SIZES)}: {error}") from None


def stages_option(names: Sequence[str] | None) -> tuple[str, ...]:
    """The stages of an option that takes several, all where it was not given; raises BadOptionError."""
    for name in names or ():
        if stage_named(name) is None:
            raise BadOptionError(f"--stage: {quoted(name)} is not allowed; allowed: {SPECS['stage'].allowed}")
    return tuple(dict.fromkeys(names or (stage.name for stage in STAGES)))


def _add_stages(parser: argparse.ArgumentParser | argparse._ArgumentGroup) -> None:
    parser.add_argument(
        "--stage",
        action="extend",
        nargs="+",
        metavar="S",
        help=f"only these; {SPECS['stage'].allowed}; may be repeated",
    )


def _add_settings(
    parser: argparse.ArgumentParser,
    several_stages: bool = False,
    without: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Adds the settings' options; those in `without` are refused, for the reason given there."""
    group = parser.add_argument_group("settings", "what is not given is as in the stage's program")
    for spec in SETTINGS:
        # The texts are judged by Settings, so that every way in uses the same words.
        words = spec.help or spec.allowed
        if spec.name == "stage" and several_stages:
            _add_stages(group)
        elif spec.name in without:
            group.add_argument(spec.flag, action=Refused, why=without[spec.name])
        elif spec.kind is Kind.SWITCH:
            group.add_argument(spec.flag, action="store_true", help=words)
        elif spec.kind is Kind.OPTIONS:
            group.add_argument(spec.flag, dest=spec.name, action="append", metavar=spec.metavar, help=words)
        else:
            group.add_argument(spec.flag, dest=spec.name, metavar=spec.metavar, help=words)


def _add_program(parser: argparse.ArgumentParser, several: bool, runs: bool) -> None:
    group = parser.add_argument_group("a program of your own", "in place of a stage and its settings")
    words = "a Python file with a training loop, run as it is"
    if several:
        group.add_argument("--program", action="append", metavar="FILE", help=f"{words}; two or more")
    else:
        group.add_argument("--program", metavar="FILE", help=words)
    if not runs:
        return
    if not several:
        words = "the line of its training loop, where that is not found by itself"
        group.add_argument("--loop", metavar="LINE", help=words)
    group.add_argument("--args", metavar="WORDS", help="what it finds in sys.argv, as one text")


def _run_own(arguments: argparse.Namespace) -> int:
    """Runs a command for a program of the user's own."""
    from playground import program_commands as own
    from playground.programs.errors import ProgramError
    from playground.programs.execution import ProgramFailure

    _refuse_settings(arguments)
    if arguments.command == "compare" and len(arguments.program) < 2:
        raise BadOptionError("--program: one file is not allowed; allowed: two or more to be compared")
    try:
        if arguments.command == "graph":
            own.print_graph(own.graph(arguments, _step(arguments.step)), arguments.format)
            return 0
        if arguments.command == "record":
            return own.record(arguments, _step(arguments.step))
        commands = {"train": own.train, "script": own.script, "compare": own.compare}
        return commands[arguments.command](arguments)
    except ProgramError as error:
        raise BadOptionError(f"--program: {error}") from None
    except ProgramFailure as failure:
        return own.report(failure)


def _refuse_settings(arguments: argparse.Namespace) -> None:
    """Refuses what stands in the text of a program of the user's own, not in settings."""
    for name in (*SPECS, *data_commands.OPTIONS, "fault"):
        value = getattr(arguments, name, None)
        limits = name == "steps" and arguments.command in ("train", "picture", "export")
        if value not in (None, False) and not limits:
            flag = SPECS[name].flag if name in SPECS else f"--{name}"
            raise BadOptionError(
                f"{flag}: {quoted(value)} is not allowed with --program; its text has its own settings"
            )


def _refuse_options_of_a_program(arguments: argparse.Namespace) -> None:
    for option in ("args", "loop"):
        value = getattr(arguments, option, None)
        if value is not None:
            raise BadOptionError(f"--{option}: {quoted(value)} is not allowed without --program")


def _export(arguments: argparse.Namespace) -> int:
    """Writes one thing of a run to a file."""
    from playground import export_commands
    from playground.program_commands import report
    from playground.programs.errors import ProgramError
    from playground.programs.execution import ProgramFailure
    from playground.workspace.files import FileError
    from playground.workspace.runs import NotThereError

    step = None if arguments.step is None else _step(arguments.step)
    try:
        if arguments.program is None:
            _refuse_options_of_a_program(arguments)
            settings = _settings(arguments)
        else:
            _refuse_settings(arguments)
            settings = export_commands.program_settings(arguments)
        return export_commands.run(arguments, settings, step)
    except export_commands.BadExportError as error:
        raise BadOptionError(str(error)) from None
    except FileError as error:
        raise BadOptionError(f"--output: {error}") from None
    except NotThereError as error:
        raise BadOptionError(f"--step: {error}") from None
    except ProgramError as error:
        raise BadOptionError(f"--program: {error}") from None
    except ProgramFailure as failure:
        return report(failure)


def _run_fault(arguments: argparse.Namespace) -> int:
    """Runs a command for a stage's program with a fault."""
    from playground import fault_commands
    from playground.programs.errors import ProgramError

    step = _step(arguments.step) if "step" in arguments else 0
    try:
        values = data_commands.with_data_options(arguments, _values(arguments), fill=False)
        return fault_commands.run(arguments, values, step)
    except ProgramError as error:
        raise BadOptionError(f"--fault: {error}") from None


def _faults(arguments: argparse.Namespace) -> None:
    from playground import fault_commands

    fault_commands.print_faults(arguments.json)


def _picture(arguments: argparse.Namespace) -> None:
    if arguments.program:
        _refuse_settings(arguments)
        data_commands.write_picture_of_own(arguments)
    else:
        data_commands.write_picture(arguments, _settings(arguments))


def _settings(arguments: argparse.Namespace) -> Settings:
    values = data_commands.with_data_options(arguments, _values(arguments))
    settings = make_settings(**values)
    refuse_unused(values, (settings.program,))
    return settings


def _values(arguments: argparse.Namespace) -> dict[str, object]:
    """The settings that were given, as texts."""
    given = {spec.name: getattr(arguments, spec.name, None) for spec in SETTINGS}
    values = {name: value for name, value in given.items() if value not in (None, False)}
    if "optimizer_options" in values:
        values["optimizer_options"] = _options(values["optimizer_options"])
    return values


def _options(texts: Sequence[str]) -> dict[str, object]:
    options: dict[str, object] = {}
    for text in texts:
        name, value = _option(text)
        if name in options:
            raise BadOptionError(
                f"--optimizer-option: a second {quoted(text)} is not allowed; allowed: each name once"
            )
        options[name] = value
    return options


def _option(text: str) -> tuple[str, object]:
    from playground.optimizers import parse_option

    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise BadOptionError(f"--optimizer-option: {quoted(text)} is not allowed; allowed: NAME=VALUE")
    try:
        return name.strip(), parse_option(value)
    except ValueError as error:
        raise BadOptionError(f"--optimizer-option: {shortened(name.strip())}: {error}") from None


def _train(arguments: argparse.Namespace) -> None:
    from playground.threads import Threads
    from playground.trainer import Trainer

    settings = _settings(arguments)
    trainer = Trainer(settings)
    Threads().use(settings)
    for step in range(settings.steps):
        # With the weights that the loss is computed with, too.
        tested = trainer.test_loss() if settings.test_share else None
        loss = trainer.step()
        if arguments.json:
            depth = trainer.history.depth(step) if settings.program.has_depth else None
            line: dict[str, object] = {"step": step, "loss": _finite(loss), "depth": depth}
            if settings.test_share:
                line["test_loss"] = _finite(tested)
            sys.stdout.write(json.dumps(line, allow_nan=False) + "\n")
        else:
            sys.stdout.write(f"{step} {loss!r}\n")


def _finite(loss: float | None) -> float | None:
    # JSON has no word for what is not finite.
    return loss if loss is not None and math.isfinite(loss) else None


def _trainer_before(arguments: argparse.Namespace) -> Trainer:
    """A run that stands before the step that was asked for."""
    from playground.threads import Threads
    from playground.trainer import Trainer

    settings = _settings(arguments)
    step = _step(arguments.step)
    trainer = Trainer(settings.model_copy(update={"steps": step + 1}))
    Threads().use(settings)
    for _ in range(step):
        trainer.step()
    return trainer


def _record(arguments: argparse.Namespace) -> None:
    from playground.recording.text import as_text

    trainer = _trainer_before(arguments)
    try:
        recording = trainer.record_step()
    except Exception:
        if trainer.recording is None:
            raise
        # How far the step came is worth more than that it failed.
        print(trainer.recording.to_json() if arguments.format == "json" else as_text(trainer.recording))
        raise
    print(recording.to_json() if arguments.format == "json" else as_text(recording))


def _graph(arguments: argparse.Namespace) -> None:
    from playground.program_commands import print_graph

    trainer = _trainer_before(arguments)
    trainer.step()
    step = trainer.history.length - 1
    print_graph(trainer.structures[trainer.history.structure(step)], arguments.format)


def _step(text: str) -> int:
    largest = LARGEST_STEPS - 1
    digits = text.strip()
    if not digits.isascii() or not digits.isdigit() or len(digits) > 20 or int(digits) > largest:
        raise BadOptionError(
            f"--step: {quoted(text)} is not allowed; allowed: a whole number from 0 to {largest}"
        )
    return int(digits)


def _script(arguments: argparse.Namespace) -> None:
    from playground.workspace.scripts import WrittenOutError, script_of

    try:
        sys.stdout.write(script_of(_settings(arguments)))
    except WrittenOutError as error:
        raise BadOptionError(f"--data: {error}") from None


def _compare(arguments: argparse.Namespace) -> None:
    from playground.comparing.compare import as_text, compare, settings_for

    values = {**_values(arguments), "stage": "numpy"}
    # What all can be trained with is what the stages written by hand are.
    values = data_commands.with_data_options(arguments, values)
    values.pop("stage")
    stages = stages_option(arguments.stage)
    runs = settings_for(stages, **values)
    refuse_unused(values, [stage for stage in STAGES if stage.name in stages])
    comparison = compare(runs, _tell if sys.stderr.isatty() else None)
    print(json.dumps(comparison.to_plain(), allow_nan=False) if arguments.json else as_text(comparison))


def _tell(stage: str, steps: int) -> None:
    if steps == 0:
        print(f"training: {stage} …", file=sys.stderr, flush=True)


def _devices(arguments: argparse.Namespace) -> int:
    """Lists them; 1 if a check was asked for and failed."""
    from playground.comparing.device_check import check_devices
    from playground.comparing.device_results import CheckedDevice
    from playground.comparing.device_text import as_text, to_plain
    from playground.devices import list_devices

    if arguments.check:
        devices = check_devices(on_progress=_tell_of_checks if sys.stderr.isatty() else None)
    else:
        devices = tuple(CheckedDevice(device) for device in list_devices())
    print(json.dumps(to_plain(devices), allow_nan=False) if arguments.json else as_text(devices))
    return int(not all(device.passed for device in devices))


def _tell_of_checks(done: int, of: int) -> None:
    print(f"checking: {done} of {of} …", file=sys.stderr, flush=True)
