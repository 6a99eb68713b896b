"""The captured graph against torchviz's drawing, and against `next_functions` read off by hand."""

from __future__ import annotations

import gc
import itertools
import re
import subprocess
import sys
import threading
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

import pytest
import torch
from torch import Tensor, nn

from playground.graph import Graph, NodeKind, Phase, capture
from playground.graph.autograd import signature

Output = Tensor | tuple[Tensor, ...]
Model = Callable[[], Output]
Multiset = Counter[str]
Pairs = Counter[tuple[str, str]]

CHAIN = 50_000


class Doubled(torch.autograd.Function):
    """Twice its input; saves it, which torchviz draws as a further box."""

    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return 2 * x

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, *gradients: Tensor) -> Tensor:
        return 2 * gradients[0]


class Dynamic(nn.Module):
    """A network that uses its middle layer as often as it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.input_linear = nn.Linear(6, 5)
        self.middle_linear = nn.Linear(5, 5)
        self.output_linear = nn.Linear(5, 2)

    def forward(self, x: Tensor, depth: int) -> Tensor:
        hidden = self.input_linear(x).clamp(min=0)
        for _ in range(depth):
            hidden = self.middle_linear(hidden).clamp(min=0)
        result: Tensor = self.output_linear(hidden)
        return result

    def loss(self, depth: int) -> Tensor:
        return nn.functional.mse_loss(self(torch.ones(3, 6), depth), torch.zeros(3, 2), reduction="sum")


def weight(*shape: int) -> Tensor:
    return torch.ones(*shape).div(3).requires_grad_()


def tensor(value: object) -> Tensor:
    assert isinstance(value, Tensor)
    return value


def doubled(x: Tensor) -> Tensor:
    return tensor(Doubled.apply(x))  # type: ignore[no-untyped-call]


def residual() -> Tensor:
    block, x = nn.Linear(4, 4), weight(2, 4)
    hidden = x.tanh()
    for _ in range(3):
        hidden = hidden + tensor(block(hidden)).relu()
    return hidden.sum()


def shared_weights() -> Tensor:
    w = weight(4, 4)
    return torch.ones(2, 4).mm(w).mm(w).mm(w.t()).mul(w.sum()).mean()


def in_place() -> Tensor:
    x = weight(3, 4).clone()
    x.mul_(2).add_(1)
    x[1] = x[0] * 3
    x[:, 2].relu_()
    return x.sum()


def views() -> Tensor:
    x = weight(2, 3, 4)
    y = x.transpose(0, 1).reshape(3, 8)[:, ::2].unsqueeze(0).expand(5, 3, 4).permute(2, 0, 1)
    return y.contiguous().view(-1).narrow(0, 1, 6)


def lstm() -> Output:
    output, (hidden, cell) = nn.LSTM(4, 5, num_layers=2, bidirectional=True)(torch.ones(3, 2, 4))
    return output, hidden, cell


def lstm_cells() -> Tensor:
    cell = nn.LSTMCell(4, 5)
    state = (torch.zeros(2, 5), torch.zeros(2, 5))
    for _ in range(3):
        state = cell(torch.ones(2, 4), state)
    return tensor(state[0]).sum()


def unbound() -> Tensor:
    a, b, c = (weight(3, 4) * 2).unbind(0)
    first, second = torch.split(a * c - b, 2)
    return (first / second).sum()


def custom_function() -> Tensor:
    x = weight(3)
    return doubled(doubled(x) + x).sum()


def partly_without_gradient() -> Tensor:
    w = weight(4, 4)
    with torch.no_grad():
        frozen = w.mm(w)
    return tensor((w.mm(frozen) + w.detach() - torch.ones(4)).norm())


def joined_outputs() -> Output:
    x = weight(3, 4)
    hidden = x.mm(weight(4, 4)).relu()
    return hidden.sum(), hidden.mean(), hidden


def convolution() -> Tensor:
    net = nn.Sequential(
        nn.Conv2d(2, 3, 3, padding=1),
        nn.BatchNorm2d(3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(12, 2),
    )
    return nn.functional.cross_entropy(tensor(net(torch.ones(2, 2, 4, 4))), torch.tensor([0, 1]))


def transformer() -> Tensor:
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    return tensor(layer(torch.ones(2, 3, 8))).sum()


def embedding() -> Tensor:
    table = nn.Embedding(10, 4)
    words = tensor(table(torch.tensor([[1, 2], [3, 1]])))
    return tensor(nn.Linear(4, 10)(words.mean(1)).log_softmax(-1).sum() + table.weight.pow(2).sum())


def twice_the_same() -> Tensor:
    x = weight(3).exp()
    return (x + x) * (x + x)


def concatenated() -> Tensor:
    x, y = weight(2, 3), weight(2, 3)
    return torch.cat([x, y, x, torch.ones(2, 3), y * x], dim=1).sum()


def scalar_of_many_branches() -> Tensor:
    w = weight(5)
    branches = [w.sin(), w.cos(), w.sigmoid()]
    return torch.stack([b.sum() if b.mean() > 0 else b.prod() for b in branches]).max()


MODELS: tuple[Model, ...] = (
    residual,
    shared_weights,
    in_place,
    views,
    lstm,
    lstm_cells,
    unbound,
    custom_function,
    partly_without_gradient,
    joined_outputs,
    convolution,
    transformer,
    embedding,
    twice_the_same,
    concatenated,
    scalar_of_many_branches,
    *(lambda depth=depth: Dynamic().loss(depth) for depth in range(4)),
)

each_model = pytest.mark.parametrize(
    "model",
    MODELS,
    ids=[m.__name__ if m.__name__ != "<lambda>" else f"dynamic{n - 16}" for n, m in enumerate(MODELS)],
)


def drawn_by_torchviz(output: Output) -> tuple[Multiset, Pairs]:
    """Functions, and pairs of (user, input), in torchviz's drawing.

    torchviz fills the boxes of tensors (leaves, saved tensors, outputs) with a color; the others
    are functions, `AccumulateGrad` included. Its edges run from the input to the user. It draws one
    for each entry of `next_functions`, so that doubled edges can be compared as well.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it uses the deprecated distutils
        import torchviz

        body: list[str] = torchviz.make_dot(output).body
    functions: dict[str, str] = {}
    arrows: list[tuple[str, str]] = []
    for line in body:
        if arrow := re.match(r"\s*(\d+) -> (\d+)", line):
            arrows.append((arrow[1], arrow[2]))
        elif "fillcolor" not in line:
            node = re.match(r"\s*(\d+) \[label=(\w+)\]", line)
            assert node, line
            functions[node[1]] = node[2]
    pairs = Counter(
        (functions[user], functions[source])
        for source, user in arrows
        if source in functions and user in functions
    )
    return Counter(functions.values()), pairs


