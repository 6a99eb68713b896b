"""The numbers in a program's text that something explains, each with a name that a learner would give it."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

_OPTIMIZERS = (
    "ASGD Adadelta Adafactor Adagrad Adam AdamW Adamax LBFGS Muon NAdam RAdam RMSprop Rprop SGD SparseAdam"
)
OPTIMIZERS = frozenset(_OPTIMIZERS.split())
"""Classes of `torch.optim`, by name: the text is read without torch."""
POSITIONS = {
    **dict.fromkeys(OPTIMIZERS, ("", "lr")),
    "SGD": ("", "lr", "momentum"),
    **dict.fromkeys(
        ("Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout"), ("p",)
    ),
    "LeakyReLU": ("negative_slope",),
    "leaky_relu": ("", "negative_slope"),
    "dropout": ("", "p"),
    "ELU": ("alpha",),
    "CELU": ("alpha",),
    "Softplus": ("beta", "threshold"),
    "Hardtanh": ("min_val", "max_val"),
    "HuberLoss": ("", "delta"),
    "manual_seed": ("seed",),
    "seed": ("seed",),
    "randint": ("low", "high"),
    "uniform": ("low", "high"),
    "StepLR": ("", "step_size", "gamma"),
    "ExponentialLR": ("", "gamma"),
    "CosineAnnealingLR": ("", "T_max"),
    "clip_grad_norm_": ("", "max_norm"),
    "clip_grad_value_": ("", "clip_value"),
    "DataLoader": ("", "batch_size"),
}
"""Names of positional arguments, in order; an empty one is none that a number is given to."""
_REAL = (
    "lr learning_rate momentum dampening weight_decay alpha eps p slope negative_slope betas beta beta1 "
    "beta2 rho lambd gamma delta factor dropout label_smoothing max_norm std sigma temperature margin tau "
    "threshold"
)
REAL = frozenset(_REAL.split())
"""What takes a real number, even where the text says a whole one."""
_WHERE = "dim dims axis start_dim end_dim ndim shape size figsize dpi stacklevel precision indent decimals"
_PLACES = frozenset(_WHERE.split())
"""Keywords that say which axis or how something is printed."""
_NOT_EVALUATED = ("annotation", "returns", "slice")
"""Parts of a node in which a number is no value to turn."""
_MOST_PARTS = 4
"""A longer tuple is data."""
_SHARED = (ast.expr_context, ast.operator, ast.unaryop, ast.cmpop, ast.boolop)
"""Nodes that say what another one is; Python has one of each for all trees."""
_SHORT = {"negative_slope": "slope"}
_COMPARED = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "=="}
_CHANGED = {ast.Mult: "*=", ast.Div: "/="}


@dataclass(frozen=True, slots=True, eq=False)
class Literal:
    """A number of a text, as its syntax tree has it.

    Attributes:
        node: the constant, or its sign.
        value: with its sign.
        names: from the shortest name to the most exact one.
        key: the keyword or variable that it is given to.
        part: which of several numbers of a tuple, counted from 1; 0 for a number alone.
    """

    node: ast.expr
    value: int | float
    names: tuple[str, ...]
    key: str
    part: int = 0


class Parents:
    """The nodes around each node of a tree.

    Attributes:
        tree: whose nodes they are.
        nodes: all of them, the tree itself first.
    """

    def __init__(self, tree: ast.Module) -> None:
        """Walks the tree once: walking is what takes the time of reading a long text."""
        self.tree = tree
        self.nodes: list[ast.AST] = [tree]
        self._parents: dict[ast.AST, ast.AST] = {}
        self._children: dict[ast.AST, list[ast.AST]] = {}
        for node in self.nodes:
            children = [each for each in ast.iter_child_nodes(node) if not isinstance(each, _SHARED)]
            self._children[node] = children
            self._parents.update(dict.fromkeys(children, node))
            self.nodes += children

    def of(self, node: ast.AST) -> ast.AST | None:
        """The node directly around another; None for the tree itself."""
        return self._parents.get(node)

    def inside(self, *nodes: ast.AST) -> Iterator[ast.AST]:
        """These nodes and all that is inside them."""
        waiting = list(nodes)
        while waiting:
            node = waiting.pop()
            yield node
            waiting += self._children[node]

    def children(self, node: ast.AST) -> list[ast.AST]:
        """The nodes directly inside another."""
        return self._children[node]

    def around(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes around another, the innermost first."""
        at = self.of(node)
        while at is not None:
            yield at
            at = self.of(at)


