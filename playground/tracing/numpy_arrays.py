"""Records NumPy: arrays that take down every operation they are part of.

A recording array is a view of a plain one. Each operation runs on the plain arrays, by the very call
that the stage made, so that its result is the same bit for bit and nothing inside it is recorded.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeAlias, TypeVar, cast

import numpy as np

from playground.tracing.tape import Seen, Tape

PlainArray: TypeAlias = np.ndarray[Any, np.dtype[Any]]
Function: TypeAlias = Callable[..., object]
_Value = TypeVar("_Value")

METHODS = [name for name, value in vars(np.ndarray).items() if callable(value) and not name.startswith("_")]
WRITING_METHODS = frozenset({"fill", "partition", "put", "sort"})
WRITING_FUNCTIONS = frozenset({"copyto", "fill_diagonal", "place", "put", "put_along_axis", "putmask"})
"""What changes its first argument; np.sort and np.partition return a new array."""

REDUCTIONS = {
    "add": "sum",
    "multiply": "prod",
    "maximum": "max",
    "minimum": "min",
    "logical_and": "all",
    "logical_or": "any",
}
"""What the reduction by a ufunc is called in the documentation."""

NUMBER_OPERATORS: dict[str, tuple[str, Function]] = {
    "add": ("add", operator.add),
    "sub": ("subtract", operator.sub),
    "mul": ("multiply", operator.mul),
    "truediv": ("divide", operator.truediv),
    "floordiv": ("floor_divide", operator.floordiv),
    "mod": ("remainder", operator.mod),
    "pow": ("power", operator.pow),
}
"""The operators of a number, and what NumPy calls them."""

SIGN_OPERATORS: dict[str, tuple[str, Function]] = {
    "neg": ("negative", operator.neg),
    "abs": ("absolute", operator.abs),
}


class RecordingArray(np.ndarray[Any, np.dtype[Any]]):
    """A view of a plain array that takes down what is done with it.

    Attributes:
        plain: the array it stands for; None for a view that NumPy made unasked.
        tape: where to take down; after it was closed, results are plain.
    """

    plain: PlainArray | None = None
    tape: Tape | None = None

    def __array_finalize__(self, parent: object) -> None:
        """Called by NumPy for every view it makes: the tape goes along."""
        self.tape = getattr(parent, "tape", None)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: object, **kwargs: object) -> Any:
        """Called by NumPy in place of a ufunc."""
        return run_ufunc(self.tape, ufunc, method, inputs, kwargs)

    def __array_function__(
        self,
        function: Function,
        types: Iterable[type],
        args: Iterable[object],
        kwargs: Mapping[str, object],
    ) -> Any:
        """Called by NumPy in place of any of its other functions."""
        name = function.__name__
        return run(self.tape, name, function, tuple(args), kwargs, name in WRITING_FUNCTIONS)

    def __getitem__(self, key: object) -> Any:
        """`array[key]`."""
        return run(self.tape, "getitem", operator.getitem, (self, key))

    def __setitem__(self, key: object, value: object) -> None:
        """`array[key] = value`."""
        run(self.tape, "setitem", operator.setitem, (self, key, value), writes_first=True)

    @property
    def T(self) -> Any:
        """The transposed view."""
        return run(self.tape, "transpose", operator.attrgetter("T"), (self,))

    def __repr__(self) -> str:
        """As the plain array: writing an array takes many operations that are not the stage's."""
        return repr(unwrap(self))

    def __str__(self) -> str:
        """As the plain array."""
        return str(unwrap(self))


class _RecordingNumber:
    """What a reduction to one number gives: NumPy's own number, which takes down what is done with it."""

    plain: np.generic
    tape: Tape

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: object, **kwargs: object) -> Any:
        return run_ufunc(self.tape, ufunc, method, inputs, kwargs)


# The stubs' own classes have the conflict that they find here: a NumPy number is a Python float too.
class RecordingFloat64(_RecordingNumber, np.float64):  # type: ignore[misc]
    """A recording number of NumPy's usual type."""


class RecordingFloat32(_RecordingNumber, np.float32):
    """A recording number of half the size."""


RECORDING = (RecordingArray, _RecordingNumber)
"""What `unwrap` finds something plain behind."""

NUMBERS: Mapping[type, type[RecordingFloat64] | type[RecordingFloat32]] = {
    np.float64: RecordingFloat64,
    np.float32: RecordingFloat32,
}


def wrap(value: object, tape: Tape) -> object:
    """A recording view of a plain array or number; anything else unchanged."""
    if type(value) is np.ndarray:
        array = np.ndarray.view(value, RecordingArray)
        array.plain, array.tape = value, tape
        return array
    if type(value) in NUMBERS:
        number = NUMBERS[type(value)](cast("np.float64", value))
        number.plain, number.tape = cast("np.generic", value), tape
        return number
    return value


def unwrap(value: _Value) -> _Value:
    """The plain array or number behind a recording one; anything else unchanged."""
    plain: object = value
    if isinstance(value, RecordingArray):
        # Not to be kept in `plain`: where NumPy made the view, a view of it would hold it in turn.
        plain = np.ndarray.view(value, np.ndarray) if value.plain is None else value.plain
    elif isinstance(value, _RecordingNumber):
        plain = value.plain
    return cast("_Value", plain)


