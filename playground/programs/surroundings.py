"""What a program finds around itself while it runs, put there for it and put back when it stands still."""

from __future__ import annotations

import contextlib
import gc
import importlib.machinery
import logging
import multiprocessing.context
import os
import random
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from importlib.abc import MetaPathFinder
from pathlib import Path
from types import CodeType, ModuleType
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from playground.programs.display import display_of
from playground.programs.errors import NoInputError
from playground.programs.parse import read_text

if TYPE_CHECKING:
    from playground.programs.driver import Driver


_latest: object = None
"""Belongs to the program that has run last."""


class Surroundings:
    """`__main__`, `sys.argv`, `sys.path`, the working directory, outputs, and what torch keeps globally."""

    def __init__(
        self,
        filename: str,
        argv: Sequence[str] = (),
        output: IO[str] | None = None,
        errors: IO[str] | None = None,
    ) -> None:
        """Changes nothing yet.

        Args:
            filename: the program's file; its folder is its working directory and holds its modules.
            argv: words after its name.
            output, errors: where what it prints goes; None leaves the process's own. A tape's streams take
                what it draws as well, and let it ask its user.
        """
        self._folder = str(Path(filename).resolve().parent)
        self._argv = [filename, *argv]
        self._output, self._errors = output, errors
        self._display = display_of(output)
        self._streams: tuple[Any, Any] | None = None
        self._warnings: _WarningsState | None = None
        self._token = object()
        self._path: list[str] | None = None
        self._cwd = self._folder
        # A program finds no start method chosen, whatever has been chosen before it in this process.
        self._inside: dict[str, Any] = {"start method": None}
        self._modules: dict[str, ModuleType] = {}

    @contextlib.contextmanager
    def around(self, driver: Driver) -> Iterator[None]:
        """Where the program is at home, for as long as the block lasts."""
        global _latest
        outside = {name: get() for name, (get, _) in _STATES.items()}
        main, argv, path = sys.modules["__main__"], sys.argv, list(sys.path)
        cwd, streams = _cwd(), (sys.stdout, sys.stderr)
        hooked = signal.signal
        finder = _Finder(self._folder, driver, self._modules)
        shown = _WarningsState.now()
        if self._warnings is None:
            warnings.filters = list(shown.filters)
            _filter_as_python_does()
        else:
            self._warnings.put()
            if _latest is not self._token:
                _forget_what_was_warned_of()
        _latest = self._token
        sys.modules["__main__"] = driver.module
        sys.modules.update(self._modules)
        sys.argv, sys.path[:] = self._argv, self._path or [self._folder, *path]
        sys.meta_path.insert(0, finder)
        if threading.current_thread() is not threading.main_thread():
            signal.signal = _no_handler  # type: ignore[assignment]
        with contextlib.suppress(OSError):
            os.chdir(self._cwd)
        sys.stdout, sys.stderr = self._streams or (self._output or streams[0], self._errors or streams[1])
        for name, (_, put) in _STATES.items():
            if name in self._inside:
                put(self._inside[name])
        # A backend with windows needs the main thread.
        os.environ["MPLBACKEND"] = "Agg" if self._display else os.environ.get("MPLBACKEND", "Agg")
        try:
            with contextlib.nullcontext() if self._display is None else self._display.around(driver):
                yield
        finally:
            for name, (get, put) in _STATES.items():
                self._inside[name] = get()
                put(outside[name])
            self._warnings = _WarningsState.now()
            shown.put()
            # A program may redirect them itself.
            self._streams = sys.stdout, sys.stderr
            sys.stdout, sys.stderr = streams
            self._cwd = _cwd() or self._cwd
            if cwd is not None:
                os.chdir(cwd)
            signal.signal = hooked
            sys.meta_path.remove(finder)
            self._argv, sys.argv = sys.argv, argv
            self._path, sys.path[:] = list(sys.path), path
            for name in self._modules:
                sys.modules.pop(name, None)
            sys.modules["__main__"] = main


def input_for(output: IO[str] | None) -> dict[str, object]:
    """What stands in for `input` where nobody could answer; Python's own asks by way of a tape."""
    return {"input": refuse_input} if display_of(output) is None else {}


def refuse_input(prompt: object = "") -> str:
    """In place of `input`: nobody can answer.

    Raises:
        ProgramError: always.
    """
    asked = f" ({prompt})" if prompt else ""
    raise NoInputError(f"the program asks for input(){asked}, which nobody can answer here")


class _Finder(MetaPathFinder):
    """Finds modules beside the program, whose loops are hooked like its own."""

    def __init__(self, folder: str, driver: Driver, found: dict[str, ModuleType]) -> None:
        self._folder, self._driver, self._found = folder, driver, found

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        places = [self._folder] if path is None else list(path)
        if not all(each.startswith(self._folder) for each in places):
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, places)
        if spec is None or not spec.origin or not spec.origin.endswith(".py"):
            return None
        if any(part in spec.origin for part in ("site-packages", "dist-packages")):
            return None
        spec.loader = _Loader(fullname, spec.origin, self._driver, self._found)
        return spec


class _Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, name: str, path: str, driver: Driver, found: dict[str, ModuleType]) -> None:
        super().__init__(name, path)
        self._driver, self._found = driver, found

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        return self._driver.files.module(read_text(Path(path)), path)

    def exec_module(self, module: ModuleType) -> None:
        self._found[module.__name__] = module
        module.__dict__["__builtins__"] = self._driver.builtins
        exec(self.get_code(module.__name__), module.__dict__)


