"""When a change of a number in a program's text acts, and what has to be done for it: told from the text."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from playground.optimizers import FIXED_AT_THE_START
from playground.programs.literals import (
    OPTIMIZERS,
    POSITIONS,
    Literal,
    Parents,
    last_name,
    parameter_names,
    parameter_of_default,
)
from playground.programs.parse import FunctionNode, Place
from playground.programs.step_region import StepRegion
from playground.programs.symbols import Key, Symbols

_READ_BY_FORWARD = {
    "Dropout Dropout1d Dropout2d Dropout3d AlphaDropout FeatureAlphaDropout": ("p",),
    "LeakyReLU": ("negative_slope",),
    "ELU CELU": ("alpha",),
    "Softplus": ("beta", "threshold"),
    "Hardtanh": ("min_val", "max_val"),
    "BatchNorm1d BatchNorm2d BatchNorm3d InstanceNorm1d InstanceNorm2d": ("momentum", "eps"),
    "LayerNorm GroupNorm RMSNorm": ("eps",),
    "CrossEntropyLoss": ("label_smoothing",),
    "HuberLoss": ("delta",),
    "SmoothL1Loss": ("beta",),
    "MarginRankingLoss TripletMarginLoss CosineEmbeddingLoss": ("margin",),
}
_COPYING = ("deepcopy", "TransformerEncoder", "TransformerDecoder")
MODULES = {name: keys for names, keys in _READ_BY_FORWARD.items() for name in names.split()}
"""Numbers of torch's modules that their `forward` reads from an attribute of the keyword's name."""


@dataclass(frozen=True, slots=True)
class Read:
    """A step evaluates the number itself: it reads another one instead."""


@dataclass(frozen=True, slots=True)
class Group:
    """An optimizer has the number in its parameter groups.

    Attributes:
        call: that makes the optimizer.
        key: of the groups.
        part: which of several numbers, counted from 1; 0 where the number is alone.
        index: of the one group that the number is written at; None: of all that take the optimizer's own.
    """

    call: Place
    key: str
    part: int = 0
    index: int | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """An object that a call makes has the number in an attribute."""

    call: Place
    name: str


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable that a step reads is bound anew, or what it holds is changed.

    Attributes:
        name: of the variable.
        function: the loop's, if it is one of its own; "" for a variable of the file.
        attribute, entry: of the object or dict that it holds; "" for the variable itself.
    """

    name: str
    function: str
    attribute: str = ""
    entry: str = ""


Effect: TypeAlias = Read | Group | Member | Variable


@dataclass(frozen=True, slots=True)
class Effects:
    """What a change of a number needs.

    Attributes:
        live: what is done between two steps; empty where the program has to start again.
        reason: why so, in words.
    """

    live: tuple[Effect, ...]
    reason: str

    @property
    def is_live(self) -> bool:
        """Whether a change acts at the next step."""
        return bool(self.live)


class Restarts(Exception):
    """A change of the number needs a new start, and why."""


