"""Changes numbers of a program while it stands between two of its steps."""

from __future__ import annotations

import ast
import sys
import weakref
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from types import FrameType, ModuleType
from typing import Any, Protocol, TypeAlias

from playground.programs.effects import Effect, Effects, Group, Member, Variable
from playground.programs.errors import ProgramError
from playground.programs.hooks import MADE
from playground.programs.numbers import Number, allowed, numbers_with_effects
from playground.programs.parse import Place
from playground.programs.slots import SLOT
from playground.tracing.frames import read_variables, rebind_variables

Changes: TypeAlias = Iterable[tuple[Number, int | float]]


class Running(Protocol):
    """A program that runs.

    Attributes:
        builtins: what it finds without an import.
        frame: of its training loop.
        module: its file's variables.
    """

    builtins: dict[str, object]
    frame: FrameType | None
    module: ModuleType


class _NotAtHand(Exception):
    """What a change needs is not there; why, in words."""


@dataclass(frozen=True, slots=True)
class _Held:
    """An object that a call has made, and the groups of it that take a number."""

    made: weakref.ref[Any]
    groups: Mapping[int, tuple[int, ...]]


class LiveNumbers:
    """The numbers of one execution that can be changed, and how to come to them.

    Attributes:
        slots: what is read instead of a number, by its line and its column in bytes.
        calls: those whose results the program tells of.
        names: of the slots, with their values, and the function that is told; builtins of the program.
    """

    def __init__(
        self,
        tree: ast.Module,
        text: str,
        loop: int | None = None,
        slots: Mapping[tuple[int, int], str] | None = None,
    ) -> None:
        """Reads a text; nothing runs yet.

        Args:
            tree: of the text, without hooks.
            text: of the program.
            loop: line of the training loop, where it is known.
            slots: that the text has besides.
        """
        self.slots: dict[tuple[int, int], str] = {}
        self.names: dict[str, object] = {MADE: self._hear}
        self._numbers: list[tuple[Number, Effects]] = []
        self._slot_of: dict[int, str] = {}
        calls: dict[Place, None] = {}
        for number, effects, literal in numbers_with_effects(tree, text, loop):
            self._numbers.append((number, effects))
            if effects.is_live:
                place = (literal.node.lineno, literal.node.col_offset)
                name = (slots or {}).get(place) or SLOT.format(number.index)
                self.slots[place] = self._slot_of[number.index] = name
                self.names[name] = number.value
                calls |= {each.call: None for each in effects.live if isinstance(each, Group | Member)}
        self.calls = {call: index for index, call in enumerate(calls)}
        self._held: dict[int, list[_Held]] = {}
        self._values = {number.index: number.value for number, _ in self._numbers}

    def change(self, running: Running, begun: bool, changes: Changes) -> str:
        """Gives numbers other values, from the program's next step on: all of them, or none.

        Args:
            running: the program; it stands still.
            begun: whether any of it has run.
            changes: numbers of the program's text, whatever values of it were changed meanwhile, and others.

        Returns:
            "" where they will act; else why the program has to start again, and nothing is changed.

        Raises:
            ProgramError: a number cannot take its value.
        """
        doing: list[Callable[[], object]] = []
        for number, value in changes:
            known, effects = (
                self._numbers[number.index] if number.index < len(self._numbers) else (None, None)
            )
            if known is None or effects is None or known.name != number.name:
                return f"{number.name} is none of the numbers of the program that runs"
            value = allowed(known, value)
            if not effects.is_live:
                return f"{number.name}: {effects.reason}"
            try:
                if begun:
                    doing += [self._prepared(running, known, each, value) for each in effects.live]
            except _NotAtHand as why:
                return f"{number.name}: {why}"
            doing.append(partial(self._keep, running, known.index, value))
        for each in doing:
            each()
        return ""

    def _keep(self, running: Running, index: int, value: float) -> None:
        running.builtins[self._slot_of[index]] = value
        self._values[index] = value

    def _prepared(
        self, running: Running, number: Number, effect: Effect, value: float
    ) -> Callable[[], object]:
        if isinstance(effect, Group):
            return self._group(number, effect, value)
        if isinstance(effect, Member):
            return self._member(number, effect, value)
        if isinstance(effect, Variable):
            return self._variable(running, number, effect, value)
        return lambda: None

    def _group(self, number: Number, effect: Group, value: float) -> Callable[[], object]:
        optimizers = [
            (optimizer, held.groups.get(number.index, ()))
            for held in self._held.get(self.calls[effect.call], [])
            if (optimizer := held.made()) is not None
        ]
        if not any(groups for _, groups in optimizers):
            raise _NotAtHand(f"no optimizer of line {effect.call.line} has taken {number.name} from there")
        for optimizer, groups in optimizers:
            for group in groups:
                _try(
                    optimizer, number, effect, _put(optimizer.param_groups[group][effect.key], effect, value)
                )

        def act() -> None:
            for optimizer, groups in optimizers:
                for index in groups:
                    group = optimizer.param_groups[index]
                    group[effect.key] = _put(group[effect.key], effect, value)

        return act

    def _member(self, number: Number, effect: Member, value: float) -> Callable[[], object]:
        held = self._held.get(self.calls[effect.call], [])
        modules = [module for each in held if (module := each.made()) is not None]
        old = self._values[number.index]
        if not modules or any(getattr(module, effect.name, None) != old for module in modules):
            raise _NotAtHand(f"no module of line {effect.call.line} has taken {number.name} from there")
        for module in modules:
            _try_module(module, number, effect, value)

        def act() -> None:
            for module in modules:
                setattr(module, effect.name, value)

        return act

    def _variable(
        self, running: Running, number: Number, effect: Variable, value: float
    ) -> Callable[[], object]:
        frame = running.frame
        variables = dict(vars(running.module))
        if effect.function:
            if frame is None or frame.f_code.co_name != effect.function:
                raise _NotAtHand(f"{effect.name} is out of reach now")
            variables = read_variables(frame)
        holder = variables.get(effect.name)
        now = holder
        if effect.attribute:
            now = getattr(holder, effect.attribute, None)
        elif effect.entry:
            now = holder.get(effect.entry) if isinstance(holder, dict) else None
        if now != self._values[number.index]:
            raise _NotAtHand(f"it is {now!r} in the program now, and not what the text says")
        if effect.attribute:
            return partial(setattr, holder, effect.attribute, value)
        if isinstance(holder, dict):
            return partial(holder.__setitem__, effect.entry, value)
        if not effect.function:
            return partial(setattr, running.module, effect.name, value)
        assert frame is not None
        return partial(rebind_variables, frame, {effect.name: value})

    def _hear(self, index: int, made: Any) -> Any:
        """The program has made an object that takes some of the numbers."""
        groups: dict[int, tuple[int, ...]] = {}
        if hasattr(made, "param_groups"):
            for number, effects in self._numbers:
                for each in effects.live:
                    if isinstance(each, Group) and self.calls[each.call] == index:
                        groups[number.index] = self._taken(made, number, each)
        held = [each for each in self._held.get(index, []) if each.made() is not None]
        self._held[index] = [*held, _Held(weakref.ref(made), groups)]
        return made

    def _taken(self, optimizer: Any, number: Number, effect: Group) -> tuple[int, ...]:
        """The groups that have a number from its place in the text."""
        value = self._values[number.index]
        others = {
            each.index
            for _, effects in self._numbers
            for each in effects.live
            if isinstance(each, Group) and (each.call, each.key) == (effect.call, effect.key)
        }
        return tuple(
            index
            for index, group in enumerate(optimizer.param_groups)
            if (index == effect.index if effect.index is not None else index not in others)
            and _get(group.get(effect.key), effect) == value
        )