def captured(graph: Graph) -> tuple[Multiset, Pairs]:
    ops = {node.id: node.op for node in graph.nodes}
    return Counter(ops.values()), Counter((ops[edge.source], ops[edge.target]) for edge in graph.edges)


def entries_of_next_functions(output: Output) -> Counter[tuple[object, object, int, int]]:
    """(user, input, input index, output index) of every entry, by a recursive walk."""
    entries: Counter[tuple[object, object, int, int]] = Counter()
    seen: set[object] = set()

    def visit(function: torch.autograd.graph.Node) -> None:
        if function in seen:
            return
        seen.add(function)
        for index, (source, result) in enumerate(function.next_functions):
            if source is not None:
                entries[function, source, index, result] += 1
                visit(source)

    for tensor in output if isinstance(output, tuple) else (output,):
        assert tensor.grad_fn is not None
        visit(tensor.grad_fn)
    return entries


def keys(graph: Graph) -> set[str]:
    return {node.key for node in graph.nodes}


@each_model
def test_nodes_and_edges_are_those_that_torchviz_draws(model: Model) -> None:
    output = model()
    graph = capture(output)
    assert captured(graph) == drawn_by_torchviz(output)
    assert graph.edges


@each_model
def test_every_entry_of_next_functions_is_an_edge(model: Model) -> None:
    output = model()
    graph = capture(output)
    entries = entries_of_next_functions(output)
    assert len(graph.edges) == entries.total()
    assert Counter((e.input_index, e.output_index) for e in graph.edges) == Counter(
        (index, result) for _, _, index, result in entries.elements()
    )


@each_model
def test_keys_are_unique_and_the_same_when_built_again(model: Model) -> None:
    graph = capture(model())
    assert len(keys(graph)) == len(graph.nodes)
    assert [node.key for node in graph.nodes] == [node.key for node in capture(model()).nodes]
    assert [node.id for node in graph.nodes] == list(range(len(graph.nodes)))


