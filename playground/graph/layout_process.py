"""Layouts of large graphs, made in a process that can be ended: no layout library can be interrupted.

The process is asked for one layout at a time and answers with arrays of numbers. It loads neither
PyTorch nor Qt. Nothing here waits: the caller looks for answers whenever it likes.
"""

from __future__ import annotations

import contextlib
import math
import multiprocessing
import multiprocessing.spawn
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from time import monotonic
from typing import Any

from playground.graph import engine_graphlay, engine_sugiyama
from playground.graph.engine_data import Engine, Placement, Task
from playground.graph.layout import CAREFUL_NODES, Layout, make_layout, make_task
from playground.graph.model import Graph

PATIENCE = 2.0
"""Seconds that the careful engine has for a layout."""
LAST_PATIENCE = 30.0
"""Seconds that the quick engine has for a layout, and the process to start."""


_NAME = "torch-playground layout"
_PATH = tuple(sys.path)
"""Before any program of the user's has put its folder first."""
_READY = True
"""What the process says first. Later it answers with a placement, or with the text of an error."""


class LayoutError(RuntimeError):
    """No layout could be made.

    Attributes:
        job_id: the job that gets no answer.
    """

    def __init__(self, job_id: int, reason: str) -> None:
        """With the job and why."""
        super().__init__(f"the graph could not be laid out: {reason}")
        self.job_id = job_id


@dataclass(frozen=True, slots=True)
class _Job:
    """A layout to make; `note` says why it is made with the quick engine."""

    id: int
    graph: Graph
    task: Task
    careful: bool
    note: str = ""


class LayoutProcess:
    """Makes layouts in a process of its own, one at a time; the newest job replaces one that waits.

    A job that the careful engine has not finished in time, or has failed at, is done again with the
    quick engine, and the layout's note says so. If a newer job waits by then, it is dropped instead.

    Args:
        careful: the engine for graphs of at most `CAREFUL_NODES` nodes; a function of a module, as the
            process imports it.
        quick: the engine for larger graphs, and where the other takes too long.
        patience: seconds that the careful engine has for a layout, and the quick one if a newer job waits.
    """

    def __init__(
        self,
        careful: Engine = engine_graphlay.place,
        quick: Engine = engine_sugiyama.place,
        patience: float = PATIENCE,
    ) -> None:
        """No process runs yet; the first job starts it."""
        self._engines = (careful, quick)
        self._patience = patience
        self._process: BaseProcess | None = None
        self._connection: Connection | None = None
        self._ready = False
        self._waiting: _Job | None = None
        self._running: _Job | None = None
        self._since = 0.0

    def submit(self, job_id: int, graph: Graph, sizes: Mapping[str, tuple[float, float]]) -> None:
        """Asks for a layout; a job that waits for its turn is dropped without an answer.

        Args:
            job_id: any number, given back with the layout.
            graph: any graph.
            sizes: width and height of each node's box by the node's key, in pixels.

        Raises:
            KeyError: if a node has no size.
        """
        task = make_task(graph, sizes)
        self._waiting = _Job(job_id, graph, task, careful=len(task.keys) <= CAREFUL_NODES)
        self._advance()

    def poll(self) -> tuple[int, Layout] | None:
        """The layout that was finished since the last look, with its job's number, else None. Never waits.

        To be called again and again, some 15 times a second, as long as an answer is expected.

        Raises:
            LayoutError: if a job failed with the quick engine too, or the process does not start. Later
                jobs are tried with a new process.
        """
        answer = self._receive()
        self._advance()
        return answer

    def close(self) -> None:
        """Ends the process and forgets all jobs. A later job starts it again."""
        self._waiting = None
        self._end()

    def _receive(self) -> tuple[int, Layout] | None:
        if self._connection is None:
            return None
        try:
            message = self._connection.recv() if self._connection.poll() else None
        except (EOFError, OSError):
            self._fail("its process ended unexpectedly")
            return None
        if isinstance(message, Placement):
            return self._finish(message)
        if message is _READY:
            self._ready = True
        elif message is not None:
            self._fail(message)
        elif monotonic() - self._since > self._limit():
            self._fail(f"it took more than {self._limit():g} seconds")
        return None

    def _limit(self) -> float:
        """Seconds that the process may keep silent."""
        if self._running is None:
            return math.inf if self._ready else LAST_PATIENCE
        return self._patience if self._running.careful or self._waiting is not None else LAST_PATIENCE

    def _finish(self, placement: Placement) -> tuple[int, Layout]:
        job = self._running
        assert job is not None
        self._running = None
        layout = make_layout(job.graph, job.task, placement)
        return job.id, replace(layout, note=f"{job.note} {layout.note}".strip())

    def _fail(self, reason: str) -> None:
        """Ends the process and has its job done again with the quick engine, if none is newer."""
        started, job = self._ready, self._running
        self._end()
        if started and self._waiting is None and job is not None:
            if not job.careful:
                raise LayoutError(job.id, reason)
            self._waiting = replace(job, careful=False, note=f"The careful layout was given up: {reason}.")
        elif not started and self._waiting is not None:
            # Not tried again by itself: a process that never starts would be started for ever.
            job, self._waiting = self._waiting, None
            raise LayoutError(job.id, reason)

    def _advance(self) -> None:
        """Hands the waiting job over as soon as the process is there and has nothing to do."""
        if self._waiting is None:
            return
        if self._connection is None:
            self._start()
        elif self._ready and self._running is None:
            self._running, self._waiting = self._waiting, None
            self._since = monotonic()
            # If the process has died meanwhile, the next look finds out.
            with contextlib.suppress(OSError):
                self._connection.send((self._running.careful, self._running.task))

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, *self._engines), name=_NAME, daemon=True)
        process.start()
        theirs.close()
        self._process, self._connection = process, ours
        self._since = monotonic()

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()
        if self._connection is not None:
            self._connection.close()
        self._process = self._connection = self._running = None
        self._ready = False


_prepare_any = multiprocessing.spawn.get_preparation_data


def _preparation_data(name: str) -> dict[str, Any]:
    """What a new process is given to begin with; the one that makes layouts gets nothing of this one's state.

    It would run the module that is `__main__` now, in the folder and with the path of now: while another
    thread trains a program of the user's, these are that program's.
    """
    data = _prepare_any(name)
    if name == _NAME:
        for entry in ("init_main_from_name", "init_main_from_path", "dir"):
            data.pop(entry, None)
        data |= {"sys_path": list(_PATH), "sys_argv": [_NAME]}
    return data


multiprocessing.spawn.get_preparation_data = _preparation_data


def _serve(connection: Connection, careful: Engine, quick: Engine) -> None:
    """The process: says that it is ready, then answers each task with a placement or the text of an error."""
    # Control-C in a terminal reaches this process too; the window is the one that ends it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # The connection breaks when the window has gone.
    with contextlib.suppress(EOFError, OSError):
        connection.send(_READY)
        while True:
            is_careful, task = connection.recv()
            connection.send(_answer(careful if is_careful else quick, task))


def _answer(engine: Engine, task: Task) -> Placement | str:
    try:
        return engine(task)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
