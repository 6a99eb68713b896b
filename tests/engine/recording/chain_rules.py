"""Records what a backward pass computes, for tests of the chain rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import torch
from torch import Tensor

from playground.graph import Graph, Phase
from playground.recording import Event, EventKind, NodeRecord, Port, Recording, Saved, Snapshot
from playground.recording.chain_rule import ChainRule, Rule, chain_rule

Expression = Callable[..., Tensor]
Shape = tuple[int, ...]


def snapshot(value: Tensor, keep: bool = True) -> Snapshot:
    values = value.detach().cpu().numpy().copy()
    full = Snapshot(tuple(value.shape), str(value.dtype), "cpu", value.requires_grad, value.nbytes, values)
    if keep:
        return full
    summary = (full.statistics, full.picture)
    return Snapshot(full.shape, full.dtype, full.device, full.requires_grad, full.nbytes, None, summary)


class Recorder:
    """Records a backward pass: what each node had saved, and the gradients that enter and leave it."""

    def __init__(self, output: Tensor, names: Mapping[str, Tensor], keep: bool = True) -> None:
        self._names = {(value.data_ptr(), value.shape): name for name, value in names.items()}
        self._keep = keep
        self._events: list[Event] = []
        self._records: dict[str, NodeRecord] = {}
        self._labels: dict[object, str] = {}
        assert output.grad_fn is not None
        self._labels[output.grad_fn] = "out"
        nodes = list(walk(output.grad_fn))
        for number, node in enumerate(nodes):
            self._prepare(f"{type(node).__name__}#{number}", node)

    def _prepare(self, key: str, node: torch.autograd.graph.Node) -> None:
        saved = tuple(self._saved(node))
        self._records[key] = NodeRecord(key, self._label(node), saved=saved)
        arriving: list[Port] = []
        gradient = f"∂L/∂{self._label(node)}"
        held = getattr(node, "variable", torch.empty(0)).grad
        before = None if held is None else self._port(f"{self._label(node)}.grad", held, 1)

        def enter(gradients: tuple[Tensor | None, ...]) -> None:
            arriving.extend(self._port(gradient, each, at) for at, each in enumerate(gradients))

        def leave(results: tuple[Tensor | None, ...], _: object) -> None:
            leaving = [
                self._port(f"∂L/∂{self._label(following) if following else ''}", result, at)
                for at, (result, (following, _)) in enumerate(zip(results, node.next_functions, strict=False))
            ]
            if isinstance(variable := getattr(node, "variable", None), Tensor):
                if before is not None:
                    arriving.append(before)
                leaving = [self._port(f"{self._label(node)}.grad", variable.grad, 0)]
            self._add(key, type(node).__name__, arriving, leaving)

        node.register_prehook(enter)
        node.register_hook(leave)

    def _add(self, key: str, op: str, arriving: list[Port], leaving: list[Port]) -> None:
        event = Event(
            len(self._events),
            Phase.BACKWARD,
            EventKind.NODE,
            op,
            inputs=tuple(arriving),
            outputs=tuple(leaving),
            nodes=(key,),
        )
        self._events.append(event)

    def _saved(self, node: torch.autograd.graph.Node) -> Iterator[Saved]:
        for name in dir(node):
            if name.startswith("_saved_"):
                yield self._one_saved(name.removeprefix("_saved_"), getattr(node, name))
        for at, value in enumerate(getattr(node, "saved_tensors", ())):
            yield self._one_saved(f"saved_tensors[{at}]", value)

    def _one_saved(self, name: str, value: object) -> Saved:
        if not isinstance(value, Tensor):
            return Saved(name, "", None, repr(value))
        label = self._names.get((value.data_ptr(), value.shape), "")
        return Saved(name, label, snapshot(value, self._keep))

    def _label(self, node: torch.autograd.graph.Node) -> str:
        variable = getattr(node, "variable", None)
        if isinstance(variable, Tensor):
            return self._names[(variable.data_ptr(), variable.shape)]
        return self._labels.setdefault(node, f"v{len(self._labels)}")

    def _port(self, label: str, value: Tensor | None, index: int) -> Port:
        return Port(label, None if value is None else snapshot(value, self._keep), index=index)

    def recording(self) -> Recording:
        return Recording(None, 0, 0.0, None, Graph(), tuple(self._events), self._records, ())


def walk(root: torch.autograd.graph.Node) -> Iterator[torch.autograd.graph.Node]:
    waiting, seen = [root], {root}
    while waiting:
        node = waiting.pop()
        yield node
        for following, _ in node.next_functions:
            if following is not None and following not in seen:
                seen.add(following)
                waiting.append(following)


def tensors(*shapes: Shape, dtype: torch.dtype = torch.float64, data: str = "") -> dict[str, Tensor]:
    """Tensors a, b, c of these shapes, of both signs; those of `data` need no gradient."""
    generator = torch.Generator().manual_seed(7)
    return {
        name: torch.randn(shape, generator=generator, dtype=dtype).requires_grad_(name not in data)
        for name, shape in zip("abc", shapes, strict=False)
    }


def record(
    expression: Expression,
    *shapes: Shape,
    keep: bool = True,
    dtype: torch.dtype = torch.float64,
    data: str = "",
) -> Recording:
    inputs = tensors(*shapes, dtype=dtype, data=data)
    output = expression(*inputs.values())
    recorder = Recorder(output, {**inputs, "out": output}, keep)
    output.backward(torch.linspace(0.5, 2, output.numel(), dtype=dtype).reshape(output.shape))
    return recorder.recording()


def rules_of(recording: Recording, op: str) -> ChainRule:
    event = next(event for event in recording.events if event.op == op)
    found = chain_rule(recording, event.number)
    assert found is not None
    return found


def assert_exact(rule: Rule) -> None:
    """The formula gives what PyTorch gave."""
    assert rule.grad_input.value is not None
    real, computed = rule.grad_input.value.values, rule.evaluate()
    assert real is not None
    assert computed is not None
    assert computed.shape == real.shape
    assert computed.dtype == real.dtype
    exact = real.dtype == np.float64
    np.testing.assert_allclose(computed, real, rtol=1e-12 if exact else 2e-5, atol=1e-14 if exact else 1e-6)
