"""Devices: which are offered, why another is not, and how a name becomes a device."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch

from playground.devices import Device, list_devices, resolve_device
from playground.settings import SettingsError, make_settings
from playground.trainer import Trainer

KINDS = ["cpu", "cuda", "mps", "xpu"]


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A machine with a processor and no accelerator, and a torch that was built without any."""
    monkeypatch.setattr(torch.version, "cuda", None)
    monkeypatch.setattr(torch.version, "hip", None)
    monkeypatch.setattr(torch.accelerator, "current_accelerator", lambda: None)
    monkeypatch.setattr(torch.backends.mps, "is_built", lambda: False)
    monkeypatch.setattr(torch.xpu, "_is_compiled", lambda: False)
    return monkeypatch


@pytest.fixture
def two_cards(bare_machine: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The same machine with two cards of NVIDIA."""
    bare_machine.setattr(torch.version, "cuda", "12.6")
    bare_machine.setattr(torch.accelerator, "current_accelerator", lambda: torch.device("cuda"))
    bare_machine.setattr(torch.cuda, "device_count", lambda: 2)
    bare_machine.setattr(torch.cuda, "get_device_name", lambda index: ("Big Card", "Small Card")[index])
    return bare_machine


def refusal(name: str) -> str:
    with pytest.raises(SettingsError) as caught:
        resolve_device(name)
    assert caught.value.field == "device"
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_this_machine() -> None:
    devices = list_devices()
    assert devices[0] == Device("cpu", "CPU")
    assert [kind for kind in KINDS if kind not in {device.name.split(":")[0] for device in devices}] == []
    for device in devices:
        assert device.available == (device.reason == "")
        assert device.label
        if device.available:
            # What is offered does compute.
            assert torch.ones(2, device=resolve_device(device.name)).sum().item() == 2
        else:
            assert device.name == device.label
            assert f"({device.reason})" in refusal(device.name)


@pytest.mark.parametrize("name", ["cpu", "cpu:0"])
def test_the_processor_is_always_here(name: str) -> None:
    assert resolve_device(name) == torch.device("cpu")


def test_reasons_of_absent_devices(bare_machine: pytest.MonkeyPatch) -> None:
    reasons = {device.name: device.reason for device in list_devices()}
    assert reasons == {
        "cpu": "",
        "cuda": "this build of torch has no CUDA",
        "mps": "this build of torch has no Metal (macOS only)",
        "xpu": "this build of torch has no Intel GPU support",
    }


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("cuda", " (this build of torch has no CUDA)"),
        ("cuda:99", " (this build of torch has no CUDA)"),
        ("mps", " (this build of torch has no Metal (macOS only))"),
        ("cpu:1", ""),
        ("tpu", ""),
    ],
)
def test_refusal_names_what_is_allowed(bare_machine: pytest.MonkeyPatch, name: str, reason: str) -> None:
    assert refusal(name) == f"device: {name!r} is not here{reason}; allowed: cpu"


def test_a_long_name_gives_a_short_line(bare_machine: pytest.MonkeyPatch) -> None:
    assert len(refusal("x" * 5000)) < 150


def test_every_card_is_offered(two_cards: pytest.MonkeyPatch) -> None:
    devices = list_devices()
    assert devices[:3] == (
        Device("cpu", "CPU"),
        Device("cuda:0", "cuda:0  Big Card"),
        Device("cuda:1", "cuda:1  Small Card"),
    )
    assert [device.name for device in devices[3:]] == ["mps", "xpu"]
    assert not any(device.available for device in devices[3:])


@pytest.mark.parametrize(("name", "index"), [("cuda", 0), ("cuda:0", 0), ("cuda:1", 1)])
def test_names_of_cards(two_cards: pytest.MonkeyPatch, name: str, index: int) -> None:
    assert resolve_device(name) == torch.device("cuda", index)


@pytest.mark.parametrize("name", ["cuda:2", "cuda:99", "mps", "cpu:1"])
def test_refusal_beside_two_cards(two_cards: pytest.MonkeyPatch, name: str) -> None:
    message = refusal(name)
    assert message.startswith(f"device: {name!r} is not here")
    assert message.endswith("; allowed: cpu, cuda:0, cuda:1")


def test_cuda_without_a_card(bare_machine: pytest.MonkeyPatch) -> None:
    bare_machine.setattr(torch.version, "cuda", "12.6")
    bare_machine.setattr(torch.cuda, "device_count", lambda: 0)
    assert "torch finds no cuda device, or its driver is missing" in refusal("cuda")


def test_metal(bare_machine: pytest.MonkeyPatch) -> None:
    bare_machine.setattr(torch.backends.mps, "is_built", lambda: True)
    bare_machine.setattr(torch.backends.mps, "is_available", lambda: False)
    assert "(needs macOS 12.3 and an Apple GPU)" in refusal("mps")
    bare_machine.setattr(torch.backends.mps, "is_available", lambda: True)
    assert resolve_device("mps") == resolve_device("mps:0") == torch.device("mps", 0)


def test_an_accelerator_of_another_maker(bare_machine: pytest.MonkeyPatch) -> None:
    bare_machine.setattr(torch.accelerator, "current_accelerator", lambda: SimpleNamespace(type="npu"))
    bare_machine.setattr(torch, "npu", SimpleNamespace(device_count=lambda: 1), raising=False)
    assert Device("npu:0", "npu:0") in list_devices()


def test_memory_of_the_card_decides(two_cards: pytest.MonkeyPatch) -> None:
    asked: list[torch.device] = []

    def free_and_total(device: torch.device) -> tuple[int, int]:
        asked.append(device)
        return 5000, 10**9

    two_cards.setattr(torch.cuda, "mem_get_info", free_and_total)
    with pytest.raises(ValueError, match="5 kB are free"):
        Trainer(make_settings(device="cuda:1"))
    assert asked == [torch.device("cuda", 1)]
