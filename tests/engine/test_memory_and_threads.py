"""Memory: the estimate against what NumPy really takes, and the refusal. Threads: set, read, restored."""

from __future__ import annotations

import os
import re
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import torch
from threadpoolctl import ThreadpoolController

from playground import memory
from playground.bare import steps_per_second
from playground.memory import NotEnoughMemoryError, check_memory, estimate_bytes, free_bytes, in_words
from playground.programs.program import Program
from playground.settings import Settings, SettingsError, changed, make_settings
from playground.threads import ThreadCounts, Threads, automatic_threads, usable_cores
from playground.trainer import Trainer

SIZE_NAMES = ("batch_size", "input_size", "hidden_size", "output_size")
Sizes = tuple[int, int, int, int]

HUGE: Sizes = (65_536, 65_536, 65_536, 65_536)


def sized(stage: str, sizes: Sizes, **values: object) -> Settings:
    return make_settings(stage=stage, **dict(zip(SIZE_NAMES, sizes, strict=True)), **values)


def peak_of_a_run(settings: Settings, steps: int) -> int:
    """Bytes that Python and NumPy hold at most while a run makes its steps."""
    Trainer(sized("numpy", (2, 2, 2, 2))).step()
    tracemalloc.start()
    try:
        trainer = Trainer(settings)
        for _ in range(steps):
            trainer.step()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(
    "sizes",
    [(64, 1000, 100, 10), (20, 900, 700, 20), (3000, 30, 200, 20), (1000, 20, 20, 500), (2000, 500, 10, 10)],
    ids=["defaults", "weights", "hidden", "output", "data"],
)
@pytest.mark.parametrize("steps", [1, 4])
def test_estimate_is_near_what_numpy_takes(sizes: Sizes, steps: int) -> None:
    settings = sized("numpy", sizes, steps=steps)
    peak = peak_of_a_run(settings, steps)
    assert peak / 2 < estimate_bytes(settings) < 2 * peak


def test_what_needs_more_memory_is_estimated_higher() -> None:
    sizes = (50, 40, 30, 20)
    plain = estimate_bytes(sized("dynamic", sizes, depth="0:1"))
    assert estimate_bytes(sized("dynamic", sizes, depth="0:9")) > plain
    assert estimate_bytes(sized("dynamic", sizes, depth="0:1", optimizer="Adam")) > plain
    assert estimate_bytes(sized("numpy", sizes)) == 2 * estimate_bytes(sized("tensor", sizes))
    for grown in ((60, 40, 30, 20), (50, 50, 30, 20), (50, 40, 40, 20), (50, 40, 30, 30)):
        assert estimate_bytes(sized("dynamic", grown, depth="0:1")) > plain


def test_refusal_gives_both_figures() -> None:
    settings = sized("numpy", (64, 1000, 100, 10))
    needed = estimate_bytes(settings)
    with pytest.raises(NotEnoughMemoryError) as caught:
        check_memory(settings, free=1_500_000)
    message = str(caught.value)
    assert "64 x 1000 x 100 x 10" in message
    assert f"about {in_words(needed)} of memory; 1.5 MB are free" in message
    assert "\n" not in message


def test_a_run_that_just_fits_is_allowed() -> None:
    settings = sized("numpy", (64, 1000, 100, 10))
    needed = estimate_bytes(settings)
    check_memory(settings, free=needed)
    check_memory(settings, free=1000, freed=needed - 1000)
    with pytest.raises(NotEnoughMemoryError):
        check_memory(settings, free=needed - 1)
    with pytest.raises(NotEnoughMemoryError):
        check_memory(settings, free=1000, freed=needed - 1001)


@pytest.mark.parametrize("stage", ["numpy", "tensor", "optim", "dynamic"])
def test_refusal_allocates_nothing(stage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "virtual_memory", lambda: type("Memory", (), {"available": 10**9}))
    # What the libraries load when they are first used is not the run's.
    Trainer(sized(stage, (2, 2, 2, 2)))
    process = psutil.Process()
    before = process.memory_info().rss
    with pytest.raises(NotEnoughMemoryError, match="GB of memory"):
        Trainer(sized(stage, HUGE))
    assert process.memory_info().rss - before < 50e6


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1 kB"),
        (1_230_000, "1.23 MB"),
        (3_400_000_000, "3.4 GB"),
        (1_234_500_000_000, "1,234.5 GB"),
    ],
)
def test_bytes_for_people(count: int, words: str) -> None:
    assert in_words(count) == words


