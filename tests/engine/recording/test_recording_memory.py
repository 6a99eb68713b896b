"""What a recording holds on to, and that it holds no tensor of the run."""

from __future__ import annotations

import gc
import tracemalloc
import weakref
from collections.abc import Callable, Iterator
from typing import cast

import pytest
import torch
from torch import Tensor

import playground
from playground.settings import make_settings
from playground.trainer import Trainer

MEBIBYTE = 1 << 20
STAGES = ("numpy", "tensor", "autograd", "function", "nn", "optim", "module", "dynamic")
SMALL = {"batch_size": 3, "input_size": 4, "hidden_size": 5, "output_size": 2}


class Marker:
    """Put where a node keeps it, since nodes cannot be referred to weakly."""


class Raises(torch.autograd.Function):
    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, value: Tensor) -> Tensor:
        ctx.save_for_backward(value)
        return value * 2

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, *gradients: Tensor) -> Tensor:
        raise ValueError("no way back")


@pytest.fixture
def without_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


LOSSES: dict[str, Callable[[Tensor], object]] = {
    "fine": lambda h: (h * h).sum(),
    "own Function fails in backward": lambda h: Raises.apply(h).sum(),  # type: ignore[no-untyped-call]
    "forward fails": lambda h: h.mm(torch.zeros(2, 2)).sum(),
    "no graph": lambda h: h.detach().sum(),
    "no scalar": lambda h: h,
    "no tensor": lambda h: 3,
}


@pytest.mark.parametrize("name", list(LOSSES))
@pytest.mark.usefixtures("without_collector")
def test_no_tensor_and_no_node_outlives_the_recording_of_a_function(name: str) -> None:
    def once() -> list[weakref.ref[object]]:
        w, v = torch.randn(3, 3, requires_grad=True), torch.randn(3, 3)
        alive: list[weakref.ref[object]] = [weakref.ref(w), weakref.ref(v)]

        def loss() -> object:
            h = w @ v
            marker = Marker()
            assert h.grad_fn is not None
            cast("dict[str, object]", h.grad_fn.metadata)["marker"] = marker
            alive.extend((weakref.ref(h), weakref.ref(marker)))
            return LOSSES[name](h)

        optimizer = torch.optim.SGD([w], 0.1, momentum=0.9)
        if name.startswith("no ") and name != "no graph":
            with pytest.raises((TypeError, ValueError)):
                playground.record(loss, {"w": w}, optimizer=optimizer)
            gc.collect()  # pytest's own reference to the exception
        else:
            recording = playground.record(loss, {"w": w}, optimizer=optimizer)
            assert recording.events
        return alive[2:]

    assert [each() for each in once()] == [None, None]


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.usefixtures("without_collector")
def test_no_array_outlives_a_recorded_run(stage: str) -> None:
    run = Trainer(make_settings(stage=stage, **SMALL))
    run.step()
    run.record_step()
    recording = run.record_step()
    names = ("x", "y", "w1", "w2", "y_pred", "loss", "grad_w1")
    assert run._driver is not None
    alive = {
        name: weakref.ref(value)
        for name, value in vars(run._driver.module).items()
        if name in names and not isinstance(value, float)
    }
    assert len(alive) >= 4
    del run
    assert recording.events
    assert [name for name, each in alive.items() if each() is not None] == []


def living_tensors() -> int:
    gc.collect()
    # Asking an object itself for its class makes torch warn of some of its own.
    return sum(issubclass(type(each), Tensor) for each in gc.get_objects())


@pytest.mark.parametrize("stage", ["tensor", "function", "dynamic"])
def test_many_recordings_leave_no_tensor(stage: str) -> None:
    run = Trainer(make_settings(stage=stage, depth="2:2", **SMALL))
    for _ in range(3):
        run.record_step()
    before = living_tensors()
    for _ in range(60):
        run.record_step()
    assert living_tensors() <= before


@pytest.mark.usefixtures("without_collector")
def test_recordings_leave_nothing_to_the_collector() -> None:
    w = torch.randn(3, requires_grad=True)
    run = Trainer(make_settings(stage="function", **SMALL))

    def record_both() -> None:
        playground.record(lambda: (w * w).sum(), {"w": w})
        run.record_step()

    record_both()
    gc.collect()
    record_both()
    assert gc.collect() == 0


@pytest.mark.parametrize("failing", [False, True])
def test_hooks_are_gone_from_the_nodes(failing: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    from playground.recording.autograd_watch import AutogradWatch

    w = torch.randn(3, requires_grad=True)
    shared = w * 2
    playground.record(lambda: (Raises.apply(shared) if failing else shared).sum(), {"w": w})  # type: ignore[no-untyped-call]

    # What a hook raises is kept from the step, so calls are counted.
    called: list[object] = []
    monkeypatch.setattr(AutogradWatch, "enter", called.append)
    monkeypatch.setattr(AutogradWatch, "leave", called.append)
    assert shared.grad_fn is not None
    leaf = shared.grad_fn.next_functions[0][0]
    assert leaf is not None
    w.grad = None
    (w * 3).sum().backward()
    assert w.grad is not None
    assert w.grad.tolist() == [3, 3, 3]
    assert not called


@pytest.mark.parametrize("stage", STAGES)
def test_default_sizes_take_little_memory(stage: str) -> None:
    more = {"optimizer": "Adam"} if stage in ("optim", "module", "dynamic") else {}
    depth = {"depth": "3:3"} if stage == "dynamic" else {}
    run = Trainer(make_settings(stage=stage, **more, **depth))
    run.step()
    recording = run.record_step()
    assert 0 < recording.nbytes < 64 * MEBIBYTE
    assert all(record.before.kept for record in recording.parameters)


@pytest.mark.parametrize("stage", ["autograd", "nn"])
def test_wide_networks_are_summarized(stage: str) -> None:
    recording = Trainer(make_settings(stage=stage, hidden_size=8192)).record_step()
    assert recording.nbytes < 256 * MEBIBYTE
    widest = recording.parameters[0]
    assert not widest.before.kept
    assert widest.before.statistics.count == 8192 * 1000
    assert widest.before.kept_bytes < MEBIBYTE


@pytest.mark.parametrize(
    ("stage", "sizes"),
    [
        ("numpy", (2, 2, 2, 1)),
        ("optim", (2, 2, 2, 1)),
        ("dynamic", (2, 2, 2, 1)),
        ("nn", (64, 1000, 100, 10)),
    ],
)
def test_budget_counts_what_a_recording_takes(stage: str, sizes: tuple[int, int, int, int]) -> None:
    names = ("batch_size", "input_size", "hidden_size", "output_size")
    trainer = Trainer(make_settings(stage=stage, depth=(2, 2), **dict(zip(names, sizes, strict=True))))
    for _ in range(2):
        trainer.record_step()
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        kept = [trainer.record_step() for _ in range(4)]
        trainer.recording = None
        gc.collect()
        taken = (tracemalloc.get_traced_memory()[0] - before) / len(kept)
    finally:
        tracemalloc.stop()
    assert 1 / 1.5 < kept[-1].nbytes / taken < 1.5
