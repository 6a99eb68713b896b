"""Models that are recorded, each beside a twin."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

from playground.graph import Phase
from playground.recording import EventKind, Recording, progress_at
from playground.recording.chain_rule import chain_rule
from playground.recording.model import snapshots_of
from playground.recording.text import as_text

ORDER = list(Phase)
NODE = EventKind.NODE


class Case(NamedTuple):
    """A model, what computes its loss, and what updates it."""

    model: nn.Module | Mapping[str, Tensor]
    loss: Callable[[], Tensor]
    optimizer: torch.optim.Optimizer | None = None
    calls_backward: bool = False


def perceptron() -> Case:
    x, y = torch.randn(6, 4), torch.randn(6, 3)
    model = nn.Sequential(
        nn.Linear(4, 8), nn.LayerNorm(8), nn.GELU(), nn.Dropout(0.3), nn.Softmax(1), nn.Linear(8, 3)
    )
    return Case(
        model, lambda: functional.mse_loss(model(x), y), torch.optim.Adam(model.parameters(), foreach=True)
    )


def convolution() -> Case:
    x = torch.randn(2, 1, 8, 8)
    model = nn.Sequential(
        nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.ReLU(True), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(27, 2)
    )
    labels = torch.tensor([0, 1])
    optimizer = torch.optim.SGD(model.parameters(), 0.1, momentum=0.9, nesterov=True)
    return Case(model, lambda: functional.cross_entropy(model(x), labels), optimizer)


def lstm() -> Case:
    x, model = torch.randn(1, 6, 4), nn.LSTM(4, 5, batch_first=True)
    return Case(model, lambda: model(x)[0].pow(2).sum(), torch.optim.RMSprop(model.parameters()))


def gru() -> Case:
    x, model = torch.randn(6, 2, 4), nn.GRU(4, 5, 2)
    return Case(model, lambda: model(x)[1].pow(2).sum(), torch.optim.Adagrad(model.parameters()))


def attention() -> Case:
    x, model = torch.randn(2, 5, 8), nn.MultiheadAttention(8, 2, batch_first=True)
    optimizer = torch.optim.Adam(model.parameters(), fused=True)
    return Case(model, lambda: model(x, x, x)[0].pow(2).mean(), optimizer)


def transformer() -> Case:
    x, model = torch.randn(2, 5, 8), nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    optimizer = torch.optim.AdamW(model.parameters(), foreach=True)
    return Case(model, lambda: model(x).pow(2).mean(), optimizer)


class Tied(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding, self.out = nn.Embedding(10, 4), nn.Linear(4, 10, bias=False)
        self.out.weight = self.embedding.weight

    def forward(self, words: Tensor) -> Tensor:
        result: Tensor = self.out(self.embedding(words))
        return result


def tied() -> Case:
    words, model = torch.tensor([1, 2, 3, 2]), Tied()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    return Case(model, lambda: functional.cross_entropy(model(words), words), optimizer)


def sparse() -> Case:
    words, model = torch.tensor([1, 2, 3, 2]), nn.Embedding(10, 4, sparse=True)
    return Case(model, lambda: model(words).pow(2).sum(), torch.optim.SGD(model.parameters(), 0.1))


class ProductAndSum(torch.autograd.Function):
    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, *pair: Tensor) -> tuple[Tensor, Tensor]:
        ctx.save_for_backward(*pair)
        return pair[0] * pair[1], pair[0] + pair[1]

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, *gradients: Tensor) -> tuple[Tensor, Tensor]:
        a, b = ctx.saved_tensors  # type: ignore[attr-defined]
        of_product, of_sum = gradients
        return of_product * b + of_sum, of_product * a + of_sum


product_and_sum: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]] = ProductAndSum.apply


def own_function() -> Case:
    a, b = torch.randn(3, requires_grad=True), torch.randn(3, requires_grad=True)

    def loss() -> Tensor:
        p, q = product_and_sum(a, b)
        r, s = product_and_sum(b, a)
        return (p * q).sum() + (r * s).sum()

    return Case({"a": a, "b": b}, loss, torch.optim.SGD([a, b], 0.1))


class Residual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(4, 4), nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        h: Tensor = self.first(x).relu_()
        result: Tensor = (h + self.second(h)).relu_()
        return result


def residual() -> Case:
    x, model = torch.randn(6, 4), Residual()
    return Case(model, lambda: model(x).sum(), torch.optim.SGD(model.parameters(), 0.1))


def of_type(dtype: torch.dtype) -> Callable[[], Case]:
    def make() -> Case:
        x, model = torch.randn(6, 4).to(dtype), nn.Linear(4, 3).to(dtype)
        return Case(model, lambda: (model(x) - 1).pow(2).sum(), torch.optim.Adam(model.parameters(), 0.1))

    return make


def complex_inside() -> Case:
    x, w = torch.randn(4), torch.randn(4, requires_grad=True)

    def loss() -> Tensor:
        z = torch.fft.fft(w * x)
        result: Tensor = (z * z.conj()).real.sum() + z.abs().sum()
        return result

    return Case({"w": w}, loss)


def complex_weight() -> Case:
    w = torch.randn(4, requires_grad=True, dtype=torch.complex64)
    return Case({"w": w}, lambda: (w * 2).abs().sum(), torch.optim.Adam([w]))


def own_backward() -> Case:
    w = torch.randn(4, requires_grad=True)

    def loss() -> Tensor:
        value = (w * w).sum()
        value.backward(retain_graph=True)
        return value

    return Case({"w": w}, loss, torch.optim.SGD([w], 0.1), calls_backward=True)


def backward_by_name() -> Case:
    w = torch.randn(4, requires_grad=True)

    def loss() -> Tensor:
        value = (w * w).sum()
        torch.autograd.backward(tensors=[value])
        return value

    return Case({"w": w}, loss, torch.optim.SGD([w], 0.1), calls_backward=True)


def clipped() -> Case:
    x, model = torch.randn(6, 4), nn.Linear(4, 3)

    def loss() -> Tensor:
        value: Tensor = model(x).pow(2).sum()
        value.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.1)
        return value

    return Case(model, loss, torch.optim.SGD(model.parameters(), 0.1), calls_backward=True)


def penalty() -> Case:
    w = torch.randn(4, requires_grad=True)

    def loss() -> Tensor:
        value = (w**3).sum()
        (slope,) = torch.autograd.grad(value, w, create_graph=True)
        return value + slope.pow(2).sum()

    return Case({"w": w}, loss, torch.optim.SGD([w], 0.01))


def checkpointed(reentrant: bool) -> Callable[[], Case]:
    def make() -> Case:
        x = torch.randn(6, 4, requires_grad=True)
        body, head = nn.Sequential(nn.Linear(4, 4), nn.Dropout(0.5), nn.Tanh()), nn.Linear(4, 1)
        model = nn.ModuleList([body, head])
        optimizer = torch.optim.SGD(model.parameters(), 0.1)
        return Case(model, lambda: head(checkpoint(body, x, use_reentrant=reentrant)).sum(), optimizer)

    return make


def hooks() -> Case:
    x, model = torch.randn(6, 4), nn.Linear(4, 3)

    def loss() -> Tensor:
        h: Tensor = model(x)
        h.register_hook(lambda gradient: gradient * 2)
        h.retain_grad()
        return h.pow(2).sum()

    return Case(model, loss, torch.optim.SGD(model.parameters(), 0.1))


def update_in_a_hook() -> Case:
    x, model = torch.randn(6, 4), nn.Linear(4, 3)

    def update(parameter: Tensor) -> None:
        assert parameter.grad is not None
        with torch.no_grad():
            parameter.sub_(0.1 * parameter.grad)
        parameter.grad = None

    for parameter in model.parameters():
        parameter.register_post_accumulate_grad_hook(update)
    return Case(model, lambda: model(x).pow(2).sum())


def lists() -> Case:
    a, b = torch.randn(4, requires_grad=True), torch.randn(4, requires_grad=True)

    def loss() -> Tensor:
        p, q = torch.cat([a, b]).split(4)
        s = torch.stack((p, q, a))
        return s.unbind()[1].sum() + torch.einsum("ij,ij->", s, s)

    return Case({"a": a, "b": b}, loss)


def writes_in_place() -> Case:
    x, model = torch.randn(6, 4), nn.Sequential(nn.Linear(4, 4), nn.Hardtanh(inplace=True), nn.Linear(4, 3))

    def loss() -> Tensor:
        result: Tensor = model(x)
        result[0] = 0
        result[:, 1] *= 2
        return result.logsumexp(1).sum()

    return Case(model, loss, torch.optim.NAdam(model.parameters()))


def leaf_is_the_loss() -> Case:
    w = torch.randn((), requires_grad=True)
    return Case({"w": w}, lambda: w, torch.optim.SGD([w], 0.1))


def not_finite() -> Case:
    w = torch.tensor([1.0, 0.0, -1.0], requires_grad=True)
    return Case({"w": w}, lambda: (w.log() / 0).sum(), torch.optim.SGD([w], 0.1))


def empty() -> Case:
    w = torch.randn(0, 3, requires_grad=True)
    return Case({"w": w}, lambda: (w * 2).sum(), torch.optim.SGD([w], 0.1))


def normalized() -> Case:
    x = torch.randn(6, 4)
    model = nn.utils.parametrizations.spectral_norm(nn.Linear(4, 3))
    return Case(model, lambda: model(x).sum(), torch.optim.SGD(model.parameters(), 0.1))


def saved_elsewhere() -> Case:
    x, model = torch.randn(6, 4), nn.Linear(4, 3)

    def loss() -> Tensor:
        with torch.autograd.graph.save_on_cpu():
            result: Tensor = model(x)
        return result.pow(2).sum()

    return Case(model, loss, torch.optim.SGD(model.parameters(), 0.1))


def mixed_precision() -> Case:
    x, model = torch.randn(6, 4), nn.Linear(4, 3)

    def loss() -> Tensor:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            result: Tensor = model(x).float()
        return result.sum()

    return Case(model, loss, torch.optim.SGD(model.parameters(), 0.1))


def without_graph() -> Case:
    x, model = torch.randn(6, 4), nn.Linear(4, 3)

    @torch.no_grad()
    def loss() -> Tensor:
        result: Tensor = model(x).sum()
        return result

    return Case(model, loss)


def inference() -> Case:
    x, model = torch.randn(6, 4), nn.Linear(4, 3)

    def loss() -> Tensor:
        with torch.inference_mode():
            result: Tensor = model(x).sum()
        return result

    return Case(model, loss)


def depends_on_nothing() -> Case:
    w = torch.randn(4, requires_grad=True)
    return Case({"w": w}, lambda: torch.tensor(3.0) * 2, torch.optim.SGD([w], 0.1))


def view_is_a_parameter() -> Case:
    x, w = torch.randn(6, 4), torch.randn(3, 4).t().requires_grad_()
    return Case({"w": w}, lambda: x.mm(w).pow(2).sum(), torch.optim.SGD([w], 0.1))


GRAPHLESS = {"without_graph": without_graph, "inference": inference, "depends_on_nothing": depends_on_nothing}
CASES: dict[str, Callable[[], Case]] = {
    **{
        make.__name__: make
        for make in (
            *(perceptron, convolution, lstm, gru, attention, transformer, tied, sparse, own_function),
            *(residual, complex_inside, complex_weight, own_backward, backward_by_name, clipped, penalty),
            *(hooks, update_in_a_hook, lists, writes_in_place, leaf_is_the_loss, not_finite, empty),
            *(normalized, saved_elsewhere, mixed_precision, view_is_a_parameter),
        )
    },
    **{"float64": of_type(torch.float64), "bfloat16": of_type(torch.bfloat16)},
    **{"checkpoint": checkpointed(False), "reentrant_checkpoint": checkpointed(True)},
    **GRAPHLESS,
}


def made(name: str) -> Case:
    torch.manual_seed(1)
    case = CASES[name]()
    torch.manual_seed(2)
    return case


def named(case: Case) -> dict[str, Tensor]:
    return dict(case.model.named_parameters()) if isinstance(case.model, nn.Module) else dict(case.model)


def read_everything(recording: Recording) -> None:
    as_text(recording)
    plain = json.loads(recording.to_json())
    json.dumps(plain, allow_nan=False)
    phases = [event.phase for event in recording.events]
    if sum(each.inside is None for each in recording.passes) < 2:
        assert phases == sorted(phases, key=ORDER.index)
    assert [event["phase"] for event in plain["events"]] == [str(phase) for phase in phases]
    for parameter in plain["parameters"]:
        assert {"name", "shape", "gradient_norm"} <= parameter.keys()
    for value in snapshots_of(recording):
        value.to_plain()
        assert value.picture.extremes().shape == value.picture.low.shape
    for event in recording.events:
        progress_at(recording, event.number)
        assert all(recording.graph_at(event.number).node(key) for key in event.nodes)
        rules = chain_rule(recording, event.number)
        for rule in rules.rules if rules else ():
            rule.evaluate()
    for node in recording.graph.nodes:
        recording.events_of_node(node.key)
