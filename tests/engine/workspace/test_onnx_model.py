"""A trained module as ONNX, run by onnxruntime, beside the module itself."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from playground.own_program import OwnProgram
from playground.settings import make_settings
from playground.workspace import onnx_model
from playground.workspace.onnx_model import OnnxError, onnx_of
from playground.workspace.runs import make_run, model_of

SMALL: dict[str, object] = {"steps": 3, "batch_size": 4, "input_size": 6, "hidden_size": 5, "output_size": 2}


def test_onnxruntime_computes_what_the_module_computes_for_any_batch() -> None:
    trainer = make_run(make_settings(stage="optim", **SMALL))
    state = model_of(trainer)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        content = onnx_of(trainer)
    model = torch.nn.Sequential(torch.nn.Linear(6, 5), torch.nn.ReLU(), torch.nn.Linear(5, 2))
    model.load_state_dict(state)
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    (given,) = session.get_inputs()
    for batch in (4, 9):
        x = torch.randn(batch, 6)
        (found,) = session.run(None, {given.name: x.numpy()})
        np.testing.assert_allclose(found, model(x).detach().numpy(), rtol=1e-5, atol=1e-6)
    # The next step is made as if nothing had been.
    losses = make_run(make_settings(stage="optim", **(SMALL | {"steps": 5}))).history.losses()
    assert trainer.step() == losses[4]
    assert trainer.history.loss(3) == losses[3]


def test_what_has_no_module_is_refused_in_one_line() -> None:
    for stage in ("numpy", "autograd"):
        with pytest.raises(OnnxError, match=r"^ONNX holds one module, and this program has no module$"):
            onnx_of(make_run(make_settings(stage=stage, **SMALL)))


def test_a_program_that_has_ended_is_refused_in_one_line() -> None:
    text = "import torch\nm = torch.nn.Linear(2, 1)\no = torch.optim.SGD(m.parameters(), lr=0.1)\n"
    text += (
        "for t in range(2):\n    loss = m(torch.ones(3, 2)).sum()\n    o.zero_grad()\n    loss.backward()\n"
    )
    own = OwnProgram(str(Path("mine.py").resolve()), text + "    o.step()\n")
    with pytest.raises(OnnxError, match="the program has ended"):
        onnx_of(make_run(make_settings(stage="own", own=own)))


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_model, "NEEDED", "no_such_package")
    with pytest.raises(OnnxError, match=r"no_such_package is missing; install torch-playground\[onnx\]"):
        onnx_of(make_run(make_settings(stage="nn", **SMALL)))
