"""Looks for the system's libraries that Qt needs for a window, before Qt ends the program for want of one.

Imports nothing of Qt: that is what fails where one of them is missing.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

PLUGIN = Path("Qt", "plugins", "platforms", "libqxcb.so")
_PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
"""Debian's package for a library whose name does not tell it."""


def complaint() -> str:
    """What is missing for a window on an X display, with the command that installs it; "" if nothing is."""
    plugin = _plugin()
    if sys.platform != "linux" or plugin is None or _needs_no_x():
        return ""
    try:
        ctypes.CDLL(str(plugin))
    except OSError:
        missing = missing_libraries(plugin)
        return advice(missing) if missing else ""
    return ""


def missing_libraries(library: Path) -> list[str]:
    """Names of the libraries that this one needs, directly or not, and that are not on this machine."""
    ldd = shutil.which("ldd")
    if ldd is None:
        return []
    told = subprocess.run([ldd, library], capture_output=True, text=True, check=False).stdout
    lines = (line.split("=>") for line in told.splitlines() if "not found" in line)
    return list(dict.fromkeys(line[0].strip() for line in lines))


def advice(missing: Sequence[str]) -> str:
    """One line that names missing libraries and the command that installs them."""
    names = ", ".join(missing)
    return f"Qt needs libraries for a window that are missing here: {names}.{_command(missing)}"


def package_of(library: str) -> str:
    """Debian's package of a library: that of `libxcb-icccm.so.4` is `libxcb-icccm4`."""
    stem, _, version = library.partition(".so.")
    return _PACKAGES.get(library, f"{stem.lower()}{version.partition('.')[0]}")


def _command(missing: Sequence[str]) -> str:
    if shutil.which("apt-get"):
        packages = " ".join(dict.fromkeys(map(package_of, missing)))
        return f" Install them with: sudo apt-get install {packages}"
    if shutil.which("dnf"):
        return " Install them with: sudo dnf install " + " ".join(f"'{name}()(64bit)'" for name in missing)
    return " Install them with the system's package manager."


def _needs_no_x() -> bool:
    return os.environ.get("QT_QPA_PLATFORM", "xcb") != "xcb" or bool(os.environ.get("WAYLAND_DISPLAY"))


def _plugin() -> Path | None:
    found = importlib.util.find_spec("PySide6")
    places = () if found is None else found.submodule_search_locations or ()
    return next((Path(place, PLUGIN) for place in places if Path(place, PLUGIN).is_file()), None)


def main() -> int:
    """Says what is missing; the exit status is 1 then."""
    text = complaint()
    if text:
        print(f"torch-playground: {text}", file=sys.stderr)
    return bool(text)


if __name__ == "__main__":
    sys.exit(main())
