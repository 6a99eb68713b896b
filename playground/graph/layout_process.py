"""Lays out large graphs in a process of their own: the libraries hold the interpreter's lock while they work.

The process can be ended. A graph that the careful engine has not laid out within two seconds is given to the
quick one instead, and its layout says so.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from playground.graph import engine_graphlay, engine_sugiyama
from playground.graph.engine_data import Engine, Placement, Task
from playground.graph.layout import Layout, is_careful, make_layout, make_task
from playground.graph.model import Graph

PATIENCE_SECONDS = 2.0
"""Time that the careful engine gets, the start of its process not counted."""
GAVE_UP = "The careful layout was not ready within two seconds; this is the quick one."


class LayoutError(RuntimeError):
    """Both engines failed; the message says how."""


@dataclass(slots=True)
class _Job:
    number: int
    graph: Graph
    task: Task
    engine: Engine
    is_quick: bool
    given: float


class LayoutProcess:
    """One layout at a time, made elsewhere; a newer job takes the place of an older one.

    To be polled by the caller; it has no thread of its own. `close` ends it.
    """

    def __init__(
        self,
        careful: Engine = engine_graphlay.place,
        quick: Engine = engine_sugiyama.place,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Starts no process yet.

        Args:
            careful: the engine for graphs that are not too large for it.
            quick: the engine for larger ones, and where the careful one takes too long.
            clock: seconds, for `PATIENCE_SECONDS`.
        """
        self._careful, self._quick, self._clock = careful, quick, clock
        self._process: BaseProcess | None = None
        self._connection: Connection | None = None
        self._job: _Job | None = None

    def submit(self, number: int, graph: Graph, sizes: Mapping[str, tuple[float, float]]) -> None:
        """Asks for a layout; one that is still being made for another number is given up.

        Raises:
            KeyError: if a node has no size.
        """
        task = make_task(graph, sizes)
        if self._job is not None:
            self._end()
        careful = is_careful(task)
        self._give(number, graph, task, self._careful if careful else self._quick, is_quick=not careful)

    def poll(self) -> tuple[int, Layout] | None:
        """The number and the layout of the job if it is done, else None; returns at once.

        Raises:
            LayoutError: the quick engine failed as well.
        """
        job, connection = self._job, self._connection
        if job is None or connection is None:
            return None
        if not connection.poll():
            if not job.is_quick and self._clock() - job.given > PATIENCE_SECONDS:
                self._fall_back(job)
            return None
        try:
            answer = connection.recv()
        except EOFError:
            answer = "the process of the layout ended"
        if isinstance(answer, Placement):
            self._job = None
            note = " ".join(filter(None, (answer.note, GAVE_UP if job.engine is not self._first(job) else "")))
            placement = Placement(answer.corners, answer.points, answer.counts, answer.engine, note)
            return job.number, make_layout(job.graph, job.task, placement)
        if answer is None:
            # The process has started; the clock of its first job begins now.
            job.given = self._clock()
            return None
        if job.is_quick:
            self._end()
            raise LayoutError(str(answer))
        self._fall_back(job)
        return None

    def close(self) -> None:
        """Ends the process and waits for it."""
        self._end()

    def _first(self, job: _Job) -> Engine:
        return self._careful if is_careful(job.task) else self._quick

    def _fall_back(self, job: _Job) -> None:
        self._end()
        self._give(job.number, job.graph, job.task, self._quick, is_quick=True)

    def _give(self, number: int, graph: Graph, task: Task, engine: Engine, *, is_quick: bool) -> None:
        connection = self._started()
        self._job = _Job(number, graph, task, engine, is_quick, self._clock())
        connection.send((engine, task))

    def _started(self) -> Connection:
        if self._connection is not None and self._process is not None and self._process.is_alive():
            return self._connection
        self._end()
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs,), name="layout", daemon=True)
        self._process.start()
        theirs.close()
        self._connection = ours
        return ours

    def _end(self) -> None:
        process, self._process, self._job = self._process, None, None
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if process is not None:
            process.kill()
            process.join()
            process.close()


def _serve(connection: Connection) -> None:
    """The process: says that it is there, then lays out what comes until nobody listens."""
    try:
        connection.send(None)
        while True:
            engine, task = connection.recv()
            try:
                connection.send(engine(task))
            except Exception as error:
                connection.send(f"{type(error).__name__}: {error}")
    except (EOFError, OSError):
        return
