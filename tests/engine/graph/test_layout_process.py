"""The process that lays out large graphs: it answers, is replaced when it hangs, and leaves nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import psutil
import pytest

from playground.graph import engine_graphlay, engine_sugiyama
from playground.graph.engine_data import Engine, Placement, Task
from playground.graph.layout import Layout, lay_out
from playground.graph.layout_process import LayoutError, LayoutProcess
from playground.graph.model import Edge, Graph, Node, NodeKind

POLLS = 4000
"""A minute's worth; a process that never answers fails the test instead of holding it up."""


def chain(length: int) -> Graph:
    nodes = tuple(Node(number, "op", NodeKind.OPERATION, f"N{number}") for number in range(length))
    return Graph(nodes, tuple(Edge(number, number - 1, 0) for number in range(1, length)))


def sizes(graph: Graph) -> dict[str, tuple[float, float]]:
    return {node.key: (80.0, 40.0) for node in graph.nodes}


def hang(task: Task) -> Placement:
    threading.Event().wait()
    raise AssertionError("unreachable")


def hang_at_three_nodes(task: Task) -> Placement:
    return hang(task) if len(task.keys) == 3 else engine_graphlay.place(task)


def crash(task: Task) -> Placement:
    os._exit(3)


def fail(task: Task) -> Placement:
    raise ValueError("no place for this")


def report_modules(task: Task) -> Placement:
    note = " ".join(sorted(name for name in sys.modules if "." not in name))
    found = engine_graphlay.place(task)
    return Placement(found.corners, found.points, found.counts, found.width, found.height, "spy", note)


def layout_children() -> list[psutil.Process]:
    """All child processes but the one in which multiprocessing keeps account of its resources."""
    return [
        child
        for child in psutil.Process().children(recursive=True)
        if "resource_tracker" not in " ".join(child.cmdline())
    ]


@pytest.fixture
def started() -> Iterator[list[LayoutProcess]]:
    """Takes the processes that a test starts, and ends them."""
    processes: list[LayoutProcess] = []
    before = {child.pid for child in layout_children()}
    yield processes
    for process in processes:
        process.close()
    assert {child.pid for child in layout_children()} <= before


def make(
    started: list[LayoutProcess],
    careful: Engine = engine_graphlay.place,
    quick: Engine = engine_sugiyama.place,
    patience: float = 60.0,
) -> LayoutProcess:
    started.append(LayoutProcess(careful, quick, patience))
    return started[-1]


def answer(process: LayoutProcess) -> tuple[int, Layout]:
    """Looks as a window does, again and again, until there is an answer."""
    pause = threading.Event()
    for _ in range(POLLS):
        if found := process.poll():
            return found
        pause.wait(1 / 60)
    pytest.fail("no answer")


def test_answers_like_the_engine_itself(started: list[LayoutProcess]) -> None:
    process, graph = make(started), chain(12)
    process.submit(7, graph, sizes(graph))
    number, layout = answer(process)
    expected = lay_out(graph, sizes(graph))
    assert number == 7
    assert layout == expected
    assert process.poll() is None


def test_answers_one_job_after_another_from_one_process(started: list[LayoutProcess]) -> None:
    process = make(started)
    children = set()
    for number in range(3):
        graph = chain(number + 2)
        process.submit(number, graph, sizes(graph))
        found, layout = answer(process)
        assert (found, len(layout.boxes)) == (number, number + 2)
        children |= {child.pid for child in layout_children()}
    assert len(children) == 1


def test_large_graph_goes_to_the_quick_engine(started: list[LayoutProcess]) -> None:
    process, graph = make(started, careful=fail), chain(1001)
    process.submit(1, graph, sizes(graph))
    _, layout = answer(process)
    assert layout.engine == "fast-sugiyama"
    assert "given up" not in layout.note


def test_newest_job_replaces_the_one_that_waits(started: list[LayoutProcess]) -> None:
    process, graph = make(started), chain(3)
    for number in (1, 2, 3):
        process.submit(number, graph, sizes(graph))
    assert answer(process)[0] == 3
    assert process.poll() is None


