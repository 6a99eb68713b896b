"""Whether the desktop asks programs to move as little as they can; some people motion makes ill."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from functools import cache

_SECONDS = 0.5
_CLIENT_AREA_ANIMATION = 0x1042
"""SPI_GETCLIENTAREAANIMATION of Windows."""


@cache
def wants_motion() -> bool:
    """Whether anything may move; True where the desktop says nothing. Asked once: it starts a program."""
    if sys.platform == "win32":
        enabled = ctypes.c_int(1)
        ctypes.windll.user32.SystemParametersInfoW(_CLIENT_AREA_ANIMATION, 0, ctypes.byref(enabled), 0)
        return bool(enabled.value)
    if sys.platform == "darwin":
        return _said("defaults", "read", "com.apple.universalaccess", "reduceMotion") != "1"
    return _said("gsettings", "get", "org.gnome.desktop.interface", "enable-animations") != "false"


def _said(*command: str) -> str:
    """What a program of the desktop prints; "" where it is not there."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