def _get(held: Any, effect: Group) -> object:
    if not effect.part:
        return held
    return held[effect.part - 1] if isinstance(held, tuple | list) and len(held) >= effect.part else None


def _put(held: Any, effect: Group, value: float) -> Any:
    """What a group has, with another number in it."""
    if not effect.part:
        return value
    several = list(held)
    several[effect.part - 1] = value
    return type(held)(several)


def _try(optimizer: Any, number: Number, effect: Group, held: Any) -> None:
    """Has the optimizer's own class look at a number; it draws nothing at random."""
    torch = sys.modules["torch"]
    if not type(optimizer).__module__.startswith("torch.optim"):
        return
    try:
        type(optimizer)([torch.zeros(1, requires_grad=True)], **{effect.key: held})
    except (ValueError, TypeError) as error:
        raise _refusal(number, held, error) from None


def _try_module(module: Any, number: Number, effect: Member, value: float) -> None:
    """Has a dropout's class look at its probability: other modules take any number."""
    if effect.name != "p" or not type(module).__module__.startswith("torch.nn"):
        return
    try:
        type(module)(value)
    except (ValueError, TypeError) as error:
        raise _refusal(number, value, error) from None


def _refusal(number: Number, value: object, error: Exception) -> ProgramError:
    said = (str(error).splitlines() or [""])[0]
    return ProgramError(f"{number.name}: {value!r} is not allowed ({said})")
