"""Which devices a run can use on this machine, and why another is not among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from playground.settings import SettingsError, quoted

if TYPE_CHECKING:
    import torch

KNOWN_KINDS = ("cpu", "cuda", "mps", "xpu")
"""Kinds of device that are listed even where they are absent."""


@dataclass(frozen=True, slots=True)
class Device:
    """A device, here or not.

    Attributes:
        name: as torch and the command line write it.
        label: for people: the name and, where torch knows it, the product.
        reason: why it cannot be used here; "" where it can.
    """

    name: str
    label: str
    reason: str = ""

    @property
    def available(self) -> bool:
        """Whether a run can use it."""
        return not self.reason


def list_devices() -> tuple[Device, ...]:
    """Every device that `torch.accelerator` and `torch.cuda` report, then the absent kinds with the reason.

    Loads torch; does not compute with it.
    """
    found = [Device("cpu", "CPU")]
    for kind in _kinds():
        count, reason = _count(kind)
        found += [Device(f"{kind}:{index}", _label(kind, index)) for index in range(count)]
        if not count:
            found.append(Device(kind, kind, reason))
    return tuple(found)


def resolve_device(name: str) -> torch.device:
    """The torch device of that name, if it is here.

    Raises:
        SettingsError: it is not; the message lists those that are.
    """
    import torch

    here = [device.name for device in list_devices() if device.available]
    kind, _, index = name.partition(":")
    wanted = f"{kind}:{index or 0}" if kind != "cpu" else "cpu"
    if wanted in here and not (kind == "cpu" and int(index or 0)):
        return torch.device("cpu" if kind == "cpu" else wanted)
    reason = next((device.reason for device in list_devices() if device.name == kind and device.reason), "")
    because = f" ({reason})" if reason else ""
    raise SettingsError("device", f"{quoted(name)} is not here{because}; allowed: {', '.join(here)}")


def synchronize(name: str) -> None:
    """Waits until a device that is here has done all that it was given; the CPU is never behind."""
    import torch

    if not name.startswith("cpu"):
        torch.accelerator.synchronize(resolve_device(name))


def _kinds() -> tuple[str, ...]:
    """Kinds of accelerator to ask for: the known ones and whatever this build of torch names."""
    import torch

    current = torch.accelerator.current_accelerator()
    kinds = list(KNOWN_KINDS[1:])
    if current is not None and current.type not in kinds:
        kinds.append(current.type)
    return tuple(kinds)


def _count(kind: str) -> tuple[int, str]:
    """How many devices of a kind there are and, where there is none, why."""
    import torch

    backend = getattr(torch, kind, None)
    if kind == "cuda" and torch.version.cuda is None and torch.version.hip is None:
        return 0, "this build of torch has no CUDA"
    if kind == "mps":
        if not torch.backends.mps.is_built():
            return 0, "this build of torch has no Metal (macOS only)"
        return (1, "") if torch.backends.mps.is_available() else (0, "needs macOS 12.3 and an Apple GPU")
    if backend is None or not hasattr(backend, "device_count"):
        return 0, f"this build of torch does not know {kind}"
    if kind == "xpu" and not backend._is_compiled():
        return 0, "this build of torch has no Intel GPU support"
    count = int(backend.device_count())
    return count, "" if count else f"torch finds no {kind} device, or its driver is missing"


def _label(kind: str, index: int) -> str:
    import torch

    backend = getattr(torch, kind)
    if hasattr(backend, "get_device_name"):
        return f"{kind}:{index}  {backend.get_device_name(index)}"
    return f"{kind}:{index}"