def test_a_leaf_output_gives_its_accumulator() -> None:
    # torchviz draws the tensor only, since a leaf has no grad_fn.
    (node,) = capture(w := weight(2, 3), {"w": w}).nodes
    assert (node.op, node.parameter, node.key, node.shape) == ("AccumulateGrad", "w", "w", (2, 3))
    assert (node.kind, node.phase) == (NodeKind.PARAMETER, Phase.FORWARD)


def test_outputs_without_gradient_contribute_nothing() -> None:
    assert capture(torch.ones(3)) == Graph()
    assert captured(capture([torch.ones(2), weight(2).sum()])) == captured(capture(weight(2).sum()))


def test_outputs_come_first_and_once() -> None:
    x = weight(2, 3).exp()
    rows = x.unbind(0)
    graph = capture([rows[1], x, rows[0]])
    assert graph.outputs == (0, 1)
    assert [(node.op, node.kind, node.phase) for node in graph.nodes] == [
        ("UnbindBackward0", NodeKind.LOSS, Phase.LOSS),
        ("ExpBackward0", NodeKind.LOSS, Phase.LOSS),
        ("AccumulateGrad", NodeKind.PARAMETER, Phase.FORWARD),
    ]


def test_an_edge_tells_which_result_was_used_and_as_which_input() -> None:
    first, second = weight(2, 3).unbind(0)
    graph = capture(second - first)
    assert [(e.source, e.target, e.input_index, e.output_index) for e in graph.edges[:2]] == [
        (0, 1, 0, 1),
        (0, 1, 1, 0),
    ]


def test_nodes_describe_the_result_of_the_operation() -> None:
    w = torch.ones(4, 2, dtype=torch.float64, requires_grad=True)
    nodes = {node.op: node for node in capture(torch.ones(3, 4, dtype=torch.float64).mm(w), {"w": w}).nodes}
    assert nodes["MmBackward0"].shape == (3, 2)
    assert nodes["AccumulateGrad"].shape == (4, 2)
    assert {(n.dtype, n.device) for n in nodes.values()} == {("torch.float64", "cpu")}


def test_a_nested_tensor_has_no_shape() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # nested tensors are a prototype
        nested = torch.nested.nested_tensor([torch.ones(2, 3), torch.ones(4, 3)], requires_grad=True)
        graph = capture(nested * 2)
    assert graph.nodes[0].shape is None


def test_parameters_are_found_by_identity() -> None:
    a, b = weight(3), weight(3)
    names = [node.parameter for node in capture((a * b).sum(), {"b": b, "tied": b}).nodes]
    assert sorted(map(str, names)) == ["None", "None", "None", "b"]


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
        f"for _ in range({CHAIN}): x = x + 1\n"
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


def test_keys_keep_their_length_below_many_parameters() -> None:
    weights = {f"layer{n}.weight": weight(1) for n in range(200)}
    hidden = torch.cat(list(weights.values()))
    for _ in range(50):
        hidden = hidden.sin()
    assert max(map(len, keys(capture(hidden, weights)))) < 100


def test_operations_are_named_after_the_parameters_that_feed_them() -> None:
    net = Dynamic()
    assert keys(capture(net.loss(2), dict(net.named_parameters()))) == {
        "input_linear.weight",
        "input_linear.bias",
        "TBackward0(input_linear.weight)#1",
        "AddmmBackward0(input_linear)#1",
        "ClampBackward1<input_linear#1",
        "middle_linear.weight",
        "middle_linear.bias",
        "TBackward0(middle_linear.weight)#1",
        "AddmmBackward0(middle_linear)#1",
        "ClampBackward1<middle_linear#1",
        "TBackward0(middle_linear.weight)#2",
        "AddmmBackward0(middle_linear)#2",
        "ClampBackward1<middle_linear#2",
        "output_linear.weight",
        "output_linear.bias",
        "TBackward0(output_linear.weight)#1",
        "AddmmBackward0(output_linear)#1",
        "MseLossBackward0<output_linear#1",
    }


def test_keys_stay_when_the_depth_changes() -> None:
    net = Dynamic()
    names = dict(net.named_parameters())
    by_depth = [capture(net.loss(depth), names) for depth in (0, 1, 2, 3)]
    for shallow, deep in itertools.pairwise(by_depth):
        assert keys(shallow) < keys(deep)
        assert all("middle_linear" in key for key in keys(deep) - keys(shallow))
        for node in shallow.nodes:
            twin = deep.node(node.key)
            assert twin is not None
            assert (twin.op, twin.shape, twin.parameter) == (node.op, node.shape, node.parameter)