def see(value: PlainArray | np.generic) -> Seen:
    """Describes a plain array or number to the tape."""
    if not isinstance(value, np.ndarray):
        return Seen(value, (), str(value.dtype), "cpu")
    owner = value
    while isinstance(owner.base, np.ndarray):
        owner = owner.base
    address = value.__array_interface__["data"][0]
    view = (address, value.shape, value.strides, value.dtype.str) if value.size else None
    return Seen(value, value.shape, str(value.dtype), "cpu", owner.__array_interface__["data"][0], view)


_hearing: list[Callable[[str, object], None]] = []


@contextmanager
def results_heard(hear: Callable[[str, object], None]) -> Iterator[None]:
    """Lets a function see each result, with the operation's name, before anything is taken down of it."""
    _hearing.append(hear)
    try:
        yield
    finally:
        _hearing.remove(hear)


def run_ufunc(
    tape: Tape | None,
    ufunc: np.ufunc,
    method: str,
    inputs: tuple[object, ...],
    kwargs: Mapping[str, object],
) -> object:
    """Runs a ufunc, or one of its methods (`np.add.reduce`), and takes it down."""
    if method == "__call__":
        return run(tape, ufunc.__name__, ufunc, inputs, kwargs)
    name = REDUCTIONS.get(ufunc.__name__) if method == "reduce" else None
    function = getattr(ufunc, method)
    return run(tape, name or f"{ufunc.__name__}.{method}", function, inputs, kwargs, method == "at")


def run(
    tape: Tape | None,
    op: str,
    function: Function,
    args: tuple[object, ...],
    kwargs: Mapping[str, object] | None = None,
    writes_first: bool = False,
) -> object:
    """Runs an operation on the plain arrays, takes it down, and returns recording results.

    What leaves NumPy (a Python number, a truth value, a shape) is no result of an operation.
    """
    given: dict[int, object] = {}

    def strip(value: object) -> object:
        plain = unwrap(value)
        given[id(plain)] = value
        return plain

    plain_args, plain_kwargs = _mapped(strip, args), _mapped(strip, dict(kwargs or {}))
    if tape is None or not tape.is_open:
        return function(*plain_args, **plain_kwargs)
    outs = list(_arrays(plain_kwargs.get("out")))
    others = {name: value for name, value in plain_kwargs.items() if name != "out"}
    inputs = [value for value in _arrays((plain_args, others)) if _is_input(value, tape)]
    tape.guarded(op, tape.before, op, [see(value) for value in (*inputs, *outs)])
    try:
        result = function(*plain_args, **plain_kwargs)
    except Exception as error:
        tape.guarded(op, tape.failed, error)
        raise
    for hear in _hearing:
        hear(op, result)
    writes = [*inputs[:1], *outs] if writes_first else outs
    results = [value for value in _arrays(result) if id(value) not in given] + writes
    if results:
        seen = list(map(see, inputs)), list(map(see, results)), list(map(see, writes))
        tape.guarded(op, tape.record, op, *seen)
    return _mapped(lambda value: given[id(value)] if id(value) in given else wrap(value, tape), result)


def _is_input(value: PlainArray | np.generic, tape: Tape) -> bool:
    # A number is an input if an operation of the step gave it, else a constant of the program.
    return isinstance(value, np.ndarray) or tape.knows(value)


def _arrays(value: object) -> Iterator[PlainArray | np.generic]:
    """The arrays and NumPy's numbers in an argument or a result, in order; truth values are neither."""
    if isinstance(value, np.ndarray | np.number):
        yield value
    elif isinstance(value, tuple | list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _arrays(item)


def _mapped(function: Callable[[object], object], value: Any) -> Any:
    """The same value with the function applied to what plain tuples, lists and dicts in it hold."""
    if type(value) is tuple or type(value) is list:
        return type(value)([_mapped(function, item) for item in value])
    if type(value) is dict:
        return {key: _mapped(function, item) for key, item in value.items()}
    return function(value)


def _method(name: str) -> Function:
    plain_method = getattr(np.ndarray, name)

    def method(self: RecordingArray, *args: object, **kwargs: object) -> object:
        return run(self.tape, name, plain_method, (self, *args), kwargs, name in WRITING_METHODS)

    return method


def _number_operator(op: str, function: Function, step: int = 1) -> Function:
    """An operator as a method; with a step of -1 the number is its right operand."""

    def method(self: _RecordingNumber, *others: object) -> object:
        return run(self.tape, op, function, (self, *others)[::step])

    return method


for _name in METHODS:
    setattr(RecordingArray, _name, _method(_name))
for _name, (_op, _function) in (NUMBER_OPERATORS | SIGN_OPERATORS).items():
    setattr(_RecordingNumber, f"__{_name}__", _number_operator(_op, _function))
for _name, (_op, _function) in NUMBER_OPERATORS.items():
    setattr(_RecordingNumber, f"__r{_name}__", _number_operator(_op, _function, step=-1))
