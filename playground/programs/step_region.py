"""What of a program's text a step of its training loop evaluates, told without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import cast

from playground.programs.literals import Parents
from playground.programs.parse import FunctionNode, LoopNode, Names, loss_statement, names_in

_CALLED_BY_TORCH = ("forward", "__call__", "backward")
"""Methods that a call of a module or of a Function leads to, whatever it is called by."""
_COMPILED = ("jit", "compile", "script")


class StepRegion:
    """The bodies of the training loops, and of the functions that they call as far as names tell.

    Attributes:
        loops: that train, as the text tells; several only where it trains in several places.
        functions: in which these are; None stands for the file itself.
        compiles: whether the program has torch compile something: that keeps the numbers it has seen.
    """

    def __init__(self, parents: Parents, line: int | None = None) -> None:
        """Reads a tree.

        Args:
            parents: of the tree.
            line: in which the training loop begins, where that is known.
        """
        self._parents = parents
        self._nodes: set[ast.AST] = set()
        self.compiles = any(isinstance(node, ast.Call) and _compiles(node) for node in parents.nodes)
        self._functions = [
            node
            for node in parents.nodes
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not _is_compiled(node)
        ]
        self._mentioned: dict[FunctionNode, frozenset[str]] = {}
        found = [node for node in parents.nodes if isinstance(node, LoopNode)]
        chosen = [node for node in found if node.lineno == line]
        self.loops: list[LoopNode] = chosen[:1] if line is not None else self._training(found)
        self.functions = [self.function_around(loop) for loop in self.loops]
        self._around = {each for loop in self.loops for each in parents.around(loop)}
        self._take(self.loops)

    def evaluates(self, node: ast.AST) -> bool:
        """Whether a step evaluates a node of the tree."""
        return node in self._nodes

    def is_after(self, node: ast.expr) -> bool:
        """Whether it is read when the training loops are done, or in what nobody calls before."""
        function = self.function_around(node)
        return bool(self.loops) and all(
            function is around and node.lineno > (loop.end_lineno or loop.lineno)
            for loop, around in zip(self.loops, self.functions, strict=True)
        )

    def is_looked_at(self, node: ast.AST) -> bool:
        """Whether it is a condition of an outer loop's own body: `if epoch % 10 == 0`."""
        condition: ast.AST | None = None
        child = node
        for around in self._parents.around(node):
            if isinstance(around, ast.Call | ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef):
                return False
            if condition is None and isinstance(around, ast.If) and child is around.test:
                condition = around
            if isinstance(around, ast.For | ast.While) and condition is not None:
                return around in self._around
            child = around
        return False

    def function_around(self, node: ast.AST) -> FunctionNode | None:
        """The innermost function in whose body a node is."""
        return next(
            (
                each
                for each in self._parents.around(node)
                if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
            ),
            None,
        )

    def _training(self, loops: list[LoopNode]) -> list[LoopNode]:
        tree = self._parents.tree
        assert isinstance(tree, ast.Module)
        told = loss_statement(tree)
        if told is not None:
            return [told.loop]
        names = Names(tree, self._parents.inside)
        whole = [loop for loop in loops if _trains(names, _body(loop))]
        own = [loop for loop in whole if _trains(names, list(_without(_body(loop), whole)))]
        # The outermost whose own statements do both; where none does, the innermost that leads to both.
        candidates = [
            loop for loop in own if not any(loop is not each and loop in _inside(each) for each in own)
        ] or [loop for loop in whole if not any(loop is not each and each in _inside(loop) for each in whole)]
        return [loop for loop in candidates if not self._leads_to_another(loop, candidates)]

    def _leads_to_another(self, loop: LoopNode, loops: list[LoopNode]) -> bool:
        """Whether a loop only calls a function in which another one trains."""
        reached = self._reached([loop])
        return any(
            self.function_around(each) in reached
            for each in loops
            if each is not loop and self.function_around(each) is not None
        )

    def _take(self, loops: list[LoopNode]) -> None:
        """Every node that a turn of these loops evaluates."""
        functions = [each for each in self._reached(loops) if each not in self._around]
        waiting: list[ast.AST] = [each for loop in loops for each in _turn(loop)]
        if not self.compiles:
            waiting += [each for function in functions for each in function.body]
        while waiting:
            node = waiting.pop()
            self._nodes.add(node)
            if isinstance(node, ast.ClassDef):
                continue
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                # Its defaults and annotations are evaluated with it, each time that the loop comes there.
                waiting += [
                    *node.args.defaults,
                    *(each for each in node.args.kw_defaults if each),
                    *node.body,
                ]
                continue
            waiting += self._parents.children(node)

    def _reached(self, loops: list[LoopNode]) -> set[FunctionNode]:
        """Functions and methods of the text that a turn of these loops may call."""
        by_name: dict[str, list[FunctionNode]] = {}
        for node in self._functions:
            is_method = isinstance(self._parents.of(node), ast.ClassDef)
            by_name.setdefault("." * is_method + node.name, []).append(node)
        names = self._names_in([each for loop in loops for each in _body(loop)])
        names |= {f".{name}" for name in _CALLED_BY_TORCH} if loops else set()
        found: set[FunctionNode] = set()
        looked_at: set[str] = {".__init__"}
        while names:
            looked_at |= names
            more = [node for name in names for node in by_name.get(name, []) if node not in found]
            found.update(more)
            names = {name for node in more for name in self._names_of(node)} - looked_at
        return {node for node in found if node.name != "__init__"}

    def _names_of(self, function: FunctionNode) -> frozenset[str]:
        if function not in self._mentioned:
            self._mentioned[function] = frozenset(self._names_in(list(function.body)))
        return self._mentioned[function]

    def _names_in(self, nodes: list[ast.AST]) -> set[str]:
        """Names that are mentioned; attributes, which are methods perhaps, with their dot."""
        inside = list(self._parents.inside(*nodes))
        names = {node.id for node in inside if isinstance(node, ast.Name)}
        return names | {f".{node.attr}" for node in inside if isinstance(node, ast.Attribute)}


