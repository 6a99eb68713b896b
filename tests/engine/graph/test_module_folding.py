"""Modules folded into boxes: how many are drawn, what stands for what, and where frames lie."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import nn

import playground
from playground.graph import capture
from playground.graph.folding import Folding
from playground.graph.framed_layout import lay_out_framed
from playground.graph.layout import Box, Layout
from playground.graph.model import Edge, Graph, Node, NodeKind
from playground.graph.module_folding import MOST_DRAWN, ModuleFolds, short_number
from playground.graph.modules import Call, Chain
from playground.graph.sizes import window_sizes
from playground.recording.queries import chains_in
from tests.engine.graph.test_folding import is_acyclic
from tests.engine.large_models import Step, adversarial, recurrent, resnet, transformer

MODELS = {"resnet": resnet, "transformer": transformer, "rnn": recurrent}


def folds_of(step: Step) -> ModuleFolds:
    recording = playground.record(step.loss, step.model)
    return ModuleFolds(recording.graph, chains_in(recording, None))


def folded(folds: ModuleFolds, *more: Chain) -> Folding:
    found = folds.folded(folds.opened | set(more))
    assert found is not None
    return found


@pytest.fixture(scope="module", params=list(MODELS))
def folds(request: pytest.FixtureRequest) -> ModuleFolds:
    return folds_of(MODELS[request.param]())


def members(folding: Folding) -> list[str]:
    return [key for block in folding.blocks.values() for key in block.members]


def test_a_large_graph_fits_into_few_boxes(folds: ModuleFolds) -> None:
    folding = folded(folds)
    assert len(folding.graph.nodes) <= MOST_DRAWN
    assert is_acyclic(folding.graph)
    drawn = {node.key for node in folding.graph.nodes} - folding.blocks.keys()
    assert len(members(folding)) == len(set(members(folding)))
    assert drawn | set(members(folding)) == {node.key for node in folds.graph.nodes}
    assert not drawn & set(members(folding))


def test_every_edge_is_drawn_or_lies_inside_a_box(folds: ModuleFolds) -> None:
    folding = folded(folds)
    keys = [node.key for node in folding.graph.nodes]
    drawn = {(keys[edge.source], keys[edge.target], edge.input_index) for edge in folding.graph.edges}
    assert set(folding.edges.values()) == drawn
    whole = [node.key for node in folds.graph.nodes]
    for edge in folds.graph.edges:
        ends = {whole[edge.source], whole[edge.target]}
        inside = any(ends <= block.members for block in folding.blocks.values())
        assert ((whole[edge.source], whole[edge.target], edge.input_index) in folding.edges) == (not inside)


def test_the_same_graph_is_folded_alike(folds: ModuleFolds) -> None:
    again = ModuleFolds(folds.graph, {node.key: folds._chains[node.key] for node in folds.graph.nodes})
    assert again.opened == folds.opened
    assert folded(again).graph == folded(folds).graph


def test_what_is_opened_can_be_seen_and_all_else_stays_folded(folds: ModuleFolds) -> None:
    for node in folds.graph.nodes[:: len(folds.graph.nodes) // 20]:
        folding = folded(folds, *folds.calls_around({node.key}))
        found = [each for each in folding.graph.nodes if each.key == node.key]
        shared = [block for block in folding.blocks.values() if block.kind is NodeKind.PARAMETER]
        assert found or any(node.key in block.members for block in shared)
        assert is_acyclic(folding.graph)


def test_layers_that_are_alike_are_open_or_folded_together() -> None:
    found = folds_of(transformer())
    titles = [block.title for block in folded(found).blocks.values()]
    assert sorted(titles) == [f"layers.{number}" for number in range(6)]
    layer = transformer().model.get_submodule("encoder.layers.0")
    expected = sum(each.numel() for each in layer.parameters())
    for block in folded(found).blocks.values():
        assert block.numbers == expected
        assert block.says[1] == f"{short_number(expected)} params"


def test_a_cell_that_is_called_many_times_is_one_box() -> None:
    found = folds_of(recurrent(20))
    blocks = {block.title: block for block in folded(found).blocks.values()}
    assert set(blocks) == {"cell × 20", "out × 20", "cell", "out"}
    assert blocks["cell"].kind is NodeKind.PARAMETER
    assert blocks["out"].says == ("1 weight · 1 bias",)
    # One use open between the others.
    opened = folded(found, (Call("cell", 8),))
    spans = sorted((b.first, b.last) for b in opened.blocks.values() if "cell ×" in b.title)
    assert spans == [(1, 7), (9, 20)]
    assert opened.titles == {(Call("cell", 8),): "cell, use 8"}


def test_uses_of_one_module_are_boxes_of_their_own() -> None:
    model = adversarial()
    drawn = model["G"](torch.ones(3, 4))
    output = model["D"](drawn).sum() + model["D"](drawn.detach()).sum()
    folding = ModuleFolds(capture(output, dict(model.named_parameters()))).folded(())
    assert folding is not None
    titles = sorted(block.title for block in folding.blocks.values())
    assert titles == ["D", "D, use 1", "D, use 2", "G"]
    shared = next(block for block in folding.blocks.values() if block.kind is NodeKind.PARAMETER)
    assert (shared.title, shared.says) == ("D", ("2 weights · 2 biases",))


def test_what_is_left_and_entered_again_closes_no_circle() -> None:
    """`fan` takes turns with another module, though its parameters look like one call of it."""
    lists = {name: nn.ModuleList(nn.Linear(2, 2) for _ in range(3)) for name in ("fan", "other")}
    model = nn.ModuleDict(lists)
    hidden = torch.ones(1, 2)
    for number in range(3):
        hidden = lists["other"][number](lists["fan"][number](hidden))
    graph = capture(hidden.sum(), dict(model.named_parameters()))
    folding = ModuleFolds(graph).folded(())
    assert folding is not None
    assert is_acyclic(folding.graph)
    assert sorted(block.title for block in folding.blocks.values()) == [
        f"{name}, part {number}" for name in ("fan", "other") for number in (1, 2, 3)
    ]


def test_without_modules_nothing_is_folded() -> None:
    weight = torch.ones(2, requires_grad=True)
    assert ModuleFolds(capture((weight * 2).sum(), {"w": weight})).folded(()) is None


def inside(one: Box, other: Box) -> bool:
    return (
        other.x <= one.x
        and other.y <= one.y
        and one.x + one.width <= other.x + other.width
        and one.y + one.height <= other.y + other.height
    )


def apart(one: Box, other: Box) -> bool:
    across = one.x + one.width <= other.x or other.x + other.width <= one.x
    return across or one.y + one.height <= other.y or other.y + other.height <= one.y


def check_frames(folding: Folding, layout: Layout) -> None:
    assert set(layout.boxes) == {node.key for node in folding.graph.nodes}
    for frame in layout.frames:
        for key, box in layout.boxes.items():
            around = folding.frames.get(key, ())[: len(frame.call)]
            assert inside(box, frame.box) if around == frame.call else apart(box, frame.box)
        for other in layout.frames:
            if other.call[: len(frame.call)] == frame.call:
                assert inside(other.box, frame.box)
            elif frame.call[: len(other.call)] != other.call:
                assert apart(other.box, frame.box)


def test_frames_hold_what_their_modules_made_and_nothing_else(folds: ModuleFolds) -> None:
    memory: dict[object, Layout] = {}
    deepest = max(sorted(folds.calls), key=len)
    for more in (), [deepest[:length] for length in range(1, len(deepest) + 1)]:
        folding = folded(folds, *more)
        layout = lay_out_framed(folding, window_sizes(folding.graph), memory)
        check_frames(folding, layout)
        assert {frame.call for frame in layout.frames} == set(folding.titles)
        for (source, target, _), route in layout.routes.items():
            # From the border of what gives to the border of what takes, as the data goes.
            start, end = layout.boxes[target], layout.boxes[source]
            assert route[0][0] == pytest.approx(start.x + start.width)
            assert route[-1][0] == pytest.approx(end.x)
            assert all(one != other for one, other in itertools.pairwise(route))


def test_a_layout_that_is_known_is_not_made_again() -> None:
    found = folds_of(transformer(2))
    folding = folded(found)
    memory: dict[object, Layout] = {}
    sizes = window_sizes(folding.graph)
    first = lay_out_framed(folding, sizes, memory)
    known = dict(memory)
    second = lay_out_framed(folding, sizes, memory)
    assert memory == known
    assert dict(first.boxes) == dict(second.boxes)


def test_a_huge_chain_of_modules_is_folded_whole() -> None:
    """Three thousand nodes in three hundred modules: nothing depends on how deep Python may go."""
    nodes, edges = [Node(0, "Sum", NodeKind.LOSS, "loss", ())], []
    known: dict[str, Chain] = {"loss": ()}
    for number in range(1, 3001):
        nodes.append(Node(number, "Mul", NodeKind.OPERATION, f"n{number}", (2,)))
        edges.append(Edge(number - 1, number, 0))
        known[f"n{number}"] = (Call("net", 1), Call(f"net.{(number - 1) // 10}", 1))
    found = ModuleFolds(Graph(tuple(nodes), tuple(edges), outputs=(0,)), known)
    folding = folded(found)
    assert len(folding.graph.nodes) == 2
    (block,) = folding.blocks.values()
    assert block.says == ("3000 nodes",)
