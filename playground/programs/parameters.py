"""What a program's step trains, and by which optimizer."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType, ModuleType
from typing import TYPE_CHECKING, Any

from playground.forward_pass import ForwardPass
from playground.recording.variables import Found, find_in
from playground.tracing.frames import read_variables

if TYPE_CHECKING:
    import torch

MOST_NODES = 20_000
"""Nodes of a graph that are looked through for leaves that no variable leads to."""


class ProgramParameters:
    """Looks for the parameters of a program, and again when others take part.

    Attributes:
        optimizers: that the program has made, in order.
    """

    def __init__(self) -> None:
        """Nothing is known yet."""
        self.optimizers: list[torch.optim.Optimizer] = []
        self._found: dict[str, Any] | None = None
        self._known: set[int] = set()
        self._optimizer: torch.optim.Optimizer | None = None

    def forward_pass(self, loss: Any, frame: FrameType, by_hand: tuple[str, ...]) -> ForwardPass:
        """What a step hands over whose loss the text tells.

        Args:
            loss: shape (), or a number.
            frame: of the training loop.
            by_hand: names of the variables that the program updates itself without autograd; if there are
                any, these are the parameters.
        """
        if by_hand:
            variables = frame.f_globals if frame.f_locals is frame.f_globals else read_variables(frame)
            parameters: dict[str, Any] = {name: variables[name] for name in by_hand if name in variables}
            return ForwardPass(loss, parameters)
        if self._found is None:
            self._look({**frame.f_globals, **read_variables(frame)})
        return ForwardPass(loss, self._found or {}, self._optimizer)

    def heard(
        self, loss: torch.Tensor, frame: FrameType, module: ModuleType, is_own: Callable[[FrameType], bool]
    ) -> ForwardPass:
        """What a step hands over whose backward pass was heard of.

        Args:
            loss: what is differentiated.
            frame: innermost of the program's own.
            module: the program's own.
            is_own: whether a frame's code is the program's.
        """
        leaves = _leaves_behind(loss)
        if self._found is None or not leaves.keys() <= self._known:
            frames = []
            at: FrameType | None = frame
            while at is not None:
                if is_own(at):
                    frames.append(at)
                at = at.f_back
            variables: dict[str, object] = dict(vars(module))
            for each in reversed(frames):
                variables.update(each.f_globals)
                variables.update(read_variables(each))
            self._look(variables)
            found = self._found = self._found or {}
            for number, (identity, leaf) in enumerate(leaves.items()):
                if identity not in self._known:
                    found[f"leaf {number}"] = leaf
                    self._known.add(identity)
        return ForwardPass(loss, self._found or {}, self._optimizer)

    def _look(self, variables: dict[str, object]) -> None:
        plain = {name: value for name, value in variables.items() if not name.startswith("__")}
        found: Found = find_in(plain)
        parameters = dict(found.parameters)
        known = {id(each) for each in parameters.values()}
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                for place, parameter in enumerate(group["params"]):
                    if id(parameter) not in known:
                        known.add(id(parameter))
                        parameters[f"parameter {place}"] = parameter
        self._found, self._known = parameters, known
        self._optimizer = self.optimizers[-1] if self.optimizers else _optimizer_among(plain)


def _optimizer_among(variables: dict[str, object]) -> torch.optim.Optimizer | None:
    torch = sys.modules.get("torch")
    if torch is None:
        return None
    found = [each for each in variables.values() if isinstance(each, torch.optim.Optimizer)]
    return found[-1] if found else None


def _leaves_behind(loss: torch.Tensor) -> dict[int, torch.Tensor]:
    """The leaves that the gradient goes to, by `id`; of a huge graph the nearest only."""
    found: dict[int, torch.Tensor] = {}
    waiting: list[Any] = [loss.grad_fn]
    seen: set[Any] = set()
    while waiting and len(seen) < MOST_NODES:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        leaf = getattr(node, "variable", None)
        if leaf is not None:
            found[id(leaf)] = leaf
        waiting += [behind for behind, _ in node.next_functions]
    return found
