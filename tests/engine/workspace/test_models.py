"""What a run has trained, loaded into its script's own model, and read by safetensors' own library."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from playground.settings import make_settings
from playground.stages import STAGES
from playground.trainer import Trainer
from playground.workspace.files import FileError
from playground.workspace.models import FORMATS, state_of, write_model
from playground.workspace.runs import NotThereError, make_run, model_of
from playground.workspace.scripts import script_of

SMALL = {"steps": 3, "batch_size": 4, "input_size": 6, "hidden_size": 5, "output_size": 2}


def loaded(state: dict[str, Tensor], written: str, folder: Path) -> dict[str, Tensor]:
    path = folder / f"model.{written}"
    with open(path, "wb") as file:
        write_model(state, written, file)
    if written == "pt":
        read: dict[str, Tensor] = torch.load(path, weights_only=True)
        return read
    return load_file(path)


def end_of_script(stage: str) -> dict[str, Any]:
    """The variables of the stage's own script when it has ended."""
    text = script_of(make_settings(stage=stage, **SMALL))
    variables: dict[str, Any] = {"print": lambda *_: None}
    exec(compile(text, stage, "exec"), variables)
    return variables


@pytest.mark.parametrize("written", FORMATS)
@pytest.mark.parametrize("stage", [stage.name for stage in STAGES])
def test_it_holds_what_the_script_has_trained(stage: str, written: str, tmp_path: Path) -> None:
    trainer = make_run(make_settings(stage=stage, **SMALL))
    state = loaded(model_of(trainer), written, tmp_path)
    variables = end_of_script(stage)
    if stage in ("nn", "optim", "module", "dynamic"):
        # Every name fits, or load_state_dict raises.
        model = variables["model"]
        expected = {name: value.clone() for name, value in model.state_dict().items()}
        model.load_state_dict(state)
        assert all(torch.equal(model.state_dict()[name], value) for name, value in expected.items())
    else:
        assert set(state) == {"w1", "w2"}
        assert all(torch.equal(state[name], torch.as_tensor(variables[name]).detach()) for name in state)


def test_buffers_belong_to_it_and_shared_tensors_are_there_by_every_name(tmp_path: Path) -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2), nn.Linear(2, 2))
    model[2].weight = model[0].weight
    state = state_of({"model": model, "first": model[0]}, dict(model.named_parameters()))
    assert set(state) == set(model.state_dict())
    assert all(
        torch.equal(each, model.state_dict()[name])
        for name, each in loaded(state, "safetensors", tmp_path).items()
    )


def test_of_several_modules_each_name_begins_with_its_variable() -> None:
    one, two, idle = nn.Linear(1, 1), nn.Linear(1, 1), nn.Linear(1, 1)
    parameters = {"a": one.weight, "b": two.weight}
    state = state_of({"one": one, "again": one, "two": two, "idle": idle, "x": 1}, parameters)
    assert set(state) == {"one.weight", "one.bias", "two.weight", "two.bias"}


def test_what_is_written_does_not_change_with_the_model() -> None:
    model = nn.Linear(2, 2)
    state = state_of({"model": model}, dict(model.named_parameters()))
    before = state["weight"].clone()
    with torch.no_grad():
        model.weight.add_(1)
    assert torch.equal(state["weight"], before)


KINDS = [torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int8, torch.bool]


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_each_kind_of_number_comes_back(kind: torch.dtype, tmp_path: Path) -> None:
    state = {"a": torch.tensor([[0, 1, 1]]).to(kind).T, "empty": torch.empty(0, 3, dtype=kind)}
    state["one"] = torch.ones((), dtype=kind)
    read = loaded(state, "safetensors", tmp_path)
    for name, value in state.items():
        assert read[name].dtype is kind
        assert torch.equal(read[name], value)


def test_what_safetensors_cannot_hold_is_refused_by_name() -> None:
    with pytest.raises(FileError, match=r"'odd', which is torch\.complex64"):
        write_model({"odd": torch.ones(1, dtype=torch.complex64)}, "safetensors", io.BytesIO())


def test_before_the_first_step_there_is_nothing_to_write() -> None:
    with pytest.raises(NotThereError, match="no step has been made"):
        model_of(Trainer(make_settings(stage="nn", **SMALL)))
