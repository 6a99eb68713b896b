"""The lines of a stage's text that make x and y, and what such lines tell of the settings.

The lines are NumPy's in every stage, so that all eight have the same bits from the same seed. Behind them
the stages of torch turn the arrays into tensors.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from playground.data.catalog import BY_NAME, DATA_SETS, DIGITS_FILE, FILE, PAINTED, RANDOM, DataSet
from playground.data.data_file import DataFile
from playground.data.formula import as_numpy, of_numpy
from playground.data.painted_text import WIDEST, painted_lines, read_painted
from playground.programs.errors import ProgramError
from playground.programs.slots import written

if TYPE_CHECKING:
    from playground.settings import Settings

_FROM_FILE = "# From a file: {}."
_IMPORTS = {
    "csv": ("import csv", "import itertools"),
    "safetensors": ("import safetensors.numpy",),
    "parquet": ("import pyarrow.parquet",),
}
_SHUFFLE = "shuffle = np.random.RandomState({})"


def import_lines(settings: Settings) -> list[str]:
    """Modules that the lines below need besides NumPy."""
    file = settings.data_file
    return [] if file is None else list(_IMPORTS.get(file.kind, ()))


def needs_numpy(settings: Settings) -> bool:
    """Whether the lines below need NumPy."""
    return settings.data != RANDOM or bool(settings.minibatch or settings.test_share)


def data_lines(settings: Settings) -> list[str]:
    """What stands in the place of the stage's own x and y; none where those stay."""
    if settings.data == RANDOM:
        return []
    lines = source_lines(settings)
    lines += [*split_lines(settings), *_standardizing(settings), *_ones(settings)]
    return [*lines, *conversion_lines(settings)]


def set_lines(settings: Settings) -> list[str]:
    """The lines of a set that is made from the seed; they read the sizes."""
    chosen = BY_NAME[settings.data]
    lines = [f"# {chosen.title}{_meaning(chosen)}."]
    if chosen.noise is not None:
        lines.append(f"noise = {written(settings.noise)}")
    if chosen.name != "digits":
        lines.append(f"draw = np.random.RandomState({settings.seed})")
    formula = as_numpy(settings.formula) if settings.formula else ""
    fill = {"formula": formula, "file": written(str(DIGITS_FILE))}
    return lines + [line.format(**fill) if "{" in line else line for line in chosen.lines]


def file_lines(file: DataFile) -> list[str]:
    """The lines that read a file."""
    comment = _FROM_FILE.format(re.sub(r"\s+", " ", file.name))
    return [comment, *_every(file), *_READERS[file.kind](file)]


def split_lines(settings: Settings) -> list[str]:
    """The lines that keep a share of the rows for testing, drawn from the seed."""
    if not settings.test_share:
        return []
    return [
        "",
        "# Held out for the test loss: rows that are not trained on.",
        f"held_out = round({written(settings.test_share)} * len(x))",
        _SHUFFLE.format(settings.seed),
        "rows = shuffle.permutation(len(x))",
        "x_test, y_test = x[rows[:held_out]], y[rows[:held_out]]",
        "x, y = x[rows[held_out:]], y[rows[held_out:]]",
    ]


def before_loop_lines(settings: Settings) -> list[str]:
    """The lines between weights and loop: a split of the stage's own data, and what mini-batches need."""
    lines = split_lines(settings) if settings.data == RANDOM else []
    if settings.minibatch:
        lines += [
            "",
            "# Each step sees a mini-batch of the rows.",
            f"minibatch = {settings.minibatch}",
            "batches = -(-len(x) // minibatch)",
            *([] if settings.test_share else [_SHUFFLE.format(settings.seed)]),
            "x_all, y_all = x, y",
        ]
    return lines


def batch_lines(settings: Settings) -> list[str]:
    """The first lines of the loop: the rows of this step."""
    if not settings.minibatch:
        return []
    order = "shuffle.permutation(len(x_all))"
    return [
        "    # The next mini-batch; a new order when all rows were seen.",
        "    at = t % batches * minibatch",
        "    if at == 0:",
        f"        order = {order if settings.stage == 'numpy' else f'torch.from_numpy({order})'}",
        "    rows = order[at:at + minibatch]",
        "    x, y = x_all[rows], y_all[rows]",
        "",
    ]