def last_name(node: ast.AST) -> str:
    """`c` of `a.b.c` and of `c`; "" of anything else."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def number_at(node: ast.AST) -> int | float | None:
    """The value of a literal number, sign included; None of anything else."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        value = number_at(node.operand) if isinstance(node.operand, ast.Constant) else None
        return None if value is None else (-value if isinstance(node.op, ast.USub) else value)
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return cast("int | float", node.value)
    return None


def literals(parents: Parents) -> list[Literal]:
    """The explained numbers of a tree, in the order of the text, each name of the last kind once."""
    explaining = _Explaining(parents)
    found = [each for node in _evaluated(parents) for each in explaining.of(node)]
    found.sort(key=lambda each: (each.node.lineno, each.node.col_offset))
    return found


def told_apart(found: list[Literal]) -> list[str]:
    """The shortest name of each that no other has; where the names end, the line tells, then the order."""
    names = [each.names[0] for each in found]
    for level in range(1, 3):
        count = Counter(names)
        names = [
            each.names[min(level, len(each.names) - 1)] if count[name] > 1 else name
            for each, name in zip(found, names, strict=True)
        ]
    count = Counter(names)
    names = [
        f"{name}, line {each.node.lineno}" if count[name] > 1 else name
        for each, name in zip(found, names, strict=True)
    ]
    seen: Counter[str] = Counter()
    for index, name in enumerate(names):
        seen[name] += 1
        names[index] = name if seen[name] == 1 else f"{name} ({seen[name]})"
    return names


def _evaluated(parents: Parents) -> Iterator[ast.expr]:
    """Literal numbers, but not those in annotations, patterns, indices and format strings."""
    waiting: list[ast.AST] = [parents.tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.expr) and number_at(node) is not None:
            yield node
        elif not isinstance(node, ast.JoinedStr | ast.pattern):
            left_out = [part for name in _NOT_EVALUATED if (part := getattr(node, name, None)) is not None]
            left_out += getattr(node, "decorator_list", ())
            waiting += [each for each in parents.children(node) if each not in left_out]


