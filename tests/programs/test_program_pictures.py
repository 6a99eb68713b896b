"""What a program draws comes to the tape as pictures.

matplotlib is no dependency: a small package of the same name stands in for it, with as much as is hooked.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from playground.programs.execution import Execution
from playground.programs.output import Line, OutputTape, Picture
from playground.programs.pictures import png_size
from playground.programs.program import Program

FAKE = {
    "matplotlib/__init__.py": """\
backend = "agg"
def use(name):
    global backend
    backend = name
""",
    "matplotlib/_pylab_helpers.py": """\
class Gcf:
    managers = {}
    @classmethod
    def get_all_fig_managers(cls):
        return list(cls.managers.values())
""",
    "matplotlib/figure.py": """\
import struct, zlib
class Figure:
    def __init__(self):
        self.lines, self.broken = [], False
    def savefig(self, file, format):
        assert format == "png"
        if self.broken:
            raise RuntimeError("cannot be drawn")
        def chunk(kind, data):
            return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        head = struct.pack(">IIBBBBB", 640, 480, 8, 0, 0, 0, 0)
        text = repr(self.lines).encode()
        file.write(b"\\x89PNG\\r\\n\\x1a\\n" + chunk(b"IHDR", head) + chunk(b"tEXt", text))
    def show(self):
        raise RuntimeError("no window here")
""",
    "matplotlib/pyplot.py": """\
from matplotlib._pylab_helpers import Gcf
from matplotlib.figure import Figure
interactive = False
class Canvas: pass
class Manager: pass
def figure():
    manager = Manager()
    manager.num = max(Gcf.managers, default=0) + 1
    manager.canvas = Canvas()
    manager.canvas.figure = Figure()
    Gcf.managers[manager.num] = manager
    return manager.canvas.figure
def gcf():
    return Gcf.managers[max(Gcf.managers)].canvas.figure if Gcf.managers else figure()
def plot(*values): gcf().lines.append(values)
def get_fignums(): return sorted(Gcf.managers)
def close(which): Gcf.managers.clear()
def isinteractive(): return interactive
def ion():
    global interactive
    interactive = True
def switch_backend(name): assert name == "agg", name
def show(*args, **options): raise RuntimeError("no window here")
def draw(): raise RuntimeError("no window here")
def pause(interval): raise RuntimeError("no window here")
""",
    "PIL/__init__.py": "",
    "PIL/Image.py": """\
class Image:
    mode = "RGB"
    def show(self): raise RuntimeError("no window here")
    def save(self, file, format):
        file.write(b"\\x89PNG\\r\\n\\x1a\\n\\0\\0\\0\\rIHDR\\0\\0\\0\\x28\\0\\0\\0\\x1e")
""",
}
LOOP = """\
import torch
w = torch.ones(3, requires_grad=True)
for step in range(3):
    loss = w.pow(2).sum()
    loss.backward()
    w.grad = None
"""


@pytest.fixture
def libraries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    # Not beside the program: what lies there is taken for its own.
    folder = tmp_path / "libraries"
    for name, text in FAKE.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    monkeypatch.syspath_prepend(folder)
    assert not {"matplotlib", "PIL"} & set(sys.modules)
    yield
    for name in list(sys.modules):
        if name.partition(".")[0] in ("matplotlib", "PIL"):
            del sys.modules[name]


@pytest.fixture
def run(libraries: None, tmp_path: Path) -> Callable[[str], list[Line | Picture]]:
    program_folder = tmp_path / "program"
    program_folder.mkdir()

    def run(text: str) -> list[Line | Picture]:
        tape = OutputTape()
        program = Program(text, str(program_folder / "mine.py"))
        execution = Execution(program, output=tape.stdout, errors=tape.stderr)
        for _ in execution.steps():
            pass
        execution.close()
        news = tape.since(0)
        return [] if news is None else list(news.entries)

    return run


def drawn(entries: list[Line | Picture]) -> list[str]:
    """What was in the figures."""
    pictures = [each for each in entries if isinstance(each, Picture)]
    return [each.data.partition(b"tEXt")[2][:-4].decode() for each in pictures]


Run = Callable[[str], list[Line | Picture]]


def test_show_shows_all_figures_and_closes_them(run: Run) -> None:
    shows = (
        "import matplotlib.pyplot as plt\nplt.plot(1); plt.figure(); plt.plot(2)\nplt.show()\nplt.plot(3)\n"
    )
    entries = run(f"{LOOP}{shows}plt.show()\n")
    assert drawn(entries) == ["[(1,)]", "[(2,)]", "[(3,)]"]
    first = entries[0]
    assert isinstance(first, Picture)
    assert (first.step, first.width, first.height) == (2, 640, 480)


@pytest.mark.parametrize("show", ["plt.show(block=False)", "plt.show(False)", "plt.ion(); plt.show()"])
def test_a_window_that_stays_open_keeps_its_figure(run: Run, show: str) -> None:
    shows = f"plt.plot(1)\n{show}\nprint('between')\nplt.plot(2)\nplt.show()\n"
    text = f"{LOOP}import matplotlib.pyplot as plt\n{shows}"
    assert drawn(run(text)) == ["[(1,)]", "[(1,), (2,)]"]


def test_of_a_figure_that_is_drawn_again_and_again_the_last_picture_comes(run: Run) -> None:
    text = "import matplotlib.pyplot as plt\n" + LOOP + "    plt.plot(step); plt.draw(); plt.pause(60)\n"
    assert drawn(run(text)) == ["[(0,), (1,), (2,)]"]


def test_figures_that_are_left_over_come_at_the_end_and_none_comes_twice(run: Run) -> None:
    draws = "plt.plot(1)\nplt.gcf().show()\nplt.figure(); plt.plot(2)\n"
    text = f"{LOOP}from matplotlib import pyplot as plt\n{draws}"
    assert drawn(run(text)) == ["[(1,)]", "[(2,)]"]
    # The next program begins without them.
    assert drawn(run(f"import matplotlib.pyplot as plt\n{LOOP}plt.plot(3)\nplt.show()\n")) == ["[(3,)]"]


def test_a_backend_with_windows_is_not_used(run: Run) -> None:
    uses = "import matplotlib; matplotlib.use('TkAgg')\n"
    uses += "import matplotlib.pyplot as plt\nplt.switch_backend('TkAgg')\n"
    text = f"{uses}{LOOP}print(matplotlib.backend)\n"
    assert [each.text for each in run(text) if isinstance(each, Line)] == ["agg"]


def test_a_figure_that_cannot_be_drawn_is_said_so(run: Run) -> None:
    entries = run(f"import matplotlib.pyplot as plt\n{LOOP}plt.gcf().broken = True\n")
    assert [each.text for each in entries if isinstance(each, Line)] == [
        "a figure could not be drawn: RuntimeError: cannot be drawn"
    ]


def test_an_image_of_pil_is_shown(run: Run) -> None:
    (picture,) = run(f"from PIL import Image\n{LOOP}Image.Image().show()\n")
    assert isinstance(picture, Picture)
    assert (picture.width, picture.height) == (40, 30)


def test_the_library_is_itself_again_afterwards(run: Run) -> None:
    run(f"import matplotlib.pyplot as plt\nfrom PIL import Image\n{LOOP}")
    with pytest.raises(RuntimeError, match="no window"):
        sys.modules["matplotlib.pyplot"].show()
    with pytest.raises(RuntimeError, match="no window"):
        sys.modules["PIL.Image"].Image().show()


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(ValueError, match="does not begin a PNG file"):
        png_size(b"GIF89a..")
