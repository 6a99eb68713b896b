"""The program's front door: `torch-playground`, or `python -m playground`.

Commands without a window run here. The window, and `bench`, which measures it, belong to the
desktop program; they are looked up by name when they are asked for, so that the engine
does not depend on them.
"""

from __future__ import annotations

import importlib
import os
import sys


def main() -> int:
    """Runs the command line and returns the exit status."""
    try:
        return _main()
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader has gone. What is left in the buffer must not raise again at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _main() -> int:
    from playground import cli

    if hasattr(sys.stdout, "reconfigure"):
        # A reader of a pipe sees each loss when it is there.
        sys.stdout.reconfigure(line_buffering=True, encoding="utf-8")
    arguments = cli.make_parser().parse_args()
    try:
        if arguments.command is None:
            # What is missing is said before Qt ends the program for it.
            return int(importlib.import_module("ui.system_libraries").main()) or int(
                importlib.import_module("ui.app").main()
            )
        if arguments.command == "bench":
            stages = cli.stages_option(arguments.stage)
            return int(importlib.import_module("ui.bench").main(stages, arguments.quick, arguments.json))
        return cli.run(arguments)
    except cli.BadOptionError as error:
        print(f"torch-playground {arguments.command}: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        raise
    except Exception as error:
        print(f"torch-playground: {type(error).__name__}: {' '.join(str(error).split())}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