class _Explaining:
    """Finds what explains a number: the names around it."""

    def __init__(self, parents: Parents) -> None:
        self._parents = parents
        self._parameters: dict[str, list[str]] = {}
        self._counted_up: set[str] = set()
        for node in parents.nodes:
            if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add | ast.Sub):
                self._counted_up.add(last_name(node.target))
            elif isinstance(node, ast.Assign) and _counts_up(node):
                self._counted_up.add(last_name(node.targets[0]))
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                is_method = isinstance(parents.of(node), ast.ClassDef) and not isinstance(node, ast.ClassDef)
                names = parameter_names(node)
                # A method is called with a dot, and gets its object by itself.
                self._parameters["." * is_method + node.name] = names[is_method:]

    def of(self, node: ast.expr) -> Iterator[Literal]:
        """The number with its names, if it has any."""
        part, top = self._part(node)
        parent = self._parents.of(top)
        names: tuple[str, ...] = ()
        if isinstance(parent, ast.keyword):
            names = self._keyword(parent)
        elif isinstance(parent, ast.Call):
            names = self._argument(parent, top)
        elif isinstance(parent, ast.Assign | ast.AnnAssign):
            names = self._assigned(parent, top, node)
            if isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Tuple):
                part = 0
        elif isinstance(parent, ast.arguments):
            names = self._default(parent, top)
        elif isinstance(parent, ast.Dict):
            names = self._entry(parent, top)
        elif part == 0:
            names = self._arithmetic(parent, top)
        if names:
            value = number_at(node)
            assert value is not None
            shown = tuple(f"{name} {part}" if part else name for name in names)
            key = "factor" if names[0].startswith("factor of") else names[0].rpartition(" ")[2]
            yield Literal(node, value, shown, key, part)

    def _part(self, node: ast.expr) -> tuple[int, ast.expr]:
        """Which part of a short tuple or list of numbers it is, and that tuple."""
        around = self._parents.of(node)
        if not isinstance(around, ast.Tuple | ast.List) or len(around.elts) > _MOST_PARTS:
            return 0, node
        above = self._parents.of(around)
        if isinstance(above, ast.Assign) and isinstance(above.targets[0], ast.Tuple | ast.List):
            return around.elts.index(node) + 1, around
        if any(number_at(each) is None for each in around.elts):
            return 0, node
        return around.elts.index(node) + 1, around

    def _keyword(self, keyword: ast.keyword) -> tuple[str, ...]:
        call = self._parents.of(keyword)
        if keyword.arg is None or keyword.arg in _PLACES or not isinstance(call, ast.Call):
            return ()
        if last_name(call.func) == "add_argument":
            return self._option(call) if keyword.arg == "default" else ()
        return self._given(call, keyword.arg)

    def _given(self, call: ast.Call, key: str) -> tuple[str, ...]:
        """Names of what a call is given: with its function, or with the optimizer's own name."""
        key, function = _SHORT.get(key, key), last_name(call.func)
        target = self._target(call)
        if function in OPTIMIZERS:
            return (f"{target or function} {key}", f"{target} {function} {key}".strip())
        if key == "seed":
            return ("seed", f"{function} seed")
        return (f"{function} {key}".strip(), f"{target} {function} {key}".strip())

    def _target(self, node: ast.AST) -> str:
        statement = self._parents.of(node)
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            return last_name(statement.targets[0])
        return ""

    def _option(self, call: ast.Call) -> tuple[str, ...]:
        """The name of an option of a command line, without its dashes."""
        words = [
            each.value for each in call.args if isinstance(each, ast.Constant) and isinstance(each.value, str)
        ]
        long = [word for word in words if word.startswith("--")] or words
        return (long[0].lstrip("-"),) if long else ()

    def _argument(self, call: ast.Call, node: ast.expr) -> tuple[str, ...]:
        if node not in call.args or any(isinstance(each, ast.Starred) for each in call.args):
            return ()
        index, function = call.args.index(node), last_name(call.func)
        if function == "range":
            return self._counted(call, index)
        known = POSITIONS.get(function)
        own = self._parameters.get("." * isinstance(call.func, ast.Attribute) + function)
        if own is not None:
            known = tuple(own)
        if function == "randint" and isinstance(call.args[-1], ast.Tuple | ast.List) and len(call.args) == 2:
            # Torch's and NumPy's, with a shape in place of the end.
            known = ("high",)
        if known is None or index >= len(known) or not known[index] or known[index] in _PLACES:
            return ()
        return self._given(call, known[index])

    def _counted(self, call: ast.Call, index: int) -> tuple[str, ...]:
        """What a loop over `range(…)` counts, by the name that it counts in."""
        for around in self._parents.around(call):
            if isinstance(around, ast.For | ast.AsyncFor | ast.comprehension):
                inner = around.target.elts[0] if isinstance(around.target, ast.Tuple) else around.target
                counter = last_name(inner)
                several = f"{counter}es" if counter.endswith(("tch", "sh", "s", "x")) else f"{counter}s"
                what = several if len(counter) > 2 else f"range of {counter}"
                what = "turns" if counter == "_" else what
                words = ("",) if len(call.args) == 1 else ("first ", "end of ", "step of ")
                return (words[index] + what,)
            if isinstance(around, ast.stmt):
                break
        return ()

    def _assigned(
        self, statement: ast.Assign | ast.AnnAssign, top: ast.expr, node: ast.expr
    ) -> tuple[str, ...]:
        target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
        if top is not statement.value:
            return ()
        if isinstance(target, ast.Tuple | ast.List):
            if not isinstance(top, ast.Tuple | ast.List):
                return ()
            place = top.elts.index(node)
            several = (*target.elts[: place + 1], *top.elts[: place + 1])
            if any(isinstance(each, ast.Starred) for each in several) or place >= len(target.elts):
                return ()
            target = target.elts[place]
        name = last_name(target)
        if not name or name.startswith("__") or name in self._counted_up:
            # Where counting begins is nothing to turn.
            return ()
        around = next(
            (
                each.name
                for each in self._parents.around(statement)
                if isinstance(each, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
                and each.name != "__init__"
            ),
            "",
        )
        return (name, f"{around} {name}".strip())

    def _default(self, arguments: ast.arguments, node: ast.expr) -> tuple[str, ...]:
        name = parameter_of_default(arguments, node)
        function = self._parents.of(arguments)
        called = getattr(function, "name", "")
        if called == "__init__" and function is not None:
            called = getattr(self._parents.of(function), "name", "")
        return (name, f"{called} {name}".strip()) if name and name not in _PLACES else ()

    def _entry(self, entries: ast.Dict, node: ast.expr) -> tuple[str, ...]:
        keys = [key for key, value in zip(entries.keys, entries.values, strict=True) if value is node]
        key = keys[0] if keys else None
        if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
            return ()
        return (key.value, f"{self._target(entries)} {key.value}".strip())

    def _arithmetic(self, parent: ast.AST | None, node: ast.expr) -> tuple[str, ...]:
        """`step % 50`, `loss < 1e-3`, `0.1 * penalty`, `lr *= 0.9`."""
        if isinstance(parent, ast.AugAssign) and type(parent.op) in _CHANGED:
            name = last_name(parent.target)
            return (f"{name} {_CHANGED[type(parent.op)]}",) if name else ()
        if isinstance(parent, ast.Compare) and parent.comparators == [node]:
            name, sign = last_name(parent.left), _COMPARED.get(type(parent.ops[0]))
            return (f"{name} {sign}",) if name and sign else ()
        if isinstance(parent, ast.BinOp):
            other = parent.left if node is parent.right else parent.right
            if isinstance(parent.op, ast.Mod) and node is parent.right:
                if isinstance(other, ast.BinOp):
                    other = other.left
                return (f"{last_name(other)} %",) if last_name(other) else ()
            if isinstance(parent.op, ast.Mult):
                name = last_name(other.func if isinstance(other, ast.Call) else other)
                return (f"factor of {name}",) if name else ()
        return ()


def _counts_up(statement: ast.Assign) -> bool:
    """`total = total + loss`."""
    value, name = statement.value, last_name(statement.targets[0])
    if not isinstance(value, ast.BinOp) or not isinstance(value.op, ast.Add | ast.Sub) or not name:
        return False
    return name in (last_name(value.left), last_name(value.right))


def parameter_names(function: ast.AST) -> list[str]:
    """Of a function's positional parameters, in order, as a call gives them; of a class, its `__init__`'s."""
    if isinstance(function, ast.ClassDef):
        made = [each for each in function.body if isinstance(each, ast.FunctionDef)]
        init = next((each for each in made if each.name == "__init__"), None)
        return [] if init is None else parameter_names(init)[1:]
    if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
        return []
    return [each.arg for each in (*function.args.posonlyargs, *function.args.args)]


def parameter_of_default(arguments: ast.arguments, node: ast.expr) -> str:
    """The parameter that has this default; "" if none has."""
    positional = [*arguments.posonlyargs, *arguments.args]
    pairs = [
        *zip(reversed(positional), reversed(arguments.defaults), strict=False),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    return next((parameter.arg for parameter, default in pairs if default is node), "")