def read_data(tree: ast.Module, text: str) -> dict[str, object]:
    """The settings of the data that the lines of a text tell.

    Raises:
        ProgramError: a value that is not written out, or points that do not fit.
    """
    values: dict[str, object] = {}
    chosen = _chosen(text)
    if chosen is not None:
        values["data"] = chosen.name
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            values.update(_assigned(node.targets[0].id, node.value))
        elif isinstance(node, ast.FunctionDef) and node.name == "f" and isinstance(node.body[0], ast.Return):
            values["formula"] = of_numpy(ast.unparse(node.body[0].value or ast.Constant(0)))
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "(mean, std)":
            values["standardize"] = True
        elif isinstance(node, ast.Assign) and "np.ones(" in ast.unparse(node.value):
            values["ones"] = True
    if re.search(rf"^{re.escape(_FROM_FILE.partition('{')[0])}", text, re.MULTILINE):
        values["data"] = FILE
        values["data_file"] = _file_of(tree, bool(values.get("ones")))
    try:
        painted = read_painted(tree, text)
    except ValueError as error:
        raise ProgramError(str(error)) from None
    if painted is not None:
        values.update(data=PAINTED, painted=painted)
    return values


def source_lines(settings: Settings) -> list[str]:
    """The first of them: what makes or reads x and y, before any row is held out."""
    if settings.data_file is not None:
        return file_lines(settings.data_file)
    return set_lines(settings) if settings.painted is None else painted_lines(settings.painted)


def _meaning(chosen: DataSet) -> str:
    if chosen.classes == 2:
        return ": y is -1 or 1"
    return ": y has a column for each class" if chosen.classes else ""


def _chosen(text: str) -> DataSet | None:
    for each in DATA_SETS:
        if each.name != RANDOM and f"\n# {each.title}{_meaning(each)}.\n" in text:
            return each
    return None


def _assigned(name: str, value: ast.expr) -> dict[str, object]:
    if name in ("noise", "minibatch"):
        return {name: literal(value)}
    if name == "held_out" and isinstance(value, ast.Call) and isinstance(value.args[0], ast.BinOp):
        return {"test_share": literal(value.args[0].left)}
    if name == "x" and "np.ones(" in ast.unparse(value):
        return {"ones": True}
    return {}


def literal(node: ast.expr) -> object:
    """The value that a node writes out; raises ProgramError where it does not."""
    try:
        return ast.literal_eval(node)
    except ValueError:
        raise ProgramError(f"line {node.lineno}: {ast.unparse(node)} is no plain value") from None


def _standardizing(settings: Settings) -> list[str]:
    if not settings.standardize:
        return []
    test = ["x_test = (x_test - mean) / std"] if settings.test_share else []
    return [
        "",
        "# Standardized: mean 0 and standard deviation 1 a column.",
        "mean, std = x.mean(0), x.std(0)",
        "std[std == 0] = 1",
        "x = (x - mean) / std",
        *test,
    ]


def _ones(settings: Settings) -> list[str]:
    if not settings.ones:
        return []
    test = ["x_test = np.c_[x_test, np.ones(len(x_test))]"] if settings.test_share else []
    return ["# A column of ones: its weights do what biases do.", "x = np.c_[x, np.ones(len(x))]", *test]


def conversion_lines(settings: Settings) -> list[str]:
    """The lines from arrays of float64 to what the stage computes with."""
    names = "x, y, x_test, y_test" if settings.test_share else "x, y"
    dtype = settings.dtype
    if settings.stage == "numpy":
        return [] if dtype is None else [f"{names} = (each.astype(np.{dtype})", f"    for each in ({names}))"]
    kind = "torch.tensor(each).float().to(device)"
    if dtype is not None:
        kind = f"torch.tensor(each, dtype=torch.{dtype}, device=device)"
    return [f"{names} = (", f"    {kind}", f"    for each in ({names}))"]


def _csv_lines(file: DataFile) -> list[str]:
    names = [] if file.header is None else [*_assignment("header", file.header)]
    delimiter = "" if file.delimiter == "," else f", delimiter={written(file.delimiter)}"
    fields = "" if file.header is None else ", header"
    return [
        *names,
        *_chosen_columns(file),
        f"with open({written(file.path)},",
        f'          newline="", encoding={written(file.encoding)}) as file:',
        f"    table = csv.DictReader(file{fields}{delimiter})",
        *_csv_rows(file),
        *_row_lines(file),
    ]


def _csv_rows(file: DataFile) -> list[str]:
    if file.every == 1:
        return ["    table = list(itertools.islice(table, batch_size))"]
    return [
        "    table = list(itertools.islice(table, 0, None, every))",
        "table = table[:batch_size]",
    ]


def _every(file: DataFile) -> list[str]:
    """What the lines of a longer file read."""
    return [] if file.every == 1 else [f"every = {file.every}"]


def _strided(file: DataFile) -> str:
    return "[:batch_size]" if file.every == 1 else "[::every][:batch_size]"


def _parquet_lines(file: DataFile) -> list[str]:
    return [
        *_chosen_columns(file),
        "table = pyarrow.parquet.ParquetFile(",
        f"    {written(file.path)})",
        "table = table.read(inputs + targets)",
        *([] if file.every == 1 else ["table = table.take(np.arange(0, len(table), every))"]),
        "table = table[:batch_size].to_pylist()",
        *_row_lines(file),
    ]


