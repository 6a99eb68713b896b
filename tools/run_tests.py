"""Runs the tests in two processes at once, without a display: those of the window, and all others."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WINDOW = ROOT / "tests" / "gui"


def main() -> int:
    """Runs them; what the second process says is told when the first has ended.

    Returns:
        The status of the first one that failed, else 0.
    """
    others = sorted({each.parent for each in WINDOW.parent.glob("*/*.py")} - {WINDOW})
    with tempfile.TemporaryFile() as told:
        beside = subprocess.Popen(_command(WINDOW), stdout=told, stderr=subprocess.STDOUT, env=_environment())
        try:
            status = subprocess.run(_command(*others), env=_environment()).returncode
            beside.wait()
        finally:
            beside.kill()
            sys.stdout.flush()
            told.seek(0)
            shutil.copyfileobj(told, sys.stdout.buffer)
    return status or beside.returncode


def _command(*folders: Path) -> list[str]:
    return [sys.executable, "-m", "pytest", *map(str, folders)]


def _environment() -> dict[str, str]:
    # Threads of torch that wait must not take a core from those that work.
    return {**os.environ, "QT_QPA_PLATFORM": "offscreen", "OMP_WAIT_POLICY": "PASSIVE"}


if __name__ == "__main__":
    sys.exit(main())
