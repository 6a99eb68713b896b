"""What each way of training costs: the time of forward, backward and update, and memory.

Time. A stage stands still when its loss is there, after forward pass and loss. For the
measurement it is loaded with one more stop, before the first statement of its loop that updates a
parameter; which one that is, a recorded step of a tiny run tells. The clock is read at the stops
and nothing else runs in between, so that measuring adds less than a microsecond to a step of some
hundred. Statements count where the program has them: setting gradients to zero belongs to
`backward` in front of `loss.backward()`, and to `update` behind it.

The stages take turns, a few steps each, again and again, in alternating order: a machine that
is busy for a while slows all of them down alike. The first steps of a turn are not timed; they fill
the caches and wake the threads. Given are medians.

Memory. Counted is what arrays and tensors take, data and weights among them, at the highest point
within a few steps of a run of its own: for NumPy by Python's `tracemalloc`, which it reports to; for
torch by looking, after each operation, at which storages are still alive. So what a kernel of torch
takes and frees again within one operation is not seen, nor what Python objects take. Resident memory
would not do: beside the libraries, a run of the document's sizes is a hundredth of it.
"""

from __future__ import annotations

import statistics
import time
import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from playground.devices import resolve_device
from playground.graph.model import Phase
from playground.programs.driver import Driver
from playground.programs.program import Program, program_of
from playground.setting_specs import SIZES
from playground.settings import Settings, changed
from playground.trainer import Trainer, kept_random_states

if TYPE_CHECKING:
    import torch
    from torch.multiprocessing.reductions import StorageWeakRef

    from playground.threads import Threads

UNTIMED_STEPS = 3
"""Steps at the beginning of a stage's turn that are made but not timed."""

MEMORY_STEPS = 3
"""Steps within which memory is at its highest: the second finds the gradients of the first."""

Progress = Callable[[int, int], None]
"""Hears how many turns are done, and of how many; what it raises ends the measurement."""


@dataclass(frozen=True, slots=True)
class StageCost:
    """What a step of one stage costs.

    Attributes:
        stage: its name.
        forward: seconds of the forward pass and the loss; this and the next three are medians.
        backward: seconds from there to the update.
        update: seconds of the update.
        total: seconds of the whole step.
        steps: how many were timed.
        peak_bytes: what arrays and tensors take at most, data and weights among them.
    """

    stage: str
    forward: float
    backward: float
    update: float
    total: float
    steps: int
    peak_bytes: int


def measure_costs(
    runs: Sequence[Settings],
    turns: int = 20,
    steps: int = 10,
    on_progress: Progress | None = None,
    threads: Threads | None = None,
    on_step: Callable[[], None] | None = None,
) -> tuple[StageCost, ...]:
    """Measures the runs against each other, in one go.

    Everything happens on the thread that calls it. The random generators are left as they were.

    Args:
        runs: one a stage; their number of steps is of no account.
        turns: how often each stage has its turn.
        steps: timed steps in a turn.
        on_progress: hears of every turn that is done.
        threads: sets the number of threads; by default the libraries' own numbers count as automatic.
        on_step: called before each step, outside of what is timed; what it raises ends the measurement.

    Raises:
        ValueError: no turns or no steps.
        SettingsError, NotEnoughMemoryError: a run that is not possible here.
        Exception: whatever a stage raises.
    """
    from playground.threads import Threads

    if turns < 1 or steps < 1:
        raise ValueError(f"{turns} turns of {steps} steps: allowed are 1 or more of each")
    threads = threads or Threads()
    with kept_random_states():
        look = on_step or _look_at_nothing
        peaks = [_peak_bytes(settings, look) for settings in runs]
        clocks = [_Clock(settings, look) for settings in runs]
        for turn in range(turns):
            for clock in clocks if turn % 2 == 0 else reversed(clocks):
                threads.use(clock.settings)
                clock.take_turn(steps)
            if on_progress is not None:
                on_progress(turn + 1, turns)
    return tuple(clock.cost(peak) for clock, peak in zip(clocks, peaks, strict=True))


def in_three_parts(settings: Settings) -> Driver:
    """The stage, standing before its first step; each stands still before its update, too.

    Raises:
        ValueError: no statement of the loop updates a parameter.
    """
    line = _first_update(settings)
    program = program_of(settings)
    if line not in program.loop_lines:
        raise ValueError(f"the stage {settings.stage!r} updates nothing in its loop")
    return _begun(program, line)


def _first_update(settings: Settings) -> int:
    """Line of the first operation that updates a parameter, from a step of a tiny run; 0 for none."""
    sizes = dict.fromkeys(SIZES, 4)
    with kept_random_states():
        recording = Trainer(changed(settings, steps=1, **sizes)).record_step()
    lines = [event.line for event in recording.events if event.phase is Phase.UPDATE and event.line]
    return min(lines, default=0)


