"""The f(x) that a user gives: an expression of x, read strictly and written in one way."""

from __future__ import annotations

import ast

FUNCTIONS = ("sin", "cos", "tan", "exp", "log", "sqrt", "abs", "tanh", "sign")
CONSTANTS = ("pi", "e")
ALLOWED = (
    f"x, numbers, {', '.join(CONSTANTS)}, + - * / **, brackets, and {', '.join(FUNCTIONS)} of one expression"
)
LONGEST = 60
_OPERATIONS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.USub, ast.UAdd)


def read_formula(text: str) -> str:
    """The formula in the one way in which it is written: `"sin(3 * x) / 2"`.

    Raises:
        ValueError: it has something else than numbers, x and the functions of `FUNCTIONS`.
    """
    try:
        tree = ast.parse(text.strip(), mode="eval")
        # Deep brackets are too much for Python itself.
        written = ast.unparse(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError("is no expression") from None
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree.body):
        if id(node) not in called:
            _check(node)
    if len(written) > LONGEST:
        raise ValueError(f"is longer than {LONGEST} characters")
    return written


def as_numpy(formula: str) -> str:
    """The same with NumPy's functions: `"np.sin(3 * x) / 2"`."""
    return ast.unparse(_Numpy().visit(ast.parse(formula, mode="eval")))


def of_numpy(text: str) -> str:
    """The formula that was written with NumPy's functions."""
    return ast.unparse(_Plain().visit(ast.parse(text, mode="eval")))


def _check(node: ast.AST) -> None:
    if isinstance(node, ast.Call):
        known = isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS
        if not known or len(node.args) != 1 or node.keywords:
            raise ValueError(f"has {ast.unparse(node)!r} in it")
    elif isinstance(node, ast.Name):
        if node.id not in ("x", *CONSTANTS):
            raise ValueError(f"has {node.id!r} in it")
    elif isinstance(node, ast.Constant):
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            raise ValueError(f"has {node.value!r} in it")
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and not _has_x(node):
        # Python would count it out to the last digit, however many there are.
        raise ValueError(f"has {ast.unparse(node)!r} in it, a power without x")
    elif isinstance(node, ast.expr) and not isinstance(node, ast.BinOp | ast.UnaryOp):
        raise ValueError(f"has {ast.unparse(node)!r} in it")
    elif isinstance(node, ast.operator | ast.unaryop) and not isinstance(node, _OPERATIONS):
        raise ValueError("has another operation than + - * / ** in it")


def _has_x(node: ast.AST) -> bool:
    return any(isinstance(each, ast.Name) and each.id == "x" for each in ast.walk(node))


class _Numpy(ast.NodeTransformer):
    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id == "x":
            return node
        return ast.Attribute(ast.Name("np", ast.Load()), node.id, ast.Load())


class _Plain(ast.NodeTransformer):
    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        return ast.Name(node.attr, ast.Load())
