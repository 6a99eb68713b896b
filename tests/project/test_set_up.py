"""What the set-up finds out about the machine: the small build of PyTorch, and Qt's own libraries."""

from __future__ import annotations

import functools
import http.server
import os
import platform
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ui.system_libraries import advice, missing_libraries, package_of

ROOT = Path(__file__).parents[2]
PYTHON = f"cp{sys.version_info.major}{sys.version_info.minor}"
WHEEL = f"torch-2.13.0%2Bcpu-{PYTHON}-{PYTHON}-manylinux_2_28_{platform.machine()}.whl"

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="other systems have one build of PyTorch")


@pytest.fixture
def index(tmp_path: Path) -> Iterator[str]:
    """A package index with one wheel of 3 MB, as pip reads it."""
    folder = tmp_path / "torch"
    folder.mkdir()
    (folder / "index.html").write_text(f'<a href="{WHEEL}#sha256=0">torch</a>', encoding="utf-8")
    (folder / WHEEL.replace("%2B", "+")).write_bytes(bytes(3_000_000))

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def ask(address: str, version: str = "2.13.0", path: str = "") -> tuple[str, str]:
    """What `tools/torch-index` prints, on stdout and on stderr."""
    environment = {**os.environ, "TORCH_CPU_INDEX": address, "PATH": path}
    command = (sys.executable, ROOT / "tools" / "torch-index", version)
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return ended.stdout.strip(), ended.stderr.strip()


@on_linux
@pytest.mark.skipif(Path("/proc/driver/nvidia/version").exists(), reason="CUDA's build is right here")
def test_small_build_is_taken_where_there_is_no_graphics_card(index: str, tmp_path: Path) -> None:
    option, said = ask(index)
    assert option == f"--extra-index-url={index}"
    assert said == "No graphics card of NVIDIA here: taking PyTorch 2.13.0 for the CPU, 3 MB."
    assert ask(index, "2.12.0") == ("", "")
    driver = tmp_path / "nvidia-smi"
    driver.write_text("#!/bin/sh\n", encoding="utf-8")
    driver.chmod(0o755)
    assert ask(index, path=str(tmp_path)) == ("", "")


@on_linux
def test_without_an_answer_pip_decides() -> None:
    assert ask("http://127.0.0.1:9") == ("", "")
    assert ask("nonsense") == ("", "")


@pytest.mark.skipif(shutil.which("dpkg") is None, reason="the names are those of Debian's packages")
def test_packages_are_those_that_hold_the_libraries() -> None:
    """Debian itself says which package each library comes from."""
    import PySide6

    plugin = Path(PySide6.__path__[0], "Qt", "plugins", "platforms", "libqxcb.so")
    needed = subprocess.run(["ldd", plugin], capture_output=True, text=True, check=True).stdout
    compared = 0
    for line in needed.splitlines():
        name, _, place = line.strip().partition(" => ")
        path = Path(place.partition(" ")[0])
        if not path.is_file() or not name.startswith(("libxcb", "libxkb", "libX11", "libEGL", "libdbus")):
            continue
        owner = subprocess.run(["dpkg", "-S", path.resolve()], capture_output=True, text=True, check=False)
        if owner.returncode == 0:
            assert package_of(name) == owner.stdout.partition(":")[0]
            compared += 1
    assert compared


@pytest.mark.skipif(
    shutil.which("gcc") is None or sys.platform != "linux", reason="makes a library of its own"
)
def test_missing_libraries_are_named_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "empty.c").write_text("int nothing;\n", encoding="utf-8")
    absent, whole = tmp_path / "libxcb-absent.so", tmp_path / "libwhole.so"
    compile_it: list[str | Path] = ["gcc", "-shared", "-fPIC", tmp_path / "empty.c", "-o"]
    subprocess.run([*compile_it, absent, "-Wl,-soname,libxcb-absent.so.7"], check=True)
    subprocess.run([*compile_it, whole, "-Wl,--no-as-needed", absent], check=True)
    absent.unlink()
    missing = missing_libraries(whole)
    assert missing == ["libxcb-absent.so.7"]
    text = advice(missing)
    assert "\n" not in text
    assert "libxcb-absent" in text
