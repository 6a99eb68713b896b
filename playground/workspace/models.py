"""What a run has trained, as a file that its script's model, or another program, loads."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from playground.workspace.files import FileError, Progress, ToldFile

if TYPE_CHECKING:
    from torch import Tensor, nn

FORMATS = ("pt", "safetensors")

_KINDS = {
    "torch.float64": "F64",
    "torch.float32": "F32",
    "torch.float16": "F16",
    "torch.bfloat16": "BF16",
    "torch.int64": "I64",
    "torch.int32": "I32",
    "torch.int16": "I16",
    "torch.int8": "I8",
    "torch.uint8": "U8",
    "torch.bool": "BOOL",
}
"""Of the safetensors format, by PyTorch's names."""


def state_of(variables: Mapping[str, object], parameters: Mapping[str, object]) -> dict[str, Tensor]:
    """What a program has trained, copied to the CPU.

    To be called on the thread that trains, between two steps.

    Args:
        variables: of the program, where its training loop is.
        parameters: what its step updates, by name; arrays of NumPy become tensors.

    Returns:
        The `state_dict` of its module, buffers included, so that `model.load_state_dict` takes it. With
        several modules each name begins with the variable: `"generator.0.weight"`. Without a
        module the parameters by their names.
    """
    modules = trained_modules(variables, parameters)
    if len(modules) == 1:
        (module,) = modules.values()
        return _copies(module.state_dict())
    if modules:
        return _copies(
            {f"{name}.{key}": each for name, module in modules.items() for key, each in _state(module)}
        )
    return _copies(parameters)


def trained_modules(
    variables: Mapping[str, object], parameters: Mapping[str, object]
) -> dict[str, nn.Module]:
    """The program's modules that hold what it trains, by variable; one inside of another is left out."""
    from torch import nn

    trained = {id(each) for each in parameters.values()}
    found = {
        name: value
        for name, value in variables.items()
        if isinstance(value, nn.Module) and any(id(each) in trained for each in value.parameters())
    }
    inner = {id(part) for module in found.values() for part in list(module.modules())[1:]}
    by_identity = {id(module): name for name, module in reversed(found.items()) if id(module) not in inner}
    return {name: module for name, module in found.items() if by_identity.get(id(module)) == name}


def write_model(
    state: Mapping[str, Tensor],
    written: str,
    file: BinaryIO,
    on_progress: Progress = lambda _done, _of: None,
) -> None:
    """Writes tensors by name.

    Args:
        state: on the CPU.
        written: `"pt"`: what `torch.load(…, weights_only=True)` reads; `"safetensors"`: what the library
            of that name reads, in many languages.
        file: open for binary writing.
        on_progress: hears how many bytes are written, and of how many.

    Raises:
        FileError: a tensor of a kind that safetensors has no name for.
    """
    of = sum(each.numel() * each.element_size() for each in state.values())
    told = cast("BinaryIO", ToldFile(file, lambda done: on_progress(min(done, of), of)))
    if written == "pt":
        import torch

        torch.save(dict(state), told)
    else:
        _write_safetensors(state, told)
    on_progress(of, of)


def _write_safetensors(state: Mapping[str, Tensor], file: BinaryIO) -> None:
    """Eight bytes with the length of a JSON header, the header, and the tensors one behind the other.

    Source: the format's description at huggingface/safetensors.
    """
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    place = 0
    for name, tensor in state.items():
        kind = _KINDS.get(str(tensor.dtype))
        if kind is None or str(tensor.layout) != "torch.strided":
            raise FileError(
                f"safetensors has no place for {name!r}, which is {tensor.dtype}, {tensor.layout}"
            )
        end = place + tensor.numel() * tensor.element_size()
        header[name] = {"dtype": kind, "shape": list(tensor.shape), "data_offsets": [place, end]}
        place = end
    text = json.dumps(header, separators=(",", ":")).encode()
    # Filled up, so that the numbers begin at a multiple of eight.
    text += b" " * (-len(text) % 8)
    file.write(struct.pack("<Q", len(text)) + text)
    for tensor in state.values():
        file.write(_bytes_of(tensor))


def _bytes_of(tensor: Tensor) -> memoryview:
    import torch

    # As bytes, since NumPy has no bfloat16.
    return tensor.contiguous().reshape(-1).view(torch.uint8).numpy().data


def _state(module: nn.Module) -> list[tuple[str, Tensor]]:
    return list(module.state_dict().items())


def _copies(values: Mapping[str, object]) -> dict[str, Tensor]:
    import numpy as np
    import torch

    return {
        name: torch.tensor(value) if isinstance(value, np.ndarray) else value.detach().cpu().clone()
        for name, value in values.items()
        if isinstance(value, torch.Tensor | np.ndarray)
    }