class EffectsOf:
    """Follows numbers through a program's text to everything that reads them."""

    def __init__(self, parents: Parents, region: StepRegion) -> None:
        """Reads the names of a tree.

        Args:
            parents: of the tree.
            region: what a step evaluates.
        """
        self._parents, self._region, self._tree = parents, region, parents.tree
        self._symbols = Symbols(parents)
        self._setters = _Setters(parents, region, self._symbols)

    def of(self, literal: Literal) -> Effects:
        """When a change of a number acts, and how."""
        node = literal.node
        if self._region.evaluates(node):
            return Effects((Read(),), "a step reads it")
        if self._region.is_looked_at(node):
            return Effects((Read(),), "from the loop's next turn")
        try:
            found = tuple(dict.fromkeys(self._follow(node, literal.part, frozenset())))
        except Restarts as why:
            return Effects((), str(why))
        if not found:
            return Effects((), "no step reads it")
        return Effects(found, self._setters.words(found))

    def _follow(self, node: ast.expr, part: int, seen: frozenset[Key]) -> list[Effect]:
        """What takes the value of an expression."""
        parent = self._parents.of(node)
        if isinstance(parent, ast.Tuple | ast.List):
            above = self._parents.of(parent)
            if isinstance(above, ast.Assign) and isinstance(above.targets[0], ast.Tuple | ast.List):
                return self._unpacked(above.targets[0], parent, node, seen)
            if part and isinstance(above, ast.keyword | ast.Call):
                node, parent = parent, above
        if isinstance(parent, ast.keyword) and isinstance(call := self._parents.of(parent), ast.Call):
            return self._given(call, parent.arg or "", part, seen)
        if isinstance(parent, ast.Call) and node in parent.args:
            return self._given(parent, self._parameter(parent, node), part, seen)
        if isinstance(parent, ast.Assign | ast.AnnAssign) and parent.value is node and not part:
            targets = parent.targets if isinstance(parent, ast.Assign) else [parent.target]
            return [each for target in targets for each in self._bound(target, seen)]
        if isinstance(parent, ast.arguments):
            return self._default(parent, node, seen)
        if isinstance(parent, ast.Dict):
            return self._entry(parent, node, part, seen)
        raise Restarts(self._used(node))

    def _unpacked(
        self,
        targets: ast.Tuple | ast.List,
        values: ast.Tuple | ast.List,
        node: ast.expr,
        seen: frozenset[Key],
    ) -> list[Effect]:
        """One of several variables that are set together takes the value."""
        place = values.elts.index(node)
        if place >= len(targets.elts) or any(isinstance(each, ast.Starred) for each in targets.elts):
            raise Restarts(self._used(node))
        return self._bound(targets.elts[place], seen)

    def _used(self, node: ast.expr) -> str:
        child: ast.AST = node
        for around in self._parents.around(node):
            if isinstance(around, ast.For | ast.comprehension) and child is around.iter:
                return "the loop has counted it when it begins"
            child = around
        return f"line {node.lineno} uses it before the loop"

    def _parameter(self, call: ast.Call, node: ast.expr) -> str:
        index, function = call.args.index(node), last_name(call.func)
        known = POSITIONS.get(function)
        own = self._symbols.called(call)
        if own is not None:
            known = tuple(parameter_names(own))
        return known[index] if known and index < len(known) else ""

    def _given(self, call: ast.Call, key: str, part: int, seen: frozenset[Key]) -> list[Effect]:
        """A call takes the value by this name."""
        function = last_name(call.func)
        if not self._region.evaluates(call) and not self._symbols.is_own(call):
            if function in OPTIMIZERS and key:
                if key in _fixed(function):
                    raise Restarts(f"{function} reads {key} only at its start")
                self._setters.refuse(key)
                return [Group(Place.of(call), key, part)]
            if key in MODULES.get(function, ()) and not part:
                return self._module(call, key)
            if function == "add_argument" and key == "default":
                return self._option(call, seen)
        own = self._symbols.called(call)
        if own is not None and key and not part:
            return self._passed(own, key, seen)
        raise Restarts(self._used(call))

    def _module(self, call: ast.Call, attribute: str) -> list[Effect]:
        if self._region.compiles:
            raise Restarts("a compiled program keeps it")
        if self._symbols.stores(attribute):
            raise Restarts(f"the program itself sets .{attribute}")
        if copying := [name for name in _COPYING if self._symbols.calls(name)]:
            raise Restarts(f"{copying[0]} makes copies of modules, which keep it")
        return [Member(Place.of(call), attribute)]

    def _option(self, call: ast.Call, seen: frozenset[Key]) -> list[Effect]:
        """A default of the command line: what `parse_args()` gave has it as an attribute."""
        name = self._symbols.option_name(call)
        holders = self._symbols.holders_of_arguments()
        if not name or len(holders) != 1:
            raise Restarts("the program reads its arguments at its start")
        holder = holders[0]
        loads = self._symbols.loads_of_member(name)
        of_others = [each for each in loads if last_name(each.value) != holder.name]
        if of_others or self._symbols.stores(name):
            raise Restarts("the program reads its arguments at its start")
        key = Key(holder.scope, f"{holder.name}.{name}")
        return self._loads(loads, self._variable(holder, name), seen, key)

    def _passed(self, function: FunctionNode | ast.ClassDef, key: str, seen: frozenset[Key]) -> list[Effect]:
        """A function of the program's own takes the value as a parameter."""
        init = function
        if isinstance(function, ast.ClassDef):
            methods = (each for each in function.body if isinstance(each, ast.FunctionDef))
            init = next((each for each in methods if each.name == "__init__"), function)
        if isinstance(init, ast.ClassDef):
            raise Restarts(f"line {function.lineno} does not tell what {key} is for")
        return self._symbol(Key(init, key), seen)

    def _default(self, arguments: ast.arguments, node: ast.expr, seen: frozenset[Key]) -> list[Effect]:
        function = self._parents.of(arguments)
        name = parameter_of_default(arguments, node)
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) or not name:
            raise Restarts(self._used(node))
        owner = self._parents.of(function)
        called = owner if isinstance(owner, ast.ClassDef) else function
        if self._symbols.is_given(called, name):
            raise Restarts(f"calls of {called.name} give another {name}")
        return self._symbol(Key(function, name), seen)

    def _entry(self, entries: ast.Dict, node: ast.expr, part: int, seen: frozenset[Key]) -> list[Effect]:
        """A group of an optimizer, written as a dict."""
        keys = [key for key, value in zip(entries.keys, entries.values, strict=True) if value is node]
        group = self._parents.of(entries)
        call = None if group is None else self._parents.of(group)
        is_group = isinstance(group, ast.List) and isinstance(call, ast.Call) and call.args[:1] == [group]
        if is_group and isinstance(call, ast.Call) and last_name(call.func) in OPTIMIZERS:
            assert isinstance(group, ast.List)
            assert isinstance(keys[0], ast.Constant)
            return [Group(Place.of(call), str(keys[0].value), part, group.elts.index(entries))]
        if isinstance(group, ast.Assign) and isinstance(group.targets[0], ast.Name) and not part:
            return self._entry_of_variable(group.targets[0], keys[0], seen)
        raise Restarts(self._used(node))

    def _entry_of_variable(
        self, target: ast.Name, key: ast.expr | None, seen: frozenset[Key]
    ) -> list[Effect]:
        """An entry of a dict that a variable holds: `settings["lr"]` reads it."""
        holder = Key(self._symbols.scope(target), target.id)
        name = str(key.value) if isinstance(key, ast.Constant) else ""
        loads = self._symbols.entries_of(holder)
        if loads is None or len(self._symbols.bindings(holder)) != 1 or self._symbols.entries_set(name):
            raise Restarts(f"{target.id} is handed on, or changed")
        variable = self._variable(holder)
        variable = None if variable is None else replace(variable, entry=name)
        return self._loads(loads.get(name, []), variable, seen, Key(holder.scope, f"{holder.name}[{name}]"))

    def _bound(self, target: ast.expr, seen: frozenset[Key]) -> list[Effect]:
        """A variable or an attribute takes the value."""
        if isinstance(target, ast.Name):
            around = self._symbols.class_around(target)
            if around is not None:
                return self._of_class(around, target.id, seen)
            return self._symbol(Key(self._symbols.scope(target), target.id), seen)
        if isinstance(target, ast.Attribute):
            return self._of_object(target, seen)
        raise Restarts(self._used(target))

    def _of_class(self, around: ast.ClassDef, name: str, seen: frozenset[Key]) -> list[Effect]:
        """An attribute of a class; where that is made over, as a dataclass is, its objects have their own."""
        if around.decorator_list or self._symbols.stores(name) or self._parents.of(around) is not self._tree:
            raise Restarts(f"objects of {around.name} have it from their start")
        if any(self._symbols.class_around(each) is around for each in self._symbols.loads(Key(None, name))):
            raise Restarts(f"the class {around.name} reads it at its start")
        variable = Variable(around.name, "", name)
        loads = self._symbols.loads_of_member(name)
        return self._loads(loads, variable, seen, Key(None, f"{around.name}.{name}"))

    def _of_object(self, target: ast.Attribute, seen: frozenset[Key]) -> list[Effect]:
        """An attribute that `__init__` gives an object of a class of the program's own."""
        init = self._region.function_around(target)
        owner = None if init is None else self._parents.of(init)
        is_own = isinstance(owner, ast.ClassDef) and init is not None and init.name == "__init__"
        if not is_own or last_name(target.value) != "self" or self._symbols.stores(target.attr) != 1:
            raise Restarts(self._used(target))
        assert isinstance(owner, ast.ClassDef)
        calls = self._symbols.calls(owner.name)
        if len(calls) != 1 or any(self._region.evaluates(each) for each in calls) or self._region.compiles:
            raise Restarts(f"which {owner.name} it belongs to is not known")
        loads = self._symbols.loads_of_member(target.attr)
        found = self._loads(loads, None, seen, Key(init, f".{target.attr}"), is_held=True)
        is_read = any(self._region.evaluates(each) for each in loads)
        return [*([Member(Place.of(calls[0]), target.attr)] if is_read or found else []), *found]

    def _symbol(self, key: Key, seen: frozenset[Key]) -> list[Effect]:
        """Everything that reads a variable."""
        lines = self._symbols.bindings(key)
        if len(lines) != 1:
            raise Restarts(f"the program sets {key.name} itself, in line {lines[-1] if lines else 0}")
        return self._loads(self._symbols.loads(key), self._variable(key), seen, key)

    def _loads(
        self,
        loads: Sequence[ast.expr],
        variable: Variable | None,
        seen: frozenset[Key],
        key: Key,
        is_held: bool = False,
    ) -> list[Effect]:
        """What takes the number from these expressions, and the variable if a step reads it.

        Args:
            loads: that read the number.
            variable: whose value it is, or in which it is held; None where that is not at hand.
            seen: what was followed up to here.
            key: that is followed now.
            is_held: whether an object has it that is at hand without any variable.
        """
        if key in seen:
            raise Restarts(f"{key.name} leads back to itself")
        found: list[Effect] = []
        in_step = False
        for load in loads:
            if self._region.evaluates(load) or self._region.is_looked_at(load):
                in_step = True
            elif not self._region.is_after(load):
                found += self._follow(load, 0, seen | {key})
        if in_step and variable is None and not is_held:
            raise Restarts(f"{key.name} is out of reach once its function has ended")
        # A variable that nothing but an optimizer reads keeps step with it all the same.
        return [*([variable] if variable is not None and (in_step or found) else []), *found]

    def _variable(self, key: Key, attribute: str = "") -> Variable | None:
        """The variable as it can be bound anew; None where no frame of it is at hand."""
        if key.scope is None:
            return Variable(key.name, "", attribute)
        if key.scope in self._region.functions:
            return Variable(key.name, key.scope.name, attribute)
        for function in self._region.functions:
            # An object that is handed on under its own name.
            if attribute and function is not None and self._symbols.bindings(Key(function, key.name)):
                return Variable(key.name, function.name, attribute)
        return None