def _device(settings: Settings) -> torch.device | str:
    return resolve_device(settings.device) if settings.program.on_any_device else "cpu"


def _begun(program: Program, mark: int | None = None) -> Driver:
    driver = program.start(names={"print": _say_nothing}, mark=mark)
    driver.begin()
    return driver


def _say_nothing(*_values: object) -> None:
    """In place of `print`, which is no part of any of the costs."""


def _look_at_nothing() -> None:
    """Nobody wants to end the measurement."""


class _Clock:
    """One stage's run, and the seconds of its steps."""

    def __init__(self, settings: Settings, look: Callable[[], None] = _look_at_nothing) -> None:
        # A trainer checks device, optimizer and memory.
        Trainer(settings)
        self.settings = settings
        self._look = look
        self._driver = in_three_parts(settings)
        self._seconds: list[tuple[float, float, float]] = []

    def take_turn(self, steps: int) -> None:
        for number in range(UNTIMED_STEPS + steps):
            self._look()
            seconds = self._step()
            if number >= UNTIMED_STEPS:
                self._seconds.append(seconds)

    def _step(self) -> tuple[float, float, float]:
        if self.settings.device != "cpu":
            return self._step_on_accelerator()
        driver, clock = self._driver, time.perf_counter
        start = clock()
        driver.forward()
        forward = clock()
        driver.finish()
        backward = clock()
        driver.finish()
        return forward - start, backward - forward, clock() - backward

    def _step_on_accelerator(self) -> tuple[float, float, float]:
        """Waits at each stop, since an accelerator works on while Python is further already."""
        import torch

        times = []
        for part in (self._driver.forward, self._driver.finish, self._driver.finish, _look_at_nothing):
            torch.accelerator.synchronize(_device(self.settings))
            times.append(time.perf_counter())
            part()
        start, forward, backward, end = times
        return forward - start, backward - forward, end - backward

    def cost(self, peak_bytes: int) -> StageCost:
        forward, backward, update = (statistics.median(part) for part in zip(*self._seconds, strict=True))
        return StageCost(
            stage=self.settings.stage,
            forward=forward,
            backward=backward,
            update=update,
            total=statistics.median(map(sum, self._seconds)),
            steps=len(self._seconds),
            peak_bytes=peak_bytes,
        )


def _peak_bytes(settings: Settings, look: Callable[[], None]) -> int:
    look()
    Trainer(settings)
    program = program_of(settings)
    return (_peak_of_torch if settings.program.on_any_device else _peak_of_numpy)(program, look)


def _make_steps(driver: Driver, look: Callable[[], None]) -> None:
    for _ in range(MEMORY_STEPS):
        look()
        driver.forward()
        look()
        driver.finish()


def _peak_of_numpy(program: Program, look: Callable[[], None]) -> int:
    running = tracemalloc.is_tracing()
    if not running:
        tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        driver = _begun(program)
        # A start that is shared is made once; what counts is the step.
        tracemalloc.reset_peak()
        _make_steps(driver, look)
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        if not running:
            tracemalloc.stop()


def _peak_of_torch(program: Program, look: Callable[[], None]) -> int:
    from torch.utils._python_dispatch import TorchDispatchMode

    class Counter(TorchDispatchMode):
        """Sees every operation, those of the backward pass included."""

        def __init__(self) -> None:
            TorchDispatchMode.__init__(self)
            self.peak = 0
            self._alive: dict[int, tuple[StorageWeakRef, int]] = {}

        def __torch_dispatch__(
            self,
            operation: Callable[..., object],
            types: object,
            args: Sequence[object] = (),
            kwargs: Mapping[str, object] | None = None,
        ) -> object:
            result = operation(*args, **(kwargs or {}))
            _note_storages(result, self._alive)
            self.peak = max(self.peak, sum(size for _, size in self._alive.values()))
            return result

    counter = Counter()
    with counter:
        driver = _begun(program)
        # As with NumPy, the start does not count.
        counter.peak = 0
        _make_steps(driver, look)
    return counter.peak


def _note_storages(result: object, alive: dict[int, tuple[StorageWeakRef, int]]) -> None:
    """Adds the storages of an operation's result, and drops those that have been freed since."""
    import torch
    from torch.multiprocessing.reductions import StorageWeakRef
    from torch.utils._pytree import tree_leaves

    for value in tree_leaves(result):
        if isinstance(value, torch.Tensor):
            storage = value.untyped_storage()
            # A weak reference keeps the address from being used again, but not the memory.
            alive.setdefault(storage._cdata, (StorageWeakRef(storage), storage.nbytes()))
    for address in [address for address, (reference, _) in alive.items() if reference.expired()]:
        del alive[address]
