"""Looks into Parquet files, with the package pyarrow: columns of numbers, and of words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playground.data.columns import LARGEST_FILE, Column, Preview, stride
from playground.data.needed import needed
from playground.data.reading import told_rows
from playground.data.tables import SAMPLE, ColumnReader
from playground.settings import quoted


def look_into_parquet(path: Path) -> Preview:
    """Reads a Parquet file piece by piece, at most `MOST_ROWS` rows of it.

    Raises:
        ValueError: what is wrong with it, as the rest of a sentence that begins with its name.
    """
    parquet = needed("pyarrow.parquet", "parquet")
    arrow = needed("pyarrow")
    with path.open("rb"):
        pass
    try:
        with parquet.ParquetFile(path) as file:
            return _found(path, file, arrow)
    except arrow.ArrowException as error:
        raise ValueError(f"is no Parquet file that can be read: {error}") from None


def _found(path: Path, file: Any, arrow: Any) -> Preview:
    schema, about = file.schema_arrow, file.metadata
    names = list(schema.names)
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"has two columns called {quoted(twice)}")
    if not names or not about.num_rows:
        raise ValueError("has no rows")
    unpacked = sum(about.row_group(each).total_byte_size for each in range(about.num_row_groups))
    if unpacked > LARGEST_FILE:
        raise ValueError(f"unpacks to {unpacked:,} bytes; at most {LARGEST_FILE:,} are read")
    strange = {
        each.name: f"holds {each.type} in {quoted(each.name)}; allowed: numbers, and words"
        for each in schema
        if not _is_allowed(each.type, arrow.types)
    }
    readers = {name: ColumnReader(name, False, "row") for name in names if name not in strange}
    sample: list[tuple[str, ...]] = []
    every, passed, count = stride(about.num_rows), 0, 0
    for batch in file.iter_batches(batch_size=4096):
        used = range(-passed % every, batch.num_rows, every)
        rows = batch if every == 1 else batch.take(arrow.array(used, arrow.int64()))
        columns = {name: rows.column(name).to_pylist() for name in names}
        for name, reader in readers.items():
            for number, value in zip(used, columns[name], strict=True):
                reader.take("" if value is None else value, passed + number + 1)
        for number in range(min(rows.num_rows, SAMPLE - len(sample))):
            values = (columns[name][number] for name in names)
            sample.append(tuple("" if value is None else str(value)[:200] for value in values))
        passed += batch.num_rows
        count += rows.num_rows
        told_rows(passed)
    found = tuple(
        readers[name].column() if name in readers else Column(name, "text", trouble=strange[name])
        for name in names
    )
    return Preview(path, "parquet", found, count, every, about.num_rows, tuple(sample))


def _is_allowed(kind: Any, types: Any) -> bool:
    if types.is_dictionary(kind):
        kind = kind.value_type
    return any(
        getattr(types, f"is_{each}")(kind)
        for each in ("integer", "floating", "boolean", "decimal", "string", "large_string")
    )