class _WarningsState(NamedTuple):
    """Filters of warnings, and who shows or records what passes them."""

    filters: Any
    show: Any
    implementation: Any

    @classmethod
    def now(cls) -> _WarningsState:
        module: Any = warnings
        return cls(module.filters, module.showwarning, module._showwarnmsg_impl)

    def put(self) -> None:
        # Without `_filters_mutated`: a program would be warned once a step of what Python says once.
        module: Any = warnings
        module.filters, module.showwarning, module._showwarnmsg_impl = self


def _filter_as_python_does() -> None:
    """The filters of warnings that a program finds when Python starts it."""
    warnings.resetwarnings()
    for hidden in (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning):
        warnings.simplefilter("ignore", hidden)
    warnings.filterwarnings("default", category=DeprecationWarning, module="__main__")


def _forget_what_was_warned_of() -> None:
    """Lets each warning be shown again, though another program has seen it."""
    module: Any = warnings
    module._filters_mutated()


def _cwd() -> str | None:
    try:
        return os.getcwd()
    except OSError:
        return None


def _no_handler(_number: int, _handler: object) -> None:
    """Signals reach the main thread only, where the program does not run."""


def _put_logging(value: tuple[list[logging.Handler], int]) -> None:
    logging.root.handlers[:] = value[0]
    logging.root.setLevel(value[1])


def _put_environment(value: dict[str, str]) -> None:
    if dict(os.environ) != value:
        os.environ.clear()
        os.environ.update(value)


def _put_excepthook(value: Any) -> None:
    sys.excepthook = value


def _start_method() -> Any:
    return getattr(multiprocessing.context._default_context, "_actual_context", None)


def _put_start_method(value: Any) -> None:
    # What was chosen can only be read and put back like this.
    default: Any = multiprocessing.context._default_context
    default._actual_context = value


def _signals() -> dict[signal.Signals, Any]:
    if threading.current_thread() is not threading.main_thread():
        return {}
    return {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}


def _put_signals(handlers: dict[signal.Signals, Any]) -> None:
    for number, handler in handlers.items():
        if handler is not None and signal.getsignal(number) is not handler:
            signal.signal(number, handler)


def _torch() -> Any:
    torch = sys.modules.get("torch")
    return torch if torch is not None and hasattr(torch, "get_default_dtype") else None


def _of_torch(get: Callable[[Any], Any]) -> Callable[[], Any]:
    def read() -> Any:
        torch = _torch()
        return None if torch is None else get(torch)

    return read


def _into_torch(put: Callable[[Any, Any], Any]) -> Callable[[Any], None]:
    def write(value: Any) -> None:
        torch = _torch()
        if torch is not None and value is not None:
            put(torch, value)

    return write


def _put_threads(torch: Any, number: int) -> None:
    if torch.get_num_threads() != number:
        torch.set_num_threads(number)


def _hooks(torch: Any) -> list[dict[Any, Any]]:
    module = torch.nn.modules.module
    names = [name for name in vars(module) if name.startswith("_global_") and name.endswith("hooks")]
    return [vars(module)[name] for name in sorted(names)]


def _put_hooks(torch: Any, values: list[dict[Any, Any]]) -> None:
    for hooks, value in zip(_hooks(torch), values, strict=False):
        hooks.clear()
        hooks.update(value)


def _numpy_state() -> Any:
    numpy = sys.modules.get("numpy")
    return None if numpy is None or not hasattr(numpy, "random") else numpy.random.get_state()


def _put_numpy_state(value: Any) -> None:
    numpy = sys.modules.get("numpy")
    if numpy is not None and value is not None:
        numpy.random.set_state(value)


_STATES: dict[str, tuple[Callable[[], Any], Callable[[Any], Any]]] = {
    "logging": (lambda: (list(logging.root.handlers), logging.root.level), _put_logging),
    "signals": (_signals, _put_signals),
    "random": (random.getstate, random.setstate),
    "numpy": (_numpy_state, _put_numpy_state),
    "torch": (_of_torch(lambda torch: torch.get_rng_state()), _into_torch(lambda t, v: t.set_rng_state(v))),
    "dtype": (
        _of_torch(lambda torch: torch.get_default_dtype()),
        _into_torch(lambda t, v: t.set_default_dtype(v)),
    ),
    "deterministic": (
        _of_torch(
            lambda torch: (
                torch.are_deterministic_algorithms_enabled(),
                torch.is_deterministic_algorithms_warn_only_enabled(),
            )
        ),
        _into_torch(lambda t, v: t.use_deterministic_algorithms(v[0], warn_only=v[1])),
    ),
    "anomaly": (
        _of_torch(lambda torch: (torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled())),
        _into_torch(lambda t, v: t.autograd.set_detect_anomaly(v[0], v[1])),
    ),
    "precision": (
        _of_torch(lambda torch: torch.get_float32_matmul_precision()),
        _into_torch(lambda t, v: t.set_float32_matmul_precision(v)),
    ),
    "environment": (lambda: dict(os.environ), _put_environment),
    "recursion": (sys.getrecursionlimit, sys.setrecursionlimit),
    "collector": (gc.isenabled, lambda value: gc.enable() if value else gc.disable()),
    "excepthook": (lambda: sys.excepthook, _put_excepthook),
    "start method": (_start_method, _put_start_method),
    "threads": (_of_torch(lambda torch: torch.get_num_threads()), _into_torch(_put_threads)),
    "hooks": (_of_torch(lambda torch: [dict(each) for each in _hooks(torch)]), _into_torch(_put_hooks)),
    "printing": (
        _of_torch(lambda torch: dict(vars(torch._tensor_str.PRINT_OPTS))),
        _into_torch(lambda t, v: vars(t._tensor_str.PRINT_OPTS).update(v)),
    ),
}
"""What a program may change for the whole process, each with how it is read and put back."""
