"""What capturing a graph takes and leaves behind: long chains, memory, time."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import pytest
from torch import Tensor

from playground.graph import capture
from playground.graph.autograd import signature
from tests.engine.graph.models import grad_fn, keys, weight

CHAIN = 15_000
"""So long that any recursion, of 35 bytes a call even, ends the small stack."""
DEEP = 50_000
"""The same for the stack of a whole program."""


def on_a_small_stack(work: Callable[[], None]) -> None:
    """Runs `work` on a thread with as little stack as threads have on macOS."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            failures.append(error)

    before = threading.stack_size(512 * 1024)
    try:
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    if failures:
        raise failures[0]


def chain(length: int, names: dict[str, Tensor]) -> Tensor:
    x = names["w"]
    for _ in range(length):
        x = x + 1
    return x


def test_a_long_chain_is_captured_and_freed() -> None:
    # Freeing is part of it: torch 2.13 overflows the stack over a graph that Python has walked.
    def work() -> None:
        names = {"w": weight(1)}
        end = chain(CHAIN, names)
        graph = capture(end, names)
        assert len(graph.nodes) == CHAIN + 1
        assert len(graph.edges) == CHAIN
        assert len(keys(graph)) == CHAIN + 1
        assert max(map(len, keys(graph))) < 40
        end.sum().backward()
        capture(end, names)

    on_a_small_stack(work)


def test_a_deep_graph_with_branches_and_several_outputs_is_freed() -> None:
    def work() -> None:
        x = weight(1)
        outputs = []
        for count in range(6000):
            x = x + x.sin() * x
            if count % 2000 == 1999:
                outputs.append(x)
        assert len(capture([*outputs, x * 2]).nodes) == 6000 * 3 + 2
        capture(outputs[0])
        signature(grad_fn(x), {})
        del x
        while outputs:
            outputs.pop()
        gc.collect()

    on_a_small_stack(work)


@pytest.mark.parametrize("collect", [True, False], ids=["collected", "not collected"])
def test_what_outlives_a_captured_output_can_be_freed(collect: bool) -> None:
    def work() -> None:
        left, right = weight(1), weight(1)
        for _ in range(10_000):
            left, right = left + 1, right * 2
        capture(left + right)
        capture(right + 1)
        del left
        if collect:
            gc.collect()
        del right
        gc.collect()

    on_a_small_stack(work)


def test_the_signature_of_a_long_chain_leaves_it_freeable() -> None:
    def work() -> None:
        end = chain(CHAIN, {"w": weight(1)})
        assert len(signature(grad_fn(end), {})) == 3 * CHAIN + 2

    on_a_small_stack(work)


def test_capturing_keeps_nothing_alive() -> None:
    def functions() -> int:
        gc.collect()
        return sum(type(thing).__name__ in ("AddBackward0", "MulBackward0") for thing in gc.get_objects())

    before = functions()
    names = {"w": weight(1)}
    end = chain(5000, names)
    capture([end, end * 2], names)
    assert functions() > before
    del end
    assert functions() == before


def test_a_deep_graph_may_live_until_the_program_ends() -> None:
    code = (
        "import torch; from playground.graph import capture\n"
        "x = torch.ones(1, requires_grad=True)\n"
        f"for _ in range({DEEP}): x = x + 1\n"
        "graph = capture(x)"
    )
    ended = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_the_time_is_linear_in_the_length() -> None:
    def seconds(length: int) -> float:
        names = {"w": weight(1)}
        end = chain(length, names)
        start = time.process_time()
        capture(end, names)
        return time.process_time() - start

    short = min(seconds(2000) for _ in range(3))
    assert seconds(20_000) < 40 * short  # a quadratic walk takes a hundred times as long
