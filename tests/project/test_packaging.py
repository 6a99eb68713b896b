"""The wheel: built, installed in an environment of its own, and tried from a folder that knows nothing."""

from __future__ import annotations

import email
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

import pytest

import playground

ROOT = Path(__file__).parents[2]
SCRIPTS = "Scripts" if os.name == "nt" else "bin"
TRAIN = ("train", "--stage", "numpy", "--steps", "3", "--json")


def run(*command: str | Path, folder: Path) -> str:
    """What the command prints; a test fails with its errors if it does not succeed."""
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@dataclass(frozen=True)
class Installation:
    """An environment that has the wheel, and a folder far from the checkout to run it from.

    Attributes:
        scripts: where the environment's programs are.
        elsewhere: an empty folder.
    """

    scripts: Path
    elsewhere: Path

    def python(self, *arguments: str) -> str:
        return run(self.scripts / "python", *arguments, folder=self.elsewhere)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = (sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder)
    run(*build, folder=ROOT)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return email.message_from_bytes(archive.read(name))


@pytest.fixture(scope="module")
def installation(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The wheel beside the dependencies of this environment, which take too long to install again.

    A folder named in a .pth file comes after the environment's own packages, and the .pth files in
    it are not read: an editable installation of the project over there stays unseen.
    """
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    made = Installation(folder / SCRIPTS, tmp_path_factory.mktemp("elsewhere"))
    pip = (sys.executable, "-m", "pip", "--python", made.scripts / "python", "--disable-pip-version-check")
    run(*pip, "install", "--quiet", "--no-deps", "--no-index", wheel, folder=folder)
    own = made.python("-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    dependencies = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    Path(own, "dependencies.pth").write_text("\n".join(sorted(dependencies)), encoding="utf-8")
    return made


def test_wheel_holds_both_packages_and_nothing_else(wheel: Path) -> None:
    sources = {
        path.relative_to(ROOT).as_posix()
        for package in ("playground", "ui")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    information = f"torch_playground-{playground.__version__}.dist-info/"
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {name for name in names if not name.startswith(information)} == sources
    assert {"playground/py.typed", "ui/py.typed", "playground/stages/__init__.py"} <= names
    assert f"{information}licenses/LICENSE" in names


def test_metadata_names_what_is_needed(metadata: Message) -> None:
    assert metadata["Name"] == "torch-playground"
    assert metadata["Version"] == playground.__version__
    assert metadata["License-Expression"] == "MIT"
    assert set(metadata["Requires-Python"].split(",")) == {">=3.11", "<3.14"}
    assert "torch>=2.6" in metadata.get_all("Requires-Dist", [])


def test_packages_come_from_the_wheel(installation: Installation) -> None:
    for package in ("playground", "ui"):
        place = Path(installation.python("-c", f"import {package}; print({package}.__file__)").strip())
        assert place.is_relative_to(installation.scripts.parent)


def test_trains_anywhere_as_in_the_checkout(installation: Installation) -> None:
    in_checkout = run(sys.executable, "-m", "playground", *TRAIN, folder=ROOT)
    assert len(in_checkout.splitlines()) == 3
    assert installation.python("-m", "playground", *TRAIN) == in_checkout
    program = installation.scripts / "torch-playground"
    assert run(program, *TRAIN, folder=installation.elsewhere) == in_checkout


def test_stage_can_be_written_as_a_script(installation: Installation) -> None:
    arguments = ("-m", "playground", "script", "--stage", "autograd")
    assert installation.python(*arguments) == run(sys.executable, *arguments, folder=ROOT)
