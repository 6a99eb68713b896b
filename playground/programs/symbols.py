"""The variables of a program's text: where each is set, and where it is read."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from playground.programs.literals import Parents, last_name, parameter_names
from playground.programs.parse import FunctionNode


class Key(NamedTuple):
    """A variable: the function that it belongs to, None for the file itself, and its name."""

    scope: FunctionNode | None
    name: str


class Symbols:
    """Bindings and uses of every name of a tree."""

    def __init__(self, parents: Parents) -> None:
        """Walks the tree twice: what is bound where has to be known before what is read."""
        self._parents = parents
        self._globals: set[Key] = set()
        self._nonlocals: set[Key] = set()
        self._bound: dict[Key, list[int]] = {}
        self._loads: dict[Key, list[ast.expr]] = {}
        self._members: dict[str, list[ast.Attribute]] = {}
        self._stored: Counter[str] = Counter()
        self._own: dict[str, list[FunctionNode | ast.ClassDef]] = {}
        self._calls: dict[str, list[ast.Call]] = {}
        self._entries: dict[str, list[ast.Assign | ast.AugAssign]] = {}
        for node in parents.nodes:
            self._note_declared(node)
        for node in parents.nodes:
            for name in _binds(node):
                self._note(node, name)
        for node in parents.nodes:
            self._note_use(node)

    def scope(self, node: ast.AST, name: str = "") -> FunctionNode | None:
        """The function whose variable a name is; None for the file's own."""
        name = name or last_name(node)
        for around in self._parents.around(node):
            if isinstance(around, ast.FunctionDef | ast.AsyncFunctionDef):
                if Key(around, name) in self._globals:
                    return None
                if Key(around, name) in self._bound:
                    return around
        return None

    def bindings(self, key: Key) -> list[int]:
        """Lines in which a variable is set."""
        return self._bound.get(key, [])

    def loads(self, key: Key) -> list[ast.expr]:
        """Where a variable is read."""
        return self._loads.get(key, [])

    def loads_of_member(self, name: str) -> list[ast.Attribute]:
        """Where an attribute of this name is read, of whatever object."""
        return self._members.get(name, [])

    def stores(self, name: str) -> int:
        """How often the program's text sets an attribute of this name."""
        return self._stored[name]

    def entries_of(self, key: Key) -> dict[str, list[ast.expr]] | None:
        """Where the entries of a dict are read, by their names; None if it is read in any other way."""
        found: dict[str, list[ast.expr]] = {}
        for load in self.loads(key):
            parent = self._parents.of(load)
            if not isinstance(parent, ast.Subscript) or not isinstance(parent.slice, ast.Constant):
                return None
            found.setdefault(str(parent.slice.value), []).append(parent)
        return found

    def entries_set(self, key: str) -> list[ast.Assign | ast.AugAssign]:
        """Statements that set an entry of this name: `group["lr"] = …`."""
        return self._entries.get(key, [])

    def class_around(self, node: ast.AST) -> ast.ClassDef | None:
        """The class in whose own body a name is bound, not in a method's."""
        for around in self._parents.around(node):
            if isinstance(around, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                return None
            if isinstance(around, ast.ClassDef):
                return around
        return None

    def is_own(self, call: ast.Call) -> bool:
        """Whether it calls something that has the name of a function or class of the program's own."""
        return last_name(call.func) in self._own

    def called(self, call: ast.Call) -> FunctionNode | ast.ClassDef | None:
        """The function or class of the program's own that is called, if there is no doubt."""
        if not isinstance(call.func, ast.Name):
            return None
        found = self._own.get(call.func.id, [])
        return found[0] if len(found) == 1 else None

    def calls(self, name: str) -> list[ast.Call]:
        """Every call of something that has this name."""
        return self._calls.get(name, [])

    def is_given(self, function: FunctionNode | ast.ClassDef, parameter: str) -> bool:
        """Whether some call gives a parameter a value of its own, as far as that can be told."""
        names = parameter_names(function)
        for call in self.calls(function.name):
            is_open = any(isinstance(each, ast.Starred) for each in call.args)
            is_open = is_open or any(each.arg is None for each in call.keywords)
            if is_open or parameter in names[: len(call.args)]:
                return True
            if any(each.arg == parameter for each in call.keywords):
                return True
        return False

    def option_name(self, call: ast.Call) -> str:
        """The attribute that an option of a command line ends up in."""
        for each in call.keywords:
            if each.arg == "dest":
                return each.value.value if isinstance(each.value, ast.Constant) else ""  # type: ignore[return-value]
        words = [
            each.value for each in call.args if isinstance(each, ast.Constant) and isinstance(each.value, str)
        ]
        long = [word for word in words if word.startswith("--")] or words
        return long[0].lstrip("-").replace("-", "_") if long else ""

    def holders_of_arguments(self) -> list[Key]:
        """Variables that hold what `parse_args()` has given."""
        found = []
        for call in self.calls("parse_args"):
            statement = self._parents.of(call)
            target = statement.targets[0] if isinstance(statement, ast.Assign) else None
            if not isinstance(target, ast.Name):
                return []
            found.append(Key(self.scope(target), target.id))
        return found

    def _note_declared(self, node: ast.AST) -> None:
        if isinstance(node, ast.Global | ast.Nonlocal):
            function = self._function_around(node)
            declared = self._globals if isinstance(node, ast.Global) else self._nonlocals
            if function is not None:
                declared |= {Key(function, name) for name in node.names}
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            self._own.setdefault(node.name, []).append(node)

    def _note(self, node: ast.AST, name: str) -> None:
        function = self._function_around(node)
        if isinstance(node, ast.Name) and self.class_around(node) is not None:
            return
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and isinstance(
            self._parents.of(node), ast.ClassDef
        ):
            return
        if function is not None and Key(function, name) in self._nonlocals:
            function = self._function_around(function)
        scope = None if function is not None and Key(function, name) in self._globals else function
        self._bound.setdefault(Key(scope, name), []).append(getattr(node, "lineno", 0))

    def _note_use(self, node: ast.AST) -> None:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            self._loads.setdefault(Key(self.scope(node), node.id), []).append(node)
        elif isinstance(node, ast.Attribute):
            if isinstance(node.ctx, ast.Load):
                self._members.setdefault(node.attr, []).append(node)
            else:
                self._stored[node.attr] += 1
        elif isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
            statement = self._parents.of(node)
            if isinstance(node.slice, ast.Constant) and isinstance(statement, ast.Assign | ast.AugAssign):
                self._entries.setdefault(str(node.slice.value), []).append(statement)
        elif isinstance(node, ast.Call):
            self._calls.setdefault(last_name(node.func), []).append(node)

    def _function_around(self, node: ast.AST) -> FunctionNode | None:
        for around in self._parents.around(node):
            if isinstance(around, ast.FunctionDef | ast.AsyncFunctionDef):
                return around
        return None


def _binds(node: ast.AST) -> Iterator[str]:
    """Names that a node binds."""
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield node.id
    elif isinstance(node, ast.arg):
        yield node.arg
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.alias):
        yield (node.asname or node.name).partition(".")[0]
    elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
        yield node.name
