"""Measures what the window costs: training in it against the same program as a bare loop, in one run."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import psutil
from PySide6.QtCore import QEventLoop, QObject, QSettings, Qt, QTimer
from PySide6.QtWidgets import QApplication

from playground.history import NO_DEPTH, History
from playground.pace import FULL_SPEED, PACES
from playground.setting_specs import SIZES
from playground.settings import Settings, changed
from ui.app import lacks_display, make_application, tune_interpreter
from ui.session.session import RunState
from ui.shell.window import MainWindow

FIRST_PAINT = """
import sys, time
from PySide6.QtCore import QSettings
from ui.bench import paint_once
QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, sys.argv[1])
paint_once()
print(time.time(), flush=True)
import os; os._exit(0)
"""
IMPORT_TORCH = "import time; t = time.perf_counter(); import torch; print(time.perf_counter() - t)"
HISTORY_STEPS = 10_000_000


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured.

    Attributes:
        pairs: how often each side runs.
        seconds: about how long a side runs each time.
        warm_up: steps before the clock starts.
        long_run: step after which the time of a step is compared with that after a thousand.
    """

    pairs: int
    seconds: float
    warm_up: int
    long_run: int


FULL = Plan(pairs=5, seconds=2.5, warm_up=200, long_run=1_000_000)
QUICK = Plan(pairs=3, seconds=0.8, warm_up=100, long_run=50_000)


@dataclass(frozen=True, slots=True)
class StageSpeed:
    """Steps a second of one stage; medians of paired runs.

    Attributes:
        bare: of the bare loop, with as many threads as in the window.
        window: in the open window, loss and graph live.
        ratio: window against bare, pair by pair.
        threads: of either side.
        bare_own_threads: of the bare loop with the library's own number of threads.
        ratio_own_threads: window against that.
    """

    bare: float
    window: float
    ratio: float
    threads: int | None
    bare_own_threads: float
    ratio_own_threads: float


@dataclass(frozen=True, slots=True)
class RecordedStep:
    """What recording costs, beside a step without.

    Attributes:
        step_ms, recorded_ms: time of a step.
        ratio: of the second to the first.
        mb: memory of a recording.
    """

    step_ms: float
    recorded_ms: float
    ratio: float
    mb: float


def main(stages: Sequence[str], quick: bool, as_json: bool) -> int:
    """Runs every measurement and prints the result; returns the exit status."""
    if lacks_display():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    plan = QUICK if quick else FULL
    with tempfile.TemporaryDirectory() as folder:
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, folder)
        result = _measure(stages, plan, folder)
    print(json.dumps(result) if as_json else _table(result))
    return 0


def _measure(stages: Sequence[str], plan: Plan, folder: str) -> dict[str, object]:
    _tell("first paint")
    first_paint = _first_paint(plan, folder)
    window = _Window()
    bare = _Bare()
    speeds = {}
    for stage in stages:
        _tell(stage)
        speeds[stage] = _stage_speed(stage, plan, window, bare)
    bare.close()
    _tell("recorded steps")
    recorded = {stage: window.recorded(stage, plan) for stage in stages}
    _tell("delay of the event loop")
    lag = window.lag(stages, plan)
    _tell("a busy machine")
    busy = _busy_machine(window, plan)
    _tell("long run")
    long_run = _long_run(window, plan)
    window.close()
    return {
        "stages": {name: asdict(speed) for name, speed in speeds.items()},
        "recording": {name: asdict(each) for name, each in recorded.items()},
        "lag_ms": lag,
        "first_paint": first_paint,
        "busy": busy,
        "long_run": long_run,
        "history_mb": _history_megabytes(),
    }


def _tell(what: str) -> None:
    print(f"measuring: {what} …", file=sys.stderr, flush=True)


