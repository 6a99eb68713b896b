"""Files that need a package of their own: safetensors and Parquet, read as their own libraries write them."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file
from safetensors.torch import save_file as save_tensors

from playground.data.files import file_for, preview
from playground.settings import SettingsError
from tests.engine.data.files_read import arrays_of


@pytest.mark.parametrize("stage", ["numpy", "nn"])
def test_safetensors_are_read_like_npz(tmp_path: Path, stage: str) -> None:
    images, labels = np.arange(16, dtype=np.float32).reshape(4, 2, 2), np.array([1, 0, 1, 0], np.uint8)
    path = tmp_path / "a.safetensors"
    save_file({"x": images, "y": labels, "z": np.zeros(4)}, path)
    x, y = arrays_of(path, stage)
    assert np.array_equal(x, images.reshape(4, 4))
    assert np.array_equal(y[:, 0], labels)


def test_what_numpy_has_no_type_for_is_named(tmp_path: Path) -> None:
    import torch

    path = tmp_path / "a.safetensors"
    save_tensors({"half": torch.zeros(3, dtype=torch.bfloat16), "x": torch.zeros(3, 2)}, path)
    half, x = preview(path).columns
    assert half.trouble.startswith("holds BF16 in 'half'; allowed: ")
    assert (x.width, x.trouble) == (2, "")


@pytest.mark.parametrize(
    ("ending", "line"),
    [
        ("safetensors", "needs the package safetensors, which is missing; install safetensors"),
        ("parquet", "needs the package pyarrow, which is missing; install torch-playground[parquet]"),
    ],
)
def test_a_package_that_is_missing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str, line: str
) -> None:
    for module in ("safetensors", "pyarrow.parquet"):
        monkeypatch.setitem(sys.modules, module, None)
    path = tmp_path / f"a.{ending}"
    path.write_bytes(b"anything")
    with pytest.raises(SettingsError) as refused:
        file_for(path)
    assert str(refused.value).endswith(f"{path} {line}")


@pytest.mark.parametrize("stage", ["numpy", "nn"])
def test_parquet_has_numbers_and_words(tmp_path: Path, stage: str) -> None:
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "a.parquet"
    kinds = arrow.array(["cat", "dog", "cat"]).dictionary_encode()
    table = arrow.table({"a": [1, 2, 3], "b": [0.5, None, 1.0], "c": [[1], [2], [3]], "kind": kinds})
    parquet.write_table(table, path, row_group_size=2)
    a, b, c, kind = preview(path).columns
    assert (a.low, a.high, kind.classes) == (1.0, 3.0, ("cat", "dog"))
    assert b.trouble.startswith("lacks 1 value in column 'b', the first in row 2")
    assert c.trouble.startswith("holds list<")
    x, y = arrays_of(path, stage)
    assert (x.tolist(), y.tolist()) == ([[1], [2], [3]], [[1, 0], [0, 1], [1, 0]])
    path.write_bytes(b"PAR1, and nothing more")
    with pytest.raises(SettingsError, match="is no Parquet file that can be read"):
        preview(path)