@pytest.mark.parametrize("depth", [0, 1, 2, 3])
def test_calls_are_counted_in_the_order_of_the_forward_pass(depth: int) -> None:
    net = Dynamic()
    graph = capture(net.loss(depth), dict(net.named_parameters()))
    target = {(e.source, e.input_index): graph.nodes[e.target].key for e in graph.edges}
    for call in range(1, depth + 1):
        node = graph.node(f"AddmmBackward0(middle_linear)#{call}")
        assert node is not None
        before = f"middle_linear#{call - 1}" if call > 1 else "input_linear#1"
        assert target[node.id, 1] == f"ClampBackward1<{before}"
        assert target[node.id, 2] == f"TBackward0(middle_linear.weight)#{call}"


def test_an_operation_on_data_is_not_named_after_the_embedding() -> None:
    table, norm = nn.Embedding(10, 4), nn.LayerNorm(4)
    names = {"words.weight": table.weight, "norm.weight": norm.weight, "norm.bias": norm.bias}
    result = norm(table(torch.tensor([1, 2])))
    assert "NativeLayerNormBackward0(norm)#1" in keys(capture(result, names))


def test_only_a_reshaped_parameter_still_counts_as_one() -> None:
    w = weight(2, 2)
    scaled = (torch.ones(2, 2) * w).exp() + w.t().contiguous().view(4).sum()
    assert keys(capture(scaled, {"w": w})) == {
        "w",
        "MulBackward0(w)#1",
        "ExpBackward0<w#1",
        "TBackward0(w)#1",
        "CloneBackward0(w)#1",
        "ViewBackward0(w)#1",
        "SumBackward0(w)#1",
        "AddBackward0<w#1",
    }


def test_names_that_look_like_keys_stay_apart() -> None:
    a, b, c = weight(1), weight(1), weight(1)
    names = {"leaf#1": a, "AddBackward0(leaf#1,b)#1": c, "b": b}
    graph = capture((a + b) * c + weight(1), names)
    assert len(keys(graph)) == len(graph.nodes)
    assert set(names) <= keys(graph)


def numbered(parameters: Iterable[Tensor]) -> Mapping[int, int]:
    return {id(parameter): number for number, parameter in enumerate(parameters)}


def grad_fn(output: Tensor) -> torch.autograd.graph.Node:
    assert output.grad_fn is not None
    return output.grad_fn


def test_the_signature_is_equal_for_the_same_structure_only() -> None:
    net = Dynamic()
    numbers = numbered(net.parameters())
    signatures = [signature(grad_fn(net.loss(depth)), numbers) for depth in (0, 1, 2, 3, 0, 1, 2, 3)]
    assert signatures[:4] == signatures[4:]
    assert len(set(signatures)) == 4


def different_structures(a: Tensor, b: Tensor) -> list[Tensor]:
    data = torch.ones(2)
    x, y = a.exp(), b.exp()
    first, second = torch.stack([a, b]).unbind(0)
    return [
        a * b,
        b * a,
        a * a,
        b * b,
        a + b,
        a * data,
        data * a,
        b * data,
        x * x,
        a.exp() * a.exp(),
        x * y,
        (x * y) * x,
        x * (y * x),
        first * second,
        second * first,
        first * first,
        first.exp(),
        second.exp(),
        a * weight(2),
        weight(2) * weight(2),
        doubled(a),
    ]


def test_the_signature_tells_apart_what_differs_in_one_edge() -> None:
    a, b = weight(2), weight(2)
    once = different_structures(a, b)
    again = different_structures(a, b)
    numbers = numbered([a, b])
    signatures = [signature(grad_fn(output), numbers) for output in once]
    assert len(set(signatures)) == len(once)
    assert signatures == [signature(grad_fn(output), numbers) for output in again]


@each_model
def test_the_signature_of_any_model_is_the_same_when_built_again(model: Model) -> None:
    def structure() -> object:
        output = model()
        return signature(grad_fn(output[0] if isinstance(output, tuple) else output), {})

    assert hash(structure()) == hash(structure())
    assert structure() == structure()


def test_the_graph_package_does_not_load_torch() -> None:
    code = "import sys, playground.graph, playground.graph.export; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
