"""Steps with several backward passes: each has its own loss, graph and shares."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import cast

import pytest
import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

import playground
from playground.graph import capture
from playground.graph.model import Phase
from playground.recording import EventKind, Recording, progress_at
from playground.recording.chain_rule import chain_rule


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


def phases(recording: Recording) -> list[tuple[str, int | None]]:
    return [(str(each.phase), each.backward_pass) for each in recording.phases()]


def read_everything(recording: Recording) -> None:
    json.loads(recording.to_json())
    for event in recording.events:
        progress_at(recording, event.number)
        rules = chain_rule(recording, event.number)
        for rule in rules.rules if rules else ():
            computed = rule.evaluate()
            if computed is not None and rule.grad_input.value is not None:
                assert torch.allclose(
                    torch.as_tensor(computed),
                    torch.tensor(rule.grad_input.value.values),
                    rtol=1e-4,
                    atol=1e-6,
                )


def accumulating(model: nn.Module) -> Recording:
    parts = [(torch.randn(4, 3), torch.randn(4, 1)) for _ in range(4)]

    def step() -> Tensor:
        for x, y in parts:
            loss: Tensor = (model(x) - y).pow(2).mean() / 4
            loss.backward()
        return loss

    return playground.record(step, model)


def test_gradient_accumulation_is_four_passes() -> None:
    model = nn.Linear(3, 1)
    recording = accumulating(model)
    assert recording.failure is None
    assert phases(recording) == [
        entry for number in range(4) for entry in (("forward", None), ("loss", None), ("backward", number))
    ]
    record = recording.parameter("weight")
    assert record is not None
    assert record.gradient is not None
    assert torch.equal(torch.tensor(record.gradient.values), cast("Tensor", model.weight.grad))
    assert [each.backward_pass for each in record.contributions] == [0, 1, 2, 3]
    read_everything(recording)


def test_each_pass_has_its_own_loss_and_graph() -> None:
    generator, critic = nn.Linear(2, 2), nn.Linear(2, 1)
    of_generator = torch.optim.SGD(generator.parameters(), 0.1)
    of_critic = torch.optim.SGD(critic.parameters(), 0.1)
    z = torch.randn(5, 2)
    losses = []

    def step() -> Tensor:
        fake = generator(z)
        d = critic(fake.detach()).mean()
        losses.append(d.item())
        d.backward()
        of_critic.step()
        of_critic.zero_grad()
        g: Tensor = -critic(fake).mean()
        losses.append(g.item())
        g.backward()
        of_generator.step()
        return g

    recording = playground.record(step, nn.ModuleDict({"G": generator, "D": critic}))
    assert [each.loss for each in recording.passes] == losses
    assert recording.loss == losses[0]
    plain = json.loads(recording.to_json())
    assert (plain["loss"], plain["losses"]) == (losses[0], losses)
    assert [each.phase for each in recording.phases()] == [
        *(Phase.FORWARD, Phase.LOSS, Phase.BACKWARD, Phase.UPDATE),
        *(Phase.FORWARD, Phase.LOSS, Phase.BACKWARD, Phase.UPDATE),
    ]
    names = [{node.parameter for node in each.graph.nodes} - {None} for each in recording.passes]
    assert names == [{"D.weight", "D.bias"}, {"D.weight", "D.bias", "G.weight", "G.bias"}]
    record = recording.parameter("G.weight")
    assert record is not None
    assert record.gradient is not None
    assert torch.equal(torch.tensor(record.gradient.values), cast("Tensor", generator.weight.grad))
    assert record.update is not None
    assert recording.events[record.update].backward_pass == 1
    # The loss beside a graph is the value of that graph's own end.
    for each in recording.passes:
        (end,) = [node for node in each.graph.nodes if node.id in each.graph.outputs]
        value = each.nodes[end.key].value
        assert value is not None
        assert value.number == each.loss
    read_everything(recording)


def test_zero_grad_between_a_loss_and_its_backward_stands_in_that_pass() -> None:
    generator, critic = nn.Linear(2, 2), nn.Linear(2, 1)
    of_generator = torch.optim.SGD(generator.parameters(), 0.1)
    of_critic = torch.optim.SGD(critic.parameters(), 0.1)
    z = torch.randn(5, 2)

    def step() -> None:
        fake = generator(z)
        d = critic(fake.detach()).mean()
        of_critic.zero_grad()
        d.backward()
        of_critic.step()
        g = -critic(fake).mean()
        of_generator.zero_grad()
        g.backward()
        of_generator.step()

    step()
    recording = playground.record(step, nn.ModuleDict({"G": generator, "D": critic}))
    zeroed = [each.backward_pass for each in recording.events if each.op == "zero_grad"]
    updated = [each.backward_pass for each in recording.events if each.changes]
    assert (zeroed, updated) == ([0, 1], [0, 0, 1, 1])


def test_sharpness_aware_step_is_forward_backward_update_twice() -> None:
    model, x, y = nn.Linear(3, 1), torch.randn(8, 3), torch.randn(8, 1)
    optimizer = torch.optim.SGD(model.parameters(), 0.1)

    def step() -> Tensor:
        loss: Tensor = (model(x) - y).pow(2).mean()
        loss.backward()
        with torch.no_grad():
            gradient = cast("Tensor", model.weight.grad)
            nudge = gradient * (0.05 / gradient.norm())
            model.weight.add_(nudge)
        optimizer.zero_grad()
        nearby = (model(x) - y).pow(2).mean()
        nearby.backward()
        with torch.no_grad():
            model.weight.sub_(nudge)
        optimizer.step()
        return loss

    recording = playground.record(step, model)
    assert [each.phase for each in recording.phases()] == [
        *(Phase.FORWARD, Phase.LOSS, Phase.BACKWARD, Phase.UPDATE),
        *(Phase.FORWARD, Phase.LOSS, Phase.BACKWARD, Phase.UPDATE),
    ]
    # The second pass starts from the nudged weight.
    values = [each.nodes["weight"].value for each in recording.passes]
    assert values[0] is not values[1]
    read_everything(recording)


@pytest.mark.parametrize("iterations", [1, 3])
def test_closure_of_lbfgs(iterations: int) -> None:
    def twin() -> tuple[nn.Linear, torch.optim.Optimizer, Tensor, Tensor]:
        torch.manual_seed(1)
        model = nn.Linear(3, 1)
        optimizer = torch.optim.LBFGS(model.parameters(), max_iter=iterations)
        return model, optimizer, torch.randn(8, 3), torch.randn(8, 1)

    plain, plain_optimizer, x, y = twin()
    losses = []

    def closure() -> float:
        plain_optimizer.zero_grad()
        loss = (plain(x) - y).pow(2).mean()
        loss.backward()
        losses.append(loss.item())
        return cast("float", loss)

    plain_optimizer.step(closure)
    model, optimizer, x, y = twin()
    recording = playground.record(lambda: (model(x) - y).pow(2).mean(), model, optimizer=optimizer)
    assert recording.failure is None
    assert [each.loss for each in recording.passes] == losses
    assert torch.equal(model.weight, plain.weight)


def test_autograd_grad_is_a_pass() -> None:
    w = torch.randn(3, requires_grad=True)
    before = w.detach().clone()

    def step() -> Tensor:
        loss = (w**2).sum()
        (gradient,) = torch.autograd.grad(loss, w)
        with torch.no_grad():
            w.sub_(0.1 * gradient)
        return loss

    recording = playground.record(step, {"w": w})
    assert recording.failure is None
    assert w.grad is None
    assert [each.call for each in recording.passes] == ["grad"]
    record = recording.parameter("w")
    assert record is not None
    assert record.gradient is not None
    assert torch.equal(torch.tensor(record.gradient.values), 2 * before)
    assert torch.equal(torch.tensor(record.contributions[0].value.values), 2 * before)


def test_gradient_penalty_goes_through_backward_itself() -> None:
    w = torch.randn(4, requires_grad=True)

    def step() -> Tensor:
        value = (w**3).sum()
        (slope,) = torch.autograd.grad(value, w, create_graph=True)
        return value + slope.pow(2).sum()

    loss = step()
    (expected,) = torch.autograd.grad(loss, w)
    recording = playground.record(step, {"w": w})
    assert recording.failure is None
    assert [each.call for each in recording.passes] == ["grad", "backward"]
    assert recording.passes[1].loss == loss.item()
    assert torch.equal(cast("Tensor", w.grad), expected)
    # The second pass walks what torch itself has built, backward's own nodes included.
    twin = capture(step(), {"w": w})
    assert sorted(node.op for node in recording.passes[1].graph.nodes) == sorted(
        node.op for node in twin.nodes
    )
    # A node that backward made belongs to the event in which it was made.
    made = [recording.passes[1].nodes[node.key].made_by for node in recording.passes[1].graph.nodes]
    kinds = {recording.events[number].kind for number in made if number is not None}
    assert kinds == {EventKind.NODE, EventKind.OPERATION}
    read_everything(recording)


def test_truncated_backpropagation_through_time() -> None:
    cell, x = nn.RNNCell(2, 3), torch.randn(4, 1, 2)

    def step() -> Tensor:
        h = torch.zeros(1, 3)
        for t in range(4):
            h = cell(x[t], h)
            if t % 2:
                loss: Tensor = h.pow(2).sum()
                loss.backward()
                h = h.detach() if t < 3 else h
        return loss

    recording = playground.record(step, cell)
    assert [len(each.graph.nodes) for each in recording.passes] == [len(recording.passes[0].graph.nodes)] * 2
    assert [str(phase) for phase, _ in phases(recording)] == ["forward", "loss", "backward"] * 2
    record = recording.parameter("weight_hh")
    assert record is not None
    assert [each.backward_pass for each in record.contributions] == [0, 0, 1, 1]


def test_walking_one_graph_twice() -> None:
    w = torch.randn(3, requires_grad=True)

    def step() -> Tensor:
        loss = (w * w).sum()
        loss.backward(retain_graph=True)
        loss.backward()
        return loss

    recording = playground.record(step, {"w": w})
    first, second = recording.passes
    assert [node.key for node in first.graph.nodes] == [node.key for node in second.graph.nodes]
    assert first.events.stop <= second.events.start
    key = first.graph.nodes[0].key
    assert first.nodes[key].reached_by in first.events
    assert second.nodes[key].reached_by in second.events
    assert torch.equal(cast("Tensor", w.grad), 4 * w.detach())
    record = recording.parameter("w")
    assert record is not None
    assert len(record.contributions) == 4


class Inner(torch.autograd.Function):
    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, *gradients: Tensor) -> Tensor:
        with torch.enable_grad():
            x = ctx.saved_tensors[0].detach().requires_grad_()  # type: ignore[attr-defined]
            (x * x).sum().backward()
        return cast("Tensor", x.grad) * gradients[0]


def test_pass_inside_a_backward_leaves_the_rest_backward() -> None:
    w = torch.randn(3, requires_grad=True)

    def loss() -> Tensor:
        apply: Callable[[Tensor], Tensor] = Inner.apply
        return apply(w.tanh()).sum()

    (expected,) = torch.autograd.grad(loss(), w)
    recording = playground.record(loss, {"w": w})
    assert torch.equal(cast("Tensor", w.grad), expected)
    nodes = [event for event in recording.events if event.kind is EventKind.NODE]
    assert {event.phase for event in nodes} == {Phase.BACKWARD}
    assert [event.op for event in nodes if event.backward_pass == 0] == [
        *("SumBackward0", "InnerBackward", "TanhBackward0", "AccumulateGrad")
    ]
    outer, inner = recording.passes
    assert outer.inside is None
    assert inner.inside is not None
    assert recording.events[inner.inside].op == "InnerBackward"
    assert [each.phase for each in recording.phases()].count(Phase.BACKWARD) == 1
    read_everything(recording)


def test_parameters_of_a_checkpoint_have_nodes() -> None:
    x, body, head = torch.randn(6, 4, requires_grad=True), nn.Linear(4, 4), nn.Linear(4, 1)
    model = nn.ModuleList([body, head])
    recording = playground.record(lambda: head(checkpoint(body, x, use_reentrant=True)).sum(), model)
    assert recording.failure is None
    for record in recording.parameters:
        assert record.node is not None
        assert record.gradient is not None
        assert len(record.contributions) == 1
    assert any("0.weight" in each.nodes for each in recording.passes if each.inside is not None)


def test_function_may_return_more_than_the_loss_or_nothing() -> None:
    w = torch.randn(3, requires_grad=True)

    def whole_step() -> None:
        (w * w).sum().backward()

    expected = (w * w).sum().item()
    returned = (
        lambda: ((w * w).sum(), w * 2),
        lambda: {"logits": w * 2, "loss": (w * w).sum()},
        lambda: {"size": torch.ones(()), "parts": [(w * w).sum()], "loss": (w * w).sum()},
        whole_step,
    )
    for function in returned:
        recording = playground.record(function, {"w": w})
        assert (recording.failure, recording.loss) == (None, expected)


@pytest.mark.parametrize(
    ("given", "kind", "message"),
    [
        (None, TypeError, "the function returned NoneType; allowed: a loss, a tensor of one element"),
        ((1, "a"), TypeError, "the function returned tuple; allowed: a loss, a tensor of one element"),
        ({"loss": torch.ones(3)}, ValueError, r"the loss has the shape \(3,\); allowed: one element"),
    ],
)
def test_function_without_a_loss_is_refused(given: object, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        playground.record(lambda: given, {})