@pytest.mark.parametrize(
    ("careful", "patience", "reason"),
    [
        (hang, 0.0, "more than 0 seconds"),
        (crash, 60.0, "ended unexpectedly"),
        (fail, 60.0, "no place for this"),
    ],
)
def test_quick_engine_takes_over(
    started: list[LayoutProcess], careful: Engine, patience: float, reason: str
) -> None:
    process, graph = make(started, careful, patience=patience), chain(5)
    process.submit(4, graph, sizes(graph))
    number, layout = answer(process)
    assert number == 4
    assert layout.engine == "fast-sugiyama"
    assert layout.note.startswith("The careful layout was given up: ")
    assert reason in layout.note


def test_hanging_job_makes_room_for_a_newer_one(started: list[LayoutProcess]) -> None:
    process, graph, newer = make(started, hang_at_three_nodes, patience=0.5), chain(3), chain(4)
    process.submit(0, newer, sizes(newer))
    answer(process)
    # The process is there and idle, so it is handed the first job before the second is known.
    process.submit(1, graph, sizes(graph))
    process.submit(2, newer, sizes(newer))
    number, layout = answer(process)
    assert number == 2
    assert layout.engine == "graphlay"


@pytest.mark.parametrize("quick", [crash, fail])
def test_failure_of_both_engines_is_raised_and_later_jobs_still_run(
    started: list[LayoutProcess], quick: Engine
) -> None:
    process, graph, large = make(started, quick=quick), chain(5), chain(1001)
    process.submit(1, large, sizes(large))
    with pytest.raises(LayoutError, match="could not be laid out") as caught:
        answer(process)
    assert caught.value.job_id == 1
    process.submit(2, graph, sizes(graph))
    assert answer(process)[0] == 2


def test_killed_from_outside_it_starts_again(started: list[LayoutProcess]) -> None:
    process, graph = make(started), chain(5)
    process.submit(1, graph, sizes(graph))
    answer(process)
    for child in layout_children():
        child.kill()
    process.submit(2, graph, sizes(graph))
    assert answer(process)[0] == 2


def test_process_loads_neither_torch_nor_qt(started: list[LayoutProcess]) -> None:
    process, graph = make(started, careful=report_modules), chain(3)
    process.submit(1, graph, sizes(graph))
    modules = answer(process)[1].note.split()
    assert "playground" in modules
    assert {"torch", "PySide6", "pyqtgraph", "numpy"}.isdisjoint(modules)


def test_main_module_is_not_run_again_and_is_back_afterwards(tmp_path: os.PathLike[str]) -> None:
    program = os.path.join(tmp_path, "program.py")
    with open(program, "w", encoding="utf-8") as file:
        file.write(
            "print('loaded', __name__)\n"
            "import sys, threading\n"
            "from playground.graph.layout_process import LayoutProcess\n"
            "from playground.graph.model import Graph\n"
            "process = LayoutProcess()\n"
            "process.submit(1, Graph(), {})\n"
            "while process.poll() is None: threading.Event().wait(1 / 60)\n"
            "process.close()\n"
            "print('main is', sys.modules['__main__'].__file__)\n"
        )
    run = subprocess.run(
        [sys.executable, program],
        env={**os.environ, "PYTHONPATH": os.getcwd()},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert run.stdout.splitlines() == ["loaded __main__", f"main is {program}"]


def test_a_program_that_runs_as_main_just_then_is_not_run_again(
    started: list[LayoutProcess], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Another thread may train a program of the user's: `__main__` and the path are that program's then."""
    (tmp_path / "mine.py").write_text("raise SystemExit('run again')", encoding="utf-8")
    (tmp_path / "graphlay.py").write_text("raise SystemExit('shadowed')", encoding="utf-8")
    program = ModuleType("__main__")
    program.__file__ = str(tmp_path / "mine.py")
    monkeypatch.setitem(sys.modules, "__main__", program)
    monkeypatch.syspath_prepend(str(tmp_path))
    process, graph = make(started), chain(3)
    process.submit(1, graph, sizes(graph))
    assert answer(process)[1].boxes
    assert sys.modules["__main__"] is program


def test_close_ends_a_hanging_process_at_once_and_twice_is_fine(started: list[LayoutProcess]) -> None:
    process, graph = make(started, careful=hang), chain(3)
    process.submit(1, graph, sizes(graph))
    assert process.poll() is None
    process.close()
    process.close()
    assert process.poll() is None


def test_nothing_starts_before_the_first_job(started: list[LayoutProcess]) -> None:
    before = len(layout_children())
    process = make(started)
    assert process.poll() is None
    assert len(layout_children()) == before