def _compiles(call: ast.Call) -> bool:
    """Whether torch compiles what a call is given; `re.compile` is another thing."""
    names = set(names_in(call.func))
    return bool(names.intersection(_COMPILED)) and "re" not in names


def _is_compiled(function: FunctionNode) -> bool:
    return any(name in _COMPILED for each in function.decorator_list for name in names_in(each))


def _body(loop: LoopNode) -> list[ast.AST]:
    if isinstance(loop, ast.For | ast.AsyncFor | ast.While):
        return list(loop.body)
    return [loop.key, loop.value] if isinstance(loop, ast.DictComp) else [loop.elt]


def _turn(loop: LoopNode) -> list[ast.AST]:
    """What is evaluated at every turn: the condition of a `while` as well, no iterable."""
    return [*_body(loop), *([loop.test] if isinstance(loop, ast.While) else [])]


def _trains(names: Names, body: list[ast.AST]) -> bool:
    # A comprehension has expressions in place of statements: their names tell as much.
    statements = cast("list[ast.stmt]", body)
    return names.backward(statements) and names.update(statements)


def _inside(loop: LoopNode) -> set[ast.AST]:
    return {node for each in _body(loop) for node in ast.walk(each)}


def _without(body: list[ast.AST], loops: list[LoopNode]) -> Iterator[ast.AST]:
    """The expressions and statements of a body that are in none of the loops inside it."""
    waiting = list(body)
    while waiting:
        node = waiting.pop()
        if node in loops:
            continue
        if any(each in loops for each in ast.walk(node)):
            waiting += [each for each in ast.iter_child_nodes(node) if isinstance(each, ast.stmt | ast.expr)]
        else:
            yield node
