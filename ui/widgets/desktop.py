"""Gives a file to the desktop, which shows it in the program that it has for such files."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices


def open_in_editor(path: Path) -> bool:
    """Opens a text to be edited, and never to be run; whether the desktop has a program for it."""
    if sys.platform == "darwin":
        return subprocess.run(["open", "-t", str(path)], check=False).returncode == 0
    if sys.platform == "win32":
        # What opens a program there by itself is Python, which would run it.
        try:
            os.startfile(path, "edit")
        except OSError:
            return False
        return True
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