class _Bare:
    """The process of the bare loops."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "playground.bare"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def speed(self, settings: Settings, first: int, last: int, threads: int | None) -> float:
        """Steps a second with so many threads; None: the library's own number."""
        blas = threads if settings.stage == "numpy" else None
        given = changed(settings, threads=threads or 0) if blas is None else settings
        return self._ask({"settings": given.to_plain(), "first": first, "last": last, "blas_threads": blas})

    def own_threads(self) -> int:
        """Torch's own number of threads."""
        return int(self._ask({"settings": None}))

    def _ask(self, request: Mapping[str, object]) -> float:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return float(json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        self._process.communicate()


class _Window:
    """The real window, driven through its session."""

    def __init__(self) -> None:
        tune_interpreter()
        self.application = make_application()
        self.window = MainWindow()
        self.session = self.window.session
        self.session.makes_first_step = False
        self.window.view.change(pace=PACES.index(FULL_SPEED))
        self.window.resize(1280, 800)
        self.window.show()
        _wait_for(self.session.worker.optimizers_found.connect)

    def start(self, stage: str, **values: object) -> Settings:
        """A new run of a stage at step 0."""
        self.session.choose_stage(stage)
        self.session.choose_defaults()
        for name, value in values.items():
            self.session.choose(name, value)
        self.session.reset()
        return self.session.settings

    def run_to(self, steps: int) -> float:
        """Trains up to that many steps; returns the seconds that the run has taken by then."""
        if self.session.steps_made == steps:
            return self.session.seconds
        self.session.choose("steps", steps)
        loop = QEventLoop()

        def look(state: RunState) -> None:
            if state is not RunState.RUNNING:
                loop.quit()

        self.session.state_changed.connect(look)
        self.session.train()
        loop.exec()
        self.session.state_changed.disconnect(look)
        assert self.session.state is RunState.FINISHED, f"the run is {self.session.state}"
        return self.session.seconds

    def speed(self, first: int, last: int) -> float:
        """Steps a second between two steps of the run."""
        before = self.run_to(first)
        # The last step is recorded; the clock leaves it out.
        return (last - first - 1) / (self.run_to(last) - before)

    def recorded(self, stage: str, plan: Plan) -> RecordedStep:
        """What recording a step costs."""
        self.start(stage)
        plain = 1 / self.speed(plan.warm_up, 2 * plan.warm_up)
        run = self.session.run
        assert run is not None, "it has trained"
        seconds, megabytes = [], []
        for _ in range(plan.pairs):
            made = self.session.steps_made
            self.run_to(made + 1)
            recording = run.recordings.get(made)
            assert recording is not None, "the last step is recorded"
            seconds.append(recording.seconds)
            megabytes.append(recording.nbytes / 1e6)
        recorded = statistics.median(seconds)
        return RecordedStep(1e3 * plain, 1e3 * recorded, recorded / plain, max(megabytes))

    @property
    def threads(self) -> int | None:
        """Threads of the present run's operations."""
        return None if self.session.run is None else self.session.run.threads

    def lag(self, stages: Sequence[str], plan: Plan) -> dict[str, float]:
        """Delay of the event loop in milliseconds while the stages train at full speed."""
        meter = _LagMeter()
        for stage in stages:
            self.start(stage)
            self.run_to(plan.warm_up)
            # A speed is needed to run for about the planned time.
            last = plan.warm_up + int(plan.seconds * self.speed(plan.warm_up, 2 * plan.warm_up))
            meter.start()
            self.run_to(2 * plan.warm_up + last)
            meter.stop()
        p50, p99, largest = np.percentile(np.array(meter.delays), (50, 99, 100))
        return {"p50": float(p50), "p99": float(p99), "max": float(largest)}

    def close(self) -> None:
        self.window.close()
        QApplication.processEvents()


class _LagMeter(QObject):
    """How much later than asked for the event loop comes back."""

    INTERVAL = 4.0

    def __init__(self) -> None:
        super().__init__()
        self.delays: list[float] = []
        self._due = 0.0
        self._timer = QTimer(self, interval=int(self.INTERVAL), timerType=Qt.TimerType.PreciseTimer)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        self._due = time.perf_counter() + self.INTERVAL / 1000
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    def _tick(self) -> None:
        self.delays.append(max(0.0, 1000 * (time.perf_counter() - self._due)))
        self.start()


def _wait_for(connect: Callable[[Callable[..., None]], object]) -> None:
    loop = QEventLoop()
    connect(lambda *_: loop.quit())
    loop.exec()


def _stage_speed(stage: str, plan: Plan, window: _Window, bare: _Bare) -> StageSpeed:
    settings = window.start(stage)
    window.run_to(plan.warm_up)
    threads = window.threads
    has_own = stage != "numpy" and threads == bare.own_threads()
    rough = bare.speed(settings, plan.warm_up, 2 * plan.warm_up, threads)
    first, last = plan.warm_up, plan.warm_up + max(100, int(plan.seconds * rough))
    pairs, own = [], []
    for number in range(plan.pairs):
        sides = {"window": 0.0, "bare": 0.0}
        # In turn, the one or the other goes first, so that a drift of the machine favours neither.
        for side in ("window", "bare") if number % 2 else ("bare", "window"):
            if side == "bare":
                sides[side] = bare.speed(settings, first, last, threads)
            else:
                window.start(stage)
                sides[side] = window.speed(first, last)
        pairs.append((sides["window"], sides["bare"]))
        own.append(sides["bare"] if has_own else bare.speed(settings, first, last, None))
    return StageSpeed(
        bare=statistics.median(each for _, each in pairs),
        window=statistics.median(each for each, _ in pairs),
        ratio=statistics.median(in_window / alone for in_window, alone in pairs),
        threads=threads,
        bare_own_threads=statistics.median(own),
        ratio_own_threads=statistics.median(
            in_window / alone for (in_window, _), alone in zip(pairs, own, strict=True)
        ),
    )


BUSY_SIZES: dict[str, dict[str, int]] = {"default": {}, "input 10": {"input_size": 10}}
NEIGHBOR = """
import os, time
end = time.monotonic() + 60
print("busy", flush=True)
while time.monotonic() < end and os.getppid() == %d:
    pass
"""
"""Keeps one core busy until it is ended, or its parent is no more; at most a minute."""


def _busy_machine(window: _Window, plan: Plan) -> dict[str, dict[str, float | None]]:
    """Steps a second with one core kept busy by another process, against the quiet machine, in turn."""
    found: dict[str, dict[str, float | None]] = {}
    for name, sizes in BUSY_SIZES.items():
        pairs = []
        for _ in range(plan.pairs):
            quiet = _speed_of(window, plan, sizes)
            with _neighbor():
                pairs.append((_speed_of(window, plan, sizes), quiet))
        found[name] = {
            "busy": statistics.median(busy for busy, _ in pairs),
            "quiet": statistics.median(quiet for _, quiet in pairs),
            "ratio": statistics.median(busy / quiet for busy, quiet in pairs),
            "threads": window.threads,
        }
    return found


@contextmanager
def _neighbor() -> Iterator[None]:
    """Another process that keeps one core busy."""
    command = [sys.executable, "-c", NEIGHBOR % os.getpid()]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            yield
        finally:
            process.kill()


def _speed_of(window: _Window, plan: Plan, sizes: Mapping[str, int]) -> float:
    """Steps a second of the autograd stage in the window, with automatic threads."""
    window.start("autograd", **sizes)
    rough = window.speed(plan.warm_up, 2 * plan.warm_up)
    window.start("autograd", **sizes)
    return window.speed(plan.warm_up, plan.warm_up + max(100, int(plan.seconds / 2 * rough)))


def _first_paint(plan: Plan, folder: str) -> dict[str, float]:
    """Seconds from the start of a process to the painted window, against those of `import torch` alone."""
    pairs = []
    for _ in range(plan.pairs + 1):
        started = time.time()
        painted = float(_run_python(FIRST_PAINT, folder))
        pairs.append((painted - started, float(_run_python(IMPORT_TORCH))))
    # The first pair only brings the files into memory.
    pairs = pairs[1:]
    return {
        "window_s": statistics.median(window for window, _ in pairs),
        "import_torch_s": statistics.median(torch for _, torch in pairs),
        "ratio": statistics.median(window / torch for window, torch in pairs),
    }


def _run_python(program: str, *arguments: str) -> str:
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def paint_once() -> None:
    """Shows the window and returns when it has been painted for the first time."""
    make_application()
    window = MainWindow()
    window.show()
    while not window.painted:
        QApplication.processEvents()


def _long_run(window: _Window, plan: Plan) -> dict[str, float]:
    """Time of a step after very many steps against that after a thousand, in the smallest network."""
    sizes = dict.fromkeys(SIZES, 1)
    block = 5_000
    window.start("autograd", **sizes)
    window.run_to(plan.long_run)
    late = [
        window.speed(plan.long_run + number * block, plan.long_run + (number + 1) * block)
        for number in range(plan.pairs)
    ]
    early = []
    for _ in range(plan.pairs):
        window.start("autograd", **sizes)
        early.append(window.speed(1_000, 1_000 + block))
    return {
        "ratio": statistics.median(early) / statistics.median(late),
        "steps": plan.long_run,
        "microseconds_early": 1e6 / statistics.median(early),
        "microseconds_late": 1e6 / statistics.median(late),
    }


def _history_megabytes() -> float:
    """Memory in MB that the history of ten million steps takes, summary included."""
    process = psutil.Process()
    before = process.memory_info().rss
    history = History(HISTORY_STEPS)
    append = history.append
    for step in range(HISTORY_STEPS):
        append(float(step), NO_DEPTH, 0)
    history.envelope(0, HISTORY_STEPS, 1000)
    return (process.memory_info().rss - before) / 1e6


def _table(result: Mapping[str, Any]) -> str:
    """The result for people."""
    lag, paint, long_run = (result[name] for name in ("lag_ms", "first_paint", "long_run"))
    lines = ["stage       window   bare loop   ratio   threads   bare, own threads   ratio"]
    for name, each in result["stages"].items():
        lines.append(
            f"{name:<10}{each['window']:8.0f}{each['bare']:12.0f}{each['ratio']:8.2f}{each['threads']!s:>10}"
            f"{each['bare_own_threads']:20.0f}{each['ratio_own_threads']:8.2f}"
        )
    lines += [
        "(steps a second; medians of paired runs)",
        *(
            f"{name:<10}a recorded step takes {each['recorded_ms']:.1f} ms instead of {each['step_ms']:.2f}: "
            f"ratio {each['ratio']:.0f}; it takes {each['mb']:.1f} MB"
            for name, each in result["recording"].items()
        ),
        *(
            f"one core kept busy by another process, {name} sizes, {each['threads']} threads: "
            f"{each['busy']:.0f} steps a second, quiet {each['quiet']:.0f}: ratio {each['ratio']:.2f}"
            for name, each in result["busy"].items()
        ),
        f"delay of the event loop: median {lag['p50']:.1f} ms, 99th percentile {lag['p99']:.1f} ms, "
        f"worst {lag['max']:.1f} ms",
        f"window painted after {paint['window_s']:.2f} s, import torch alone "
        f"{paint['import_torch_s']:.2f} s: ratio {paint['ratio']:.2f}",
        f"a step after {long_run['steps']:,} steps {long_run['microseconds_late']:.0f} µs, "
        f"after 1,000 {long_run['microseconds_early']:.0f} µs: ratio {long_run['ratio']:.2f}",
        f"history of {HISTORY_STEPS:,} steps: {result['history_mb']:.0f} MB",
    ]
    return "\n".join(lines)
