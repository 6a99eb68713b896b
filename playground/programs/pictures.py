"""What a program would show in windows of its own: matplotlib's figures and PIL's images, as pictures.

Neither library is needed: a program that imports one gets the functions that show something replaced, for as
long as it runs. matplotlib's "Agg" draws without a window.
"""

from __future__ import annotations

import importlib.util
import io
import itertools
import struct
import sys
import time
import weakref
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING, Any

from playground.failure import one_line

if TYPE_CHECKING:
    from playground.programs.output import OutputTape

BETWEEN = 0.2
"""Seconds between two pictures of a figure that is drawn again and again; the last one always comes."""


class Pictures:
    """Puts what a program shows on a tape, while it is entered."""

    def __init__(self, tape: OutputTape) -> None:
        """Replaces nothing yet."""
        self._tape = tape
        self._hooks: dict[str, Callable[[Any], None]] = {
            "matplotlib": self._hook_matplotlib,
            "matplotlib.pyplot": self._hook_pyplot,
            "matplotlib.figure": self._hook_figure,
            "PIL.Image": self._hook_pil,
        }
        self._finder = _Finder(self._hooks)
        self._put_back: list[Callable[[], object]] = []
        self._taken: weakref.WeakKeyDictionary[Any, tuple[int, bytes]] = weakref.WeakKeyDictionary()
        self._numbers = itertools.count()
        # Of the figure that was drawn, but not taken: the next may come soon.
        self._drawn: weakref.ref[Any] | None = None
        self._taken_at = 0.0
        self._began = False

    def enter(self) -> None:
        """Replaces the functions of what is loaded, and of what will be."""
        if not self._began:
            self._began = True
            # An earlier program may have left its figures.
            _close_all()
        for name, hook in self._hooks.items():
            module = sys.modules.get(name)
            if module is not None:
                hook(module)
        sys.meta_path.insert(0, self._finder)

    def leave(self, ended: bool) -> None:
        """Puts everything back; takes what was drawn, at the program's end all figures that are left."""
        while self._put_back:
            self._put_back.pop()()
        if self._finder in sys.meta_path:
            sys.meta_path.remove(self._finder)
        drawn = None if self._drawn is None else self._drawn()
        figures = _open_figures() if ended else [] if drawn is None else [drawn]
        self._drawn = None
        for figure in figures:
            try:
                self._take(figure, only_changed=True)
            except Exception as error:
                self._tape.note(f"a figure could not be drawn: {one_line(error)}")
        if ended:
            _close_all()

    def _hook_matplotlib(self, matplotlib: ModuleType) -> None:
        # A backend with windows would need the main thread.
        self._set(matplotlib, "use", lambda *_args, **_options: None)

    def _hook_pyplot(self, pyplot: Any) -> None:
        def show(*args: Any, **options: Any) -> None:
            for figure in _open_figures():
                self._take(figure)
            if options.get("block", args[0] if args else None) is not False and not pyplot.isinteractive():
                # The windows have been closed when it comes back.
                pyplot.close("all")

        def draw() -> None:
            self._draw_soon(pyplot.gcf())

        def pause(_interval: float) -> None:
            # How fast a program goes is said elsewhere: nothing is waited for.
            if pyplot.get_fignums():
                self._draw_soon(pyplot.gcf())

        for name, function in (("show", show), ("draw", draw), ("pause", pause)):
            self._set(pyplot, name, function)
        switch = pyplot.switch_backend
        # pyplot itself calls it, too, when it draws for the first time.
        self._set(pyplot, "switch_backend", lambda _backend: switch("agg"))

    def _hook_figure(self, module: Any) -> None:
        self._set(module.Figure, "show", lambda figure, *_args, **_options: self._take(figure))

    def _hook_pil(self, module: Any) -> None:
        def show(image: Any, *_args: Any, **_options: Any) -> None:
            file = io.BytesIO()
            shown = image if image.mode in ("1", "L", "LA", "P", "RGB", "RGBA") else image.convert("RGB")
            shown.save(file, format="PNG")
            self._add(file.getvalue(), next(self._numbers))

        self._set(module.Image, "show", show)

    def _draw_soon(self, figure: Any) -> None:
        """Takes a figure that is drawn, unless one was taken just now."""
        if time.monotonic() - self._taken_at < BETWEEN:
            self._drawn = weakref.ref(figure)
        else:
            self._take(figure)

    def _take(self, figure: Any, only_changed: bool = False) -> None:
        """Puts a figure on the tape; where the caller says so only if it looks different from before."""
        self._drawn = None
        file = io.BytesIO()
        figure.savefig(file, format="png")
        png = file.getvalue()
        key, before = self._taken.get(figure) or (next(self._numbers), b"")
        self._taken[figure] = key, png
        self._taken_at = time.monotonic()
        if not (only_changed and png == before):
            self._add(png, key)

    def _add(self, png: bytes, key: int) -> None:
        width, height = png_size(png)
        self._tape.add_picture(png, width, height, key)

    def _set(self, owner: Any, name: str, value: object) -> None:
        before = getattr(owner, name)
        setattr(owner, name, value)
        self._put_back.append(lambda: setattr(owner, name, before))


class _Finder(MetaPathFinder):
    """Has modules hooked as soon as they are loaded."""

    def __init__(self, hooks: dict[str, Callable[[Any], None]]) -> None:
        self._hooks = hooks
        self._busy = False

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        hook = self._hooks.get(fullname)
        if hook is None or self._busy:
            return None
        self._busy = True
        try:
            spec = importlib.util.find_spec(fullname)
        finally:
            self._busy = False
        loader: Any = None if spec is None else spec.loader
        if loader is None:
            return None
        load = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            load(module)
            hook(module)

        loader.exec_module = exec_module
        return spec


def png_size(data: bytes) -> tuple[int, int]:
    """Width and height of a PNG picture, as its header says.

    Raises:
        ValueError: no PNG file.
    """
    if data[:8] != b"\x89PNG\r\n\x1a\n" or data[12:16] != b"IHDR":
        raise ValueError(f"{data[:8]!r} does not begin a PNG file")
    width, height = struct.unpack(">II", data[16:24])
    return width, height


def _open_figures() -> list[Any]:
    """pyplot's, in the order of their numbers."""
    helpers: Any = sys.modules.get("matplotlib._pylab_helpers")
    if helpers is None:
        return []
    managers = sorted(helpers.Gcf.get_all_fig_managers(), key=lambda manager: manager.num)
    return [manager.canvas.figure for manager in managers]


def _close_all() -> None:
    pyplot: Any = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None and hasattr(pyplot, "close"):
        pyplot.close("all")
