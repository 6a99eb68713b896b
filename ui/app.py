"""Starts Qt and shows the window."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from ui.shell.mishaps import Mishaps
from ui.shell.window import MainWindow

if TYPE_CHECKING:
    from playground.workspace.opening import Opening

_leave_at_once = os._exit
"""While a program of the user's own runs, `os._exit` is refused."""
NO_DISPLAY = (
    "torch-playground: there is no display here; start it in a desktop session, or under "
    "`xvfb-run torch-playground`. Without a window: torch-playground train --help"
)


def main(pace: int | None = None, files: Sequence[str] = (), opening: Opening | None = None) -> int:
    """Opens the window and returns when it is closed.

    Args:
        pace: position of the pace slider; None for the one that is remembered.
        files: the user's own programs to be opened.
        opening: a set-up, a session or a program to be taken over.
    """
    if lacks_display():
        print(NO_DISPLAY, file=sys.stderr)
        return 1
    tune_interpreter()
    application = make_application()
    window = MainWindow()
    if pace is not None:
        window.view.change(pace=pace)
    for path in files:
        window.programs.open(path)
    if opening is not None:
        window.take_over(opening)
    mishaps = Mishaps(window)
    mishaps.told.connect(window.tell_mishap)
    mishaps.install()
    window.closing_milliseconds = 500
    let_ctrl_c_close(window)
    window.show()
    status = application.exec()
    mishaps.uninstall()
    if not window.session.close(0):
        # torch is being loaded, or a long step made. All is saved: there is nothing to wait for.
        sys.stdout.flush()
        _leave_at_once(status)
    return status


def make_application() -> QApplication:
    """The application object, in the style that looks alike on every system."""
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        application = QApplication(sys.argv[:1])
    application.setApplicationName("torch-playground")
    application.setApplicationDisplayName("PyTorch Playground")
    application.setStyle("Fusion")
    return application


def tune_interpreter() -> None:
    """Lets the worker have the interpreter back sooner while the window paints: half of Python's default."""
    sys.setswitchinterval(0.0025)


def lacks_display() -> bool:
    """Whether Qt would abort the program for want of a display."""
    if sys.platform in ("win32", "darwin") or os.environ.get("QT_QPA_PLATFORM"):
        return False
    if os.environ.get("WAYLAND_DISPLAY"):
        return False
    display = os.environ.get("DISPLAY", "")
    return not display or not _answers(display)


def _answers(display: str) -> bool:
    """Whether an X server listens at `host:number.screen`, or at `:number.screen` on this machine."""
    host, _, number = display.rpartition(":")
    number = number.partition(".")[0]
    if not number.isdigit():
        return False
    path = f"/tmp/.X11-unix/X{number}"
    for address in (path, f"\0{path}") if host in ("", "unix") else ((host, 6000 + int(number)),):
        family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
        with socket.socket(family) as connection, contextlib.suppress(OSError):
            connection.settimeout(2)
            connection.connect(address)
            return True
    return False


def let_ctrl_c_close(window: MainWindow) -> None:
    """Closes the window on Ctrl-C in the terminal."""
    signal.signal(signal.SIGINT, lambda *_: window.close())
    # Python looks at signals only while it runs, which it does not while Qt waits.
    timer = QTimer(window)
    timer.timeout.connect(lambda: None)
    timer.start(250)