def _row_lines(file: DataFile) -> list[str]:
    """From a table, a list of rows that know their columns' names, to arrays."""
    number = 'row[name].replace(",", ".")' if file.decimal_comma else "row[name]"
    if not file.classes:
        return [
            "x, y = (np.array([",
            f"    [float({number}) for name in names] for row in table])",
            "    for names in (inputs, targets))",
        ]
    return [
        *_classes(file),
        "",
        "def numbers(row, name):",
        "    if name in classes:",
        "        return [float(row[name] == each) for each in classes[name]]",
        f"    return [float({number})]",
        "",
        "x, y = (np.array([",
        "    [n for name in names for n in numbers(row, name)]",
        "    for row in table]) for names in (inputs, targets))",
    ]


def _npy_lines(file: DataFile) -> list[str]:
    return [
        *_chosen_columns(file),
        f"table = np.load({written(file.path)})",
        f"table = table{_strided(file)}.astype(float)",
        "x, y = table[:, inputs], table[:, targets]",
    ]


def _npz_lines(file: DataFile) -> list[str]:
    return [
        *_chosen_columns(file),
        f"with np.load({written(file.path)}) as arrays:",
        *(f"    {line}" for line in _array_lines(file)),
    ]


def _safetensors_lines(file: DataFile) -> list[str]:
    return [
        *_chosen_columns(file),
        "arrays = safetensors.numpy.load_file(",
        f"    {written(file.path)})",
        *_array_lines(file),
    ]


def _array_lines(file: DataFile) -> list[str]:
    return [
        "x, y = (np.concatenate([",
        f"    arrays[name]{_strided(file)}.reshape(batch_size, -1)",
        "    for name in names], 1).astype(float)",
        "    for names in (inputs, targets))",
    ]


_READERS = {
    "csv": _csv_lines,
    "npy": _npy_lines,
    "npz": _npz_lines,
    "safetensors": _safetensors_lines,
    "parquet": _parquet_lines,
}


def _chosen_columns(file: DataFile) -> Iterator[str]:
    for name, chosen in (("inputs", file.inputs), ("targets", file.targets)):
        # An NPY file has numbers for names.
        yield from _assignment(name, tuple(map(int, chosen)) if file.kind == "npy" else chosen)


def _classes(file: DataFile) -> Iterator[str]:
    yield "classes = {"
    for name, words in file.classes:
        yield from _wrapped(f"    {written(name)}: [", words, "],")
    yield "}"


def _assignment(name: str, values: tuple[object, ...]) -> Iterator[str]:
    yield from _wrapped(f"{name} = [", values, "]")


def _wrapped(before: str, values: tuple[object, ...], after: str) -> Iterator[str]:
    """A list in as many lines as it needs."""
    line, indent = before, " " * (len(before) - len(before.lstrip()) + 4)
    for number, value in enumerate(values):
        piece = written(value) + (", " if number < len(values) - 1 else after)
        if line.strip() and len(line) + len(piece.rstrip()) > WIDEST and line != indent:
            yield line.rstrip()
            line = indent
        line += piece
    yield line


def _file_of(tree: ast.Module, ones: bool) -> DataFile:
    """The file that a text reads."""
    values: dict[str, object] = {"kind": "csv"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            name = ast.unparse(node.targets[0])
            if name in ("inputs", "targets", "header"):
                found = literal(node.value)
                assert isinstance(found, list)
                values[name] = tuple(map(str, found))
            elif name == "every":
                values["every"] = literal(node.value)
            elif name == "classes":
                words = literal(node.value)
                assert isinstance(words, dict)
                values["classes"] = tuple((each, tuple(of)) for each, of in words.items())
            elif "batch_size" in name and isinstance(node.value, ast.Tuple):
                sizes = [literal(each) for each in node.value.elts]
                values["x_columns"], values["y_columns"] = int(str(sizes[1])) - ones, sizes[3]
        elif isinstance(node, ast.Call):
            values.update(_of_call(node))
    try:
        return DataFile(**values)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise ProgramError("the lines that read the file are not those of the playground") from None


def _of_call(call: ast.Call) -> dict[str, object]:
    function = ast.unparse(call.func)
    words = {each.arg or "": each.value for each in call.keywords}
    if function == "open":
        return {"path": literal(call.args[0]), "encoding": literal(words["encoding"])}
    if function == "np.load":
        path = str(literal(call.args[0]))
        return {"path": path, "kind": "npz" if path.lower().endswith(".npz") else "npy"}
    if function in ("safetensors.numpy.load_file", "pyarrow.parquet.ParquetFile"):
        return {
            "path": literal(call.args[0]),
            "kind": function.partition(".")[0].replace("pyarrow", "parquet"),
        }
    if function == "csv.DictReader" and "delimiter" in words:
        return {"delimiter": literal(words["delimiter"])}
    return {"decimal_comma": True} if function == "row[name].replace" else {}