class _Setters:
    """What else in a text sets the numbers that optimizers hold: schedulers, and statements of its own."""

    def __init__(self, parents: Parents, region: StepRegion, symbols: Symbols) -> None:
        self._parents, self._region, self._symbols = parents, region, symbols
        self._schedulers = self._scheduled()

    def words(self, found: tuple[Effect, ...]) -> str:
        """When changes act, in words."""
        groups = [each for each in found if isinstance(each, Group)]
        lines = [self._schedulers[each.call] for each in groups if each.call in self._schedulers]
        if lines and groups[0].key == "lr":
            return f"the optimizer takes it, until the scheduler in line {lines[0]} sets it"
        changed = [line for each in groups for line in self._symbols.entries_set(each.key)]
        if changed:
            return f"the optimizer takes it, until line {changed[0].lineno} sets it"
        if groups:
            return "the optimizer takes it"
        if any(isinstance(each, Member) for each in found):
            return "the module takes it"
        return "a step reads it"

    def refuse(self, key: str) -> None:
        """Where each step gives the groups a value of its own, another one would be gone at once."""
        for statement in self._symbols.entries_set(key):
            if self._region.evaluates(statement) and isinstance(statement, ast.Assign):
                raise Restarts(f"each step sets it anew, in line {statement.lineno}")

    def _scheduled(self) -> dict[Place, int]:
        """Lines of schedulers, by the calls that made their optimizers."""
        made: dict[str, list[ast.Call]] = {}
        schedulers: list[tuple[str, int]] = []
        for node in self._parents.nodes:
            if not isinstance(node, ast.Call):
                continue
            statement = self._parents.of(node)
            if last_name(node.func) in OPTIMIZERS and isinstance(statement, ast.Assign):
                made.setdefault(ast.unparse(statement.targets[0]), []).append(node)
            elif node.args and last_name(node.func).endswith(("LR", "OnPlateau", "Restarts")):
                schedulers.append((ast.unparse(node.args[0]), node.lineno))
        return {Place.of(call): line for name, line in schedulers for call in made.get(name, [])}


def _fixed(optimizer: str) -> frozenset[str]:
    """Keywords that an optimizer reads only when it makes its state."""
    fixed = FIXED_AT_THE_START.get(optimizer, frozenset())
    return frozenset("lr" if each == "learning_rate" else each for each in fixed)