@pytest.fixture
def container(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which a container finds its limits, with a limit of 1 MB and a system with 1 GB."""
    monkeypatch.setattr(memory, "CGROUP", tmp_path)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: type("Memory", (), {"available": 10**9}))
    (tmp_path / "memory.max").write_text("1000000\n")
    (tmp_path / "memory.current").write_text("400000\n")
    (tmp_path / "memory.stat").write_text("anon 250000\nfile 150000\ninactive_file 100000\n")
    return tmp_path


def test_limit_of_a_container_counts(container: Path) -> None:
    assert free_bytes() == 1_000_000 - (400_000 - 100_000)
    (container / "memory.current").write_text("9000000\n")
    assert free_bytes() == 0


@pytest.mark.parametrize("limit", ["max\n", "2000000000\n", None])
def test_without_a_lower_limit_the_system_counts(container: Path, limit: str | None) -> None:
    if limit is None:
        (container / "memory.max").unlink()
    else:
        (container / "memory.max").write_text(limit)
    assert free_bytes() == 10**9


def blas_threads() -> list[int]:
    """Threads of each BLAS that is loaded, as threadpoolctl reads them."""
    return [library.num_threads for library in ThreadpoolController().select(user_api="blas").lib_controllers]


needs_blas = pytest.mark.skipif(not blas_threads(), reason="the number of this BLAS's threads cannot be set")


@pytest.fixture(autouse=True)
def own_numbers() -> Iterator[None]:
    """Puts back the numbers of threads that were in force."""
    libraries = ThreadpoolController().lib_controllers
    numbers = [library.num_threads for library in libraries]
    torch_number = torch.get_num_threads()
    yield
    torch.set_num_threads(torch_number)
    for library, number in zip(libraries, numbers, strict=True):
        library.set_num_threads(number)


COUNTING = """
import torch
from threadpoolctl import ThreadpoolController

weight = torch.ones(2, requires_grad=True)
seen = []
while True:
    loss = weight.pow(2).sum()
    blas = ThreadpoolController().select(user_api="blas").lib_controllers
    seen.append((blas[0].num_threads if blas else 0, torch.get_num_threads()))
    loss.backward()
    weight.grad = None
"""


@pytest.mark.parametrize("stage", ["autograd", pytest.param("numpy", marks=needs_blas)])
def test_numbers_act_inside_a_run(stage: str) -> None:
    own = torch.get_num_threads() if stage == "autograd" else blas_threads()[0]
    trainer, threads = Trainer(sized(stage, (2, 2, 2, 2))), Threads()
    trainer.program = Program(COUNTING, "/nowhere/counting.py", endless=True)
    for number in (0, 1, 2, 0, 1):
        threads.use(sized(stage, (2, 2, 2, 2), threads=number))
        trainer.step()
    assert trainer._driver is not None
    seen = vars(trainer._driver.module)["seen"]
    assert [each[stage == "autograd"] for each in seen] == [own, 1, 2, own, 1]


@pytest.mark.parametrize("number", [1, 2])
def test_torch_takes_the_number_and_automatic_restores_it(number: int) -> None:
    own = torch.get_num_threads()
    threads = Threads()
    assert threads.use(make_settings(threads=number)) == ThreadCounts(number, None)
    assert torch.get_num_threads() == number
    assert threads.use(make_settings()) == ThreadCounts(own, None)
    assert torch.get_num_threads() == own


@needs_blas
@pytest.mark.parametrize("number", [1, 2])
def test_blas_takes_the_number_and_automatic_restores_it(number: int) -> None:
    own, torch_number = blas_threads(), torch.get_num_threads()
    threads = Threads()
    assert threads.use(make_settings(stage="numpy", threads=number)) == ThreadCounts(None, number)
    assert blas_threads() == [number] * len(own)
    assert threads.use(make_settings(stage="numpy")) == ThreadCounts(None, min(own))
    assert blas_threads() == own
    assert torch.get_num_threads() == torch_number


@needs_blas
@pytest.mark.parametrize(("cores", "left"), [(1, 1), (2, 1), (3, 2), (64, 2)])
def test_automatic_leaves_a_core_to_the_window(
    cores: int, left: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for library in ThreadpoolController().select(user_api="blas").lib_controllers:
        library.set_num_threads(3)
    monkeypatch.setattr("playground.threads.usable_cores", lambda: cores)
    threads = Threads(automatic=True)
    for _ in range(2):
        assert threads.use(make_settings(stage="numpy")).blas == left
        assert set(blas_threads()) == {left}
        # Asked for, every core can be had.
        assert threads.use(make_settings(stage="numpy", threads=3)).blas == 3
        assert set(blas_threads()) == {3}


@needs_blas
def test_blas_gets_its_number_back_when_numpy_is_left() -> None:
    own = blas_threads()
    threads = Threads(automatic=True)
    threads.use(make_settings(stage="numpy", threads=1))
    assert set(blas_threads()) == {1}
    torch_number = torch.get_num_threads()
    threads.use(make_settings(threads=torch_number))
    assert blas_threads() == own


@pytest.mark.parametrize(
    ("sizes", "cores", "expected"),
    [
        ((64, 10, 100, 10), 2, 1),
        ((64, 1000, 100, 10), 1, 1),
        ((64, 1000, 100, 10), 2, 2),
        ((64, 1000, 100, 10), 8, 2),
        ((64, 1000, 8192, 10), 4, 3),
        ((64, 1000, 8192, 10), 64, 8),
    ],
)
def test_automatic_goes_by_the_size_of_the_work(
    sizes: tuple[int, int, int, int], cores: int, expected: int
) -> None:
    names = ("batch_size", "input_size", "hidden_size", "output_size")
    settings = make_settings(stage="nn", **dict(zip(names, sizes, strict=True)))
    assert automatic_threads(settings, cores) == expected


def test_a_step_is_made_again_with_the_threads_that_it_was_made_with() -> None:
    """At sizes where the number of threads changes the last bits of the losses, if it does anywhere."""
    run, threads = Trainer(make_settings(stage="nn", threads=1)), Threads()
    for number in (1, 2, 1):
        run.apply(changed(run.settings, threads=number))
        threads.use(run.settings)
        for _ in range(3):
            run.step()
    used: list[int] = []

    class Noting(Threads):
        def use(self, settings: Settings) -> ThreadCounts:
            used.append(settings.threads)
            return super().use(settings)

    for step, expected in ((0, {1}), (4, {1, 2}), (6, {1, 2})):
        used.clear()
        assert run.record_again(step, threads=Noting()).loss == run.history.loss(step)
        assert set(used) == expected
        assert used[-1] == (2 if step == 4 else 1)


def test_only_cores_that_this_program_may_use_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    for given, expected in (([0], 1), ([3, 5, 7], 3), ([], 64), (list(range(64)), 64)):
        monkeypatch.setattr(
            psutil.Process, "cpu_affinity", lambda _process, given=given: given, raising=False
        )
        assert usable_cores() == expected
    monkeypatch.delattr(psutil.Process, "cpu_affinity")
    assert usable_cores() == 64
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert usable_cores() == 1


def test_the_bare_loop_gives_torch_its_number_back() -> None:
    torch.set_num_threads(2)
    assert steps_per_second(sized("autograd", (2, 2, 2, 2), threads=1), 1, 3) > 0
    assert torch.get_num_threads() == 2


def test_more_threads_than_cores_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("playground.threads.usable_cores", lambda: 2)
    with pytest.raises(SettingsError, match="3 is more than this machine has cores"):
        Trainer(make_settings(threads=3))


def test_figures_can_be_read_off_the_refusal() -> None:
    with pytest.raises(NotEnoughMemoryError) as caught:
        check_memory(sized("dynamic", HUGE, depth="0:32"), free=2_500_000_000)
    figures = re.findall(r"([\d.,]+) GB", str(caught.value))
    assert [float(figure.replace(",", "")) for figure in figures] == [
        pytest.approx(estimate_bytes(sized("dynamic", HUGE, depth="0:32")) / 1e9, abs=0.05),
        2.5,
    ]
