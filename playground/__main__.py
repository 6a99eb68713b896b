"""The program's front door: `torch-playground`, or `python -m playground`.

Commands without a window run here. The window, and `bench`, which measures it, belong to the
desktop program; they are looked up by name when they are asked for, so that the engine
does not depend on them.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playground.workspace.opening import Opening


def main() -> int:
    """Runs the command line and returns the exit status."""
    _open_missing_streams()
    try:
        status = _main()
    except KeyboardInterrupt:
        status = 130
    except BrokenPipeError:
        # The reader has gone.
        status = 0
    except SystemExit:
        # argparse ends the program by itself.
        _write_the_rest()
        raise
    return _write_the_rest() or status


def _main() -> int:
    from playground import cli

    if hasattr(sys.stdout, "reconfigure"):
        # A reader of a pipe sees each loss when it is there.
        sys.stdout.reconfigure(line_buffering=True, encoding="utf-8")
    arguments = cli.parse(sys.argv[1:])
    try:
        pace = cli.pace_option(arguments)
        if arguments.command in (None, "open"):
            opening = _what_to_open(arguments.what) if arguments.command == "open" else None
            files = cli.files_option(arguments)
            # What is missing is said before Qt ends the program for it.
            return int(importlib.import_module("ui.system_libraries").main()) or int(
                importlib.import_module("ui.app").main(pace, files, opening)
            )
        if arguments.command == "bench":
            stages = cli.stages_option(arguments.stage)
            return int(importlib.import_module("ui.bench").main(stages, arguments.quick, arguments.json))
        return cli.run(arguments)
    except cli.BadOptionError as error:
        name = " ".join(filter(None, ("torch-playground", arguments.command)))
        print(f"{name}: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        raise
    except Exception as error:
        print(f"torch-playground: {type(error).__name__}: {' '.join(str(error).split())}", file=sys.stderr)
        return 1


def _what_to_open(word: str) -> Opening:
    """What `open` opens; raises BadOptionError where it cannot be."""
    from playground import cli
    from playground.workspace.opening import OpeningError, what_to_open

    try:
        return what_to_open(word)
    except OpeningError as error:
        raise cli.BadOptionError(str(error)) from None


def _open_missing_streams() -> None:
    """Lets a standard stream that was closed (`>&-`) lead nowhere.

    Else the next file that is opened would take its number, and be written to in its place.
    """
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(descriptor)
    for number, name in ((1, "stdout"), (2, "stderr")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, "w", encoding="utf-8", closefd=False))


def _write_the_rest() -> int:
    """Writes what is still held back; returns 1 if there is no room for it, 0 else."""
    try:
        sys.stdout.flush()
    except OSError as error:
        # What cannot be written now must not raise again at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0 if isinstance(error, BrokenPipeError) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
